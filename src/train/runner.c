#include "train/runner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

static int make_trained(struct runner *r, const struct train_config *c, const struct lm *base, struct err *err)
{
	struct rng rng;

	rng_seed(&rng, c->seed);
	return c->full ? trainable_init_full(&r->trained, base, err)
		       : trainable_init_lora(&r->trained, base, &c->lora, &rng, err);
}

int runner_init(struct runner *r, const struct runner_config *config, const struct train_config *c,
	const struct lm *base, struct err *err)
{
	*r = (struct runner){.config = config};
	r->state = (struct runner_state){.loss = NAN, .judged = STEP_NONE, .best = STEP_NONE, .best_ndcg = NAN};
	if (make_trained(r, c, base, err) < 0)
		return -1;
	r->m = mem_try_alloc(r->trained.elements, sizeof(*r->m), true, "the optimiser's first moments", err);
	if (r->m)
		r->v = mem_try_alloc(r->trained.elements, sizeof(*r->v), true, "the optimiser's second moments", err);
	if (r->v)
		return 0;
	runner_release(r);
	return -1;
}

void runner_release(struct runner *r)
{
	trainable_release(&r->trained);
	free(r->m);
	free(r->v);
	free(r->checkpoint);
	*r = (struct runner){0};
}

bool runner_judge(struct runner *r, size_t step, const struct metrics *m, size_t patience)
{
	struct runner_state *s = &r->state;
	bool better = !(m->ndcg.value <= s->best_ndcg);

	r->metrics = *m;
	r->evaluated = true;
	if (s->judged == step)
		return false;
	s->judged = step;
	if (better) {
		s->best = step;
		s->best_ndcg = m->ndcg.value;
	}
	s->worse = better ? 0 : s->worse + 1;
	s->stopped = patience > 0 && s->worse >= patience;
	return better;
}
