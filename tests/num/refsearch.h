/* The reference model over the reference catalogues, ready to be searched. */
#ifndef TESTS_NUM_REFSEARCH_H
#define TESTS_NUM_REFSEARCH_H

#include <jansson.h>
#include <stdbool.h>

#include "kern/kern.h"
#include "refdata.h"
#include "search/beam.h"

struct refsearch {
	struct refdata data;
	struct kern *kern;
	struct lm *lm;
};

void refsearch_init(struct refsearch *r);
void refsearch_release(struct refsearch *r);

/* A catalogue by its name ("main", "narrow", "tiny"). */
const struct ref_lists *refsearch_catalogue(const struct refsearch *r, const char *name);

/* Builds the catalogue's trie and a scorer over it. */
void refsearch_open(struct refsearch *r, const char *catalogue, enum end_rule end, enum mask_rule mask, struct trie *t,
	struct scorer *s);
void refsearch_prompt(struct refsearch *r, struct scorer *s, size_t prompt);

/* A reference JSON file; the caller lets go of it. */
json_t *refsearch_json(const char *name);

/* A number as the reference prints it, "inf", "-inf" and "nan" included. */
double refsearch_number(const json_t *value);

/* "eostrie" or "official"; "CBS", "customCBS" or "greedy" (either mask). */
enum end_rule refsearch_rule(const json_t *run);
enum mask_rule refsearch_mode(const json_t *run);

/* Relative to the larger of the two, which are at least 1 here. */
bool refsearch_close(double a, double b);

#endif
