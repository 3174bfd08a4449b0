#include "train/plan.h"

#include <stdio.h>
#include <stdlib.h>

#include "train/loss.h"

static size_t add(size_t a, size_t b)
{
	return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

static size_t multiply(size_t a, size_t b)
{
	size_t product;

	return mem_mul(a, b, &product) ? product : SIZE_MAX;
}

/* The measures of a batch that are sums over its examples, one by one. */
static size_t *measures(struct batch_size *size, size_t which)
{
	size_t *const at[] = {
		&size->sequences, &size->rows, &size->items, &size->tokens, &size->choices, &size->children};

	return which < ARRAY_LEN(at) ? at[which] : NULL;
}

static int falling(const void *left, const void *right)
{
	size_t a = *(const size_t *)left, b = *(const size_t *)right;

	return a > b ? -1 : a < b;
}

/* No batch of an epoch is larger by any measure. */
static void bound_epoch(struct batch_size *most, const struct trie *trie, const struct examples *e, size_t batch)
{
	size_t n = e->at.n, taken = batch < n ? batch : n, *sorted = xreallocarray(NULL, n, sizeof(*sorted));
	struct batch_size *each = xreallocarray(NULL, n, sizeof(*each));

	*most = (struct batch_size){0};
	for (size_t i = 0; i < n; i++) {
		uint32_t id = (uint32_t)i;

		batch_measure(&each[i], trie, e, &id, 1);
		batch_size_raise(most, &each[i]);
	}
	for (size_t which = 0; measures(most, which); which++) {
		for (size_t i = 0; i < n; i++)
			sorted[i] = *measures(&each[i], which);
		qsort(sorted, n, sizeof(*sorted), falling);
		*measures(most, which) = 0;
		for (size_t i = 0; i < taken; i++)
			*measures(most, which) = add(*measures(most, which), sorted[i]);
	}
	free(each);
	free(sorted);
}

static void bound_listed(struct batch_size *most, const struct trie *trie, const struct examples *e, struct sampler *s)
{
	*most = (struct batch_size){0};
	for (size_t i = 0; i < sampler_epoch_batches(s); i++) {
		struct batch_size one;
		size_t n;
		const uint32_t *ids = sampler_batch(s, i, &n);

		batch_measure(&one, trie, e, ids, n);
		batch_size_raise(most, &one);
	}
}

size_t plan_bytes(
	const struct train_config *c, const struct train_data *d, struct sampler *s, const struct trainable *like)
{
	size_t block = multiply(like->elements, sizeof(float)), most_bytes = 0;
	struct batch_size most;

	if (c->batches)
		bound_listed(&most, d->trie, d->examples, s);
	else
		bound_epoch(&most, d->trie, d->examples, c->batch);
	for (size_t i = 0; i < c->n_runners; i++) {
		size_t bytes = loss_bytes(like, c->runners[i].objective, &most, c->recompute);

		most_bytes = bytes > most_bytes ? bytes : most_bytes;
	}
	return add(multiply(block, 3 * c->n_runners + 1), most_bytes);
}

/* "1.2 GB", "340 MB" */
static void show_bytes(char text[32], size_t bytes)
{
	if (bytes >= 1000000000)
		snprintf(text, 32, "%.1f GB", (double)bytes / 1e9);
	else
		snprintf(text, 32, "%.1f MB", (double)bytes / 1e6);
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
		c->batch > 1 || c->batches ? "a smaller --batch with --accumulate" : "shorter histories",
		c->recompute ? "" : ", --recompute", c->n_runners > 1 ? ", fewer objectives" : "",
		c->full ? ", LoRA instead of --full" : "");
}
