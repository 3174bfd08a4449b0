#include "text/vocab.h"

#include <stdio.h>
#include <string.h>

#include "text/quote.h"

void vocab_init(struct vocab *v, size_t tokens)
{
	*v = (struct vocab){0};
	arena_init(&v->spellings);
	map_init(&v->ids, tokens);
	vec_reserve(&v->tokens, tokens);
}

void vocab_release(struct vocab *v)
{
	map_release(&v->ids);
	vec_release(&v->tokens);
	arena_release(&v->spellings);
}

/* Ids that are not consecutive leave holes in the table, which no token has. */
static struct token *token_at(struct vocab *v, uint32_t id)
{
	if (id >= v->tokens.n) {
		vec_reserve(&v->tokens, (size_t)id + 1);
		memset(&v->tokens.at[v->tokens.n], 0, (id + 1 - v->tokens.n) * sizeof(*v->tokens.at));
		v->tokens.n = (size_t)id + 1;
	}
	return &v->tokens.at[id];
}

int vocab_add(struct vocab *v, const char *text, size_t len, uint32_t id, bool in_model, struct err *err)
{
	struct token *token;
	uint32_t *known;
	bool added;
	char *spelling;

	if (id > VOCAB_MAX_ID)
		return err_set(err, ERR_FORMAT, "token \"%.*s\": id %u is above the limit of %u", QUOTE(len, text), id,
			VOCAB_MAX_ID);
	if (len > UINT32_MAX)
		return err_set(err, ERR_FORMAT, "token \"%.*s\": %zu bytes are too many", QUOTE(len, text), len);
	token = token_at(v, id);
	if (token->text && (token->len != len || memcmp(token->text, text, len)))
		return err_set(err, ERR_FORMAT, "tokens \"%.*s\" and \"%.*s\" have the same id %u",
			QUOTE(token->len, token->text), QUOTE(len, text), id);
	if (!token->text) {
		spelling = arena_strndup(&v->spellings, text, len);
		known = map_put(&v->ids, spelling, len, id, &added);
		if (!added)
			return err_set(
				err, ERR_FORMAT, "token \"%.*s\" has two ids, %u and %u", QUOTE(len, text), *known, id);
		*token = (struct token){.text = spelling, .len = (uint32_t)len};
	}
	token->in_model |= in_model;
	return 0;
}

uint32_t vocab_find(const struct vocab *v, const char *text, size_t len)
{
	uint32_t id;

	return map_get(&v->ids, text, len, &id) ? id : TOKEN_NONE;
}

uint32_t vocab_find_in_model(const struct vocab *v, const char *text, size_t len)
{
	uint32_t id = vocab_find(v, text, len);

	return id != TOKEN_NONE && v->tokens.at[id].in_model ? id : TOKEN_NONE;
}

bool vocab_has(const struct vocab *v, uint32_t id)
{
	return id < v->tokens.n && v->tokens.at[id].text;
}

void vocab_byte_ids(const struct vocab *v, uint32_t ids[256])
{
	char text[8];

	for (unsigned byte = 0; byte < 256; byte++) {
		int len = snprintf(text, sizeof(text), "<0x%02X>", byte);

		ids[byte] = vocab_find_in_model(v, text, (size_t)len);
	}
}
