/* How a comparison reads: the record of `compare` (contest_json and what the command adds) as text and as TSV. */
#ifndef SESSION_CONTEST_TEXT_H
#define SESSION_CONTEST_TEXT_H

#include "session/out.h"

/* One figure, of the contenders and of the bouts between them. */
struct contest_line {
	const char *key, *label; /* the key is the bout's, under "flips" or "means" */
	double scale;
	const char *form;        /* of a difference and its bounds */
	bool flips;
	const char *figure;      /* the contender's */
	const char *value_form;
};

#define CONTEST_LINES 8
extern const struct contest_line contest_lines[CONTEST_LINES]; /* in the order in which they are told */

/* Appends a contender's value, and a difference with its interval: "+7.7 [+7.2, +8.1]"; "-" where there is none. k: of
 * the record. */
void contest_add_value(struct buf *b, const struct contest_line *line, const json_t *contender, size_t k);
void contest_add_difference(struct buf *b, const struct contest_line *line, const json_t *test);

/* What a bout says of that figure. */
const json_t *contest_test(const json_t *bout, const struct contest_line *line, size_t k);

void contest_text(const json_t *record, struct out *out);
void contest_tsv(const json_t *record, struct out *out);

#endif
