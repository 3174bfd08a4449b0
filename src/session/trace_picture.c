#include "session/trace_picture.h"

#include <math.h>
#include <string.h>

#include "base/chart.h"
#include "base/mem.h"
#include "base/svg.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "session/picture.h"

#define COLUMN_LEAST 132.0 /* between these: as wide as the texts of its tokens need */
#define COLUMN_MOST 214.0
#define RESULT_LEAST 160.0 /* the same of the last column, by the titles */
#define RESULT_MOST 345.0
#define RESULT_X 26.0 /* of a title in it */
#define BAND 1010.0   /* width of a band, about */
#define HEAD 46.0     /* from a band's top to its first row */
#define ROW 19.0
#define CUT 16.0     /* around the cut-off line */
#define BETWEEN 22.0 /* bands */
#define LEGEND 24.0
#define MARK_X 9.0 /* in a column */
#define TEXT_X 18.0
#define STAR 15.0     /* what the positive item's star takes before a text */
#define LOGP_END 26.0 /* from the right end of a log P to the next column */
#define LOGP_W 36.0
#define KEPT_MOST 14 /* rows of kept prefixes; of more the best and the last are shown */
#define KEPT_FIRST 9
#define KEPT_LAST 3
#define NEAREST 3 /* pruned ones that are shown */

enum cell_kind {
	CELL_CANDIDATE,
	CELL_FOLLOWED, /* the positive item's prefix after it was pruned */
	CELL_MORE,     /* so many that are not shown */
};

struct cell {
	enum cell_kind kind;
	uint32_t at; /* CANDIDATE: among the step's */
	size_t more; /* MORE */
	bool below;  /* the cut-off */
	size_t row;  /* from 0, in its part of the column */
};

struct column {
	VEC(struct cell) cells;
	size_t rows[2]; /* above and below the cut-off */
};

struct trace_picture {
	const struct snap_trace *t;
	struct column *columns; /* owned, [t->n_steps] */
	size_t per_band;
	double column; /* its width */
	double result; /* that of the last one; 0: there is none */
	double width, height;
	VEC(struct cell) results; /* CANDIDATE: at is the result's place */
};

/* A part of the page: some columns side by side, whose cut-offs stand on one line. */
struct band {
	size_t from, to; /* steps, from 0 */
	bool result;     /* the result stands in it, after the last column */
	double top;
	size_t rows[2];
};

static const struct snap_step *step_of(const struct trace_picture *p, size_t column)
{
	return &p->t->steps[column];
}

static void push(struct column *c, struct cell cell)
{
	cell.row = c->rows[cell.below]++;
	vec_push(&c->cells, cell);
}

/* Must a kept candidate be seen, wherever it stands? */
static bool stands_out(const struct snap_candidate *k)
{
	return k->positive || k->forced;
}

static void add_kept(struct column *c, const struct snap_step *s)
{
	size_t n = 0, at = 0, hidden = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->candidates[i].kept;
	for (uint32_t i = 0; i < s->n; i++) {
		if (!s->candidates[i].kept)
			continue;
		if (n > KEPT_MOST && at >= KEPT_FIRST && at + KEPT_LAST < n && !stands_out(&s->candidates[i])) {
			hidden++;
		} else {
			if (hidden > 0)
				push(c, (struct cell){.kind = CELL_MORE, .more = hidden});
			hidden = 0;
			push(c, (struct cell){.kind = CELL_CANDIDATE, .at = i});
		}
		at++;
	}
}

/* Those next to the cut-off, the positive item's and what an edit forbids; the rest is a number. */
static void add_pruned(struct column *c, const struct snap_step *s)
{
	size_t near = 0, shown = 0, kept = 0, all;

	for (uint32_t i = 0; i < s->n; i++) {
		const struct snap_candidate *k = &s->candidates[i];

		kept += k->kept;
		if (k->kept || (near >= NEAREST && !k->positive && !k->forbidden))
			continue;
		near += !k->forbidden;
		shown += !k->forbidden;
		push(c, (struct cell){.kind = CELL_CANDIDATE, .at = i, .below = true});
	}
	all = s->total > kept ? s->total - kept : 0;
	if (all > shown)
		push(c, (struct cell){.kind = CELL_MORE, .more = all - shown, .below = true});
}

static bool competes(const struct snap_step *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->candidates[i].positive)
			return true;
	return false;
}

static void add_column(struct trace_picture *p, size_t i)
{
	struct column *c = &p->columns[i];

	add_kept(c, step_of(p, i));
	add_pruned(c, step_of(p, i));
	if (i < p->t->n_positive && !competes(step_of(p, i)))
		push(c, (struct cell){.kind = CELL_FOLLOWED, .below = true});
}

static void add_results(struct trace_picture *p)
{
	size_t n = p->t->n_results, hidden = 0, row = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (n > KEPT_MOST && i + 1 >= KEPT_MOST && !p->t->results[i].positive) {
			hidden++;
			continue;
		}
		vec_push(&p->results, (struct cell){.kind = CELL_CANDIDATE, .at = i, .row = row++});
	}
	if (hidden > 0)
		vec_push(&p->results, (struct cell){.kind = CELL_MORE, .more = hidden, .row = row});
}

static double band_height(const struct band *b)
{
	return HEAD + ROW * (double)(b->rows[0] + b->rows[1]) + CUT;
}

/* The band that follows; before the first one: *b zeroed. */
static bool next_band(const struct trace_picture *p, struct band *b)
{
	double top = b->to == 0 ? LEGEND : b->top + band_height(b) + BETWEEN;
	size_t n = p->t->n_steps, rows;

	if (b->result)
		return false;
	*b = (struct band){.from = b->to, .to = b->to + p->per_band < n ? b->to + p->per_band : n, .top = top};
	b->result = b->to == n;
	for (size_t i = b->from; i < b->to; i++)
		for (int part = 0; part < 2; part++)
			if (p->columns[i].rows[part] > b->rows[part])
				b->rows[part] = p->columns[i].rows[part];
	rows = b->result ? p->results.n : 0;
	if (rows > b->rows[0] + b->rows[1])
		b->rows[1] = rows - b->rows[0];
	return true;
}

static double band_width(const struct trace_picture *p, const struct band *b)
{
	return p->column * (double)(b->to - b->from) + (b->result ? p->result : 0);
}

static const struct snap_candidate *candidate(const struct trace_picture *p, size_t i, const struct cell *c)
{
	return c->kind == CELL_CANDIDATE ? &step_of(p, i)->candidates[c->at] : NULL;
}

static const char *token_of(const struct trace_picture *p, size_t i, const struct cell *c)
{
	const struct snap_candidate *k = candidate(p, i, c);

	return k ? k->text_shown : p->t->positive[i].text_shown;
}

static void find_column_width(struct trace_picture *p)
{
	p->column = COLUMN_LEAST;
	for (size_t i = 0; i < p->t->n_steps; i++)
		for (size_t m = 0; m < p->columns[i].cells.n; m++) {
			const struct cell *c = &p->columns[i].cells.at[m];
			const struct snap_candidate *k = candidate(p, i, c);
			bool positive = !k || k->positive;
			double w;

			if (c->kind == CELL_MORE)
				continue;
			w = picture_text_width(token_of(p, i, c), positive ? PICTURE_STRONG : PICTURE_PLAIN) +
			    (positive ? STAR : 0) + TEXT_X + LOGP_W + LOGP_END + 8;
			p->column = fmin(fmax(p->column, w), COLUMN_MOST);
		}
}

static void find_result_width(struct trace_picture *p)
{
	p->result = p->results.n > 0 ? RESULT_LEAST : 0;
	for (size_t i = 0; i < p->results.n; i++) {
		const struct snap_result *r = &p->t->results[p->results.at[i].at];
		double w = picture_text_width(r->title_shown, r->positive ? PICTURE_STRONG : PICTURE_PLAIN);

		if (p->results.at[i].kind != CELL_MORE)
			p->result = fmin(fmax(p->result, RESULT_X + STAR + w), RESULT_MOST);
	}
}

/* As few bands as there can be, the last of which has room for the result, and all about as wide. */
static void find_bands(struct trace_picture *p)
{
	size_t n = p->t->n_steps, most = (size_t)(BAND / p->column), last = (size_t)((BAND - p->result) / p->column);

	p->per_band = n;
	for (size_t bands = 2; p->per_band > most || (bands == 2 && n > last); bands++) {
		size_t even = (n + bands - 1) / bands, left = n > last ? (n - last + bands - 2) / (bands - 1) : 0;

		p->per_band = even > left ? even : left;
	}
}

struct trace_picture *trace_picture_new(const struct snap_trace *t)
{
	struct trace_picture *p = xcalloc(1, sizeof(*p));
	struct band b = {0};

	p->t = t;
	p->columns = xcalloc(t->n_steps, sizeof(*p->columns));
	for (size_t i = 0; i < t->n_steps; i++)
		add_column(p, i);
	add_results(p);
	find_column_width(p);
	find_result_width(p);
	find_bands(p);
	p->width = PICTURE_LEAST;
	while (next_band(p, &b)) {
		p->width = fmax(p->width, band_width(p, &b));
		p->height = b.top + band_height(&b);
	}
	return p;
}

void trace_picture_free(struct trace_picture *p)
{
	for (size_t i = 0; i < p->t->n_steps; i++)
		vec_release(&p->columns[i].cells);
	free(p->columns);
	vec_release(&p->results);
	free(p);
}

double trace_picture_width(const struct trace_picture *p)
{
	return p->width;
}

double trace_picture_height(const struct trace_picture *p)
{
	return p->height;
}

/* Right end of a log P, in a column. */
static double logp_x(const struct trace_picture *p)
{
	return p->column - LOGP_END;
}

static double column_x(const struct trace_picture *p, const struct band *b, size_t i)
{
	return p->column * (double)(i - b->from);
}

/* The middle of a cell's row. */
static double cell_y(const struct band *b, const struct cell *c)
{
	return b->top + HEAD + ROW * ((double)c->row + 0.5 + (c->below ? (double)b->rows[0] : 0)) +
	       (c->below ? CUT : 0);
}

/* Where a prefix stands that was kept at a step: its own row, or that of those which are not shown. */
static const struct cell *find_cell(const struct trace_picture *p, size_t i, uint32_t number, bool positive)
{
	const struct column *c = &p->columns[i];
	const struct cell *more = NULL;

	for (size_t k = 0; k < c->cells.n; k++) {
		const struct cell *cell = &c->cells.at[k];
		const struct snap_candidate *of = candidate(p, i, cell);

		if (of ? of->node == number : cell->kind == CELL_FOLLOWED && positive)
			return cell;
		if (cell->kind == CELL_MORE && !cell->below && !more)
			more = cell;
	}
	return more;
}

static enum picture_line line_of(const struct snap_candidate *k)
{
	if (!k)
		return PICTURE_WOULD_BE;
	if (k->positive)
		return PICTURE_POSITIVE;
	return k->kept ? PICTURE_KEPT : PICTURE_PRUNED;
}

/* From a prefix of the step before to one that goes on with it; across bands only its ends. */
static void draw_link(
	const struct trace_picture *p, const struct band *b, size_t i, const struct cell *c, struct buf *out)
{
	const struct snap_candidate *k = candidate(p, i, c);
	bool positive = !k || k->positive;
	double x = column_x(p, b, i) + MARK_X - 6, y = cell_y(b, c);
	const struct cell *from;

	if (i == 0 || c->kind == CELL_MORE)
		return;
	if (i == b->from) {
		picture_line(line_of(k), x - 3, y, x, y, out);
		return;
	}
	from = find_cell(p, i - 1, !k ? 0 : k->carried ? k->node : k->above, positive);
	if (from)
		picture_line(line_of(k), column_x(p, b, i - 1) + logp_x(p) + 4, cell_y(b, from), x, y, out);
}

static enum picture_mark mark_of(const struct snap_candidate *k)
{
	if (!k)
		return PICTURE_MARK_FOLLOWED;
	if (k->forbidden)
		return PICTURE_MARK_FORBIDDEN;
	if (!k->kept)
		return PICTURE_MARK_PRUNED;
	if (k->forced)
		return PICTURE_MARK_FORCED;
	return k->finished ? PICTURE_MARK_FINISHED : PICTURE_MARK_KEPT;
}

/* "rank 3: Sablecote Series 7 Round, log P −3.02" */
static void add_tooltip(const struct trace_picture *p, size_t i, const struct snap_candidate *k, struct buf *out)
{
	const struct snap_positive *own = i < p->t->n_positive ? &p->t->positive[i] : NULL;
	size_t rank = k ? k->rank : own->prefix_rank;

	buf_addstr(out, "<title>");
	if (rank > 0)
		buf_addf(out, "rank %zu: ", rank);
	svg_text(out, k ? k->prefix_shown : own->text_shown);
	if (k && k->item_shown) {
		buf_addstr(out, " = ");
		svg_text(out, k->item_shown);
	}
	buf_addstr(out, ", log P ");
	picture_number(k ? k->logp : own->logp, out);
	buf_addstr(out, k && k->kept ? ", kept" : k ? ", pruned" : ", had it stayed");
	buf_addstr(out, "</title>");
}

static void draw_more(const struct cell *c, double x, double y, struct buf *out)
{
	picture_text(x + TEXT_X, y + 4, PICTURE_SOFT, out);
	buf_addf(out, "\xe2\x80\xa6 %zu more%s</text>\n", c->more, c->below ? " pruned" : "");
}

static void draw_cell(
	const struct trace_picture *p, const struct band *b, size_t i, const struct cell *c, struct buf *out)
{
	const struct snap_candidate *k = candidate(p, i, c);
	bool positive = !k || k->positive, soft = !k || !k->kept;
	enum picture_voice voice = positive ? PICTURE_STRONG : soft ? PICTURE_SOFT : PICTURE_PLAIN;
	double x = column_x(p, b, i), y = cell_y(b, c), text = x + TEXT_X + (positive ? STAR : 0);

	if (c->kind == CELL_MORE) {
		draw_more(c, x, y, out);
		return;
	}
	buf_addstr(out, "<g>");
	add_tooltip(p, i, k, out);
	picture_mark(mark_of(k), x + MARK_X, y, out);
	if (positive)
		picture_mark(PICTURE_MARK_POSITIVE, x + TEXT_X + 5, y, out);
	picture_text(text, y + 4, voice, out);
	picture_token(token_of(p, i, c), x + logp_x(p) - LOGP_W - text, voice, out);
	buf_addstr(out, "</text>");
	picture_right(x + logp_x(p), y + 4, k ? k->logp : p->t->positive[i].logp, out);
	buf_addstr(out, "</g>\n");
}

static void draw_head(const struct trace_picture *p, const struct band *b, size_t i, struct buf *out)
{
	const struct snap_step *s = step_of(p, i);
	double x = column_x(p, b, i);

	picture_text(x + 3, b->top + 14, PICTURE_STRONG, out);
	buf_addf(out, "step %zu</text>\n", i + 1);
	picture_text(x + 3, b->top + 29, PICTURE_SMALL, out);
	buf_addf(out, "%zu kept of %zu", s->kept, s->total);
	if (s->width != p->t->width)
		buf_addf(out, ", B %zu", s->width);
	buf_addstr(out, "</text>\n");
}

/* The cut-offs of a band's steps stand on one line, with the figure of each. */
static void draw_cut(const struct trace_picture *p, const struct band *b, struct buf *out)
{
	double y = b->top + HEAD + ROW * (double)b->rows[0] + CUT / 2;

	for (size_t i = b->from; i < b->to; i++) {
		double x = column_x(p, b, i), cutoff = step_of(p, i)->cutoff;

		picture_line(PICTURE_CUT, x + 3, y, x + logp_x(p) - LOGP_W - 2, y, out);
		if (isfinite(cutoff))
			picture_right(x + logp_x(p), y + 4, cutoff, out);
		else
			picture_line(PICTURE_CUT, x + logp_x(p) - LOGP_W, y, x + logp_x(p), y, out);
	}
}

static void draw_results(const struct trace_picture *p, const struct band *b, struct buf *out)
{
	double x = column_x(p, b, b->to), room = p->width - x - RESULT_X;

	picture_text(x + 3, b->top + 14, PICTURE_STRONG, out);
	buf_addstr(out, "result</text>\n");
	picture_text(x + 3, b->top + 29, PICTURE_SMALL, out);
	buf_addf(out, "%zu item%s</text>\n", p->t->n_results, p->t->n_results == 1 ? "" : "s");
	for (size_t i = 0; i < p->results.n; i++) {
		const struct cell *c = &p->results.at[i];
		const struct snap_result *r = &p->t->results[c->at];
		enum picture_voice voice = r->positive ? PICTURE_STRONG : PICTURE_PLAIN;
		double y = b->top + HEAD + ROW * ((double)c->row + 0.5);

		if (c->kind == CELL_MORE) {
			draw_more(c, x + 10, y, out);
			continue;
		}
		picture_text(x + 20, y + 4, PICTURE_NUMBER, out);
		buf_addf(out, "%u</text><g><title>", r->rank);
		svg_text(out, r->title_shown);
		buf_addstr(out, "</title>");
		if (r->positive)
			picture_mark(PICTURE_MARK_POSITIVE, x + 31, y, out);
		picture_text(x + RESULT_X + (r->positive ? STAR : 0), y + 4,
			r->positive ? PICTURE_STRONG : PICTURE_PLAIN, out);
		picture_fit(r->title_shown, room - (r->positive ? STAR : 0), voice, out);
		buf_addstr(out, "</text></g>\n");
	}
}

/* What is there to be explained. */
static void draw_legend(const struct trace_picture *p, struct buf *out)
{
	bool marks[PICTURE_MARKS] = {[PICTURE_MARK_KEPT] = true, [PICTURE_MARK_PRUNED] = true};

	for (size_t i = 0; i < p->t->n_steps; i++)
		for (size_t k = 0; k < p->columns[i].cells.n; k++) {
			const struct cell *c = &p->columns[i].cells.at[k];
			const struct snap_candidate *of = candidate(p, i, c);

			if (c->kind == CELL_MORE)
				continue;
			marks[mark_of(of)] = true;
			marks[PICTURE_MARK_POSITIVE] |= !of || of->positive;
		}
	picture_legend(marks, true, 8, out);
}

void trace_picture_draw(const struct trace_picture *p, struct buf *out)
{
	struct band b = {0};

	picture_begin(p->width, p->height, "The search, step by step", p->t->sentence_shown, out);
	draw_legend(p, out);
	while (next_band(p, &b)) {
		for (size_t i = b.from; i < b.to; i++)
			for (size_t k = 0; k < p->columns[i].cells.n; k++)
				draw_link(p, &b, i, &p->columns[i].cells.at[k], out);
		draw_cut(p, &b, out);
		for (size_t i = b.from; i < b.to; i++) {
			draw_head(p, &b, i, out);
			for (size_t k = 0; k < p->columns[i].cells.n; k++)
				draw_cell(p, &b, i, &p->columns[i].cells.at[k], out);
		}
		if (b.result && p->results.n > 0)
			draw_results(p, &b, out);
	}
	buf_addstr(out, "</svg>\n");
}
