/* Any bytes as a tokenizer.json; one that loads encodes and decodes, whatever it says. */
#include <string.h>

#include "fuzz.h"

#include "base/buf.h"
#include "base/vec.h"
#include "text/tokenizer.h"

static const char *const texts[] = {
	"", "a", "ab  ab\n\n12 'S<s>", "\xE2\x96\x81\xC3\xA9 e\xCC\x81\xEF\xAC\x81 <s> ", "\t\r\n "};

static void use(const struct tokenizer *t, const char *text)
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct tokenizer *t = NULL;
	struct fuzz_file file;
	struct err err;

	fuzz_file_init(&file, data, len);
	if (tokenizer_load(&t, file.path, &err) == 0)
		for (size_t i = 0; i < ARRAY_LEN(texts); i++)
			use(t, texts[i]);
	else
		FUZZ_CHECK(t == NULL);
	tokenizer_free(t);
	fuzz_file_release(&file);
	return 0;
}
