#include "session/case_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/utf8.h"
#include "data/title.h"
#include "session/digest.h"
#include "session/record.h"
#include "session/session_priv.h"
#include "session/survey_run.h"

#define IDLE_SHARE 20 /* so many times what a picture took pass before the next one is made beside a job */
#define KEY_TEXT 32

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

static void set_changed(struct case_table *t, struct case_row *r)
{
	if (!r->changed)
		vec_push(&t->changed, (uint32_t)(r - t->rows));
	r->changed = true;
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
static void set_found(struct case_table *t, struct case_row *r, struct finding *f)
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
	set_changed(t, r);
}

/* Of other findings altogether, or of another question: all rows are to be looked at anew. */
static void change_all(struct case_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		set_changed(t, &t->rows[i]);
	texts_unref(t->keys);
	t->keys = t->texts ? texts_new(t->texts) : NULL;
	t->stale = true;
}

static void forget_found(struct case_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		set_found(t, &t->rows[i], NULL);
	arena_clear(&t->found);
	t->settings_shown = NULL;
	change_all(t);
}

static void take_found(struct case_table *t, const struct finding *f)
{
	struct finding *kept;

	if (f->index < 1 || f->index > t->n)
		return;
	kept = arena_alloc(&t->found, sizeof(*kept));
	*kept = copy_found(f, &t->found);
	set_found(t, &t->rows[f->index - 1], kept);
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
			t->settings_shown = arena_strdup(&t->found, feed->settings_shown);
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
	t->settings_shown = arena_strdup(&t->found, settings);
	free(settings);
	for (size_t i = 0; i < s->survey.findings.n; i++)
		take_found(t, &s->survey.findings.at[i]);
}

struct first_text {
	const char *raw, *shown;
};

/* Texts of items and tokens as they are shown, each made once. */
struct wording {
	struct arena *arena;
	const char **titles; /* owned, [items of the catalogue] */
	struct map by_token; /* places in: */
	VEC(struct first_text) firsts;
};

/* Of the positive item; its id where it has none. */
static const char *word_title(struct wording *w, uint32_t item, const struct finding *f)
{
	const char *shown = item == ITEM_NONE ? NULL : w->titles[item];
	struct buf b = {0};

	if (shown)
		return shown;
	if (*f->title)
		title_show(&b, f->title, false);
	else
		utf8_show(&b, f->item, strlen(f->item), false);
	shown = strcmp(buf_str(&b), f->title) ? arena_strndup(w->arena, buf_str(&b), b.len) : f->title;
	buf_release(&b);
	if (item != ITEM_NONE)
		w->titles[item] = shown;
	return shown;
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

		vec_push(&w->firsts, (struct first_text){raw, snap_keep_shown(w->arena, raw)});
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
		set_changed(t, r);
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
	vec_clear(&t->order);
	vec_clear(&t->changed);
	texts_unref(t->keys);
	texts_unref(t->texts);
	t->keys = t->texts = NULL;
	arena_clear(&t->found);
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

static const char *key_text(const struct case_table *t, const struct case_row *r)
{
	const struct column *c = t->sort;
	const char *text;
	char number[KEY_TEXT];

	if (c->searched && !r->found)
		return "";
	if (c->type == COLUMN_TEXT) {
		text = c->text(finding_of(r));
		return text == r->base.title ? r->shown.title_shown : snap_keep_shown(&t->keys->arena, text);
	}
	if (isnan(r->shown.key))
		return "";
	if (c->type == COLUMN_FLAG)
		return r->shown.key != 0 ? "yes" : "no";
	snprintf(number, sizeof(number), c->form ? c->form : "%.0f", r->shown.key);
	return arena_strdup(&t->keys->arena, number);
}

/* The first eight bytes of a text as a number that is ordered as they are. */
static uint64_t text_begins(const char *text)
{
	uint64_t begins = 0;

	for (size_t i = 0; i < 8; i++) {
		begins = begins << 8 | (unsigned char)*text;
		text += *text != '\0';
	}
	return begins;
}

/* What depends on a search is not known of a row without one. */
static void look_at(const struct case_table *t, struct case_row *r)
{
	const struct column *c = t->sort;

	r->asked = !t->where || ((r->found || !where_searched(t->where)) && where_holds(t->where, finding_of(r)));
	r->shown.key = (double)NAN;
	r->shown.key_shown = "";
	if (!c || !r->asked)
		return;
	if (c->type == COLUMN_TEXT)
		r->begins = text_begins(c->text(finding_of(r)));
	else if (r->found || !c->searched)
		r->shown.key = c->number(finding_of(r));
	r->shown.key_shown = key_text(t, r);
}

static int compare_texts(const struct column *c, const struct case_row *a, const struct case_row *b)
{
	if (a->begins != b->begins)
		return a->begins < b->begins ? -1 : 1;
	return strcmp(c->text(finding_of(a)), c->text(finding_of(b)));
}

static int compare_rows(const struct case_table *t, uint32_t left, uint32_t right)
{
	const struct case_row *a = &t->rows[left], *b = &t->rows[right];
	const struct column *c = t->sort;
	int order = 0;

	if (c && c->searched && !a->found != !b->found)
		return a->found ? -1 : 1;
	if (c && c->type != COLUMN_TEXT)
		order = column_order(a->shown.key, b->shown.key, t->descending);
	else if (c)
		order = compare_texts(c, a, b) * (t->descending ? -1 : 1);
	return order ? order : left < right ? -1 : left > right;
}

static int compare_places(const void *left, const void *right, void *table)
{
	return compare_rows(table, *(const uint32_t *)left, *(const uint32_t *)right);
}

/* Merges the sorted rows that changed with those that stay where they are, from the end, in place. */
static void merge(struct case_table *t, const uint32_t *fresh, size_t n)
{
	size_t old = t->order.n, at = old + n;

	vec_reserve(&t->order, at);
	t->order.n = at;
	while (n > 0)
		if (old > 0 && compare_rows(t, t->order.at[old - 1], fresh[n - 1]) > 0)
			t->order.at[--at] = t->order.at[--old];
		else
			t->order.at[--at] = fresh[--n];
}

/* Puts the rows that changed where they belong now. */
static void arrange(struct case_table *t)
{
	size_t kept = 0, fresh = 0;

	for (size_t i = 0; i < t->order.n; i++)
		if (!t->rows[t->order.at[i]].changed)
			t->order.at[kept++] = t->order.at[i];
	t->order.n = kept;
	for (size_t i = 0; i < t->changed.n; i++) {
		struct case_row *r = &t->rows[t->changed.at[i]];

		r->changed = false;
		look_at(t, r);
		if (r->asked)
			t->changed.at[fresh++] = t->changed.at[i];
	}
	if (fresh > 0)
		qsort_r(t->changed.at, fresh, sizeof(*t->changed.at), compare_places, t);
	merge(t, t->changed.at, fresh);
	vec_clear(&t->changed);
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

static struct snap_cases *picture(const struct case_table *t)
{
	struct snap_cases *c = xcalloc(1, sizeof(*c));
	struct snap_case *rows;

	arena_init(&c->arena);
	c->refs = 1;
	c->texts = t->keys;
	t->keys->refs++;
	c->n = t->order.n;
	rows = arena_alloc(&c->arena, c->n * sizeof(*rows) + 1);
	for (size_t i = 0; i < c->n; i++)
		rows[i] = t->rows[t->order.at[i]].shown;
	c->rows = rows;
	c->n_all = t->n;
	for (size_t i = 0; i < t->n; i++)
		c->kinds[t->rows[i].shown.verdict]++;
	c->n_searched = t->n - c->kinds[SNAP_NONE];
	c->where_shown = arena_strdup(&c->arena, t->where_shown ? t->where_shown : "");
	c->sort = t->sort ? t->sort->name : NULL;
	c->sort_head = t->sort ? t->sort->head : "";
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
	arena_release(&t->found);
	batch_release(&t->batch);
	where_free(t->where);
	free(t->where_shown);
	vec_release(&t->order);
	vec_release(&t->changed);
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
