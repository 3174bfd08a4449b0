/* What all language models have in common: arguments are checked here, once. */
#include "model/lm.h"

#include <math.h>

static int check_prompt(const struct lm *lm, const uint32_t *tokens, size_t n, struct err *err)
{
	if (n == 0)
		return err_set(
			err, ERR_VALUE, "the prompt is empty: a model needs one token at least, such as its BOS");
	if (lm->max_tokens != 0 && n > lm->max_tokens)
		return err_set(err, ERR_VALUE,
			"the prompt has %zu tokens, and the model takes %zu: a shorter history would fit", n,
			lm->max_tokens);
	for (size_t i = 0; i < n; i++) {
		if (tokens[i] >= lm->vocab)
			return err_set(err, ERR_VALUE,
				"token %zu of the prompt is %u, and the model's vocabulary has %zu tokens", i + 1,
				tokens[i], lm->vocab);
	}
	return 0;
}

int lm_prompt(struct lm *lm, const uint32_t *tokens, size_t n, struct err *err)
{
	lm->prompted = false;
	if (!lm->ignores_prompt && check_prompt(lm, tokens, n, err) != 0)
		return -1;
	if (lm->ops->prompt(lm, tokens, n, err) != 0)
		return -1;
	lm->prompted = true;
	return 0;
}

lm_node lm_child(struct lm *lm, lm_node parent, uint32_t token)
{
	if (!lm->prompted)
		BUG("a node without a prompt");
	if (token >= lm->vocab)
		BUG("token %u in a vocabulary of %zu", token, lm->vocab);
	return lm->ops->child(lm, parent, token);
}

int lm_query(struct lm *lm, struct lm_query *queries, size_t n, double tau, struct err *err)
{
	if (!lm->prompted)
		BUG("a query without a prompt");
	if (!(tau > 0) || isinf(tau))
		return err_set(err, ERR_VALUE, "a temperature of %g: it must be above 0 and finite", tau);
	for (size_t q = 0; q < n; q++) {
		for (size_t i = 0; i < queries[q].n; i++) {
			if (queries[q].ids[i] >= lm->vocab)
				BUG("token %u in a vocabulary of %zu", queries[q].ids[i], lm->vocab);
		}
	}
	return lm->ops->query(lm, queries, n, tau, err);
}

void lm_close(struct lm *lm)
{
	if (lm != NULL)
		lm->ops->close(lm);
}
