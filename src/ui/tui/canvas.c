#include "canvas.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "minmax.h"

static const struct {
	const char *utf8, *ascii; /* one cell each */
} glyphs[GLYPH_COUNT] = {
	[GLYPH_KEPT] = {"K", "K"},
	[GLYPH_PRUNED] = {"✂", "x"},
	[GLYPH_POSITIVE] = {"★", "*"},
	[GLYPH_FINISHED] = {"■", "#"},
	[GLYPH_HERE] = {"▶", ">"},
	[GLYPH_YES] = {"✓", "y"},
	[GLYPH_NO] = {"✗", "!"},
	[GLYPH_UNKNOWN] = {"?", "?"},
	[GLYPH_EDIT] = {"◆", "@"},
	[GLYPH_ALONE] = {"◇", "o"},
	[GLYPH_ENDED] = {"k", "k"},
	[GLYPH_OUT] = {"-", "-"},
	[GLYPH_SPACE] = {"␣", "_"},
	[GLYPH_DOT] = {"·", "-"},
	[GLYPH_MORE_UP] = {"▲", "^"},
	[GLYPH_MORE_DOWN] = {"▼", "v"},
	[GLYPH_GAP] = {"…", "."},
	[GLYPH_SOLID] = {"█", "#"},
	[GLYPH_HATCH] = {"▒", "="},
	[GLYPH_DASH] = {"╌", "-"},
	[GLYPH_HORIZONTAL] = {"─", "-"},
	[GLYPH_VERTICAL] = {"│", "|"},
	[GLYPH_TOP_LEFT] = {"┌", "+"},
	[GLYPH_TOP_RIGHT] = {"┐", "+"},
	[GLYPH_BOTTOM_LEFT] = {"└", "+"},
	[GLYPH_BOTTOM_RIGHT] = {"┘", "+"},
	[GLYPH_TICK_LEFT] = {"┤", "+"},
	[GLYPH_TICK_BELOW] = {"┬", "+"},
	[GLYPH_TEE] = {"├", "+"},
};

/* Typography of our own texts that deserves a better twin than "?"; the marks above have theirs too. */
static const struct {
	const char *utf8, *ascii;
} twins[] = {
	{"…", "..."}, {"·", "-"}, {"−", "-"}, {"–", "-"}, {"—", "-"}, {"“", "\""}, {"”", "\""}, {"‘", "'"}, {"’", "'"},
	{"≥", ">="}, {"≤", "<="}, {"×", "x"}, {"→", "->"}, {"←", "<-"}, {"↑", "^"}, {"↓", "v"}, {"β", "beta"},
	{"Δ", "delta"}, {"τ", "tau"}, {"Σ", "sum"}, {"\xc2\xa0", " "}, {"\xe2\x80\xaf", " "},
};

const char *canvas_plain_mark(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(glyphs); i++)
		if ((i <= GLYPH_SPACE || i == GLYPH_DASH) && strcmp(glyphs[i].utf8, text) == 0)
			return glyphs[i].ascii;
	return NULL;
}

bool rect_has(struct rect r, int x, int y)
{
	return x >= r.x && x < r.x + r.w && y >= r.y && y < r.y + r.h;
}

struct rect rect_inside(struct rect r)
{
	return (struct rect){r.x + 2, r.y + 1, r.w - 4, r.h - 2};
}

/* The twin of the character at s (len bytes), or NULL. */
static const char *ascii_twin(const char *s, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(twins); i++)
		if (strlen(twins[i].utf8) == len && memcmp(twins[i].utf8, s, len) == 0)
			return twins[i].ascii;
	for (size_t i = 0; i < ARRAY_LEN(glyphs); i++)
		if (strlen(glyphs[i].utf8) == len && memcmp(glyphs[i].utf8, s, len) == 0)
			return glyphs[i].ascii;
	return NULL;
}

/* Text as this canvas can hold it: safe, and ASCII where that is asked for. */
static void add_drawable(struct buf *out, const char *text, bool ascii)
{
	size_t len = strlen(text);

	if (!ascii) {
		utf8_show(out, text, len, false);
		return;
	}
	for (size_t i = 0; i < len;) {
		unsigned cells;
		size_t n = utf8_cluster(text + i, len - i, &cells);
		const char *twin = ascii_twin(text + i, n);
		if (twin)
			buf_addstr(out, twin);
		else
			utf8_show(out, text + i, n, true);
		i += n;
	}
}

void canvas_init(struct canvas *c, bool ascii)
{
	*c = (struct canvas){.ascii = ascii, .cursor_x = -1};
}

void canvas_release(struct canvas *c)
{
	free(c->cells);
	*c = (struct canvas){.cursor_x = -1};
}

void canvas_resize(struct canvas *c, int w, int h)
{
	w = clamp(w, 0, CANVAS_MAX_W);
	h = clamp(h, 0, CANVAS_MAX_H);
	if (w != c->w || h != c->h) {
		free(c->cells);
		c->cells = w * h > 0 ? xcalloc((size_t)w * (size_t)h, sizeof(*c->cells)) : NULL;
		c->w = w;
		c->h = h;
	}
	canvas_blank(c);
}

void canvas_blank(struct canvas *c)
{
	c->cursor_x = -1;
	canvas_fill(c, (struct rect){0, 0, c->w, c->h}, ROLE_TEXT);
}

const struct cell *canvas_at(const struct canvas *c, int x, int y)
{
	return &c->cells[y * c->w + x];
}

static void cell_set(struct cell *cell, const char *text, size_t len, unsigned width, unsigned style)
{
	memcpy(cell->text, text, len);
	memset(cell->text + len, 0, CELL_TEXT - len);
	cell->width = (uint8_t)width;
	cell->style = (uint8_t)style;
}

/* Before cell x changes: a wide character that would lose one half becomes two spaces. */
static void split_wide(struct canvas *c, int x, int y)
{
	struct cell *row = &c->cells[y * c->w];

	if (row[x].width == 0 && x > 0)
		cell_set(&row[x - 1], " ", 1, 1, row[x - 1].style);
	if (row[x].width == 2 && x + 1 < c->w)
		cell_set(&row[x + 1], " ", 1, 1, row[x + 1].style);
}

/* Bytes of a cluster that a cell can hold, cut between characters. */
static size_t cell_bytes(const char *s, size_t len)
{
	if (len < CELL_TEXT)
		return len;
	len = CELL_TEXT - 1;
	while (len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80)
		len--;
	return len;
}

/* Puts one cluster of 1 or 2 cells; a wide one that would stick out of the page becomes a space. */
static void put_cluster(struct canvas *c, int x, int y, const char *s, size_t len, unsigned width, unsigned style)
{
	if (y < 0 || y >= c->h)
		return;
	struct cell *row = &c->cells[y * c->w];
	if (width == 2 && (x < 0 || x + 1 >= c->w)) {
		put_cluster(c, x, y, " ", 1, 1, style);
		put_cluster(c, x + 1, y, " ", 1, 1, style);
		return;
	}
	if (x < 0 || x >= c->w)
		return;
	split_wide(c, x, y);
	if (width == 2)
		split_wide(c, x + 1, y);
	cell_set(&row[x], s, cell_bytes(s, len), width, style);
	if (width == 2)
		cell_set(&row[x + 1], "", 0, 0, style);
}

/* Draws len bytes of drawable text and returns the cells used. Clusters without width (stray marks) are left out. */
static int put_text(struct canvas *c, int x, int y, unsigned style, const char *s, size_t len)
{
	int at = x;

	for (size_t i = 0; i < len;) {
		unsigned cells;
		size_t n = utf8_cluster(s + i, len - i, &cells);
		if (cells > 0)
			put_cluster(c, at, y, s + i, n, cells, style);
		at += (int)cells;
		i += n;
	}
	return at - x;
}

static int draw_text(struct canvas *c, int x, int y, int w, unsigned style, const char *text, bool right)
{
	struct buf safe = {0}, fit = {0};
	int used = 0;

	if (w > 0) {
		add_drawable(&safe, text, c->ascii);
		utf8_fit(&fit, buf_str(&safe), safe.len, (size_t)w, false, c->ascii);
		if (right)
			x += w - (int)utf8_width(buf_str(&fit), fit.len);
		used = put_text(c, x, y, style, buf_str(&fit), fit.len);
	}
	buf_release(&safe);
	buf_release(&fit);
	return used;
}

int canvas_text(struct canvas *c, int x, int y, int w, unsigned style, const char *text)
{
	return draw_text(c, x, y, w, style, text, false);
}

#define LEAST_ENDS 16 /* cells; in fewer, two ends say less than one */
#define HEAD_PART 2   /* of the cells, this part is for the beginning */

int canvas_ends(struct canvas *c, int x, int y, int w, unsigned style, const char *text)
{
	const char *dots = c->ascii ? "..." : "…";
	int width = canvas_width(c, text), used;
	struct buf safe = {0};
	size_t head, head_w, tail = 0;

	if (width <= w || w < LEAST_ENDS)
		return canvas_text(c, x, y, w, style, text);
	add_drawable(&safe, text, c->ascii);
	head = utf8_clip(safe.at, safe.len, (size_t)(w / HEAD_PART), &head_w);
	while (head > 0 && safe.at[head - 1] == ' ')
		head--;
	used = put_text(c, x, y, style, safe.at, head);
	used += put_text(c, x + used, y, style, dots, strlen(dots));
	while (tail < safe.len && width > w - used) {
		unsigned cells;

		tail += utf8_cluster(safe.at + tail, safe.len - tail, &cells);
		width -= (int)cells;
	}
	while (tail < safe.len && safe.at[tail] == ' ')
		tail++;
	used += put_text(c, x + used, y, style, safe.at + tail, safe.len - tail);
	buf_release(&safe);
	return used;
}

int canvas_right(struct canvas *c, int x, int y, int w, unsigned style, const char *text)
{
	return draw_text(c, x, y, w, style, text, true);
}

int canvas_textf(struct canvas *c, int x, int y, int w, unsigned style, const char *fmt, ...)
{
	struct buf text = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	int used = canvas_text(c, x, y, w, style, buf_str(&text));
	buf_release(&text);
	return used;
}

int canvas_rightf(struct canvas *c, int x, int y, int w, unsigned style, const char *fmt, ...)
{
	struct buf text = {0};
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	int used = canvas_right(c, x, y, w, style, buf_str(&text));
	buf_release(&text);
	return used;
}

int canvas_width(const struct canvas *c, const char *text)
{
	struct buf safe = {0};

	add_drawable(&safe, text, c->ascii);
	int width = (int)utf8_width(buf_str(&safe), safe.len);
	buf_release(&safe);
	return width;
}

/* Bytes of s that go on one line of w cells, and in *skip the blanks after it that no line shows. A word that is longer
 * than a line is cut; at least one cluster is taken. */
static size_t line_bytes(const char *s, size_t len, size_t w, size_t *skip)
{
	size_t used, fits = utf8_clip(s, len, w, &used), end = fits;

	*skip = 0;
	if (fits == len)
		return len;
	if (fits == 0) {
		unsigned cells;
		return utf8_cluster(s, len, &cells);
	}
	while (end > 0 && s[end] != ' ')
		end--;
	if (end == 0)
		return fits;
	size_t next = end;
	while (next < len && s[next] == ' ')
		next++;
	while (end > 0 && s[end - 1] == ' ')
		end--;
	if (end == 0) /* only the line's indent is before it */
		return fits;
	*skip = next - end;
	return end;
}

static int fold_line(const char *s, size_t len, size_t w, struct buf *out)
{
	int lines = 0;

	do {
		size_t skip, n = line_bytes(s, len, w, &skip);
		buf_add(out, s, n);
		buf_addch(out, '\n');
		s += n + skip;
		len -= n + skip;
		lines++;
	} while (len > 0);
	return lines;
}

int canvas_fold(const struct canvas *c, int w, const char *text, struct buf *out)
{
	struct buf safe = {0};
	int lines = 0;

	while (w > 0 && *text) {
		size_t n = strcspn(text, "\n");
		char *line = xstrndup(text, n);
		buf_clear(&safe);
		add_drawable(&safe, line, c->ascii);
		lines += fold_line(buf_str(&safe), safe.len, (size_t)w, out);
		free(line);
		text += n + (text[n] == '\n');
	}
	buf_release(&safe);
	return lines;
}

int canvas_wrap(struct canvas *c, struct rect r, unsigned style, const char *text)
{
	struct buf folded = {0}, last = {0};
	int lines = canvas_fold(c, r.w, text, &folded);
	const char *s = buf_str(&folded);

	for (int i = 0; i < lines && i < r.h; i++) {
		size_t n = strcspn(s, "\n");
		if (i == r.h - 1 && i < lines - 1) {
			buf_add(&last, s, n);
			buf_addstr(&last, "…");
			canvas_text(c, r.x, r.y + i, r.w, style, buf_str(&last));
		} else {
			put_text(c, r.x, r.y + i, style, s, n);
		}
		s += n + 1;
	}
	buf_release(&folded);
	buf_release(&last);
	return min(lines, r.h);
}

const char *canvas_glyph(const struct canvas *c, enum glyph g)
{
	return c->ascii ? glyphs[g].ascii : glyphs[g].utf8;
}

void canvas_put(struct canvas *c, int x, int y, unsigned style, enum glyph g)
{
	const char *s = canvas_glyph(c, g);

	put_cluster(c, x, y, s, strlen(s), 1, style);
}

void canvas_repeat(struct canvas *c, int x, int y, int n, unsigned style, enum glyph g)
{
	for (int i = 0; i < n; i++)
		canvas_put(c, x + i, y, style, g);
}

void canvas_char(struct canvas *c, int x, int y, unsigned style, uint32_t character)
{
	char text[4];

	if (c->ascii && (character < ' ' || character >= 0x7f))
		character = '?';
	put_cluster(c, x, y, text, utf8_encode(character, text), 1, style);
}

void canvas_box(struct canvas *c, struct rect r, unsigned style, const char *title)
{
	if (r.w < 2 || r.h < 2)
		return;
	int right = r.x + r.w - 1, bottom = r.y + r.h - 1;
	canvas_repeat(c, r.x + 1, r.y, r.w - 2, style, GLYPH_HORIZONTAL);
	canvas_repeat(c, r.x + 1, bottom, r.w - 2, style, GLYPH_HORIZONTAL);
	for (int y = r.y + 1; y < bottom; y++) {
		canvas_put(c, r.x, y, style, GLYPH_VERTICAL);
		canvas_put(c, right, y, style, GLYPH_VERTICAL);
	}
	canvas_put(c, r.x, r.y, style, GLYPH_TOP_LEFT);
	canvas_put(c, right, r.y, style, GLYPH_TOP_RIGHT);
	canvas_put(c, r.x, bottom, style, GLYPH_BOTTOM_LEFT);
	canvas_put(c, right, bottom, style, GLYPH_BOTTOM_RIGHT);
	if (title && r.w > 6) {
		int used = canvas_text(c, r.x + 2, r.y, r.w - 5, ROLE_TITLE, title);
		canvas_text(c, r.x + 1, r.y, 1, style, " ");
		canvas_text(c, r.x + 2 + used, r.y, 1, style, " ");
	}
}

void canvas_bar(struct canvas *c, int x, int y, int w, double share, bool hatched, unsigned style)
{
	if (w <= 0 || !(share > 0))
		return;
	long halves = lround((share > 1 ? 1 : share) * 2 * w);
	if (c->ascii || hatched) { /* no half cells */
		canvas_repeat(c, x, y, (int)(halves + 1) / 2, style, hatched ? GLYPH_HATCH : GLYPH_SOLID);
		return;
	}
	canvas_repeat(c, x, y, (int)halves / 2, style, GLYPH_SOLID);
	if (halves % 2)
		put_cluster(c, x + (int)halves / 2, y, "▌", strlen("▌"), 1, style);
}

void canvas_fill(struct canvas *c, struct rect r, unsigned style)
{
	for (int y = r.y; y < r.y + r.h; y++)
		for (int x = r.x; x < r.x + r.w; x++)
			put_cluster(c, x, y, " ", 1, 1, style);
}

void canvas_mark(struct canvas *c, struct rect r, unsigned flags)
{
	for (int y = max(r.y, 0); y < r.y + r.h && y < c->h; y++)
		for (int x = max(r.x, 0); x < r.x + r.w && x < c->w; x++)
			c->cells[y * c->w + x].style |= (uint8_t)flags;
}

void canvas_dump(const struct canvas *c, struct buf *out)
{
	for (int y = 0; y < c->h; y++) {
		size_t end = out->len;
		for (int x = 0; x < c->w; x++) {
			const char *text = canvas_at(c, x, y)->text;
			buf_addstr(out, text);
			if (strcmp(text, " ") != 0 && *text)
				end = out->len;
		}
		while (out->len > end)
			out->at[--out->len] = '\0';
		buf_addch(out, '\n');
	}
}
