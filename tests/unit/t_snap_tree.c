/*
 * The tree of a search: on random traces, against what is counted from the candidates without a tree.
 */
#include "check.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "session/snap_tree.h"

enum { MOST_STEPS = 9, MOST = 60, MOST_PREFIXES = MOST_STEPS * MOST + 1, RUNS = 300 };

/* A made-up search, and what is known of its prefixes by their numbers. */
struct made {
	struct snap_trace trace;
	struct snap_step steps[MOST_STEPS];
	struct snap_candidate candidates[MOST_STEPS][MOST];
	struct snap_positive positive[MOST_STEPS + 2];
	uint32_t above[MOST_PREFIXES + 20];
	size_t born[MOST_PREFIXES + 20]; /* step of the prefix; 0: the root */
	uint32_t n;                      /* numbers given */
	bool hf;
};

struct prefix {
	uint32_t number;
	double logp;
	bool finished;
};

static int by_logp(const void *a, const void *b)
{
	const struct snap_candidate *x = a, *y = b;

	return x->logp > y->logp ? -1 : x->logp < y->logp;
}

static struct snap_candidate child(struct made *m, struct rng *rng, const struct prefix *p, size_t step)
{
	double logp = -rng_uniform(rng) * 3;
	struct snap_candidate k = {.text_shown = "t", .prefix_shown = "p", .step_logp = logp, .logp = p->logp + logp};

	k.node = ++m->n;
	k.above = p->number;
	k.finished = step > 1 && rng_below(rng, 5) == 0;
	m->above[k.node] = p->number;
	m->born[k.node] = step;
	return k;
}

/* What competes at a step, unsorted. */
static size_t compete(struct made *m, struct rng *rng, const struct prefix *live, size_t n_live, size_t step)
{
	struct snap_candidate *k = m->candidates[step - 1];
	size_t n = 0;

	for (size_t i = 0; i < n_live && n + 8 < MOST; i++) {
		if (live[i].finished) {
			k[n] = (struct snap_candidate){.text_shown = "t",
				.prefix_shown = "p",
				.node = live[i].number,
				.above = m->above[live[i].number],
				.logp = live[i].logp,
				.finished = true,
				.carried = true};
			n++;
			continue;
		}
		size_t children = rng_below(rng, 3) == 0 ? rng_below(rng, 8) : 1;
		for (size_t c = 0; c < children; c++)
			k[n++] = child(m, rng, &live[i], step);
	}
	qsort(k, n, sizeof(*k), by_logp);
	return n;
}

/* One step: keeps the best, leaves most others untraced; returns the prefixes that go on. */
static size_t make_step(struct made *m, struct rng *rng, struct prefix *live, size_t n_live, size_t step)
{
	struct snap_candidate *k = m->candidates[step - 1];
	size_t width = 1 + rng_below(rng, 8), n = compete(m, rng, live, n_live, step);
	size_t traced = width + rng_below(rng, 2 * (uint32_t)width + 1), n_next = 0;
	struct snap_step *s = &m->steps[step - 1];

	*s = (struct snap_step){.candidates = k, .total = n, .width = width, .cutoff = -(double)INFINITY};
	s->n = n < traced ? n : traced;
	for (size_t i = 0; i < s->n; i++) {
		k[i].rank = (uint32_t)i + 1;
		k[i].kept = i < width;
		if (!k[i].kept)
			continue;
		s->kept++;
		s->cutoff = k[i].logp;
		if (!m->hf || !k[i].finished)
			live[n_next++] = (struct prefix){k[i].node, k[i].logp, k[i].finished};
	}
	if (s->n > 0 && s->n == n && !k[n - 1].kept && !k[n - 1].carried && rng_below(rng, 3) == 0) {
		k[n - 1].forbidden = true;
		s->total--;
	}
	return n_next;
}

/* A path of candidates for as long as there is one, followed after that. */
static void make_positive(struct made *m, struct rng *rng)
{
	size_t length = 1 + rng_below(rng, MOST_STEPS + 1);
	uint32_t above = 0;
	bool lost = false;

	for (size_t t = 1; t <= length; t++) {
		const struct snap_step *s = &m->steps[t - 1];
		uint32_t found = 0;
		for (size_t i = 0; !lost && t <= m->trace.n_steps && i < s->n; i++)
			if (s->candidates[i].above == above && !s->candidates[i].carried &&
				(!found || rng_below(rng, 2) == 0)) {
				found = s->candidates[i].node;
				lost = !s->candidates[i].kept;
				m->trace.pruned_at = lost ? t : 0;
			}
		if (!found && !lost) {
			lost = true;
			m->trace.pruned_at = t;
		}
		if (!found) {
			found = ++m->n;
			m->above[found] = above;
			m->born[found] = t;
		}
		m->positive[t - 1] = (struct snap_positive){.node = found, .text_shown = "f", .step_logp = -0.5};
		above = found;
	}
	m->trace.n_positive = length;
}

static void mark_results(struct made *m, const struct prefix *live, size_t n_live)
{
	uint32_t rank = 0;

	for (size_t t = 0; t < m->trace.n_steps; t++)
		for (size_t i = 0; i < m->steps[t].n; i++) {
			struct snap_candidate *k = &m->candidates[t][i];
			bool stayed = m->hf && k->finished && k->kept;
			for (size_t l = 0; l < n_live; l++)
				stayed |= live[l].number == k->node && live[l].finished;
			k->result = stayed ? ++rank : 0;
		}
}

static void make(struct made *m, struct rng *rng)
{
	struct prefix live[MOST] = {{0, 0, false}};
	size_t n_live = 1, n_steps = 1 + rng_below(rng, MOST_STEPS);

	*m = (struct made){.hf = rng_below(rng, 2) == 0};
	m->trace.steps = m->steps;
	m->trace.positive = m->positive;
	for (size_t t = 1; t <= n_steps; t++) {
		n_live = make_step(m, rng, live, n_live, t);
		m->trace.n_steps = t;
	}
	mark_results(m, live, n_live);
	if (rng_below(rng, 8) > 0)
		make_positive(m, rng);
}

/* Is the prefix a candidate of some step up to this one? *kept: of this very step, and kept. */
static bool competed(const struct made *m, uint32_t number, size_t step, bool *kept)
{
	bool did = false;

	*kept = false;
	for (size_t t = 1; t <= step; t++)
		for (size_t i = 0; i < m->steps[t - 1].n; i++) {
			const struct snap_candidate *k = &m->candidates[t - 1][i];
			if (k->node != number)
				continue;
			did = true;
			*kept |= k->kept && (t == step || k->result > 0);
		}
	return did;
}

/* Has the prefix any that begin with it among those that competed? */
static bool goes_on(const struct made *m, uint32_t number, size_t step)
{
	bool kept;

	for (uint32_t i = 1; i <= m->n; i++)
		if (m->above[i] == number && m->born[i] <= step && competed(m, i, step, &kept))
			return true;
	return false;
}

static bool is_positive(const struct made *m, uint32_t number)
{
	for (size_t i = 0; i < m->trace.n_positive; i++)
		if (m->positive[i].node == number)
			return true;
	return false;
}

/* How often each prefix stands on a line. */
static void count_shown(const struct snap_tree *t, const struct tree_lines *lines, unsigned *shown)
{
	for (size_t i = 0; i < lines->n; i++) {
		const struct tree_line *l = &lines->at[i];
		for (uint32_t node = l->last; l->kind == TREE_BRANCH; node = t->nodes[node].parent) {
			shown[t->nodes[node].number]++;
			if (node == l->first)
				break;
		}
	}
}

/* What is shown and what is counted as hidden is all there is. */
static void check_counts(const struct made *m, const struct snap_tree *t, const struct tree_lines *lines, size_t step)
{
	size_t kept = 0, pruned = 0, untraced = 0;
	unsigned shown[MOST_PREFIXES + 20] = {0};
	bool is_kept;

	count_shown(t, lines, shown);
	for (size_t i = 0; i < lines->n; i++) {
		const struct tree_line *l = &lines->at[i];
		kept += l->n_kept;
		if (l->kind == TREE_UNTRACED)
			untraced += l->n_pruned;
		else if (!l->unfolded)
			pruned += l->n_pruned;
	}
	for (uint32_t i = 1; i <= m->n; i++) {
		assert_true(shown[i] <= 1);
		if (!competed(m, i, step, &is_kept) || goes_on(m, i, step))
			continue;
		if (is_kept)
			kept += shown[i];
		else
			pruned += shown[i];
	}
	for (uint32_t i = 1; i <= m->n; i++)
		if (competed(m, i, step, &is_kept) && !goes_on(m, i, step)) {
			kept -= is_kept;
			pruned -= !is_kept;
		}
	assert_int_equal(kept, 0);
	assert_int_equal(pruned, 0);
	const struct snap_step *s = &m->steps[step - 1];
	for (size_t i = 0; i < s->n; i++)
		untraced += !s->candidates[i].forbidden;
	assert_int_equal(untraced, s->total);
}

/* Guides lead to a later line of the same depth that belongs to the same branch. */
static void check_lines(const struct snap_tree *t, const struct tree_lines *lines)
{
	for (size_t i = 0; i < lines->n; i++) {
		const struct tree_line *l = &lines->at[i];
		for (uint32_t d = 0; d <= l->depth; d++) {
			size_t j = i + 1;
			while (j < lines->n && lines->at[j].depth > d)
				j++;
			assert_int_equal(l->guides >> d & 1, j < lines->n && lines->at[j].depth == d);
		}
		if (l->kind != TREE_BRANCH)
			continue;
		assert_int_equal(snap_tree_find(t, lines, l->last), i);
		size_t up = i;
		while (up > 0 && lines->at[up].depth >= l->depth)
			up--;
		uint32_t parent = t->nodes[l->first].parent;
		assert_int_equal(parent, l->depth == 0 ? TREE_ROOT : lines->at[up].last);
		assert_true(l->children == (i + 1 < lines->n && lines->at[i + 1].depth > l->depth));
	}
}

static void look_at(const struct made *m, const struct snap_tree *t, const struct tree_look *look)
{
	struct tree_lines lines = {0};
	unsigned shown[MOST_PREFIXES + 20] = {0};
	bool is_kept;

	snap_tree_lines(t, look, &lines);
	check_counts(m, t, &lines, look->step);
	check_lines(t, &lines);
	count_shown(t, &lines, shown);
	for (uint32_t i = 1; !look->folds && i <= m->n; i++) {
		bool did = competed(m, i, look->step, &is_kept), last = look->step == m->trace.n_steps;
		if (is_kept || (look->all && did) || (is_positive(m, i) && m->born[i] <= look->step))
			assert_int_equal(shown[i], 1);
		if (!did && !(is_positive(m, i) && (m->born[i] <= look->step || last)))
			assert_int_equal(shown[i], 0);
	}
	vec_release(&lines);
}

static void random_searches_are_shown_whole(void **state)
{
	struct made *m = xcalloc(1, sizeof(*m));
	struct rng rng;

	(void)state;
	rng_seed(&rng, 5);
	for (int run = 0; run < RUNS; run++) {
		struct snap_tree t;
		make(m, &rng);
		snap_tree_init(&t, &m->trace);
		uint8_t *folds = xcalloc(t.n, 1);
		for (size_t step = 1; step <= m->trace.n_steps; step++) {
			look_at(m, &t, &(struct tree_look){.step = step});
			look_at(m, &t, &(struct tree_look){.step = step, .all = true});
			for (size_t i = 1; i < t.n; i++)
				folds[i] = (uint8_t)(rng_below(&rng, 4) > 0 ? FOLD_AUTO : rng_below(&rng, 3));
			look_at(m, &t, &(struct tree_look){.step = step, .folds = folds});
			look_at(m, &t, &(struct tree_look){.step = step, .all = run % 2 == 0, .folds = folds});
		}
		free(folds);
		snap_tree_release(&t);
	}
	free(m);
}

/* log P of a prefix is the sum over the lines that lead to it. */
static void lines_add_up(void **state)
{
	struct made *m = xcalloc(1, sizeof(*m));
	struct tree_lines lines = {0};
	struct rng rng;

	(void)state;
	rng_seed(&rng, 11);
	for (int run = 0; run < RUNS; run++) {
		struct snap_tree t;
		make(m, &rng);
		snap_tree_init(&t, &m->trace);
		snap_tree_lines(&t, &(struct tree_look){.step = m->trace.n_steps}, &lines);
		for (size_t i = 0; i < lines.n; i++) {
			double sum = 0;
			size_t at_step, j = i;
			const struct snap_candidate *k = snap_tree_candidate(&t, lines.at[i].last, 1, &at_step);
			if (lines.at[i].kind != TREE_BRANCH || !k)
				continue;
			for (uint32_t depth = lines.at[i].depth + 1; depth-- > 0;) {
				while (lines.at[j].depth > depth)
					j--;
				sum += snap_tree_logp(&t, &lines.at[j]);
			}
			assert_float_equal(sum, k->logp, 1e-9);
		}
		snap_tree_release(&t);
	}
	vec_release(&lines);
	free(m);
}

/* What no search makes does not harm: numbers that nothing says anything about, and no steps at all. */
static void odd_traces(void **state)
{
	struct snap_candidate k[3] = {
		{.node = 7, .above = 99, .text_shown = "a", .kept = true},
		{.node = 8, .above = 8, .text_shown = "b", .logp = -(double)INFINITY},
		{.node = 7, .above = 99, .text_shown = "a", .logp = NAN},
	};
	struct snap_step step = {.candidates = k, .n = 3, .total = 3, .kept = 1};
	struct snap_trace trace = {.steps = &step, .n_steps = 1};
	struct tree_lines lines = {0};
	struct snap_tree t;

	(void)state;
	snap_tree_init(&t, &trace);
	snap_tree_lines(&t, &(struct tree_look){.step = 1, .all = true}, &lines);
	assert_int_equal(lines.n, 2);
	assert_int_equal(lines.at[0].fate, TREE_KEPT);
	assert_int_equal(lines.at[1].fate, TREE_PRUNED);
	snap_tree_lines(&t, &(struct tree_look){.step = 2}, &lines);
	assert_int_equal(lines.n, 0);
	snap_tree_release(&t);
	trace.n_steps = 0;
	snap_tree_init(&t, &trace);
	snap_tree_lines(&t, &(struct tree_look){.step = 0}, &lines);
	assert_int_equal(lines.n, 0);
	snap_tree_release(&t);
	vec_release(&lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_searches_are_shown_whole),
		cmocka_unit_test(lines_add_up),
		cmocka_unit_test(odd_traces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
