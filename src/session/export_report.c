/*
 * A report of what was diagnosed: of the session's own cases, or of files.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "diagnose/report.h"
#include "session/export.h"
#include "session/record.h"
#include "store/file.h"

#define FINDINGS ".jsonl"

/* What is reported: of the session, or of files. */
struct exported {
	struct survey *surveys;       /* owned, [n] with the findings; none where the session's own is reported */
	struct contender *contenders; /* owned, [n] */
	char **names;                 /* owned, [n] of the contenders, each too */
	size_t n;
	struct buf command;
};

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
	buf_addword(&x->command, file_last_part(a->text[EXPORT_FILE]));
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
	const char *whole = path, *short_name = file_last_part(path);

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
	add_contender(x, xstrdup(file_last_part(adapter ? adapter : model ? model : "model")), &s->survey);
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

static void tell(const struct exported *x, struct export_job *job)
{
	json_t *names = json_array();
	struct buf shows = {0};
	size_t cases = x->contenders[0].survey->findings.n;

	buf_addstr(&shows, "a report of ");
	buf_addcount(&shows, cases);
	buf_addstr(&shows, cases == 1 ? " case" : " cases");
	for (size_t i = 0; i < x->n; i++) {
		json_array_append_new(names, record_string(x->contenders[i].name));
		if (i > 0)
			buf_addf(&shows, "%s%s", i == 1 ? ", compared with " : ", ", x->contenders[i].name);
	}
	export_shows(job, "%s", buf_str(&shows));
	json_object_set_new(job->record, "cases", record_count(cases));
	json_object_set_new(job->record, "of", names);
	buf_release(&shows);
}

static int write_report(struct exported *x, struct export_job *job, struct err *err)
{
	static const enum report_form forms[EXPORT_FORMS] = {
		[EXPORT_JSON] = REPORT_JSON,
		[EXPORT_CSV] = REPORT_CSV,
		[EXPORT_HTML] = REPORT_HTML,
		[EXPORT_MARKDOWN] = REPORT_MARKDOWN,
	};
	struct report r = {
		.title = job->args->text[EXPORT_TITLE],
		.version = PACKAGE_VERSION,
		.contenders = x->contenders,
		.n = x->n,
		.worst = (size_t)job->args->number[EXPORT_WORST],
	};

	add_commands(x, job->args);
	r.command = buf_str(&x->command);
	if (report_write(&r, forms[job->form], &job->page, err))
		return -1;
	tell(x, job);
	return 0;
}

int export_report(struct session *s, struct export_job *job, struct err *err)
{
	struct exported x = {0};
	int failed = (job->args->many.n > 0 ? read_files(&x, job->args, err) : take_session(&x, s, err)) ||
		     write_report(&x, job, err);

	exported_release(&x);
	return failed ? -1 : 0;
}
