/* What is loaded: models, datasets, their cases and items; and a model that is made. */
#include "session/fields.h"

#include "diagnose/column.h"

#define TRANSFORMER "of a transformer"

static const struct cmd_field adapter[] = {
	FIELD("path", "text", "its path"),
	FIELD("r", "integer", "its rank"),
	FIELD("alpha", "number", "its alpha: the product of its matrices counts alpha / r times"),
	FIELD("dropout", "number", "dropout that it was trained with"),
	FIELD("rslora", "boolean", "alpha / sqrt(r) instead"),
	FIELD("targets", "text", "the projections that it adapts"),
	FIELD("matrices", "integer", "how many they are"),
	FIELD("parameters", "integer", "its values"),
	FIELD("saved", "list of text", "the model's tensors in whose place it has its own (modules_to_save)"),
	FIELDS_END,
};

static const struct cmd_field transformer[] = {
	FIELD("form", "text", "what its files are: \"Hugging Face\" or \"GGUF\""),
	FIELD("parameters", "integer", "its values"),
	FIELD("dtype", "text", "their types, by what they take of the memory"),
	FIELD("bytes", "integer", "what they take"),
	FIELD("cache_bytes", "integer", "what keys and values take that are held now"),
	FIELD("hidden", "integer", "width of a layer"),
	FIELD("layers", "integer", "layers"),
	FIELD("heads", "integer", "heads of the attention"),
	FIELD("kv_heads", "integer", "heads of keys and values"),
	FIELD("head_dim", "integer", "width of a head"),
	FIELD("intermediate", "integer", "width between the projections of the MLP"),
	FIELD("max_positions", "integer", "positions that it was trained on"),
	FIELD("positions", "text", "how it knows where a token stands: learned, or rotary and how they are stretched"),
	FIELD("window", "integer or null", "tokens that its sliding attention reaches, which no sequence may pass"),
	FIELD("norm", "text", "how layers are normed: \"RMS\" or \"layer\", with mean and bias"),
	FIELD("qk_norm", "boolean", "every head's q and k are normed"),
	FIELD("bias", "text or null", "the linear maps that have one"),
	FIELD("tied", "boolean", "input and output embedding are the same"),
	FIELD("eos", "list of integers", "ids of the tokens that end a text"),
	FIELD("unused_tensors", "list of texts", "tensors of its files that nothing is computed with"),
	FIELD("unknown_settings", "list of texts",
		"members of config.json that are not understood: what they ask for is not computed"),
	FIELD_OF("adapter", "object or null", "the adapter", adapter),
	FIELD("tokenizer", "text or null", "kind of its tokenizer"),
	FIELD("instructions", "text", "what the kernels run on: \"avx2\", ..."),
	FIELD("threads", "integer", "threads that it is computed with"),
	FIELDS_END,
};

const struct cmd_field fields_model[] = {
	FIELD("path", "text", "its path"),
	FIELD("type", "text", "its kind: \"llama\", ..., \"probability table\""),
	FIELD("vocabulary", "integer", "tokens that it knows"),
	FIELDS_OF_WHEN(TRANSFORMER, transformer),
	FIELDS_END,
};

static const struct cmd_field split[] = {
	FIELD("file", "text or null", "the file that it was read from"),
	FIELD("cases", "integer", "its cases"),
	FIELD("ids_left_out", "integer", "ids in histories that the catalogue lacks"),
	FIELD("without_positive", "integer", "cases whose positive item the catalogue lacks"),
	FIELD("users_left_out", "integer", "users with too few items for a case"),
	FIELDS_END,
};

static const struct cmd_field splits[] = {
	FIELD_OF("*", "object", "\"test\", \"valid\", \"train\": those that it has", split),
	FIELDS_END,
};

static const struct cmd_field data[] = {
	FIELD("path", "text", "its path"),
	FIELD("name", "text", "its name"),
	FIELD("form", "text", "the published form that it was read as"),
	FIELD("template", "text or null", "path of the prompt template"),
	FIELD_WHEN("index", "text or null", "where it has semantic ids", "the file that they were read from"),
	FIELD_WHEN("index_files", "integer", "where it has semantic ids", "files that hold some"),
	FIELD_WHEN("users", "integer", "where its files name them", "its users"),
	FIELD_WHEN("interactions", "integer", "where its files list them user by user", "their interactions"),
	FIELD_OF("splits", "object", "its splits", splits),
	FIELDS_END,
};

static const struct cmd_field joined_data[] = {
	FIELDS_OF(data),
	FIELD_WHEN("joined_otherwise", "integer", "with --joined",
		"cases in which prompt and item as one text would be other tokens"),
	FIELDS_END,
};

static const struct cmd_field spelt[] = {
	FIELD("distinct_sequences", "integer", "token sequences that can be returned"),
	FIELD("sharing_a_sequence", "integer", "items beyond the first of their sequence"),
	FIELD("sequence_collisions", "integer", "items whose sequence others have too"),
	FIELD("sequence_collisions_largest", "integer", "most items that have one; 0: each has its own"),
	FIELD("without_tokens", "integer", "items that no tokens spell"),
	FIELD("spelling_holds_eos", "integer", "those of them whose spelling holds the end token"),
	FIELD("with_unknown_tokens", "integer", "items whose spelling holds the unknown token"),
	FIELD("hidden", "integer", "items that cannot be returned under --end leaf"),
	FIELD("eos", "integer", "id of the end token"),
	FIELD("tokens", "integer", "tokens of all items together"),
	FIELD("nodes", "integer", "nodes of the trie"),
	FIELD("branching_nodes", "integer", "those with more than one child"),
	FIELD("first_tokens", "integer", "tokens that an item can begin with"),
	FIELD("depth", "integer", "tokens of the longest item"),
	FIELD("bytes", "integer", "what the trie takes"),
	FIELDS_END,
};

static const struct cmd_field catalogue[] = {
	FIELD("items", "integer", "its items"),
	FIELD("distinct_titles", "integer", "titles that differ"),
	FIELD("title_collisions", "integer", "items whose title others have too"),
	FIELD("title_collisions_largest", "integer", "most items that have one title; 0: each has its own"),
	FIELD_WHEN("distinct_indexes", "integer", "where the data has semantic ids", "semantic ids that differ"),
	FIELD_WHEN("index_collisions", "integer", "where the data has semantic ids",
		"items whose semantic id others have too"),
	FIELD_WHEN("index_collisions_largest", "integer", "where the data has semantic ids",
		"most items that have one; 0: each has its own"),
	FIELDS_OF_WHEN("where a model spells them", spelt),
	FIELDS_END,
};

static const struct cmd_field saved_trace[] = {
	FIELD("trace", "text", "the file"),
	FIELD("case", "text", "id of the case"),
	FIELD_OF("settings", "object", "that it was searched with", fields_settings),
	FIELD_OF_WHEN("edits", "list of objects", "of an edited search", "its edits", fields_edit),
	FIELD_OF_WHEN("branch", "object", "of an edited search", "what became of the positive item", fields_fates),
	FIELD("steps", "integer", "its steps"),
	FIELD("verdict", "text", "the verdict's kind"),
	FIELD("sentence", "text", "the verdict in a sentence"),
	FIELDS_END,
};

const struct cmd_field fields_load[] = {
	FIELDS_OF_WHEN("of a trace", saved_trace),
	FIELD_OF_WHEN("model", "object", "of a model or an adapter", "the model", fields_model),
	FIELD_OF_WHEN("data", "object", "of data", "the dataset", data),
	FIELD_OF_WHEN("catalogue", "object", "of data", "its items", catalogue),
	FIELDS_END,
};

static const struct cmd_field tensor[] = {
	FIELD("name", "text", "its name in the file"),
	FIELD("dtype", "text", "the type of its elements, as safetensors has it: F32, BF16, ..."),
	FIELD("shape", "list of integers", "its shape, outer dimension first"),
	FIELD("elements", "integer", "how many it has"),
	FIELDS_END,
};

const struct cmd_field fields_info[] = {
	FIELD_OF_WHEN("model", "object", "where it is asked for", "the model", fields_model),
	FIELD_OF_WHEN("data", "object", "where it is asked for", "the dataset", joined_data),
	FIELD_OF_WHEN("catalogue", "object", "where it is asked for", "the catalogue and its trie", catalogue),
	FIELD_OF_WHEN("tensors", "list of objects", "where they are asked for", "tensors of model and adapter", tensor),
	FIELDS_END,
};

static void add_columns(void (*add)(void *arg, const struct cmd_field *f), void *arg)
{
	for (const struct column *c = columns; c->name; c++) {
		struct cmd_field f = {.path = c->name, .help = c->help};

		f.type = c->type == COLUMN_TEXT ? "text or null" :
			 c->type == COLUMN_FLAG ? "boolean or null" :
			 c->form ? "number or null" : "integer or null";
		if (c->searched)
			f.when = "after diagnose";
		else if (c->spelt)
			f.when = "where its tokens are known";
		add(arg, &f);
	}
}

const struct cmd_field fields_cases[] = {
	FIELDS_MORE(add_columns),
	FIELD_WHEN("semantic_id", "text or null", "where the data has semantic ids",
		"semantic id of the positive item"),
	FIELDS_END,
};

/* An item of the catalogue, or what the file says where it lacks it. */
static const struct cmd_field named[] = {
	FIELDS_OF(fields_names),
	FIELD_WHEN("index", "text or null", "where the data has semantic ids", "its semantic id"),
	FIELDS_END,
};

const struct cmd_field fields_case[] = {
	FIELD("case", "text", "id of the case"),
	FIELD("user", "text or null", "id of the user"),
	FIELD("timestamp", "integer or null", "when it was, as the file says it"),
	FIELD_OF("history", "list of objects", "items of the history, the oldest first", named),
	FIELD_WHEN("prompt_tokens", "list of integers", "in a token dataset", "the prompt"),
	FIELD_OF("positive", "object or null",
		"the item that should be found; null where the catalogue lacks it", named),
	FIELD_WHEN("positive_id", "text or null", "where the catalogue lacks it", "its id in the file"),
	FIELDS_END,
};

const struct cmd_field fields_looked_up[] = {
	FIELDS_OF(fields_item),
	FIELD_WHEN("text", "text", "where it is not the title", "what is spelt"),
	FIELD("title_shown", "text or null", "the title as it is shown"),
	FIELD("pieces", "list of texts or nulls", "texts of the tokens"),
	FIELD("popularity", "integer", "times it occurs in the training split"),
	FIELD("same_title", "list of texts", "ids of the other items of this title"),
	FIELD("same_tokens", "list of texts", "ids of the other items of these tokens"),
	FIELD_WHEN("reachable", "boolean", "where a model spells it", "a search can return it"),
	FIELDS_END,
};

const struct cmd_field fields_found[] = {
	FIELDS_OF(named),
	FIELD("popularity", "integer", "times it occurs in the training split"),
	FIELDS_END,
};

const struct cmd_field fields_new[] = {
	FIELD("path", "text", "where the model is"),
	FIELD("data", "text", "the dataset that it was made for"),
	FIELD("parameters", "integer", "its values"),
	FIELD("layers", "integer", "layers"),
	FIELD("hidden", "integer", "width of a layer"),
	FIELD("heads", "integer", "heads of the attention"),
	FIELD("kv_heads", "integer", "heads of keys and values"),
	FIELD("intermediate", "integer", "width between the projections of the MLP"),
	FIELD("tied", "boolean", "input and output embedding are the same"),
	FIELD("seed", "integer", "that its values were drawn with"),
	FIELD("max_positions", "integer", "positions that it can be trained on"),
	FIELD("longest_case", "integer", "tokens of the longest prompt with its item"),
	FIELD("vocabulary", "integer", "tokens of its tokenizer"),
	FIELD("items", "text", "what spells an item: \"title\" or \"index\""),
	FIELD("distinct_texts", "integer", "texts that the tokenizer was learnt on"),
	FIELD("without_tokens", "integer", "items that no tokens spell"),
	FIELD("tokens_mean", "number", "tokens of an item in the mean"),
	FIELD("tokens_longest", "integer", "tokens of the longest item"),
	FIELD("first_tokens", "integer", "tokens that an item can begin with"),
	FIELD("options", "text", "options by which program and model understand each other"),
	FIELDS_END,
};
