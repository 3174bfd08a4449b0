/*
 * What races of the tests run on: the reference's tiny model, and its prompts and items written as a token dataset. The
 * prompts are both what is trained on and what is held out: case p<i> is prompt i.
 */
#ifndef TESTS_NUM_RACECASE_H
#define TESTS_NUM_RACECASE_H

#include <jansson.h>

#include "data/dataset.h"
#include "refdata.h"
#include "search/trie.h"
#include "train/trainer.h"

struct racecase {
	struct refdata ref;
	struct dataset *data;
	struct trie trie;
	struct kern *kern;
	struct lm *base;
	struct examples examples;
	struct example_source source;
	struct train_data train; /* over all of these; beams of width 5 */
};

/* dir: a folder, in which the dataset is put. adapter: a PEFT directory of the reference over the model, or NULL. What
 * cannot be made ends the test. */
void racecase_init(struct racecase *c, const char *dir, const char *adapter, size_t threads);
void racecase_release(struct racecase *c);

/* Settings of a short race: steps 12, batches of 4, learning rate 1e-3, nothing written. */
struct train_config racecase_config(const char *objectives);

/* Writes a file of batches: pairs is an array of arrays of prompts' numbers. */
void racecase_write_batches(const char *path, const json_t *pairs);

#endif
