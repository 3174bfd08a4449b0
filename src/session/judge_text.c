/*
 * What judge prints: a column a file.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "diagnose/diagnosis.h"
#include "session/field.h"
#include "session/judge_run.h"
#include "session/tally_text.h"
#include "store/file.h"

#define NAMES 26    /* cells of the first column */
#define INTERVAL 25 /* of a column with intervals */
#define TESTS 58    /* of a comparison with intervals */

/* The table in the making. */
struct sheet {
	const json_t *files;
	size_t n;
	bool intervals; /* there is room for them */
	json_t *rows;
	struct out_column *columns; /* owned, [n + 2] the last empty */
	char **keys;                /* owned, [n] each too */
};

static const char *short_name(const json_t *file)
{
	return file_last_part(field_text(file, "file"));
}

static void sheet_init(struct sheet *s, const json_t *files, const struct out *out)
{
	*s = (struct sheet){.files = files, .n = json_array_size(files), .rows = json_array()};
	s->intervals = NAMES + s->n * INTERVAL <= out_line_width(out);
	s->columns = xcalloc(s->n + 2, sizeof(*s->columns));
	s->keys = xcalloc(s->n + 1, sizeof(*s->keys));
	s->columns[0] = (struct out_column){"name", "", NULL, false, false};
	for (size_t i = 0; i < s->n; i++) {
		s->keys[i] = xasprintf("file%zu", i);
		s->columns[i + 1] =
			(struct out_column){s->keys[i], short_name(json_array_get(files, i)), NULL, false, true};
	}
}

static void sheet_release(struct sheet *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->keys[i]);
	free(s->keys);
	free(s->columns);
	json_decref(s->rows);
}

/* An empty row between parts of the table. */
static void add_gap(struct sheet *s)
{
	json_t *row = json_object();

	json_object_set_new(row, "name", json_string(""));
	for (size_t i = 0; i < s->n; i++)
		json_object_set_new(row, s->keys[i], json_string(""));
	json_array_append_new(s->rows, row);
}

/* One row: what `write` has to say of each file. */
typedef void write_fn(struct buf *b, const json_t *file, const char *key, bool interval);

static void add_row(struct sheet *s, const char *name, const char *key, write_fn *write)
{
	json_t *row = json_object();
	struct buf b = {0};

	json_object_set_new(row, "name", json_string(name));
	for (size_t i = 0; i < s->n; i++) {
		write(&b, json_array_get(s->files, i), key, s->intervals);
		field_cell(row, s->keys[i], &b);
	}
	json_array_append_new(s->rows, row);
	buf_release(&b);
}

static void write_figure(struct buf *b, const json_t *file, const char *key, double scale, int digits, bool interval)
{
	const json_t *f = json_object_get(json_object_get(file, "figures"), key);

	if (isnan(field_real(f, "value"))) {
		buf_addch(b, '-');
		return;
	}
	buf_addf(b, "%.*f", digits, scale * field_real(f, "value"));
	if (interval)
		buf_addf(b, " [%.*f, %.*f]", digits, scale * field_real(f, "low"), digits,
			scale * field_real(f, "high"));
}

static void write_percent(struct buf *b, const json_t *file, const char *key, bool interval)
{
	write_figure(b, file, key, 100, 1, interval);
}

static void write_gain(struct buf *b, const json_t *file, const char *key, bool interval)
{
	write_figure(b, file, key, 1, 4, interval);
}

/* "12 of 1,500" */
static void write_of(struct buf *b, const json_t *file, const char *key, bool interval)
{
	const json_t *f = json_object_get(json_object_get(file, "figures"), key);

	(void)interval;
	if (field_count(f, "n") == 0) {
		buf_addch(b, '-');
		return;
	}
	buf_addcount(b, field_count(f, "count"));
	buf_addstr(b, " of ");
	buf_addcount(b, field_count(f, "n"));
}

static void write_lists(struct buf *b, const json_t *file, const char *key, bool interval)
{
	(void)interval;
	buf_addcount(b, field_count(file, key));
	buf_addstr(b, " of ");
	buf_addcount(b, field_count(file, "entries"));
}

static void write_verdict(struct buf *b, const json_t *file, const char *key, bool interval)
{
	const json_t *verdicts = json_object_get(file, "verdicts");

	(void)interval;
	if (json_is_object(verdicts))
		buf_addcount(b, field_count(verdicts, key));
	else
		buf_addch(b, '-');
}

static bool any_figure(const struct sheet *s, const char *key)
{
	size_t i;
	json_t *file;

	json_array_foreach(s->files, i, file)
		if (json_object_get(json_object_get(file, "figures"), key))
			return true;
	return false;
}

/* By item all is as by title, or not known. */
static bool items_agree(const struct sheet *s, const char *key, const char *item_key)
{
	size_t i;
	json_t *file;

	json_array_foreach(s->files, i, file) {
		const json_t *figures = json_object_get(file, "figures");
		double item = field_real(json_object_get(figures, item_key), "value");

		if (!isnan(item) && item != field_real(json_object_get(figures, key), "value"))
			return false;
	}
	return true;
}

static void add_quality(struct sheet *s)
{
	static const struct {
		const char *key, *item_key, *name, *unit, *item_name;
		write_fn *write;
	} kinds[] = {
		{"hr", "item_hr", "HR", " %", "  by item %", write_percent},
		{"ndcg", "item_ndcg", "NDCG", "", "  by item", write_gain},
	};
	size_t widest = 0, k;
	json_t *file;

	json_array_foreach(s->files, k, file)
		widest = field_count(file, "beam") > widest ? field_count(file, "beam") : widest;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		for (k = 1; k <= widest; k++) {
			char key[40], item_key[40], name[40];

			snprintf(key, sizeof(key), "%s@%zu", kinds[i].key, k);
			snprintf(item_key, sizeof(item_key), "%s@%zu", kinds[i].item_key, k);
			/* At K = 1 the gain is the hit. */
			if (!any_figure(s, key) || (k == 1 && kinds[i].write == write_gain))
				continue;
			snprintf(name, sizeof(name), "%s@%zu%s", kinds[i].name, k, kinds[i].unit);
			add_row(s, name, key, kinds[i].write);
			if (!items_agree(s, key, item_key))
				add_row(s, kinds[i].item_name, item_key, kinds[i].write);
		}
}

static const char *form_title(const char *name)
{
	int form = option_choice(PREDICTIONS_FORMS, name);

	return form < 0 ? name : prediction_form_title((enum prediction_form)form);
}

static void head(const json_t *record, struct out *out)
{
	const json_t *files = json_object_get(record, "files");
	size_t i;
	json_t *file;

	if (field_string(record, "data")) {
		out_shown(out, field_text(record, "data"));
		out_text(out, " (%s)\n", field_text(record, "split"));
	}
	json_array_foreach(files, i, file) {
		struct buf b = {0};

		utf8_show(&b, short_name(file), strlen(short_name(file)), out->ascii);
		buf_addf(&b, ": %s's form, ", form_title(field_text(file, "form")));
		buf_addcount(&b, field_count(file, "entries"));
		if (json_is_integer(json_object_get(file, "split_cases"))) {
			buf_addstr(&b, " of ");
			buf_addcount(&b, field_count(file, "split_cases"));
		}
		buf_addf(&b, " cases, lists of %zu", field_count(file, "beam"));
		out_wrapped(out, buf_str(&b));
		buf_release(&b);
	}
}

/* "Of 65 positive items not listed, 12 are among …" */
static void say_counts(const json_t *file, struct out *out)
{
	const json_t *verdicts = json_object_get(file, "verdicts");
	size_t pruned = field_count(verdicts, verdict_name(VERDICT_PRUNED)),
	       outranked = field_count(verdicts, verdict_name(VERDICT_OUTRANKED)),
	       unreachable = field_count(verdicts, verdict_name(VERDICT_UNREACHABLE)),
	       undecided = field_count(verdicts, verdict_name(VERDICT_UNDECIDED)),
	       missing = pruned + outranked + unreachable + undecided;
	struct buf b = {0};

	if (missing == 0)
		return;
	out_text(out, "\n");
	buf_addstr(&b, "Of ");
	buf_addcount(&b, missing);
	buf_addf(&b, " positive item%s not listed, ", missing == 1 ? "" : "s");
	if (pruned > 0)
		buf_addcount(&b, pruned);
	buf_addf(&b, "%s among the best %zu of the whole catalogue for this model",
		pruned == 0   ? "none is"
		: pruned == 1 ? " is"
			      : " are",
		field_count(file, "beam"));
	if (pruned > 0)
		buf_addf(&b, ": the search that made the list%s lost %s", pruned == 1 ? "" : "s",
			pruned == 1 ? "it" : "them");
	buf_addstr(&b, ". ");
	buf_addcount(&b, outranked);
	buf_addf(&b, " %s beyond: the model prefers others.", outranked == 1 ? "is" : "are");
	if (unreachable > 0) {
		buf_addch(&b, ' ');
		buf_addcount(&b, unreachable);
		buf_addstr(&b, " could never be returned.");
	}
	if (undecided > 0) {
		buf_addch(&b, ' ');
		buf_addcount(&b, undecided);
		buf_addstr(&b, " the budget left open: a larger --budget may tell.");
	}
	out_wrapped(out, buf_str(&b));
	buf_release(&b);
}

/* Of one file what its verdicts come to, of several what they mean. */
static void say_verdicts(const json_t *files, struct out *out)
{
	if (json_array_size(files) == 1) {
		say_counts(json_array_get(files, 0), out);
		return;
	}
	out_text(out, "\n");
	out_wrapped(out, "incorrectly-pruned: not listed, though among the best B of the whole catalogue for this "
			 "model: "
			 "the search that made the list lost it. out-ranked: beyond, the model prefers others.");
}

static void add_verdicts(struct sheet *s)
{
	static const enum verdict_kind shown[] = {
		VERDICT_RETRIEVED, VERDICT_PRUNED, VERDICT_OUTRANKED, VERDICT_UNREACHABLE, VERDICT_UNDECIDED};

	add_gap(s);
	for (size_t i = 0; i < ARRAY_LEN(shown); i++)
		add_row(s, verdict_name(shown[i]), verdict_name(shown[i]), write_verdict);
	add_row(s, "wrongly pruned %", "pruning_rate", write_percent);
	add_row(s, "  of those within B", "pruning_rate", write_of);
	add_row(s, "lists this model returns", "same_lists", write_of);
}

static void add_difference(struct buf *b, const json_t *test, double scale, int digits, bool interval)
{
	const json_t *d = json_object_get(test, "difference");

	buf_addf(b, "%+.*f", digits, scale * field_real(d, "value"));
	if (interval)
		buf_addf(b, " [%+.*f, %+.*f]", digits, scale * field_real(d, "low"), digits,
			scale * field_real(d, "high"));
}

static void add_test(json_t *rows, const char *name, const json_t *test, double scale, int digits, bool interval)
{
	json_t *row = json_object();
	struct buf b = {0};

	json_object_set_new(row, "name", json_string(name));
	add_difference(&b, test, scale, digits, interval);
	field_cell(row, "difference", &b);
	json_object_set(row, "gained", json_object_get(test, "gained"));
	json_object_set(row, "lost", json_object_get(test, "lost"));
	buf_addf(&b, field_real(test, "p") < 0.001 ? "<0.001" : "%.3f", field_real(test, "p"));
	field_cell(row, "p", &b);
	json_array_append_new(rows, row);
	buf_release(&b);
}

static const struct out_column test_columns[] = {
	{"name", "", NULL, false, false},
	{"difference", "difference", NULL, false, false},
	{"gained", "gained", NULL, true, false},
	{"lost", "lost", NULL, true, false},
	{"p", "p", NULL, true, false},
	{NULL, NULL, NULL, false, false},
};

/* A file beside the first one. */
static void compare(const json_t *first, const json_t *file, struct out *out)
{
	const json_t *bout = json_object_get(file, "against_first");
	bool interval = out_line_width(out) >= TESTS;
	json_t *rows = json_array(), *test;
	struct buf b = {0};
	const char *key;

	json_object_foreach((json_t *)bout, key, test) {
		const char *k = strchr(key, '@');

		if (!k)
			continue;
		buf_addf(&b, json_object_get(test, "gained") ? "HR%s %%" : "NDCG%s", k);
		if (json_object_get(test, "gained"))
			add_test(rows, buf_str(&b), test, 100, 1, interval);
		else if (strcmp(k, "@1") != 0) /* where the gain is the hit */
			add_test(rows, buf_str(&b), test, 1, 4, interval);
		buf_clear(&b);
	}
	if (json_array_size(rows) > 0) {
		out_text(out, "\n");
		out_shown(out, short_name(file));
		out_text(out, " against ");
		out_shown(out, short_name(first));
		buf_addcount(&b, field_count(bout, "cases"));
		out_text(out, ", %s cases of both\n", buf_str(&b));
		out_table(out, rows, test_columns);
	}
	buf_release(&b);
	json_decref(rows);
}

void judge_text(const json_t *record, struct out *out)
{
	const json_t *files = json_object_get(record, "files");
	bool searched = json_is_object(json_object_get(record, "settings"));
	struct sheet s;

	head(record, out);
	sheet_init(&s, files, out);
	if (searched)
		say_verdicts(files, out);
	add_quality(&s);
	add_gap(&s);
	if (field_string(record, "data")) {
		add_row(&s, "not of the catalogue %", "invalid", write_percent);
		add_row(&s, "  of predictions", "invalid", write_of);
	}
	add_row(&s, "shorter lists", "short_lists", write_lists);
	add_row(&s, "lists with a title twice", "repeating_lists", write_lists);
	if (searched)
		add_verdicts(&s);
	out_text(out, "\n");
	out_table(out, s.rows, s.columns);
	for (size_t i = 1; i < s.n; i++)
		compare(json_array_get(files, 0), json_array_get(files, i), out);
	sheet_release(&s);
	out_notes(out, json_object_get(record, "notes"));
}

static const struct out_column tsv_columns[] = {
	{"file", NULL, NULL, false, false},
	{"name", NULL, NULL, false, false},
	{"value", NULL, NULL, false, false},
	{"count", NULL, NULL, false, false},
	{"n", NULL, NULL, false, false},
	{"low", NULL, NULL, false, false},
	{"high", NULL, NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

/* A figure, or a number by itself. */
static void add_value(json_t *rows, const json_t *file, const char *name, const json_t *value)
{
	json_t *row = tally_row(name, value);

	json_object_set(row, "file", json_object_get(file, "file"));
	json_array_append_new(rows, row);
}

/* "against_first.hit@5.p" and the like. */
static void add_bout(json_t *rows, const json_t *file)
{
	const json_t *bout = json_object_get(file, "against_first");
	const char *test, *member;
	json_t *t, *v;

	json_object_foreach((json_t *)bout, test, t) {
		char *name = xasprintf("against_first.%s", test);

		if (!json_is_object(t)) {
			add_value(rows, file, name, t);
		} else {
			json_object_foreach(t, member, v) {
				char *whole = xasprintf("%s.%s", name, member);

				add_value(rows, file, whole, v);
				free(whole);
			}
		}
		free(name);
	}
}

void judge_tsv(const json_t *record, struct out *out)
{
	static const char *const numbers[] = {
		"entries", "split_cases", "beam", "short_lists", "repeating_lists", "searched"};
	json_t *rows = json_array(), *file, *v;
	const char *name;
	size_t i;

	json_array_foreach(json_object_get(record, "files"), i, file) {
		for (size_t k = 0; k < ARRAY_LEN(numbers); k++)
			add_value(rows, file, numbers[k], json_object_get(file, numbers[k]));
		json_object_foreach(json_object_get(file, "figures"), name, v)
			add_value(rows, file, name, v);
		json_object_foreach(json_object_get(file, "verdicts"), name, v)
			add_value(rows, file, name, v);
		add_bout(rows, file);
	}
	out_rows(out, rows, tsv_columns);
	json_decref(rows);
}
