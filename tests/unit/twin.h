/*
 * One model made up for tests in two forms: a Hugging Face directory, and a GGUF file with the names, the order of rows
 * and the keys that its converters are known to write. Where the element type is packed, the directory holds the values
 * that it stands for, as F32. Names and order are written down here once more, and not taken from the program.
 */
#ifndef TEST_TWIN_H
#define TEST_TWIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/tensor.h"
#include "model/config.h"
#include "store/gguf.h"

struct twin_shape {
	const char *config; /* the text of config.json */
	const char *arch;   /* GGUF's name */
	enum dtype dtype;   /* of matrices; vectors are F32 */
	bool head_apart;    /* the file has an output matrix, equal to the embedding, though the model is tied */
	/* Puts what a case adds: keys, and tensors, whose data `more_data` writes behind all other. May be NULL. */
	void (*more)(struct gguf_writer *w, const struct model_config *c);
	void (*more_data)(struct gguf_writer *w, const struct model_config *c);
};

struct twin {
	char *dir;  /* owned, of the directory; removed with what is in it by twin_release */
	char *gguf; /* owned, of the file, beside the directory */
};

void twin_init(struct twin *t, const struct twin_shape *shape, unsigned seed);
void twin_release(struct twin *t);

#endif
