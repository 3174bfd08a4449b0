/* A reader for the few kinds of NumPy file that the reference numbers come in. */
#include "npy.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define MAGIC "\x93NUMPY\x01\x00"
#define MAGIC_LEN 8

/* The header is a Python dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (70, 96), } */
static bool parse_header(struct npy *a, const char *header, size_t *item)
{
	const char *shape = strstr(header, "'shape': (");
	int fields;

	if (strstr(header, "'descr': '<f4'") != NULL)
		*item = sizeof(float);
	else if (strstr(header, "'descr': '<f8'") != NULL)
		*item = sizeof(double);
	else
		return false;
	if (strstr(header, "'fortran_order': False") == NULL || shape == NULL)
		return false;
	fields = sscanf(shape, "'shape': (%zu, %zu)", &a->rows, &a->cols);
	if (fields == 1) {
		a->cols = a->rows;
		a->rows = 1;
	}
	return fields >= 1;
}

static int read_elements(struct npy *a, FILE *f, size_t item)
{
	for (size_t i = 0; i < a->rows * a->cols; i++) {
		float narrow;
		void *into = item == sizeof(float) ? (void *)&narrow : (void *)&a->at[i];

		if (fread(into, item, 1, f) != 1)
			return -1;
		if (item == sizeof(float))
			a->at[i] = narrow;
	}
	return fgetc(f) == EOF ? 0 : -1;
}

int npy_read(struct npy *a, const char *path, struct err *err)
{
	unsigned char start[MAGIC_LEN + 2];
	char *header = NULL;
	size_t len, item;
	FILE *f;
	int rc = -1;

	*a = (struct npy){0};
	f = fopen(path, "rb");
	if (f == NULL)
		return err_errno(err, errno, "'%s'", path);
	if (fread(start, sizeof(start), 1, f) != 1 || memcmp(start, MAGIC, MAGIC_LEN) != 0) {
		err_set(err, ERR_FORMAT, "'%s': not a NumPy 1.0 file", path);
		goto out;
	}
	len = start[MAGIC_LEN] | (size_t)start[MAGIC_LEN + 1] << 8;
	header = xcalloc(len + 1, 1);
	if (fread(header, 1, len, f) != len || !parse_header(a, header, &item)) {
		err_set(err, ERR_FORMAT, "'%s': a NumPy header of another kind than the tests read", path);
		goto out;
	}
	a->at = xcalloc(a->rows * a->cols + 1, sizeof(*a->at));
	if (read_elements(a, f, item) != 0) {
		err_set(err, ERR_FORMAT, "'%s': its size is not that of %zu by %zu elements", path, a->rows, a->cols);
		goto out;
	}
	rc = 0;
out:
	if (rc != 0)
		npy_release(a);
	free(header);
	fclose(f);
	return rc;
}

void npy_release(struct npy *a)
{
	free(a->at);
	*a = (struct npy){0};
}

char *ref_path(const char *name)
{
	const char *source = getenv("top_srcdir");

	return xasprintf("%s/tests/num/reference/%s", source != NULL ? source : ".", name);
}
