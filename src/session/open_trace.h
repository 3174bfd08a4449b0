/*
 * The search that is looked at, and the branches that edits made of it (SPEC section 2, "Editing"). Each edit gives a
 * branch on top of those before; commands look at the newest. Undone branches stay until another edit is made.
 */
#ifndef SESSION_OPEN_TRACE_H
#define SESSION_OPEN_TRACE_H

#include "diagnose/diagnosis.h"
#include "session/option.h"
#include "store/json.h"

/* One search over the case: the one that was asked for, without edits, or one with them. */
struct branch {
	struct beam_edit *edits; /* owned, [n_edits] in the order in which they were made */
	size_t n_edits;
	struct trace trace;         /* owned; without steps where the search was read from a file */
	struct diagnosis diagnosis; /* owned, the same; of an edited search, its original is that of the first branch */
	/* Owned: what `beam --trace` emits, so that walking through it needs neither model nor data. */
	json_t *record;
};

struct open_trace {
	struct branch **branches; /* owned, [n_all]; the first is the search that was asked for */
	size_t n;                 /* in force: branches[n - 1] is the newest; 0: no search is open */
	size_t n_all;             /* with those that were undone */
	size_t step;              /* that is looked at, 1 … number of steps; 0 where there are none */
	struct options options;   /* owned: as the user had set them for the search, and as edits search again */
	size_t model, data;       /* serials of what it was made with */
	char *file;               /* owned: that it was read from, and then it has one branch; NULL: it was searched */
};

void branch_free(struct branch *b); /* NULL is fine */
size_t branch_steps(const struct branch *b); /* as its record has them */

void open_trace_release(struct open_trace *t);

/* The newest branch; NULL: no search is open. */
static inline const struct branch *open_trace_newest(const struct open_trace *t)
{
	return t->n > 0 ? t->branches[t->n - 1] : NULL;
}

/* Opens a saved search (trace_file.h), in place of whatever was there if it is sound. */
int open_trace_read(struct open_trace *t, const char *path, struct err *err) MUST_CHECK;

/* Puts a branch on top, in the place of those that were undone; takes it over. */
void open_trace_push(struct open_trace *t, struct branch *b);

/* The edits of a branch and one more, [n + 1] and owned by the caller; those that the new one makes void are left out.
 */
struct beam_edit *branch_edits_with(const struct branch *b, const struct beam_edit *e, size_t *n);

/* The number of a step, 1 … most, from a word that is not "pruned", beside which only a number would do. */
int open_trace_read_step(double *step, const char *text, double most, struct err *err) MUST_CHECK;

#endif
