#include "text/charsmap.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "store/bytes.h"

#define CLUSTER_MAX 5 /* bytes of a cluster that is looked up as a whole */

int charsmap_init(struct charsmap *m, const void *bytes, size_t len, struct err *err)
{
	struct bytes file = {.at = bytes, .len = len};
	uint64_t trie = 0, unit = 0;

	*m = (struct charsmap){0};
	if (!bytes_uint(&file, 4, &trie) || trie == 0 || trie % 4 || trie > len - file.pos)
		return err_set(err, ERR_FORMAT, "a character map of %zu bytes whose trie would take %llu of them", len,
			(unsigned long long)trie);
	m->texts_len = len - file.pos - trie;
	if (!utf8_valid((const char *)bytes + len - m->texts_len, m->texts_len))
		return err_set(err, ERR_FORMAT, "the texts of a character map are not valid UTF-8");
	m->n_units = trie / 4;
	m->units = xreallocarray(NULL, m->n_units, sizeof(*m->units));
	for (size_t i = 0; i < m->n_units; i++) {
		if (!bytes_uint(&file, 4, &unit))
			BUG("a character map is shorter than was checked");
		m->units[i] = (uint32_t)unit;
	}
	m->texts = xmalloc(m->texts_len + 1);
	memcpy(m->texts, file.at + file.pos, m->texts_len);
	m->texts[m->texts_len] = '\0'; /* ends a last text that lacks it */
	return 0;
}

void charsmap_release(struct charsmap *m)
{
	free(m->units);
	free(m->texts);
	*m = (struct charsmap){0};
}

static void add_u32(struct buf *out, uint32_t x)
{
	for (int shift = 0; shift < 32; shift += 8)
		buf_addch(out, (char)(x >> shift));
}

void charsmap_bytes(const struct charsmap *m, struct buf *out)
{
	add_u32(out, (uint32_t)(4 * m->n_units));
	for (size_t i = 0; i < m->n_units; i++)
		add_u32(out, m->units[i]);
	buf_add(out, m->texts, m->texts_len);
}

/* How a unit's place differs from where its children are counted from. */
static size_t unit_offset(uint32_t unit)
{
	return (size_t)(unit >> 10) << (unit & 1u << 9 ? 8 : 0);
}

static bool unit_is(uint32_t unit, unsigned char label)
{
	return (unit & (1u << 31 | 0xFF)) == label;
}

/* What stands at a place that the trie gives; NULL where no text can begin. */
static const char *text_at(const struct charsmap *m, size_t at)
{
	return at <= m->texts_len && ((unsigned char)m->texts[at] & 0xC0) != 0x80 ? m->texts + at : NULL;
}

/* What the shortest key that key[0 .. len) begins with stands for; NULL if it begins with none. */
static const char *find(const struct charsmap *m, const char *key, size_t len)
{
	size_t at = unit_offset(m->units[0]);

	for (size_t i = 0; i < len && key[i]; i++) {
		unsigned char byte = (unsigned char)key[i];
		uint32_t unit;

		at ^= byte;
		if (at >= m->n_units || !unit_is(m->units[at], byte))
			break;
		unit = m->units[at];
		at ^= unit_offset(unit);
		if (unit & 1u << 8)
			return at < m->n_units ? text_at(m, m->units[at] & ~(1u << 31)) : NULL;
	}
	return NULL;
}

static bool add_found(const struct charsmap *m, const char *key, size_t len, struct buf *out)
{
	const char *text = find(m, key, len);

	if (text)
		buf_addstr(out, text);
	return text;
}

static size_t cluster_at(const char *text, size_t len)
{
	unsigned cells;

	if (len == 1 || (text[0] != '\r' && (signed char)text[0] >= 0 && (signed char)text[1] >= 0))
		return 1;
	return utf8_cluster(text, len, &cells);
}

void charsmap_apply(const struct charsmap *m, const char *text, size_t len, struct buf *out, size_t max)
{
	for (size_t at = 0, n; at < len && out->len <= max; at += n) {
		n = cluster_at(text + at, len - at);
		if (n <= CLUSTER_MAX && add_found(m, text + at, n, out))
			continue;
		for (size_t i = at, end = at + n, k; i < end; i += k) {
			uint32_t c;

			k = utf8_decode(text + i, end - i, &c);
			if (k == 0)
				BUG("a text to be normalised is not valid UTF-8");
			if (!add_found(m, text + i, k, out))
				buf_add(out, text + i, k);
		}
	}
}
