/*
 * Measures beam search over many cases, and compares: see tests/bench/experiment.sh.
 *
 *     measure [OPTION…] run FILE FIRST COUNT   a line of JSON into FILE for each of these cases of the split
 *     measure table FILE…                      Markdown; all but the first in pairs against it
 *     measure best FILE…                       the name of the one with the best search recall
 *
 * The options are beamscope's.
 */
#include "measure.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "search/beam.h"
#include "session/session_priv.h"
#include "store/file.h"
#include "ui/cmdline.h"

const size_t survival_widths[N_SURVIVAL] = {1, 2, 5, 10, 20, 50};

static int find_survival(struct measured *m, const struct case_work *c, struct beam_options beam, struct err *err)
{
	size_t most = survival_widths[N_SURVIVAL - 1];
	struct exact_options o = {.target = c->leaf, .rank_limit = most};
	struct exact_result exact;
	struct trace trace;
	int rc = 0;

	if (m->outcome.kind == VERDICT_UNREACHABLE)
		return 0;
	for (size_t i = 0; i < N_SURVIVAL && rc == 0; i++) {
		beam.width = survival_widths[i];
		rc = beam_search(&trace, c->scorer, &beam, false, err);
		if (rc == 0)
			m->ranks[i] = trace_rank(&trace, c->leaf);
		trace_release(&trace);
	}
	if (rc == 0) {
		rc = exact_search(&exact, c->scorer, &o, err);
		m->exact_rank = rc == 0 && exact.target_rank <= most ? exact.target_rank : 0;
		exact_release(&exact);
	}
	return rc;
}

static int measure_case(struct measured *m, struct session *s, const struct rec_case *rc, struct err *err)
{
	const struct diagnose_options o = {
		.beam = {.width = (size_t)s->now.beam,
			.kind = (enum search_kind)s->now.search,
			.length_penalty = s->now.length_penalty,
			.early = (enum early_stopping)s->now.early_stopping},
	};
	struct case_work c;

	*m = (struct measured){0};
	snprintf(m->id, sizeof(m->id), "%s", rc->id);
	if (case_open(s, rc->id, &c, err) || outcome_find(&m->outcome, c.scorer, c.leaf, c.why, &o, err))
		return -1;
	return find_survival(m, &c, o.beam, err);
}

static int measure_all(struct session *s, const char *file, size_t first, size_t count, struct err *err)
{
	const struct split *split;
	struct buf out = {0};
	int rc = 0;

	if (session_prepare(s, CMD_NEEDS_SEARCH, err))
		return -1;
	split = &s->loaded.data->dataset->splits[s->now.split];
	for (size_t i = first - 1; i < first - 1 + count && i < split->n && rc == 0; i++) {
		struct measured m;

		rc = measure_case(&m, s, &split->cases[i], err);
		measured_write(&out, &m, (size_t)s->now.beam);
	}
	if (rc == 0)
		rc = file_write(file, buf_str(&out), out.len, err);
	buf_release(&out);
	return rc;
}

static int run_measure(struct session *s, int argc, char *const *argv, struct err *err)
{
	long first, count;

	if (argc != 3)
		return err_set(err, ERR_USAGE, "run takes a file, the first case and their number");
	first = atol(argv[1]);
	count = atol(argv[2]);
	if (first < 1 || count < 1)
		return err_set(err, ERR_USAGE, "'%s' and '%s' must be numbers from 1 on", argv[1], argv[2]);
	return measure_all(s, argv[0], (size_t)first, (size_t)count, err);
}

static double recall(const struct measurement *m)
{
	double sum = 0;

	for (size_t i = 0; i < m->cases.n; i++)
		sum += (double)m->cases.at[i].outcome.recalled / (double)m->cases.at[i].outcome.exact_n;
	return sum / (double)m->cases.n;
}

static void print_best(const struct measurement *m, size_t n)
{
	size_t best = 0;

	for (size_t i = 1; i < n; i++)
		if (recall(&m[i]) > recall(&m[best]))
			best = i;
	printf("%s\n", m[best].name);
}

static int run_files(void (*print)(const struct measurement *m, size_t n), int argc, char *const *argv, struct err *err)
{
	struct measurement *m = xcalloc((size_t)argc + 1, sizeof(*m));
	int rc = argc > 0 ? 0 : err_set(err, ERR_USAGE, "there is no file to read");

	for (int i = 0; i < argc && rc == 0; i++)
		rc = measurement_read(&m[i], argv[i], err);
	if (rc == 0)
		print(m, (size_t)argc);
	for (int i = 0; i < argc; i++)
		measurement_release(&m[i]);
	free(m);
	return rc;
}

static int run(struct session *s, int argc, char *const *argv, struct err *err)
{
	if (argc > 0 && !strcmp(argv[0], "run"))
		return run_measure(s, argc - 1, argv + 1, err);
	if (argc > 0 && !strcmp(argv[0], "table"))
		return run_files(measurements_table, argc - 1, argv + 1, err);
	if (argc > 0 && !strcmp(argv[0], "best"))
		return run_files(print_best, argc - 1, argv + 1, err);
	return err_set(
		err, ERR_USAGE, "usage: measure [OPTION ...] run FILE FIRST COUNT | table FILE ... | best FILE ...");
}

int main(int argc, char **argv)
{
	struct cmdline c = {0};
	struct session *s;
	struct err err;
	int rc;

	setlocale(LC_CTYPE, "");
	if (session_new(&s, &err)) {
		fprintf(stderr, "measure: %s\n", err.msg);
		return EXIT_FAILURE;
	}
	rc = cmdline_parse(&c, s, argc, argv, &err);
	if (rc == 0)
		rc = run(s, c.argc, c.argv, &err);
	if (rc < 0)
		fprintf(stderr, "measure: %s\n", err.msg);
	cmdline_release(&c);
	session_free(s);
	return rc == 0 ? EXIT_SUCCESS : err.code == ERR_USAGE ? 2 : EXIT_FAILURE;
}
