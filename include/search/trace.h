/*
 * The record of a beam search: enough to show every step, and to open it again without the model.
 */
#ifndef SEARCH_TRACE_H
#define SEARCH_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "search/trie.h"

struct trace_candidate {
	uint32_t rank;   /* 1 is best; of a forbidden one the rank that it would have */
	uint32_t node;   /* trie node */
	uint32_t token;
	uint32_t parent; /* index among the step's live prefixes */
	double step_logp; /* log p(token | prefix) */
	double logp;      /* prefix log-probability */
	bool kept;        /* lives on, or was finished with a place in the result so far */
	bool finished;    /* ends in EOS */
	bool carried;     /* plain search: finished at an earlier step and keeping its place */
	bool tie;         /* its logp equals that of its neighbour above: ordered by parent, then token */
	bool forced;      /* an edit holds it in (search/beam.h), whether or not it would stay without */
	bool forbidden;   /* an edit keeps it out: it does not compete */
};

struct trace_prefix {
	uint32_t node;
	double logp;
	double step_logp; /* of its last token */
	bool finished;
};

struct trace_result {
	uint32_t rank;  /* 1 is best; 0 in a step's list */
	uint32_t leaf;  /* trie node; its items are the trie's */
	double logp;    /* overall log-probability */
	double score;   /* logp, or what the hf search ranks by */
};

struct trace_step {
	uint32_t step;             /* 1 is the first token */
	struct trace_prefix *live; /* [n_live] prefixes that the step began with, best first */
	size_t n_live;
	/* [n_candidates] all kept ones, the best of the others and all forbidden ones, by rank. */
	struct trace_candidate *candidates;
	size_t n_candidates;
	size_t total;  /* candidates that competed */
	size_t n_kept;
	/* logp of the last kept candidate (the B-th best score; of the last one where fewer competed). Where forced
	 * ones took others' places: of the last one above those. So what is under it stays only by force, and what
	 * stays by itself is not. inf where nothing stays by itself, -inf where nothing stays. hf, where B was
	 * narrowed: that of the 2B-th candidate, if beyond it are prefixes that there would be places for. */
	double cutoff;
	/* What a candidate that ends in EOS has to reach. plain: the cut-off; hf: logp of the B-th best candidate. */
	double finish_cutoff;
	struct trace_result *finished; /* [n_finished] finished items that hold a place after the step, in no order */
	size_t n_finished;
	bool done; /* the search ended with this step */
};

struct trace {
	struct arena arena; /* owns everything below */
	struct trace_step *steps;
	size_t n_steps;
	struct trace_result *results; /* best first, at most B */
	size_t n_results;
	bool short_of_items; /* fewer items could be reached than B */
	size_t n_ties;       /* steps with a tie at the cut-off, where the order decided who stays */
};

void trace_init(struct trace *t);
void trace_release(struct trace *t);

size_t trace_rank(const struct trace *t, uint32_t leaf); /* in the results; 0: not returned */

/* The step at which an item that was not returned left the beam: where it fell out, or lost its place as a finished
 * one; the last step if it was still there when the search stopped. Needs a trace with steps. */
size_t trace_lost_at(const struct trace *t, const struct trie *trie, uint32_t leaf);

#endif
