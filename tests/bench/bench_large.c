/*
 * A random bfloat16 model of the shape of Llama 3.2 1B, 1.24 billion parameters: how long opening takes, the most
 * memory that the process ever held, mapped weights included, and a case's prompt and steps. It takes 2.4 GiB of
 * TMPDIR, and the same of memory while it is written, by a process of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rng.h"
#include "machine.h"
#include "model/transformer.h"
#include "shape.h"

#define PROMPT 220
#define BEAM 10
#define STEPS 8

static const struct tiny_shape large = {
	.type = "llama",
	.vocab = 128256,
	.hidden = 2048,
	.layers = 16,
	.heads = 32,
	.kv_heads = 8,
	.head_dim = 64,
	.intermediate = 8192,
	.max_positions = 131072,
	.tied = true,
	.theta = 500000,
	.eps = 1e-5,
	.dtype = DTYPE_BF16,
	.scale = 1,
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* What is written stays: the process that made it ends without releasing it. */
static void write_model(int to)
{
	struct tiny t;

	tiny_init(&t, &large, 1);
	tiny_write(&t);
	if (write(to, t.dir, strlen(t.dir)) < 0)
		fail("bench_large");
	_exit(0);
}

/* The directory of the model; caller frees and removes it. */
static char *make_model(void)
{
	char *dir = xcalloc(1, 4096);
	int ends[2], status;
	pid_t child;

	if (pipe(ends) || (child = fork()) < 0)
		fail("bench_large");
	if (child == 0)
		write_model(ends[1]);
	close(ends[1]);
	if (read(ends[0], dir, 4095) <= 0 || waitpid(child, &status, 0) < 0 || status != 0) {
		fprintf(stderr, "bench_large: the model could not be written\n");
		exit(1);
	}
	close(ends[0]);
	return dir;
}

static void report(const char *metric, double value, const char *unit, const char *note)
{
	printf("%s\t%.4g\t%s\t%s\n", metric, value, unit, note);
	fflush(stdout);
}

static void set_prompt(struct lm *lm, struct rng *rng)
{
	uint32_t prompt[PROMPT];
	double start = clock_now();
	struct err err;

	for (size_t i = 0; i < PROMPT; i++)
		prompt[i] = rng_below(rng, (uint32_t)lm->vocab);
	machine_need(lm_prompt(lm, prompt, PROMPT, &err), &err);
	report("prompt", clock_now() - start, "s", "220 tokens");
}

/* The best of the steps of a beam, each with its log-sums over the vocabulary. */
static void take_steps(struct lm *lm)
{
	lm_node nodes[BEAM] = {LM_PROMPT};
	double best = 0;
	struct err err;

	for (size_t i = 0; i < STEPS; i++) {
		struct lm_query queries[BEAM] = {{0}};
		double lse[BEAM], start = clock_now(), time;

		for (size_t b = 0; b < BEAM; b++) {
			nodes[b] = lm_child(lm, nodes[i == 0 ? 0 : b], (uint32_t)b);
			queries[b].node = nodes[b];
			queries[b].lse = &lse[b];
		}
		machine_need(lm_query(lm, queries, BEAM, 1, &err), &err);
		time = clock_now() - start;
		best = i == 0 || time < best ? time : best;
	}
	report("step", best, "s", "10 rows, log-sums over 128,256 tokens");
}

static void remove_model(char *dir)
{
	static const char *const names[] = {"config.json", "model.safetensors"};
	char path[4200];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
	free(dir);
}

int main(void)
{
	char *dir = make_model();
	struct kern *kern = machine_kern();
	double start = clock_now();
	struct rusage used;
	struct rng rng;
	struct lm *lm;
	struct err err;

	machine_need(transformer_open(&lm, dir, kern, &err), &err);
	report("open", clock_now() - start, "s", "1.24e9 parameters; aim: 2");
	rng_seed(&rng, 2);
	set_prompt(lm, &rng);
	take_steps(lm);
	if (getrusage(RUSAGE_SELF, &used))
		fail("bench_large");
	report("peak", (double)used.ru_maxrss / (1 << 20), "GiB", "mapped weights included; aim: 4");
	lm_close(lm);
	kern_free(kern);
	remove_model(dir);
	return 0;
}
