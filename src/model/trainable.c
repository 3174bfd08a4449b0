/* One block of values and the table over it: what training changes. */
#include "model/trainable.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/transformer.h"
#include "store/file.h"
#include "store/json.h"

#define FLOATS_APART (MEM_ALIGN / sizeof(float)) /* every tensor begins at a cache line */

/* Adds a tensor to the table. The sizes come from a model that was bound, or from a rank that has a limit; their
 * sum may still be too large. */
static int add(struct trainable *t, size_t rows, size_t cols, struct err *err)
{
	struct trainable_tensor *at = &t->table[t->n];
	size_t size, end;

	if (!mem_mul(rows, cols, &size) || size > SIZE_MAX - t->elements - FLOATS_APART)
		return err_set(err, ERR_MEMORY, "%zu times %zu values to be trained are more than memory can hold",
			rows, cols);
	at->rows = rows;
	at->cols = cols;
	at->offset = t->elements;
	end = t->elements + size;
	t->elements = (end + FLOATS_APART - 1) / FLOATS_APART * FLOATS_APART;
	t->count += size;
	t->n++;
	return 0;
}

static int make_values(struct trainable *t, struct err *err)
{
	t->values = mem_try_alloc(t->elements, sizeof(*t->values), true, "the values to be trained", err);
	return t->values != NULL ? 0 : -1;
}

static int make_table(struct trainable *t, size_t n, struct err *err)
{
	t->table = mem_try_alloc(n, sizeof(*t->table), true, "the table of what is trained", err);
	return t->table != NULL ? 0 : -1;
}

/* w[out, in] += scale · B A, summed in double. */
static int merge(float *w, const struct lora *l, struct err *err)
{
	size_t out = l->param->rows, in = l->param->cols, r = l->r;
	float *a = mem_try_alloc(r * in, sizeof(*a), false, "the adapter's matrices", err);
	float *b = mem_try_alloc(out * r, sizeof(*b), false, "the adapter's matrices", err);
	double *row = mem_try_alloc(in, sizeof(*row), false, "a row of a matrix", err);
	int rc = -1;

	if (a == NULL || b == NULL || row == NULL)
		goto out;
	dtype_widen(a, l->a.data, l->a.dtype, 0, r * in);
	dtype_widen(b, l->b.data, l->b.dtype, 0, out * r);
	for (size_t o = 0; o < out; o++) {
		memset(row, 0, in * sizeof(*row));
		for (size_t k = 0; k < r; k++) {
			for (size_t i = 0; i < in; i++)
				row[i] += (double)b[o * r + k] * a[k * in + i];
		}
		for (size_t i = 0; i < in; i++)
			w[o * in + i] = (float)(w[o * in + i] + l->scale * row[i]);
	}
	rc = 0;
out:
	free(a);
	free(b);
	free(row);
	return rc;
}

/* Copies the base's values, and points the parameters at them. */
static int fill_full(struct trainable *t, const struct lm *base, struct err *err)
{
	const struct params *from = transformer_params(base);
	const struct adapter *adapter = transformer_adapter(base);

	for (size_t i = 0; i < t->n; i++) {
		struct param *p = &t->params.at[i];
		float *values = t->values + t->table[i].offset;

		dtype_widen(values, from->at[i].tensor.data, from->at[i].tensor.dtype, 0, p->rows * p->cols);
		if (adapter != NULL && adapter->of[i] != NULL && merge(values, adapter->of[i], err) != 0)
			return -1;
		p->tensor = from->at[i].tensor;
		p->tensor.name = p->name;
		p->tensor.dtype = DTYPE_F32;
		p->tensor.data = values;
	}
	return 0;
}

int trainable_init_full(struct trainable *t, const struct lm *base, struct err *err)
{
	*t = (struct trainable){.full = true, .config = transformer_config(base)};
	if (params_init(&t->params, t->config, err) != 0 || make_table(t, t->params.n, err) != 0)
		goto fail;
	for (size_t i = 0; i < t->params.n; i++) {
		const struct param *p = &t->params.at[i];

		snprintf(t->table[i].name, sizeof(t->table[i].name), "%s", p->name);
		if (add(t, p->rows, p->cols, err) != 0)
			goto fail;
	}
	if (make_values(t, err) == 0 && fill_full(t, base, err) == 0 &&
		transformer_over(&t->lm, base, &t->params, NULL, err) == 0)
		return 0;
fail:
	trainable_release(t);
	return -1;
}

/* A as PEFT begins it (Kaiming's uniform initialisation with a = √5); B stays 0. */
static void draw(float *a, const struct lora *l, struct rng *rng)
{
	double bound = 1 / sqrt((double)l->param->cols);

	for (size_t i = 0; i < l->r * l->param->cols; i++)
		a[i] = (float)(bound * (2 * rng_uniform(rng) - 1));
}

/* Points the adapter at its values: those of the one that is there, or new ones. */
static void fill_lora(struct trainable *t, const struct adapter *from, struct rng *rng)
{
	for (size_t i = 0; i < t->adapter.n; i++) {
		struct lora *l = &t->adapter.at[i];
		float *a = t->values + t->table[2 * i].offset, *b = t->values + t->table[2 * i + 1].offset;

		if (from != NULL) {
			dtype_widen(a, from->at[i].a.data, from->at[i].a.dtype, 0, tensor_elements(&l->a));
			dtype_widen(b, from->at[i].b.data, from->at[i].b.dtype, 0, tensor_elements(&l->b));
		} else {
			draw(a, l, rng);
		}
		l->a.name = t->table[2 * i].name;
		l->b.name = t->table[2 * i + 1].name;
		l->a.data = a;
		l->b.data = b;
	}
}

int trainable_init_lora(struct trainable *t, const struct lm *base, const struct adapter_config *config,
	struct rng *rng, struct err *err)
{
	const struct adapter *from = transformer_adapter(base);

	*t = (struct trainable){.config = transformer_config(base), .params = *transformer_params(base)};
	if ((from != NULL ? adapter_like(&t->adapter, from, &t->params, err)
			  : adapter_init(&t->adapter, config, &t->params, err)) != 0 ||
		make_table(t, 2 * t->adapter.n, err) != 0)
		goto fail;
	for (size_t i = 0; i < t->adapter.n; i++) {
		const struct lora *l = &t->adapter.at[i];

		adapter_tensor_name(t->table[t->n].name, l, false);
		adapter_tensor_name(t->table[t->n + 1].name, l, true);
		if (add(t, l->r, l->param->cols, err) != 0 || add(t, l->param->rows, l->r, err) != 0)
			goto fail;
	}
	if (make_values(t, err) != 0)
		goto fail;
	fill_lora(t, from, rng);
	if (transformer_over(&t->lm, base, &t->params, &t->adapter, err) == 0)
		return 0;
fail:
	trainable_release(t);
	return -1;
}

void trainable_release(struct trainable *t)
{
	lm_close(t->lm);
	adapter_release(&t->adapter);
	if (t->full)
		params_release(&t->params);
	free(t->table);
	free(t->values);
	*t = (struct trainable){0};
}

void trainable_changed(struct trainable *t)
{
	transformer_forget(t->lm);
}

size_t trainable_offset(const struct trainable *t, const struct param *p)
{
	return t->full ? t->table[p - t->params.at].offset : SIZE_MAX;
}

/* HF's names of the element types that safetensors has. */
static const char *torch_name(enum dtype t)
{
	static const char *const names[DTYPE_PLAIN_COUNT] = {
		[DTYPE_F32] = "float32",
		[DTYPE_F16] = "float16",
		[DTYPE_BF16] = "bfloat16",
	};

	return names[t];
}

/* The base's config.json with the type of the values that are written; "dtype" is what newer versions call it. */
static int save_config(const char *from, const char *to, enum dtype dtype, struct err *err)
{
	struct json_doc doc;
	int rc = json_doc_read(&doc, from, err);

	if (rc == 0 && doc.root.int_as_real)
		rc = json_refuse(&doc.root, err, "holds an integer past 64 bits and cannot be written again");
	if (rc == 0) {
		json_object_set_new(doc.json, "torch_dtype", json_string(torch_name(dtype)));
		if (json_object_get(doc.json, "dtype") != NULL)
			json_object_set_new(doc.json, "dtype", json_string(torch_name(dtype)));
		rc = json_write(to, doc.json, 0, err);
	}
	json_doc_release(&doc);
	return rc;
}

static int copy_file(const char *from, const char *to, struct err *err)
{
	struct buf bytes = {0};
	int rc = file_read(&bytes, from, JSON_MAX_FILE, err);

	if (rc == 0)
		rc = file_write(to, buf_str(&bytes), bytes.len, err);
	buf_release(&bytes);
	return rc;
}

/* Everything beside the weights that HF reads of a model's directory, as far as the base has it. */
static int save_files(const struct trainable *t, const char *dir, enum dtype dtype, struct err *err)
{
	static const char *const names[] = {"config.json", "generation_config.json", "tokenizer.json",
		"tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
		"tokenizer.model", "chat_template.jinja"};
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(names) && rc == 0; i++) {
		char *from = file_join(transformer_dir(t->lm), names[i]), *to = file_join(dir, names[i]);

		if (i == 0)
			rc = save_config(from, to, dtype, err);
		else if (file_exists(from))
			rc = copy_file(from, to, err);
		free(from);
		free(to);
	}
	return rc;
}

static int check_range(const struct trainable_tensor *at, const float *values, enum dtype dtype, struct err *err)
{
	size_t n = at->rows * at->cols, i = dtype_misfit(dtype, values, n);

	if (i == n)
		return 0;
	return err_set(err, ERR_VALUE, "tensor '%s' holds %g, more than %s can: save as %s", at->name, (double)values[i],
		dtype_name(dtype), dtype == DTYPE_F16 ? "BF16 or F32" : "F32");
}

/* Lists what is to be written; the values rounded into `narrow`, which is NULL where they go as they are. */
static int narrow_all(
	const struct trainable *t, struct tensor *tensors, enum dtype dtype, char *narrow, struct err *err)
{
	for (size_t i = 0; i < t->n; i++) {
		const float *values = t->values + t->table[i].offset;

		tensors[i] = t->params.at[i].tensor;
		if (narrow == NULL)
			continue;
		if (check_range(&t->table[i], values, dtype, err) != 0)
			return -1;
		dtype_narrow(narrow, dtype, values, tensor_elements(&tensors[i]));
		tensors[i].dtype = dtype;
		tensors[i].data = narrow;
		narrow += tensor_bytes(&tensors[i]);
	}
	return 0;
}

static int save_weights(const struct trainable *t, const char *dir, enum dtype dtype, struct err *err)
{
	static const struct safetensors_pair format = {"format", "pt"};
	struct tensor *tensors = xcalloc(t->n, sizeof(*tensors));
	char *path = file_join(dir, "model.safetensors"), *narrow = NULL;
	int rc = -1;

	if (dtype != DTYPE_F32) {
		narrow = mem_try_alloc(t->count, dtype_bytes(dtype, 1), false, "the values to be saved", err);
		if (narrow == NULL)
			goto out;
	}
	if (narrow_all(t, tensors, dtype, narrow, err) != 0) {
		err_prefix(err, "%s", path);
		goto out;
	}
	rc = safetensors_write(path, tensors, t->n, &format, 1, err);
out:
	free(narrow);
	free(path);
	free(tensors);
	return rc;
}

int trainable_save(const struct trainable *t, const char *dir, enum dtype dtype, struct err *err)
{
	if (!t->full)
		return adapter_save(&t->adapter, dir, transformer_dir(t->lm), err);
	if (save_weights(t, dir, dtype, err) != 0)
		return -1;
	return save_files(t, dir, dtype, err);
}
