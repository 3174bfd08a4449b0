#include "session/tally_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "diagnose/diagnosis.h"
#include "session/field.h"

#define LABEL 80          /* bytes of a figure's name */
#define BAR 24            /* cells of the longest bar */
#define STEPS_SHOWN 12
#define SLICINGS_SHOWN 3  /* those whose slices differ most */
#define SLICE_CASES 20    /* that a slice has at least to be told apart */
#define LEAST_SPREAD 0.05 /* of a share between slices */

/* The figure of this name at K = k. */
static const json_t *at(const json_t *figures, const char *name, size_t k)
{
	char key[LABEL];

	snprintf(key, sizeof(key), "%s@%zu", name, k);
	return json_object_get(figures, key);
}

static void set_count(json_t *row, const char *key, size_t n)
{
	struct buf b = {0};

	buf_addcount(&b, n);
	field_cell(row, key, &b);
	buf_release(&b);
}

enum unit { PERCENT, GAIN, NATS };

/* "35.2 [30.2, 40.5]" */
static void set_figure(json_t *row, const char *key, const json_t *figure, enum unit unit)
{
	int digits = unit == PERCENT ? 1 : unit == GAIN ? 4 : 3;
	double scale = unit == PERCENT ? 100 : 1;
	struct buf b = {0};

	if (isnan(field_real(figure, "value")))
		buf_addch(&b, '-');
	else
		buf_addf(&b, "%.*f [%.*f, %.*f]", digits, scale * field_real(figure, "value"), digits,
			scale * field_real(figure, "low"), digits, scale * field_real(figure, "high"));
	field_cell(row, key, &b);
	buf_release(&b);
}

/* "114 of 324" */
static void set_of(json_t *row, const char *key, const json_t *figure)
{
	struct buf b = {0};

	if (json_object_get(figure, "count")) {
		buf_addcount(&b, field_count(figure, "count"));
		buf_addstr(&b, " of ");
	}
	buf_addcount(&b, field_count(figure, "n"));
	field_cell(row, key, &b);
	buf_release(&b);
}

static void set_bar(json_t *row, const char *key, size_t n, size_t most, bool ascii)
{
	size_t cells = most > 0 ? (n * BAR + most - 1) / most : 0;
	struct buf b = {0};

	for (size_t i = 0; i < cells; i++)
		buf_addstr(&b, ascii ? "#" : "█");
	field_cell(row, key, &b);
	buf_release(&b);
}

static void condition(const char *where, struct out *out)
{
	if (!*where)
		return;
	out_text(out, "where ");
	out_shown(out, where);
	out_text(out, "\n");
}

/* Where all cases that a diagnosis was to have are there, the whole split stands beside their number. */
static void head(const json_t *record, struct out *out)
{
	const json_t *settings = json_object_get(record, "settings");
	size_t cases = field_count(record, "cases"),
	       of = field_count(record, cases == field_count(record, "of") ? "split_cases" : "of");
	struct buf b = {0};

	out_shown(out, field_text(settings, "data"));
	buf_addf(&b, " (%s) · ", field_text(settings, "split"));
	buf_addcount(&b, cases);
	if (cases != of) {
		buf_addstr(&b, " of ");
		buf_addcount(&b, of);
	}
	buf_addf(&b, " case%s · B %zu · mask %s · %s search", of == 1 ? "" : "s", field_count(record, "beam"),
		field_text(settings, "mask"), field_text(settings, "search"));
	out_text(out, "%s\n", buf_str(&b));
	buf_release(&b);
	condition(field_text(settings, "where"), out);
	condition(field_text(record, "where"), out);
}

/* "retrieved 255 · incorrectly-pruned 114 · …", those that there are. */
static void verdicts(const json_t *record, struct out *out)
{
	const char *name;
	struct buf b = {0};
	json_t *v;

	json_object_foreach((json_t *)json_object_get(record, "verdicts"), name, v) {
		if (json_integer_value(v) == 0)
			continue;
		buf_addf(&b, "%s%s ", b.len > 0 ? " · " : "", name);
		buf_addcount(&b, (size_t)json_integer_value(v));
	}
	if (b.len > 0)
		out_text(out, "\n%s\n", buf_str(&b));
	buf_clear(&b);
	json_object_foreach((json_t *)json_object_get(record, "unreachable"), name, v)
		if (json_integer_value(v) > 0)
			buf_addf(&b, "%s%s %zu", b.len > 0 ? ", " : "", name, (size_t)json_integer_value(v));
	if (b.len > 0)
		out_text(out, "unreachable: %s\n", buf_str(&b));
	buf_release(&b);
}

static const struct out_column quality_columns[] = {
	{"name", "", NULL, false, false},
	{"beam", "beam search", NULL, false, false},
	{"exact", "exact search", NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

/* What the search returns beside what a perfect one would. */
static void quality(const json_t *figures, struct out *out)
{
	static const struct {
		const char *key, *exact_key, *name;
		enum unit unit;
	} kinds[] = {{"hr", "exact_hr", "HR", PERCENT}, {"ndcg", "exact_ndcg", "NDCG", GAIN}};
	json_t *rows = json_array(), *v;
	const char *key;
	struct buf b = {0};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		json_object_foreach((json_t *)figures, key, v) {
			size_t n = strlen(kinds[i].key), k = 0;
			json_t *row;

			/* At K = 1 the gain is the hit. */
			if (strncmp(key, kinds[i].key, n) != 0 || sscanf(key + n, "@%zu", &k) != 1 ||
				(k == 1 && kinds[i].unit == GAIN))
				continue;
			row = json_object();
			buf_addf(&b, "%s@%zu%s", kinds[i].name, k, kinds[i].unit == PERCENT ? " %" : "");
			field_cell(row, "name", &b);
			set_figure(row, "beam", v, kinds[i].unit);
			set_figure(row, "exact", at(figures, kinds[i].exact_key, k), kinds[i].unit);
			json_array_append_new(rows, row);
		}
	}
	out_table(out, rows, quality_columns);
	json_decref(rows);
	buf_release(&b);
}

static const struct out_column search_columns[] = {
	{"name", "", NULL, false, false},
	{"figure", "", NULL, false, false},
	{"of", "of cases", NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

static void search(const json_t *record, struct out *out)
{
	static const struct {
		const char *key, *name;
		enum unit unit;
		bool at_width;
	} lines[] = {
		{"pruning_rate", "wrongly pruned %", PERCENT, false},
		{"search_recall", "search recall %", PERCENT, true},
		{"lucky", "returned, but not of the exact best %", PERCENT, false},
		{"condition_violated", "BEAR's condition violated %", PERCENT, false},
		{"held_yet_pruned", "  it holds, of the wrongly pruned %", PERCENT, false},
		{"nll_before", "nats of the item, mask before", NATS, false},
		{"nll_after", "nats of the item, mask after", NATS, false},
	};
	const json_t *figures = json_object_get(record, "figures");
	json_t *rows = json_array();

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		const json_t *f = lines[i].at_width ? at(figures, lines[i].key, field_count(record, "beam"))
						    : json_object_get(figures, lines[i].key);
		json_t *row = json_object();

		json_object_set_new(row, "name", json_string(lines[i].name));
		set_figure(row, "figure", f, lines[i].unit);
		set_of(row, "of", f);
		json_array_append_new(rows, row);
	}
	out_table(out, rows, search_columns);
	json_decref(rows);
}

static const struct out_column step_columns[] = {
	{"step", "step", NULL, true, false},
	{"alive", "in the beam", NULL, true, false},
	{"pruned", "leave", NULL, true, false},
	{"wrongly", "wrongly", NULL, true, false},
	{"bar", "", NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

/* The steps at which positive items left the beam; those without any are left out. */
static void steps(const json_t *record, struct out *out)
{
	json_t *rows = json_array(), *v;
	size_t i, most = 0, left = 0, left_wrongly = 0;

	json_array_foreach(json_object_get(record, "steps"), i, v)
		most = field_count(v, "wrongly_pruned") > most ? field_count(v, "wrongly_pruned") : most;
	json_array_foreach(json_object_get(record, "steps"), i, v) {
		json_t *row;

		if (field_count(v, "pruned") == 0)
			continue;
		if (json_array_size(rows) == STEPS_SHOWN) {
			left += field_count(v, "pruned");
			left_wrongly += field_count(v, "wrongly_pruned");
			continue;
		}
		row = json_object();
		json_object_set(row, "step", json_object_get(v, "step"));
		set_count(row, "alive", field_count(v, "alive"));
		set_count(row, "pruned", field_count(v, "pruned"));
		set_count(row, "wrongly", field_count(v, "wrongly_pruned"));
		set_bar(row, "bar", field_count(v, "wrongly_pruned"), out->linear ? 0 : most, out->ascii);
		json_array_append_new(rows, row);
	}
	if (json_array_size(rows) > 0) {
		out_text(out, "\nWhere positive items leave the beam\n");
		out_table(out, rows, step_columns);
	}
	if (left > 0)
		out_text(out, "later: %zu leave, %zu of them wrongly\n", left, left_wrongly);
	json_decref(rows);
}

static const struct out_column survival_columns[] = {
	{"beam", "B", NULL, true, false},
	{"hr", "returned %", NULL, false, false},
	{"rate", "wrongly pruned %", NULL, false, false},
	{"recall", "search recall %", NULL, false, false},
	{"saved", "saved", NULL, true, false},
	{NULL, NULL, NULL, false, false},
};

static void survival(const json_t *record, struct out *out)
{
	size_t i, lost = field_count(json_object_get(record, "verdicts"), verdict_name(VERDICT_PRUNED));
	json_t *rows = json_array(), *v;

	json_array_foreach(json_object_get(record, "survival"), i, v) {
		json_t *row = json_object();

		set_count(row, "beam", field_count(v, "beam"));
		set_figure(row, "hr", json_object_get(v, "hr"), PERCENT);
		set_figure(row, "rate", json_object_get(v, "pruning_rate"), PERCENT);
		set_figure(row, "recall", json_object_get(v, "search_recall"), PERCENT);
		set_count(row, "saved", field_count(v, "saved"));
		json_array_append_new(rows, row);
	}
	if (json_array_size(rows) > 0) {
		out_text(out, "\nOther beam widths (saved: of the %zu wrongly pruned at B %zu)\n", lost,
			field_count(record, "beam"));
		out_table(out, rows, survival_columns);
	}
	json_decref(rows);
}

/* The widest difference of the share wrongly pruned between slices that have enough cases; NaN: fewer than two do. */
static double spread(const json_t *slicing)
{
	double least = INFINITY, most = -INFINITY;
	size_t i;
	json_t *v;

	json_array_foreach(json_object_get(slicing, "slices"), i, v) {
		const json_t *rate = json_object_get(json_object_get(v, "figures"), "pruning_rate");

		if (field_count(rate, "n") < SLICE_CASES)
			continue;
		least = fmin(least, field_real(rate, "value"));
		most = fmax(most, field_real(rate, "value"));
	}
	return most > least ? most - least : (double)NAN;
}

static const struct out_column slice_columns[] = {
	{"label", "", NULL, false, false},
	{"cases", "cases", NULL, true, false},
	{"hr", "returned %", NULL, false, false},
	{"rate", "wrongly pruned %", NULL, false, false},
	{"of", "of cases", NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

static void slicing(const json_t *s, size_t width, struct out *out)
{
	json_t *rows = json_array(), *v;
	size_t i;

	json_array_foreach(json_object_get(s, "slices"), i, v) {
		const json_t *figures = json_object_get(v, "figures");
		json_t *row = json_object();

		json_object_set(row, "label", json_object_get(v, "label"));
		set_count(row, "cases", field_count(v, "cases"));
		set_figure(row, "hr", at(figures, "hr", width), PERCENT);
		set_figure(row, "rate", json_object_get(figures, "pruning_rate"), PERCENT);
		set_of(row, "of", json_object_get(figures, "pruning_rate"));
		json_array_append_new(rows, row);
	}
	out_text(out, "\nBy %s\n", field_text(s, "title"));
	out_table(out, rows, slice_columns);
	json_decref(rows);
}

/* Those that tell cases apart best, the best one first. */
static void slices(const json_t *record, struct out *out)
{
	const json_t *all = json_object_get(record, "slices");
	double limit = INFINITY;
	size_t i;
	json_t *v;

	for (size_t shown = 0; shown < SLICINGS_SHOWN; shown++) {
		const json_t *best = NULL;

		json_array_foreach(all, i, v) {
			double x = spread(v);

			if (x >= LEAST_SPREAD && x < limit && (!best || x > spread(best)))
				best = v;
		}
		if (!best)
			return;
		slicing(best, field_count(record, "beam"), out);
		limit = spread(best);
	}
}

static void undecided(size_t cases, struct out *out)
{
	struct buf b = {0};

	if (cases == 0)
		return;
	buf_addstr(&b, "undecided: of ");
	buf_addcount(&b, cases);
	buf_addf(&b,
		" case%s the budget left open whether the exact rank is within B; figures that need it are without "
		"them, and a larger --budget may tell",
		cases == 1 ? "" : "s");
	out_wrapped(out, buf_str(&b));
	buf_release(&b);
}

static void figures(const json_t *record, struct out *out)
{
	verdicts(record, out);
	out_text(out, "\n");
	quality(json_object_get(record, "figures"), out);
	out_text(out, "\n");
	search(record, out);
	undecided(field_count(record, "undecided"), out);
	steps(record, out);
	survival(record, out);
	slices(record, out);
}

void tally_text(const json_t *record, struct out *out)
{
	head(record, out);
	out_text(out, "\n");
	out_wrapped(out, field_text(record, "headline"));
	if (field_count(record, "cases") > 0)
		figures(record, out);
	out_notes(out, json_object_get(record, "notes"));
}

static const struct out_column tsv_columns[] = {
	{"section", NULL, NULL, false, false},
	{"name", NULL, NULL, false, false},
	{"value", NULL, NULL, false, false},
	{"count", NULL, NULL, false, false},
	{"n", NULL, NULL, false, false},
	{"low", NULL, NULL, false, false},
	{"high", NULL, NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

/* A number by itself is a value alone. */
json_t *tally_row(const char *name, const json_t *figure)
{
	json_t *row = json_is_object(figure) ? json_copy((json_t *)figure) : json_object();

	if (!json_is_object(figure))
		json_object_set(row, "value", (json_t *)figure);
	json_object_set_new(row, "name", json_string(name));
	return row;
}

static void add_row(json_t *rows, const char *section, const char *name, const json_t *figure)
{
	json_t *row = tally_row(name, figure);

	json_object_set_new(row, "section", json_string(section));
	json_array_append_new(rows, row);
}

/* A row for every number and figure of an object but those of `key`, which is in the section's name; one for each of
 * five numbers. */
static void add_section(json_t *rows, const char *section, const json_t *object, const char *key)
{
	static const char *const five[] = {"smallest", "quarter", "median", "three_quarters", "largest"};
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)object, name, v) {
		if (key && !strcmp(name, key))
			continue;
		if (json_is_array(v) && json_array_size(v) == ARRAY_LEN(five)) {
			for (size_t i = 0; i < ARRAY_LEN(five); i++) {
				char whole[LABEL];

				snprintf(whole, sizeof(whole), "%s.%s", name, five[i]);
				add_row(rows, section, whole, json_array_get(v, i));
			}
		} else if (json_is_number(v) || json_object_get(v, "n")) {
			add_row(rows, section, name, v);
		}
	}
}

/* One section for each of a list's objects, called after the number that tells them apart. */
static void add_list(json_t *rows, const char *section, const json_t *list, const char *key)
{
	size_t i;
	json_t *v;

	json_array_foreach((json_t *)list, i, v) {
		char whole[LABEL];

		snprintf(whole, sizeof(whole), "%s/%zu", section, field_count(v, key));
		add_section(rows, whole, v, key);
	}
}

static void add_slices(json_t *rows, const json_t *slicings)
{
	size_t i, k;
	json_t *s, *v;

	json_array_foreach((json_t *)slicings, i, s) {
		json_array_foreach(json_object_get(s, "slices"), k, v) {
			struct buf section = {0};

			buf_addf(&section, "%s/%s", field_text(s, "by"), field_text(v, "label"));
			add_section(rows, buf_str(&section), v, NULL);
			add_section(rows, buf_str(&section), json_object_get(v, "figures"), NULL);
			buf_release(&section);
		}
	}
}

void tally_tsv(const json_t *record, struct out *out)
{
	static const char *const totals[] = {"cases", "of", "split_cases", "beam", "undecided"};
	json_t *rows = json_array();

	for (size_t i = 0; i < ARRAY_LEN(totals); i++)
		add_row(rows, "cases", totals[i], json_object_get(record, totals[i]));
	add_section(rows, "verdicts", json_object_get(record, "verdicts"), NULL);
	add_section(rows, "unreachable", json_object_get(record, "unreachable"), NULL);
	add_section(rows, "figures", json_object_get(record, "figures"), NULL);
	add_list(rows, "step", json_object_get(record, "steps"), "step");
	add_list(rows, "beam", json_object_get(record, "survival"), "beam");
	add_section(rows, "smallest_beam", json_object_get(record, "smallest_beam"), NULL);
	add_section(rows, "scored", json_object_get(record, "scored"), NULL);
	add_slices(rows, json_object_get(record, "slices"));
	out_rows(out, rows, tsv_columns);
	json_decref(rows);
}
