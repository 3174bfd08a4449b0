/*
 * What a view is: it reads snapshots, draws on a canvas, and answers to actions. It never calls the model, the session
 * or the terminal; what it wants done it puts into a reply. The frame keeps its state and calls it.
 */
#ifndef UI_TUI_VIEW_H
#define UI_TUI_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "canvas.h"
#include "keys.h"
#include "session/command.h"
#include "session/snapshot.h"

/* An action of the key table, or (ACTION_NONE) a key of a view that takes text, or the mouse. */
struct view_event {
	enum ui_action action;
	uint32_t key; /* 0: none */
	enum event_type mouse;
	int x, y;
};

struct view_ops;

/* What a view asks for. The frame releases the texts, and does it all in this order. */
struct view_reply {
	bool close;             /* what lies over the view is done */
	bool ask_cases;         /* the table of cases is to be another, as session_ask_cases has it: */
	struct buf where, sort;
	struct buf text;        /* to be shown in the pager; its first line is the title */
	const struct view_ops *go; /* the view to be looked at from now on; NULL: the same */
	struct buf command;     /* to be run, as in the key table */
	struct buf line;        /* the same as it stands: what looks like a {name} or "; " in it is part of a word */
	struct buf select;      /* the row to be selected in the view then looked at, as its `selected` has it */
	/* A line to be edited: "filter: " with what it begins with. The view gets it through `answer`. With the prompt
	 * ":" it is a command, and is run when it is accepted. "": none. */
	struct buf prompt, initial;
	bool is_filter; /* the line is an expression over the columns of cases: Tab completes them */
	struct buf message;     /* for the bottom line */
	bool is_error;
};

struct view_ops {
	const char *name;  /* in the tabs and in the help */
	unsigned context;  /* of its keys */
	unsigned (*context_now)(const void *state); /* the same where it changes; NULL: it does not */
	size_t size;       /* of its state, which begins zeroed */
	bool takes_text;   /* a key that the table does not have for it is typed: it comes as event.key */
	/* Names of the commands whose result it shows, separated by spaces: where one of them was run in a view that
	 * does not show it, the frame goes to the first view that does. NULL: none. */
	const char *shows;
	void (*release)(void *state);                              /* may be NULL */
	void (*refresh)(void *state, const struct snapshot *snap); /* the snapshot has changed; may be NULL */
	/* True where it did anything: of ACTION_BACK, the frame then leaves what lies below alone. */
	bool (*event)(void *state, const struct snapshot *snap, const struct view_event *e, struct view_reply *reply);
	/* An accepted line that the view had asked for. May be NULL. */
	void (*answer)(void *state, const struct snapshot *snap, const char *text, struct view_reply *reply);
	void (*draw)(void *state, const struct snapshot *snap, struct canvas *c, struct rect area);
	void (*row)(void *state, const struct snapshot *snap, struct buf *out); /* the selected row as text */
	/* Names the selected row in a command ({selected} of the key table); nothing where none is. May be NULL. */
	void (*selected)(void *state, const struct snapshot *snap, struct buf *out);
	/* Selects the row that `selected` would name so; false if there is none. So a row stays selected from one view
	 * of a search to another. May be NULL. */
	bool (*select)(void *state, const struct snapshot *snap, const char *name);
	/* Selects the next row in the direction (1, -1; 0: this one or the next) that has the text; false: none has. */
	bool (*find)(void *state, const struct snapshot *snap, const char *text, int direction);
};

/* Those of the tabs, and what lies over them. */
extern const struct view_ops view_cases;
extern const struct view_ops view_beam;
extern const struct view_ops view_tree;
extern const struct view_ops view_margins;
extern const struct view_ops view_train;
extern const struct view_ops view_compare;
extern const struct view_ops view_lessons;
extern const struct view_ops view_help, view_pager, view_palette;
extern const struct view_ops *const view_table[]; /* those of the tabs, 1 … ; ends with NULL */

/* Appends how the views of a search name a candidate in a command: by its rank; a forbidden one, whose rank is
 * another's, by its text. NULL: the positive item that is not among the candidates. */
void view_name_candidate(const struct snap_candidate *k, struct buf *out);

/* The command that a line begins with, in full or as far as it is typed; NULL: none. */
const struct cmd_entry *view_command(const char *line);
bool view_runs(const struct snapshot *snap, const char *command); /* is it the running job's? */

/* For the frame: what the overlays show. */
void pager_set(void *state, const char *title, const char *text);
int pager_columns(int screen_w); /* cells of a line in the pager */
void help_set(void *state, const char *view, unsigned context);
struct player;
void lessons_set(void *state, const struct player *player); /* for the Lessons view, whose lessons it has */
void palette_set(void *state, const struct view_ops *const *views, const char *view, unsigned context);

/* True if the text has the words, whatever the case of ASCII letters. */
bool view_has(const char *text, const char *words);
bool view_begins(const char *text, const char *words); /* … begin with them */

#endif
