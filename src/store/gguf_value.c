/* The values of a GGUF file's keys. That they lie within the file was checked when it was opened. */
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "gguf_types.h"
#include "store/gguf.h"

int gguf_refuse(const struct gguf *g, const char *key, struct err *err, const char *fmt, ...)
{
	struct buf what = {0};
	va_list args;

	va_start(args, fmt);
	buf_vaddf(&what, fmt, args);
	va_end(args);
	err_set(err, ERR_FORMAT, "%s: \"%s\" %s", gguf_path(g), key, buf_str(&what));
	buf_release(&what);
	return -1;
}

const struct gguf_entry *gguf_find(const struct gguf *g, const char *key)
{
	uint32_t i;

	return map_get(&g->by_key, key, strlen(key), &i) ? &g->entries.at[i] : NULL;
}

/* A scalar or an element as it lies in the file. */
struct number {
	enum {
		IS_NONE,
		IS_INT,
		IS_REAL
	} kind;
	int64_t i;
	double d;
};

/* The double that is meant by the fewest digits which give the float back. */
static double meant_by(float f)
{
	char text[32];

	for (int digits = 6; digits <= FLT_DECIMAL_DIG; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, (double)f);
		if (strtof(text, NULL) == f)
			break;
	}
	return isfinite(f) ? strtod(text, NULL) : (double)f;
}

static struct number real(double d)
{
	return (struct number){.kind = IS_REAL, .d = d};
}

static struct number integer(int64_t i)
{
	return (struct number){.kind = IS_INT, .i = i, .d = (double)i};
}

static struct number number_at(enum gguf_type type, const unsigned char *at)
{
	uint64_t bits = 0;
	uint32_t low;
	double d;
	float f;

	memcpy(&bits, at, gguf_type_width(type));
	switch (type) {
	case GGUF_F32:
		low = (uint32_t)bits;
		memcpy(&f, &low, sizeof(f));
		return real(meant_by(f));
	case GGUF_F64:
		memcpy(&d, &bits, sizeof(d));
		return real(d);
	case GGUF_I8:
		return integer((int8_t)bits);
	case GGUF_I16:
		return integer((int16_t)bits);
	case GGUF_I32:
		return integer((int32_t)bits);
	case GGUF_I64:
		return integer((int64_t)bits);
	case GGUF_U64:
		return integer(bits > INT64_MAX ? INT64_MAX : (int64_t)bits);
	case GGUF_U8:
	case GGUF_U16:
	case GGUF_U32:
		return integer((int64_t)bits);
	case GGUF_BOOL:
		return integer(bits != 0);
	case GGUF_STRING:
	case GGUF_ARRAY:
	case GGUF_TYPES:
		break;
	}
	return (struct number){.kind = IS_NONE};
}

/* "must be …, not …" with what the file has, clipped. */
static int refuse_value(const struct gguf *g, const struct gguf_entry *e, struct err *err, const char *wanted)
{
	char *key = xstrndup(e->key.at, e->key.len);
	struct number x = number_at(e->type, e->at);
	struct gguf_str text;

	if (e->type == GGUF_ARRAY) {
		gguf_refuse(g, key, err, "must be %s, not an array", wanted);
	} else if (e->type == GGUF_STRING) {
		text = (struct gguf_str){(const char *)e->at + 8, e->len - 8};
		gguf_refuse(
			g, key, err, "must be %s, not \"%.*s\"", wanted, (int)(text.len < 80 ? text.len : 80), text.at);
	} else if (x.kind == IS_REAL) {
		gguf_refuse(g, key, err, "must be %s, not %g", wanted, x.d);
	} else {
		gguf_refuse(g, key, err, "must be %s, not %lld", wanted, (long long)x.i);
	}
	free(key);
	return -1;
}

static int lacks(const struct gguf *g, const char *key, struct err *err)
{
	return err_set(err, ERR_FORMAT, "%s: the key \"%s\" is missing", gguf_path(g), key);
}

static int as_size(
	const struct gguf *g, const struct gguf_entry *e, size_t min, size_t max, size_t *out, struct err *err)
{
	struct number x = number_at(e->type, e->at);
	char wanted[96];

	if (x.kind == IS_INT && x.i >= 0 && (uint64_t)x.i >= min && (uint64_t)x.i <= max) {
		*out = (size_t)x.i;
		return 0;
	}
	snprintf(wanted, sizeof(wanted), "an integer from %zu to %zu", min, max);
	return refuse_value(g, e, err, wanted);
}

static int as_double(
	const struct gguf *g, const struct gguf_entry *e, double min, double max, double *out, struct err *err)
{
	struct number x = number_at(e->type, e->at);
	char wanted[96];

	if (x.kind != IS_NONE && x.d >= min && x.d <= max) {
		*out = x.d;
		return 0;
	}
	snprintf(wanted, sizeof(wanted), "a number from %g to %g", min, max);
	return refuse_value(g, e, err, wanted);
}

static int as_str(const struct gguf *g, const struct gguf_entry *e, struct gguf_str *out, struct err *err)
{
	if (e->type != GGUF_STRING)
		return refuse_value(g, e, err, "a string");
	*out = (struct gguf_str){(const char *)e->at + 8, e->len - 8};
	return 0;
}

int gguf_get_size(const struct gguf *g, const char *key, size_t min, size_t max, size_t *out, struct err *err)
{
	const struct gguf_entry *e = gguf_find(g, key);

	return e ? as_size(g, e, min, max, out, err) : lacks(g, key, err);
}

int gguf_opt_size(const struct gguf *g, const char *key, size_t min, size_t max, size_t *out, struct err *err)
{
	const struct gguf_entry *e = gguf_find(g, key);

	return e ? as_size(g, e, min, max, out, err) : 0;
}

int gguf_get_double(const struct gguf *g, const char *key, double min, double max, double *out, struct err *err)
{
	const struct gguf_entry *e = gguf_find(g, key);

	return e ? as_double(g, e, min, max, out, err) : lacks(g, key, err);
}

int gguf_opt_double(const struct gguf *g, const char *key, double min, double max, double *out, struct err *err)
{
	const struct gguf_entry *e = gguf_find(g, key);

	return e ? as_double(g, e, min, max, out, err) : 0;
}

int gguf_opt_bool(const struct gguf *g, const char *key, bool *out, struct err *err)
{
	const struct gguf_entry *e = gguf_find(g, key);

	if (!e)
		return 0;
	if (e->type != GGUF_BOOL)
		return refuse_value(g, e, err, "a boolean");
	*out = *e->at != 0;
	return 0;
}

int gguf_get_str(const struct gguf *g, const char *key, struct gguf_str *out, struct err *err)
{
	const struct gguf_entry *e = gguf_find(g, key);

	return e ? as_str(g, e, out, err) : lacks(g, key, err);
}

int gguf_opt_str(const struct gguf *g, const char *key, struct gguf_str *out, struct err *err)
{
	const struct gguf_entry *e = gguf_find(g, key);

	return e ? as_str(g, e, out, err) : 0;
}

static bool of_kind(enum gguf_type type, enum gguf_type of)
{
	if (of == GGUF_STRING || of == GGUF_ARRAY)
		return type == of;
	if (of == GGUF_F32 || of == GGUF_F64)
		return type == GGUF_F32 || type == GGUF_F64;
	return gguf_type_width(type) > 0 && type != GGUF_F32 && type != GGUF_F64;
}

static int as_array(
	const struct gguf *g, const struct gguf_entry *e, enum gguf_type of, struct gguf_array *out, struct err *err)
{
	const char *wanted = of == GGUF_STRING ? "strings" : of == GGUF_F32 || of == GGUF_F64 ? "reals" : "integers";
	uint32_t type;
	uint64_t n;

	if (e->type == GGUF_ARRAY) {
		memcpy(&type, e->at, sizeof(type));
		memcpy(&n, e->at + sizeof(type), sizeof(n));
		if (of_kind((enum gguf_type)type, of)) {
			*out = (struct gguf_array){(enum gguf_type)type, (size_t)n, e->at + 12, e->len - 12};
			return 0;
		}
		return err_set(err, ERR_FORMAT, "%s: \"%.*s\" must be an array of %s, not of %s", gguf_path(g),
			(int)e->key.len, e->key.at, wanted, gguf_type_name((enum gguf_type)type));
	}
	return err_set(err, ERR_FORMAT, "%s: \"%.*s\" must be an array of %s, not a value of type %s", gguf_path(g),
		(int)e->key.len, e->key.at, wanted, gguf_type_name(e->type));
}

int gguf_get_array(const struct gguf *g, const char *key, enum gguf_type of, struct gguf_array *out, struct err *err)
{
	const struct gguf_entry *e = gguf_find(g, key);

	return e ? as_array(g, e, of, out, err) : lacks(g, key, err);
}

int gguf_opt_array(const struct gguf *g, const char *key, enum gguf_type of, struct gguf_array *out, struct err *err)
{
	const struct gguf_entry *e = gguf_find(g, key);

	return e ? as_array(g, e, of, out, err) : 0;
}

bool gguf_next_str(struct gguf_array *strings, struct gguf_str *out)
{
	uint64_t len;

	if (strings->n == 0)
		return false;
	memcpy(&len, strings->at, sizeof(len));
	*out = (struct gguf_str){(const char *)strings->at + sizeof(len), (size_t)len};
	strings->at += sizeof(len) + len;
	strings->len -= sizeof(len) + len;
	strings->n--;
	return true;
}

static struct number element(const struct gguf_array *array, size_t i)
{
	if (i >= array->n)
		BUG("element %zu of an array of %zu", i, array->n);
	return number_at(array->type, array->at + i * gguf_type_width(array->type));
}

int64_t gguf_int_at(const struct gguf_array *array, size_t i)
{
	return element(array, i).i;
}

double gguf_double_at(const struct gguf_array *array, size_t i)
{
	return element(array, i).d;
}

float gguf_float_at(const struct gguf_array *array, size_t i)
{
	float f;

	if (array->type != GGUF_F32 || i >= array->n)
		return (float)gguf_double_at(array, i);
	memcpy(&f, array->at + i * sizeof(f), sizeof(f));
	return f;
}
