#include "session/contest_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "session/field.h"

#define CLEAREST 3   /* slices shown of a bout */
#define CLEAR_P 0.05 /* of a slice that is shown */

/* The member of that name, or of it with "@K" behind it. */
static const json_t *at(const json_t *object, const char *name, size_t k)
{
	char key[64];
	const json_t *v = json_object_get(object, name);

	snprintf(key, sizeof(key), "%s@%zu", name, k);
	return v ? v : json_object_get(object, key);
}

static void add_share(struct buf *b, const json_t *figure)
{
	if (isnan(field_real(figure, "value")))
		buf_addstr(b, "-");
	else
		buf_addf(b, "%.1f", 100 * field_real(figure, "value"));
}

static void add_p(struct buf *b, double p)
{
	if (p < 0.001)
		buf_addstr(b, "<0.001");
	else
		buf_addf(b, "%.3f", p);
}

/* "77/259 29.7 [25, 36]": how many of how many, the share and its interval, in percent. */
static void add_pruned(struct buf *b, const json_t *figure)
{
	buf_addf(b, "%zu/%zu", field_count(figure, "count"), field_count(figure, "n"));
	if (field_count(figure, "n") > 0)
		buf_addf(b, " %.1f [%.0f, %.0f]", 100 * field_real(figure, "value"), 100 * field_real(figure, "low"),
			100 * field_real(figure, "high"));
}

static void add_interval(struct buf *b, const json_t *figure)
{
	add_share(b, figure);
	if (!isnan(field_real(figure, "low")))
		buf_addf(b, " [%.1f, %.1f]", 100 * field_real(figure, "low"), 100 * field_real(figure, "high"));
}

static void contenders_table(const json_t *record, struct out *out)
{
	static const struct out_column columns[] = {
		{"name", "", NULL, false, true},
		{"hr", "HR %", NULL, true, false},
		{"ndcg", "NDCG", NULL, true, false},
		{"exact_hr", "exact HR %", NULL, true, false},
		{"pruned", "wrongly pruned %", NULL, true, false},
		{"recall", "search recall %", NULL, true, false},
		{NULL, NULL, NULL, false, false},
	};
	size_t k = field_count(record, "k"), i;
	json_t *rows = json_array(), *v;
	struct buf b = {0};

	json_array_foreach(json_object_get(record, "contenders"), i, v) {
		const json_t *figures = json_object_get(v, "figures");
		json_t *row = json_object();

		json_object_set(row, "name", json_object_get(v, "name"));
		add_share(&b, at(figures, "hr", k));
		field_cell(row, "hr", &b);
		buf_addf(&b, "%.4f", field_real(at(figures, "ndcg", k), "value"));
		field_cell(row, "ndcg", &b);
		add_share(&b, at(figures, "exact_hr", k));
		field_cell(row, "exact_hr", &b);
		add_pruned(&b, at(figures, "pruning_rate", k));
		field_cell(row, "pruned", &b);
		add_interval(&b, at(figures, "search_recall", field_count(v, "beam")));
		field_cell(row, "recall", &b);
		json_array_append_new(rows, row);
	}
	out_table(out, rows, columns);
	buf_release(&b);
	json_decref(rows);
}

const struct contest_line contest_lines[CONTEST_LINES] = {
	{"hit", "HR %", 100, "%+.1f [%+.1f, %+.1f]", true, "hr", "%.1f"},
	{"ndcg", "NDCG", 1, "%+.4f [%+.4f, %+.4f]", false, "ndcg", "%.4f"},
	{"exact_hit", "exact HR %", 100, "%+.1f [%+.1f, %+.1f]", true, "exact_hr", "%.1f"},
	{"exact_ndcg", "exact NDCG", 1, "%+.4f [%+.4f, %+.4f]", false, "exact_ndcg", "%.4f"},
	{"pruned", "wrongly pruned, of all %", 100, "%+.1f [%+.1f, %+.1f]", true, "pruning_rate", "%.1f"},
	{"search_recall", "search recall %", 100, "%+.1f [%+.1f, %+.1f]", false, "search_recall", "%.1f"},
	{"condition", "BEAR's condition holds %", 100, "%+.1f [%+.1f, %+.1f]", true, "condition_violated", "%.1f"},
	{"nll_before", "nats of the positive item", 1, "%+.3f [%+.3f, %+.3f]", false, "nll_before", "%.3f"},
};

/* What a contender's figure is where the bout asks for another form of it: the pruned ones of all cases, not only of
 * those within the best K; the condition holding, not violated. */
static double value_of(const json_t *contender, const struct contest_line *t, const json_t *figure)
{
	if (!strcmp(t->key, "pruned"))
		return (double)field_count(figure, "count") / (double)field_count(contender, "cases");
	return !strcmp(t->key, "condition") ? 1 - field_real(figure, "value") : field_real(figure, "value");
}

void contest_add_value(struct buf *b, const struct contest_line *t, const json_t *contender, size_t k)
{
	const json_t *figures = json_object_get(contender, "figures"), *figure = at(figures, t->figure, k);
	double value;

	if (!figure)
		figure = at(figures, t->figure, field_count(contender, "beam"));
	value = t->scale * value_of(contender, t, figure);
	if (isnan(value))
		buf_addch(b, '-');
	else
		/* The forms are literals of the table. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		buf_addf(b, t->value_form, value);
#pragma GCC diagnostic pop
}

void contest_add_difference(struct buf *b, const struct contest_line *t, const json_t *test)
{
	const json_t *difference = json_object_get(test, "difference");
	double value = t->scale * field_real(difference, "value"), low = t->scale * field_real(difference, "low"),
	       high = t->scale * field_real(difference, "high");

	if (isnan(value))
		buf_addch(b, '-');
	else
		/* The forms are literals of the table. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		buf_addf(b, t->form, value, low, high);
#pragma GCC diagnostic pop
}

const json_t *contest_test(const json_t *bout, const struct contest_line *t, size_t k)
{
	return at(json_object_get(bout, t->flips ? "flips" : "means"), t->key, k);
}

static void tests_table(const json_t *bout, size_t k, struct out *out)
{
	static const struct out_column columns[] = {
		{"label", "", NULL, false, false},
		{"difference", "difference", NULL, true, false},
		{"gained", "gained", NULL, true, false},
		{"lost", "lost", NULL, true, false},
		{"p", "p", NULL, true, false},
		{NULL, NULL, NULL, false, false},
	};
	json_t *rows = json_array();
	struct buf b = {0};

	for (size_t i = 0; i < CONTEST_LINES; i++) {
		const struct contest_line *line = &contest_lines[i];
		const json_t *t = contest_test(bout, line, k);
		json_t *row = json_object();

		json_object_set_new(row, "label", json_string(line->label));
		contest_add_difference(&b, line, t);
		field_cell(row, "difference", &b);
		json_object_set_new(row, "gained", json_string(""));
		json_object_set_new(row, "lost", json_string(""));
		if (line->flips) {
			json_object_set(row, "gained", json_object_get(t, "gained"));
			json_object_set(row, "lost", json_object_get(t, "lost"));
		}
		add_p(&b, field_real(t, "p"));
		field_cell(row, "p", &b);
		json_array_append_new(rows, row);
	}
	out_table(out, rows, columns);
	buf_release(&b);
	json_decref(rows);
}

/* "51 incorrectly-pruned became retrieved", the most frequent first. */
static void verdicts_line(const json_t *bout, struct out *out)
{
	const json_t *verdicts = json_object_get(bout, "verdicts");
	size_t last = SIZE_MAX, shown = 0;
	struct buf b = {0};

	/* As many rounds as there are different numbers; each says all changes of one. */
	for (;;) {
		size_t next = 0;
		const char *before, *after;
		json_t *row, *n;

		json_object_foreach((json_t *)verdicts, before, row)
			json_object_foreach(row, after, n)
				if (strcmp(before, after) != 0 && (size_t)json_integer_value(n) < last &&
					(size_t)json_integer_value(n) > next)
					next = (size_t)json_integer_value(n);
		if (next == 0)
			break;
		json_object_foreach((json_t *)verdicts, before, row)
			json_object_foreach(row, after, n)
				if (strcmp(before, after) != 0 && (size_t)json_integer_value(n) == next)
					buf_addf(&b, "%s%zu %s became %s", shown++ ? ", " : "", next, before, after);
		last = next;
	}
	if (shown > 0) {
		buf_addch(&b, '.');
		out_text(out, "\n");
		out_wrapped(out, buf_str(&b));
	}
	buf_release(&b);
}

/* "rank 3", "pruned at step 2, exact 4", "out-ranked, exact 31", "unreachable" */
static void add_verdict(struct buf *b, const json_t *v)
{
	const char *kind = field_text(v, "kind");
	bool pruned = !strcmp(kind, "incorrectly-pruned");

	if (field_count(v, "rank") > 0) {
		buf_addf(b, "rank %zu", field_count(v, "rank"));
		return;
	}
	buf_addstr(b, pruned ? "pruned" : kind);
	if (pruned && field_count(v, "step") > 0)
		buf_addf(b, " at step %zu", field_count(v, "step"));
	if (field_count(v, "exact_rank") > 0)
		buf_addf(b, ", exact %s%zu", json_is_true(json_object_get(v, "exact_rank_proved")) ? "" : ">= ",
			field_count(v, "exact_rank"));
}

static bool returned(const json_t *verdict)
{
	return json_is_integer(json_object_get(verdict, "rank"));
}

static void flips_table(const json_t *bout, bool gained, size_t most, struct out *out)
{
	static const struct out_column columns[] = {
		{"case", "case", NULL, true, false},
		{"before", "before", NULL, false, false},
		{"after", "after", NULL, false, false},
		{"title", "title", NULL, false, true},
		{NULL, NULL, NULL, false, false},
	};
	json_t *rows = json_array(), *v;
	struct buf b = {0};
	size_t i, n = 0;

	json_array_foreach(json_object_get(bout, "changed"), i, v) {
		const json_t *before = json_object_get(v, "before"), *after = json_object_get(v, "after");
		json_t *row;

		if (returned(before) == returned(after) || returned(after) != gained || ++n > most)
			continue;
		row = json_object();
		json_object_set(row, "case", json_object_get(v, "case"));
		json_object_set(row, "title", json_object_get(v, *field_text(v, "title") ? "title" : "item"));
		add_verdict(&b, before);
		field_cell(row, "before", &b);
		add_verdict(&b, after);
		field_cell(row, "after", &b);
		json_array_append_new(rows, row);
	}
	if (n > 0) {
		out_text(out, "\n%s: %zu case%s", gained ? "Returned now" : "No longer returned", n, n > 1 ? "s" : "");
		out_text(out, n > most ? ", the first %zu:\n" : ":\n", most);
		out_table(out, rows, columns);
	}
	buf_release(&b);
	json_decref(rows);
}

static double clearness(const json_t *slice)
{
	return fmin(field_real(json_object_get(slice, "hit"), "p"), field_real(json_object_get(slice, "pruned"), "p"));
}

/* "popularity 6-20 (412 cases): returned 12 more, 3 fewer, p 0.035; wrongly pruned 2 more, 14 fewer, p 0.004" */
static void slice_line(const json_t *slice, struct out *out)
{
	const json_t *hit = json_object_get(slice, "hit"), *pruned = json_object_get(slice, "pruned");
	struct buf b = {0};

	buf_addf(&b, "%s ", field_text(slice, "by"));
	for (char *p = b.at; *p; p++)
		if (*p == '_')
			*p = ' ';
	buf_addf(&b, "%s, %zu cases: returned %zu more, %zu fewer, p ", field_text(slice, "label"),
		field_count(slice, "cases"), field_count(hit, "gained"), field_count(hit, "lost"));
	add_p(&b, field_real(hit, "p"));
	buf_addf(&b, "; wrongly pruned %zu more, %zu fewer, p ", field_count(pruned, "gained"),
		field_count(pruned, "lost"));
	add_p(&b, field_real(pruned, "p"));
	out_wrapped(out, buf_str(&b));
	buf_release(&b);
}

/* The same cases, by this column or by another that tells them apart alike. */
static bool same_slice(const json_t *a, const json_t *b)
{
	return field_count(a, "cases") == field_count(b, "cases") &&
	       json_equal(json_object_get(a, "hit"), json_object_get(b, "hit")) &&
	       json_equal(json_object_get(a, "pruned"), json_object_get(b, "pruned"));
}

static void slices_lines(const json_t *bout, struct out *out)
{
	const json_t *slices = json_object_get(bout, "slices"), *shown[CLEAREST];
	size_t n = 0, i;
	json_t *v;

	while (n < CLEAREST) {
		const json_t *best = NULL;

		json_array_foreach(slices, i, v) {
			bool taken = clearness(v) >= CLEAR_P;

			for (size_t k = 0; k < n; k++)
				taken |= same_slice(shown[k], v);
			if (!taken && (!best || clearness(v) < clearness(best)))
				best = v;
		}
		if (!best)
			break;
		shown[n++] = best;
	}
	if (n > 0)
		out_text(out, "\nClearest in these slices:\n");
	for (i = 0; i < n; i++)
		slice_line(shown[i], out);
}

/* It holds names that may be those of files. */
static void sentence(const json_t *bout, struct out *out)
{
	const char *words = field_text(bout, "sentence");
	struct buf shown = {0};

	utf8_show(&shown, words, strlen(words), out->ascii);
	out_wrapped(out, buf_str(&shown));
	buf_release(&shown);
}

static void bout_text(const json_t *record, const json_t *bout, struct out *out)
{
	size_t most = field_count(record, "show_changed");

	out_text(out, "\n");
	sentence(bout, out);
	out_text(out, "\n");
	if (field_count(bout, "cases") != field_count(record, "cases"))
		out_text(out, "%zu cases are in both:\n", field_count(bout, "cases"));
	tests_table(bout, field_count(record, "k"), out);
	verdicts_line(bout, out);
	if (most > 0) {
		flips_table(bout, true, most, out);
		flips_table(bout, false, most, out);
	}
	slices_lines(bout, out);
}

static bool same_beams(const json_t *record)
{
	size_t i;
	json_t *v;

	json_array_foreach(json_object_get(record, "contenders"), i, v)
		if (field_count(v, "beam") != field_count(record, "k"))
			return false;
	return true;
}

static void closing(const json_t *record, struct out *out)
{
	size_t n = json_array_size(json_object_get(record, "bouts"));
	struct buf b = {0};

	buf_addf(&b, "K is %zu, ", field_count(record, "k"));
	if (same_beams(record))
		buf_addstr(&b, "the beam width.");
	else
		buf_addstr(&b,
			"the smallest beam width; the table's wrongly pruned, search recall and BEAR's condition are "
			"those of each one's own.");
	buf_addstr(&b, " Brackets are 95 % intervals.");
	if (n > 1)
		buf_addf(&b, " Each p-value is that of its test by itself, not corrected for the %zu comparisons.", n);
	out_text(out, "\n");
	out_wrapped(out, buf_str(&b));
	buf_release(&b);
	if (*field_text(record, "saved")) {
		out_text(out, "What was found of each is kept in ");
		out_shown(out, field_text(record, "saved"));
		out_text(out, ".\n");
	}
	out_notes(out, json_object_get(record, "notes"));
}

void contest_text(const json_t *record, struct out *out)
{
	const json_t *settings = json_object_get(json_array_get(json_object_get(record, "contenders"), 0), "settings");
	struct buf n = {0};
	size_t i;
	json_t *v;

	buf_addcount(&n, field_count(record, "cases"));
	out_text(out, "%s case%s of ", buf_str(&n), field_count(record, "cases") == 1 ? "" : "s");
	buf_release(&n);
	out_shown(out, field_text(settings, "data"));
	out_text(out, " (%s)%s\n\n", field_text(settings, "split"),
		json_is_true(json_object_get(record, "stopped")) ? ", those that all had when it was stopped" : "");
	contenders_table(record, out);
	json_array_foreach(json_object_get(record, "bouts"), i, v)
		bout_text(record, v, out);
	closing(record, out);
}

#define BOUT_COLUMNS OUT_KEY("name"), OUT_KEY("against")
#define VERDICT_COLUMNS(of) \
	OUT_KEY(of ".kind"), OUT_KEY(of ".rank"), OUT_KEY(of ".exact_rank"), OUT_KEY(of ".exact_rank_proved"), \
		OUT_KEY(of ".step")
#define FLIP_COLUMNS(of) \
	OUT_KEY(of ".n"), OUT_KEY(of ".gained"), OUT_KEY(of ".lost"), OUT_KEY(of ".p"), \
		OUT_KEY(of ".difference.value"), OUT_KEY(of ".difference.low"), OUT_KEY(of ".difference.high")

static const struct out_column figure_columns[] = {
	BOUT_COLUMNS,
	OUT_KEY("figure"),
	OUT_KEY("value"),
	OUT_KEY("low"),
	OUT_KEY("high"),
	OUT_KEY("count"),
	OUT_KEY("n"),
	OUT_KEY("gained"),
	OUT_KEY("lost"),
	OUT_KEY("p"),
	OUT_KEY(NULL),
};

static const struct out_column changed_columns[] = {
	BOUT_COLUMNS,
	OUT_KEY("case"),
	OUT_KEY("item"),
	OUT_KEY("title"),
	VERDICT_COLUMNS("before"),
	VERDICT_COLUMNS("after"),
	OUT_KEY(NULL),
};

static const struct out_column slice_columns[] = {
	BOUT_COLUMNS,
	OUT_KEY("by"),
	OUT_KEY("label"),
	OUT_KEY("cases"),
	FLIP_COLUMNS("hit"),
	FLIP_COLUMNS("pruned"),
	OUT_KEY(NULL),
};

static void add_row(json_t *rows, json_t *row, const json_t *of)
{
	json_object_set(row, "name", json_object_get(of, "name"));
	json_object_set(row, "against", json_object_get(of, "against"));
	json_array_append_new(rows, row);
}

/* A row for each member: a contender's figures, or what a bout says of their differences. */
static void add_figure_rows(json_t *rows, const json_t *of, const json_t *figures)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)figures, key, v) {
		json_t *row = json_copy(v);

		json_object_update(row, json_object_get(v, "difference"));
		json_object_set_new(row, "figure", json_string(key));
		add_row(rows, row, of);
	}
}

/* "survival_hr@20": of a search of that width, where "hr@20" is of the first 20 at B. */
static void add_survival_rows(json_t *rows, const json_t *contender)
{
	static const char *const names[] = {"hr", "exact_hr", "pruning_rate", "search_recall"};
	json_t *v, *figures = json_object();
	size_t i;

	json_array_foreach(json_object_get(contender, "survival"), i, v) {
		for (size_t k = 0; k < ARRAY_LEN(names); k++) {
			char key[64];

			snprintf(key, sizeof(key), "survival_%s@%zu", names[k], field_count(v, "beam"));
			json_object_set(figures, key, json_object_get(v, names[k]));
		}
	}
	add_figure_rows(rows, contender, figures);
	json_decref(figures);
}

static json_t *figure_rows(const json_t *record)
{
	json_t *rows = json_array(), *v;
	size_t i;

	json_array_foreach(json_object_get(record, "contenders"), i, v) {
		add_figure_rows(rows, v, json_object_get(v, "figures"));
		add_survival_rows(rows, v);
	}
	json_array_foreach(json_object_get(record, "bouts"), i, v) {
		add_figure_rows(rows, v, json_object_get(v, "flips"));
		add_figure_rows(rows, v, json_object_get(v, "means"));
	}
	return rows;
}

/* The members of the lists that all bouts have under that name. */
static json_t *bout_rows(const json_t *record, const char *list)
{
	json_t *rows = json_array(), *bout, *v;
	size_t i, k;

	json_array_foreach(json_object_get(record, "bouts"), i, bout)
		json_array_foreach(json_object_get(bout, list), k, v)
			add_row(rows, json_copy(v), bout);
	return rows;
}

void contest_tsv(const json_t *record, struct out *out)
{
	const char *wanted = field_text(record, "rows");
	bool figures = !strcmp(wanted, "figures");
	json_t *rows = figures ? figure_rows(record) : bout_rows(record, wanted);

	out_rows(out, rows, figures ? figure_columns : !strcmp(wanted, "slices") ? slice_columns : changed_columns);
	json_decref(rows);
}
