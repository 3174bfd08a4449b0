#include "text/added.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "text/chars.h"
#include "text/tokenizer.h"
#include "text/unicode.h"

void added_put(struct added_set *a, const char *text, size_t len, const struct added_token *like)
{
	struct added_token token = *like;

	token.text = xmalloc(len);
	memcpy(token.text, text, len);
	token.len = len;
	token.order = a->tokens.n;
	vec_push(&a->tokens, token);
}

static int by_bytes(const void *va, const void *vb)
{
	const struct added_token *a = va, *b = vb;
	int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);

	return order ? order : (a->len > b->len) - (a->len < b->len);
}

static int by_bytes_and_order(const void *va, const void *vb)
{
	const struct added_token *a = va, *b = vb;
	int order = by_bytes(va, vb);

	return order ? order : (a->order > b->order) - (a->order < b->order);
}

void added_finish(struct added_set *a)
{
	size_t kept = 0;

	if (a->tokens.n > 0)
		qsort(a->tokens.at, a->tokens.n, sizeof(*a->tokens.at), by_bytes_and_order);
	for (size_t i = 0; i < a->tokens.n; i++) {
		struct added_token *token = &a->tokens.at[i];

		if (kept > 0 && by_bytes(&a->tokens.at[kept - 1], token) == 0) {
			free(token->text);
			continue;
		}
		a->starts[(unsigned char)token->text[0]] = true;
		a->tokens.at[kept++] = *token;
	}
	a->tokens.n = kept;
}

void added_release(struct added_set *a)
{
	for (size_t i = 0; i < a->tokens.n; i++)
		free(a->tokens.at[i].text);
	vec_release(&a->tokens);
}

/* In tokens lo … hi-1, which share their first `depth` bytes and are longer than that: the first one whose next byte is
 * at least c. */
static size_t first_from(const struct added_set *a, size_t lo, size_t hi, size_t depth, unsigned c)
{
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if ((unsigned char)a->tokens.at[mid].text[depth] < c)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The longest token that text begins with, or NULL. */
static const struct added_token *longest(const struct added_set *a, const char *text, size_t len)
{
	const struct added_token *best = NULL;
	size_t lo = 0, hi = a->tokens.n;

	for (size_t depth = 0; lo < hi; depth++) {
		unsigned c;

		if (a->tokens.at[lo].len == depth)
			best = &a->tokens.at[lo++];
		if (depth == len)
			break;
		c = (unsigned char)text[depth];
		lo = first_from(a, lo, hi, depth, c);
		hi = first_from(a, lo, hi, depth, c + 1);
	}
	return best;
}

static bool stands_alone(const char *text, size_t len, size_t start, size_t end)
{
	uint32_t c;

	if (start > 0) {
		chars_before(text, start, &c);
		if (unicode_is_word(c))
			return false;
	}
	return end == len || utf8_decode(text + end, len - end, &c) == 0 || !unicode_is_word(c);
}

void added_split(const struct added_set *a, const char *text, size_t len, struct segments *out)
{
	size_t done = 0; /* where the last segment ends */

	vec_clear(&out->list);
	for (size_t at = 0, start, end; at < len;) {
		const struct added_token *hit = NULL;

		if (a->starts[(unsigned char)text[at]])
			hit = longest(a, text + at, len - at);
		if (!hit) {
			at++;
			continue;
		}
		start = at;
		end = at += hit->len;
		if (hit->single_word && !stands_alone(text, len, start, end))
			continue;
		if (hit->lstrip) {
			start = chars_spaces_start(text, start);
			start = start < done ? done : start;
		}
		if (hit->rstrip)
			end = chars_spaces_end(text, len, end);
		if (done < start)
			vec_push(&out->list, (struct segment){done, start, TOKEN_NONE});
		if (start < end) /* else an rstrip before it has taken all of it */
			vec_push(&out->list, (struct segment){start, end, hit->id});
		done = end;
	}
	if (done < len)
		vec_push(&out->list, (struct segment){done, len, TOKEN_NONE});
}
