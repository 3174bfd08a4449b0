#include "session/survey_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "diagnose/metrics.h"
#include "session/case_walk.h"
#include "session/digest.h"
#include "session/record.h"
#include "session/survey_shown.h"

#define RANK_LIMIT 100
#define NEWS_SECONDS 0.1 /* between two that a front-end is woken for */

/* One call of survey_run. */
struct running {
	struct session *s;
	const struct survey_plan *plan;
	struct survey *survey;
	struct survey_told *told;
	const struct dataset *data;
	const struct split *split;
	struct vec_u32 cases; /* the plan: places in the split, from 0 */
	size_t where_cases;   /* that the expression names */
	struct finding_options options;
	struct survey_file file;
	bool has_file;
	size_t pruned, within; /* for the news */
	double began, woke;
};

static size_t rank_limit(const struct survey_plan *plan)
{
	return plan->rank_limit > 0 ? plan->rank_limit : RANK_LIMIT;
}

json_t *survey_settings(const struct session *s, const struct survey_plan *plan)
{
	const struct loaded *l = &s->loaded;
	enum split_kind split = (enum split_kind)s->now.split;
	json_t *v = record_settings(s), *beams = json_array();
	char cases[DIGEST_TEXT];

	for (size_t i = 0; i < plan->n_widths; i++)
		json_array_append_new(beams, record_count(plan->widths[i]));
	json_object_set_new(v, "data_path", record_string(l->data->dataset->path));
	json_object_set_new(v, "beams", beams);
	json_object_set_new(v, "rank_limit", record_count(rank_limit(plan)));
	json_object_set_new(v, "seed", json_integer(s->now.seed));
	json_object_set_new(v, "where", record_string(plan->where));
	json_object_set_new(v, "split_cases", record_count(l->data->dataset->splits[split].n));
	json_object_set_new(v, "sequences", record_count(l->search->trie.n_leaves));
	json_object_set_new(v, "model_digest", json_string(digest_model(l->model)));
	json_object_set_new(v, "data_digest", json_string(digest_data(l->data, l->model, split)));
	digest_cases(cases, l->data->dataset, split);
	json_object_set_new(v, "cases_digest", json_string(cases));
	return v;
}

static int compare_numbers(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return x < y ? -1 : x > y;
}

int survey_numbers(
	size_t *list, size_t *n, size_t room, size_t most, const char *text, const char *what, struct err *err)
{
	size_t kept = 0;

	*n = 0;
	for (const char *at = text;; at++) {
		char *word = xstrndup(at, strcspn(at, ","));
		double x = 0;
		int failed = *n < room ? option_number(&x, word, true, 1, (double)most, what, err) :
					 err_set(err, ERR_USAGE, "%s: '%s' has more than %zu", what, text, room);

		free(word);
		if (failed)
			return -1;
		list[(*n)++] = (size_t)x;
		at += strcspn(at, ",");
		if (!*at)
			break;
	}
	qsort(list, *n, sizeof(*list), compare_numbers);
	for (size_t i = 0; i < *n; i++)
		if (i == 0 || list[i] != list[kept - 1])
			list[kept++] = list[i];
	*n = kept;
	return 0;
}

int survey_widths(size_t widths[SURVEY_WIDTHS], size_t *n, const char *text, struct err *err)
{
	*n = 0;
	if (!strcmp(text, "none"))
		return 0;
	return survey_numbers(widths, n, SURVEY_WIDTHS, SURVEY_WIDTH_MOST, text, "beam width", err);
}

static int check_plan(const struct running *r, struct err *err)
{
	const struct survey_plan *p = r->plan;

	if (r->split->n == 0)
		return err_set(err, ERR_VALUE, "dataset '%s' has no %s cases", r->data->name,
			split_name((enum split_kind)r->s->now.split));
	if (p->shard < 1 || p->shard > p->shards)
		BUG("shard %zu of %zu", p->shard, p->shards);
	return 0;
}

/* The places of the cases that the expression names. */
static int find_cases(struct running *r, struct err *err)
{
	if (case_walk_choose(&r->cases, r->s, r->plan->where, err))
		return -1;
	r->where_cases = r->cases.n;
	return 0;
}

/* Of these, those that limit and shard leave. */
static void choose_cases(struct running *r)
{
	const struct survey_plan *p = r->plan;
	size_t n = 0, end = p->limit > 0 && p->limit < r->cases.n ? p->limit : r->cases.n;

	for (size_t i = p->shard - 1; i < end; i += p->shards)
		r->cases.at[n++] = r->cases.at[i];
	r->cases.n = n;
	r->told->planned = n;
}

static int set_survey(struct running *r, struct err *err)
{
	json_t *settings = survey_settings(r->s, r->plan);

	if (r->plan->where)
		json_object_set_new(settings, "where_cases", record_count(r->where_cases));
	return survey_set(r->survey, settings, err);
}

/* What the session's survey holds is taken over, if it was made with the same settings. */
static void go_on(struct running *r)
{
	struct survey *old = &r->s->survey;

	if (!old->settings || survey_difference(old->settings, r->survey->settings))
		return;
	arena_release(&r->survey->arena);
	r->survey->arena = old->arena;
	r->survey->findings = old->findings;
	arena_init(&old->arena);
	memset(&old->findings, 0, sizeof(old->findings));
	survey_release(old);
	survey_init(old);
	r->s->survey_serial++;
}

static int compare_places(const void *key, const void *place)
{
	size_t a = *(const size_t *)key, b = *(const uint32_t *)place;

	return a < b ? -1 : a > b;
}

/* Of what a file held, the survey keeps what the plan names; these cases are not made again. */
static void take_there(struct running *r)
{
	bool *there = xcalloc(r->split->n, sizeof(*there));
	size_t kept = 0, left = 0;

	for (size_t i = 0; i < r->survey->findings.n; i++) {
		const struct finding f = r->survey->findings.at[i];
		size_t place = f.index - 1;

		if (!bsearch(&place, r->cases.at, r->cases.n, sizeof(*r->cases.at), compare_places))
			continue;
		there[place] = true;
		r->survey->findings.at[kept++] = f;
	}
	r->survey->findings.n = r->told->there = kept;
	for (size_t i = 0; i < r->cases.n; i++)
		if (!there[r->cases.at[i]])
			r->cases.at[left++] = r->cases.at[i];
	r->cases.n = left;
	free(there);
}

/* For the news, and for who looks on. */
static void take_in(struct running *r, const struct finding *f)
{
	if (r->plan->shown)
		case_feed_add(&r->s->feed, f);
	r->pruned += finding_pruned(f);
	r->within += metrics_exact_within(f, r->survey->width) > 0;
}

static void tell(struct running *r)
{
	struct session *s = r->s;
	size_t here = r->told->done + r->told->failed, done = r->told->there + here;
	size_t earlier = r->plan->turn * r->told->planned;
	size_t later = r->plan->turns > 0 ? (r->plan->turns - 1 - r->plan->turn) * r->told->planned : 0;
	double now = clock_now(), left = (double)NAN;
	struct buf what = {0}, figures = {0};
	struct case_news news;

	if (here > 0)
		left = (now - r->began) / (double)here * (double)(r->told->planned - done + later);
	utf8_show(&what, r->plan->what, strlen(r->plan->what), false);
	if (r->within > 0)
		buf_addf(&figures, "%zu of %zu within the best %zu wrongly pruned", r->pruned, r->within,
			r->survey->width);
	news = (struct case_news){
		.what_shown = buf_str(&what),
		.done = done,
		.total = r->told->planned,
		.there = r->told->there,
		.earlier = earlier,
		.later = later,
		.left = left,
		.figures_shown = buf_str(&figures),
	};
	session_tell_cases(s, &news);
	if (now - r->woke >= NEWS_SECONDS) {
		chan_wake(&s->worker.chan);
		r->woke = now;
	}
	buf_release(&what);
	buf_release(&figures);
}

static int find_one(struct running *r, uint32_t place, struct finding *f, struct err *err)
{
	const struct rec_case *rc = &r->split->cases[place];
	struct arena *arena = &r->survey->arena;
	struct case_work c;

	/* The first case may be that of the open search, whose answers were found in other batches: they are not built
	 * on, so that a finding depends on its case alone. */
	r->s->loaded.search->prompted = NULL;
	if (case_open(r->s, rc->id, &c, err))
		return -1;
	finding_describe(f, r->data, rc, (size_t)place + 1, c.scorer->trie, arena);
	f->prompt_tokens = r->s->loaded.search->n_prompt;
	f->first_text = record_token_text(r->s, f->first_token, arena);
	if (finding_search(f, c.scorer, rc->positive, c.leaf, c.why, &r->options, arena, err))
		return err_prefix(err, "case '%s'", rc->id);
	for (size_t i = 0; i < f->n_steps; i++)
		f->steps[i].text = record_token_text(r->s, f->steps[i].token, arena);
	return 0;
}

/* Notes a case that could not be searched. -1 where that is not the case's own fault; and, with the first one's error,
 * where it is that of all so far. */
static int leave_out(struct running *r, struct err *err)
{
	struct survey_told *t = r->told;

	if (!case_walk_left_out(err))
		return -1;
	if (t->failed++ == 0)
		t->failure = *err;
	tell(r);
	if (t->failed < SURVEY_FAILURES || t->there + t->done > 0)
		return 0;
	*err = t->failure;
	return -1;
}

static int find_all(struct running *r, struct err *err)
{
	tell(r);
	for (size_t i = 0; i < r->cases.n; i++) {
		struct finding f;

		if (cancelled(&r->s->cancel))
			return err_set(err, ERR_CANCELLED, "cancelled");
		if (find_one(r, r->cases.at[i], &f, err)) {
			if (leave_out(r, err))
				return -1;
			continue;
		}
		if (r->has_file && survey_file_add(&r->file, r->survey, &f, err))
			return -1;
		vec_push(&r->survey->findings, f);
		r->told->done++;
		take_in(r, &f);
		tell(r);
	}
	if (r->told->failed == 0 || r->survey->findings.n > 0)
		return 0;
	*err = r->told->failure;
	return -1;
}

static int run(struct running *r, struct err *err)
{
	if (check_plan(r, err) || find_cases(r, err))
		return -1;
	choose_cases(r);
	if (set_survey(r, err))
		return -1;
	if (r->plan->file) {
		r->has_file = true;
		if (survey_file_open(&r->file, r->plan->file, r->survey, err))
			return -1;
	} else if (r->plan->goes_on) {
		go_on(r);
	}
	take_there(r);
	if (r->plan->shown)
		case_feed_begin(&r->s->feed, r->survey->settings);
	r->told->fed = r->plan->shown;
	for (size_t i = 0; i < r->survey->findings.n; i++)
		take_in(r, &r->survey->findings.at[i]);
	r->options = (struct finding_options){
		.search = session_diagnose_options(r->s),
		.widths = r->plan->widths,
		.n_widths = r->plan->n_widths,
		.rank_limit = rank_limit(r->plan),
	};
	r->options.search.beam.others = 1;
	return find_all(r, err);
}

int survey_run(struct survey *survey, struct survey_told *told, struct session *s, const struct survey_plan *plan,
	struct err *err)
{
	struct running r = {
		.s = s,
		.plan = plan,
		.survey = survey,
		.told = told,
		.data = s->loaded.data->dataset,
		.split = &s->loaded.data->dataset->splits[s->now.split],
		.began = clock_now(),
	};
	struct err ignored;
	int failed;

	*told = (struct survey_told){0};
	failed = run(&r, err);
	if (failed && err->code == ERR_CANCELLED) {
		told->stopped = true;
		failed = 0;
	}
	if (r.has_file && survey_file_close(&r.file, failed ? &ignored : err))
		failed = -1;
	survey_sort(survey);
	session_tell_cases(s, NULL);
	vec_release(&r.cases);
	return failed;
}

void survey_add_failed(json_t *notes, const struct survey_told *told)
{
	bool one = told->failed == 1;
	struct buf note = {0};

	if (told->failed == 0)
		return;
	buf_addcount(&note, told->failed);
	buf_addf(&note, " case%s could not be searched and %s left out; %s%s", one ? "" : "s", one ? "is" : "are",
		one ? "" : "the first: ", told->failure.msg);
	json_array_append_new(notes, json_text(buf_str(&note), note.len));
	buf_release(&note);
}

void survey_add_done(struct buf *out, const struct survey_told *told)
{
	buf_addcount(out, told->there + told->done);
	buf_addstr(out, " of ");
	buf_addcount(out, told->planned);
	buf_addstr(out, told->planned == 1 ? " case" : " cases");
}

bool survey_is_of(const struct survey *survey, const char *cases)
{
	const char *digest = json_string_value(json_object_get(survey->settings, "cases_digest"));

	return digest && !strcmp(digest, cases);
}

void session_keep_survey(struct session *s, struct survey *survey)
{
	/* Only the screens ask for it, and theirs is the worker. */
	if (s->worker.running) {
		snap_survey_unref(s->new_found.survey);
		s->new_found.survey = snap_survey_new(survey);
	}
	survey_release(&s->survey);
	s->survey_serial++;
	s->survey = *survey;
	survey_init(survey);
}
