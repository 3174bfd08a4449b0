/* A file of batches that is taken lists examples that there are, no batch is empty, and what is refused has a place. */
#include <string.h>

#include "train/examples.h"

#include "fuzz.h"

/* Case "2" has two examples, the others one. */
static const struct rec_case cases[] = {{.id = "1"}, {.id = "2"}, {.id = "p3"}, {.id = "\xc3\xa9"}};
static const size_t case_of[] = {0, 1, 1, 2, 3};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct examples e = {.n_targets = ARRAY_LEN(case_of)};
	struct fuzz_file file;
	struct sampler s;
	struct err err;

	arena_init(&e.arena);
	for (size_t i = 0; i < ARRAY_LEN(case_of); i++)
		vec_push(&e.at, (struct example){.rc = &cases[case_of[i]]});
	fuzz_file_init(&file, data, len);
	sampler_init(&s, e.at.n, 2, 1);
	if (sampler_read(&s, file.path, &e, &err) == 0) {
		size_t listed = 0, n;

		for (size_t b = 0; b < sampler_epoch_batches(&s); b++, listed += n) {
			const uint32_t *ids = sampler_batch(&s, b, &n);

			FUZZ_CHECK(n > 0);
			for (size_t i = 0; i < n; i++)
				FUZZ_CHECK(ids[i] < e.at.n && (ids[i] != 2 || (i > 0 && ids[i - 1] == 1)));
		}
		FUZZ_CHECK(listed <= 2 * len);
	} else {
		FUZZ_CHECK(strncmp(err.msg, file.path, strlen(file.path)) == 0);
		FUZZ_CHECK(sampler_epoch_batches(&s) == 3);
	}
	sampler_release(&s);
	fuzz_file_release(&file);
	examples_release(&e);
	return 0;
}
