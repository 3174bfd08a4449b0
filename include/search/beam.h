/*
 * Constrained beam search (SPEC section 2): the plain one, and HF 4.49's beam scorer step by step.
 *
 * Plain: all continuations of the live prefixes and the items finished before compete by prefix log-probability; the
 * best B stay. A finished item competes with the score that it has. The search ends when all that stay are finished.
 *
 * hf, at step t: of the best 2B continuations, walked in order until B prefixes go on, one that ends in EOS is finished
 * if it is among the best B and dropped for good otherwise. A finished item has the score Σ log p / t^α; of these the
 * best B are kept, a further one entering only if it is better than the worst. Let the best continuation of step t have
 * the sum b. With B items kept the search ends
 *     EARLY_FALSE   when the worst kept score >= b / t^α
 *     EARLY_TRUE    at once
 *     EARLY_NEVER   as EARLY_FALSE with HF_MAX_NEW_TOKENS (or the longest item's length, if larger) for t where α > 0
 * and with B = 1, which HF runs as greedy search, at the first finished item. The later of two equal scores goes first.
 * HF fills a beam that has fewer than B live prefixes with copies of sum -1e9 or -inf, which may go on for a step more,
 * may be returned when items are short, and count as finished for EARLY_TRUE. Here nothing is filled up.
 *
 * Equal sums are ordered by the lower parent rank, then the lower token id. What has probability zero never competes.
 */
#ifndef SEARCH_BEAM_H
#define SEARCH_BEAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "search/scorer.h"
#include "search/trace.h"

#define HF_MAX_NEW_TOKENS 128 /* max_new_tokens of the published inference script */

enum search_kind { SEARCH_PLAIN, SEARCH_HF };

enum early_stopping { EARLY_FALSE, EARLY_TRUE, EARLY_NEVER };

/*
 * What-if (SPEC section 2, "Editing"): a search that goes on differently from a step on, or in which a prefix is held
 * in or kept out. Step t chooses the t-th token, so that a prefix of t tokens is decided about at step t.
 *
 * FORCE   The prefix is kept whatever its rank, where it competes: its parent goes into step t and its probability is
 *         not zero. Otherwise the edit is without effect. Among fewer than B it takes no other's place; beyond the B-th
 *         rank it takes the place of the last kept one that is not forced. Of more forced ones than B those of the
 *         latest edits hold. A forced item (EOS its last token) holds its place to the end: in plain it competes with
 *         the others' sums at every later step, forced; in hf it is finished whatever its rank, and what holds a place
 *         among the finished in this way is displaced by none but a later forced one, nor does it count for the stop
 *         test, unless all B are held, which ends the search.
 * FORBID  The prefix does not compete, and nothing below it can. The probabilities of its sisters stay what they are.
 *         Where this leaves fewer than B prefixes the search goes on with these; where it leaves none it ends with what
 *         was finished, which may be nothing and is no error.
 * WIDTH   At step t all that came to it competes, and the new B stay. Of hf's finished items a narrower B drops the
 *         worst before the step.
 * MASK    Sums go on from what they are. Under MASK_BEFORE a prefix without distribution is an error, as ever.
 * KIND    What was finished before keeps its place: on the way to hf among the finished items, with the score
 *         Σ log p / n^α of its own n tokens; on the way to plain among the prefixes, with its Σ log p, before a prefix
 *         of the same sum.
 *
 * "At step t and later" is contradicted by the same said later of step t or an earlier one, FORCE by a later FORBID of
 * the same prefix, and the other way round: of two such edits the later one in the array holds.
 */
enum beam_edit_kind { EDIT_FORCE, EDIT_FORBID, EDIT_WIDTH, EDIT_MASK, EDIT_KIND };

struct beam_edit {
	size_t step; /* t >= 1. FORCE and FORBID: that step alone; the others: that step and later */
	enum beam_edit_kind kind;
	uint32_t node; /* FORCE, FORBID: trie node at depth `step` */
	size_t width;  /* WIDTH: B >= 1 */
	enum mask_rule mask;
	enum search_kind search;
};

struct beam_options {
	size_t width;          /* B >= 1 */
	enum search_kind kind;
	double length_penalty; /* hf: α */
	enum early_stopping early;
	size_t others;         /* pruned candidates a step that the trace keeps; 0: 4 B */
	const struct beam_edit *edits; /* [n_edits] in the order in which they were made */
	size_t n_edits;
};

/* What a search goes by at one step. */
struct beam_rules {
	size_t width;
	enum mask_rule mask;
	enum search_kind kind;
};

/* mask: that of the scorer when the search begins. */
struct beam_rules beam_rules_at(const struct beam_options *o, enum mask_rule mask, size_t step);

/* The edit that holds for a prefix: FORCE or FORBID; NULL: none. */
const struct beam_edit *beam_edit_of(const struct beam_options *o, uint32_t node);

static inline bool beam_forbids(const struct beam_options *o, uint32_t node)
{
	const struct beam_edit *e = beam_edit_of(o, node);

	return e != NULL && e->kind == EDIT_FORBID;
}

/*
 * Searches below the scorer's prompt. The trace is initialised by the call and released by the caller, also on failure.
 * trace->steps is filled only when want_steps is set; results always. After an EDIT_MASK the scorer is back at its mask
 * when the call returns, but its answers are forgotten.
 */
int beam_search(struct trace *trace, struct scorer *s, const struct beam_options *o, bool want_steps,
	struct err *err) MUST_CHECK;

#endif
