/* Any bytes as a prompt template; what stands before the history is the same for every history. */
#include <string.h>

#include "fuzz.h"

#include "base/buf.h"
#include "text/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const titles[] = {"{title}", "", "\xFF"};
	struct template *t = NULL;
	struct fuzz_file file;
	struct err err;

	fuzz_file_init(&file, data, len);
	if (template_load(&t, file.path, "bear-office", &err) == 0) {
		struct buf empty = {0}, prompt = {0};

		template_prompt(t, titles, 0, &empty);
		for (size_t n = 1; n <= ARRAY_LEN(titles); n++) {
			buf_clear(&prompt);
			template_prompt(t, titles, n, &prompt);
			FUZZ_CHECK(prompt.len >= empty.len + strlen(titles[n - 1]));
		}
		template_answer(t, titles[0], &prompt);
		buf_release(&empty);
		buf_release(&prompt);
	}
	template_free(t);
	fuzz_file_release(&file);
	return 0;
}
