/*
 * The inside of a report. What it says (report_body.c, report_front.c, report_compare.c, report_charts.c,
 * report_words.c, report_verdict.c) is apart from how a form writes it (report_html.c, report_markdown.c), so that two
 * forms cannot disagree.
 */
#ifndef DIAGNOSE_REPORT_PRIV_H
#define DIAGNOSE_REPORT_PRIV_H

#include <stdbool.h>

#include "base/mem.h"
#include "base/vec.h"
#include "base/chart.h"
#include "diagnose/page.h"
#include "diagnose/report.h"
#include "diagnose/slices.h"

/* What a report is made from. */
struct report_work {
	const struct report *r;
	const struct survey *survey;     /* the first contender's */
	struct tally tally;              /* of it, over all of its cases */
	struct contest contest;          /* zeroed where there is only one */
	struct slices *slices;           /* owned, [n_slices] in the order of slicings */
	size_t n_slices;
	const struct finding **worst;    /* owned, [n_worst] wrongly pruned cases, the worst first */
	size_t n_worst;
	struct arena arena;              /* texts and arrays of charts and tables */
};

void grid_share(struct grid *g, const struct figure *f);

void report_body(struct report_work *w, struct page *p);
void report_front(struct report_work *w, struct page *p);   /* its first screen */
void report_contest(struct report_work *w, struct page *p); /* all contenders in one table, on its first screen */
void report_compare(struct report_work *w, struct page *p); /* nothing where there is one alone */

/* The figures of the first screen. */
struct report_figure {
	const char *name; /* "%s" is K, or B */
	bool share;
	bool own;         /* at each one's own B, not at K */
	struct figure (*of)(const struct tally *t, size_t k);
};
extern const struct report_figure report_figures[REPORT_FIGURES];

/* Does each of those compared have the B that the report's figures are named after? */
bool report_one_width(const struct report_work *w);

/* A tally's figures at a K that it was made for. */
const struct tally_at *report_at(const struct tally *t, size_t k);

bool report_beyond_chance(double p);

void report_say(struct page *p, enum page_voice voice, struct buf *b); /* unless it is empty; empties it */
const char *report_kept(struct report_work *w, struct buf *b); /* the text in the work's arena; releases b */

/* Phrases put together: `text` is what follows the last link. */
struct sentence {
	struct report_work *w; /* whose arena keeps the words */
	struct buf text;
	VEC(struct phrase) phrases;
};

void sentence_link(struct sentence *s, const char *words, const char *term);
void sentence_say(struct sentence *s, struct page *p, enum page_voice voice); /* and releases it */

/* The charts of the first screen, and how many there are; they borrow from the work's arena. */
#define REPORT_CHARTS 6
size_t report_charts(struct report_work *w, struct chart charts[REPORT_CHARTS]);

void report_csv(const struct survey *s, struct buf *out);

/* Words. The steps of a finding count from 1. */
void words_value(const struct figure *f, bool share, struct buf *out); /* "23.5 %", "0.1398" */
void words_interval(const struct figure *f, bool share, struct buf *out); /* "19.7 to 27.9", its unit left out */
void words_figure(const struct figure *f, bool share, struct buf *out);     /* "23.5 % [19.7, 27.9]" */
void words_difference(const struct figure *f, bool share, struct buf *out); /* "+2.4 points [1.1, 3.7]" */
void words_p(double p, struct buf *out);                        /* "p = 0.012", "p < 0.001" */
void words_title(const struct finding *f, struct buf *out);     /* entities decoded; the item's id without one */
void words_token(const struct finding *f, size_t step, struct buf *out);
void words_verdict(const struct finding *f, const struct survey *s, struct buf *out); /* a sentence */
void words_luck(const struct tally *t, struct buf *out);        /* a blank and what it returns beyond those, or none */
void words_json(const json_t *value, struct buf *out);          /* of a setting: text as it is, "-" for none */
const char *words_setting(const struct survey *s, const char *key); /* "" where it is no text */
/* The last part of a path; of another text all. */
const char *words_name(const char *path);

/* Text made visible for a form that then escapes its own markup: one line, no control or bidi characters, no invalid
 * bytes, and no longer than so many cells. */
#define SHOWN_MOST 400  /* of a cell or a heading: titles come from strangers */
#define PROSE_MOST 8000 /* of sentences and command lines, which are ours with names in them */
void report_shown(const char *text, size_t most, struct buf *out);

#endif
