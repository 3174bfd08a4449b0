/*
 * Dataset readers: one file a published form in src/data/read_*.c, listed in src/data/readers.c. To add a form, write
 * the two functions and one line of the list. Below the list, what readers share.
 */
#ifndef DATA_READER_H
#define DATA_READER_H

#include "data/dataset.h"
#include "data/pylist.h"
#include "store/csvfile.h"
#include "store/json.h"

struct reader {
	const char *form;   /* as shown */
	const char *files;  /* what it looks for, for the error message */
	const char *chosen; /* pattern (as fnmatch) of the files by which a dataset may be named too; NULL: none */
	const char *folder; /* the folder within the dataset's in which these are; NULL: in itself */
	bool (*match)(const char *path);
	int (*read)(struct dataset *d, struct err *err); /* fills catalogue and splits; d->path and name are set */
};

extern const struct reader *const dataset_readers[]; /* ends with NULL */

extern const char *const reader_tokens_files[]; /* [SPLIT_COUNT] where a token dataset has the cases of a split */

/*
 * The file of a split among those of a directory that are called stem*.csv: stem.csv if there is one, else the
 * stem_NUMBER.csv of the largest number (published sets come with samples: train_10000.csv), else the last by name.
 * *file gets its path, caller frees, or NULL if there is none.
 */
int reader_find_split(char **file, const char *dir, const char *stem, struct err *err) MUST_CHECK;

/* Bytes of the token "<a_12>" at s, of which len are there: its brackets, and what no bracket is between them; 0: there
 * is none. Semantic ids are such tokens, so that in a joined text one can be told from the next. */
size_t reader_token_len(const char *s, size_t len);

/* Hands every member of a JSON file's object to `read`, which returns 0 to go on; returns what it returned last. */
typedef int reader_member(struct dataset *d, const struct json_node *member, struct err *err);
int reader_members(struct dataset *d, const char *path, reader_member *read, struct err *err) MUST_CHECK;

/*
 * Adds a case to the split. The caller has filled it and the strings and arrays live in d->arena; an id that is there
 * already is ERR_FORMAT. Counts it in n_no_positive where it has no positive item.
 */
int reader_add_case(struct split *s, const struct rec_case *c, struct err *err) MUST_CHECK;

/* A copy of the indices in d->arena. */
const uint32_t *reader_keep(struct dataset *d, const struct vec_u32 *ids);

/* A field with a Python list of item ids. Zeroed is empty; one serves for all rows. */
struct reader_ids {
	struct pylist list;
	struct vec_u32 items; /* those of the field read last; ITEM_NONE: the catalogue lacks it */
};

int reader_ids_read(struct reader_ids *ids, const struct dataset *d, const struct csvfile *f,
	const struct csvfile_row *row, size_t column, struct err *err) MUST_CHECK;
const char *reader_ids_last(const struct reader_ids *ids); /* the last id's text, where the field holds one */
void reader_ids_release(struct reader_ids *ids);

/* Makes a copy of the items, without those that the catalogue lacks, the case's history; returns how many these are. */
size_t reader_ids_keep(struct reader_ids *ids, struct dataset *d, struct rec_case *c);

/* An interaction of a user. */
struct visit {
	uint32_t item;  /* ITEM_NONE: the catalogue lacks it */
	const char *id; /* the item's, as in the file; of the catalogue or in d->arena */
	int64_t time;   /* as in the file; 0 if unknown */
};

/*
 * The cases of a user whose n interactions are given, oldest first, leave-last-out: the last item is the test's, the
 * one before it the validation's, the one before that the training's, each with all that came before it as its history.
 * A split for which no history is left has no case of the user and counts it in n_too_short. user: in d->arena.
 */
int reader_leave_last(
	struct dataset *d, const char *user, const struct visit *at, size_t n, struct err *err) MUST_CHECK;

/* After the splits were read: what the directory's meta.json says, {"settings": {"beam": 2, "mask": "after"},
 * "first_case": "17"}, both optional; without the file, nothing. */
int reader_meta(struct dataset *d, struct err *err) MUST_CHECK;

/* A CSV file of items, its columns called id_name and "title" (an empty one is none), into the catalogue. */
int reader_csv_items(struct dataset *d, const char *path, const char *id_name, struct err *err) MUST_CHECK;

/* A CSV file of interactions, its columns called user_name, item_name and, if there, "timestamp", into the splits
 * (data/interactions.h). */
int reader_csv_interactions(struct dataset *d, const char *path, const char *user_name, const char *item_name,
	struct err *err) MUST_CHECK;

#endif
