#include "session/survey_shown.h"

#include <stdlib.h>

#include "diagnose/report.h"
#include "diagnose/survey_charts.h"
#include "diagnose/tally.h"
#include "session/snapshot.h"
#include "session/snap_text.h"

_Static_assert(SURVEY_CHARTS_ALL <= SURVEY_CHARTS, "a survey's charts have room in its snapshot");

static void show_figures(struct snap_survey *n, const struct tally *t)
{
	struct snap_key_figure *shown = arena_alloc(&n->arena, REPORT_FIGURES * sizeof(*shown));
	struct key_figure k[REPORT_FIGURES];

	report_key_figures(t, &n->arena, k);
	for (size_t i = 0; i < REPORT_FIGURES; i++)
		shown[i] = (struct snap_key_figure){k[i].name, k[i].value, k[i].below};
	n->figures = shown;
	n->n_figures = REPORT_FIGURES;
}

static void show_tally(struct snap_survey *n, const struct survey *s, const struct tally *t)
{
	struct buf b = {0};

	report_headline(t, &b);
	n->headline_shown = snap_keep_shown(&n->arena, buf_str(&b));
	buf_release(&b);
	show_figures(n, t);
	n->n_charts = survey_charts(&n->arena, s, t, n->charts);
}

struct snap_survey *snap_survey_new(const struct survey *s)
{
	struct snap_survey *n = xcalloc(1, sizeof(*n));
	struct tally t;
	struct err err;

	arena_init(&n->arena);
	n->refs = 1;
	n->settings_shown = snap_keep_settings(&n->arena, s->settings, NULL);
	n->cases = s->findings.n;
	n->meant = s->meant;
	if (tally_init(&t, s, NULL, 0, &err))
		BUG("the figures of a survey at no K of one's own: %s", err.msg);
	show_tally(n, s, &t);
	tally_release(&t);
	return n;
}

void snap_survey_unref(struct snap_survey *s)
{
	if (!s || --s->refs > 0)
		return;
	arena_release(&s->arena);
	free(s);
}
