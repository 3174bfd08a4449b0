/* A probability table from any bytes: what is accepted answers with probabilities that sum to no more than 1. */
#include "fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/table.h"

/* Small enough to ask for whole rows of. */
#define MAX_VOCAB 4096

static void ask(struct lm *lm, lm_node node)
{
	float *z = xcalloc(lm->vocab, sizeof(*z));
	struct lm_query query = {.node = node, .all = z};
	double lse, sum = 0;
	struct err err;

	query.lse = &lse;
	FUZZ_CHECK(lm_query(lm, &query, 1, 1, &err) == 0);
	for (size_t v = 0; v < lm->vocab; v++) {
		FUZZ_CHECK(z[v] <= 0);
		sum += exp(z[v]);
	}
	FUZZ_CHECK(sum <= 1 + 1e-5 && fabs(lse) <= 1e-5);
	free(z);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_file file;
	struct lm *lm;
	struct err err;

	fuzz_file_init(&file, data, len);
	if (table_open(&lm, file.path, &err) == 0) {
		FUZZ_CHECK(lm->vocab > 0);
		FUZZ_CHECK(lm_prompt(lm, NULL, 0, &err) == 0);
		if (lm->vocab <= MAX_VOCAB) {
			ask(lm, LM_PROMPT);
			ask(lm, lm_child(lm, lm_child(lm, LM_PROMPT, 12 % (uint32_t)lm->vocab),
					15 % (uint32_t)lm->vocab));
		}
		lm_close(lm);
	} else {
		FUZZ_CHECK(strncmp(err.msg, file.path, strlen(file.path)) == 0 || err.code != ERR_FORMAT);
	}
	fuzz_file_release(&file);
	return 0;
}
