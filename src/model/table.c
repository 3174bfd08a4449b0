/*
 * The probability table behind struct lm. Its prefixes are a tree, and so are the search's nodes; a node of the latter
 * carries the number of the table's prefix that it stands for.
 */
#include "model/table.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/vec.h"
#include "store/csvfile.h"
#include "tree.h"

#define MAX_ID ((1u << 24) - 1)
#define MAX_PREFIX 1000 /* tokens */
#define MAX_PREFIXES (1u << 27)
#define SUM_SLACK 1e-6 /* what probabilities written in decimals may exceed 1 by */

struct entry {
	uint32_t prefix; /* node of `prefixes` */
	uint32_t token;
	double p;
	size_t line;
};

struct table {
	struct lm lm;
	struct tree prefixes;
	VEC(struct entry) entries; /* in order of prefix, then token */
	size_t *first;             /* owned, [prefixes.n + 1]: where a prefix's entries begin */
	double *rest;              /* owned, [prefixes.n]: 1 - their sum */
	struct tree tree;          /* value: node of `prefixes`, or TREE_NONE where the table says nothing */
};

static struct table *of(const struct lm *lm)
{
	return (struct table *)lm;
}

static int table_prompt(struct lm *lm, const uint32_t *tokens, size_t n, struct err *err)
{
	struct table *t = of(lm);

	(void)tokens;
	(void)err;
	tree_clear(&t->tree);
	t->tree.at[LM_PROMPT].value = 0;
	t->lm.stats.prompt_tokens += n;
	return 0;
}

static lm_node table_child(struct lm *lm, lm_node parent, uint32_t token)
{
	struct table *t = of(lm);
	lm_node node = tree_child(&t->tree, parent, token);
	uint32_t prefix = t->tree.at[parent].value;

	if (prefix != TREE_NONE)
		t->tree.at[node].value = tree_find(&t->prefixes, prefix, token);
	return node;
}

static int by_prefix_and_token(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->prefix != y->prefix)
		return x->prefix < y->prefix ? -1 : 1;
	if (x->token != y->token)
		return x->token < y->token ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

static int by_token(const void *key, const void *entry)
{
	uint32_t token = *(const uint32_t *)key, other = ((const struct entry *)entry)->token;

	return (token > other) - (token < other);
}

/* log of rest^(1/tau) + Σ p^(1/tau), the largest taken out: at a low temperature each term alone may be too small for a
 * double. Some probability is above zero. */
static double log_sum(const struct entry *entries, size_t n, double rest, double tau)
{
	double largest = rest, sum;

	for (size_t i = 0; i < n; i++)
		largest = entries[i].p > largest ? entries[i].p : largest;
	sum = pow(rest / largest, 1 / tau);
	for (size_t i = 0; i < n; i++)
		sum += pow(entries[i].p / largest, 1 / tau);
	return log(largest) / tau + log(sum);
}

static void answer(const struct table *t, struct lm_query *query, uint32_t prefix, double tau)
{
	size_t first = prefix == TREE_NONE ? 0 : t->first[prefix], end = prefix == TREE_NONE ? 0 : t->first[prefix + 1];
	double rest = prefix == TREE_NONE ? 1 : t->rest[prefix];
	const struct entry *entries = t->entries.at;

	for (size_t i = 0; i < query->n; i++) {
		const struct entry *e = bsearch(&query->ids[i], entries + first, end - first, sizeof(*e), by_token);

		query->logits[i] = e == NULL ? -INFINITY : (float)log(e->p);
	}
	if (query->lse != NULL)
		*query->lse = log_sum(entries + first, end - first, rest, tau);
	for (size_t v = 0; query->all != NULL && v < t->lm.vocab; v++)
		query->all[v] = -INFINITY;
	for (size_t i = first; query->all != NULL && i < end; i++)
		query->all[entries[i].token] = (float)log(entries[i].p);
}

static int table_query(struct lm *lm, struct lm_query *queries, size_t n, double tau, struct err *err)
{
	struct table *t = of(lm);

	(void)err;
	for (size_t q = 0; q < n; q++) {
		if (queries[q].node >= t->tree.n)
			BUG("node %u of a tree of %zu", queries[q].node, t->tree.n);
		answer(t, &queries[q], t->tree.at[queries[q].node].value, tau);
		t->lm.stats.rows_picked += queries[q].n;
		t->lm.stats.rows_full += queries[q].lse != NULL || queries[q].all != NULL;
	}
	return 0;
}

static void table_close(struct lm *lm)
{
	struct table *t = of(lm);

	tree_release(&t->prefixes);
	tree_release(&t->tree);
	vec_release(&t->entries);
	free(t->first);
	free(t->rest);
	free(t);
}

static const struct lm_ops table_ops = {
	.prompt = table_prompt,
	.child = table_child,
	.query = table_query,
	.close = table_close,
};

static void note_id(struct table *t, uint32_t id)
{
	if (t->lm.vocab <= id)
		t->lm.vocab = id + 1;
}

/* A token id at *s, digits only; *s is moved past it. */
static bool scan_id(const char **s, uint32_t *id)
{
	uint32_t value = 0;

	if (!isdigit((unsigned char)**s))
		return false;
	for (; isdigit((unsigned char)**s); (*s)++) {
		value = value * 10 + (uint32_t)(**s - '0');
		if (value > MAX_ID)
			return false;
	}
	*id = value;
	return true;
}

static bool parse_token(struct table *t, const char *s, uint32_t *token)
{
	if (!scan_id(&s, token) || *s != '\0')
		return false;
	note_id(t, *token);
	return true;
}

/* Ids separated by spaces; *prefix gets their node. */
static bool parse_prefix(struct table *t, const char *s, uint32_t *prefix)
{
	uint32_t id;

	*prefix = 0;
	for (s += strspn(s, " "); *s != '\0'; s += strspn(s, " ")) {
		if (!scan_id(&s, &id) || (*s != ' ' && *s != '\0'))
			return false;
		if (t->prefixes.at[*prefix].depth == MAX_PREFIX)
			return false;
		note_id(t, id);
		*prefix = tree_child(&t->prefixes, *prefix, id);
	}
	return true;
}

struct columns {
	size_t prefix, token, probability;
};

static int add_row(struct table *t, const struct csvfile *f, const struct csvfile_row *row, const struct columns *c,
	struct err *err)
{
	struct entry entry = {.line = row->line};

	if (!parse_prefix(t, row->field[c->prefix], &entry.prefix))
		return csvfile_refuse(f, row, c->prefix, err,
			"must be up to %d token ids below %u, separated by spaces, not \"%.80s\"", MAX_PREFIX,
			MAX_ID + 1, row->field[c->prefix]);
	if (t->prefixes.n > MAX_PREFIXES)
		return csvfile_refuse(f, row, c->prefix, err, "more than %u prefixes", MAX_PREFIXES);
	if (!parse_token(t, row->field[c->token], &entry.token))
		return csvfile_refuse(f, row, c->token, err, "must be a token id below %u, not \"%.80s\"", MAX_ID + 1,
			row->field[c->token]);
	if (csvfile_double(f, row, c->probability, 0, 1, &entry.p, err) != 0)
		return -1;
	vec_push(&t->entries, entry);
	return 0;
}

static int read_rows(struct table *t, struct csvfile *f, struct err *err)
{
	struct csvfile_row row;
	struct columns c;
	int more;

	if (csvfile_column(f, "prefix", &c.prefix, err) != 0 || csvfile_column(f, "token", &c.token, err) != 0 ||
		csvfile_column(f, "probability", &c.probability, err) != 0)
		return -1;
	while ((more = csvfile_next(f, &row, err)) > 0) {
		if (add_row(t, f, &row, &c, err) != 0)
			return -1;
	}
	return more;
}

/* The ids that lead to a prefix, as they stand in the file. */
static void prefix_text(const struct table *t, uint32_t prefix, struct buf *text)
{
	if (prefix == 0)
		return;
	prefix_text(t, t->prefixes.at[prefix].parent, text);
	buf_addf(text, "%s%u", text->len > 0 ? " " : "", t->prefixes.at[prefix].token);
}

static int check_sum(struct table *t, const char *path, uint32_t prefix, struct err *err)
{
	const struct entry *entries = t->entries.at;
	struct buf text = {0};
	size_t line = 0;
	double sum = 0;

	for (size_t i = t->first[prefix]; i < t->first[prefix + 1]; i++) {
		sum += entries[i].p;
		line = line > entries[i].line ? line : entries[i].line;
	}
	t->rest[prefix] = 1 - sum > SUM_SLACK ? 1 - sum : 0;
	if (sum <= 1 + SUM_SLACK)
		return 0;
	prefix_text(t, prefix, &text);
	err_set(err, ERR_FORMAT, "%s:%zu: the probabilities after '%s' sum to %.9g, and may not exceed 1", path, line,
		buf_str(&text), sum);
	buf_release(&text);
	return -1;
}

static int refuse_twice(const struct table *t, const char *path, const struct entry *entry, struct err *err)
{
	struct buf text = {0};

	prefix_text(t, entry->prefix, &text);
	err_set(err, ERR_FORMAT, "%s:%zu: token %u after '%s' was given in line %zu already", path, entry[1].line,
		entry->token, buf_str(&text), entry->line);
	buf_release(&text);
	return -1;
}

/* Sorts the rows by prefix and checks those of each. */
static int index_rows(struct table *t, const char *path, struct err *err)
{
	struct entry *entries = t->entries.at;
	size_t n = t->entries.n, prefixes = t->prefixes.n, at = 0;

	if (n == 0)
		return err_set(err, ERR_FORMAT, "%s: a probability table without rows", path);
	t->first = mem_try_alloc(prefixes + 1, sizeof(*t->first), false, "the probability table", err);
	t->rest = mem_try_alloc(prefixes, sizeof(*t->rest), false, "the probability table", err);
	if (t->first == NULL || t->rest == NULL)
		return -1;
	qsort(entries, n, sizeof(*entries), by_prefix_and_token);
	for (size_t i = 0; i + 1 < n; i++) {
		if (entries[i].prefix == entries[i + 1].prefix && entries[i].token == entries[i + 1].token)
			return refuse_twice(t, path, &entries[i], err);
	}
	for (size_t prefix = 0; prefix < prefixes; prefix++) {
		t->first[prefix] = at;
		while (at < n && entries[at].prefix == prefix)
			at++;
	}
	t->first[prefixes] = n;
	for (size_t prefix = 0; prefix < prefixes; prefix++) {
		if (check_sum(t, path, (uint32_t)prefix, err) != 0)
			return -1;
	}
	return 0;
}

int table_open(struct lm **out, const char *path, struct err *err)
{
	struct table *t = xcalloc(1, sizeof(*t));
	struct csvfile *f = NULL;
	int rc = -1;

	t->lm.ops = &table_ops;
	t->lm.ignores_prompt = true;
	tree_clear(&t->prefixes);
	if (csvfile_open(&f, path, err) != 0 || read_rows(t, f, err) != 0 || index_rows(t, path, err) != 0)
		goto out;
	*out = &t->lm;
	rc = 0;
out:
	csvfile_close(f);
	if (rc != 0)
		lm_close(&t->lm);
	return rc;
}
