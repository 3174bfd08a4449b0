/*
 * A form: fields in two columns, one of them selected. It changes values and draws them; what they are for, whoever
 * made the fields knows.
 *
 * A value of a number or a text is kept as it was typed, so that it can be handed on in the same words.
 */
#ifndef UI_TUI_FORM_H
#define UI_TUI_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "canvas.h"
#include "keys.h"

enum form_kind { FORM_HEADING, FORM_TOGGLE, FORM_CHOICE, FORM_NUMBER, FORM_TEXT, FORM_BUTTON };

/* How far the arrow keys go: by 1; to the next power of two; to the next of 1, 2, 3, 5, 10, 20 … and 0.1, 0.2 … */
enum form_steps { FORM_BY_ONE, FORM_BY_DOUBLE, FORM_BY_ROUND };

struct form_field {
	enum form_kind kind;
	const char *label, *help; /* borrowed; help: one line, or NULL */
	int column;               /* 0 or 1 */
	bool hidden;              /* has no part in it now */
	bool inner;               /* belongs to the field above */
	bool on;                  /* TOGGLE */
	const char *choices;      /* CHOICE: "a|b|c", borrowed */
	size_t choice;
	struct buf text;          /* NUMBER, TEXT: owned */
	const char *empty;        /* what is shown for an empty one; NULL: it must not be empty */
	bool whole;               /* NUMBER: */
	double min, max;          /* both 0: unbounded */
	enum form_steps steps;
	const char *from;         /* where the arrow keys begin when it is empty; NULL: at min */
};

#define FORM_FIELDS 64

struct form {
	struct form_field fields[FORM_FIELDS];
	size_t n, sel;
	size_t top[2];          /* first line that is seen of each column */
	struct rect columns[2]; /* where they were drawn last, for the mouse */
};

void form_release(struct form *f); /* zeroed afterwards, which is an empty form */

/* A further field, zeroed but for these. BUG when there are too many. */
struct form_field *form_add(struct form *f, enum form_kind kind, int column, const char *label, const char *help);

struct form_field *form_selected(struct form *f); /* NULL: there is nothing to select */

/* What moves or changes the selected field; false if it was neither. */
bool form_act(struct form *f, enum ui_action a);
/* Selects what is at this place, and toggles it or goes to the next choice where it was selected before. False: there
 * is no field. */
bool form_click(struct form *f, int x, int y);

/* Gives a NUMBER or TEXT a value. ERR_USAGE with what would do, as the command says it; the value stays. */
int form_set(struct form_field *field, const char *text, struct err *err) MUST_CHECK;

/* The value of a field as it is shown. Appends. */
void form_value(const struct form_field *field, struct buf *out);

int form_lines(const struct form *f); /* of the longer column, with blanks between the groups */
void form_draw(struct form *f, struct canvas *c, struct rect area);

#endif
