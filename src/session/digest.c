#include "session/digest.h"

#include <stdio.h>
#include <string.h>

#include "model/transformer.h"
#include "store/file.h"

#define BLOCKS 4
#define BLOCK ((size_t)4096)
#define PROMPTS 8

static uint64_t add(uint64_t h, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3;
	return h;
}

static const uint64_t nothing = 0xcbf29ce484222325;

/* With its NUL, so that two texts are not their concatenation. */
static uint64_t add_text(uint64_t h, const char *s)
{
	return add(h, s, strlen(s) + 1);
}

static uint64_t add_number(uint64_t h, uint64_t n)
{
	unsigned char bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(n >> 8 * i);
	return add(h, bytes, sizeof(bytes));
}

static uint64_t add_real(uint64_t h, double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return add_number(h, bits);
}

static uint64_t add_tokens(uint64_t h, const uint32_t *ids, size_t n)
{
	h = add_number(h, n);
	for (size_t i = 0; i < n; i++)
		h = add_number(h, ids[i]);
	return h;
}

static uint64_t add_tensor(uint64_t h, const struct tensor *t)
{
	size_t size = tensor_bytes(t);
	const unsigned char *at = t->data;

	h = add_number(h, t->dtype);
	for (unsigned i = 0; i < t->dims; i++)
		h = add_number(h, t->shape[i]);
	if (size <= BLOCKS * BLOCK)
		return add(h, at, size);
	for (size_t i = 0; i < BLOCKS; i++)
		h = add(h, at + (size - BLOCK) / (BLOCKS - 1) * i, BLOCK);
	return h;
}

static uint64_t add_config(uint64_t h, const struct model_config *c)
{
	const size_t sizes[] = {c->vocab, c->hidden, c->layers, c->heads, c->kv_heads, c->head_dim, c->intermediate,
		c->window, c->rope.kind, c->tied};
	const double reals[] = {c->norm_eps, c->rope.theta, c->rope.factor, c->rope.low_freq_factor,
		c->rope.high_freq_factor, c->rope.original_positions};
	const double yarn[] = {c->rope.attention_factor, c->rope.beta_fast, c->rope.beta_slow, c->rope.truncate};

	h = add_text(h, c->arch->type);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		h = add_number(h, sizes[i]);
	for (size_t i = 0; i < ARRAY_LEN(reals); i++)
		h = add_real(h, reals[i]);
	for (size_t i = 0; c->rope.kind == ROPE_YARN && i < ARRAY_LEN(yarn); i++)
		h = add_real(h, yarn[i]);
	for (size_t i = 0; c->rope.kind == ROPE_FACTORS && i < c->head_dim / 2; i++)
		h = add_real(h, (double)c->rope.factors[i]);
	return h;
}

static uint64_t add_transformer(uint64_t h, const struct lm *lm)
{
	const struct params *p = transformer_params(lm);
	const struct adapter *a = transformer_adapter(lm);

	h = add_config(h, transformer_config(lm));
	for (size_t i = 0; i < p->n; i++) {
		if (p->at[i].tensor.dims == 0)
			continue;
		h = add_text(h, p->at[i].name);
		h = add_tensor(h, &p->at[i].tensor);
	}
	for (size_t i = 0; a && i < a->n; i++) {
		h = add_text(h, a->at[i].param->name);
		h = add_real(h, (double)a->at[i].scale);
		h = add_tensor(h, &a->at[i].a);
		h = add_tensor(h, &a->at[i].b);
	}
	return h;
}

static void write_text(char text[DIGEST_TEXT], uint64_t h)
{
	snprintf(text, DIGEST_TEXT, "%016llx", (unsigned long long)h);
}

int digest_file(char text[DIGEST_TEXT], const char *path, struct err *err)
{
	struct file_map map;

	if (file_map_init(&map, path, err) < 0)
		return -1;
	write_text(text, add(nothing, map.at, map.len));
	file_map_release(&map);
	return 0;
}

const char *digest_model(struct model_stage *m)
{
	if (!*m->digest)
		write_text(m->digest, add_transformer(nothing, m->lm));
	return m->digest;
}

static uint64_t add_catalogue(uint64_t h, const struct catalogue *c)
{
	h = add_number(h, c->n);
	h = add_number(h, c->eos);
	for (size_t i = 0; i < c->n; i++) {
		const struct item *item = &c->items[i];

		h = add_text(h, item->id);
		h = add_text(h, item->title);
		h = add_text(h, item->text);
		h = add_number(h, item->popularity);
		h = add_tokens(h, c->tokens + c->first[i], c->first[i + 1] - c->first[i]);
	}
	return h;
}

static uint64_t add_cases(uint64_t h, const struct split *s)
{
	h = add_number(h, s->n);
	for (size_t i = 0; i < s->n; i++) {
		const struct rec_case *c = &s->cases[i];

		h = add_text(h, c->id);
		h = add_text(h, c->user);
		h = add_text(h, c->positive_id);
		h = add_number(h, c->positive);
		h = add_tokens(h, c->history, c->n_history);
		h = add_tokens(h, c->prompt, c->n_prompt);
	}
	return h;
}

void digest_cases(char text[DIGEST_TEXT], const struct dataset *d, enum split_kind split)
{
	const struct catalogue *c = &d->catalogue;
	uint64_t h = add_number(nothing, c->n);

	for (size_t i = 0; i < c->n; i++) {
		h = add_text(h, c->items[i].id);
		h = add_text(h, c->items[i].title);
	}
	write_text(text, add_cases(h, &d->splits[split]));
}

/* What template and tokenizer make of a few cases. */
static uint64_t add_prompts(
	uint64_t h, const struct data_stage *d, const struct model_stage *m, const struct split *split)
{
	size_t n = split->n < PROMPTS ? split->n : PROMPTS;
	struct vec_u32 ids = {0};
	struct err ignored;

	for (size_t i = 0; i < n; i++) {
		vec_clear(&ids);
		if (dataset_prompt(d->dataset, &split->cases[split->n / n * i], m->tokenizer, d->template, 0, &ids,
			    &ignored) == 0)
			h = add_tokens(h, ids.at, ids.n);
	}
	vec_release(&ids);
	return h;
}

const char *digest_data(struct data_stage *d, const struct model_stage *m, enum split_kind split)
{
	const struct split *s = &d->dataset->splits[split];
	uint64_t h;

	if (!*d->digest[split]) {
		h = add_cases(add_catalogue(nothing, &d->dataset->catalogue), s);
		if (!d->dataset->tokens_only)
			h = add_prompts(h, d, m, s);
		write_text(d->digest[split], h);
	}
	return d->digest[split];
}
