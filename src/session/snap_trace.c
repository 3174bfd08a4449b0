#include "session/snap_trace.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "data/title.h"
#include "session/edit_text.h"
#include "session/field.h"
#include "session/snap_text.h"

static const char *keep(struct arena *a, const char *s)
{
	return arena_strdup(a, s ? s : "");
}

/* A string of a record, made safe for a terminal. NULL and JSON null give `missing`. */
static const char *keep_shown(struct arena *a, const json_t *v, bool title, const char *missing)
{
	struct buf b = {0};

	if (!json_is_string(v))
		return missing ? keep(a, missing) : NULL;
	if (title)
		title_show(&b, json_string_value(v), false);
	else
		utf8_show(&b, json_string_value(v), json_string_length(v), false);
	return buf_keep(&b, a);
}

/* Of several paragraphs: the newlines between them stay. */
static const char *keep_lines(struct arena *a, const json_t *v)
{
	const char *p = json_string_value(v);
	struct buf b = {0};

	while (p && *p) {
		size_t n = strcspn(p, "\n");

		utf8_show(&b, p, n, false);
		p += n;
		if (*p) {
			buf_addch(&b, '\n');
			p++;
		}
	}
	return buf_keep(&b, a);
}

/* A token's text, or its id where nothing says what it stands for. */
static const char *keep_token(struct arena *a, const json_t *v)
{
	char id[16];

	snprintf(id, sizeof(id), "%u", (unsigned)field_count(v, "token"));
	return keep_shown(a, json_object_get(v, "text"), false, id);
}

static void read_candidate(struct snap_candidate *k, struct arena *a, const json_t *v)
{
	k->rank = (uint32_t)field_count(v, "rank");
	k->parent = (uint32_t)field_count(v, "parent");
	k->token = (uint32_t)field_count(v, "token");
	k->node = (uint32_t)field_count(v, "node");
	k->above = (uint32_t)field_count(v, "above");
	k->result = (uint32_t)field_count(v, "result");
	k->text_shown = keep_token(a, v);
	k->prefix_shown = keep_shown(a, json_object_get(v, "prefix"), false, "");
	k->item_shown = keep_shown(a, json_object_get(v, "title"), true, NULL);
	if (!k->item_shown && field_true(v, "finished"))
		k->item_shown = keep_shown(a, json_object_get(v, "item"), false, NULL);
	k->step_logp = field_real(v, "step_logp");
	k->logp = field_real(v, "logp");
	k->kept = field_true(v, "kept");
	k->finished = field_true(v, "finished");
	k->carried = field_true(v, "carried");
	k->positive = field_true(v, "positive");
	k->tie = field_true(v, "tie");
	k->forced = field_true(v, "forced");
	k->forbidden = field_true(v, "forbidden");
}

/* What holds at a step: its own rule where edits may have changed it, else the setting. */
static bool rule_is(const json_t *step, const json_t *settings, const char *key, const char *value)
{
	const char *own = json_string_value(json_object_get(step, key));
	const char *rule = own ? own : json_string_value(json_object_get(settings, key));

	return rule && !strcmp(rule, value);
}

static void read_steps(struct snap_trace *t, const json_t *steps, const json_t *settings)
{
	t->n_steps = json_array_size(steps);
	t->steps = arena_calloc(&t->arena, t->n_steps, sizeof(*t->steps));
	for (size_t i = 0; i < t->n_steps; i++) {
		const json_t *v = json_array_get(steps, i), *list = json_object_get(v, "candidates");
		struct snap_step *st = &t->steps[i];

		st->n = json_array_size(list);
		st->kept = field_count(v, "kept");
		st->total = field_count(v, "candidates_total");
		st->cutoff = field_real(v, "cutoff");
		if (isnan(st->cutoff))
			st->cutoff = st->kept > 0 ? (double)INFINITY : -(double)INFINITY;
		st->width = json_object_get(v, "beam") ? field_count(v, "beam") : t->width;
		st->mask_after = rule_is(v, settings, "mask", "after");
		st->hf = rule_is(v, settings, "search", "hf");
		st->candidates = arena_calloc(&t->arena, st->n, sizeof(*st->candidates));
		for (size_t k = 0; k < st->n; k++)
			read_candidate(&st->candidates[k], &t->arena, json_array_get(list, k));
	}
}

static void read_positive(struct snap_trace *t, const json_t *steps)
{
	t->n_positive = json_array_size(steps);
	t->positive = arena_calloc(&t->arena, t->n_positive, sizeof(*t->positive));
	for (size_t i = 0; i < t->n_positive; i++) {
		const json_t *v = json_array_get(steps, i);
		struct snap_positive *p = &t->positive[i];

		p->token = (uint32_t)field_count(v, "token");
		p->node = (uint32_t)field_count(v, "node");
		p->text_shown = keep_token(&t->arena, v);
		p->token_rank = field_count(v, "token_rank");
		p->prefix_rank = field_count(v, "prefix_rank");
		p->valid = field_count(v, "valid");
		p->step_logp = field_real(v, "step_logp");
		p->logp = field_real(v, "logp");
		p->beta_logp = field_real(v, "beta_logp");
		p->token_margin = field_real(v, "token_margin");
		p->prefix_margin = field_real(v, "prefix_margin");
		if (isnan(p->prefix_margin) && p->prefix_rank > 0)
			p->prefix_margin = -(double)INFINITY;
		p->width = json_object_get(v, "beam") ? field_count(v, "beam") : t->width;
		p->in_beam = field_true(v, "in_beam");
	}
}

/* The title of an item or, where it has none, its id. */
static const char *keep_title(struct arena *a, const json_t *v)
{
	const char *title = keep_shown(a, json_object_get(v, "title"), true, NULL);

	return title ? title : keep_shown(a, json_object_get(v, "item"), false, "");
}

static void read_results(struct snap_trace *t, const json_t *results)
{
	t->n_results = json_array_size(results);
	t->results = arena_calloc(&t->arena, t->n_results, sizeof(*t->results));
	for (size_t i = 0; i < t->n_results; i++) {
		const json_t *v = json_array_get(results, i);
		struct snap_result *r = &t->results[i];

		r->rank = (uint32_t)field_count(v, "rank");
		r->item = keep(&t->arena, json_string_value(json_object_get(v, "item")));
		r->title_shown = keep_title(&t->arena, v);
		r->logp = field_real(v, "logp");
		r->score = field_real(v, "score");
		r->positive = field_true(v, "positive");
	}
}

static void read_history(struct snap_trace *t, const json_t *history)
{
	const char **titles;

	t->n_history = json_array_size(history);
	titles = arena_calloc(&t->arena, t->n_history, sizeof(*titles));
	for (size_t i = 0; i < t->n_history; i++)
		titles[i] = keep_title(&t->arena, json_array_get(history, i));
	t->history_shown = titles;
}

enum snap_verdict snap_verdict_kind(enum verdict_kind kind)
{
	static const enum snap_verdict kinds[] = {
		[VERDICT_RETRIEVED] = SNAP_RETRIEVED,
		[VERDICT_PRUNED] = SNAP_PRUNED,
		[VERDICT_OUTRANKED] = SNAP_OUTRANKED,
		[VERDICT_UNREACHABLE] = SNAP_UNREACHABLE,
		[VERDICT_UNDECIDED] = SNAP_UNDECIDED,
	};

	return kinds[kind];
}

enum snap_verdict snap_verdict_of(const json_t *verdict)
{
	const char *kind = json_string_value(json_object_get(verdict, "kind"));

	for (int i = 0; i <= VERDICT_UNDECIDED; i++)
		if (kind && !strcmp(kind, verdict_name((enum verdict_kind)i)))
			return snap_verdict_kind((enum verdict_kind)i);
	return SNAP_NONE;
}

static void read_verdict(struct snap_trace *t, const json_t *v)
{
	t->verdict = snap_verdict_of(v);
	t->rank = field_count(v, "rank");
	t->pruned_at = field_count(v, "pruned_at");
	t->exact_rank = field_count(v, "exact_rank");
	t->n_sequences = field_count(v, "sequences");
	t->smallest_width = field_count(v, "smallest_beam");
	t->widths_scanned = field_count(v, "beams_scanned");
	t->exact_proved = field_true(v, "exact_rank_proved");
	t->condition_holds = field_true(v, "condition_holds");
	t->sentence_shown = keep_shown(&t->arena, json_object_get(v, "sentence"), false, "");
	t->explain_shown = keep_lines(&t->arena, json_object_get(v, "explanation"));
}

static const char *keep_notes(struct arena *a, const json_t *notes)
{
	struct buf b = {0};
	size_t i;
	json_t *v;

	json_array_foreach((json_t *)notes, i, v) {
		if (i > 0)
			buf_addstr(&b, "; ");
		utf8_show(&b, json_string_value(v), json_string_length(v), false);
	}
	return buf_keep(&b, a);
}

static const char *keep_edits(struct arena *a, const json_t *edits)
{
	struct buf b = {0};

	if (json_array_size(edits) > 1)
		buf_addf(&b, "%zu edits: ", json_array_size(edits));
	edit_text_all(edits, false, &b);
	return buf_keep(&b, a);
}

static const char *keep_fate(struct arena *a, const json_t *verdict)
{
	struct buf b = {0};

	edit_text_fate(verdict, &b);
	return buf_keep(&b, a);
}

struct snap_trace *snap_trace_new(const json_t *record)
{
	const json_t *positive = json_object_get(record, "positive");
	struct snap_trace *t = xcalloc(1, sizeof(*t));

	arena_init(&t->arena);
	t->refs = 1;
	t->case_id = keep(&t->arena, json_string_value(json_object_get(record, "case")));
	t->width = field_count(json_object_get(record, "settings"), "beam");
	t->settings_shown = snap_keep_settings(&t->arena, json_object_get(record, "settings"), &t->settings_first);
	t->title_shown = keep_title(&t->arena, positive);
	t->notes_shown = keep_notes(&t->arena, json_object_get(record, "notes"));
	t->edits_shown = keep_edits(&t->arena, json_object_get(record, "edits"));
	t->fate_shown = keep_fate(&t->arena, json_object_get(record, "verdict"));
	read_steps(t, json_object_get(record, "steps"), json_object_get(record, "settings"));
	read_positive(t, json_object_get(positive, "steps"));
	read_results(t, json_object_get(record, "results"));
	read_history(t, json_object_get(record, "history"));
	read_verdict(t, json_object_get(record, "verdict"));
	return t;
}

void snap_trace_unref(struct snap_trace *t)
{
	if (!t || --t->refs > 0)
		return;
	arena_release(&t->arena);
	free(t);
}
