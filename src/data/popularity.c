#include "data/popularity.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"

/* Cases in the order of their users; those without a user are left out. */
struct by_user {
	uint32_t *user;  /* owned, [cases] number of the user; NO_USER */
	size_t *first;   /* owned, [users + 2] user u's cases are cases[first[u]] … cases[first[u + 1] - 1] */
	uint32_t *cases; /* owned, [cases] */
	size_t n_users;
};

#define NO_USER UINT32_MAX

static void number_users(struct by_user *b, const struct split *train)
{
	struct map numbers;

	map_init(&numbers, train->n);
	for (size_t i = 0; i < train->n; i++) {
		const char *name = train->cases[i].user;
		bool added;

		b->user[i] = NO_USER;
		if (!*name)
			continue;
		b->user[i] = *map_put(&numbers, name, strlen(name), (uint32_t)b->n_users, &added);
		b->n_users += added;
	}
	map_release(&numbers);
}

static int by_user_init(struct by_user *b, const struct split *train, struct err *err)
{
	const char *what = "the cases of the training split";

	b->user = mem_try_alloc(train->n, sizeof(*b->user), false, what, err);
	b->cases = mem_try_alloc(train->n, sizeof(*b->cases), false, what, err);
	if (!b->user || !b->cases)
		return -1;
	number_users(b, train);
	b->first = mem_try_alloc(b->n_users + 2, sizeof(*b->first), true, what, err);
	if (!b->first)
		return -1;
	/* A counting sort: first[u + 2] counts user u's cases, then first[u + 1] is where its next one goes. */
	for (size_t i = 0; i < train->n; i++)
		if (b->user[i] != NO_USER)
			b->first[b->user[i] + 2]++;
	for (size_t u = 2; u < b->n_users + 2; u++)
		b->first[u] += b->first[u - 1];
	for (size_t i = 0; i < train->n; i++)
		if (b->user[i] != NO_USER)
			b->cases[b->first[b->user[i] + 1]++] = (uint32_t)i;
	return 0;
}

static void by_user_release(struct by_user *b)
{
	free(b->user);
	free(b->first);
	free(b->cases);
}

/* What one user's cases hold of each item; zeroes between users. */
struct holdings {
	uint32_t *here; /* owned, [items] in the case at hand */
	uint32_t *most; /* owned, [items] in the case that holds most */
};

static void meet(struct holdings *h, struct item *items, uint32_t item)
{
	if (item == ITEM_NONE || ++h->here[item] <= h->most[item])
		return;
	h->most[item]++;
	items[item].popularity++;
}

static void count_case(struct holdings *h, struct item *items, const struct rec_case *c)
{
	for (size_t i = 0; i < c->n_history; i++)
		meet(h, items, c->history[i]);
	meet(h, items, c->positive);
	for (size_t i = 0; i < c->n_history; i++)
		h->here[c->history[i]] = 0;
	if (c->positive != ITEM_NONE)
		h->here[c->positive] = 0;
}

static void forget_case(struct holdings *h, const struct rec_case *c)
{
	for (size_t i = 0; i < c->n_history; i++)
		h->most[c->history[i]] = 0;
	if (c->positive != ITEM_NONE)
		h->most[c->positive] = 0;
}

int popularity_count(struct dataset *d, struct err *err)
{
	const struct split *train = &d->splits[SPLIT_TRAIN];
	struct item *items = d->catalogue.items;
	struct by_user b = {0};
	struct holdings h;
	int ret = -1;

	h.here = mem_try_alloc(d->catalogue.n, sizeof(*h.here), true, "the popularity of items", err);
	h.most = mem_try_alloc(d->catalogue.n, sizeof(*h.most), true, "the popularity of items", err);
	if (!h.here || !h.most || by_user_init(&b, train, err))
		goto out;
	for (size_t u = 0; u < b.n_users; u++) {
		for (size_t i = b.first[u]; i < b.first[u + 1]; i++)
			count_case(&h, items, &train->cases[b.cases[i]]);
		for (size_t i = b.first[u]; i < b.first[u + 1]; i++)
			forget_case(&h, &train->cases[b.cases[i]]);
	}
	for (size_t i = 0; i < train->n; i++)
		if (b.user[i] == NO_USER && train->cases[i].positive != ITEM_NONE)
			items[train->cases[i].positive].popularity++;
	ret = 0;
out:
	by_user_release(&b);
	free(h.here);
	free(h.most);
	return ret;
}
