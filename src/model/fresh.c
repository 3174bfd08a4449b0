#include "model/fresh.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "model/config.h"
#include "model/params.h"
#include "model/save.h"
#include "store/json.h"
#include "store/safetensors.h"

#define INIT_DEVIATION 0.02
#define NORM_EPS 1e-6

static int check_shape(const struct fresh_model *m, struct err *err)
{
	if (m->heads == 0 || m->hidden % m->heads != 0)
		return err_set(err, ERR_VALUE, "a hidden size of %zu cannot be split evenly over %zu heads", m->hidden,
			m->heads);
	if (m->hidden / m->heads % 2 != 0)
		return err_set(err, ERR_VALUE,
			"a hidden size of %zu over %zu heads gives heads of odd size %zu, and rotary positions turn "
			"pairs",
			m->hidden, m->heads, m->hidden / m->heads);
	if (m->kv_heads == 0 || m->heads % m->kv_heads != 0)
		return err_set(err, ERR_VALUE, "%zu attention heads cannot share %zu key-value heads evenly", m->heads,
			m->kv_heads);
	if (m->bos >= m->vocab || m->eos >= m->vocab)
		return err_set(
			err, ERR_VALUE, "a vocabulary of %zu tokens has no tokens %u and %u", m->vocab, m->bos, m->eos);
	return 0;
}

static struct model_config make_config(const struct fresh_model *m)
{
	return (struct model_config){
		.arch = architecture_find("llama"),
		.vocab = m->vocab,
		.hidden = m->hidden,
		.layers = m->layers,
		.heads = m->heads,
		.kv_heads = m->kv_heads,
		.head_dim = m->hidden / m->heads,
		.intermediate = m->intermediate,
		.max_positions = m->max_positions,
		.norm_eps = NORM_EPS,
		.rope = {.kind = ROPE_PLAIN, .theta = m->rope_theta},
		.tied = m->tied,
		.bos = m->bos,
		.eos = {m->eos},
		.n_eos = 1,
	};
}

/* In the order of the table; a vector is a norm. */
static void draw(struct params *p, float *values, uint64_t seed)
{
	struct rng rng;

	rng_seed(&rng, seed);
	for (size_t i = 0; i < p->n; i++) {
		struct param *param = &p->at[i];
		size_t n = param->rows * param->cols;

		for (size_t k = 0; k < n; k++)
			values[k] = param->cols == 1 ? 1.0f : (float)(INIT_DEVIATION * rng_normal(&rng));
		param->tensor = (struct tensor){
			.name = param->name,
			.dtype = DTYPE_F32,
			.dims = param->cols == 1 ? 1 : 2,
			.shape = {param->rows, param->cols},
			.data = values,
		};
		values += n;
	}
}

static int write_model(const char *dir, const struct model_config *c, uint64_t seed, struct err *err)
{
	struct params p = {0};
	float *values = NULL;
	int ret = -1;

	if (params_init(&p, c, err))
		goto out;
	values = mem_try_alloc(p.elements, sizeof(*values), false, "the weights of a new model", err);
	if (!values)
		goto out;
	draw(&p, values, seed);
	ret = save_hf(&(struct save){.config = c, .params = &p, .dtype = DTYPE_F32}, dir, err);
out:
	free(values);
	params_release(&p);
	return ret;
}

int fresh_model_write(const char *dir, const struct fresh_model *m, struct err *err)
{
	struct model_config made, read;

	if (check_shape(m, err))
		return -1;
	made = make_config(m);
	/* What may stand in a config is known where one is read. */
	if (json_write_new(dir, "config.json", model_config_json(&made, DTYPE_F32), err))
		return -1;
	if (model_config_read(&read, dir, err)) {
		err->code = ERR_VALUE;
		return -1;
	}
	return write_model(dir, &made, m->seed, err);
}
