#include "data/pylist.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

void pylist_release(struct pylist *l)
{
	buf_release(&l->element);
	*l = (struct pylist){0};
}

static void skip_blanks(struct pylist *l)
{
	l->at += strspn(l->at, " \t\r\n");
}

void pylist_begin(struct pylist *l, const char *text)
{
	l->text = l->at = text;
	l->n = 0;
}

size_t pylist_wrong(const struct pylist *l)
{
	size_t n = 1;

	for (const char *s = l->text; s < l->at; s++)
		n += ((unsigned char)*s & 0xC0) != 0x80;
	return n;
}

/* At most `most` digits of a base up to 16 into *value; how many there were. */
static size_t read_digits(const char *s, unsigned base, size_t most, uint32_t *value)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	*value = 0;
	for (; n < most && s[n]; n++) {
		const char *digit = strchr(digits, s[n] >= 'A' && s[n] <= 'F' ? s[n] + ('a' - 'A') : s[n]);

		if (!digit || (unsigned)(digit - digits) >= base)
			break;
		*value = *value * base + (uint32_t)(digit - digits);
	}
	return n;
}

/* A character by its number, n digits of which stand at s; false where it cannot be part of a text. */
static bool add_numbered(struct pylist *l, const char *s, unsigned base, size_t least, size_t most, size_t *n)
{
	uint32_t cp;
	char utf8[4];

	*n = read_digits(s, base, most, &cp);
	if (*n < least || cp == 0 || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		return false;
	buf_add(&l->element, utf8, utf8_encode(cp, utf8));
	return true;
}

/* What a backslash at l->at begins. */
static bool read_escape(struct pylist *l)
{
	static const char letters[] = "\\'\"abfnrtv", meant[] = "\\'\"\a\b\f\n\r\t\v";
	const char *s = l->at + 1, *letter = *s ? strchr(letters, *s) : NULL;
	size_t n = 0;

	if (letter) {
		buf_addch(&l->element, meant[letter - letters]);
		n = 1;
	} else if (*s == 'x' || *s == 'u' || *s == 'U') {
		size_t digits = *s == 'x' ? 2 : *s == 'u' ? 4 : 8;

		if (!add_numbered(l, s + 1, 16, digits, digits, &n))
			return false;
		n++;
	} else if (*s == '\n') {
		n = 1;
	} else if (*s >= '0' && *s <= '7') {
		if (!add_numbered(l, s, 8, 1, 3, &n))
			return false;
	} else {
		buf_addch(&l->element, '\\'); /* before any other character, it stands for itself */
	}
	l->at = s + n;
	return true;
}

static bool read_string(struct pylist *l)
{
	char quote = *l->at++;

	while (*l->at != quote) {
		size_t plain = *l->at == '\\' ? 0 : strcspn(l->at, quote == '"' ? "\"\\\n" : "'\\\n");

		buf_add(&l->element, l->at, plain);
		l->at += plain;
		if (!*l->at || *l->at == '\n' || (*l->at == '\\' && !read_escape(l)))
			return false;
	}
	l->at++;
	return true;
}

static bool read_integer(struct pylist *l)
{
	size_t sign = *l->at == '-', digits = strspn(l->at + sign, "0123456789");

	if (digits == 0 || (l->at[sign] == '0' && sign + digits > 1))
		return false;
	buf_add(&l->element, l->at, sign + digits);
	l->at += sign + digits;
	return true;
}

/* Does the list end here? A comma before the end is none that Python prints. */
static bool read_end(struct pylist *l)
{
	if (*l->at != ']')
		return false;
	l->at++;
	skip_blanks(l);
	return true;
}

int pylist_next(struct pylist *l, const char **element, size_t *len)
{
	bool first = l->n == 0;

	skip_blanks(l);
	if (!first && read_end(l))
		return *l->at ? -1 : 0;
	if (*l->at != (first ? '[' : ','))
		return -1;
	l->at++;
	skip_blanks(l);
	if (first && read_end(l))
		return *l->at ? -1 : 0;
	buf_clear(&l->element);
	if (*l->at == '\'' || *l->at == '"' ? !read_string(l) : !read_integer(l))
		return -1;
	l->n++;
	*element = buf_str(&l->element);
	*len = l->element.len;
	return 1;
}
