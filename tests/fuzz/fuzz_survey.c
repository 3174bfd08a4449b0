/* A survey's file from any bytes: what is accepted can be counted up, and written and read again as it is. */
#include "fuzz.h"

#include <string.h>

#include "diagnose/survey.h"
#include "diagnose/tally.h"

static void write_lines(const struct survey *s, struct buf *out)
{
	for (size_t i = 0; i < s->findings.n; i++)
		survey_line(s, &s->findings.at[i], out);
}

/* The lines of what was read from these lines. */
static void read_again(const struct buf *lines, struct buf *out)
{
	struct fuzz_file file;
	struct survey s;
	struct err err;
	size_t whole;

	survey_init(&s);
	fuzz_file_init(&file, (const uint8_t *)buf_str(lines), lines->len);
	FUZZ_CHECK(survey_read(&s, file.path, &whole, &err) == 0);
	FUZZ_CHECK(whole == lines->len);
	write_lines(&s, out);
	fuzz_file_release(&file);
	survey_release(&s);
}

static void use(struct survey *s)
{
	struct buf lines = {0}, again = {0};
	struct tally t;
	struct err err;

	write_lines(s, &lines);
	read_again(&lines, &again);
	FUZZ_CHECK(lines.len == again.len && (lines.len == 0 || !memcmp(lines.at, again.at, lines.len)));
	survey_sort(s);
	if (s->settings) {
		FUZZ_CHECK(tally_init(&t, s, NULL, 0, &err) == 0);
		json_decref(tally_json(&t, s));
		tally_release(&t);
	}
	buf_release(&lines);
	buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_file file;
	struct survey s;
	struct err err;
	size_t whole = 0;

	survey_init(&s);
	fuzz_file_init(&file, data, len);
	if (survey_read(&s, file.path, &whole, &err) == 0) {
		FUZZ_CHECK(whole <= len);
		use(&s);
	} else {
		FUZZ_CHECK(strncmp(err.msg, file.path, strlen(file.path)) == 0);
		FUZZ_CHECK(s.findings.n == 0 && !s.settings);
	}
	fuzz_file_release(&file);
	survey_release(&s);
	return 0;
}
