#include "session/trace_file.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "diagnose/diagnosis.h"
#include "session/field.h"
#include "session/option.h"
#include "session/record.h"

#define MOST_COUNT ((size_t)1 << 53)
#define MOST_NUMBER ((size_t)UINT32_MAX - 1) /* of a token, a prefix, a rank: the last value means none */
#define MOST_BEAM 100000

enum member_type {
	TEXT,
	COUNT,
	REAL,
	FLAG,
	TEXTS,
	COUNTS,
	LIST,
	OBJECT
};

enum member_how {
	OR_NULL = 1,
	OR_NONE = 2 /* may be left out */
};

struct member {
	const char *key;
	enum member_type type;
	unsigned how;
	size_t min, max; /* COUNT, COUNTS */
};

static const struct member record_members[] = {
	{"case", TEXT, 0, 0, 0},
	{"settings", OBJECT, 0, 0, 0},
	{"history", LIST, 0, 0, 0},
	{"prompt_tokens", COUNT, 0, 0, MOST_COUNT},
	{"edits", LIST, OR_NONE, 0, 0},
	{"branch", OBJECT, OR_NONE, 0, 0},
	{"positive", OBJECT, OR_NULL, 0, 0},
	{"results", LIST, 0, 0, 0},
	{"steps", LIST, 0, 0, 0},
	{"verdict", OBJECT, 0, 0, 0},
	{"notes", TEXTS, 0, 0, 0},
	{NULL, TEXT, 0, 0, 0},
};

static const struct member history_members[] = {
	{"item", TEXT, 0, 0, 0},
	{"title", TEXT, OR_NULL, 0, 0},
	{NULL, TEXT, 0, 0, 0},
};

static const struct member positive_members[] = {
	{"item", TEXT, 0, 0, 0},
	{"title", TEXT, OR_NULL, 0, 0},
	{"tokens", COUNTS, OR_NULL, 0, MOST_NUMBER},
	{"logp", REAL, OR_NULL, 0, 0},
	{"steps", LIST, 0, 0, 0},
	{NULL, TEXT, 0, 0, 0},
};

static const struct member positive_step_members[] = {
	{"token", COUNT, 0, 0, MOST_NUMBER},
	{"text", TEXT, OR_NULL, 0, 0},
	{"node", COUNT, 0, 1, MOST_NUMBER},
	{"token_rank", COUNT, 0, 0, MOST_COUNT},
	{"prefix_rank", COUNT, OR_NULL, 1, MOST_COUNT},
	{"step_logp", REAL, OR_NULL, 0, 0},
	{"logp", REAL, OR_NULL, 0, 0},
	{"beta_logp", REAL, OR_NULL, 0, 0},
	{"token_margin", REAL, OR_NULL, 0, 0},
	{"prefix_margin", REAL, OR_NULL, 0, 0},
	{"in_beam", FLAG, 0, 0, 0},
	{"followed", FLAG, 0, 0, 0},
	{"valid", COUNT, 0, 0, MOST_COUNT},
	{"prefix", TEXT, OR_NULL, 0, 0},
	{"beam", COUNT, OR_NONE, 1, MOST_BEAM},
	{NULL, TEXT, 0, 0, 0},
};

static const struct member result_members[] = {
	{"rank", COUNT, 0, 1, MOST_NUMBER},
	{"item", TEXT, 0, 0, 0},
	{"title", TEXT, OR_NULL, 0, 0},
	{"tokens", COUNTS, OR_NULL, 0, MOST_NUMBER},
	{"items", TEXTS, 0, 0, 0},
	{"logp", REAL, OR_NULL, 0, 0},
	{"score", REAL, OR_NULL, 0, 0},
	{"positive", FLAG, 0, 0, 0},
	{NULL, TEXT, 0, 0, 0},
};

static const struct member step_members[] = {
	{"step", COUNT, 0, 1, TRACE_FILE_STEPS},
	{"cutoff", REAL, OR_NULL, 0, 0},
	{"finish_cutoff", REAL, OR_NULL, 0, 0},
	{"candidates_total", COUNT, 0, 0, MOST_COUNT},
	{"kept", COUNT, 0, 0, MOST_NUMBER},
	{"beam", COUNT, OR_NONE, 1, MOST_BEAM},
	{"mask", TEXT, OR_NONE, 0, 0},
	{"search", TEXT, OR_NONE, 0, 0},
	{"candidates", LIST, 0, 0, 0},
	{"positive", OBJECT, OR_NULL, 0, 0},
	{NULL, TEXT, 0, 0, 0},
};

static const struct member candidate_members[] = {
	{"rank", COUNT, 0, 1, MOST_NUMBER},
	{"token", COUNT, 0, 0, MOST_NUMBER},
	{"text", TEXT, OR_NULL, 0, 0},
	{"parent", COUNT, 0, 0, MOST_NUMBER},
	{"node", COUNT, 0, 1, MOST_NUMBER},
	{"above", COUNT, 0, 0, MOST_NUMBER},
	{"step_logp", REAL, OR_NULL, 0, 0},
	{"logp", REAL, OR_NULL, 0, 0},
	{"kept", FLAG, 0, 0, 0},
	{"finished", FLAG, 0, 0, 0},
	{"positive", FLAG, 0, 0, 0},
	{"carried", FLAG, 0, 0, 0},
	{"tie", FLAG, 0, 0, 0},
	{"forced", FLAG, OR_NONE, 0, 0},
	{"forbidden", FLAG, OR_NONE, 0, 0},
	{"prefix", TEXT, OR_NULL, 0, 0},
	{"result", COUNT, OR_NULL | OR_NONE, 1, MOST_NUMBER},
	{"item", TEXT, OR_NONE, 0, 0},
	{"title", TEXT, OR_NULL | OR_NONE, 0, 0},
	{NULL, TEXT, 0, 0, 0},
};

#define FATE_MEMBERS \
	{"rank", COUNT, OR_NULL, 1, MOST_COUNT}, {"pruned_at", COUNT, OR_NULL, 1, TRACE_FILE_STEPS}, \
	{ \
		"lost", TEXT, OR_NULL, 0, 0 \
	}

static const struct member verdict_members[] = {
	{"kind", TEXT, 0, 0, 0},
	FATE_MEMBERS,
	{"exact_rank", COUNT, OR_NULL, 1, MOST_COUNT},
	{"exact_rank_most", COUNT, OR_NULL, 1, MOST_COUNT},
	{"exact_rank_proved", FLAG, 0, 0, 0},
	{"condition_holds", FLAG, 0, 0, 0},
	{"smallest_beam", COUNT, OR_NULL, 1, MOST_COUNT},
	{"beams_scanned", COUNT, 0, 0, MOST_COUNT},
	{"sequences", COUNT, 0, 0, MOST_COUNT},
	{"unreachable", TEXT, OR_NULL, 0, 0},
	{"sentence", TEXT, 0, 0, 0},
	{"explanation", TEXT, 0, 0, 0},
	{NULL, TEXT, 0, 0, 0},
};

static const struct member branch_members[] = {
	FATE_MEMBERS,
	{"original", OBJECT, 0, 0, 0},
	{NULL, TEXT, 0, 0, 0},
};

static const struct member fate_members[] = {
	FATE_MEMBERS,
	{NULL, TEXT, 0, 0, 0},
};

static const struct member edit_members[] = {
	{"edit", TEXT, 0, 0, 0},
	{"step", COUNT, 0, 1, TRACE_FILE_STEPS},
	{"prefix", TEXT, OR_NULL | OR_NONE, 0, 0},
	{"tokens", COUNTS, OR_NONE, 0, MOST_NUMBER},
	{"finished", FLAG, OR_NONE, 0, 0},
	{"in_effect", FLAG, 0, 0, 0},
	{NULL, TEXT, 0, 0, 0},
};

static const struct member settings_members[] = {
	{"model", TEXT, OR_NULL, 0, 0},
	{"adapter", TEXT, OR_NULL | OR_NONE, 0, 0},
	{"data", TEXT, OR_NULL, 0, 0},
	{"beam", COUNT, 0, 1, MOST_BEAM},
	{"split", TEXT, 0, 0, 0},
	{"mask", TEXT, 0, 0, 0},
	{"search", TEXT, 0, 0, 0},
	{"end", TEXT, 0, 0, 0},
	{NULL, TEXT, 0, 0, 0},
};

/* What is known of a prefix. */
struct prefix {
	uint32_t above;
	uint32_t first, last, kept; /* steps: where it came up first and last, and where it was kept last; 0: never */
	bool finished;
};

struct check {
	struct json_node steps, positive; /* the lists; positive.value NULL: there is no positive item */
	size_t n_steps, n_positive, n_results;
	struct map by_number;    /* of a prefix: its place in prefixes; keys are in numbers */
	uint32_t *numbers;       /* owned, [n] */
	struct prefix *prefixes; /* owned, [n] */
	uint32_t n;
};

/* A whole number as jansson holds one: what reads the record takes no real for it. */
static int check_count(const struct json_node *v, size_t min, size_t max, struct err *err)
{
	size_t n;

	if (json_is_real(v->value))
		return json_refuse(v, err, "must be a whole number from %zu to %zu", min, max);
	return json_as_size(v, min, max, &n, err);
}

static int check_list(const struct json_node *list, const struct member *m, struct err *err)
{
	size_t n;

	if (json_as_array(list, &n, err))
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct json_node v = json_element(list, i);

		if (m->type == TEXTS && !json_is_string(v.value))
			return json_refuse(&v, err, "must be a text");
		if (m->type == COUNTS && check_count(&v, m->min, m->max, err))
			return -1;
	}
	return 0;
}

static int check_member(const struct json_node *v, const struct member *m, struct err *err)
{
	static const char *const wanted[] = {
		[TEXT] = "a text", [REAL] = "a number", [FLAG] = "true or false", [OBJECT] = "an object"};
	bool good = false;

	switch (m->type) {
	case COUNT:
		return check_count(v, m->min, m->max, err);
	case TEXTS:
	case COUNTS:
	case LIST:
		return check_list(v, m, err);
	case TEXT:
		good = json_is_string(v->value);
		break;
	case REAL:
		good = json_is_number(v->value);
		break;
	case FLAG:
		good = json_is_boolean(v->value);
		break;
	case OBJECT:
		good = json_is_object(v->value);
		break;
	}
	if (good)
		return 0;
	return json_refuse(v, err, "must be %s%s", wanted[m->type], m->how & OR_NULL ? " or null" : "");
}

static int check_object(const struct json_node *object, const struct member *members, struct err *err)
{
	if (json_as_object(object, err))
		return -1;
	for (const struct member *m = members; m->key; m++) {
		json_t *value = json_object_get(object->value, m->key);
		struct json_node v = json_child(object, m->key, value);

		if (!value && (m->how & OR_NONE))
			continue;
		if (!value)
			return json_refuse(object, err, "lacks \"%s\"", m->key);
		if (json_is_null(value) && (m->how & OR_NULL))
			continue;
		if (check_member(&v, m, err))
			return -1;
	}
	return 0;
}

static struct json_node member_of(const struct json_node *object, const char *key)
{
	return json_child(object, key, json_object_get(object->value, key));
}

static size_t list_size(const struct json_node *list)
{
	return json_array_size(list->value);
}

static int check_each(const struct json_node *list, const struct member *members, struct err *err)
{
	for (size_t i = 0; i < list_size(list); i++) {
		struct json_node v = json_element(list, i);

		if (check_object(&v, members, err))
			return -1;
	}
	return 0;
}

/* Settings are words, numbers and flags; one that is an option's has its type. */
static int check_settings(const struct json_node *settings, struct err *err)
{
	const char *key;
	json_t *value;

	if (check_object(settings, settings_members, err))
		return -1;
	json_object_foreach(settings->value, key, value) {
		struct json_node v = json_child(settings, key, value);

		if (json_is_object(value) || json_is_array(value))
			return json_refuse(&v, err, "must be a word, a number, true, false or null");
	}
	return 0;
}

/* Has the text one of the words "a|b|c"? */
static int check_choice(const struct json_node *object, const char *key, const char *choices, struct err *err)
{
	struct json_node v = member_of(object, key);

	if (!v.value || option_choice(choices, json_string_value(v.value)) >= 0)
		return 0;
	return json_refuse(&v, err, "must be one of %s", choices);
}

static int check_edit(const struct json_node *edit, struct err *err)
{
	const char *what = field_text(edit->value, "edit");
	struct json_node value = member_of(edit, "value");
	struct err ignored;

	if (check_choice(edit, "edit", "force|forbid|beam|mask|search", err))
		return -1;
	if (what[0] == 'f')
		return value.value ? json_refuse(&value, err, "does not belong to \"%s\"", what) : 0;
	if (!value.value)
		return json_refuse(edit, err, "lacks \"value\"");
	if (!strcmp(what, "beam"))
		return check_count(&value, 1, MOST_BEAM, err);
	if (!json_is_string(value.value))
		return json_refuse(&value, err, "must be a text");
	return check_choice(edit, "value", option_find(what, &ignored)->choices, err);
}

static int check_edits(const struct json_node *record, struct err *err)
{
	struct json_node edits = member_of(record, "edits"), branch = member_of(record, "branch"), original;

	if (!edits.value != !branch.value)
		return json_refuse(record, err, "has one of \"edits\" and \"branch\" without the other");
	if (!edits.value)
		return 0;
	if (check_each(&edits, edit_members, err) || check_object(&branch, branch_members, err))
		return -1;
	original = member_of(&branch, "original");
	if (check_object(&original, fate_members, err))
		return -1;
	for (size_t i = 0; i < list_size(&edits); i++) {
		struct json_node v = json_element(&edits, i);

		if (check_edit(&v, err))
			return -1;
	}
	return 0;
}

static int check_results(struct check *k, const struct json_node *record, struct err *err)
{
	struct json_node results = member_of(record, "results");

	k->n_results = list_size(&results);
	if (check_each(&results, result_members, err))
		return -1;
	for (size_t i = 0; i < k->n_results; i++) {
		struct json_node v = json_element(&results, i), rank = member_of(&v, "rank");

		if (field_count(v.value, "rank") != i + 1)
			return json_refuse(&rank, err, "must be %zu: results stand by their rank", i + 1);
	}
	return 0;
}

static int check_verdict(const struct check *k, const struct json_node *record, struct err *err)
{
	struct json_node verdict = member_of(record, "verdict"), kind, pruned;

	if (check_object(&verdict, verdict_members, err))
		return -1;
	kind = member_of(&verdict, "kind");
	pruned = member_of(&verdict, "pruned_at");
	if (field_count(verdict.value, "pruned_at") > k->n_steps)
		return json_refuse(&pruned, err, "must be a step: there are %zu", k->n_steps);
	for (int i = 0; i <= VERDICT_UNDECIDED; i++)
		if (!strcmp(json_string_value(kind.value), verdict_name((enum verdict_kind)i)))
			return 0;
	return json_refuse(&kind, err, "is no verdict");
}

static struct prefix *find(const struct check *k, uint32_t number)
{
	uint32_t at;

	return map_get(&k->by_number, (const char *)&number, sizeof(number), &at) ? &k->prefixes[at] : NULL;
}

/* There is room: all prefixes were counted before. */
static struct prefix *add(struct check *k, uint32_t number)
{
	bool added;

	k->numbers[k->n] = number;
	map_put(&k->by_number, (const char *)&k->numbers[k->n], sizeof(number), k->n, &added);
	return &k->prefixes[k->n++];
}

/* A prefix that comes up at a step goes on with one that the step before kept; what was finished comes up again. */
static int check_place(struct check *k, const struct json_node *v, uint32_t step, struct err *err)
{
	uint32_t node = (uint32_t)field_count(v->value, "node"), above = (uint32_t)field_count(v->value, "above");
	const struct prefix *parent = find(k, above);
	struct prefix *p = find(k, node);
	struct json_node at = member_of(v, p ? "node" : "above");

	if (p) {
		if (p->last == step || p->kept + 1 != step || !p->finished || p->above != above)
			return json_refuse(&at, err, "is that of another prefix, or of one that cannot be here");
	} else {
		if (step == 1 ? above != 0 : !parent || parent->kept + 1 != step || parent->finished)
			return json_refuse(&at, err, "is no prefix that step %u kept", step - 1);
		p = add(k, node);
		*p = (struct prefix){.above = above, .first = step, .finished = field_true(v->value, "finished")};
	}
	p->last = step;
	if (field_true(v->value, "kept"))
		p->kept = step;
	return 0;
}

/* The prefix of the positive item is that of its own step, or the whole of it once it has come so far. */
static int check_positive(const struct check *k, const struct json_node *v, size_t step, struct err *err)
{
	size_t at = step < k->n_positive ? step : k->n_positive;
	const json_t *own = at > 0 ? json_array_get(k->positive.value, at - 1) : NULL;
	bool is = own && field_count(v->value, "node") == field_count(own, "node");
	struct json_node flag = member_of(v, "positive");

	if (field_true(v->value, "positive") == is)
		return 0;
	return json_refuse(&flag, err, "must be %s by the positive item's list", is ? "true" : "false");
}

static int check_candidates(struct check *k, const struct json_node *step, uint32_t number, struct err *err)
{
	struct json_node list = member_of(step, "candidates"), kept = member_of(step, "kept");
	struct json_node total = member_of(step, "candidates_total");
	size_t n_kept = 0, n_competing = 0, rank = 0;

	for (size_t i = 0; i < list_size(&list); i++) {
		struct json_node v = json_element(&list, i), at = member_of(&v, "rank");

		if (field_count(v.value, "rank") < rank)
			return json_refuse(&at, err, "must not be below %zu: candidates stand by their rank", rank);
		rank = field_count(v.value, "rank");
		at = member_of(&v, "result");
		if (field_count(v.value, "result") > k->n_results)
			return json_refuse(&at, err, "must be a rank in the results: there are %zu", k->n_results);
		if (check_place(k, &v, number, err) || check_positive(k, &v, number, err))
			return -1;
		n_kept += field_true(v.value, "kept");
		n_competing += !field_true(v.value, "forbidden");
	}
	if (field_count(step->value, "kept") != n_kept)
		return json_refuse(&kept, err, "must be %zu, as many candidates as are kept", n_kept);
	if (field_count(step->value, "candidates_total") < n_competing)
		return json_refuse(&total, err, "must not be below %zu, the candidates that are listed", n_competing);
	return 0;
}

/* What a step says of the positive item is what the item's own list says. */
static int check_own(const struct check *k, const struct json_node *step, size_t i, struct err *err)
{
	struct json_node own = member_of(step, "positive");
	json_t *listed = i < k->n_positive ? json_array_get(k->positive.value, i) : NULL;

	if (listed ? json_equal(listed, own.value) : json_is_null(own.value))
		return 0;
	return json_refuse(&own, err, "must be %s", listed ? "the same as in the positive item's list" : "null");
}

static int check_steps(struct check *k, struct err *err)
{
	for (size_t i = 0; i < k->n_steps; i++) {
		struct json_node v = json_element(&k->steps, i), number = member_of(&v, "step");

		if (field_count(v.value, "step") != i + 1)
			return json_refuse(&number, err, "must be %zu: steps count from 1", i + 1);
		if (check_choice(&v, "mask", "before|after", err) || check_choice(&v, "search", "plain|hf", err) ||
			check_candidates(k, &v, (uint32_t)i + 1, err) || check_own(k, &v, i, err))
			return -1;
	}
	return 0;
}

/* Each prefix of the positive item goes on with the one before it, whether or not it competed. */
static int check_path(struct check *k, struct err *err)
{
	uint32_t above = 0;

	for (size_t i = 0; i < k->n_positive; i++) {
		struct json_node v = json_element(&k->positive, i), at = member_of(&v, "node");
		uint32_t node = (uint32_t)field_count(v.value, "node");
		struct prefix *p = find(k, node);

		if (p && (p->first != i + 1 || p->above != above))
			return json_refuse(&at, err, "is that of another prefix");
		if (!p) {
			p = add(k, node);
			*p = (struct prefix){.above = above, .first = (uint32_t)i + 1};
		}
		above = node;
	}
	return 0;
}

/* The members of steps and candidates; counts all prefixes. */
static int check_step_members(struct check *k, size_t *prefixes, struct err *err)
{
	*prefixes = k->n_positive;
	if (k->n_steps > TRACE_FILE_STEPS || k->n_positive > TRACE_FILE_STEPS)
		return json_refuse(k->n_steps > TRACE_FILE_STEPS ? &k->steps : &k->positive, err,
			"holds more than %d steps", TRACE_FILE_STEPS);
	if (check_each(&k->steps, step_members, err) ||
		(k->positive.value && check_each(&k->positive, positive_step_members, err)))
		return -1;
	for (size_t i = 0; i < k->n_steps; i++) {
		struct json_node v = json_element(&k->steps, i), list = member_of(&v, "candidates");

		if (check_each(&list, candidate_members, err))
			return -1;
		*prefixes += list_size(&list);
	}
	if (*prefixes > MOST_NUMBER)
		return json_refuse(&k->steps, err, "holds too many candidates");
	return 0;
}

static int check_search(struct check *k, const struct json_node *record, struct err *err)
{
	struct json_node positive = member_of(record, "positive");
	size_t prefixes;

	k->steps = member_of(record, "steps");
	k->n_steps = list_size(&k->steps);
	if (!json_is_null(positive.value)) {
		if (check_object(&positive, positive_members, err))
			return -1;
		k->positive = json_child(&positive, "steps", json_object_get(positive.value, "steps"));
		k->n_positive = list_size(&k->positive);
	}
	if (check_step_members(k, &prefixes, err) || check_results(k, record, err) || check_verdict(k, record, err))
		return -1;
	k->numbers = xcalloc(prefixes + 1, sizeof(*k->numbers));
	k->prefixes = xcalloc(prefixes + 1, sizeof(*k->prefixes));
	map_init(&k->by_number, prefixes);
	return check_steps(k, err) || check_path(k, err) ? -1 : 0;
}

int trace_file_check(const struct json_node *record, struct err *err)
{
	struct json_node history, settings;
	struct check k = {0};
	int failed;

	if (check_object(record, record_members, err))
		return -1;
	history = member_of(record, "history");
	settings = member_of(record, "settings");
	failed = check_settings(&settings, err) || check_each(&history, history_members, err) ||
		 check_edits(record, err) || check_search(&k, record, err);
	map_release(&k.by_number);
	free(k.numbers);
	free(k.prefixes);
	return failed ? -1 : 0;
}

/* What is no saved search at all is told from one with a fault. */
static int check_kind(const struct json_doc *doc, const char *path, struct err *err)
{
	const char *kind = field_string(json_object_get(doc->json, "exported"), "kind");

	if (kind && strcmp(kind, "trace") != 0)
		return err_set(err, ERR_FORMAT,
			"'%s' holds %s, not a trace: only what 'export trace FILE.json' writes can be opened", path,
			kind);
	if (!kind && !(json_object_get(doc->json, "case") && json_object_get(doc->json, "steps")))
		return err_set(err, ERR_FORMAT,
			"'%s' holds no search with its steps: 'export trace FILE.json' writes one, and 'beam CASE "
			"--trace --format json'",
			path);
	if (doc->root.int_as_real)
		return err_set(err, ERR_FORMAT, "'%s' holds a whole number past 64 bits", path);
	return 0;
}

int trace_file_read(const char *path, json_t **record, struct err *err)
{
	struct json_doc doc;
	int failed = json_doc_read(&doc, path, err);

	if (failed)
		return -1;
	failed = check_kind(&doc, path, err) || trace_file_check(&doc.root, err);
	if (!failed) {
		*record = json_incref(doc.json);
		json_object_del(*record, "exported");
	}
	json_doc_release(&doc);
	return failed ? -1 : 0;
}
