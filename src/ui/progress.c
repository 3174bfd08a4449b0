#include "ui/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "ui/headless.h"

#define REWRITE_SECONDS 0.1
#define CLEAR_LINE "\r\033[K"
#define MIB 1048576.0

/* In an evaluation's line, which must not be long; the record has all of them. */
static const enum race_figure told[] = {RACE_NDCG, RACE_HR, RACE_PRUNING_RATE, RACE_SEARCH_RECALL, RACE_NLL_BEFORE};

static bool can_rewrite(void)
{
	const char *term = getenv("TERM");

	return term && *term && strcmp(term, "dumb") != 0 && !headless_linear();
}

static size_t columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static void add_dot(const struct progress *p, struct buf *b)
{
	buf_addstr(b, headless_linear() ? ", " : p->ascii ? " | " : " · ");
}

void progress_clear(struct progress *p)
{
	if (p->shown)
		fputs(CLEAR_LINE, stderr);
	p->shown = false;
}

static double rate(const struct snap_race *race)
{
	double seconds = 0, tokens = 0;

	for (size_t i = 0; i < race->n_runners; i++) {
		seconds += race->runners[i].seconds;
		tokens += (double)race->runners[i].tokens;
	}
	return seconds > 0 ? tokens / seconds : 0;
}

/* Writes p->line over what is shown. */
static void show(struct progress *p)
{
	struct buf fitted = {0};

	utf8_fit(&fitted, buf_str(&p->line), p->line.len, columns() - 1, false, p->ascii);
	fprintf(stderr, CLEAR_LINE "%s", buf_str(&fitted));
	fflush(stderr);
	buf_release(&fitted);
	p->shown = true;
	p->when = clock_now();
}

static void add_left(struct progress *p, double seconds)
{
	char left[CLOCK_SPAN];

	if (isnan(seconds))
		return;
	clock_span(left, seconds);
	add_dot(p, &p->line);
	buf_addf(&p->line, "%s left", left);
}

/* "step 120/300 · sft 2.345 · msl 1.234 · 8,412 tokens/s · 1 min 20 s left" */
static void write_race(struct progress *p, const struct snap_race *race)
{
	buf_clear(&p->line);
	buf_addf(&p->line, "step %zu/%zu", race->step, race->steps);
	if (race->cases > 0) {
		add_dot(p, &p->line);
		buf_addf(&p->line, "evaluating %s %zu/%zu", race->runners[race->judged].name_shown, race->done,
			race->cases);
	}
	for (size_t i = 0; i < race->n_runners; i++) {
		const struct snap_runner *r = &race->runners[i];

		if (r->last.step == 0)
			continue;
		add_dot(p, &p->line);
		buf_addf(&p->line, "%s %.4f", r->name_shown, r->last.smoothed);
	}
	if (rate(race) > 0) {
		add_dot(p, &p->line);
		buf_addcount(&p->line, (size_t)llround(rate(race)));
		buf_addstr(&p->line, " tokens/s");
	} else {
		add_dot(p, &p->line);
		buf_addf(&p->line, "%.0f MiB", (double)race->memory / MIB);
	}
	add_left(p, race->left);
}

/* Without a line to write over: a line that stays every tenth of the way. */
static void tell_tenth(struct progress *p, const struct race_news *news)
{
	const struct snap_race *race = news->race;
	size_t tenth = race->steps > 0 ? race->step * 10 / race->steps : 0;

	if (news->kind == RACE_STEPPED && tenth > p->tenth) {
		write_race(p, race);
		fprintf(stderr, "%s\n", buf_str(&p->line));
	}
	p->tenth = tenth;
}

static void add_figure(const struct snap_eval *e, enum race_figure f, struct buf *b)
{
	char name[RACE_FIGURE_NAME];
	const struct snap_figure *figure = &e->figures[f];

	race_figure_name(name, f, e->width, true);
	if (figure->n == 0)
		buf_addf(b, "%s: no such case", name);
	else if (race_figures[f].unit == RACE_SHARE)
		buf_addf(b, "%s %.1f %%", name, 100 * figure->value);
	else
		buf_addf(b, "%s %.4f", name, figure->value);
}

static void tell(struct progress *p, const struct race_news *news)
{
	struct buf b = {0};

	switch (news->kind) {
	case RACE_EVALUATED:
		buf_addf(&b, "step %zu, %s: ", news->eval->step, news->runner->name_shown);
		for (size_t i = 0; i < ARRAY_LEN(told); i++) {
			if (i > 0)
				add_dot(p, &b);
			add_figure(news->eval, told[i], &b);
		}
		break;
	case RACE_NOTED:
		buf_addf(&b, "note: %s", news->text_shown);
		break;
	case RACE_STOPPED_EARLY:
		buf_addf(&b, "step %zu, %s: stopped early", news->runner->step, news->runner->name_shown);
		break;
	case RACE_STEPPED:
	case RACE_JUDGING:
	case RACE_SAVED:
	case RACE_PLANNED:
		break;
	}
	if (b.len > 0) {
		progress_clear(p);
		fprintf(stderr, "%s\n", buf_str(&b));
	}
	buf_release(&b);
}

static void on_news(void *arg, const struct race_news *news)
{
	struct progress *p = arg;

	tell(p, news);
	if (!p->rewrites) {
		tell_tenth(p, news);
	} else if (!p->shown || clock_now() - p->when >= REWRITE_SECONDS) {
		write_race(p, news->race);
		show(p);
	}
}

/* "diagnose 312/1,925 · 12 of 103 within the best 10 wrongly pruned · 1 min 20 s left" */
static void write_cases(struct progress *p, const struct case_news *news)
{
	buf_clear(&p->line);
	buf_addf(&p->line, "%s ", news->what_shown);
	buf_addcount(&p->line, news->done);
	buf_addch(&p->line, '/');
	buf_addcount(&p->line, news->total);
	if (*news->figures_shown) {
		add_dot(p, &p->line);
		buf_addstr(&p->line, news->figures_shown);
	}
	add_left(p, news->left);
}

/* A line that stays: what a file held already, and without a line to write over every tenth of the way. */
static void tell_cases(struct progress *p, const struct case_news *news)
{
	size_t tenth = news->total > 0 ? news->done * 10 / news->total : 0;

	if (news->there > 0 && news->done == news->there) {
		progress_clear(p);
		fprintf(stderr, "note: %zu of %zu cases are in the file already\n", news->there, news->total);
	} else if (!p->rewrites && tenth > p->tenth) {
		write_cases(p, news);
		fprintf(stderr, "%s\n", buf_str(&p->line));
	}
	p->tenth = tenth;
}

static void on_cases(void *arg, const struct case_news *news)
{
	struct progress *p = arg;

	tell_cases(p, news);
	if (!p->rewrites || (p->shown && clock_now() - p->when < REWRITE_SECONDS))
		return;
	write_cases(p, news);
	show(p);
}

void progress_init(struct progress *p, struct session *s)
{
	memset(p, 0, sizeof(*p));
	if (!isatty(STDERR_FILENO))
		return;
	p->session = s;
	p->rewrites = can_rewrite();
	p->ascii = headless_ascii(s);
	session_watch(s, on_news, p);
	session_watch_cases(s, on_cases, p);
}

void progress_release(struct progress *p)
{
	progress_clear(p);
	if (p->session) {
		session_watch(p->session, NULL, NULL);
		session_watch_cases(p->session, NULL, NULL);
	}
	buf_release(&p->line);
}
