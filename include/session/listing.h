/*
 * What commands answered, at hand for the next: `last` shows the last answer again, $last.KEY is a member of it, and
 * $1, $2 ... are the ids of what was listed. The front-end's thread alone.
 */
#ifndef SESSION_LISTING_H
#define SESSION_LISTING_H

#include "session/command.h"
#include "session/out.h"
#include "session/snap_cases.h"

struct listed_ids {
	char **at; /* owned, each too */
	size_t n, cap;
};

struct listing {
	json_t *records;                  /* owned: the last answer's, an array; NULL: there is none */
	const struct cmd_entry *command;  /* whose they are */
	const struct out_column *columns; /* of the table that they make */
	bool cut;                         /* there were more than are kept */
	struct listed_ids ids[LISTED_KINDS];
	enum listed newest;               /* LISTED_NOTHING: nothing was listed yet */
	bool in_view;                     /* the cases were listed in the Cases view: its rows are meant */
};

/* Takes the records of a command that has ended well from where they were written. */
void listing_take(struct listing *l, const struct cmd_entry *e, struct out *out);
void listing_release(struct listing *l); /* a zeroed one is fine */

/* What a command wants in this place of its statement. LISTED_NOTHING: anything. */
enum listed listing_wanted(const struct variable_place *at);

/* Appends the id of a row, from 1. view: what the Cases view shows, which is meant where no command has listed cases
 * since; NULL: there is no such view. ERR_NOT_FOUND with what is listed. */
int listing_id(const struct listing *l, enum listed wanted, const struct snap_cases *view, const char *number,
	struct buf *id, struct err *err) MUST_CHECK;

/* What ".KEY.KEY" leads to in the last record, "" being that itself; borrowed. NULL: nothing. */
const json_t *listing_find(const struct listing *l, const char *path);
/* Appends what ".KEY.KEY" leads to in the last record. ERR_NOT_FOUND where it leads nowhere or to null. */
int listing_member(const struct listing *l, const char *path, struct buf *value, struct err *err) MUST_CHECK;

#endif
