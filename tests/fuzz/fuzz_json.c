/* Every value of what parses is one kind or is refused with a place; the text of what is refused is placed too. */
#include <float.h>
#include <string.h>

#include "store/json.h"

#include "fuzz.h"

static void walk(const struct json_node *node)
{
	struct json_node child;
	int kinds = 0, failed;
	const char *key, *s;
	struct err err;
	json_t *value;
	size_t n = 0;
	int64_t i;
	double x;
	bool yes;

	failed = json_as_int(node, INT64_MIN, INT64_MAX, &i, &err);
	kinds += !failed;
	failed = json_as_double(node, -DBL_MAX, DBL_MAX, &x, &err);
	kinds += !failed && !json_is_integer(node->value) && !node->int_as_real;
	kinds += json_as_bool(node, &yes, &err) == 0;
	kinds += json_as_str(node, &s, &n, &err) == 0;
	kinds += json_as_object(node, &err) == 0;
	kinds += json_as_array(node, &n, &err) == 0;
	FUZZ_CHECK(kinds <= 1);
	FUZZ_CHECK(json_refuse(node, &err, "is refused") == -1 && strstr(err.msg, "is refused"));
	json_object_foreach(node->value, key, value) {
		child = json_child(node, key, value);
		walk(&child);
	}
	for (n = 0; n < json_array_size(node->value); n++) {
		child = json_element(node, n);
		walk(&child);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct json_doc doc;
	struct err err;

	if (json_doc_parse(&doc, "input", data, len, &err) == 0)
		walk(&doc.root);
	else
		FUZZ_CHECK(strncmp(err.msg, "input:", 6) == 0);
	json_doc_release(&doc);
	return 0;
}
