/*
 * The open search as a tree of tokens: tree.
 */
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "session/cmdtab.h"
#include "session/edit_text.h"
#include "session/field.h"
#include "session/session_priv.h"
#include "session/tree_record.h"

static int tree_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	const json_t *record = session_trace(s, err);
	size_t step;

	if (!record || tree_record_step(record, a->text[0], &step, err))
		return -1;
	out_record(out, tree_record(record, step, a->given[1]));
	return 0;
}

static double real(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);

	return json_is_number(v) ? json_number_value(v) : -(double)INFINITY;
}

/* Does a line of this depth follow, before one that is less deep? */
static bool goes_on(const json_t *lines, size_t i, size_t depth)
{
	for (i++; i < json_array_size(lines); i++) {
		size_t other = field_count(json_array_get(lines, i), "depth");

		if (other <= depth)
			return other == depth;
	}
	return false;
}

static void guides(const json_t *lines, size_t i, struct out *out)
{
	size_t depth = field_count(json_array_get(lines, i), "depth");

	for (size_t d = 1; d <= depth; d++) {
		bool more = goes_on(lines, i, d);

		if (d < depth)
			out_text(out, more ? out->ascii ? "| " : "│ " : "  ");
		else
			out_text(out, out->ascii ? more ? "|-" : "`-" : more ? "├╴" : "└╴");
	}
}

static void figures(const json_t *v, struct out *out)
{
	const char *fate = field_string(v, "fate");

	if (json_is_integer(json_object_get(v, "rank")))
		out_text(out, "%4zu %5zu", field_count(v, "step"), field_count(v, "rank"));
	else
		out_text(out, "%4zu %5s", field_count(v, "step"), "-");
	out_text(out, " %8.2f%% %8.3f  ", 100 * exp(real(v, "branch_logp")), real(v, "logp"));
	if (!strcmp(fate, "ended"))
		out_text(out, "k");
	else
		out_mark(out, !strcmp(fate, "kept")     ? MARK_KEPT
			      : !strcmp(fate, "pruned") ? MARK_PRUNED
							: MARK_BLANK);
	out_mark(out, field_true(v, "positive") ? MARK_POSITIVE : MARK_BLANK);
	out_text(out, " ");
}

/* The texts of a branch's tokens in quotation marks, ids where nothing says what they stand for; not what ends it. */
static void add_texts(const json_t *v, struct out *out)
{
	const json_t *tokens = json_object_get(v, "tokens"), *texts = json_object_get(v, "texts");
	size_t n = json_array_size(texts) - field_true(v, "finished");
	struct buf joined = {0};

	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(texts, i));

		if (text)
			buf_addstr(&joined, text);
		else
			buf_addf(&joined, " %lld", (long long)json_integer_value(json_array_get(tokens, i)));
	}
	if (n > 0)
		out_quoted(out, buf_str(&joined));
	buf_release(&joined);
}

static void hidden(const json_t *v, struct out *out)
{
	if (!out->linear)
		out_text(out, out->ascii ? "... " : "… ");
	out_text(out, "%zu %spruned", field_count(v, "hidden"),
		strcmp(field_string(v, "line"), "untraced") != 0 ? "" : "more ");
	if (json_is_number(json_object_get(v, "hidden_best")))
		out_text(out, " (best %.3f)", real(v, "hidden_best"));
}

static void branch(const json_t *v, struct out *out)
{
	const char *title = field_string(v, "title") ? field_string(v, "title") : field_string(v, "item");

	add_texts(v, out);
	if (field_true(v, "finished")) {
		out_text(out, out->linear ? ", ends:" : out->ascii ? " [end]" : " ■");
		if (field_count(v, "result") > 0)
			out_text(out, " rank %zu:", field_count(v, "result"));
		out_text(out, " ");
		out_shown(out, title ? title : "");
	}
	if (field_true(v, "forced") || field_true(v, "forbidden"))
		out_text(out, field_true(v, "forced") ? " (forced)" : " (forbidden)");
	if (field_count(v, "hidden") > 0) {
		out_text(out, out->linear ? ", and " : "  ");
		hidden(v, out);
	}
}

/* "level 3, kept: " Flat", step 4, rank 7, p 25.59%, log P -3.532, and 3 pruned (best -4.513)" */
static void say_line(const json_t *v, struct out *out)
{
	bool is_branch = !strcmp(field_string(v, "line"), "branch");

	out_text(out, "level %zu", field_count(v, "depth") + 1);
	if (is_branch) {
		const char *fate = field_string(v, "fate");

		out_text(out, ", %s%s, step %zu, ",
			!strcmp(fate, "ended")      ? "kept and then lost"
			: !strcmp(fate, "followed") ? "followed beside the beam"
						    : fate,
			field_true(v, "positive") ? ", positive item" : "", field_count(v, "step"));
		if (json_is_integer(json_object_get(v, "rank")))
			out_text(out, "rank %zu, ", field_count(v, "rank"));
		out_text(out, "p %.2f%%, log P %.3f: ", 100 * exp(real(v, "branch_logp")), real(v, "logp"));
		branch(v, out);
	} else {
		out_text(out, ": ");
		hidden(v, out);
	}
	out_text(out, "\n");
}

static void tree_text(const json_t *record, struct out *out)
{
	const json_t *lines = json_object_get(record, "lines");
	size_t i;
	json_t *v;

	out_text(out, "case ");
	out_shown(out, field_string(record, "case"));
	out_text(out, " · the tree after step %zu of %zu · %zu kept of %zu\n", field_count(record, "step"),
		field_count(record, "steps"), field_count(record, "kept"), field_count(record, "candidates_total"));
	edit_text_head(record, out);
	if (!out->linear)
		out_text(out, "step  rank         p    log P     tokens\n");
	json_array_foreach((json_t *)lines, i, v) {
		bool is_branch = !strcmp(field_string(v, "line"), "branch");

		if (out->linear) {
			say_line(v, out);
			continue;
		}
		if (is_branch)
			figures(v, out);
		else
			out_text(out, "%34s", "");
		guides(lines, i, out);
		if (is_branch)
			branch(v, out);
		else
			hidden(v, out);
		out_text(out, "\n");
	}
}

#define LESSON "-m data/lesson/table.csv -d data/lesson "
const struct cmd_entry cmd_tree = {
	.name = "tree",
	.group = "Search",
	.summary = "show the open search as a tree of tokens, as it stood after a step",
	.details = "K: in the beam, or something that begins with it is; k: it was kept, and nothing of it is left; "
		"scissors: pruned. Tokens that only one branch goes on with stand on one line. p is the probability of "
		"a line's tokens after those that it stands below; rank, among the candidates of its step, and log P "
		"are of its last token.\n\n"
		"Of what was pruned the tree shows the candidates of the step next to the cut-off and the positive "
		"item's; the rest is counted.",
	.args = {
		{.name = "STEP", .type = ARG_WORD, .source = FROM_STEPS,
			.help = "its number, or 'pruned' for the one at which the positive item left the beam; without "
				"it the last"},
		{.name = "--all", .type = ARG_FLAG, .help = "with all that was pruned up to the step"},
	},
	.examples = {
		{LESSON "-c 'beam 1' -c tree", "which prefixes the beam spent its places on"},
		{"-c 'beam 312' -c 'tree pruned'", "what was in the beam when the item was lost"},
	},
	.flags = CMD_ANYTIME,
	.exec = tree_exec,
	.text = tree_text,
	.columns = tree_columns,
	.rows = "lines",
	.fields = fields_tree,
};
