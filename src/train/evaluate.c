#include "train/evaluate.h"

#include <stdlib.h>

#include "base/mem.h"
#include "diagnose/finding.h"

static int evaluate_case(struct outcome *out, struct scorer *s, const struct train_data *d, const struct rec_case *rc,
	struct vec_u32 *ids, struct err *err)
{
	const struct example_source *from = d->source;
	enum unreachable_why why;
	uint32_t leaf;

	vec_clear(ids);
	leaf = finding_leaf(&from->data->catalogue, d->trie, rc->positive, &why);
	if (dataset_prompt(from->data, rc, from->tokenizer, from->template, from->max_history, ids, err) < 0 ||
		scorer_prompt(s, ids->at, ids->n, err) < 0 || outcome_find(out, s, leaf, why, &d->diagnose, err) < 0)
		return err->code == ERR_CANCELLED ? -1 : err_prefix(err, "held-out case '%s'", rc->id);
	return 0;
}

int evaluate(struct metrics *m, struct lm *lm, const struct train_data *d, size_t n, uint64_t seed,
	const struct control *control, const struct eval_watch *watch, struct err *err)
{
	struct vec_u32 ids = {0};
	struct outcome *outcomes;
	struct scorer s;
	int result = -1;

	if (n > d->n_held_out)
		n = d->n_held_out;
	if (scorer_init(&s, lm, d->trie, d->mask, d->tau, err) < 0)
		return -1;
	outcomes = mem_try_alloc(n, sizeof(*outcomes), false, "the outcomes of an evaluation", err);
	if (!outcomes)
		goto out;
	lm->cancel = control->cancel;
	for (size_t i = 0; i < n; i++) {
		if (control_stops(control)) {
			err_set(err, ERR_CANCELLED, "the evaluation was broken off");
			goto out;
		}
		if (evaluate_case(&outcomes[i], &s, d, &d->held_out[i], &ids, err) < 0)
			goto out;
		watch->fn(watch->arg, i + 1, n);
	}
	metrics_find(m, outcomes, n, d->diagnose.beam.width, seed);
	result = 0;
out:
	lm->cancel = NULL;
	free(outcomes);
	vec_release(&ids);
	scorer_release(&s);
	return result;
}
