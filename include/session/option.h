/*
 * The option table: settings with their type, range, default and text. It gives the command line's options, `set`, the
 * config file, completion, help and the man page's section.
 */
#ifndef SESSION_OPTION_H
#define SESSION_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "search/beam.h"
#include "search/scorer.h"

enum option_type { OPT_INT, OPT_REAL, OPT_CHOICE, OPT_TEXT, OPT_PATH };

struct option_entry {
	const char *name;  /* "beam": --beam, set beam */
	char letter;       /* 'B'; 0: none */
	enum option_type type;
	const char *dflt;  /* as text; NULL: unset */
	const char *choices; /* "before|after" */
	double min, max;
	const char *value; /* what the value is called in help: "N" */
	const char *help;  /* one line */
	size_t offset;     /* of the field in struct options */
};

struct options {
	char *model, *adapter, *data; /* owned; NULL: unset */
	int split;                    /* enum split_kind */
	long beam;
	int mask;                     /* enum mask_rule */
	int end;                      /* enum end_rule */
	int search;                   /* enum search_kind */
	double length_penalty;
	int early_stopping;           /* enum early_stopping */
	double tau;
	char *template_name;          /* owned */
	long max_history;             /* 0: all */
	long threads;                 /* 0: as many as there are processors */
	uint64_t seed;
	int format;                   /* enum out_format */
	char *output;                 /* owned; NULL: standard output */
};

extern const struct option_entry option_table[]; /* ends with a NULL name */

void options_init(struct options *o); /* every default of the table */
void options_release(struct options *o);
int option_set(struct options *o, const char *name, const char *value, struct err *err) MUST_CHECK;
void option_get(const struct options *o, const struct option_entry *e, struct buf *out);

#endif
