#include "session/info_model.h"

#include "base/buf.h"
#include "base/tensor.h"
#include "model/transformer.h"
#include "session/record.h"
#include "store/file.h"

/* The element types of the parameters, by the bytes that they take: "Q4_K, Q6_K, F32". */
static json_t *type_names(const size_t bytes[DTYPE_COUNT])
{
	bool told[DTYPE_COUNT] = {false};
	struct buf names = {0};
	json_t *v;

	for (;;) {
		size_t most = DTYPE_COUNT;

		for (size_t t = 0; t < DTYPE_COUNT; t++)
			if (bytes[t] > 0 && !told[t] && (most == DTYPE_COUNT || bytes[t] > bytes[most]))
				most = t;
		if (most == DTYPE_COUNT)
			break;
		told[most] = true;
		buf_addf(&names, "%s%s", names.len > 0 ? ", " : "", dtype_name((enum dtype)most));
	}
	v = json_string(buf_str(&names));
	buf_release(&names);
	return v;
}

static void put_stored(json_t *v, const struct params *p)
{
	size_t bytes[DTYPE_COUNT] = {0}, sum = 0;

	for (size_t i = 0; i < p->n; i++)
		bytes[p->at[i].tensor.dtype] += tensor_bytes(&p->at[i].tensor);
	for (size_t t = 0; t < DTYPE_COUNT; t++)
		sum += bytes[t];
	json_object_set_new(v, "parameters", record_count(p->elements));
	json_object_set_new(v, "dtype", type_names(bytes));
	json_object_set_new(v, "bytes", record_count(sum));
}

/* How it knows where a token stands: "rotary, base 500000, llama3 by 32 from 8192". */
static json_t *positions_text(const struct model_config *c)
{
	static const char *const kinds[] = {
		[ROPE_PLAIN] = "",
		[ROPE_LINEAR] = "linear",
		[ROPE_LLAMA3] = "llama3",
		[ROPE_YARN] = "yarn",
		[ROPE_DYNAMIC] = "dynamic",
		[ROPE_FACTORS] = "a factor for each pair",
	};
	const struct rope_config *r = &c->rope;
	struct buf text = {0};
	json_t *v;

	if (c->arch->names[PARAM_POSITIONS])
		return json_string("learned");
	buf_addf(&text, "rotary, base %.10g", r->theta);
	if (*kinds[r->kind])
		buf_addf(&text, ", %s", kinds[r->kind]);
	if (r->kind != ROPE_PLAIN && r->kind != ROPE_FACTORS)
		buf_addf(&text, " by %g", r->factor);
	if (r->kind != ROPE_PLAIN && r->original_positions > 0)
		buf_addf(&text, " from %.0f", r->original_positions);
	v = json_string(buf_str(&text));
	buf_release(&text);
	return v;
}

static bool has_role(const struct params *p, enum param_role role)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->at[i].role == role)
			return true;
	return false;
}

/* Which linear maps have a bias: "q k v, o, MLP". */
static json_t *bias_text(const struct params *p)
{
	static const struct {
		enum param_role role;
		const char *name;
	} roles[] = {
		{PARAM_QKV_BIAS, "q k v"},
		{PARAM_Q_BIAS, "q k v"},
		{PARAM_O_BIAS, "o"},
		{PARAM_UP_BIAS, "MLP"},
	};
	struct buf text = {0};
	json_t *v;

	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (has_role(p, roles[i].role))
			buf_addf(&text, "%s%s", text.len > 0 ? ", " : "", roles[i].name);
	v = text.len > 0 ? json_string(buf_str(&text)) : json_null();
	buf_release(&text);
	return v;
}

/* Tensors and members of config.json that nothing is made of. A GGUF file with such is refused. */
static void put_unused(json_t *v, const struct lm *lm)
{
	json_t *tensors = json_array(), *members = json_array();
	struct file_names names = {0};
	struct err ignored;

	for (size_t i = 0; i < transformer_unused_tensors(lm); i++)
		json_array_append_new(tensors, record_string(transformer_unused_tensor(lm, i)));
	if (!transformer_gguf(lm) && model_config_unknown(&names, transformer_dir(lm), &ignored) == 0)
		for (size_t i = 0; i < names.n; i++)
			json_array_append_new(members, record_string(names.at[i]));
	file_names_release(&names);
	json_object_set_new(v, "unused_tensors", tensors);
	json_object_set_new(v, "unknown_settings", members);
}

static json_t *adapter_record(const struct model_stage *m)
{
	const struct adapter *a = transformer_adapter(m->lm);
	json_t *v, *saved;
	size_t values = 0;

	if (!a)
		return json_null();
	for (size_t i = 0; i < a->n; i++)
		values += tensor_elements(&a->at[i].a) + tensor_elements(&a->at[i].b);
	saved = json_array();
	for (size_t i = 0; i < a->n_saved; i++)
		json_array_append_new(saved, record_string(a->saved[i].param.name));
	v = json_object();
	json_object_set_new(v, "path", record_string(m->adapter));
	json_object_set_new(v, "r", record_count(a->config.r));
	json_object_set_new(v, "alpha", json_real(a->config.alpha));
	json_object_set_new(v, "dropout", json_real(a->config.dropout));
	json_object_set_new(v, "rslora", json_boolean(a->config.rslora));
	json_object_set_new(v, "targets", record_string(a->config.targets));
	json_object_set_new(v, "matrices", record_count(a->n));
	json_object_set_new(v, "parameters", record_count(values));
	json_object_set_new(v, "saved", saved);
	return v;
}

static json_t *transformer_record(const struct model_stage *m)
{
	const struct model_config *c = transformer_config(m->lm);
	const struct params *p = transformer_params(m->lm);
	json_t *v = json_object();

	json_object_set_new(v, "path", record_string(m->path));
	json_object_set_new(v, "type", record_string(c->arch->type));
	json_object_set_new(v, "form", json_string(transformer_gguf(m->lm) ? "GGUF" : "Hugging Face"));
	put_stored(v, p);
	json_object_set_new(v, "cache_bytes", record_count(transformer_cache_bytes(m->lm)));
	json_object_set_new(v, "vocabulary", record_count(c->vocab));
	json_object_set_new(v, "hidden", record_count(c->hidden));
	json_object_set_new(v, "layers", record_count(c->layers));
	json_object_set_new(v, "heads", record_count(c->heads));
	json_object_set_new(v, "kv_heads", record_count(c->kv_heads));
	json_object_set_new(v, "head_dim", record_count(c->head_dim));
	json_object_set_new(v, "intermediate", record_count(c->intermediate));
	json_object_set_new(v, "max_positions", record_count(c->max_positions));
	json_object_set_new(v, "positions", positions_text(c));
	json_object_set_new(v, "window", record_count_or_null(c->window));
	json_object_set_new(v, "norm", json_string(c->arch->norm == NORM_LAYER ? "layer" : "RMS"));
	json_object_set_new(v, "qk_norm", json_boolean(has_role(p, PARAM_Q_NORM)));
	json_object_set_new(v, "bias", bias_text(p));
	json_object_set_new(v, "tied", json_boolean(c->tied));
	json_object_set_new(v, "eos", record_tokens(c->eos, c->n_eos));
	put_unused(v, m->lm);
	json_object_set_new(v, "adapter", adapter_record(m));
	json_object_set_new(v, "tokenizer", m->tokenizer ? json_string(tokenizer_kind(m->tokenizer)) : json_null());
	json_object_set_new(v, "instructions", json_string(kern_isa(m->kern)));
	json_object_set_new(v, "threads", record_count(pool_threads(kern_pool(m->kern))));
	return v;
}

json_t *info_model(const struct model_stage *m)
{
	json_t *v;

	if (!m->is_table)
		return transformer_record(m);
	v = json_object();
	json_object_set_new(v, "path", record_string(m->path));
	json_object_set_new(v, "type", json_string("probability table"));
	json_object_set_new(v, "vocabulary", record_count(m->lm->vocab));
	return v;
}
