/* What is found about one case: searches and their steps, edits, probabilities, exact ranks. */
#include "session/fields.h"

#define EDITED "while edits are in force"

static const struct cmd_field candidate[] = {
	FIELD("rank", "integer", "its place among the step's candidates, 1 the best"),
	FIELD("token", "integer", "id of its last token"),
	FIELD("text", "text or null", "text of that token; null where nothing says it"),
	FIELD("parent", "integer", "place in the beam before this step of the prefix that it goes on from, from 0"),
	FIELD("node", "integer", "its node of the trie: the same prefix has the same in all records"),
	FIELD("above", "integer", "the node that it goes on from"),
	FIELD("step_logp", "number or null", "log p of the token; null is -infinity, here and below"),
	FIELD("logp", "number or null", "log P of the prefix"),
	FIELD("kept", "boolean", "it is in the beam after this step"),
	FIELD("finished", "boolean", "it ends here"),
	FIELD("positive", "boolean", "it is a prefix of the positive item"),
	FIELD("carried", "boolean", "it finished at an earlier step and competes on"),
	FIELD("tie", "boolean", "as probable as the one before it: the lower parent, then the lower token goes first"),
	FIELD("prefix", "text", "text of the prefix; ids where nothing says what they stand for"),
	FIELD_WHEN("result", "integer or null", "where it ends", "its rank in what the search returned"),
	FIELD_WHEN("item", "text", "where it ends", "id of the item, the first of its sequence"),
	FIELD_WHEN("title", "text or null", "where it ends", "title of the item, raw"),
	FIELDS_END,
};

static const struct cmd_field edited_candidate[] = {
	FIELDS_OF(candidate),
	FIELD_WHEN("forced", "boolean", "where it is true", "an edit keeps it"),
	FIELD_WHEN("forbidden", "boolean", "where it is true", "an edit keeps it out"),
	FIELDS_END,
};

static const struct cmd_field figures_of_positive[] = {
	FIELD("token_rank", "integer", "1 + the valid tokens that are more probable"),
	FIELD("prefix_rank", "integer or null",
		"rank of its prefix, or what it would be among the candidates; null once the search had ended"),
	FIELD("step_logp", "number or null", "log p of the token"),
	FIELD("logp", "number or null", "log P of its prefix"),
	FIELD("beta_logp", "number or null",
		"log p of the B-th best valid token, of the last one where there are fewer"),
	FIELD("token_margin", "number or null",
		"step_logp - beta_logp, in nats: negative where BEAR's condition fails"),
	FIELD("prefix_margin", "number or null", "logp less the cut-off, in nats: negative where it is lost"),
	FIELD("in_beam", "boolean", "it is in the beam after this step"),
	FIELD("followed", "boolean", "it had left the beam before: only followed"),
	FIELD("valid", "integer", "valid tokens at this step"),
	FIELD("prefix", "text", "text of its prefix"),
	FIELDS_END,
};

static const struct cmd_field positive_step[] = {
	FIELD("token", "integer", "id of the positive item's token at this step"),
	FIELD("text", "text or null", "text of that token"),
	FIELD("node", "integer", "its node of the trie"),
	FIELDS_OF(figures_of_positive),
	FIELDS_END,
};
static const struct cmd_field edited_positive_step[] = {
	FIELDS_OF(positive_step),
	FIELD_WHEN("beam", "integer", EDITED, "B at this step"),
	FIELDS_END,
};

static const struct cmd_field figures_of_step[] = {
	FIELD("step", "integer", "its number, from 1"),
	FIELD("cutoff", "number or null", "log P of the last one kept by its own rank; null where there is none"),
	FIELD("finish_cutoff", "number or null",
		"log P that what ends at this step must have: other only under --search hf"),
	FIELD("candidates_total", "integer", "candidates of the step, those that are not listed too"),
	FIELD("kept", "integer", "candidates that were kept"),
	FIELDS_END,
};

static const struct cmd_field step[] = {
	FIELDS_OF(figures_of_step),
	FIELD_OF("candidates", "list of objects", "all that were kept and the best of the others, by rank", candidate),
	FIELD_OF("positive", "object or null", "the positive item's prefix; null after its last token", positive_step),
	FIELDS_END,
};

static const struct cmd_field edited_step[] = {
	FIELDS_OF(figures_of_step),
	FIELD_WHEN("beam", "integer", EDITED, "B at this step"),
	FIELD_WHEN("mask", "text", EDITED, "\"before\" or \"after\""),
	FIELD_WHEN("search", "text", EDITED, "\"plain\" or \"hf\""),
	FIELD_OF("candidates", "list of objects",
		"all that were kept, the best of the others and the forbidden ones, by rank",
		edited_candidate),
	FIELD_OF("positive", "object or null", "the positive item's prefix; null after its last token",
		edited_positive_step),
	FIELDS_END,
};

const struct cmd_field fields_edit[] = {
	FIELD("edit", "text", "\"force\", \"forbid\", \"beam\", \"mask\" or \"search\""),
	FIELD("step", "integer", "the step at which it acts; a change of the search from this one on"),
	FIELD_WHEN("value", "integer or text", "of beam, mask and search", "what the search goes on with"),
	FIELD_WHEN("prefix", "text", "of force and forbid", "text of the prefix"),
	FIELD_WHEN("tokens", "list of integers", "of force and forbid", "its tokens"),
	FIELD_WHEN("finished", "boolean", "of force and forbid", "it is a whole item"),
	FIELD("in_effect", "boolean", "the prefix competed at that step, or the search came so far"),
	FIELDS_END,
};

#define FATE \
	FIELD("rank", "integer or null", "rank of the positive item in the result; null: not returned"), \
		FIELD("pruned_at", "integer or null", "the step at which it left the beam"), \
		FIELD("lost", "text or null", "how it left the beam, as in the verdict")

static const struct cmd_field fate[] = {FATE, FIELDS_END};

const struct cmd_field fields_fates[] = {
	FATE,
	FIELD_OF("original", "object", "the same without the edits", fate),
	FIELDS_END,
};

#define BRANCH \
	FIELD_OF_WHEN("edits", "list of objects", EDITED, "the edits, in their order", fields_edit), \
		FIELD_OF_WHEN("branch", "object", EDITED, "what they change for the positive item", fields_fates)

static const struct cmd_field positive[] = {
	FIELDS_OF(fields_item),
	FIELD("logp", "number or null", "its overall log P; null is -infinity"),
	FIELD_OF("steps", "list of objects", "one a token; none where it cannot be reached", positive_step),
	FIELDS_END,
};

static const struct cmd_field edited_positive[] = {
	FIELDS_OF(fields_item),
	FIELD("logp", "number or null", "its overall log P; null is -infinity"),
	FIELD_OF("steps", "list of objects", "one a token; none where it cannot be reached", edited_positive_step),
	FIELDS_END,
};

static const struct cmd_field result[] = {
	FIELD("rank", "integer", "its place, from 1"),
	FIELDS_OF(fields_leaf),
	FIELD("logp", "number or null", "log P"),
	FIELD("score", "number or null",
		"what it was ranked by: log P under --search plain, divided by length under hf"),
	FIELD("positive", "boolean", "it is the positive item"),
	FIELDS_END,
};

const struct cmd_field fields_verdict[] = {
	FIELD("kind", "text",
		"\"retrieved\", \"incorrectly-pruned\", \"out-ranked\", \"unreachable\" or \"undecided\""),
	FIELD("rank", "integer or null", "rank of the positive item in the result; null: not returned"),
	FIELD("pruned_at", "integer or null", "the step at which it left the beam"),
	FIELD("lost", "text or null",
		"how: \"cut\", \"late-end\", \"score\", \"displaced\", \"stopped\" or \"forbidden\""),
	FIELD("exact_rank", "integer or null", "its rank in an exact search; at least this where it is not proved"),
	FIELD("exact_rank_most", "integer or null", "its rank in an exact search is at most this"),
	FIELD("exact_rank_proved", "boolean", "both are the same"),
	FIELD("condition_holds", "boolean", "BEAR's condition: every token rank is at most B"),
	FIELD("smallest_beam", "integer or null", "the smallest B of those scanned that returns it"),
	FIELD("beams_scanned", "integer", "every B up to this one was tried"),
	FIELD("sequences", "integer", "token sequences that can be returned"),
	FIELD("unreachable", "text or null",
		"why: \"not-in-catalogue\", \"no-tokens\", \"hidden\" or \"zero-probability\""),
	FIELD("sentence", "text", "the verdict in one sentence"),
	FIELD("explanation", "text", "the same in a few"),
	FIELDS_END,
};

#define NOTES FIELD("notes", "list of texts", "what a reader should know besides")

static const struct cmd_field question[] = {
	FIELD("case", "text", "id of the case"),
	FIELD_OF("settings", "object", "what was searched with", fields_settings),
	FIELD_OF("history", "list of objects", "items of the history, the oldest first", fields_names),
	FIELD("prompt_tokens", "integer", "tokens of the prompt"),
	FIELDS_END,
};

static const struct cmd_field up_to_results[] = {
	FIELDS_OF(question),
	FIELD_OF("positive", "object or null",
		"the item that should be found; null where the case names none of the catalogue",
		positive),
	FIELD_OF("results", "list of objects", "what the search returned, the best first", result),
	FIELDS_END,
};

static const struct cmd_field from_verdict_on[] = {
	FIELD_OF("verdict", "object", "what became of the positive item, and why", fields_verdict),
	NOTES,
	FIELDS_END,
};

const struct cmd_field fields_search[] = {
	FIELDS_OF(up_to_results),
	FIELD_OF("steps", "list of objects", "the steps", step),
	FIELDS_OF(from_verdict_on),
	FIELDS_END,
};

const struct cmd_field fields_beam[] = {
	FIELDS_OF(up_to_results),
	FIELD_OF_WHEN("steps", "list of objects", "with --trace", "the steps", step),
	FIELDS_OF(from_verdict_on),
	FIELDS_END,
};

const struct cmd_field fields_step[] = {
	FIELD("case", "text", "id of the case"),
	FIELD("steps", "integer", "how many the search has"),
	BRANCH,
	FIELDS_OF(edited_step),
	FIELDS_END,
};

/* The edits are there even where the last of them was undone. */
const struct cmd_field fields_edited_step[] = {
	FIELD("case", "text", "id of the case"),
	FIELD("steps", "integer", "how many the search has"),
	FIELD_OF("edits", "list of objects", "the edits in force, in their order", fields_edit),
	FIELD_OF_WHEN("branch", "object", EDITED, "what they change for the positive item", fields_fates),
	FIELDS_OF(edited_step),
	FIELDS_END,
};

const struct cmd_field fields_why[] = {
	FIELD("case", "text", "id of the case"),
	FIELD_OF("settings", "object", "what was searched with", fields_settings),
	BRANCH,
	FIELD_OF("positive", "object or null", "the item that should be found", edited_positive),
	FIELDS_OF(from_verdict_on),
	FIELDS_END,
};

const struct cmd_field fields_branch[] = {
	FIELD("case", "text", "id of the case"),
	FIELD_OF("edits", "list of objects", "the edits in force, in their order", fields_edit),
	FIELD("undone", "integer", "edits that redo would bring back"),
	FIELD_OF("branch", "object", "what they change for the positive item", fields_fates),
	FIELD_OF("entered", "list of objects", "results that only the edited search has", result),
	FIELD_OF("left", "list of objects", "results that only the search without edits has", result),
	FIELDS_END,
};

#define EXPORTED FIELD_OF("exported", "object", "what wrote the file", fields_exported)

const struct cmd_field fields_exported[] = {
	FIELD("program", "text", "\"beamscope\""),
	FIELD("version", "text", "its version"),
	FIELD("kind", "text", "the word after 'export'"),
	FIELDS_END,
};

const struct cmd_field fields_trace_file[] = {
	FIELDS_OF(question),
	BRANCH,
	FIELD_OF("positive", "object or null", "the item that should be found", edited_positive),
	FIELD_OF("results", "list of objects", "what the search returned, the best first", result),
	FIELD_OF("steps", "list of objects", "the steps", edited_step),
	FIELDS_OF(from_verdict_on),
	EXPORTED,
	FIELDS_END,
};

static const struct cmd_field margins_step[] = {
	FIELD("step", "integer", "its number, from 1"),
	FIELD("token", "integer", "id of the positive item's token"),
	FIELD("text", "text or null", "text of that token"),
	FIELDS_OF(figures_of_positive),
	FIELD("beam", "integer", "B at this step"),
	FIELDS_END,
};

const struct cmd_field fields_margins_file[] = {
	FIELD("case", "text", "id of the case"),
	FIELD_OF("settings", "object", "what was searched with", fields_settings),
	BRANCH,
	FIELD_OF("verdict", "object", "what became of the positive item, and why", fields_verdict),
	FIELD("item", "text", "id of the positive item"),
	FIELD("title", "text or null", "its title, raw"),
	FIELD("tokens", "list of integers", "ids of the tokens that spell it"),
	FIELD("logp", "number or null", "its overall log P"),
	FIELD_OF("steps", "list of objects", "one a token", margins_step),
	EXPORTED,
	FIELDS_END,
};

#define OF_BRANCH "of a branch"

static const struct cmd_field line[] = {
	FIELD("line", "text", "\"branch\", \"folded\": what was pruned below, or \"untraced\""),
	FIELD("depth", "integer", "how deep it hangs"),
	FIELD_WHEN("first_step", "integer", OF_BRANCH, "the step of its first token"),
	FIELD_WHEN("step", "integer", OF_BRANCH, "the step of its last token"),
	FIELD_WHEN("fate", "text", OF_BRANCH, "\"kept\", \"ended\", \"pruned\" or \"followed\""),
	FIELD_WHEN("rank", "integer or null", OF_BRANCH, "rank of its end among the step's candidates"),
	FIELD_WHEN("branch_logp", "number or null", OF_BRANCH, "log p of its tokens together"),
	FIELD_WHEN("logp", "number or null", OF_BRANCH, "log P of the prefix"),
	FIELD_WHEN("positive", "boolean", OF_BRANCH, "it is a prefix of the positive item"),
	FIELD_WHEN("finished", "boolean", OF_BRANCH, "it is a whole item"),
	FIELD_WHEN("forced", "boolean", OF_BRANCH, "an edit keeps it"),
	FIELD_WHEN("forbidden", "boolean", OF_BRANCH, "an edit keeps it out"),
	FIELD_WHEN("result", "integer or null", OF_BRANCH, "its rank in what the search returned"),
	FIELD_WHEN("prefix", "text", OF_BRANCH, "text of the whole prefix"),
	FIELD_WHEN("item", "text", "where a branch ends", "id of the item"),
	FIELD_WHEN("title", "text or null", "where a branch ends", "title of the item, raw"),
	FIELD_WHEN("tokens", "list of integers", OF_BRANCH, "its tokens, from its first step on"),
	FIELD_WHEN("texts", "list of texts or nulls", OF_BRANCH, "their texts"),
	FIELD("hidden", "integer", "pruned candidates below that are not lines of their own"),
	FIELD("hidden_best", "number or null", "log P of the best of them"),
	FIELDS_END,
};

const struct cmd_field fields_tree[] = {
	FIELD("case", "text", "id of the case"),
	FIELD_OF("settings", "object", "what was searched with", fields_settings),
	BRANCH,
	FIELD("steps", "integer", "how many the search has"),
	FIELD("step", "integer", "the one up to which the tree is drawn"),
	FIELD("kept", "integer", "candidates that were kept at it"),
	FIELD("candidates_total", "integer", "candidates of it"),
	FIELD_OF("lines", "list of objects", "the tree, from top to bottom", line),
	FIELDS_END,
};

const struct cmd_field fields_tree_file[] = {
	FIELDS_OF(fields_tree),
	EXPORTED,
	FIELDS_END,
};

static const struct cmd_field under_mask[] = {
	FIELD("logp", "list of numbers or nulls", "log p of every token; null is -infinity"),
	FIELD("rank", "list of integers", "1 + the valid tokens that are more probable"),
	FIELD("beta_logp", "list of numbers or nulls", "log p of the B-th best valid token"),
	FIELD("margin", "list of numbers or nulls", "the difference of both, in nats"),
	FIELD("sum", "number or null", "log P of the item"),
	FIELDS_END,
};

const struct cmd_field fields_score[] = {
	FIELD("case", "text", "id of the case"),
	FIELDS_OF(fields_item),
	FIELD("pieces", "list of texts or nulls", "texts of the tokens"),
	FIELD_OF("before", "object", "under mask before: softmax over the valid tokens", under_mask),
	FIELD_OF("after", "object", "under mask after: softmax over the whole vocabulary", under_mask),
	FIELD("valid", "list of integers", "how many tokens are valid at every step"),
	FIELD_OF("settings", "object", "what was scored with", fields_settings),
	FIELDS_END,
};

static const struct cmd_field exact_item[] = {
	FIELD("rank", "integer", "its exact rank, from 1"),
	FIELDS_OF(fields_leaf),
	FIELD("logp", "number or null", "log P"),
	FIELD("positive", "boolean", "it is the positive item"),
	FIELDS_END,
};

static const struct cmd_field exact_positive[] = {
	FIELDS_OF(fields_item),
	FIELD("logp", "number or null", "its log P"),
	FIELD("rank", "integer", "its exact rank; at least this where it is not proved"),
	FIELD("rank_most", "integer", "its exact rank is at most this"),
	FIELD("proved", "boolean", "both are the same"),
	FIELDS_END,
};

const struct cmd_field fields_exact[] = {
	FIELD("case", "text", "id of the case"),
	FIELD_OF("settings", "object", "what was searched with", fields_settings),
	FIELD_OF("items", "list of objects", "the most probable items, the best first", exact_item),
	FIELD("complete", "boolean", "they are all that were asked for; false: the budget ended before"),
	FIELD_OF("positive", "object or null", "the positive item; null where it cannot be reached", exact_positive),
	FIELD("expanded", "integer", "prefixes that were expanded"),
	FIELD("scored_tokens", "integer", "token probabilities that were computed"),
	FIELD("sequences", "integer", "token sequences that can be returned"),
	FIELDS_END,
};
