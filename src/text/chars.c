#include "text/chars.h"

#include "base/err.h"
#include "base/utf8.h"
#include "text/unicode.h"

size_t chars_nmt(uint32_t c, uint32_t out[CHARS_MAX])
{
	bool space = c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == 0x1680 || (c >= 0x200B && c <= 0x200F) ||
		     c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
	bool control = (c >= 0x01 && c < 0x20) || c == 0x7F || c == 0x8F || c == 0x9F;

	out[0] = space ? ' ' : c;
	return space || !control;
}

/* The one character whose lower case is two is the capital I with a dot. */
size_t chars_lower(uint32_t c, uint32_t out[CHARS_MAX])
{
	if (c == 0x130) {
		out[0] = 'i';
		out[1] = 0x307;
		return 2;
	}
	out[0] = unicode_lower(c);
	return 1;
}

size_t chars_without_marks(uint32_t c, uint32_t out[CHARS_MAX])
{
	out[0] = c;
	return !unicode_is_mark(c);
}

bool chars_is_space(uint32_t c)
{
	return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

size_t chars_before(const char *text, size_t at, uint32_t *c)
{
	size_t start = at - 1;

	while (start > 0 && ((unsigned char)text[start] & 0xC0) == 0x80)
		start--;
	if (utf8_decode(text + start, at - start, c) == 0)
		BUG("text is not valid UTF-8");
	return start;
}

size_t chars_spaces_start(const char *text, size_t at)
{
	uint32_t c;

	while (at > 0) {
		size_t start = chars_before(text, at, &c);

		if (!chars_is_space(c))
			break;
		at = start;
	}
	return at;
}

size_t chars_spaces_end(const char *text, size_t len, size_t at)
{
	uint32_t c;

	for (size_t n; at < len; at += n) {
		n = utf8_decode(text + at, len - at, &c);
		if (n == 0 || !chars_is_space(c))
			break;
	}
	return at;
}
