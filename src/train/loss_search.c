/*
 * A real beam search for every target, with the weights as they stand. The targets of one sequence come in order, so
 * that each search finds most of its prompt in the cache of the one before.
 */
#include "base/clock.h"
#include "loss_priv.h"
#include "search/beam.h"

/* c_t of n tokens. After the search's end the items that it returned keep their places, and the cut-off its height. */
static void keep_cutoffs(double *cutoff, size_t n, const struct trace *trace)
{
	for (size_t t = 0; t < n; t++)
		cutoff[t] = trace->steps[t < trace->n_steps ? t : trace->n_steps - 1].cutoff;
}

static int search_target(struct loss_work *w, struct scorer *s, const struct loss_request *r, const struct example *e,
	size_t k, size_t item, struct err *err)
{
	const struct beam_options o = {.width = r->params.K, .kind = SEARCH_PLAIN, .others = 1};
	const struct target *t = &e->targets[k];
	struct trace trace;
	int failed;

	if (scorer_prompt(s, e->tokens, t->at, err))
		return -1;
	failed = beam_search(&trace, s, &o, true, err);
	if (!failed)
		keep_cutoffs(w->at.cutoff + w->at.item[item], t->n, &trace);
	trace_release(&trace);
	return failed;
}

static int search_all(struct loss_work *w, struct scorer *s, const struct loss_request *r, struct err *err)
{
	size_t item = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct example *e = &r->examples->at.at[r->ids[i]];

		for (size_t k = 0; k < e->n_targets; k++)
			if (search_target(w, s, r, e, k, item++, err))
				return err_prefix(err, "search for case '%s'", e->rc->id);
	}
	return 0;
}

int search_cutoffs(struct loss_work *w, const struct loss_request *r, double *seconds, const cancel_flag *cancel,
	struct err *err)
{
	struct lm *lm = r->trained->lm;
	const cancel_flag *before = lm->cancel;
	double start = clock_now();
	struct scorer s;
	int failed;

	trainable_changed(r->trained);
	if (scorer_init(&s, lm, w->trie, MASK_BEFORE, r->params.tau, err))
		return -1;
	lm->cancel = cancel;
	failed = search_all(w, &s, r, err);
	lm->cancel = before;
	scorer_release(&s);
	*seconds = clock_now() - start;
	return failed;
}
