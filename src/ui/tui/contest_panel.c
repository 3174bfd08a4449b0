#include "contest_panel.h"

#include "minmax.h"

enum { LABEL_W = 26, VALUE_W = 8, DIFFERENCE_W = 28, LONGEST_NAME = 18, SENTENCE_LINES = 3 };

static int value_w(const struct canvas *c, const char *name)
{
	int w = canvas_width(c, name) + 2;

	return clamp(w, VALUE_W, LONGEST_NAME);
}

/* The figures of one contender, and the difference to the first of the one that is looked at. */
static void draw_values(const struct snap_contest *s, size_t i, struct canvas *c, int x, int y, int w, int h, bool here)
{
	canvas_right(c, x + 1, y, w - 1, here ? ROLE_TEXT | STYLE_STRONG : ROLE_DIM, s->names_shown[i]);
	for (size_t k = 0; k < s->n_figures && (int)k + 1 < h; k++)
		canvas_right(c, x, y + 1 + (int)k, w, ROLE_TEXT, s->values_shown[k * s->n + i]);
}

static void draw_differences(const struct snap_contest *s, size_t i, struct canvas *c, int x, int y, int h)
{
	canvas_right(c, x, y, DIFFERENCE_W, ROLE_DIM, "difference");
	for (size_t k = 0; k < s->n_figures && (int)k + 1 < h; k++) {
		size_t at = k * s->n + i;
		bool beyond = s->beyond_chance[at];
		canvas_right(c, x, y + 1 + (int)k, DIFFERENCE_W, beyond ? ROLE_TEXT | STYLE_STRONG : ROLE_DIM,
			s->differences_shown[at]);
		if (beyond)
			canvas_put(c, x + DIFFERENCE_W + 1, y + 1 + (int)k, ROLE_HOT | STYLE_STRONG, GLYPH_YES);
	}
}

/* The first contender, the one that is looked at and their difference; the others as far as there is room. */
static void draw_table(const struct snap_contest *s, size_t other, struct canvas *c, struct rect r)
{
	int x = r.x + LABEL_W, end = r.x + r.w, first = value_w(c, s->names_shown[0]);
	int second = value_w(c, s->names_shown[other]), spare = r.w - LABEL_W - DIFFERENCE_W - 2 - first;

	for (size_t k = 0; k < s->n_figures && (int)k + 1 < r.h; k++)
		canvas_text(c, r.x, r.y + 1 + (int)k, LABEL_W, ROLE_TEXT, s->figures_shown[k]);
	if (second > spare)
		second = max(spare, VALUE_W);
	draw_values(s, 0, c, x, r.y, first, r.h, true);
	draw_values(s, other, c, x + first, r.y, second, r.h, true);
	x += first + second;
	if (end - x >= DIFFERENCE_W + 2)
		draw_differences(s, other, c, x, r.y, r.h);
	x += DIFFERENCE_W + 3;
	for (size_t i = 1; i < s->n; i++) {
		int w = value_w(c, s->names_shown[i]);
		if (i == other || end - x < w)
			continue;
		draw_values(s, i, c, x, r.y, w, r.h, false);
		x += w;
	}
}

int contest_panel_lines(const struct canvas *c, int w, const struct snap_contest *s, size_t bout)
{
	struct buf folded = {0};
	int sentence = canvas_fold(c, w - 4, s->bouts[bout].sentence_shown, &folded);

	buf_release(&folded);
	return 2 + min(sentence, SENTENCE_LINES) + 1 + (int)s->n_figures;
}

void contest_panel_draw(struct canvas *c, struct rect r, const struct snap_contest *s, size_t bout)
{
	size_t other = bout + 1;
	struct rect in = rect_inside(r);
	struct buf title = {0};

	if (r.h < 3 || r.w < 40)
		return;
	buf_addcount(&title, s->common);
	buf_addf(&title, " case%s %s K %zu", s->common == 1 ? "" : "s", canvas_glyph(c, GLYPH_DOT), s->k);
	if (s->n > 2)
		buf_addf(&title, " %s %zu of %zu, t: the next %s %s", canvas_glyph(c, GLYPH_DOT), other, s->n - 1,
			canvas_glyph(c, GLYPH_DOT), s->names_shown[other]);
	canvas_box(c, r, ROLE_FRAME, buf_str(&title));
	buf_release(&title);
	int lines = min(SENTENCE_LINES, in.h - 1 - (int)s->n_figures);
	if (lines > 0)
		lines = canvas_wrap(c, (struct rect){in.x, in.y, in.w, lines}, ROLE_TEXT | STYLE_STRONG,
			s->bouts[bout].sentence_shown);
	int y = in.y + (max(lines, 0)), h = in.y + in.h - y;
	if (h > (int)s->n_figures + 1) {
		y++;
		h--;
	}
	draw_table(s, other, c, (struct rect){in.x, y, in.w, h});
	canvas_textf(c, r.x + r.w - 35, r.y + r.h - 1, 33, ROLE_DIM, " %s beyond chance (p below 0.05) ",
		canvas_glyph(c, GLYPH_YES));
}
