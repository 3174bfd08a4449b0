/*
 * Everything that shows a search, over one record: what the check of a saved search lets through must not harm it.
 */
#ifndef TEST_TRACEUSE_H
#define TEST_TRACEUSE_H

#include "base/chart.h"
#include "session/beam_text.h"
#include "session/record.h"
#include "session/snap_trace.h"
#include "session/snap_tree.h"
#include "session/trace_charts.h"
#include "session/trace_picture.h"
#include "session/tree_picture.h"
#include "session/tree_record.h"

static inline void traceuse_tree(const json_t *record, const struct snap_tree *tree, size_t step, bool all)
{
	const struct tree_look look = {.step = step, .all = all};
	struct tree_picture *p = tree_picture_new(tree, &look);
	struct buf page = {0};

	tree_picture_draw(p, &page);
	tree_picture_free(p);
	buf_release(&page);
	json_decref(tree_record(record, step, all));
}

static inline void traceuse_step(const json_t *record, const struct snap_tree *tree, size_t step)
{
	json_t *v = record_step(record, step);
	struct out out;

	traceuse_tree(record, tree, step, false);
	traceuse_tree(record, tree, step, true);
	out_init(&out, NULL);
	beam_text_step(v, &out);
	beam_tsv_step(v, &out);
	beam_text_head(record, &out);
	beam_text_verdict(record, &out);
	out_release(&out);
	json_decref(v);
}

static inline void traceuse_pictures(const struct snap_trace *t)
{
	struct chart charts[TRACE_CHARTS];
	struct trace_picture *p;
	struct buf page = {0};
	struct arena a;

	arena_init(&a);
	if (t->n_positive > 0) {
		trace_charts(t, &a, charts);
		chart_page(charts, TRACE_CHARTS, 400, 200, &page);
	}
	if (t->n_steps > 0) {
		p = trace_picture_new(t);
		trace_picture_draw(p, &page);
		trace_picture_free(p);
	}
	arena_release(&a);
	buf_release(&page);
}

static inline void traceuse_all(const json_t *record)
{
	struct snap_trace *t = snap_trace_new(record);
	struct snap_tree tree;

	snap_tree_init(&tree, t);
	for (size_t step = 1; step <= t->n_steps; step++)
		if (step <= 4 || step == t->n_steps)
			traceuse_step(record, &tree, step);
	traceuse_pictures(t);
	snap_tree_release(&tree);
	snap_trace_unref(t);
}

#endif
