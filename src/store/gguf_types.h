/* The types of a GGUF file's values and tensors, for its reader and its writer. */
#ifndef STORE_GGUF_TYPES_H
#define STORE_GGUF_TYPES_H

#include <stdint.h>

#include "store/gguf.h"

#define GGUF_MAGIC 0x46554747u /* "GGUF" */
#define GGUF_ALIGNMENT 32      /* of tensors' data, where the file does not say */
#define GGUF_MAX_NAME 255      /* bytes of a tensor's name; other readers take 63 */

size_t gguf_type_width(enum gguf_type type); /* bytes; 0 where it varies */

struct gguf_tensor_type {
	const char *name;
	size_t block, bytes; /* elements of a block, and its bytes */
};

const struct gguf_tensor_type *gguf_tensor_type_find(uint32_t number); /* NULL: not known */
enum dtype gguf_tensor_dtype(uint32_t number);                         /* DTYPE_COUNT: not one that we compute with */
uint32_t gguf_tensor_number(enum dtype t);

#endif
