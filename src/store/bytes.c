#include "store/bytes.h"

#include "base/err.h"

bool bytes_uint(struct bytes *b, size_t width, uint64_t *out)
{
	const unsigned char *p;
	uint64_t value = 0;

	if (width < 1 || width > 8)
		BUG("a number of %zu bytes", width);
	if (!bytes_take(b, width, &p))
		return false;
	for (size_t i = width; i > 0; i--)
		value = value << 8 | p[i - 1];
	*out = value;
	return true;
}

bool bytes_take(struct bytes *b, uint64_t n, const unsigned char **out)
{
	if (n > b->len - b->pos)
		return false;
	*out = b->at + b->pos;
	b->pos += (size_t)n;
	return true;
}
