/* What the edits of a search come to at a step and for a prefix. */
#include "search/beam.h"

struct beam_rules beam_rules_at(const struct beam_options *o, enum mask_rule mask, size_t step)
{
	struct beam_rules rules = {o->width, mask, o->kind};

	for (size_t i = 0; i < o->n_edits; i++) {
		const struct beam_edit *e = &o->edits[i];

		if (e->step > step)
			continue;
		if (e->kind == EDIT_WIDTH)
			rules.width = e->width;
		else if (e->kind == EDIT_MASK)
			rules.mask = e->mask;
		else if (e->kind == EDIT_KIND)
			rules.kind = e->search;
	}
	return rules;
}

const struct beam_edit *beam_edit_of(const struct beam_options *o, uint32_t node)
{
	for (size_t i = o->n_edits; i > 0; i--) {
		const struct beam_edit *e = &o->edits[i - 1];

		if ((e->kind == EDIT_FORCE || e->kind == EDIT_FORBID) && e->node == node)
			return e;
	}
	return NULL;
}
