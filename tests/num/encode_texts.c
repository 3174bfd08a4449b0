/*
 * Encodes and decodes many texts, for tests that hold another program's answers against ours:
 *
 *     encode_texts TOKENIZER|FILE.gguf <questions >answers
 *
 * All numbers are 32 bits, little-endian. A question is its kind and a count, then so many bytes of text (kind 0) or so
 * many ids (kind 1). An answer is the number of ids and the ids, with what the tokenizer puts around a text; then twice
 * a length and the bytes of the text that they are decoded to: with all tokens, and without the special ones.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/vec.h"
#include "store/gguf.h"
#include "text/tokenizer.h"

enum kind {
	KIND_TEXT,
	KIND_IDS,
};

static void need(int rc, const struct err *err)
{
	if (rc == 0)
		return;
	fprintf(stderr, "encode_texts: %s\n", err->msg);
	exit(1);
}

static void need_read(void *out, size_t size, size_t n)
{
	if (fread(out, size, n, stdin) == n)
		return;
	fprintf(stderr, "encode_texts: a question ends early\n");
	exit(1);
}

static void put(const void *bytes, size_t size, size_t n)
{
	uint32_t count = (uint32_t)n;

	if (fwrite(&count, sizeof(count), 1, stdout) != 1 || fwrite(bytes, size, n, stdout) != n)
		exit(1);
}

static void answer(const struct tokenizer *t, enum kind kind, size_t n, struct buf *text, struct vec_u32 *ids)
{
	struct err err;

	vec_clear(ids);
	buf_clear(text);
	if (kind == KIND_TEXT) {
		buf_addrep(text, ' ', n);
		need_read(text->at, 1, n);
		need(tokenizer_encode(t, buf_str(text), n, true, ids, NULL, &err), &err);
	} else {
		vec_reserve(ids, n + 1);
		need_read(ids->at, sizeof(*ids->at), n);
		ids->n = n;
	}
	put(ids->at, sizeof(*ids->at), ids->n);
	for (int skip = 0; skip < 2; skip++) {
		buf_clear(text);
		need(tokenizer_decode(t, ids->at, ids->n, skip, text, &err), &err);
		put(buf_str(text), 1, text->len);
	}
}

static struct tokenizer *load(const char *path)
{
	size_t len = strlen(path), ending = strlen(".gguf");
	struct tokenizer *t = NULL;
	struct gguf g;
	struct err err;

	if (len < ending || strcmp(path + len - ending, ".gguf")) {
		need(tokenizer_load(&t, path, &err), &err);
		return t;
	}
	need(gguf_open(&g, path, &err), &err);
	need(tokenizer_load_gguf(&t, &g, &err), &err);
	gguf_release(&g);
	return t;
}

int main(int argc, char **argv)
{
	struct tokenizer *t;
	struct vec_u32 ids = {0};
	struct buf text = {0};
	uint32_t head[2];

	if (argc != 2) {
		fprintf(stderr, "usage: encode_texts TOKENIZER <questions >answers\n");
		return 2;
	}
	t = load(argv[1]);
	while (fread(head, sizeof(*head), 2, stdin) == 2)
		answer(t, head[0] ? KIND_IDS : KIND_TEXT, head[1], &text, &ids);
	tokenizer_free(t);
	vec_release(&ids);
	buf_release(&text);
	return fflush(stdout) == 0 && !ferror(stdin) ? 0 : 1;
}
