/* A Hugging Face directory. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "save_priv.h"
#include "store/file.h"
#include "store/safetensors.h"

#define ORIGINAL "original_max_position_embeddings"
#define SHARD ((size_t)5000000000u)

enum dtype save_hf_dtype(const struct save *s)
{
	enum dtype stored = DTYPE_COUNT;

	if (s->dtype != DTYPE_COUNT)
		return s->dtype;
	for (size_t i = 0; i < s->params->n && stored == DTYPE_COUNT; i++) {
		if (role_is_map(s->params->at[i].role))
			stored = s->params->at[i].tensor.dtype;
	}
	return stored < DTYPE_PLAIN_COUNT ? stored : DTYPE_F16;
}

/* HF's names of the element types. */
static const char *torch_name(enum dtype t)
{
	static const char *const names[DTYPE_PLAIN_COUNT] = {
		[DTYPE_F32] = "float32",
		[DTYPE_F16] = "float16",
		[DTYPE_BF16] = "bfloat16",
	};

	return names[t];
}

/* An adapter that holds embedding or output matrix may have changed what the configuration says of them. */
static void renew_vocabulary(json_t *root, const struct model_config *c)
{
	const json_t *tied = json_object_get(root, "tie_word_embeddings");
	bool was = tied != NULL && !json_is_null(tied) ? json_is_true(tied) : c->arch->tied;

	json_object_set_new(root, "vocab_size", json_integer((json_int_t)c->vocab));
	if (was != c->tied)
		json_object_set_new(root, "tie_word_embeddings", json_boolean(c->tied));
}

/* The old config.json with the type of the values that are written; "dtype" is what newer versions call it. */
static int copy_config(const struct save *s, const char *from, const char *to, struct err *err)
{
	enum dtype dtype = save_hf_dtype(s);
	struct json_doc doc;
	int rc = json_doc_read(&doc, from, err);

	if (rc == 0 && doc.root.int_as_real)
		rc = json_refuse(&doc.root, err, "holds an integer past 64 bits and cannot be written again");
	if (rc == 0) {
		renew_vocabulary(doc.json, s->config);
		json_object_set_new(doc.json, "torch_dtype", json_string(torch_name(dtype)));
		if (json_object_get(doc.json, "dtype") != NULL)
			json_object_set_new(doc.json, "dtype", json_string(torch_name(dtype)));
		rc = json_write(to, doc.json, 0, err);
	}
	json_doc_release(&doc);
	return rc;
}

/* dir/name as to/name; that it is not there is fine. */
static int copy_file(const char *dir, const char *to, const char *name, struct err *err)
{
	char *from = file_join(dir, name), *path = file_join(to, name);
	struct buf bytes = {0};
	int rc = 0;

	if (file_exists(from) && ((rc = file_read(&bytes, from, JSON_MAX_FILE, err)) == 0))
		rc = file_write(path, buf_str(&bytes), bytes.len, err);
	buf_release(&bytes);
	free(from);
	free(path);
	return rc;
}

int save_copy_tokenizer(const char *dir, const char *to, struct err *err)
{
	static const char *const names[] = {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
		"added_tokens.json", "vocab.json", "merges.txt", "tokenizer.model", "chat_template.jinja"};
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(names) && rc == 0; i++)
		rc = copy_file(dir, to, names[i], err);
	return rc;
}

/* Everything beside the weights that HF reads of a model's directory, as far as the old one has it. */
static int copy_files(const struct save *s, const char *dir, struct err *err)
{
	char *from = file_join(s->dir, "config.json"), *to = file_join(dir, "config.json");
	int rc = copy_config(s, from, to, err);

	free(from);
	free(to);
	if (rc != 0 || copy_file(s->dir, dir, "generation_config.json", err) != 0)
		return -1;
	return save_copy_tokenizer(s->tokenizer_dir != NULL ? s->tokenizer_dir : s->dir, dir, err);
}

/* One id, or a list of several; NULL where there is none. */
static json_t *eos_json(const struct model_config *c)
{
	json_t *list;

	if (c->n_eos < 2)
		return c->n_eos == 1 ? json_integer(c->eos[0]) : NULL;
	list = json_array();
	for (size_t i = 0; i < c->n_eos; i++)
		json_array_append_new(list, json_integer(c->eos[i]));
	return list;
}

static void add_special_tokens(json_t *object, const struct model_config *c)
{
	json_t *eos = eos_json(c);

	if (c->bos != UINT32_MAX)
		json_object_set_new(object, "bos_token_id", json_integer(c->bos));
	if (eos != NULL)
		json_object_set_new(object, "eos_token_id", eos);
}

static json_t *rope_json(const struct rope_config *r)
{
	switch (r->kind) {
	case ROPE_LINEAR:
		return json_pack("{s:s, s:f}", "rope_type", "linear", "factor", r->factor);
	case ROPE_LLAMA3:
		return json_pack("{s:s, s:f, s:f, s:f, s:I}", "rope_type", "llama3", "factor", r->factor,
			"low_freq_factor", r->low_freq_factor, "high_freq_factor", r->high_freq_factor, ORIGINAL,
			(json_int_t)r->original_positions);
	case ROPE_YARN:
		return json_pack("{s:s, s:f, s:f, s:f, s:f, s:b, s:I}", "rope_type", "yarn", "factor", r->factor,
			"attention_factor", r->attention_factor, "beta_fast", r->beta_fast, "beta_slow", r->beta_slow,
			"truncate", (int)r->truncate, ORIGINAL, (json_int_t)r->original_positions);
	case ROPE_DYNAMIC:
		return json_pack("{s:s, s:f, s:I}", "rope_type", "dynamic", "factor", r->factor, ORIGINAL,
			(json_int_t)r->original_positions);
	default:
		return json_null();
	}
}

static void add_size(json_t *object, const char *name, size_t value)
{
	if (name != NULL)
		json_object_set_new(object, name, json_integer((json_int_t)value));
}

/* Where a kind may do without something, its configurations say whether it does. */
static void add_usage(json_t *object, const char *name, enum usage usage, bool used)
{
	if (usage == USE_ASKED)
		json_object_set_new(object, name, json_boolean(used));
}

json_t *model_config_json(const struct model_config *c, enum dtype dtype)
{
	const struct architecture *arch = c->arch;
	const struct config_names *name = &arch->config;
	json_t *v = json_pack("{s:[s], s:s, s:s, s:b, s:b, s:f}", "architectures", arch->class, "model_type",
		arch->type, "torch_dtype", torch_name(dtype), "tie_word_embeddings", (int)c->tied, "use_cache", 1,
		"initializer_range", 0.02);

	add_size(v, "vocab_size", c->vocab);
	add_size(v, name->hidden, c->hidden);
	add_size(v, name->intermediate, c->intermediate);
	add_size(v, name->layers, c->layers);
	add_size(v, name->heads, c->heads);
	add_size(v, name->kv_heads, c->kv_heads);
	add_size(v, name->head_dim, c->head_dim);
	add_size(v, name->positions, c->max_positions);
	json_object_set_new(v, name->norm_eps, json_real(c->norm_eps));
	json_object_set_new(v, name->activation, json_string(arch->names[PARAM_GATE] != NULL ? "silu" : "gelu_new"));
	add_usage(v, "attention_bias", arch->qkv_bias, c->qkv_bias);
	add_usage(v, "mlp_bias", arch->mlp_bias, c->mlp_bias);
	add_usage(v, "use_sliding_window", arch->window, c->window > 0);
	if (arch->window != USE_NEVER)
		json_object_set_new(
			v, "sliding_window", c->window > 0 ? json_integer((json_int_t)c->window) : json_null());
	if (arch->window == USE_ASKED && c->window > 0)
		json_object_set_new(v, "max_window_layers", json_integer(0));
	if (arch->names[PARAM_POSITIONS] == NULL) {
		json_object_set_new(v, "rope_theta", json_real(c->rope.theta));
		json_object_set_new(v, "rope_scaling", rope_json(&c->rope));
	}
	add_special_tokens(v, c);
	return v;
}

static int make_files(const struct save *s, const char *dir, struct err *err)
{
	json_t *generation = json_object();

	add_special_tokens(generation, s->config);
	if (json_write_new(dir, "generation_config.json", generation, err) != 0)
		return -1;
	return json_write_new(dir, "config.json", model_config_json(s->config, save_hf_dtype(s)), err);
}

/* The weights, and which of their files each tensor is in. */
struct weights_out {
	const struct save *s;
	struct tensor *tensors; /* owned, [n] */
	size_t *shard;          /* owned, [n] */
	size_t n, n_shards;
};

static void weights_out_init(struct weights_out *w, const struct save *s)
{
	size_t most = s->shard > 0 ? s->shard : SHARD, filled = 0;

	*w = (struct weights_out){.s = s, .n = s->params->n, .n_shards = 1};
	w->tensors = xcalloc(w->n, sizeof(*w->tensors));
	w->shard = xcalloc(w->n, sizeof(*w->shard));
	for (size_t i = 0; i < w->n; i++) {
		const struct param *p = &s->params->at[i];
		struct tensor *t = &w->tensors[i];

		*t = (struct tensor){.name = p->name,
			.dtype = save_hf_dtype(s),
			.dims = p->cols == 1 ? 1 : 2,
			.shape = {p->transposed ? p->cols : p->rows, p->transposed ? p->rows : p->cols}};
		if (filled > 0 && filled + tensor_bytes(t) > most) {
			w->n_shards++;
			filled = 0;
		}
		filled += tensor_bytes(t);
		w->shard[i] = w->n_shards - 1;
	}
}

static void weights_out_release(struct weights_out *w)
{
	free(w->tensors);
	free(w->shard);
}

/* Caller frees. */
static char *shard_name(const struct weights_out *w, size_t shard)
{
	if (w->n_shards == 1)
		return xstrdup("model.safetensors");
	return xasprintf("model-%05zu-of-%05zu.safetensors", shard + 1, w->n_shards);
}

static int sink(void *arg, const void *bytes, size_t len, struct err *err)
{
	return safetensors_writer_data(arg, bytes, len, err);
}

/* Tensors first … first + n - 1. All are of one type, so that they stand in the file as they are listed. */
static int write_shard(const struct weights_out *w, const char *path, size_t first, size_t n, struct err *err)
{
	static const struct safetensors_pair format = {"format", "pt"};
	struct safetensors_writer file;
	int rc = safetensors_writer_init(&file, path, w->tensors + first, n, &format, 1, err);

	for (size_t i = first; i < first + n && rc == 0; i++) {
		const struct save_form form = {
			.dtype = w->tensors[i].dtype, .turned = w->s->params->at[i].transposed};

		rc = save_values(w->s, i, &form, sink, &file, err);
	}
	if (rc == 0)
		rc = safetensors_writer_commit(&file, err);
	safetensors_writer_release(&file);
	return rc;
}

static int write_index(const struct weights_out *w, const char *dir, struct err *err)
{
	json_t *map = json_object();
	size_t total = 0;

	for (size_t i = 0; i < w->n; i++) {
		char *name = shard_name(w, w->shard[i]);

		json_object_set_new(map, w->tensors[i].name, json_string(name));
		total += tensor_bytes(&w->tensors[i]);
		free(name);
	}
	return json_write_new(dir, "model.safetensors.index.json",
		json_pack("{s:{s:I}, s:o}", "metadata", "total_size", (json_int_t)total, "weight_map", map), err);
}

static int write_weights(const struct save *s, const char *dir, struct err *err)
{
	struct weights_out w;
	int rc = 0;

	weights_out_init(&w, s);
	for (size_t first = 0, n; first < w.n && rc == 0; first += n) {
		char *name = shard_name(&w, w.shard[first]), *path = file_join(dir, name);

		for (n = 1; first + n < w.n && w.shard[first + n] == w.shard[first];)
			n++;
		rc = write_shard(&w, path, first, n, err);
		free(path);
		free(name);
	}
	if (rc == 0 && w.n_shards > 1)
		rc = write_index(&w, dir, err);
	weights_out_release(&w);
	return rc;
}

/* A configuration that is made here must say all that the model is. */
static int check_words(const struct model_config *c, struct err *err)
{
	const struct architecture *arch = c->arch;

	if (c->rope.kind == ROPE_FACTORS)
		return err_set(err, ERR_UNSUPPORTED,
			"the model's rotary positions have factors for which config.json has no name: write a .gguf "
			"file");
	if (arch->qkv_bias == USE_ASKED && arch->o_bias == USE_ASKED && c->qkv_bias != c->o_bias)
		return err_set(err, ERR_UNSUPPORTED,
			"of the model's attention a part has biases, and config.json can say so only of the whole: "
			"write a .gguf file");
	return 0;
}

int save_hf(const struct save *s, const char *dir, struct err *err)
{
	if (s->dir == NULL && check_words(s->config, err) != 0)
		return -1;
	if (write_weights(s, dir, err) != 0)
		return -1;
	return s->dir != NULL ? copy_files(s, dir, err) : make_files(s, dir, err);
}
