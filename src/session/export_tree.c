/*
 * A search as a tree of tokens: export tree.
 */
#include <math.h>
#include <string.h>

#include "session/export_search.h"
#include "session/field.h"
#include "session/tree_picture.h"
#include "session/tree_record.h"

/* What is written of a search: the tree after a step. */
struct tree_export {
	struct export_search *x;
	struct tree_look look;
	json_t *record; /* owned */
};

static void draw(const void *picture, struct buf *out)
{
	tree_picture_draw(picture, out);
}

/* Hands the laid out picture on: into a file of its own, or (svg) as an element. */
static void write_picture(const struct tree_export *e, bool file, struct buf *out)
{
	struct snap_tree tree;
	struct tree_picture *p;

	snap_tree_init(&tree, e->x->trace);
	p = tree_picture_new(&tree, &e->look);
	if (file)
		export_picture(e->x, tree_picture_width(p), tree_picture_height(p), draw, p, out);
	else
		tree_picture_draw(p, out);
	tree_picture_free(p);
	snap_tree_release(&tree);
}

/* The texts of a branch's tokens, ids where nothing says what they stand for; not what ends it. */
static void add_texts(const json_t *line, struct grid *g)
{
	const json_t *tokens = json_object_get(line, "tokens"), *texts = json_object_get(line, "texts");
	size_t n = json_array_size(texts) - field_true(line, "finished");
	struct buf b = {0};

	for (uint64_t depth = field_count(line, "depth"); depth > 0; depth--)
		buf_addstr(&b, "\xc2\xa0\xc2\xa0");
	buf_addstr(&b, n > 0 ? "\xe2\x80\x9c" : "");
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(texts, i));

		if (text)
			buf_addstr(&b, text);
		else
			buf_addf(&b, " %lld", (long long)json_integer_value(json_array_get(tokens, i)));
	}
	buf_addstr(&b, n > 0 ? "\xe2\x80\x9d" : "");
	if (field_true(line, "finished"))
		buf_addf(&b, "%s\xe2\x96\xa0", n > 0 ? " " : "");
	grid_take(g, &b);
}

static void add_hidden(const json_t *line, struct grid *g)
{
	struct buf b = {0};

	if (field_count(line, "hidden") > 0)
		buf_addf(&b, "%zu", field_count(line, "hidden"));
	grid_take(g, &b);
}

static void add_branch(const json_t *line, struct grid *g)
{
	double share = exp(field_real(line, "branch_logp"));

	add_texts(line, g);
	grid_cell(g, "%s%s%s", field_true(line, "positive") ? "\xe2\x98\x85 " : "", field_text(line, "fate"),
		field_true(line, "forced")      ? ", forced"
		: field_true(line, "forbidden") ? ", forbidden"
						: "");
	grid_cell(g, "%zu", field_count(line, "step"));
	if (field_count(line, "rank") > 0)
		grid_cell(g, "%zu", field_count(line, "rank"));
	else
		grid_cell(g, "-");
	grid_cell(g, "%.2f %%", isnan(share) ? 0 : 100 * share);
	grid_number(g, field_real(line, "logp"), 3, false);
	add_hidden(line, g);
	grid_cell(g, "%s", field_string(line, "title") ? field_string(line, "title") : field_text(line, "item"));
}

/* What is counted only. */
static void add_folded(const json_t *line, struct grid *g)
{
	struct buf b = {0};

	for (uint64_t depth = field_count(line, "depth"); depth > 0; depth--)
		buf_addstr(&b, "\xc2\xa0\xc2\xa0");
	buf_addstr(&b, "\xe2\x80\xa6");
	grid_take(g, &b);
	grid_cell(g, strcmp(field_text(line, "line"), "untraced") != 0 ? "pruned" : "pruned, not traced");
	for (size_t i = 0; i < 3; i++)
		grid_cell(g, " ");
	grid_number(g, field_real(line, "hidden_best"), 3, false);
	add_hidden(line, g);
	grid_cell(g, " ");
}

static void write_table(const struct tree_export *e, struct page *p)
{
	struct grid g;
	json_t *line;
	size_t i;

	p->ops->heading(p, "Branches");
	grid_init(&g, &e->x->arena, NULL);
	grid_column(&g, "tokens", true);
	grid_column(&g, "fate", true);
	grid_column(&g, "step", false);
	grid_column(&g, "rank", false);
	grid_column(&g, "p", false);
	grid_column(&g, "log P", false);
	grid_column(&g, "pruned below, not shown", false);
	grid_column(&g, "item", true);
	json_array_foreach(json_object_get(e->record, "lines"), i, line) {
		if (strcmp(field_text(line, "line"), "branch") != 0)
			add_folded(line, &g);
		else
			add_branch(line, &g);
	}
	grid_write(&g, p);
	p->ops->text(p, VOICE_NOTE,
		"p is the probability of a branch's tokens after those that it stands below; step, rank and log P are "
		"of its last token. Tokens that only one branch goes on with stand together.");
}

static void write_html(const struct tree_export *e, struct buf *out)
{
	struct page p = {&page_html, out};
	struct buf svg = {0}, head = {0};

	export_page_begin(&p, e->x);
	buf_addf(&head, "The tree after step %zu of %zu", e->look.step, e->x->trace->n_steps);
	p.ops->heading(&p, buf_str(&head));
	write_picture(e, false, &svg);
	p.ops->picture(&p, NULL, buf_str(&svg), NULL);
	write_table(e, &p);
	export_page_settings(&p, json_object_get(e->x->record, "settings"), &e->x->arena);
	buf_release(&head);
	buf_release(&svg);
}

static int write_form(struct tree_export *e, struct export_job *job, struct err *err)
{
	if (tree_record_step(e->x->record, job->args->text[EXPORT_STEP], &e->look.step, err))
		return -1;
	e->look.all = job->args->given[EXPORT_ALL];
	e->record = tree_record(e->x->record, e->look.step, e->look.all);
	switch (job->form) {
	case EXPORT_JSON:
		export_json(e->record, "tree", &job->page);
		break;
	case EXPORT_CSV:
		export_csv(json_object_get(e->record, "lines"), tree_columns, &job->page);
		break;
	case EXPORT_SVG:
		write_picture(e, true, &job->page);
		break;
	default:
		write_html(e, &job->page);
	}
	json_decref(e->record);
	export_shows(job, "the tree of case %s after step %zu of %zu", e->x->trace->case_id, e->look.step,
		e->x->trace->n_steps);
	return 0;
}

int export_tree(struct session *s, struct export_job *job, struct err *err)
{
	struct export_search x;
	struct tree_export e = {.x = &x};
	int failed = export_search_init(&x, s, job, err) || write_form(&e, job, err);

	export_search_release(&x);
	return failed ? -1 : 0;
}
