#include "refsearch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/transformer.h"
#include "npy.h"

void refsearch_init(struct refsearch *r)
{
	char *dir = ref_path("A/model");
	struct err err;

	refdata_read(&r->data, "A");
	assert_int_equal(kern_new(&r->kern, 1, &err), 0);
	assert_int_equal(transformer_open(&r->lm, dir, r->kern, &err), 0);
	free(dir);
}

void refsearch_release(struct refsearch *r)
{
	lm_close(r->lm);
	kern_free(r->kern);
	refdata_release(&r->data);
}

const struct ref_lists *refsearch_catalogue(const struct refsearch *r, const char *name)
{
	if (strcmp(name, "main") == 0)
		return &r->data.main;
	return strcmp(name, "narrow") == 0 ? &r->data.narrow : &r->data.tiny;
}

void refsearch_open(struct refsearch *r, const char *catalogue, enum end_rule end, enum mask_rule mask, struct trie *t,
	struct scorer *s)
{
	const struct ref_lists *items = refsearch_catalogue(r, catalogue);
	size_t *first = xmalloc((items->n + 1) * sizeof(*first));
	struct vec_u32 tokens = {0};
	struct err err;

	for (size_t i = 0; i < items->n; i++) {
		first[i] = tokens.n;
		for (size_t k = 0; k < items->at[i].n; k++)
			vec_push(&tokens, items->at[i].at[k]);
	}
	first[items->n] = tokens.n;
	assert_int_equal(trie_init(t, tokens.at, first, items->n, r->data.eos, end, &err), 0);
	assert_int_equal(scorer_init(s, r->lm, t, mask, 1.0, &err), 0);
	vec_release(&tokens);
	free(first);
}

void refsearch_prompt(struct refsearch *r, struct scorer *s, size_t prompt)
{
	const struct vec_u32 *tokens = &r->data.prompts.at[prompt];
	struct err err;

	assert_int_equal(scorer_prompt(s, tokens->at, tokens->n, &err), 0);
}

json_t *refsearch_json(const char *name)
{
	char *path = ref_path(name);
	json_t *root = json_load_file(path, 0, NULL);

	assert_true(json_array_size(root) > 0);
	free(path);
	return root;
}

double refsearch_number(const json_t *value)
{
	return json_is_string(value) ? strtod(json_string_value(value), NULL) : json_number_value(value);
}

enum end_rule refsearch_rule(const json_t *run)
{
	return strcmp(json_string_value(json_object_get(run, "rule")), "official") == 0 ? END_LEAF : END_EOS;
}

enum mask_rule refsearch_mode(const json_t *run)
{
	return strcmp(json_string_value(json_object_get(run, "mode")), "CBS") == 0 ? MASK_AFTER : MASK_BEFORE;
}

bool refsearch_close(double a, double b)
{
	return a == b || fabs(a - b) <= 1e-4 * fmax(fmax(fabs(a), fabs(b)), 1);
}
