/*
 * The key table: {context, keys, command, what the bottom line calls it, what the help says}. The bottom line and the
 * `?` screen are made from it, so that they cannot say anything else than what the keys do.
 *
 * A command is either an action of the screens ("ui down"), a view to go to ("ui view tree"), a command to be typed on
 * from there in the `:` line ("ui type compare {rival}"), or one or more of the session's commands, separated by "; ",
 * run through the same parser as everything else. In these, {case}, {previous}, {next}, {wider} and {narrower} (than B
 * at the step that is looked at), {other-mask} and {other-search} (than there) stand for what the snapshot says,
 * {rival} for a model beside the loaded one (nothing where there is none), {selected} for the row that is selected.
 */
#ifndef UI_TUI_KEYS_H
#define UI_TUI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "session/snapshot.h"

/* A key is its character, a control character (Ctrl-L is 12), or one of these. */
enum {
	UI_KEY_TAB = 9,
	UI_KEY_ENTER = 13,
	UI_KEY_ESC = 27,
	UI_KEY_BACKSPACE = 127,
	UI_KEY_UP = 0x110000, /* past Unicode */
	UI_KEY_DOWN,
	UI_KEY_LEFT,
	UI_KEY_RIGHT,
	UI_KEY_HOME,
	UI_KEY_END,
	UI_KEY_PGUP,
	UI_KEY_PGDN,
	UI_KEY_DELETE,
	UI_KEY_F1,
	UI_KEY_F2,
	UI_KEY_BACKTAB, /* Shift-Tab */
	UI_KEY_ALT = 0x400000, /* added to a key that was pressed with Alt */
};

enum event_type { EVENT_KEY, EVENT_CLICK, EVENT_WHEEL_UP, EVENT_WHEEL_DOWN };

struct event {
	enum event_type type;
	uint32_t key; /* EVENT_KEY */
	int x, y;     /* the others */
};

enum key_context {
	IN_CASES = 1,
	IN_BEAM = 2,
	IN_TREE = 4,
	IN_MARGINS = 8,
	IN_TRAIN = 16,
	IN_SETUP = 32, /* the Train view's form */
	IN_COMPARE = 64,
	IN_LESSONS = 128,
	IN_PAGER = 256, /* help and the output of commands */
	IN_PALETTE = 512,
	IN_LESSON = 1024, /* an open lesson below any view: its keys come before the view's */
	IN_SURVEY = 2048, /* the Margins view over all cases */
	IN_RACE = 4096, /* the Train view while the race runs, besides IN_TRAIN */
	IN_BRANCH = 8192, /* a view of the open search while that is a branch, besides the view's own */
	IN_ZOOM = 16384, /* a view that shows one panel alone, besides its own */
	IN_TRACE = IN_BEAM | IN_TREE | IN_MARGINS, /* views of the open search */
	IN_VIEWS = IN_CASES | IN_TRACE | IN_TRAIN | IN_SETUP | IN_COMPARE | IN_LESSONS | IN_SURVEY,
	IN_ALL = IN_VIEWS | IN_PAGER, /* but where one types, and the lesson's */
	IN_ANY = IN_ALL | IN_PALETTE | IN_LESSON | IN_RACE | IN_BRANCH | IN_ZOOM,
};

enum ui_action {
	ACTION_NONE, /* a session command */
	ACTION_UP,
	ACTION_DOWN,
	ACTION_LEFT,
	ACTION_RIGHT,
	ACTION_PAGE_UP,
	ACTION_PAGE_DOWN,
	ACTION_TOP,
	ACTION_BOTTOM,
	ACTION_OPEN,
	ACTION_BACK,
	ACTION_CANCEL,
	ACTION_QUIT,
	ACTION_HELP,
	ACTION_COMMAND,
	ACTION_PALETTE,
	ACTION_SEARCH,
	ACTION_NEXT_MATCH,
	ACTION_PREVIOUS_MATCH,
	ACTION_FILTER,
	ACTION_SORT,         /* by the next column */
	ACTION_SORT_BACK,    /* by the column before */
	ACTION_SORT_REVERSE,
	ACTION_ZOOM,         /* the next panel alone, then all again */
	ACTION_ALL,          /* what is left out is shown too, or no longer */
	ACTION_FORCE,        /* what if the selected thing were held in the beam */
	ACTION_FORBID,       /* or kept out of it */
	ACTION_TOGGLE,       /* the selected thing on or off, open or closed */
	ACTION_NEXT_TAB,     /* within a view */
	ACTION_PREVIOUS_TAB,
	ACTION_NEXT_VIEW,
	ACTION_PREVIOUS_VIEW,
	ACTION_COPY,
	ACTION_SAVE,
	ACTION_REDRAW,
	ACTION_SUSPEND,
	ACTION_LESSON_NEXT,
	ACTION_LESSON_BACK,
	ACTION_LESSON_CLOSE,
	ACTION_START,        /* of what was set up, or is there to run */
	ACTION_PAUSE,        /* a job, or let it go on */
	ACTION_STOP,
	ACTION_COMPARE,
	ACTION_NEW,
	ACTION_RESUME_RUN,
	ACTION_LOG_SCALE,
	ACTION_ZOOM_IN,      /* of a chart's axis */
	ACTION_ZOOM_OUT,
	ACTION_ZOOM_ALL,
};

struct key_entry {
	unsigned contexts;
	const char *keys;    /* names, separated by spaces: "left h" */
	const char *command;
	const char
		*foot; /* in the bottom line; NULL: not there. Neighbours with the same word are joined: "←/→ step" */
	const char *note;    /* in the help */
};

extern const struct key_entry key_table[]; /* ends with NULL keys */

/* The entry that a key has in a context, or NULL. */
const struct key_entry *key_find(unsigned context, uint32_t key);

/* The action that "ui NAME" names; ACTION_NONE when the command is not of that form, goes to a view or is to be
 * typed. BUG on an unknown name. */
enum ui_action key_action(const char *command);

/* The view that "ui view NAME" names; NULL when the command is not of that form. */
const char *key_view(const char *command);

/* What "ui type COMMAND" begins a line with, its {names} not yet filled in; NULL when it is not of that form. */
const char *key_typed(const char *command);

/* A key's code by its name in the table ("left", "^L", "g"); 0 if there is none. */
uint32_t key_code(const char *name, size_t len);

/* Appends how a key's name is shown: "←", "PgDn", "Ctrl-L", "g". */
void key_label(struct buf *out, const char *name, size_t len);

/* The same of an entry's keys, but those that another entry has taken in the context: "← h". */
void key_labels(struct buf *out, const struct key_entry *e, unsigned context);

/* Puts the snapshot's values into a command's {names}. selected: how a command names the selected row; NULL: none is.
 * ERR_VALUE says what is missing: no case, no next case … */
int keys_expand(const char *command, const struct snapshot *snap, const char *selected, struct buf *out,
	struct err *err) MUST_CHECK;

/* Does the action move a selection or a page, or search? Is the key one of every view? The help and the palette group
 * by them. */
bool key_moves(enum ui_action a);
bool key_is_everywhere(const struct key_entry *e);

/* Calls fn with the joined keys and the word of each item of the bottom line, in the table's order. stays: there is
 * always to be room for it, since everything else is found from there. */
typedef void key_foot_fn(void *arg, const char *keys, const char *word, bool stays);
void keys_foot(unsigned context, key_foot_fn *fn, void *arg);

#endif
