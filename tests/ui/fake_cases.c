#include "fake_cases.h"

#include <math.h>
#include <stdio.h>

#include "base/compiler.h"

static const char *const titles[] = {
	"Canon CLI-226 Black Ink Tank", "写真用紙 光沢 L判 100枚", "HP 61XL High Yield Ink Cartridge, Black & Tri-color",
	"Cafe\u0301 notebook", "Scotch Magic Tape 🎁 6 Rolls", "17731",
};
static const char *const firsts[] = {"\"Canon", "\"写真", " HP", "", "\"Scotch", " "};

static void find(struct snap_case *k, size_t i)
{
	static const enum snap_verdict verdicts[] = {SNAP_RETRIEVED, SNAP_PRUNED, SNAP_OUTRANKED, SNAP_OUTRANKED,
		SNAP_OUTRANKED, SNAP_RETRIEVED, SNAP_UNREACHABLE, SNAP_OUTRANKED, SNAP_PRUNED, SNAP_UNDECIDED,
		SNAP_OUTRANKED};

	k->verdict = verdicts[i % ARRAY_LEN(verdicts)];
	if (k->verdict == SNAP_UNREACHABLE)
		return;
	k->exact_rank = 1 + i * 7 % 130;
	k->exact_proved = k->exact_rank <= 100;
	if (!k->exact_proved)
		k->exact_rank = 101;
	k->worst_step = 1 + i % 4;
	k->worst_margin = k->verdict == SNAP_RETRIEVED ? 0.02 * (double)i : -0.07 * (double)(i + 1);
	if (k->verdict == SNAP_RETRIEVED) {
		k->rank = 1 + i % 10;
		k->smallest_width = 1 + i % 10;
	} else {
		k->pruned_at = k->worst_step;
		k->smallest_width = k->verdict == SNAP_PRUNED ? 11 + i : 0;
	}
	if (i == 4)
		k->worst_margin = -INFINITY;
	if (i == 7)
		k->worst_margin = -1234.5;
}

void fake_cases_init(struct fake_cases *f, size_t diagnosed)
{
	f->table = (struct snap_cases){
		.refs = 1,
		.rows = f->order,
		.n = FAKE_CASES,
		.n_all = FAKE_CASES,
		.n_searched = diagnosed,
		.where_shown = "",
		.sort_head = "",
		.settings_shown = diagnosed > 0 ? "tinystories-656k · B 10 · mask before · plain" : "",
	};
	for (size_t i = 0; i < FAKE_CASES; i++) {
		snprintf(f->ids[i], sizeof(f->ids[i]), "%zu", i + 1);
		f->rows[i] = (struct snap_case){
			.index = i + 1,
			.id = f->ids[i],
			.title_shown = titles[i % ARRAY_LEN(titles)],
			.first_shown = firsts[i % ARRAY_LEN(firsts)],
			.history = 3 + i * 5 % 17,
			.popularity = i == 2 ? 123456 : i * i % 97,
			.item_tokens = i % 5 ? 9 : 0,
			.worst_margin = NAN,
		};
		if (i < diagnosed)
			find(&f->rows[i], i);
		f->order[i] = &f->rows[i];
		f->table.kinds[f->rows[i].verdict]++;
	}
}

void fake_cases_only(struct fake_cases *f, enum snap_verdict verdict, const char *where)
{
	f->table.where_shown = where;
	f->table.n = 0;
	for (size_t i = 0; i < FAKE_CASES; i++)
		if (f->rows[i].verdict == verdict)
			f->order[f->table.n++] = &f->rows[i];
}
