/* Texts and tokens, files that are written, lessons, options, and what the tables say of themselves. */
#include "session/fields.h"

const struct cmd_field fields_tokenize[] = {
	FIELD("text", "text", "the text"),
	FIELD("ids", "list of integers", "ids of its tokens"),
	FIELD("pieces", "list of texts or nulls", "texts of the tokens"),
	FIELD("unknown", "integer", "how many are the unknown token"),
	FIELDS_END,
};

const struct cmd_field fields_detokenize[] = {
	FIELD("ids", "list of integers", "the ids"),
	FIELD("text", "text", "the text that they spell"),
	FIELDS_END,
};

static const struct cmd_field prompt[] = {
	FIELD("template", "text or null", "the prompt template"),
	FIELD("text", "text or null", "what it makes of the case; null in a token dataset"),
	FIELD("tokens", "list of integers", "ids of its tokens"),
	FIELD("pieces", "list of texts or nulls", "their texts"),
	FIELD_WHEN("answer", "text or null", "of a text dataset", "what the positive item adds to it"),
	FIELD_WHEN("answer_tokens", "list of integers", "of a text dataset", "its tokens, by itself"),
	FIELD_WHEN("joined_otherwise", "boolean", "of a text dataset", "both as one text are other tokens"),
	FIELD_WHEN("joined_tokens", "list of integers or null", "of a text dataset",
		"these; null where they are the same"),
	FIELDS_END,
};

static const struct cmd_field version[] = {
	FIELD("name", "text", "the template"),
	FIELD("text", "text", "what it makes of the case"),
	FIELD("bytes", "integer", "how many these are"),
	FIELD("tokens", "list of integers", "ids of the tokens"),
	FIELDS_END,
};

static const struct cmd_field byte_hunk[] = {
	FIELD("at", "integer", "bytes before it in the first text"),
	FIELD("at_second", "integer", "bytes before it in the second"),
	FIELD("line", "integer", "line of the first, from 1"),
	FIELD("removed", "text", "what only the first has"),
	FIELD("added", "text", "what only the second has"),
	FIELD("removed_hex", "text", "its bytes, hexadecimal, parted by spaces"),
	FIELD("added_hex", "text", "likewise"),
	FIELDS_END,
};

static const struct cmd_field token_hunk[] = {
	FIELD("at", "integer", "tokens before it in the first text"),
	FIELD("at_second", "integer", "tokens before it in the second"),
	FIELD("removed", "list of integers", "what only the first has"),
	FIELD("removed_pieces", "list of texts or nulls", "their texts"),
	FIELD("added", "list of integers", "what only the second has"),
	FIELD("added_pieces", "list of texts or nulls", "their texts"),
	FIELDS_END,
};

static const struct cmd_field prompt_diff[] = {
	FIELD_OF("templates", "list of objects", "both, and what they make of the case", version),
	FIELD_OF("bytes", "list of objects", "where the texts differ", byte_hunk),
	FIELD_OF("tokens", "list of objects", "where the tokens differ", token_hunk),
	FIELD("common_tokens", "integer", "how many the two begin with in common"),
	FIELDS_END,
};

const struct cmd_field fields_prompt[] = {
	FIELD("case", "text", "id of the case"),
	FIELDS_OF_WHEN("without --diff and --against", prompt),
	FIELDS_OF_WHEN("with one of them", prompt_diff),
	FIELDS_END,
};

static const struct cmd_field exported_splits[] = {
	FIELD("*", "integer", "\"test\", \"valid\", \"train\": cases that were written"),
	FIELDS_END,
};

static const struct cmd_field exported_types[] = {
	FIELD("*", "integer", "tensors of the type that the name says"),
	FIELDS_END,
};

const struct cmd_field fields_export[] = {
	FIELD("what", "text", "what was written: \"report\", \"margins\", ..."),
	FIELD("file", "text", "the file or folder"),
	FIELD("bytes", "integer", "its size, of a folder that of its files"),
	FIELD_WHEN("cases", "integer", "of reports, cases, predictions and data", "cases that it holds"),
	FIELD_WHEN("of", "list of texts", "of a report", "whose figures it has"),
	FIELD("shows", "text", "what the file shows"),
	FIELD_WHEN("like", "text", "of predictions", "the published form"),
	FIELD_WHEN("left_out", "integer", "of predictions and data", "cases that could not be searched"),
	FIELD_WHEN("beam", "integer", "of predictions", "items asked for in every case"),
	FIELD_WHEN("items", "integer", "of data", "items of the catalogue"),
	FIELD_OF_WHEN("splits", "object", "of data", "the splits that the dataset has", exported_splits),
	FIELD_WHEN("pieces", "integer", "of data", "tokens of which vocab.csv says what they stand for"),
	FIELD_WHEN("eos", "integer", "of data", "id of the token that ends every item"),
	FIELD_WHEN("form", "text", "of models and adapters", "\"Hugging Face\", \"GGUF\" or \"PEFT\""),
	FIELD_WHEN("parameters", "integer", "of models and adapters", "values that were written"),
	FIELD_OF_WHEN("types", "object", "of a model", "how many of its tensors are of which type", exported_types),
	FIELD_WHEN("merged", "text or null", "of a model", "the adapter that was merged in"),
	FIELD_WHEN("tokenizer", "boolean", "of a model", "whether its tokenizer is there too"),
	FIELDS_END,
};

const struct cmd_file files_export[] = {
	{"trace FILE.json", "what 'load trace' reads, and the screens with --trace", fields_trace_file},
	{"tree FILE.json", "the lines of the tree", fields_tree_file},
	{"margins FILE.json", "the positive item, step by step", fields_margins_file},
	{"cases FILE.json", "a list of objects, one a case", fields_cases},
	{"curves FILE.json", "losses and evaluations", fields_curves_file},
	{"report FILE.json", "the figures of a report", fields_report_file},
	{NULL, NULL, NULL},
};

static const struct cmd_field lesson_command[] = {
	FIELD("command", "text", "the command line"),
	FIELD("output", "text or null", "what it says, as text; null where that is not shown"),
	FIELDS_END,
};

static const struct cmd_field lesson_action[] = {
	FIELD("keys", "text or null", "keys that do it on the screens"),
	FIELD_OF("commands", "list of objects", "the commands that do it", lesson_command),
	FIELDS_END,
};

static const struct cmd_field lesson_entry[] = {
	FIELD("name", "text", "its name"),
	FIELD("pages", "integer", "its pages"),
	FIELD("title", "text", "its title"),
	FIELD("about", "text", "what it is about; why it cannot be read, where it has no pages"),
	FIELD("file", "text", "the file that it was read from"),
	FIELDS_END,
};

static const struct cmd_field lesson_page[] = {
	FIELD("lesson", "text", "name of the lesson"),
	FIELD("title", "text", "its title"),
	FIELD("page", "integer", "number of the page, from 1"),
	FIELD("pages", "integer", "how many there are"),
	FIELD("heading", "text", "heading of the page"),
	FIELD("text", "text", "what it says"),
	FIELD_OF("actions", "list of objects", "what it shows", lesson_action),
	FIELD("question", "text or null", "what it asks"),
	FIELD("answers", "list of texts", "the answers that are right"),
	FIELD("reveal", "text or null", "what it says after the answer"),
	FIELDS_END,
};

static const struct cmd_field lesson_fault[] = {
	FIELD("file", "text", "the lesson's file"),
	FIELD("line", "integer", "the line in it"),
	FIELD("kind", "text", "error or remark"),
	FIELD("text", "text", "what is wrong there, or to be thought about"),
	FIELDS_END,
};

static const struct cmd_field lesson_checked[] = {
	FIELD("file", "text", "the lesson's file"),
	FIELD("title", "text", "its title"),
	FIELD("pages", "integer", "how many there are"),
	FIELD("questions", "integer", "how many there are"),
	FIELD("commands", "integer", "how many were run"),
	FIELD("errors", "integer", "how many were told"),
	FIELD("remarks", "integer", "how many were told"),
	FIELDS_END,
};

const struct cmd_field fields_lesson[] = {
	FIELDS_OF_WHEN("without a name", lesson_entry),
	FIELDS_OF_WHEN("of a page", lesson_page),
	FIELD_WHEN("document", "text", "with --roff", "a part of the manual page"),
	FIELDS_OF_WHEN("of a check: what it finds", lesson_fault),
	FIELDS_OF_WHEN("of a check: at its end", lesson_checked),
	FIELDS_END,
};

const struct cmd_field fields_let[] = {
	FIELD("name", "text", "name of the variable"),
	FIELD("value", "text", "what it stands for"),
	FIELDS_END,
};

const struct cmd_field fields_record[] = {
	FIELD("file", "text", "the script that is written"),
	FIELDS_END,
};

const struct cmd_field fields_set[] = {
	FIELD("name", "text", "name of the option"),
	FIELD("value", "text or null", "its value"),
	FIELD("default", "text or null", "its default"),
	FIELD("help", "text", "what it is"),
	FIELD_WHEN("file", "text", "with --save", "the file that keeps it"),
	FIELDS_END,
};

static const struct cmd_field argument[] = {
	FIELD("name", "text", "as it is written: \"CASE\", \"--trace\""),
	FIELD("value", "text or null", "what its value is called"),
	FIELD("heading", "text or null", "heading of the options from this one on"),
	FIELD("help", "text", "what it is"),
	FIELD("default", "text or null", "its default"),
	FIELD("choices", "text or null", "the values that it may have, with | between them"),
	FIELDS_END,
};

static const struct cmd_field example[] = {
	FIELD("line", "text", "words after the program's name"),
	FIELD("what", "text", "what it shows"),
	FIELDS_END,
};

static const struct cmd_field command[] = {
	FIELD("name", "text", "its name"),
	FIELD("group", "text", "heading that it stands under"),
	FIELD("usage", "text", "how it is called"),
	FIELD("summary", "text", "what it does, in a line"),
	FIELD("details", "text or null", "what there is to say besides"),
	FIELD_OF("arguments", "list of objects", "its arguments and options", argument),
	FIELD_OF("examples", "list of objects", "examples", example),
	FIELDS_END,
};

static const struct cmd_field option[] = {
	FIELD("usage", "text", "how it is written"),
	FIELD("name", "text", "its name"),
	FIELD("help", "text", "what it is"),
	FIELD("default", "text or null", "its default"),
	FIELDS_END,
};

static const struct cmd_field overview[] = {
	FIELD_OF("commands", "list of objects", "all commands", command),
	FIELD_OF("options", "list of objects", "all options", option),
	FIELDS_END,
};

static const struct cmd_field member[] = {
	FIELD("of", "text", "the command, the command and its file, or the shared object that has it"),
	FIELD("kind", "text", "which of them: \"record\", \"file\" or \"object\""),
	FIELD("path", "text", "where it stands in it"),
	FIELD("type", "text", "its type"),
	FIELD("members", "text or null", "the shared object that it is, or that the list holds"),
	FIELD("when", "text or null", "in which records it stands; null: in all that have the object around it"),
	FIELD("help", "text", "what it is"),
	FIELDS_END,
};

static const struct cmd_field members[] = {
	FIELD("command", "text or null", "the command; null: all"),
	FIELD_OF("fields", "list of objects", "the members of the records", member),
	FIELDS_END,
};

static const struct cmd_field document[] = {
	FIELD("document", "text", "a part of the documents"),
	FIELDS_END,
};

const struct cmd_field fields_help[] = {
	FIELDS_OF_WHEN("without a command", overview),
	FIELDS_OF_WHEN("of a command", command),
	FIELDS_OF_WHEN("with --fields", members),
	FIELDS_OF_WHEN("with --roff, --markdown or --completion", document),
	FIELDS_END,
};
