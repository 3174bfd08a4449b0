/* Rows have as many fields as the header, valid UTF-8 without NUL, and lines that only go forward. */
#include <float.h>
#include <string.h>

#include "base/utf8.h"
#include "store/csvfile.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct csvfile_row row;
	struct fuzz_file file;
	struct csvfile *f;
	struct err err;
	size_t line = 0, columns = 0, bytes = 0;
	int found;

	fuzz_file_init(&file, data, len);
	if (csvfile_open(&f, file.path, &err) < 0)
		goto out;
	while ((found = csvfile_next(f, &row, &err)) == 1) {
		FUZZ_CHECK(row.line > line && row.n > 0 && (columns == 0 || row.n == columns));
		line = row.line;
		columns = row.n;
		for (size_t i = 0; i < row.n; i++) {
			int64_t number;
			double x;

			FUZZ_CHECK(strlen(row.field[i]) == row.len[i] && utf8_valid(row.field[i], row.len[i]));
			bytes += row.len[i];
			if (csvfile_int(f, &row, i, INT64_MIN, INT64_MAX, &number, &err) == 0)
				FUZZ_CHECK(csvfile_double(f, &row, i, -DBL_MAX, DBL_MAX, &x, &err) == 0);
		}
	}
	FUZZ_CHECK(bytes <= len);
	FUZZ_CHECK(found == 0 || strncmp(err.msg, file.path, strlen(file.path)) == 0);
	csvfile_close(f);
out:
	fuzz_file_release(&file);
	return 0;
}
