#include "base/nearest.h"

#include <string.h>

#include "base/compiler.h"

#define LONGEST 32 /* names and words longer than this are nobody's typing error */
#define MOST_NAMES 3

/* Letters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][LONGEST + 1], n = strlen(a), m = strlen(b);
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	if (n > LONGEST || m > LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= m; j++)
		above[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *spare;

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);

			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
		}
		spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[m];
}

void nearest_names(struct buf *out, const char *word, const char *const *names, size_t n)
{
	size_t best = LONGEST, n_best = 0, shown = 0;

	for (size_t i = 0; i < n; i++) {
		size_t d = distance(word, names[i]);

		if (d > best)
			continue;
		n_best = d < best ? 1 : n_best + 1;
		best = d;
	}
	/* Of three letters one may be wrong: with two of them any word is near. */
	if (best >= LONGEST || best > (strlen(word) > 3 ? 1 + strlen(word) / 3 : 1) || best >= strlen(word))
		return;
	if (n_best > MOST_NAMES)
		n_best = MOST_NAMES;
	for (size_t i = 0; i < n && shown < n_best; i++) {
		if (distance(word, names[i]) != best)
			continue;
		buf_addf(out, "%s'%s'", shown == 0 ? "; did you mean " : shown + 1 == n_best ? " or " : ", ", names[i]);
		shown++;
	}
	buf_addch(out, '?');
}
