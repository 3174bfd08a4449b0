/*
 * What was found as a file for others: export.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "diagnose/report.h"
#include "session/cmdtab.h"
#include "session/export_charts.h"
#include "session/record.h"
#include "store/file.h"

#define FINDINGS ".jsonl"

enum {
	EXPORT_WHAT,
	EXPORT_FILE,
	EXPORT_FROM,
	EXPORT_WORST,
	EXPORT_TITLE
};

/* What is reported: of the session, or of files. */
struct exported {
	struct survey *surveys;       /* owned, [n] with the findings; none where the session's own is reported */
	struct contender *contenders; /* owned, [n] */
	char **names;                 /* owned, [n] of the contenders, each too */
	size_t n;
	struct buf command;
};

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* A setting's value as a word; NULL: it has none. Caller frees. */
static char *setting_word(const json_t *settings, const char *key)
{
	const json_t *v = json_object_get(settings, key);
	struct buf b = {0};

	if (!v || json_is_null(v))
		return NULL;
	if (json_is_string(v))
		return xstrdup(json_string_value(v));
	json_add(&b, v);
	return buf_detach(&b);
}

static void add_option(struct buf *line, const char *option, const char *value)
{
	if (!value || !*value)
		return;
	buf_addf(line, " %s ", option);
	buf_addword(line, value);
}

/* Is it what the option has without being set? Numbers compare by value: "1" is 1.0. */
static bool is_default(const struct option_entry *e, const char *value)
{
	if (!e->dflt)
		return false;
	if (e->type == OPT_INT || e->type == OPT_REAL)
		return strtod(e->dflt, NULL) == strtod(value, NULL);
	return !strcmp(e->dflt, value);
}

static void add_options(struct buf *line, const json_t *settings)
{
	for (const struct option_entry *e = option_table; e->name; e++) {
		char key[RECORD_KEY], option[RECORD_KEY + 2], *value;
		bool path = !strcmp(e->name, "model") || !strcmp(e->name, "adapter") || !strcmp(e->name, "data");

		if (!path && !(e->flags & OPTION_SEARCH) && strcmp(e->name, "seed") != 0)
			continue;
		record_setting_key(key, e);
		value = setting_word(settings, strcmp(key, "data") != 0 ? key : "data_path");
		if (e->letter && path)
			snprintf(option, sizeof(option), "-%c", e->letter);
		else
			snprintf(option, sizeof(option), "--%s", e->name);
		if (value && !is_default(e, value))
			add_option(line, option, value);
		free(value);
	}
}

static void add_beams(struct buf *line, const struct survey *s)
{
	struct buf list = {0};

	for (size_t i = 0; i < s->n_widths; i++)
		buf_addf(&list, i > 0 ? ",%zu" : "%zu", s->widths[i]);
	add_option(line, "--beams", s->n_widths > 0 ? buf_str(&list) : "none");
	buf_release(&list);
}

/* The line that finds all of a survey anew, as far as its settings tell. */
static void add_diagnose(struct buf *command, const struct contender *c)
{
	const json_t *settings = c->survey->settings;
	char *limit = setting_word(settings, "rank_limit"), *where = setting_word(settings, "where");
	struct buf file = {0};

	buf_addf(&file, "%s" FINDINGS, c->name);
	buf_addstr(command, "beamscope");
	add_options(command, settings);
	add_option(command, "-o", buf_str(&file));
	buf_addstr(command, " diagnose");
	add_beams(command, c->survey);
	add_option(command, "--rank-limit", limit);
	add_option(command, "--where", where);
	buf_addch(command, '\n');
	buf_release(&file);
	free(limit);
	free(where);
}

static void add_commands(struct exported *x, const struct cmd_args *a)
{
	for (size_t i = 0; i < x->n; i++)
		add_diagnose(&x->command, &x->contenders[i]);
	buf_addstr(&x->command, "beamscope export report ");
	buf_addword(&x->command, last_part(a->text[EXPORT_FILE]));
	for (size_t i = 0; i < x->n; i++) {
		struct buf file = {0};

		buf_addf(&file, "%s" FINDINGS, x->contenders[i].name);
		buf_addch(&x->command, ' ');
		buf_addword(&x->command, buf_str(&file));
		buf_release(&file);
	}
	if (a->given[EXPORT_WORST])
		buf_addf(&x->command, " --worst %.0f", a->number[EXPORT_WORST]);
	if (a->given[EXPORT_TITLE])
		add_option(&x->command, "--title", a->text[EXPORT_TITLE]);
	buf_addch(&x->command, '\n');
}

/* The file's name without its ending; the whole path where that is another's name already. Caller frees. */
static char *name_file(const struct exported *x, const char *path)
{
	const char *whole = path, *short_name = last_part(path);

	for (size_t tries = 0;; tries++) {
		const char *from = tries == 0 ? short_name : whole;
		size_t len = strlen(from), ending = strlen(FINDINGS);
		char *name;
		bool taken = false;

		if (len > ending && !strcmp(from + len - ending, FINDINGS))
			len -= ending;
		name = xstrndup(from, len);
		for (size_t i = 0; i < x->n; i++)
			taken |= !strcmp(x->names[i], name);
		if (!taken || tries == 1)
			return name;
		free(name);
	}
}

static void make_room(struct exported *x, size_t n)
{
	x->contenders = xcalloc(n, sizeof(*x->contenders));
	x->names = xcalloc(n, sizeof(*x->names));
}

/* Takes over the name. */
static void add_contender(struct exported *x, char *name, const struct survey *survey)
{
	x->names[x->n] = name;
	x->contenders[x->n++] = (struct contender){name, survey};
}

static int read_files(struct exported *x, const struct cmd_args *a, struct err *err)
{
	x->surveys = xcalloc(a->many.n, sizeof(*x->surveys));
	make_room(x, a->many.n);
	for (size_t i = 0; i < a->many.n; i++) {
		const char *path = a->many.at[i].text;

		survey_init(&x->surveys[i]);
		add_contender(x, name_file(x, path), &x->surveys[i]);
		if (survey_read(&x->surveys[i], path, NULL, err))
			return -1;
		if (x->surveys[i].findings.n == 0)
			return err_set(err, ERR_VALUE, "'%s' holds no case", path);
		survey_sort(&x->surveys[i]);
	}
	return 0;
}

static int take_session(struct exported *x, const struct session *s, struct err *err)
{
	const char *model = json_string_value(json_object_get(s->survey.settings, "model"));
	const char *adapter = json_string_value(json_object_get(s->survey.settings, "adapter"));

	if (!s->survey.settings)
		return err_set(err, ERR_VALUE,
			"there is nothing to report yet: run 'diagnose' before it, or name the files that 'diagnose -o "
			"FILE.jsonl' wrote");
	make_room(x, 1);
	add_contender(x, xstrdup(last_part(adapter ? adapter : model ? model : "model")), &s->survey);
	return 0;
}

static void exported_release(struct exported *x)
{
	for (size_t i = 0; i < x->n; i++) {
		free(x->names[i]);
		if (x->surveys)
			survey_release(&x->surveys[i]);
	}
	free(x->surveys);
	free(x->contenders);
	free(x->names);
	buf_release(&x->command);
}

static void emit(const struct exported *x, const struct cmd_args *a, size_t bytes, struct out *out)
{
	json_t *v = json_object(), *names = json_array();

	for (size_t i = 0; i < x->n; i++)
		json_array_append_new(names, record_string(x->contenders[i].name));
	json_object_set_new(v, "file", record_string(a->text[EXPORT_FILE]));
	json_object_set_new(v, "bytes", record_count(bytes));
	json_object_set_new(v, "cases", record_count(x->contenders[0].survey->findings.n));
	json_object_set_new(v, "of", names);
	out_record(out, v);
}

static int write_report(
	struct exported *x, enum report_form form, const struct cmd_args *a, struct out *out, struct err *err)
{
	struct report r = {
		.title = a->text[EXPORT_TITLE],
		.version = PACKAGE_VERSION,
		.contenders = x->contenders,
		.n = x->n,
		.worst = (size_t)a->number[EXPORT_WORST],
	};
	struct buf page = {0};
	int failed;

	add_commands(x, a);
	r.command = buf_str(&x->command);
	failed = report_write(&r, form, &page, err);
	if (!failed)
		failed = file_write(a->text[EXPORT_FILE], buf_str(&page), page.len, err);
	if (!failed)
		emit(x, a, page.len, out);
	buf_release(&page);
	return failed;
}

static const struct {
	const char *what;
	int (*make)(struct session *s, struct buf *page, struct buf *told, struct err *err);
} chart_files[] = {{"margins", export_margins}, {"curves", export_curves}};

static int check_charts(const struct cmd_args *a, struct err *err)
{
	const char *path = a->text[EXPORT_FILE], *dot = strrchr(last_part(path), '.');

	if (!dot || strcasecmp(dot, ".svg") != 0)
		return err_set(err, ERR_USAGE, "'%s': charts are written as a picture: end it with .svg", path);
	if (a->many.n > 0 || a->given[EXPORT_WORST] || a->given[EXPORT_TITLE])
		return err_set(err, ERR_USAGE, "export %s takes FILE alone: FROM, --worst and --title are a report's",
			a->text[EXPORT_WHAT]);
	return 0;
}

static int write_charts(size_t kind, struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	struct buf page = {0}, told = {0};
	int failed = check_charts(a, err) || chart_files[kind].make(s, &page, &told, err) ||
		     file_write(a->text[EXPORT_FILE], buf_str(&page), page.len, err);

	if (!failed) {
		json_t *v = json_object();

		json_object_set_new(v, "file", record_string(a->text[EXPORT_FILE]));
		json_object_set_new(v, "bytes", record_count(page.len));
		json_object_set_new(v, "shows", record_text(buf_str(&told), told.len));
		out_record(out, v);
	}
	buf_release(&page);
	buf_release(&told);
	return failed ? -1 : 0;
}

static int export_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	struct exported x = {0};
	enum report_form form;
	int failed;

	for (size_t i = 0; i < ARRAY_LEN(chart_files); i++)
		if (strcmp(a->text[EXPORT_WHAT], chart_files[i].what) == 0)
			return write_charts(i, s, a, out, err);
	failed = report_form_find(&form, a->text[EXPORT_FILE], err) ||
		     (a->many.n > 0 ? read_files(&x, a, err) : take_session(&x, s, err)) ||
		     write_report(&x, form, a, out, err);

	exported_release(&x);
	return failed ? -1 : 0;
}

static void export_text(const json_t *record, struct out *out)
{
	const json_t *names = json_object_get(record, "of");
	struct buf cases = {0};

	const char *shows = json_string_value(json_object_get(record, "shows"));

	out_shown(out, json_string_value(json_object_get(record, "file")));
	if (shows) {
		out_text(out, ": ");
		out_shown(out, shows);
		out_text(out, "\n");
		return;
	}
	buf_addcount(&cases, (size_t)json_integer_value(json_object_get(record, "cases")));
	out_text(out, ": a report of %s case%s", buf_str(&cases), strcmp(buf_str(&cases), "1") ? "s" : "");
	buf_release(&cases);
	for (size_t i = 1; i < json_array_size(names); i++) {
		out_text(out, i == 1 ? ", compared with " : ", ");
		out_shown(out, json_string_value(json_array_get(names, i)));
	}
	out_text(out, "\n");
}

static const struct out_column export_columns[] = {
	{"file", "file", NULL, false, true},
	{"cases", "cases", NULL, true, false},
	{"bytes", "bytes", NULL, true, false},
	{NULL, NULL, NULL, false, false},
};

const struct cmd_entry cmd_export = {
	.name = "export",
	.group = "Diagnose",
	.summary = "write what was diagnosed as a report, or margins and training curves as charts",
	.details =
		"report: the form follows from the ending of FILE: .html is one page that loads and runs nothing, with "
		"charts, slices and the worst cases, and prints in black and white; .md is the same as Markdown; .json "
		"has all figures for programs; .csv is the table of cases. FILE is replaced entirely or not at all.\n\n"
		"Without FROM the report is of the cases that 'diagnose' or 'merge' found before it in the same "
		"session: -c diagnose -c 'export report r.html'. With several files ('compare --save DIR' leaves such "
		"ones too) the first is what the report is of, the others are compared with it.\n\n"
		"margins FILE.svg: the margins and ranks of the open search's positive item, step by step. curves "
		"FILE.svg: the losses and evaluations of the race that is trained or was last. Both as charts.\n\n"
		"In CSV a text that begins with = + - or @ has an apostrophe before it, lest a spreadsheet take a "
		"title "
		"for a formula.",
	.args =
		{
			[EXPORT_WHAT] = {.name = "WHAT",
				.type = ARG_CHOICE,
				.required = true,
				.choices = "report|margins|curves",
				.source = FROM_CHOICES,
				.help = "what is written"},
			[EXPORT_FILE] = {.name = "FILE",
				.type = ARG_PATH,
				.required = true,
				.source = FROM_FILES,
				.help = "where to: .html, .md, .json or .csv; charts: .svg"},
			[EXPORT_FROM] = {.name = "FROM",
				.type = ARG_PATH,
				.many = true,
				.source = FROM_FILES,
				.help = "lines that 'diagnose -o FROM.jsonl' wrote"},
			[EXPORT_WORST] = {.name = "--worst",
				.type = ARG_INT,
				.max = 100000,
				.dflt = "10",
				.help = "wrongly pruned cases that are shown step by step"},
			[EXPORT_TITLE] =
				{.name = "--title", .type = ARG_WORD, .source = FROM_NONE, .value = "TEXT",
					.help = "the report's heading"},
		},
	.examples =
		{
			{"-c 'diagnose --limit 20' -c 'export report demo.html'", "diagnose, and write it as a page"},
			{"-c 'beam 1' -c 'export margins margins.svg'", "the margins of one case as charts"},
			{"export report demo.md demo.jsonl --worst 3", "from the lines that a diagnosis left"},
		},
	.flags = CMD_WORK,
	.exec = export_exec,
	.text = export_text,
	.columns = export_columns,
};
