/*
 * What the tests of the transformer share: a shape of model, opening one, and comparing it with the plain pass of
 * tiny.h.
 *
 * Two logits agree when |ours - theirs| <= 1e-4 · max(1, |theirs|).
 */
#ifndef TEST_MODELCHECK_H
#define TEST_MODELCHECK_H

#include "../num/tiny.h"
#include "base/rng.h"
#include "base/vec.h"
#include "check.h"
#include "model/transformer.h"

#define TOLERANCE 1e-4

extern const struct tiny_shape plain; /* float32, grouped-query attention, untied; vocabulary of 50 */

/* The kernels of all tests of a program; opened and closed as its group. */
extern struct kern *kern;
int open_kern(void **state);
int close_kern(void **state);

struct lm *open_model(const struct tiny *t);
void rename_tensor(struct tiny *t, const char *from, const char *to);
void random_tokens(struct vec_u32 *tokens, struct rng *rng, size_t n, size_t vocab); /* appends */
void compare(const float *z, const double *reference, size_t n);

/* Asks for everything after a node and compares with the plain pass over `tokens`, which lead to it. */
void check_node(struct lm *lm, struct tiny *t, lm_node node, const struct vec_u32 *tokens);

/* Opening fails with this code, and with a message that holds both parts. */
void expect_refusal(struct tiny *t, enum err_code code, const char *part, const char *other);

#endif
