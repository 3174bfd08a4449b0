/* One block of values and the table over it: what training changes. */
#include "model/trainable.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/merge.h"
#include "model/save.h"
#include "model/transformer.h"
#include "store/file.h"

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

/* Copies the base's values, and points the parameters at them. */
static int fill_full(struct trainable *t, const struct lm *base, struct err *err)
{
	const struct params *from = transformer_params(base);
	const struct adapter *adapter = transformer_adapter(base);
	struct merge merge;

	for (size_t i = 0; i < t->n; i++) {
		struct param *p = &t->params.at[i];
		float *values = t->values + t->table[i].offset;

		dtype_widen(values, from->at[i].tensor.data, from->at[i].tensor.dtype, 0, p->rows * p->cols);
		if (merge_init(&merge, adapter != NULL ? adapter->of[i] : NULL, err) != 0)
			return -1;
		merge_rows(&merge, values, 0, p->rows);
		merge_release(&merge);
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
	if (from != NULL && from->n_saved > 0) {
		err_set(err, ERR_UNSUPPORTED,
			"the loaded adapter holds '%s' whole (\"modules_to_save\"), which training of adapters would "
			"leave as it is: train all parameters, or a new adapter over the merged model",
			from->saved[0].param.name);
		goto fail;
	}
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

static size_t largest(const struct trainable *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (n < t->table[i].rows * t->table[i].cols)
			n = t->table[i].rows * t->table[i].cols;
	}
	return n;
}

static bool is_turned(const struct trainable *t, size_t i)
{
	return t->full && t->params.at[i].transposed;
}

/* How HF stores the i-th tensor. */
static struct tensor stored(const struct trainable *t, size_t i)
{
	const struct trainable_tensor *at = &t->table[i];
	bool turned = is_turned(t, i);

	return (struct tensor){
		.name = at->name,
		.dtype = DTYPE_F32,
		.dims = t->full && at->cols == 1 ? 1 : 2,
		.shape = {turned ? at->cols : at->rows, turned ? at->rows : at->cols},
	};
}

int trainable_write(const struct trainable *t, const float *block, const char *path, struct err *err)
{
	static const struct safetensors_pair format = {"format", "pt"};
	struct tensor *tensors = xcalloc(t->n, sizeof(*tensors));
	float *room = mem_try_alloc(largest(t), sizeof(*room), false, "a turned matrix", err);
	struct safetensors_writer w = {0};
	int rc = -1;

	for (size_t i = 0; i < t->n; i++)
		tensors[i] = stored(t, i);
	if (room == NULL || safetensors_writer_init(&w, path, tensors, t->n, &format, 1, err) != 0)
		goto out;
	for (size_t k = 0; k < t->n; k++) {
		size_t i = w.order[k];
		const float *values = block + t->table[i].offset;

		if (is_turned(t, i)) {
			tensor_turn(room, values, sizeof(*values), t->table[i].rows, t->table[i].cols);
			values = room;
		}
		if (safetensors_writer_data(&w, values, tensor_bytes(&tensors[i]), err) != 0)
			goto out;
	}
	rc = safetensors_writer_commit(&w, err);
out:
	safetensors_writer_release(&w);
	free(room);
	free(tensors);
	return rc;
}

int trainable_save(const struct trainable *t, const char *dir, enum dtype dtype, struct err *err)
{
	const char *base = transformer_dir(t->lm);
	const struct save save = {.config = t->config,
		.params = &t->params,
		.dir = file_exists_in(base, "config.json") ? base : NULL,
		.tokenizer_dir = transformer_tokenizer_dir(t->lm),
		.dtype = dtype};

	return t->full ? save_hf(&save, dir, err) : adapter_save(&t->adapter, dir, base, err);
}
