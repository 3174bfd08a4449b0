/*
 * The GGUF format, versions 2 and 3, little-endian: keys with typed values, a list of tensors, then their data.
 *
 * Everything is checked when the file is opened, before any of it is used: counts and lengths against the file, types,
 * nesting, UTF-8 of keys and names, alignment, and that tensors lie within the file and do not overlap. Nothing is
 * copied but the names of tensors: keys, texts and arrays are views of the mapped file, so that a vocabulary of some
 * hundred thousand strings costs one walk over their lengths. Views live until gguf_release.
 *
 * Tensors of element types that we do not compute with may stand in the file; asking for one is an error then.
 */
#ifndef STORE_GGUF_H
#define STORE_GGUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/tensor.h"
#include "base/vec.h"
#include "store/file.h"

/* Types of values, numbered as in the file. */
enum gguf_type {
	GGUF_U8,
	GGUF_I8,
	GGUF_U16,
	GGUF_I16,
	GGUF_U32,
	GGUF_I32,
	GGUF_F32,
	GGUF_BOOL,
	GGUF_STRING,
	GGUF_ARRAY,
	GGUF_U64,
	GGUF_I64,
	GGUF_F64,
	GGUF_TYPES
};

const char *gguf_type_name(enum gguf_type type); /* "u32", as documents of the format spell it */

/* Bytes that are not NUL-terminated and may be anything, NUL and invalid UTF-8 included. */
struct gguf_str {
	const char *at;
	size_t len;
};

bool gguf_str_is(struct gguf_str s, const char *text);

/* An array; or, copied, the rest of one that is being walked. */
struct gguf_array {
	enum gguf_type type;     /* of the elements */
	size_t n;                /* elements */
	const unsigned char *at; /* as in the file */
	size_t len;              /* bytes */
};

struct gguf_entry {
	struct gguf_str key;
	enum gguf_type type;
	const unsigned char *at; /* the value as in the file, of `len` bytes */
	size_t len;
};

struct gguf_tensor {
	const char *name;
	uint32_t type; /* the file's number for it */
	unsigned dims;
	size_t shape[TENSOR_MAX_DIMS]; /* row-major, last index fastest: the reverse of how the file lists it */
	size_t file;                   /* index in files */
	const unsigned char *data;
	size_t len; /* bytes; 0 where the type is not known */
};

struct gguf_file {
	char *path; /* owned */
	struct file_map map;
};

/* A file, or all parts of one that was split. */
struct gguf {
	unsigned version;
	VEC(struct gguf_entry) entries;  /* of the first part, in its order */
	VEC(struct gguf_tensor) tensors; /* by part, in its order */
	VEC(struct gguf_file) files;
	struct map by_key, by_name; /* indices in entries and tensors */
	struct arena arena;         /* names of tensors */
};

bool gguf_begins(const char *path); /* whether a file begins as a GGUF file does, whatever it is called */

/*
 * Opens a file. The first part of a split one, MODEL-00001-of-000NN.gguf, opens all, which must lie beside it;
 * another part alone is refused.
 */
int gguf_open(struct gguf *g, const char *path, struct err *err) MUST_CHECK;
void gguf_release(struct gguf *g); /* a zeroed one is fine, and one whose opening failed */

const char *gguf_path(const struct gguf *g); /* of the first part, for messages */

/* Sets an ERR_FORMAT that names file and key; returns -1. */
int gguf_refuse(const struct gguf *g, const char *key, struct err *err, const char *fmt, ...) PRINTF_LIKE(4, 5);

const struct gguf_entry *gguf_find(const struct gguf *g, const char *key); /* NULL when absent */

/*
 * Values as what they should be. An integer or boolean of any width serves for a number; a 32-bit real gives the double
 * that its shortest decimal means, 1e-6 and not 9.99999997e-7, which is what other files of the same model hold.
 * get_: ERR_FORMAT when absent; opt_: *out stays as it was then.
 */
int gguf_get_size(
	const struct gguf *g, const char *key, size_t min, size_t max, size_t *out, struct err *err) MUST_CHECK;
int gguf_opt_size(
	const struct gguf *g, const char *key, size_t min, size_t max, size_t *out, struct err *err) MUST_CHECK;
int gguf_get_double(
	const struct gguf *g, const char *key, double min, double max, double *out, struct err *err) MUST_CHECK;
int gguf_opt_double(
	const struct gguf *g, const char *key, double min, double max, double *out, struct err *err) MUST_CHECK;
int gguf_opt_bool(const struct gguf *g, const char *key, bool *out, struct err *err) MUST_CHECK;
int gguf_get_str(const struct gguf *g, const char *key, struct gguf_str *out, struct err *err) MUST_CHECK;
int gguf_opt_str(const struct gguf *g, const char *key, struct gguf_str *out, struct err *err) MUST_CHECK;

/* An array of strings (GGUF_STRING), of reals (GGUF_F32: 32 and 64 bits) or of integers (GGUF_I64: all widths, and
 * booleans). */
int gguf_get_array(const struct gguf *g, const char *key, enum gguf_type of, struct gguf_array *out,
	struct err *err) MUST_CHECK;
int gguf_opt_array(const struct gguf *g, const char *key, enum gguf_type of, struct gguf_array *out,
	struct err *err) MUST_CHECK;

/* Takes the first string off; false at the end. */
bool gguf_next_str(struct gguf_array *strings, struct gguf_str *out);

/* Element i < n of an array of integers, of reals or integers. What a u64 holds past INT64_MAX gives INT64_MAX. */
int64_t gguf_int_at(const struct gguf_array *array, size_t i);
double gguf_double_at(const struct gguf_array *array, size_t i);
float gguf_float_at(const struct gguf_array *array, size_t i); /* of reals; a 32-bit one to the bit */

const struct gguf_tensor *gguf_find_tensor(const struct gguf *g, const char *name); /* NULL when absent */
const char *gguf_tensor_type(const struct gguf_tensor *t); /* "Q4_K"; "type 77" is "an unknown type" */

/* A view of a tensor. ERR_NOT_FOUND; ERR_UNSUPPORTED for an element type that is not among enum dtype. */
int gguf_tensor(const struct gguf *g, const char *name, struct tensor *out, struct err *err) MUST_CHECK;

/*
 * Writing a file of version 3 (atomically, see store/file.h). First the keys and the list of tensors are put, in any
 * order of calls; then the data of all tensors, in the order in which they were put and in pieces of any size, goes to
 * the file as it comes; then commit. Keys and names must be distinct and valid UTF-8.
 */
struct gguf_writer {
	struct file_writer file;
	struct buf keys, tensors; /* as in the file */
	uint64_t n_keys;
	VEC(size_t) sizes; /* bytes of each tensor */
	size_t end;        /* of the last tensor's data, aligned */
	size_t strings;    /* that gguf_put_string still owes to the array begun last */
	bool begun;        /* the header is written */
	size_t at, done;   /* the tensor whose data comes next, and its bytes that came */
};

int gguf_writer_init(struct gguf_writer *w, const char *path, struct err *err) MUST_CHECK;

void gguf_put_u32(struct gguf_writer *w, const char *key, uint32_t value);
void gguf_put_u64(struct gguf_writer *w, const char *key, uint64_t value);
void gguf_put_i32(struct gguf_writer *w, const char *key, int32_t value);
void gguf_put_f32(struct gguf_writer *w, const char *key, float value);
void gguf_put_bool(struct gguf_writer *w, const char *key, bool value);
void gguf_put_str(struct gguf_writer *w, const char *key, const char *value);

/* An array of n elements of a type of fixed width, which lie in memory as in C (GGUF_BOOL: as bytes 0 and 1). */
void gguf_put_array(struct gguf_writer *w, const char *key, enum gguf_type type, const void *elements, size_t n);
/* An array of n strings; each follows by gguf_put_string, before any other key. */
void gguf_put_strings(struct gguf_writer *w, const char *key, size_t n);
void gguf_put_string(struct gguf_writer *w, const char *bytes, size_t len);

/* A key as another file has it. */
void gguf_put_entry(struct gguf_writer *w, const struct gguf_entry *entry);

/* A tensor of at most 255 bytes of name; rows of a quantised one are whole blocks. Its t->data is not looked at. */
void gguf_put_tensor(struct gguf_writer *w, const struct tensor *t);

int gguf_writer_data(struct gguf_writer *w, const void *bytes, size_t len, struct err *err) MUST_CHECK;
int gguf_writer_commit(struct gguf_writer *w, struct err *err) MUST_CHECK; /* once, and last */
void gguf_writer_release(struct gguf_writer *w); /* discards what was not committed; after a failed init too */

#endif
