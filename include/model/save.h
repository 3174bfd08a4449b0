/*
 * Models as files that other programs open: a Hugging Face directory, or what a GGUF file holds beside a tokenizer.
 *
 * Values are those of the parameters with the adapter merged in. They pass through in pieces of a few megabytes, so
 * that no second copy of the model stands in memory; where neither type nor order of a tensor changes, its bytes go out
 * as they are.
 */
#ifndef MODEL_SAVE_H
#define MODEL_SAVE_H

#include <stddef.h>

#include "base/cancel.h"
#include "base/err.h"
#include "base/tensor.h"
#include "model/adapter.h"
#include "model/config.h"
#include "model/params.h"
#include "store/gguf.h"
#include "store/json.h"

struct save {
	const struct model_config *config;
	const struct params *params;   /* bound */
	const struct adapter *adapter; /* merged in; NULL: none */
	const char *dir;               /* the HF directory that the model was opened from; NULL: it was none */
	const char *tokenizer_dir;     /* whose tokenizer is copied with dir's other files; NULL: dir */
	enum dtype dtype;              /* of the matrices; DTYPE_COUNT: as they are stored, as far as that can be */
	size_t shard;                  /* bytes of weights in one file of a HF directory; 0: 5 GB, as HF has it */
	const cancel_flag *cancel;     /* read for every piece; NULL: never cancelled */
};

/* The type that save_hf gives all weights: the one that was asked for, or that of the first layer's matrices where that
 * is plain, else F16. */
enum dtype save_hf_dtype(const struct save *s);

/*
 * Writes config.json, generation_config.json and model.safetensors (or shards with their index) into a directory that
 * exists. From a HF directory the two configurations are the old ones, members that we do not know included, with the
 * dtype that is written, and the tokenizer's files are copied; otherwise they are made from the model's configuration,
 * and the tokenizer is the caller's to write. dtype must be plain. ERR_VALUE refuses values that the type cannot hold.
 */
int save_hf(const struct save *s, const char *dir, struct err *err) MUST_CHECK;

/* Copies a tokenizer's files from one directory to another, as far as they are there. */
int save_copy_tokenizer(const char *dir, const char *to, struct err *err) MUST_CHECK;

/* The type of one tensor in a GGUF file. Vectors and learned positions are F32, as in llama.cpp's files. Of matrices,
 * those whose rows are no whole blocks are F16 in place of Q8_0; stored blocks that an adapter changes become Q8_0. */
enum dtype save_gguf_dtype(const struct save *s, size_t param);

/* Puts the model's keys and all its tensors into a file that is begun, and their data; keys of the caller's own are put
 * before. ERR_VALUE refuses values that the type cannot hold, ERR_UNSUPPORTED what the format cannot say. */
int save_gguf(const struct save *s, struct gguf_writer *w, struct err *err) MUST_CHECK;

/* config.json for a configuration, as HF writes it; a new reference. */
json_t *model_config_json(const struct model_config *c, enum dtype dtype);

#endif
