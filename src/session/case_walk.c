#include "session/case_walk.h"

#include <math.h>

#include "base/clock.h"
#include "diagnose/where.h"
#include "session/record.h"

#define NEWS_SECONDS 0.1 /* between two that a front-end is woken for */

static int check_known(const struct where *w, struct err *err)
{
	const struct column *searched = where_searched(w);

	return searched ? err_set(err, ERR_USAGE,
				  "where: column '%s' is known only after a search: diagnose all of them, then look "
				  "with 'cases --where' or 'merge --where'",
				  searched->name)
			: 0;
}

static void choose(struct vec_u32 *places, const struct session *s, const struct where *w)
{
	const struct dataset *d = s->loaded.data->dataset;
	const struct split *split = &d->splits[s->now.split];
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < split->n; i++) {
		struct finding f;

		finding_describe(&f, d, &split->cases[i], i + 1, &s->loaded.search->trie, &arena);
		f.first_text = record_token_text(s, f.first_token, &arena);
		if (where_holds(w, &f))
			vec_push(places, (uint32_t)i);
		arena_clear(&arena);
	}
	arena_release(&arena);
}

int case_walk_choose(struct vec_u32 *places, const struct session *s, const char *where, struct err *err)
{
	size_t before = places->n;
	struct where *w = NULL;
	int failed;

	if (where_new(&w, where, err))
		return -1;
	failed = check_known(w, err);
	if (!failed)
		choose(places, s, w);
	where_free(w);
	if (!failed && places->n == before)
		failed = err_set(err, ERR_VALUE, "where: '%s' holds for no case of the %s split", where,
			split_name((enum split_kind)s->now.split));
	return failed;
}

bool case_walk_left_out(const struct err *err)
{
	return err->code == ERR_VALUE || err->code == ERR_FORMAT || err->code == ERR_UNSUPPORTED;
}

void case_walk_begin(struct case_walk *w, struct session *s, const char *what, size_t total)
{
	*w = (struct case_walk){.s = s, .what = what, .total = total, .began = clock_now()};
	case_walk_tell(w, 0, "");
}

void case_walk_tell(struct case_walk *w, size_t done, const char *figures_shown)
{
	double now = clock_now(), spent = now - w->began;
	const struct case_news news = {
		.what_shown = w->what,
		.done = done,
		.total = w->total,
		.left = done > 0 ? spent / (double)done * (double)(w->total - done) : (double)NAN,
		.figures_shown = figures_shown,
	};

	session_tell_cases(w->s, &news);
	if (now - w->woke >= NEWS_SECONDS) {
		chan_wake(&w->s->worker.chan);
		w->woke = now;
	}
}

void case_walk_end(struct case_walk *w)
{
	session_tell_cases(w->s, NULL);
}
