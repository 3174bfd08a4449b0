#include "model/fresh.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "model/config.h"
#include "model/params.h"
#include "store/file.h"
#include "store/json.h"

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

static int write_config(const char *dir, const struct fresh_model *m, struct err *err)
{
	const struct {
		const char *name;
		size_t value;
	} sizes[] = {
		{"vocab_size", m->vocab},
		{"hidden_size", m->hidden},
		{"intermediate_size", m->intermediate},
		{"num_hidden_layers", m->layers},
		{"num_attention_heads", m->heads},
		{"num_key_value_heads", m->kv_heads},
		{"head_dim", m->hidden / m->heads},
		{"max_position_embeddings", m->max_positions},
		{"bos_token_id", m->bos},
		{"eos_token_id", m->eos},
	};
	json_t *config = json_pack("{s:[s], s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:f, s:f, s:f, s:f, s:n}",
		"architectures", "LlamaForCausalLM", "model_type", "llama", "torch_dtype", "float32", "hidden_act",
		"silu", "tie_word_embeddings", m->tied, "use_cache", 1, "attention_bias", 0, "mlp_bias", 0,
		"attention_dropout", 0.0, "initializer_range", INIT_DEVIATION, "rms_norm_eps", NORM_EPS, "rope_theta",
		m->rope_theta, "rope_scaling");

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		json_object_set_new(config, sizes[i].name, json_integer((json_int_t)sizes[i].value));
	if (json_write_new(dir, "config.json", config, err))
		return -1;
	return json_write_new(dir, "generation_config.json",
		json_pack("{s:I, s:I}", "bos_token_id", (json_int_t)m->bos, "eos_token_id", (json_int_t)m->eos), err);
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

static int write_weights(const char *dir, const struct model_config *c, uint64_t seed, struct err *err)
{
	const struct safetensors_pair format = {"format", "pt"};
	char *path = file_join(dir, "model.safetensors");
	struct params p = {0};
	struct tensor *tensors = NULL;
	float *values = NULL;
	int ret = -1;

	if (params_init(&p, c, err))
		goto out;
	values = mem_try_alloc(p.elements, sizeof(*values), false, "the weights of a new model", err);
	if (!values)
		goto out;
	draw(&p, values, seed);
	tensors = xcalloc(p.n, sizeof(*tensors));
	for (size_t i = 0; i < p.n; i++)
		tensors[i] = p.at[i].tensor;
	ret = safetensors_write(path, tensors, p.n, &format, 1, err);
out:
	free(tensors);
	free(values);
	params_release(&p);
	free(path);
	return ret;
}

int fresh_model_write(const char *dir, const struct fresh_model *m, struct err *err)
{
	struct model_config c;

	if (check_shape(m, err) || write_config(dir, m, err))
		return -1;
	/* What may stand in a config is known where one is read. */
	if (model_config_read(&c, dir, err)) {
		err->code = ERR_VALUE;
		return -1;
	}
	return write_weights(dir, &c, m->seed, err);
}
