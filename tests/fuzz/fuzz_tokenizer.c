/* Any bytes as a tokenizer.json; one that loads encodes and decodes, whatever it says. */
#include "tokuse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct tokenizer *t = NULL;
	struct fuzz_file file;
	struct err err;

	fuzz_file_init(&file, data, len);
	if (tokenizer_load(&t, file.path, &err) == 0)
		tokuse(t);
	else
		FUZZ_CHECK(t == NULL);
	tokenizer_free(t);
	fuzz_file_release(&file);
	return 0;
}
