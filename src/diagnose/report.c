#include "diagnose/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report_priv.h"

/* By exact rank, then by the margin where it was lost, then as in the split. */
static int by_badness(const void *left, const void *right)
{
	const struct finding *a = *(const struct finding *const *)left, *b = *(const struct finding *const *)right;
	size_t i = finding_worst_step(a), k = finding_worst_step(b);
	double x = i > 0 ? a->steps[i - 1].prefix_margin : 0, y = k > 0 ? b->steps[k - 1].prefix_margin : 0;

	if (a->outcome.exact_rank != b->outcome.exact_rank)
		return a->outcome.exact_rank < b->outcome.exact_rank ? -1 : 1;
	if (x != y)
		return x < y ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

static void find_worst(struct report_work *w)
{
	const struct survey *s = w->survey;
	size_t n = 0;

	w->worst = xcalloc(s->findings.n + 1, sizeof(*w->worst));
	for (size_t i = 0; i < s->findings.n; i++)
		if (finding_pruned(&s->findings.at[i]))
			w->worst[n++] = &s->findings.at[i];
	qsort(w->worst, n, sizeof(*w->worst), by_badness);
	w->n_worst = n < w->r->worst ? n : w->r->worst;
}

static void find_slices(struct report_work *w)
{
	while (slicings[w->n_slices])
		w->n_slices++;
	w->slices = xcalloc(w->n_slices + 1, sizeof(*w->slices));
	for (size_t i = 0; i < w->n_slices; i++)
		slices_init(&w->slices[i], slicings[i], w->survey);
}

static void work_release(struct report_work *w)
{
	for (size_t i = 0; i < w->n_slices; i++)
		slices_release(&w->slices[i]);
	free(w->slices);
	free(w->worst);
	tally_release(&w->tally);
	contest_release(&w->contest);
	arena_release(&w->arena);
}

/* Released by the caller, also after a failure. */
static int work_init(struct report_work *w, const struct report *r, struct err *err)
{
	*w = (struct report_work){.r = r, .survey = r->contenders[0].survey};
	arena_init(&w->arena);
	if (tally_init(&w->tally, w->survey, NULL, 0, err))
		return -1;
	if (r->n > 1 && contest_init(&w->contest, r->contenders, r->n, err))
		return -1;
	find_slices(w);
	find_worst(w);
	return 0;
}

static json_t *text(const char *s)
{
	return s ? json_text(s, strlen(s)) : json_null();
}

static json_t *steps_json(const struct finding *f)
{
	json_t *list = json_array();

	for (size_t i = 0; i < f->n_steps; i++) {
		const struct finding_step *s = &f->steps[i];
		json_t *v = json_object();

		json_object_set_new(v, "step", json_integer((json_int_t)i + 1));
		json_object_set_new(v, "token", json_integer(s->token));
		json_object_set_new(v, "text", *s->text ? text(s->text) : json_null());
		json_object_set_new(v, "valid", json_integer((json_int_t)s->valid));
		json_object_set_new(v, "token_rank", json_integer((json_int_t)s->token_rank));
		json_object_set_new(
			v, "prefix_rank", s->prefix_rank > 0 ? json_integer((json_int_t)s->prefix_rank) : json_null());
		json_object_set_new(v, "token_margin", json_real_or_null(s->token_margin));
		json_object_set_new(v, "prefix_margin", json_real_or_null(s->prefix_margin));
		json_object_set_new(v, "in_beam", json_boolean(s->in_beam));
		json_array_append_new(list, v);
	}
	return list;
}

static json_t *worst_json(const struct report_work *w)
{
	json_t *list = json_array();

	for (size_t i = 0; i < w->n_worst; i++) {
		const struct finding *f = w->worst[i];
		struct buf sentence = {0};
		json_t *v = json_object();

		words_verdict(f, w->survey, &sentence);
		json_object_set_new(v, "case", text(f->id));
		json_object_set_new(v, "item", text(f->item));
		json_object_set_new(v, "title", text(f->title));
		json_object_set_new(v, "exact_rank", json_integer((json_int_t)f->outcome.exact_rank));
		json_object_set_new(v, "step", json_integer((json_int_t)f->outcome.pruned_at));
		json_object_set_new(v, "verdict", text(buf_str(&sentence)));
		json_object_set_new(v, "steps", steps_json(f));
		json_array_append_new(list, v);
		buf_release(&sentence);
	}
	return list;
}

/* What the page begins with. */
static void add_sentences(json_t *v, const struct report_work *w)
{
	struct buf b = {0};
	json_t *bout;
	size_t i;

	report_headline(&w->tally, &b);
	json_object_set_new(v, "headline", text(buf_str(&b)));
	json_array_foreach(json_object_get(v, "bouts"), i, bout) {
		buf_clear(&b);
		report_comparison(&w->contest, i + 1, &b);
		json_object_set_new(bout, "sentence", text(buf_str(&b)));
	}
	buf_release(&b);
}

static void write_json(const struct report_work *w, struct buf *out)
{
	json_t *v = w->contest.n > 0 ? contest_json(&w->contest) : tally_json(&w->tally, w->survey);

	add_sentences(v, w);
	json_object_set_new(v, "version", text(w->r->version));
	json_object_set_new(v, "command", text(w->r->command));
	if (!json_object_get(v, "settings"))
		json_object_set(v, "settings", w->survey->settings);
	if (!json_object_get(v, "slices"))
		json_object_set_new(v, "slices", slices_json(w->survey));
	json_object_set_new(v, "worst", worst_json(w));
	json_add(out, v);
	buf_addch(out, '\n');
	json_decref(v);
}

static void write_page(struct report_work *w, const struct page_ops *ops, struct buf *out)
{
	struct page p = {ops, out};

	report_body(w, &p);
}

int report_write(const struct report *r, enum report_form form, struct buf *out, struct err *err)
{
	struct report_work w;
	int result = work_init(&w, r, err);

	if (!result) {
		switch (form) {
		case REPORT_HTML:
			write_page(&w, &page_html, out);
			break;
		case REPORT_MARKDOWN:
			write_page(&w, &page_markdown, out);
			break;
		case REPORT_JSON:
			write_json(&w, out);
			break;
		case REPORT_CSV:
			report_csv(w.survey, out);
			break;
		}
	}
	work_release(&w);
	return result;
}
