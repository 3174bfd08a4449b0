#include "session/case_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/order.h"
#include "base/utf8.h"
#include "data/title.h"
#include "session/digest.h"
#include "session/record.h"
#include "session/session_priv.h"
#include "session/snap_text.h"
#include "session/snap_trace.h"
#include "session/survey_run.h"

#define IDLE_SHARE 20 /* so many times what a picture took pass before the next one is made beside a job */

/* Strings that the rows of several pictures point to. Counted; what they lean on is released after them. */
struct case_texts {
	struct arena arena;
	int refs;
	struct case_texts *below; /* one reference; NULL: none */
};

static struct case_texts *texts_new(struct case_texts *below)
{
	struct case_texts *t = xcalloc(1, sizeof(*t));

	arena_init(&t->arena);
	t->refs = 1;
	t->below = below;
	if (below)
		below->refs++;
	return t;
}

static void texts_unref(struct case_texts *t)
{
	while (t && --t->refs == 0) {
		struct case_texts *below = t->below;

		arena_release(&t->arena);
		free(t);
		t = below;
	}
}

static void batch_clear(struct case_batch *b)
{
	arena_clear(&b->arena);
	vec_clear(&b->findings);
}

static void batch_release(struct case_batch *b)
{
	arena_release(&b->arena);
	vec_release(&b->findings);
}

void case_feed_init(struct case_feed *f)
{
	*f = (struct case_feed){0};
	pthread_mutex_init(&f->lock, NULL);
}

void case_feed_release(struct case_feed *f)
{
	batch_release(&f->batch);
	free(f->settings_shown);
	pthread_mutex_destroy(&f->lock);
}

/* "sft · B 10 · mask before · plain": what a person needs to tell one diagnosis from another. Caller frees. */
static char *settings_text(const json_t *settings)
{
	const char *model = json_string_value(json_object_get(settings, "model"));
	const char *adapter = json_string_value(json_object_get(settings, "adapter"));
	struct arena arena;
	char *text;

	arena_init(&arena);
	text = xasprintf("%s · %s", snap_keep_model(&arena, model ? model : "?", adapter),
		snap_keep_settings(&arena, settings));
	arena_release(&arena);
	return text;
}

static const char *cases_digest(const json_t *settings)
{
	const char *digest = json_string_value(json_object_get(settings, "cases_digest"));

	return digest ? digest : "";
}

void case_feed_begin(struct case_feed *f, const json_t *settings)
{
	pthread_mutex_lock(&f->lock);
	if (f->wanted) {
		f->run++;
		batch_clear(&f->batch);
		snprintf(f->cases, sizeof(f->cases), "%s", cases_digest(settings));
		free(f->settings_shown);
		f->settings_shown = settings_text(settings);
	}
	pthread_mutex_unlock(&f->lock);
}

/* All that columns ask of a finding but the case's own strings, which a table's rows have already. */
static struct finding copy_found(const struct finding *f, struct arena *a)
{
	struct finding copy = *f;

	copy.id = copy.user = copy.item = copy.title = "";
	copy.first_text = arena_strdup(a, f->first_text);
	copy.reach = NULL;
	copy.steps = arena_alloc(a, f->n_steps * sizeof(*copy.steps) + 1);
	for (size_t i = 0; i < f->n_steps; i++) {
		copy.steps[i] = f->steps[i];
		copy.steps[i].text = "";
	}
	return copy;
}

void case_feed_add(struct case_feed *f, const struct finding *found)
{
	pthread_mutex_lock(&f->lock);
	if (f->wanted)
		vec_push(&f->batch.findings, copy_found(found, &f->batch.arena));
	pthread_mutex_unlock(&f->lock);
}

static const struct finding *finding_of(const struct case_row *r)
{
	return r->found ? r->found : &r->base;
}

/* What is shown of a row besides the column that is sorted by. */
static void show_row(struct case_row *r, const char *title_shown, const char *first_shown)
{
	const struct finding *f = finding_of(r);

	r->shown = (struct snap_case){
		.index = r->base.index,
		.id = r->base.id,
		.title_shown = title_shown,
		.first_shown = first_shown,
		.history = r->base.history,
		.popularity = r->base.popularity,
		.item_tokens = f->item_tokens,
		.worst_margin = (double)NAN,
	};
	if (!r->found)
		return;
	r->shown.verdict = snap_verdict_kind(f->outcome.kind);
	r->shown.rank = f->outcome.rank;
	r->shown.exact_rank = f->outcome.exact_rank;
	r->shown.exact_proved = f->outcome.exact_proved;
	r->shown.pruned_at = f->outcome.pruned_at;
	r->shown.smallest_width = f->smallest_width;
	r->shown.worst_step = finding_worst_step(f);
	if (r->shown.worst_step > 0)
		r->shown.worst_margin = f->steps[r->shown.worst_step - 1].prefix_margin;
}

/* A finding of copy_found, whose arrays are the table's from now on; NULL: the row is not diagnosed any more. */
static void set_found(struct case_row *r, struct finding *f)
{
	if (f) {
		f->id = r->base.id;
		f->user = r->base.user;
		f->item = r->base.item;
		f->title = r->base.title;
	} else if (!r->found) {
		return;
	}
	r->found = f;
	show_row(r, r->shown.title_shown, r->shown.first_shown);
	r->changed = true;
}

/* Of other findings altogether, or of another question: all rows are to be looked at anew. */
static void change_all(struct case_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		t->rows[i].changed = true;
	t->stale = true;
}

static void forget_found(struct case_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		set_found(&t->rows[i], NULL);
	texts_unref(t->found);
	t->found = texts_new(t->texts);
	t->settings_shown = NULL;
	change_all(t);
}

static void take_found(struct case_table *t, const struct finding *f)
{
	struct finding *kept;

	if (f->index < 1 || f->index > t->n)
		return;
	kept = arena_alloc(&t->found->arena, sizeof(*kept));
	*kept = copy_found(f, &t->found->arena);
	set_found(&t->rows[f->index - 1], kept);
	t->stale = true;
}

/* What the feed has new. Under the lock only batches change hands. */
static void fetch(struct case_table *t, struct case_feed *feed)
{
	struct case_batch full;

	pthread_mutex_lock(&feed->lock);
	if (t->run != feed->run) {
		t->run = feed->run;
		t->live = true;
		t->fits = !strcmp(feed->cases, t->cases);
		forget_found(t);
		if (t->fits)
			t->settings_shown = arena_strdup(&t->found->arena, feed->settings_shown);
	}
	full = feed->batch;
	feed->batch = t->batch;
	t->batch = full;
	pthread_mutex_unlock(&feed->lock);
	for (size_t i = 0; t->live && t->fits && i < t->batch.findings.n; i++)
		take_found(t, &t->batch.findings.at[i]);
	batch_clear(&t->batch);
}

static void take_survey(struct case_table *t, const struct session *s)
{
	char *settings;

	forget_found(t);
	t->live = false;
	t->survey = s->survey_serial;
	t->elsewhere = s->survey.settings && !survey_is_of(&s->survey, t->cases);
	if (!s->survey.settings || t->elsewhere)
		return;
	settings = settings_text(s->survey.settings);
	t->settings_shown = arena_strdup(&t->found->arena, settings);
	free(settings);
	for (size_t i = 0; i < s->survey.findings.n; i++)
		take_found(t, &s->survey.findings.at[i]);
}

struct wording_text {
	const char *raw, *shown;
};

/* Texts of items and tokens as they are shown, each made once. */
struct wording {
	struct arena *arena;
	struct wording_text *titles; /* owned, [items of the catalogue] */
	struct map by_token; /* places in: */
	VEC(struct wording_text) firsts;
};

/* Of the positive item; its id where it has none. Rows of one item have one raw title too. */
static const char *word_title(struct wording *w, uint32_t item, struct finding *f)
{
	struct wording_text *known = item == ITEM_NONE ? NULL : &w->titles[item], made = {.raw = f->title};
	struct buf b = {0};

	if (known && known->raw) {
		f->title = known->raw;
		return known->shown;
	}
	if (*f->title)
		title_show(&b, f->title, false);
	else
		utf8_show(&b, f->item, strlen(f->item), false);
	made.shown = strcmp(buf_str(&b), f->title) ? arena_strndup(w->arena, buf_str(&b), b.len) : f->title;
	buf_release(&b);
	if (known)
		*known = made;
	return made.shown;
}

static const char *word_first(struct wording *w, const struct session *s, struct finding *f)
{
	bool added;
	uint32_t *at;

	if (f->first_token == TOKEN_NONE)
		return "";
	at = map_put(&w->by_token, (const char *)&f->first_token, sizeof(f->first_token), (uint32_t)w->firsts.n,
		&added);
	if (added) {
		const char *raw = record_token_text(s, f->first_token, w->arena);

		vec_push(&w->firsts, (struct wording_text){raw, snap_keep_shown(w->arena, raw)});
	}
	f->first_text = w->firsts.at[*at].raw;
	return w->firsts.at[*at].shown;
}

static void describe_rows(struct case_table *t, const struct session *s)
{
	const struct dataset *d = s->loaded.data->dataset;
	const struct split *split = &d->splits[t->split];
	const struct trie *trie = t->spelt_for ? &s->loaded.search->trie : NULL;
	struct wording w = {.arena = &t->texts->arena, .titles = xcalloc(d->catalogue.n + 1, sizeof(*w.titles))};

	map_init(&w.by_token, 0);
	t->n = split->n;
	t->rows = xcalloc(t->n + 1, sizeof(*t->rows));
	for (size_t i = 0; i < t->n; i++) {
		struct case_row *r = &t->rows[i];
		const char *title, *first;

		finding_describe(&r->base, d, &split->cases[i], i + 1, trie, &t->texts->arena);
		title = word_title(&w, split->cases[i].positive, &r->base);
		first = word_first(&w, s, &r->base);
		show_row(r, title, first);
	}
	vec_release(&w.firsts);
	map_release(&w.by_token);
	free(w.titles);
}

static void forget_rows(struct case_table *t)
{
	free(t->rows);
	t->rows = NULL;
	t->n = 0;
	texts_unref(t->found);
	texts_unref(t->texts);
	t->found = t->texts = NULL;
}

/* Makes the rows anew where another dataset or split is loaded, or its items are spelt in other tokens. */
static void follow_loaded(struct case_table *t, const struct session *s)
{
	const struct data_stage *data = s->loaded.data;
	const struct search_stage *search = s->loaded.search;
	size_t spelt_for = search && search->data == data ? search->model->serial : 0;
	int split = (int)s->now.split, end = spelt_for ? (int)search->trie.end : 0;

	if (t->data_serial == data->serial && t->spelt_for == spelt_for && t->split == split && t->end == end)
		return;
	forget_rows(t);
	t->data_serial = data->serial;
	t->spelt_for = spelt_for;
	t->split = split;
	t->end = end;
	digest_cases(t->cases, data->dataset, (enum split_kind)split);
	t->texts = texts_new(NULL);
	describe_rows(t, s);
	take_survey(t, s);
}

/* By which it is put in order: what a search knows comes before the rows without one. */
static uint64_t order_key(const struct case_table *t, const struct case_row *r)
{
	const struct column *c = t->sort;
	uint64_t key;

	if (!c)
		return 0;
	if (c->searched && !r->found)
		return ORDER_LAST;
	if (c->type == COLUMN_TEXT)
		key = order_of_text(r->shown.key_text);
	else if (isnan(r->shown.key))
		return ORDER_NAN;
	else
		key = order_of_number(r->shown.key);
	return t->descending ? ~key : key;
}

/* What depends on a search is not known of a row without one. */
static void look_at(const struct case_table *t, struct case_row *r)
{
	const struct column *c = t->sort;

	r->changed = false;
	r->asked = !t->where || ((r->found || !where_searched(t->where)) && where_holds(t->where, finding_of(r)));
	r->shown.key = (double)NAN;
	r->shown.key_text = "";
	if (!c || !r->asked)
		return;
	if (c->type == COLUMN_TEXT)
		r->shown.key_text = c->text(finding_of(r));
	else if (r->found || !c->searched)
		r->shown.key = c->number(finding_of(r));
}

/* Of two rows whose keys are the same: texts may differ further on. */
static int compare_alike(const void *left, const void *right, void *table)
{
	const struct order_entry *a = left, *b = right;
	const struct case_table *t = table;
	const struct case_row *x = &t->rows[a->at], *y = &t->rows[b->at];
	int order = 0;

	if (t->sort->searched && !x->found != !y->found)
		return x->found ? -1 : 1;
	if (x->shown.key_text != y->shown.key_text)
		order = strcmp(x->shown.key_text, y->shown.key_text) * (t->descending ? -1 : 1);
	return order ? order : a->at < b->at ? -1 : a->at > b->at;
}

static void arrange_alike(struct case_table *t)
{
	struct order_entry *at = t->order.at;

	for (size_t i = 0, end; i < t->order.n; i = end) {
		bool ordered = true;

		for (end = i + 1; end < t->order.n && at[end].key == at[i].key; end++)
			ordered = ordered && compare_alike(&at[end - 1], &at[end], t) < 0;
		if (!ordered)
			qsort_r(at + i, end - i, sizeof(*at), compare_alike, t);
	}
}

/* Puts the rows that are asked for in order. Only those that changed are looked at anew. */
static void arrange(struct case_table *t)
{
	vec_reserve(&t->order, 2 * t->n + 1); /* the second half is scratch */
	vec_clear(&t->order);
	for (size_t i = 0; i < t->n; i++) {
		struct case_row *r = &t->rows[i];

		if (r->changed)
			look_at(t, r);
		if (r->asked)
			vec_push(&t->order, (struct order_entry){order_key(t, r), (uint32_t)i});
	}
	order_sort(t->order.at, t->order.n, t->order.at + t->n);
	if (t->sort && t->sort->type == COLUMN_TEXT)
		arrange_alike(t);
}

int case_table_ask(struct case_table *t, const char *where, const char *sort, struct err *err)
{
	bool descending = sort && *sort == '-';
	const char *name = sort ? sort + descending : "";
	const struct column *column = NULL;
	struct buf shown = {0};
	struct where *w = NULL;

	if (*name) {
		column = column_find(name, strlen(name), err);
		if (!column)
			return err_prefix(err, "sort");
	}
	if (where && where[strspn(where, " \t")]) {
		if (where_new(&w, where, err))
			return -1;
		utf8_show(&shown, where, strlen(where), false);
	}
	where_free(t->where);
	free(t->where_shown);
	t->where = w;
	t->where_shown = w ? buf_detach(&shown) : NULL;
	t->sort = column;
	t->descending = column && descending;
	change_all(t);
	return 0;
}

static const char *key_form(const struct column *c)
{
	if (!c || c->type != COLUMN_NUMBER)
		return NULL;
	return c->form ? c->form : "%.0f";
}

static struct snap_cases *picture(const struct case_table *t)
{
	struct snap_cases *c = xcalloc(1, sizeof(*c));
	struct snap_case *rows;

	arena_init(&c->arena);
	c->refs = 1;
	c->texts = t->found;
	t->found->refs++;
	c->n = t->order.n;
	rows = arena_alloc(&c->arena, c->n * sizeof(*rows) + 1);
	for (size_t i = 0; i < c->n; i++)
		rows[i] = t->rows[t->order.at[i].at].shown;
	c->rows = rows;
	c->n_all = t->n;
	for (size_t i = 0; i < t->n; i++)
		c->kinds[t->rows[i].shown.verdict]++;
	c->n_searched = t->n - c->kinds[SNAP_NONE];
	c->where_shown = arena_strdup(&c->arena, t->where_shown ? t->where_shown : "");
	c->sort = t->sort ? t->sort->name : NULL;
	c->sort_head = t->sort ? t->sort->head : "";
	c->key_form = key_form(t->sort);
	c->descending = t->descending;
	c->elsewhere = t->elsewhere;
	c->settings_shown = arena_strdup(&c->arena, t->settings_shown ? t->settings_shown : "");
	return c;
}

void snap_cases_unref(const struct snap_cases *c)
{
	struct snap_cases *own = (struct snap_cases *)c;

	if (!own || --own->refs > 0)
		return;
	texts_unref(own->texts);
	arena_release(&own->arena);
	free(own);
}

/* What the feed has brought is in the session's survey, or was dropped: only what begins from now on is news. */
static void settle(struct case_table *t, struct case_feed *feed)
{
	pthread_mutex_lock(&feed->lock);
	feed->wanted = true;
	t->run = feed->run;
	batch_clear(&feed->batch);
	pthread_mutex_unlock(&feed->lock);
}

/* With no job: the rows are those of what is loaded, the findings those of the session's survey. */
static void follow_session(struct case_table *t, struct session *s)
{
	if (!s->loaded.data)
		return;
	settle(t, &s->feed);
	follow_loaded(t, s);
	if (t->live || t->survey != s->survey_serial)
		take_survey(t, s);
}

/* Beside a job: what it has found, no more often than one can look at it. */
static void follow_job(struct case_table *t, struct session *s, double now)
{
	double pause = IDLE_SHARE * t->cost > CASES_COPY_SECONDS ? IDLE_SHARE * t->cost : CASES_COPY_SECONDS;

	if (t->data_serial > 0 && now - t->made >= pause)
		fetch(t, &s->feed);
}

const struct snap_cases *case_table_show(struct case_table *t, struct session *s)
{
	double now = clock_now();
	bool asked = t->stale; /* another question: made at once, however soon after the last one */

	if (session_busy(s))
		follow_job(t, s, now);
	else
		follow_session(t, s);
	if (t->stale && t->data_serial > 0) {
		arrange(t);
		snap_cases_unref(t->shown);
		t->shown = picture(t);
		t->stale = false;
		t->made = clock_now();
		if (!asked)
			t->cost = session_busy(s) ? t->made - now : 0;
	}
	if (t->shown)
		t->shown->refs++;
	return t->shown;
}

void case_table_release(struct case_table *t)
{
	snap_cases_unref(t->shown);
	forget_rows(t);
	batch_release(&t->batch);
	where_free(t->where);
	free(t->where_shown);
	vec_release(&t->order);
}

void snap_case_key(const struct snap_cases *t, const struct snap_case *k, struct buf *out)
{
	if (*k->key_text)
		utf8_show(out, k->key_text, strlen(k->key_text), false);
	else if (!isnan(k->key) && t->key_form)
		buf_addf(out, t->key_form, k->key);
	else if (!isnan(k->key))
		buf_addstr(out, k->key != 0 ? "yes" : "no");
}

const char *snap_case_column(size_t i, const char **choices)
{
	size_t n = 0;

	while (n < i && columns[n].name)
		n++;
	if (choices)
		*choices = columns[n].name ? columns[n].choices : NULL;
	return columns[n].name;
}
