/*
 * What there is to train on: token sequences, each with one item or several whose tokens are labels.
 *
 * TARGETS_LAST: one sequence a case, its prompt and its positive item (the published way). TARGETS_ALL: every item of
 * history and positive but the first one is a target once. Where the template makes each prompt, with the next item and
 * a separator, the beginning of the next prompt (`sequence`), the targets of one case share one sequence and so one
 * pass; with a limit of H history items a long case is then cut, from its end, into windows of H + 1 items that overlap
 * by one. Elsewhere each target has its own sequence, after the H items before it.
 */
#ifndef TRAIN_EXAMPLES_H
#define TRAIN_EXAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/vec.h"
#include "data/dataset.h"
#include "search/trie.h"

enum targets_rule { TARGETS_LAST, TARGETS_ALL };

/* One item to be predicted. Token t of it (t = 0 …) is predicted by row `at` - 1 + t of the sequence. */
struct target {
	uint32_t leaf; /* trie node of its EOS; its path gives labels and valid children */
	uint32_t at;   /* place of its first token in the sequence, >= 1 */
	uint32_t n;    /* tokens, EOS included */
};

struct example {
	const uint32_t *tokens; /* [n] up to the last target's EOS, which is a label only */
	uint32_t n;
	const struct target *targets; /* [n_targets], by rising `at`; no row predicts for two of them */
	uint32_t n_targets;
	const struct rec_case *rc; /* where it comes from; borrowed from the dataset */
};

struct examples {
	struct arena arena; /* owns tokens and targets */
	VEC(struct example) at;
	size_t n_targets;     /* of all */
	size_t n_unreachable; /* targets left out: no item of the catalogue, no tokens, hidden by END_LEAF */
	size_t longest;       /* tokens of the longest sequence */
};

struct example_source {
	const struct dataset *data;
	const struct tokenizer *tokenizer; /* NULL for token datasets */
	const struct template *template;   /* the same */
	const struct trie *trie;
	size_t max_history; /* 0: all */
	size_t max_tokens;  /* longest sequence that the model takes; 0: no limit. A longer one is ERR_VALUE */
	size_t vocab;       /* of the model; 0: not known. A sequence with another id is ERR_VALUE */
};

/* ERR_VALUE: TARGETS_ALL with a token dataset, whose prompts are complete; an empty prompt; nothing to train on. */
int examples_init(struct examples *e, const struct example_source *from, const struct rec_case *cases, size_t n,
	enum targets_rule rule, struct err *err) MUST_CHECK;
void examples_release(struct examples *e);

/*
 * Which examples make up batch i of a run. Without a file: epoch by epoch in an order drawn from the seed and the
 * epoch's number alone, so that any batch can be found again without those before it; the last batch of an epoch has
 * what is left. With a file: one line a batch, case ids separated by blanks, from the start again after the last line.
 */
struct sampler {
	size_t n, batch;       /* examples; in a batch */
	uint64_t seed;
	uint32_t *order;       /* owned, [n]: of `epoch` */
	size_t epoch;          /* SIZE_MAX: none drawn */
	struct vec_u32 listed; /* from a file: examples */
	VEC(size_t) line;      /* where each line begins in `listed` */
};

void sampler_init(struct sampler *s, size_t n, size_t batch, uint64_t seed); /* both >= 1 */
/* Every id must be a case that has an example (several: all of them). Empty lines are passed over. Errors name file and
 * line, and leave the sampler without a file. */
int sampler_read(struct sampler *s, const char *path, const struct examples *e, struct err *err) MUST_CHECK;
void sampler_release(struct sampler *s);
size_t sampler_epoch_batches(const struct sampler *s); /* batches that an epoch, or the file, has */
/* The examples of a batch, counted from 0 over all epochs; borrowed until the next call. */
const uint32_t *sampler_batch(struct sampler *s, size_t batch, size_t *n);

#endif
