/*
 * What is said of the positive item of one case (SPEC section 3): its margins and ranks at every step, and the verdict.
 *
 * Ranks of tokens count what is strictly more probable, so that a token rank is <= B exactly where the token margin is
 * >= 0, and BEAR's condition says the same of both. Prefix ranks of competing candidates are those of the trace, with
 * ties in its order.
 */
#ifndef DIAGNOSE_DIAGNOSIS_H
#define DIAGNOSE_DIAGNOSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "search/beam.h"
#include "search/exact.h"

enum verdict_kind {
	VERDICT_RETRIEVED,
	VERDICT_PRUNED,      /* exact rank <= B and not returned: the search lost it */
	VERDICT_OUTRANKED,   /* exact rank > B and not returned: the model prefers others */
	VERDICT_UNREACHABLE, /* the search could never return it */
	VERDICT_UNDECIDED,   /* not returned, and the budget ran out before the exact rank was settled against B */
};

enum unreachable_why {
	UNREACHABLE_NOT,
	UNREACHABLE_NO_POSITIVE, /* the case names no item of the catalogue */
	UNREACHABLE_NO_TOKENS,
	UNREACHABLE_HIDDEN,      /* a proper prefix of another item under --end leaf */
	UNREACHABLE_ZERO,        /* the model gives one of its tokens probability zero */
};

/* How a reachable item that was not returned left the search. */
enum lost_how {
	LOST_NOT,
	LOST_CUT,       /* a prefix of it fell below the cut-off */
	LOST_LATE_END,  /* hf: it ended at a rank beyond B and was dropped for good */
	LOST_SCORE,     /* hf: it was finished, with no better score than the worst of B finished items */
	LOST_DISPLACED, /* it was finished, and lost its place to better ones at a later step */
	LOST_STOPPED,   /* hf: it was in the beam, unfinished, when the search stopped */
	LOST_FORBIDDEN, /* an edit of the search kept it out */
};

/* The positive item at one step. Followed by teacher forcing after it left the beam. */
struct positive_step {
	uint32_t node;        /* trie node after this token */
	uint32_t token;
	size_t token_rank;    /* among the valid next tokens, 1 is best */
	size_t prefix_rank;   /* among the step's candidates; the rank it would have if it is no longer among them;
			       * 0 where the search had ended before this step */
	double step_logp;     /* log p(y_t | y_<t) */
	double logp;          /* log P of the prefix */
	double beta_logp;     /* log β_t: B-th largest probability above zero of a valid token, the smallest if fewer */
	double token_margin;  /* step_logp - beta_logp; NaN where both are -inf */
	double prefix_margin; /* logp - the cut-off (of ends, for EOS: they differ in hf search); NaN where the search
			       * had ended before this step */
	bool in_beam;         /* kept at this step */
	size_t width;         /* B at this step: edits change it */
	size_t valid;         /* number of valid next tokens */
};

struct diagnosis {
	enum verdict_kind kind;
	enum unreachable_why why;
	uint32_t leaf;               /* the positive's leaf; TRIE_NONE if it has none */
	struct positive_step *steps; /* owned, [n_steps] one a token of the item, EOS included; none without a leaf */
	size_t n_steps;
	double logp;                 /* overall log-probability; -inf if unreachable */
	size_t rank;                 /* in the result; 0 if not returned */
	enum lost_how how;
	size_t pruned_at;            /* step at which it left the beam (LOST_STOPPED: the last one); 0: it never did */
	size_t exact_rank;           /* as struct exact_result's target_rank; 0 if unreachable */
	size_t exact_rank_most;
	bool exact_proved;
	bool condition_holds;        /* BEAR's condition: every token rank <= B */
	size_t smallest_width;       /* smallest B in 1 … widths_scanned that retrieves it; 0: none */
	size_t widths_scanned;
	const struct diagnosis *original; /* borrowed: of the search without its edits; NULL: there are none */
};

struct diagnose_options {
	struct beam_options beam;
	size_t budget;    /* of the exact search, nodes; 0: no limit */
	size_t max_width; /* scan for the smallest B up to this one; 0: do not scan */
};

/* trace must come from beam_search with steps, over the same scorer and options. leaf: the positive's, or TRIE_NONE
 * with `why` saying the cause. Released by the caller, also on failure. */
int diagnose(struct diagnosis *d, const struct trace *trace, struct scorer *s, uint32_t leaf, enum unreachable_why why,
	const struct diagnose_options *o, struct err *err) MUST_CHECK;
void diagnosis_release(struct diagnosis *d);

/*
 * The same of a search with edits, o as it was searched with. Steps, margins, ranks of tokens (by the B and the mask of
 * each step), BEAR's condition, the rank in the result and how the item was lost are the branch's. The verdict's kind,
 * log P of the item, its exact rank and the smallest B belong to the question that was asked, of the model and the
 * search without edits, and are copied from the original. The scorer is at the mask without edits, and is again after.
 */
int diagnose_branch(struct diagnosis *d, const struct trace *trace, struct scorer *s, const struct diagnosis *original,
	const struct beam_options *o, struct err *err) MUST_CHECK;

/* The part of a diagnosis that the trace tells, of an item with a leaf: the steps, the rank in the result, how and
 * where it was lost, and UNREACHABLE_ZERO where the model rules it out. No exact rank and no verdict. Released as a
 * whole one is. */
int diagnosis_follow(struct diagnosis *d, const struct trace *trace, struct scorer *s, uint32_t leaf,
	const struct beam_options *o, struct err *err) MUST_CHECK;

/* What becomes of a reachable item with this rank in the result of a search of this width (0: not returned), and an
 * exact rank within these bounds. */
enum verdict_kind verdict_find(size_t rank, size_t exact_rank, size_t exact_rank_most, size_t width);

/* The rank of a token among its sisters, of which n have these log-probabilities: 1 + those that are larger. */
size_t token_rank(const double *logp, size_t n, double step);

/* log β of one node's children: the width-th largest of the probabilities above zero, the smallest of them where there
 * are fewer, -inf where there is none. */
double token_beta(const double *logp, size_t n, size_t width);

/* Names as in JSON: "incorrectly-pruned"; "hidden", "late-end", NULL for UNREACHABLE_NOT and LOST_NOT. */
const char *verdict_name(enum verdict_kind kind);
const char *unreachable_name(enum unreachable_why why);
const char *lost_name(enum lost_how how);

/* Texts of tokens and counts for the sentences; `piece` appends a token's text, already safe to show. */
struct verdict_words {
	void (*piece)(void *arg, uint32_t token, struct buf *out);
	void *arg;
	size_t width;        /* B */
	size_t n_sequences;  /* distinct reachable items; 0: not known, the sentence leaves it out */
};

/* The verdict in one sentence with its figures, from a capital letter to a full stop. Plain ASCII but for the tokens'
 * own text. Appends. */
void verdict_sentence(
	const struct diagnosis *d, const struct trace *trace, const struct verdict_words *w, struct buf *out);

/* The verdict explained in a few sentences (the `why` command), that one first. Appends. */
void verdict_explain(
	const struct diagnosis *d, const struct trace *trace, const struct verdict_words *w, struct buf *out);

#endif
