#include "session/diff.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/vec.h"

/*
 * v[k] is the furthest x that is reached on diagonal k = x - y with d edits. One copy of v is kept for each d, so that
 * the way can be walked back: O(most²) memory.
 */
struct search {
	const uint32_t *a, *b;
	long n, m;
	long *rounds; /* [(most + 1) * width] */
	long most, width;
};

static long *round_of(const struct search *s, long d)
{
	return s->rounds + d * s->width + s->most + 1; /* so that [-most-1 … most+1] can be used */
}

/* Does the best way to diagonal k in round d come from k + 1, by an insertion? */
static bool from_above(const long *v, long d, long k)
{
	return k == -d || (k != d && v[k - 1] < v[k + 1]);
}

/* The number of edits, or -1 where they are more than `most`. */
static long search(const struct search *s)
{
	round_of(s, 0)[1] = 0;
	for (long d = 0; d <= s->most; d++) {
		long *v = round_of(s, d);

		if (d > 0)
			memcpy(v - s->most - 1, round_of(s, d - 1) - s->most - 1, (size_t)s->width * sizeof(*v));
		for (long k = -d; k <= d; k += 2) {
			long x = from_above(v, d, k) ? v[k + 1] : v[k - 1] + 1, y = x - k;

			while (x < s->n && y >= 0 && y < s->m && s->a[x] == s->b[y]) {
				x++;
				y++;
			}
			v[k] = x;
			if (x >= s->n && y >= s->m)
				return d;
		}
	}
	return -1;
}

/* Puts one edit before the hunks found so far (they are collected from the end); touching ones grow together. */
static void add_edit(struct diff *d, size_t a_at, size_t a_n, size_t b_at, size_t b_n)
{
	if (d->n > 0) {
		struct diff_hunk *h = &d->at[d->n - 1];

		if (a_at + a_n == h->a_at && b_at + b_n == h->b_at) {
			*h = (struct diff_hunk){a_at, h->a_n + a_n, b_at, h->b_n + b_n};
			return;
		}
	}
	vec_push(d, (struct diff_hunk){a_at, a_n, b_at, b_n});
}

static void walk_back(struct diff *out, const struct search *s, long d)
{
	long x = s->n, y = s->m;

	for (; d > 0; d--) {
		const long *v = round_of(s, d - 1);
		long k = x - y;
		bool insertion = from_above(v, d, k);
		long px = v[insertion ? k + 1 : k - 1], py = px - (insertion ? k + 1 : k - 1);

		add_edit(out, (size_t)px, insertion ? 0 : 1, (size_t)py, insertion ? 1 : 0);
		x = px;
		y = py;
	}
	for (size_t i = 0, j = out->n; i + 1 < j; i++) {
		struct diff_hunk h = out->at[i];

		out->at[i] = out->at[--j];
		out->at[j] = h;
	}
}

int diff_init(struct diff *d, const uint32_t *a, size_t n, const uint32_t *b, size_t m, size_t most, struct err *err)
{
	struct search s = {.a = a, .b = b, .n = (long)n, .m = (long)m};
	long edits;

	memset(d, 0, sizeof(*d));
	if (most > n + m)
		most = n + m;
	s.most = (long)most;
	s.width = 2 * s.most + 3;
	s.rounds = xcalloc((most + 1) * (size_t)s.width, sizeof(*s.rounds));
	edits = search(&s);
	if (edits >= 0)
		walk_back(d, &s, edits);
	free(s.rounds);
	return edits >= 0 ? 0 : err_set(err, ERR_VALUE, "more than %zu places differ", most);
}

void diff_release(struct diff *d)
{
	vec_release(d);
}
