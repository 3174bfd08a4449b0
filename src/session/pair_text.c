#include "session/pair_text.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "session/beam_text.h"
#include "session/field.h"

#define BETWEEN 3 /* cells between the two sides */

/* Half of the page: lines that fit into its cells. */
struct side {
	VEC(char *) lines; /* owned, each too */
	size_t width;
	bool ascii;
};

static void side_release(struct side *s)
{
	for (size_t i = 0; i < s->lines.n; i++)
		free(s->lines.at[i]);
	vec_release(&s->lines);
}

/* Takes what was put into the line over, cut to the side's width; the line is then empty. */
static void side_add(struct side *s, struct out *line)
{
	struct buf fitted = {0};

	utf8_fit(&fitted, buf_str(&line->buf), line->buf.len, s->width, false, s->ascii);
	buf_addstr(&fitted, "");
	vec_push(&s->lines, fitted.at ? buf_detach(&fitted) : xstrdup(""));
	buf_clear(&line->buf);
}

static const json_t *step_of(const json_t *search, size_t i)
{
	return json_array_get(json_object_get(search, "steps"), i);
}

/* Is a prefix that is kept here kept at the other's step too? Both are looked for by what they say, since two models
 * may have other tokens. */
static bool kept_there(const json_t *prefix, const json_t *step)
{
	size_t i;
	json_t *v;

	json_array_foreach(json_object_get(step, "candidates"), i, v)
		if (field_true(v, "kept") && json_equal(json_object_get(v, "prefix"), prefix))
			return true;
	return false;
}

/* The rank, the marks, log P, the positive item's margin and the end of the prefix. */
static void add_row(struct side *s, const json_t *row, const json_t *margin, bool alone)
{
	struct out line = {.ascii = s->ascii};
	size_t taken;

	buf_addf(&line.buf, "%4zu ", field_count(row, "rank"));
	out_mark(&line, field_true(row, "kept") ? MARK_KEPT : field_true(row, "followed") ? MARK_BLANK : MARK_PRUNED);
	out_mark(&line, field_true(row, "positive") ? MARK_POSITIVE : MARK_BLANK);
	buf_addstr(&line.buf, !alone ? " " : s->ascii ? "o" : "◇");
	buf_addf(&line.buf, "%8.2f", field_real(row, "logp"));
	if (json_is_number(margin))
		buf_addf(&line.buf, "%+7.2f  ", json_number_value(margin));
	else
		buf_addf(&line.buf, "%7s  ", "");
	taken = utf8_width(line.buf.at, line.buf.len);
	beam_text_tail(&line, field_text(row, "prefix"), s->width > taken ? s->width - taken : 0);
	side_add(s, &line);
	out_release(&line);
}

/* The positive item where it is not among those that are kept. */
static json_t *positive_row(const json_t *positive)
{
	json_t *row = json_copy((json_t *)positive);

	json_object_set(row, "rank", json_object_get(positive, "prefix_rank"));
	json_object_set_new(row, "positive", json_true());
	return row;
}

static void add_positive(struct side *s, const json_t *positive)
{
	json_t *row = positive_row(positive);

	add_row(s, row, json_object_get(positive, "prefix_margin"), false);
	json_decref(row);
}

static void add_cutoff(struct side *s, const json_t *step)
{
	struct out line = {.ascii = s->ascii};

	out_text(&line, "     %s cut-off %.2f", s->ascii ? "- - " : "╌ ╌ ", field_real(step, "cutoff"));
	if (isnan(field_real(step, "cutoff"))) {
		buf_clear(&line.buf);
		out_text(&line, "     nothing stays");
	}
	side_add(s, &line);
	out_release(&line);
}

static void add_step(struct side *s, const json_t *search, const json_t *other, size_t at)
{
	const json_t *step = step_of(search, at), *positive = json_object_get(step, "positive");
	struct out line = {.ascii = s->ascii};
	bool seen = false;
	size_t i;
	json_t *v;

	if (!step) {
		out_text(&line, "ended at step %zu", json_array_size(json_object_get(search, "steps")));
		side_add(s, &line);
		out_release(&line);
		return;
	}
	out_text(&line, "%zu kept of %zu", field_count(step, "kept"), field_count(step, "candidates_total"));
	side_add(s, &line);
	json_array_foreach(json_object_get(step, "candidates"), i, v) {
		bool own = field_true(v, "positive");

		if (!field_true(v, "kept"))
			continue;
		seen |= own;
		add_row(s, v, own ? json_object_get(positive, "prefix_margin") : NULL,
			!kept_there(json_object_get(v, "prefix"), step_of(other, at)));
	}
	if (field_count(step, "candidates_total") > field_count(step, "kept"))
		add_cutoff(s, step);
	if (!seen && json_is_object(positive))
		add_positive(s, positive);
	out_release(&line);
}

static void write_sides(const struct side sides[2], struct out *out)
{
	size_t n = sides[0].lines.n > sides[1].lines.n ? sides[0].lines.n : sides[1].lines.n;

	for (size_t i = 0; i < n; i++) {
		const char *left = i < sides[0].lines.n ? sides[0].lines.at[i] : "";
		const char *right = i < sides[1].lines.n ? sides[1].lines.at[i] : "";

		if (*right) {
			utf8_fit(&out->buf, left, strlen(left), sides[0].width, true, out->ascii);
			buf_addstr(&out->buf, out->ascii ? " | " : " │ ");
		} else {
			buf_addstr(&out->buf, left);
		}
		buf_addstr(&out->buf, right);
		buf_addch(&out->buf, '\n');
	}
}

static void two_sides(struct side sides[2], const struct out *out)
{
	size_t width = (out_line_width(out) - BETWEEN) / 2;

	for (size_t k = 0; k < 2; k++)
		sides[k] = (struct side){.width = width, .ascii = out->ascii};
}

static void names(const json_t *const who[2], struct out *out)
{
	struct side sides[2];

	two_sides(sides, out);
	for (size_t k = 0; k < 2; k++) {
		const char *name = field_text(who[k], "name");
		struct out line = {.ascii = out->ascii};

		utf8_show(&line.buf, name, strlen(name), out->ascii);
		side_add(&sides[k], &line);
		out_release(&line);
	}
	write_sides(sides, out);
	side_release(&sides[0]);
	side_release(&sides[1]);
}

static void beside_each_other(const json_t *first, const json_t *second, struct out *out)
{
	const json_t *const who[2] = {first, second};
	const json_t *const searches[2] = {json_object_get(first, "search"), json_object_get(second, "search")};
	size_t n = json_array_size(json_object_get(searches[0], "steps"));
	size_t m = json_array_size(json_object_get(searches[1], "steps"));

	out_text(out, "\n");
	names(who, out);
	for (size_t i = 0; i < n || i < m; i++) {
		struct side sides[2];

		two_sides(sides, out);
		for (size_t k = 0; k < 2; k++)
			add_step(&sides[k], searches[k], searches[1 - k], i);
		out_text(out, "\nstep %zu\n", i + 1);
		write_sides(sides, out);
		side_release(&sides[0]);
		side_release(&sides[1]);
	}
}

/* A step of one of the two, in linear text. */
static void say_step(const json_t *contender, const json_t *other, size_t at, struct out *out)
{
	const json_t *step = step_of(json_object_get(contender, "search"), at);
	const json_t *there = step_of(json_object_get(other, "search"), at);
	const json_t *positive = json_object_get(step, "positive");
	bool seen = false;
	size_t i;
	json_t *v;

	out_shown(out, field_text(contender, "name"));
	if (!step) {
		out_text(out, ": ended before\n");
		return;
	}
	out_text(out, ": %zu kept of %zu\n", field_count(step, "kept"), field_count(step, "candidates_total"));
	json_array_foreach(json_object_get(step, "candidates"), i, v) {
		bool alone = there && !kept_there(json_object_get(v, "prefix"), there);

		if (!field_true(v, "kept"))
			continue;
		seen |= field_true(v, "positive");
		beam_text_said(v, json_object_get(positive, "prefix_margin"), alone ? ", kept here alone" : "", out);
	}
	if (field_count(step, "candidates_total") > field_count(step, "kept")) {
		if (isnan(field_real(step, "cutoff")))
			out_text(out, "nothing stays\n");
		else
			out_text(out, "cut-off %.3f\n", field_real(step, "cutoff"));
	}
	if (!seen && json_is_object(positive)) {
		json_t *row = positive_row(positive);

		beam_text_said(row, json_object_get(positive, "prefix_margin"), "", out);
		json_decref(row);
	}
}

static void after_each_other(const json_t *first, const json_t *second, struct out *out)
{
	const json_t *const who[2] = {first, second};
	size_t n = 0;

	for (size_t k = 0; k < 2; k++) {
		size_t steps = json_array_size(json_object_get(json_object_get(who[k], "search"), "steps"));

		n = steps > n ? steps : n;
	}
	for (size_t i = 0; i < n; i++) {
		out_text(out, "\nstep %zu\n", i + 1);
		for (size_t k = 0; k < 2; k++)
			say_step(who[k], who[1 - k], i, out);
	}
}

/* "sft: Retrieved: …" */
static void verdict(const json_t *contender, struct out *out)
{
	const json_t *search = json_object_get(contender, "search");
	const char *name = field_text(contender, "name");
	struct buf b = {0};

	utf8_show(&b, name, strlen(name), out->ascii);
	buf_addf(&b, ": %s", field_text(json_object_get(search, "verdict"), "sentence"));
	out_wrapped(out, buf_str(&b));
	buf_release(&b);
	out_notes(out, json_object_get(search, "notes"));
}

void pair_text(const json_t *record, struct out *out)
{
	const json_t *contenders = json_object_get(record, "contenders"), *first = json_array_get(contenders, 0);
	size_t n = json_array_size(contenders);

	beam_text_head(json_object_get(first, "search"), out);
	for (size_t i = 1; i < n; i++)
		(out->linear ? after_each_other : beside_each_other)(first, json_array_get(contenders, i), out);
	out_text(out, "\n");
	for (size_t i = 0; i < n; i++)
		verdict(json_array_get(contenders, i), out);
}

void pair_tsv(const json_t *record, struct out *out)
{
	size_t i, k;
	json_t *v, *step;

	json_array_foreach(json_object_get(record, "contenders"), i, v) {
		json_array_foreach(json_object_get(json_object_get(v, "search"), "steps"), k, step)
			beam_tsv_named(json_object_get(v, "name"), step, out);
	}
}
