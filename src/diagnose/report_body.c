/*
 * What a report says, section by section.
 */
#include <stdio.h>

#include "report_priv.h"

void report_say(struct page *p, enum page_voice voice, struct buf *b)
{
	if (b->len > 0)
		p->ops->text(p, voice, buf_str(b));
	buf_clear(b);
}

static void sentence_end(struct sentence *s)
{
	if (s->text.len > 0)
		vec_push(&s->phrases, (struct phrase){report_kept(s->w, &s->text), NULL});
}

void sentence_link(struct sentence *s, const char *words, const char *term)
{
	sentence_end(s);
	vec_push(&s->phrases, (struct phrase){arena_strdup(&s->w->arena, words), term});
}

void sentence_say(struct sentence *s, struct page *p, enum page_voice voice)
{
	sentence_end(s);
	p->ops->phrases(p, voice, s->phrases.at, s->phrases.n);
	vec_release(&s->phrases);
}

static void verdicts_table(struct report_work *w, struct page *p)
{
	static const char *const meanings[TALLY_KINDS] = {
		[VERDICT_RETRIEVED] = "among the items returned",
		[VERDICT_PRUNED] = "among the exact best B, and lost by the search",
		[VERDICT_OUTRANKED] = "the model ranks it beyond B: a perfect search would not return it",
		[VERDICT_UNREACHABLE] = "the search could never return it",
		[VERDICT_UNDECIDED] = "not returned, its exact rank left open by the budget",
	};
	struct grid g;

	grid_init(&g, &w->arena, "What became of the positive items");
	grid_column(&g, "verdict", true);
	grid_column(&g, "cases", false);
	grid_column(&g, "share", false);
	grid_column(&g, "meaning", true);
	for (int k = 0; k < TALLY_KINDS; k++) {
		struct figure f = figure_share(w->tally.kinds[k], w->tally.cases);

		grid_cell(&g, "%s", verdict_name((enum verdict_kind)k));
		grid_count(&g, f.count);
		grid_share(&g, &f);
		grid_cell(&g, "%s", meanings[k]);
	}
	grid_write(&g, p);
}

static void figure_row(struct grid *g, const char *name, const struct figure *f, bool share)
{
	struct buf b = {0};

	grid_cell(g, "%s", name);
	words_figure(f, share, &b);
	grid_take(g, &b);
	if (f->share)
		grid_count(g, f->count);
	else
		grid_cell(g, "%s", "");
	grid_count(g, f->n);
}

static void named_row(struct grid *g, const char *name, size_t k, const struct figure *f, bool share)
{
	char full[64];

	snprintf(full, sizeof(full), name, k);
	figure_row(g, full, f, share);
}

static void figures_table(struct report_work *w, struct page *p)
{
	const struct tally *t = &w->tally;
	const struct metrics *m = &t->metrics;
	struct grid g;

	grid_init(&g, &w->arena, "All figures, with 95 % intervals");
	grid_column(&g, "figure", true);
	grid_column(&g, "value", false);
	grid_column(&g, "count", false);
	grid_column(&g, "of", false);
	for (size_t i = 0; i < t->n_at; i++) {
		const struct tally_at *a = &t->at[i];

		named_row(&g, "HR@%zu", a->k, &a->hr, true);
		named_row(&g, "HR@%zu, items of one title one by one", a->k, &a->item_hr, true);
		named_row(&g, "HR@%zu, perfect search", a->k, &a->exact_hr, true);
		named_row(&g, "NDCG@%zu", a->k, &a->ndcg, false);
		named_row(&g, "NDCG@%zu, items of one title one by one", a->k, &a->item_ndcg, false);
		named_row(&g, "NDCG@%zu, perfect search", a->k, &a->exact_ndcg, false);
	}
	figure_row(&g, "wrongly pruned, of those among the exact best B", &m->pruning_rate, true);
	figure_row(&g, "BEAR condition (every token in the top B) held, of the wrongly pruned", &t->held_yet_pruned,
		true);
	figure_row(&g, "search recall", &m->search_recall, true);
	figure_row(&g, "returned by luck, of those returned", &m->lucky, true);
	figure_row(&g, "BEAR condition violated, of the reachable", &m->condition_violated, true);
	figure_row(&g, "\xe2\x88\x92log P of the positive item, mask before", &m->nll_before, false);
	figure_row(&g, "\xe2\x88\x92log P of the positive item, mask after", &m->nll_after, false);
	grid_write(&g, p);
}

static void margin_cells(struct grid *g, const double five[5])
{
	for (int i = 0; i < 5; i += 2)
		grid_number(g, five[i], 2, true);
}

static void steps_table(struct report_work *w, struct page *p)
{
	struct grid g;

	grid_init(&g, &w->arena, "By step: who leaves the beam, and margins (nats) of those still in it");
	grid_column(&g, "step", false);
	grid_column(&g, "in the beam", false);
	grid_column(&g, "leave", false);
	grid_column(&g, "wrongly", false);
	grid_column(&g, "token rank > B", false);
	grid_column(&g, "prefix margin: least", false);
	grid_column(&g, "median", false);
	grid_column(&g, "most", false);
	grid_column(&g, "token margin: least", false);
	grid_column(&g, "median", false);
	grid_column(&g, "most", false);
	for (size_t i = 0; i < w->tally.n_steps; i++) {
		const struct tally_step *s = &w->tally.steps[i];

		grid_cell(&g, "%zu", s->step);
		grid_count(&g, s->alive);
		grid_count(&g, s->pruned);
		grid_count(&g, s->wrongly);
		grid_count(&g, s->violated);
		margin_cells(&g, s->prefix_margin);
		margin_cells(&g, s->token_margin);
	}
	grid_write(&g, p);
}

static void widths_table(struct report_work *w, struct page *p)
{
	struct grid g;

	grid_init(&g, &w->arena, "By beam width: what a search of that width gives");
	grid_column(&g, "B", false);
	grid_column(&g, "HR@B", false);
	grid_column(&g, "HR@B, perfect search", false);
	grid_column(&g, "wrongly pruned", false);
	grid_column(&g, "search recall", false);
	grid_column(&g, "of those lost now, returned", false);
	for (size_t i = 0; i < w->tally.n_widths; i++) {
		const struct tally_width *t = &w->tally.widths[i];

		if (t->width == w->tally.width)
			g.strong = i;
		grid_cell(&g, "%zu", t->width);
		grid_share(&g, &t->hr);
		grid_share(&g, &t->exact_hr);
		grid_share(&g, &t->pruning_rate);
		grid_share(&g, &t->search_recall);
		grid_count(&g, t->saved);
	}
	if (w->tally.n_widths > 0)
		grid_write(&g, p);
	else
		grid_release(&g);
}

static void slice_row(struct grid *g, const struct slice *at)
{
	const struct metrics *m = &at->metrics;
	const struct figure *shares[] = {
		&m->pruning_rate, &m->search_recall, &m->hr, &m->exact_hr, &m->condition_violated};

	grid_cell(g, "%s", at->label);
	grid_count(g, at->cases);
	grid_count(g, at->pruned);
	for (size_t i = 0; i < ARRAY_LEN(shares); i++)
		grid_share(g, shares[i]);
}

/* One table, so that the figures of all stand below each other. */
static void slices_table(struct report_work *w, struct page *p)
{
	struct grid g;

	p->ops->heading(p, "Slices");
	grid_init(&g, &w->arena, NULL);
	grid_column(&g, "by", true);
	grid_column(&g, "", true);
	grid_column(&g, "cases", false);
	grid_column(&g, "lost", false);
	grid_column(&g, "wrongly pruned", false);
	grid_column(&g, "search recall", false);
	grid_column(&g, "HR", false);
	grid_column(&g, "HR, perfect search", false);
	grid_column(&g, "condition violated", false);
	for (size_t i = 0; i < w->n_slices; i++) {
		const struct slices *s = &w->slices[i];

		for (size_t k = 0; k < s->n; k++) {
			grid_cell(&g, "%s", k == 0 ? s->by->title : "");
			slice_row(&g, &s->at[k]);
		}
	}
	grid_write(&g, p);
}

/* Quotation marks around a token, since its blanks count. */
static void token_cell(struct grid *g, const struct finding *f, size_t step)
{
	struct buf text = {0}, b = {0};

	words_token(f, step, &text);
	if (*f->steps[step - 1].text)
		buf_addf(&b, "\xe2\x80\xb9%s\xe2\x80\xba", buf_str(&text));
	else
		buf_addstr(&b, buf_str(&text));
	grid_take(g, &b);
	buf_release(&text);
}

static void case_table(struct report_work *w, struct page *p, const struct finding *f)
{
	struct grid g;

	grid_init(&g, &w->arena, NULL);
	grid_column(&g, "step", false);
	grid_column(&g, "token", true);
	grid_column(&g, "token rank", false);
	grid_column(&g, "of", false);
	grid_column(&g, "prefix rank", false);
	grid_column(&g, "prefix margin", false);
	grid_column(&g, "token margin", false);
	for (size_t i = 0; i < f->n_steps; i++) {
		const struct finding_step *s = &f->steps[i];

		if (i + 1 == f->outcome.pruned_at)
			g.strong = i;
		grid_cell(&g, "%zu", i + 1);
		token_cell(&g, f, i + 1);
		grid_count(&g, s->token_rank);
		grid_count(&g, s->valid);
		if (s->prefix_rank > 0)
			grid_count(&g, s->prefix_rank);
		else
			grid_cell(&g, "-");
		grid_number(&g, s->prefix_margin, 2, true);
		grid_number(&g, s->token_margin, 2, true);
	}
	grid_write(&g, p);
}

static void worst_cases(struct report_work *w, struct page *p)
{
	struct buf b = {0};

	if (w->n_worst == 0)
		return;
	p->ops->heading(p, "The worst cases");
	p->ops->text(p, VOICE_TEXT,
		"Wrongly pruned positive items, those first that the model ranks highest. Margins are in nats; the "
		"step "
		"at which the item left the beam is in bold, what follows is what it would have met.");
	p->ops->group_begin(p);
	for (size_t i = 0; i < w->n_worst; i++) {
		const struct finding *f = w->worst[i];

		buf_addf(&b, "Case %s: ", f->id);
		words_title(f, &b);
		p->ops->case_begin(p, buf_str(&b));
		buf_clear(&b);
		words_verdict(f, w->survey, &b);
		report_say(p, VOICE_TEXT, &b);
		case_table(w, p, f);
		p->ops->case_end(p);
	}
	p->ops->group_end(p);
	buf_release(&b);
}

/* Counts of what the budget left open. */
static void unsettled(const struct report_work *w, size_t *unproved, size_t *unknown_best)
{
	for (size_t i = 0; i < w->survey->findings.n; i++) {
		const struct finding *f = &w->survey->findings.at[i];

		*unproved += f->outcome.kind != VERDICT_UNREACHABLE && !f->outcome.exact_proved;
		*unknown_best += f->outcome.exact_n == 0;
	}
}

static void counted(struct page *p, size_t n, const char *one, const char *many)
{
	struct buf b = {0};

	if (n > 0) {
		buf_addcount(&b, n);
		buf_addf(&b, " %s", n == 1 ? one : many);
		p->ops->text(p, VOICE_TEXT, buf_str(&b));
	}
	buf_release(&b);
}

static void not_known(struct report_work *w, struct page *p)
{
	const struct tally *t = &w->tally;
	size_t unproved = 0, unknown_best = 0, pruned = t->kinds[VERDICT_PRUNED];
	struct buf b = {0};

	unsettled(w, &unproved, &unknown_best);
	p->ops->heading(p, "What is not known");
	if (t->cases < w->survey->meant) {
		buf_addcount(&b, w->survey->meant - t->cases);
		buf_addstr(&b, " of the ");
		buf_addcount(&b, w->survey->meant);
		buf_addstr(
			&b, " cases that were meant are not in this report: the run was stopped, or is a part of it.");
		report_say(p, VOICE_TEXT, &b);
	}
	counted(p, t->metrics.undecided,
		"case is undecided: the budget of the exact search ended before it was settled whether its item is "
		"among "
		"the exact best B. A larger --budget would tell.",
		"cases are undecided: the budget of the exact search ended before it was settled whether their items "
		"are "
		"among the exact best B. A larger --budget would tell.");
	counted(p, unproved, "exact rank is not proved: the item ranks there or lower.",
		"exact ranks are not proved: these items rank there or lower.");
	counted(p, unknown_best, "case has no list of exact best items, and does not count in the search recall.",
		"cases have no list of exact best items, and do not count in the search recall.");
	if (pruned > t->smallest_n)
		counted(p, pruned - t->smallest_n, "wrongly pruned item is returned by no beam width that was tried.",
			"wrongly pruned items are returned by no beam width that was tried.");
	buf_addf(&b,
		"Intervals are 95 %% ones: Wilson's for shares; for means the percentile bootstrap with 1,000 draws "
		"from seed %llu. They say how far figures may be from those of other cases of the same kind, not how "
		"the model would fare elsewhere.",
		(unsigned long long)w->survey->seed);
	report_say(p, VOICE_TEXT, &b);
	if (w->contest.n > 0)
		p->ops->text(p, VOICE_TEXT,
			"Chances are two-sided: McNemar's exact test where a case has a figure or has not, the paired "
			"bootstrap for means. They are not corrected for how many are looked at; among twenty, one "
			"below "
			"0.05 is what chance gives.");
	buf_release(&b);
}

static void settings(struct report_work *w, struct page *p)
{
	size_t n = w->r->n + 1 < GRID_COLUMNS ? w->r->n : GRID_COLUMNS - 1;
	const char *key;
	json_t *value;
	struct grid g;

	p->ops->heading(p, "Settings");
	if (w->r->command && *w->r->command) {
		p->ops->text(p, VOICE_TEXT, "Made by");
		p->ops->code(p, w->r->command);
	}
	grid_init(&g, &w->arena, NULL);
	grid_column(&g, "setting", true);
	for (size_t i = 0; i < n; i++)
		grid_column(&g, n > 1 ? w->r->contenders[i].name : "value", true);
	json_object_foreach(w->survey->settings, key, value) {
		grid_cell(&g, "%s", key);
		for (size_t i = 0; i < n; i++) {
			struct buf b = {0};

			words_json(json_object_get(w->r->contenders[i].survey->settings, key), &b);
			grid_take(&g, &b);
		}
	}
	grid_write(&g, p);
}

static void glossary(struct page *p)
{
	static const struct term terms[] = {
		{"beam", "Beam search, B",
			"The search that writes items token by token and keeps, at every step, the B prefixes "
			"with the largest probability."},
		{"search", "Plain search, hf search",
			"Plain: prefixes compete by their log-probability alone, and the search ends when no kept one "
			"can go on. hf: as the generate() of Hugging Face does it, with its length penalty and early "
			"stop."},
		{"mask", "Mask before, mask after",
			"At every place only some tokens go on to an item. Before: the others are taken away, and the "
			"probabilities of those left sum to 1. After: the probabilities are those over all tokens, and "
			"the others are only not taken."},
		{"tau", "tau", "The temperature: what the model's logits are divided by. Below 1 likely tokens gain."},
		{"positive-item", "Positive item", "The item that the user really took next. Every case has one."},
		{"prefix-margin", "Prefix margin",
			"How far, in nats, the log-probability of the positive item's prefix lies above that of "
			"the last prefix kept. Below 0 the item is pruned at this step. 0.69 nats are a factor "
			"of two."},
		{"token-margin", "Token margin",
			"The same for the token alone, against the B-th most probable valid token at its place."},
		{"condition", "BEAR condition (every token in the top B)",
			"Every token of the item is among the B most probable valid ones at its place. "
			"Without it the item may still be returned by a search with few rivals; with it the "
			"item may still be pruned, since whole prefixes compete. It is that of the paper BEAR, "
			"whatever the models here are called."},
		{"exact-rank", "Perfect search, exact rank",
			"The item's place by its whole probability among all items of the catalogue: where a "
			"perfect search would list it."},
		{"wrongly-pruned", "Wrongly pruned, lost to the search",
			"Exact rank at most B, and not returned: the search's error, not the model's. The rate "
			"is of the cases whose exact rank is at most B."},
		{"out-ranked", "Out-ranked",
			"Exact rank beyond B: the model's error. No search that returns B items would mend it."},
		{"recall", "Search recall",
			"The share of the exact best B items that the search returns, whether or not the "
			"positive one is among them."},
		{"hr", "HR@K, NDCG@K",
			"The share of the cases whose positive item is among the first K; and the mean of "
			"1 / log2(rank + 1), 0 beyond K."},
	};

	p->ops->heading(p, "Terms");
	p->ops->terms(p, terms, ARRAY_LEN(terms));
}

static void add_title(const struct report_work *w, struct buf *b)
{
	const char *adapter = words_setting(w->survey, "adapter");

	if (w->r->title && *w->r->title) {
		buf_addstr(b, w->r->title);
		return;
	}
	buf_addstr(b, "What beam search loses: ");
	if (w->r->n > 1) {
		for (size_t i = 0; i < w->r->n; i++)
			buf_addf(b, "%s%s", i == 0 ? "" : i + 1 < w->r->n ? ", " : " and ", w->r->contenders[i].name);
	} else {
		buf_addstr(b, words_name(words_setting(w->survey, "model")));
		if (*adapter)
			buf_addf(b, " with %s", words_name(adapter));
	}
	buf_addf(b, " on %s", words_name(words_setting(w->survey, "data")));
}

/* "1,000 cases of the test split" */
static void add_cases(const struct report_work *w, struct buf *b)
{
	const char *where = words_setting(w->survey, "where");

	buf_addcount(b, w->tally.cases);
	buf_addstr(b, w->tally.cases == 1 ? " case" : " cases");
	if (w->tally.cases < w->tally.split_cases) {
		buf_addstr(b, " of the ");
		buf_addcount(b, w->tally.split_cases);
	}
	buf_addf(b, " of the %s split", words_setting(w->survey, "split"));
	if (*where)
		buf_addf(b, ", those with %s", where);
}

static void begin(struct report_work *w, struct page *p)
{
	static const char between[] = " \xc2\xb7 ";
	struct sentence s = {.w = w};
	struct buf title = {0}, words = {0};

	add_title(w, &title);
	p->ops->begin(p, buf_str(&title));
	add_cases(w, &s.text);
	buf_addstr(&s.text, between);
	buf_addf(&words, "B = %zu", w->tally.width);
	sentence_link(&s, buf_str(&words), "beam");
	buf_addstr(&s.text, between);
	buf_clear(&words);
	buf_addf(&words, "mask %s", words_setting(w->survey, "mask"));
	sentence_link(&s, buf_str(&words), "mask");
	buf_addstr(&s.text, between);
	buf_clear(&words);
	buf_addf(&words, "%s search", words_setting(w->survey, "search"));
	sentence_link(&s, buf_str(&words), "search");
	if (w->r->n > 1)
		buf_addf(&s.text, "%scharts and tables of one model show %s", between, w->r->contenders[0].name);
	sentence_say(&s, p, VOICE_SUBTITLE);
	buf_release(&title);
	buf_release(&words);
}

void report_body(struct report_work *w, struct page *p)
{
	struct buf colophon = {0};

	begin(w, p);
	report_front(w, p);
	p->ops->heading(p, "Figures");
	p->ops->group_begin(p);
	figures_table(w, p);
	verdicts_table(w, p);
	p->ops->group_end(p);
	widths_table(w, p);
	steps_table(w, p);
	slices_table(w, p);
	report_compare(w, p);
	worst_cases(w, p);
	not_known(w, p);
	settings(w, p);
	glossary(p);
	buf_addf(&colophon, "beamscope %s", w->r->version ? w->r->version : "");
	p->ops->end(p, buf_str(&colophon));
	buf_release(&colophon);
}
