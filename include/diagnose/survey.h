/*
 * A survey: the findings of many cases of one split under one setting, as a file of JSON lines and in memory.
 *
 * Every line stands for itself: it holds the settings as well as the case, so that files can be put one after another,
 * split up and filtered with any tool. Numbers survive the way through the file bit for bit, so figures made from files
 * are those of the run that wrote them. Form of a line: beamscope-formats in the man page.
 */
#ifndef DIAGNOSE_SURVEY_H
#define DIAGNOSE_SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/vec.h"
#include "diagnose/finding.h"
#include "store/json.h"

#define SURVEY_WIDTHS 32 /* most widths of a survival */
#define SURVEY_WIDTH_MOST 100000 /* the widest beam, as the option has it */

struct survey {
	struct arena arena;  /* owns the findings' strings and arrays */
	json_t *settings;    /* owned: what every line says of how it was made; NULL: nothing read or set yet */
	size_t width;        /* B */
	size_t widths[SURVEY_WIDTHS]; /* [n_widths] of the survival, rising */
	size_t n_widths;
	size_t split_cases;  /* cases of the whole split */
	size_t meant;        /* of these, the cases that the setting "where" names: all of them without it */
	uint64_t seed;       /* of the bootstrap */
	VEC(struct finding) findings;
};

void survey_init(struct survey *s);
void survey_release(struct survey *s);

/*
 * Sets what the survey is of. settings (one reference is taken over) are those of a record with, besides:
 * "model_digest" and "data_digest" (what was loaded, whatever its path), "cases_digest" (the same for the same cases in
 * another model's tokens), "split", "split_cases", "beams" (the widths), "rank_limit", "seed", "where" (which cases;
 * null: all) and, with one, "where_cases" (how many there are of them); "sequences" (how many items can be reached)
 * serves sentences and may be absent. ERR_VALUE where a member is missing or of another type.
 */
int survey_set(struct survey *s, json_t *settings, struct err *err) MUST_CHECK;

/* The name of the first setting by which two differ in a way that matters to the findings (paths, threads and the seed
 * of the bootstrap do not); NULL: none. */
const char *survey_difference(const json_t *a, const json_t *b);

/* Appends one line with its newline. */
void survey_line(const struct survey *s, const struct finding *f, struct buf *out);

/* Takes in the lines of a file after those there are. The first line read sets what the survey is of; a line made with
 * other settings is ERR_VALUE with file, line, setting and both values; so is a case that was there before, unless the
 * lines are the same. A last line without a newline was broken off by a kill: it is left out, and *whole (may be NULL)
 * becomes the bytes before it. After a failure the survey is as it was. */
int survey_read(struct survey *s, const char *path, size_t *whole, struct err *err) MUST_CHECK;

void survey_sort(struct survey *s); /* by index: figures depend on the order through the bootstrap */

/* A survey's file that is being written: appended line by line, locked against a second writer. */
struct survey_file {
	char *path;       /* owned */
	int fd;
	bool regular;
	size_t whole;     /* bytes of whole lines */
	struct buf line;  /* scratch */
	double synced;    /* clock */
};

/* Opens or makes a file, and takes in the findings that it holds already: the run goes on after them. A file made with
 * other settings, by another program or being written by another process is refused and left as it is. A line that was
 * broken off is cut away. A pipe or a device, and the file that is standard output, are only written to. Released by
 * survey_file_close, also after a failure. */
int survey_file_open(struct survey_file *f, const char *path, struct survey *s, struct err *err) MUST_CHECK;
/* Writes a line at once; it is made durable every few seconds, and at the end. What a failure has left of a line is
 * taken away again. */
int survey_file_add(struct survey_file *f, const struct survey *s, const struct finding *finding, struct err *err)
	MUST_CHECK;
int survey_file_close(struct survey_file *f, struct err *err) MUST_CHECK; /* releases, also after a failure */

#endif
