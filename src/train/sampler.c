#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/rng.h"
#include "store/file.h"
#include "train/examples.h"

#define BATCHES_MAX_FILE ((size_t)1 << 28) /* bytes */

void sampler_init(struct sampler *s, size_t n, size_t batch, uint64_t seed)
{
	if (n == 0 || n > UINT32_MAX || batch == 0)
		BUG("batches of %zu from %zu examples", batch, n);
	*s = (struct sampler){.n = n, .batch = batch, .seed = seed, .epoch = SIZE_MAX};
	s->order = xreallocarray(NULL, n, sizeof(*s->order));
}

void sampler_release(struct sampler *s)
{
	free(s->order);
	vec_release(&s->listed);
	vec_release(&s->line);
	*s = (struct sampler){.epoch = SIZE_MAX};
}

size_t sampler_epoch_batches(const struct sampler *s)
{
	return s->line.n > 0 ? s->line.n : (s->n - 1) / s->batch + 1;
}

/* Fisher and Yates. The seed is scrambled before the epoch goes in, so that no two seeds share their orders. */
static void draw_order(struct sampler *s, size_t epoch)
{
	struct rng r;

	rng_seed(&r, s->seed);
	rng_seed(&r, rng_u64(&r) ^ epoch);
	for (size_t i = 0; i < s->n; i++)
		s->order[i] = (uint32_t)i;
	for (size_t i = s->n; i > 1; i--) {
		uint32_t j = rng_below(&r, (uint32_t)i), kept = s->order[j];

		s->order[j] = s->order[i - 1];
		s->order[i - 1] = kept;
	}
	s->epoch = epoch;
}

const uint32_t *sampler_batch(struct sampler *s, size_t batch, size_t *n)
{
	size_t of_epoch = sampler_epoch_batches(s), i = batch % of_epoch, from, to;

	if (s->line.n > 0) {
		from = s->line.at[i];
		to = i + 1 < s->line.n ? s->line.at[i + 1] : s->listed.n;
		*n = to - from;
		return s->listed.at + from;
	}
	if (s->epoch != batch / of_epoch)
		draw_order(s, batch / of_epoch);
	from = i * s->batch;
	*n = s->n - from < s->batch ? s->n - from : s->batch;
	return s->order + from;
}

/* The first example of each case. */
static void index_cases(struct map *by_case, const struct examples *e)
{
	bool added;

	map_init(by_case, e->at.n);
	for (size_t i = 0; i < e->at.n; i++) {
		const char *id = e->at.at[i].rc->id;

		map_put(by_case, id, strlen(id), (uint32_t)i, &added);
	}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The ids of one line, which ends at `end`. */
static int read_line(struct sampler *s, const char *path, size_t line, const char *at, const char *end,
	const struct examples *e, const struct map *by_case, struct err *err)
{
	size_t before = s->listed.n;

	for (;;) {
		const char *id;
		uint32_t first;

		while (at < end && is_blank(*at))
			at++;
		if (at == end)
			break;
		for (id = at; at < end && !is_blank(*at);)
			at++;
		if (!map_get(by_case, id, (size_t)(at - id), &first))
			return err_set(err, ERR_FORMAT,
				"%s:%zu: '%.*s' is no case to train on: there is none of this id in the split, or its "
				"item cannot be reached",
				path, line, (int)(at - id < 200 ? at - id : 200), id);
		for (size_t i = first; i < e->at.n && e->at.at[i].rc == e->at.at[first].rc; i++)
			vec_push(&s->listed, (uint32_t)i);
	}
	if (s->listed.n > before)
		vec_push(&s->line, before);
	return 0;
}

static int read_lines(struct sampler *s, const char *path, const struct buf *text, const struct examples *e,
	const struct map *by_case, struct err *err)
{
	const char *at = buf_str(text), *stop = at + text->len;

	for (size_t line = 1; at < stop; line++) {
		const char *newline = memchr(at, '\n', (size_t)(stop - at));
		const char *end = newline ? newline : stop;

		if (read_line(s, path, line, at, end, e, by_case, err))
			return -1;
		at = newline ? newline + 1 : stop;
	}
	if (s->line.n == 0)
		return err_set(err, ERR_FORMAT, "%s: no batches: each line lists the case ids of one", path);
	return 0;
}

int sampler_read(struct sampler *s, const char *path, const struct examples *e, struct err *err)
{
	struct map by_case;
	struct buf text = {0};
	int failed;

	index_cases(&by_case, e);
	vec_clear(&s->listed);
	vec_clear(&s->line);
	failed = file_read(&text, path, BATCHES_MAX_FILE, err) || read_lines(s, path, &text, e, &by_case, err);
	if (failed) {
		vec_clear(&s->listed);
		vec_clear(&s->line);
	}
	buf_release(&text);
	map_release(&by_case);
	return failed ? -1 : 0;
}
