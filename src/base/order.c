#include "base/order.h"

#include <math.h>
#include <string.h>

#define BYTES sizeof(uint64_t)
#define VALUES 256

static size_t byte_of(const struct order_entry *e, size_t b)
{
	return e->key >> (8 * b) & (VALUES - 1);
}

/* Where the entries with each value of this byte begin, from how many there are. */
static void counts_to_places(size_t counts[VALUES])
{
	size_t place = 0;

	for (size_t v = 0; v < VALUES; v++) {
		size_t n = counts[v];

		counts[v] = place;
		place += n;
	}
}

/* By each byte in turn, the least significant first. A byte that all have in common moves nothing. */
void order_sort(struct order_entry *e, size_t n, struct order_entry *scratch)
{
	size_t counts[BYTES][VALUES] = {{0}};
	struct order_entry *from = e, *to = scratch;

	for (size_t i = 0; i < n; i++)
		for (size_t b = 0; b < BYTES; b++)
			counts[b][byte_of(&e[i], b)]++;
	for (size_t b = 0; n > 0 && b < BYTES; b++) {
		struct order_entry *moved = from;

		if (counts[b][byte_of(from, b)] == n)
			continue;
		counts_to_places(counts[b]);
		for (size_t i = 0; i < n; i++)
			to[counts[b][byte_of(&from[i], b)]++] = from[i];
		from = to;
		to = moved;
	}
	if (n > 0 && from != e)
		memcpy(e, from, n * sizeof(*e));
}

/* The bits of numbers above zero rise with them; those of numbers below fall, and begin with a 1. */
uint64_t order_of_number(double x)
{
	const uint64_t sign = (uint64_t)1 << 63;
	uint64_t bits;

	if (isnan(x))
		return ORDER_NAN;
	x += 0.0; /* makes -0 the other zero */
	memcpy(&bits, &x, sizeof(bits));
	return bits & sign ? ~bits : bits | sign;
}

uint64_t order_of_text(const char *text)
{
	uint64_t begins = 0;

	for (size_t i = 0; i < BYTES; i++) {
		begins = begins << 8 | (unsigned char)*text;
		text += *text != '\0';
	}
	return begins;
}
