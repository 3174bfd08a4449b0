/*
 * Variables of command lines (session/statement.h), from the first that there is:
 *
 *     $1, $2 ...          the id in that row of what was listed last: of cases where the command wants a case, of items
 *                         where it wants an item, else of either (session/listing.h)
 *     $last.KEY.KEY ...   a member of the last answer's last record, as JSON has it; a number chooses from a list, from
 *                         1; a list of words or numbers is joined by blanks
 *     $data               the folder of the bundled data
 *     $here, $work        in a lesson: the folder of its file, and a new one that is gone with it
 *     $NAME               what `let NAME VALUE` set, or `-f FILE ARG...` as $arg1, $arg2 ...
 *     $NAME               of the environment
 */
#ifndef SESSION_VARIABLE_H
#define SESSION_VARIABLE_H

#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/vec.h"

struct session;

/* Those of `let`. Zeroed is empty. */
struct variable {
	char *name, *value; /* owned */
};

struct variables {
	struct variable *at; /* in the order in which they were set first */
	size_t n, cap;
};

/* ERR_VALUE: it is no name, or one that stands for something else. A value of NULL takes the variable away. */
int variables_set(struct variables *v, const char *name, const char *value, struct err *err) MUST_CHECK;
const char *variables_get(const struct variables *v, const char *name); /* NULL: there is none */
void variables_release(struct variables *v);

#endif
