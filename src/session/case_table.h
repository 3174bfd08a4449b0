/*
 * The table of cases for the screens: a row for every case of the loaded split with what is found of it, of which those
 * are shown that an expression names, in the order of a column.
 *
 * The table is the front-end's thread's alone and holds copies of all it says, so that it can be filtered and sorted
 * while a job runs, which model and data belong to. What a running diagnosis finds comes through a feed, which the
 * thread that diagnoses fills under a lock; what the session's survey holds is taken when no job runs. There is no
 * table, and the feed keeps nothing, before the screens ask for a picture.
 */
#ifndef SESSION_CASE_TABLE_H
#define SESSION_CASE_TABLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/order.h"
#include "base/vec.h"
#include "diagnose/survey.h"
#include "diagnose/where.h"
#include "session/loaded.h"
#include "session/snap_cases.h"

struct session;

/* Findings on their way to the table. */
struct case_batch {
	struct arena arena; /* owns what they point to */
	VEC(struct finding) findings;
};

struct case_feed {
	pthread_mutex_t lock;    /* guards all below */
	bool wanted;             /* somebody fetches: otherwise nothing is kept */
	unsigned long run;       /* grows with every diagnosis that begins; 0: none has */
	char cases[DIGEST_TEXT]; /* digest of the cases that it goes through */
	char *settings_shown;    /* owned: that it is made with */
	unsigned long kept_as;   /* the session's survey that its findings have become; 0: none yet */
	struct case_batch batch; /* not yet fetched */
};

void case_feed_init(struct case_feed *f);
void case_feed_release(struct case_feed *f);

/* The thread that diagnoses: a diagnosis with these settings (as survey_set has them) begins; a case of it is found. */
void case_feed_begin(struct case_feed *f, const json_t *settings);
void case_feed_add(struct case_feed *f, const struct finding *found);

/* All that it found, and nothing else, has become the session's survey, number so and so. The same thread. */
void case_feed_keep(struct case_feed *f, unsigned long survey);

struct case_texts;

struct case_row {
	const struct snap_case *base;  /* before any search; of the table's texts */
	const struct snap_case *shown; /* the same, or with what is found; of the table's found */
	uint64_t key;                  /* by which it is put in order, and */
	const char *text;              /* that it was made from; NULL: of a number, or of nothing */
	bool changed;                  /* since it was looked at last, or another question was asked */
	bool asked;                    /* it is one of those that are shown */
};

struct order_entries {
	struct order_entry *at;
	size_t n, cap;
};

/* Zeroed is empty. */
struct case_table {
	/* What the rows were made of. */
	size_t data_serial; /* 0: there was no dataset yet */
	size_t spelt_for;
	int split, end;
	char cases[DIGEST_TEXT]; /* digest of the split's cases */
	struct case_row *rows;   /* owned, [n] */
	size_t n;
	struct case_texts *texts; /* one reference: what they are before any search */

	/* What is found of them. */
	struct case_texts *found; /* one reference: owns what is found, over the texts */
	unsigned long run;        /* the last diagnosis that was looked at, as the feed counts them */
	unsigned long survey;     /* the last survey that was, as the session counts them */
	bool live;                /* they are the feed's, not the survey's */
	bool fits;                /* what the feed brings is of these cases */
	unsigned long kept_as;    /* the survey that all of it has become, as the session counts them */
	size_t kinds[SNAP_VERDICTS]; /* of the rows, by verdict */
	bool elsewhere;           /* the survey is of others */
	const char *settings_shown; /* of the same owner; NULL: nothing is found */
	struct case_batch batch;  /* scratch for what is fetched */

	/* What is asked for. */
	struct where *where;       /* owned; NULL: all */
	char *where_shown;         /* owned; NULL: all */
	const struct column *sort; /* NULL: the split's order */
	bool descending;

	struct order_entries order;          /* the rows that are shown */
	struct order_entries changed, spare; /* scratch */
	bool stale;                /* the picture no longer shows how things are */
	struct snap_cases *shown;  /* one reference: the newest picture; NULL: there is none */
	double made;               /* when that was made */
};

void case_table_release(struct case_table *t);

/* As session_ask_cases. */
int case_table_ask(struct case_table *t, const char *where, const char *sort, struct err *err) MUST_CHECK;

/* The table as it stands; the caller has one reference. NULL: no dataset is loaded. Reads what is loaded and the survey
 * only when no job runs. */
const struct snap_cases *case_table_show(struct case_table *t, struct session *s);
void snap_cases_unref(const struct snap_cases *c); /* NULL is fine */

#endif
