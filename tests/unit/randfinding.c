#include "randfinding.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/compiler.h"

static bool chance(struct rng *r, double p)
{
	return rng_uniform(r) < p;
}

static void make_case(struct finding *f, struct rng *r, size_t index, struct arena *a)
{
	static const char *const titles[] = {
		"Canon PG-40", "Pens &amp; Pencils", "Blue INK", "", "caf\xC3\xA9 \xE2\x98\x85"};
	static const char *const firsts[] = {"\"Canon", "\" HP", "", "Pens", "\t", "ink", "a", "b", "c", "d", "e", "f"};
	char id[32];
	size_t first = (size_t)(rng_uniform(r) * rng_uniform(r) * ARRAY_LEN(firsts));

	snprintf(id, sizeof(id), "case-%zu", index);
	*f = (struct finding){.index = index, .id = arena_strdup(a, id), .user = "u", .item = "i", .first_text = ""};
	f->title = titles[rng_below(r, ARRAY_LEN(titles))];
	f->history = rng_below(r, 25);
	f->popularity = rng_below(r, 3) == 0 ? 0 : rng_below(r, 150);
	f->prompt_tokens = 10 + rng_below(r, 90);
	f->first_token = TOKEN_NONE;
	if (chance(r, 0.03))
		return;
	f->item_tokens = 1 + rng_below(r, 6);
	f->choices = rng_below(r, (uint32_t)f->item_tokens + 1);
	f->first_token = (uint32_t)first;
	f->first_text = firsts[first];
	f->first_shared = 1 + 17 * first;
}

static void make_steps(struct finding *f, struct rng *r, size_t width, struct arena *a)
{
	bool in_beam = true, ended = false;

	f->n_steps = f->item_tokens;
	f->steps = arena_alloc(a, (f->n_steps + 1) * sizeof(*f->steps));
	for (size_t i = 0; i < f->n_steps; i++) {
		struct finding_step *p = &f->steps[i];

		in_beam &= f->outcome.pruned_at != i + 1;
		ended |= !in_beam && chance(r, 0.2);
		*p = (struct finding_step){.token = 5, .text = "", .valid = 1 + rng_below(r, 400), .in_beam = in_beam};
		p->token_rank = 1 + rng_below(r, (uint32_t)(2 * width));
		p->prefix_rank = ended ? 0 : 1 + rng_below(r, 40);
		p->step_logp = -rng_uniform(r);
		p->token_margin = chance(r, 0.05) ? (double)NAN : rng_normal(r);
		p->prefix_margin = ended ? (double)NAN : chance(r, 0.02) ? (double)INFINITY : rng_normal(r);
	}
}

static void make_outcome(struct finding *f, struct rng *r, size_t width, struct arena *a)
{
	struct outcome *o = &f->outcome;

	o->exact_n = chance(r, 0.1) ? rng_below(r, (uint32_t)width) : width;
	o->recalled = rng_below(r, (uint32_t)o->exact_n + 1);
	o->returned = width;
	f->scored = rng_below(r, 10000);
	if (f->item_tokens == 0 || chance(r, 0.05)) {
		o->kind = VERDICT_UNREACHABLE;
		o->why = f->item_tokens == 0 ? UNREACHABLE_NO_TOKENS : UNREACHABLE_HIDDEN;
		o->nll_before = o->nll_after = INFINITY;
		return;
	}
	o->exact_rank = 1 + rng_below(r, (uint32_t)(2 * width));
	o->exact_proved = chance(r, 0.8);
	f->exact_rank_most = o->exact_proved ? o->exact_rank : o->exact_rank + 1 + rng_below(r, (uint32_t)width);
	o->condition_holds = chance(r, 0.5);
	o->nll_before = 5 * rng_uniform(r);
	o->nll_after = chance(r, 0.01) ? (double)INFINITY : o->nll_before + rng_uniform(r);
	if (chance(r, 0.4)) {
		o->rank = 1 + rng_below(r, (uint32_t)width);
		f->item_rank = o->rank + rng_below(r, 3);
	} else {
		bool displaced = chance(r, 0.1);

		o->pruned_at = 1 + rng_below(r, (uint32_t)f->item_tokens) + (displaced ? f->item_tokens : 0);
		f->how = displaced ? LOST_DISPLACED : LOST_CUT;
	}
	o->kind = o->rank > 0                   ? VERDICT_RETRIEVED
		  : o->exact_rank > width       ? VERDICT_OUTRANKED
		  : f->exact_rank_most <= width ? VERDICT_PRUNED
						: VERDICT_UNDECIDED;
	f->smallest_width = chance(r, 0.7) ? 1 + rng_below(r, 40) : 0;
	make_steps(f, r, width, a);
}

void randsurvey_init(struct survey *s, struct rng *r, size_t n, size_t width)
{
	static const size_t widths[] = {1, 2, 5, 10, 20};

	survey_init(s);
	s->width = width;
	s->split_cases = 2 * n;
	s->seed = rng_u64(r);
	s->n_widths = ARRAY_LEN(widths);
	memcpy(s->widths, widths, sizeof(widths));
	for (size_t i = 0; i < n; i++) {
		struct finding f;

		make_case(&f, r, i + 1, &s->arena);
		make_outcome(&f, r, width, &s->arena);
		f.reach = arena_alloc(&s->arena, sizeof(widths) / sizeof(*widths) * sizeof(*f.reach));
		for (size_t k = 0; k < ARRAY_LEN(widths); k++) {
			struct finding_reach *x = &f.reach[k];

			x->rank = f.outcome.kind == VERDICT_UNREACHABLE ? 0 : rng_below(r, (uint32_t)widths[k] + 1);
			x->exact_n = rng_below(r, (uint32_t)widths[k] + 1);
			x->recalled = rng_below(r, (uint32_t)x->exact_n + 1);
		}
		vec_push(&s->findings, f);
	}
}
