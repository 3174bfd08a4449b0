#include "base/utf8.h"

#include <string.h>
#include <utf8proc.h>

#include "base/err.h"

size_t utf8_decode(const char *s, size_t len, uint32_t *cp)
{
	/* By the number of bytes: the payload of the first byte, and the code point below which a form is overlong. */
	static const unsigned char payload[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)s;
	uint32_t value;
	size_t n;

	if (len == 0)
		return 0;
	n = p[0] < 0x80 ? 1 : p[0] < 0xc0 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf8 ? 4 : 0;
	if (n == 0 || n > len)
		return 0;
	value = p[0] & payload[n];
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (p[i] & 0x3f);
	}
	if (value < least[n] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*cp = value;
	return n;
}

size_t utf8_encode(uint32_t cp, char out[4])
{
	static const unsigned char lead[] = {0, 0x00, 0xc0, 0xe0, 0xf0};
	size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;

	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		BUG("U+%04X is not a scalar value", (unsigned)cp);
	for (size_t i = n - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (cp & 0x3f));
		cp >>= 6;
	}
	out[0] = (char)(lead[n] | cp);
	return n;
}

size_t utf8_invalid_at(const char *s, size_t len)
{
	size_t at = 0, n;
	uint32_t cp;

	for (; at < len; at += n) {
		if ((unsigned char)s[at] < 0x80) /* most text; and nothing else can go wrong with it */
			n = 1;
		else if ((n = utf8_decode(s + at, len - at, &cp)) == 0)
			break;
	}
	return at;
}

bool utf8_valid(const char *s, size_t len)
{
	return utf8_invalid_at(s, len) == len;
}

size_t utf8_control(const char *s, size_t len)
{
	unsigned char c = (unsigned char)s[0], next = len > 1 ? (unsigned char)s[1] : 0;

	if (c < 0x20 || c == 0x7f)
		return 1;
	return c == 0xc2 && next >= 0x80 && next < 0xa0 ? 2 : 0;
}

/* Code points that stand for others. */
enum {
	SHOWN_CONTROL = 0x2400,      /* first of the control pictures */
	SHOWN_DELETE = 0x2421,       /* the picture of U+007F */
	SHOWN_INVISIBLE = 0x2426,    /* "symbol for substitute form two": C1 controls and invisible formatting */
	SHOWN_DOTTED_CIRCLE = 0x25cc /* carries a combining mark that has no base */
};

/* A terminal cell of curses holds a character and four marks. */
#define MAX_MARKS 4

static bool is_pictograph(uint32_t cp)
{
	return utf8proc_get_property((utf8proc_int32_t)cp)->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

static bool is_variation_selector(uint32_t cp)
{
	return (cp >= 0xfe00 && cp <= 0xfe0f) || (cp >= 0xe0100 && cp <= 0xe01ef) || (cp >= 0x180b && cp <= 0x180d);
}

static bool is_emoji_modifier(uint32_t cp)
{
	return cp >= 0x1f3fb && cp <= 0x1f3ff;
}

/* Vowels and final consonants of decomposed Hangul, which are drawn inside the cells of the syllable they continue. */
static bool is_jamo_tail(uint32_t cp)
{
	int class = utf8proc_get_property((utf8proc_int32_t)cp)->boundclass;

	return class == UTF8PROC_BOUNDCLASS_V || class == UTF8PROC_BOUNDCLASS_T;
}

/*
 * What only changes how the character before it is drawn, and is drawn differently by every terminal: such a code
 * point is left out, so that the width of what is shown is certain. Anywhere else it is invisible text and is shown.
 */
static bool only_presentation(uint32_t before, uint32_t cp, uint32_t after)
{
	if (is_variation_selector(cp))
		return before != 0 && !is_variation_selector(before);
	if (is_emoji_modifier(cp))
		return is_pictograph(before);
	if (cp == 0x200d) /* zero-width joiner */
		return (is_pictograph(before) || is_emoji_modifier(before) || is_variation_selector(before)) &&
		       is_pictograph(after);
	return false;
}

/* The visible code point for cp, which is cp itself for ordinary text. */
static uint32_t visible(uint32_t cp)
{
	const utf8proc_property_t *property = utf8proc_get_property((utf8proc_int32_t)cp);

	if (cp < 0x20)
		return SHOWN_CONTROL + cp;
	if (cp == 0x7f)
		return SHOWN_DELETE;
	if (property->boundclass == UTF8PROC_BOUNDCLASS_PREPEND)
		return SHOWN_INVISIBLE; /* few, and their clusters have no certain width */
	switch (property->category) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return SHOWN_INVISIBLE;
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CO:
		return UTF8_REPLACEMENT; /* nothing is known of its looks or its width */
	default:
		return property->ignorable ? SHOWN_INVISIBLE : cp;
	}
}

/* Whether cp joins whatever stands before it. */
static bool is_mark(uint32_t cp)
{
	int class = utf8proc_get_property((utf8proc_int32_t)cp)->boundclass;

	return class == UTF8PROC_BOUNDCLASS_EXTEND || class == UTF8PROC_BOUNDCLASS_SPACINGMARK;
}

/* Cells that cp adds to a cluster, or takes by itself where `starts` is set. */
static unsigned code_point_cells(uint32_t cp, bool starts)
{
	int cells = !starts && is_jamo_tail(cp) ? 0 : utf8proc_charwidth((utf8proc_int32_t)cp);

	return cells > 0 ? (unsigned)cells : 0;
}

/* The cluster that is being shown: it takes at most two cells and MAX_MARKS marks. */
struct shown {
	struct buf *out;
	uint32_t last; /* 0: nothing shown yet */
	utf8proc_int32_t state;
	unsigned cells, marks;
};

static void show_code_point(struct shown *w, uint32_t cp)
{
	bool starts = w->last == 0 ||
		      utf8proc_grapheme_break_stateful((utf8proc_int32_t)w->last, (utf8proc_int32_t)cp, &w->state);
	unsigned cells = code_point_cells(cp, starts);
	bool mark = is_mark(cp);
	char bytes[4];

	if (starts && mark) {
		show_code_point(w, SHOWN_DOTTED_CIRCLE);
		show_code_point(w, cp);
		return;
	}
	if (starts ? is_jamo_tail(cp) : w->cells + cells > 2 || (mark && w->marks == MAX_MARKS)) {
		w->state = 0;
		show_code_point(w, SHOWN_INVISIBLE);
		return;
	}
	w->cells = starts ? cells : w->cells + cells;
	w->marks = starts ? 0 : w->marks + mark;
	w->last = cp;
	buf_add(w->out, bytes, utf8_encode(cp, bytes));
}

static void show_unicode(struct buf *out, const char *s, size_t len)
{
	struct shown w = {.out = out};
	uint32_t before = 0, cp, after;
	size_t n;

	for (size_t at = 0; at < len; at += n) {
		n = utf8_decode(s + at, len - at, &cp);
		if (n == 0) {
			show_code_point(&w, UTF8_REPLACEMENT);
			before = UTF8_REPLACEMENT;
			n = 1;
			continue;
		}
		if (utf8_decode(s + at + n, len - at - n, &after) == 0)
			after = 0;
		if (!only_presentation(before, cp, after))
			show_code_point(&w, visible(cp));
		before = cp;
	}
}

/* The ASCII character that comes nearest to the first code point of a safe cluster. */
static char ascii_for(uint32_t cp)
{
	static const struct {
		uint32_t cp;
		char ascii;
	} punctuation[] = {
		{0x00a0, ' '},
		{0x00b7, '-'},
		{0x00d7, 'x'},
		{0x2010, '-'},
		{0x2011, '-'},
		{0x2012, '-'},
		{0x2013, '-'},
		{0x2014, '-'},
		{0x2015, '-'},
		{0x2018, '\''},
		{0x2019, '\''},
		{0x201c, '"'},
		{0x201d, '"'},
		{0x2022, '*'},
		{0x2026, '.'},
		{0x2032, '\''},
		{0x2033, '"'},
		{0x2212, '-'},
		{0x3000, ' '},
	};
	utf8proc_int32_t parts[4];
	utf8proc_ssize_t n;
	int boundary = 0;

	if (cp < 0x80)
		return (char)cp;
	for (size_t i = 0; i < ARRAY_LEN(punctuation); i++) {
		if (punctuation[i].cp == cp)
			return punctuation[i].ascii;
	}
	n = utf8proc_decompose_char(
		(utf8proc_int32_t)cp, parts, (utf8proc_ssize_t)ARRAY_LEN(parts), UTF8PROC_DECOMPOSE, &boundary);
	return n > 1 && parts[0] < 0x80 ? (char)parts[0] : '?';
}

static void show_ascii(struct buf *out, const char *safe, size_t len)
{
	uint32_t cp;
	unsigned cells;
	size_t n;

	for (size_t at = 0; at < len; at += n) {
		n = utf8_cluster(safe + at, len - at, &cells);
		if (cells == 0 || utf8_decode(safe + at, len - at, &cp) == 0)
			continue;
		buf_addch(out, ascii_for(cp));
		buf_addrep(out, cp == 0x3000 ? ' ' : '?', cells - 1);
	}
}

static bool is_plain_ascii(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] < 0x20 || s[i] > 0x7e)
			return false;
	}
	return true;
}

void utf8_show(struct buf *out, const char *s, size_t len, bool ascii)
{
	struct buf safe = {0};

	if (is_plain_ascii(s, len)) {
		buf_add(out, s, len);
		return;
	}
	if (!ascii) {
		show_unicode(out, s, len);
		return;
	}
	show_unicode(&safe, s, len);
	show_ascii(out, buf_str(&safe), safe.len);
	buf_release(&safe);
}

size_t utf8_cluster(const char *s, size_t len, unsigned *cells)
{
	utf8proc_int32_t state = 0;
	uint32_t cp, next;
	size_t at, n;
	unsigned sum;

	*cells = 0;
	if (len == 0)
		return 0;
	at = utf8_decode(s, len, &cp);
	if (at == 0) {
		*cells = 1;
		return 1;
	}
	sum = code_point_cells(cp, true);
	while ((n = utf8_decode(s + at, len - at, &next)) > 0) {
		if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)cp, (utf8proc_int32_t)next, &state))
			break;
		sum += code_point_cells(next, false);
		cp = next;
		at += n;
	}
	*cells = sum < 2 ? sum : 2;
	return at;
}

size_t utf8_clip(const char *s, size_t len, size_t cells, size_t *used)
{
	size_t at = 0, n;
	unsigned width;

	*used = 0;
	while (at < len) {
		n = utf8_cluster(s + at, len - at, &width);
		if (*used + width > cells)
			break;
		*used += width;
		at += n;
	}
	return at;
}

size_t utf8_width(const char *s, size_t len)
{
	size_t used;

	utf8_clip(s, len, SIZE_MAX, &used);
	return used;
}

/* Bytes of an escape sequence for colour at s; 0: there is none. */
static size_t colour_bytes(const char *s, size_t len)
{
	size_t n = 2;

	if (len < 3 || s[0] != '\033' || s[1] != '[')
		return 0;
	while (n < len && ((s[n] >= '0' && s[n] <= '9') || s[n] == ';'))
		n++;
	return n < len && s[n] == 'm' ? n + 1 : 0;
}

size_t utf8_width_coloured(const char *s, size_t len)
{
	size_t cells = 0;

	while (len > 0) {
		size_t n = colour_bytes(s, len);

		if (n == 0) {
			const char *next = memchr(s + 1, '\033', len - 1);

			n = next ? (size_t)(next - s) : len;
			cells += utf8_width(s, n);
		}
		s += n;
		len -= n;
	}
	return cells;
}

void utf8_fit(struct buf *out, const char *s, size_t len, size_t cells, bool pad, bool ascii)
{
	const char *ellipsis = ascii ? "..." : "…";
	size_t dots = ascii ? 3 : 1;
	size_t used, n;

	n = utf8_clip(s, len, cells, &used);
	if (n < len) {
		if (dots > cells)
			dots = cells;
		n = utf8_clip(s, len, cells - dots, &used);
		buf_add(out, s, n);
		buf_add(out, ellipsis, ascii ? dots : dots * strlen(ellipsis));
		used += dots;
	} else {
		buf_add(out, s, n);
	}
	if (pad)
		buf_addrep(out, ' ', cells - used);
}
