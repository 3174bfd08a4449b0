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
 *     >> load data $here                           the same; what it says is not shown
 *     ? Which album is returned?                   a question: the reader predicts before going on
 *     = Cobalt Orchard                             a right answer; several lines: any of them
 *     ! Because its first token ...                what is revealed then; goes on like text
 *     # left to whoever writes the lesson          not shown
 *
 * A page is shown in the order in which it is written: text, then its actions one by one, then question, then reveal.
 * Every page has text; all else may be absent.
 *
 * After each sign stands a blank. A line of text that begins with a blank stands as it is, for small tables; one that
 * begins with [screens] or [prompt] is shown on the screens alone, or everywhere but there. Keys have
 * the names of the key table (src/ui/tui/keys.c); "text in double quotes" is typed letter by letter. Commands that
 * directly follow keys belong to them; commands that follow nothing are an action by themselves, run as they are on the
 * screens too. Keys without commands are for the screens alone: a view to be looked at.
 *
 * A lesson begins with nothing loaded and the default of every option that shapes a search: it opens all it needs. What
 * was loaded, set and open before is put aside meanwhile (session_lesson_enter). In its commands, and in what is typed,
 * $data stands for the folder of the bundled data, $here for the one that the lesson's file is in, and $work for a new
 * one that is gone with the lesson.
 */
#ifndef SESSION_LESSON_H
#define SESSION_LESSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"

#define LESSON_ENDING ".lesson"
#define LESSON_MAX_FILE ((size_t)1 << 20) /* bytes */

/* A command, and the line of the file that it stands in. */
struct lesson_command {
	const char *text;
	size_t line;
	bool quiet; /* only what it is called is shown, not what it says */
};

/* Something to do: keys on the screens, the commands instead of them elsewhere. */
struct lesson_action {
	const char *keys;                      /* "right right p"; NULL: commands alone */
	size_t line;                           /* of the keys; without: of the first command */
	const struct lesson_command *commands; /* [n_commands] */
	size_t n_commands;
};

struct lesson_page {
	const char *heading;
	size_t line; /* of the heading */
	const char *text; /* paragraphs, each a line, an empty line between them; tables' lines are indented */
	const char *text_elsewhere; /* the same where there are no screens */
	const struct lesson_action *actions; /* [n_actions] */
	size_t n_actions;
	const char *question;           /* NULL: none */
	size_t question_line;
	const char *const *answers;     /* [n_answers]; none: any answer is as good */
	size_t n_answers;
	const char *reveal;             /* "" for none */
	const char *reveal_elsewhere;
	size_t reveal_line;
};

struct lesson {
	struct arena arena; /* owns all below */
	const char *path;   /* that it was read from */
	const char *folder; /* of that file; "." where the path names none */
	const char *name;   /* of the file, without its ending */
	const char *title, *about;
	const struct lesson_command *open; /* [n_open] */
	size_t n_open;
	const struct lesson_page *pages; /* [n_pages], at least one, but where it could not be read */
	size_t n_pages;
	char *trouble;      /* owned: why it could not be read; NULL: it could */
};

/* ERR_FORMAT with file and line. Freed with lesson_free. */
int lesson_read(struct lesson **out, const char *path, struct err *err) MUST_CHECK;
void lesson_free(struct lesson *l); /* NULL is fine */

/* All lessons of a folder in the order of its file `order`, one name a line; those it does not name follow by name. A
 * lesson that cannot be read fails them all. Caller frees the array and its lessons. */
int lessons_read(struct lesson ***out, size_t *n, const char *folder, struct err *err) MUST_CHECK;
void lessons_free(struct lesson **lessons, size_t n);

/* The lessons there are: those of the data folder, then the reader's own, in $XDG_DATA_HOME/beamscope/lessons
 * (~/.local/share without the variable). One of his own by the name of another takes its place; one that cannot be read
 * is listed without pages, with its trouble. Freed with lessons_free. */
int lessons_list(struct lesson ***out, size_t *n, const char *datadir, struct err *err) MUST_CHECK;

/* The place of the one that the name, or a unique beginning of it, stands for. ERR_NOT_FOUND names what there is. */
int lesson_find(
	size_t *found, struct lesson *const *lessons, size_t n, const char *name, struct err *err) MUST_CHECK;

/* Does it name a file rather than a lesson of the list: has it a slash, or the ending? */
bool lesson_is_file(const char *name);

/* Is it one of the page's answers? Letters and digits count, their case, spaces and punctuation do not, except that a
 * point between digits stays what it is; a comma there may be meant as one. Nor do "the" before it, and "percent" or
 * "nats" behind a number. */
bool lesson_right(const struct lesson_page *p, const char *answer);

/* The next of an action's keys at *at, which is moved past it; false at the end. *typed: the text is typed letter by
 * letter, else it names one key. */
bool lesson_next_key(const char **at, const char **text, size_t *len, bool *typed);

#endif
