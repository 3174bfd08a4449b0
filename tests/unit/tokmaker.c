#include "tokmaker.h"

#include <string.h>
#include <unistd.h>

#include "check.h"

#include "base/mem.h"
#include "base/vec.h"
#include "store/file.h"

static char dir[32];

static void add_quoted(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_addch(out, *text == '\'' ? '"' : *text);
}

/* One token as a JSON string. */
static void add_token(struct buf *out, const char *token, size_t len)
{
	static const char space[] = "␣";
	const size_t n = sizeof(space) - 1;

	buf_addch(out, '"');
	for (size_t i = 0; i < len;) {
		bool is_space = len - i >= n && memcmp(token + i, space, n) == 0;

		if (token[i] == '"')
			buf_addch(out, '\\');
		buf_addch(out, is_space ? ' ' : token[i]);
		i += is_space ? n : 1;
	}
	buf_addch(out, '"');
}

static void add_vocab(struct buf *out, const char *vocab)
{
	unsigned id = 0;

	buf_addstr(out, "{");
	for (size_t len; *vocab; vocab += len + strspn(vocab + len, " ")) {
		len = strcspn(vocab, " ");
		buf_addstr(out, id > 0 ? "," : "");
		add_token(out, vocab, len);
		buf_addf(out, ":%u", id++);
	}
	buf_addstr(out, "}");
}

static void add_merges(struct buf *out, const char *merges, bool pairs)
{
	buf_addstr(out, "[");
	for (size_t len; *merges; merges += len + strspn(merges + len, ",")) {
		size_t left = strcspn(merges, " ");

		len = strcspn(merges, ",");
		buf_addstr(out, pairs ? "[" : "");
		if (pairs) {
			add_token(out, merges, left);
			buf_addch(out, ',');
			add_token(out, merges + left + 1, len - left - 1);
		} else {
			add_token(out, merges, len);
		}
		buf_addstr(out, pairs ? "]" : "");
		buf_addstr(out, merges[len] ? "," : "");
	}
	buf_addstr(out, "]");
}

static void write_bytes(const char *name, const struct buf *bytes)
{
	struct err err = {0};
	char *path;

	if (!*dir) {
		strcpy(dir, "tokenizer.XXXXXX");
		assert_non_null(mkdtemp(dir));
	}
	path = file_join(dir, name);
	check_ok(file_write(path, buf_str(bytes), bytes->len, &err), &err);
	free(path);
}

void tokmaker_write(const char *name, const char *text)
{
	struct buf quoted = {0};

	add_quoted(&quoted, text);
	write_bytes(name, &quoted);
	buf_release(&quoted);
}

void tokmaker_clean(void)
{
	struct file_names names = {0};
	struct err err = {0};

	if (!*dir)
		return;
	check_ok(file_list(&names, dir, "*", &err), &err);
	for (size_t i = 0; i < names.n; i++) {
		char *path = file_join(dir, names.at[i]);

		unlink(path);
		free(path);
	}
	file_names_release(&names);
	assert_int_equal(rmdir(dir), 0);
	*dir = 0;
}

int tokmaker_load_dir(struct tokenizer **out, struct err *err)
{
	return tokenizer_load(out, dir, err);
}

int tokmaker_load(struct tokenizer **out, const struct tokmaker *m, struct err *err)
{
	struct buf json = {0};

	buf_addstr(&json, "{\"model\":{\"type\":\"BPE\",\"vocab\":");
	add_vocab(&json, m->vocab);
	buf_addstr(&json, ",\"merges\":");
	add_merges(&json, m->merges ? m->merges : "", m->pairs);
	add_quoted(&json, m->model ? m->model : "");
	buf_addstr(&json, "}");
	add_quoted(&json, m->rest ? m->rest : "");
	buf_addstr(&json, "}");
	write_bytes("tokenizer.json", &json);
	buf_release(&json);
	return tokmaker_load_dir(out, err);
}

struct tokenizer *tokmaker_need(const struct tokmaker *m)
{
	struct tokenizer *t = NULL;
	struct err err = {0};

	check_ok(tokmaker_load(&t, m, &err), &err);
	return t;
}

void tokmaker_pieces(struct buf *out, const struct tokenizer *t, const char *text, bool specials)
{
	struct vec_u32 ids = {0};
	struct err err = {0};

	check_ok(tokenizer_encode(t, text, strlen(text), specials, &ids, NULL, &err), &err);
	for (size_t i = 0; i < ids.n; i++) {
		check_ok(tokenizer_piece(t, ids.at[i], out, &err), &err);
		buf_addch(out, '|');
	}
	vec_release(&ids);
}

void tokmaker_check(const struct tokenizer *t, const char *text, const char *pieces)
{
	struct buf got = {0};

	tokmaker_pieces(&got, t, text, false);
	assert_string_equal(buf_str(&got), pieces);
	buf_release(&got);
}

size_t tokmaker_unknown(const struct tokenizer *t, const char *text)
{
	struct vec_u32 ids = {0};
	struct err err = {0};
	size_t unknown = 5;

	check_ok(tokenizer_encode(t, text, strlen(text), false, &ids, &unknown, &err), &err);
	vec_release(&ids);
	return unknown - 5;
}
