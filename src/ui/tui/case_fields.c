#include "case_fields.h"

#include <math.h>
#include <string.h>

#include "minmax.h"
#include "panel.h"
#include "verdict_look.h"

#define KEY_W 12 /* of a column that only the sorting brings */

/* The case's width is that of the widest id, the title's what the others leave. */
static const struct {
	const char *head;
	const char *sort; /* its name in the table of columns, "-" before it where the largest are wanted first */
	int w;            /* with the blanks before a number */
	bool right;
	bool searched;    /* there only when something is diagnosed */
	int from;         /* width of the screen from which on it is shown */
} fields[FIELD_COUNT] = {
	[FIELD_CASE] = {"case", "index", 0, true, false, 0},
	[FIELD_VERDICT] = {"verdict", "kind", 13, false, true, 0},
	[FIELD_RANK] = {"rank", "rank", 5, true, true, 0},
	[FIELD_EXACT] = {"exact", "exact_rank", 6, true, true, 0},
	[FIELD_STEP] = {"step", "step", 5, true, true, 0},
	[FIELD_MARGIN] = {"margin", "margin", 7, true, true, 0},
	[FIELD_POPULARITY] = {"pop.", "-popularity", 6, true, false, 0},
	[FIELD_HISTORY] = {"hist.", "-history", 6, true, false, 0},
	[FIELD_TOKENS] = {"tokens", "-item_tokens", 7, true, false, 110},
	[FIELD_WIDTH] = {"least B", "smallest_beam", 8, true, true, 96},
	[FIELD_FIRST] = {"first token", "first_token", 16, false, false, 130},
	[FIELD_KEY] = {NULL, NULL, KEY_W, true, false, 0},
	[FIELD_TITLE] = {"positive item", "title", 0, false, false, 0},
};

const char *case_fields_sort(enum field f)
{
	return fields[f].sort;
}

bool case_fields_sorted(const struct snap_cases *t, enum field k)
{
	const char *name = fields[k].sort;

	return t->sort ? k == FIELD_KEY || strcmp(name + (*name == '-'), t->sort) == 0 : k == FIELD_CASE;
}

/* Is there something to say in it, and room? */
static bool has_field(const struct snap_cases *t, int w, enum field k)
{
	return k != FIELD_KEY && w >= fields[k].from && (!fields[k].searched || t->n_searched > 0);
}

/* Is the table sorted by a column that is not there otherwise? */
static bool needs_key(const struct snap_cases *t, int w)
{
	for (int k = 0; k < FIELD_COUNT; k++)
		if (has_field(t, w, (enum field)k) && case_fields_sorted(t, (enum field)k))
			return false;
	return true;
}

/* Of a column that stands at x; 0: it is not there. */
static int field_width(const struct canvas *c, const struct snap_cases *t, struct rect area, int id_w, enum field k,
	int x)
{
	int head;

	if (k != FIELD_KEY && !has_field(t, area.w, k))
		return 0;
	switch (k) {
	case FIELD_CASE:
		return id_w;
	case FIELD_KEY:
		head = canvas_width(c, t->sort_head) + 1;
		return !needs_key(t, area.w) ? 0 : max(head, KEY_W);
	case FIELD_TITLE:
		return area.x + area.w - 1 - x;
	default:
		return fields[k].w;
	}
}

void case_fields_place(struct case_fields *col, const struct canvas *c, const struct snap_cases *t, struct rect area,
	int id_w)
{
	int x = area.x + 2;

	for (int k = 0; k < FIELD_COUNT; k++) {
		int before = fields[k].right ? 0 : 2;

		col->x[k] = x + before;
		col->w[k] = field_width(c, t, area, id_w, (enum field)k, x + before);
		if (col->w[k] <= 0)
			continue;
		if (fields[k].right && t->sort && case_fields_sorted(t, (enum field)k))
			col->w[k]++; /* for the arrow */
		x += before + col->w[k];
	}
}

/* The column that is sorted by has an arrow: before a heading that stands at the right, behind another. */
void case_fields_heads(const struct case_fields *col, const struct snap_cases *t, struct canvas *c, int y)
{
	for (int k = 0; k < FIELD_COUNT; k++) {
		const char *head = k == FIELD_KEY ? t->sort_head : fields[k].head;
		bool sorted = col->w[k] > 0 && t->sort && case_fields_sorted(t, (enum field)k);
		unsigned style = sorted ? ROLE_HOT | STYLE_STRONG : ROLE_DIM;
		int x = col->x[k], w = col->w[k], used;

		if (w <= 0)
			continue;
		used = min(canvas_width(c, head), w);
		if (fields[k].right)
			canvas_right(c, x, y, w, style, head);
		else
			canvas_text(c, x, y, w, style, head);
		if (sorted)
			canvas_put(c, fields[k].right ? x + w - used - 1 : x + used, y, style,
				t->descending ? GLYPH_MORE_DOWN : GLYPH_MORE_UP);
	}
}

/* A number, or a dash where there is none though the case is diagnosed. */
static void add_count(struct buf *out, size_t n, bool known)
{
	if (n > 0)
		buf_addf(out, "%zu", n);
	else if (known)
		buf_addch(out, '-');
}

/* Of which a column has room for so many digits: "123k". */
static void add_short_count(struct buf *out, size_t n, bool full)
{
	if (full || n < 100000)
		buf_addf(out, "%zu", n);
	else
		buf_addf(out, "%zuk", n / 1000);
}

/* In full, or as a column has room for it. */
static void add_field(const struct snap_cases *t, const struct snap_case *k, enum field f, bool full, struct buf *out)
{
	bool known = k->verdict != SNAP_NONE;

	switch (f) {
	case FIELD_CASE:
		buf_addstr(out, k->id);
		break;
	case FIELD_VERDICT:
		buf_addstr(out, verdict_looks[k->verdict].word);
		break;
	case FIELD_RANK:
		add_count(out, k->rank, known);
		break;
	case FIELD_EXACT:
		if (k->exact_rank > 0 && !k->exact_proved)
			buf_addf(out, ">%zu", k->exact_rank - 1);
		else
			add_count(out, k->exact_rank, known);
		break;
	case FIELD_STEP:
		add_count(out, k->pruned_at, known);
		break;
	case FIELD_MARGIN:
		if (!isnan(k->worst_margin))
			buf_addf(out, "%+.*f", full ? 6 : fabs(k->worst_margin) < 100 ? 2 : 0, k->worst_margin);
		else if (known)
			buf_addch(out, '-');
		break;
	case FIELD_WIDTH:
		add_count(out, k->smallest_width, known);
		break;
	case FIELD_POPULARITY:
		add_short_count(out, k->popularity, full);
		break;
	case FIELD_HISTORY:
		add_short_count(out, k->history, full);
		break;
	case FIELD_TOKENS:
		add_count(out, k->item_tokens, false);
		break;
	case FIELD_FIRST:
		buf_addstr(out, k->first_shown);
		break;
	case FIELD_KEY:
		snap_case_key(t, k, out);
		break;
	case FIELD_TITLE:
		buf_addstr(out, k->title_shown);
		break;
	case FIELD_COUNT:
		break;
	}
}

void case_fields_add(const struct snap_cases *t, const struct snap_case *k, enum field f, struct buf *out)
{
	add_field(t, k, f, true, out);
}

/* Verdict and margin have the colour of what became of the case. */
void case_fields_draw(const struct case_fields *col, const struct snap_cases *t, const struct snap_case *k,
	struct canvas *c, int y)
{
	struct buf text = {0};

	for (int i = 0; i < FIELD_COUNT; i++) {
		bool fate = i == FIELD_VERDICT || (i == FIELD_MARGIN && k->verdict == SNAP_PRUNED);
		unsigned style = fate ? verdict_looks[k->verdict].style : ROLE_TEXT;
		int x = col->x[i], w = col->w[i];

		if (w <= 0)
			continue;
		buf_clear(&text);
		if (i == FIELD_FIRST)
			panel_token(c, k->first_shown, &text);
		else
			add_field(t, k, (enum field)i, false, &text);
		if (i == FIELD_VERDICT) {
			verdict_look_mark(c, x, y, k->verdict);
			canvas_text(c, x + 2, y, w - 2, style, buf_str(&text));
		} else if (fields[i].right) {
			canvas_right(c, x + (i > 0), y, w - (i > 0), style, buf_str(&text));
		} else {
			canvas_text(c, x, y, w, style, buf_str(&text));
		}
	}
	buf_release(&text);
}
