/*
 * What the measuring program keeps of each case: a line of JSON in a file, so that runs can be stopped, split over
 * processes and compared in pairs.
 */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H

#include <stddef.h>

#include "base/vec.h"
#include "diagnose/outcome.h"

#define N_SURVIVAL 6
extern const size_t survival_widths[N_SURVIVAL]; /* rising */

struct measured {
	char id[32]; /* of the case */
	struct outcome outcome;
	size_t exact_rank;        /* up to the largest of the widths; beyond it 0 */
	size_t ranks[N_SURVIVAL]; /* in the result of each width; 0: not returned */
};

/* One model or setting over some cases. */
struct measurement {
	char *name; /* owned; the file's name without folder and ending */
	size_t width;
	VEC(struct measured) cases;
};

/* Appends a line. */
void measured_write(struct buf *out, const struct measured *m, size_t width);
int measurement_read(struct measurement *m, const char *path, struct err *err) MUST_CHECK;
void measurement_release(struct measurement *m);

/* Prints Markdown: figures, survival by beam width, and each of the others in pairs against the first. */
void measurements_table(const struct measurement *m, size_t n);

#endif
