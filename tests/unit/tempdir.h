/*
 * A directory for one test: in_tempdir(test), in a list of tests, hands its path to the test as *state, and everything
 * in it goes when the test is over.
 */
#ifndef TEST_TEMPDIR_H
#define TEST_TEMPDIR_H

#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "check.h"

#define in_tempdir(test) cmocka_unit_test_setup_teardown(test, tempdir_make, tempdir_remove)

static inline int tempdir_make(void **state)
{
	const char *root = getenv("TMPDIR");
	char *path = xasprintf("%s/beamscope-test-XXXXXX", root && root[0] ? root : "/tmp");

	*state = mkdtemp(path);
	return *state ? 0 : -1;
}

static inline int tempdir_unlink(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static inline int tempdir_remove(void **state)
{
	int result = nftw(*state, tempdir_unlink, 8, FTW_DEPTH | FTW_PHYS);

	free(*state);
	return result;
}

/* dir/name; caller frees. */
static inline char *tempdir_path(const char *dir, const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

/* Writes a file and gives its path; caller frees. */
static inline char *tempdir_put(const char *dir, const char *name, const void *bytes, size_t len)
{
	char *path = tempdir_path(dir, name);
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	return path;
}

/* The number of entries in a directory. */
static inline size_t tempdir_count(const char *dir)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2; /* . and .. */
}

#endif
