/*
 * A page for people, in pieces: what it says is apart from how a form writes it (report_html.c, report_markdown.c), so
 * that two forms cannot disagree. Reports and exports are made of these pieces. All text is plain: a form makes it
 * visible, one line where it is a cell, and escapes it.
 */
#ifndef DIAGNOSE_PAGE_H
#define DIAGNOSE_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/chart.h"
#include "base/mem.h"
#include "base/vec.h"

/* A table: cells are plain text, row after row. */
#define GRID_COLUMNS 14
#define GRID_NONE ((size_t)-1)

struct page;

struct grid {
	struct arena *arena;   /* owns the cells' text */
	const char *caption;   /* NULL: none */
	const char *heads[GRID_COLUMNS];
	bool words[GRID_COLUMNS]; /* text, aligned left; otherwise numbers */
	size_t n_columns;
	VEC(const char *) cells;
	size_t strong;         /* a row to be seen first; GRID_NONE */
	size_t cut;            /* a row above which the cut-off runs; GRID_NONE */
	bool pairs;            /* from the third on, every other row belongs to the one above it */
};

void grid_init(struct grid *g, struct arena *a, const char *caption);
void grid_release(struct grid *g);
void grid_column(struct grid *g, const char *head, bool words);
void grid_cell(struct grid *g, const char *fmt, ...) PRINTF_LIKE(2, 3);
void grid_take(struct grid *g, struct buf *b); /* the next cell; releases b */
void grid_count(struct grid *g, size_t n);
void grid_number(struct grid *g, double v, int decimals, bool sign); /* sign: with a plus where it is above zero */
void grid_write(struct grid *g, struct page *p); /* and releases it */

/* A figure to be seen first, with what belongs below it: "19.7 to 27.9; 97 of 412". */
struct key_figure {
	const char *name, *value, *below;
};

struct term {
	const char *id; /* in the page, where it can have links: letters and "-" */
	const char *name, *meaning;
};

/* A part of a sentence: text, or the words that lead to a term. */
struct phrase {
	const char *text;
	const char *term; /* its id; NULL: none */
};

enum page_voice {
	VOICE_LEAD, /* the report's first sentences */
	VOICE_TEXT,
	VOICE_NOTE, /* small */
	VOICE_SUBTITLE,
};

/* How a form writes the pieces. All text is plain, and made safe and escaped by the form. */
struct page {
	const struct page_ops *ops;
	struct buf *out;
};

struct page_ops {
	void (*begin)(struct page *p, const char *title); /* the subtitle follows */
	void (*end)(struct page *p, const char *colophon);
	void (*heading)(struct page *p, const char *text);
	void (*subheading)(struct page *p, const char *text);
	void (*text)(struct page *p, enum page_voice voice, const char *text);
	void (*phrases)(struct page *p, enum page_voice voice, const struct phrase *phrases, size_t n);
	void (*figures)(struct page *p, const struct key_figure *f, size_t n);
	void (*charts)(struct page *p, const struct chart *c, size_t n);
	/* An <svg> element of its own width, which a narrow page lets slide; Markdown has none. */
	void (*picture)(struct page *p, const char *caption, const char *svg, const char *note);
	void (*table)(struct page *p, const struct grid *g);
	void (*code)(struct page *p, const char *text); /* lines */
	void (*terms)(struct page *p, const struct term *t, size_t n);
	/* Around what belongs to one case. */
	void (*case_begin)(struct page *p, const char *head);
	void (*case_end)(struct page *p);
	/* Around the cases, or tables, that may stand side by side. */
	void (*group_begin)(struct page *p);
	void (*group_end)(struct page *p);
};

extern const struct page_ops page_html, page_markdown;

#endif
