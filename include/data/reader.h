/*
 * Dataset readers: one file a published form in src/data/read_*.c, listed in src/data/readers.c. To add a form, write
 * the two functions and one line of the list.
 */
#ifndef DATA_READER_H
#define DATA_READER_H

#include "data/dataset.h"

struct reader {
	const char *form;  /* as shown */
	const char *files; /* what it looks for, for the error message */
	bool (*match)(const char *path);
	int (*read)(struct dataset *d, struct err *err); /* fills catalogue and splits; d->path and name are set */
};

extern const struct reader *const dataset_readers[]; /* ends with NULL */

#endif
