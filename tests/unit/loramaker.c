/* See loramaker.h. */
#include "loramaker.h"

#include "check.h"

#include <dirent.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/file.h"
#include "store/safetensors.h"

void loramaker_init(struct loramaker *l, size_t r, double alpha, uint64_t seed)
{
	const char *tmp = getenv("TMPDIR");

	*l = (struct loramaker){0};
	l->dir = xasprintf("%s/beamscope-lora-XXXXXX", tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(l->dir));
	l->config = json_pack("{s:s, s:s, s:I, s:f, s:f, s:[s, s], s:n, s:{}, s:b}", "peft_type", "LORA", "bias",
		"none", "r", (json_int_t)r, "lora_alpha", alpha, "lora_dropout", 0.05, "target_modules", "q_proj",
		"v_proj", "modules_to_save", "rank_pattern", "use_dora", 0);
	assert_non_null(l->config);
	rng_seed(&l->rng, seed);
}

void loramaker_release(struct loramaker *l)
{
	DIR *dir = opendir(l->dir);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	if (dir != NULL)
		closedir(dir);
	rmdir(l->dir);
	for (size_t i = 0; i < l->tensors.n; i++) {
		free((char *)l->tensors.at[i].name);
		free((void *)l->tensors.at[i].data);
	}
	vec_release(&l->tensors);
	json_decref(l->config);
	free(l->dir);
}

void loramaker_set(struct loramaker *l, const char *key, const char *json)
{
	if (json == NULL)
		json_object_del(l->config, key);
	else
		assert_int_equal(json_object_set_new(l->config, key, json_loads(json, JSON_DECODE_ANY, NULL)), 0);
}

/* Random values of the type, and the same as floats. Caller frees *floats. */
static void push(struct loramaker *l, char *name, size_t rows, size_t cols, enum dtype dtype, float **floats)
{
	struct tensor t = {.name = name, .dtype = dtype, .dims = 2, .shape = {rows, cols}};
	void *data = xcalloc(rows * cols, sizeof(float));

	*floats = xcalloc(rows * cols, sizeof(float));
	for (size_t i = 0; i < rows * cols; i++) {
		/* Eight bits of mantissa, which all three types hold. */
		float value = ((float)rng_below(&l->rng, 256) - 127.5F) / 256;

		(*floats)[i] = value;
	}
	dtype_narrow(data, dtype, *floats, rows * cols);
	t.data = data;
	vec_push(&l->tensors, t);
}

void loramaker_add(
	struct loramaker *l, struct tiny *t, size_t layer, const char *module, size_t r, double scale, enum dtype dtype)
{
	char *stem = xasprintf("model.layers.%zu.%s", layer, module), *name = xasprintf("%s.weight", stem);
	struct tensor *w = tiny_find(t, name);
	float *data, *a, *b;
	size_t out, in;

	assert_non_null(w);
	assert_int_equal(w->dtype, DTYPE_F32);
	data = (float *)w->data;
	out = w->shape[0];
	in = w->shape[1];
	push(l, xasprintf("base_model.model.%s.lora_A.weight", stem), r, in, dtype, &a);
	push(l, xasprintf("base_model.model.%s.lora_B.weight", stem), out, r, dtype, &b);
	for (size_t o = 0; o < out; o++) {
		for (size_t i = 0; i < in; i++) {
			double sum = 0;

			for (size_t k = 0; k < r; k++)
				sum += (double)b[o * r + k] * a[k * in + i];
			data[o * in + i] = (float)(data[o * in + i] + scale * sum);
		}
	}
	free(a);
	free(b);
	free(name);
	free(stem);
}

void loramaker_write(struct loramaker *l)
{
	char *config = file_join(l->dir, "adapter_config.json"),
	     *weights = file_join(l->dir, "adapter_model.safetensors");
	struct err err;

	assert_int_equal(json_dump_file(l->config, config, 0), 0);
	check_ok(safetensors_write(weights, l->tensors.at, l->tensors.n, NULL, 0, &err), &err);
	free(config);
	free(weights);
}
