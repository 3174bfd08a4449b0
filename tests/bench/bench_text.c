/*
 * What it takes to load the large published vocabularies and to turn the largest published catalogue into a trie.
 * Lines: metric, value, unit, note; times are the processor's, of ROUNDS the least, all in one thread. All files are in
 * BEAMSCOPE_SHARED (../shared); what is not there is left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "data/dataset.h"
#include "machine.h"
#include "search/trie.h"
#include "store/file.h"
#include "store/gguf.h"
#include "text/template.h"
#include "text/tokenizer.h"

#define ROUNDS 5

static struct err err;

static double cpu_now(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

static char *shared(const char *what)
{
	const char *root = getenv("BEAMSCOPE_SHARED");

	return file_join(root ? root : "../shared", what);
}

static struct tokenizer *load(const char *path)
{
	struct tokenizer *t = NULL;
	struct gguf g;

	if (file_is_dir(path)) {
		machine_need(tokenizer_load(&t, path, &err), &err);
		return t;
	}
	machine_need(gguf_open(&g, path, &err), &err);
	machine_need(tokenizer_load_gguf(&t, &g, &err), &err);
	gguf_release(&g);
	return t;
}

static void line(const char *subject, const char *metric, double value, const char *unit, const char *note)
{
	printf("%s/%s\t%.6g\t%s\t%s\n", subject, metric, value, unit, note);
	fflush(stdout);
}

/* What something took since start, where that is less than all before it. */
static void keep_best(double *best, double start)
{
	double took = cpu_now() - start;

	*best = took < *best ? took : *best;
}

static void bench_vocabulary(const char *what, const char *note)
{
	char *path = shared(what);
	double best = 1e9;

	for (int i = 0; file_is_there(path) && i < ROUNDS; i++) {
		double start = cpu_now();

		tokenizer_free(load(path));
		keep_best(&best, start);
	}
	if (best < 1e9)
		line(what, "load", 1e3 * best, "ms", note);
	free(path);
}

static void bench_catalogue(const char *data, const char *vocabulary)
{
	const char *top = getenv("top_srcdir");
	char *data_path = shared(data), *path = shared(vocabulary);
	char *form = file_join(top ? top : ".", "data/templates/bear-inference.tmpl");
	double encode = 1e9, build = 1e9, bytes = 0;
	struct template *tm = NULL;
	struct dataset *d = NULL;
	struct tokenizer *t;
	char note[64];

	if (!file_is_there(data_path) || !file_is_there(path))
		goto out;
	machine_need(dataset_open(&d, data_path, &err), &err);
	machine_need(template_load(&tm, form, d->name, &err), &err);
	t = load(path);
	for (int i = 0; i < ROUNDS; i++) {
		double start = cpu_now();
		struct trie trie;

		machine_need(catalogue_encode(&d->catalogue, t, tm, tokenizer_eos(t), &err), &err);
		keep_best(&encode, start);
		start = cpu_now();
		machine_need(trie_init(&trie, d->catalogue.tokens, d->catalogue.first, d->catalogue.n, tokenizer_eos(t),
				     END_EOS, &err),
			&err);
		keep_best(&build, start);
		bytes = (double)trie_bytes(&trie);
		trie_release(&trie);
	}
	snprintf(note, sizeof(note), "%zu items", d->catalogue.n);
	line(data, "encode", 1e3 * encode, "ms", note);
	line(data, "trie_build", 1e3 * build, "ms", note);
	line(data, "trie_bytes", bytes / (1 << 20), "MiB", note);
	tokenizer_free(t);
out:
	template_free(tm);
	dataset_free(d);
	free(data_path);
	free(path);
	free(form);
}

int main(void)
{
	bench_vocabulary("tokenizers/qwen3", "tokenizer.json of 11 MB");
	bench_vocabulary("tokenizers/llama3", "tokenizer.json of 9 MB");
	bench_vocabulary("tokenizers/ggml-vocab-llama-bpe.gguf", "280,147 merges");
	bench_vocabulary("tokenizers/ggml-vocab-qwen2.gguf", "151,387 merges");
	bench_vocabulary("tokenizers/ggml-vocab-llama-spm.gguf", "merges from 32,000 scores");
	bench_catalogue("datasets/bear-clothing", "tokenizers/qwen3");
	return 0;
}
