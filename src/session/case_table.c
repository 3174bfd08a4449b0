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

/* Rows of several pictures, with their findings and strings. Counted; what they lean on is released after them. */
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
		snap_keep_settings(&arena, settings, NULL));
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
		f->kept_as = 0;
	}
	pthread_mutex_unlock(&f->lock);
}

void case_feed_keep(struct case_feed *f, unsigned long survey)
{
	pthread_mutex_lock(&f->lock);
	if (f->wanted)
		f->kept_as = survey;
	pthread_mutex_unlock(&f->lock);
}

static void case_feed_want(struct case_feed *f)
{
	pthread_mutex_lock(&f->lock);
	f->wanted = true;
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

/* What is shown of a case before any search. */
static struct snap_case *row_new(const struct finding *f, struct arena *a)
{
	struct snap_case *k = arena_alloc(a, sizeof(*k));

	*k = (struct snap_case){
		.index = f->index,
		.id = f->id,
		.history = f->history,
		.popularity = f->popularity,
		.item_tokens = f->item_tokens,
		.worst_margin = (double)NAN,
		.finding = f,
	};
	return k;
}

/* With what is found of it; f: of copy_found. */
static const struct snap_case *found_row(const struct snap_case *base, struct finding *f, struct arena *a)
{
	struct snap_case *k = row_new(f, a);

	k->id = f->id = base->id;
	f->user = base->finding->user;
	f->item = base->finding->item;
	f->title = base->finding->title;
	k->title_shown = base->title_shown;
	k->first_shown = base->first_shown;
	k->history = base->history;
	k->popularity = base->popularity;
	k->verdict = snap_verdict_kind(f->outcome.kind);
	k->rank = f->outcome.rank;
	k->exact_rank = f->outcome.exact_rank;
	k->exact_proved = f->outcome.exact_proved;
	k->pruned_at = f->outcome.pruned_at;
	k->smallest_width = f->smallest_width;
	k->worst_step = finding_worst_step(f);
	if (k->worst_step > 0)
		k->worst_margin = f->steps[k->worst_step - 1].prefix_margin;
	return k;
}

static bool is_found(const struct case_row *r)
{
	return r->shown != r->base;
}

static void set_shown(struct case_table *t, struct case_row *r, const struct snap_case *k)
{
	t->kinds[r->shown->verdict]--;
	t->kinds[k->verdict]++;
	r->shown = k;
	r->changed = true;
	t->stale = true;
}

/* Of another question: all rows are to be looked at anew. */
static void change_all(struct case_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		t->rows[i].changed = true;
	t->stale = true;
}

static void forget_found(struct case_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (is_found(&t->rows[i]))
			set_shown(t, &t->rows[i], t->rows[i].base);
	texts_unref(t->found);
	t->found = texts_new(t->texts);
	t->settings_shown = NULL;
	t->stale = true;
}

static void take_found(struct case_table *t, const struct finding *f)
{
	struct arena *a = &t->found->arena;
	struct case_row *r;
	struct finding *kept;

	if (f->index < 1 || f->index > t->n)
		return;
	r = &t->rows[f->index - 1];
	kept = arena_alloc(a, sizeof(*kept));
	*kept = copy_found(f, a);
	set_shown(t, r, found_row(r->base, kept, a));
}

static void begin_run(struct case_table *t, unsigned long run, bool fits, const char *settings_shown)
{
	forget_found(t);
	t->run = run;
	t->live = true;
	t->fits = fits;
	if (fits)
		t->settings_shown = arena_strdup(&t->found->arena, settings_shown);
}

/* What the feed has new. Under the lock only batches change hands; where the thread that diagnoses has it, there is
 * soon another time to ask. */
static void fetch(struct case_table *t, struct case_feed *feed)
{
	struct case_batch full;
	char *settings_shown = NULL;
	unsigned long run;
	bool fits;

	if (pthread_mutex_trylock(&feed->lock))
		return;
	run = feed->run;
	fits = !strcmp(feed->cases, t->cases);
	if (t->run != run)
		settings_shown = xstrdup(feed->settings_shown);
	t->kept_as = feed->kept_as;
	full = feed->batch;
	feed->batch = t->batch;
	t->batch = full;
	pthread_mutex_unlock(&feed->lock);
	if (t->run != run)
		begin_run(t, run, fits, settings_shown);
	free(settings_shown);
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
	struct arena *a = &t->texts->arena;
	struct wording w = {.arena = a, .titles = xcalloc(d->catalogue.n + 1, sizeof(*w.titles))};

	map_init(&w.by_token, 0);
	t->n = split->n;
	t->rows = xcalloc(t->n + 1, sizeof(*t->rows));
	for (size_t i = 0; i < t->n; i++) {
		struct finding *f = arena_alloc(a, sizeof(*f));
		struct snap_case *k;

		finding_describe(f, d, &split->cases[i], i + 1, trie, a);
		k = row_new(f, a);
		k->title_shown = word_title(&w, split->cases[i].positive, f);
		k->first_shown = word_first(&w, s, f);
		t->rows[i] = (struct case_row){.base = k, .shown = k, .changed = true};
	}
	t->kinds[SNAP_NONE] = t->n;
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
	memset(t->kinds, 0, sizeof(t->kinds));
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
static void set_key(const struct case_table *t, struct case_row *r)
{
	const struct column *c = t->sort;

	r->text = NULL;
	r->key = 0;
	if (!c)
		return;
	if (c->searched && !is_found(r)) {
		r->key = ORDER_LAST;
		return;
	}
	if (c->type == COLUMN_TEXT) {
		r->text = c->text(r->shown->finding);
		r->key = order_of_text(r->text);
	} else {
		r->key = order_of_number(c->number(r->shown->finding));
	}
	if (t->descending && (r->text || r->key != ORDER_NAN))
		r->key = ~r->key;
}

/* What depends on a search is not known of a row without one. */
static void look_at(const struct case_table *t, struct case_row *r)
{
	r->asked = !t->where ||
		((is_found(r) || !where_searched(t->where)) && where_holds(t->where, r->shown->finding));
	if (r->asked)
		set_key(t, r);
}

/* Of two rows whose keys are the same: texts may differ further on, and a row without one comes after them. */
static int compare_alike(const void *left, const void *right, void *table)
{
	const struct order_entry *a = left, *b = right;
	const struct case_table *t = table;
	const char *x = t->rows[a->at].text, *y = t->rows[b->at].text;
	int order = 0;

	if (x != y)
		order = !x ? 1 : !y ? -1 : strcmp(x, y) * (t->descending ? -1 : 1);
	return order ? order : a->at < b->at ? -1 : a->at > b->at;
}

static void arrange_alike(struct case_table *t, struct order_entry *at, size_t n)
{
	for (size_t i = 0, end; i < n; i = end) {
		bool ordered = true;

		for (end = i + 1; end < n && at[end].key == at[i].key; end++)
			ordered = ordered && compare_alike(&at[end - 1], &at[end], t) < 0;
		if (!ordered)
			qsort_r(at + i, end - i, sizeof(*at), compare_alike, t);
	}
}

/* Looks anew at the rows that changed; those of them that are asked for, in order. */
static void arrange_changed(struct case_table *t)
{
	vec_clear(&t->changed);
	for (size_t i = 0; i < t->n; i++) {
		struct case_row *r = &t->rows[i];

		if (!r->changed)
			continue;
		look_at(t, r);
		if (r->asked)
			vec_push(&t->changed, (struct order_entry){r->key, (uint32_t)i});
	}
	vec_reserve(&t->spare, t->n + 1);
	order_sort(t->changed.at, t->changed.n, t->spare.at);
	if (t->sort && t->sort->type == COLUMN_TEXT)
		arrange_alike(t, t->changed.at, t->changed.n);
}

static bool goes_before(struct case_table *t, const struct order_entry *a, const struct order_entry *b)
{
	return a->key != b->key ? a->key < b->key : compare_alike(a, b, t) < 0;
}

/* Puts the rows that are asked for in order: those that changed among the others, which stay in theirs. */
static void arrange(struct case_table *t)
{
	const struct order_entry *fresh, *end;
	struct order_entries was = t->order;

	arrange_changed(t);
	fresh = t->changed.at;
	end = fresh + t->changed.n;
	t->order = t->spare;
	vec_clear(&t->order);
	for (size_t i = 0; i < was.n; i++) {
		if (t->rows[was.at[i].at].changed)
			continue;
		while (fresh < end && goes_before(t, fresh, &was.at[i]))
			vec_push(&t->order, *fresh++);
		vec_push(&t->order, was.at[i]);
	}
	while (fresh < end)
		vec_push(&t->order, *fresh++);
	t->spare = was;
	for (size_t i = 0; i < t->n; i++)
		t->rows[i].changed = false;
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
	const struct snap_case **rows;

	arena_init(&c->arena);
	c->refs = 1;
	c->found = t->found;
	t->found->refs++;
	c->n = t->order.n;
	rows = arena_alloc(&c->arena, c->n * sizeof(*rows));
	for (size_t i = 0; i < c->n; i++)
		rows[i] = t->rows[t->order.at[i].at].shown;
	c->rows = rows;
	c->n_all = t->n;
	memcpy(c->kinds, t->kinds, sizeof(c->kinds));
	c->n_searched = t->n - c->kinds[SNAP_NONE];
	c->where_shown = arena_strdup(&c->arena, t->where_shown ? t->where_shown : "");
	c->column = t->sort;
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
	texts_unref(own->found);
	arena_release(&own->arena);
	free(own);
}

/* The survey that is in force now is what the feed has brought: the rows show it already. */
static void take_over(struct case_table *t, unsigned long survey)
{
	if (!t->live || !t->fits || t->kept_as == 0 || t->kept_as != survey)
		return;
	t->live = false;
	t->survey = survey;
	t->elsewhere = false;
	t->stale = true;
}

/* With no job: the rows are those of what is loaded, the findings those of the session's survey. */
static void follow_session(struct case_table *t, struct session *s)
{
	if (!s->loaded.data)
		return;
	case_feed_want(&s->feed);
	fetch(t, &s->feed);
	follow_loaded(t, s);
	take_over(t, s->survey_serial);
	if (t->live || t->survey != s->survey_serial)
		take_survey(t, s);
}

/* Beside a job: what it has found, no more often than one can look at it. */
static void follow_job(struct case_table *t, struct session *s)
{
	if (t->data_serial > 0 && clock_now() - t->made >= CASES_COPY_SECONDS)
		fetch(t, &s->feed);
}

const struct snap_cases *case_table_show(struct case_table *t, struct session *s)
{
	if (session_busy(s))
		follow_job(t, s);
	else
		follow_session(t, s);
	if (t->stale && t->data_serial > 0) {
		arrange(t);
		snap_cases_unref(t->shown);
		t->shown = picture(t);
		t->stale = false;
		t->made = clock_now();
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
	vec_release(&t->changed);
	vec_release(&t->spare);
}

void snap_case_key(const struct snap_cases *t, const struct snap_case *k, struct buf *out)
{
	const struct column *c = t->column;
	const char *text;
	double number;

	if (!c || !k->finding || (c->searched && k->verdict == SNAP_NONE))
		return;
	if (c->type == COLUMN_TEXT) {
		text = c->text(k->finding);
		utf8_show(out, text, strlen(text), false);
		return;
	}
	number = c->number(k->finding);
	if (isnan(number))
		return;
	if (c->type == COLUMN_NUMBER)
		buf_addf(out, c->form ? c->form : "%.0f", number);
	else
		buf_addstr(out, number != 0 ? "yes" : "no");
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
