/* config.json: which members matter, what they may hold, and what their absence means. */
#include "model/config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "config_priv.h"
#include "store/file.h"
#include "store/json.h"

/* The activations that are computed, by all the names that they have; the first is what no name means. */
static const char *const gated_activations[] = {"silu", "swish", NULL};
static const char *const plain_activations[] = {"gelu_new", "gelu_pytorch_tanh", "gelu_fast", NULL};

static int read_type(struct model_config *c, const struct json_node *root, struct err *err)
{
	const char *type, *method = "another library";
	struct json_node quantised;
	char handled[128];

	if (json_get_str(root, "model_type", &type, err) != 0)
		return -1;
	c->arch = architecture_find(type);
	if (c->arch == NULL) {
		architecture_list(handled, sizeof(handled));
		return err_set(err, ERR_UNSUPPORTED, "%s: models of type '%s' are not handled; %s are", root->file,
			type, handled);
	}
	if (json_find(root, "quantization_config", &quantised)) {
		if (json_as_object(&quantised, err) != 0 || json_opt_str(&quantised, "quant_method", &method, err) != 0)
			return -1;
		return err_set(err, ERR_UNSUPPORTED,
			"%s: weights quantised by %s are not handled: take the model in F32, F16 or BF16, or as a "
			"GGUF file",
			root->file, method);
	}
	return 0;
}

static int read_activation(const struct model_config *c, const struct json_node *root, struct err *err)
{
	const char *const *handled = c->arch->names[PARAM_GATE] != NULL ? gated_activations : plain_activations;
	const char *act = handled[0];

	if (json_opt_str(root, c->arch->config.activation, &act, err) != 0)
		return -1;
	for (const char *const *name = handled; *name != NULL; name++) {
		if (strcmp(act, *name) == 0)
			return 0;
	}
	return err_set(
		err, ERR_UNSUPPORTED, "%s: the activation '%s' is not handled; '%s' is", root->file, act, handled[0]);
}

int config_check_sizes(const struct model_config *c, const char *file, struct err *err)
{
	if (c->heads % c->kv_heads != 0)
		return err_set(err, ERR_FORMAT, "%s: %zu attention heads cannot share %zu key-value heads evenly", file,
			c->heads, c->kv_heads);
	if (c->head_dim == 0)
		return err_set(err, ERR_FORMAT, "%s: a hidden size of %zu cannot be split evenly over %zu heads", file,
			c->hidden, c->heads);
	if (c->head_dim % 2 != 0 && c->arch->names[PARAM_POSITIONS] == NULL)
		return err_set(err, ERR_FORMAT, "%s: a head dimension of %zu is odd, and rotary positions turn pairs",
			file, c->head_dim);
	return 0;
}

/* A size that not every kind of model names. */
static int opt_size(
	const struct json_node *root, const char *name, size_t min, size_t max, size_t *value, struct err *err)
{
	return name == NULL ? 0 : json_opt_size(root, name, min, max, value, err);
}

static int read_sizes(struct model_config *c, const struct json_node *root, struct err *err)
{
	const struct architecture *arch = c->arch;
	const struct config_names *name = &arch->config;

	/* A width of 1 would make matrices look like vectors. */
	if (json_get_size(root, "vocab_size", 1, MAX_VOCAB, &c->vocab, err) != 0 ||
		json_get_size(root, name->hidden, 2, MAX_WIDTH, &c->hidden, err) != 0 ||
		json_get_size(root, name->layers, 1, MAX_LAYERS, &c->layers, err) != 0 ||
		json_get_size(root, name->heads, 1, MAX_HEADS, &c->heads, err) != 0 ||
		json_get_size(root, name->positions, 1, MAX_POSITIONS, &c->max_positions, err) != 0 ||
		json_get_double(root, name->norm_eps, 0, 1, &c->norm_eps, err) != 0)
		return -1;
	c->kv_heads = c->heads;
	c->head_dim = arch->head_dim;
	if (c->head_dim == 0 && c->hidden % c->heads == 0)
		c->head_dim = c->hidden / c->heads;
	if (json_opt_size(root, name->intermediate, 2, MAX_WIDTH, &c->intermediate, err) != 0 ||
		opt_size(root, name->kv_heads, 1, MAX_HEADS, &c->kv_heads, err) != 0 ||
		opt_size(root, name->head_dim, 1, MAX_WIDTH, &c->head_dim, err) != 0)
		return -1;
	if (c->intermediate == 0 && arch->names[PARAM_GATE] == NULL)
		c->intermediate = 4 * c->hidden;
	if (c->intermediate == 0)
		return json_get_size(root, name->intermediate, 2, MAX_WIDTH, &c->intermediate, err);
	return config_check_sizes(c, root->file, err);
}

static int read_window(struct model_config *c, const struct json_node *root, struct err *err)
{
	bool used = c->arch->window == USE_ALWAYS;
	size_t window = 0;

	if (json_opt_bool(root, "use_sliding_window", &used, err) != 0 ||
		json_opt_size(root, "sliding_window", 1, MAX_POSITIONS, &window, err) != 0)
		return -1;
	c->window = used && c->arch->window != USE_NEVER ? window : 0;
	return 0;
}

static bool is_used(enum usage usage, bool asked)
{
	return usage == USE_ALWAYS || (usage == USE_ASKED && asked);
}

static int read_flags(struct model_config *c, const struct json_node *root, struct err *err)
{
	bool attention = false, mlp = false;

	c->tied = c->arch->tied;
	if (json_opt_bool(root, "tie_word_embeddings", &c->tied, err) != 0 ||
		json_opt_bool(root, "attention_bias", &attention, err) != 0 ||
		json_opt_bool(root, "mlp_bias", &mlp, err) != 0)
		return -1;
	c->qkv_bias = is_used(c->arch->qkv_bias, attention);
	c->o_bias = is_used(c->arch->o_bias, attention);
	c->mlp_bias = is_used(c->arch->mlp_bias, mlp);
	return 0;
}

/* Each takes from `rope` what its kind of positions needs; `positions` are those of the model as it is. */
static int read_factor(struct rope_config *r, const struct json_node *rope, double positions, struct err *err)
{
	(void)positions;
	return json_get_double(rope, "factor", 1, 1e6, &r->factor, err);
}

static int read_plain(struct rope_config *r, const struct json_node *rope, double positions, struct err *err)
{
	(void)r, (void)rope, (void)positions, (void)err;
	return 0;
}

static int read_llama3(struct rope_config *r, const struct json_node *rope, double positions, struct err *err)
{
	if (read_factor(r, rope, positions, err) != 0 ||
		json_get_double(rope, "low_freq_factor", 1e-6, 1e6, &r->low_freq_factor, err) != 0 ||
		json_get_double(rope, "high_freq_factor", 1e-6, 1e6, &r->high_freq_factor, err) != 0 ||
		json_get_double(
			rope, "original_max_position_embeddings", 1, MAX_POSITIONS, &r->original_positions, err) != 0)
		return -1;
	if (r->high_freq_factor <= r->low_freq_factor)
		return json_refuse(rope, err, "must have a \"high_freq_factor\" above its \"low_freq_factor\"");
	return 0;
}

static int read_dynamic(struct rope_config *r, const struct json_node *rope, double positions, struct err *err)
{
	double original = positions;

	if (read_factor(r, rope, positions, err) != 0 ||
		json_opt_double(rope, "original_max_position_embeddings", 1, MAX_POSITIONS, &original, err) != 0)
		return -1;
	r->original_positions = fmin(original, positions);
	return 0;
}

/* How much larger attention's scores are for positions stretched by `factor`, as yarn has it. */
static double yarn_scale(double factor, double by)
{
	return factor <= 1 ? 1 : 0.1 * by * log(factor) + 1;
}

/* HF takes 0 for nothing said where a factor is optional. */
static int read_yarn(struct rope_config *r, const struct json_node *rope, double positions, struct err *err)
{
	double mscale = 0, all = 0;

	r->truncate = true;
	r->original_positions = positions;
	if (json_opt_double(rope, "original_max_position_embeddings", 1, MAX_POSITIONS, &r->original_positions, err) !=
			0 ||
		json_opt_double(rope, "factor", 1, 1e6, &r->factor, err) != 0 ||
		json_opt_double(rope, "attention_factor", 0, 1e6, &r->attention_factor, err) != 0 ||
		json_opt_double(rope, "beta_fast", 0, 1e6, &r->beta_fast, err) != 0 ||
		json_opt_double(rope, "beta_slow", 0, 1e6, &r->beta_slow, err) != 0 ||
		json_opt_double(rope, "mscale", 0, 1e6, &mscale, err) != 0 ||
		json_opt_double(rope, "mscale_all_dim", 0, 1e6, &all, err) != 0 ||
		json_opt_bool(rope, "truncate", &r->truncate, err) != 0)
		return -1;
	if (r->factor == 0)
		r->factor = positions / r->original_positions;
	if (r->beta_fast == 0)
		r->beta_fast = 32;
	if (r->beta_slow == 0)
		r->beta_slow = 1;
	if (r->beta_fast < r->beta_slow)
		return json_refuse(rope, err, "must not have a \"beta_fast\" below its \"beta_slow\"");
	if (r->attention_factor == 0)
		r->attention_factor = mscale != 0 && all != 0
					      ? yarn_scale(r->factor, mscale) / yarn_scale(r->factor, all)
					      : yarn_scale(r->factor, 1);
	return 0;
}

static const struct {
	const char *name;
	enum rope_kind kind;
	int (*read)(struct rope_config *r, const struct json_node *rope, double positions, struct err *err);
} ropes[] = {
	{"default", ROPE_PLAIN, read_plain},
	{"linear", ROPE_LINEAR, read_factor},
	{"dynamic", ROPE_DYNAMIC, read_dynamic},
	{"yarn", ROPE_YARN, read_yarn},
	{"llama3", ROPE_LLAMA3, read_llama3},
};

static int read_rope_kind(struct rope_config *r, const struct json_node *rope, double positions, struct err *err)
{
	const char *type = "default";

	if (json_opt_double(rope, "rope_theta", 1, 1e12, &r->theta, err) != 0 ||
		json_opt_str(rope, "type", &type, err) != 0 || json_opt_str(rope, "rope_type", &type, err) != 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(ropes); i++) {
		if (strcmp(type, ropes[i].name) == 0) {
			r->kind = ropes[i].kind;
			return ropes[i].read(r, rope, positions, err);
		}
	}
	return err_set(err, ERR_UNSUPPORTED,
		"%s: rotary positions of type '%s' are not handled; default, linear, dynamic, yarn and llama3 are",
		rope->file, type);
}

/* Of every head the first part alone turned: not computed. */
static int check_partial(const struct json_node *node, struct err *err)
{
	double part = 1;

	if (json_opt_double(node, "partial_rotary_factor", 0, 1, &part, err) != 0)
		return -1;
	if (part != 1)
		return err_set(err, ERR_UNSUPPORTED,
			"%s: a \"partial_rotary_factor\" of %g is not handled: heads are turned as a whole", node->file,
			part);
	return 0;
}

/* Older files have rope_theta and rope_scaling with "type" or "rope_type"; newer ones put all into rope_parameters. */
static int read_rope(struct model_config *c, const struct json_node *root, struct err *err)
{
	struct rope_config *r = &c->rope;
	struct json_node rope;

	if (c->arch->names[PARAM_POSITIONS] != NULL)
		return 0;
	*r = (struct rope_config){.kind = ROPE_PLAIN, .theta = 10000};
	if (json_opt_double(root, "rope_theta", 1, 1e12, &r->theta, err) != 0 || check_partial(root, err) != 0)
		return -1;
	if (!json_find(root, "rope_parameters", &rope) && !json_find(root, "rope_scaling", &rope))
		return 0;
	if (json_as_object(&rope, err) != 0 || check_partial(&rope, err) != 0)
		return -1;
	return read_rope_kind(r, &rope, (double)c->max_positions, err);
}

/* What GPT-2's configurations may ask for beside all that, and what it is where they do not say. Keys that are divided
 * in another order, or in double, give the same values. */
static int check_attention(const struct model_config *c, const struct json_node *root, struct err *err)
{
	static const struct {
		const char *name;
		bool handled;
	} flags[] = {
		{"scale_attn_weights", true},
		{"scale_attn_by_inverse_layer_idx", false},
		{"add_cross_attention", false},
	};

	for (size_t i = 0; c->arch->norm == NORM_LAYER && i < ARRAY_LEN(flags); i++) {
		bool value = flags[i].handled;

		if (json_opt_bool(root, flags[i].name, &value, err) != 0)
			return -1;
		if (value != flags[i].handled)
			return err_set(err, ERR_UNSUPPORTED, "%s: \"%s\" as %s is not handled", root->file,
				flags[i].name, value ? "true" : "false");
	}
	return 0;
}

static int read_token(const struct model_config *c, const struct json_node *node, uint32_t *token, struct err *err)
{
	size_t id;

	if (json_as_size(node, 0, c->vocab - 1, &id, err) != 0)
		return -1;
	*token = (uint32_t)id;
	return 0;
}

static int read_eos(struct model_config *c, const struct json_node *root, struct err *err)
{
	struct json_node eos;
	size_t n;

	if (!json_find(root, "eos_token_id", &eos))
		return 0;
	if (!json_is_array(eos.value)) {
		c->n_eos = 1;
		return read_token(c, &eos, &c->eos[0], err);
	}
	if (json_as_array(&eos, &n, err) != 0)
		return -1;
	if (n > CONFIG_MAX_EOS)
		return json_refuse(&eos, err, "lists %zu tokens, and %d are handled", n, CONFIG_MAX_EOS);
	for (size_t i = 0; i < n; i++) {
		struct json_node element = json_element(&eos, i);

		if (read_token(c, &element, &c->eos[i], err) != 0)
			return -1;
	}
	c->n_eos = n;
	return 0;
}

static int read_special_tokens(struct model_config *c, const struct json_node *root, struct err *err)
{
	struct json_node bos;

	c->bos = UINT32_MAX;
	if (json_find(root, "bos_token_id", &bos) && read_token(c, &bos, &c->bos, err) != 0)
		return -1;
	return read_eos(c, root, err);
}

static int read_config(struct model_config *c, const struct json_node *root, struct err *err)
{
	if (json_as_object(root, err) != 0 || read_type(c, root, err) != 0 || read_activation(c, root, err) != 0 ||
		read_sizes(c, root, err) != 0 || read_window(c, root, err) != 0 || read_flags(c, root, err) != 0 ||
		read_rope(c, root, err) != 0 || check_attention(c, root, err) != 0)
		return -1;
	return read_special_tokens(c, root, err);
}

static int read_generation_config(struct model_config *c, const char *path, struct err *err)
{
	struct json_doc doc = {0};
	int rc = -1;

	if (!file_exists(path))
		return 0;
	if (json_doc_read(&doc, path, err) == 0 && json_as_object(&doc.root, err) == 0)
		rc = read_eos(c, &doc.root, err);
	json_doc_release(&doc);
	return rc;
}

int model_config_read(struct model_config *c, const char *dir, struct err *err)
{
	char *path = file_join(dir, "config.json"), *generation = file_join(dir, "generation_config.json");
	struct json_doc doc = {0};
	int rc = -1;

	*c = (struct model_config){0};
	if (json_doc_read(&doc, path, err) != 0 || read_config(c, &doc.root, err) != 0)
		goto out;
	if (c->n_eos == 0 && read_generation_config(c, generation, err) != 0)
		goto out;
	rc = 0;
out:
	json_doc_release(&doc);
	free(path);
	free(generation);
	return rc;
}

size_t model_config_longest(const struct model_config *c)
{
	if (c->arch->names[PARAM_POSITIONS] != NULL)
		return c->max_positions;
	if (c->rope.kind == ROPE_DYNAMIC && (c->window == 0 || c->window > c->rope.original_positions))
		return (size_t)c->rope.original_positions;
	return c->window;
}
