/*
 * Runs a fuzz target over its seeds, and over cut and damaged copies of each, always the same ones. Built as
 * t_fuzz_<name>; the seeds are in tests/fuzz/seeds/<name>. Speaks TAP.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "fuzz.h"
#include "store/file.h"

#define MAX_SEED ((size_t)1 << 20)
#define ROUNDS 300 /* damaged copies of a seed */

/* An own allocation of the exact size, so that reading past the end is seen. */
static void run(const char *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	memcpy(copy, bytes, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

/* Changes, doubles or drops some bytes, or cuts the end off. */
static void damage(struct buf *b, struct rng *rng)
{
	static const char special[] = "\0\n\",[]{} -9\xff\\";
	char again[16];

	for (size_t times = 1 + rng_below(rng, 4); times > 0 && b->len > 1; times--) {
		size_t at = rng_below(rng, b->len), n = 1 + rng_below(rng, b->len - at < 16 ? b->len - at : 16);

		switch (rng_below(rng, 8)) {
		case 0:
			b->len = at;
			break;
		case 1:
			memmove(b->at + at, b->at + at + n, b->len - at - n);
			b->len -= n;
			break;
		case 2:
			memcpy(again, b->at + at, n);
			buf_add(b, again, n);
			break;
		case 3:
			b->at[at] = (char)rng_below(rng, 256);
			break;
		default:
			b->at[at] = special[rng_below(rng, sizeof(special) - 1)];
		}
	}
}

static int replay(const char *path, size_t seed, struct err *err)
{
	struct buf text = {0}, copy = {0};
	struct rng rng;
	int ret = file_read(&text, path, MAX_SEED, err);

	rng_seed(&rng, seed);
	if (ret == 0) {
		run(buf_str(&text), text.len);
		for (size_t i = 0; i < ROUNDS; i++) {
			buf_clear(&copy);
			buf_add(&copy, buf_str(&text), text.len);
			damage(&copy, &rng);
			run(buf_str(&copy), copy.len);
		}
	}
	buf_release(&text);
	buf_release(&copy);
	return ret;
}

int main(int argc, char **argv)
{
	const char *root = getenv("top_srcdir"), *slash = strrchr(argv[0], '/'), *program = slash ? slash + 1 : argv[0];
	struct file_names seeds = {0};
	struct err err = {0};
	char *dir;
	int ret;

	(void)argc;
	if (strncmp(program, "t_fuzz_", 7))
		return 2;
	dir = xasprintf("%s/tests/fuzz/seeds/%s", root ? root : ".", program + 7);
	ret = file_list(&seeds, dir, "*", &err);
	if (ret == 0 && seeds.n == 0)
		ret = err_set(&err, ERR_NOT_FOUND, "'%s' holds no seeds", dir);
	if (ret)
		printf("Bail out! %s\n", err.msg);
	else
		printf("1..%zu\n", seeds.n);
	for (size_t i = 0; ret == 0 && i < seeds.n; i++) {
		char *path = file_join(dir, seeds.at[i]);
		int failed = replay(path, i, &err);

		printf("%sok %zu - %s%s%s\n", failed ? "not " : "", i + 1, seeds.at[i], failed ? ": " : "",
			failed ? err.msg : "");
		fflush(stdout);
		free(path);
	}
	file_names_release(&seeds);
	free(dir);
	return ret ? 1 : 0;
}
