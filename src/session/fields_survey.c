/* What is found about many cases: figures, survival by beam width, comparisons, and the lines of a case each. */
#include "session/fields.h"

/* What all figures were made with, beside what every search goes by. */
const struct cmd_field fields_survey_settings[] = {
	FIELDS_OF(fields_settings),
	FIELD("data_path", "text", "path of the dataset"),
	FIELD("beams", "list of integers", "beam widths of the survival"),
	FIELD("rank_limit", "integer", "exact ranks are followed so far"),
	FIELD("seed", "integer", "of the draws behind the intervals"),
	FIELD("where", "text or null", "the expression that chose the cases"),
	FIELD_WHEN("where_cases", "integer", "with --where", "cases of the split that it is true of"),
	FIELD("split_cases", "integer", "cases of the split"),
	FIELD("sequences", "integer", "token sequences that can be returned"),
	FIELD("model_digest", "text", "tells this model from others"),
	FIELD("data_digest", "text", "tells catalogue, cases and prompts from others"),
	FIELD("cases_digest", "text", "tells items and cases from others, whatever the model"),
	FIELDS_END,
};

const struct cmd_field fields_width[] = {
	FIELD("beam", "integer", "the beam width B"),
	FIELD("saved", "integer", "of the cases wrongly pruned at the --beam of this run, those returned at B"),
	FIELD_OF("hr", "object", "hit rate: the positive item is returned", fields_share),
	FIELD_OF("exact_hr", "object", "the same of an exact search for the best B", fields_share),
	FIELD_OF("pruning_rate", "object", "of the cases within the exact best B, those not returned", fields_share),
	FIELD_OF("search_recall", "object", "of the exact best B items, those returned", fields_mean),
	FIELDS_END,
};

static const struct cmd_field smallest[] = {
	FIELD("n", "integer", "wrongly pruned cases that some scanned width returns"),
	FIELD("median", "integer or null", "median over them of the smallest such B"),
	FIELDS_END,
};

static const struct cmd_field one_width[] = {
	FIELD("beam", "integer", "the beam width B"),
	FIELD("rank", "integer or null", "rank of the positive item in the result; null: not returned"),
	FIELD("returned", "boolean", "it is returned"),
	FIELD("verdict", "text", "the verdict at this B, as in beam"),
	FIELD("pruned_at", "integer or null", "the step at which it left the beam"),
	FIELD("lost", "text or null", "how it left the beam"),
	FIELD("margin", "number or null", "its prefix margin at that step, in nats"),
	FIELD("recall", "number or null", "of the exact best B items, the share returned"),
	FIELD("recalled", "integer", "the same as a number"),
	FIELD("exact_n", "integer",
		"how many exact best items are known: B, or all there are; 0: the budget ended before"),
	FIELDS_END,
};

static const struct cmd_field range[] = {
	FIELD("from", "integer", "the first width"),
	FIELD("to", "integer", "the last one"),
	FIELDS_END,
};

static const struct cmd_field sweep_positive[] = {
	FIELDS_OF(fields_item),
	FIELD("logp", "number or null", "its log P"),
	FIELDS_END,
};

#define BEAMS_SCANNED FIELD("beams_scanned", "integer", "every B up to this one was tried")

static const struct cmd_field of_one_case[] = {
	FIELD("case", "text", "id of the case"),
	FIELD_OF("settings", "object", "what was searched with", fields_settings),
	FIELD_OF("positive", "object or null", "the item that should be found", sweep_positive),
	FIELD("unreachable", "text or null", "why no search can return it"),
	FIELD("exact_rank", "integer or null", "its rank in an exact search; at least this where it is not proved"),
	FIELD("exact_rank_most", "integer or null", "its rank in an exact search is at most this"),
	FIELD("exact_rank_proved", "boolean", "both are the same"),
	FIELD("sequences", "integer", "token sequences that can be returned"),
	FIELD_OF("beams", "list of objects", "one a width that was asked for", one_width),
	FIELD("smallest_beam", "integer or null", "the smallest B of those scanned that returns it"),
	BEAMS_SCANNED,
	FIELD_OF("returned_at", "list of objects", "the scanned widths that return it, as ranges", range),
	FIELDS_END,
};

static const struct cmd_field of_all_cases[] = {
	FIELD_OF("settings", "object", "what was searched with", fields_survey_settings),
	FIELD("planned", "integer", "cases that this run was to look at"),
	FIELD("meant", "integer", "cases that it is about"),
	FIELD("stopped", "boolean", "it was stopped before its end"),
	FIELD("cases", "integer", "cases that the figures are made from"),
	FIELD("split_cases", "integer", "cases of the split"),
	FIELD("beam", "integer", "the --beam of this run"),
	FIELD_OF("verdicts", "object", "cases by verdict", fields_verdict_counts),
	FIELD_OF("survival", "list of objects", "one a beam width", fields_width),
	FIELD_OF("smallest_beam", "object", "the smallest B that returns a wrongly pruned item", smallest),
	BEAMS_SCANNED,
	FIELD("notes", "list of texts", "what a reader should know besides"),
	FIELDS_END,
};

const struct cmd_field fields_sweep[] = {
	FIELDS_OF_WHEN("of one case", of_one_case),
	FIELDS_OF_WHEN("of all", of_all_cases),
	FIELDS_END,
};

#define AT_K(name, kind, what) FIELD_OF(name "@K", "object", what, fields_##kind)

/* The figures that a slice and an evaluation have too. */
const struct cmd_field fields_metrics[] = {
	AT_K("hr", share, "hit rate: the positive item is among the first K"),
	AT_K("ndcg", mean, "NDCG: 1 / log2(rank + 1) where it is among the first K, else 0"),
	AT_K("exact_hr", share, "hit rate of an exact search"),
	AT_K("exact_ndcg", mean, "NDCG of an exact search"),
	FIELD_OF("pruning_rate", "object",
		"of the cases within the exact best B, those incorrectly pruned", fields_share),
	AT_K("search_recall", mean, "of the exact best B items, those returned"),
	FIELD_OF("lucky", "object", "of the cases returned, those whose exact rank is beyond B", fields_share),
	FIELD_OF("condition_violated", "object", "of the reachable cases, those in which BEAR's condition fails",
		fields_share),
	FIELD_OF("nll_before", "object", "-log P of the positive item under mask before", fields_mean),
	FIELD_OF("nll_after", "object", "-log P of the positive item under mask after", fields_mean),
	FIELDS_END,
};

const struct cmd_field fields_figures[] = {
	FIELDS_OF(fields_metrics),
	AT_K("item_hr", share, "hr@K with items of one sequence listed one by one"),
	AT_K("item_ndcg", mean, "ndcg@K with items of one sequence listed one by one"),
	FIELD_OF("held_yet_pruned", "object",
		"of the wrongly pruned, those for which BEAR's condition held", fields_share),
	FIELDS_END,
};

static const struct cmd_field whys[] = {
	FIELD("not-in-catalogue", "integer", "the case names no item of the catalogue"),
	FIELD("no-tokens", "integer", "the item has no tokens"),
	FIELD("hidden", "integer", "its tokens begin another item's, under --end leaf"),
	FIELD("zero-probability", "integer", "the model rules one of its tokens out"),
	FIELDS_END,
};

const struct cmd_field fields_survey_step[] = {
	FIELD("step", "integer", "its number, from 1"),
	FIELD("n", "integer", "positive items that have a margin here"),
	FIELD("alive", "integer", "those in the beam before this step"),
	FIELD("pruned", "integer", "those that left the beam here"),
	FIELD("wrongly_pruned", "integer", "those of them that are incorrectly pruned"),
	FIELD("condition_violated", "integer", "those alive whose token rank is beyond B"),
	FIELD("prefix_margin", "list of numbers or nulls",
		"smallest, quarter, median, three quarters and largest of those alive, in nats"),
	FIELD("token_margin", "list of numbers or nulls", "the same of the token margins"),
	FIELDS_END,
};

static const struct cmd_field scored[] = {
	FIELD("median", "integer", "of a case"),
	FIELD("most", "integer", "of the case that took most"),
	FIELDS_END,
};

static const struct cmd_field slice[] = {
	FIELD("label", "text", "which cases: a range, or a value"),
	FIELD("cases", "integer", "how many they are"),
	FIELD("wrongly_pruned", "integer", "those incorrectly pruned"),
	FIELD_OF_WHEN("figures", "object", "where not only wrongly pruned cases are sliced", "their figures",
		fields_metrics),
	FIELDS_END,
};

const struct cmd_field fields_slicing[] = {
	FIELD("by", "text", "the column of the table of cases"),
	FIELD("title", "text", "what it is"),
	FIELD_OF("slices", "list of objects", "from the least up", slice),
	FIELDS_END,
};

/* All that is made of the findings of one run. */
const struct cmd_field fields_tally[] = {
	FIELD("cases", "integer", "cases that the figures are made from"),
	FIELD("split_cases", "integer", "cases of the split"),
	FIELD("beam", "integer", "the beam width B"),
	FIELD("undecided", "integer", "cases whose exact rank the budget left open against B"),
	FIELD_OF("verdicts", "object", "cases by verdict", fields_verdict_counts),
	FIELD_OF("unreachable", "object", "unreachable cases by reason", whys),
	FIELD_OF("figures", "object", "the figures; K is each of --at and B", fields_figures),
	FIELD_OF("steps", "list of objects", "step by step", fields_survey_step),
	FIELD_OF("survival", "list of objects", "one a beam width", fields_width),
	FIELD_OF("smallest_beam", "object", "the smallest B that returns a wrongly pruned item", smallest),
	FIELD_OF("scored", "object", "token probabilities that were computed", scored),
	FIELD_OF("slices", "list of objects", "the figures of parts of the cases", fields_slicing),
	FIELDS_END,
};

static const struct cmd_field figures_of_findings[] = {
	FIELD_OF("settings", "object", "what was searched with", fields_survey_settings),
	FIELD("of", "integer", "cases that they are about: all of the split, of the expression, of the limit"),
	FIELD("stopped", "boolean", "the run was stopped before its end"),
	FIELD("headline", "text", "the figures in a few sentences"),
	FIELDS_OF(fields_tally),
	FIELD("notes", "list of texts", "what a reader should know besides"),
	FIELDS_END,
};

const struct cmd_field fields_diagnose[] = {
	FIELDS_OF(figures_of_findings),
	FIELD_WHEN("there", "integer", "where the file held some", "cases taken over as they stood there"),
	FIELDS_END,
};

const struct cmd_field fields_merge[] = {
	FIELDS_OF(figures_of_findings),
	FIELD_WHEN("where", "text", "with --where", "the expression that chose the cases"),
	FIELDS_END,
};

static const struct cmd_field steps_of_line[] = {
	FIELD("token", "list of integers", "ids of the positive item's tokens"),
	FIELD("text", "list of texts or nulls", "their texts"),
	FIELD("valid", "list of integers", "valid tokens at every step"),
	FIELD("token_rank", "list of integers", "1 + the valid tokens that are more probable"),
	FIELD("prefix_rank", "list of integers or nulls", "rank of its prefix; null once the search had ended"),
	FIELD("step_logp", "list of numbers or nulls", "log p of the token; null is -infinity"),
	FIELD("token_margin", "list of numbers or nulls", "in nats"),
	FIELD("prefix_margin", "list of numbers or nulls", "in nats"),
	FIELD("in_beam", "list of booleans", "it is in the beam after this step"),
	FIELDS_END,
};

static const struct cmd_field reach_of_line[] = {
	FIELD("rank", "list of integers or nulls", "rank of the positive item in the result"),
	FIELD("recalled", "list of integers", "of the exact best B, those returned"),
	FIELD("exact_n", "list of integers", "how many exact best items are known"),
	FIELDS_END,
};

static const struct cmd_field line[] = {
	FIELD("case", "text", "id of the case"),
	FIELD("index", "integer", "its place in the split, from 1"),
	FIELD_OF("settings", "object", "what was searched with: the same in every line", fields_survey_settings),
	FIELD("user", "text or null", "id of the user"),
	FIELD("item", "text or null", "id of the positive item"),
	FIELD("title", "text or null", "its title, raw"),
	FIELD("history", "integer", "items in the history"),
	FIELD("prompt_tokens", "integer or null", "tokens of the prompt"),
	FIELD("popularity", "integer", "times the item occurs in the training split"),
	FIELD("item_tokens", "integer or null", "tokens of the item, its end included"),
	FIELD("choices", "integer", "steps of its path with more than one valid token"),
	FIELD("first_token", "integer or null", "id of its first token"),
	FIELD("first_text", "text or null", "text of that token"),
	FIELD("first_shared", "integer", "items that begin with it"),
	FIELD("kind", "text", "the verdict"),
	FIELD("unreachable", "text or null", "why it is unreachable"),
	FIELD("rank", "integer or null", "its rank in what was returned"),
	FIELD("item_rank", "integer or null", "the same, with items of one sequence listed one by one"),
	FIELD("exact_rank", "integer or null", "its rank in an exact search; at least this where it is not proved"),
	FIELD("exact_rank_most", "integer or null", "its rank in an exact search is at most this"),
	FIELD("exact_rank_proved", "boolean", "both are the same"),
	FIELD("pruned_at", "integer or null", "the step at which it left the beam"),
	FIELD("lost", "text or null", "how it left the beam"),
	FIELD("condition_holds", "boolean", "BEAR's condition: every token rank is at most B"),
	FIELD("returned", "integer", "items returned"),
	FIELD("recalled", "integer", "of the exact best B, those returned"),
	FIELD("exact_n", "integer",
		"how many exact best items are known: B, or all there are; 0: the budget ended before"),
	FIELD("nll_before", "number or null", "-log P of the item under mask before; null is infinity"),
	FIELD("nll_after", "number or null", "-log P of the item under mask after"),
	FIELD("smallest_beam", "integer or null", "the smallest B of those scanned that returns it"),
	FIELD_OF("steps", "object", "the steps: of every list the t-th is step t", steps_of_line),
	FIELD_OF("reach", "object",
		"the survival: of every list the i-th is the i-th of settings.beams", reach_of_line),
	FIELD("expanded", "integer", "prefixes expanded by all searches"),
	FIELD("scored_tokens", "integer", "token probabilities computed by all searches"),
	FIELDS_END,
};

const struct cmd_file files_diagnose[] = {
	{"-o FILE.jsonl",
		"one line a case, in the order of the split; merge, cases --from, compare and export report read it",
		line},
	{NULL, NULL, NULL},
};

static const struct cmd_field difference[] = {
	FIELD("value", "number or null", "this one's less that of the first"),
	FIELD("low", "number or null", "lower end of its 95 % interval"),
	FIELD("high", "number or null", "its upper end"),
	FIELDS_END,
};

static const struct cmd_field flip[] = {
	FIELD("n", "integer", "cases that both decide"),
	FIELD("gained", "integer", "cases in which it became true"),
	FIELD("lost", "integer", "cases in which it became false"),
	FIELD("p", "number", "McNemar's exact p"),
	FIELD_OF("difference", "object", "of the shares", difference),
	FIELDS_END,
};

static const struct cmd_field mean[] = {
	FIELD("n", "integer", "cases that have it in both"),
	FIELD("p", "number", "p of the paired bootstrap"),
	FIELD_OF("difference", "object", "of the means", difference),
	FIELDS_END,
};

static const struct cmd_field flips[] = {
	FIELD_OF("hit@K", "object", "the positive item is among the first K", flip),
	FIELD_OF("pruned", "object", "it is incorrectly pruned", flip),
	FIELD_OF("exact_hit@K", "object", "it is among the exact best K", flip),
	FIELD_OF("condition", "object", "BEAR's condition holds", flip),
	FIELDS_END,
};

static const struct cmd_field means[] = {
	FIELD_OF("ndcg@K", "object", "NDCG", mean),
	FIELD_OF("exact_ndcg@K", "object", "NDCG of an exact search", mean),
	FIELD_OF_WHEN("search_recall@K", "object", "where both have one B", "of the exact best B items, those returned",
		mean),
	FIELD_OF_WHEN("search_recall", "object", "where they have not", "the same, each at its own B", mean),
	FIELD_OF("nll_before", "object", "-log P of the positive item under mask before", mean),
	FIELDS_END,
};

static const struct cmd_field moves[] = {
	FIELD_OF("*", "object", "from this verdict of the first contender to those of this one", fields_verdict_counts),
	FIELDS_END,
};

static const struct cmd_field changed_verdict[] = {
	FIELD("kind", "text", "the verdict"),
	FIELD("rank", "integer or null", "its rank in the result"),
	FIELD("exact_rank", "integer or null", "its rank in an exact search; at least this where it is not proved"),
	FIELD("exact_rank_proved", "boolean", "that rank is proved"),
	FIELD("step", "integer or null", "the step at which it left the beam"),
	FIELDS_END,
};

static const struct cmd_field changed[] = {
	FIELD("case", "text", "id of the case"),
	FIELD("item", "text", "id of the positive item"),
	FIELD("title", "text", "its title, raw"),
	FIELD_OF("before", "object", "what the first contender does with it", changed_verdict),
	FIELD_OF("after", "object", "what this one does", changed_verdict),
	FIELDS_END,
};

static const struct cmd_field bout_slice[] = {
	FIELD("by", "text", "the column of the table of cases"),
	FIELD("label", "text", "which cases"),
	FIELD("cases", "integer", "how many they are"),
	FIELD_OF("hit", "object", "the positive item is among the first K", flip),
	FIELD_OF("pruned", "object", "it is incorrectly pruned", flip),
	FIELDS_END,
};

static const struct cmd_field bout[] = {
	FIELD("name", "text", "the contender"),
	FIELD("against", "text", "the first one"),
	FIELD("cases", "integer", "cases that both have"),
	FIELD_OF("flips", "object", "what is true or false of a case", flips),
	FIELD_OF("means", "object", "what is a number of a case", means),
	FIELD_OF("verdicts", "object", "cases by both verdicts", moves),
	FIELD_OF("changed", "list of objects", "cases whose verdict changed", changed),
	FIELD_OF("slices", "list of objects", "the differences in parts of the cases", bout_slice),
	FIELD("sentence", "text", "the comparison in a few sentences"),
	FIELDS_END,
};

static const struct cmd_field told_bout[] = {
	FIELDS_OF(bout),
	FIELD("outcome", "text", "who is better, in a few words"),
	FIELDS_END,
};

static const struct cmd_field contender[] = {
	FIELD("name", "text", "what it is called"),
	FIELD_OF("settings", "object", "what was searched with", fields_survey_settings),
	FIELDS_OF(fields_tally),
	FIELDS_END,
};

static const struct cmd_field of_cases[] = {
	FIELD("cases", "integer", "cases that all have"),
	FIELD("k", "integer", "the K of the comparison: the smallest B of all"),
	FIELD_OF("contenders", "list of objects", "their figures, the one that is compared with first", contender),
	FIELD_OF("bouts", "list of objects", "each of the others against the first", told_bout),
	FIELD("stopped", "boolean", "a run was stopped before its end"),
	FIELD("saved", "text or null", "the folder that holds what was found"),
	FIELD("notes", "list of texts", "what a reader should know besides"),
	FIELD("show_changed", "integer", "cases that the text lists: --changed"),
	FIELD("rows", "text", "what TSV lists: --rows"),
	FIELDS_END,
};

static const struct cmd_field worst_step[] = {
	FIELD("step", "integer", "its number, from 1"),
	FIELD("token", "integer", "id of the positive item's token"),
	FIELD("text", "text or null", "text of that token"),
	FIELD("valid", "integer", "valid tokens at this step"),
	FIELD("token_rank", "integer", "1 + the valid tokens that are more probable"),
	FIELD("prefix_rank", "integer or null", "rank of its prefix; null once the search had ended"),
	FIELD("token_margin", "number or null", "in nats"),
	FIELD("prefix_margin", "number or null", "in nats"),
	FIELD("in_beam", "boolean", "it is in the beam after this step"),
	FIELDS_END,
};

static const struct cmd_field worst[] = {
	FIELD("case", "text", "id of the case"),
	FIELD("item", "text", "id of the positive item"),
	FIELD("title", "text", "its title, raw"),
	FIELD("exact_rank", "integer", "its rank in an exact search; at least this where it is not proved"),
	FIELD("step", "integer", "the step at which it left the beam"),
	FIELD("verdict", "text", "the verdict in a sentence"),
	FIELD_OF("steps", "list of objects", "one a token", worst_step),
	FIELDS_END,
};

static const struct cmd_field of_several[] = {
	FIELD("cases", "integer", "cases that all have"),
	FIELD("k", "integer", "the K of the comparison: the smallest B of all"),
	FIELD_OF("contenders", "list of objects", "their figures, the one that is compared with first", contender),
	FIELD_OF("bouts", "list of objects", "each of the others against the first", bout),
	FIELD_OF("slices", "list of objects", "figures of parts of the first one's cases", fields_slicing),
	FIELDS_END,
};

const struct cmd_field fields_report_file[] = {
	FIELDS_OF_WHEN("of one", fields_tally),
	FIELDS_OF_WHEN("of several", of_several),
	FIELD("headline", "text", "the figures in a few sentences"),
	FIELD("version", "text", "version of the program"),
	FIELD("command", "text", "the command lines that made it"),
	FIELD_OF("settings", "object", "what was searched with", fields_survey_settings),
	FIELD_OF("worst", "list of objects", "wrongly pruned cases, those with the best exact rank first", worst),
	FIELDS_END,
};

static const struct cmd_field searched[] = {
	FIELD("name", "text", "what it is called"),
	FIELD_OF("search", "object", "the record of beam --trace", fields_search),
	FIELDS_END,
};

static const struct cmd_field of_case[] = {
	FIELD("case", "text", "id of the case"),
	FIELD_OF("contenders", "list of objects", "their searches", searched),
	FIELDS_END,
};

const struct cmd_field fields_compare[] = {
	FIELDS_OF_WHEN("without --case", of_cases),
	FIELDS_OF_WHEN("with --case", of_case),
	FIELDS_END,
};

static const struct cmd_field judged_figures[] = {
	AT_K("hr", share, "hit rate as the published evaluation computes it, title by title"),
	AT_K("ndcg", mean, "NDCG as the published evaluation computes it"),
	FIELD_OF("item_hr@K", "object", "hit rate with the items of one title listed one by one", fields_share),
	FIELD_OF("item_ndcg@K", "object", "NDCG with the items of one title listed one by one", fields_mean),
	FIELD_OF("invalid", "object", "of all predictions, those that are no item", fields_share),
	FIELD_OF("invalid_lists", "object", "of all lists, those that hold such a one",
		fields_share),
	FIELD_OF("pruning_rate", "object",
		"of the cases within the exact best B, those incorrectly pruned", fields_share),
	FIELD_OF("same_lists", "object", "of the lists, those that this model's search returns",
		fields_share),
	FIELDS_END,
};

static const struct cmd_field judged_bout[] = {
	FIELD("cases", "integer", "cases that both files hold"),
	FIELD_OF("hit@K", "object", "the positive item is among the first K", flip),
	FIELD_OF("ndcg@K", "object", "NDCG", mean),
	FIELDS_END,
};

static const struct cmd_field judged_file[] = {
	FIELD("file", "text", "the file"),
	FIELD("form", "text", "whose evaluation is computed: \"bear\", \"d3\" or \"minionerec\""),
	FIELD("entries", "integer", "its entries"),
	FIELD("split_cases", "integer or null", "cases of the split; null without the data"),
	FIELD("in_order", "boolean or null", "the entries are in the order of the split"),
	FIELD("beam", "integer", "length of the longest list: the B of the verdicts"),
	FIELD("short_lists", "integer", "lists that are shorter"),
	FIELD("repeating_lists", "integer", "lists that say a title twice"),
	FIELD_OF("figures", "object", "the figures; K is each of --at", judged_figures),
	FIELD("searched", "integer", "entries that the model was asked about"),
	FIELD_OF("verdicts", "object or null", "those of them by verdict", fields_verdict_counts),
	FIELD_OF("against_first", "object or null",
		"of all files but the first: compared with it over the cases of both; null where there are none",
		judged_bout),
	FIELDS_END,
};

const struct cmd_field fields_judge[] = {
	FIELD("data", "text or null", "name of the dataset; null with --alone"),
	FIELD("split", "text or null", "the split that the entries are matched with"),
	FIELD_OF("settings", "object or null", "what was searched with; null where nothing was", fields_settings),
	FIELD_OF("files", "list of objects", "one a file", judged_file),
	FIELD("notes", "list of texts", "what a reader should know besides"),
	FIELDS_END,
};

static const struct cmd_field judged_entry[] = {
	FIELD("file", "text", "the file"),
	FIELD("entry", "integer", "its place in the file, from 0"),
	FIELD("case", "text or null", "id of the case; null where none was matched, here and below"),
	FIELD("index", "integer or null", "its place in the split, from 1"),
	FIELD("item", "text or null", "id of the positive item"),
	FIELD("title", "text or null", "its title, raw"),
	FIELD("beam", "integer", "length of the longest list of the file"),
	FIELD("listed", "integer", "length of this one"),
	FIELD("rank", "integer or null", "rank of the positive item in the list, title by title; null: not in it"),
	FIELD("item_rank", "integer or null", "the same, with the items of one title listed one by one"),
	FIELD("repeated", "integer", "titles that the list says again"),
	FIELD("invalid", "list of texts or null", "its texts that are no item; null without the data"),
	FIELD("kind", "text or null", "the verdict; null where nothing was searched, here and below"),
	FIELD("unreachable", "text or null", "why it is unreachable"),
	FIELD("exact_rank", "integer or null", "its rank in an exact search; at least this where it is not proved"),
	FIELD("exact_rank_most", "integer or null", "its rank in an exact search is at most this"),
	FIELD("own_rank", "integer or null", "its rank in what this model's own search returns"),
	FIELD("pruned_at", "integer or null", "the step at which that search lost it"),
	FIELD("same_list", "boolean or null", "that search returns the same list"),
	FIELDS_END,
};

const struct cmd_file files_judge[] = {
	{"-o FILE.jsonl", "one line an entry", judged_entry},
	{NULL, NULL, NULL},
};
