#include "data/predictions.h"

#include <string.h>

#include "base/utf8.h"
#include "store/file.h"

static const struct {
	const char *name, *title;
} forms[] = {
	[PREDICTIONS_BEAR] = {"bear", "BEAR"},
	[PREDICTIONS_D3] = {"d3", "D3"},
	[PREDICTIONS_MINIONEREC] = {"minionerec", "MiniOneRec"},
};

const char *prediction_form_name(enum prediction_form form)
{
	return forms[form].name;
}

const char *prediction_form_title(enum prediction_form form)
{
	return forms[form].title;
}

/* The characters that a text loses at both ends, set by set; NULL ends them. Without any the text is compared whole. */
#define STRIPS 5
static const char *const strips[][3][STRIPS] = {
	[PREDICTIONS_D3] =
		{
			[PREDICTION_ITEM] = {"\"", " ", "\n", "\""},
			[PREDICTION_ANSWER] = {" \n\""},
			[PREDICTION_MADE] = {" \n", "\"", " "},
		},
	[PREDICTIONS_MINIONEREC] =
		{
			[PREDICTION_ITEM] = {" \n\""},
			[PREDICTION_ANSWER] = {" \n\""},
			[PREDICTION_MADE] = {" \n\""},
		},
};

static void strip(struct prediction_key *k, const char *set)
{
	while (k->len > 0 && strchr(set, k->at[0])) {
		k->at++;
		k->len--;
	}
	while (k->len > 0 && strchr(set, k->at[k->len - 1]))
		k->len--;
}

/* Without its first and its last character, whatever they are. The text is UTF-8. */
static void cut_ends(struct prediction_key *k)
{
	uint32_t ignored;
	size_t first = utf8_decode(k->at, k->len, &ignored), last = 1;

	while (last < k->len && ((unsigned char)k->at[k->len - last] & 0xC0) == 0x80)
		last++;
	if (first + last > k->len) {
		k->len = 0;
		return;
	}
	k->at += first;
	k->len -= first + last;
}

struct prediction_key prediction_key(enum prediction_form form, enum prediction_role role, const char *text)
{
	struct prediction_key k = {text, strlen(text)};

	if (form == PREDICTIONS_BEAR) {
		if (role != PREDICTION_ITEM)
			cut_ends(&k);
		return k;
	}
	for (size_t i = 0; strips[form][role][i]; i++)
		strip(&k, strips[form][role][i]);
	return k;
}

bool prediction_same(struct prediction_key a, struct prediction_key b)
{
	return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

size_t prediction_rank(enum prediction_form form, const struct prediction *p, struct prediction_key answer)
{
	size_t rank = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (!prediction_same(prediction_key(form, PREDICTION_MADE, p->texts[i]), answer))
			continue;
		rank = i + 1;
		if (form != PREDICTIONS_D3)
			break;
	}
	return rank;
}

/* Python writes NaN, Infinity and -Infinity for scores, which no JSON reader takes. Scores are not looked at: a zero
 * and blanks stand in their place, so that what is wrong elsewhere keeps its line and column. */
static void replace_infinities(struct buf *text)
{
	static const char *const words[] = {"-Infinity", "Infinity", "NaN"};
	bool inside = false;

	for (size_t i = 0; i < text->len; i++) {
		char c = text->at[i];

		if (inside && c == '\\') {
			i++;
			continue;
		}
		if (c == '"')
			inside = !inside;
		for (size_t k = 0; !inside && k < ARRAY_LEN(words); k++) {
			size_t len = strlen(words[k]);

			if (text->len - i < len || memcmp(text->at + i, words[k], len) != 0)
				continue;
			memset(text->at + i, ' ', len);
			text->at[i] = '0';
		}
	}
}

static int read_document(struct predictions *p, const char *path, struct err *err)
{
	struct buf text = {0};
	int failed = file_read(&text, path, JSON_MAX_FILE, err);

	if (!failed) {
		replace_infinities(&text);
		failed = json_doc_parse(&p->doc, path, buf_str(&text), text.len, err);
	}
	buf_release(&text);
	return failed;
}

/* "output" is a text or a list of texts. */
static int read_output(struct prediction *e, const struct json_node *entry, struct err *err)
{
	struct json_node node, first;

	if (!json_find(entry, "output", &node))
		return 0;
	if (!json_is_array(node.value))
		return json_as_str(&node, &e->output, NULL, err);
	if (json_array_size(node.value) == 0)
		return json_refuse(&node, err, "is a list without an answer");
	first = json_element(&node, 0);
	return json_as_str(&first, &e->output, NULL, err);
}

static int read_entry(struct predictions *p, struct prediction *e, const struct json_node *entry, struct err *err)
{
	struct json_node list;

	*e = (struct prediction){0};
	if (json_as_object(entry, err) || json_opt_str(entry, "input", &e->input, err) || read_output(e, entry, err) ||
		json_get_array(entry, "predict", &list, &e->n, err))
		return -1;
	e->texts = arena_calloc(&p->arena, e->n, sizeof(*e->texts));
	for (size_t i = 0; i < e->n; i++) {
		struct json_node text = json_element(&list, i);

		if (json_as_str(&text, &e->texts[i], NULL, err))
			return -1;
	}
	p->width = e->n > p->width ? e->n : p->width;
	return 0;
}

static bool has(const struct json_node *entry, const char *key)
{
	return json_object_get(entry->value, key) != NULL;
}

static enum prediction_form find_form(const struct prediction *e, const struct json_node *entry)
{
	const char *text = e->output ? e->output : e->texts[0];

	if (has(entry, "predict_ctr_prob") || text[0] != '"')
		return PREDICTIONS_MINIONEREC;
	if (has(entry, "predict_score") || has(entry, "predict_seq_score") || text[strlen(text) - 1] == '\n')
		return PREDICTIONS_D3;
	return PREDICTIONS_BEAR;
}

static int read_entries(struct predictions *p, struct err *err)
{
	const struct json_node *root = &p->doc.root;
	size_t n;

	if (!json_is_array(root->value))
		return json_refuse(root, err,
			"must be a list of objects with \"predict\", as the published inference scripts write it");
	n = json_array_size(root->value);
	p->at = mem_try_alloc(n, sizeof(*p->at), true, "predictions", err);
	if (!p->at)
		return -1;
	for (; p->n < n; p->n++) {
		struct json_node entry = json_element(root, p->n);
		size_t widest = p->width;

		if (read_entry(p, &p->at[p->n], &entry, err))
			return -1;
		if (widest == 0 && p->width > 0)
			p->form = find_form(&p->at[p->n], &entry);
	}
	return p->width > 0 ? 0 : json_refuse(root, err, n > 0 ? "holds no prediction" : "holds no entry");
}

int predictions_read(struct predictions *p, const char *path, struct err *err)
{
	*p = (struct predictions){0};
	arena_init(&p->arena);
	return read_document(p, path, err) || read_entries(p, err) ? -1 : 0;
}

void predictions_release(struct predictions *p)
{
	free(p->at);
	json_doc_release(&p->doc);
	arena_release(&p->arena);
	*p = (struct predictions){0};
}
