#include "text/unigram_load.h"

#include <float.h>

#include "text/steps_load.h"

/* ["piece", score]. */
static int read_piece(
	struct unigram *u, struct vocab *vocab, const struct json_node *entry, uint32_t id, struct err *err)
{
	struct json_node node;
	const char *piece;
	size_t n;
	double score;

	if (json_as_array(entry, &n, err) < 0)
		return -1;
	if (n != 2)
		return json_refuse(entry, err, "must be a piece and its score");
	node = json_element(entry, 0);
	if (json_as_str(&node, &piece, &n, err) < 0)
		return -1;
	if (vocab_add(vocab, piece, n, id, true, err) < 0)
		return load_blame(entry, err);
	node = json_element(entry, 1);
	if (json_as_double(&node, -FLT_MAX, FLT_MAX, &score, err) < 0)
		return -1;
	vec_push(&u->scores, score);
	return 0;
}

static int read_options(struct unigram *u, const struct json_node *model, size_t n, struct err *err)
{
	size_t unk = TOKEN_NONE;

	if (json_opt_size(model, "unk_id", 0, n - 1, &unk, err) < 0)
		return -1;
	u->unk = (uint32_t)unk;
	return json_opt_bool(model, "byte_fallback", &u->byte_fallback, err);
}

int unigram_load(struct unigram *u, struct vocab *vocab, const struct json_node *model, struct err *err)
{
	struct json_node list;
	size_t n;

	if (json_get_array(model, "vocab", &list, &n, err) < 0)
		return -1;
	if (n == 0)
		return json_refuse(&list, err, "is empty");
	if (n > VOCAB_MAX_ID)
		return json_refuse(&list, err, "holds %zu pieces, more than the %u that are allowed", n, VOCAB_MAX_ID);
	vocab_init(vocab, n);
	unigram_init(u, vocab);
	for (size_t i = 0; i < n; i++) {
		struct json_node entry = json_element(&list, i);

		if (read_piece(u, vocab, &entry, (uint32_t)i, err) < 0)
			return -1;
	}
	if (read_options(u, model, n, err) < 0)
		return -1;
	return unigram_finish(u, err) < 0 ? load_blame(&list, err) : 0;
}
