#include "train/examples.h"

#include <string.h>

/* Windows that are looked at before a template counts as one whose prompts do not continue each other. */
#define JOIN_TRIES 8

struct maker {
	struct examples *e;
	const struct example_source *from;
	struct vec_u32 ids; /* of the sequence in the making */
	VEC(struct target) targets;
	struct vec_u32 items;     /* of one case, oldest first */
	struct vec_u32 start;     /* a prompt, for comparison */
	struct vec_u32 separator; /* what the template puts between one item's tokens and the next's; none: unknown */
	size_t refusals;          /* windows that could not be joined before any could */
};

static uint32_t leaf_of(const struct maker *m, uint32_t item)
{
	return item == ITEM_NONE ? TRIE_NONE : m->from->trie->item_leaf[item];
}

static const uint32_t *spelling_of(const struct maker *m, uint32_t item, size_t *n)
{
	const struct catalogue *c = &m->from->data->catalogue;

	*n = c->first[item + 1] - c->first[item];
	return c->tokens + c->first[item];
}

/* The n items before a target become the prompt in `out`. */
static int encode(struct maker *m, const struct rec_case *rc, const uint32_t *items, size_t n, struct vec_u32 *out,
	struct err *err)
{
	struct rec_case part = *rc;

	part.history = items;
	part.n_history = n;
	vec_clear(out);
	return dataset_prompt(m->from->data, &part, m->from->tokenizer, m->from->template, 0, out, err);
}

/* The item of a leaf is to be predicted at the sequence's present end; its tokens but EOS are put there. */
static void add_target(struct maker *m, uint32_t leaf)
{
	const struct trie *trie = m->from->trie;
	size_t n = trie_depth(trie, leaf);

	vec_push(&m->targets, (struct target){leaf, (uint32_t)m->ids.n, (uint32_t)n});
	vec_reserve(&m->ids, m->ids.n + n);
	trie_path(trie, leaf, m->ids.at + m->ids.n);
	m->ids.n += n - 1;
}

/* Makes an example of the sequence, up to its last target. */
static int keep(struct maker *m, const struct rec_case *rc, struct err *err)
{
	const struct target *last = &m->targets.at[m->targets.n - 1];
	struct examples *e = m->e;
	size_t n = last->at + last->n - 1, tokens = n * sizeof(*m->ids.at);
	size_t targets = m->targets.n * sizeof(*m->targets.at);
	struct example x = {.n = (uint32_t)n, .n_targets = (uint32_t)m->targets.n, .rc = rc};

	if (m->targets.at[0].at == 0)
		return err_set(err, ERR_VALUE, "case '%s' has an empty prompt: nothing comes before its item", rc->id);
	if (m->from->max_tokens > 0 && n > m->from->max_tokens)
		return err_set(err, ERR_VALUE,
			"case '%s' makes a sequence of %zu tokens, and the model takes at most %zu: shorten the "
			"histories with --max-history",
			rc->id, n, m->from->max_tokens);
	for (size_t i = 0; i < n && m->from->vocab > 0; i++)
		if (m->ids.at[i] >= m->from->vocab)
			return err_set(err, ERR_VALUE,
				"case '%s': token %zu of its sequence is %u, and the model's vocabulary has %zu tokens",
				rc->id, i + 1, m->ids.at[i], m->from->vocab);
	x.tokens = memcpy(arena_alloc(&e->arena, tokens), m->ids.at, tokens);
	x.targets = memcpy(arena_alloc(&e->arena, targets), m->targets.at, targets);
	vec_push(&e->at, x);
	e->n_targets += x.n_targets;
	e->longest = n > e->longest ? n : e->longest;
	return 0;
}

static int add_last(struct maker *m, const struct rec_case *rc, struct err *err)
{
	const struct example_source *from = m->from;
	uint32_t leaf = leaf_of(m, rc->positive);

	if (leaf == TRIE_NONE) {
		m->e->n_unreachable++;
		return 0;
	}
	vec_clear(&m->ids);
	vec_clear(&m->targets);
	if (dataset_prompt(from->data, rc, from->tokenizer, from->template, from->max_history, &m->ids, err))
		return -1;
	add_target(m, leaf);
	return keep(m, rc, err);
}

/* One sequence for each of the items first … first + n - 1, after the latest items before it. */
static int add_apart(struct maker *m, const struct rec_case *rc, size_t first, size_t n, struct err *err)
{
	size_t most = m->from->max_history;

	for (size_t i = first; i < first + n; i++) {
		size_t before = most > 0 && most < i ? most : i;
		uint32_t leaf = leaf_of(m, m->items.at[i]);

		if (leaf == TRIE_NONE) {
			m->e->n_unreachable++;
			continue;
		}
		if (encode(m, rc, m->items.at + i - before, before, &m->ids, err))
			return -1;
		vec_clear(&m->targets);
		add_target(m, leaf);
		if (keep(m, rc, err))
			return -1;
	}
	return 0;
}

static bool continues(const struct vec_u32 *ids, size_t at, const uint32_t *with, size_t n)
{
	return at <= ids->n && n <= ids->n - at && (n == 0 || memcmp(ids->at + at, with, n * sizeof(*with)) == 0);
}

/* Learns the separator from the prompts of the first one and the first two of the items; leaves it empty where the
 * second does not go on from the first with the item's tokens and something more. */
static int learn_separator(struct maker *m, const struct rec_case *rc, const uint32_t *items, struct err *err)
{
	struct vec_u32 two = {0};
	const uint32_t *spelling;
	size_t n;
	int failed = encode(m, rc, items, 2, &two, err);

	spelling = spelling_of(m, items[1], &n);
	if (!failed && n > 0 && continues(&two, 0, m->start.at, m->start.n) &&
		continues(&two, m->start.n, spelling, n - 1))
		for (size_t i = m->start.n + n - 1; i < two.n; i++)
			vec_push(&m->separator, two.at[i]);
	vec_release(&two);
	return failed;
}

/* Is the sequence's beginning of n tokens the very prompt of these items? */
static int same_prompt(struct maker *m, const struct rec_case *rc, const uint32_t *items, size_t n_items, size_t n,
	bool *same, struct err *err)
{
	struct vec_u32 ids = {0};
	int failed = encode(m, rc, items, n_items, &ids, err);

	*same = !failed && ids.n == n && continues(&m->ids, 0, ids.at, n);
	vec_release(&ids);
	return failed;
}

/*
 * The prompt of n items stands in ids, that of the first one in `start`. Walks over the items' tokens and puts a target
 * where each begins. *joined: they stood where they should, all of them, so that every prompt in between is a beginning
 * of this one. That a prompt is spelt alone as it is in a longer one is tried out with all prompts (`closely`) of the
 * windows before the template is trusted.
 */
static int walk(struct maker *m, const struct rec_case *rc, const uint32_t *items, size_t n, bool closely, bool *joined,
	struct err *err)
{
	size_t at = m->start.n;

	*joined = m->separator.n > 0 && continues(&m->ids, 0, m->start.at, at);
	for (size_t i = 1; i < n && *joined; i++) {
		size_t len;
		const uint32_t *spelling = spelling_of(m, items[i], &len);
		uint32_t leaf = leaf_of(m, items[i]);

		if (leaf != TRIE_NONE)
			vec_push(&m->targets, (struct target){leaf, (uint32_t)at, (uint32_t)len});
		*joined = len > 0 && continues(&m->ids, at, spelling, len - 1) &&
			continues(&m->ids, at + len - 1, m->separator.at, m->separator.n);
		at += len - 1 + m->separator.n;
		if (*joined && closely && same_prompt(m, rc, items, i + 1, at, joined, err))
			return -1;
	}
	*joined &= at == m->ids.n;
	return 0;
}

/* One sequence for all items but the first of a window. *joined is false where the template does not allow it. */
static int add_joined(struct maker *m, const struct rec_case *rc, const uint32_t *items, size_t n, bool *joined,
	struct err *err)
{
	bool trusted = m->separator.n > 0;
	uint32_t leaf = leaf_of(m, items[n - 1]);

	*joined = false;
	vec_clear(&m->targets);
	if (encode(m, rc, items, 1, &m->start, err) || (!trusted && learn_separator(m, rc, items, err)) ||
		encode(m, rc, items, n - 1, &m->ids, err) ||
		walk(m, rc, items, n - 1, !trusted, joined, err))
		return -1;
	if (!*joined) {
		if (!trusted) {
			vec_clear(&m->separator);
			m->refusals++;
		}
		return 0;
	}
	if (leaf != TRIE_NONE)
		add_target(m, leaf);
	m->e->n_unreachable += n - 1 - m->targets.n;
	return m->targets.n > 0 ? keep(m, rc, err) : 0;
}

/* Every item of the case but the first. The windows are cut from the end, so that the last one is what a search for the
 * positive item sees. */
static int add_all(struct maker *m, const struct rec_case *rc, struct err *err)
{
	size_t most = m->from->max_history, n, left;

	vec_clear(&m->items);
	for (size_t i = 0; i < rc->n_history; i++)
		vec_push(&m->items, rc->history[i]);
	if (rc->positive != ITEM_NONE)
		vec_push(&m->items, rc->positive);
	else
		m->e->n_unreachable++;
	if (m->items.n < 2)
		return 0;
	left = m->items.n - 1;
	n = most > 0 && left > most ? (left - 1) % most + 1 : left;
	for (size_t at = 1; left > 0; at += n, left -= n, n = most) {
		bool joined = false;

		if (n > 1 && m->refusals < JOIN_TRIES && add_joined(m, rc, m->items.at + at - 1, n + 1, &joined, err))
			return -1;
		if (!joined && add_apart(m, rc, at, n, err))
			return -1;
	}
	return 0;
}

static void maker_release(struct maker *m)
{
	vec_release(&m->ids);
	vec_release(&m->targets);
	vec_release(&m->items);
	vec_release(&m->start);
	vec_release(&m->separator);
}

static int make(struct maker *m, const struct rec_case *cases, size_t n, enum targets_rule rule, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (rule == TARGETS_ALL ? add_all(m, &cases[i], err) : add_last(m, &cases[i], err))
			return -1;
	if (m->e->at.n > 0)
		return 0;
	return err_set(err, ERR_VALUE,
		"dataset '%s': there is nothing to train on in %zu case%s: no item to be predicted can be reached",
		m->from->data->name, n, n == 1 ? "" : "s");
}

int examples_init(struct examples *e, const struct example_source *from, const struct rec_case *cases, size_t n,
	enum targets_rule rule, struct err *err)
{
	struct maker m = {.e = e, .from = from};
	int failed;

	*e = (struct examples){.n_targets = 0};
	arena_init(&e->arena);
	if (rule == TARGETS_ALL && from->data->tokens_only)
		return err_set(err, ERR_VALUE,
			"dataset '%s' is made of token ids: its prompts are complete, and only the last item of a case "
			"can be a target",
			from->data->name);
	failed = make(&m, cases, n, rule, err);
	maker_release(&m);
	if (failed)
		examples_release(e);
	return failed;
}

void examples_release(struct examples *e)
{
	vec_release(&e->at);
	arena_release(&e->arena);
	*e = (struct examples){.n_targets = 0};
}
