/*
 * adapter_config.json. PEFT takes most keys of a LoRA configuration into account when it makes an adapter and few when
 * it runs one; those that change what a finished adapter computes are followed or refused, the others are passed over.
 */
#include "adapter_config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/json.h"

#define MAX_NAMES 10000 /* of one list: a name for every matrix of a large model, and some */
#define MAX_ALPHA 1e6
#define MAX_DROPOUT 0.999

#define ALL_LINEAR "all-linear"

bool adapter_fits(const char *module, const char *key)
{
	size_t n = strlen(module), k = strlen(key);

	return n >= k && strcmp(module + n - k, key) == 0 && (n == k || module[n - k - 1] == '.');
}

void adapter_module(char module[ADAPTER_NAME_MAX], const struct param *p)
{
	size_t len = strlen(p->name) - strlen(".weight");

	memcpy(module, p->name, len);
	module[len] = '\0';
}

static void release_modules(struct adapter_modules *m)
{
	vec_release(&m->names);
	regex_free(m->expr);
}

static void release_patterns(struct adapter_patterns *p)
{
	for (size_t i = 0; i < p->n; i++)
		regex_free(p->at[i].expr);
	vec_release(p);
}

void adapter_spec_release(struct adapter_spec *s)
{
	release_modules(&s->targets);
	release_modules(&s->excluded);
	vec_release(&s->layers);
	release_patterns(&s->ranks);
	release_patterns(&s->alphas);
	vec_release(&s->saved);
	json_decref(s->source);
	arena_release(&s->arena);
	*s = (struct adapter_spec){0};
}

static bool fits_one(const char *module, const struct adapter_names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		if (adapter_fits(module, names->at[i]))
			return true;
	}
	return false;
}

static bool is_one(const char *module, const struct adapter_names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		if (strcmp(module, names->at[i]) == 0)
			return true;
	}
	return false;
}

static bool names_layer(const struct adapter_spec *s, size_t layer)
{
	for (size_t i = 0; i < s->layers.n; i++) {
		if (s->layers.at[i] == layer)
			return true;
	}
	return s->layers.n == 0;
}

/* Is the module, or one that it is in, ended by the key? */
static enum adapter_keeps keeps(const char *name, const char *key)
{
	enum adapter_keeps best = KEEPS_NOT;
	size_t k = strlen(key);

	for (const char *at = strstr(name, key); k > 0 && at != NULL; at = strstr(at + 1, key)) {
		if (at[k] != '.')
			continue;
		if (at == name || at[-1] == '.')
			return KEEPS_SURELY;
		best = KEEPS_PERHAPS;
	}
	return best;
}

enum adapter_keeps adapter_spec_keeps(const struct adapter_spec *s, const char *name)
{
	enum adapter_keeps best = KEEPS_NOT;

	for (size_t i = 0; i < s->saved.n; i++) {
		enum adapter_keeps k = keeps(name, s->saved.at[i]);

		best = k > best ? k : best;
	}
	return best;
}

static int fits(struct adapter_modules *m, const char *module, bool *found, struct err *err)
{
	if (m->expr != NULL)
		return regex_whole(m->expr, module, found, err);
	*found = fits_one(module, &m->names);
	return 0;
}

int adapter_spec_takes(struct adapter_spec *s, const char *module, size_t layer, bool *takes, struct err *err)
{
	bool excluded, found;
	char name[ADAPTER_NAME_MAX + 8];

	snprintf(name, sizeof(name), "%s.weight", module);
	if (fits(&s->excluded, module, &excluded, err) != 0 || fits(&s->targets, module, &found, err) != 0)
		return -1;
	if (s->targets.expr == NULL)
		found = found && (is_one(module, &s->targets.names) || names_layer(s, layer));
	*takes = found && !excluded && adapter_spec_keeps(s, name) != KEEPS_SURELY;
	return 0;
}

static int by_pattern(struct adapter_patterns *p, const char *module, double *value, struct err *err)
{
	for (size_t i = 0; i < p->n; i++) {
		bool found;

		if (regex_whole(p->at[i].expr, module, &found, err) != 0)
			return -1;
		if (found) {
			*value = p->at[i].value;
			return 0;
		}
	}
	return 0;
}

int adapter_spec_size(struct adapter_spec *s, const char *module, size_t *r, double *alpha, struct err *err)
{
	double rank = (double)s->config.r;

	*alpha = s->config.alpha;
	if (by_pattern(&s->ranks, module, &rank, err) != 0 || by_pattern(&s->alphas, module, alpha, err) != 0)
		return -1;
	*r = (size_t)rank;
	return 0;
}

/* A name as modules have them. */
static bool is_plain(const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";

	return *name != '\0' && name[strspn(name, plain)] == '\0';
}

/* Takes the names between commas apart, into s->targets. */
static int split_targets(struct adapter_spec *s, const char *list, const struct architecture *arch, struct err *err)
{
	if (strcmp(list, ALL_LINEAR) == 0)
		list = arch->linear;
	for (;;) {
		size_t len = strcspn(list, ",");
		const char *name = arena_strndup(&s->arena, list, len);

		if (!is_plain(name))
			return err_set(err, ERR_VALUE,
				"adapter target '%s' is not a module's name: a list such as %s is wanted, "
				"or " ALL_LINEAR,
				name, arch->linear);
		vec_push(&s->targets.names, name);
		if (list[len] == '\0')
			return 0;
		list += len + 1;
	}
}

int adapter_spec_init(
	struct adapter_spec *s, const struct adapter_config *config, const struct architecture *arch, struct err *err)
{
	*s = (struct adapter_spec){.config = *config};
	s->config.targets = NULL;
	if (config->r == 0 || config->r > ADAPTER_MAX_R)
		return err_set(
			err, ERR_VALUE, "an adapter of rank %zu: it must be from 1 to %zu", config->r, ADAPTER_MAX_R);
	if (!(fabs(config->alpha) <= MAX_ALPHA))
		return err_set(err, ERR_VALUE, "an adapter of alpha %g: it must be a number up to %g", config->alpha,
			MAX_ALPHA);
	if (!(config->dropout >= 0 && config->dropout <= MAX_DROPOUT))
		return err_set(err, ERR_VALUE, "an adapter's dropout of %g: it must be from 0 to %g", config->dropout,
			MAX_DROPOUT);
	return split_targets(s, config->targets != NULL ? config->targets : arch->targets, arch, err);
}

/* Keys whose mere use changes what is computed, in a way that is not computed here. What is listed as falsy in Python
 * (null, false, 0, "", [], {}) means that a key is not used. */
static const struct {
	const char *key, *what;
} refused[] = {
	{"use_dora", "DoRA's magnitudes are not computed"},
	{"use_qalora", "QALoRA's pooled inputs are not computed"},
	{"lora_bias", "biases of B are not computed"},
	{"trainable_token_indices",
		"embeddings that were trained are not taken over: merge the adapter into the model"},
	{"target_parameters", "adapted parameters outside linear layers are not computed"},
	{"layer_replication", "replicated layers are not computed"},
	{"alora_invocation_tokens", "adapters that tokens switch on are not computed"},
	{"arrow_config", "mixtures of adapters are not computed"},
};

static bool is_falsy(const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return json_object_size(v) == 0;
	case JSON_ARRAY:
		return json_array_size(v) == 0;
	case JSON_STRING:
		return json_string_length(v) == 0;
	case JSON_INTEGER:
	case JSON_REAL:
		return json_number_value(v) == 0;
	default:
		return !json_is_true(v);
	}
}

static int unsupported(const struct json_node *node, struct err *err, const char *what)
{
	json_refuse(node, err, "is set: %s", what);
	err->code = ERR_UNSUPPORTED;
	return -1;
}

/* Ways to begin that took something away from the base's own weights, which it would have to lack here too. */
static int check_beginning(const struct json_node *root, struct err *err)
{
	static const char *const fine[] = {"gaussian", "orthogonal", "eva"};
	struct json_node node;
	const char *name;

	if (!json_find(root, "init_lora_weights", &node) || json_is_boolean(node.value))
		return 0;
	if (json_as_str(&node, &name, NULL, err) != 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(fine); i++) {
		if (strcmp(name, fine[i]) == 0)
			return 0;
	}
	json_refuse(&node, err,
		"is '%.40s', which changes the base model's weights too: convert it to a plain adapter "
		"with PEFT (path_initial_model_for_weight_conversion)",
		name);
	err->code = ERR_UNSUPPORTED;
	return -1;
}

static int check_kind(const struct json_node *root, struct err *err)
{
	const char *type, *bias = "none";
	struct json_node node;

	if (json_get_str(root, "peft_type", &type, err) != 0 || json_opt_str(root, "bias", &bias, err) != 0)
		return -1;
	if (strcmp(type, "LORA") != 0)
		return err_set(
			err, ERR_UNSUPPORTED, "%s: \"peft_type\" is '%.40s': only LORA is handled", root->file, type);
	if (strcmp(bias, "none") != 0)
		return err_set(err, ERR_UNSUPPORTED,
			"%s: \"bias\" is '%.40s': biases that were trained are not taken over: merge it into the model",
			root->file, bias);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		if (json_find(root, refused[i].key, &node) && !is_falsy(node.value))
			return unsupported(&node, err, refused[i].what);
	}
	return check_beginning(root, err);
}

static int add_names(struct adapter_spec *s, struct adapter_names *names, const struct json_node *list, struct err *err)
{
	size_t n;

	if (json_as_array(list, &n, err) != 0)
		return -1;
	if (n > MAX_NAMES)
		return json_refuse(list, err, "has %zu names, more than %d", n, MAX_NAMES);
	for (size_t i = 0; i < n; i++) {
		struct json_node node = json_element(list, i);
		const char *name;

		if (json_as_str(&node, &name, NULL, err) != 0)
			return -1;
		if (*name == '\0')
			return json_refuse(&node, err, "is empty, where a module's name is wanted");
		vec_push(names, arena_strdup(&s->arena, name));
	}
	return 0;
}

/* An expression that is no valid one is told with its place. */
static int compile(struct regex **expr, const char *text, const struct json_node *node, struct err *err)
{
	struct err why;

	if (regex_new(expr, text, &why) == 0)
		return 0;
	json_refuse(node, err, "is not understood: %s", why.msg);
	err->code = why.code;
	return -1;
}

/* A string is an expression for the whole name, a list holds names. */
static int read_modules(
	struct adapter_spec *s, struct adapter_modules *m, const struct json_node *node, struct err *err)
{
	if (!json_is_string(node->value))
		return add_names(s, &m->names, node, err);
	if (json_as_str(node, &m->text, NULL, err) != 0)
		return -1;
	m->text = arena_strdup(&s->arena, m->text);
	return compile(&m->expr, m->text, node, err);
}

static int read_targets(
	struct adapter_spec *s, const struct json_node *root, const struct architecture *arch, struct err *err)
{
	struct json_node node;

	if (json_get(root, "target_modules", &node, err) != 0)
		return -1;
	if (json_is_string(node.value) && strcmp(json_string_value(node.value), ALL_LINEAR) == 0)
		return split_targets(s, ALL_LINEAR, arch, err);
	if (read_modules(s, &s->targets, &node, err) != 0)
		return -1;
	if (is_falsy(node.value))
		return json_refuse(root, err, "names no module in \"target_modules\"");
	return 0;
}

static int read_excluded(struct adapter_spec *s, const struct json_node *root, struct err *err)
{
	struct json_node node;

	if (!json_find(root, "exclude_modules", &node) || is_falsy(node.value))
		return 0;
	return read_modules(s, &s->excluded, &node, err);
}

static int read_saved(struct adapter_spec *s, const struct json_node *root, struct err *err)
{
	struct json_node node;

	if (json_opt_bool(root, "ensure_weight_tying", &s->keeps_tied, err) != 0)
		return -1;
	if (!json_find(root, "modules_to_save", &node) || is_falsy(node.value))
		return 0;
	return add_names(s, &s->saved, &node, err);
}

/* The list that the layers stand in: any, or among others the one that this kind of model has. */
static int check_layers_pattern(const struct json_node *root, const struct architecture *arch, struct err *err)
{
	struct json_node node;
	size_t n;

	if (!json_find(root, "layers_pattern", &node) || is_falsy(node.value))
		return 0;
	n = json_is_array(node.value) ? json_array_size(node.value) : 1;
	for (size_t i = 0; i < n; i++) {
		struct json_node one = json_is_array(node.value) ? json_element(&node, i) : node;

		if (json_is_string(one.value) && strcmp(json_string_value(one.value), arch->layers) == 0)
			return 0;
	}
	json_refuse(&node, err, "does not name \"%s\", in which the layers of this kind of model stand", arch->layers);
	err->code = ERR_UNSUPPORTED;
	return -1;
}

static int add_layer(struct adapter_spec *s, const struct json_node *node, struct err *err)
{
	size_t layer = 0;

	if (json_as_size(node, 0, MAX_NAMES, &layer, err) != 0)
		return -1;
	vec_push(&s->layers, layer);
	return 0;
}

static int read_layers(
	struct adapter_spec *s, const struct json_node *root, const struct architecture *arch, struct err *err)
{
	struct json_node node;
	size_t n;

	if (!json_find(root, "layers_to_transform", &node))
		return 0;
	if (s->targets.expr != NULL)
		return json_refuse(&node, err, "goes with a list of \"target_modules\", not with an expression");
	if (check_layers_pattern(root, arch, err) != 0)
		return -1;
	if (!json_is_array(node.value))
		return add_layer(s, &node, err);
	n = json_array_size(node.value);
	if (n > MAX_NAMES)
		return json_refuse(&node, err, "has %zu numbers, more than %d", n, MAX_NAMES);
	for (size_t i = 0; i < n; i++) {
		struct json_node layer = json_element(&node, i);

		if (add_layer(s, &layer, err) != 0)
			return -1;
	}
	return 0;
}

static int compile_end(struct regex **expr, const char *text, const struct json_node *node, struct err *err)
{
	char *whole = xasprintf("(.*\\.)?(%s)", text);
	int rc = compile(expr, whole, node, err);

	free(whole);
	return rc;
}

/* rank_pattern or alpha_pattern: {"k_proj": 16, ".*\\.0\\..*q_proj": 4}: expressions for the end of a name, from a dot
 * on, or for all of it. */
static int read_patterns(
	struct adapter_patterns *patterns, const struct json_node *root, const char *key, bool ranks, struct err *err)
{
	struct json_node node;
	const char *name;
	json_t *value;

	if (!json_find(root, key, &node))
		return 0;
	if (json_as_object(&node, err) != 0)
		return -1;
	if (json_object_size(node.value) > MAX_NAMES)
		return json_refuse(&node, err, "has more than %d members", MAX_NAMES);
	json_object_foreach(node.value, name, value) {
		struct json_node child = json_child(&node, name, value);
		struct adapter_pattern p = {0};
		size_t r = 0;

		if (ranks ? json_as_size(&child, 1, ADAPTER_MAX_R, &r, err)
			  : json_as_double(&child, -MAX_ALPHA, MAX_ALPHA, &p.value, err))
			return -1;
		if (ranks)
			p.value = (double)r;
		if (compile_end(&p.expr, name, &child, err) != 0)
			return -1;
		vec_push(patterns, p);
	}
	return 0;
}

static int read_spec(
	struct adapter_spec *s, const struct json_node *root, const struct architecture *arch, struct err *err)
{
	struct adapter_config *c = &s->config;

	if (json_as_object(root, err) != 0 || check_kind(root, err) != 0)
		return -1;
	if (json_get_size(root, "r", 1, ADAPTER_MAX_R, &c->r, err) != 0 ||
		json_get_double(root, "lora_alpha", -MAX_ALPHA, MAX_ALPHA, &c->alpha, err) != 0 ||
		json_opt_double(root, "lora_dropout", 0, MAX_DROPOUT, &c->dropout, err) != 0 ||
		json_opt_bool(root, "use_rslora", &c->rslora, err) != 0)
		return -1;
	if (read_targets(s, root, arch, err) != 0 || read_excluded(s, root, err) != 0 ||
		read_saved(s, root, err) != 0 || read_layers(s, root, arch, err) != 0)
		return -1;
	if (read_patterns(&s->ranks, root, "rank_pattern", true, err) != 0)
		return -1;
	return read_patterns(&s->alphas, root, "alpha_pattern", false, err);
}

int adapter_spec_read(struct adapter_spec *s, const char *path, const struct architecture *arch, struct err *err)
{
	struct json_doc doc;
	int rc;

	*s = (struct adapter_spec){0};
	rc = json_doc_read(&doc, path, err);
	if (rc == 0)
		rc = read_spec(s, &doc.root, arch, err);
	if (rc == 0 && !doc.root.int_as_real)
		s->source = json_incref(doc.json);
	json_doc_release(&doc);
	return rc;
}

/* A whole number as one, as PEFT writes its own. */
static json_t *number(double x)
{
	return x == floor(x) ? json_integer((json_int_t)x) : json_real(x);
}

static json_t *names_of(const char *list)
{
	json_t *names = json_array();

	for (;;) {
		size_t len = strcspn(list, ",");

		json_array_append_new(names, json_stringn(list, len));
		if (list[len] == '\0')
			return names;
		list += len + 1;
	}
}

/* Ranks and alphas of the matrices that do not have the common ones. */
static void add_patterns(const struct adapter *a, json_t *ranks, json_t *alphas)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct lora *l = &a->at[i];
		char module[ADAPTER_NAME_MAX];

		adapter_module(module, l->param);
		if (l->r != a->config.r)
			json_object_set_new(ranks, module, json_integer((json_int_t)l->r));
		if (l->alpha != a->config.alpha)
			json_object_set_new(alphas, module, number(l->alpha));
	}
}

/* What the file said, and whose adapter it is where it did not say. */
static json_t *as_it_was(const struct adapter *a, const char *base)
{
	json_t *root = json_deep_copy(a->source);
	const json_t *named = json_object_get(root, "base_model_name_or_path");

	if (named == NULL || is_falsy(named))
		json_object_set_new(root, "base_model_name_or_path", json_string(base));
	return root;
}

static json_t *as_peft_begins(const struct adapter *a, const char *base)
{
	static const char *const nulls[] = {"auto_mapping", "corda_config", "eva_config", "exclude_modules",
		"layer_replication", "layers_pattern", "layers_to_transform", "megatron_config", "modules_to_save",
		"revision", "trainable_token_indices"};
	static const char *const falses[] = {"lora_bias", "use_dora"};
	static const char *const trues[] = {"inference_mode", "init_lora_weights"};
	const struct adapter_config *c = &a->config;
	json_t *ranks = json_object(), *alphas = json_object(), *root;

	add_patterns(a, ranks, alphas);
	root = json_pack("{s:s, s:s, s:s, s:s, s:s, s:{}, s:o, s:o, s:o, s:I, s:o, s:f, s:b, s:b}",
		"base_model_name_or_path", base, "bias", "none", "megatron_core", "megatron.core", "peft_type", "LORA",
		"task_type", "CAUSAL_LM", "loftq_config", "rank_pattern", ranks, "alpha_pattern", alphas,
		"target_modules", names_of(c->targets), "r", (json_int_t)c->r, "lora_alpha", number(c->alpha),
		"lora_dropout", c->dropout, "use_rslora", (int)c->rslora, "fan_in_fan_out", (int)a->arch->conv1d);
	for (size_t i = 0; root != NULL && i < ARRAY_LEN(nulls); i++)
		json_object_set_new(root, nulls[i], json_null());
	for (size_t i = 0; root != NULL && i < ARRAY_LEN(falses); i++)
		json_object_set_new(root, falses[i], json_false());
	for (size_t i = 0; root != NULL && i < ARRAY_LEN(trues); i++)
		json_object_set_new(root, trues[i], json_true());
	return root;
}

int adapter_config_write(const struct adapter *a, const char *path, const char *base, struct err *err)
{
	json_t *root = a->source != NULL ? as_it_was(a, base) : as_peft_begins(a, base);
	int rc;

	if (root == NULL)
		return err_set(err, ERR_VALUE, "'%s' is not valid UTF-8 and cannot be named in '%s'", base, path);
	rc = json_write(path, root, JSON_SORT_KEYS, err);
	json_decref(root);
	return rc;
}
