/*
 * What could be compared with a model: those that lie beside it.
 */
#ifndef SESSION_RIVALS_H
#define SESSION_RIVALS_H

#include "base/vec.h"

/* As `compare` takes them, owned, in the order of their names, those with the loaded one's tokenizer first: "bear"
 * beside "sft", "../bear/last" of the same training run, a run's adapter by its path, "demo-q8.gguf" beside
 * "demo-f16.gguf". */
struct rivals {
	char **at;
	size_t n, cap;
};

/* The folders that hold a model beside `model` or, where there is one, an adapter beside `adapter`; beside a GGUF file
 * the other ones. Other files, and folders that cannot be read, have none beside them. Both may be NULL. */
void rivals_init(struct rivals *r, const char *model, const char *adapter);
void rivals_release(struct rivals *r);

#endif
