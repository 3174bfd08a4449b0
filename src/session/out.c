#include "session/out.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "data/title.h"
#include "session/command.h"
#include "store/file.h"

/* Nine significant digits bring a float back bit for bit. */
#define REAL_DIGITS 9

#define NARROWEST 12 /* cells below which no column is clipped */

#define USUAL_LINE 100
#define NARROWEST_LINE 20 /* a narrower terminal breaks the line itself */

void out_init(struct out *o, FILE *file)
{
	memset(o, 0, sizeof(*o));
	o->file = file;
}

void out_release(struct out *o)
{
	buf_release(&o->buf);
	json_decref(o->pending);
	o->pending = NULL;
	json_decref(o->kept);
	o->kept = NULL;
}

/* Our own words where the dot that parts things is not wanted: a comma is heard in its place. */
static void add_said(struct buf *b, const char *text)
{
	static const char dot[] = " \xC2\xB7 ";
	const char *stop;

	while ((stop = strstr(text, dot))) {
		buf_add(b, text, (size_t)(stop - text));
		buf_addstr(b, ", ");
		text = stop + strlen(dot);
	}
	buf_addstr(b, text);
}

/* Our own words in ASCII: they hold no control characters but line ends, and beyond ASCII little but the dot that parts
 * things. */
static void add_ascii(struct buf *b, const char *text)
{
	static const char dot[] = "\xC2\xB7";

	while (*text) {
		const char *stop = strstr(text, dot);
		size_t n = strcspn(text, "\n");

		if (stop && (size_t)(stop - text) < n)
			n = (size_t)(stop - text);
		utf8_show(b, text, n, true);
		text += n;
		if (*text == '\n') {
			buf_addch(b, *text++);
		} else if (*text) {
			buf_addch(b, '|');
			text += strlen(dot);
		}
	}
}

static void add_words(struct out *o, const char *text)
{
	if (o->ascii)
		add_ascii(&o->buf, text);
	else
		buf_addstr(&o->buf, text);
}

void out_text(struct out *o, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		BUG("format '%s'", fmt);
	va_end(ap);
	if (o->linear) {
		struct buf said = {0};

		add_said(&said, text);
		add_words(o, buf_str(&said));
		buf_release(&said);
	} else {
		add_words(o, text);
	}
	free(text);
}

void out_shown(struct out *o, const char *text)
{
	title_show(&o->buf, text, o->ascii);
}

void out_as_is(struct out *o)
{
	o->as_is = true;
}

void out_quoted(struct out *o, const char *text)
{
	char mark = strchr(text, '"') ? '\'' : '"';

	buf_addch(&o->buf, mark);
	utf8_show(&o->buf, text, strlen(text), o->ascii);
	buf_addch(&o->buf, mark);
}

/* Cells of the line that is being written. */
static size_t cells_so_far(const struct out *o)
{
	size_t from = o->buf.len;

	while (from > 0 && o->buf.at[from - 1] != '\n')
		from--;
	return utf8_width(buf_str(&o->buf) + from, o->buf.len - from);
}

/* 84 ". " */
static void add_token(struct out *o, const json_t *id, const char *piece)
{
	out_text(o, "%lld", (long long)json_integer_value(id));
	if (piece) {
		buf_addch(&o->buf, ' ');
		out_quoted(o, piece);
	}
}

void out_tokens(struct out *o, const json_t *ids, const json_t *pieces)
{
	size_t i, indent = cells_so_far(o), at = indent;
	json_t *v;

	if (json_array_size(ids) == 0)
		out_text(o, "nothing");
	json_array_foreach((json_t *)ids, i, v) {
		struct out one = {.ascii = o->ascii, .linear = o->linear};
		size_t cells;

		add_token(&one, v, json_string_value(json_array_get(pieces, i)));
		cells = utf8_width(buf_str(&one.buf), one.buf.len);
		if (i > 0 && o->columns > 0 && at + 2 + cells > out_line_width(o)) {
			out_text(o, "\n%*s", (int)indent, "");
			at = indent;
		} else if (i > 0) {
			out_text(o, "  ");
			at += 2;
		}
		buf_add(&o->buf, buf_str(&one.buf), one.buf.len);
		at += cells;
		out_release(&one);
	}
}

size_t out_line_width(const struct out *o)
{
	size_t width = o->columns > 0 ? o->columns : USUAL_LINE;

	return width > NARROWEST_LINE ? width : NARROWEST_LINE;
}

/* Does a lone sign end at text[n]? */
static bool ends_with_sign(const char *text, size_t n)
{
	return n > 0 && strchr("=<>", text[n - 1]) && (n == 1 || text[n - 2] == ' ');
}

/* Bytes up to where a line may end: a number stays with its % sign, and both sides of =, < or > with each other. */
static size_t unbroken(const char *text)
{
	size_t n = strcspn(text, " \n");

	while (text[n] == ' ' && text[n + 1] && (strchr("%=<>", text[n + 1]) || ends_with_sign(text, n)))
		n += 1 + strcspn(text + n + 1, " \n");
	return n;
}

void out_wrapped(struct out *o, const char *text)
{
	size_t limit = out_line_width(o), at = 0;

	while (text && *text) {
		size_t n = unbroken(text), width = utf8_width(text, n);

		if (at > 0 && (at + 1 + width > limit || text[-1] == '\n')) {
			out_text(o, "\n");
			at = 0;
		}
		if (at > 0) {
			out_text(o, " ");
			at++;
		}
		out_text(o, "%.*s", (int)n, text);
		at += width;
		text += n;
		text += *text != '\0';
	}
	out_text(o, "\n");
}

void out_notes(struct out *o, const json_t *notes)
{
	struct buf b = {0};
	size_t i;
	json_t *v;

	json_array_foreach((json_t *)notes, i, v) {
		if (i == 0)
			out_text(o, "\n");
		buf_clear(&b);
		buf_addstr(&b, "note: ");
		utf8_show(&b, json_string_value(v), json_string_length(v), o->ascii);
		out_wrapped(o, buf_str(&b));
	}
	buf_release(&b);
}

void out_mark(struct out *o, enum out_mark mark)
{
	static const struct {
		const char *utf8, *ascii, *colour;
	} marks[] = {
		[MARK_KEPT] = {"K", "K", "\033[34m"},
		[MARK_PRUNED] = {"✂", "x", "\033[33m"},
		[MARK_POSITIVE] = {"★", "*", "\033[1m"},
		[MARK_BLANK] = {" ", " ", ""},
	};
	const char *text = o->ascii ? marks[mark].ascii : marks[mark].utf8;
	bool colour = o->colour && mark != MARK_BLANK;

	buf_addf(&o->buf, "%s%s%s", colour ? marks[mark].colour : "", text, colour ? "\033[0m" : "");
}

static const json_t *look_up(const json_t *row, const char *path)
{
	char key[64];

	for (;;) {
		size_t n = strcspn(path, ".");

		if (n >= sizeof(key))
			BUG("column '%s'", path);
		memcpy(key, path, n);
		key[n] = '\0';
		row = json_object_get(row, key);
		if (!path[n])
			return row;
		path += n + 1;
	}
}

static void add_number(struct buf *b, const json_t *v, const char *form)
{
	double x = json_number_value(v);

	if (form && isfinite(x)) {
		/* The forms are literals of the column tables. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		buf_addf(b, form, x);
#pragma GCC diagnostic pop
	} else if (json_is_integer(v)) {
		buf_addf(b, "%lld", (long long)json_integer_value(v));
	} else {
		buf_addf(b, "%.*g", REAL_DIGITS, x);
	}
}

static void add_cell(struct buf *b, const json_t *v, const struct out_column *c, bool ascii)
{
	size_t i;
	json_t *e;

	if (json_is_string(v)) {
		if (c && c->shown)
			title_show(b, json_string_value(v), ascii);
		else
			utf8_show(b, json_string_value(v), json_string_length(v), ascii);
	} else if (json_is_number(v)) {
		add_number(b, v, c ? c->form : NULL);
	} else if (json_is_boolean(v)) {
		buf_addstr(b, json_is_true(v) ? "yes" : "no");
	} else if (json_array_size(v) > 0) {
		json_array_foreach((json_t *)v, i, e) {
			if (i > 0)
				buf_addch(b, ' ');
			add_cell(b, e, c, ascii);
		}
	} else {
		buf_addch(b, '-');
	}
}

/* A backslash stands before what would end a cell or a row, or act on a terminal, as in PostgreSQL's text form. */
static void add_tsv_string(struct buf *b, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		switch (s[i]) {
		case '\t':
			buf_addstr(b, "\\t");
			break;
		case '\n':
			buf_addstr(b, "\\n");
			break;
		case '\r':
			buf_addstr(b, "\\r");
			break;
		case '\\':
			buf_addstr(b, "\\\\");
			break;
		default:
			if (!utf8_control(s + i, len - i))
				buf_addch(b, s[i]);
			else if ((unsigned char)s[i] == 0xc2)
				buf_addf(b, "\\xc2\\x%02x", (unsigned char)s[++i]);
			else
				buf_addf(b, "\\x%02x", (unsigned char)s[i]);
		}
	}
}

static void add_tsv_cell(struct buf *b, const json_t *v)
{
	size_t i;
	json_t *e;

	if (json_is_string(v)) {
		add_tsv_string(b, json_string_value(v), json_string_length(v));
	} else if (json_is_number(v)) {
		add_number(b, v, NULL);
	} else if (json_is_boolean(v)) {
		buf_addstr(b, json_is_true(v) ? "true" : "false");
	} else if (json_is_array(v)) {
		json_array_foreach((json_t *)v, i, e) {
			if (i > 0)
				buf_addch(b, ' ');
			add_tsv_cell(b, e);
		}
	}
}

static void add_tsv_row(struct out *o, const json_t *row, const struct out_column *columns)
{
	for (const struct out_column *c = columns; c->key; c++) {
		if (c > columns)
			buf_addch(&o->buf, '\t');
		add_tsv_cell(&o->buf, look_up(row, c->key));
	}
	buf_addch(&o->buf, '\n');
	o->n_records++;
}

void out_rows(struct out *o, const json_t *rows, const struct out_column *columns)
{
	size_t i;
	json_t *row;

	if (o->n_records == 0) {
		for (const struct out_column *c = columns; c->key; c++)
			buf_addf(&o->buf, "%s%s", c > columns ? "\t" : "", c->key);
		buf_addch(&o->buf, '\n');
	}
	if (json_is_array(rows))
		json_array_foreach((json_t *)rows, i, row)
			add_tsv_row(o, row, columns);
	else
		add_tsv_row(o, rows, columns);
}

/* A table being laid out: the columns that text shows, their cells row by row, heading first. */
struct layout {
	const struct out_column **columns; /* [n] */
	size_t n, rows;
	char **cells;  /* [rows * n] owned */
	size_t *width; /* [n] */
};

static void layout_init(struct layout *l, const json_t *rows, const struct out_column *columns, bool ascii)
{
	size_t total = 0;

	while (columns[total].key)
		total++;
	l->columns = xcalloc(total + 1, sizeof(*l->columns));
	l->n = 0;
	for (size_t i = 0; i < total; i++)
		if (columns[i].head)
			l->columns[l->n++] = &columns[i];
	l->rows = json_array_size(rows) + 1;
	l->cells = xcalloc(l->rows * l->n + 1, sizeof(*l->cells));
	l->width = xcalloc(l->n + 1, sizeof(*l->width));
	for (size_t r = 0; r < l->rows; r++) {
		for (size_t c = 0; c < l->n; c++) {
			struct buf b = {0};
			size_t width;

			if (r == 0)
				buf_addstr(&b, l->columns[c]->head);
			else
				add_cell(&b, look_up(json_array_get(rows, r - 1), l->columns[c]->key), l->columns[c],
					ascii);
			width = utf8_width(buf_str(&b), b.len);
			if (width > l->width[c])
				l->width[c] = width;
			buf_addstr(&b, "");
			l->cells[r * l->n + c] = b.at ? buf_detach(&b) : xstrdup("");
		}
	}
}

/* Cells of the whole table; with texts as narrow as they may be where `least` is set. */
static size_t layout_width(const struct layout *l, bool least)
{
	size_t total = 0;

	for (size_t c = 0; c < l->n; c++)
		total += (c > 0 ? 2 : 0) +
			 (least && l->columns[c]->shown && l->width[c] > NARROWEST ? NARROWEST : l->width[c]);
	return total;
}

/* Takes cells from the widest columns of texts until the table is as wide as the terminal. Where it cannot be, a text
 * may be as wide as there is room beside the first column. */
static void layout_fit(struct layout *l, size_t limit)
{
	bool whole = layout_width(l, true) <= limit;

	for (size_t c = 1; limit > 0 && !whole && c < l->n; c++) {
		size_t room = limit > l->width[0] + 2 + NARROWEST ? limit - l->width[0] - 2 : NARROWEST;

		if (l->columns[c]->shown && l->width[c] > room)
			l->width[c] = room;
	}
	while (limit > 0 && whole && layout_width(l, false) > limit) {
		size_t widest = 0;

		for (size_t c = 0; c < l->n; c++)
			if (l->columns[c]->shown && l->width[c] > (l->columns[widest]->shown ? l->width[widest] : 0))
				widest = c;
		l->width[widest]--;
	}
}

static void layout_cell(const struct layout *l, size_t r, size_t c, struct out *out)
{
	const char *cell = l->cells[r * l->n + c];
	size_t len = strlen(cell), width = utf8_width(cell, len);

	if (l->columns[c]->right && width < l->width[c])
		buf_addrep(&out->buf, ' ', l->width[c] - width);
	utf8_fit(&out->buf, cell, len, l->width[c], !l->columns[c]->right, out->ascii);
}

/* The first column and those from `from` up to `to`. */
static void layout_row(const struct layout *l, size_t r, size_t from, size_t to, struct out *out)
{
	size_t end;

	layout_cell(l, r, 0, out);
	for (size_t c = from; c < to; c++) {
		buf_addstr(&out->buf, "  ");
		layout_cell(l, r, c, out);
	}
	for (end = out->buf.len; end > 0 && out->buf.at[end - 1] == ' '; end--)
		;
	if (end < out->buf.len) {
		out->buf.at[end] = '\0';
		out->buf.len = end;
	}
	buf_addch(&out->buf, '\n');
}

/* After the last of the columns from `from` on that have room beside the first one; one at least. */
static size_t layout_end(const struct layout *l, size_t from, size_t limit)
{
	size_t cells = l->width[0], to = from;

	for (; to < l->n; to++) {
		cells += 2 + l->width[to];
		if (limit > 0 && cells > limit && to > from)
			break;
	}
	return to;
}

static bool layout_has_heads(const struct layout *l, size_t from, size_t to)
{
	for (size_t c = from; c < to; c++)
		if (*l->columns[c]->head)
			return true;
	return *l->columns[0]->head;
}

/* Columns that have no room stand below the others, beside the first one again. */
void out_table(struct out *o, const json_t *rows, const struct out_column *columns)
{
	size_t from = 1, to;
	struct layout l;

	layout_init(&l, rows, columns, o->ascii);
	layout_fit(&l, o->columns);
	do {
		to = layout_end(&l, from, o->columns);
		if (from > 1)
			out_text(o, "\n");
		for (size_t r = layout_has_heads(&l, from, to) ? 0 : 1; r < l.rows; r++)
			layout_row(&l, r, from, to, o);
		from = to;
	} while (to < l.n);
	for (size_t i = 0; i < l.rows * l.n; i++)
		free(l.cells[i]);
	free(l.cells);
	free(l.width);
	free(l.columns);
}

static void add_fields(struct out *o, const json_t *object, size_t indent)
{
	const char *key;
	json_t *v;
	size_t widest = 0;

	json_object_foreach((json_t *)object, key, v)
		if (!json_is_object(v) && strlen(key) > widest)
			widest = strlen(key);
	json_object_foreach((json_t *)object, key, v) {
		buf_addrep(&o->buf, ' ', indent);
		for (const char *p = key; *p; p++)
			buf_addch(&o->buf, *p == '_' ? ' ' : *p);
		if (json_is_object(v)) {
			buf_addch(&o->buf, '\n');
			add_fields(o, v, indent + 2);
			continue;
		}
		buf_addrep(&o->buf, ' ', widest - strlen(key) + 2);
		add_cell(&o->buf, v, NULL, o->ascii);
		buf_addch(&o->buf, '\n');
	}
}

void out_fields(struct out *o, const json_t *object)
{
	add_fields(o, object, 0);
}

/* Control characters of ASCII, but for DEL, stand escaped in JSON already; those of Latin 1 act on terminals too. */
static void add_json(struct buf *b, const char *line)
{
	for (const char *s = line; *s; s++) {
		if (!utf8_control(s, 2))
			buf_addch(b, *s);
		else if ((unsigned char)*s == 0xc2)
			buf_addf(b, "\\u%04X", (unsigned char)*++s);
		else
			buf_addf(b, "\\u%04X", (unsigned char)*s);
	}
}

static void record_json(struct out *o, const json_t *record)
{
	char *line = json_dumps(record, JSON_REAL_PRECISION(REAL_DIGITS));

	if (!line)
		BUG("a record that is not JSON");
	add_json(&o->buf, line);
	buf_addch(&o->buf, '\n');
	free(line);
	o->n_records++;
}

static void record_tsv(struct out *o, const json_t *record)
{
	const struct cmd_entry *e = o->command;

	if (e->tsv)
		e->tsv(record, o);
	else if (e->columns)
		out_rows(o, e->rows ? json_object_get(record, e->rows) : record, e->columns);
}

static void record_text(struct out *o, json_t *record)
{
	const struct cmd_entry *e = o->command;
	size_t from = o->buf.len;

	o->as_is = false;
	o->n_records++;
	if (e->text) {
		e->text(record, o);
	} else if (e->columns && e->rows) {
		out_table(o, json_object_get(record, e->rows), e->columns);
	} else if (e->columns) {
		if (!o->pending)
			o->pending = json_array();
		json_array_append(o->pending, record);
	} else {
		out_fields(o, record);
	}
	if (!o->as_is)
		out_fit(o, from);
}

static void keep(struct out *o, json_t *record)
{
	if (json_array_size(o->kept) < OUT_KEEPS)
		json_array_append(o->kept, record);
	else
		o->kept_cut = true;
}

void out_record(struct out *o, json_t *record)
{
	keep(o, record);
	switch (o->format) {
	case OUT_JSON:
		record_json(o, record);
		break;
	case OUT_TSV:
		record_tsv(o, record);
		break;
	case OUT_TEXT:
		record_text(o, record);
		break;
	}
	json_decref(record);
}

void out_begin(struct out *o, const struct cmd_entry *command)
{
	o->command = command;
	o->list = command->columns;
	o->n_records = 0;
	json_decref(o->kept);
	o->kept = json_array();
	o->kept_cut = false;
}

void out_list_as(struct out *o, const struct out_column *columns)
{
	o->list = columns;
}

void out_none(struct out *o, const char *what)
{
	if (o->format == OUT_TEXT)
		out_text(o, "no %s\n", what);
}

void out_end(struct out *o)
{
	size_t from = o->buf.len;

	if (o->pending)
		out_table(o, o->pending, o->list);
	out_fit(o, from);
	json_decref(o->pending);
	o->pending = NULL;
}

void out_pass_on(struct out *from, struct out *to)
{
	json_decref(to->kept);
	to->kept = from->kept;
	to->kept_cut = from->kept_cut;
	to->list = from->list;
	from->kept = NULL;
}

int out_flush(struct out *o, struct err *err)
{
	if (!o->file)
		return 0;
	if (!o->write_errno && o->buf.len > 0 && fwrite(o->buf.at, 1, o->buf.len, o->file) < o->buf.len)
		o->write_errno = errno;
	buf_clear(&o->buf);
	if (!o->write_errno && fflush(o->file))
		o->write_errno = errno;
	if (o->write_errno)
		return err_errno(err, o->write_errno, "writing the results");
	return 0;
}

int out_finish(struct out *o, struct err *err)
{
	int failed = out_flush(o, err);

	out_release(o);
	return failed;
}

int out_save(struct out *o, const char *path, struct err *err)
{
	int failed = file_write(path, buf_str(&o->buf), o->buf.len, err);

	buf_clear(&o->buf);
	return failed;
}
