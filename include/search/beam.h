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
 * in or kept out. Step t chooses the t-th token.
 */
enum beam_edit_kind {
	EDIT_FORCE,  /* the prefix `node`, of t tokens, is kept whatever its rank: in the place of the last of the B
		      * where it is not among them. Its parent must compete at step t, or be forced at the step
		      * before */
	EDIT_FORBID, /* the prefix `node`, of t tokens, does not compete */
	EDIT_WIDTH,  /* B is `width` at step t and later */
	EDIT_MASK,   /* log p are those of `mask` at step t and later; sums go on from what they are */
	EDIT_KIND,   /* the procedure is `search` at step t and later. What finished before keeps its place: with the
		      * score Σ log p / t^α on the way to hf, with Σ log p on the way to plain */
};

struct beam_edit {
	size_t step; /* from 1 */
	enum beam_edit_kind kind;
	uint32_t node;           /* FORCE, FORBID: trie node at depth `step` */
	size_t width;
	enum mask_rule mask;
	enum search_kind search;
};

struct beam_options {
	size_t width;          /* B >= 1 */
	enum search_kind kind;
	double length_penalty; /* hf: α */
	enum early_stopping early;
	size_t others;         /* pruned candidates a step that the trace keeps; 0: 4 · width */
	const struct beam_edit *edits; /* [n_edits] in any order; of two that contradict each other the later holds */
	size_t n_edits;
};

/* Searches below the scorer's prompt. The trace is initialised by the call and released by the caller, also on failure.
 * trace->steps is filled only when want_steps is set; results always. */
int beam_search(struct trace *trace, struct scorer *s, const struct beam_options *o, bool want_steps,
	struct err *err) MUST_CHECK;

#endif
