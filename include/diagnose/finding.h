/*
 * All that is found of one case of a dataset: what it is, what became of it, how it fared at every step, at which beam
 * widths it survives. A line of `diagnose -o FILE.jsonl` is one of these; every figure over a dataset is made from them
 * and from nothing else (SPEC section 3).
 */
#ifndef DIAGNOSE_FINDING_H
#define DIAGNOSE_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "data/dataset.h"
#include "diagnose/diagnosis.h"
#include "diagnose/outcome.h"
#include "search/scorer.h"

/* The positive item at one step; as struct positive_step. */
struct finding_step {
	uint32_t token;
	const char *text;     /* what it stands for, raw, never NULL; "" where nothing says so */
	size_t valid;         /* valid next tokens, this one among them: its siblings and itself */
	size_t token_rank;
	size_t prefix_rank;   /* 0: the search had ended before */
	double step_logp;     /* -inf: probability 0 */
	double token_margin;  /* -inf: probability 0, of a token whose sisters have more; NaN: they have 0 too */
	/* NaN: the search had ended before; -inf: the prefix has probability 0; else inf: no prefix had its place */
	double prefix_margin;
	bool in_beam;
};

/* What a search of one width gives (survival by B). */
struct finding_reach {
	size_t rank;     /* of the positive item in the result; 0: not returned */
	size_t recalled; /* of the exact best so many, those that were returned */
	size_t exact_n;  /* exact best items: the width, or all there are; 0: the budget ended the search for them */
};

struct finding {
	/* The case, whatever is made of it. Strings are raw text, never NULL; "" is unknown. */
	size_t index;          /* place in its split, from 1 */
	const char *id, *user;
	const char *item, *title;  /* of the positive item; its id as in the file where the catalogue lacks it */
	size_t history;            /* items in it */
	size_t prompt_tokens;      /* 0: not encoded */
	size_t popularity;         /* of the positive item, in the training split */
	size_t item_tokens;        /* EOS included; 0: not in the catalogue, or not spelt */
	size_t choices;            /* steps of its path with more than one valid token */
	uint32_t first_token;      /* TOKEN_NONE: it has none */
	const char *first_text;    /* what that token stands for; "" where nothing says so */
	size_t first_shared;       /* reachable sequences that begin with it, this one included */

	/* What became of it. */
	struct outcome outcome;
	enum lost_how how;
	size_t item_rank;          /* where the items of a shared sequence are listed one by one; 0: not returned */
	size_t exact_rank_most;    /* the exact rank is at most this; 0 if unreachable */
	struct finding_step *steps; /* [n_steps] one a token; none if unreachable without a leaf */
	size_t n_steps;
	struct finding_reach *reach; /* [widths of the survey] */
	/* Smallest B in 1 … scan that returns it; 0: none of them does, or scan is 0. Not looked for, and 0, where the
	 * exact rank is beyond the scan and the search did not return it: only luck could. */
	size_t smallest_width;
	size_t expanded, scored;   /* by all searches: trie nodes, and token probabilities */
};

struct finding_options {
	struct diagnose_options search; /* max_width is the scan */
	const size_t *widths; /* [n_widths] of the survival by B, rising */
	size_t n_widths;
	size_t rank_limit;    /* exact ranks are followed so far; raised to the widest beam where that is wider */
};

/* The step (from 1) with the smallest prefix margin, 0 without one; and what counts as a wrongly pruned case. */
size_t finding_worst_step(const struct finding *f);
static inline bool finding_pruned(const struct finding *f)
{
	return f->outcome.kind == VERDICT_PRUNED;
}

/* The leaf of an item (ITEM_NONE: of none) in a trie over the catalogue; TRIE_NONE with the reason in *why. */
uint32_t finding_leaf(const struct catalogue *c, const struct trie *t, uint32_t item, enum unreachable_why *why);

/* Fills in what is known of a case before any search; the rest is zeroed. Strings are copied into the arena. The trie
 * may be NULL: then nothing is said of tokens. first_text is left "", prompt_tokens 0. */
void finding_describe(struct finding *f, const struct dataset *d, const struct rec_case *c, size_t index,
	const struct trie *t, struct arena *arena);

/* Searches: the beam at the chosen width with every step, at every width of the survival, the exact best and the
 * positive item's exact rank, all over one scorer that holds the case's prompt and computes nothing twice. item and
 * leaf: the positive's, ITEM_NONE and TRIE_NONE (with `why`, see finding_leaf) if it has none. Fills in the second half
 * of the finding; its arrays are the arena's, the steps' texts are left "". With the same prompt and options the same
 * bits come out, whatever was searched before. */
int finding_search(struct finding *f, struct scorer *s, uint32_t item, uint32_t leaf, enum unreachable_why why,
	const struct finding_options *o, struct arena *arena, struct err *err) MUST_CHECK;

#endif
