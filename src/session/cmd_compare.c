/*
 * Models, adapters and settings over the same cases, or over one: compare.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "diagnose/contest.h"
#include "diagnose/report.h"
#include "session/cmdtab.h"
#include "session/contenders.h"
#include "session/contest_text.h"
#include "session/pair_text.h"
#include "session/record.h"
#include "session/snap_compare.h"
#include "session/survey_run.h"
#include "store/file.h"

enum {
	COMPARE_OTHER,
	COMPARE_SET,
	COMPARE_CASE,
	COMPARE_LIMIT,
	COMPARE_WHERE,
	COMPARE_BEAMS,
	COMPARE_SAVE,
	COMPARE_CHANGED,
	COMPARE_ROWS,
};

/* One call of the command. */
struct comparison {
	const struct entrants *entrants; /* borrowed */
	struct survey *surveys; /* owned, [number of entrants] */
	struct survey_plan plan;
	size_t widths[SURVEY_WIDTHS];
	const char *save; /* NULL: nothing is kept */
	size_t turn, turns; /* runs that were begun, and that there will be */
	json_t *notes; /* owned */
	bool stopped;
};

/* The option "model" or "adapter" asks for another than is loaded: that one goes first, two need not fit. */
static int load_entrant(struct session *s, struct err *err)
{
	if (s->loaded.model && loaded_stale(&s->loaded, &s->options, s->datadir, CMD_NEEDS_MODEL))
		loaded_release_model(&s->loaded);
	return session_prepare(s, CMD_NEEDS_SEARCH, err);
}

/* Which of a contender's cases could not be searched, after its name. */
static void note_failed(struct comparison *c, const char *name, const struct survey_told *told)
{
	json_t *notes = json_array(), *note;
	struct buf named = {0};
	size_t i;

	survey_add_failed(notes, told);
	json_array_foreach(notes, i, note) {
		buf_clear(&named);
		buf_addf(&named, "%s: %s", name, json_string_value(note));
		json_array_append_new(c->notes, json_text(buf_str(&named), named.len));
	}
	buf_release(&named);
	json_decref(notes);
}

/* Its findings, with the session's options set for a time to what it is. */
static int run_entrant(struct comparison *c, struct session *s, size_t i, struct err *err)
{
	const struct entrant *e = &c->entrants->list.at[i];
	struct survey_plan plan = c->plan;
	struct survey_told told = {0};
	struct options before;
	char *name = xasprintf("%s.jsonl", e->name), *path = c->save ? file_join(c->save, name) : NULL;
	int failed;

	plan.what = e->name;
	plan.turn = c->turn++;
	plan.turns = c->turns;
	plan.file = path;
	options_copy(&before, &s->options);
	failed = entrant_enter(e, s, err) || load_entrant(s, err) ||
		 survey_run(&c->surveys[i], &told, s, &plan, err);
	c->stopped = told.stopped;
	note_failed(c, e->name, &told);
	failed = session_set_back(s, &before, failed ? -1 : 0, err);
	free(path);
	free(name);
	return failed ? err_prefix(err, "'%s'", e->name) : 0;
}

static int find_all(struct comparison *c, struct session *s, struct err *err)
{
	const struct entrant *e = c->entrants->list.at;
	int failed = 0;

	for (size_t i = 0; i < c->entrants->list.n; i++)
		c->turns += !e[i].file;
	for (size_t i = 0; i < c->entrants->list.n && !failed; i++) {
		if (!e[i].file) {
			failed = c->stopped ? 0 : run_entrant(c, s, i, err);
			continue;
		}
		failed = survey_read(&c->surveys[i], e[i].file, NULL, err);
		if (!failed && c->surveys[i].findings.n == 0)
			failed = err_set(err, ERR_VALUE, "'%s' holds no case", e[i].file);
		survey_sort(&c->surveys[i]);
	}
	return failed;
}

/* What was loaded before others took its place. */
struct before {
	bool loaded;
	enum split_kind split; /* that digests are of */
	struct loaded_mark mark; /* zeroed where no search is open that would ask for it */
};

static struct before note_before(const struct session *s)
{
	struct before b = {.loaded = s->loaded.search != NULL, .split = (enum split_kind)s->now.split};

	if (s->trace.n > 0)
		loaded_mark(&s->loaded, b.split, &b.mark);
	return b;
}

/* Loads it anew; the open search is then of what is loaded, as before. */
static int restore(struct session *s, const struct before *b, int failed, struct err *err)
{
	struct err ignored;

	if (!b->loaded || !loaded_stale(&s->loaded, &s->options, s->datadir, CMD_NEEDS_SEARCH))
		return failed;
	if (load_entrant(s, failed ? &ignored : err))
		return -1;
	loaded_known_again(&s->loaded, b->split, &b->mark);
	return failed;
}

static void add_sentences(json_t *record, const struct contest *c)
{
	struct buf b = {0};
	json_t *bout;
	size_t i;

	json_array_foreach(json_object_get(record, "bouts"), i, bout) {
		buf_clear(&b);
		report_outcome(c, i + 1, &b);
		json_object_set_new(bout, "outcome", record_text(buf_str(&b), b.len));
		buf_clear(&b);
		report_comparison(c, i + 1, &b);
		json_object_set_new(bout, "sentence", record_text(buf_str(&b), b.len));
	}
	buf_release(&b);
}

/* Options of this one command that shape what is searched: they are in the words that make a comparison again. */
static void add_settings(struct buf *words, const struct cmd_args *a)
{
	for (size_t i = 0; i < a->n_settings; i++)
		if (a->settings[i].option->flags & OPTION_SEARCH) {
			buf_addf(words, " --%s ", a->settings[i].option->name);
			buf_addword(words, a->settings[i].value);
		}
}

/* Words that put a contender beside what is loaded; none where one of both is a file. Caller frees. */
static char *words_of(const struct comparison *c, size_t i, const struct cmd_args *a)
{
	const struct entrant *first = &c->entrants->list.at[0], *e = &c->entrants->list.at[i];
	struct buf words = {0};

	if (first->file || e->file)
		return xstrdup("");
	buf_addstr(&words, e->words);
	add_settings(&words, a);
	return buf_detach(&words);
}

/* What the views show of it; they say how it ended, so that the message need not. */
static void park(const struct comparison *c, struct session *s, const json_t *record, size_t cases,
	const struct cmd_args *a)
{
	size_t n = c->entrants->list.n;
	char **words = xcalloc(n, sizeof(*words));
	struct buf outcome = {0};

	for (size_t i = 1; i < n; i++)
		words[i - 1] = words_of(c, i, a);
	snap_contest_unref(s->new_found.contest);
	s->new_found.contest = snap_contest_new(record, (const char *const *)words);
	buf_addcount(&outcome, cases);
	buf_addstr(&outcome, cases == 1 ? " case compared" : " cases compared");
	session_tell_outcome(s, buf_str(&outcome));
	for (size_t i = 0; i < n; i++)
		free(words[i]);
	free(words);
	buf_release(&outcome);
}

static int emit(const struct comparison *c, struct session *s, const struct contender *contenders,
	const struct cmd_args *a, struct out *out, struct err *err)
{
	struct contest contest;
	json_t *v;

	if (contest_init(&contest, contenders, c->entrants->list.n, err))
		return -1;
	v = contest_json(&contest);
	add_sentences(v, &contest);
	json_object_set_new(v, "stopped", json_boolean(c->stopped));
	json_object_set_new(v, "saved", record_string(c->save));
	json_object_set(v, "notes", c->notes);
	json_object_set_new(v, "show_changed", json_integer((json_int_t)a->number[COMPARE_CHANGED]));
	json_object_set_new(v, "rows", json_string(a->text[COMPARE_ROWS]));
	park(c, s, v, contest.common, a);
	out_record(out, v);
	contest_release(&contest);
	return 0;
}

/* Of what the user stopped: the figures of the cases that all have, if there are any, and where it stands. */
static int emit_stopped(const struct comparison *c, struct session *s, const struct contender *contenders,
	const struct cmd_args *a, struct out *out, struct err *err)
{
	size_t n = c->entrants->list.n, begun = 0;
	const char *where = "stopped";

	for (size_t i = 0; i < n; i++)
		begun += c->surveys[i].findings.n > 0;
	if (begun < n || emit(c, s, contenders, a, out, err))
		where = "stopped before there was a case that all have";
	if (!c->save)
		return err_set(err, ERR_CANCELLED, "%s, nothing is kept: --save DIR would have kept what was found",
			where);
	return err_set(err, ERR_CANCELLED, "%s, what was found is in '%s': to go on, give the same command again",
		where, c->save);
}

static int compare(
	struct comparison *c, struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	size_t n = c->entrants->list.n;
	struct contender *contenders = xcalloc(n, sizeof(*contenders));
	int failed;

	c->surveys = xcalloc(n, sizeof(*c->surveys));
	c->notes = json_array();
	for (size_t i = 0; i < n; i++) {
		survey_init(&c->surveys[i]);
		contenders[i] = (struct contender){c->entrants->list.at[i].name, &c->surveys[i]};
	}
	failed = find_all(c, s, err) || (c->stopped ? emit_stopped(c, s, contenders, a, out, err)
						    : emit(c, s, contenders, a, out, err));
	for (size_t i = 0; i < n; i++)
		survey_release(&c->surveys[i]);
	free(c->surveys);
	json_decref(c->notes);
	free(contenders);
	return failed ? -1 : 0;
}

static int make_save(const char *dir, struct err *err)
{
	if (dir && mkdir(dir, 0777) && errno != EEXIST)
		return err_errno(err, errno, "--save '%s'", dir);
	if (dir && !file_is_dir(dir))
		return err_set(err, ERR_VALUE, "--save '%s' is not a directory", dir);
	return 0;
}

static int compare_many(struct session *s, const struct entrants *entrants, const struct cmd_args *a, struct out *out,
	struct err *err)
{
	struct comparison c = {
		.entrants = entrants,
		.plan = {.where = a->text[COMPARE_WHERE],
			.limit = (size_t)a->number[COMPARE_LIMIT],
			.shard = 1,
			.shards = 1},
		.save = a->text[COMPARE_SAVE],
	};

	if (survey_widths(c.widths, &c.plan.n_widths, a->text[COMPARE_BEAMS], err) || make_save(c.save, err))
		return -1;
	c.plan.widths = c.widths;
	return compare(&c, s, a, out, err);
}

/* Searches the case as the entrant would; its name and the record of `beam --trace`. NULL on failure. */
static json_t *search_as(const struct entrant *e, struct session *s, const char *id, struct err *err)
{
	struct branch *b = NULL;
	struct options before;
	json_t *v = NULL;

	options_copy(&before, &s->options);
	if (entrant_enter(e, s, err) == 0 && load_entrant(s, err) == 0)
		b = session_search(s, id, err);
	if (session_set_back(s, &before, b ? 0 : -1, err)) {
		err_prefix(err, "'%s'", e->name);
	} else {
		v = json_object();
		json_object_set_new(v, "name", record_string(e->name));
		json_object_set(v, "search", b->record);
	}
	branch_free(b);
	return v;
}

static int compare_case(struct session *s, const struct entrants *entrants, const char *id, struct out *out,
	struct err *err)
{
	json_t *record = json_object(), *contenders = json_array();

	json_object_set_new(record, "case", record_string(id));
	json_object_set_new(record, "contenders", contenders);
	for (size_t i = 0; i < entrants->list.n; i++) {
		json_t *v = search_as(&entrants->list.at[i], s, id, err);

		if (!v) {
			json_decref(record);
			return -1;
		}
		json_array_append_new(contenders, v);
	}
	snap_pair_unref(s->new_found.pair);
	s->new_found.pair = snap_pair_new(record);
	out_record(out, record);
	return 0;
}

/* One case needs searches to be shown, and nothing that is said of many. */
static int check_case(const struct entrants *entrants, const struct cmd_args *a, struct err *err)
{
	static const int of_many[] = {
		COMPARE_LIMIT, COMPARE_WHERE, COMPARE_BEAMS, COMPARE_SAVE, COMPARE_CHANGED, COMPARE_ROWS};

	for (size_t i = 0; i < ARRAY_LEN(of_many); i++)
		if (a->given[of_many[i]])
			return err_set(err, ERR_USAGE, "'%s' is about many cases: it does not go with --case",
				cmd_compare.args[of_many[i]].name);
	for (size_t i = 0; i < entrants->list.n; i++)
		if (entrants->list.at[i].file)
			return err_set(err, ERR_USAGE,
				"'%s' holds no search that could be shown: with --case, name the model that it was "
				"made with",
				entrants->list.at[i].file);
	return 0;
}

static int compare_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	const char *id = a->text[COMPARE_CASE];
	const struct before before = note_before(s);
	struct entrants entrants;
	int failed = entrants_init(&entrants, s, a, COMPARE_OTHER, COMPARE_SET, err);

	if (!failed && id)
		failed = check_case(&entrants, a, err) || compare_case(s, &entrants, id, out, err);
	else if (!failed)
		failed = compare_many(s, &entrants, a, out, err);
	failed = restore(s, &before, failed ? -1 : 0, err);
	entrants_release(&entrants);
	return failed;
}

static void compare_text(const json_t *record, struct out *out)
{
	if (json_object_get(record, "case"))
		pair_text(record, out);
	else
		contest_text(record, out);
}

static void compare_tsv(const json_t *record, struct out *out)
{
	if (json_object_get(record, "case"))
		pair_tsv(record, out);
	else
		contest_tsv(record, out);
}

static const char details[] =
	"The model and the settings that are loaded are the first; every other one is compared with it, case by "
	"case. OTHER is a model, an adapter's directory (over the loaded model), or a FILE.jsonl of 'diagnose -o'; "
	"what is not found here is looked for beside the loaded model. Settings of its own follow a model or an "
	"adapter: 'bear:tau=0.9:beam=20'. --set adds the loaded model under each of some values. Two or more files and "
	"nothing else, where no model was named, are compared with each other, the first as the one that leads.\n\n"
	"What changed: a table of all; for each whether it is better than the first, in one sentence; which cases "
	"flipped, both ways; and the slices of the cases with the clearest difference. What is yes or no of a case is "
	"tested by McNemar's exact test, a mean by a paired bootstrap (1,000 draws, option 'seed'). A p-value is that "
	"of its test by itself, not corrected for their number. K is the smallest B of all.\n\n"
	"BEAR and its like sharpen a model's distribution; a lower temperature does so too. '--set tau=0.85,0.7' puts "
	"that control beside the other model, over the same cases.\n\n"
	"With --case the searches of that one case stand beside each other, step by step: which prefixes are kept, "
	"marked where only one of both keeps them, and the positive item's rank and margin. JSON has the records of "
	"'beam --trace', TSV a row for every candidate.\n\n"
	"With --save DIR the findings of each are kept as DIR/NAME.jsonl, and the same command goes on with what is "
	"there. SIGINT (Ctrl-C) or SIGTERM: the figures of the cases that all have are printed, exit status 1.\n\n"
	"TSV has a row for every figure of each ('against' is empty; 'survival_hr@20' is HR of a search of B 20) and "
	"for every difference; with --rows changed one for every case whose verdict changed, with --rows slices one "
	"for every slice.";

const struct cmd_entry cmd_compare = {
	.name = "compare",
	.group = "Diagnose",
	.summary = "put models, adapters or settings side by side over the same cases, with paired tests",
	.details = details,
	.args = {
		[COMPARE_OTHER] = {.name = "OTHER", .type = ARG_PATH, .many = true, .source = FROM_RIVALS,
			.help = "a model, an adapter or a FILE.jsonl; settings may follow: bear:tau=0.9:beam=20"},
		[COMPARE_SET] = {.name = "--set", .type = ARG_WORD, .many = true, .source = FROM_SETTINGS,
			.value = "NAME=VALUE[,VALUE...]",
			.heading = "What is compared", .help = "the loaded model under each value of an option"},
		[COMPARE_CASE] = {.name = "--case", .type = ARG_CASE, .value = "CASE", .source = FROM_CASES,
			.heading = "Which cases", .help = "one case alone: its searches step by step, side by side"},
		[COMPARE_LIMIT] = {.name = "--limit", .type = ARG_INT, .max = 1e12, .dflt = "0",
			.help = "only the first N cases; 0: all"},
		[COMPARE_WHERE] = {.name = "--where", .type = ARG_WORD, .source = FROM_WHERE, .value = "EXPR",
			.help = "only cases for which the expression holds: 'popularity < 5 and history > 2'"},
		[COMPARE_BEAMS] = {.name = "--beams", .type = ARG_WORD, .source = FROM_NONE, .value = "LIST",
			.dflt = "1,2,5,10,20,50",
			.help = "beam widths to search with besides B; none: only B"},
		[COMPARE_SAVE] = {.name = "--save", .type = ARG_PATH, .value = "DIR", .source = FROM_FILES,
			.heading = "What is kept and shown",
			.help = "keep the findings, and go on with those there are"},
		[COMPARE_CHANGED] = {.name = "--changed", .type = ARG_INT, .min = 0, .max = 1e9, .dflt = "10",
			.help = "flipped cases that the text shows, each way"},
		[COMPARE_ROWS] = {.name = "--rows", .type = ARG_CHOICE, .choices = "figures|changed|slices",
			.source = FROM_CHOICES, .dflt = "figures", .help = "what TSV has a row for"},
	},
	.examples = {
		{"compare bear --case 312", "why one of both loses an item and the other does not, step by step"},
		{"compare bear --set tau=0.85 --limit 20", "another model, and the control: the first one sharpened"},
		{"compare bear:beam=20 --limit 20 --save found", "with a setting of its own; what is found is kept"},
		{"compare --set mask=after --limit 20 --rows changed --format tsv", "which cases another mask changes"},
	},
	.flags = CMD_WORK | CMD_VIEWED,
	.exec = compare_exec,
	.text = compare_text,
	.tsv = compare_tsv,
	.fields = fields_compare,
};
