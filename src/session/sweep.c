#include "session/sweep.h"

#include <math.h>
#include <stdlib.h>

#include "diagnose/finding.h"
#include "session/record.h"

/* One case at all widths: those that were asked for, and those of the scan. */
struct sweep {
	struct session *s;
	struct case_work c;
	const size_t *asked; /* [n_asked] rising */
	size_t n_asked;
	size_t *widths;      /* owned, [options.n_widths] both, rising */
	struct finding_options options;
	struct finding f;
	struct arena arena;
};

static int sweep_init(struct sweep *w, struct err *err)
{
	size_t scan = (size_t)w->s->now.scan, n = 0;

	arena_init(&w->arena);
	w->widths = mem_try_alloc(scan + w->n_asked, sizeof(*w->widths), false, "beam widths", err);
	if (!w->widths)
		return -1;
	while (n < scan) {
		w->widths[n] = n + 1;
		n++;
	}
	for (size_t i = 0; i < w->n_asked; i++)
		if (w->asked[i] > scan)
			w->widths[n++] = w->asked[i];
	w->options = (struct finding_options){
		.search = session_diagnose_options(w->s),
		.widths = w->widths,
		.n_widths = n,
		.rank_limit = SIZE_MAX,
	};
	w->options.search.beam.others = 1;
	w->options.search.max_width = 0; /* the widths say it all */
	return 0;
}

static void sweep_release(struct sweep *w)
{
	free(w->widths);
	arena_release(&w->arena);
}

static const struct finding_reach *reach_at(const struct sweep *w, size_t width)
{
	size_t i = 0;

	while (w->widths[i] != width)
		i++;
	return &w->f.reach[i];
}

/* Where the search of one width lost the item: all it asks is answered already. */
static int add_loss(json_t *row, struct sweep *w, size_t width, struct err *err)
{
	struct beam_options o = w->options.search.beam;
	struct diagnosis d = {0};
	struct trace t;
	int failed;

	o.width = width;
	failed = beam_search(&t, w->c.scorer, &o, true, err);
	if (!failed)
		failed = diagnosis_follow(&d, &t, w->c.scorer, w->c.leaf, &o, err);
	if (!failed) {
		bool cut = d.pruned_at <= d.n_steps && d.how != LOST_STOPPED;

		json_object_set_new(row, "pruned_at", record_count(d.pruned_at));
		json_object_set_new(row, "lost", record_string(lost_name(d.how)));
		json_object_set_new(row, "margin",
			cut ? json_real_or_null(d.steps[d.pruned_at - 1].prefix_margin) : json_null());
	}
	diagnosis_release(&d);
	trace_release(&t);
	return failed;
}

static int add_width(json_t *rows, struct sweep *w, size_t width, struct err *err)
{
	const struct finding_reach *r = reach_at(w, width);
	const struct outcome *o = &w->f.outcome;
	bool reachable = o->kind != VERDICT_UNREACHABLE;
	enum verdict_kind kind = VERDICT_UNREACHABLE;
	json_t *row = json_object();

	if (reachable)
		kind = verdict_find(r->rank, o->exact_rank, w->f.exact_rank_most, width);
	json_array_append_new(rows, row);
	json_object_set_new(row, "beam", record_count(width));
	json_object_set_new(row, "rank", record_count_or_null(r->rank));
	json_object_set_new(row, "returned", json_boolean(r->rank > 0));
	json_object_set_new(row, "verdict", json_string(verdict_name(kind)));
	json_object_set_new(row, "pruned_at", json_null());
	json_object_set_new(row, "lost", json_null());
	json_object_set_new(row, "margin", json_null());
	json_object_set_new(row, "recall",
		r->exact_n > 0 ? json_real((double)r->recalled / (double)r->exact_n) : json_null());
	json_object_set_new(row, "recalled", record_count(r->recalled));
	json_object_set_new(row, "exact_n", record_count(r->exact_n));
	return reachable && r->rank == 0 ? add_loss(row, w, width, err) : 0;
}

/* The scanned widths that return the item, as ranges from … to …. */
static json_t *returned_at(const struct sweep *w)
{
	size_t scan = (size_t)w->s->now.scan;
	json_t *ranges = json_array();

	for (size_t i = 0, from; i < scan; i++) {
		json_t *range;

		if (w->f.reach[i].rank == 0)
			continue;
		from = i;
		while (i + 1 < scan && w->f.reach[i + 1].rank > 0)
			i++;
		range = json_object();
		json_object_set_new(range, "from", record_count(w->widths[from]));
		json_object_set_new(range, "to", record_count(w->widths[i]));
		json_array_append_new(ranges, range);
	}
	return ranges;
}

static json_t *positive(const struct sweep *w)
{
	const struct outcome *o = &w->f.outcome;
	double nll = w->s->now.mask == MASK_BEFORE ? o->nll_before : o->nll_after;
	json_t *v;

	if (w->c.rc->positive == ITEM_NONE)
		return json_null();
	v = json_object();
	record_item(v, w->s, w->c.rc->positive);
	json_object_set_new(v, "logp", json_real_or_null(-nll));
	return v;
}

static int describe(json_t *v, struct sweep *w, struct err *err)
{
	const struct outcome *o = &w->f.outcome;
	json_t *rows = json_array(), *ranges = returned_at(w);
	const json_t *smallest = json_object_get(json_array_get(ranges, 0), "from");

	json_object_set_new(v, "case", record_string(w->c.rc->id));
	json_object_set_new(v, "settings", record_settings(w->s));
	json_object_set_new(v, "positive", positive(w));
	json_object_set_new(v, "unreachable", record_string(unreachable_name(o->why)));
	json_object_set_new(v, "exact_rank", record_count_or_null(o->exact_rank));
	json_object_set_new(v, "exact_rank_most", record_count_or_null(w->f.exact_rank_most));
	json_object_set_new(v, "exact_rank_proved", json_boolean(o->exact_proved));
	json_object_set_new(v, "sequences", record_count(w->c.scorer->trie->n_leaves));
	json_object_set_new(v, "beams", rows);
	json_object_set_new(v, "smallest_beam", record_count_or_null((size_t)json_integer_value(smallest)));
	json_object_set_new(v, "beams_scanned", record_count((size_t)w->s->now.scan));
	json_object_set_new(v, "returned_at", ranges);
	for (size_t i = 0; i < w->n_asked; i++)
		if (add_width(rows, w, w->asked[i], err))
			return -1;
	return 0;
}

int sweep_case(json_t **record, struct session *s, const char *id, const size_t *widths, size_t n, struct err *err)
{
	struct sweep w = {.s = s, .asked = widths, .n_asked = n};
	int failed = -1;

	*record = NULL;
	if (sweep_init(&w, err) || case_open(s, id, &w.c, err))
		goto out;
	if (finding_search(&w.f, w.c.scorer, w.c.rc->positive, w.c.leaf, w.c.why, &w.options, &w.arena, err))
		goto out;
	*record = json_object();
	failed = describe(*record, &w, err);
	if (failed) {
		json_decref(*record);
		*record = NULL;
	}
out:
	sweep_release(&w);
	return failed;
}

json_t *sweep_cases(const struct session *s, const struct survey *survey, const struct tally *t,
	const struct survey_told *told)
{
	static const char *const keys[] = {"cases", "split_cases", "beam", "verdicts", "survival", "smallest_beam"};
	json_t *all = tally_json(t, NULL), *v = json_object(), *notes = json_array();

	json_object_set(v, "settings", survey->settings);
	json_object_set_new(v, "planned", record_count(told->planned));
	json_object_set_new(v, "meant", record_count(survey->meant));
	json_object_set_new(v, "stopped", json_boolean(told->stopped));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		json_object_set(v, keys[i], json_object_get(all, keys[i]));
	json_object_set_new(v, "beams_scanned", record_count((size_t)s->now.scan));
	survey_add_failed(notes, told);
	json_object_set_new(v, "notes", notes);
	json_decref(all);
	return v;
}
