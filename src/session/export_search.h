/*
 * What the exports of one search have in common: the search itself, and the head and the end of their pages.
 */
#ifndef SESSION_EXPORT_SEARCH_H
#define SESSION_EXPORT_SEARCH_H

#include "diagnose/page.h"
#include "session/export.h"
#include "session/snapshot.h"

struct export_search {
	json_t *record;          /* owned reference: as `beam --trace` emits it */
	struct snap_trace *trace; /* owned reference: the same as views see it */
	struct arena arena;      /* texts and numbers of a page */
};

/* The newest branch of the open search, or the search of --case, made for this alone. Released also after a failure. */
int export_search_init(struct export_search *x, struct session *s, const struct export_job *job, struct err *err)
	MUST_CHECK;
void export_search_release(struct export_search *x);

/* Appends an object on one line, with "exported": the program, its version and the kind. */
void export_json(const json_t *object, const char *kind, struct buf *out);

/* "Case 312: Oxenhope Linen Canvas Panel"; the arena's. */
const char *export_search_title(struct export_search *x);

/* "demo test · B 10 · mask before · plain", and what edits made of it; the arena's. */
const char *export_search_settings(struct export_search *x);

/* A page up to where its own part begins: title, settings, verdict, edits, the figures of the positive item. */
void export_page_begin(struct page *p, struct export_search *x);

/* The table of all settings, where there are any, and the end. */
void export_page_settings(struct page *p, const json_t *settings, struct arena *a);

/* An SVG file of one picture of this size. */
typedef void export_draw_fn(const void *picture, struct buf *out);
void export_picture(struct export_search *x, double width, double height, export_draw_fn *draw, const void *picture,
	struct buf *out);

/* The charts of margins and ranks; false where the positive item has none. They borrow from the arena. */
#define EXPORT_CHARTS 2
bool export_search_charts(struct export_search *x, struct chart charts[EXPORT_CHARTS]);

#endif
