/*
 * How the positive item of a case, or of many, fares with narrower and wider beams: sweep.
 */
#include <string.h>

#include "session/cmdtab.h"
#include "session/sweep.h"

#define USUAL_WIDTHS "1,2,5,10,20,50"

/* The arguments' places. */
enum { CASE, BEAMS, WHERE, LIMIT };

/* The widths that were asked for; without any the usual ones and the present B. */
static int find_widths(
	size_t widths[SURVEY_WIDTHS], size_t *n, const struct session *s, const char *text, struct err *err)
{
	struct buf usual = {0};
	int failed;

	if (text) {
		failed = survey_widths(widths, n, text, err);
		if (!failed && *n == 0)
			failed = err_set(err, ERR_USAGE, "--beams: at least one beam width is wanted, as in 5,10,20");
		return failed;
	}
	buf_addf(&usual, USUAL_WIDTHS ",%ld", s->now.beam);
	failed = survey_widths(widths, n, buf_str(&usual), err);
	buf_release(&usual);
	return failed;
}

static int sweep_all(struct session *s, const struct cmd_args *a, const size_t *widths, size_t n, struct out *out,
	struct err *err)
{
	const struct survey_plan plan = {
		.what = "sweep",
		.where = a->text[WHERE],
		.limit = (size_t)a->number[LIMIT],
		.shard = 1,
		.shards = 1,
		.widths = widths,
		.n_widths = n,
	};
	struct survey survey;
	struct survey_told told;
	struct tally tally = {0};
	struct buf done = {0};
	int failed = -1;

	survey_init(&survey);
	if (survey_run(&survey, &told, s, &plan, err))
		goto out;
	if (told.stopped && survey.findings.n == 0) {
		err_set(err, ERR_CANCELLED, "cancelled");
		goto out;
	}
	if (tally_init(&tally, &survey, NULL, 0, err))
		goto out;
	out_record(out, sweep_cases(s, &survey, &tally, &told));
	session_keep_survey(s, &survey);
	survey_add_done(&done, &told);
	failed = told.stopped ?
			 err_set(err, ERR_CANCELLED, "stopped after %s: the figures are of these", buf_str(&done)) :
			 0;
out:
	buf_release(&done);
	tally_release(&tally);
	survey_release(&survey);
	return failed;
}

static int sweep_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	size_t widths[SURVEY_WIDTHS], n;
	json_t *record;

	if (find_widths(widths, &n, s, a->text[BEAMS], err))
		return -1;
	if (!strcmp(a->text[CASE], "all"))
		return sweep_all(s, a, widths, n, out, err);
	if (a->given[WHERE] || a->given[LIMIT])
		return err_set(err, ERR_USAGE, "--where and --limit choose among many cases: they go with 'sweep all'");
	if (sweep_case(&record, s, a->text[CASE], widths, n, err))
		return -1;
	out_record(out, record);
	return 0;
}

const struct cmd_entry cmd_sweep = {
	.name = "sweep",
	.group = "Search",
	.summary = "see at which beam widths the positive item survives",
	.details =
		"Of a case: its rank in the search of every width, or where that search lost it and by how much, and "
		"how many of the exact best B the search returned. The line of marks below holds every width from 1 "
		"to the option 'scan': an item that one beam returns may be lost again by a wider one, since other "
		"prefixes then compete.\n\n"
		"Of all cases of the split: for every width the share of positive items returned, the share that a "
		"perfect search of that width would return, the share of these that the search lost (wrongly pruned), "
		"the share of the exact best B that it returned (search recall), with 95 % intervals in brackets, and "
		"how many of the items that are wrongly pruned at the present B it returns (saved). Esc or an "
		"interrupt ends it early with the figures of the cases that are done, and exit status 1.\n\n"
		"All widths of a case share the model's answers: none is computed twice.",
	.args = {
		[CASE] = {.name = "CASE", .type = ARG_CASE, .required = true, .source = FROM_CASES,
			.help = "id of a case of the split; 'all': all of them"},
		[BEAMS] = {.name = "--beams", .type = ARG_WORD, .source = FROM_NONE, .value = "B,B,...",
			.help = "these widths; else " USUAL_WIDTHS " and the present one"},
		[WHERE] = {.name = "--where", .type = ARG_WORD, .source = FROM_WHERE, .value = "EXPR",
			.help = "of all, only the cases for which this holds (see 'help cases')"},
		[LIMIT] = {.name = "--limit", .type = ARG_INT, .max = 1e9, .dflt = "0",
			.help = "of these, only the first N; 0: all"},
	},
	.examples = {
		{"sweep 312", "the best item of all is lost up to B 10"},
		{"sweep 223 --beams 1,2,3,11,12", "an item that wider beams lose again"},
		{"sweep all --limit 20 --beams 5,10,20", "the first cases of the split"},
	},
	.flags = CMD_NEEDS_SEARCH | CMD_WORK,
	.exec = sweep_exec,
	.text = sweep_text,
	.tsv = sweep_tsv,
	.fields = fields_sweep,
};
