#include "session/prompt_diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "session/diff.h"
#include "session/field.h"
#include "session/record.h"

#define MOST_DIFFERENCES 1000

/* The prompt of the case under one of the templates. */
struct version {
	char *name; /* owned */
	struct template *template;
	struct buf text;
	struct vec_u32 ids;
	struct vec_u32 units;  /* of text: numbers, equal for equal ones */
	struct vec_u32 begins; /* where each begins, and the end */
};

static int version_init(
	struct version *v, const struct session *s, const struct rec_case *c, const char *name, struct err *err)
{
	const struct dataset *d = s->loaded.data->dataset;
	size_t max_history = (size_t)s->now.max_history;

	v->name = xstrdup(name);
	if (loaded_template(&v->template, name, d->name, s->datadir, err))
		return -1;
	dataset_prompt_text(d, c, v->template, max_history, &v->text);
	return dataset_prompt(d, c, s->loaded.model->tokenizer, v->template, max_history, &v->ids, err);
}

static void version_release(struct version *v)
{
	free(v->name);
	template_free(v->template);
	buf_release(&v->text);
	vec_release(&v->ids);
	vec_release(&v->units);
	vec_release(&v->begins);
}

static bool in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80);
}

/* Words are compared whole: letter by letter, two wordings of a sentence would fall into crumbs. All else is compared
 * byte by byte. */
static void cut_units(struct version *v, struct map *known)
{
	const char *text = buf_str(&v->text);

	for (size_t at = 0, end; at < v->text.len; at = end) {
		bool added;

		for (end = at + 1; end < v->text.len && in_word(text[at]) && in_word(text[end]); end++)
			;
		vec_push(&v->begins, (uint32_t)at);
		vec_push(&v->units, *map_put(known, text + at, end - at, (uint32_t)known->n, &added));
	}
	vec_push(&v->begins, (uint32_t)v->text.len);
}

/* The hunk in bytes instead of units. */
static struct diff_hunk in_bytes(const struct diff_hunk *h, const struct version *a, const struct version *b)
{
	return (struct diff_hunk){
		.a_at = a->begins.at[h->a_at],
		.a_n = a->begins.at[h->a_at + h->a_n] - a->begins.at[h->a_at],
		.b_at = b->begins.at[h->b_at],
		.b_n = b->begins.at[h->b_at + h->b_n] - b->begins.at[h->b_at],
	};
}

/* Between two hunks there is nothing but a blank or two: a reader takes them for one. */
static bool belong_together(const struct diff_hunk *x, const struct diff_hunk *y, const char *text)
{
	size_t end = x->a_at + x->a_n;

	for (size_t i = end; i < y->a_at; i++)
		if (in_word(text[i]) || text[i] == '\n')
			return false;
	return y->a_at - end <= 2;
}

static int find_bytes(struct diff *d, struct version *a, struct version *b, struct err *err)
{
	struct map known;
	size_t n = 0;
	int failed;

	map_init(&known, 0);
	cut_units(a, &known);
	cut_units(b, &known);
	map_release(&known);
	failed = diff_init(d, a->units.at, a->units.n, b->units.at, b->units.n, MOST_DIFFERENCES, err);
	for (size_t i = 0; i < d->n; i++) {
		struct diff_hunk h = in_bytes(&d->at[i], a, b);

		if (n > 0 && belong_together(&d->at[n - 1], &h, buf_str(&a->text))) {
			d->at[n - 1].a_n = h.a_at + h.a_n - d->at[n - 1].a_at;
			d->at[n - 1].b_n = h.b_at + h.b_n - d->at[n - 1].b_at;
		} else {
			d->at[n++] = h;
		}
	}
	d->n = n;
	return failed;
}

static json_t *hexadecimal(const char *bytes, size_t n)
{
	struct buf b = {0};
	json_t *v;

	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%02x", i > 0 ? " " : "", (unsigned char)bytes[i]);
	v = json_string(buf_str(&b));
	buf_release(&b);
	return v;
}

static size_t line_of(const struct buf *text, size_t at)
{
	size_t line = 1;

	for (size_t i = 0; i < at; i++)
		line += text->at[i] == '\n';
	return line;
}

static json_t *byte_hunks(const struct diff *d, const struct version *a, const struct version *b)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->n; i++) {
		const struct diff_hunk *h = &d->at[i];
		const char *gone = buf_str(&a->text) + h->a_at, *come = buf_str(&b->text) + h->b_at;
		json_t *v = json_object();

		json_object_set_new(v, "at", record_count(h->a_at));
		json_object_set_new(v, "at_second", record_count(h->b_at));
		json_object_set_new(v, "line", record_count(line_of(&a->text, h->a_at)));
		json_object_set_new(v, "removed", record_text(gone, h->a_n));
		json_object_set_new(v, "added", record_text(come, h->b_n));
		json_object_set_new(v, "removed_hex", hexadecimal(gone, h->a_n));
		json_object_set_new(v, "added_hex", hexadecimal(come, h->b_n));
		json_array_append_new(list, v);
	}
	return list;
}

static void add_tokens(
	json_t *v, const char *key, const char *pieces, const struct session *s, const uint32_t *ids, size_t n)
{
	json_t *texts = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(texts, record_piece(s, ids[i]));
	json_object_set_new(v, key, record_tokens(ids, n));
	json_object_set_new(v, pieces, texts);
}

static json_t *token_hunks(
	const struct diff *d, const struct session *s, const struct version *a, const struct version *b)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->n; i++) {
		const struct diff_hunk *h = &d->at[i];
		json_t *v = json_object();

		json_object_set_new(v, "at", record_count(h->a_at));
		json_object_set_new(v, "at_second", record_count(h->b_at));
		add_tokens(v, "removed", "removed_pieces", s, a->ids.at + h->a_at, h->a_n);
		add_tokens(v, "added", "added_pieces", s, b->ids.at + h->b_at, h->b_n);
		json_array_append_new(list, v);
	}
	return list;
}

static json_t *version_record(const struct version *v)
{
	json_t *r = json_object();

	json_object_set_new(r, "name", record_string(v->name));
	json_object_set_new(r, "text", record_text(buf_str(&v->text), v->text.len));
	json_object_set_new(r, "bytes", record_count(v->text.len));
	json_object_set_new(r, "tokens", record_tokens(v->ids.at, v->ids.n));
	return r;
}

static size_t common_tokens(const struct version *a, const struct version *b)
{
	size_t n = 0;

	while (n < a->ids.n && n < b->ids.n && a->ids.at[n] == b->ids.at[n])
		n++;
	return n;
}

#define TRAIN "-train"
#define INFERENCE "-inference"

/* Where a template is called FAMILY-train or FAMILY-inference: bytes of the family's name, else 0. */
static size_t family_len(const char *name)
{
	static const char *const ends[] = {TRAIN, INFERENCE};
	size_t len = strlen(name);

	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (len > strlen(ends[i]) && !strcmp(name + len - strlen(ends[i]), ends[i]))
			return len - strlen(ends[i]);
	return 0;
}

static int make_versions(struct version *a, struct version *b, const struct session *s, const struct rec_case *c,
	const char *against, struct err *err)
{
	const char *set = s->now.template_name;
	size_t family = family_len(set);
	char *train, *inference;
	int failed;

	if (against)
		return version_init(a, s, c, set, err) || version_init(b, s, c, against, err) ? -1 : 0;
	if (family == 0)
		set = "bear";
	train = xasprintf("%.*s" TRAIN, (int)(family ? family : strlen(set)), set);
	inference = xasprintf("%.*s" INFERENCE, (int)(family ? family : strlen(set)), set);
	failed = version_init(a, s, c, train, err) || version_init(b, s, c, inference, err) ? -1 : 0;
	free(train);
	free(inference);
	return failed;
}

json_t *prompt_diff_record(struct session *s, const struct rec_case *c, const char *against, struct err *err)
{
	struct diff bytes = {0}, tokens = {0};
	struct version a = {0}, b = {0};
	json_t *v = NULL, *templates;

	if (s->loaded.data->dataset->tokens_only) {
		err_set(err, ERR_UNSUPPORTED, "dataset '%s' is made of token ids: no template makes its prompts",
			s->loaded.data->dataset->name);
		return NULL;
	}
	if (make_versions(&a, &b, s, c, against, err) || find_bytes(&bytes, &a, &b, err) ||
		diff_init(&tokens, a.ids.at, a.ids.n, b.ids.at, b.ids.n, MOST_DIFFERENCES, err))
		goto out;
	v = json_object();
	templates = json_array();
	json_array_append_new(templates, version_record(&a));
	json_array_append_new(templates, version_record(&b));
	json_object_set_new(v, "case", record_string(c->id));
	json_object_set_new(v, "templates", templates);
	json_object_set_new(v, "bytes", byte_hunks(&bytes, &a, &b));
	json_object_set_new(v, "tokens", token_hunks(&tokens, s, &a, &b));
	json_object_set_new(v, "common_tokens", record_count(common_tokens(&a, &b)));
out:
	version_release(&a);
	version_release(&b);
	diff_release(&bytes);
	diff_release(&tokens);
	return v;
}

#define BEFORE 30   /* cells shown of what stands before a difference, at most */
#define SHOWN_HEX 8 /* bytes of a difference that are written as numbers */
#define WIDTH 100   /* cells of a line where there is no terminal */

/* Appends the text's last cells, or first, made safe, with an ellipsis where something is cut; returns their number. */
static size_t add_end(struct buf *out, const char *text, size_t len, size_t cells, bool last, bool ascii)
{
	const char *dots = ascii ? "..." : "…";
	size_t gap = utf8_width(dots, strlen(dots)), width;
	struct buf shown = {0};
	const char *at;

	utf8_show(&shown, text, len, ascii);
	at = buf_str(&shown);
	width = utf8_width(at, shown.len);
	if (width <= cells) {
		buf_addstr(out, at);
	} else if (last) {
		unsigned one;

		for (buf_addstr(out, dots); width > cells - gap; width -= one)
			at += utf8_cluster(at, strlen(at), &one);
		buf_addstr(out, at);
		width += gap;
	} else {
		buf_add(out, at, utf8_clip(at, shown.len, cells - gap, &width));
		buf_addstr(out, dots);
		width += gap;
	}
	buf_release(&shown);
	return width;
}

/* One text around a difference on one line, and one that points at the difference below it. */
static void show_side(struct out *out, char sign, const json_t *version, size_t at, size_t n)
{
	const json_t *whole = json_object_get(version, "text");
	const char *text = json_string_value(whole);
	size_t width = out->columns > 0 ? out_line_width(out) : WIDTH, before, part, len = json_string_length(whole);

	out_text(out, "%c ", sign);
	before = 2 + add_end(&out->buf, text, at, BEFORE, true, out->ascii);
	part = add_end(&out->buf, text + at, n, (width - before) * 2 / 3, false, out->ascii);
	add_end(&out->buf, text + at + n, len - at - n, width - before - part, false, out->ascii);
	if (n > 0) {
		out_text(out, "\n%*s", (int)before, "");
		buf_addrep(&out->buf, '^', part);
	}
	out_text(out, "\n");
}

/* "20 (1 byte)", "54 68 65 ... (12 bytes)", "nothing". */
static void add_hex(struct out *out, const char *hex)
{
	size_t n = (strlen(hex) + 1) / 3;

	if (n == 0)
		out_text(out, "nothing");
	else
		out_text(out, "%.*s%s (%zu byte%s)", n > SHOWN_HEX ? SHOWN_HEX * 3 : (int)strlen(hex), hex,
			n > SHOWN_HEX ? "..." : "", n, n == 1 ? "" : "s");
}

static void show_byte_hunk(struct out *out, const json_t *record, const json_t *hunk)
{
	const json_t *templates = json_object_get(record, "templates");
	const json_t *a = json_array_get(templates, 0), *b = json_array_get(templates, 1);

	out_text(out, "\nline %zu, byte %zu: ", field_count(hunk, "line"), field_count(hunk, "at"));
	add_hex(out, field_text(hunk, "removed_hex"));
	out_text(out, " became ");
	add_hex(out, field_text(hunk, "added_hex"));
	out_text(out, "\n");
	if (out->linear) {
		out_text(out, "removed: ");
		out_quoted(out, field_text(hunk, "removed"));
		out_text(out, "\nadded: ");
		out_quoted(out, field_text(hunk, "added"));
		out_text(out, "\n");
		return;
	}
	show_side(out, '-', a, field_count(hunk, "at"),
		(strlen(field_text(hunk, "removed_hex")) + 1) / 3);
	show_side(out, '+', b, field_count(hunk, "at_second"),
		(strlen(field_text(hunk, "added_hex")) + 1) / 3);
}

static void show_token_hunk(struct out *out, const json_t *hunk)
{
	out_text(out, "\ntoken %zu: ", field_count(hunk, "at"));
	out_tokens(out, json_object_get(hunk, "removed"), json_object_get(hunk, "removed_pieces"));
	out_text(out, " became ");
	out_tokens(out, json_object_get(hunk, "added"), json_object_get(hunk, "added_pieces"));
}

/* What the difference comes to, in a sentence. */
static void show_sum(struct out *out, const json_t *record)
{
	const json_t *templates = json_object_get(record, "templates"), *tokens = json_object_get(record, "tokens");
	const json_t *first = json_object_get(json_array_get(templates, 0), "tokens");
	size_t removed = 0, added = 0, i;
	struct buf b = {0};
	json_t *v;

	json_array_foreach((json_t *)tokens, i, v) {
		removed += json_array_size(json_object_get(v, "removed"));
		added += json_array_size(json_object_get(v, "added"));
	}
	if (json_array_size(json_object_get(record, "bytes")) == 0)
		buf_addstr(&b, "The prompts are the same.");
	else if (json_array_size(tokens) == 0)
		buf_addstr(&b, "The texts differ, their tokens do not.");
	else
		buf_addf(&b, "Of %zu tokens %zu became %zu others; the model reads the same only in the first %zu.",
			json_array_size(first), removed, added, field_count(record, "common_tokens"));
	out_wrapped(out, NULL);
	out_wrapped(out, buf_str(&b));
	buf_release(&b);
}

void prompt_diff_text(const json_t *record, struct out *out)
{
	const json_t *tokens = json_object_get(record, "tokens");
	size_t i;
	json_t *v;

	json_array_foreach(json_object_get(record, "templates"), i, v) {
		struct buf counts = {0};

		buf_addcount(&counts, field_count(v, "bytes"));
		buf_addstr(&counts, " bytes, ");
		buf_addcount(&counts, json_array_size(json_object_get(v, "tokens")));
		out_text(out, "%c %-20s  %s tokens\n", i == 0 ? '-' : '+', field_text(v, "name"), buf_str(&counts));
		buf_release(&counts);
	}
	json_array_foreach(json_object_get(record, "bytes"), i, v)
		show_byte_hunk(out, record, v);
	json_array_foreach((json_t *)tokens, i, v)
		show_token_hunk(out, v);
	if (json_array_size(tokens) > 0)
		out_text(out, "\n");
	show_sum(out, record);
}

static const struct out_column hunk_columns[] = {OUT_KEY("at"), OUT_KEY("at_second"), OUT_KEY("line"),
	OUT_KEY("removed"), OUT_KEY("added"), OUT_KEY("removed_hex"), OUT_KEY("added_hex"), OUT_KEY(NULL)};

void prompt_diff_tsv(const json_t *record, struct out *out)
{
	out_rows(out, json_object_get(record, "bytes"), hunk_columns);
}
