/* Values of arguments and options, good and bad, for linewords.h. */
#include <math.h>
#include <string.h>

#include "base/compiler.h"
#include "base/utf8.h"
#include "diagnose/column.h"
#include "linewords.h"

#define ANY_OF(list) ((list)[rng_below(w->rng, ARRAY_LEN(list))])

static const char *const files[] = {"a", "b", "c", "two words", "-x", "missing/d", "deep/er/e"};
static const char *const endings[] = {"", ".jsonl", ".json", ".html", ".md", ".csv", ".svg", ".txt", "."};
static const char *const paths[] = {
	"demo", "demo/sft", "demo/bear", "lesson", "lesson/table.csv", "nowhere", "demo/test.csv", "demo/meta.json",
	"demo/sft/model.safetensors", "lessons", "templates/plain.tmpl", ".", "",
};
static const char *const numbers[] = {
	"nan", "inf", "-inf", "0x10", "1e", "1e999", "-1e999", "1e300", "\"\"", "' 5'", "'5 '", "--5", "5x", "1_000",
	"+3",
	"-0", ".5", "5.", "99999999999999999999", "-99999999999999999999", "0.5", "1,5", "\xef\xbc\x95", "1e-320",
	"five",
	"-", "--", "2147483648", "9007199254740993", "007", "1/2", "%d",
};
static const char *const texts[] = {
	"\"\"", "a", "ink", "'popularity > 2'", "'history <'", "'", "\"", "\\", "#", "tau=0.9", "写真 🖨️",
	"e\u0301\u202e",
	"1,2,3", "--", "-", "--help", "-h", "nan", "%s%n%1000000d", "all", "positive", "'two  words'", "1/2", "2/1",
	"0/0",
	"beam=1,2,3", "mask=", "=", ",", ",,,", "1,,2", "hr@10", "none", "pruned", "'\x1b[31mred\x1b[0m'", "\x01\x02",
	"\xff\xfe", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\tb", "'a\nb'", "\u2028", "\u00a0", "\ufeff",
	"<b>&amp;</b>", "&#x1b;", "{case}", "$", "'$1'", "bear:lambda=4:xi=0.5,bear", "sft,sft", "bear:lambda=x",
	"bear:K", "msl:", ":", "1,5,x", "50,1", "1:2", "[]", "{}", "null", "NaN", "q_proj,v_proj", "x_proj", "verdict",
};
static const char *const references[] = {
	"$a", "${a}", "${a:-3}", "$b", "${none:-7}", "${none:-}", "${none}", "$none", "$1", "$2", "$3", "$0", "$99",
	"$99999999999999999999", "$last", "$last.case", "$last.verdict.kind", "$last.items.1.item",
	"$last.results.0.item",
	"$last.id", "$last.", "$last..", "$last.steps", "$last.nothing.at.all", "$", "${", "${}", "${a", "${a:-",
	"${a:-${b}}", "${a:-$b}", "${a:?x}", "${a-b}", "$arg1", "$HOME", "$$", "$*", "$@", "$?", "$(cases)", "$a$b$1",
	"\"$a\"", "'$a'", "\\$a", "\"${a:-two words}\"", "${a:-'x}", "$a.b", "${last.case}", "${1}", "${-1}", "$-1",
};

static bool one_in(struct linewords *w, uint32_t n)
{
	return rng_below(w->rng, n) == 0;
}

void linewords_file(struct linewords *w, struct buf *out)
{
	struct buf name = {0};

	buf_addf(&name, "%s%s", ANY_OF(files), one_in(w, 2) ? ANY_OF(endings) : "");
	buf_addword(out, buf_str(&name));
	buf_release(&name);
}

static void add_path(struct linewords *w, struct buf *out)
{
	if (one_in(w, 2))
		linewords_file(w, out);
	else
		buf_addf(out, "'%s/%s'", w->data, ANY_OF(paths));
}

static void add_choice(struct linewords *w, struct buf *out, const char *choices)
{
	size_t n = 1, len;

	for (const char *s = choices; *s; s++)
		n += *s == '|';
	for (uint32_t skip = rng_below(w->rng, (uint32_t)n); skip > 0; skip--)
		choices = strchr(choices, '|') + 1;
	len = strcspn(choices, "|");
	buf_add(out, choices, one_in(w, 8) ? 1 + rng_below(w->rng, (uint32_t)len) : len);
}

/* Mostly within the bounds and no larger than 60, so that what it makes ends soon; now and then at a bound, beyond it,
 * or no number at all. wide: the upper bound is nothing that takes long. */
static void add_number(struct linewords *w, struct buf *out, double min, double max, bool real, bool wide)
{
	double from = min > -60 ? min : -60, to = max < 60 && max > min ? max : from + 60;
	double v = from + rng_uniform(w->rng) * (to - from);

	switch (rng_below(w->rng, 16)) {
	case 0:
		buf_addstr(out, ANY_OF(numbers));
		return;
	case 1:
		v = min;
		break;
	case 2:
		v = wide ? max : from;
		break;
	case 3:
		v = min - 1;
		break;
	case 4:
		v = max > min ? max + 1 : -1;
		break;
	}
	buf_addf(out, real ? "%.3g" : "%.0f", v);
}

/* Columns compared with numbers and texts, joined by `and`, `or`, `not` and brackets, not always in a right order. */
static void add_expression(struct linewords *w, struct buf *out, int depth)
{
	static const char *const signs[] = {"<", ">", "<=", ">=", "=", "!=", "==", "~", "is", "!", "<>"};
	size_t n = 0;

	while (columns[n].name)
		n++;
	const struct column *c = &columns[rng_below(w->rng, (uint32_t)n)];
	if (depth < 3 && one_in(w, 3)) {
		buf_addstr(out, one_in(w, 2) ? "(" : "not (");
		add_expression(w, out, depth + 1);
		buf_addstr(out, one_in(w, 10) ? "" : ")");
	} else {
		buf_addf(out, "%s", one_in(w, 4) && c->alias ? c->alias : c->name);
		buf_addf(out, one_in(w, 2) ? " %s " : "%s", signs[rng_below(w->rng, one_in(w, 6) ? 11 : 6)]);
		if (c->choices && !one_in(w, 6))
			add_choice(w, out, c->choices);
		else
			add_number(w, out, 0, 60, one_in(w, 3), true);
	}
	if (depth < 5 && one_in(w, 4)) {
		buf_addstr(out, one_in(w, 2) ? " and " : " or ");
		add_expression(w, out, depth + 1);
	}
}

/* A word that nobody types: as long as a screen, a page, a file. */
static void add_huge(struct linewords *w, struct buf *out)
{
	static const char *const pieces[] = {
		"x", "9", "(", "é", "🖨️", "a,", "not ", "\\", "''", "%", "\xff", "$a", "$1", "a.",
	};
	static const size_t lengths[] = {90, 300, 1100, 5000, 70000};
	const char *piece = ANY_OF(pieces);

	for (size_t n = ANY_OF(lengths) / strlen(piece); n > 0; n--)
		buf_addstr(out, piece);
}

static void add_word(struct linewords *w, struct buf *out, const struct cmd_arg *a)
{
	struct buf text = {0};

	if (a->value && strcmp(a->value, "EXPR") == 0 && !one_in(w, 5)) {
		add_expression(w, &text, 0);
		buf_addword(out, buf_str(&text));
	} else if (a->dflt && one_in(w, 2)) {
		buf_addword(out, a->dflt);
	} else if (one_in(w, 2)) {
		buf_addf(out, "%u", 1 + rng_below(w->rng, 50));
	} else {
		buf_addstr(out, ANY_OF(texts));
	}
	buf_release(&text);
}

void linewords_reference(struct linewords *w, struct buf *out)
{
	buf_addstr(out, ANY_OF(references));
}

/* What may stand in the place of any value; false: nothing was added. */
static bool add_odd(struct linewords *w, struct buf *out)
{
	uint32_t dice = rng_below(w->rng, 100);

	if (dice < 6)
		buf_addstr(out, ANY_OF(texts));
	else if (dice < 9)
		linewords_reference(w, out);
	else if (dice < 10)
		add_huge(w, out);
	return dice < 10;
}

void linewords_value(struct linewords *w, struct buf *out, const struct cmd_arg *a)
{
	bool wide = a->max <= 60 || strcmp(a->name, "--limit") == 0 || strcmp(a->name, "--budget") == 0;

	if (a->type == ARG_FLAG || add_odd(w, out))
		return;
	switch (a->type) {
	case ARG_CASE:
	case ARG_ITEM:
		buf_addf(out, "%u", 1 + rng_below(w->rng, one_in(w, 8) ? 100000 : 500));
		break;
	case ARG_INT:
	case ARG_REAL:
		add_number(w, out, a->min, a->max, a->type == ARG_REAL, wide);
		break;
	case ARG_PATH:
		add_path(w, out);
		break;
	case ARG_CHOICE:
		add_choice(w, out, a->choices);
		break;
	case ARG_WORD:
	case ARG_REST:
		add_word(w, out, a);
		break;
	case ARG_FLAG:
		break;
	}
}

/* Threads stay few; they would only fight for the processors. */
void linewords_option(struct linewords *w, struct buf *out, const struct option_entry *o)
{
	if (o->type == OPT_FLAG && one_in(w, 2))
		buf_addstr(out, one_in(w, 2) ? "on" : "no");
	else if (o->type == OPT_FLAG || add_odd(w, out))
		return;
	else if (strcmp(o->name, "threads") == 0)
		buf_addf(out, "%u", 1 + rng_below(w->rng, 3));
	else if (o->type == OPT_CHOICE)
		add_choice(w, out, o->choices);
	else if (o->type == OPT_INT || o->type == OPT_REAL)
		add_number(w, out, o->min, o->max, o->type == OPT_REAL, true);
	else
		add_path(w, out);
}
