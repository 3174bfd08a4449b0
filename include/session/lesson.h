/*
 * Lessons: a page of text, a question to think about, keys or commands to try, and what they show. One form for the
 * screens, the REPL and plain text.
 *
 * A lesson is a UTF-8 text file, data/lessons/NAME.lesson, made of lines; how one begins says what it is:
 *
 *     title: The best item that beam search throws away
 *     about: Greedy pruning by hand, on three albums
 *     open: load model $data/lesson/table.csv      commands to begin with; many such lines are run in their order
 *     == Three albums                              a page begins
 *     Text, which goes on to the next              paragraphs are separated by an empty line
 *     empty line.
 *     @ right right p                              something to do: keys to press on the screens
 *     > goto pruned                                what these keys do, as commands, for those who have no screens
 *     ? Which album is returned?                   a question: the reader predicts before going on
 *     = Cobalt Orchard                             a right answer; several lines: any of them
 *     ! Because its first token ...                what is revealed then; goes on like text
 *     # left to whoever writes the lesson          not shown
 *
 * A page is shown in the order in which it is written: text, then its actions one by one, then question, then reveal.
 * Every page has text; all else may be absent.
 *
 * After each sign stands a blank. A line of text that begins with a blank stands as it is, for small tables. Keys have
 * the names of the key table (src/ui/tui/keys.c); "text in double quotes" is typed letter by letter. Commands that
 * directly follow keys belong to them; commands that follow nothing are an action by themselves, run as they are on the
 * screens too. Keys without commands are for the screens alone: a view to be looked at.
 *
 * A lesson begins with nothing loaded and the default of every option that shapes a search: it opens all it needs. What
 * was loaded, set and open before is put aside meanwhile (session_lesson_enter). In its commands, and in what is typed,
 * $data stands for the folder of the bundled data and $work for a new one that is gone with the lesson.
 */
#ifndef SESSION_LESSON_H
#define SESSION_LESSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

#define LESSON_ENDING ".lesson"
#define LESSON_MAX_FILE ((size_t)1 << 20) /* bytes */

/* Something to do: keys on the screens, the commands instead of them elsewhere. */
struct lesson_action {
	const char *keys;               /* "right right p"; NULL: commands alone */
	const char *const *commands;    /* [n_commands] */
	size_t n_commands;
};

struct lesson_page {
	const char *heading;
	const char *text; /* paragraphs, each a line, an empty line between them; tables' lines are indented */
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

/* Is it one of the page's answers? Letters and digits count, their case, spaces and punctuation do not, except that a
 * point between digits stays what it is. */
bool lesson_right(const struct lesson_page *p, const char *answer);

/* The next of an action's keys at *at, which is moved past it; false at the end. *typed: the text is typed letter by
 * letter, else it names one key. */
bool lesson_next_key(const char **at, const char **text, size_t *len, bool *typed);

#endif
