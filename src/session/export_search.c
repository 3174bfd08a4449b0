#include "session/export_search.h"

#include "config.h"

#include <math.h>
#include <string.h>

#include "base/svg.h"
#include "base/utf8.h"
#include "session/edit_text.h"
#include "session/field.h"
#include "session/picture.h"
#include "session/record.h"
#include "session/snap_trace.h"
#include "session/trace_charts.h"
#include "store/file.h"

#define LEAST_WIDTH 640.0 /* of an SVG file: a note has room below a small picture */

_Static_assert(EXPORT_CHARTS == TRACE_CHARTS, "a page shows the charts of a trace");

/* A new reference to the record of another search, which is not opened. */
static json_t *search_case(struct session *s, const char *id, struct err *err)
{
	struct branch *b = session_prepare(s, CMD_NEEDS_SEARCH, err) ? NULL : session_search(s, id, err);
	json_t *record = b ? json_incref(b->record) : NULL;

	branch_free(b);
	return record;
}

int export_search_init(struct export_search *x, struct session *s, const struct export_job *job, struct err *err)
{
	const char *id = job->args->text[EXPORT_CASE];

	*x = (struct export_search){0};
	arena_init(&x->arena);
	x->record = id ? search_case(s, id, err) : json_incref((json_t *)session_trace(s, err));
	if (!x->record)
		return -1;
	x->trace = snap_trace_new(x->record);
	return 0;
}

void export_search_release(struct export_search *x)
{
	json_decref(x->record);
	snap_trace_unref(x->trace);
	arena_release(&x->arena);
}

void export_json(const json_t *object, const char *kind, struct buf *out)
{
	json_t *v = json_copy((json_t *)object);

	json_object_set_new(v, "exported", export_origin(kind));
	json_add(out, v);
	buf_addch(out, '\n');
	json_decref(v);
}

const char *export_search_title(struct export_search *x)
{
	struct buf b = {0};

	buf_addf(&b, "Case %s", x->trace->case_id);
	if (*x->trace->title_shown)
		buf_addf(&b, ": %s", x->trace->title_shown);
	return buf_keep(&b, &x->arena);
}

const char *export_search_settings(struct export_search *x)
{
	const json_t *settings = json_object_get(x->record, "settings");
	const char *model = field_string(settings, "model"), *adapter = field_string(settings, "adapter");
	const char *data = field_string(settings, "data");
	struct buf b = {0};

	if (model)
		buf_addstr(&b, file_last_part(model));
	if (adapter)
		buf_addf(&b, " with %s", file_last_part(adapter));
	buf_addf(&b, "%s%s %s \xc2\xb7 %s", model ? " \xc2\xb7 " : "", data ? data : "", field_text(settings, "split"),
		x->trace->settings_shown);
	return buf_keep(&b, &x->arena);
}

/* "force "Oxenhope" at step 4; forbid "Halden" at step 1" */
static void add_edits(const struct export_search *x, struct buf *out)
{
	edit_text_all(json_object_get(x->record, "edits"), false, out);
}

/* An edited search is told from the one that was asked for. */
static void say_edits(struct page *p, struct export_search *x)
{
	const json_t *branch = json_object_get(x->record, "branch");
	struct buf b = {0};

	if (!branch)
		return;
	buf_addstr(&b, "An edited search: ");
	add_edits(x, &b);
	buf_addstr(&b, ". The positive item is ");
	edit_text_fate(branch, &b);
	buf_addstr(&b, "; without the edits it is ");
	edit_text_fate(json_object_get(branch, "original"), &b);
	buf_addch(&b, '.');
	p->ops->text(p, VOICE_TEXT, buf_str(&b));
	buf_release(&b);
}

/* The paragraphs of the explanation, which begins with the sentence that is said already. */
static void explain(struct page *p, struct export_search *x)
{
	const char *sentence = x->trace->sentence_shown, *all = x->trace->explain_shown;
	size_t said = strlen(sentence);

	if (!strncmp(all, sentence, said))
		all += said + strspn(all + said, " \n");
	for (const char *s = all; *s;) {
		size_t n = strcspn(s, "\n");

		if (n > 0)
			p->ops->text(p, VOICE_TEXT, arena_strndup(&x->arena, s, n));
		s += n + (s[n] == '\n');
	}
}

static const char *kept_count(struct export_search *x, size_t n, const char *none)
{
	struct buf b = {0};

	if (n == 0)
		return none;
	buf_addcount(&b, n);
	return buf_keep(&b, &x->arena);
}

static void key_figures(struct page *p, struct export_search *x)
{
	const struct snap_trace *t = x->trace;
	struct buf logp = {0}, width = {0}, steps = {0}, returned = {0};
	double v = field_real(json_object_get(x->record, "positive"), "logp");
	struct key_figure k[] = {
		{"Rank in the result", kept_count(x, t->rank, "none"), ""},
		{"Exact rank", kept_count(x, t->exact_rank, "not known"), t->exact_proved ? "proved" : "not proved"},
		{"Pruned at step", kept_count(x, t->pruned_at, "none"), ""},
		{"Smallest B that returns it", kept_count(x, t->smallest_width, "none"), ""},
		{"Log P of the item", "", ""},
	};

	buf_addf(&steps, "of %zu", t->n_steps);
	k[2].below = buf_keep(&steps, &x->arena);
	buf_addf(&returned, t->rank > 0 ? "of %zu" : "not among the %zu", t->n_results);
	k[0].below = buf_keep(&returned, &x->arena);
	if (t->smallest_width == 0 && t->widths_scanned > 0)
		buf_addf(&width, "up to %zu; here B is %zu", t->widths_scanned, t->width);
	else
		buf_addf(&width, "here B is %zu", t->width);
	k[3].below = buf_keep(&width, &x->arena);
	picture_number(v, &logp);
	k[4].value = buf_keep(&logp, &x->arena);
	buf_addf(&logp, "%.3g\xc2\xa0%%", isfinite(v) ? 100 * exp(v) : 0);
	k[4].below = buf_keep(&logp, &x->arena);
	p->ops->figures(p, k, ARRAY_LEN(k));
}

void export_page_begin(struct page *p, struct export_search *x)
{
	const struct phrase subtitle = {export_search_settings(x), NULL};

	p->ops->begin(p, export_search_title(x));
	p->ops->phrases(p, VOICE_SUBTITLE, &subtitle, 1);
	p->ops->text(p, VOICE_LEAD, x->trace->sentence_shown);
	say_edits(p, x);
	if (x->trace->n_positive > 0)
		key_figures(p, x);
	explain(p, x);
	if (*x->trace->notes_shown)
		p->ops->text(p, VOICE_NOTE, x->trace->notes_shown);
}

static void add_setting(struct grid *g, const char *key, const json_t *value)
{
	struct buf name = {0}, b = {0};

	for (const char *s = key; *s; s++)
		buf_addch(&name, *s == '_' ? ' ' : *s);
	grid_take(g, &name);
	if (json_is_string(value))
		buf_addstr(&b, json_string_value(value));
	else if (json_is_null(value))
		buf_addch(&b, '-');
	else
		json_add(&b, value);
	grid_take(g, &b);
}

void export_page_settings(struct page *p, const json_t *settings, struct arena *a)
{
	struct grid g;
	const char *key;
	json_t *value;

	if (settings) {
		p->ops->heading(p, "Settings");
		grid_init(&g, a, NULL);
		grid_column(&g, "setting", true);
		grid_column(&g, "value", true);
		json_object_foreach((json_t *)settings, key, value)
			add_setting(&g, key, value);
		grid_write(&g, p);
	}
	p->ops->end(p, PACKAGE_NAME " " PACKAGE_VERSION);
}

/* What a picture's file is drawn with. */
struct drawing {
	export_draw_fn *draw;
	const void *picture;
};

static void draw_block(const void *what, double width, double height, struct buf *out)
{
	const struct drawing *d = what;

	(void)width;
	(void)height;
	d->draw(d->picture, out);
}

void export_picture(struct export_search *x, double width, double height, export_draw_fn *draw, const void *picture,
	struct buf *out)
{
	const struct drawing d = {draw, picture};
	struct buf note = {0};
	struct svg_block b = {.title = export_search_title(x), .height = height, .draw = draw_block, .what = &d};

	buf_addf(&note, "%s %s", x->trace->sentence_shown, export_search_settings(x));
	if (json_object_get(x->record, "edits")) {
		buf_addstr(&note, " \xc2\xb7 edited: ");
		add_edits(x, &note);
	}
	b.note = buf_keep(&note, &x->arena);
	svg_page(&b, 1, fmax(width, LEAST_WIDTH) + 2 * SVG_MARGIN, out);
}

bool export_search_charts(struct export_search *x, struct chart charts[EXPORT_CHARTS])
{
	if (x->trace->n_positive == 0)
		return false;
	trace_charts(x->trace, &x->arena, charts);
	return true;
}
