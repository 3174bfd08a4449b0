/*
 * Looking things up: case, item, find.
 */
#include <string.h>

#include "base/mem.h"
#include "session/cmdtab.h"
#include "session/record.h"

static const struct catalogue *catalogue(const struct session *s)
{
	return &s->loaded.data->dataset->catalogue;
}

/* The id of an item, its title and, in a catalogue that has them, its semantic id; null where there is none. */
static void add_item_names(json_t *v, const struct session *s, uint32_t item)
{
	const struct item *it = item == ITEM_NONE ? NULL : &catalogue(s)->items[item];

	json_object_set_new(v, "item", record_string(it ? it->id : NULL));
	json_object_set_new(v, "title", it && *it->title ? record_string(it->title) : json_null());
	if (catalogue(s)->n_indexes)
		json_object_set_new(v, "index", it && *it->index ? record_string(it->index) : json_null());
}

static int case_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	const struct rec_case *c =
		dataset_case(s->loaded.data->dataset, (enum split_kind)s->now.split, a->text[0], err);
	json_t *v, *history;

	if (!c)
		return -1;
	v = json_object();
	history = json_array();
	json_object_set_new(v, "case", record_string(c->id));
	json_object_set_new(v, "user", *c->user ? record_string(c->user) : json_null());
	json_object_set_new(v, "timestamp", c->timestamp ? json_integer(c->timestamp) : json_null());
	for (size_t i = 0; i < c->n_history; i++) {
		json_t *row = json_object();

		add_item_names(row, s, c->history[i]);
		json_array_append_new(history, row);
	}
	json_object_set_new(v, "history", history);
	if (c->prompt)
		json_object_set_new(v, "prompt_tokens", record_tokens(c->prompt, c->n_prompt));
	if (c->positive == ITEM_NONE) {
		json_object_set_new(v, "positive", json_null());
		json_object_set_new(v, "positive_id", *c->positive_id ? record_string(c->positive_id) : json_null());
	} else {
		json_t *positive = json_object();

		add_item_names(positive, s, c->positive);
		json_object_set_new(v, "positive", positive);
	}
	out_record(out, v);
	return 0;
}

static const struct out_column case_columns[] = {
	{"role", "", NULL, false, false},
	{"item", "item", NULL, true, false},
	{"title", "title", NULL, false, true},
	{NULL, NULL, NULL, false, false},
};

/* The history's items, then the positive one: rows of the text and the TSV. */
static json_t *case_rows(const json_t *record)
{
	const json_t *positive = json_object_get(record, "positive");
	json_t *rows = json_array(), *v;
	size_t i;

	json_array_foreach(json_object_get(record, "history"), i, v) {
		json_t *row = json_copy(v);

		json_object_set_new(row, "role", json_string("history"));
		json_array_append_new(rows, row);
	}
	if (json_is_object(positive)) {
		v = json_copy((json_t *)positive);
		json_object_set_new(v, "role", json_string("positive"));
		json_array_append_new(rows, v);
	}
	return rows;
}

static void case_tsv(const json_t *record, struct out *out)
{
	json_t *rows = case_rows(record);

	out_rows(out, rows, case_columns);
	json_decref(rows);
}

static void case_text(const json_t *record, struct out *out)
{
	json_t *rows = case_rows(record), *head = json_copy((json_t *)record);

	json_object_del(head, "history");
	json_object_del(head, "positive");
	out_fields(out, head);
	out_text(out, "\n");
	out_table(out, rows, case_columns);
	json_decref(head);
	json_decref(rows);
}

const struct cmd_entry cmd_case = {
	.name = "case",
	.group = "Look",
	.summary = "show one case: its history and its positive item",
	.args = {
		CASE_ARG,
	},
	.examples = {{"case 1", "the first case"}},
	.flags = CMD_NEEDS_DATA,
	.exec = case_exec,
	.text = case_text,
	.tsv = case_tsv,
	.lists = LISTED_ITEMS,
	.listed = "history.item",
	.fields = fields_case,
};

/* Other items with this one's title, or with its tokens. */
static json_t *items_like(const struct session *s, uint32_t item, bool by_tokens)
{
	const struct catalogue *c = catalogue(s);
	size_t len = c->first ? c->first[item + 1] - c->first[item] : 0;
	json_t *a = json_array();

	for (uint32_t i = 0; i < c->n; i++) {
		bool same = by_tokens ? len > 0 && c->first[i + 1] - c->first[i] == len &&
						!memcmp(c->tokens + c->first[i], c->tokens + c->first[item],
							len * sizeof(*c->tokens))
				      : c->items[i].same_title == c->items[item].same_title;

		if (same && i != item)
			json_array_append_new(a, record_string(c->items[i].id));
	}
	return a;
}

static json_t *item_record(const struct session *s, uint32_t item)
{
	const struct catalogue *c = catalogue(s);
	json_t *v = json_object(), *pieces = json_array();
	struct buf title = {0};

	record_item(v, s, item);
	title_decode(&title, c->items[item].title);
	if (strcmp(c->items[item].text, c->items[item].title) != 0)
		json_object_set_new(v, "text", record_string(c->items[item].text));
	json_object_set_new(v, "title_shown", title.len > 0 ? record_text(buf_str(&title), title.len) : json_null());
	if (c->first)
		for (size_t k = c->first[item]; k < c->first[item + 1]; k++)
			json_array_append_new(pieces, record_piece(s, c->tokens[k]));
	json_object_set_new(v, "pieces", pieces);
	json_object_set_new(v, "popularity", record_count(c->items[item].popularity));
	json_object_set_new(v, "same_title", items_like(s, item, false));
	json_object_set_new(v, "same_tokens", items_like(s, item, true));
	if (s->loaded.search)
		json_object_set_new(v, "reachable", json_boolean(s->loaded.search->trie.item_leaf[item] != TRIE_NONE));
	buf_release(&title);
	return v;
}

static int item_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	uint32_t item;

	/* With a model at hand, the item's tokens are shown too. */
	if ((s->options.model || !s->options.data) && session_prepare(s, CMD_NEEDS_SEARCH, err))
		return -1;
	if (session_find_item(s, a->text[0], &item, err))
		return -1;
	out_record(out, item_record(s, item));
	return 0;
}

static const struct out_column item_columns[] = {
	{"item", NULL, NULL, false, false},
	{"popularity", NULL, NULL, false, false},
	{"tokens", NULL, NULL, false, false},
	{"title", NULL, NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

static void show_ids(struct out *out, const char *label, const json_t *ids)
{
	size_t i;
	json_t *v;

	if (json_array_size(ids) == 0)
		return;
	out_text(out, "%s", label);
	json_array_foreach((json_t *)ids, i, v) {
		out_text(out, " ");
		out_shown(out, json_string_value(v));
	}
	out_text(out, "\n");
}

static void item_text(const json_t *record, struct out *out)
{
	const char *title = json_string_value(json_object_get(record, "title"));
	const char *index = json_string_value(json_object_get(record, "index"));
	const char *text = json_string_value(json_object_get(record, "text"));
	const json_t *tokens = json_object_get(record, "tokens");

	out_text(out, "item        ");
	out_shown(out, json_string_value(json_object_get(record, "item")));
	if (title) {
		out_text(out, "\ntitle       ");
		out_shown(out, title);
	}
	if (index) {
		out_text(out, "\nindex       ");
		out_shown(out, index);
	}
	if (text && (!index || strcmp(text, index) != 0)) {
		out_text(out, "\nread as     ");
		out_shown(out, text);
	}
	out_text(out, "\npopularity  %lld\n", (long long)json_integer_value(json_object_get(record, "popularity")));
	if (json_is_array(tokens)) {
		out_text(out, "tokens      %zu: ", json_array_size(tokens));
		out_tokens(out, tokens, json_object_get(record, "pieces"));
		out_text(out, "\n");
	}
	show_ids(out, "same title ", json_object_get(record, "same_title"));
	show_ids(out, "same tokens", json_object_get(record, "same_tokens"));
	if (json_is_false(json_object_get(record, "reachable")))
		out_text(out, "No search can return it: it has no tokens, or is hidden by end leaf.\n");
}

static void item_tsv(const json_t *record, struct out *out)
{
	out_rows(out, record, item_columns);
}

const struct cmd_entry cmd_item = {
	.name = "item",
	.group = "Look",
	.summary = "show one item: its title, its tokens, and the items that share them",
	.args = {
		{.name = "ITEM", .type = ARG_ITEM, .required = true, .source = FROM_ITEMS, .help = "id of an item"},
	},
	.examples = {{"item 358", "a water brush"}},
	.flags = CMD_NEEDS_DATA,
	.exec = item_exec,
	.text = item_text,
	.tsv = item_tsv,
	.fields = fields_looked_up,
};

static int find_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	const struct catalogue *c = catalogue(s);
	size_t limit = (size_t)a->number[1], found = 0;
	struct buf title = {0};

	(void)err;
	for (uint32_t i = 0; i < c->n && (limit == 0 || found < limit); i++) {
		json_t *v;

		buf_clear(&title);
		title_decode(&title, c->items[i].title);
		if (!strcasestr(buf_str(&title), a->text[0]) && !strcasestr(c->items[i].title, a->text[0]) &&
			!strstr(c->items[i].index, a->text[0]))
			continue;
		v = json_object();
		add_item_names(v, s, i);
		json_object_set_new(v, "popularity", record_count(c->items[i].popularity));
		out_record(out, v);
		found++;
	}
	if (found == 0)
		out_none(out, "title has that text");
	buf_release(&title);
	return 0;
}

static const struct out_column find_columns[] = {
	{"item", "item", NULL, true, false},
	{"popularity", "popularity", NULL, true, false},
	{"title", "title", NULL, false, true},
	{NULL, NULL, NULL, false, false},
};

const struct cmd_entry cmd_find_item = {
	.name = "find",
	.group = "Look",
	.summary = "list the items whose title contains a text",
	.details = "Capital and small letters are the same, as far as they are ASCII. Where items have semantic ids, "
		"these are searched too: find '<a_12>'.",
	.args = {
		{.name = "TEXT", .type = ARG_REST, .required = true, .source = FROM_TITLES, .help = "part of a title"},
		{.name = "--limit", .type = ARG_INT, .max = 1e12, .dflt = "0",
			.help = "only the first N; 0: all"},
	},
	.examples = {{"find brush", "items with this in their title"}},
	.flags = CMD_NEEDS_DATA,
	.exec = find_exec,
	.columns = find_columns,
	.lists = LISTED_ITEMS,
	.listed = "item",
	.fields = fields_found,
};
