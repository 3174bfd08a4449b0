/* What is loaded, set, open and found, put aside for a lesson and taken back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/session_priv.h"
#include "store/folder.h"

#define SWAP(a, b) \
	do { \
		__typeof__(a) swap_ = (a); \
		(a) = (b); \
		(b) = swap_; \
	} while (0)

/* Serials tell apart the models and datasets of both sides. */
static void go_on_counting(struct loaded *l, const struct loaded *other)
{
	if (l->n_models < other->n_models)
		l->n_models = other->n_models;
	if (l->n_datasets < other->n_datasets)
		l->n_datasets = other->n_datasets;
}

static void swap(struct session *s)
{
	struct aside *a = &s->aside;

	SWAP(s->options, a->options);
	SWAP(s->now, a->now);
	SWAP(s->loaded, a->loaded);
	SWAP(s->trace, a->trace);
	SWAP(s->survey, a->survey);
	SWAP(s->table, a->table);
	SWAP(s->race, a->race);
	SWAP(s->worker.found, a->found);
	s->survey_serial++;
	go_on_counting(&s->loaded, &a->loaded);
	scoreboard_count_on(s->race, a->race);
	snap_race_unref(s->worker.race);
	s->worker.race = NULL;
	s->worker.race_version = 0;
	s->worker.stale = true;
}

static void clear(struct aside *a)
{
	options_release(&a->options);
	options_release(&a->now);
	loaded_release(&a->loaded);
	open_trace_release(&a->trace);
	survey_release(&a->survey);
	case_table_release(&a->table);
	a->table = (struct case_table){0};
	scoreboard_free(a->race);
	a->race = NULL;
	shown_found_release(&a->found);
	free(a->here);
	a->here = NULL;
	a->kept = false;
}

static int drop_work(struct aside *a, struct err *err)
{
	int failed = a->work ? folder_remove(a->work, err) : 0;

	free(a->work);
	a->work = NULL;
	return failed;
}

void aside_release(struct aside *a)
{
	struct err ignored; /* at the end of the program there is nobody to tell of a temporary folder */

	if (drop_work(a, &ignored))
		ignored.code = ERR_NONE;
	clear(a);
}

static int make_work(struct aside *a, struct err *err)
{
	const char *dir = getenv("TMPDIR");

	a->work = xasprintf("%s/beamscope-lesson-XXXXXX", dir && *dir ? dir : "/tmp");
	if (mkdtemp(a->work))
		return 0;
	err_errno(err, errno, "cannot make the folder '%s' for the lesson", a->work);
	free(a->work);
	a->work = NULL;
	return -1;
}

/* How things are shown and how many processors there are stays the user's. */
static int begin_options(struct options *o, const struct options *user, struct err *err)
{
	static const char *const kept[] = {"threads", "format", "ascii", "no-color", "no-mouse"};
	struct buf value = {0};
	int failed = 0;

	options_init(o);
	for (size_t i = 0; i < ARRAY_LEN(kept) && !failed; i++) {
		const struct option_entry *e = option_find(kept[i], err);

		buf_clear(&value);
		option_get(user, e, &value);
		failed = option_set(o, e, buf_str(&value), err);
	}
	buf_release(&value);
	return failed;
}

static int begin(struct session *s, const char *here, struct err *err)
{
	struct aside *a = &s->aside;

	if (drop_work(a, err))
		return -1;
	clear(a);
	if (make_work(a, err) || begin_options(&a->options, &s->options, err))
		return -1;
	options_copy(&a->now, &a->options);
	a->here = xstrdup(here);
	survey_init(&a->survey);
	a->race = scoreboard_new();
	return 0;
}

int session_lesson_enter(struct session *s, const char *here, struct err *err)
{
	if (session_busy(s))
		return err_set(err, ERR_VALUE, "a job is running: wait for it, or end it with 'stop', before a lesson");
	if (s->aside.in_lesson)
		return err_set(err, ERR_VALUE, "a lesson is open: end it before another one");
	if (!here && !s->aside.kept)
		return err_set(err, ERR_VALUE, "there is no lesson to go on with");
	if (here && begin(s, here, err))
		return -1;
	swap(s);
	s->aside.in_lesson = true;
	s->aside.kept = false;
	return 0;
}

int session_lesson_leave(struct session *s, bool keep, struct err *err)
{
	if (session_busy(s))
		return err_set(err, ERR_VALUE,
			"a job is running: wait for it, or end it with 'stop', before the lesson ends");
	if (!s->aside.in_lesson)
		return err_set(err, ERR_VALUE, "no lesson is open");
	swap(s);
	s->aside.in_lesson = false;
	s->aside.kept = keep;
	if (keep)
		return 0;
	clear(&s->aside);
	return drop_work(&s->aside, err);
}
