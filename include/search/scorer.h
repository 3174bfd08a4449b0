/*
 * The token log-probabilities of trie nodes: the one place where a model and a catalogue meet.
 *
 * For a prompt, the scorer gives for any trie node the log p of each of its children under the chosen mask and
 * temperature (SPEC section 1), asks the model for many nodes at once, and keeps every answer. Beam searches of several
 * widths, teacher forcing and the exact search over one case share one scorer and so compute nothing twice.
 *
 * With MASK_BEFORE a node with a single child has p = 1 and is answered without the model.
 */
#ifndef SEARCH_SCORER_H
#define SEARCH_SCORER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "model/lm.h"
#include "search/trie.h"

enum mask_rule {
	MASK_BEFORE, /* mask, then softmax: over the valid children only ("customCBS") */
	MASK_AFTER,  /* softmax over the vocabulary, then mask, not renormalised ("CBS") */
};

struct scorer {
	struct lm *lm;           /* borrowed */
	const struct trie *trie; /* borrowed */
	enum mask_rule mask;
	double tau;
	const double **logp; /* [trie nodes] children's log p in their order; NULL: not computed. Point into arena */
	lm_node *lm_node;    /* [trie nodes] UINT32_MAX: no node yet */
	uint32_t *touched;   /* trie nodes to forget at the next prompt */
	size_t n_touched, cap_touched;
	struct arena arena;
	size_t scored;       /* children scored since the prompt was set */
	size_t expanded;     /* nodes scored since then, single children included */
};

int scorer_init(struct scorer *s, struct lm *lm, const struct trie *trie, enum mask_rule mask, double tau, struct err *err)
	MUST_CHECK;
void scorer_release(struct scorer *s);

/* Sets the prompt; forgets all answers. */
int scorer_prompt(struct scorer *s, const uint32_t *tokens, size_t n, struct err *err) MUST_CHECK;

/* Changes mask and temperature; the prompt and the model's tree stay, answers are computed anew as they are asked for. */
void scorer_set(struct scorer *s, enum mask_rule mask, double tau);

/* Makes the answers of n nodes (none a leaf) available, asking the model once for those that are missing. A node whose
 * children all have probability zero is ERR_VALUE naming the prefix. */
int scorer_expand(struct scorer *s, const uint32_t *nodes, size_t n, struct err *err) MUST_CHECK;

/* log p of the children of an expanded node, in the order of the trie. Borrowed until the next prompt or scorer_set. */
static inline const double *scorer_logp(const struct scorer *s, uint32_t node)
{
	return s->logp[node];
}

/* Σ log p along the path to a node, expanding what is missing in one query (teacher forcing). steps: [depth] or NULL. */
int scorer_path(struct scorer *s, uint32_t node, double *sum, double *steps, struct err *err) MUST_CHECK;

#endif
