#include "layout.h"

#include "minmax.h"

#define THIRD_COLUMN_W 140   /* from this width on the results may have a column of their own */
#define LESSON_SIDE_W 150 /* from this width on an open lesson stands at the right of the view */
#define LESSON_W 60
#define TREE_SIDE_W 110 /* from this width on what is selected in the tree is shown beside it */
#define UNDER_POSITIVE_H 30 /* from this height on they stand under the positive item, even where both are cut */

bool layout_too_small(int w, int h)
{
	return w < LAYOUT_MIN_W || h < LAYOUT_MIN_H;
}

/* Cuts `h` lines off the lower end of r and returns them. */
static struct rect cut_below(struct rect *r, int h)
{
	h = clamp(h, 0, r->h);
	r->h -= h;
	return (struct rect){r->x, r->y + r->h, r->w, h};
}

/* Cuts `w` columns off the right end of r and returns them. */
static struct rect cut_right(struct rect *r, int w)
{
	w = clamp(w, 0, r->w);
	r->w -= w;
	return (struct rect){r->x + r->w, r->y, w, r->h};
}

struct frame_layout layout_frame(int w, int h, int lesson, int message)
{
	struct frame_layout l = {.body = {0, 0, w, h}};

	if (layout_too_small(w, h))
		return l;
	l.tabs = (struct rect){0, 0, w, 1};
	l.top = (struct rect){0, 1, w, 1};
	l.body = (struct rect){0, 2, w, h - 3};
	l.bottom = (struct rect){0, h - 1, w, 1};
	l.message = cut_below(&l.body, min(message, l.body.h / 2));
	if (lesson > 0 && w >= LESSON_SIDE_W)
		l.lesson = cut_right(&l.body, LESSON_W);
	else if (lesson > 0)
		l.lesson = cut_below(&l.body, min(lesson, (l.body.h + l.message.h) / 2));
	return l;
}

/* Lines that the verdict may take. */
static int verdict_most(struct rect area)
{
	return area.h > 40 ? 8 : 4;
}

/* The results go where they fit whole: under the positive item, else under the steps, else beside them; where they fit
 * nowhere, under the positive item if both have some room. */
struct beam_layout layout_beam(struct rect area, struct beam_wish wish)
{
	struct beam_layout l = {.steps = area};

	l.verdict = cut_below(&l.steps, clamp(wish.verdict, 1, verdict_most(area)));
	int h = l.steps.h;
	bool fits_right = h >= wish.positive + wish.results, fits_left = h >= wish.steps + wish.results;
	if (wish.results > 0 && !fits_right && !fits_left && area.w >= THIRD_COLUMN_W && !wish.branch) {
		l.results = cut_right(&l.steps, area.w / 4);
		l.positive = cut_right(&l.steps, clamp(area.w * 3 / 10, 36, 60));
		return l;
	}
	l.positive = cut_right(&l.steps, area.w < 96 ? min(32, area.w * 2 / 5) : clamp(area.w * 3 / 8, 36, 60));
	if (wish.results == 0)
		return l;
	if (fits_right || (!fits_left && h >= UNDER_POSITIVE_H))
		l.results = cut_below(&l.positive, max(min(wish.results, h / 2), h - wish.positive));
	else if (fits_left)
		l.results = cut_below(&l.steps, h - wish.steps);
	return l;
}

struct tree_layout layout_tree(struct rect area, int verdict)
{
	struct tree_layout l = {.tree = area};

	l.verdict = cut_below(&l.tree, clamp(verdict, 1, verdict_most(area)));
	if (area.w >= TREE_SIDE_W)
		l.side = cut_right(&l.tree, clamp(area.w / 3, 36, 60));
	return l;
}

struct rect layout_centre(struct rect area, int w, int h)
{
	if (area.w - w < 8) /* no slivers of what lies below at its sides */
		w = area.w;
	h = clamp(h, 0, area.h > 12 ? area.h - 2 : area.h);
	return (struct rect){area.x + (area.w - w) / 2, area.y + (area.h - h) / 2, w, h};
}
