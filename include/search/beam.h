/*
 * Constrained beam search (SPEC section 2): the plain one, and HF 4.49's scorer step by step.
 */
#ifndef SEARCH_BEAM_H
#define SEARCH_BEAM_H

#include <stddef.h>

#include "base/err.h"
#include "search/scorer.h"
#include "search/trace.h"

enum search_kind { SEARCH_PLAIN, SEARCH_HF };

enum early_stopping { EARLY_FALSE, EARLY_TRUE, EARLY_NEVER };

struct beam_options {
	size_t width;          /* B >= 1 */
	enum search_kind kind;
	double length_penalty; /* hf: finished scores are Σ log p / length^this */
	enum early_stopping early;
	size_t others;         /* pruned candidates a step that the trace keeps; 0: 4 · width */
};

/* Searches below the scorer's prompt. The trace is initialised by the call and released by the caller, also on failure.
 * trace->steps is filled only when want_steps is set; results always. */
int beam_search(struct trace *trace, struct scorer *s, const struct beam_options *o, bool want_steps, struct err *err)
	MUST_CHECK;

#endif
