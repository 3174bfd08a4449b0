#include "session/judge_run.h"

#include <string.h>

#include "diagnose/finding.h"
#include "session/case_walk.h"

struct running {
	struct judgement *j;
	struct session *s;
	const struct trie *trie;
	struct finding_options options;
	struct arena arena; /* of one case */
	size_t lost;        /* incorrectly pruned so far */
};

/* Is this text what the search returned at this place? Items of one text may be spelt alike or not. */
static bool names(const struct running *r, const char *text, uint32_t leaf)
{
	uint32_t item = judgement_item(r->j, text);

	while (item != ITEM_NONE && r->trie->item_leaf[item] != leaf)
		item = judgement_next_item(r->j, item);
	return item != ITEM_NONE;
}

static bool same_list(const struct running *r, const struct prediction *p, const struct trace *t)
{
	size_t i = 0;

	while (i < p->n && i < t->n_results && names(r, p->texts[i], t->results[i].leaf))
		i++;
	return i == p->n && i == t->n_results;
}

static void conclude(struct judged *g, const struct finding *f, size_t width)
{
	const struct outcome *o = &f->outcome;

	g->searched = true;
	g->exact_rank = o->exact_rank;
	g->exact_rank_most = f->exact_rank_most;
	g->own_rank = o->rank;
	g->pruned_at = o->pruned_at;
	if (g->rank > 0) {
		g->kind = VERDICT_RETRIEVED;
	} else if (o->kind == VERDICT_UNREACHABLE) {
		g->kind = VERDICT_UNREACHABLE;
		g->why = o->why;
	} else {
		g->kind = verdict_find(0, o->exact_rank, f->exact_rank_most, width);
	}
}

static int search(struct running *r, size_t entry, struct err *err)
{
	struct judged *g = &r->j->at[entry];
	struct finding f = {0};
	struct case_work c;
	struct trace t;
	int failed;

	arena_clear(&r->arena);
	/* What the model answered before, in other batches, is not built on: a verdict depends on its case alone. */
	r->s->loaded.search->prompted = NULL;
	if (case_open(r->s, g->rc->id, &c, err))
		return -1;
	if (finding_search(&f, c.scorer, g->rc->positive, c.leaf, c.why, &r->options, &r->arena, err))
		return err_prefix(err, "case '%s'", g->rc->id);
	failed = beam_search(&t, c.scorer, &r->options.search.beam, false, err);
	if (failed) {
		err_prefix(err, "case '%s'", g->rc->id);
	} else {
		g->same_list = same_list(r, &r->j->predictions->at[entry], &t);
		conclude(g, &f, r->options.search.beam.width);
		r->lost += g->kind == VERDICT_PRUNED;
	}
	trace_release(&t);
	return failed;
}

/* Notes a case that could not be searched; -1 where that is not the case's own fault. */
static int leave_out(struct judge_told *told, const struct err *err)
{
	if (!case_walk_left_out(err))
		return -1;
	if (told->failed++ == 0)
		told->failure = *err;
	return 0;
}

static int search_all(struct running *r, struct judge_told *told, struct err *err)
{
	size_t n = r->j->predictions->n;
	struct case_walk walk;
	int failed = 0;

	case_walk_begin(&walk, r->s, "judge", n);
	for (size_t i = 0; i < n && !failed; i++) {
		char figures[64] = "";

		if (cancelled(&r->s->cancel))
			failed = err_set(err, ERR_CANCELLED, "cancelled");
		else if (search(r, i, err))
			failed = leave_out(told, err);
		else
			told->done++;
		if (r->lost > 0)
			snprintf(figures, sizeof(figures), "%zu incorrectly pruned", r->lost);
		case_walk_tell(&walk, i + 1, figures);
	}
	case_walk_end(&walk);
	return failed;
}

int judge_run(struct judgement *j, struct judge_told *told, struct session *s, struct err *err)
{
	struct running r = {
		.j = j,
		.s = s,
		.trie = &s->loaded.search->trie,
		.options = {.search = session_diagnose_options(s), .rank_limit = j->predictions->width},
	};
	int failed;

	*told = (struct judge_told){0};
	r.options.search.beam.width = j->predictions->width;
	r.options.search.beam.others = 1;
	r.options.search.max_width = 0;
	arena_init(&r.arena);
	failed = search_all(&r, told, err);
	arena_release(&r.arena);
	if (failed && err->code == ERR_CANCELLED) {
		told->stopped = true;
		return 0;
	}
	if (failed || told->failed == 0 || told->done > 0)
		return failed;
	*err = told->failure;
	return -1;
}
