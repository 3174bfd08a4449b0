/* What opens lists tensors whose bytes can all be read, and which lie in the file one behind the other. */
#include <string.h>

#include "store/safetensors.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct safetensors s;
	struct fuzz_file file;
	struct err err;
	size_t total = 0;

	fuzz_file_init(&file, data, len);
	if (safetensors_open(&s, file.path, &err) < 0) {
		FUZZ_CHECK(err.code != ERR_NONE && strlen(err.msg) > 0);
		goto out;
	}
	for (size_t i = 0; i < s.entries.n; i++) {
		const struct safetensors_entry *entry = &s.entries.at[i];
		volatile unsigned sum = 0;
		struct tensor t;

		for (size_t k = 0; k < entry->len; k++)
			sum += entry->data[k];
		(void)sum;
		total += entry->len;
		FUZZ_CHECK(safetensors_find(&s, entry->name) == entry);
		if (safetensors_tensor(&s, entry->name, &t, &err) == 0) {
			FUZZ_CHECK(tensor_bytes(&t) == entry->len);
			FUZZ_CHECK(entry->len == 0 || (uintptr_t)t.data % dtype_bytes(t.dtype, 1) == 0);
		}
	}
	FUZZ_CHECK(total + 8 <= len);
out:
	safetensors_release(&s);
	fuzz_file_release(&file);
	return 0;
}
