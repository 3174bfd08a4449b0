#include "session/edit_text.h"

#include <string.h>

#include "data/title.h"

static void add_prefix(const json_t *edit, bool ascii, struct buf *out)
{
	const char *prefix = json_string_value(json_object_get(edit, "prefix"));
	char mark = prefix && strchr(prefix, '"') ? '\'' : '"';

	buf_addch(out, mark);
	title_show(out, prefix ? prefix : "", ascii);
	buf_addch(out, mark);
}

void edit_text(const json_t *edit, bool ascii, struct buf *out)
{
	const char *what = json_string_value(json_object_get(edit, "edit"));
	const json_t *value = json_object_get(edit, "value");
	long long step = (long long)json_integer_value(json_object_get(edit, "step"));

	if (!value) {
		buf_addf(out, "%s %s", what, json_is_true(json_object_get(edit, "finished")) ? "item " : "");
		add_prefix(edit, ascii, out);
		buf_addf(out, " at step %lld", step);
	} else if (json_is_integer(value)) {
		buf_addf(out, "B %lld from step %lld", (long long)json_integer_value(value), step);
	} else {
		buf_addf(out, "%s %s from step %lld", what, json_string_value(value), step);
	}
	if (json_is_false(json_object_get(edit, "in_effect")))
		buf_addstr(out, " (without effect)");
}

void edit_text_all(const json_t *edits, bool ascii, struct buf *out)
{
	size_t i;
	json_t *v;

	json_array_foreach((json_t *)edits, i, v) {
		if (i > 0)
			buf_addstr(out, "; ");
		edit_text(v, ascii, out);
	}
}

void edit_text_fate(const json_t *fate, struct buf *out)
{
	const json_t *rank = json_object_get(fate, "rank"), *pruned_at = json_object_get(fate, "pruned_at");
	const char *lost = json_string_value(json_object_get(fate, "lost"));

	if (json_is_integer(rank))
		buf_addf(out, "returned at rank %lld", (long long)json_integer_value(rank));
	else if (json_is_integer(pruned_at))
		buf_addf(out, "%s at step %lld",
			!lost || !strcmp(lost, "cut")  ? "pruned"
			: !strcmp(lost, "forbidden") ? "forbidden"
						     : "lost",
			(long long)json_integer_value(pruned_at));
	else
		buf_addstr(out, "not returned");
}

void edit_text_head(const json_t *record, struct out *out)
{
	const json_t *edits = json_object_get(record, "edits"), *branch = json_object_get(record, "branch");
	struct buf b = {0};

	if (!branch)
		return;
	edit_text_all(edits, out->ascii, &b);
	out_text(out, "branch    ");
	buf_add(&out->buf, buf_str(&b), b.len);
	buf_clear(&b);
	edit_text_fate(branch, &b);
	buf_addstr(&b, "; without the edits ");
	edit_text_fate(json_object_get(branch, "original"), &b);
	out_text(out, "\npositive  %s\n", buf_str(&b));
	buf_release(&b);
}
