/*
 * What the model really sees: tokenize, detokenize, prompt.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "session/cmdtab.h"
#include "session/field.h"
#include "session/prompt_diff.h"
#include "session/model_place.h"
#include "session/record.h"

static const struct tokenizer *tokenizer_of(const struct session *s, struct err *err)
{
	const struct model_stage *m = s->loaded.model;

	if (m->is_table)
		err_set(err, ERR_VALUE,
			"probability table '%s' has no tokenizer: name a model directory with a tokenizer.json with -m",
			m->path);
	else if (!m->tokenizer)
		model_place_no_tokenizer(m->path, err);
	return m->tokenizer;
}

static json_t *pieces_of(const struct tokenizer *t, const struct vec_u32 *ids)
{
	json_t *a = json_array();

	for (size_t i = 0; i < ids->n; i++) {
		struct buf b = {0};
		struct err ignored;

		json_array_append_new(a,
			tokenizer_piece(t, ids->at[i], &b, &ignored) ? json_null() : record_text(buf_str(&b), b.len));
		buf_release(&b);
	}
	return a;
}

static int tokenize_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	const struct tokenizer *t = tokenizer_of(s, err);
	struct vec_u32 ids = {0};
	size_t unknown = 0;
	json_t *v;

	if (!t)
		return -1;
	if (tokenizer_encode(t, a->text[0], strlen(a->text[0]), a->given[1], &ids, &unknown, err)) {
		vec_release(&ids);
		return -1;
	}
	v = json_object();
	json_object_set_new(v, "text", record_string(a->text[0]));
	json_object_set_new(v, "ids", record_tokens(ids.at, ids.n));
	json_object_set_new(v, "pieces", pieces_of(t, &ids));
	json_object_set_new(v, "unknown", record_count(unknown));
	out_record(out, v);
	vec_release(&ids);
	return 0;
}

static const struct out_column token_columns[] = {
	{"id", "id", NULL, true, false},
	{"piece", "piece", NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

/* Ids and pieces side by side. */
static json_t *token_rows(const json_t *record, const char *ids)
{
	const json_t *list = json_object_get(record, ids), *pieces = json_object_get(record, "pieces");
	json_t *rows = json_array();

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *row = json_object();

		json_object_set(row, "id", json_array_get(list, i));
		json_object_set(row, "piece", json_array_get(pieces, i));
		json_array_append_new(rows, row);
	}
	return rows;
}

static void tokenize_text(const json_t *record, struct out *out)
{
	json_t *rows = token_rows(record, "ids"), *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		const char *piece = json_string_value(json_object_get(row, "piece"));

		out_text(out, "%8lld  ", (long long)json_integer_value(json_object_get(row, "id")));
		out_quoted(out, piece ? piece : "");
		out_text(out, "\n");
	}
	json_decref(rows);
}

static void tokenize_tsv(const json_t *record, struct out *out)
{
	json_t *rows = token_rows(record, "ids");

	out_rows(out, rows, token_columns);
	json_decref(rows);
}

const struct cmd_entry cmd_tokenize = {
	.name = "tokenize",
	.group = "Text",
	.summary = "turn a text into the model's token ids",
	.details = "Words are joined by single spaces; quote the text where its blanks matter. After '--' no word is "
		"an option.",
	.args = {
		{.name = "TEXT", .type = ARG_REST, .required = true, .source = FROM_NONE, .help = "the text"},
		{.name = "--specials", .type = ARG_FLAG,
			.help = "with the special tokens that the tokenizer puts around a text"},
	},
	.examples = {
		{TINYSTORIES "tokenize 'Once upon a time'", "as an item is encoded"},
		{TINYSTORIES "tokenize --specials Once upon", "as a prompt is encoded"},
	},
	.flags = CMD_NEEDS_MODEL,
	.exec = tokenize_exec,
	.text = tokenize_text,
	.tsv = tokenize_tsv,
	.fields = fields_tokenize,
};

/* Ids separated by blanks or commas. */
static int read_ids(struct vec_u32 *ids, const char *text, struct err *err)
{
	while (*(text += strspn(text, " ,\t\n"))) {
		size_t n = strcspn(text, " ,\t\n");
		unsigned long id;
		char *end;

		errno = 0;
		id = strtoul(text, &end, 10);
		if (*text < '0' || *text > '9' || end != text + n || errno || id >= TOKEN_NONE)
			return err_set(err, ERR_USAGE, "IDS: '%.*s' is not a token id", (int)n, text);
		vec_push(ids, (uint32_t)id);
		text += n;
	}
	return 0;
}

static int detokenize_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	const struct tokenizer *t = tokenizer_of(s, err);
	struct vec_u32 ids = {0};
	struct buf text = {0};
	int failed = -1;
	json_t *v;

	if (!t || read_ids(&ids, a->text[0], err) || tokenizer_decode(t, ids.at, ids.n, a->given[1], &text, err))
		goto out;
	v = json_object();
	json_object_set_new(v, "ids", record_tokens(ids.at, ids.n));
	json_object_set_new(v, "text", record_text(buf_str(&text), text.len));
	out_record(out, v);
	failed = 0;
out:
	vec_release(&ids);
	buf_release(&text);
	return failed;
}

static const struct out_column detokenize_columns[] = {
	{"ids", NULL, NULL, false, false},
	{"text", NULL, NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

/* Text with its line ends, everything else that a terminal must not get made visible. */
static void show_lines(struct out *out, const char *text)
{
	out_as_is(out);
	while (*text) {
		size_t n = strcspn(text, "\n");

		utf8_show(&out->buf, text, n, out->ascii);
		buf_addch(&out->buf, '\n');
		text += n;
		text += *text == '\n';
	}
}

static void detokenize_text(const json_t *record, struct out *out)
{
	show_lines(out, json_string_value(json_object_get(record, "text")));
}

const struct cmd_entry cmd_detokenize = {
	.name = "detokenize",
	.group = "Text",
	.summary = "turn token ids into text",
	.args = {
		{.name = "IDS", .type = ARG_REST, .required = true, .source = FROM_NONE,
			.help = "token ids, separated by blanks or commas"},
		{.name = "--no-specials", .type = ARG_FLAG, .help = "leave special tokens out"},
	},
	.examples = {{TINYSTORIES "detokenize 80 147 201 282", "a text again"}},
	.flags = CMD_NEEDS_MODEL,
	.exec = detokenize_exec,
	.text = detokenize_text,
	.columns = detokenize_columns,
	.fields = fields_detokenize,
};

static json_t *prompt_record(const struct session *s, const struct rec_case *c, const struct joined *j)
{
	json_t *v = json_object();

	json_object_set_new(v, "case", record_string(c->id));
	json_object_set_new(v, "template", record_string(s->now.template_name));
	json_object_set_new(v, "text", record_text(buf_str(&j->text), j->text.len));
	json_object_set_new(v, "tokens", record_tokens(j->prompt.at, j->prompt.n));
	json_object_set_new(v, "pieces", pieces_of(s->loaded.model->tokenizer, &j->prompt));
	json_object_set_new(
		v, "answer", j->answer.len > 0 ? record_text(buf_str(&j->answer), j->answer.len) : json_null());
	json_object_set_new(v, "answer_tokens", record_tokens(j->item.at, j->item.n));
	json_object_set_new(v, "joined_otherwise", json_boolean(j->differs));
	json_object_set_new(v, "joined_tokens", j->differs ? record_tokens(j->both.at, j->both.n) : json_null());
	return v;
}

/* A token dataset gives the prompt's tokens; what they stand for is known as far as the dataset says. */
static json_t *token_prompt_record(const struct session *s, const struct rec_case *c)
{
	json_t *v = json_object(), *pieces = json_array();

	for (size_t i = 0; i < c->n_prompt; i++)
		json_array_append_new(pieces, record_piece(s, c->prompt[i]));
	json_object_set_new(v, "case", record_string(c->id));
	json_object_set_new(v, "template", json_null());
	json_object_set_new(v, "text", json_null());
	json_object_set_new(v, "tokens", record_tokens(c->prompt, c->n_prompt));
	json_object_set_new(v, "pieces", pieces);
	return v;
}

enum {
	PROMPT_CASE,
	PROMPT_DIFF,
	PROMPT_AGAINST,
};

static int prompt_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	const struct dataset *d = s->loaded.data->dataset;
	const struct rec_case *c = dataset_case(d, (enum split_kind)s->now.split, a->text[PROMPT_CASE], err);
	struct joined j;
	int failed;

	if (!c)
		return -1;
	if (a->given[PROMPT_DIFF] || a->given[PROMPT_AGAINST]) {
		json_t *v = prompt_diff_record(s, c, a->given[PROMPT_AGAINST] ? a->text[PROMPT_AGAINST] : NULL, err);

		if (v)
			out_record(out, v);
		return v ? 0 : -1;
	}
	if (d->tokens_only) {
		out_record(out, token_prompt_record(s, c));
		return 0;
	}
	failed = joined_init(&j, s, c, err);
	if (!failed)
		out_record(out, prompt_record(s, c, &j));
	joined_release(&j);
	return failed;
}

static void prompt_text(const json_t *record, struct out *out)
{
	size_t n = json_array_size(json_object_get(record, "tokens"));

	if (json_object_get(record, "templates")) {
		prompt_diff_text(record, out);
		return;
	}
	if (json_is_string(json_object_get(record, "text"))) {
		show_lines(out, field_text(record, "text"));
		out_text(out, "\n%zu tokens, template %s\n", n, field_text(record, "template"));
		out_text(out, "answer: ");
		out_quoted(out, field_text(record, "answer"));
		out_text(out, ", %zu tokens\n", json_array_size(json_object_get(record, "answer_tokens")));
		out_text(out, json_is_true(json_object_get(record, "joined_otherwise"))
				      ? "Encoded as one text, prompt and answer would be other ids than these.\n"
				      : "Encoded as one text, prompt and answer are the same ids.\n");
	} else {
		out_tokens(out, json_object_get(record, "tokens"), json_object_get(record, "pieces"));
		out_text(out, "\n\n%zu tokens, as the dataset gives them\n", n);
	}
}

static void prompt_tsv(const json_t *record, struct out *out)
{
	json_t *rows;

	if (json_object_get(record, "templates")) {
		prompt_diff_tsv(record, out);
		return;
	}
	rows = token_rows(record, "tokens");
	out_rows(out, rows, token_columns);
	json_decref(rows);
}

const struct cmd_entry cmd_prompt = {
	.name = "prompt",
	.group = "Text",
	.summary = "show the prompt of a case as the model sees it",
	.details = "The text, the number of its tokens, and whether prompt and item, which are encoded each by "
		   "itself and joined as ids, would be other ids if they were encoded as one text.\n\n"
		   "--diff compares the two templates of the family that is set (bear, minionerec), or else bear's: "
		   "every place where their texts differ, with its line, byte and hexadecimal bytes, and the tokens "
		   "that are others because of it.",
	.args =
		{
			[PROMPT_CASE] = CASE_ARG,
			[PROMPT_DIFF] = {.name = "--diff",
				.type = ARG_FLAG,
				.help = "how the published template for training differs from the one for inference, "
					"byte by byte and token by token"},
			[PROMPT_AGAINST] = {.name = "--against",
				.type = ARG_WORD,
				.value = "TEMPLATE",
				.source = FROM_TEMPLATES,
				.help = "the same of the template that is set and this one"},
		},
	.examples =
		{
			{"prompt 312", "what the model reads"},
			{OFFICE "prompt 17 --diff", "where they differ"},
			{"prompt 312 --against plain", "the prompt beside that of another template"},
		},
	.flags = CMD_NEEDS_SEARCH,
	.exec = prompt_exec,
	.text = prompt_text,
	.tsv = prompt_tsv,
	.fields = fields_prompt,
};
