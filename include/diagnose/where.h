/*
 * Expressions over the table of cases: which of them are meant.
 *
 *     kind = incorrectly-pruned and step <= 2
 *     popularity < 5 and not (title ~ "ink" or history > 8)
 *     kind=incorrectly-pruned step<=2          (terms side by side are joined by `and`)
 *
 *     expression = conjunction { "or" conjunction }
 *     conjunction = term { [ "and" ] term }
 *     term = "not" term | "(" expression ")" | column | column operator value
 *     operator = "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~"
 *     value = number | word | 'text' | "text"
 *
 * A column by itself is a flag that holds; a flag can also be compared with yes or no. Text compares by bytes, `~`
 * finds a part of it, in the text as it is or with its entities decoded, regardless of the case of ASCII letters. A
 * column with choices takes the beginning of one. Numbers and flags compare with what is not known (NaN) as false,
 * whatever the operator, `!=` included; `not` turns that round.
 */
#ifndef DIAGNOSE_WHERE_H
#define DIAGNOSE_WHERE_H

#include <stdbool.h>

#include "base/err.h"
#include "diagnose/column.h"

struct where; /* a compiled expression */

#define WHERE_DEPTH 64 /* of brackets and `not` inside one another */

/* ERR_USAGE quotes the expression and points at the place, a character counted from 1:
 * `where "kind = prund", at 8: column 'kind' is one of …`. NULL or blank text holds for every case. Caller frees. */
int where_new(struct where **out, const char *text, struct err *err) MUST_CHECK;
void where_free(struct where *w); /* NULL is fine */

bool where_holds(const struct where *w, const struct finding *f);

/* The first column that it asks for and that only a search can tell, and the first that only a model's tokens can;
 * NULL: there is none. */
const struct column *where_searched(const struct where *w);
const struct column *where_spelt(const struct where *w);

#endif
