#include "base/base64.h"

#include <stdint.h>

void base64_encode(struct buf *out, const void *bytes, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *s = bytes;

	for (size_t i = 0; i < len; i += 3) {
		uint32_t v = (uint32_t)s[i] << 16;

		v |= i + 1 < len ? (uint32_t)s[i + 1] << 8 : 0;
		v |= i + 2 < len ? s[i + 2] : 0;
		buf_addch(out, digits[v >> 18]);
		buf_addch(out, digits[v >> 12 & 63]);
		buf_addch(out, i + 1 < len ? digits[v >> 6 & 63] : '=');
		buf_addch(out, i + 2 < len ? digits[v & 63] : '=');
	}
}

static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* A group of four digits, the last `padding` of which are "=". */
static bool decode_group(struct buf *out, const char *text, size_t padding)
{
	uint32_t v = 0;

	for (size_t i = 0; i < 4; i++) {
		int d = i < 4 - padding ? digit(text[i]) : 0;

		if (d < 0)
			return false;
		v = v << 6 | (uint32_t)d;
	}
	if (v & ((1u << 8 * padding) - 1))
		return false; /* there would be several texts for the same bytes */
	for (size_t i = 0; i < 3 - padding; i++)
		buf_addch(out, (char)(v >> (16 - 8 * i)));
	return true;
}

bool base64_decode(struct buf *out, const char *text, size_t len)
{
	size_t old = out->len, padding = 0;
	bool good = len % 4 == 0;

	while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
		padding++;
	for (size_t i = 0; good && i < len; i += 4)
		good = decode_group(out, text + i, i + 4 == len ? padding : 0);
	if (!good)
		out->len = old;
	return good;
}
