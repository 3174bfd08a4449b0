/*
 * One beam search, and walking through it: beam, step, back, goto, why.
 */
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "session/beam_text.h"
#include "session/cmdtab.h"
#include "session/edit_text.h"
#include "session/record.h"

/* Searches and judges; all of it becomes the session's new trace. */
static int search_case(struct session *s, const char *id, struct err *err)
{
	struct branch *b = session_search(s, id, err);

	if (!b)
		return -1;
	open_trace_release(&s->new_trace);
	open_trace_push(&s->new_trace, b);
	options_copy(&s->new_trace.options, &s->options);
	s->new_trace.model = s->loaded.model->serial;
	s->new_trace.data = s->loaded.data->serial;
	return 0;
}

static int beam_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	json_t *v;

	if (search_case(s, a->text[0], err))
		return -1;
	v = json_copy(open_trace_newest(&s->new_trace)->record);
	if (!a->given[1])
		json_object_del(v, "steps");
	out_record(out, v);
	return 0;
}

static const struct out_column result_columns[] = {
	{"rank", "rank", NULL, true, false},
	{"item", "item", NULL, true, false},
	{"items", NULL, NULL, false, false},
	{"tokens", NULL, NULL, false, false},
	{"logp", "log P", "%.4f", true, false},
	{"score", "score", "%.4f", true, false},
	{"positive", NULL, NULL, false, false},
	{"title", "title", NULL, false, true},
	{NULL, NULL, NULL, false, false},
};

#define CANDIDATE_COLUMNS \
	OUT_KEY("step"), OUT_KEY("rank"), OUT_KEY("token"), OUT_KEY("text"), OUT_KEY("parent"), OUT_KEY("step_logp"), \
		OUT_KEY("logp"), OUT_KEY("kept"), OUT_KEY("finished"), OUT_KEY("positive"), OUT_KEY("prefix")

static const struct out_column candidate_columns[] = {CANDIDATE_COLUMNS, OUT_KEY(NULL)};

/* A step of a branch says what the edits did. */
static const struct out_column edited_columns[] = {
	CANDIDATE_COLUMNS, OUT_KEY("forced"), OUT_KEY("forbidden"), OUT_KEY(NULL)};

static const struct out_column named_columns[] = {OUT_KEY("name"), CANDIDATE_COLUMNS, OUT_KEY(NULL)};

/* The candidates with their step and, where it is not NULL, a name. */
static json_t *candidate_rows(const json_t *step, const json_t *name)
{
	json_t *rows = json_array(), *v;
	size_t i;

	json_array_foreach(json_object_get(step, "candidates"), i, v) {
		json_t *row = json_copy(v);

		json_object_set(row, "step", json_object_get(step, "step"));
		if (name)
			json_object_set(row, "name", (json_t *)name);
		json_array_append_new(rows, row);
	}
	return rows;
}

void beam_tsv_step(const json_t *step, struct out *out)
{
	json_t *rows = candidate_rows(step, NULL);

	out_rows(out, rows, json_object_get(step, "edits") ? edited_columns : candidate_columns);
	json_decref(rows);
}

void beam_tsv_named(const json_t *name, const json_t *step, struct out *out)
{
	json_t *rows = candidate_rows(step, name);

	out_rows(out, rows, named_columns);
	json_decref(rows);
}

/* With --trace the rows are the candidates of all steps, else the results. */
static void beam_tsv(const json_t *record, struct out *out)
{
	const json_t *steps = json_object_get(record, "steps");
	size_t i;
	json_t *v;

	if (!steps)
		out_rows(out, json_object_get(record, "results"), result_columns);
	json_array_foreach((json_t *)steps, i, v)
		beam_tsv_step(v, out);
}

static void beam_text(const json_t *record, struct out *out)
{
	size_t i;
	json_t *v;

	beam_text_head(record, out);
	beam_text_steps(json_object_get(record, "steps"), out);
	out_text(out, "\n");
	out_table(out, json_object_get(record, "results"), result_columns);
	out_text(out, "\n");
	json_array_foreach(json_object_get(record, "notes"), i, v)
		out_text(out, "note: %s\n", json_string_value(v));
	beam_text_verdict(record, out);
}

const struct cmd_entry cmd_beam = {
	.name = "beam",
	.group = "Search",
	.summary = "run one beam search over a case and say what became of the positive item",
	.details = "Kept candidates are marked K, pruned ones with scissors, the positive item's with a star. Of the "
		"pruned ones of a step the text shows those next to the cut-off and the positive item's, of many "
		"steps without pruning the first; TSV and JSON show all that the trace keeps (option 'others').\n\n"
		"The verdict: retrieved; incorrectly pruned (the search lost an item that belongs to the best B); "
		"out-ranked (the model prefers others); unreachable. It comes with the step and the margin of the "
		"pruning, the item's exact rank among all, and the smallest beam that retrieves it.\n\n"
		"The search stays open: 'step', 'back' and 'goto' walk through it, 'why' explains it, 'force', "
		"'forbid' and 'change' try what else could have come of it.",
	.args = {
		CASE_ARG,
		{.name = "--trace", .type = ARG_FLAG, .help = "with every step's candidates"},
	},
	.examples = {
		{"beam 312 --trace", "the best item, and beam search throws it away"},
		{"beam 312 --beam 11", "with a wider beam it is found"},
		{OFFICE "beam 17 --trace", "a real catalogue"},
	},
	.flags = CMD_NEEDS_SEARCH | CMD_WORK | CMD_VIEWED,
	.exec = beam_exec,
	.text = beam_text,
	.tsv = beam_tsv,
	.lists = LISTED_ITEMS,
	.listed = "results.item",
	.fields = fields_beam,
};

static int go_to(struct session *s, double step, struct out *out, struct err *err)
{
	const json_t *record = session_trace(s, err);
	size_t n = json_array_size(json_object_get(record, "steps"));

	if (!record)
		return -1;
	if (n == 0)
		return err_set(err, ERR_VALUE, "the open search has no steps");
	if (step < 1 || step > (double)n)
		return err_set(err, ERR_VALUE, "there is no step %.0f: the open search has steps 1 to %zu", step, n);
	s->trace.step = (size_t)step;
	out_record(out, record_step(record, s->trace.step));
	return 0;
}

static int step_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	return go_to(s, (double)s->trace.step + a->number[0], out, err);
}

static int back_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	return go_to(s, (double)s->trace.step - a->number[0], out, err);
}

static int goto_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	struct err ignored;
	const json_t *verdict = json_object_get(session_trace(s, &ignored), "verdict");
	const json_t *pruned = json_object_get(verdict, "pruned_at");
	double step;

	if (strcmp(a->text[0], "pruned") != 0) {
		if (open_trace_read_step(&step, a->text[0], 1e9, err))
			return -1;
		return go_to(s, step, out, err);
	}
	if (verdict && !json_is_integer(pruned))
		return err_set(err, ERR_VALUE, "the positive item was not pruned at any step");
	return go_to(s, json_number_value(pruned), out, err);
}

#define WALK_FLAGS (CMD_ANYTIME | CMD_VIEWED)

const struct cmd_entry cmd_step = {
	.name = "step",
	.group = "Search",
	.summary = "go forward in the open search and show the step",
	.args = {{.name = "N", .type = ARG_INT, .min = 1, .max = 1e6, .dflt = "1", .help = "how many steps"}},
	.examples = {{"-c 'beam 312' -c step", "the second step of case 312"}},
	.flags = WALK_FLAGS,
	.exec = step_exec,
	.text = beam_text_step,
	.tsv = beam_tsv_step,
	.fields = fields_step,
};

const struct cmd_entry cmd_back = {
	.name = "back",
	.group = "Search",
	.summary = "go back in the open search and show the step",
	.args = {{.name = "N", .type = ARG_INT, .min = 1, .max = 1e6, .dflt = "1", .help = "how many steps"}},
	.examples = {{"-c 'beam 312' -c 'goto 3' -c 'back 2'", "the first step again"}},
	.flags = WALK_FLAGS,
	.exec = back_exec,
	.text = beam_text_step,
	.tsv = beam_tsv_step,
	.fields = fields_step,
};

const struct cmd_entry cmd_goto = {
	.name = "goto",
	.group = "Search",
	.summary = "go to a step of the open search and show it",
	.args = {
		{.name = "STEP", .type = ARG_WORD, .required = true, .source = FROM_STEPS,
			.help = "its number, or 'pruned' for the one at which the positive item left the beam"},
	},
	.examples = {{"-c 'beam 312' -c 'goto pruned'", "where it was lost"}},
	.flags = WALK_FLAGS,
	.exec = goto_exec,
	.text = beam_text_step,
	.tsv = beam_tsv_step,
	.fields = fields_step,
};

static int why_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	static const char *const keys[] = {"case", "settings", "edits", "branch", "positive", "verdict", "notes"};
	const json_t *record;
	json_t *v;

	if (a->text[0] && (session_prepare(s, CMD_NEEDS_SEARCH, err) || search_case(s, a->text[0], err)))
		return -1;
	record = a->text[0] ? open_trace_newest(&s->new_trace)->record : session_trace(s, err);
	if (!record)
		return -1;
	v = json_object();
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (json_object_get(record, keys[i]))
			json_object_set(v, keys[i], json_object_get(record, keys[i]));
	out_record(out, v);
	return 0;
}

static void why_text(const json_t *record, struct out *out)
{
	const json_t *edits = json_object_get(record, "edits");
	struct buf b = {0};

	out_wrapped(out, json_string_value(json_object_get(json_object_get(record, "verdict"), "explanation")));
	if (json_array_size(edits) == 0)
		return;
	buf_addstr(&b, "Edited: ");
	edit_text_all(edits, out->ascii, &b);
	buf_addstr(&b, "; 'undo' takes back the last.");
	out_wrapped(out, buf_str(&b));
	buf_release(&b);
}

static const struct out_column why_columns[] = {
	{"case", NULL, NULL, false, false},
	{"verdict.kind", NULL, NULL, false, false},
	{"verdict.rank", NULL, NULL, false, false},
	{"verdict.pruned_at", NULL, NULL, false, false},
	{"verdict.exact_rank", NULL, NULL, false, false},
	{"verdict.exact_rank_proved", NULL, NULL, false, false},
	{"verdict.condition_holds", NULL, NULL, false, false},
	{"verdict.smallest_beam", NULL, NULL, false, false},
	{"verdict.sentence", NULL, NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

static void why_tsv(const json_t *record, struct out *out)
{
	out_rows(out, record, why_columns);
}

const struct cmd_entry cmd_why = {
	.name = "why",
	.group = "Search",
	.summary = "explain a verdict in a few sentences with its figures",
	.args = {
		{.name = "CASE", .type = ARG_CASE, .source = FROM_CASES,
			.help = "id of a case; the open search without it"},
	},
	.examples = {
		{"why 312", "why the best item is lost"},
		{"-c 'beam 2' -c why", "the search that is open"},
	},
	.flags = CMD_WORK,
	.exec = why_exec,
	.text = why_text,
	.tsv = why_tsv,
	.fields = fields_why,
};
