/*
 * What a report says in words.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "data/title.h"
#include "report_priv.h"

#define MOST_STEPS 3  /* named in a sentence */
#define ENOUGH 0.8    /* of what was lost, at the steps that are named */
#define MOST_WIDTHS 2 /* named in a sentence */

void report_shown(const char *text, size_t most, struct buf *out)
{
	struct buf safe = {0};

	utf8_show(&safe, text, strlen(text), false);
	utf8_fit(out, buf_str(&safe), safe.len, most, false, false);
	buf_release(&safe);
}

const char *report_kept(struct report_work *w, struct buf *b)
{
	return buf_keep(b, &w->arena);
}

const char *words_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

const char *words_setting(const struct survey *s, const char *key)
{
	const char *text = json_string_value(json_object_get(s->settings, key));

	return text ? text : "";
}

void words_json(const json_t *value, struct buf *out)
{
	if (json_is_string(value))
		buf_addstr(out, json_string_value(value));
	else if (!value || json_is_null(value))
		buf_addch(out, '-');
	else
		json_add(out, value);
}

/* "23.5 %" */
static void add_share(double share, struct buf *out)
{
	chart_number(100 * share, 1, out);
	buf_addstr(out, " %");
}

static void bounds(const struct figure *f, bool share, const char *between, struct buf *out)
{
	double scale = share ? 100 : 1;
	int decimals = share ? 1 : 4;

	chart_number(scale * f->low, decimals, out);
	buf_addstr(out, between);
	chart_number(scale * f->high, decimals, out);
}

void words_interval(const struct figure *f, bool share, struct buf *out)
{
	bounds(f, share, " to ", out);
}

void words_value(const struct figure *f, bool share, struct buf *out)
{
	if (f->n == 0)
		buf_addch(out, '-');
	else if (share)
		add_share(f->value, out);
	else
		chart_number(f->value, 4, out);
}

void words_figure(const struct figure *f, bool share, struct buf *out)
{
	words_value(f, share, out);
	if (f->n == 0)
		return;
	buf_addstr(out, " [");
	bounds(f, share, ", ", out);
	buf_addch(out, ']');
}

void words_p(double p, struct buf *out)
{
	if (p < 0.001) {
		buf_addstr(out, "p < 0.001");
		return;
	}
	buf_addstr(out, "p = ");
	chart_number(p, p < 0.1 ? 3 : 2, out);
}

void words_title(const struct finding *f, struct buf *out)
{
	if (*f->title)
		title_decode(out, f->title);
	else
		buf_addf(out, "item %s", f->item);
}

void words_token(const struct finding *f, size_t step, struct buf *out)
{
	const struct finding_step *p = &f->steps[step - 1];

	if (*p->text)
		buf_addstr(out, p->text);
	else if (step == 1 && *f->first_text)
		buf_addstr(out, f->first_text);
	else
		buf_addf(out, "%u", (unsigned)p->token);
}

/* The piece of a verdict's sentence: it names a token, which is one of the steps'. */
static void verdict_piece(void *arg, uint32_t token, struct buf *out)
{
	const struct finding *f = arg;
	struct buf text = {0};

	for (size_t i = 1; i <= f->n_steps; i++) {
		if (f->steps[i - 1].token == token) {
			words_token(f, i, &text);
			break;
		}
	}
	utf8_show(out, buf_str(&text), text.len, false);
	buf_release(&text);
}

void words_verdict(const struct finding *f, const struct survey *s, struct buf *out)
{
	const struct outcome *o = &f->outcome;
	const json_t *sequences = json_object_get(s->settings, "sequences"),
		     *scan = json_object_get(s->settings, "scan");
	const struct verdict_words words = {
		.piece = verdict_piece,
		.arg = (void *)f,
		.width = s->width,
		.n_sequences = (size_t)json_integer_value(sequences),
	};
	const struct trace trace = {.n_results = o->returned}; /* all that a sentence asks of it */
	double logp = 0;
	struct diagnosis d = {
		.kind = o->kind,
		.why = o->why,
		.steps = xcalloc(f->n_steps + 1, sizeof(*d.steps)),
		.n_steps = f->n_steps,
		.rank = o->rank,
		.how = f->how,
		.pruned_at = o->pruned_at,
		.exact_rank = o->exact_rank,
		.exact_rank_most = f->exact_rank_most,
		.exact_proved = o->exact_proved,
		.condition_holds = o->condition_holds,
		.smallest_width = f->smallest_width,
		.widths_scanned = o->rank > 0 || o->exact_rank <= (size_t)json_integer_value(scan)
					  ? (size_t)json_integer_value(scan)
					  : 0,
	};

	for (size_t i = 0; i < f->n_steps; i++) {
		const struct finding_step *p = &f->steps[i];

		d.steps[i] = (struct positive_step){
			.token = p->token,
			.token_rank = p->token_rank,
			.prefix_rank = p->prefix_rank,
			.step_logp = p->step_logp,
			.logp = logp += p->step_logp,
			.width = s->width,
			.token_margin = p->token_margin,
			.prefix_margin = p->prefix_margin,
			.in_beam = p->in_beam,
			.valid = p->valid,
		};
	}
	verdict_sentence(&d, &trace, &words, out);
	free(d.steps);
}

/* The step with the most wrongly pruned items that is not yet among those picked; NULL: there is none. */
static const struct tally_step *next_step(const struct tally *t, const struct tally_step *const *picked, size_t n)
{
	const struct tally_step *best = NULL;

	for (size_t i = 0; i < t->n_steps; i++) {
		const struct tally_step *s = &t->steps[i];
		bool taken = s->wrongly == 0;

		for (size_t k = 0; k < n; k++)
			taken |= picked[k] == s;
		if (!taken && (!best || s->wrongly > best->wrongly))
			best = s;
	}
	return best;
}

/* Where most were lost, a sentence. */
static void add_steps(const struct tally *t, struct buf *out)
{
	const struct tally_step *picked[MOST_STEPS];
	size_t lost = t->kinds[VERDICT_PRUNED], sum = 0, n = 0;

	while (n < MOST_STEPS && (double)sum < ENOUGH * (double)lost && (picked[n] = next_step(t, picked, n)))
		sum += picked[n++]->wrongly;
	if (n == 0)
		return;
	buf_addf(out, "%s lost at ", sum < lost ? "Most were" : lost == 1 ? "It was" : "All were");
	for (size_t i = 0; i < n; i++) {
		buf_addf(out, "%s%s %zu",
			i == 0      ? ""
			: i + 1 < n ? ", "
				    : " and ",
			i == 0 ? "step" : "step", picked[i]->step);
		if (sum < lost || n > 1) {
			buf_addstr(out, " (");
			buf_addcount(out, picked[i]->wrongly);
			buf_addch(out, ')');
		}
	}
	buf_addstr(out, ".");
}

/* Of the widths beyond B: the next one, and the widest. */
static size_t remedy_widths(const struct tally *t, const struct tally_width *wider[MOST_WIDTHS])
{
	size_t n = 0;

	for (size_t i = 0; i < t->n_widths; i++) {
		if (t->widths[i].width <= t->width)
			continue;
		wider[n < MOST_WIDTHS ? n : MOST_WIDTHS - 1] = &t->widths[i];
		n += n < MOST_WIDTHS;
	}
	return n;
}

static void add_saved(struct buf *out, size_t saved, size_t lost)
{
	if (saved == lost) {
		buf_addstr(out, lost == 1 ? "it" : "all of them");
	} else if (saved == 0) {
		buf_addstr(out, "none of them");
	} else {
		buf_addcount(out, saved);
		buf_addstr(out, " of them");
	}
}

/* What a larger B would save, a sentence or two. */
static void add_remedy(const struct tally *t, struct buf *out)
{
	const struct tally_width *wider[MOST_WIDTHS];
	size_t lost = t->kinds[VERDICT_PRUNED], n = remedy_widths(t, wider);

	if (lost == 0)
		return;
	if (n == 0) {
		buf_addstr(out, "No wider beam was tried.");
	} else {
		buf_addstr(out, "Of the widths tried, ");
		for (size_t i = 0; i < n && (i == 0 || wider[i - 1]->saved < lost); i++) {
			buf_addf(out, "%sB = %zu returns ", i == 0 ? "" : ", and ", wider[i]->width);
			add_saved(out, wider[i]->saved, lost);
		}
		buf_addch(out, '.');
	}
	if (t->smallest_n == 1 && lost == 1) {
		buf_addf(out, " The smallest that returns it is B = %zu.", t->smallest_median);
	} else if (t->smallest_n == lost && lost > 1) {
		buf_addf(out, " Width by width, half of them need no more than B = %zu.", t->smallest_median);
	} else if (t->smallest_n > 1) {
		buf_addstr(out, " Width by width, ");
		buf_addcount(out, t->smallest_n);
		buf_addf(out, " are returned by some B, half of these by B = %zu.", t->smallest_median);
	}
}

void words_luck(const struct tally *t, struct buf *out)
{
	const struct figure *lucky = &t->metrics.lucky;

	/* Where a budget left open which of them are lucky, the sum would not be right. */
	if (lucky->count == 0 || lucky->n != t->kinds[VERDICT_RETRIEVED])
		return;
	buf_addstr(out, " In all it returned ");
	buf_addcount(out, lucky->n);
	buf_addstr(out, lucky->n == 1 ? " positive item: " : " positive items: ");
	buf_addcount(out, lucky->n - lucky->count);
	buf_addstr(out, " of these ");
	buf_addcount(out, t->metrics.pruning_rate.n);
	buf_addstr(out, " and, by luck, ");
	buf_addcount(out, lucky->count);
	buf_addf(out, " ranked beyond %zu whose stronger rivals it lost.", t->width);
}

void report_headline(const struct tally *t, struct buf *out)
{
	const struct figure *rate = &t->metrics.pruning_rate;
	size_t lost = t->kinds[VERDICT_PRUNED];

	if (t->cases == 0) {
		buf_addstr(out, "There was no case to diagnose.");
		return;
	}
	if (rate->n == 0) {
		buf_addstr(out, "No positive item of the ");
		buf_addcount(out, t->cases);
		buf_addf(out,
			" %s is known to be among the best %zu of the whole catalogue: the search had none to lose.",
			t->cases == 1 ? "case" : "cases", t->width);
		return;
	}
	buf_addf(out, "The search lost ");
	if (lost == 0)
		buf_addstr(out, "none");
	else
		buf_addcount(out, lost);
	buf_addstr(out, " of the ");
	buf_addcount(out, rate->n);
	buf_addf(out, " positive items that are among the best %zu of the whole catalogue (", t->width);
	add_share(rate->value, out);
	buf_addstr(out, "; 95 % interval ");
	words_interval(rate, true, out);
	buf_addstr(out, "). ");
	add_steps(t, out);
	if (lost > 0) {
		buf_addch(out, ' ');
		add_remedy(t, out);
	}
	while (out->len > 0 && out->at[out->len - 1] == ' ')
		out->at[--out->len] = '\0';
}

void words_difference(const struct figure *f, bool share, struct buf *out)
{
	if (f->n == 0) {
		buf_addch(out, '-');
		return;
	}
	if (f->value > 0)
		buf_addch(out, '+');
	chart_number((share ? 100 : 1) * f->value, share ? 1 : 4, out);
	buf_addf(out, "%s [", share ? " points" : "");
	bounds(f, share, ", ", out);
	buf_addch(out, ']');
}
