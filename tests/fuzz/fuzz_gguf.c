/* Any bytes as a GGUF file: what opens can be read to its last byte, and where it is a model, it runs. */
#include "fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/transformer.h"
#include "store/gguf.h"

static struct kern *kern;

static void clean_up(void)
{
	kern_free(kern);
}

static unsigned sum_of(const unsigned char *at, size_t len)
{
	volatile unsigned sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += at[i];
	return sum;
}

/* Every getter on every key: a value or one sentence. */
static void read_entry(const struct gguf *g, const struct gguf_entry *e)
{
	char *key = xstrndup(e->key.at, e->key.len);
	struct gguf_array array = {0};
	struct gguf_str text;
	struct err err;
	bool flag;
	size_t size;
	double d;

	FUZZ_CHECK(gguf_find(g, key) == e);
	if (gguf_get_size(g, key, 1, 1000, &size, &err) == 0)
		FUZZ_CHECK(size >= 1 && size <= 1000);
	if (gguf_get_double(g, key, -1, 1, &d, &err) == 0)
		FUZZ_CHECK(fabs(d) <= 1);
	if (gguf_opt_bool(g, key, &flag, &err) == 0)
		FUZZ_CHECK(flag == 0 || flag == 1);
	if (gguf_get_str(g, key, &text, &err) == 0)
		sum_of((const unsigned char *)text.at, text.len);
	if (gguf_get_array(g, key, GGUF_STRING, &array, &err) == 0) {
		while (gguf_next_str(&array, &text))
			sum_of((const unsigned char *)text.at, text.len);
		FUZZ_CHECK(array.len == 0);
	}
	if (gguf_get_array(g, key, GGUF_I64, &array, &err) == 0 ||
		gguf_get_array(g, key, GGUF_F32, &array, &err) == 0) {
		for (size_t i = 0; i < array.n; i++)
			sum_of((const unsigned char *)&(double){gguf_double_at(&array, i)}, sizeof(double));
	}
	free(key);
}

static void read_file(const char *path)
{
	struct gguf g;
	struct err err = {0};
	size_t total = 0;

	if (gguf_open(&g, path, &err) != 0) {
		FUZZ_CHECK(err.code != ERR_NONE && strlen(err.msg) > 0 && strchr(err.msg, '\n') == NULL);
		gguf_release(&g);
		return;
	}
	for (size_t i = 0; i < g.entries.n; i++)
		read_entry(&g, &g.entries.at[i]);
	for (size_t i = 0; i < g.tensors.n; i++) {
		const struct gguf_tensor *t = &g.tensors.at[i];
		struct tensor view;

		sum_of(t->data, t->len);
		total += t->len;
		FUZZ_CHECK(gguf_find_tensor(&g, t->name) == t);
		if (gguf_tensor(&g, t->name, &view, &err) == 0)
			FUZZ_CHECK(dtype_bytes(view.dtype, tensor_elements(&view)) == t->len);
	}
	FUZZ_CHECK(total <= g.files.at[0].map.len);
	gguf_release(&g);
}

static void run(const char *path)
{
	uint32_t token = 0;
	struct lm *lm;
	struct err err;
	float z;

	if (transformer_open(&lm, path, kern, &err) != 0)
		return;
	if (lm_prompt(lm, &token, 1, &err) == 0 &&
		lm_query(lm, &(struct lm_query){.ids = &token, .n = 1, .logits = &z}, 1, 1, &err) != 0)
		FUZZ_CHECK(err.code == ERR_FORMAT); /* weights that are no numbers */
	lm_close(lm);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_file file;
	struct err err;

	if (kern == NULL) {
		FUZZ_CHECK(kern_new(&kern, 1, &err) == 0);
		atexit(clean_up);
	}
	fuzz_file_init(&file, data, len);
	read_file(file.path);
	run(file.path);
	fuzz_file_release(&file);
	return 0;
}
