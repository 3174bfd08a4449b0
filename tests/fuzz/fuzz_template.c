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
		struct buf head = {0}, prompt = {0};

		template_head(t, &head);
		for (size_t n = 0; n <= ARRAY_LEN(titles); n++) {
			buf_clear(&prompt);
			template_prompt(t, titles, n, &prompt);
			FUZZ_CHECK(prompt.len >= head.len);
			FUZZ_CHECK(head.len == 0 || memcmp(prompt.at, head.at, head.len) == 0);
		}
		template_answer(t, titles[0], &prompt);
		buf_release(&head);
		buf_release(&prompt);
	}
	template_free(t);
	fuzz_file_release(&file);
	return 0;
}
