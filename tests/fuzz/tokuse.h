/* What is done with every tokenizer that a fuzz target could load: some texts there and back. */
#ifndef TESTS_TOKUSE_H
#define TESTS_TOKUSE_H

#include <string.h>

#include "fuzz.h"

#include "base/buf.h"
#include "base/vec.h"
#include "text/tokenizer.h"

static inline void tokuse_text(const struct tokenizer *t, const char *text)
{
	struct vec_u32 ids = {0};
	struct buf back = {0};
	size_t unknown = 0;
	struct err err;

	if (tokenizer_encode(t, text, strlen(text), true, &ids, &unknown, &err) == 0) {
		for (size_t i = 0; i < ids.n; i++) {
			FUZZ_CHECK(ids.at[i] < tokenizer_vocab_size(t));
			FUZZ_CHECK(tokenizer_piece(t, ids.at[i], &back, &err) == 0);
		}
		FUZZ_CHECK(tokenizer_decode(t, ids.at, ids.n, true, &back, &err) == 0);
	} else {
		FUZZ_CHECK(ids.n == 0);
	}
	vec_release(&ids);
	buf_release(&back);
}

static inline void tokuse(const struct tokenizer *t)
{
	static const char *const texts[] = {
		"", "a", "ab  ab\n\n12 'S<s>", "\xE2\x96\x81\xC3\xA9 e\xCC\x81\xEF\xAC\x81 <s> ", "\t\r\n "};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		tokuse_text(t, texts[i]);
}

#endif
