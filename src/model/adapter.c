/* LoRA adapters: which matrices they stand beside, and where their values are. */
#include "model/adapter.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter_config.h"
#include "adapter_saved.h"
#include "base/buf.h"
#include "base/mem.h"
#include "store/file.h"

void adapter_tensor_name(char name[ADAPTER_NAME_MAX], const struct lora *l, bool is_b)
{
	char module[ADAPTER_NAME_MAX];

	adapter_module(module, l->param);
	snprintf(name, ADAPTER_NAME_MAX, "base_model.model.%.120s.lora_%c.weight", module, is_b ? 'B' : 'A');
}

void adapter_release(struct adapter *a)
{
	free(a->config.targets);
	free(a->at);
	free(a->of);
	for (size_t i = 0; i < a->n_saved; i++)
		free(a->saved[i].turned);
	free(a->saved);
	json_decref(a->source);
	safetensors_release(&a->file);
	*a = (struct adapter){0};
}

static void add(struct adapter *a, const struct params *params, const struct param *p, size_t r, double alpha)
{
	struct lora *l = &a->at[a->n++];

	*l = (struct lora){
		.param = p,
		.a = {.dtype = DTYPE_F32, .dims = 2, .shape = {r, p->cols}},
		.b = {.dtype = DTYPE_F32, .dims = 2, .shape = {p->rows, r}},
		.r = r,
		.alpha = alpha,
		.scale = (float)(alpha / (a->config.rslora ? sqrt((double)r) : (double)r)),
	};
	a->of[p - params->at] = l;
}

static const enum param_role outer[] = {PARAM_EMBED, PARAM_POSITIONS, PARAM_HEAD};

/* The module of an embedding or of the output matrix; false where this kind of model has none. */
static bool outer_module(char module[ADAPTER_NAME_MAX], const struct architecture *arch, enum param_role role)
{
	const char *name = arch->names[role];

	if (name == NULL)
		return false;
	snprintf(module, ADAPTER_NAME_MAX, "%s%.*s", role == PARAM_HEAD ? "" : arch->prefix,
		(int)(strlen(name) - strlen(".weight")), name);
	return true;
}

/* A name that was misspelt would otherwise go unseen. */
static int check_target(const char *target, const struct params *params, struct err *err)
{
	char module[ADAPTER_NAME_MAX];

	for (size_t i = 0; i < params->n; i++) {
		if (!role_is_map(params->at[i].role))
			continue;
		adapter_module(module, &params->at[i]);
		if (adapter_fits(module, target))
			return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(outer); i++) {
		if (outer_module(module, params->arch, outer[i]) && adapter_fits(module, target))
			return 0;
	}
	return err_set(err, ERR_VALUE, "adapter target '%.100s' names no matrix of the model's layers; those are %s",
		target, params->arch->linear);
}

static int check_targets(const struct adapter_spec *s, const struct params *params, struct err *err)
{
	for (size_t i = 0; i < s->targets.names.n; i++) {
		if (check_target(s->targets.names.at[i], params, err) != 0)
			return -1;
	}
	return 0;
}

/* Embeddings and output matrix are not adapted: what takes them, and neither excludes nor saves them, is refused. */
static int check_outer(struct adapter_spec *s, const struct params *params, struct err *err)
{
	const struct architecture *arch = params->arch;

	for (size_t i = 0; i < ARRAY_LEN(outer); i++) {
		char module[ADAPTER_NAME_MAX];
		bool takes;

		if (!outer_module(module, arch, outer[i]))
			continue;
		if (adapter_spec_takes(s, module, PARAM_NO_LAYER, &takes, err) != 0)
			return -1;
		if (takes)
			return err_set(err, s->source != NULL ? ERR_UNSUPPORTED : ERR_VALUE,
				"an adapter beside '%s' is not computed, only those beside the layers' matrices (%s)%s",
				module, arch->linear,
				s->source != NULL ? ": merge it into the model with PEFT's merge_and_unload" : "");
	}
	return 0;
}

static int check_spec(struct adapter_spec *s, const struct params *params, struct err *err)
{
	if (check_outer(s, params, err) != 0 || (s->source == NULL && check_targets(s, params, err) != 0))
		return -1;
	for (size_t i = 0; i < s->layers.n; i++) {
		if (s->layers.at[i] >= params->n_layers)
			return err_set(err, ERR_VALUE, "the adapter is of layer %zu too, and the model has %zu, from 0",
				s->layers.at[i], params->n_layers);
	}
	return 0;
}

/* The targets as config holds them; the full names where not every matrix that they fit is adapted. */
static char *target_list(const struct adapter *a, const struct adapter_spec *s)
{
	bool some = s->layers.n > 0 || s->excluded.names.n > 0 || s->excluded.expr != NULL || s->saved.n > 0;
	size_t n = some ? a->n : s->targets.names.n;
	struct buf list = {0};

	if (s->targets.expr != NULL)
		return xstrdup(s->targets.text);
	for (size_t i = 0; i < n; i++) {
		char module[ADAPTER_NAME_MAX];

		if (some)
			adapter_module(module, a->at[i].param);
		buf_addf(&list, "%s%s", i > 0 ? "," : "", some ? module : s->targets.names.at[i]);
	}
	return buf_detach(&list);
}

/* Chooses the matrices; the data is not there yet. */
static int choose(struct adapter *a, struct adapter_spec *s, const struct params *params, struct err *err)
{
	*a = (struct adapter){.arch = params->arch, .config = s->config};
	a->at = mem_try_alloc(params->n, sizeof(*a->at), true, "the adapter's table", err);
	a->of = mem_try_alloc(params->n, sizeof(*a->of), true, "the adapter's table", err);
	if (a->at == NULL || a->of == NULL || check_spec(s, params, err) != 0)
		return -1;
	for (size_t i = 0; i < params->n; i++) {
		const struct param *p = &params->at[i];
		char module[ADAPTER_NAME_MAX];
		bool takes;
		double alpha;
		size_t r;

		if (!role_is_map(p->role))
			continue;
		adapter_module(module, p);
		if (adapter_spec_takes(s, module, p->layer, &takes, err) != 0)
			return -1;
		if (!takes)
			continue;
		if (adapter_spec_size(s, module, &r, &alpha, err) != 0)
			return -1;
		add(a, params, p, r, alpha);
	}
	/* One list of targets may serve several kinds of models: of a file it is enough, as in PEFT, that one fits. */
	if (a->n == 0 && check_targets(s, params, err) != 0)
		return -1;
	if (a->n == 0)
		return err_set(err, ERR_VALUE, "the adapter leaves out every matrix that its targets name");
	a->config.targets = target_list(a, s);
	a->source = json_incref(s->source);
	return 0;
}

int adapter_init(struct adapter *a, const struct adapter_config *config, const struct params *params, struct err *err)
{
	struct adapter_spec spec;
	int rc;

	*a = (struct adapter){0};
	rc = adapter_spec_init(&spec, config, params->arch, err);
	if (rc == 0)
		rc = choose(a, &spec, params, err);
	if (rc != 0)
		adapter_release(a);
	adapter_spec_release(&spec);
	return rc;
}

int adapter_like(struct adapter *a, const struct adapter *other, const struct params *params, struct err *err)
{
	*a = (struct adapter){.arch = params->arch, .config = other->config, .source = json_incref(other->source)};
	a->config.targets = xstrdup(other->config.targets);
	a->at = mem_try_alloc(other->n, sizeof(*a->at), true, "the adapter's table", err);
	a->of = mem_try_alloc(params->n, sizeof(*a->of), true, "the adapter's table", err);
	if (a->at == NULL || a->of == NULL) {
		adapter_release(a);
		return -1;
	}
	for (size_t i = 0; i < other->n; i++)
		add(a, params, other->at[i].param, other->at[i].r, other->at[i].alpha);
	return 0;
}

/* The ways in which adapters name a tensor: with or without PEFT's own prefix, of a model with or without its head, and
 * with the name that PEFT gives an adapter in memory. */
static const char *stored_name(const struct safetensors *file, const char *prefix, const struct lora *l, bool is_b)
{
	static const char *const prefixes[] = {"base_model.model.", ""};
	static const char *const endings[] = {".weight", ".default.weight"};
	char module[ADAPTER_NAME_MAX], name[2 * ADAPTER_NAME_MAX];

	adapter_module(module, l->param);
	for (size_t i = 0; i < 2 * ARRAY_LEN(prefixes) * ARRAY_LEN(endings); i++) {
		const struct safetensors_entry *entry;

		snprintf(name, sizeof(name), "%s%s.lora_%c%s", prefixes[i / 4],
			i / 2 % 2 == 0 ? module : module + strlen(prefix), is_b ? 'B' : 'A', endings[i % 2]);
		entry = safetensors_find(file, name);
		if (entry != NULL)
			return entry->name;
	}
	return NULL;
}

static int bind_one(struct tensor *t, const struct safetensors *file, const char *prefix, const struct lora *l,
	bool is_b, bool *used, struct err *err)
{
	const char *name = stored_name(file, prefix, l, is_b);
	const struct safetensors_entry *entry;

	if (name == NULL) {
		char wanted[ADAPTER_NAME_MAX];

		adapter_tensor_name(wanted, l, is_b);
		return err_set(err, ERR_FORMAT, "%s: tensor '%s' is missing, and adapter_config.json calls for it",
			file->files.at[0].path, wanted);
	}
	entry = safetensors_find(file, name);
	used[entry - file->entries.at] = true;
	if (entry->dims != 2 || memcmp(entry->shape, t->shape, 2 * sizeof(*t->shape)) != 0) {
		char found[128], wanted[64];

		shape_text(found, sizeof(found), entry->shape, entry->dims);
		shape_text(wanted, sizeof(wanted), t->shape, 2);
		return err_set(err, ERR_FORMAT,
			"%s: tensor '%s' has the shape %s, and for this model and rank %zu it must be %s",
			file->files.at[0].path, name, found, l->r, wanted);
	}
	return safetensors_tensor(file, name, t, err);
}

static int bind(struct adapter *a, const struct adapter_spec *s, const struct params *params, struct err *err)
{
	const struct safetensors *file = &a->file;
	const char *prefix = params->arch->prefix;
	bool *used = mem_try_alloc(file->entries.n, sizeof(*used), true, "the list of tensors", err);
	int rc = -1;

	if (used == NULL)
		return -1;
	for (size_t i = 0; i < a->n; i++) {
		struct lora *l = &a->at[i];

		if (bind_one(&l->a, file, prefix, l, false, used, err) != 0 ||
			bind_one(&l->b, file, prefix, l, true, used, err) != 0)
			goto out;
	}
	if (adapter_saved_bind(a, s, params, used, err) != 0)
		goto out;
	for (size_t i = 0; i < file->entries.n; i++) {
		if (!used[i]) {
			err_set(err, ERR_FORMAT,
				"%s: tensor '%.200s' is left over: by adapter_config.json it belongs to no matrix",
				file->files.at[0].path, file->entries.at[i].name);
			goto out;
		}
	}
	rc = 0;
out:
	free(used);
	return rc;
}

/* PEFT's older form is a Python pickle, which is a program rather than data. */
static int open_weights(struct safetensors *file, const char *dir, struct err *err)
{
	char *path = file_join(dir, "adapter_model.safetensors"), *pickle = file_join(dir, "adapter_model.bin");
	int rc;

	if (!file_exists(path) && file_exists(pickle))
		rc = err_set(err, ERR_UNSUPPORTED,
			"'%s' is a Python pickle, a program rather than data: load it with PEFT once and save it again "
			"with save_pretrained, which writes adapter_model.safetensors",
			pickle);
	else
		rc = safetensors_open(file, path, err);
	free(path);
	free(pickle);
	return rc;
}

int adapter_open(struct adapter *a, const char *dir, const struct params *params, struct err *err)
{
	char *config = file_join(dir, "adapter_config.json");
	struct adapter_spec spec;
	int rc = adapter_spec_read(&spec, config, params->arch, err);

	*a = (struct adapter){0};
	if (rc == 0) {
		rc = choose(a, &spec, params, err);
		if (rc != 0)
			err_prefix(err, "%s", config);
	}
	if (rc == 0 && (open_weights(&a->file, dir, err) != 0 || bind(a, &spec, params, err) != 0))
		rc = -1;
	if (rc != 0)
		adapter_release(a);
	adapter_spec_release(&spec);
	free(config);
	return rc;
}

static size_t elements(const struct adapter *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++)
		n += tensor_elements(&a->at[i].a) + tensor_elements(&a->at[i].b);
	return n;
}

/* Lists what is to be written: names, and the values as floats in `wide`. */
static void widen_all(const struct adapter *a, struct tensor *tensors, char (*names)[ADAPTER_NAME_MAX], float *wide)
{
	for (size_t i = 0; i < 2 * a->n; i++) {
		const struct lora *l = &a->at[i / 2];
		struct tensor *t = &tensors[i];

		*t = i % 2 == 0 ? l->a : l->b;
		dtype_widen(wide, t->data, t->dtype, 0, tensor_elements(t));
		adapter_tensor_name(names[i], l, i % 2 != 0);
		t->name = names[i];
		t->dtype = DTYPE_F32;
		t->data = wide;
		wide += tensor_elements(t);
	}
}

int adapter_save(const struct adapter *a, const char *dir, const char *base, struct err *err)
{
	static const struct safetensors_pair format = {"format", "pt"};
	char *config = file_join(dir, "adapter_config.json"), *weights = file_join(dir, "adapter_model.safetensors");
	size_t n = 2 * a->n + a->n_saved;
	struct tensor *tensors = xcalloc(n, sizeof(*tensors));
	char(*names)[ADAPTER_NAME_MAX] = xcalloc(n, sizeof(*names));
	float *wide = mem_try_alloc(elements(a), sizeof(*wide), false, "the adapter's values", err);
	int rc = -1;

	if (wide == NULL)
		goto out;
	widen_all(a, tensors, names, wide);
	for (size_t i = 0; i < a->n_saved; i++) {
		struct tensor *t = &tensors[2 * a->n + i];

		*t = a->saved[i].stored;
		t->name = names[2 * a->n + i];
		adapter_saved_name(names[2 * a->n + i], &a->saved[i]);
	}
	if (safetensors_write(weights, tensors, n, &format, 1, err) != 0)
		goto out;
	rc = adapter_config_write(a, config, base, err);
out:
	free(wide);
	free(names);
	free(tensors);
	free(weights);
	free(config);
	return rc;
}
