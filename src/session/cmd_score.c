/*
 * What the model gives without a beam: score (teacher forcing) and exact (best-first search).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/cmdtab.h"
#include "field.h"
#include "session/record.h"

/* The item's tokens under one mask. */
struct forced {
	json_t *logp, *rank, *beta, *margin;
	double sum;
};

static void add_step(struct forced *f, const struct scorer *sc, uint32_t parent, uint32_t child, size_t width)
{
	const double *logp = scorer_logp(sc, parent);
	size_t n = trie_n_children(sc->trie, parent), rank = 1;
	double own = logp[child - sc->trie->first[parent]], beta = token_beta(logp, n, width);

	for (size_t i = 0; i < n; i++)
		rank += logp[i] > own;
	json_array_append_new(f->logp, record_real(own));
	json_array_append_new(f->rank, record_count(rank));
	json_array_append_new(f->beta, record_real(beta));
	json_array_append_new(f->margin, record_real(own - beta));
	f->sum += own;
}

static json_t *forced_record(struct forced *f)
{
	json_t *v = json_object();

	json_object_set_new(v, "logp", f->logp);
	json_object_set_new(v, "rank", f->rank);
	json_object_set_new(v, "beta_logp", f->beta);
	json_object_set_new(v, "margin", f->margin);
	json_object_set_new(v, "sum", record_real(f->sum));
	return v;
}

/* nodes: [n + 1] the root and the item's path. */
static int force(json_t **out, struct scorer *sc, enum mask_rule mask, double tau, const uint32_t *nodes, size_t n,
	size_t width, struct err *err)
{
	struct forced f = {.logp = NULL};

	scorer_set(sc, mask, tau);
	if (scorer_expand(sc, nodes, n, err))
		return -1;
	f.logp = json_array();
	f.rank = json_array();
	f.beta = json_array();
	f.margin = json_array();
	for (size_t i = 0; i < n; i++)
		add_step(&f, sc, nodes[i], nodes[i + 1], width);
	*out = forced_record(&f);
	return 0;
}

/* The leaf to score: the named item's, or the case's positive one. */
static int wanted_leaf(
	struct session *s, const struct case_work *c, const char *id, uint32_t *item, uint32_t *leaf, struct err *err)
{
	const struct catalogue *cat = &s->loaded.data->dataset->catalogue;

	*item = c->rc->positive;
	if (id && session_find_item(s, id, item, err))
		return -1;
	if (*item == ITEM_NONE)
		return err_set(err, ERR_VALUE, "case '%s' has no positive item in the catalogue: name one with --item",
			c->rc->id);
	*leaf = s->loaded.search->trie.item_leaf[*item];
	if (*leaf != TRIE_NONE)
		return 0;
	if (cat->first[*item] == cat->first[*item + 1])
		return err_set(err, ERR_VALUE, "item '%s' has no tokens that could be scored", cat->items[*item].id);
	return err_set(err, ERR_VALUE,
		"item '%s' is hidden by end leaf, its tokens begin another item's: use --end eos",
		cat->items[*item].id);
}

static int score_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	const struct trie *trie = &s->loaded.search->trie;
	json_t *v = NULL, *before = NULL, *after = NULL, *valid, *pieces;
	struct case_work c;
	uint32_t item, leaf, *nodes;
	size_t n;

	if (case_open(s, a->text[0], &c, err) || wanted_leaf(s, &c, a->text[1], &item, &leaf, err))
		return -1;
	n = trie_depth(trie, leaf);
	nodes = xreallocarray(NULL, n + 1, sizeof(*nodes));
	for (size_t i = n + 1, node = leaf; i-- > 0; node = trie->parent[node])
		nodes[i] = (uint32_t)node;
	if (force(&before, c.scorer, MASK_BEFORE, s->now.tau, nodes, n, (size_t)s->now.beam, err) ||
		force(&after, c.scorer, MASK_AFTER, s->now.tau, nodes, n, (size_t)s->now.beam, err)) {
		json_decref(before);
		free(nodes);
		return -1;
	}
	v = json_object();
	valid = json_array();
	pieces = json_array();
	json_object_set_new(v, "case", record_string(c.rc->id));
	record_item(v, s, item);
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(valid, record_count(trie_n_children(trie, nodes[i])));
		json_array_append_new(pieces, record_piece(s, trie->token[nodes[i + 1]]));
	}
	json_object_set_new(v, "pieces", pieces);
	json_object_set_new(v, "before", before);
	json_object_set_new(v, "after", after);
	json_object_set_new(v, "valid", valid);
	json_object_set_new(v, "settings", record_settings(s));
	out_record(out, v);
	free(nodes);
	return 0;
}

static const struct out_column score_columns[] = {
	{"step", "step", NULL, true, false},
	{"token", "token", NULL, true, false},
	{"text", "text", NULL, false, true},
	{"valid", "valid", NULL, true, false},
	{"before.logp", "before", "%.3f", true, false},
	{"before.rank", "rank", "%.0f", true, false},
	{"before.beta_logp", NULL, NULL, true, false},
	{"before.margin", "margin", "%+.3f", true, false},
	{"after.logp", "after", "%.3f", true, false},
	{"after.rank", "rank", "%.0f", true, false},
	{"after.beta_logp", NULL, NULL, true, false},
	{"after.margin", "margin", "%+.3f", true, false},
	{NULL, NULL, NULL, false, false},
};

/* A piece as it stands in a table for people, where blanks count. */
static json_t *quoted(const json_t *piece)
{
	struct out o = {.ascii = false};
	json_t *v;

	if (!json_is_string(piece))
		return json_null();
	out_quoted(&o, json_string_value(piece));
	v = json_stringn(buf_str(&o.buf), o.buf.len);
	out_release(&o);
	return v;
}

/* The record's columns turned into rows, one a token. */
static json_t *score_rows(const json_t *record, bool for_people)
{
	static const char *const masks[] = {"before", "after"};
	static const char *const figures[] = {"logp", "rank", "beta_logp", "margin"};
	const json_t *tokens = json_object_get(record, "tokens"), *pieces = json_object_get(record, "pieces");
	json_t *rows = json_array();

	for (size_t i = 0; i < json_array_size(tokens); i++) {
		json_t *row = json_object();

		json_object_set_new(row, "step", record_count(i + 1));
		json_object_set(row, "token", json_array_get(tokens, i));
		if (for_people)
			json_object_set_new(row, "text", quoted(json_array_get(pieces, i)));
		else
			json_object_set(row, "text", json_array_get(pieces, i));
		json_object_set(row, "valid", json_array_get(json_object_get(record, "valid"), i));
		for (size_t m = 0; m < ARRAY_LEN(masks); m++) {
			const json_t *from = json_object_get(record, masks[m]);
			json_t *to = json_object();

			for (size_t k = 0; k < ARRAY_LEN(figures); k++)
				json_object_set(to, figures[k], json_array_get(json_object_get(from, figures[k]), i));
			json_object_set_new(row, masks[m], to);
		}
		json_array_append_new(rows, row);
	}
	return rows;
}

static void score_tsv(const json_t *record, struct out *out)
{
	json_t *rows = score_rows(record, false);

	out_rows(out, rows, score_columns);
	json_decref(rows);
}

static void add_named(struct out *out, const json_t *v)
{
	const char *title = json_string_value(json_object_get(v, "title"));

	out_text(out, "item ");
	out_shown(out, json_string_value(json_object_get(v, "item")));
	if (title) {
		out_text(out, ", ");
		out_shown(out, title);
	}
}

static double real(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);

	return json_is_number(v) ? json_number_value(v) : -(double)INFINITY;
}

static void score_text(const json_t *record, struct out *out)
{
	json_t *rows = score_rows(record, true);

	out_text(out, "case ");
	out_shown(out, json_string_value(json_object_get(record, "case")));
	out_text(out, " · ");
	add_named(out, record);
	out_text(out, "\n\n");
	out_table(out, rows, score_columns);
	out_text(out, "\nwhole item: log P %.4f with mask before, %.4f with mask after\n",
		real(json_object_get(record, "before"), "sum"), real(json_object_get(record, "after"), "sum"));
	json_decref(rows);
}

const struct cmd_entry cmd_score = {
	.name = "score",
	.group = "Explain",
	.summary = "score one item token by token, under both masks",
	.details = "Teacher forcing: for every token of the item its log-probability, its rank among the tokens that "
		"are valid there, the B-th largest log-probability at that place (beta), and the margin between "
		"the two.",
	.args = {
		CASE_ARG,
		{.name = "--item", .type = ARG_ITEM, .source = FROM_ITEMS,
			.help = "this item instead of the positive one"},
	},
	.examples = {
		{"score 312", "the positive item of case 312"},
		{"score 312 --item 44", "another item in its place"},
	},
	.flags = CMD_NEEDS_SEARCH | CMD_WORK,
	.exec = score_exec,
	.text = score_text,
	.tsv = score_tsv,
	.fields = fields_score,
};

static json_t *exact_items(const struct session *s, const struct exact_result *r, uint32_t target)
{
	json_t *a = json_array();

	for (size_t i = 0; i < r->n_items; i++) {
		json_t *v = json_object();

		json_object_set_new(v, "rank", record_count(i + 1));
		record_leaf(v, s, r->items[i].leaf);
		json_object_set_new(v, "logp", record_real(r->items[i].logp));
		json_object_set_new(v, "positive", json_boolean(r->items[i].leaf == target));
		json_array_append_new(a, v);
	}
	return a;
}

static int exact_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	struct exact_options o = {.top = (size_t)a->number[1], .budget = (size_t)a->number[2]};
	struct exact_result r;
	struct case_work c;
	json_t *v, *positive = json_null();

	if (case_open(s, a->text[0], &c, err))
		return -1;
	o.target = c.leaf;
	if (exact_search(&r, c.scorer, &o, err)) {
		exact_release(&r);
		return -1;
	}
	if (c.leaf != TRIE_NONE) {
		positive = json_object();
		record_item(positive, s, c.rc->positive);
		json_object_set_new(positive, "logp", record_real(r.target_logp));
		json_object_set_new(positive, "rank", record_count(r.target_rank));
		json_object_set_new(positive, "rank_most", record_count(r.target_rank_most));
		json_object_set_new(positive, "proved", json_boolean(r.proved));
	}
	v = json_object();
	json_object_set_new(v, "case", record_string(c.rc->id));
	json_object_set_new(v, "settings", record_settings(s));
	json_object_set_new(v, "items", exact_items(s, &r, c.leaf));
	json_object_set_new(v, "complete", json_boolean(r.complete));
	json_object_set_new(v, "positive", positive);
	json_object_set_new(v, "expanded", record_count(r.expanded));
	json_object_set_new(v, "scored_tokens", record_count(r.scored));
	json_object_set_new(v, "sequences", record_count(s->loaded.search->trie.n_leaves));
	out_record(out, v);
	exact_release(&r);
	return 0;
}

static const struct out_column exact_columns[] = {
	{"rank", "rank", NULL, true, false},
	{"item", "item", NULL, true, false},
	{"items", NULL, NULL, false, false},
	{"tokens", NULL, NULL, false, false},
	{"logp", "log P", "%.4f", true, false},
	{"title", "title", NULL, false, true},
	{NULL, NULL, NULL, false, false},
};

static void add_exact_rank(struct out *out, const json_t *positive, const json_t *sequences)
{
	size_t rank = field_count(positive, "rank"), most = field_count(positive, "rank_most");
	struct buf b = {0};

	out_text(out, "positive: ");
	add_named(out, positive);
	buf_addstr(&b, rank == most ? ", exact rank " : ", exact rank between ");
	buf_addcount(&b, rank);
	if (rank != most) {
		buf_addstr(&b, " and ");
		buf_addcount(&b, most);
	}
	buf_addstr(&b, " of ");
	buf_addcount(&b, (size_t)json_integer_value(sequences));
	out_text(out, "%s, log P %.4f\n", buf_str(&b), real(positive, "logp"));
	buf_release(&b);
}

/* "4 prefixes expanded beside those of the positive item, 9 token probabilities" */
static void add_work(struct out *out, const json_t *record)
{
	size_t expanded = field_count(record, "expanded"), scored = field_count(record, "scored_tokens");
	struct buf b = {0};

	if (expanded == 0 && scored == 0) {
		out_text(out, "a search of this case had computed all of it before\n");
		return;
	}
	buf_addcount(&b, expanded);
	buf_addf(&b, " prefix%s expanded%s, ", expanded == 1 ? "" : "es",
		json_is_object(json_object_get(record, "positive")) ? " beside those of the positive item" : "");
	buf_addcount(&b, scored);
	out_text(out, "%s token probabilities\n", buf_str(&b));
	buf_release(&b);
}

static void exact_text(const json_t *record, struct out *out)
{
	const json_t *positive = json_object_get(record, "positive"), *items = json_object_get(record, "items");

	if (json_array_size(items) > 0) {
		out_table(out, items, exact_columns);
		out_text(out, "\n");
	}
	if (!json_is_true(json_object_get(record, "complete")))
		out_text(out, "The budget ran out before all that was asked for was found.\n");
	if (json_is_object(positive))
		add_exact_rank(out, positive, json_object_get(record, "sequences"));
	add_work(out, record);
}

const struct cmd_entry cmd_exact = {
	.name = "exact",
	.group = "Explain",
	.summary = "find the items that really are the most probable, and the positive item's rank among all",
	.details = "Best-first search on the trie: it gives the exact order without scoring the whole catalogue. "
		"Where the budget ends it before the rank is settled, the ranks between which it is proved to lie "
		"are said. What a search of the same case has computed before is not computed again, nor counted.",
	.args = {
		CASE_ARG,
		{.name = "--top", .type = ARG_INT, .max = 1e9, .dflt = "10", .help = "how many of the best items"},
		{.name = "--budget", .type = ARG_INT, .max = 1e12, .dflt = "0",
			.help = "expand at most N prefixes; 0: no limit"},
	},
	.examples = {{"exact 312 --top 3", "the three most probable items"}},
	.flags = CMD_NEEDS_SEARCH | CMD_WORK,
	.exec = exact_exec,
	.text = exact_text,
	.columns = exact_columns,
	.rows = "items",
	.lists = LISTED_ITEMS,
	.listed = "items.item",
	.fields = fields_exact,
};
