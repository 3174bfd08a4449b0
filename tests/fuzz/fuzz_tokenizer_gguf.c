/* Any bytes as a GGUF file; one whose vocabulary loads encodes and decodes, whatever it says. */
#include "tokuse.h"

#include "store/gguf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct tokenizer *t = NULL;
	struct fuzz_file file;
	struct gguf g = {0};
	struct err err;

	fuzz_file_init(&file, data, len);
	if (gguf_open(&g, file.path, &err) == 0 && tokenizer_load_gguf(&t, &g, &err) < 0)
		FUZZ_CHECK(t == NULL);
	gguf_release(&g);
	if (t)
		tokuse(t);
	tokenizer_free(t);
	fuzz_file_release(&file);
	return 0;
}
