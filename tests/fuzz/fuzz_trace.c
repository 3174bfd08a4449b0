/* A saved search from any bytes: what is accepted can be shown, and written and read again as it is. */
#include "fuzz.h"

#include <string.h>

#include "../unit/traceuse.h"
#include "session/trace_file.h"

static void read_again(const json_t *record)
{
	struct fuzz_file file;
	struct buf line = {0};
	json_t *again;
	struct err err;

	json_add(&line, record);
	fuzz_file_init(&file, (const uint8_t *)buf_str(&line), line.len);
	FUZZ_CHECK(trace_file_read(file.path, &again, &err) == 0);
	FUZZ_CHECK(json_equal(again, record));
	json_decref(again);
	fuzz_file_release(&file);
	buf_release(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_file file;
	struct err err;
	json_t *record;

	fuzz_file_init(&file, data, len);
	if (trace_file_read(file.path, &record, &err) == 0) {
		traceuse_all(record);
		read_again(record);
		json_decref(record);
	} else {
		FUZZ_CHECK(strstr(err.msg, file.path) != NULL);
	}
	fuzz_file_release(&file);
	return 0;
}
