/*
 * Lessons: a page of text, a question to think about, keys or commands to try, and what they show. One form for the
 * screens, the REPL and plain text.
 *
 * A lesson is a UTF-8 text file, data/lessons/NAME.lesson, made of lines; how one begins says what it is:
 *
 *     title: The best item that beam search throws away
 *     about: Greedy pruning by hand, on three albums
 *     open: load model table.csv           commands to begin with; many such lines are run in their order
 *     == Three albums                      a page begins
 *     Text, which goes on to the next      paragraphs are separated by an empty line
 *     empty line.
 *     @ right right p                      keys to press on the screens, by their names in the key table
 *     > goto pruned                        a command; after keys: what they do, for those who have no screens
 *     ? Which album is returned?           a question: the reader predicts before going on
 *     = Cobalt Orchard                     a right answer; several lines: any of them. Compared without case and marks
 *     ! Because its first token ...        what is revealed then; goes on like text
 *     # left to whoever writes the lesson  not shown
 *
 * A page is shown in the order: text, then its actions (keys or commands) one by one, then question, then reveal. Every
 * page has text; all else may be absent.
 */
#ifndef SESSION_LESSON_H
#define SESSION_LESSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

/* Something to do: keys on the screens, the commands instead of them elsewhere. */
struct lesson_action {
	const char *keys;               /* "right right p"; NULL: commands alone */
	const char *const *commands;    /* [n_commands] */
	size_t n_commands;
};

struct lesson_page {
	const char *heading;
	const char *text;               /* paragraphs with an empty line between them, each a line of its own */
	const struct lesson_action *actions; /* [n_actions] */
	size_t n_actions;
	const char *question;           /* NULL: none */
	const char *const *answers;     /* [n_answers]; none: any answer is as good */
	size_t n_answers;
	const char *reveal;             /* "" for none */
};

struct lesson {
	struct arena arena; /* owns all below */
	const char *name;   /* of the file, without its ending */
	const char *title, *about;
	const char *const *open; /* [n_open] commands */
	size_t n_open;
	const struct lesson_page *pages; /* [n_pages], at least one */
	size_t n_pages;
};

/* ERR_FORMAT with file and line. Freed with lesson_free. */
int lesson_read(struct lesson **out, const char *path, struct err *err) MUST_CHECK;
void lesson_free(struct lesson *l); /* NULL is fine */

/* All lessons of a folder in the order of its file `order`, one name a line; those it does not name follow by name. A
 * lesson that cannot be read fails them all. Caller frees the array and its lessons. */
int lessons_read(struct lesson ***out, size_t *n, const char *folder, struct err *err) MUST_CHECK;
void lessons_free(struct lesson **lessons, size_t n);

/* Is it one of the page's answers? Letters count, case, spaces and punctuation do not. */
bool lesson_right(const struct lesson_page *p, const char *answer);

#endif
