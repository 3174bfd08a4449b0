/*
 * Ticks and ranges, and what no chart may do: give a coordinate that is no number, or let a word of the data be markup.
 */
#include "check.h"

#include <float.h>
#include <math.h>

#include "base/compiler.h"
#include "base/rng.h"
#include "base/chart.h"

static void ticks_are(double low, double high, size_t want, const char *wanted)
{
	double ticks[CHART_TICKS];
	struct buf b = {0};
	int decimals;
	size_t n = chart_ticks(ticks, low, high, want, &decimals);

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_addch(&b, ' ');
		chart_number(ticks[i], decimals, &b);
	}
	assert_string_equal(buf_str(&b), wanted);
	buf_release(&b);
}

static void round_values_cover_the_range(void **state)
{
	(void)state;
	ticks_are(0, 10, 5, "0 2 4 6 8 10");
	ticks_are(0, 0.18, 4, "0.00 0.05 0.10 0.15 0.20");
	ticks_are(-3.2, 4.1, 4, "-4 -2 0 2 4 6");
	ticks_are(0.3, 0.7, 4, "0.3 0.4 0.5 0.6 0.7");
	ticks_are(1200, 9800, 5, "0 2000 4000 6000 8000 10000");
	ticks_are(1, 1, 2, "0.5 1.0 1.5");
	ticks_are(0, 0, 2, "0.0 0.5 1.0");
	ticks_are(NAN, NAN, 2, "0.0 0.5 1.0");
}

static void ticks_of_any_range_cover_it(void **state)
{
	static const double ends[] = {0, 1, -1, 1e-320, DBL_MIN, 1e-17, 0.1, 1 + 1e-15, 1e15, 1e299, DBL_MAX, -DBL_MAX,
		INFINITY, -INFINITY, NAN, 123.456, -7.5e-9};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		for (size_t j = 0; j < ARRAY_LEN(ends); j++) {
			for (size_t want = 0; want < 40; want += 3) {
				double ticks[CHART_TICKS];
				int decimals;
				size_t n = chart_ticks(ticks, ends[i], ends[j], want, &decimals);

				assert_in_range(n, 2, CHART_TICKS);
				assert_true(decimals >= 0);
				for (size_t k = 0; k < n; k++)
					assert_true(isfinite(ticks[k]) && (k == 0 || ticks[k] > ticks[k - 1]));
				if (fabs(ends[i]) > 1e299 || fabs(ends[j]) > 1e299 || isnan(ends[i] + ends[j]))
					continue;
				assert_true(ticks[0] <= fmin(ends[i], ends[j]) + 1e-9 * (ticks[1] - ticks[0]));
				assert_true(ticks[n - 1] >= fmax(ends[i], ends[j]) - 1e-9 * (ticks[1] - ticks[0]));
			}
		}
	}
}

static void log_ticks_are(double low, double high, const char *wanted)
{
	double ticks[CHART_TICKS];
	struct buf b = {0};
	size_t n = chart_log_ticks(ticks, low, high);

	for (size_t i = 0; i < n; i++)
		buf_addf(&b, i > 0 ? " %g" : "%g", ticks[i]);
	assert_string_equal(buf_str(&b), wanted);
	buf_release(&b);
}

static void a_logarithmic_axis_has_1_2_5_10(void **state)
{
	double ticks[CHART_TICKS];

	(void)state;
	log_ticks_are(1, 50, "1 2 5 10 20 50");
	log_ticks_are(3, 3, "2 5");
	log_ticks_are(1, 1, "1 2");
	log_ticks_are(0.03, 0.4, "0.02 0.05 0.1 0.2 0.5");
	log_ticks_are(0, 8, "1 2 5 10");
	log_ticks_are(NAN, NAN, "1 2");
	log_ticks_are(2, 3e6, "1 10 100 1000 10000 100000 1e+06 1e+07");
	for (double low = 1e-290; low < 1e290; low *= 1e17) {
		for (double high = low; high < 1e299; high *= 3e19) {
			size_t n = chart_log_ticks(ticks, low, high);

			assert_in_range(n, 2, CHART_TICKS);
			assert_true(ticks[0] <= low * (1 + 1e-9) && ticks[n - 1] >= high * (1 - 1e-9));
		}
	}
}

static void numbers_are(double v, int decimals, const char *wanted)
{
	struct buf b = {0};

	chart_number(v, decimals, &b);
	assert_string_equal(buf_str(&b), wanted);
	buf_release(&b);
}

static void numbers_have_their_decimals(void **state)
{
	struct buf b = {0};

	(void)state;
	numbers_are(0, 0, "0");
	numbers_are(-0.004, 2, "0.00");
	numbers_are(-0.84, 2, "-0.84");
	numbers_are(12345.678, 1, "12345.7");
	numbers_are(0.05, 2, "0.05");
	numbers_are(NAN, 2, "-");
	numbers_are(-INFINITY, 2, "-inf");
	numbers_are(2.5e300, 3, "2.5e300");
	numbers_are(100 * 0.1545, 1, "15.4"); /* 15.449999999999999 */
	numbers_are(0.125, 2, "0.12");
	numbers_are(0.375, 2, "0.38");
	numbers_are(-DBL_MAX, 0, "-1.8e308");
	chart_tick_label(0.25, 2, true, &b);
	buf_addch(&b, '|');
	chart_tick_label(0.125, 3, true, &b);
	buf_addch(&b, '|');
	chart_tick_label(3e12, 0, false, &b);
	buf_addch(&b, '|');
	chart_tick_label(2e-12, 12, false, &b);
	assert_string_equal(buf_str(&b), "25 %|12.5 %|3.0e12|2.0e-12");
	buf_release(&b);
}

static void ranges_take_in_intervals_and_zero(void **state)
{
	static const double x[] = {1, 10, NAN}, y[] = {0.2, 0.3, NAN}, low[] = {0.1, 0.25, NAN},
			    high[] = {0.4, INFINITY, 9};
	static const double five[] = {-3, -1, 0, 1, 2};
	struct chart c = {.kind = CHART_LINES, .n_series = 1, .series = {{"a", x, y, low, high, 3, 0, false, false}}};
	double x0, x1, y0, y1;

	(void)state;
	chart_range(&c, &x0, &x1, &y0, &y1);
	assert_true(x0 == 1 && x1 == 10 && y0 == 0.1 && y1 == 9);
	c.percent = true;
	chart_range(&c, &x0, &x1, &y0, &y1);
	assert_true(y0 == 0);
	c = (struct chart){
		.kind = CHART_BOXES, .n_categories = 1, .n_series = 1,
		.series = {{"a", NULL, five, NULL, NULL, 1, 0, false, false}}};
	chart_range(&c, &x0, &x1, &y0, &y1);
	assert_true(x0 == 0 && x1 == 1 && y0 == -3 && y1 == 2);
	c = (struct chart){.kind = CHART_LINES};
	chart_range(&c, &x0, &x1, &y0, &y1);
	assert_true(x0 == 0 && x1 == 1 && y0 == 0 && y1 == 1);
}

/* Every number within quotation marks, but for those of text, is one: no "nan", "inf" or "-" by itself in a path. */
static void coordinates_are_numbers(const struct buf *svg)
{
	static const char *const attributes[] = {" d=\"", " x=\"", " y=\"", " width=\"", " height=\"", " transform=\""};

	for (size_t i = 0; i < ARRAY_LEN(attributes); i++) {
		const char *s = svg->at;

		while ((s = strstr(s, attributes[i]))) {
			const char *from = s + strlen(attributes[i]), *to = strchr(from, '"');
			char *value = strndup(from, (size_t)(to - from));

			assert_null(strstr(value, "nan"));
			assert_null(strstr(value, "inf"));
			assert_null(strstr(value, "- "));
			assert_null(strstr(value, "e1"));
			free(value);
			s = to;
		}
	}
}

static double any_value(struct rng *r)
{
	static const double odd[] = {NAN, INFINITY, -INFINITY, 0, 1e308, -1e308, 1e-310, 1};
	uint32_t pick = rng_below(r, 24);

	return pick < ARRAY_LEN(odd) ? odd[pick] : rng_uniform(r) * 20 - 10;
}

static void any_chart_is_drawn_with_numbers(void **state)
{
	enum {
		MOST = 9
	};
	static const char *const names[MOST] = {"a", "", "long long long long name", "<b>", "1", "2", "3", "4", "5"};
	double y[CHART_SERIES][MOST * 5], x[MOST], low[MOST], high[MOST];
	struct rng r;

	(void)state;
	rng_seed(&r, 4);
	for (int round = 0; round < 600; round++) {
		struct chart c = {.kind = (enum chart_kind)(round % 3), .title = "t", .categories = names};
		struct buf b = {0};
		const char *end;

		c.n_series = rng_below(&r, CHART_SERIES + 1);
		c.n_categories = rng_below(&r, MOST + 1);
		c.log_x = rng_below(&r, 2);
		c.log_y = rng_below(&r, 2);
		c.falling_y = rng_below(&r, 2);
		c.whole_x = rng_below(&r, 2);
		c.x_from = any_value(&r);
		c.x_to = any_value(&r);
		c.percent = rng_below(&r, 2);
		c.zero_line = rng_below(&r, 2);
		for (size_t i = 0; i < MOST; i++) {
			x[i] = any_value(&r);
			low[i] = any_value(&r);
			high[i] = any_value(&r);
		}
		for (size_t s = 0; s < c.n_series; s++) {
			for (size_t i = 0; i < MOST * 5; i++)
				y[s][i] = any_value(&r);
			c.series[s] = (struct chart_series){.name = names[s],
				.x = x,
				.y = y[s],
				.low = rng_below(&r, 2) ? low : NULL,
				.high = high,
				.n = rng_below(&r, MOST + 1),
				.look = s,
				.open = s % 2,
				.faint = s % 3 == 2};
		}
		chart_svg(&c, 400, 250, NULL, &b);
		coordinates_are_numbers(&b);
		end = buf_str(&b) + b.len - strlen("</svg>\n");
		assert_string_equal(end, "</svg>\n");
		assert_int_equal(strncmp(buf_str(&b), "<svg ", 5), 0);
		buf_release(&b);
	}
}

static void words_are_escaped(void **state)
{
	static const char *const names[] = {"</desc><script>x</script>", "\x1b[31m\"&", "\xe2\x80\xae\xff"};
	static const double y[] = {1, 2, 3};
	struct chart c = {.kind = CHART_BARS,
		.title = "<title>&",
		.x_title = "<x>",
		.y_title = "<y>",
		.note = "<note>",
		.categories = names,
		.n_categories = 3,
		.n_series = 2,
		.series = {{.name = "<one>", .y = y, .n = 3}, {.name = "two\x07", .y = y, .n = 3, .look = 1}}};
	struct buf b = {0};

	(void)state;
	chart_svg(&c, 400, 250, NULL, &b);
	assert_null(strstr(b.at, "<script"));
	assert_null(strstr(b.at, "<one>"));
	assert_null(strstr(b.at, "<x>"));
	assert_null(strstr(b.at, "<y>"));
	assert_null(strstr(b.at, "<note>"));
	assert_null(strchr(b.at, 0x1b));
	assert_null(strchr(b.at, 0x07));
	assert_null(strstr(b.at, "\xe2\x80\xae"));
	assert_null(strchr(b.at, 0xff));
	assert_non_null(strstr(b.at, "<title>&lt;title&gt;&amp;</title>"));
	assert_non_null(strstr(b.at, "&lt;one&gt;: &lt;/desc&gt;"));
	buf_release(&b);
}

/* How often a piece of text occurs. */
static size_t occurrences(const char *in, const char *piece)
{
	size_t n = 0;

	for (; (in = strstr(in, piece)); in++)
		n++;
	return n;
}

static void looks_differ_without_colour(void **state)
{
	static const double x[] = {1, 2}, y[] = {1, 2};
	static const char *const category = "c";
	struct chart c = {.kind = CHART_LINES,
		.n_series = 2,
		.series = {{"a", x, y, NULL, NULL, 2, 0, false, false}, {"b", x, y, NULL, NULL, 2, 1, false, false}}};
	struct buf b = {0};

	(void)state;
	chart_svg(&c, 400, 250, NULL, &b);
	assert_int_equal(occurrences(b.at, "d=\"M-3 -3h6v6h-6z\""), 3); /* two points and the legend */
	assert_null(strstr(b.at, "stroke-dasharray"));
	buf_clear(&b);
	c.series[0].look = 1;
	c.series[0].open = true;
	chart_svg(&c, 400, 250, NULL, &b);
	assert_int_equal(occurrences(b.at, "d=\"M-3 -3h6v6h-6z\""), 6);
	assert_int_equal(occurrences(b.at, "stroke-dasharray"), 2); /* the line and its legend */
	assert_int_equal(occurrences(b.at, "fill:var(--paper"), 3);
	buf_clear(&b);
	c.kind = CHART_BARS;
	c.categories = &category;
	c.n_categories = 1;
	chart_svg(&c, 400, 250, NULL, &b);
	assert_int_equal(occurrences(b.at, "stroke-width=\".9\""), 2); /* hatches of the second and its legend */
	buf_release(&b);
}

static void a_mark_stands_on_its_tick(void **state)
{
	static const double x[] = {1, 2, 4}, y[] = {1, 2, 3};
	struct chart c = {.kind = CHART_LINES,
		.log_x = true,
		.n_series = 2,
		.series = {{NULL, x, y, NULL, NULL, 3, 0, false, false}, {NULL, x, y, NULL, NULL, 3, 1, false, false}}};
	struct buf b = {0}, tick = {0};
	const char *mark;

	(void)state;
	chart_svg(&c, 400, 250, NULL, &b);
	mark = b.at;
	for (int i = 0; i < 3; i++, mark++) /* those of the legend come first */
		mark = strstr(mark, "translate(");
	buf_addf(&tick, "<text x=\"%.*s\"", (int)strcspn(mark + 9, " "), mark + 9);
	assert_non_null(strstr(b.at, buf_str(&tick)));
	buf_release(&tick);
	buf_release(&b);
}

/* Where the highest line of a chart's axis lies. */
static double top_of(const struct chart *c, const struct chart_frame *frame, double *bottom)
{
	struct buf b = {0};
	double top = INFINITY;

	chart_svg(c, 400, 250, frame, &b);
	*bottom = 0;
	for (const char *s = b.at; (s = strstr(s, "stroke-opacity=\".")); s++) {
		double x, y;

		if (sscanf(strstr(s, " d=\"M"), " d=\"M%lf %lf", &x, &y) != 2)
			fail_msg("no path: %.60s", s);
		top = fmin(top, y);
		*bottom = fmax(*bottom, y);
	}
	buf_release(&b);
	return top;
}

static void charts_in_one_frame_begin_and_end_alike(void **state)
{
	static const char *const names[] = {"a long category", "another long one", "c", "d", "e", "f"};
	static const double y[] = {1, 2, 3, 4, 5, 6};
	struct chart legend = {.kind = CHART_BARS, .y_title = "y", .x_title = "x", .categories = names + 2};
	struct chart slanted = {.kind = CHART_BARS, .y_title = "y", .x_title = "x", .categories = names};
	struct chart_frame frame = {0};
	double a, b;

	(void)state;
	legend.n_categories = 4;
	slanted.n_categories = 6;
	for (size_t i = 0; i < CHART_SERIES; i++)
		legend.series[i] = (struct chart_series){.name = "a name of some length", .y = y, .n = 4, .look = i};
	legend.n_series = CHART_SERIES;
	slanted.series[0] = (struct chart_series){.name = "s", .y = y, .n = 6};
	slanted.n_series = 1;
	assert_true(top_of(&legend, NULL, &a) > top_of(&slanted, NULL, &b) + 30);
	assert_true(a > b + 10);
	chart_frame(&legend, 400, &frame);
	chart_frame(&slanted, 400, &frame);
	assert_true(top_of(&legend, &frame, &a) == top_of(&slanted, &frame, &b));
	assert_true(a == b);
}

/* Heights grow with values, upwards, and lie inside. */
static void bars_are_as_high_as_their_values(void **state)
{
	static const char *const names[] = {"1", "2", "3"};
	static const double y[] = {1, 2, 4};
	struct chart c = {.kind = CHART_BARS,
		.categories = names,
		.n_categories = 3,
		.n_series = 1,
		.series = {{.name = "a", .y = y, .n = 3}}};
	struct buf b = {0};
	double height[3];
	const char *s;

	(void)state;
	chart_svg(&c, 400, 250, NULL, &b);
	s = b.at;
	for (int i = 0; i < 3; i++) {
		s = strstr(strstr(s, "<rect"), "height=\"") + strlen("height=\"");
		height[i] = strtod(s, NULL);
	}
	assert_true(fabs(height[1] - 2 * height[0]) <= 0.2);
	assert_true(fabs(height[2] - 4 * height[0]) <= 0.4);
	assert_true(height[0] > 30 && height[2] < 250);
	buf_release(&b);
}

static void an_axis_is(const struct chart_axis *a, double low, double high, const char *ticks)
{
	struct buf b = {0};

	for (size_t i = 0; i < a->n; i++) {
		if (i > 0)
			buf_addch(&b, ' ');
		chart_axis_label(a, i, false, &b);
	}
	assert_true(a->low == low && a->high == high);
	assert_string_equal(buf_str(&b), ticks);
	buf_release(&b);
}

/* Part of x: y is that of the points within, whole x have whole ticks, and log y leaves out what it does not have. */
static void axes_are_those_of_what_is_shown(void **state)
{
	static const double x[] = {1, 2, 3, 4, 5}, y[] = {100, 3, 0, 20, 7000};
	struct chart c = {.kind = CHART_LINES,
		.whole_x = true,
		.n_series = 1,
		.series = {{.name = "a", .x = x, .y = y, .n = 5}}};
	struct chart_axis ax, ay;

	(void)state;
	chart_axes(&c, 8, 4, &ax, &ay);
	an_axis_is(&ax, 1, 5, "1 2 3 4 5");
	an_axis_is(&ay, 0, 8000, "0 2000 4000 6000 8000");
	c.x_from = 1.5;
	c.x_to = 4.5;
	chart_axes(&c, 8, 4, &ax, &ay);
	an_axis_is(&ax, 1.5, 4.5, "2 3 4");
	an_axis_is(&ay, 0, 20, "0 5 10 15 20");
	c.log_y = true;
	chart_axes(&c, 8, 4, &ax, &ay);
	an_axis_is(&ay, 2, 20, "2 5 10 20");
	assert_true(chart_has_point(&c, &c.series[0], 1));
	assert_false(chart_has_point(&c, &c.series[0], 2));
	c.x_from = 2.5; /* of this part y has nothing */
	c.x_to = 3.5;
	chart_axes(&c, 8, 4, &ax, &ay);
	an_axis_is(&ay, 1, 10, "1 2 5 10");
}

/* What 1, 2, 5 … would show as a flat line has even steps; not where the first of these would be 0. */
static void a_narrow_logarithmic_axis_is_as_long_as_its_values(void **state)
{
	static const double x[] = {1, 2, 3}, narrow[] = {1.41, 1.5, 1.58}, low[] = {0.7, 3, 4};
	struct chart c = {.kind = CHART_LINES,
		.log_y = true,
		.n_series = 1,
		.series = {{.name = "a", .x = x, .y = narrow, .n = 3}}};
	struct chart_axis ax, ay;
	struct buf b = {0};

	(void)state;
	chart_axes(&c, 8, 4, &ax, &ay);
	an_axis_is(&ay, 1.4, 1.6, "1.40 1.45 1.50 1.55 1.60");
	chart_axis_label(&ay, 1, false, &b);
	assert_string_equal(buf_str(&b), "1.45");
	assert_true(fabs(chart_axis_share(&ay, sqrt(1.4 * 1.6)) - 0.5) < 1e-12);
	c.series[0].y = low;
	chart_axes(&c, 8, 2, &ax, &ay);
	an_axis_is(&ay, 0.5, 5, "0.5 1 2 5");
	buf_release(&b);
}

static void shares_and_values_belong_together(void **state)
{
	(void)state;
	for (int k = 0; k < 4; k++) {
		const struct chart_axis a = {.low = 2, .high = 50, .log = k & 1, .falling = k & 2};
		double ten = k & 1 ? 0.5 : 1.0 / 6;

		assert_true(fabs(chart_axis_share(&a, 2) - (k & 2 ? 1 : 0)) < 1e-12);
		assert_true(fabs(chart_axis_share(&a, 50) - (k & 2 ? 0 : 1)) < 1e-12);
		assert_true(fabs(chart_axis_share(&a, 10) - (k & 2 ? 1 - ten : ten)) < 1e-12);
		for (double v = 2; v < 60; v += 7)
			assert_true(fabs(chart_axis_value(&a, chart_axis_share(&a, v)) - v) < 1e-9);
		assert_true(isfinite(chart_axis_share(&a, DBL_MAX)) && isfinite(chart_axis_share(&a, -DBL_MAX)));
		assert_true(chart_axis_share(&a, INFINITY) == (k & 2 ? 0 : 1));
	}
}

/* A segment is cut where it leaves the square, and its slope stays. */
static void segments_are_cut_to_what_is_seen(void **state)
{
	struct rng r;

	(void)state;
	rng_seed(&r, 3);
	for (int i = 0; i < 20000; i++) {
		double x0 = 3 * rng_uniform(&r) - 1, y0 = 3 * rng_uniform(&r) - 1, x1 = 3 * rng_uniform(&r) - 1,
		       y1 = 3 * rng_uniform(&r) - 1, a = x0, b = y0, c = x1, d = y1;
		bool seen = false;

		for (int t = 0; t <= 1000 && !seen; t++) {
			double x = x0 + (x1 - x0) * t / 1000, y = y0 + (y1 - y0) * t / 1000;

			seen = x >= 0 && x <= 1 && y >= 0 && y <= 1;
		}
		if (!chart_clip(&a, &b, &c, &d)) {
			assert_false(seen);
			continue;
		}
		assert_true(a >= 0 && a <= 1 && b >= 0 && b <= 1 && c >= 0 && c <= 1 && d >= 0 && d <= 1);
		assert_true(fabs((c - a) * (y1 - y0) - (d - b) * (x1 - x0)) < 1e-9);
	}
}

/* What is faint is not in the legend and has no marks; of what lies outside the part that is shown nothing is drawn. */
static void a_part_is_drawn_as_such(void **state)
{
	static const double x[] = {1, 2, 3, 4}, y[] = {1, 9, 2, 3};
	struct chart c = {.kind = CHART_LINES,
		.x_from = 2.5,
		.x_to = 5,
		.n_series = 2,
		.series = {{.name = "pale", .x = x, .y = y, .n = 4, .faint = true},
			{.name = "bold", .x = x, .y = y, .n = 4}}};
	struct buf b = {0};
	size_t marks = 0;

	(void)state;
	chart_svg(&c, 400, 250, NULL, &b);
	assert_null(strstr(b.at, ">pale<"));
	assert_null(strstr(b.at, ">bold<")); /* the only one that would be named */
	for (const char *s = b.at; (s = strstr(s, "translate(")); s++)
		marks++;
	assert_int_equal(marks, 2);
	assert_null(strstr(b.at, "nan"));
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_values_cover_the_range),
		cmocka_unit_test(ticks_of_any_range_cover_it),
		cmocka_unit_test(a_logarithmic_axis_has_1_2_5_10),
		cmocka_unit_test(numbers_have_their_decimals),
		cmocka_unit_test(ranges_take_in_intervals_and_zero),
		cmocka_unit_test(any_chart_is_drawn_with_numbers),
		cmocka_unit_test(words_are_escaped),
		cmocka_unit_test(looks_differ_without_colour),
		cmocka_unit_test(a_mark_stands_on_its_tick),
		cmocka_unit_test(charts_in_one_frame_begin_and_end_alike),
		cmocka_unit_test(bars_are_as_high_as_their_values),
		cmocka_unit_test(axes_are_those_of_what_is_shown),
		cmocka_unit_test(a_narrow_logarithmic_axis_is_as_long_as_its_values),
		cmocka_unit_test(shares_and_values_belong_together),
		cmocka_unit_test(segments_are_cut_to_what_is_seen),
		cmocka_unit_test(a_part_is_drawn_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
