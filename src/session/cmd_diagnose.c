/*
 * Diagnosing whole datasets: diagnose, and merge, which puts together what several runs have found.
 */
#include <string.h>
#include <sys/stat.h>

#include "diagnose/report.h"
#include "diagnose/tally.h"
#include "diagnose/where.h"
#include "session/cmdtab.h"
#include "session/record.h"
#include "session/survey_run.h"
#include "session/tally_text.h"
#include "store/file.h"

#define BEAMS "1,2,5,10,20,50"

/* The K of HR@K and NDCG@K that the user asks for; none: those of tally_init. */
struct at {
	size_t k[TALLY_AT];
	size_t n;
};

/* width: B, if it is known yet, so that no long run ends with a refusal; 0: it is not. */
static int parse_at(struct at *at, const char *text, size_t width, struct err *err)
{
	at->n = 0;
	if (!text)
		return 0;
	return survey_numbers(
		at->k, &at->n, TALLY_AT, width > 0 ? width : SURVEY_WIDTH_MOST, text, "--at: K (at most B)", err);
}

/* "1,000 cases diagnosed: 115 of 324 within the best 10 wrongly pruned (35.5 %)": what the screens say besides what
 * they show. */
static void tell_outcome(struct session *s, const struct tally *t)
{
	const struct figure *rate = &t->metrics.pruning_rate;
	struct buf b = {0};

	buf_addcount(&b, t->cases);
	buf_addstr(&b, t->cases == 1 ? " case diagnosed" : " cases diagnosed");
	if (rate->n > 0) {
		buf_addstr(&b, ": ");
		buf_addcount(&b, t->kinds[VERDICT_PRUNED]);
		buf_addstr(&b, " of ");
		buf_addcount(&b, rate->n);
		buf_addf(&b, " within the best %zu wrongly pruned (%.1f %%)", t->width, 100 * rate->value);
	}
	session_tell_outcome(s, buf_str(&b));
	buf_release(&b);
}

/* What both commands print; the same of a run as of its parts put together. */
static int summarise(struct session *session, struct out *out, const struct survey *s, const struct at *at,
	const struct survey_told *told, const char *where, json_t *notes, struct err *err)
{
	struct buf headline = {0};
	struct tally t = {0};
	json_t *v, *figures;

	if (tally_init(&t, s, at->k, at->n, err)) {
		json_decref(notes);
		return -1;
	}
	v = json_object();
	figures = tally_json(&t, s);
	json_object_set(v, "settings", s->settings);
	json_object_set_new(v, "cases", record_count(s->findings.n));
	json_object_set_new(v, "of", record_count(s->meant));
	json_object_set_new(v, "stopped", json_boolean(told->stopped));
	if (told->there > 0)
		json_object_set_new(v, "there", record_count(told->there));
	if (where)
		json_object_set_new(v, "where", record_string(where));
	report_headline(&t, &headline);
	json_object_set_new(v, "headline", record_text(buf_str(&headline), headline.len));
	json_object_update(v, figures);
	json_object_set_new(v, "notes", notes);
	json_decref(figures);
	buf_release(&headline);
	tell_outcome(session, &t);
	tally_release(&t);
	out_record(out, v);
	return 0;
}

/* "2/7": the second of seven. */
static int parse_shard(struct survey_plan *plan, const char *text, struct err *err)
{
	const char *slash = strchr(text, '/');
	double i = 0, n = 0;
	char *first;
	int failed;

	if (!slash)
		return err_set(err, ERR_USAGE, "--shard '%s' is not of the form I/N, the I-th of N parts", text);
	first = xstrndup(text, (size_t)(slash - text));
	failed = option_number(&n, slash + 1, true, 1, 1e9, "--shard: number of parts", err) ||
		 option_number(&i, first, true, 1, n, "--shard: part", err);
	free(first);
	plan->shard = (size_t)i;
	plan->shards = (size_t)n;
	return failed ? -1 : 0;
}

static int stopped(const struct survey_told *told, const char *file, bool goes_on, struct err *err)
{
	struct buf done = {0};

	survey_add_done(&done, told);
	if (file)
		err_set(err, ERR_CANCELLED,
			"stopped after %s, all of which are in '%s': to go on, give the same command again",
			buf_str(&done), file);
	else if (goes_on)
		err_set(err, ERR_CANCELLED, "stopped after %s: the same command goes on", buf_str(&done));
	else
		err_set(err, ERR_CANCELLED,
			"stopped after %s, which this session alone knows: with -o FILE.jsonl they are kept, and the "
			"same command goes on",
			buf_str(&done));
	buf_release(&done);
	return -1;
}

/* What a run that failed has left in its file. */
static void say_kept(const struct survey_told *told, const char *file, struct err *err)
{
	struct buf kept = {0};
	struct stat st;

	if (!file || told->there + told->done == 0 || stat(file, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	survey_add_done(&kept, told);
	err_prefix(err, "after %s, which are kept: the same command goes on", buf_str(&kept));
	buf_release(&kept);
}

static json_t *run_notes(const struct survey_told *told)
{
	json_t *notes = json_array();
	struct buf note = {0};

	if (told->stopped) {
		buf_addstr(&note, "stopped: these are the figures of ");
		survey_add_done(&note, told);
		json_array_append_new(notes, json_text(buf_str(&note), note.len));
	}
	survey_add_failed(notes, told);
	buf_release(&note);
	return notes;
}

enum { DIAGNOSE_LIMIT, DIAGNOSE_SHARD, DIAGNOSE_WHERE, DIAGNOSE_BEAMS, DIAGNOSE_AT, DIAGNOSE_RANK_LIMIT };

static int diagnose_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	size_t widths[SURVEY_WIDTHS];
	struct survey_plan plan = {
		.what = "diagnose",
		.where = a->text[DIAGNOSE_WHERE],
		.limit = (size_t)a->number[DIAGNOSE_LIMIT],
		.widths = widths,
		.rank_limit = (size_t)a->number[DIAGNOSE_RANK_LIMIT],
		.file = s->options.output,
		.shown = true,
		.goes_on = session_busy(s), /* in the screens one stops it to look at a case */
	};
	struct survey_told told;
	struct survey survey;
	struct at at;
	int failed;

	if (parse_at(&at, a->text[DIAGNOSE_AT], (size_t)s->now.beam, err) ||
		parse_shard(&plan, a->text[DIAGNOSE_SHARD], err) ||
		survey_widths(widths, &plan.n_widths, a->text[DIAGNOSE_BEAMS], err))
		return -1;
	survey_init(&survey);
	failed = survey_run(&survey, &told, s, &plan, err);
	if (failed)
		say_kept(&told, plan.file, err);
	if (!failed && (survey.findings.n > 0 || !told.stopped))
		failed = summarise(s, out, &survey, &at, &told, NULL, run_notes(&told), err);
	if (!failed && told.stopped)
		failed = stopped(&told, plan.file, plan.goes_on, err);
	if (survey.findings.n > 0) {
		session_keep_survey(s, &survey);
		if (told.fed)
			case_feed_keep(&s->feed, s->survey_serial);
	}
	survey_release(&survey);
	return failed;
}

/* Leaves the findings for which the expression holds. */
static int keep_where(struct survey *s, const char *text, struct err *err)
{
	struct where *w;
	size_t n = 0;

	if (where_new(&w, text, err))
		return -1;
	for (size_t i = 0; i < s->findings.n; i++)
		if (where_holds(w, &s->findings.at[i]))
			s->findings.at[n++] = s->findings.at[i];
	s->findings.n = n;
	where_free(w);
	return 0;
}

#define RUNS_SHOWN 8 /* of missing cases */

/* "312 of 1,925 cases are missing: 5, 12-20, …"; none: NULL. The survey is sorted. Which ones cannot be told where an
 * expression chose them. */
static json_t *missing_note(const struct survey *s)
{
	size_t missing = s->meant > s->findings.n ? s->meant - s->findings.n : 0, next = 1, runs = 0;
	struct buf b = {0};
	json_t *note;

	if (missing == 0)
		return NULL;
	buf_addcount(&b, missing);
	buf_addstr(&b, " of ");
	buf_addcount(&b, s->meant);
	buf_addstr(&b, missing == 1 ? " cases is missing" : " cases are missing");
	for (size_t i = 0; s->meant == s->split_cases && i <= s->findings.n; i++) {
		size_t end = i < s->findings.n ? s->findings.at[i].index : s->split_cases + 1;

		if (next < end && runs++ < RUNS_SHOWN)
			buf_addf(&b, "%s%zu", runs == 1 ? ": number " : ", ", next);
		if (next + 1 < end && runs <= RUNS_SHOWN)
			buf_addf(&b, "-%zu", end - 1);
		next = end + 1;
	}
	if (runs > RUNS_SHOWN)
		buf_addstr(&b, ", and more");
	note = json_stringn(buf_str(&b), b.len);
	buf_release(&b);
	return note;
}

static int write_stream(const struct survey *s, const char *path, struct err *err)
{
	struct survey scratch;
	struct survey_file f;
	struct err ignored;
	int failed;

	survey_init(&scratch);
	failed = survey_file_open(&f, path, &scratch, err);
	for (size_t i = 0; i < s->findings.n && !failed; i++)
		failed = survey_file_add(&f, s, &s->findings.at[i], err);
	if (survey_file_close(&f, failed ? &ignored : err))
		failed = -1;
	survey_release(&scratch);
	return failed;
}

static int write_lines(const struct survey *s, const char *path, struct err *err)
{
	struct file_writer w;
	struct buf line = {0};
	struct stat st;
	int failed;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return write_stream(s, path, err);
	failed = file_writer_init(&w, path, err);
	for (size_t i = 0; i < s->findings.n && !failed; i++) {
		buf_clear(&line);
		survey_line(s, &s->findings.at[i], &line);
		failed = file_writer_add(&w, line.at, line.len, err);
	}
	if (!failed)
		failed = file_writer_commit(&w, err);
	file_writer_release(&w);
	buf_release(&line);
	return failed;
}

enum { MERGE_FILES, MERGE_WHERE, MERGE_AT };

static int read_files(struct survey *survey, const struct cmd_args *a, struct err *err)
{
	for (size_t i = 0; i < a->many.n; i++)
		if (survey_read(survey, a->many.at[i].text, NULL, err))
			return err->code == ERR_VALUE ? err_prefix(err, "these are not files of one diagnosis") : -1;
	if (!survey->settings)
		return err_set(err, ERR_VALUE, "'%s' holds no case%s", a->many.at[0].text,
			a->many.n > 1 ? ", nor do the other files" : "");
	survey_sort(survey);
	return 0;
}

static int merge(struct survey *survey, struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	const struct survey_told told = {0};
	json_t *notes, *note;
	struct at at;

	if (read_files(survey, a, err) || parse_at(&at, a->text[MERGE_AT], survey->width, err))
		return -1;
	note = missing_note(survey);
	if (keep_where(survey, a->text[MERGE_WHERE], err) ||
		(s->options.output && write_lines(survey, s->options.output, err))) {
		json_decref(note);
		return -1;
	}
	notes = json_array();
	if (note)
		json_array_append_new(notes, note);
	return summarise(s, out, survey, &at, &told, a->text[MERGE_WHERE], notes, err);
}

static int merge_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	struct survey survey;
	int failed;

	survey_init(&survey);
	failed = merge(&survey, s, a, out, err);
	if (!failed)
		session_keep_survey(s, &survey);
	survey_release(&survey);
	return failed;
}

#define AT_ARG \
	{ \
		.name = "--at", .type = ARG_WORD, .source = FROM_NONE, .value = "K,K", \
		.help = "the K of HR@K and NDCG@K, at most B (default: 1, 5 and B)" \
	}

static const char diagnose_details[] =
	"For every case of the split: the beam search with each of its steps, the positive item's exact rank, the "
	"exact best B items, and which beam widths return the item. Printed are the figures over all of them, each "
	"with its count and a 95 % interval; the cases are then also what 'cases --where' and 'export report' look "
	"at.\n\n"
	"With -o FILE.jsonl every case is written to the file as soon as it is found, one line each, which says all of "
	"it. A file that holds some of the cases already, made with the same settings, is gone on with: after Ctrl-C, "
	"a kill or a power cut the same command goes on where it was, and gives the figures of a run that was never "
	"stopped. In the screens it does so without a file too, as long as the program runs.\n\n"
	"SIGINT (Ctrl-C) or SIGTERM: the case at hand is given up, the figures of the others are printed, exit "
	"status 1.";

const struct cmd_entry cmd_diagnose = {
	.name = "diagnose",
	.group = "Diagnose",
	.summary = "diagnose the cases of the split: what the search loses, where, and what B would save it",
	.details = diagnose_details,
	.args = {
		[DIAGNOSE_LIMIT] = {.name = "--limit", .type = ARG_INT, .max = 1e12, .dflt = "0",
			.help = "only the first N cases; 0: all"},
		[DIAGNOSE_SHARD] = {.name = "--shard", .type = ARG_WORD, .source = FROM_NONE, .value = "I/N",
			.dflt = "1/1",
			.help = "of these every N-th, from the I-th on: merge puts the N parts together"},
		[DIAGNOSE_WHERE] = {.name = "--where", .type = ARG_WORD, .source = FROM_WHERE, .value = "EXPR",
			.help = "only cases for which the expression holds: 'popularity < 5 and history > 2'"},
		[DIAGNOSE_BEAMS] = {.name = "--beams", .type = ARG_WORD, .source = FROM_NONE, .value = "LIST",
			.dflt = BEAMS,
			.help = "beam widths to search with besides B; none: only B"},
		[DIAGNOSE_AT] = AT_ARG,
		[DIAGNOSE_RANK_LIMIT] = {.name = "--rank-limit", .type = ARG_INT, .min = 1, .max = 1e9, .dflt = "100",
			.help = "exact ranks are followed so far, and to the widest beam at least"},
	},
	.examples = {
		{"diagnose --limit 20 -o demo.jsonl", "the first 20 cases, each of them as a line of demo.jsonl too"},
		{"diagnose --where 'history > 5' --limit 10 --beams none --format json",
			"some of the cases, for programs"},
		{OFFICE "diagnose --limit 4 --beams 10,20 --rank-limit 50", "a real catalogue"},
	},
	.flags = CMD_NEEDS_SEARCH | CMD_WORK | CMD_VIEWED | CMD_OWN_OUTPUT,
	.exec = diagnose_exec,
	.text = tally_text,
	.tsv = tally_tsv,
	.fields = fields_diagnose,
	.files = files_diagnose,
};

static const char merge_details[] =
	"Reads the files that 'diagnose -o' wrote, in any order: shards, parts of a run that was broken off, the same "
	"file again. They must have been made with the same settings, model and data; a case that stands in several "
	"must have been found alike. The figures are exactly those of one run. Cases that are missing are told.\n\n"
	"With -o FILE.jsonl all the lines are put into one file, in the order of the split. Neither model nor data is "
	"needed.";

const struct cmd_entry cmd_merge = {
	.name = "merge",
	.group = "Diagnose",
	.summary = "put together what several runs of diagnose have found, and give its figures",
	.details = merge_details,
	.args = {
		[MERGE_FILES] = {.name = "FILE", .type = ARG_PATH, .required = true, .many = true, .source = FROM_FILES,
			.help = "lines that 'diagnose -o FILE.jsonl' wrote"},
		[MERGE_WHERE] = {.name = "--where", .type = ARG_WORD, .source = FROM_WHERE, .value = "EXPR",
			.help = "only cases for which the expression holds: 'kind = incorrectly-pruned and step <= 2'"},
		[MERGE_AT] = AT_ARG,
	},
	.examples = {
		{"merge demo.jsonl", "the figures of one file, or of many: merge part-*.jsonl"},
		{"merge demo.jsonl --where 'kind = incorrectly-pruned'", "those of some of its cases"},
	},
	.flags = CMD_WORK | CMD_VIEWED | CMD_OWN_OUTPUT,
	.exec = merge_exec,
	.text = tally_text,
	.tsv = tally_tsv,
	.fields = fields_merge,
};
