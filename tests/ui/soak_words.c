#include "soak_words.h"

#include <string.h>

#include "base/compiler.h"
#include "session/command.h"
#include "session/option.h"

/* {few} is 1 … 3, {width} 1 … 12, {case} a case of the demo's splits, {file} one of a few names, {objective} one of
 * those of `train`. */
static const char *const good_lines[] = {
	"beam {case}", "beam {case} --beam {width}", "beam {case} --mask after --beam {width}", "step", "back",
	"goto {few}", "goto pruned", "why", "undo", "redo", "branch {few}", "force {few}", "forbid {few}",
	"force positive", "change beam {width}", "change mask after", "sweep {case}",
	"sweep all --limit {few} --beams 1,{width}", "exact {case}", "exact {case} --budget 100", "score {case}",
	"diagnose --limit {few}", "diagnose --limit {few} --beams none -o {file}.jsonl",
	"diagnose --where 'popularity < 9' --limit {few}", "compare --set tau=0.9 --limit {few}",
	"compare --set mask=after --limit {few} --save {file}", "compare bear --limit {few}",
	"compare bear --case {case}", "compare {file}.jsonl {file}.jsonl", "merge {file}.jsonl",
	"export report {file}.html {file}.jsonl",
	"export report {file}.md", "train {objective} --steps {few} --batch 2 --eval-cases {few} --out {file}",
	"train {objective},{objective} --steps 9 --batch 2 --eval-every {few} --eval-cases 1",
	"train {objective} --full --steps {width} --batch 2 --eval-cases 0",
	"train {objective} --steps 100000 --batch 2 --eval-cases 0 --out {file}",
	"train --resume {file} --steps {width}", "pause", "resume", "stop", "loss {objective} --cases 1,{case}",
	"cases --limit {few}", "cases --where 'history > {few}' --limit 9", "case {case}", "item {case}", "find a",
	"info", "prompt {case}", "tokenize HP ink", "detokenize 5 6 {case}", "set beam {width}", "set mask before",
	"set tau 0.9", "set", "set split valid", "set split test", "help", "help beam", "lesson", "lesson {few}",
	"{few}",
	"new {file} --layers 1 --hidden 8 --vocab 300",
};

static const char *const files[] = {"a", "b", "c", "two words", "-x", "missing/d"};
static const char *const objectives[] = {"sft", "msl", "bear", "bear-reg", "bear-margin", "direct"};
static const char *const paths[] = {"demo", "demo/sft", "demo/bear", "lesson", "lesson/table.csv", "nowhere"};
static const char *const texts[] = {
	"", "a", "ink", "popularity > 2", "history <", "'", "\"", "\\", "#", "tau=0.9", "写真 🖨️", "e\u0301\u202e",
	"1,2,3", "--", "-", "--help", "99999999999999999999", "nan", "{case}", "%s%n", "all", "positive",
};

#define ANY_OF(list) ((list)[rng_below(rng, ARRAY_LEN(list))])

static bool one_in(struct rng *rng, uint32_t n)
{
	return rng_below(rng, n) == 0;
}

static void add_place(struct buf *out, struct rng *rng, const char *name, size_t len)
{
	if (strncmp(name, "few", len) == 0)
		buf_addf(out, "%u", 1 + rng_below(rng, 3));
	else if (strncmp(name, "width", len) == 0)
		buf_addf(out, "%u", 1 + rng_below(rng, 12));
	else if (strncmp(name, "case", len) == 0)
		buf_addf(out, "%u", 1 + rng_below(rng, one_in(rng, 20) ? 100000 : 900));
	else if (strncmp(name, "file", len) == 0)
		buf_addword(out, ANY_OF(files));
	else
		buf_addstr(out, ANY_OF(objectives));
}

static void add_good(struct buf *out, struct rng *rng)
{
	for (const char *s = ANY_OF(good_lines); *s;) {
		size_t n = strcspn(s, "{");
		buf_add(out, s, n);
		s += n;
		if (*s == '{') {
			n = strcspn(++s, "}");
			add_place(out, rng, s, n);
			s += n + 1;
		}
	}
}

static void add_choice(struct buf *out, struct rng *rng, const char *choices)
{
	size_t n = 1;

	for (const char *s = choices; *s; s++)
		n += *s == '|';
	for (uint32_t skip = rng_below(rng, (uint32_t)n); skip > 0; skip--)
		choices = strchr(choices, '|') + 1;
	buf_add(out, choices, strcspn(choices, "|"));
}

/* Within the bounds, and no larger than 60, so that what it makes ends soon; now and then beyond them. */
static void add_number(struct buf *out, struct rng *rng, double min, double max, bool real)
{
	double from = min > -60 ? min : -60, to = max < 60 && max > min ? max : from + 60;
	double v = from + rng_uniform(rng) * (to - from);

	if (one_in(rng, 20))
		v = one_in(rng, 2) ? min - 1 : max + 1;
	buf_addf(out, real ? "%.3g" : "%.0f", v);
}

static void add_path(struct buf *out, struct rng *rng, const char *data)
{
	if (one_in(rng, 2))
		buf_addword(out, ANY_OF(files));
	else
		buf_addf(out, "'%s/%s'", data, ANY_OF(paths));
}

static void add_value(struct buf *out, struct rng *rng, const struct cmd_arg *a, const char *data)
{
	if (one_in(rng, 15)) {
		buf_addstr(out, ANY_OF(texts));
		return;
	}
	switch (a->type) {
	case ARG_CASE:
	case ARG_ITEM:
		buf_addf(out, "%u", 1 + rng_below(rng, 500));
		break;
	case ARG_INT:
	case ARG_REAL:
		add_number(out, rng, a->min, a->max, a->type == ARG_REAL);
		break;
	case ARG_PATH:
		add_path(out, rng, data);
		break;
	case ARG_CHOICE:
		add_choice(out, rng, a->choices);
		break;
	case ARG_WORD:
	case ARG_REST:
		if (one_in(rng, 2))
			buf_addf(out, "%u", 1 + rng_below(rng, 50));
		else
			buf_addstr(out, ANY_OF(texts));
		break;
	case ARG_FLAG:
		break;
	}
}

/* An option of the option table: --mask after. Threads stay few; they would only fight for the processors. */
static void add_setting(struct buf *out, struct rng *rng, const char *data)
{
	size_t n = 0;

	while (option_table[n].name)
		n++;
	const struct option_entry *o = &option_table[rng_below(rng, (uint32_t)n)];
	buf_addf(out, " --%s ", o->name);
	if (strcmp(o->name, "threads") == 0)
		buf_addf(out, "%u", 1 + rng_below(rng, 3));
	else if (o->type == OPT_CHOICE)
		add_choice(out, rng, o->choices);
	else if (o->type == OPT_INT || o->type == OPT_REAL)
		add_number(out, rng, o->min, o->max, o->type == OPT_REAL);
	else if (o->type == OPT_PATH)
		add_path(out, rng, data);
}

static void add_from_table(struct buf *out, struct rng *rng, const char *data)
{
	size_t n = 0;

	while (cmd_table[n])
		n++;
	const struct cmd_entry *e = cmd_table[rng_below(rng, (uint32_t)n)];
	buf_add(out, e->name, strlen(e->name) - (one_in(rng, 10) ? 1 : 0));
	for (const struct cmd_arg *a = e->args; a->name; a++) {
		bool option = a->name[0] == '-';
		if (one_in(rng, a->required ? 20 : 3) == a->required)
			continue;
		buf_addch(out, ' ');
		if (option)
			buf_addf(out, "%s ", a->name);
		add_value(out, rng, a, data);
	}
	while (one_in(rng, 3))
		add_setting(out, rng, data);
}

/* A byte less, one more, or one twice. */
static void corrupt(struct buf *out, struct rng *rng)
{
	static const char bytes[] = " '\"\\#-=,:;{}()$\x01\x7f\xc3\xff";

	if (out->len == 0)
		return;
	size_t at = rng_below(rng, (uint32_t)out->len);
	if (one_in(rng, 3))
		out->at[at] = bytes[rng_below(rng, sizeof(bytes) - 1)];
	else if (one_in(rng, 2))
		buf_addch(out, bytes[rng_below(rng, sizeof(bytes) - 1)]);
	else
		out->at[at] = ' ';
}

void soak_line(struct buf *out, struct rng *rng, const char *data)
{
	if (rng_below(rng, 3) > 0)
		add_good(out, rng);
	else
		add_from_table(out, rng, data);
	while (one_in(rng, 8))
		corrupt(out, rng);
}
