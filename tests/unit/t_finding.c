/*
 * Findings of random small catalogues against plain lists of all items, searches of their own and the diagnosis; and
 * what is known of a case before any search.
 */
#include <math.h>

#include "base/mem.h"
#include "diagnose/finding.h"
#include "randcase.h"
#include "tempdir.h"

#define MOST_ITEMS 20
#define MOST_WIDTHS 4

struct tally {
	size_t kind[VERDICT_UNDECIDED + 1], how[LOST_STOPPED + 1];
	size_t beyond, saved, hopeless, shared, not_recalled;
};

/* Probabilities of all leaves, falling; those of probability zero left out. */
struct list {
	double at[MOST_ITEMS];
	size_t n;
};

static int falling(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a > b ? -1 : a < b;
}

static void list_items(struct list *all, struct randcase *c)
{
	struct err err;

	all->n = 0;
	for (uint32_t node = 0; node < c->trie.n_nodes; node++) {
		if (!trie_is_leaf(&c->trie, node))
			continue;
		check_ok(scorer_path(&c->s, node, &all->at[all->n], NULL, &err), &err);
		all->n += all->at[all->n] > -INFINITY;
	}
	qsort(all->at, all->n, sizeof(*all->at), falling);
}

static bool same_real(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

/* The steps, how it was lost and the rest, as a diagnosis with a trace and searches of its own has them. */
static void check_diagnosis(const struct finding *f, const struct diagnosis *d)
{
	assert_int_equal(f->outcome.why, d->why);
	assert_int_equal(f->n_steps, d->n_steps);
	for (size_t i = 0; i < d->n_steps; i++) {
		const struct positive_step *p = &d->steps[i];
		const struct finding_step *s = &f->steps[i];

		assert_int_equal(s->token, p->token);
		assert_int_equal(s->valid, p->valid);
		assert_int_equal(s->token_rank, p->token_rank);
		assert_int_equal(s->prefix_rank, p->prefix_rank);
		assert_true(s->step_logp == p->step_logp);
		assert_true(same_real(s->token_margin, p->token_margin));
		assert_true(same_real(s->prefix_margin, p->prefix_margin));
		assert_int_equal(s->in_beam, p->in_beam);
	}
	assert_int_equal(f->outcome.rank, d->rank);
	assert_int_equal(f->how, d->how);
	if (d->why != UNREACHABLE_NOT)
		return;
	assert_int_equal(f->outcome.pruned_at, d->pruned_at);
	assert_int_equal(f->outcome.condition_holds, d->condition_holds);
	if (f->outcome.kind != VERDICT_UNDECIDED)
		assert_int_equal(f->outcome.kind, d->kind);
}

static void check_exact(const struct finding *f, const struct list *all, double logp, const struct finding_options *o)
{
	size_t rank = 1, limit = o->rank_limit > o->search.beam.width ? o->rank_limit : o->search.beam.width;

	for (size_t i = 0; i < all->n; i++)
		rank += all->at[i] > logp;
	assert_true(f->outcome.exact_rank >= 1 && f->outcome.exact_rank <= rank && rank <= f->exact_rank_most);
	if (f->outcome.exact_proved)
		assert_int_equal(f->outcome.exact_rank, rank);
	if (o->search.budget == 0 && rank <= limit)
		assert_true(f->outcome.exact_proved && f->exact_rank_most == rank);
	if (o->search.budget == 0 && rank > limit)
		assert_true(f->outcome.exact_rank > limit);
}

/* A search of its own for every width. */
static void check_reach(const struct finding *f, struct randcase *c, const struct list *all, uint32_t leaf,
	const struct finding_options *o, struct tally *tally)
{
	for (size_t i = 0; i < o->n_widths; i++) {
		const struct finding_reach *r = &f->reach[i];
		struct beam_options beam = o->search.beam;
		size_t good = 0, width = o->widths[i];
		struct trace t;
		struct err err;

		beam.width = width;
		check_ok(beam_search(&t, &c->s, &beam, false, &err), &err);
		assert_int_equal(r->rank, leaf == TRIE_NONE ? 0 : trace_rank(&t, leaf));
		if (o->search.budget == 0)
			assert_int_equal(r->exact_n, width < all->n ? width : all->n);
		assert_true(r->exact_n == 0 || r->exact_n == (width < all->n ? width : all->n));
		for (size_t k = 0; k < t.n_results && r->exact_n > 0; k++)
			good += t.results[k].logp >= all->at[r->exact_n - 1];
		assert_int_equal(r->recalled, good < r->exact_n ? good : r->exact_n);
		tally->not_recalled += r->recalled < r->exact_n;
		trace_release(&t);
	}
}

/* Every width from 1 on. */
static void check_smallest(const struct finding *f, struct randcase *c, uint32_t leaf, const struct finding_options *o,
	struct tally *tally)
{
	bool hopeless = f->outcome.rank == 0 && f->outcome.exact_rank > o->search.max_width;
	struct beam_options beam = o->search.beam;
	size_t smallest = 0;

	for (beam.width = 1; beam.width <= o->search.max_width && smallest == 0; beam.width++) {
		struct trace t;
		struct err err;

		check_ok(beam_search(&t, &c->s, &beam, false, &err), &err);
		if (trace_rank(&t, leaf) > 0)
			smallest = beam.width;
		trace_release(&t);
	}
	tally->hopeless += hopeless;
	tally->saved += f->outcome.kind == VERDICT_PRUNED && smallest > 0;
	assert_int_equal(f->smallest_width, hopeless ? 0 : smallest);
}

/* One item after the other. */
static void check_item_rank(const struct finding *f, struct randcase *c, uint32_t item,
	const struct finding_options *o, struct tally *tally)
{
	size_t before = 0, rank = 0;
	struct trace t;
	struct err err;

	check_ok(beam_search(&t, &c->s, &o->search.beam, false, &err), &err);
	for (size_t i = 0; i < t.n_results; i++)
		for (uint32_t other = 0; other < c->items.n; other++) {
			before += c->trie.item_leaf[other] == t.results[i].leaf;
			if (other == item && c->trie.item_leaf[other] == t.results[i].leaf)
				rank = before;
		}
	assert_int_equal(f->item_rank, rank);
	tally->shared += rank > f->outcome.rank;
	trace_release(&t);
}

/* Every answer that the scorer holds was asked for once. */
static void check_counts(const struct finding *f, const struct randcase *c)
{
	size_t expanded = 0, scored = 0;

	for (uint32_t node = 0; node < c->trie.n_nodes; node++) {
		expanded += c->s.logp[node] != NULL;
		scored += c->s.logp[node] != NULL ? trie_n_children(&c->trie, node) : 0;
	}
	assert_int_equal(f->expanded, expanded);
	assert_int_equal(f->scored, scored);
}

/* Bit for bit, whatever the finding's memory held before. */
static void check_same(const struct finding *a, const struct finding *b, size_t n_widths)
{
	assert_int_equal(a->outcome.kind, b->outcome.kind);
	assert_int_equal(a->outcome.rank, b->outcome.rank);
	assert_int_equal(a->outcome.exact_rank, b->outcome.exact_rank);
	assert_int_equal(a->outcome.exact_proved, b->outcome.exact_proved);
	assert_int_equal(a->outcome.recalled, b->outcome.recalled);
	assert_int_equal(a->outcome.exact_n, b->outcome.exact_n);
	assert_true(a->outcome.nll_before == b->outcome.nll_before && a->outcome.nll_after == b->outcome.nll_after);
	assert_int_equal(a->exact_rank_most, b->exact_rank_most);
	assert_int_equal(a->smallest_width, b->smallest_width);
	assert_int_equal(a->expanded, b->expanded);
	assert_int_equal(a->scored, b->scored);
	assert_int_equal(a->n_steps, b->n_steps);
	for (size_t i = 0; i < a->n_steps; i++)
		assert_true(a->steps[i].step_logp == b->steps[i].step_logp &&
			same_real(a->steps[i].prefix_margin, b->steps[i].prefix_margin));
	for (size_t i = 0; i < n_widths; i++)
		assert_true(a->reach[i].rank == b->reach[i].rank && a->reach[i].recalled == b->reach[i].recalled &&
			a->reach[i].exact_n == b->reach[i].exact_n);
}

/* Leaves answers of other searches in the scorer. */
static void disturb(struct randcase *c, struct rng *r)
{
	struct beam_options beam = {.width = 1 + rng_below(r, 6), .length_penalty = 1};
	struct exact_options exact = {.top = rng_below(r, 4), .target = TRIE_NONE};
	struct exact_result found;
	struct trace t;
	struct err err;

	check_ok(beam_search(&t, &c->s, &beam, false, &err), &err);
	check_ok(exact_search(&found, &c->s, &exact, &err), &err);
	exact_release(&found);
	trace_release(&t);
}

static void check_item(struct randcase *c, const struct list *all, const struct finding_options *o, uint32_t item,
	struct rng *r, struct tally *tally)
{
	uint32_t leaf = item == ITEM_NONE ? TRIE_NONE : c->trie.item_leaf[item];
	enum unreachable_why why = leaf == TRIE_NONE ? UNREACHABLE_HIDDEN : UNREACHABLE_NOT;
	struct diagnose_options full = o->search;
	struct finding f = {.smallest_width = 77}, again;
	enum mask_rule mask = c->s.mask;
	struct outcome outcome;
	struct diagnosis d;
	struct arena arena;
	struct trace t;
	struct err err;

	arena_init(&arena);
	disturb(c, r);
	check_ok(finding_search(&f, &c->s, item, leaf, why, o, &arena, &err), &err);
	assert_int_equal(c->s.mask, mask);
	check_counts(&f, c);
	check_ok(scorer_prompt(&c->s, c->prompt, 2, &err), &err);
	memset(&again, 0xa5, sizeof(again));
	check_ok(finding_search(&again, &c->s, item, leaf, why, o, &arena, &err), &err);
	check_same(&f, &again, o->n_widths);

	check_ok(outcome_find(&outcome, &c->s, leaf, why, &o->search, &err), &err);
	assert_true(outcome.rank == f.outcome.rank && outcome.pruned_at == f.outcome.pruned_at);
	assert_true(outcome.nll_before == f.outcome.nll_before && outcome.nll_after == f.outcome.nll_after);
	assert_true(outcome.returned == f.outcome.returned && outcome.condition_holds == f.outcome.condition_holds);
	if (o->search.budget == 0)
		assert_true(outcome.kind == f.outcome.kind && outcome.recalled == f.outcome.recalled &&
			outcome.exact_n == f.outcome.exact_n);

	full.budget = 0;
	check_ok(beam_search(&t, &c->s, &o->search.beam, true, &err), &err);
	check_ok(diagnose(&d, &t, &c->s, leaf, why, &full, &err), &err);
	check_diagnosis(&f, &d);
	check_reach(&f, c, all, leaf, o, tally);
	check_item_rank(&f, c, item, o, tally);
	if (f.outcome.kind == VERDICT_UNREACHABLE) {
		assert_true(f.outcome.exact_rank == 0 && f.exact_rank_most == 0 && f.smallest_width == 0);
	} else {
		check_exact(&f, all, d.logp, o);
		check_smallest(&f, c, leaf, o, tally);
		tally->beyond += !f.outcome.exact_proved && o->search.budget == 0;
	}
	tally->kind[f.outcome.kind]++;
	tally->how[f.how]++;
	diagnosis_release(&d);
	trace_release(&t);
	arena_release(&arena);
}

static void test_random(void **state)
{
	struct tally tally = {0};
	struct rng r;

	(void)state;
	rng_seed(&r, 41);
	for (int round = 0; round < 1500; round++) {
		size_t widths[MOST_WIDTHS];
		struct finding_options o = {.search.beam = {.length_penalty = 1}, .widths = widths};
		struct randcase c;
		struct list all;

		if (!randcase_whole(&c, &r, MOST_ITEMS, round))
			continue;
		list_items(&all, &c);
		o.search.beam.kind = round % 2 == 0 ? SEARCH_HF : SEARCH_PLAIN;
		o.search.beam.early = (enum early_stopping)rng_below(&r, 3);
		o.search.budget = rng_below(&r, 3) == 0 ? 1 + rng_below(&r, 3) : 0;
		for (uint32_t i = 0; i <= c.items.n; i++) {
			o.search.beam.width = 1 + rng_below(&r, 5);
			o.search.max_width = rng_below(&r, 8);
			o.rank_limit = rng_below(&r, 12);
			o.n_widths = 0;
			for (size_t width = 1 + rng_below(&r, 3); o.n_widths < rng_below(&r, MOST_WIDTHS + 1);
				width += 1 + rng_below(&r, 3))
				widths[o.n_widths++] = width;
			check_item(&c, &all, &o, i < c.items.n ? i : ITEM_NONE, &r, &tally);
		}
		randcase_release(&c);
	}
	for (size_t i = 0; i < ARRAY_LEN(tally.kind); i++)
		assert_true(tally.kind[i] > 10);
	for (size_t i = 0; i < ARRAY_LEN(tally.how); i++)
		assert_true(tally.how[i] > 10);
	assert_true(tally.beyond > 100 && tally.saved > 100 && tally.hopeless > 100);
	assert_true(tally.shared > 100 && tally.not_recalled > 100);
}

/* What cannot be answered is said, and nothing is left behind. */
static void test_refusals(void **state)
{
	struct finding_options o = {.search.beam.width = 0};
	struct randcase c;
	struct finding f;
	struct arena arena;
	struct rng r;
	struct err err;

	(void)state;
	rng_seed(&r, 42);
	arena_init(&arena);
	randcase_init(&c, &r, 15, 0, 0);
	check_refused(finding_search(&f, &c.s, 0, c.trie.item_leaf[0], UNREACHABLE_NOT, &o, &arena, &err), &err,
		ERR_VALUE, "the beam width is 0");
	randcase_release(&c);
	arena_release(&arena);
}

/* The step with the least margin; those after the search's end have none. */
static void test_worst_step(void **state)
{
	struct finding_step steps[] = {{.prefix_margin = 2}, {.prefix_margin = -3}, {.prefix_margin = -3},
		{.prefix_margin = INFINITY}, {.prefix_margin = NAN}};
	struct finding f = {.steps = steps, .n_steps = ARRAY_LEN(steps)};

	(void)state;
	assert_int_equal(finding_worst_step(&f), 2);
	steps[3].prefix_margin = -INFINITY;
	assert_int_equal(finding_worst_step(&f), 4);
	f.n_steps = 1;
	assert_int_equal(finding_worst_step(&f), 1);
	steps[0].prefix_margin = NAN;
	assert_int_equal(finding_worst_step(&f), 0);
	f.n_steps = 0;
	assert_int_equal(finding_worst_step(&f), 0);
}

#define ITEMS "item_id,title,tokens\na,Red,5 9\nb,Blue,5 9 7\nc,Red,5 9\nd,,\ne,Green,6\nf,Grey,5 8\n"
#define CASES "case_id,prompt_tokens,item_id\nx,1,b\ny,1,a\nz,1,nosuch\nw,1,d\nv,1,e\n"
#define META "{\"eos_token_id\": 2}"

static struct dataset *open_tokens(const char *dir)
{
	char *items = tempdir_put(dir, "items.csv", ITEMS, strlen(ITEMS));
	char *cases = tempdir_put(dir, "cases.csv", CASES, strlen(CASES));
	char *meta = tempdir_put(dir, "meta.json", META, strlen(META));
	const char *train = "case_id,prompt_tokens,item_id\nt,1,b\nu,1,b\n";
	char *trains = tempdir_put(dir, "cases_train.csv", train, strlen(train));
	struct dataset *d;
	struct err err;

	check_ok(dataset_open(&d, dir, &err), &err);
	free(items);
	free(cases);
	free(meta);
	free(trains);
	return d;
}

static void open_trie(struct trie *t, const struct dataset *d, enum end_rule end)
{
	const struct catalogue *c = &d->catalogue;
	struct err err;

	check_ok(trie_init(t, c->tokens, c->first, c->n, c->eos, end, &err), &err);
}

/* Of the items 5 9 (twice), 5 9 7, 5 8, 6: "5" begins three sequences. */
static void test_describe(void **state)
{
	struct dataset *d = open_tokens(*state);
	const struct rec_case *cases = d->splits[SPLIT_TEST].cases;
	struct arena arena;
	struct finding f;
	struct trie t;

	arena_init(&arena);
	open_trie(&t, d, END_EOS);
	memset(&f, 0xa5, sizeof(f));
	finding_describe(&f, d, &cases[0], 7, &t, &arena);
	assert_true(f.index == 7 && f.history == 0 && f.prompt_tokens == 0 && f.popularity == 2);
	assert_string_equal(f.id, "x");
	assert_ptr_not_equal(f.id, cases[0].id);
	assert_string_equal(f.user, "");
	assert_string_equal(f.item, "b");
	assert_string_equal(f.title, "Blue");
	assert_string_equal(f.first_text, "");
	assert_true(f.item_tokens == 4 && f.choices == 3 && f.first_token == 5 && f.first_shared == 3);
	assert_true(f.n_steps == 0 && f.reach == NULL && f.outcome.rank == 0 && f.smallest_width == 0);
	finding_describe(&f, d, &cases[4], 8, &t, &arena);
	assert_true(f.item_tokens == 2 && f.choices == 1 && f.first_token == 6 && f.first_shared == 1);
	finding_describe(&f, d, &cases[3], 9, &t, &arena); /* without tokens */
	assert_true(f.item_tokens == 0 && f.choices == 0 && f.first_token == TOKEN_NONE && f.first_shared == 0);
	assert_string_equal(f.title, "");
	finding_describe(&f, d, &cases[2], 10, &t, &arena); /* not in the catalogue */
	assert_string_equal(f.item, "nosuch");
	assert_true(f.item_tokens == 0 && f.first_token == TOKEN_NONE && f.popularity == 0);
	finding_describe(&f, d, &cases[0], 11, NULL, &arena);
	assert_true(f.item_tokens == 0 && f.first_token == TOKEN_NONE && f.popularity == 2);
	trie_release(&t);
	open_trie(&t, d, END_LEAF); /* 5 9 is hidden: two reachable sequences begin with 5 */
	finding_describe(&f, d, &cases[1], 12, &t, &arena);
	assert_true(f.item_tokens == 3 && f.choices == 0 && f.first_token == 5 && f.first_shared == 2);
	trie_release(&t);
	arena_release(&arena);
	dataset_free(d);
}

static void check_leaf(const struct dataset *d, const struct trie *t, uint32_t item, enum unreachable_why expected)
{
	enum unreachable_why why;
	uint32_t leaf = finding_leaf(&d->catalogue, t, item, &why);

	assert_int_equal(why, expected);
	assert_int_equal(leaf, expected == UNREACHABLE_NOT ? t->item_leaf[item] : TRIE_NONE);
}

static void test_leaf(void **state)
{
	struct dataset *d = open_tokens(*state);
	struct trie t;

	open_trie(&t, d, END_LEAF);
	check_leaf(d, &t, 1, UNREACHABLE_NOT);
	check_leaf(d, &t, 0, UNREACHABLE_HIDDEN);
	check_leaf(d, &t, 3, UNREACHABLE_NO_TOKENS);
	check_leaf(d, &t, ITEM_NONE, UNREACHABLE_NO_POSITIVE);
	trie_release(&t);
	dataset_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_worst_step),
		in_tempdir(test_describe),
		in_tempdir(test_leaf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
