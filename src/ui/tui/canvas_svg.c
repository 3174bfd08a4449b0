#include "canvas_svg.h"

#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "look.h"
#include "session/out.h"

/* Of a cell, in pixels; whole numbers, so that shapes of neighbours meet without a seam. */
enum { CELL_W = 8, CELL_H = 17, BASELINE = 13, MARGIN = 8 };

/* What reaches the edge of a box-drawing character from its middle. */
enum { ARM_UP = 1, ARM_DOWN = 2, ARM_LEFT = 4, ARM_RIGHT = 8, ARMS_DASHED = 16 };

static const struct {
	uint32_t cp;
	unsigned arms;
} lines[] = {
	{0x2500, ARM_LEFT | ARM_RIGHT}, {0x2501, ARM_LEFT | ARM_RIGHT}, {0x2502, ARM_UP | ARM_DOWN},
	{0x2503, ARM_UP | ARM_DOWN}, {0x2504, ARM_LEFT | ARM_RIGHT | ARMS_DASHED},
	{0x2506, ARM_UP | ARM_DOWN | ARMS_DASHED}, {0x2508, ARM_LEFT | ARM_RIGHT | ARMS_DASHED},
	{0x250a, ARM_UP | ARM_DOWN | ARMS_DASHED}, {0x250c, ARM_DOWN | ARM_RIGHT}, {0x2510, ARM_DOWN | ARM_LEFT},
	{0x2514, ARM_UP | ARM_RIGHT}, {0x2518, ARM_UP | ARM_LEFT}, {0x251c, ARM_UP | ARM_DOWN | ARM_RIGHT},
	{0x2524, ARM_UP | ARM_DOWN | ARM_LEFT}, {0x252c, ARM_DOWN | ARM_LEFT | ARM_RIGHT},
	{0x2534, ARM_UP | ARM_LEFT | ARM_RIGHT}, {0x253c, ARM_UP | ARM_DOWN | ARM_LEFT | ARM_RIGHT},
	{0x254c, ARM_LEFT | ARM_RIGHT | ARMS_DASHED}, {0x254e, ARM_UP | ARM_DOWN | ARMS_DASHED},
	{0x256d, ARM_DOWN | ARM_RIGHT}, {0x256e, ARM_DOWN | ARM_LEFT}, {0x256f, ARM_UP | ARM_LEFT},
	{0x2570, ARM_UP | ARM_RIGHT}, {0x2574, ARM_LEFT}, {0x2575, ARM_UP}, {0x2576, ARM_RIGHT}, {0x2577, ARM_DOWN},
};

/* The quarters that U+2596 … U+259F fill: 1 upper left, 2 upper right, 4 lower left, 8 lower right. */
static const unsigned char quarters[] = {4, 8, 1, 13, 9, 7, 11, 2, 6, 14};

/* Characters that some systems would draw as coloured pictures unless they are asked for the letter. */
static const uint32_t pictures[] = {0x2702, 0x25b6, 0x25c0, 0x2714, 0x2716, 0x2b50};

#define TEXT_FORM "\xef\xb8\x8e" /* variation selector 15 */

enum { SHADES = 3 }; /* light, middle, dark */

/* What is drawn in one style. */
struct layer {
	const struct canvas *c;
	unsigned style;
	struct buf text, lines, blocks, shades[SHADES], dots;
	int line_x, line_y; /* where the newest horizontal line ends, to be gone on with */
};

static int left(int x)
{
	return MARGIN + x * CELL_W;
}

static int top(int y)
{
	return MARGIN + y * CELL_H;
}

/* Lines run along the middle of pixels, so that they are one pixel wide. */
static void add_line_across(struct layer *l, int x, int y, unsigned arms)
{
	int from = left(x) + (arms & ARM_LEFT ? 0 : CELL_W / 2 - 1);
	int to = left(x) + (arms & ARM_RIGHT ? CELL_W : CELL_W / 2);

	if (arms & ARMS_DASHED)
		buf_addf(&l->lines, "M%d %d.5h3m1 0h3", from + 1, top(y) + CELL_H / 2);
	else if (l->line_x == from && l->line_y == y && l->lines.len > 0)
		buf_addf(&l->lines, "h%d", to - from);
	else
		buf_addf(&l->lines, "M%d %d.5h%d", from, top(y) + CELL_H / 2, to - from);
	l->line_x = arms & ARMS_DASHED ? -1 : to;
	l->line_y = y;
}

static void add_line_down(struct layer *l, int x, int y, unsigned arms)
{
	int from = top(y) + (arms & ARM_UP ? 0 : CELL_H / 2), to = top(y) + (arms & ARM_DOWN ? CELL_H : CELL_H / 2 + 1);

	if (arms & ARMS_DASHED)
		buf_addf(&l->lines, "M%d.5 %dv6m0 3v6", left(x) + CELL_W / 2 - 1, from + 1);
	else
		buf_addf(&l->lines, "M%d.5 %dv%d", left(x) + CELL_W / 2 - 1, from, to - from);
	l->line_x = -1;
}

static bool add_line(struct layer *l, int x, int y, uint32_t cp)
{
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		if (lines[i].cp != cp)
			continue;
		unsigned arms = lines[i].arms;
		if (arms & (ARM_UP | ARM_DOWN))
			add_line_down(l, x, y, arms);
		if (arms & (ARM_LEFT | ARM_RIGHT))
			add_line_across(l, x, y, arms);
		return true;
	}
	return false;
}

/* Bounds in eighths of the cell. */
static void add_block(struct buf *path, int x, int y, int from_x, int from_y, int to_x, int to_y)
{
	buf_addf(path, "M%d %.6gh%dv%.6gh%dz", left(x) + from_x, top(y) + from_y * CELL_H / 8.0, to_x - from_x,
		(to_y - from_y) * CELL_H / 8.0, from_x - to_x);
}

static bool add_blocks(struct layer *l, int x, int y, uint32_t cp)
{
	struct buf *b = &l->blocks;

	if (cp < 0x2580 || cp > 0x259f)
		return false;
	if (cp == 0x2580)
		add_block(b, x, y, 0, 0, 8, 4);
	else if (cp <= 0x2588) /* from the lower edge up */
		add_block(b, x, y, 0, 8 - (int)(cp - 0x2580), 8, 8);
	else if (cp <= 0x258f) /* from the left edge on */
		add_block(b, x, y, 0, 0, 8 - (int)(cp - 0x2588), 8);
	else if (cp == 0x2590)
		add_block(b, x, y, 4, 0, 8, 8);
	else if (cp <= 0x2593)
		add_block(&l->shades[cp - 0x2591], x, y, 0, 0, 8, 8);
	else if (cp == 0x2594)
		add_block(b, x, y, 0, 0, 8, 1);
	else if (cp == 0x2595)
		add_block(b, x, y, 7, 0, 8, 8);
	else
		for (int q = 0; q < 4; q++)
			if (quarters[cp - 0x2596] & 1u << q)
				add_block(b, x, y, q % 2 * 4, q / 2 * 4, q % 2 * 4 + 4, q / 2 * 4 + 4);
	return true;
}

/* Bits of a braille character: down the left column, then the right; the lowest row's came later to Unicode. */
static bool add_dots(struct layer *l, int x, int y, uint32_t cp)
{
	static const struct {
		int x, y;
	} dots[8] = {{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {0, 3}, {1, 3}};

	if (cp < 0x2800 || cp > 0x28ff)
		return false;
	for (int i = 0; i < 8; i++)
		if (cp & 1u << i)
			buf_addf(&l->dots, "M%d %.1fh0", left(x) + 2 + 4 * dots[i].x, top(y) + 2.2 + 4.2 * dots[i].y);
	return true;
}

static bool add_shape(struct layer *l, int x, int y, const struct cell *cell)
{
	uint32_t cp;
	size_t len = strlen(cell->text);

	if (len < 3 || utf8_decode(cell->text, len, &cp) != len)
		return false;
	return add_line(l, x, y, cp) || add_blocks(l, x, y, cp) || add_dots(l, x, y, cp);
}

/* Is it a letter that every fixed-width font has, so that it may stand in a run with others? */
static bool is_plain(const struct cell *cell)
{
	uint32_t cp;
	size_t len = strlen(cell->text);

	return cell->width == 1 && utf8_decode(cell->text, len, &cp) == len && cp >= ' ' && cp < 0x250;
}

static bool is_space(const struct cell *cell)
{
	return strcmp(cell->text, " ") == 0;
}

static bool goes_on(const struct layer *l, int x, int y)
{
	if (x >= l->c->w)
		return false;
	const struct cell *cell = canvas_at(l->c, x, y);
	return cell->style == l->style && is_plain(cell);
}

/* Letters from x on up to where the style changes, another kind of letter stands, or there are two blanks. Returns the
 * cells. */
static int add_run(struct layer *l, int x, int y)
{
	struct buf letters = {0};
	int end = x;

	while (goes_on(l, end, y) && !(is_space(canvas_at(l->c, end, y)) &&
					     (!goes_on(l, end + 1, y) || is_space(canvas_at(l->c, end + 1, y)))))
		buf_addmarkup(&letters, canvas_at(l->c, end++, y)->text);
	buf_addf(&l->text, "<text x=\"%d\" y=\"%d\"", left(x), top(y) + BASELINE);
	if (end - x > 1)
		buf_addf(&l->text, " textLength=\"%d\"", (end - x) * CELL_W);
	buf_addf(&l->text, ">%s</text>", buf_str(&letters));
	buf_release(&letters);
	return end - x;
}

/* A character whose width a font may see otherwise stands in the middle of its cells. */
static void add_lone(struct layer *l, int x, int y, const struct cell *cell)
{
	uint32_t cp = 0;

	buf_addf(&l->text, "<text class=\"m\" x=\"%d\" y=\"%d\">", left(x) + cell->width * CELL_W / 2,
		top(y) + BASELINE);
	buf_addmarkup(&l->text, cell->text);
	utf8_decode(cell->text, strlen(cell->text), &cp);
	for (size_t i = 0; i < ARRAY_LEN(pictures); i++)
		if (pictures[i] == cp)
			buf_addstr(&l->text, TEXT_FORM);
	buf_addstr(&l->text, "</text>");
}

static void fill_layer(struct layer *l)
{
	for (int y = 0; y < l->c->h; y++)
		for (int x = 0; x < l->c->w; x++) {
			const struct cell *cell = canvas_at(l->c, x, y);
			if (cell->style != l->style || cell->width == 0 || is_space(cell))
				continue;
			if (is_plain(cell))
				x += add_run(l, x, y) - 1;
			else if (!add_shape(l, x, y, cell))
				add_lone(l, x, y, cell);
		}
}

static void add_path(struct buf *out, const char *classes, const struct buf *path)
{
	if (path->len > 0)
		buf_addf(out, "<path class=\"%s\" d=\"%s\"/>\n", classes, buf_str(path));
}

static unsigned attributes(unsigned style)
{
	return looks[STYLE_ROLE(style)].attr | (style & STYLE_STRONG ? LOOK_BOLD : 0);
}

static void add_layer(const struct canvas *c, unsigned style, struct buf *out)
{
	static const char *const shade_classes[SHADES] = {"b s1", "b s2", "b s3"};
	struct layer l = {.c = c, .style = style, .line_x = -1};
	bool own = look_ground(style) != GROUND_PLAIN;

	fill_layer(&l);
	buf_addf(out, "<g class=\"%c%u%s%s\">\n", own ? 'd' : 'r', STYLE_ROLE(style),
		attributes(style) & LOOK_BOLD ? " bold" : "", attributes(style) & LOOK_UNDERLINE ? " under" : "");
	buf_add(out, l.text.at, l.text.len);
	add_path(out, "l", &l.lines);
	add_path(out, "b", &l.blocks);
	for (size_t i = 0; i < SHADES; i++)
		add_path(out, shade_classes[i], &l.shades[i]);
	add_path(out, "l o", &l.dots);
	buf_addstr(out, "</g>\n");
	buf_release(&l.text);
	buf_release(&l.lines);
	buf_release(&l.blocks);
	for (size_t i = 0; i < SHADES; i++)
		buf_release(&l.shades[i]);
	buf_release(&l.dots);
}

/* The colour behind a cell; LOOK_OWN: the page's ground. */
static short ground_of(const struct cell *cell)
{
	enum look_ground ground = look_ground(cell->style);

	return ground == GROUND_PLAIN ? looks[STYLE_ROLE(cell->style)].bg256 : look_grounds[ground];
}

static void add_grounds(const struct canvas *c, struct buf *out)
{
	for (int y = 0; y < c->h; y++)
		for (int x = 0, end; x < c->w; x = end) {
			short ground = ground_of(canvas_at(c, x, y));
			for (end = x + 1; end < c->w && ground_of(canvas_at(c, end, y)) == ground; end++)
				;
			if (ground >= 0)
				buf_addf(out, "<path fill=\"#%06x\" d=\"M%d %dh%dv%dh%dz\"/>\n",
					(unsigned)look_rgb(ground), left(x), top(y), (end - x) * CELL_W, CELL_H,
					-(end - x) * CELL_W);
		}
}

/* On white the middle colours are made darker, on black the lighter ones of our own grounds are taken. */
static unsigned darker(uint32_t rgb)
{
	return (unsigned)((rgb >> 16) * 3 / 4 << 16 | (rgb >> 8 & 0xff) * 3 / 4 << 8 | (rgb & 0xff) * 3 / 4);
}

static void add_colours(struct buf *out)
{
	for (unsigned r = 0; r < ROLE_COUNT; r++) {
		const struct look *k = &looks[r];
		if (k->bg256 >= 0)
			buf_addf(out, ".r%u,", r);
		else if (k->fg256 >= 0)
			buf_addf(out, ".r%u{color:#%06x}", r, darker(look_rgb(k->fg256)));
		buf_addf(out, ".d%u{color:#%06x}\n", r, (unsigned)look_rgb(k->dark256));
	}
	buf_addstr(out, "@media (prefers-color-scheme:dark){svg{color:#d0d0d0}.ground{fill:#161616}\n");
	for (unsigned r = 0; r < ROLE_COUNT; r++)
		if (looks[r].fg256 >= 0 && looks[r].bg256 < 0)
			buf_addf(out, ".r%u{color:#%06x}", r, (unsigned)look_rgb(looks[r].dark256));
	buf_addstr(out, "}\n");
}

void canvas_svg(const struct canvas *c, struct buf *out)
{
	int w = 2 * MARGIN + c->w * CELL_W, h = 2 * MARGIN + c->h * CELL_H;
	bool used[256] = {false};

	buf_addf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n",
		w, h, w, h);
	buf_addstr(out, "<style>\n"
			"text{font:13.3px ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace}\n"
			"svg{color:#202020}text,.b{fill:currentColor}.l{stroke:currentColor;fill:none}\n"
			".ground{fill:#fff}.bold{font-weight:bold}.bold text{font-weight:bold}\n"
			".under text{text-decoration:underline}.m{text-anchor:middle}\n"
			".o{stroke-width:3;stroke-linecap:round}\n"
			".s1{fill-opacity:.25}.s2{fill-opacity:.5}.s3{fill-opacity:.75}\n");
	add_colours(out);
	buf_addf(out, "</style>\n<rect class=\"ground\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n", w, h);
	add_grounds(c, out);
	for (int y = 0; y < c->h; y++)
		for (int x = 0; x < c->w; x++)
			used[canvas_at(c, x, y)->style] |= !is_space(canvas_at(c, x, y));
	for (unsigned style = 0; style < ARRAY_LEN(used); style++)
		if (used[style])
			add_layer(c, style, out);
	if (c->cursor_x >= 0)
		buf_addf(out, "<path class=\"l\" d=\"M%d.5 %dv%d\"/>\n", left(c->cursor_x), top(c->cursor_y) + 1,
			CELL_H - 2);
	buf_addstr(out, "</svg>\n");
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n > m && strcasecmp(s + n - m, end) == 0;
}

int canvas_save(const struct canvas *c, const char *path, struct err *err)
{
	bool picture = ends_with(path, ".svg");
	struct out out;

	if (!picture && !ends_with(path, ".txt"))
		return err_set(err, ERR_USAGE,
			"'%s' ends neither in .svg (a picture) nor in .txt: a page is saved as one of them", path);
	out_init(&out, NULL);
	if (picture)
		canvas_svg(c, &out.buf);
	else
		canvas_dump(c, &out.buf);
	int failed = out_save(&out, path, err);
	out_release(&out);
	return failed;
}
