#include "fake.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { STEPS = 9, WIDTH = 10, TRACED = 24 };

static const char *const tokens[TRACED] = {
	" PG", " Officejet", " PIXMA", " Black", "-", " 61XL", " ", "2", " Toner", " LaserJet", " Ink", " 写真",
	" Tri-color", " CLI", " Cyan", "é", " 🖨️", " Yellow", " Pro", " 950", " Genuine", " Combo", " Refill", "\t",
};
static const char *const beginnings[] = {"\"HP", "\"Canon", "\"Epson", "\"Brother", "\"写真用紙", "\"Cafe\u0301"};
static const char *const positive_tokens[STEPS] = {
	"\"Canon", " CLI", "-", "226", " Black", " Ink", " Tank", "\"", "</s>",
};
static const size_t positive_ranks[STEPS] = {3, 14, 21, 17, 19, 26, 26, 11, 12};
static const char *const history[] = {
	"HP 61XL High Yield Ink Cartridge, Black & Tri-color", "Avery Easy Peel Address Labels", "写真用紙 光沢 L判 100枚",
	"Scotch Magic Tape 🎁 6 Rolls", "Pilot G2 Retractable Gel Ink Pens, Fine Point",
};

static char *printed(struct arena *a, const char *fmt, const char *x, const char *y)
{
	char text[256];

	snprintf(text, sizeof(text), fmt, x, y);
	return arena_strdup(a, text);
}

/* As the session does it: nothing that is not safe to show reaches a snapshot. */
static char *shown(struct arena *a, const char *text)
{
	struct buf safe = {0};

	utf8_show(&safe, text, strlen(text), false);
	char *s = arena_strndup(a, buf_str(&safe), safe.len);
	buf_release(&safe);
	return s;
}

/* The number of a candidate's prefix, i from 0; step 0 is the empty prefix. */
static uint32_t number(size_t t, size_t i)
{
	return t == 0 ? 0 : (uint32_t)(1000 * t + i + 1);
}

static void fake_step(struct arena *a, struct snap_step *s, size_t t)
{
	*s = (struct snap_step){.width = WIDTH};
	s->total = t == 9 ? 12 : 30 + 7 * t;
	s->n = t == 9 ? 12 : TRACED;
	s->kept = WIDTH;
	s->candidates = arena_alloc(a, s->n * sizeof(*s->candidates));
	for (size_t i = 0; i < s->n; i++) {
		double gap = 0.031 * (double)(i * i) + 0.17 * (double)i;
		bool positive = i + 1 == positive_ranks[t - 1] && t <= 2;
		const char *text = positive ? positive_tokens[t - 1]
				   : t == 1 ? beginnings[i % 6]
					    : tokens[(i + 5 * t) % TRACED];
		size_t parent = t == 1 ? 0 : positive ? positive_ranks[t - 2] - 1 : i / 2;
		const char *begin = t == 1 ? "" : positive ? "\"Canon" : beginnings[(i * i + t) % 6];
		s->candidates[i] = (struct snap_candidate){
			.rank = (uint32_t)i + 1,
			.parent = (uint32_t)parent,
			.token = (uint32_t)(100 * t + i),
			.node = number(t, i),
			.above = number(t - 1, parent),
			.result = t == 9 && i % 3 == 0 && i < WIDTH ? (uint32_t)i / 3 + 1 : 0,
			.text_shown = shown(a, text),
			.prefix_shown = shown(a, printed(a, "%s%s", begin, text)),
			.item_shown = t == 9 && i % 3 == 0 ? "Canon PG-245XL Black Ink Cartridge" : NULL,
			.step_logp = -0.3 - gap,
			.logp = -1.1 * (double)t - gap,
			.kept = i < WIDTH,
			.finished = t == 9 && i % 3 == 0,
			.carried = t == 9 && i == 3,
			.positive = positive,
			.tie = t == 1 && i == 5,
		};
	}
	s->cutoff = s->candidates[WIDTH - 1].logp;
}

static void fake_positive(struct snap_trace *t, struct arena *a)
{
	static const double margins[STEPS] = {0.92, -0.84, -0.31, -1.2, -1.35, -1.4, -2.05, -2.1, NAN};

	t->positive = arena_alloc(a, STEPS * sizeof(*t->positive));
	t->n_positive = STEPS;
	for (size_t i = 0; i < STEPS; i++)
		t->positive[i] = (struct snap_positive){
			.text_shown = positive_tokens[i],
			.node = number(i + 1, positive_ranks[i] - 1) + (i < 2 ? 0 : 500),
			.token_rank = i == 1   ? 12
				      : i == 4 ? 7
					       : 1 + i % 3,
			.prefix_rank = positive_ranks[i],
			.valid = 37,
			.step_logp = -0.2 * (double)(i % 4),
			.logp = -1.5 - 0.7 * (double)i,
			.beta_logp = -3,
			.token_margin = 0.4,
			.prefix_margin = margins[i],
			.in_beam = i == 0,
			.width = WIDTH,
		};
}

static void fake_results(struct snap_trace *t, struct arena *a)
{
	t->results = arena_alloc(a, WIDTH * sizeof(*t->results));
	t->n_results = WIDTH;
	for (size_t i = 0; i < WIDTH; i++)
		t->results[i] = (struct snap_result){
			.item = printed(a, "item %s%s", (const char[]){(char)('a' + i), '\0'}, ""),
			.rank = (uint32_t)i + 1,
			.title_shown = i % 4 == 2 ? "写真用紙 光沢 L判 100枚" : "Canon PG-245XL Black Ink Cartridge",
			.logp = -3.1 - 0.3 * (double)i,
			.score = -0.34 - 0.03 * (double)i,
		};
}

struct snap_trace *fake_trace(void)
{
	struct snap_trace *t = xcalloc(1, sizeof(*t));

	*t = (struct snap_trace){
		.refs = 1,
		.case_id = "17",
		.width = WIDTH,
		.n_steps = STEPS,
		.settings_shown = "B 10 · mask before · plain",
		.title_shown = "Canon CLI-226 Black Ink Tank",
		.history_shown = history,
		.n_history = ARRAY_LEN(history),
		.verdict = SNAP_PRUNED,
		.pruned_at = 2,
		.exact_rank = 3,
		.n_sequences = 2411,
		.exact_proved = true,
		.condition_holds = false,
		.sentence_shown = "Incorrectly pruned: \" CLI\" ranks 14 at step 2, 0.84 nats under the cut-off; "
					"the whole item ranks 3. B ≥ 14 keeps it.",
		.explain_shown = "",
		.notes_shown = "",
		.edits_shown = "",
		.fate_shown = "pruned at step 2",
	};
	arena_init(&t->arena);
	t->steps = arena_alloc(&t->arena, STEPS * sizeof(*t->steps));
	for (size_t i = 1; i <= STEPS; i++)
		fake_step(&t->arena, &t->steps[i - 1], i);
	fake_positive(t, &t->arena);
	fake_results(t, &t->arena);
	return t;
}

void fake_trace_release(struct snap_trace *t)
{
	if (--t->refs > 0)
		return;
	arena_release(&t->arena);
	free(t);
}

struct snapshot *fake_snapshot(size_t step, struct snap_trace *t)
{
	struct snapshot *s = xcalloc(1, sizeof(*s));

	if (t)
		t->refs++;
	*s = (struct snapshot){
		.refs = 1,
		.serial = step,
		.model_shown = "tinystories-656k",
		.data_shown = "bear-office",
		.split_shown = "test",
		.settings_shown = "B 10 · mask before · plain",
		.settings_first = strlen("B 10 · mask before · plain"),
		.width = WIDTH,
		.case_index = 17,
		.n_cases = 1925,
		.case_id = "17",
		.previous_id = "16",
		.next_id = "18",
		.trace = t,
		.step = t ? step : 0,
		.job_shown = "",
		.message_shown = "",
	};
	arena_init(&s->arena);
	return s;
}
