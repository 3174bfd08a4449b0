#include "session/tree_record.h"

#include <math.h>
#include <string.h>

#include "session/option.h"
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

static json_t *make_record(const struct source *r, bool all)
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

int tree_record_step(const json_t *record, const char *text, size_t *step, struct err *err)
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

json_t *tree_record(const json_t *record, size_t step, bool all)
{
	struct source r = {.record = record, .step = step};
	struct snap_trace *trace = snap_trace_new(record);
	json_t *v;

	snap_tree_init(&r.tree, trace);
	v = make_record(&r, all);
	snap_tree_release(&r.tree);
	snap_trace_unref(trace);
	return v;
}

const struct out_column tree_columns[] = {
	OUT_KEY("line"), OUT_KEY("depth"), OUT_KEY("step"), OUT_KEY("rank"), OUT_KEY("fate"), OUT_KEY("positive"),
	OUT_KEY("finished"), OUT_KEY("result"), OUT_KEY("branch_logp"), OUT_KEY("logp"), OUT_KEY("hidden"),
	OUT_KEY("hidden_best"), OUT_KEY("texts"), OUT_KEY("prefix"), OUT_KEY(NULL),
};
