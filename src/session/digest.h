/*
 * Digests that tell one model or dataset from another, whatever path it was read from: 64-bit FNV-1a (Fowler, Noll, Vo)
 * over what the figures are made from. They guard against a mistake, not against intent.
 *
 * Of a transformer the digest takes in the configuration that is computed with, and of every parameter and adapter
 * matrix the name, type, shape and up to four blocks of 4 KiB, evenly spaced: models that differ only in other values
 * have the same one. Of a probability table it takes in the file. Of data: the catalogue with its token sequences, the
 * cases of one split, and the prompts of eight of them as the model reads them.
 */
#ifndef SESSION_DIGEST_H
#define SESSION_DIGEST_H

#include "data/dataset.h"
#include "session/loaded.h"

/* Each is made once and kept with what was loaded; borrowed from there. */
const char *digest_model(struct model_stage *m);
const char *digest_data(struct data_stage *d, const struct model_stage *m, enum split_kind split);

/* Of what a dataset is without any model's tokens: items by id and title, and the cases of one split. */
void digest_cases(char text[DIGEST_TEXT], const struct dataset *d, enum split_kind split);

/* Of a file's bytes; 16 hexadecimal digits. */
int digest_file(char text[DIGEST_TEXT], const char *path, struct err *err) MUST_CHECK;

#endif
