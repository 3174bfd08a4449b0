/*
 * What if: branches of the open search. force, forbid, change, undo, redo, branch.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/utf8.h"
#include "data/title.h"
#include "session/beam_text.h"
#include "session/cmdtab.h"
#include "session/edit_text.h"
#include "session/field.h"
#include "session/record.h"
#include "store/file.h"

/* The step of the newest branch that is looked at; NULL and ERR_VALUE where there is none. */
static const struct trace_step *step_looked_at(const struct session *s, struct err *err)
{
	const struct branch *b = open_trace_newest(&s->trace);

	if (!session_trace(s, err))
		return NULL;
	if (s->at_step == 0) {
		err_set(err, ERR_VALUE, "the open search has no steps");
		return NULL;
	}
	return &b->trace.steps[s->at_step - 1];
}

static const json_t *candidates_of(const struct session *s)
{
	const json_t *steps = json_object_get(open_trace_newest(&s->trace)->record, "steps");

	return json_object_get(json_array_get(steps, s->at_step - 1), "candidates");
}

/* A forbidden candidate has the rank of another, or one beyond the last. */
static int find_rank(const struct session *s, const struct trace_step *st, const char *text, uint32_t *node,
	struct err *err)
{
	const struct trace_candidate *found = NULL;
	double rank;

	if (option_number(&rank, text, true, 1, 4e9, "PREFIX", err))
		return -1;
	for (size_t i = 0; i < st->n_candidates; i++) {
		const struct trace_candidate *k = &st->candidates[i];

		if (k->rank == (uint32_t)rank && (!found || found->forbidden))
			found = k;
	}
	if (!found)
		return err_set(err, ERR_VALUE,
			"step %zu shows no candidate of rank %s: %zu competed, and the trace keeps %zu (option "
			"'others')",
			s->at_step, text, st->total, st->n_candidates);
	*node = found->node;
	return 0;
}

static bool is_live(const struct trace_step *st, uint32_t node)
{
	for (size_t i = 0; i < st->n_live; i++)
		if (st->live[i].node == node)
			return true;
	return false;
}

static int find_positive(const struct session *s, const struct trace_step *st, uint32_t *node, struct err *err)
{
	const struct diagnosis *d = &open_trace_newest(&s->trace)->diagnosis;
	const struct positive_step *p;

	if (d->leaf == TRIE_NONE)
		return err_set(err, ERR_VALUE, "the case has no positive item that a search could find");
	p = &d->steps[(s->at_step < d->n_steps ? s->at_step : d->n_steps) - 1];
	*node = p->node;
	if (p->logp == -INFINITY)
		return err_set(err, ERR_VALUE,
			"the positive item cannot be forced: it has probability zero at step %zu or before",
			s->at_step);
	if (is_live(st, s->loaded.search->trie.parent[*node]) || is_live(st, *node))
		return 0;
	return err_set(err, ERR_VALUE,
		"the positive item does not compete at step %zu: it left the beam at step %zu ('goto pruned'); force "
		"it there first",
		s->at_step, d->pruned_at);
}

/* The prefix as it is, or as tables and screens show it. */
static bool reads(const json_t *candidate, const char *text)
{
	const char *prefix = json_string_value(json_object_get(candidate, "prefix"));
	struct buf table = {0}, screen = {0};
	bool same;

	if (!prefix)
		return false;
	title_show(&table, prefix, false);
	utf8_show(&screen, prefix, strlen(prefix), false);
	same = !strcmp(prefix, text) || !strcmp(buf_str(&table), text) || !strcmp(buf_str(&screen), text);
	buf_release(&table);
	buf_release(&screen);
	return same;
}

/* The candidate whose prefix begins most like the text. */
static const char *likest(const json_t *candidates, const char *text)
{
	const char *best = NULL;
	size_t most = 0, i;
	json_t *v;

	json_array_foreach((json_t *)candidates, i, v) {
		const char *prefix = json_string_value(json_object_get(v, "prefix"));
		size_t n = 0;

		while (prefix && prefix[n] && prefix[n] == text[n])
			n++;
		if (n > most) {
			most = n;
			best = prefix;
		}
	}
	return best;
}

static int no_such_prefix(const struct session *s, const char *text, struct err *err)
{
	const json_t *candidates = candidates_of(s);
	size_t n = json_array_size(candidates), i;
	const char **names = xcalloc(n + 1, sizeof(*names)), *like = likest(candidates, text);
	struct buf hint = {0};
	json_t *v;

	json_array_foreach((json_t *)candidates, i, v)
		names[i] = json_string_value(json_object_get(v, "prefix"));
	nearest_names(&hint, text, names, n);
	if (hint.len == 0 && like)
		buf_addf(&hint, "; the nearest is '%s'", like);
	if (hint.len == 0)
		buf_addstr(&hint, ": give a rank, 'positive', or a prefix's text as it is shown");
	err_set(err, ERR_VALUE, "no candidate of step %zu reads '%s'%s", s->at_step, text, buf_str(&hint));
	buf_release(&hint);
	free(names);
	return -1;
}

static int find_text(const struct session *s, const struct trace_step *st, const char *text, uint32_t *node,
	struct err *err)
{
	const json_t *candidates = candidates_of(s);
	size_t n = 0, i;
	json_t *v;

	json_array_foreach((json_t *)candidates, i, v) {
		if (!reads(v, text))
			continue;
		*node = st->candidates[i].node;
		n++;
	}
	if (n == 0)
		return no_such_prefix(s, text, err);
	if (n > 1)
		return err_set(err, ERR_VALUE, "%zu candidates of step %zu read '%s': say which by its rank", n,
			s->at_step, text);
	return 0;
}

/* The trie node that PREFIX names at the step that is looked at. */
static int find_prefix(const struct session *s, const char *text, uint32_t *node, struct err *err)
{
	const struct trace_step *st = step_looked_at(s, err);

	if (!st)
		return -1;
	if (!strcmp(text, "positive"))
		return find_positive(s, st, node, err);
	if (*text && text[strspn(text, "0123456789")] == '\0')
		return find_rank(s, st, text, node, err);
	return find_text(s, st, text, node, err);
}

/* A search that was read from a file is its record alone: nothing to search again with, or to compare with. */
static int check_searched(const struct session *s, struct err *err)
{
	const json_t *record = session_trace(s, err), *settings = json_object_get(record, "settings");

	if (!record)
		return -1;
	if (!s->trace.file)
		return 0;
	return err_set(err, ERR_VALUE,
		"the open search was read from '%s' and cannot be edited: load its model '%s' and dataset '%s', then "
		"'beam %s'",
		file_last_part(s->trace.file), file_last_part(field_text(settings, "model")),
		field_text(settings, "data"), json_string_value(json_object_get(record, "case")));
}

/* Is what the open search was made with still what is loaded? */
static int check_loaded(const struct session *s, struct err *err)
{
	const struct loaded *l = &s->loaded;
	const json_t *record = session_trace(s, err), *settings = json_object_get(record, "settings");
	const char *id = json_string_value(json_object_get(record, "case"));

	if (!record)
		return -1;
	if (l->model && l->data && l->model->serial == s->trace.model && l->data->serial == s->trace.data)
		return 0;
	return err_set(err, ERR_VALUE,
		"the open search was made with model '%s' and dataset '%s', and others were loaded since: 'beam %s' "
		"searches again",
		json_string_value(json_object_get(settings, "model")),
		json_string_value(json_object_get(settings, "data")), id);
}

/* Searches again with one more edit; the new branch waits to be settled. */
static int search_branch(struct session *s, const struct beam_edit *e, struct err *err)
{
	const struct branch *newest = open_trace_newest(&s->trace);
	const char *id = json_string_value(json_object_get(newest->record, "case"));
	struct diagnose_options o = session_diagnose_options(s);
	struct branch *b;
	struct case_work c;

	if (case_open(s, id, &c, err))
		return -1;
	b = xcalloc(1, sizeof(*b));
	b->edits = branch_edits_with(newest, e, &b->n_edits);
	o.beam.edits = b->edits;
	o.beam.n_edits = b->n_edits;
	if (beam_search(&b->trace, c.scorer, &o.beam, true, err) ||
		diagnose_branch(&b->diagnosis, &b->trace, c.scorer, &s->trace.branches[0]->diagnosis, &o.beam, err)) {
		branch_free(b);
		return -1;
	}
	b->record = record_beam(s, &c, &b->trace, &b->diagnosis, &o.beam);
	branch_free(s->new_branch);
	s->new_branch = b;
	return 0;
}

/* Fills in what an edit is from the command's arguments. */
typedef int edit_fn(struct session *s, const struct cmd_args *a, struct beam_edit *e, struct err *err);

static void emit_step(const struct branch *b, size_t step, struct out *out)
{
	size_t n = branch_steps(b);
	json_t *v = record_step(b->record, step < n ? step : n);

	if (!json_object_get(v, "edits"))
		json_object_set_new(v, "edits", json_array());
	out_record(out, v);
}

/* Edits with the options of the open search in force, whatever was set since. */
static int edit(struct session *s, const struct cmd_args *a, edit_fn *fill, struct out *out, struct err *err)
{
	struct options before = s->options;
	struct beam_edit e = {0};
	int failed;

	if (check_searched(s, err) || !step_looked_at(s, err) || check_loaded(s, err))
		return -1;
	options_copy(&s->options, &s->trace.options);
	failed = session_prepare(s, CMD_NEEDS_SEARCH, err) || check_loaded(s, err) || fill(s, a, &e, err) ||
		search_branch(s, &e, err);
	failed = session_set_back(s, &before, failed ? -1 : 0, err);
	if (!failed)
		emit_step(s->new_branch, s->at_step, out);
	return failed;
}

static int fill_prefix(struct session *s, const char *text, struct beam_edit *e, struct err *err)
{
	if (find_prefix(s, text, &e->node, err))
		return -1;
	e->step = trie_depth(&s->loaded.search->trie, e->node);
	return 0;
}

static int fill_force(struct session *s, const struct cmd_args *a, struct beam_edit *e, struct err *err)
{
	e->kind = EDIT_FORCE;
	return fill_prefix(s, a->text[0], e, err);
}

static int fill_forbid(struct session *s, const struct cmd_args *a, struct beam_edit *e, struct err *err)
{
	e->kind = EDIT_FORBID;
	return fill_prefix(s, a->text[0], e, err);
}

/* The value is checked as the option of that name would be. */
static int fill_change(struct session *s, const struct cmd_args *a, struct beam_edit *e, struct err *err)
{
	static const enum beam_edit_kind kinds[] = {EDIT_WIDTH, EDIT_MASK, EDIT_KIND};
	static const char *const names[] = {"beam", "mask", "search"};
	size_t which = (size_t)a->number[0];
	struct options o;
	int failed;

	options_init(&o);
	failed = option_set(&o, option_find(names[which], err), a->text[1], err);
	e->kind = kinds[which];
	e->step = s->at_step;
	e->width = (size_t)o.beam;
	e->mask = (enum mask_rule)o.mask;
	e->search = (enum search_kind)o.search;
	options_release(&o);
	return failed;
}

static int force_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	return edit(s, a, fill_force, out, err);
}

static int forbid_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	return edit(s, a, fill_forbid, out, err);
}

static int change_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	return edit(s, a, fill_change, out, err);
}

/* So many branches are in force when this is settled. */
static void leave(struct session *s, size_t n, struct out *out)
{
	s->new_n = n;
	emit_step(s->trace.branches[n - 1], s->at_step > 0 ? s->at_step : 1, out);
}

static int undo_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	size_t most = s->trace.n > 0 ? s->trace.n - 1 : 0, n = (size_t)a->number[0];

	if (check_searched(s, err))
		return -1;
	if (most == 0)
		return err_set(err, ERR_VALUE, "there is nothing to undo: the open search has no edits");
	if (n > most)
		return err_set(err, ERR_VALUE, "only %zu edit%s can be undone", most, most > 1 ? "s" : "");
	leave(s, s->trace.n - n, out);
	return 0;
}

static int redo_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	size_t most = s->trace.n_all - s->trace.n, n = (size_t)a->number[0];

	if (check_searched(s, err))
		return -1;
	if (most == 0)
		return err_set(err, ERR_VALUE, "there is nothing to redo: no edit was undone");
	if (n > most)
		return err_set(err, ERR_VALUE, "only %zu edit%s can be done again", most, most > 1 ? "s" : "");
	leave(s, s->trace.n + n, out);
	return 0;
}

/* The results of one search that the other does not have. */
static json_t *results_only_in(const struct branch *b, const struct branch *other)
{
	const json_t *results = json_object_get(b->record, "results");
	json_t *a = json_array();

	for (size_t i = 0; i < b->trace.n_results; i++)
		if (trace_rank(&other->trace, b->trace.results[i].leaf) == 0)
			json_array_append(a, json_array_get(results, i));
	return a;
}

static int branch_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	const struct branch *b = open_trace_newest(&s->trace);
	const json_t *record = session_trace(s, err);
	json_t *v, *edits;

	(void)a;
	if (check_searched(s, err))
		return -1;
	v = json_object();
	edits = json_object_get(record, "edits");
	json_object_set(v, "case", json_object_get(record, "case"));
	json_object_set_new(v, "edits", edits ? json_incref(edits) : json_array());
	json_object_set_new(v, "undone", record_count(s->trace.n_all - s->trace.n));
	json_object_set_new(v, "branch", record_fates(&b->diagnosis));
	json_object_set_new(v, "entered", results_only_in(b, s->trace.branches[0]));
	json_object_set_new(v, "left", results_only_in(s->trace.branches[0], b));
	out_record(out, v);
	return 0;
}

static void changes_text(const json_t *results, const char *head, struct out *out)
{
	size_t i;
	json_t *v;

	out_text(out, "%s%s", head, json_array_size(results) == 0 ? "nothing\n" : "");
	json_array_foreach((json_t *)results, i, v) {
		const char *title = json_string_value(json_object_get(v, "title"));

		if (!title)
			title = json_string_value(json_object_get(v, "item"));
		out_text(out, "%*srank %-3lld  log P %8.4f  ", i > 0 ? (int)strlen(head) : 0, "",
			(long long)json_integer_value(json_object_get(v, "rank")),
			json_number_value(json_object_get(v, "logp")));
		out_shown(out, title ? title : "");
		out_text(out, "\n");
	}
}

static void branch_text(const json_t *record, struct out *out)
{
	const json_t *edits = json_object_get(record, "edits"), *branch = json_object_get(record, "branch");
	size_t i, undone = (size_t)json_integer_value(json_object_get(record, "undone"));
	struct buf b = {0};
	json_t *v;

	if (json_array_size(edits) == 0)
		out_text(out, "no edits: the open search is as it was asked for\n");
	json_array_foreach((json_t *)edits, i, v) {
		out_text(out, "%2zu  ", i + 1);
		buf_clear(&b);
		edit_text(v, out->ascii, &b);
		buf_addch(&b, '\n');
		buf_add(&out->buf, buf_str(&b), b.len);
	}
	if (undone > 0)
		out_text(out, "    %zu undone: 'redo' does %s again\n", undone, undone > 1 ? "them" : "it");
	buf_clear(&b);
	edit_text_fate(json_object_get(branch, "original"), &b);
	out_text(out, "positive item, without edits: %s\n", buf_str(&b));
	if (json_array_size(edits) > 0) {
		buf_clear(&b);
		edit_text_fate(branch, &b);
		out_text(out, "positive item, in the branch: %s\n", buf_str(&b));
		changes_text(json_object_get(record, "entered"), "entered the result: ", out);
		changes_text(json_object_get(record, "left"), "left the result:    ", out);
	}
	buf_release(&b);
}

static const struct out_column edit_columns[] = {
	{"edit", NULL, NULL, false, false},
	{"step", NULL, NULL, false, false},
	{"value", NULL, NULL, false, false},
	{"prefix", NULL, NULL, false, false},
	{"tokens", NULL, NULL, false, false},
	{"in_effect", NULL, NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

#define LESSON "-m data/lesson/table.csv -d data/lesson "
#define EDIT_FLAGS (CMD_WORK | CMD_VIEWED)

#define PREFIX_ARG \
	{ \
		.name = "PREFIX", .type = ARG_REST, .required = true, .source = FROM_PREFIXES, \
		.help = "rank of a candidate at the step that is looked at, 'positive', or the prefix's text as it " \
			"is shown" \
	}

#define COUNT_ARG {.name = "N", .type = ARG_INT, .min = 1, .max = 1e6, .dflt = "1", .help = "how many edits"}

const struct cmd_entry cmd_force = {
	.name = "force",
	.group = "What if",
	.summary = "hold a prefix in the beam, in a branch of the open search",
	.details = "The prefix is kept at its step whatever its rank: where it is not among the best B, in the place "
		"of the last of them. Of more forced prefixes than B the latest hold. An item that is forced at its "
		"end keeps its place to the end of the search.\n\n"
		"The search is made again with this edit and those before, and shown at the same step. The result is "
		"a branch: 'undo' takes it back, 'branch' compares it with the search as it was, 'step', 'back', "
		"'goto' and 'why' walk and explain it. Options that were set since do not change it.",
	.args = {PREFIX_ARG},
	.examples = {
		{LESSON "-c 'beam 1' -c 'force 3' -c why", "the 25 % prefix is held, and the best item comes back"},
		{"-c 'beam 312' -c 'goto pruned' -c 'force positive'", "what if the search had not lost it here"},
	},
	.flags = EDIT_FLAGS,
	.exec = force_exec,
	.text = beam_text_step,
	.tsv = beam_tsv_step,
	.fields = fields_edited_step,
};

const struct cmd_entry cmd_forbid = {
	.name = "forbid",
	.group = "What if",
	.summary = "keep a prefix out of the beam, in a branch of the open search",
	.details = "The prefix does not compete at its step, so that another takes its place; the probabilities of its "
		"sisters stay what they are. Where nothing else is left the search ends with what was finished.",
	.args = {PREFIX_ARG},
	.examples = {
		{LESSON "-c 'beam 1' -c 'forbid 1' -c branch", "without the first prefix the third has a place"},
	},
	.flags = EDIT_FLAGS,
	.exec = forbid_exec,
	.text = beam_text_step,
	.tsv = beam_tsv_step,
	.fields = fields_edited_step,
};

const struct cmd_entry cmd_change = {
	.name = "change",
	.group = "What if",
	.summary = "go on with another beam, mask or search from the step that is looked at",
	.details = "From this step on, in a branch of the open search. Sums go on from what they are under another "
		"mask, and what was finished keeps its place under another search.",
	.args = {
		{.name = "WHAT", .type = ARG_CHOICE, .required = true, .choices = "beam|mask|search",
			.source = FROM_CHOICES, .help = "beam, mask or search"},
		{.name = "VALUE", .type = ARG_WORD, .required = true, .source = FROM_VALUES,
			.help = "as the option of that name has it"},
	},
	.examples = {
		{"-c 'beam 312' -c 'goto pruned' -c 'change beam 20'", "a wider beam from the pruning step on"},
		{LESSON "-c 'beam 1' -c 'change mask before' -c branch", "the other mask, from the first step on"},
	},
	.flags = EDIT_FLAGS,
	.exec = change_exec,
	.text = beam_text_step,
	.tsv = beam_tsv_step,
	.fields = fields_edited_step,
};

const struct cmd_entry cmd_undo = {
	.name = "undo",
	.group = "What if",
	.summary = "take back the last edits of the open search",
	.args = {COUNT_ARG},
	.examples = {{LESSON "-c 'beam 1' -c 'force 3' -c undo", "the search as it was"}},
	.flags = CMD_VIEWED,
	.exec = undo_exec,
	.text = beam_text_step,
	.tsv = beam_tsv_step,
	.fields = fields_edited_step,
};

const struct cmd_entry cmd_redo = {
	.name = "redo",
	.group = "What if",
	.summary = "make the edits again that were undone last",
	.args = {COUNT_ARG},
	.examples = {{LESSON "-c 'beam 1' -c 'force 3' -c undo -c redo", "held again"}},
	.flags = CMD_VIEWED,
	.exec = redo_exec,
	.text = beam_text_step,
	.tsv = beam_tsv_step,
	.fields = fields_edited_step,
};

const struct cmd_entry cmd_branch = {
	.name = "branch",
	.group = "What if",
	.summary = "list the edits of the open search and compare it with the search without them",
	.details = "What became of the positive item in both, and which items entered and left the result.",
	.examples = {{LESSON "-c 'beam 1' -c 'force 3' -c branch", "what one forced prefix changes"}},
	.flags = CMD_ANYTIME,
	.exec = branch_exec,
	.text = branch_text,
	.columns = edit_columns,
	.rows = "edits",
	.fields = fields_branch,
};
