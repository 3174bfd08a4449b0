#include "train/plan.h"

#include <stdio.h>
#include <stdlib.h>

#include "train/loss.h"

#define MIB 1048576.0

static size_t add(size_t a, size_t b)
{
	return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

static size_t multiply(size_t a, size_t b)
{
	size_t product;

	return mem_mul(a, b, &product) ? product : SIZE_MAX;
}

/* Which batches will come is known: the largest one is found by looking at all of them. A file's come again. */
static void find_largest(struct batch_size *most, const struct train_data *d, struct sampler *s, size_t n)
{
	*most = (struct batch_size){0};
	for (size_t i = 0; i < n; i++) {
		struct batch_size one;
		size_t examples;
		const uint32_t *ids = sampler_batch(s, i, &examples);

		batch_measure(&one, d->trie, d->examples, ids, examples);
		batch_size_raise(most, &one);
	}
}

size_t plan_bytes(const struct train_config *c, const struct train_data *d, struct sampler *s, size_t steps,
	const struct trainable *like)
{
	size_t block = multiply(like->elements, sizeof(float)), n = multiply(steps, c->accumulate), most_bytes = 0;
	struct batch_size most;

	if (c->batches && n > sampler_epoch_batches(s))
		n = sampler_epoch_batches(s);
	find_largest(&most, d, s, n);
	for (size_t i = 0; i < c->n_runners; i++) {
		size_t bytes = loss_bytes(like, c->runners[i].objective, &most, c->recompute);

		most_bytes = bytes > most_bytes ? bytes : most_bytes;
	}
	return add(multiply(block, 3 * c->n_runners + 1), most_bytes);
}

/* "1.2 GiB", "340.0 MiB", the unit of --max-memory */
static void show_bytes(char text[32], size_t bytes)
{
	double mib = (double)bytes / MIB;

	if (mib >= 1024)
		snprintf(text, 32, "%.1f GiB", mib / 1024);
	else
		snprintf(text, 32, "%.1f MiB", mib);
}

int plan_check(const struct train_config *c, size_t need, size_t taken, struct err *err)
{
	size_t have = c->max_memory > 0 ? c->max_memory : add(mem_available(), taken);
	char needed[32], there[32];

	if (need <= have)
		return 0;
	show_bytes(needed, need);
	show_bytes(there, have);
	return err_set(err, ERR_MEMORY,
		"this training needs %s of memory and there are %s%s: %s%s%s%s would make it smaller", needed, there,
		c->max_memory > 0 ? " (the limit that was set)" : "",
		c->batch > 1 || c->batches ? "a smaller --batch with --accumulate"
					   : "shorter histories (--max-history)",
		c->recompute ? "" : ", --recompute", c->n_runners > 1 ? ", fewer objectives" : "",
		c->full ? ", LoRA instead of --full" : "");
}
