#include "diagnose/outcome.h"

#include "inquest.h"

int outcome_find(struct outcome *out, struct scorer *s, uint32_t leaf, enum unreachable_why why,
	const struct diagnose_options *o, struct err *err)
{
	size_t width = o->beam.width;
	struct inquest q;
	int rc = inquest_hold(&q, s, leaf, why, o, width, width, err);

	if (rc == 0)
		inquest_close(&q, width, out);
	inquest_release(&q);
	return rc;
}
