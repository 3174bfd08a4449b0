/*
 * The open search as a tree of tokens: tree.
 */
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "session/cmdtab.h"
#include "session/edit_text.h"
#include "session/field.h"
#include "session/record.h"
#include "session/snap_trace.h"
#include "session/snap_tree.h"

static const char *const kinds[] = {
	[TREE_BRANCH] = "branch",
	[TREE_FOLDED] = "folded",
	[TREE_UNTRACED] = "untraced",
};

static const char *const fates[] = {
	[TREE_KEPT] = "kept",
	[TREE_ENDED] = "ended",
	[TREE_PRUNED] = "pruned",
	[TREE_FOLLOWED] = "followed",
};

/* What the commands make of a search, and its record, whose texts are raw. */
struct source {
	const json_t *record;
	struct snap_tree tree;
	size_t step;
};

/* A node's own object in the record: a candidate, or a step of the positive item's. */
static const json_t *object_of(const struct source *r, uint32_t node)
{
	const struct tree_node *n = &r->tree.nodes[node];
	const json_t *steps = json_object_get(r->record, "steps");

	if (n->at == TREE_NONE)
		return json_array_get(
			json_object_get(json_object_get(r->record, "positive"), "steps"), n->step - 1);
	return json_array_get(json_object_get(json_array_get(steps, n->step - 1), "candidates"), n->at);
}

/* Tokens and texts of a line, from its first node on. */
static void set_tokens(json_t *v, const struct source *r, const struct tree_line *l)
{
	json_t *tokens = json_array(), *texts = json_array();

	for (uint32_t node = l->last;; node = r->tree.nodes[node].parent) {
		const json_t *own = object_of(r, node);

		json_array_insert(tokens, 0, json_object_get(own, "token"));
		json_array_insert(texts, 0, json_object_get(own, "text"));
		if (node == l->first)
			break;
	}
	json_object_set_new(v, "tokens", tokens);
	json_object_set_new(v, "texts", texts);
}

static void set_branch(json_t *v, const struct source *r, const struct tree_line *l)
{
	size_t at_step;
	const struct snap_candidate *k = snap_tree_candidate(&r->tree, l->last, r->step, &at_step);
	const struct tree_node *n = &r->tree.nodes[l->last];
	const json_t *own = object_of(r, l->last);

	json_object_set_new(v, "first_step", record_count(r->tree.nodes[l->first].step));
	json_object_set_new(v, "step", record_count(n->step));
	json_object_set_new(v, "fate", json_string(fates[l->fate]));
	if (k)
		json_object_set_new(v, "rank", record_count(k->rank));
	else
		json_object_set(v, "rank", json_object_get(own, "prefix_rank"));
	json_object_set_new(v, "branch_logp", record_real(snap_tree_logp(&r->tree, l)));
	json_object_set(v, "logp", json_object_get(own, "logp"));
	json_object_set_new(v, "positive", json_boolean(n->positive));
	json_object_set_new(v, "finished", json_boolean(snap_tree_ends(&r->tree, l->last)));
	json_object_set_new(v, "forced", json_boolean(l->forced));
	json_object_set_new(v, "forbidden", json_boolean(k && k->forbidden));
	json_object_set_new(v, "result", record_count_or_null(k ? k->result : 0));
	json_object_set(v, "prefix", json_object_get(own, "prefix"));
	if (!k && snap_tree_ends(&r->tree, l->last))
		own = json_object_get(r->record, "positive");
	if (json_object_get(own, "item")) {
		json_object_set(v, "item", json_object_get(own, "item"));
		json_object_set(v, "title", json_object_get(own, "title"));
	}
	set_tokens(v, r, l);
}

static json_t *line_record(const struct source *r, const struct tree_line *l)
{
	json_t *v = json_object();

	json_object_set_new(v, "line", json_string(kinds[l->kind]));
	json_object_set_new(v, "depth", record_count(l->depth));
	if (l->kind == TREE_BRANCH)
		set_branch(v, r, l);
	json_object_set_new(v, "hidden", record_count(l->n_pruned));
	json_object_set_new(v, "hidden_best", record_real(l->n_pruned > 0 ? l->best : (double)NAN));
	return v;
}

static json_t *tree_record(const struct source *r, bool all)
{
	static const char *const keys[] = {"case", "settings", "edits", "branch"};
	const json_t *step = json_array_get(json_object_get(r->record, "steps"), r->step - 1);
	const struct tree_look look = {.step = r->step, .all = all};
	struct tree_lines lines = {0};
	json_t *v = json_object(), *list = json_array();

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (json_object_get(r->record, keys[i]))
			json_object_set(v, keys[i], json_object_get(r->record, keys[i]));
	json_object_set_new(v, "steps", record_count(r->tree.trace->n_steps));
	json_object_set_new(v, "step", record_count(r->step));
	json_object_set(v, "kept", json_object_get(step, "kept"));
	json_object_set(v, "candidates_total", json_object_get(step, "candidates_total"));
	snap_tree_lines(&r->tree, &look, &lines);
	for (size_t i = 0; i < lines.n; i++)
		json_array_append_new(list, line_record(r, &lines.at[i]));
	json_object_set_new(v, "lines", list);
	vec_release(&lines);
	return v;
}

/* The step that an argument names; the last one where there is none. */
static int find_step(const json_t *record, const char *text, size_t *step, struct err *err)
{
	const json_t *pruned = json_object_get(json_object_get(record, "verdict"), "pruned_at");
	size_t n = json_array_size(json_object_get(record, "steps"));
	double number;

	*step = n;
	if (n == 0)
		return err_set(err, ERR_VALUE, "the open search has no steps");
	if (!text)
		return 0;
	if (!strcmp(text, "pruned")) {
		*step = (size_t)json_integer_value(pruned);
		return *step > 0 && *step <= n ? 0
					       : err_set(err, ERR_VALUE,
							 "the positive item was not pruned at any step");
	}
	if (open_trace_read_step(&number, text, (double)n, err))
		return -1;
	*step = (size_t)number;
	return 0;
}

static int tree_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	const json_t *record = session_trace(s, err);
	struct source r = {.record = record};
	struct snap_trace *trace;

	if (!record || find_step(record, a->text[0], &r.step, err))
		return -1;
	trace = snap_trace_new(record);
	snap_tree_init(&r.tree, trace);
	out_record(out, tree_record(&r, a->given[1]));
	snap_tree_release(&r.tree);
	snap_trace_unref(trace);
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
#define COLUMN(key) {key, NULL, NULL, false, false}

static const struct out_column tree_columns[] = {
	COLUMN("line"), COLUMN("depth"), COLUMN("step"), COLUMN("rank"), COLUMN("fate"), COLUMN("positive"),
	COLUMN("finished"), COLUMN("result"), COLUMN("branch_logp"), COLUMN("logp"), COLUMN("hidden"),
	COLUMN("hidden_best"), COLUMN("texts"), COLUMN("prefix"), COLUMN(NULL),
};

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
