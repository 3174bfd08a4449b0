/*
 * The members of a record, as the texts for people read them, and the cells of their tables.
 */
#ifndef SESSION_FIELD_H
#define SESSION_FIELD_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "store/json.h"

/* "" where there is none, or it is no text. */
static inline const char *field_text(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

/* NULL where there is none, or it is no text. */
static inline const char *field_string(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* 0 where there is none, or it is no whole number. */
static inline size_t field_count(const json_t *object, const char *key)
{
	return (size_t)json_integer_value(json_object_get(object, key));
}

/* NaN where there is none, or it is no number. */
static inline double field_real(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);

	return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

static inline bool field_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

/* What was put into b becomes a cell of a table's row; b is emptied. */
static inline void field_cell(json_t *row, const char *key, struct buf *b)
{
	json_object_set_new(row, key, json_stringn(buf_str(b), b->len));
	buf_clear(b);
}

#endif
