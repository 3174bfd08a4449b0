/*
 * The table of cases: all of the split, or those that a diagnosis has found something of.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/column.h"
#include "diagnose/where.h"
#include "session/cmdtab.h"
#include "session/digest.h"
#include "session/record.h"
#include "session/survey_run.h"

#define MAX_COLUMNS 64

/* What is asked for. */
struct question {
	struct where *where;
	const struct column *sort; /* NULL: by their order in the split */
	bool descending;
	size_t limit;              /* 0: all */
	const char *file;          /* NULL: none */
};

struct row {
	const struct finding *f;
	bool searched; /* its second half is known */
};

/* The rows in the making; findings that no survey holds are described in the arena. */
struct table {
	VEC(struct row) rows;
	struct arena arena;
	bool spelt;    /* what the model's tokens say is known */
	bool any_searched;
	const struct catalogue *catalogue; /* with semantic ids; NULL: none */
	const struct split *split;         /* that all rows are of, with the catalogue */
};

enum { CASES_WHERE, CASES_SORT, CASES_FROM, CASES_LIMIT };

static void question_release(struct question *q)
{
	where_free(q->where);
}

static int question_init(struct question *q, const struct cmd_args *a, struct err *err)
{
	const char *sort = a->text[CASES_SORT];

	*q = (struct question){.limit = (size_t)a->number[CASES_LIMIT], .file = a->text[CASES_FROM]};
	if (sort) {
		q->descending = *sort == '-';
		sort += q->descending;
		q->sort = column_find(sort, strlen(sort), err);
		if (!q->sort)
			return err_prefix(err, "--sort");
	}
	return where_new(&q->where, a->text[CASES_WHERE], err);
}

/* The first column that only a search can tell; NULL: there is none. */
static const struct column *asks_for_search(const struct question *q)
{
	return q->sort && q->sort->searched ? q->sort : where_searched(q->where);
}

static bool asks_for_tokens(const struct question *q)
{
	return where_spelt(q->where) || (q->sort && q->sort->spelt);
}

static void table_release(struct table *t)
{
	vec_release(&t->rows);
	arena_release(&t->arena);
}

static void add_row(struct table *t, const struct question *q, const struct finding *f, bool searched)
{
	if (!where_holds(q->where, f))
		return;
	vec_push(&t->rows, (struct row){f, searched});
	t->any_searched |= searched;
}

static int read_file(struct session *s, const char *path, struct err *err)
{
	struct survey survey;
	int failed;

	survey_init(&survey);
	failed = survey_read(&survey, path, NULL, err);
	if (!failed && !survey.settings)
		failed = err_set(err, ERR_VALUE, "'%s' holds no case", path);
	if (!failed) {
		survey_sort(&survey);
		session_keep_survey(s, &survey);
	}
	survey_release(&survey);
	return failed;
}

/* The diagnosed cases alone: neither model nor data is needed. */
static void list_survey(struct table *t, const struct session *s, const struct question *q)
{
	t->spelt = true;
	for (size_t i = 0; i < s->survey.findings.n; i++)
		add_row(t, q, &s->survey.findings.at[i], true);
}

/* All cases of the split, with what was found of those that were diagnosed. */
static int list_split(struct table *t, struct session *s, const struct question *q, struct err *err)
{
	const struct trie *trie = NULL;
	const struct dataset *d;
	char cases[DIGEST_TEXT];
	size_t next = 0, known;

	if (session_prepare(s, asks_for_tokens(q) ? CMD_NEEDS_SEARCH : CMD_NEEDS_DATA, err))
		return -1;
	d = s->loaded.data->dataset;
	t->split = &d->splits[s->now.split];
	if (!t->split->file)
		return err_set(err, ERR_NOT_FOUND, "dataset '%s' has no %s split", d->name,
			split_name((enum split_kind)s->now.split));
	if (asks_for_tokens(q)) {
		trie = &s->loaded.search->trie;
		t->spelt = true;
	}
	t->catalogue = d->catalogue.n_indexes ? &d->catalogue : NULL;
	digest_cases(cases, d, (enum split_kind)s->now.split);
	known = survey_is_of(&s->survey, cases) ? s->survey.findings.n : 0;
	for (size_t i = 0; i < t->split->n; i++) {
		struct finding *f;

		while (next < known && s->survey.findings.at[next].index < i + 1)
			next++;
		if (next < known && s->survey.findings.at[next].index == i + 1) {
			add_row(t, q, &s->survey.findings.at[next], true);
			continue;
		}
		f = arena_alloc(&t->arena, sizeof(*f));
		finding_describe(f, d, &t->split->cases[i], i + 1, trie, &t->arena);
		if (trie)
			f->first_text = record_token_text(s, f->first_token, &t->arena);
		add_row(t, q, f, false);
	}
	return 0;
}

static int find_rows(struct table *t, struct session *s, const struct question *q, struct err *err)
{
	const struct column *searched = asks_for_search(q);

	if (q->file && read_file(s, q->file, err))
		return -1;
	if (!q->file && !searched)
		return list_split(t, s, q, err);
	if (!s->survey.settings)
		return err_set(err, ERR_VALUE,
			"column '%s' is known only after a search: run 'diagnose' first, in this session, or name what "
			"'diagnose -o FILE.jsonl' wrote with --from",
			searched->name);
	list_survey(t, s, q);
	return 0;
}

static int compare_rows(const void *left, const void *right, void *arg)
{
	const struct row *a = left, *b = right;
	const struct question *q = arg;
	int order;

	if (q->sort->type == COLUMN_TEXT)
		order = strcmp(q->sort->text(a->f), q->sort->text(b->f)) * (q->descending ? -1 : 1);
	else
		order = column_order(q->sort->number(a->f), q->sort->number(b->f), q->descending);
	if (order != 0)
		return order;
	return a->f->index < b->f->index ? -1 : a->f->index > b->f->index;
}

/* Columns that say nothing of any row are left out, so that all rows have the same members. */
static json_t *row_record(const struct table *t, const struct row *r)
{
	json_t *v = json_object();

	for (const struct column *c = columns; c->name; c++) {
		if ((c->searched && !t->any_searched) || (c->spelt && !t->spelt && !t->any_searched))
			continue;
		json_object_set_new(v, c->name,
			(c->searched && !r->searched) || (c->spelt && !t->spelt && !r->searched)
				? json_null()
				: record_cell(c, r->f));
	}
	if (t->catalogue) {
		uint32_t item = t->split->cases[r->f->index - 1].positive;

		json_object_set_new(v, "semantic_id",
			item == ITEM_NONE ? json_null() : record_string(t->catalogue->items[item].index));
	}
	return v;
}

/* What a table for people shows of the cases, and of those that were diagnosed. */
static const struct out_column case_list[] = {
	{"case", "case", NULL, true, false},
	{"user", "user", NULL, true, false},
	{"history", "history", NULL, true, false},
	{"item", "item", NULL, true, false},
	{"popularity", "popularity", NULL, true, false},
	{"title", "title of the positive item", NULL, false, true},
	{NULL, NULL, NULL, false, false},
};

static const struct out_column found_list[] = {
	{"case", "case", NULL, true, false},
	{"kind", "verdict", NULL, false, false},
	{"rank", "rank", NULL, true, false},
	{"exact_rank", "exact", NULL, true, false},
	{"step", "step", NULL, true, false},
	{"margin", "margin", "%+.2f", true, false},
	{"popularity", "pop.", NULL, true, false},
	{"title", "title of the positive item", NULL, false, true},
	{NULL, NULL, NULL, false, false},
};

static int cases_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	struct table t = {0};
	struct question q;
	int failed;

	arena_init(&t.arena);
	failed = question_init(&q, a, err);
	if (!failed)
		failed = find_rows(&t, s, &q, err);
	if (!failed && q.sort && t.rows.n > 0)
		qsort_r(t.rows.at, t.rows.n, sizeof(*t.rows.at), compare_rows, &q);
	if (!failed && t.any_searched)
		out_list_as(out, found_list);
	for (size_t i = 0; !failed && i < t.rows.n && (q.limit == 0 || i < q.limit); i++)
		out_record(out, row_record(&t, &t.rows.at[i]));
	if (!failed && t.rows.n == 0)
		out_none(out, "case for which that holds");
	table_release(&t);
	question_release(&q);
	return failed;
}

/* With --where and --sort alone the views' table is what is wanted. */
static int cases_look(struct session *s, const struct cmd_args *a, bool *answered, struct err *err)
{
	*answered = !a->given[CASES_FROM] && !a->given[CASES_LIMIT];
	if (!*answered)
		return 0;
	if (session_ask_cases(s, a->text[CASES_WHERE], a->text[CASES_SORT], err))
		return -1;
	s->listing.in_view = true;
	s->listing.newest = LISTED_CASES;
	return 0;
}

/* All members of the record, in its order. */
static void cases_tsv(const json_t *record, struct out *out)
{
	struct out_column all[MAX_COLUMNS + 1] = {{0}};
	size_t n = 0;
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)record, key, v) {
		if (n == MAX_COLUMNS)
			BUG("a case of more than %d columns", MAX_COLUMNS);
		all[n++] = (struct out_column){.key = key};
	}
	out_rows(out, record, all);
}

/* Names and meanings of the columns of one kind, as a paragraph. */
static void describe_kind(struct buf *out, const char *head, bool spelt, bool searched)
{
	bool first = true;

	buf_addf(out, "\n\n%s:", head);
	for (const struct column *c = columns; c->name; c++) {
		if (c->spelt != spelt || c->searched != searched)
			continue;
		buf_addf(out, "%s %s%s%s (%s", first ? "" : ";", c->name, c->alias ? " or " : "",
			c->alias ? c->alias : "", c->help);
		for (const char *p = c->choices; p && *p; p += strcspn(p, "|") + (p[strcspn(p, "|")] != '\0'))
			buf_addf(out, "%s %.*s", p == c->choices ? ":" : ",", (int)strcspn(p, "|"), p);
		buf_addstr(out, c->type == COLUMN_FLAG ? "; a flag)" : ")");
		first = false;
	}
}

static void describe_columns(struct buf *out)
{
	describe_kind(out, "Columns of the case itself", false, false);
	describe_kind(out, "Columns of the item's tokens, which take a model", true, false);
	describe_kind(out, "Columns of a search", false, true);
}

const struct cmd_entry cmd_cases = {
	.name = "cases",
	.group = "Look",
	.summary = "list the cases of the split, or those for which an expression holds",
	.details =
		"One row a case: its id, the user, the number of items in the history, and the positive item, the one "
		"that really came next. Cases that were diagnosed in this session are shown with what came of them.\n\n"
		"EXPR compares columns with numbers, words or quoted texts by = != < <= > >=, and texts by ~ (has the "
		"part) and !~; tests are joined by and, or, not and brackets, those side by side by and. A flag stands "
		"by itself: 'pruned and not condition'.\n\n"
		"Columns of a search are known only of cases that were diagnosed: by the last diagnose or merge in "
		"this session, or those of --from FILE. Only these are listed then, and neither model nor data is "
		"needed.\n\n"
		"In the screens --where and --sort say what the Cases view shows; with --limit or --from it is a page "
		"of text.",
	.more = describe_columns,
	.args = {
		[CASES_WHERE] = {.name = "--where", .type = ARG_WORD, .source = FROM_WHERE, .value = "EXPR",
			.help = "only cases for which the expression holds: 'kind=incorrectly-pruned step<=2'"},
		[CASES_SORT] = {.name = "--sort", .type = ARG_WORD, .source = FROM_COLUMNS, .value = "COLUMN",
			.help = "by a column; -COLUMN: from its largest down"},
		[CASES_FROM] = {.name = "--from", .type = ARG_PATH, .source = FROM_FILES, .value = "FILE",
			.help = "the cases in a file that 'diagnose -o FILE.jsonl' wrote"},
		[CASES_LIMIT] = {.name = "--limit", .type = ARG_INT, .max = 1e12, .dflt = "0",
			.help = "only the first N; 0: all"},
	},
	.examples = {
		{"cases --limit 3", "the first three"},
		{"cases --where 'popularity < 200 and title ~ pen' --sort -popularity", "some, the most popular first"},
		{"-c 'diagnose --limit 20 --beams none' -c 'cases --where \"pruned step<=2\" --sort margin'",
			"those that the search lost early, the worst first"},
	},
	.flags = CMD_WORK,
	.exec = cases_exec,
	.look = cases_look,
	.tsv = cases_tsv,
	.columns = case_list,
	.lists = LISTED_CASES,
	.listed = "case",
	.fields = fields_cases,
};
