/*
 * Interactions as a file lists them, one a row in any order: gathered, then put into the order of their users and times
 * and made into cases.
 *
 * Gathering takes 16 bytes an interaction, in blocks, so that nothing is copied while it grows; ordering takes 4 more,
 * and the histories that stay 4.
 */
#ifndef DATA_INTERACTIONS_H
#define DATA_INTERACTIONS_H

#include <stdint.h>

#include "base/vec.h"
#include "data/dataset.h"

struct interaction {
	int64_t time;
	uint32_t user; /* in the order of their first rows */
	uint32_t item; /* of the catalogue; from catalogue.n on: one of `strangers` */
};

struct interactions {
	struct dataset *d;                /* borrowed; its catalogue is complete */
	VEC(struct interaction *) blocks; /* owned, each too */
	size_t n;
	struct map by_user, by_stranger;
	VEC(const char *) users;          /* in d->arena */
	VEC(const char *) strangers;      /* in d->arena: ids that the catalogue lacks */
};

void interactions_init(struct interactions *t, struct dataset *d);
void interactions_release(struct interactions *t);

/* Adds one; the ids are copied. */
int interactions_add(struct interactions *t, const char *user, size_t user_len, const char *item, size_t item_len,
	int64_t time, struct err *err) MUST_CHECK;

/* Makes the cases (reader_leave_last), user by user in the order of their first rows, each one's interactions by time,
 * those of one time in the order of their rows. file: what the splits say that they were read from. */
int interactions_part(struct interactions *t, const char *file, struct err *err) MUST_CHECK;

#endif
