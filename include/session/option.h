/*
 * The option table: settings with their type, range, default and text. It gives the command line's options, `set`, the
 * config file, completion, help and the man page's section.
 *
 * To add an option: one line in src/session/option.c's table and a field in struct options.
 */
#ifndef SESSION_OPTION_H
#define SESSION_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum option_type {
	OPT_INT,    /* long */
	OPT_REAL,   /* double */
	OPT_CHOICE, /* int: index among the choices, which are in the order of their enum */
	OPT_TEXT,   /* char *, owned; NULL: unset */
	OPT_PATH,   /* the same, naming a file or directory */
	OPT_FLAG,   /* bool: on or off; on the command line its presence means on */
};

enum option_flags {
	OPTION_SEARCH = 1, /* shapes what is computed: is in a record's "settings", and a dataset may ask for it */
	OPTION_FRONT = 2,  /* of the command line alone, not to be set: has no field */
	OPTION_STREAM = 4, /* "-" is the standard stream, as when it is unset */
};

struct option_entry {
	const char *name;  /* "beam": --beam, set beam */
	char letter;       /* 'B'; 0: none */
	enum option_type type;
	unsigned flags;
	const char *dflt;    /* as text; NULL: unset */
	const char *choices; /* "before|after" for OPT_CHOICE */
	double min, max;     /* OPT_INT and OPT_REAL: inclusive */
	const char *value;   /* what the value is called in help: "N"; NULL for flags */
	const char *help;    /* one line, no full stop */
	size_t offset;       /* of the field in struct options */
};

#define OPTION_MAX 40

struct options {
	char *model, *adapter, *data; /* owned; NULL: unset */
	int split;                    /* enum split_kind */
	long beam;
	int mask;           /* enum mask_rule */
	int end;            /* enum end_rule */
	int search;         /* enum search_kind */
	double length_penalty;
	int early_stopping; /* enum early_stopping */
	double tau;
	char *template_name; /* owned: a name in the data directory's templates, or a file */
	long max_history;    /* 0: all */
	int items;           /* enum item_text */
	long title_words;    /* 0: whole titles */
	long budget;         /* nodes the exact search of a diagnosis may expand; 0: no limit */
	long scan;           /* the smallest B that retrieves the item is looked for up to this one; 0: not at all */
	long others;         /* pruned candidates a step that a trace keeps; 0: 4 B */
	long threads;        /* 0: as many as there are processors */
	long seed;
	int format;          /* enum out_format */
	char *output;        /* owned; NULL: standard output */
	bool keep_going;
	bool ascii, no_color, no_mouse;
	bool pager;          /* the prompt shows long answers in it */
	long history;        /* lines of typed commands that are kept on disk; 0: none */
	int graph;           /* what charts on the screens are made of: auto, braille, block, ascii */
	bool given[OPTION_MAX]; /* by place in the table: set by the user, not a default */
};

extern const struct option_entry option_table[]; /* ends with a NULL name */

/* By name; ERR_USAGE names the nearest ones. */
const struct option_entry *option_find(const char *name, struct err *err);
/* The same by a beginning of it that no other has, as people type it; ERR_USAGE names those that have it. */
const struct option_entry *option_match(const char *name, struct err *err);

void options_init(struct options *o); /* every default of the table */
void options_release(struct options *o);
void options_copy(struct options *to, const struct options *from); /* `to` holds nothing before */

/* Reads the value by the entry's type and range and marks it as given. NULL or "" sets a text back to its default.
 * ERR_USAGE with what would do. */
int option_set(struct options *o, const struct option_entry *e, const char *value, struct err *err) MUST_CHECK;
void option_get(const struct options *o, const struct option_entry *e, struct buf *out); /* appends the value as text */
const void *option_field(const struct options *o, const struct option_entry *e);

/* Takes one option from the words of a command line: "--name=value", "--name value", "-Bvalue", "-B value", or a flag
 * by itself; a name may be cut as for option_match. word begins with "-"; next may be NULL. *used: words taken, 1 or 2.
 * ERR_USAGE: unknown, or without its value. */
int option_word(const struct option_entry **e, const char **value, int *used, const char *word, const char *next,
	struct err *err) MUST_CHECK;

/* The value of an option that is known already, of such words: it is attached ("--name=value"), or `next`; either may
 * be NULL. ERR_USAGE where there is none. */
int option_take_value(const struct option_entry *e, const char **value, int *used, const char *attached,
	const char *next, struct err *err) MUST_CHECK;

/* A number within [min, max] (both 0: unbounded), all of the text; ERR_USAGE with `what` as subject. */
int option_number(double *out, const char *text, bool integer, double min, double max, const char *what,
	struct err *err) MUST_CHECK;

/* Index of text among "a|b|c", -1 if it is none of them. */
int option_choice(const char *choices, const char *text);
/* The same by a beginning of one that no other has; else ERR_USAGE with the choices, or with those that begin so. */
int option_choose(const char *choices, const char *text, const char *what, struct err *err);

#endif
