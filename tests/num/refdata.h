/* Prompts and items of the reference numbers: data.json, whose format the reference README gives. */
#ifndef TESTS_NUM_REFDATA_H
#define TESTS_NUM_REFDATA_H

#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

struct ref_lists {
	struct vec_u32 *at; /* owned, [n] */
	size_t n;
};

struct refdata {
	struct ref_lists prompts;
	struct vec_u32 positives;                  /* for each prompt the index of its item in the main catalogue */
	struct ref_lists main, narrow, tiny;       /* catalogues: the items' tokens */
	struct vec_u32 logits_row, logits_f64_row; /* [prompts + 1] first rows of logits_f32 and logits_f64_item */
	uint32_t bos, eos;
};

/* set: "A". What cannot be read ends the test program. */
void refdata_read(struct refdata *r, const char *set);
void refdata_release(struct refdata *r);

#endif
