/* The diagnosis in words. */
#include <math.h>
#include <string.h>

#include "diagnose/diagnosis.h"

/* What the sentences speak of. */
struct speech {
	const struct diagnosis *d;
	const struct trace *t;
	const struct verdict_words *w;
	struct buf *out;
};

const char *verdict_name(enum verdict_kind kind)
{
	static const char *const names[] = {
		[VERDICT_RETRIEVED] = "retrieved",
		[VERDICT_PRUNED] = "incorrectly-pruned",
		[VERDICT_OUTRANKED] = "out-ranked",
		[VERDICT_UNREACHABLE] = "unreachable",
		[VERDICT_UNDECIDED] = "undecided",
	};

	return names[kind];
}

const char *unreachable_name(enum unreachable_why why)
{
	static const char *const names[] = {
		[UNREACHABLE_NOT] = NULL,
		[UNREACHABLE_NO_POSITIVE] = "not-in-catalogue",
		[UNREACHABLE_NO_TOKENS] = "no-tokens",
		[UNREACHABLE_HIDDEN] = "hidden",
		[UNREACHABLE_ZERO] = "zero-probability",
	};

	return names[why];
}

const char *lost_name(enum lost_how how)
{
	static const char *const names[] = {
		[LOST_NOT] = NULL,
		[LOST_CUT] = "cut",
		[LOST_LATE_END] = "late-end",
		[LOST_SCORE] = "score",
		[LOST_DISPLACED] = "displaced",
		[LOST_STOPPED] = "stopped",
		[LOST_FORBIDDEN] = "forbidden",
	};

	return names[how];
}

static void say_many(const struct speech *s, size_t n, const char *one, const char *many)
{
	buf_addcount(s->out, n);
	buf_addf(s->out, " %s", n == 1 ? one : many);
}

/* The token of a step, the end of the item by that name. Steps count from 1. A published title begins with a quotation
 * mark, so that the other kind is needed around it. */
static void say_token(const struct speech *s, size_t step)
{
	struct buf piece = {0};
	char quote;

	if (step == s->d->n_steps) {
		buf_addstr(s->out, "the end of the item (EOS)");
		return;
	}
	s->w->piece(s->w->arg, s->d->steps[step - 1].token, &piece);
	quote = strchr(buf_str(&piece), '"') != NULL ? '\'' : '"';
	buf_addf(s->out, "%c%s%c", quote, buf_str(&piece), quote);
	buf_release(&piece);
}

/* -1.2 as "-1.20 (30.1%)". */
static void say_logp(const struct speech *s, double logp)
{
	buf_addf(s->out, "%.2f (%.3g%%)", logp, 100 * exp(logp));
}

static void say_cut(const struct speech *s)
{
	const struct positive_step *p = &s->d->steps[s->d->pruned_at - 1];

	say_token(s, s->d->pruned_at);
	if (p->logp == -INFINITY) { /* a mask that an edit put in force rules it out */
		buf_addf(s->out, " has probability zero at step %zu", s->d->pruned_at);
		return;
	}
	buf_addstr(s->out, " ranks ");
	buf_addcount(s->out, p->prefix_rank);
	buf_addf(s->out, " at step %zu, ", s->d->pruned_at);
	if (p->prefix_margin == -INFINITY) {
		buf_addstr(s->out, "where forced prefixes hold every place");
	} else if (p->prefix_margin < 0) {
		buf_addf(s->out, p->prefix_margin > -0.01 ? "%.2g" : "%.2f", -p->prefix_margin);
		buf_addstr(s->out, " nats under the cut-off");
	} else {
		buf_addstr(s->out, "level with the cut-off, where the order of equals decides");
	}
}

/* Where and how the item was lost, as a clause. */
static void say_loss(const struct speech *s)
{
	size_t step = s->d->pruned_at;

	switch (s->d->how) {
	case LOST_NOT:
		break;
	case LOST_CUT:
		say_cut(s);
		break;
	case LOST_LATE_END:
		buf_addf(s->out, "it ends at step %zu with rank ", step);
		buf_addcount(s->out, s->d->steps[step - 1].prefix_rank);
		buf_addf(s->out, ", and the hf search drops for good what ends beyond rank B = %zu",
			s->d->steps[step - 1].width);
		break;
	case LOST_SCORE:
		buf_addf(s->out,
			"it was finished at step %zu with no better score than the worst of the %zu finished "
			"items kept",
			step, s->d->steps[step - 1].width);
		break;
	case LOST_DISPLACED:
		buf_addf(s->out, "it was finished at step %zu and lost its place to better items at step %zu",
			s->d->n_steps, step);
		break;
	case LOST_STOPPED:
		buf_addf(s->out, "it was in the beam when the hf search stopped, after step %zu of the item's %zu",
			step, s->d->n_steps);
		break;
	case LOST_FORBIDDEN:
		say_token(s, step);
		buf_addf(s->out, " is forbidden at step %zu", step);
		break;
	}
}

/* "the whole item ranks 3 of 2,411", or as much of it as is proved. */
static void say_exact_rank(const struct speech *s)
{
	bool settled = s->d->exact_proved || s->d->exact_rank == s->d->exact_rank_most;
	bool bounded = s->w->n_sequences == 0 || s->d->exact_rank_most < s->w->n_sequences;

	if (!settled && !bounded && s->d->exact_rank == 1) {
		buf_addstr(s->out, "the exact rank of the whole item was not found within the budget");
		return;
	}
	buf_addstr(s->out, "the whole item ranks ");
	if (!settled)
		buf_addstr(s->out, bounded ? "between " : "at least ");
	buf_addcount(s->out, s->d->exact_rank);
	if (!settled && bounded) {
		buf_addstr(s->out, " and ");
		buf_addcount(s->out, s->d->exact_rank_most);
	}
	if (s->w->n_sequences > 0) {
		buf_addstr(s->out, " of ");
		buf_addcount(s->out, s->w->n_sequences);
	}
}

static void say_smallest_width(const struct speech *s)
{
	if (s->d->smallest_width > 0) {
		buf_addstr(s->out, "; the smallest B that returns it is ");
		buf_addcount(s->out, s->d->smallest_width);
	} else if (s->d->widths_scanned > 0) {
		buf_addstr(s->out, "; no B up to ");
		buf_addcount(s->out, s->d->widths_scanned);
		buf_addstr(s->out, " returns it");
	}
}

/* The step of the token that the model gives no probability. */
static size_t zero_step(const struct diagnosis *d)
{
	size_t i = 0;

	while (d->steps[i].step_logp > -INFINITY)
		i++;
	return i + 1;
}

static void say_unreachable(const struct speech *s)
{
	switch (s->d->why) {
	case UNREACHABLE_NOT:
		BUG("an unreachable item without a cause");
	case UNREACHABLE_NO_POSITIVE:
		buf_addstr(s->out, "the case's positive item is not in the catalogue");
		break;
	case UNREACHABLE_NO_TOKENS:
		buf_addstr(s->out, "the positive item has no tokens");
		break;
	case UNREACHABLE_HIDDEN:
		buf_addstr(s->out, "the positive item is the beginning of another one, and with --end leaf an item may "
				   "end only where no other goes on");
		break;
	case UNREACHABLE_ZERO:
		buf_addstr(s->out, "the model gives ");
		say_token(s, zero_step(s->d));
		buf_addf(s->out, " at step %zu probability zero", zero_step(s->d));
		break;
	}
}

/* What became of the item without the edits. */
static void say_original(const struct speech *s)
{
	const struct diagnosis *o = s->d->original;
	const struct speech original = {o, NULL, s->w, s->out};

	buf_addstr(s->out, "; without the edits it ");
	if (o->kind == VERDICT_UNREACHABLE) {
		buf_addstr(s->out, "is unreachable: ");
		say_unreachable(&original);
		return;
	}
	if (o->rank > 0)
		buf_addf(s->out, "was returned at rank %zu", o->rank);
	else
		buf_addf(s->out, "was %s at step %zu", o->how == LOST_CUT ? "pruned" : "lost", o->pruned_at);
	buf_addstr(s->out, ", and ");
	say_exact_rank(&original);
}

/* What the edits come to. The item of a case that cannot be searched for has no steps to speak of. */
static void say_branch(const struct speech *s)
{
	const struct diagnosis *d = s->d;

	if (d->rank > 0) {
		buf_addf(s->out, "In this branch the item is returned at rank %zu of %zu", d->rank, s->t->n_results);
		say_original(s);
	} else if (d->kind == VERDICT_UNREACHABLE) {
		const struct speech original = {d->original, NULL, s->w, s->out};

		buf_addstr(s->out, "In this branch, as without the edits, the item cannot be returned: ");
		say_unreachable(&original);
	} else {
		buf_addstr(s->out, "In this branch the item is not returned: ");
		say_loss(s);
		say_original(s);
	}
	buf_addch(s->out, '.');
}

void verdict_sentence(
	const struct diagnosis *d, const struct trace *trace, const struct verdict_words *w, struct buf *out)
{
	const struct speech s = {d, trace, w, out};

	if (d->original != NULL) {
		say_branch(&s);
		return;
	}
	switch (d->kind) {
	case VERDICT_RETRIEVED:
		buf_addf(out, "Retrieved at rank %zu of %zu; ", d->rank, trace->n_results);
		say_exact_rank(&s);
		break;
	case VERDICT_PRUNED:
		buf_addstr(out, "Incorrectly pruned: ");
		say_loss(&s);
		buf_addstr(out, "; ");
		say_exact_rank(&s);
		break;
	case VERDICT_OUTRANKED:
		buf_addstr(out, "Out-ranked: ");
		say_exact_rank(&s);
		buf_addf(out, ", beyond B = %zu; ", w->width);
		say_loss(&s);
		break;
	case VERDICT_UNREACHABLE:
		buf_addstr(out, "Unreachable: ");
		say_unreachable(&s);
		break;
	case VERDICT_UNDECIDED:
		buf_addstr(out, "Undecided: ");
		say_loss(&s);
		buf_addstr(out, "; ");
		say_exact_rank(&s);
		buf_addf(out, "; a larger budget would tell on which side of B = %zu it lies", w->width);
		break;
	}
	if (d->kind != VERDICT_UNREACHABLE)
		say_smallest_width(&s);
	buf_addch(out, '.');
}

/* The step's competition in figures. */
static void explain_competition(const struct speech *s)
{
	const struct diagnosis *d = s->d;
	const struct trace_step *step = &s->t->steps[d->pruned_at - 1];

	buf_addf(s->out, " At step %zu, ", d->pruned_at);
	say_many(s, step->total, "prefix", "prefixes");
	buf_addf(s->out, " competed for B = %zu places; the last one kept %shas log P ",
		d->steps[d->pruned_at - 1].width, d->original != NULL ? "by its rank " : "");
	say_logp(s, step->cutoff);
	buf_addstr(s->out, ", the item's prefix ");
	say_logp(s, d->steps[d->pruned_at - 1].logp);
	buf_addch(s->out, '.');
}

static size_t first_violation(const struct diagnosis *d)
{
	size_t i = 0;

	while (i < d->n_steps && d->steps[i].token_rank <= d->steps[i].width)
		i++;
	return i + 1;
}

static bool width_changes(const struct diagnosis *d)
{
	for (size_t i = 1; i < d->n_steps; i++)
		if (d->steps[i].width != d->steps[0].width)
			return true;
	return false;
}

static void explain_condition(const struct speech *s)
{
	const struct diagnosis *d = s->d;

	if (d->condition_holds && width_changes(d)) {
		buf_addstr(s->out, " BEAR's condition holds: every token of the item is among the B most probable "
				   "valid ones at its position, B being that of the step.");
	} else if (d->condition_holds) {
		buf_addf(s->out,
			" BEAR's condition holds: every token of the item is among the %zu most probable "
			"valid ones at its position",
			d->steps[0].width);
		buf_addstr(s->out, d->rank > 0 ? "." : ". It is necessary, not sufficient: whole prefixes compete.");
	} else {
		size_t step = first_violation(d);
		const struct positive_step *p = &d->steps[step - 1];

		buf_addf(s->out, " BEAR's condition fails at step %zu: ", step);
		say_token(s, step);
		buf_addstr(s->out, " is number ");
		buf_addcount(s->out, p->token_rank);
		buf_addstr(s->out, " of ");
		say_many(s, p->valid, "valid token", "valid tokens");
		buf_addf(s->out, ", %.2f nats under the one of rank %zu.", -p->token_margin, p->width);
	}
}

static void explain_exact(const struct speech *s)
{
	const struct diagnosis *d = s->d;

	if (d->exact_proved) {
		buf_addstr(s->out, " The exact rank is proved: ");
		if (d->exact_rank == 1)
			buf_addstr(s->out, "no item has");
		else
			say_many(s, d->exact_rank - 1, "item has", "items have");
		buf_addstr(s->out, " a larger overall probability than its ");
		say_logp(s, d->logp);
		buf_addstr(s->out, d->exact_rank == 1 ? "." : ", and no other can.");
	} else {
		buf_addstr(s->out, " The exact rank is not settled: the budget ran out with ");
		say_many(s, d->exact_rank - 1, "more probable item", "more probable items");
		buf_addstr(s->out, " found");
		if (d->exact_rank_most < s->w->n_sequences) {
			buf_addstr(s->out, ", and there can be at most ");
			say_many(s, d->exact_rank_most - d->exact_rank, "other", "others");
		}
		buf_addch(s->out, '.');
	}
}

static void explain_remedy(const struct speech *s)
{
	switch (s->d->kind) {
	case VERDICT_PRUNED:
		buf_addstr(s->out, " This is the search's error, not the model's: ");
		buf_addstr(s->out,
			s->d->smallest_width > s->w->width
				? "a wider beam finds the item, and so would training that lifts its early tokens."
				: "training that lifts the item's early tokens against their rivals would keep it.");
		break;
	case VERDICT_OUTRANKED:
		buf_addf(s->out,
			" This is the model's preference, not the search's error: a perfect search would not "
			"return it among %zu either.",
			s->w->width);
		break;
	default:
		break;
	}
}

void verdict_explain(
	const struct diagnosis *d, const struct trace *trace, const struct verdict_words *w, struct buf *out)
{
	const struct speech s = {d, trace, w, out};

	verdict_sentence(d, trace, w, out);
	if (d->kind == VERDICT_UNREACHABLE)
		return;
	if (d->how == LOST_CUT && isfinite(d->steps[d->pruned_at - 1].prefix_margin))
		explain_competition(&s);
	explain_condition(&s);
	explain_exact(&s);
	if (d->original == NULL)
		explain_remedy(&s);
}
