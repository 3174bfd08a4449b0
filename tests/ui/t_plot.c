/* Charts as characters: every kind with every renderer at many sizes, and odd values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>

#include "base/compiler.h"
#include "base/rng.h"
#include "stage.h"
#include "ui/tui/plot.h"

static const double inf = INFINITY, nan_ = (double)NAN;
static const char *const steps[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9"};
static const char *const long_names[] = {
	"never seen", "1 to 5 times", "6 to 20 times", "21 to 100 times, \xe5\x86\x99\xe7\x9c\x9f"};

#define CURVE 4096
static double curve_x[CURVE], curves[4][CURVE];

static int make_curves(void **state)
{
	struct rng r;

	(void)state;
	rng_seed(&r, 7);
	for (size_t i = 0; i < CURVE; i++) {
		curve_x[i] = (double)i + 1;
		curves[1][i] = 3 * exp(-(double)i / 900) + 0.5;
		curves[0][i] = curves[1][i] + 0.4 * (rng_uniform(&r) - 0.5);
		curves[3][i] = 2.5 * exp(-(double)i / 600) + 0.8;
		curves[2][i] = curves[3][i] + 0.3 * (rng_uniform(&r) - 0.5);
	}
	return 0;
}

static struct chart curve_chart(void)
{
	return (struct chart){.kind = CHART_LINES,
		.x_title = "step",
		.y_title = "loss",
		.whole_x = true,
		.n_series = 4,
		.series = {
			{.name = "raw", .x = curve_x, .y = curves[0], .n = CURVE, .faint = true},
			{.name = "BEAR", .x = curve_x, .y = curves[1], .n = CURVE},
			{.name = "raw", .x = curve_x, .y = curves[2], .n = CURVE, .look = 1, .faint = true},
			{.name = "SFT", .x = curve_x, .y = curves[3], .n = CURVE, .look = 1},
		}};
}

static const double nine[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

static struct chart margin_chart(void)
{
	static const double prefix[] = {2.1, -0.4, -1.2, -1, -0.3, 0.4, NAN, INFINITY, -INFINITY};
	static const double token[] = {1, 0.5, 0.3, -0.2, 0, 1, 2, 3, 2.2};

	return (struct chart){.kind = CHART_LINES,
		.x_title = "step",
		.y_title = "nats above the cut-off",
		.whole_x = true,
		.zero_line = true,
		.x_from = 1,
		.x_to = 9,
		.n_series = 2,
		.series = {
			{.name = "prefix margin", .x = nine, .y = prefix, .n = 9},
			{.name = "had it stayed", .x = nine, .y = token, .n = 9, .open = true},
		}};
}

static struct chart survival_chart(void)
{
	static const double widths[] = {1, 2, 5, 10, 20, 50};
	static const double y[] = {0.03, 0.06, 0.15, 0.25, 0.44, 0.68}, low[] = {0.01, 0.03, 0.1, 0.2, 0.4, 0.6},
			    high[] = {0.06, 0.1, 0.2, 0.31, 0.5, 0.75};

	return (struct chart){.kind = CHART_LINES,
		.x_title = "beam width B",
		.y_title = "share of all positive items",
		.log_x = true,
		.percent = true,
		.n_series = 1,
		.series = {{.name = "returned", .x = widths, .y = y, .low = low, .high = high, .n = 6}}};
}

static struct chart bar_chart(void)
{
	static const double lost[] = {66, 34, 0, 7, 5, 4, 2, NAN, 0}, rightly[] = {291, 45, 1, 9, 82, 72, 48, 66, 15};

	return (struct chart){.kind = CHART_BARS,
		.x_title = "step",
		.y_title = "positive items",
		.categories = steps,
		.n_categories = 9,
		.n_series = 2,
		.series = {
			{.name = "lost (wrongly pruned)", .y = lost, .n = 9},
			{.name = "rightly", .y = rightly, .n = 9, .open = true},
		}};
}

static struct chart slice_chart(void)
{
	static const double y[] = {NAN, 0.41, 0.2, 0.003}, low[] = {NAN, 0.35, 0.12, 0},
			    high[] = {NAN, 0.48, 0.29, 0.02};

	return (struct chart){.kind = CHART_BARS,
		.x_title = "times the item occurs",
		.y_title = "share of those among the exact best B",
		.percent = true,
		.categories = long_names,
		.n_categories = 4,
		.n_series = 1,
		.series = {{.name = "Wrongly pruned", .y = y, .low = low, .high = high, .n = 4}}};
}

static struct chart box_chart(void)
{
	static const double y[9][5] = {{-4.4, -0.2, 0.3, 1.3, 2.6}, {-5, -0.8, 0.7, 1.2, 2.1},
		{-3.5, -0.4, 0.6, 1.5, 2}, {NAN, NAN, NAN, NAN, NAN}, {0.5, 0.5, 0.5, 0.5, 0.5},
		{-INFINITY, -1, 0, 2, INFINITY}, {-1, 0, 1, 2, 3}, {-1, 0, 1, 2, 3}, {0, 0.5, 1, 1.5, 4}};

	return (struct chart){.kind = CHART_BOXES,
		.x_title = "step",
		.y_title = "nats above the cut-off",
		.zero_line = true,
		.categories = steps,
		.n_categories = 9,
		.n_series = 1,
		.series = {{.name = "prefix margin", .y = y[0], .n = 9}}};
}

static double flat[CHART_SERIES][64];

/* Eight series, one above the other. */
static struct chart eight_chart(size_t n)
{
	static const char *const names[CHART_SERIES] = {"a", "b", "c", "d", "e", "f", "g", "h"};
	static double x[64];
	struct chart c = {.kind = CHART_LINES, .n_series = CHART_SERIES};

	for (size_t s = 0; s < CHART_SERIES; s++) {
		for (size_t i = 0; i < n; i++) {
			x[i] = (double)i;
			flat[s][i] = (double)s;
		}
		c.series[s] = (struct chart_series){.name = names[s], .x = x, .y = flat[s], .n = n, .look = s};
	}
	return c;
}

static const char *const kinds[] = {[GRAPH_BRAILLE] = "braille", [GRAPH_BLOCK] = "block", [GRAPH_ASCII] = "ascii"};

static struct stage page_of(int w, int h, enum graph_kind graph)
{
	struct stage s = {0};

	canvas_init(&s.page, graph == GRAPH_ASCII);
	canvas_resize(&s.page, w, h);
	s.page.graph = graph;
	return s;
}

/* One page with the chart at many sizes. */
static void assert_chart(const char *name, const struct chart *c, const struct plot_options *o)
{
	static const struct rect places[] = {{0, 0, 60, 18}, {62, 0, 36, 12}, {62, 13, 20, 8}, {84, 13, 12, 6},
		{0, 19, 40, 5}, {42, 19, 9, 4}, {53, 19, 5, 3}, {59, 19, 2, 2}, {98, 13, 1, 1}, {98, 15, 1, 5},
		{62, 22, 30, 1}};

	for (enum graph_kind graph = GRAPH_BRAILLE; graph <= GRAPH_ASCII; graph++) {
		struct stage s = page_of(100, 24, graph);
		char file[64];

		for (size_t i = 0; i < ARRAY_LEN(places); i++)
			plot_draw(&s.page, places[i], c, o);
		snprintf(file, sizeof(file), "plot-%s-%s", name, kinds[graph]);
		assert_golden(&s, file);
		canvas_release(&s.page);
	}
}

static void charts_are_as_they_were(void **state)
{
	struct chart margins = margin_chart(), survival = survival_chart(), bars = bar_chart(), slices = slice_chart();
	struct chart boxes = box_chart(), eight = eight_chart(6), patterns = eight_chart(64);

	(void)state;
	assert_chart("margins", &margins, &(struct plot_options){.has_cursor = true, .cursor = 3});
	assert_chart("survival", &survival, &(struct plot_options){0});
	assert_chart("bars", &bars, &(struct plot_options){.has_cursor = true, .cursor = 1});
	assert_chart("slices", &slices, &(struct plot_options){.has_cursor = true, .cursor = 2});
	assert_chart("boxes", &boxes, &(struct plot_options){0});
	assert_chart("eight", &eight, &(struct plot_options){0});
	assert_chart("patterns", &patterns, &(struct plot_options){0});
}

static void curves_are_as_they_were(void **state)
{
	struct chart c = curve_chart();

	(void)state;
	assert_chart("curves", &c, &(struct plot_options){.has_cursor = true, .cursor = 1000});
	assert_chart("curves-strong", &c, &(struct plot_options){.strong = 4});
	c.log_y = true;
	c.x_from = 500;
	c.x_to = 1000;
	assert_chart("curves-part", &c, &(struct plot_options){0});
}

/* One point, a flat line, huge and tiny values, nothing at all: side by side. */
static void odd_values_are_drawn(void **state)
{
	static const double x[] = {1, 2, 3, 4}, one[] = {5}, same[] = {7, 7, 7, 7},
			    huge[] = {-1e300, 1e300, INFINITY, 0}, tiny[] = {1e-300, 2e-300, 3e-300, NAN},
			    none[] = {NAN, NAN, NAN, NAN};
	const struct {
		const double *y;
		size_t n;
	} odd[] = {{one, 1}, {same, 4}, {huge, 4}, {tiny, 4}, {none, 4}, {one, 0}};

	(void)state;
	for (enum graph_kind graph = GRAPH_BRAILLE; graph <= GRAPH_ASCII; graph++) {
		struct stage s = page_of(96, 24, graph);
		char file[64];

		for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
			struct chart c = {.kind = CHART_LINES,
				.whole_x = true,
				.n_series = 1,
				.series = {{.name = "y", .x = x, .y = odd[i].y, .n = odd[i].n}}};

			plot_draw(&s.page, (struct rect){32 * (int)(i % 3), 12 * (int)(i / 3), 30, 11}, &c,
				&(struct plot_options){.has_cursor = true, .cursor = nan_});
		}
		snprintf(file, sizeof(file), "plot-odd-%s", kinds[graph]);
		assert_golden(&s, file);
		canvas_release(&s.page);
	}
}

static double any_value(struct rng *r)
{
	static const double odd[] = {0, -0.0, 1, -1, 1e308, -1e308, 1e-308, DBL_MAX, 5, 0.25};

	switch (rng_below(r, 6)) {
	case 0:
		return nan_;
	case 1:
		return rng_below(r, 2) ? inf : -inf;
	case 2:
		return odd[rng_below(r, ARRAY_LEN(odd))];
	default:
		return 20 * (rng_uniform(r) - 0.5);
	}
}

/* Whatever the values and the size, nothing is drawn outside, and on a page in ASCII all of it is ASCII. */
static void any_chart_keeps_to_its_place(void **state)
{
	enum {
		MOST = 9
	};
	static double x[MOST], y[CHART_SERIES][5 * MOST], low[MOST], high[MOST];
	struct rng r;

	(void)state;
	rng_seed(&r, 21);
	for (int round = 0; round < 3000; round++) {
		enum graph_kind graph = GRAPH_BRAILLE + rng_below(&r, 3);
		struct rect area = {3, 2, (int)rng_below(&r, 50), (int)rng_below(&r, 20)};
		struct chart c = {
			.kind = (enum chart_kind)(round % 3), .categories = long_names, .x_title = "x", .y_title = "y"};
		struct plot_options o = {.has_cursor = round & 1, .cursor = any_value(&r), .strong = rng_below(&r, 4)};
		struct stage s = page_of(60, 26, graph);
		struct buf b = {0};

		c.n_series = rng_below(&r, CHART_SERIES + 1);
		c.n_categories = rng_below(&r, 5);
		c.log_x = rng_below(&r, 2);
		c.log_y = rng_below(&r, 2);
		c.falling_y = rng_below(&r, 2);
		c.percent = rng_below(&r, 2);
		c.zero_line = rng_below(&r, 2);
		c.x_from = any_value(&r);
		c.x_to = any_value(&r);
		for (size_t i = 0; i < MOST; i++) {
			x[i] = any_value(&r);
			low[i] = any_value(&r);
			high[i] = any_value(&r);
		}
		for (size_t k = 0; k < c.n_series; k++) {
			for (size_t i = 0; i < ARRAY_LEN(y[k]); i++)
				y[k][i] = any_value(&r);
			c.series[k] = (struct chart_series){.name = "s",
				.x = x,
				.y = y[k],
				.n = rng_below(&r, MOST + 1),
				.low = rng_below(&r, 2) ? low : NULL,
				.high = high,
				.look = k,
				.open = k & 1,
				.faint = rng_below(&r, 4) == 0};
		}
		plot_draw(&s.page, area, &c, &o);
		plot_readout(&c, o.cursor, &b);
		plot_row(&c, o.cursor, &b);
		for (int row = 0; row < s.page.h; row++)
			for (int col = 0; col < s.page.w; col++) {
				const char *text = canvas_at(&s.page, col, row)->text;
				bool in = col >= area.x && col < area.x + area.w && row >= area.y &&
					  row < area.y + area.h;

				assert_true(in || strcmp(text, " ") == 0);
				assert_true(graph != GRAPH_ASCII || (unsigned char)text[0] < 0x80);
			}
		buf_release(&b);
		canvas_release(&s.page);
	}
}

/* The line of the page on which a series' flat line lies, from the axis on. */
static void row_of(const struct canvas *c, int x, int w, int y, struct buf *out)
{
	buf_clear(out);
	for (int i = 0; i < w; i++)
		buf_addstr(out, canvas_at(c, x + i, y)->text);
}

/* Eight flat lines of many points: no two are drawn alike. */
static void lines_differ_without_colour(void **state)
{
	struct chart c = eight_chart(64);

	(void)state;
	for (enum graph_kind graph = GRAPH_BRAILLE; graph <= GRAPH_ASCII; graph++) {
		struct stage s = page_of(80, 32, graph);
		struct plot_place p = plot_draw(&s.page, (struct rect){0, 0, 80, 32}, &c, &(struct plot_options){0});
		struct buf rows[40] = {0};
		size_t n = 0;

		for (int y = p.in.y; y < p.in.y + p.in.h; y++) {
			struct buf *b = &rows[n];

			row_of(&s.page, p.in.x, p.in.w, y, b);
			if (strspn(b->at, " ") == b->len)
				continue;
			for (size_t i = 0; i < n; i++)
				assert_string_not_equal(buf_str(&rows[i]), buf_str(b));
			n++;
		}
		assert_int_equal(n, CHART_SERIES);
		for (size_t i = 0; i < ARRAY_LEN(rows); i++)
			buf_release(&rows[i]);
		canvas_release(&s.page);
	}
}

/* Where a point's mark is drawn, a click finds the point. */
static void a_click_finds_the_point(void **state)
{
	struct chart c = survival_chart();
	struct stage s = page_of(70, 16, GRAPH_ASCII);
	struct plot_place p = plot_draw(&s.page, (struct rect){1, 1, 66, 14}, &c, &(struct plot_options){0});
	size_t found = 0;
	double at;

	(void)state;
	for (int x = p.in.x; x < p.in.x + p.in.w; x++)
		for (int y = p.in.y; y < p.in.y + p.in.h; y++)
			if (strcmp(canvas_at(&s.page, x, y)->text, "*") == 0) {
				assert_true(plot_at(&p, x, y, &at));
				assert_true(plot_move(&c, at, 0) == c.series[0].x[found]);
				found++;
			}
	assert_int_equal(found, 6);
	assert_false(plot_at(&p, p.in.x - 1, p.in.y, &at));
	assert_false(plot_at(&p, p.in.x, p.in.y + p.in.h, &at));
	canvas_release(&s.page);
}

static void the_cursor_goes_from_point_to_point(void **state)
{
	struct chart c = survival_chart(), bars = bar_chart(), none = {.kind = CHART_LINES};
	double at = plot_move(&c, nan_, 0);

	(void)state;
	assert_true(at == 1);
	for (size_t i = 1; i < 6; i++) {
		at = plot_move(&c, at, 1);
		assert_true(at == c.series[0].x[i]);
	}
	assert_true(plot_move(&c, at, 1) == 50);
	assert_true(plot_move(&c, at, -2) == 10);
	assert_true(plot_move(&c, 12, 0) == 10);
	assert_true(plot_move(&bars, 3, 1) == 4);
	assert_true(plot_move(&bars, 8, 1) == 8);
	assert_true(plot_move(&bars, 0, -1) == 0);
	assert_true(isnan(plot_move(&none, 1, 1)));
}

static void reads(const struct chart *c, double cursor, const char *readout, const char *row)
{
	struct buf b = {0};

	plot_readout(c, cursor, &b);
	assert_string_equal(buf_str(&b), readout);
	buf_clear(&b);
	plot_row(c, cursor, &b);
	assert_string_equal(buf_str(&b), row);
	buf_release(&b);
}

static void the_cursor_reads_what_is_there(void **state)
{
	struct chart margins = margin_chart(), survival = survival_chart(), bars = bar_chart(), boxes = box_chart();
	struct chart curves_ = curve_chart();
	struct buf b = {0};

	(void)state;
	reads(&margins, 9, "step 9: prefix margin -inf, had it stayed 2.200",
		"step\tprefix margin\thad it stayed\n9\t-inf\t2.2");
	reads(&margins, 7, "step 7: prefix margin -, had it stayed 2", "step\tprefix margin\thad it stayed\n7\t\t2");
	reads(&survival, 10, "beam width B 10: 25.0 % [20.0, 31.0]",
		"beam width B\treturned\treturned low\treturned high\n10\t0.25\t0.2\t0.31");
	reads(&bars, 7, "step 8: lost (wrongly pruned) -, rightly 66", "step\tlost (wrongly pruned)\trightly\n8\t\t66");
	reads(&boxes, 0, "step 1: from -4.400, quarter -0.200, median 0.300, three quarters 1.300, to 2.600",
		"step\tprefix margin lowest\tprefix margin quarter\tprefix margin median\tprefix margin three "
		"quarters\tprefix margin highest\n1\t-4.4\t-0.2\t0.3\t1.3\t2.6");
	plot_readout(&curves_, 1, &b);
	assert_string_equal(buf_str(&b), "step 1: BEAR 3.500, SFT 3.300"); /* what is faint is left out */
	buf_release(&b);
}

/* An infinite value points beyond its edge, in a chart of many points as well. */
static void what_is_infinite_points_there(void **state)
{
	struct chart c = eight_chart(64);
	struct stage s = page_of(60, 20, GRAPH_BRAILLE);
	struct buf b = {0};

	(void)state;
	c.n_series = 2;
	flat[0][20] = -inf;
	flat[1][40] = inf;
	struct plot_place p = plot_draw(&s.page, (struct rect){0, 0, 60, 20}, &c, &(struct plot_options){0});
	row_of(&s.page, p.in.x, p.in.w, p.in.y, &b);
	assert_non_null(strstr(buf_str(&b), "▲"));
	row_of(&s.page, p.in.x, p.in.w, p.in.y + p.in.h - 1, &b);
	assert_non_null(strstr(buf_str(&b), "▼"));
	buf_release(&b);
	canvas_release(&s.page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(charts_are_as_they_were),
		cmocka_unit_test(curves_are_as_they_were),
		cmocka_unit_test(odd_values_are_drawn),
		cmocka_unit_test(any_chart_keeps_to_its_place),
		cmocka_unit_test(lines_differ_without_colour),
		cmocka_unit_test(a_click_finds_the_point),
		cmocka_unit_test(the_cursor_goes_from_point_to_point),
		cmocka_unit_test(the_cursor_reads_what_is_there),
		cmocka_unit_test(what_is_infinite_points_there),
	};

	return cmocka_run_group_tests(tests, make_curves, NULL);
}
