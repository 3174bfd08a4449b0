/*
 * The names that a word may become which is being typed: what completion offers of what is loaded, open and bundled.
 */
#ifndef SESSION_CANDIDATES_H
#define SESSION_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/vec.h"
#include "session/command.h"
#include "session/session.h"

#define CANDIDATES_MAX 200 /* that are kept, however many fit */

/* Collects those of the names offered that begin with what is typed, in the order in which they are offered. */
struct candidates {
	const char *typed;   /* borrowed */
	size_t typed_len;    /* its bytes */
	bool any_case;       /* ASCII letters are the same, small or capital */
	VEC(char *) words;   /* owned, each owned: the first CANDIDATES_MAX of them */
	size_t n;            /* all that fit */
	size_t common;       /* bytes that all of them begin with, as the first one has them; n > 0 */
};

void candidates_init(struct candidates *c, const char *typed);
void candidates_release(struct candidates *c);

/* Takes the name, which is copied, if it fits. One that holds what cannot be typed or shown, such as a control
 * character, never does. */
void candidates_offer(struct candidates *c, const char *name, size_t len);
void candidates_offer_text(struct candidates *c, const char *name);
void candidates_offer_choices(struct candidates *c, const char *choices); /* "a|b|c"; NULL: none */

/*
 * Offers what the session knows of this kind; nothing for kinds that tables alone know. Titles are taken without regard
 * to case, and where none begins with what is typed, those that contain it. Nothing is loaded for it: what must be
 * loaded and is not, or may change under a job that runs, gives no names. NULL, or in a few words why it gives none.
 * The front-end's thread.
 */
const char *session_candidates(const struct session *s, enum arg_source source, struct candidates *c);

/* Offers the names of variables (session/variable.h), and of the members of the last answer: "last.verdict.rank". */
void session_variable_candidates(const struct session *s, struct candidates *c);

#endif
