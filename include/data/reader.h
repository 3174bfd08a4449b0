/*
 * Dataset readers: one file a published form in src/data/read_*.c, listed in src/data/readers.c. To add a form, write
 * the two functions and one line of the list. Below the list, what readers share.
 */
#ifndef DATA_READER_H
#define DATA_READER_H

#include "data/dataset.h"
#include "store/json.h"

struct reader {
	const char *form;  /* as shown */
	const char *files; /* what it looks for, for the error message */
	bool (*match)(const char *path);
	int (*read)(struct dataset *d, struct err *err); /* fills catalogue and splits; d->path and name are set */
};

extern const struct reader *const dataset_readers[]; /* ends with NULL */

/*
 * The file of a split among those of a directory that are called stem*.csv: stem.csv if there is one, else the
 * stem_NUMBER.csv of the largest number (published sets come with samples: train_10000.csv), else the last by name.
 * *file gets its path, caller frees, or NULL if there is none.
 */
int reader_find_split(char **file, const char *dir, const char *stem, struct err *err) MUST_CHECK;

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

/* After the splits were read: what the directory's meta.json says, {"settings": {"beam": 2, "mask": "after"},
 * "first_case": "17"}, both optional; without the file, nothing. */
int reader_meta(struct dataset *d, struct err *err) MUST_CHECK;

#endif
