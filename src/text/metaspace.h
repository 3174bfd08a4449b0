/* SentencePiece's way with spaces, which Hugging Face calls Metaspace, as steps of a pre-tokeniser. */
#ifndef TEXT_METASPACE_H
#define TEXT_METASPACE_H

#include <stdbool.h>
#include <stddef.h>

#include "text/steps.h"

#define METASPACE_MARK "\xE2\x96\x81" /* the usual one */

struct metaspace {
	const char *mark;   /* stands for spaces; borrowed */
	bool prefix;        /* one is put before a text that does not begin with it */
	bool only_at_start; /* but not after an added token */
	bool split;         /* words are cut before every mark */
};

/* How many of the n steps are a Metaspace, which *m then describes: 0 if they do not begin with one. */
size_t metaspace_match(struct metaspace *m, const struct step *at, size_t n);

#endif
