#include "diagnose/column.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "base/utf8.h"

#define MAX_NAMES 96
#define LONGEST_NAME 64

static double or_unknown(size_t n)
{
	return n > 0 ? (double)n : (double)NAN;
}

static bool reachable(const struct finding *f)
{
	return f->outcome.kind != VERDICT_UNREACHABLE;
}

/* The step where it left the beam; NULL: it never did, or had come to its end before. */
static const struct finding_step *lost_step(const struct finding *f)
{
	size_t at = f->outcome.pruned_at;

	return at > 0 && at <= f->n_steps ? &f->steps[at - 1] : NULL;
}

static const char *case_text(const struct finding *f)
{
	return f->id;
}

static const char *user_text(const struct finding *f)
{
	return f->user;
}

static const char *item_text(const struct finding *f)
{
	return f->item;
}

static const char *title_text(const struct finding *f)
{
	return f->title;
}

static const char *first_token_text(const struct finding *f)
{
	return f->first_text;
}

static const char *kind_text(const struct finding *f)
{
	return verdict_name(f->outcome.kind);
}

static const char *lost_text(const struct finding *f)
{
	const char *name = lost_name(f->how);

	return name ? name : "";
}

static const char *why_text(const struct finding *f)
{
	const char *name = unreachable_name(f->outcome.why);

	return name ? name : "";
}

static double index_number(const struct finding *f)
{
	return (double)f->index;
}

static double history_number(const struct finding *f)
{
	return (double)f->history;
}

static double popularity_number(const struct finding *f)
{
	return (double)f->popularity;
}

static double item_tokens_number(const struct finding *f)
{
	return or_unknown(f->item_tokens);
}

/* What has no tokens has no choices either; one that is hidden has them, but they are not counted. */
static double choices_number(const struct finding *f)
{
	return f->item_tokens > 0 ? (double)f->choices : (double)NAN;
}

static double first_token_id_number(const struct finding *f)
{
	return f->item_tokens > 0 ? (double)f->first_token : (double)NAN;
}

static double first_shared_number(const struct finding *f)
{
	return or_unknown(f->first_shared);
}

static double prompt_tokens_number(const struct finding *f)
{
	return or_unknown(f->prompt_tokens);
}

static double rank_number(const struct finding *f)
{
	return or_unknown(f->outcome.rank);
}

static double item_rank_number(const struct finding *f)
{
	return or_unknown(f->item_rank);
}

static double exact_rank_number(const struct finding *f)
{
	return or_unknown(f->outcome.exact_rank);
}

static double exact_rank_most_number(const struct finding *f)
{
	return or_unknown(f->exact_rank_most);
}

static double proved_number(const struct finding *f)
{
	return reachable(f) ? f->outcome.exact_proved : (double)NAN;
}

static double step_number(const struct finding *f)
{
	return or_unknown(f->outcome.pruned_at);
}

static double margin_number(const struct finding *f)
{
	size_t worst = finding_worst_step(f);

	return worst > 0 ? f->steps[worst - 1].prefix_margin : (double)NAN;
}

static double token_margin_number(const struct finding *f)
{
	double least = NAN;

	for (size_t i = 0; i < f->n_steps; i++)
		least = fmin(least, f->steps[i].token_margin);
	return least;
}

static double siblings_number(const struct finding *f)
{
	const struct finding_step *s = lost_step(f);

	return s ? (double)s->valid - 1 : (double)NAN;
}

static double condition_number(const struct finding *f)
{
	return reachable(f) ? f->outcome.condition_holds : (double)NAN;
}

static double retrieved_number(const struct finding *f)
{
	return f->outcome.kind == VERDICT_RETRIEVED;
}

static double pruned_number(const struct finding *f)
{
	return f->outcome.kind == VERDICT_UNDECIDED ? (double)NAN : finding_pruned(f);
}

static double smallest_beam_number(const struct finding *f)
{
	return or_unknown(f->smallest_width);
}

static double returned_number(const struct finding *f)
{
	return (double)f->outcome.returned;
}

static double recalled_number(const struct finding *f)
{
	return (double)f->outcome.recalled;
}

static double nll_before_number(const struct finding *f)
{
	return f->outcome.nll_before;
}

static double nll_after_number(const struct finding *f)
{
	return f->outcome.nll_after;
}

static double expanded_number(const struct finding *f)
{
	return (double)f->expanded;
}

static double scored_number(const struct finding *f)
{
	return (double)f->scored;
}

#define KINDS "retrieved|incorrectly-pruned|out-ranked|unreachable|undecided"
#define LOSSES "cut|late-end|score|displaced|stopped"
#define WHYS "not-in-catalogue|no-tokens|hidden|zero-probability"

/* What stands in an entry: a text, a number or a flag of the case itself (CASE_), of its spelling, or of a search. */
#define TEXT(key, of) .name = #key, .type = COLUMN_TEXT, .text = key##_text, of
#define NUMBER(key, of) .name = #key, .type = COLUMN_NUMBER, .number = key##_number, of
#define FLAG(key, of) .name = #key, .type = COLUMN_FLAG, .number = key##_number, of
#define OF_CASE .searched = false
#define OF_SPELLING .spelt = true
#define OF_SEARCH .searched = true

const struct column columns[] = {
	{TEXT(case, OF_CASE), .head = "case", .help = "id of the case"},
	{NUMBER(index, OF_CASE), .head = "no", .help = "its place in the split, from 1"},
	{TEXT(user, OF_CASE), .head = "user", .help = "id of the user"},
	{TEXT(item, OF_CASE), .head = "item", .help = "id of the positive item"},
	{TEXT(title, OF_CASE), .head = "title", .help = "title of the positive item"},
	{NUMBER(history, OF_CASE), .head = "history", .help = "items in the history"},
	{NUMBER(popularity, OF_CASE), .head = "popularity",
		.help = "times the positive item occurs in the training split"},
	{NUMBER(item_tokens, OF_SPELLING), .alias = "length", .head = "tokens",
		.help = "tokens of the positive item, its end included"},
	{NUMBER(choices, OF_SPELLING), .head = "choices", .help = "steps of its path with more than one valid token"},
	{TEXT(first_token, OF_SPELLING), .head = "first token", .help = "text of its first token"},
	{NUMBER(first_token_id, OF_SPELLING), .head = "id", .help = "id of its first token"},
	{NUMBER(first_shared, OF_SPELLING), .head = "shared", .help = "items that begin with its first token"},
	{NUMBER(prompt_tokens, OF_SEARCH), .head = "prompt", .help = "tokens of the prompt"},
	{TEXT(kind, OF_SEARCH), .alias = "verdict", .head = "verdict", .choices = KINDS, .help = "the verdict"},
	{TEXT(why, OF_SEARCH), .alias = "unreachable", .head = "why", .choices = WHYS, .help = "why it is unreachable"},
	{FLAG(retrieved, OF_SEARCH), .head = "retrieved", .help = "the search returned it"},
	{FLAG(pruned, OF_SEARCH), .head = "pruned", .help = "the search lost it wrongly"},
	{NUMBER(rank, OF_SEARCH), .head = "rank", .help = "its rank in what was returned"},
	{NUMBER(item_rank, OF_SEARCH), .head = "item rank",
		.help = "the same, with items of one sequence listed one by one"},
	{NUMBER(exact_rank, OF_SEARCH), .alias = "exact", .head = "exact",
		.help = "its rank in an exact search; at least this where it is not proved"},
	{NUMBER(exact_rank_most, OF_SEARCH), .head = "at most", .help = "its rank in an exact search is at most this"},
	{FLAG(proved, OF_SEARCH), .alias = "exact_rank_proved", .head = "proved", .help = "its exact rank is proved"},
	{NUMBER(step, OF_SEARCH), .alias = "pruned_at", .head = "step", .help = "step at which it left the beam"},
	{TEXT(lost, OF_SEARCH), .head = "lost", .choices = LOSSES, .help = "how it left the beam"},
	{NUMBER(margin, OF_SEARCH), .head = "margin", .form = "%+.2f", .help = "its smallest prefix margin, in nats"},
	{NUMBER(token_margin, OF_SEARCH), .head = "token margin", .form = "%+.2f",
		.help = "its smallest token margin, in nats"},
	{FLAG(condition, OF_SEARCH), .alias = "condition_holds", .head = "condition", .help = "BEAR's condition holds"},
	{NUMBER(siblings, OF_SEARCH), .head = "siblings",
		.help = "other valid tokens at the step where it left the beam"},
	{NUMBER(smallest_beam, OF_SEARCH), .head = "least B", .help = "smallest B of those scanned that returns it"},
	{NUMBER(returned, OF_SEARCH), .head = "returned", .help = "items returned"},
	{NUMBER(recalled, OF_SEARCH), .head = "recalled", .help = "of the exact best B, those returned"},
	{NUMBER(nll_before, OF_SEARCH), .head = "NLL before", .form = "%.3f",
		.help = "-log P of the positive item under mask before"},
	{NUMBER(nll_after, OF_SEARCH), .head = "NLL after", .form = "%.3f",
		.help = "-log P of the positive item under mask after"},
	{NUMBER(expanded, OF_SEARCH), .head = "expanded", .help = "prefixes expanded by all searches"},
	{NUMBER(scored, OF_SEARCH), .alias = "scored_tokens", .head = "scored",
		.help = "token probabilities computed by all searches"},
	{.name = NULL},
};

static void suggest(struct buf *out, const char *name)
{
	const char *names[MAX_NAMES];
	size_t n = 0;

	for (const struct column *c = columns; c->name; c++) {
		if (n + 2 > MAX_NAMES)
			BUG("more than %d names of columns", MAX_NAMES);
		names[n++] = c->name;
		if (c->alias)
			names[n++] = c->alias;
	}
	nearest_names(out, name, names, n);
	if (out->len > 0)
		return;
	buf_addstr(out, " ('help cases' lists them)");
}

const struct column *column_find(const char *name, size_t len, struct err *err)
{
	char word[LONGEST_NAME];
	struct buf hint = {0}, shown = {0};

	for (const struct column *c = columns; c->name; c++)
		if ((strlen(c->name) == len && !memcmp(c->name, name, len)) ||
			(c->alias && strlen(c->alias) == len && !memcmp(c->alias, name, len)))
			return c;
	snprintf(word, sizeof(word), "%.*s", (int)(len < sizeof(word) ? len : sizeof(word) - 1), name);
	suggest(&hint, word);
	utf8_show(&shown, word, strlen(word), false);
	err_set(err, ERR_USAGE, "there is no column '%s'%s", buf_str(&shown), buf_str(&hint));
	buf_release(&hint);
	buf_release(&shown);
	return NULL;
}

int column_order(double x, double y, bool descending)
{
	if (isnan(x) || isnan(y))
		return !!isnan(x) - !!isnan(y);
	return descending ? (x < y) - (x > y) : (x > y) - (x < y);
}

static bool begins(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);

	return n > 0 && n <= len && !memcmp(text, word, n);
}

static bool part_begins(const char *text, size_t len, const char *word)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] == '-' && begins(text + i + 1, len - i - 1, word))
			return true;
	return false;
}

int column_choice(const struct column *c, const char *word, const char **choice, size_t *len)
{
	static bool (*const means[])(const char *text, size_t len, const char *word) = {begins, part_begins};

	for (size_t i = 0; i < ARRAY_LEN(means); i++) {
		int found = -1, place = 0, many = 0;

		for (const char *at = c->choices; at; place++) {
			size_t n = strcspn(at, "|");

			if (means[i](at, n, word)) {
				many++;
				found = place;
				*choice = at;
				*len = n;
			}
			at = at[n] ? at + n + 1 : NULL;
		}
		if (many > 0)
			return many == 1 ? found : -1;
	}
	return -1;
}
