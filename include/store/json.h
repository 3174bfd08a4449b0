/*
 * JSON through jansson, with errors that say where; and writing it.
 *
 * A syntax error gives file:line:column. What has the wrong type or range gives the file and the path of the value,
 * `config.json: "rope_scaling.factor" must be a number from 1 to 1000, not "x"`. Duplicate keys, invalid UTF-8, NaN,
 * nesting over 2048 levels and files over JSON_MAX_FILE are refused. Members keep the file's order. In a file with an
 * integer past 64 bits (tokenizer_config.json has a length of 10^30) integers are exact up to 2^53 only.
 */
#ifndef STORE_JSON_H
#define STORE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define JSON_MAX_FILE ((size_t)1 << 28) /* bytes */

/*
 * A value and the way to it. Plain data that borrows the document and the nodes above it: a node must not outlive the
 * one from which it was made. For iteration use jansson on `value` (json_object_foreach, json_array_foreach) and make
 * nodes of what is read with json_child or json_element.
 */
struct json_node {
	json_t *value;
	const struct json_node *up; /* NULL at the root */
	const char *key;            /* in `up` when that is an object, else NULL */
	size_t index;               /* in `up` when that is an array */
	const char *file;
	bool int_as_real; /* of the document: its integers were read as reals */
};

struct json_doc {
	json_t *json; /* owned */
	char *file;   /* owned */
	struct json_node root;
};

int json_doc_read(struct json_doc *doc, const char *path, struct err *err) MUST_CHECK;
/* `name` stands for the file in messages. */
int json_doc_parse(struct json_doc *doc, const char *name, const void *bytes, size_t len, struct err *err) MUST_CHECK;
void json_doc_release(struct json_doc *doc); /* a zeroed one is fine, and one whose reading failed */

/* Sets an ERR_FORMAT that names the file and the value's path; returns -1. */
int json_refuse(const struct json_node *node, struct err *err, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The value as what it should be. A string is borrowed from the document; with len NULL one that holds U+0000 is
 * refused. */
int json_as_object(const struct json_node *node, struct err *err) MUST_CHECK;
int json_as_array(const struct json_node *node, size_t *n, struct err *err) MUST_CHECK;
int json_as_int(const struct json_node *node, int64_t min, int64_t max, int64_t *out, struct err *err) MUST_CHECK;
int json_as_size(const struct json_node *node, size_t min, size_t max, size_t *out, struct err *err) MUST_CHECK;
int json_as_double(const struct json_node *node, double min, double max, double *out, struct err *err) MUST_CHECK;
int json_as_bool(const struct json_node *node, bool *out, struct err *err) MUST_CHECK;
int json_as_str(const struct json_node *node, const char **out, size_t *len, struct err *err) MUST_CHECK;

/* Steps down. `object` and `array` must be of that type (json_as_object, json_as_array have said so). */
struct json_node json_child(const struct json_node *object, const char *key, json_t *value); /* while iterating */
struct json_node json_element(const struct json_node *array, size_t index);                  /* index < size */
bool json_find(const struct json_node *object, const char *key, struct json_node *out);      /* false: absent or null */
int json_get(const struct json_node *object, const char *key, struct json_node *out, struct err *err) MUST_CHECK;

/* A member of an object. get_: ERR_FORMAT when absent or null; opt_: *out stays as it was then. */
int json_get_object(const struct json_node *object, const char *key, struct json_node *out, struct err *err) MUST_CHECK;
int json_get_array(
	const struct json_node *object, const char *key, struct json_node *out, size_t *n, struct err *err) MUST_CHECK;
int json_get_size(const struct json_node *object, const char *key, size_t min, size_t max, size_t *out,
	struct err *err) MUST_CHECK;
int json_opt_size(const struct json_node *object, const char *key, size_t min, size_t max, size_t *out,
	struct err *err) MUST_CHECK;
int json_get_double(const struct json_node *object, const char *key, double min, double max, double *out,
	struct err *err) MUST_CHECK;
int json_opt_double(const struct json_node *object, const char *key, double min, double max, double *out,
	struct err *err) MUST_CHECK;
int json_opt_bool(const struct json_node *object, const char *key, bool *out, struct err *err) MUST_CHECK;
int json_get_str(const struct json_node *object, const char *key, const char **out, struct err *err) MUST_CHECK;
int json_opt_str(const struct json_node *object, const char *key, const char **out, struct err *err) MUST_CHECK;

/* Writes a document (atomically, see store/file.h), indented, its members in their order or (flags: JSON_SORT_KEYS) by
 * name. Reals have the fewest of 15, 16 or 17 digits that bring all of them back. */
int json_write(const char *path, const json_t *value, size_t flags, struct err *err) MUST_CHECK;

/* The same as dir/name; value is taken over. */
int json_write_new(const char *dir, const char *name, json_t *value, struct err *err) MUST_CHECK;

/* Appends a value on one line, a real in the fewest digits that bring the same double back. */
void json_add(struct buf *out, const json_t *value);
json_t *json_real_or_null(double x); /* null where x is not finite */
json_t *json_text(const char *bytes, size_t len); /* a string; invalid UTF-8 becomes U+FFFD */

#endif
