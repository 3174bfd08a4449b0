/*
 * Writes a tokenizer, for tests that hand it to other programs:
 *
 *     save_tokenizer TOKENIZER|FILE.gguf DIR|FILE.gguf
 *
 * A GGUF file gets the tokenizer's keys and nothing else; status 3 says that there are none for it.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/gguf.h"
#include "text/tokenizer.h"

static void need(int rc, const struct err *err)
{
	if (rc == 0)
		return;
	fprintf(stderr, "save_tokenizer: %s\n", err->msg);
	exit(err->code == ERR_UNSUPPORTED ? 3 : 1);
}

static bool is_gguf(const char *path)
{
	size_t len = strlen(path), ending = strlen(".gguf");

	return len >= ending && strcmp(path + len - ending, ".gguf") == 0;
}

static struct tokenizer *load(const char *path)
{
	struct tokenizer *t = NULL;
	struct gguf g;
	struct err err;

	if (!is_gguf(path)) {
		need(tokenizer_load(&t, path, &err), &err);
		return t;
	}
	need(gguf_open(&g, path, &err), &err);
	need(tokenizer_load_gguf(&t, &g, &err), &err);
	gguf_release(&g);
	return t;
}

static void write_gguf(const struct tokenizer *t, const char *path)
{
	struct gguf_writer w;
	struct err err;

	need(gguf_writer_init(&w, path, &err), &err);
	need(tokenizer_gguf(t, tokenizer_vocab_size(t), TOKEN_NONE, &w, &err), &err);
	need(gguf_writer_commit(&w, &err), &err);
	gguf_writer_release(&w);
}

int main(int argc, char **argv)
{
	struct tokenizer *t;
	struct err err;

	if (argc != 3) {
		fprintf(stderr, "usage: save_tokenizer TOKENIZER|FILE.gguf DIR|FILE.gguf\n");
		return 2;
	}
	t = load(argv[1]);
	if (is_gguf(argv[2]))
		write_gguf(t, argv[2]);
	else
		need(tokenizer_save(t, argv[2], &err), &err);
	tokenizer_free(t);
	return 0;
}
