#include "store/json.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "store/file.h"

int json_doc_parse(struct json_doc *doc, const char *name, const void *bytes, size_t len, struct err *err)
{
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
	const char *text = bytes;
	json_error_t error;

	*doc = (struct json_doc){0};
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* byte order mark */
		text += 3;
		len -= 3;
	}
	doc->json = json_loadb(len > 0 ? text : "", len, flags, &error);
	/* Hugging Face writes lengths such as 10^30 in digits. */
	if (!doc->json && json_error_code(&error) == json_error_numeric_overflow) {
		doc->root.int_as_real = true;
		doc->json = json_loadb(text, len, flags | JSON_DECODE_INT_AS_REAL, &error);
	}
	if (!doc->json)
		return err_set(
			err, ERR_FORMAT, "%s:%d:%d: not valid JSON: %s", name, error.line, error.column, error.text);
	doc->file = xstrdup(name);
	doc->root.value = doc->json;
	doc->root.file = doc->file;
	return 0;
}

int json_doc_read(struct json_doc *doc, const char *path, struct err *err)
{
	struct buf text = {0};
	int result;

	*doc = (struct json_doc){0};
	result = file_read(&text, path, JSON_MAX_FILE, err);
	if (result == 0)
		result = json_doc_parse(doc, path, buf_str(&text), text.len, err);
	buf_release(&text);
	return result;
}

void json_doc_release(struct json_doc *doc)
{
	json_decref(doc->json);
	free(doc->file);
	*doc = (struct json_doc){0};
}

/* "a.b[3].c": the steps from the root to the node. Recursion is as deep as our own code steps down, never the file. */
static void add_path(struct buf *out, const struct json_node *node)
{
	if (!node->up)
		return;
	add_path(out, node->up);
	if (node->key)
		buf_addf(out, "%s%s", out->len > 0 ? "." : "", node->key);
	else
		buf_addf(out, "[%zu]", node->index);
}

/* Names the place; a long one is cut so that what is wrong still fits into the message. */
static void add_place(struct buf *out, const struct json_node *node)
{
	struct buf path = {0};

	add_path(&path, node);
	if (path.len > 0)
		buf_addf(out, "%s: \"%.200s\"", node->file, path.at);
	else
		buf_addf(out, "%s: the document", node->file);
	buf_release(&path);
}

int json_refuse(const struct json_node *node, struct err *err, const char *fmt, ...)
{
	struct buf place = {0};
	char what[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	add_place(&place, node);
	err_set(err, ERR_FORMAT, "%.450s %s", place.at, what);
	buf_release(&place);
	return -1;
}

/* "must be …, not …" with the value as the file has it, clipped. */
static int refuse_value(const struct json_node *node, struct err *err, const char *wanted)
{
	static const char *const kinds[] = {
		[JSON_OBJECT] = "an object",
		[JSON_ARRAY] = "an array",
	};
	char *text;

	if (json_is_object(node->value) || json_is_array(node->value))
		return json_refuse(node, err, "must be %s, not %s", wanted, kinds[json_typeof(node->value)]);
	text = json_dumps(node->value, JSON_ENCODE_ANY);
	json_refuse(node, err, "must be %s, not %.80s", wanted, text ? text : "what it is");
	free(text);
	return -1;
}

int json_as_object(const struct json_node *node, struct err *err)
{
	return json_is_object(node->value) ? 0 : refuse_value(node, err, "an object");
}

int json_as_array(const struct json_node *node, size_t *n, struct err *err)
{
	if (!json_is_array(node->value))
		return refuse_value(node, err, "an array");
	*n = json_array_size(node->value);
	return 0;
}

/* An integer; or, where the file's integers had to be read as reals, a real that is one exactly. */
static bool whole_number(const struct json_node *node, int64_t *out)
{
	double real = json_real_value(node->value);

	if (json_is_integer(node->value))
		*out = json_integer_value(node->value);
	else if (node->int_as_real && json_is_real(node->value) && fabs(real) <= 0x1p53 && real == trunc(real))
		*out = (int64_t)real;
	else
		return false;
	return true;
}

int json_as_int(const struct json_node *node, int64_t min, int64_t max, int64_t *out, struct err *err)
{
	char wanted[96];
	int64_t value;

	if (whole_number(node, &value) && value >= min && value <= max) {
		*out = value;
		return 0;
	}
	snprintf(wanted, sizeof(wanted), "an integer from %lld to %lld", (long long)min, (long long)max);
	return refuse_value(node, err, wanted);
}

int json_as_size(const struct json_node *node, size_t min, size_t max, size_t *out, struct err *err)
{
	int64_t value = 0;

	if (max > INT64_MAX)
		max = INT64_MAX;
	if (json_as_int(node, (int64_t)min, (int64_t)max, &value, err) < 0)
		return -1;
	*out = (size_t)value;
	return 0;
}

int json_as_double(const struct json_node *node, double min, double max, double *out, struct err *err)
{
	char wanted[96];

	if (json_is_number(node->value)) {
		double value = json_number_value(node->value);

		if (value >= min && value <= max) {
			*out = value;
			return 0;
		}
	}
	if (min == -DBL_MAX && max == DBL_MAX)
		snprintf(wanted, sizeof(wanted), "a number");
	else
		snprintf(wanted, sizeof(wanted), "a number from %g to %g", min, max);
	return refuse_value(node, err, wanted);
}

int json_as_bool(const struct json_node *node, bool *out, struct err *err)
{
	if (!json_is_boolean(node->value))
		return refuse_value(node, err, "true or false");
	*out = json_is_true(node->value);
	return 0;
}

int json_as_str(const struct json_node *node, const char **out, size_t *len, struct err *err)
{
	const char *s = json_string_value(node->value);
	size_t n = json_string_length(node->value);

	if (!s)
		return refuse_value(node, err, "a string");
	if (len)
		*len = n;
	else if (strlen(s) != n)
		return json_refuse(node, err, "must not contain the character U+0000");
	*out = s;
	return 0;
}

struct json_node json_child(const struct json_node *object, const char *key, json_t *value)
{
	struct json_node node = *object;

	node.value = value;
	node.up = object;
	node.key = key;
	return node;
}

struct json_node json_element(const struct json_node *array, size_t index)
{
	struct json_node node = *array;

	node.value = json_array_get(array->value, index);
	if (!node.value)
		BUG("element %zu of an array of %zu", index, json_array_size(array->value));
	node.up = array;
	node.key = NULL;
	node.index = index;
	return node;
}

bool json_find(const struct json_node *object, const char *key, struct json_node *out)
{
	json_t *value = json_object_get(object->value, key);

	if (!value || json_is_null(value))
		return false;
	*out = json_child(object, key, value);
	return true;
}

int json_get(const struct json_node *object, const char *key, struct json_node *out, struct err *err)
{
	return json_find(object, key, out) ? 0 : json_refuse(object, err, "lacks \"%s\"", key);
}

int json_get_object(const struct json_node *object, const char *key, struct json_node *out, struct err *err)
{
	return json_get(object, key, out, err) < 0 ? -1 : json_as_object(out, err);
}

int json_get_array(const struct json_node *object, const char *key, struct json_node *out, size_t *n, struct err *err)
{
	return json_get(object, key, out, err) < 0 ? -1 : json_as_array(out, n, err);
}

int json_get_size(const struct json_node *object, const char *key, size_t min, size_t max, size_t *out, struct err *err)
{
	struct json_node node;

	return json_get(object, key, &node, err) < 0 ? -1 : json_as_size(&node, min, max, out, err);
}

int json_opt_size(const struct json_node *object, const char *key, size_t min, size_t max, size_t *out, struct err *err)
{
	struct json_node node;

	return json_find(object, key, &node) ? json_as_size(&node, min, max, out, err) : 0;
}

int json_get_double(
	const struct json_node *object, const char *key, double min, double max, double *out, struct err *err)
{
	struct json_node node;

	return json_get(object, key, &node, err) < 0 ? -1 : json_as_double(&node, min, max, out, err);
}

int json_opt_double(
	const struct json_node *object, const char *key, double min, double max, double *out, struct err *err)
{
	struct json_node node;

	return json_find(object, key, &node) ? json_as_double(&node, min, max, out, err) : 0;
}

int json_opt_bool(const struct json_node *object, const char *key, bool *out, struct err *err)
{
	struct json_node node;

	return json_find(object, key, &node) ? json_as_bool(&node, out, err) : 0;
}

int json_get_str(const struct json_node *object, const char *key, const char **out, struct err *err)
{
	struct json_node node;

	return json_get(object, key, &node, err) < 0 ? -1 : json_as_str(&node, out, NULL, err);
}

int json_opt_str(const struct json_node *object, const char *key, const char **out, struct err *err)
{
	struct json_node node;

	return json_find(object, key, &node) ? json_as_str(&node, out, NULL, err) : 0;
}

/* As text with so many digits of a real; NULL when that does not give the same document back and more could. */
static char *exact_text(const json_t *value, size_t flags, int digits)
{
	char *text = json_dumps(value, JSON_INDENT(2) | JSON_REAL_PRECISION(digits) | flags);
	json_t *again = text ? json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL) : NULL;

	if (digits < DBL_DECIMAL_DIG && !json_equal(again, value)) {
		free(text);
		text = NULL;
	}
	json_decref(again);
	return text;
}

int json_write(const char *path, const json_t *value, size_t flags, struct err *err)
{
	struct buf line = {0};
	char *text = NULL;
	int result;

	for (int digits = DBL_DIG; !text && digits <= DBL_DECIMAL_DIG; digits++)
		text = exact_text(value, flags, digits);
	if (!text)
		return err_set(err, ERR_MEMORY, "no memory for the text of '%s'", path);
	buf_addf(&line, "%s\n", text);
	result = file_write(path, line.at, line.len, err);
	buf_release(&line);
	free(text);
	return result;
}

int json_write_new(const char *dir, const char *name, json_t *value, struct err *err)
{
	char *path = file_join(dir, name);
	int result = json_write(path, value, 0, err);

	json_decref(value);
	free(path);
	return result;
}

json_t *json_real_or_null(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

json_t *json_text(const char *bytes, size_t len)
{
	struct buf b = {0};
	json_t *v;

	while (len > 0) {
		size_t good = utf8_invalid_at(bytes, len);

		buf_add(&b, bytes, good);
		if (good == len)
			break;
		buf_addstr(&b, "\xEF\xBF\xBD");
		bytes += good + 1;
		len -= good + 1;
	}
	v = json_stringn(buf_str(&b), b.len);
	buf_release(&b);
	return v;
}

static void add_real(struct buf *out, double x)
{
	char text[32];

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, x);
		if (strtod(text, NULL) == x)
			break;
	}
	buf_addstr(out, text);
	if (text[strcspn(text, ".e")] == '\0')
		buf_addstr(out, ".0"); /* it shall be read as a real again */
}

static void add_scalar(struct buf *out, const json_t *value)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY);

	if (!text)
		BUG("a JSON value of type %d that has no text", json_typeof(value));
	buf_addstr(out, text);
	free(text);
}

static void add_string(struct buf *out, const char *s)
{
	json_t *value = json_string(s);

	add_scalar(out, value);
	json_decref(value);
}

void json_add(struct buf *out, const json_t *value)
{
	const char *parting = "", *key;
	json_t *member;
	size_t i;

	if (json_is_object(value)) {
		buf_addch(out, '{');
		json_object_foreach((json_t *)value, key, member) {
			buf_addstr(out, parting);
			add_string(out, key);
			buf_addstr(out, ": ");
			json_add(out, member);
			parting = ", ";
		}
		buf_addch(out, '}');
	} else if (json_is_array(value)) {
		buf_addch(out, '[');
		json_array_foreach(value, i, member) {
			buf_addstr(out, parting);
			json_add(out, member);
			parting = ", ";
		}
		buf_addch(out, ']');
	} else if (json_is_real(value)) {
		add_real(out, json_real_value(value));
	} else {
		add_scalar(out, value);
	}
}
