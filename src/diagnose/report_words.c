/*
 * What a report says in words.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "data/title.h"
#include "report_priv.h"

#define CHANCE 0.05   /* below it a difference is taken for more than chance */
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
	const char *text = arena_strdup(&w->arena, buf_str(b));

	buf_release(b);
	return text;
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

void words_share(double share, struct buf *out)
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

void words_figure(const struct figure *f, bool share, struct buf *out)
{
	if (f->n == 0) {
		buf_addstr(out, "-");
		return;
	}
	if (share)
		words_share(f->value, out);
	else
		chart_number(f->value, 4, out);
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

void words_steps(const struct tally *t, struct buf *out)
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

void words_remedy(const struct tally *t, struct buf *out)
{
	const struct tally_width *wider[MOST_WIDTHS];
	size_t lost = t->kinds[VERDICT_PRUNED], n = remedy_widths(t, wider);

	if (lost == 0)
		return;
	if (n == 0) {
		buf_addstr(out, "No wider beam was tried.");
	} else {
		for (size_t i = 0; i < n && (i == 0 || wider[i - 1]->saved < lost); i++) {
			buf_addf(out, "%sB = %zu would return ", i == 0 ? "" : ", and ", wider[i]->width);
			add_saved(out, wider[i]->saved, lost);
		}
		buf_addch(out, '.');
	}
	if (t->smallest_n == 1 && lost == 1) {
		buf_addf(out, " The smallest that returns it is B = %zu.", t->smallest_median);
	} else if (t->smallest_n == lost && lost > 1) {
		buf_addf(out, " Half of them need no more than B = %zu.", t->smallest_median);
	} else if (t->smallest_n > 1) {
		buf_addstr(out, " Of the ");
		buf_addcount(out, t->smallest_n);
		buf_addf(out, " that some B of the scan returns, half need no more than B = %zu.", t->smallest_median);
	}
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
	words_share(rate->value, out);
	buf_addstr(out, "; 95 % interval ");
	words_interval(rate, true, out);
	buf_addstr(out, "). ");
	words_steps(t, out);
	if (lost > 0) {
		buf_addch(out, ' ');
		words_remedy(t, out);
	}
	while (out->len > 0 && out->at[out->len - 1] == ' ')
		out->at[--out->len] = '\0';
}

/* -1, 0 or 1: a difference beyond chance, and which way. */
static int beyond_chance(double difference, double p)
{
	return p >= CHANCE || isnan(difference) ? 0 : difference > 0 ? 1 : difference < 0 ? -1 : 0;
}

/* "+2.4 points [1.1, 3.7], p < 0.001", or that of a mean. */
static void add_difference(const struct figure *f, bool share, double p, struct buf *out)
{
	words_difference(f, share, out);
	buf_addstr(out, ", ");
	words_p(p, out);
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

static bool both_at_k(const struct contest *c, size_t contender)
{
	return c->tallies[0].width == c->k && c->tallies[contender].width == c->k;
}

/* "25.4 % against 25.5 % (-0.1 points [-1.7, 1.6], p = 1.00)"; the shares only where both are at K. */
static void add_shares(const struct contest *c, size_t contender, const struct figure *before,
	const struct figure *after, const struct flip_test *t, struct buf *out)
{
	bool same = both_at_k(c, contender);

	if (same) {
		words_share(after->value, out);
		buf_addstr(out, " against ");
		words_share(before->value, out);
		buf_addstr(out, " (");
	}
	add_difference(&t->difference, true, t->p, out);
	buf_addstr(out, same ? ")" : "");
}

/* How the searches lose, and what the models would give without one. */
static void compare_losses(const struct contest *c, size_t contender, struct buf *out)
{
	const struct tally *a = &c->tallies[0], *b = &c->tallies[contender];
	const struct flip_test *flips = c->bouts[contender - 1].flips, *t = &flips[FLIP_PRUNED];
	int way = beyond_chance((double)t->gained - (double)t->lost, t->p);

	if (both_at_k(c, contender)) {
		buf_addf(out, " The search of %s wrongly prunes ", c->contenders[contender].name);
		buf_addcount(out, b->kinds[VERDICT_PRUNED]);
		buf_addstr(out,
			b->kinds[VERDICT_PRUNED] == 1 ? " positive item against " : " positive items against ");
		buf_addcount(out, a->kinds[VERDICT_PRUNED]);
	} else {
		buf_addf(out, " Of the exact best %zu the search of %s loses ", c->k, c->contenders[contender].name);
		buf_addcount(out, t->gained);
		buf_addf(out, " positive item%s that %s does not, and ", t->gained == 1 ? "" : "s",
			c->contenders[0].name);
		buf_addcount(out, t->lost);
		buf_addstr(out, " the other way round");
	}
	buf_addf(out, ", %s (", way < 0 ? "fewer beyond chance" : way > 0 ? "more beyond chance" : "within chance");
	words_p(t->p, out);
	buf_addf(out, "). With a perfect search HR@%zu would %s ", c->k,
		both_at_k(c, contender) ? "be" : "differ by");
	add_shares(c, contender, &a->metrics.exact_hr, &b->metrics.exact_hr, &flips[FLIP_EXACT_HIT], out);
	buf_addch(out, '.');
}

/* Which is better, by h (of HR) and g (of NDCG): -1, 0 or 1. */
static void say_better(const char *first, const char *name, int h, int g, struct buf *out)
{
	if (h * g < 0)
		buf_addf(out, "%s is better than %s by HR and worse by NDCG", h > 0 ? name : first,
			h > 0 ? first : name);
	else if (h == 0 && g == 0)
		buf_addf(out, "%s and %s cannot be told apart by what they return", name, first);
	else
		buf_addf(out, "%s is %s than %s, beyond chance by %s", name, h + g > 0 ? "better" : "worse", first,
			h && g ? "HR and by NDCG"
			: h    ? "HR though not by NDCG"
			       : "NDCG though not by HR");
}

void report_comparison(const struct contest *c, size_t contender, struct buf *out)
{
	const struct bout *b = &c->bouts[contender - 1];
	const struct flip_test *hit = &b->flips[FLIP_HIT];
	const struct mean_test *ndcg = &b->means[MEAN_NDCG];

	say_better(c->contenders[0].name, c->contenders[contender].name, beyond_chance(hit->difference.value, hit->p),
		beyond_chance(ndcg->difference.value, ndcg->p), out);
	buf_addf(out, ": HR@%zu ", c->k);
	add_shares(c, contender, &c->tallies[0].metrics.hr, &c->tallies[contender].metrics.hr, hit, out);
	buf_addf(out, ", NDCG@%zu ", c->k);
	add_difference(&ndcg->difference, false, ndcg->p, out);
	buf_addch(out, '.');
	compare_losses(c, contender, out);
}
