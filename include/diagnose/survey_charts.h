/*
 * The charts of a survey, for reports and for screens. What they hold lies in the arena, and nothing is borrowed but
 * names that are constants.
 */
#ifndef DIAGNOSE_SURVEY_CHARTS_H
#define DIAGNOSE_SURVEY_CHARTS_H

#include "base/chart.h"
#include "base/mem.h"
#include "diagnose/slices.h"
#include "diagnose/tally.h"

/* The last step at which a positive item leaves the beam; 1 where none does. */
size_t survey_last_step(const struct tally *t);

/* Categories for steps 1 … steps, cut where they are many; all: the last one then stands for all from there on. */
const char *const *survey_step_names(struct arena *a, size_t steps, bool all, size_t *n);

/* How many left the beam at each of n steps, the last with all later ones: the wrongly pruned, or the others. */
double *survey_left_at(struct arena *a, const struct tally *t, size_t n, bool wrongly);

/* A figure by beam width; its x are the widths. */
struct chart_series survey_by_width(
	struct arena *a, const struct tally *t, const char *name, struct figure (*of)(const struct tally_width *t));

/* Where items leave the beam; with how many steps: survey_last_step. */
void survey_chart_lost(struct arena *a, const struct tally *t, size_t steps, struct chart *c);

/* What is returned beside what could be, by beam width. */
void survey_chart_survival(struct arena *a, const struct tally *t, struct chart *c);

/* Prefix margins by step. */
void survey_chart_margins(struct arena *a, const struct tally *t, size_t steps, struct chart *c);

/* Every case's smallest prefix margin: how many have one of about so much. */
void survey_chart_worst(struct arena *a, const struct survey *s, struct chart *c);

/* How much is lost in every slice; where no positive item could be (any: false), how many of the exact best items are
 * returned. */
void survey_chart_slices(struct arena *a, const struct slices *s, bool any, struct chart *c);

/* Those for a screen: where items are lost, the smallest margins, survival, popularity, length, margins by step; those
 * that have nothing to show are left out. Returns their number. */
#define SURVEY_CHARTS_ALL 6
size_t survey_charts(
	struct arena *a, const struct survey *s, const struct tally *t, struct chart charts[SURVEY_CHARTS_ALL]);

#endif
