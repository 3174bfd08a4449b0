#include "data/interactions.h"

#include <stdlib.h>
#include <string.h>

#include "data/reader.h"

#define BLOCK ((size_t)1 << 16) /* interactions */

void interactions_init(struct interactions *t, struct dataset *d)
{
	*t = (struct interactions){.d = d};
	map_init(&t->by_user, 0);
	map_init(&t->by_stranger, 0);
}

void interactions_release(struct interactions *t)
{
	for (size_t i = 0; i < t->blocks.n; i++)
		free(t->blocks.at[i]);
	vec_release(&t->blocks);
	map_release(&t->by_user);
	map_release(&t->by_stranger);
	vec_release(&t->users);
	vec_release(&t->strangers);
}

static struct interaction *interaction_at(const struct interactions *t, size_t i)
{
	return &t->blocks.at[i / BLOCK][i % BLOCK];
}

/* Rows of one user mostly follow each other. */
static bool is_last_user(const struct interactions *t, const char *user, size_t len, uint32_t *number)
{
	if (t->n == 0)
		return false;
	*number = interaction_at(t, t->n - 1)->user;
	return strlen(t->users.at[*number]) == len && !memcmp(t->users.at[*number], user, len);
}

static uint32_t number_user(struct interactions *t, const char *user, size_t len)
{
	uint32_t number;
	bool added;

	if (is_last_user(t, user, len, &number) || map_get(&t->by_user, user, len, &number))
		return number;
	vec_push(&t->users, arena_strndup(&t->d->arena, user, len));
	return *map_put(&t->by_user, t->users.at[t->users.n - 1], len, (uint32_t)t->users.n - 1, &added);
}

static uint32_t number_item(struct interactions *t, const char *item, size_t len)
{
	uint32_t number;
	bool added;

	if (map_get(&t->d->catalogue.by_id, item, len, &number))
		return number;
	if (!map_get(&t->by_stranger, item, len, &number)) {
		number = (uint32_t)t->strangers.n;
		vec_push(&t->strangers, arena_strndup(&t->d->arena, item, len));
		map_put(&t->by_stranger, t->strangers.at[number], len, number, &added);
	}
	return (uint32_t)t->d->catalogue.n + number;
}

int interactions_add(struct interactions *t, const char *user, size_t user_len, const char *item, size_t item_len,
	int64_t time, struct err *err)
{
	if (t->d->catalogue.n + t->n >= UINT32_MAX) /* then no number of a user or an item passes 32 bits either */
		return err_set(err, ERR_UNSUPPORTED, "a dataset holds at most %u interactions and items", UINT32_MAX);
	if (t->n == t->blocks.n * BLOCK) {
		struct interaction *block =
			mem_try_alloc(BLOCK, sizeof(*block), false, "the interactions of a dataset", err);

		if (!block)
			return -1;
		vec_push(&t->blocks, block);
	}
	*interaction_at(t, t->n) = (struct interaction){
		.time = time,
		.user = number_user(t, user, user_len),
		.item = number_item(t, item, item_len),
	};
	t->n++;
	return 0;
}

/* Interactions in the order of their users: those of user u are at[first[u]] … at[first[u + 1] - 1]. */
struct by_user {
	uint32_t *at;  /* owned, [t->n] */
	size_t *first; /* owned, [users + 2] */
};

/* A counting sort: first[u + 2] counts user u's interactions, then first[u + 1] is where its next one goes. */
static int by_user_init(struct by_user *b, const struct interactions *t, struct err *err)
{
	const char *what = "the interactions of a dataset";

	b->at = mem_try_alloc(t->n, sizeof(*b->at), false, what, err);
	b->first = b->at ? mem_try_alloc(t->users.n + 2, sizeof(*b->first), true, what, err) : NULL;
	if (!b->first)
		return -1;
	for (size_t i = 0; i < t->n; i++)
		b->first[interaction_at(t, i)->user + 2]++;
	for (size_t u = 2; u < t->users.n + 2; u++)
		b->first[u] += b->first[u - 1];
	for (size_t i = 0; i < t->n; i++)
		b->at[b->first[interaction_at(t, i)->user + 1]++] = (uint32_t)i;
	return 0;
}

static void by_user_release(struct by_user *b)
{
	free(b->at);
	free(b->first);
}

struct dated {
	int64_t time;
	uint32_t at; /* its row */
};

static int compare_dated(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

struct scratch {
	VEC(struct dated) dated;
	VEC(struct visit) visits;
};

static int part_user(
	struct interactions *t, uint32_t user, const uint32_t *at, size_t n, struct scratch *s, struct err *err)
{
	const struct catalogue *c = &t->d->catalogue;
	bool ordered = true;

	vec_clear(&s->dated);
	vec_clear(&s->visits);
	for (size_t i = 0; i < n; i++) {
		vec_push(&s->dated, (struct dated){interaction_at(t, at[i])->time, at[i]});
		ordered &= i == 0 || s->dated.at[i - 1].time <= s->dated.at[i].time;
	}
	if (!ordered)
		qsort(s->dated.at, n, sizeof(*s->dated.at), compare_dated);
	for (size_t i = 0; i < n; i++) {
		const struct interaction *x = interaction_at(t, s->dated.at[i].at);
		bool known = x->item < c->n;

		vec_push(&s->visits, (struct visit){
					     .item = known ? x->item : ITEM_NONE,
					     .id = known ? c->items[x->item].id : t->strangers.at[x->item - c->n],
					     .time = x->time,
				     });
	}
	return reader_leave_last(t->d, t->users.at[user], s->visits.at, n, err);
}

int interactions_part(struct interactions *t, const char *file, struct err *err)
{
	struct scratch scratch = {0};
	struct by_user b = {0};
	int ret = by_user_init(&b, t, err);

	for (enum split_kind kind = 0; kind < SPLIT_COUNT; kind++)
		t->d->splits[kind].file = xstrdup(file);
	for (uint32_t u = 0; ret == 0 && u < t->users.n; u++)
		ret = part_user(t, u, b.at + b.first[u], b.first[u + 1] - b.first[u], &scratch, err);
	by_user_release(&b);
	vec_release(&scratch.dated);
	vec_release(&scratch.visits);
	return ret;
}
