#include "session/candidates.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/utf8.h"
#include "model/transformer.h"
#include "session/lesson.h"
#include "session/rivals.h"
#include "session/session_priv.h"
#include "session/training.h"
#include "store/file.h"

void candidates_init(struct candidates *c, const char *typed)
{
	*c = (struct candidates){.typed = typed, .typed_len = strlen(typed)};
}

void candidates_release(struct candidates *c)
{
	for (size_t i = 0; i < c->words.n; i++)
		free(c->words.at[i]);
	vec_release(&c->words);
}

/* Would it stand on a screen as it is? Most names are of plain letters, and many are asked about. */
static bool is_typeable(const char *name, size_t len)
{
	struct buf shown = {0};
	size_t plain = 0;

	while (plain < len && name[plain] >= ' ' && name[plain] < 0x7f)
		plain++;
	if (plain == len)
		return true;
	utf8_show(&shown, name, len, false);
	bool same = shown.len == len && memcmp(buf_str(&shown), name, len) == 0;
	buf_release(&shown);
	return same;
}

static size_t shared(const char *a, const char *b, size_t most)
{
	size_t n = 0;

	while (n < most && a[n] && a[n] == b[n])
		n++;
	while (n > 0 && ((unsigned char)a[n] & 0xC0) == 0x80) /* not within a character */
		n--;
	return n;
}

/* The name, of len bytes, fits. */
static void take(struct candidates *c, const char *name, size_t len)
{
	if (len == 0 || !is_typeable(name, len))
		return;
	if (c->n++ == 0)
		c->common = len;
	if (c->words.n < CANDIDATES_MAX)
		vec_push(&c->words, xstrndup(name, len));
	c->common = shared(c->words.at[0], name, c->common < len ? c->common : len);
}

void candidates_offer(struct candidates *c, const char *name, size_t len)
{
	int (*differs)(const char *, const char *, size_t) = c->any_case ? strncasecmp : strncmp;

	if (len >= c->typed_len && !differs(name, c->typed, c->typed_len))
		take(c, name, len);
}

void candidates_offer_text(struct candidates *c, const char *name)
{
	candidates_offer(c, name, strlen(name));
}

void candidates_offer_choices(struct candidates *c, const char *choices)
{
	while (choices && *choices) {
		size_t n = strcspn(choices, "|");

		candidates_offer(c, choices, n);
		choices += n + (choices[n] == '|');
	}
}

static void offer_cases(const struct session *s, struct candidates *c)
{
	const struct split *split = &s->loaded.data->dataset->splits[s->now.split];

	for (size_t i = 0; i < split->n; i++)
		candidates_offer_text(c, split->cases[i].id);
}

static void offer_items(const struct session *s, struct candidates *c)
{
	const struct catalogue *items = &s->loaded.data->dataset->catalogue;

	for (size_t i = 0; i < items->n; i++)
		candidates_offer_text(c, items->items[i].id);
}

/* The title of each item that is the first to have it, as people read it. */
static void each_title(
	const struct session *s, struct candidates *c, void (*fn)(struct candidates *c, const char *title))
{
	const struct catalogue *items = &s->loaded.data->dataset->catalogue;
	struct buf title = {0};

	for (uint32_t i = 0; i < items->n; i++) {
		const char *raw = items->items[i].title;

		if (items->items[i].same_title != i)
			continue;
		buf_clear(&title);
		if (strchr(raw, '&'))
			title_decode(&title, raw);
		fn(c, title.len > 0 ? buf_str(&title) : raw);
	}
	buf_release(&title);
}

static void take_if_within(struct candidates *c, const char *title)
{
	if (strcasestr(title, c->typed))
		take(c, title, strlen(title));
}

static void offer_titles(const struct session *s, struct candidates *c)
{
	c->any_case = true;
	each_title(s, c, candidates_offer_text);
	if (c->n == 0)
		each_title(s, c, take_if_within);
}

/* "q_proj" of "model.layers.0.self_attn.q_proj.weight", once. */
static void offer_module(struct candidates *c, const struct param *p)
{
	const char *end = strrchr(p->name, '.'), *at = end;

	if (!role_is_map(p->role))
		return;
	while (at > p->name && at[-1] != '.')
		at--;
	for (size_t i = 0; i < c->words.n; i++)
		if (strlen(c->words.at[i]) == (size_t)(end - at) && !memcmp(c->words.at[i], at, (size_t)(end - at)))
			return;
	candidates_offer(c, at, (size_t)(end - at));
}

static void offer_tensors(const struct session *s, enum arg_source source, struct candidates *c)
{
	const struct params *p = transformer_params(s->loaded.model->lm);
	const struct adapter *a = transformer_adapter(s->loaded.model->lm);
	char name[ADAPTER_NAME_MAX];

	for (size_t i = 0; i < p->n; i++)
		if (source == FROM_MODULES)
			offer_module(c, &p->at[i]);
		else
			candidates_offer_text(c, p->at[i].name);
	for (size_t i = 0; a && source == FROM_TENSORS && i < 2 * a->n; i++) {
		adapter_tensor_name(name, &a->at[i / 2], i % 2);
		candidates_offer_text(c, name);
	}
}

static const json_t *open_steps(const struct session *s)
{
	const struct branch *b = open_trace_newest(&s->trace);

	return b ? json_object_get(b->record, "steps") : NULL;
}

static void offer_steps(const struct session *s, struct candidates *c)
{
	size_t n = json_array_size(open_steps(s));
	char number[32];

	candidates_offer_text(c, "pruned");
	for (size_t i = 1; i <= n; i++)
		candidates_offer(c, number, (size_t)snprintf(number, sizeof(number), "%zu", i));
}

static void offer_prefixes(const struct session *s, struct candidates *c)
{
	const json_t *step = s->trace.step > 0 ? json_array_get(open_steps(s), s->trace.step - 1) : NULL;
	struct buf shown = {0};
	size_t i;
	json_t *v;

	candidates_offer_text(c, "positive");
	json_array_foreach(json_object_get(step, "candidates"), i, v) {
		const char *prefix = json_string_value(json_object_get(v, "prefix"));

		if (!prefix)
			continue;
		buf_clear(&shown);
		title_show(&shown, prefix, false);
		candidates_offer_text(c, buf_str(&shown));
	}
	buf_release(&shown);
}

static void offer_templates(const struct session *s, struct candidates *c)
{
	struct file_names names = {0};
	struct err ignored;

	if (loaded_templates(&names, s->datadir, &ignored) == 0)
		for (size_t i = 0; i < names.n; i++)
			candidates_offer_text(c, names.at[i]);
	file_names_release(&names);
}

/* The reader's own too. */
static void offer_lessons(const struct session *s, struct candidates *c)
{
	struct lesson **lessons;
	struct err ignored;
	size_t n;

	if (lessons_list(&lessons, &n, s->datadir, &ignored))
		return;
	for (size_t i = 0; i < n; i++)
		candidates_offer_text(c, lessons[i]->name);
	lessons_free(lessons, n);
}

static void offer_rivals(const struct session *s, struct candidates *c)
{
	struct rivals rivals;

	rivals_init(&rivals, s->loaded.model->path, s->loaded.model->adapter);
	for (size_t i = 0; i < rivals.n; i++)
		candidates_offer_text(c, rivals.at[i]);
	rivals_release(&rivals);
}

static void offer_set_variables(const struct session *s, struct candidates *c)
{
	for (size_t i = 0; i < s->variables.n; i++)
		candidates_offer_text(c, s->variables.at[i].name);
}

/* What a list has by number, or an object by name, behind the path to it. */
static void offer_members(const json_t *v, const char *path, struct candidates *c)
{
	struct buf name = {0};
	const char *key;
	json_t *member;

	for (size_t i = 0; i < json_array_size(v); i++) {
		buf_clear(&name);
		buf_addf(&name, "%s.%zu", path, i + 1);
		candidates_offer_text(c, buf_str(&name));
	}
	json_object_foreach((json_t *)v, key, member) {
		buf_clear(&name);
		buf_addf(&name, "%s.%s", path, key);
		candidates_offer_text(c, buf_str(&name));
	}
	buf_release(&name);
}

/* "last.verdict.ex": the members of what stands before the last point. */
static void offer_last(const struct session *s, struct candidates *c)
{
	char *path = xstrdup(c->typed);

	*strrchr(path, '.') = '\0';
	offer_members(listing_find(&s->listing, path + strlen("last")), path, c);
	free(path);
}

void session_variable_candidates(const struct session *s, struct candidates *c)
{
	offer_set_variables(s, c);
	candidates_offer_choices(c, s->aside.in_lesson ? "data|here|work" : "data");
	if (!strncmp(c->typed, "last.", 5))
		offer_last(s, c);
	else if (listing_find(&s->listing, ""))
		candidates_offer_text(c, "last");
	/* The environment's are many, and seldom meant. */
	bool asked = c->typed_len > 0 && c->n == 0;
	for (char **e = environ; *e && asked; e++)
		candidates_offer(c, *e, strcspn(*e, "="));
}

static void offer_objectives(struct candidates *c)
{
	struct training_objective o;

	for (size_t i = 0; training_objective(i, &o); i++)
		candidates_offer_text(c, o.name);
}

/* What a kind takes from the session; the front-end's thread alone changes some of it, a job may change the rest. */
static unsigned needs_of(enum arg_source source)
{
	switch (source) {
	case FROM_CASES:
	case FROM_CASE_LIST:
	case FROM_ITEMS:
	case FROM_TITLES:
		return CMD_NEEDS_DATA;
	case FROM_MODULES:
	case FROM_TENSORS:
	case FROM_RIVALS:
		return CMD_NEEDS_MODEL;
	default:
		return 0;
	}
}

static const char *why_none(const struct session *s, unsigned needs)
{
	if (needs && session_busy(s))
		return "names are completed again when the job has ended";
	if ((needs & CMD_NEEDS_DATA) && !s->loaded.data)
		return "no data is loaded yet: 'info' loads it";
	if ((needs & CMD_NEEDS_MODEL) && !s->loaded.model)
		return "no model is loaded yet: 'info' loads it";
	return NULL;
}

const char *session_candidates(const struct session *s, enum arg_source source, struct candidates *c)
{
	const char *why = why_none(s, needs_of(source));

	if (why)
		return why;
	switch (source) {
	case FROM_CASES:
	case FROM_CASE_LIST:
		offer_cases(s, c);
		break;
	case FROM_ITEMS:
		offer_items(s, c);
		break;
	case FROM_TITLES:
		offer_titles(s, c);
		break;
	case FROM_MODULES:
	case FROM_TENSORS:
		if (s->loaded.model->is_table)
			return "a probability table has no layers";
		offer_tensors(s, source, c);
		break;
	case FROM_STEPS:
		offer_steps(s, c);
		break;
	case FROM_PREFIXES:
		offer_prefixes(s, c);
		break;
	case FROM_RIVALS:
		offer_rivals(s, c);
		break;
	case FROM_OBJECTIVES:
	case FROM_OBJECTIVE_LIST:
		offer_objectives(c);
		break;
	case FROM_VARIABLES:
		offer_set_variables(s, c);
		break;
	case FROM_LESSONS:
		offer_lessons(s, c);
		break;
	case FROM_TEMPLATES:
		offer_templates(s, c);
		break;
	default:
		break;
	}
	return NULL;
}
