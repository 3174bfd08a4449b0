/*
 * Modules that PEFT trained whole beside an adapter's matrices.
 *
 * In a model whose output matrix is its embedding PEFT copies the module that it trains: the other one of the pair goes
 * on with the base's values, so that the pair is tied no more. An embedding that is in the file without being named was
 * resized, and a tied pair of it stays one.
 */
#include "adapter_saved.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void adapter_saved_name(char name[ADAPTER_NAME_MAX], const struct adapter_saved *saved)
{
	snprintf(name, ADAPTER_NAME_MAX, "base_model.model.%s", saved->param.name);
}

/* The ways in which versions of PEFT name what is saved. */
static const struct safetensors_entry *find(const struct safetensors *file, const struct param *p)
{
	static const char *const prefixes[] = {"base_model.model.", ""};
	static const char *const middles[] = {"", ".default", ".modules_to_save", ".modules_to_save.default"};
	const char *leaf = strrchr(p->name, '.');
	char name[2 * ADAPTER_NAME_MAX];

	for (size_t i = 0; i < ARRAY_LEN(prefixes) * ARRAY_LEN(middles); i++) {
		const struct safetensors_entry *entry;

		snprintf(name, sizeof(name), "%s%.*s%s%s", prefixes[i / ARRAY_LEN(middles)], (int)(leaf - p->name),
			p->name, middles[i % ARRAY_LEN(middles)], leaf);
		entry = safetensors_find(file, name);
		if (entry != NULL)
			return entry;
	}
	return NULL;
}

static bool has_vocabulary(const struct param *p)
{
	return p->role == PARAM_EMBED || p->role == PARAM_HEAD;
}

static int check_shape(const struct adapter *a, const struct param *p, const struct tensor *t, struct err *err)
{
	size_t expected[] = {p->transposed ? p->cols : p->rows, p->transposed ? p->rows : p->cols};
	size_t dims = p->cols == 1 ? 1 : 2;
	char found[128], wanted[64];

	if (has_vocabulary(p) && t->dims == 2 && t->shape[0] > 1)
		expected[0] = t->shape[0];
	if (t->dims == dims && memcmp(t->shape, expected, dims * sizeof(*expected)) == 0)
		return 0;
	shape_text(found, sizeof(found), t->shape, t->dims);
	shape_text(wanted, sizeof(wanted), expected, dims);
	return err_set(err, ERR_FORMAT, "%s: tensor '%s' has the shape %s, and for this model it must be %s",
		a->file.files.at[0].path, t->name, found, wanted);
}

/* Matrices that a file holds as [in, out] are turned into ours. */
static int turn(struct adapter_saved *saved, struct err *err)
{
	struct tensor *t = &saved->param.tensor;

	*t = saved->stored;
	if (!saved->param.transposed)
		return 0;
	saved->turned = mem_try_alloc(tensor_elements(t), dtype_bytes(t->dtype, 1), false, "a turned matrix", err);
	if (saved->turned == NULL)
		return -1;
	tensor_turn(saved->turned, t->data, dtype_bytes(t->dtype, 1), t->shape[0], t->shape[1]);
	t->data = saved->turned;
	t->shape[0] = saved->stored.shape[1];
	t->shape[1] = saved->stored.shape[0];
	return 0;
}

static int add(struct adapter *a, const struct param *p, const struct safetensors_entry *entry, struct err *err)
{
	struct adapter_saved *saved = &a->saved[a->n_saved];

	*saved = (struct adapter_saved){.param = *p};
	if (safetensors_tensor(&a->file, entry->name, &saved->stored, err) != 0 ||
		check_shape(a, p, &saved->stored, err) != 0)
		return -1;
	a->n_saved++;
	saved->param.rows = has_vocabulary(p) ? saved->stored.shape[0] : p->rows;
	return turn(saved, err);
}

/* twin: the other one of a pair that stays tied, which serves as well; NULL: none does. */
static int take(struct adapter *a, const struct adapter_spec *s, const struct param *p, const struct param *twin,
	bool *used, struct err *err)
{
	enum adapter_keeps keeps = adapter_spec_keeps(s, p->name);
	const struct safetensors_entry *entry = find(&a->file, p);
	struct adapter_saved missing = {.param = *p};
	char name[ADAPTER_NAME_MAX];

	if (entry != NULL && (keeps != KEEPS_NOT || has_vocabulary(p))) {
		used[entry - a->file.entries.at] = true;
		return add(a, p, entry, err);
	}
	if (keeps != KEEPS_SURELY || (twin != NULL && find(&a->file, twin) != NULL))
		return 0;
	adapter_saved_name(name, &missing);
	return err_set(err, ERR_FORMAT, "%s: tensor '%s' is missing, and \"modules_to_save\" calls for it",
		a->file.files.at[0].path, name);
}

static struct adapter_saved *saved_role(const struct adapter *a, enum param_role role)
{
	for (size_t i = 0; i < a->n_saved; i++) {
		if (a->saved[i].param.role == role)
			return &a->saved[i];
	}
	return NULL;
}

/* The one matrix of a pair that stays tied is called the embedding. */
static void keep_tied(struct adapter *a, const struct params *params)
{
	struct adapter_saved *embed = saved_role(a, PARAM_EMBED), *head = saved_role(a, PARAM_HEAD);

	if (head == NULL)
		return;
	if (embed != NULL) {
		*head = a->saved[--a->n_saved];
		return;
	}
	memcpy(head->param.name, params->embed->name, sizeof(head->param.name));
	head->param.role = PARAM_EMBED;
}

static int check_vocabulary(struct adapter *a, const struct params *params, bool tied, struct err *err)
{
	const struct adapter_saved *embed = saved_role(a, PARAM_EMBED), *head = saved_role(a, PARAM_HEAD);
	size_t in = embed != NULL ? embed->param.rows : params->embed->rows;
	size_t out = head != NULL ? head->param.rows : tied ? in : params->head->rows;

	if (in != out)
		return err_set(err, ERR_FORMAT,
			"%s: the embedding has %zu rows with this adapter and the output matrix %zu: it was made for "
			"another vocabulary than the model's %zu, and holds one of the two only",
			a->file.files.at[0].path, in, out, params->embed->rows);
	a->vocab = in;
	return 0;
}

int adapter_saved_bind(
	struct adapter *a, const struct adapter_spec *s, const struct params *params, bool *used, struct err *err)
{
	bool tied = params->head == params->embed, stays = tied && s->keeps_tied;
	struct param head = *params->embed; /* the output matrix of a tied pair, if it were one by itself */

	head.role = PARAM_HEAD;
	snprintf(head.name, sizeof(head.name), "%s", params->arch->names[PARAM_HEAD]);
	a->saved = mem_try_alloc(params->n + 1, sizeof(*a->saved), true, "the adapter's table", err);
	if (a->saved == NULL)
		return -1;
	for (size_t i = 0; i < params->n; i++) {
		const struct param *p = &params->at[i];

		if (take(a, s, p, stays && p == params->embed ? &head : NULL, used, err) != 0)
			return -1;
	}
	if (tied) {
		if (take(a, s, &head, stays ? params->embed : NULL, used, err) != 0)
			return -1;
		a->unties = !s->keeps_tied && (adapter_spec_keeps(s, head.name) != KEEPS_NOT ||
						      adapter_spec_keeps(s, params->embed->name) != KEEPS_NOT);
		if (!a->unties)
			keep_tied(a, params);
	}
	return check_vocabulary(a, params, tied && !a->unties, err);
}

static const struct param *same_place(const struct params *params, const struct param *p)
{
	for (size_t i = 0; i < params->n; i++) {
		if (params->at[i].role == p->role && params->at[i].layer == p->layer)
			return &params->at[i];
	}
	return NULL;
}

static void put(struct params *out, const struct params *base, const struct adapter *a)
{
	for (size_t i = 0; i < out->n; i++) {
		struct param *p = &out->at[i];
		const struct param *from = same_place(base, p);

		p->tensor = from != NULL ? from->tensor : base->head->tensor;
		p->tensor.name = p->name;
	}
	for (size_t i = 0; i < a->n_saved; i++) {
		struct param *p = &out->at[same_place(out, &a->saved[i].param) - out->at];

		p->tensor = a->saved[i].param.tensor;
		p->tensor.name = p->name;
	}
}

/* The adapter's matrices stand beside other parameters of the same roles, of which there may be one more. */
static int stand_beside(struct adapter *a, const struct params *params, struct err *err)
{
	const struct lora **of = mem_try_alloc(params->n, sizeof(*of), true, "the adapter's table", err);

	if (of == NULL)
		return -1;
	for (size_t i = 0; i < a->n; i++) {
		a->at[i].param = same_place(params, a->at[i].param);
		of[a->at[i].param - params->at] = &a->at[i];
	}
	free(a->of);
	a->of = of;
	return 0;
}

int adapter_params(
	struct adapter *a, struct params *out, struct model_config *config, const struct params *base, struct err *err)
{
	config->vocab = a->vocab != 0 ? a->vocab : config->vocab;
	config->tied = config->tied && !a->unties;
	for (size_t i = 0; i < config->n_eos; i++) {
		if (config->eos[i] >= config->vocab)
			return err_set(err, ERR_VALUE,
				"the adapter leaves a vocabulary of %zu tokens, and the model's EOS is token %lu",
				config->vocab, (unsigned long)config->eos[i]);
	}
	if (params_init(out, config, err) != 0)
		return -1;
	if (stand_beside(a, out, err) != 0) {
		params_release(out);
		return -1;
	}
	put(out, base, a);
	return 0;
}
