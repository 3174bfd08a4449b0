/*
 * The command table: the one place that says what commands there are. It gives the parser, look-up by unique prefix,
 * completion, help, the man page's section and the README's table.
 *
 * To add a command: write src/session/cmd_NAME.c with its struct cmd_entry, and list it in src/session/cmdtab.c.
 */
#ifndef SESSION_COMMAND_H
#define SESSION_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "session/out.h"
#include "session/session.h"
#include "store/json.h"

enum arg_type { ARG_WORD, ARG_REST, ARG_CASE, ARG_ITEM, ARG_INT, ARG_REAL, ARG_PATH, ARG_CHOICE, ARG_FLAG, ARG_EXPR };

/* Where completion finds candidates. */
enum arg_source { FROM_NONE, FROM_CASES, FROM_ITEMS, FROM_COMMANDS, FROM_OPTIONS, FROM_FILES, FROM_CHOICES };

struct cmd_arg {
	const char *name;    /* "CASE", or "--limit" for an option of the command */
	enum arg_type type;
	bool required;       /* positional ones; options never are */
	double min, max;     /* ARG_INT, ARG_REAL; both 0: unbounded */
	const char *dflt;    /* as text; NULL: none */
	const char *choices; /* "a|b|c" for ARG_CHOICE */
	enum arg_source source;
	const char *help;
};

enum cmd_flags {
	CMD_NEEDS_MODEL = 1,
	CMD_NEEDS_DATA = 2,
	CMD_ANYTIME = 4, /* may run while a job does: touches neither model nor loaded data */
	CMD_WORK = 8,    /* may take long: the screens run it in the worker */
};

#define CMD_MAX_ARGS 8

/* Parsed arguments, in the order of the entry's args: NULL where not given and without default. */
struct cmd_args {
	const char *text[CMD_MAX_ARGS]; /* borrowed for the call */
	double number[CMD_MAX_ARGS];    /* ARG_INT, ARG_REAL: parsed and in range */
	bool given[CMD_MAX_ARGS];       /* said by the user; for flags the value */
};

struct cmd_example {
	const char *line; /* without the program's name */
	const char *what;
};

struct cmd_entry {
	const char *name, *alias; /* alias may be NULL */
	const char *group;        /* heading in help: "Look", "Search", … */
	const char *summary;      /* one line, no full stop */
	const char *details;      /* paragraphs; may be NULL */
	struct cmd_arg args[CMD_MAX_ARGS];   /* ends with a NULL name */
	struct cmd_example examples[4];      /* ends with a NULL line */
	unsigned flags;

	/* Does the work and emits records (out_record). */
	int (*exec)(struct session *s, const struct cmd_args *a, struct out *out, struct err *err);
	/* One record as text for people; NULL: the columns as a table, or `key: value` lines. */
	void (*text)(const json_t *record, struct out *out);
	const struct out_column *columns; /* TSV and tables; ends with a NULL key */
	const char *rows;                 /* key of the array that the columns list; NULL: each record is a row */
};

extern const struct cmd_entry *const cmd_table[]; /* ends with NULL; in the order of help */

/* By name, alias or unique prefix. ERR_USAGE names the candidates when ambiguous, the nearest names when unknown. */
const struct cmd_entry *cmd_find(const char *name, struct err *err);

#endif
