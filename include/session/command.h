/*
 * The command table: the one place that says what commands there are. It gives the parser, look-up by unique prefix,
 * completion, help, the man page's section and the README's table.
 *
 * To add a command:
 *  1. Write its struct cmd_entry in the src/session/cmd_<family>.c that it belongs to: name, group, summary, arguments
 *     with types and ranges, flags, at least one example (the tests run it on the bundled demo).
 *  2. Let exec build one JSON record, or one a row, and hand it to out_record. What it needs to be loaded is in flags.
 *  3. Give `text` for people, and columns for TSV and tables. They read nothing but the record.
 *  4. Describe the record's members in src/session/fields_<family>.c; tests/cli/fields.t finds what is left out.
 *  5. List the entry in src/session/cmdtab.c, and run `make docs` for the man page and the README.
 */
#ifndef SESSION_COMMAND_H
#define SESSION_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "session/option.h"
#include "session/out.h"
#include "session/session.h"
#include "session/statement.h"
#include "store/json.h"

enum arg_type {
	ARG_WORD,   /* any word */
	ARG_REST,   /* all words that are left and are no options, joined by single spaces */
	ARG_CASE,   /* id of a case */
	ARG_ITEM,   /* id of an item */
	ARG_INT,
	ARG_REAL,
	ARG_PATH,
	ARG_CHOICE, /* one of `choices`, or a unique prefix of one */
	ARG_FLAG,   /* "--trace": given or not */
};

/* Where completion finds candidates: those of the tables in src/ui/complete.c, those that depend on what is loaded in
 * session/candidates.h. */
enum arg_source {
	FROM_TYPE,       /* what its type says: ARG_CASE, ARG_ITEM, ARG_PATH, ARG_CHOICE; a number has none */
	FROM_NONE,       /* text or figures of one's own. A word says at least this */
	FROM_CASES,      /* ids of the split's cases */
	FROM_CASE_LIST,  /* the same, separated by commas */
	FROM_ITEMS,      /* ids of items */
	FROM_TITLES,     /* titles of items */
	FROM_COMMANDS,
	FROM_OPTIONS,    /* of the option table */
	FROM_VALUES,     /* of the option that the argument before it names */
	FROM_SETTINGS,   /* NAME=VALUE[,NAME=VALUE...] of these options */
	FROM_FILES,
	FROM_COLUMNS,    /* of the table of cases */
	FROM_WHERE,      /* an expression over these columns */
	FROM_CHOICES,
	FROM_OBJECTIVES, /* OBJECTIVE[:PARAMETER=VALUE...] */
	FROM_OBJECTIVE_LIST, /* the same, separated by commas */
	FROM_MODULES,    /* linear layers of the model by name, separated by commas */
	FROM_TENSORS,    /* names of the model's tensors */
	FROM_STEPS,      /* of the open search */
	FROM_PREFIXES,   /* of its step that is looked at */
	FROM_LESSONS,
	FROM_TEMPLATES,  /* names of the bundled ones, and files */
	FROM_RIVALS,     /* models and adapters beside the loaded one, and files */
	FROM_VARIABLES
};

struct cmd_arg {
	const char *name;    /* "CASE", or "--limit" for an option of the command */
	enum arg_type type;
	bool required;       /* must be given, be it an option; a flag never is */
	bool many;           /* may be given many times, see cmd_args.many: an option, or the last of the others */
	double min, max;     /* ARG_INT, ARG_REAL; both 0: unbounded */
	const char *dflt;    /* as text; NULL: none */
	const char *choices; /* "a|b|c" for ARG_CHOICE */
	enum arg_source source; /* see cmd_source */
	const char *help;
	const char *value;   /* what its value is called in help: "DIR"; NULL: after its type */
	const char *heading; /* of the options from this one on in help; NULL: goes on */
};

enum cmd_flags {
	CMD_NEEDS_MODEL = 1,
	CMD_NEEDS_DATA = 2,
	CMD_NEEDS_SEARCH = CMD_NEEDS_MODEL | CMD_NEEDS_DATA | 4, /* and the catalogue spelt in the model's tokens */
	CMD_ANYTIME = 8, /* may run while a job does: touches neither model nor loaded data */
	CMD_WORK = 16,   /* may take long: the screens run it in the worker */
	CMD_VIEWED = 32, /* its result is what the views show: no text is kept for session_take_text */
	CMD_RACE = 64,   /* trains: can be paused and stopped (session_ask) */
	CMD_OWN_OUTPUT = 128, /* the option 'output' names a file that it writes itself: its record is not put there */
	CMD_SETTLES = 256, /* runs other commands, or makes them wait to be run: never in the worker */
	CMD_APART = 512,       /* what it shows is not the last answer afterwards */
	CMD_UNRECORDED = 1024, /* leaves all as it is, or is about the recording itself */
};

/* What the rows of a command are, for $1, $2 ... (session/listing.h). */
enum listed { LISTED_NOTHING, LISTED_CASES, LISTED_ITEMS, LISTED_NAMES, LISTED_KINDS };

#define CMD_MAX_ARGS 40
#define CMD_MAX_SETTINGS 16

/* One value of an argument that may have many. */
struct cmd_word {
	int arg;          /* its place in the entry's args */
	const char *text; /* borrowed from the words */
};

/* Parsed arguments, in the order of the entry's args: NULL where not given and without default. */
struct cmd_args {
	const char *text[CMD_MAX_ARGS]; /* borrowed from the words, or from `rest` */
	double number[CMD_MAX_ARGS];    /* ARG_INT, ARG_REAL: parsed and in range; ARG_CHOICE: index */
	bool given[CMD_MAX_ARGS];       /* said by the user; for flags the value */
	struct {
		const struct option_entry *option;
		const char *value;
	} settings[CMD_MAX_SETTINGS];   /* options of the option table, set for this one command: `beam 17 --beam 20` */
	size_t n_settings;
	VEC(struct cmd_word) many;      /* of all arguments that may be given many times, in the order of the words */
	bool help;                      /* --help was among the words */
	struct buf rest;                /* owned */
};

struct cmd_example {
	const char *line; /* without the program's name */
	const char *what;
};

/*
 * A member of a command's JSON records, or of the lines that a command writes into a file. Programs rely on them: names
 * and types stay as they are once they are released.
 *
 * A type is "text", "integer", "number", "boolean", "object", "list of texts" (integers, numbers, objects) or "value",
 * any of these; alternatives are joined by " or ": "integer or null", "list of texts or nulls or null". What is an
 * integer is a number too, never the other way round. In a path "K" after "@" is a number, "*" a name that the data
 * gives: "hr@K", "splits.*".
 */
struct cmd_field {
	/* Below the record, or the object that names the table: "parameters.tau"; NULL ends. "": no member, but
	 * `members`, which stand in the same object. */
	const char *path;
	const char *type;
	const char *help; /* one line, no full stop; NULL with "" */
	const char *when; /* in which records it stands: "with --trace"; NULL: in all that have the object around it */
	const struct cmd_field *members; /* of the object, or of each in the list; NULL: named by path, or none */
	/* Adds members that another table names, in the same place as `members`; NULL: none. What it hands over need
	 * last no longer than the call. */
	void (*more)(void (*add)(void *arg, const struct cmd_field *f), void *arg);
};

/* A file of JSON that a command writes: one object, or many, in lines or in a list. */
struct cmd_file {
	const char *name; /* the words after the command's: "-o FILE.jsonl"; NULL ends */
	const char *help; /* one line, no full stop */
	const struct cmd_field *fields;
};

struct cmd_entry {
	const char *name, *alias; /* alias may be NULL */
	const char *group;        /* heading in help: "Look", "Search", … */
	const char *summary;      /* one line, no full stop */
	const char *details;      /* paragraphs separated by an empty line; may be NULL */
	void (*more)(struct buf *out); /* appends further paragraphs, of another table; may be NULL */
	struct cmd_arg args[CMD_MAX_ARGS];   /* ends with a NULL name */
	struct cmd_example examples[8];      /* ends with a NULL line */
	unsigned flags;

	/* Does the work and emits records (out_record). */
	int (*exec)(struct session *s, const struct cmd_args *a, struct out *out, struct err *err);
	/* For session_start: where the words ask for no more than another look at what the views show, does that at
	 * once, in the front-end's thread and also while a job runs, in place of exec. *answered false: they ask for
	 * more. NULL: they always do. */
	int (*look)(struct session *s, const struct cmd_args *a, bool *answered, struct err *err);
	/* Of a command without CMD_ANYTIME: are these words as harmless as if it had it? NULL: never. */
	bool (*anytime)(const struct cmd_args *a);
	/* One record as text for people; NULL: the columns as a table, or `key: value` lines. */
	void (*text)(const json_t *record, struct out *out);
	/* One record as TSV rows (out_rows); NULL: the columns. */
	void (*tsv)(const json_t *record, struct out *out);
	const struct out_column *columns; /* TSV and tables; ends with a NULL key */
	const char *rows;                 /* key of the array that the columns list; NULL: each record is a row */
	enum listed lists;
	const char *listed;               /* where the ids are: "case" in a record, "results.item" in its array */
	const struct cmd_field *fields;   /* every member of its records; NULL: it has none */
	const struct cmd_file *files;     /* NULL: none */
};

extern const struct cmd_entry *const cmd_table[]; /* ends with NULL; in the order of help */

/* By name, alias or unique prefix. ERR_USAGE names the candidates when ambiguous, the nearest names when unknown. */
const struct cmd_entry *cmd_find(const char *name, struct err *err);

/* Sorts the words after the command's name into its arguments and checks them by their types. Options may stand
 * anywhere before "--"; after it no word is one. cmd_args_release after, also on failure. */
int cmd_parse(const struct cmd_entry *e, int argc, char *const *argv, struct cmd_args *a, struct err *err) MUST_CHECK;
void cmd_args_release(struct cmd_args *a);

/* The option that a word "--limit", of len bytes, means after this command: by its name or by a beginning of it that no
 * other has, one of the command's own or one of the option table that can be set. 0 and one of both, the other NULL.
 * ERR_USAGE names those that begin so, or the nearest. */
int cmd_find_option(const struct cmd_entry *e, const char *word, size_t len, const struct cmd_arg **own,
	const struct option_entry **option, struct err *err);

/* What an option's value is called: "N", "DIR", "a|b"; NULL for a flag and for what stands without an option. */
const char *cmd_value(const struct cmd_arg *arg);

/* Where its values come from, FROM_TYPE looked up; never FROM_TYPE. */
enum arg_source cmd_source(const struct cmd_arg *arg);

/* Appends "beam CASE [--trace]"; many options are "[OPTION...]". */
void cmd_usage(const struct cmd_entry *e, struct buf *out);

#endif
