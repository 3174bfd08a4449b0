#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "session/field.h"
#include "session/sweep.h"

#define BAR 10          /* cells of a bar that is full */
#define GROUP 10        /* widths of the scan that stand together */
#define GROUPS_A_LINE 5

static void set_text(json_t *row, const char *key, struct buf *b)
{
	json_object_set_new(row, key, json_stringn(buf_str(b), b->len));
	buf_release(b);
}

/* A share as a bar, in eighths of a cell where there are characters for them. */
static void set_bar(json_t *row, const char *key, double share, bool ascii)
{
	static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	size_t filled = (size_t)lround(share * BAR * 8);
	struct buf b = {0};

	if (ascii)
		buf_addrep(&b, '#', (filled + 4) / 8);
	for (size_t i = 0; !ascii && i < filled / 8; i++)
		buf_addstr(&b, "█");
	if (!ascii)
		buf_addstr(&b, eighths[filled % 8]);
	set_text(row, key, &b);
}

/* A sentence ends the text, wrapped. */
static void end_with(struct out *out, struct buf *sentence)
{
	out_text(out, "\n");
	out_wrapped(out, buf_str(sentence));
	buf_release(sentence);
}

static void head(const json_t *record, const char *what, struct out *out)
{
	const json_t *settings = json_object_get(record, "settings");

	out_text(out, "%s", what);
	if (field_string(record, "case"))
		out_shown(out, field_string(record, "case"));
	if (field_string(settings, "data")) {
		out_text(out, " of ");
		out_shown(out, field_string(settings, "data"));
	}
	out_text(out, " (%s) · mask %s · end %s · %s search\n", field_string(settings, "split"),
		field_string(settings, "mask"), field_string(settings, "end"), field_string(settings, "search"));
}

/* "1 of 458", or as much of it as is proved. */
static void add_exact_rank(struct buf *b, const json_t *record)
{
	size_t rank = field_count(record, "exact_rank"), most = field_count(record, "exact_rank_most");

	buf_addcount(b, rank);
	if (most > rank) {
		buf_addstr(b, " to ");
		buf_addcount(b, most);
	}
	buf_addstr(b, " of ");
	buf_addcount(b, field_count(record, "sequences"));
}

static void show_positive(const json_t *record, struct out *out)
{
	const json_t *positive = json_object_get(record, "positive");
	struct buf rank = {0};

	if (!json_is_object(positive)) {
		out_text(out, "positive    none in the catalogue\n");
		return;
	}
	out_text(out, "positive    ");
	if (!out->linear) {
		out_mark(out, MARK_POSITIVE);
		out_text(out, " ");
	}
	out_shown(out, field_string(positive, field_string(positive, "title") ? "title" : "item"));
	out_text(out, "\n");
	if (field_count(record, "exact_rank") == 0)
		return;
	add_exact_rank(&rank, record);
	out_text(out, "exact rank  %s\n", buf_str(&rank));
	buf_release(&rank);
}

/* What became of the item at one width, in a few words. */
static void set_fate(json_t *row, const json_t *width)
{
	const char *lost = field_string(width, "lost");
	const json_t *margin = json_object_get(width, "margin");
	double under = json_is_number(margin) ? -json_number_value(margin) : 0;
	struct buf b = {0};

	buf_addstr(&b, field_string(width, "verdict"));
	if (!lost) {
		set_text(row, "fate", &b);
		return;
	}
	buf_addf(&b, " at step %zu", field_count(width, "pruned_at"));
	if (!strcmp(lost, "cut") && under > 0)
		buf_addf(&b, under < 0.01 ? ", %.2g under the cut-off" : ", %.2f under the cut-off", under);
	else if (!strcmp(lost, "cut"))
		buf_addstr(&b, ", level with the cut-off");
	else if (!strcmp(lost, "late-end"))
		buf_addstr(&b, ", where it ended at too low a rank");
	else if (!strcmp(lost, "score"))
		buf_addstr(&b, ", finished with too low a score");
	else if (!strcmp(lost, "displaced"))
		buf_addstr(&b, ", displaced by better items");
	else
		buf_addstr(&b, ", when the search stopped");
	set_text(row, "fate", &b);
}

static const struct out_column case_table[] = {
	{"beam", "B", NULL, true, false},
	{"rank", "rank", NULL, true, false},
	{"recall", "exact best", NULL, true, false},
	{"bar", "", NULL, false, true},
	{"fate", "the positive item", NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

static void show_widths(const json_t *record, struct out *out)
{
	json_t *rows = json_array(), *width;
	size_t i;

	json_array_foreach(json_object_get(record, "beams"), i, width) {
		json_t *row = json_object(), *recall = json_object_get(width, "recall");
		struct buf b = {0};

		json_object_set(row, "beam", json_object_get(width, "beam"));
		json_object_set(row, "rank", json_object_get(width, "rank"));
		buf_addf(&b, "%zu of %zu", field_count(width, "recalled"), field_count(width, "exact_n"));
		set_text(row, "recall", &b);
		if (!out->linear)
			set_bar(row, "bar", json_number_value(recall), out->ascii);
		set_fate(row, width);
		json_array_append_new(rows, row);
	}
	out_table(out, rows, case_table);
	json_decref(rows);
}

static bool is_returned(const json_t *ranges, size_t width)
{
	json_t *range;
	size_t i;

	json_array_foreach((json_t *)ranges, i, range)
		if (width >= field_count(range, "from") && width <= field_count(range, "to"))
			return true;
	return false;
}

/* Every width of the scan as a mark. */
static void show_scan(const json_t *record, struct out *out)
{
	const json_t *ranges = json_object_get(record, "returned_at");
	const char *returned = out->ascii ? "#" : "█", *lost = out->ascii ? "." : "·";
	size_t scan = field_count(record, "beams_scanned");

	if (scan == 0 || out->linear || json_is_string(json_object_get(record, "unreachable")))
		return;
	out_text(out, "\nreturned at B\n");
	for (size_t width = 1; width <= scan; width++) {
		if ((width - 1) % (GROUP * GROUPS_A_LINE) == 0)
			out_text(out, "%s%6zu ", width > 1 ? "\n" : "", width);
		if ((width - 1) % GROUP == 0)
			out_text(out, " ");
		buf_addstr(&out->buf, is_returned(ranges, width) ? returned : lost);
	}
	out_text(out, "\n");
}

static void add_range(struct buf *b, size_t from, size_t to)
{
	buf_addcount(b, from);
	if (to == from)
		return;
	buf_addstr(b, to == from + 1 ? " and " : " to ");
	buf_addcount(b, to);
}

/* "; it is lost again at 13, 15 and 16": what lies between the ranges, and behind the last. */
static void add_lost_again(struct buf *b, const json_t *ranges, size_t scan)
{
	size_t n = json_array_size(ranges), said = 0;

	for (size_t i = 0; i < n; i++) {
		size_t from = field_count(json_array_get(ranges, i), "to") + 1;
		size_t to = i + 1 < n ? field_count(json_array_get(ranges, i + 1), "from") - 1 : scan;

		if (from > to)
			continue;
		buf_addstr(b, said++ == 0 ? "; it is lost again at " : ", ");
		add_range(b, from, to);
	}
	if (said == 0 && field_count(json_array_get(ranges, 0), "from") < scan) {
		buf_addstr(b, ", and every wider one up to ");
		buf_addcount(b, scan);
		buf_addstr(b, " does too");
	}
}

static void say_case(const json_t *record, struct out *out)
{
	const json_t *ranges = json_object_get(record, "returned_at");
	const char *unreachable = field_string(record, "unreachable");
	size_t smallest = field_count(record, "smallest_beam"), scan = field_count(record, "beams_scanned");
	struct buf b = {0};

	if (unreachable) {
		buf_addf(&b, "No beam can return the positive item: unreachable (%s).", unreachable);
	} else if (smallest > 0) {
		buf_addstr(&b, "B ");
		buf_addcount(&b, smallest);
		buf_addstr(&b, " is the smallest that returns it");
		add_lost_again(&b, ranges, scan);
		buf_addstr(&b, ".");
	} else if (scan > 0) {
		buf_addstr(&b, "No B up to ");
		buf_addcount(&b, scan);
		buf_addstr(&b, " returns it; its exact rank is ");
		add_exact_rank(&b, record);
		buf_addstr(&b, ".");
	} else {
		return;
	}
	end_with(out, &b);
}

static void case_text(const json_t *record, struct out *out)
{
	head(record, "case ", out);
	show_positive(record, out);
	out_text(out, "\n");
	show_widths(record, out);
	show_scan(record, out);
	say_case(record, out);
}

static double value_of(const json_t *figure)
{
	return json_number_value(json_object_get(figure, "value"));
}

/* "29.7 [25, 36]", with the number of cases "29.7 [25, 36] of 259". */
static void set_share(json_t *row, const char *key, const json_t *figure, bool with_n)
{
	const json_t *value = json_object_get(figure, "value");
	struct buf b = {0};

	if (!json_is_number(value)) {
		json_object_set_new(row, key, json_null());
		return;
	}
	buf_addf(&b, "%.1f [%.0f, %.0f]", 100 * json_number_value(value),
		100 * json_number_value(json_object_get(figure, "low")),
		100 * json_number_value(json_object_get(figure, "high")));
	if (with_n) {
		buf_addstr(&b, " of ");
		buf_addcount(&b, field_count(figure, "n"));
	}
	set_text(row, key, &b);
}

static const struct out_column split_table[] = {
	{"beam", "B", NULL, true, false},
	{"hr", "returned %", NULL, false, false},
	{"exact_hr", "perfect %", "%.1f", true, false},
	{"pruning_rate", "wrongly pruned %", NULL, false, false},
	{"recall", "search recall %", NULL, false, false},
	{"saved", "saved", NULL, true, false},
	{NULL, NULL, NULL, false, false},
};

static void show_survival(const json_t *record, struct out *out)
{
	json_t *rows = json_array(), *width;
	size_t i;

	json_array_foreach(json_object_get(record, "survival"), i, width) {
		json_t *row = json_object(), *pruned = json_object_get(width, "pruning_rate");

		json_object_set(row, "beam", json_object_get(width, "beam"));
		json_object_set(row, "saved", json_object_get(width, "saved"));
		set_share(row, "hr", json_object_get(width, "hr"), false);
		json_object_set_new(row, "exact_hr", json_real(100 * value_of(json_object_get(width, "exact_hr"))));
		set_share(row, "pruning_rate", pruned, true);
		set_share(row, "recall", json_object_get(width, "search_recall"), false);
		json_array_append_new(rows, row);
	}
	out_table(out, rows, split_table);
	json_decref(rows);
}

static void say_survival(const json_t *record, struct out *out)
{
	const json_t *smallest = json_object_get(record, "smallest_beam");
	size_t pruned = field_count(json_object_get(record, "verdicts"), "incorrectly-pruned");
	size_t n = field_count(smallest, "n"), scan = field_count(record, "beams_scanned");
	struct buf b = {0};

	buf_addf(&b, "At B %zu the search wrongly loses ", field_count(record, "beam"));
	buf_addcount(&b, pruned);
	buf_addf(&b, " positive item%s of the exact best %zu", pruned == 1 ? "" : "s", field_count(record, "beam"));
	if (n > 0) {
		buf_addstr(&b, "; some B up to ");
		buf_addcount(&b, scan);
		buf_addstr(&b, " returns ");
		buf_addcount(&b, n);
		buf_addstr(&b, " of these, the smallest that does is ");
		buf_addcount(&b, field_count(smallest, "median"));
		buf_addstr(&b, " in the median");
	} else if (pruned > 0 && scan > 0) {
		buf_addstr(&b, ", and no B up to ");
		buf_addcount(&b, scan);
		buf_addstr(&b, " returns any of these");
	}
	buf_addstr(&b, ".");
	end_with(out, &b);
}

/* "60 of the 1,000 cases where popularity < 100" */
static void add_cases(struct out *out, const json_t *record)
{
	const char *where = field_string(json_object_get(record, "settings"), "where");
	struct buf b = {0};

	buf_addcount(&b, field_count(record, "cases"));
	buf_addstr(&b, " of the ");
	buf_addcount(&b, field_count(record, "meant"));
	out_text(out, "%s cases", buf_str(&b));
	if (where) {
		out_text(out, " where ");
		out_shown(out, where);
	}
	buf_clear(&b);
	if (json_is_true(json_object_get(record, "stopped"))) {
		buf_addcount(&b, field_count(record, "planned"));
		out_text(out, ": stopped before the %s wanted were done", buf_str(&b));
	}
	out_text(out, "\n");
	buf_release(&b);
}

static void split_text(const json_t *record, struct out *out)
{
	head(record, "survival by beam width", out);
	add_cases(out, record);
	out_text(out, "\n");
	show_survival(record, out);
	out_text(out, "\nsaved: of those wrongly pruned at B %zu\n", field_count(record, "beam"));
	say_survival(record, out);
	out_notes(out, json_object_get(record, "notes"));
}

void sweep_text(const json_t *record, struct out *out)
{
	if (json_object_get(record, "survival"))
		split_text(record, out);
	else
		case_text(record, out);
}

static const struct out_column case_columns[] = {
	{"beam", NULL, NULL, false, false},
	{"rank", NULL, NULL, false, false},
	{"returned", NULL, NULL, false, false},
	{"verdict", NULL, NULL, false, false},
	{"pruned_at", NULL, NULL, false, false},
	{"lost", NULL, NULL, false, false},
	{"margin", NULL, NULL, false, false},
	{"recall", NULL, NULL, false, false},
	{"recalled", NULL, NULL, false, false},
	{"exact_n", NULL, NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

#define FIGURE_COLUMNS(name) \
	{name ".value", NULL, NULL, false, false}, {name ".low", NULL, NULL, false, false}, \
		{name ".high", NULL, NULL, false, false}, {name ".n", NULL, NULL, false, false}

static const struct out_column split_columns[] = {
	{"beam", NULL, NULL, false, false},
	FIGURE_COLUMNS("hr"),
	FIGURE_COLUMNS("exact_hr"),
	FIGURE_COLUMNS("pruning_rate"),
	FIGURE_COLUMNS("search_recall"),
	{"saved", NULL, NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

void sweep_tsv(const json_t *record, struct out *out)
{
	const json_t *survival = json_object_get(record, "survival");

	if (survival)
		out_rows(out, survival, split_columns);
	else
		out_rows(out, json_object_get(record, "beams"), case_columns);
}
