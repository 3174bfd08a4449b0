/*
 * The token log-probabilities of trie nodes: the one place where a model and a catalogue meet.
 *
 * For a prompt, the scorer gives for any trie node the log p of each of its children under the chosen mask and
 * temperature (SPEC section 1), asks the model for many nodes at once, and keeps every answer. Beam searches of several
 * widths, teacher forcing and the exact search over one case share one scorer and so compute nothing twice.
 *
 * With MASK_BEFORE a node with a single child has p = 1 and is answered without the model; the tokens of such a node
 * reach the model only when a real choice below them is asked for.
 *
 * Sums are in double over the model's float logits; every log p is <= 0, -inf where the model gives no probability.
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
	lm_node *lm_node;    /* [trie nodes] the model's node for a trie node, if it has one yet */
	uint32_t *touched;   /* [trie nodes] those below the root that have an entry in logp or lm_node, in no order */
	size_t n_touched;
	uint32_t *path;      /* [max_depth] scratch */
	struct arena arena;
	size_t scored;       /* children scored since the prompt was set */
	size_t expanded;     /* nodes scored since then, single children included */
};

/* ERR_VALUE: an item has a token that the model does not know, or tau is not a positive number. */
int scorer_init(struct scorer *s, struct lm *lm, const struct trie *trie, enum mask_rule mask, double tau,
	struct err *err) MUST_CHECK;
void scorer_release(struct scorer *s);

/* Sets the prompt; forgets all answers. */
int scorer_prompt(struct scorer *s, const uint32_t *tokens, size_t n, struct err *err) MUST_CHECK;

/* Changes mask and temperature (tau > 0); the prompt and the model's tree stay, answers are computed anew as they are
 * asked for. */
void scorer_set(struct scorer *s, enum mask_rule mask, double tau);

/* Makes the answers of n nodes (none a leaf) available, asking the model once for those that are missing. With
 * MASK_BEFORE a node whose children all have probability zero has no distribution: ERR_VALUE naming the prefix. With
 * MASK_AFTER it is a dead end. A trie without items is ERR_VALUE. After a failure nothing is half known. */
int scorer_expand(struct scorer *s, const uint32_t *nodes, size_t n, struct err *err) MUST_CHECK;

/* Whether a node is expanded: asking for it again costs nothing. */
static inline bool scorer_knows(const struct scorer *s, uint32_t node)
{
	return s->logp[node] != NULL;
}

/* log p of the children of an expanded node, in the order of the trie. Borrowed until the next prompt or scorer_set. */
static inline const double *scorer_logp(const struct scorer *s, uint32_t node)
{
	return s->logp[node];
}

/* log p of a node whose parent is expanded. */
static inline double scorer_step(const struct scorer *s, uint32_t node)
{
	uint32_t parent = s->trie->parent[node];

	return s->logp[parent][node - s->trie->first[parent]];
}

/* Σ log p along the path to a node, expanding what is missing in one query (teacher forcing). steps: [depth] or NULL.
 * Below a token of probability zero the sum is -inf and no distribution is required. */
int scorer_path(struct scorer *s, uint32_t node, double *sum, double *steps, struct err *err) MUST_CHECK;

/* True where the answer to a node needs no model: a single child under MASK_BEFORE. */
static inline bool scorer_certain(const struct scorer *s, uint32_t node)
{
	return s->mask == MASK_BEFORE && trie_n_children(s->trie, node) == 1;
}

#endif
