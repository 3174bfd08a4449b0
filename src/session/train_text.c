/*
 * How a training reads: the objectives side by side, what can be compared and what cannot, and how to go on.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "session/field.h"
#include "session/record.h"
#include "session/train_record.h"

/* What the table's columns usually take, with the blanks after them. */
#define LABEL_CELLS 23
#define RUNNER_CELLS 26
#define BLANKS 2

/* Keys of the runners' columns in a row of the table. */
static const char *const column_keys[TRAIN_RUNNERS] = {"0", "1", "2", "3", "4", "5", "6", "7"};

static double real(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);

	return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

/* One line of the table: what it says of a runner. Nothing appended stands for nothing to say. */
struct line {
	const char *label;
	void (*cell)(const json_t *runner, struct buf *b);
};

static void steps_cell(const json_t *r, struct buf *b)
{
	buf_addcount(b, field_count(r, "step"));
	if (json_is_true(json_object_get(r, "stopped_early")))
		buf_addstr(b, ", stopped early");
}

static void loss_cell(const json_t *r, struct buf *b)
{
	if (!isnan(real(r, "loss")))
		buf_addf(b, "%.4f", real(r, "loss"));
}

static void rate_cell(const json_t *r, struct buf *b)
{
	if (!isnan(real(r, "tokens_per_second")))
		buf_addcount(b, (size_t)llround(real(r, "tokens_per_second")));
}

static void time_cell(const json_t *r, struct buf *b)
{
	double seconds = real(r, "seconds");
	char span[CLOCK_SPAN];

	clock_span(span, seconds);
	if (seconds < 10)
		buf_addf(b, "%.1f s", seconds);
	else
		buf_addstr(b, span);
}

static void search_cell(const json_t *r, struct buf *b)
{
	if (real(r, "search_seconds") > 0)
		buf_addf(b, "%.0f %%", 100 * real(r, "search_seconds") / real(r, "seconds"));
}

static const struct line lines_before[] = {
	{"steps", steps_cell},
	{"loss of the last step", loss_cell},
};

static const struct line lines_after[] = {
	{"tokens a second", rate_cell},
	{"time in steps", time_cell},
	{"of it in searches", search_cell},
};

/* "29.7 [24.5, 35.6] of 259" */
static void add_figure(const json_t *figure, enum race_unit unit, size_t cases, struct buf *b)
{
	double scale = unit == RACE_SHARE ? 100 : 1;
	int digits = unit == RACE_GAIN ? 4 : unit == RACE_SHARE ? 1 : 3;

	if (field_count(figure, "n") == 0) {
		buf_addstr(b, "no such case");
		return;
	}
	buf_addf(b, "%.*f [%.*f, %.*f]", digits, scale * real(figure, "value"), digits, scale * real(figure, "low"),
		digits, scale * real(figure, "high"));
	if (field_count(figure, "n") != cases)
		buf_addf(b, " of %zu", field_count(figure, "n"));
}

/* Adds a row unless every cell of it is empty. */
static void add_row(json_t *rows, const char *label, const struct buf cells[], size_t n)
{
	json_t *row = json_object();
	size_t said = 0;

	json_object_set_new(row, "label", json_string(label));
	for (size_t i = 0; i < n; i++) {
		json_object_set_new(row, column_keys[i], json_stringn(buf_str(&cells[i]), cells[i].len));
		said += cells[i].len > 0;
	}
	if (said > 0)
		json_array_append_new(rows, row);
	else
		json_decref(row);
}

static void clear_cells(struct buf cells[TRAIN_RUNNERS])
{
	for (size_t i = 0; i < TRAIN_RUNNERS; i++)
		buf_clear(&cells[i]);
}

static void add_lines(json_t *rows, const struct line *lines, size_t n_lines, const json_t *const runners[], size_t n,
	struct buf cells[TRAIN_RUNNERS])
{
	for (size_t k = 0; k < n_lines; k++) {
		clear_cells(cells);
		for (size_t i = 0; i < n; i++)
			lines[k].cell(runners[i], &cells[i]);
		add_row(rows, lines[k].label, cells, n);
	}
}

static void add_figures(
	json_t *rows, const json_t *const runners[], size_t n, size_t width, struct buf cells[TRAIN_RUNNERS])
{
	for (size_t f = 0; f < RACE_FIGURES; f++) {
		enum race_unit unit = race_figures[f].unit;
		char key[RACE_FIGURE_NAME], title[RACE_FIGURE_NAME + 4];

		race_figure_name(key, (enum race_figure)f, width, false);
		race_figure_name(title, (enum race_figure)f, width, true);
		if (unit == RACE_SHARE)
			snprintf(title + strlen(title), 4, " %%");
		clear_cells(cells);
		for (size_t i = 0; i < n; i++) {
			const json_t *eval = json_object_get(runners[i], "eval");

			if (json_is_object(eval))
				add_figure(json_object_get(eval, key), unit, field_count(eval, "cases"), &cells[i]);
		}
		add_row(rows, title, cells, n);
	}
}

/* Runners `first` … first + n - 1 side by side. */
static void block(const json_t *record, size_t first, size_t n, struct out *out)
{
	const json_t *list = json_object_get(record, "runners"), *runners[TRAIN_RUNNERS];
	struct out_column columns[TRAIN_RUNNERS + 2] = {{.key = "label", .head = ""}};
	struct buf cells[TRAIN_RUNNERS] = {{0}};
	json_t *rows = json_array();

	for (size_t i = 0; i < n; i++) {
		runners[i] = json_array_get(list, first + i);
		columns[i + 1] = (struct out_column){.key = column_keys[i], .head = field_text(runners[i], "name")};
	}
	add_lines(rows, lines_before, ARRAY_LEN(lines_before), runners, n, cells);
	add_figures(rows, runners, n, field_count(json_object_get(record, "settings"), "beam"), cells);
	add_lines(rows, lines_after, ARRAY_LEN(lines_after), runners, n, cells);
	out_table(out, rows, columns);
	for (size_t i = 0; i < TRAIN_RUNNERS; i++)
		buf_release(&cells[i]);
	json_decref(rows);
}

static void table(const json_t *record, struct out *out)
{
	size_t n = json_array_size(json_object_get(record, "runners")), at_once = n;

	if (out->columns > 0 && out->columns + BLANKS < LABEL_CELLS + n * RUNNER_CELLS)
		at_once = out->columns + BLANKS < LABEL_CELLS + 2 * RUNNER_CELLS
				  ? 1
				  : (out->columns + BLANKS - LABEL_CELLS) / RUNNER_CELLS;
	for (size_t i = 0; i < n; i += at_once) {
		if (i > 0)
			out_text(out, "\n");
		block(record, i, n - i < at_once ? n - i : at_once, out);
	}
}

static void yardstick(const json_t *record, struct out *out)
{
	const json_t *held_out = json_object_get(record, "held_out"), *settings = json_object_get(record, "settings");
	size_t cases = field_count(held_out, "cases");
	struct buf b = {0};

	if (json_array_size(json_object_get(record, "runners")) > 1)
		buf_addstr(&b, "Losses of different objectives cannot be compared.");
	else
		buf_addstr(&b, "The loss says how training went, not how good the recommendations are.");
	if (cases == 0)
		buf_addstr(&b, " Nothing was evaluated (--eval-cases 0).");
	else
		buf_addf(&b,
			" The common yardstick: %zu held-out cases of the %s split, B %zu, mask %s, with 95 %% "
			"intervals in brackets.",
			cases, field_text(held_out, "split"), field_count(settings, "beam"),
			field_text(settings, "mask"));
	if (json_is_true(json_object_get(held_out, "for_lack_of_another")))
		buf_addstr(&b,
			" There is no valid split, so these are test cases: what is chosen by them is not tested by "
			"them.");
	out_text(out, "\n");
	out_wrapped(out, buf_str(&b));
	out_text(out, "\n");
	buf_release(&b);
}

static void add_shown(struct out *out, const char *line)
{
	out_text(out, "  ");
	out_shown(out, line);
	out_text(out, "\n");
}

static void how_to_go_on(const json_t *record, struct out *out)
{
	const json_t *next = json_object_get(record, "next");
	size_t i;
	json_t *v;

	if (!*field_text(record, "folder")) {
		out_text(out, "Nothing was saved: --out DIR keeps what was learnt.\n");
		return;
	}
	out_text(out, json_array_size(next) > 0 ? "To look at what was learnt, and to go on:\n" : "To go on:\n");
	json_array_foreach((json_t *)next, i, v)
		add_shown(out, json_string_value(v));
	add_shown(out, field_text(record, "resume"));
}

static void add_counted(struct buf *b, size_t n, const char *noun)
{
	buf_addcount(b, n);
	buf_addf(b, " %s%s", noun, n == 1 ? "" : "s");
}

/* "trained 20 of 20 steps; the train split has 15,400 sequences with 15,400 targets" */
static void head(const json_t *record, struct out *out)
{
	const json_t *train = json_object_get(record, "train");
	struct buf b = {0};

	buf_addf(&b, "%s %zu of %zu step%s; the %s split has ",
		json_is_true(json_object_get(record, "finished")) ? "trained" : "stopped after",
		field_count(record, "step"), field_count(record, "steps"), field_count(record, "steps") == 1 ? "" : "s",
		field_text(train, "split"));
	add_counted(&b, field_count(train, "sequences"), "sequence");
	buf_addstr(&b, " with ");
	add_counted(&b, field_count(train, "targets"), "target");
	out_text(out, "%s\n\n", buf_str(&b));
	buf_release(&b);
}

static void note(struct out *out, const char *line)
{
	out_text(out, "note: ");
	out_shown(out, line);
	out_text(out, "\n");
}

static void notes(const json_t *record, struct out *out)
{
	const json_t *train = json_object_get(record, "train"), *list = json_object_get(record, "notes");
	size_t left_out = field_count(train, "unreachable"), i;
	struct buf b = {0};
	json_t *v;

	json_array_foreach((json_t *)list, i, v)
		note(out, json_string_value(v));
	if (left_out > 0) {
		add_counted(&b, left_out, "target");
		buf_addf(&b, " %s left out: no item of the catalogue, or one without tokens",
			left_out == 1 ? "was" : "were");
		note(out, buf_str(&b));
	}
	if (json_array_size(list) > 0 || left_out > 0)
		out_text(out, "\n");
	buf_release(&b);
}

void train_text(const json_t *record, struct out *out)
{
	head(record, out);
	table(record, out);
	yardstick(record, out);
	notes(record, out);
	how_to_go_on(record, out);
}

/* Columns of a row, their keys in storage of their own. */
struct row_columns {
	char keys[5 * RACE_FIGURES][RACE_FIGURE_NAME];
	struct out_column at[5 * RACE_FIGURES + 16];
	size_t n;
};

static void add_column(struct row_columns *c, const char *key)
{
	c->at[c->n++] = (struct out_column){.key = key};
}

static void columns_init(struct row_columns *c)
{
	static const char *const plain[] = {"name", "step", "loss", "stopped_early", "checkpoint", "tokens", "seconds",
		"tokens_per_second", "search_seconds", "cases", "undecided"};
	static const char *const parts[] = {"", "_low", "_high", "_n"};
	size_t k = 0;

	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		add_column(c, plain[i]);
	for (size_t f = 0; f < RACE_FIGURES; f++)
		for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
			snprintf(c->keys[k], sizeof(c->keys[k]), "%s%s", race_figures[f].key, parts[i]);
			add_column(c, c->keys[k++]);
		}
}

/* A runner with its figures as members of their own: "ndcg", "ndcg_low", "ndcg_high", "ndcg_n". */
static json_t *flat(const json_t *runner, size_t width)
{
	static const struct {
		const char *key, *suffix;
	} parts[] = {{"value", ""}, {"low", "_low"}, {"high", "_high"}, {"n", "_n"}};
	const json_t *eval = json_object_get(runner, "eval");
	json_t *row = json_copy((json_t *)runner);

	if (!json_is_object(eval))
		return row;
	json_object_set(row, "cases", json_object_get(eval, "cases"));
	json_object_set(row, "undecided", json_object_get(eval, "undecided"));
	for (size_t f = 0; f < RACE_FIGURES; f++) {
		char key[RACE_FIGURE_NAME], flat_key[RACE_FIGURE_NAME];

		race_figure_name(key, (enum race_figure)f, width, false);
		for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
			snprintf(flat_key, sizeof(flat_key), "%s%s", race_figures[f].key, parts[i].suffix);
			json_object_set(row, flat_key, json_object_get(json_object_get(eval, key), parts[i].key));
		}
	}
	return row;
}

void train_tsv(const json_t *record, struct out *out)
{
	struct row_columns columns;
	json_t *rows = json_array(), *v;
	size_t i;

	columns_init(&columns);
	json_array_foreach(json_object_get(record, "runners"), i, v)
		json_array_append_new(rows, flat(v, field_count(json_object_get(record, "settings"), "beam")));
	out_rows(out, rows, columns.at);
	json_decref(rows);
}
