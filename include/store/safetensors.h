/*
 * The safetensors format: an 8-byte header length, a JSON header that gives each tensor's element type, shape and byte
 * range, then the data.
 *
 * Everything is checked when the file is opened, before any of it is used: the header's length against the file, the
 * ranges (in order they must cover the data without a gap or an overlap, as the format demands), and shape times
 * element size against the range. Tensors of element types that we do not compute with may stand in the file; asking
 * for one is an error then. Data is mapped and not touched, but for a tensor that is not aligned to its element (old
 * writers did not pad the header): that one is copied.
 */
#ifndef STORE_SAFETENSORS_H
#define STORE_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/tensor.h"
#include "base/vec.h"
#include "store/file.h"

#define SAFETENSORS_MAX_HEADER 100000000u /* bytes, as in the reference implementation */

struct safetensors_entry {
	const char *name;    /* stored name */
	const char *dtype;   /* as the file spells it; F64, I64 and others are listed too */
	const size_t *shape; /* dims of them */
	size_t dims;
	size_t elements;
	size_t file;               /* index in files */
	const unsigned char *data; /* borrowed from the map, or from copy */
	size_t len;                /* bytes */
	void *copy;                /* owned; NULL where the mapped data is aligned */
};

struct safetensors_file {
	char *path; /* owned */
	struct file_map map;
};

struct safetensors_pair {
	const char *key, *value;
};

/* One file, or all shards of a directory. */
struct safetensors {
	VEC(struct safetensors_entry) entries; /* by file, then by position */
	VEC(struct safetensors_pair) metadata; /* __metadata__ of all files */
	VEC(struct safetensors_file) files;
	struct map by_name; /* stored name to index in entries */
	struct arena arena; /* names, shapes, metadata */
};

/*
 * Opens a file; or a directory's model.safetensors; or, where it has none, the shards that its
 * model.safetensors.index.json names. The views that are handed out live until safetensors_release.
 */
int safetensors_open(struct safetensors *s, const char *path, struct err *err) MUST_CHECK;
void safetensors_release(struct safetensors *s); /* a zeroed one is fine, and one whose opening failed */

/* The tensor of that name, or the one that __metadata__ names as standing for it (HF stores tensors that share memory
 * once and writes {"removed name": "kept name"}); NULL when there is none. */
const struct safetensors_entry *safetensors_find(const struct safetensors *s, const char *name);
const char *safetensors_metadata(const struct safetensors *s, const char *key); /* NULL when absent */

/*
 * A view of a tensor, found as by safetensors_find; its name is the stored one. ERR_NOT_FOUND; ERR_UNSUPPORTED for an
 * element type other than F32, F16, BF16 or for more than TENSOR_MAX_DIMS dimensions.
 */
int safetensors_tensor(const struct safetensors *s, const char *name, struct tensor *out, struct err *err) MUST_CHECK;

/*
 * Writing a file (atomically, see store/file.h): its header, then the data of all tensors as it comes, in pieces of any
 * size, then commit. Data is ordered by element size, largest first, then as given, so that every tensor is aligned.
 * HF's readers want metadata {"format", "pt"}. Names must be distinct and valid UTF-8.
 */
struct safetensors_writer {
	struct file_writer file;
	size_t *order; /* owned, [n]: indices of the tensors in the order in which their data goes */
	size_t owed;   /* bytes of data that have not come yet */
};

/* t->data of the tensors is not looked at. */
int safetensors_writer_init(struct safetensors_writer *w, const char *path, const struct tensor *tensors, size_t n,
	const struct safetensors_pair *metadata, size_t n_metadata, struct err *err) MUST_CHECK;
int safetensors_writer_data(struct safetensors_writer *w, const void *bytes, size_t len, struct err *err) MUST_CHECK;
int safetensors_writer_commit(struct safetensors_writer *w, struct err *err) MUST_CHECK; /* once, and last */
/* Discards what was not committed; after a failed init too. */
void safetensors_writer_release(struct safetensors_writer *w);

/* All in one, with the data that the tensors have. */
int safetensors_write(const char *path, const struct tensor *tensors, size_t n, const struct safetensors_pair *metadata,
	size_t n_metadata, struct err *err) MUST_CHECK;

#endif
