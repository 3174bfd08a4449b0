#include "diagnose/judgement.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "diagnose/metrics.h"

/* A file that is being matched with the cases of a split. */
struct matching {
	struct judgement *j;
	const struct split *split;
	bool *taken;          /* owned, [cases] */
	size_t next;          /* the case after the one matched last */
	struct map by_answer; /* the answers' keys → the first case of each */
	uint32_t *next_case;  /* owned, [cases] the next case of the same answer; NO_CASE */
};

#define NO_CASE UINT32_MAX

/* What the file calls an item; "" where it has no such name. */
static const char *item_name(const struct judgement *j, uint32_t item)
{
	const struct item *it = &j->data->catalogue.items[item];

	return j->names == JUDGED_TITLES ? it->title : j->names == JUDGED_INDEXES ? it->index : it->text;
}

static struct prediction_key item_key(const struct judgement *j, uint32_t item)
{
	return prediction_key(j->predictions->form, PREDICTION_ITEM, item_name(j, item));
}

/* The first answer that is a semantic id or a title tells which of them the file is made of; what the model of this
 * session reads need not be the same. */
static void find_names(struct judgement *j)
{
	const struct {
		const struct map *map;
		enum judged_names names;
	} kinds[] = {{&j->data->catalogue.by_index, JUDGED_INDEXES}, {&j->data->catalogue.by_title, JUDGED_TITLES}};

	for (size_t i = 0; i < j->predictions->n; i++) {
		const char *output = j->predictions->at[i].output;
		struct prediction_key k;
		uint32_t item;

		if (!output)
			continue;
		k = prediction_key(j->predictions->form, PREDICTION_ANSWER, output);
		for (size_t kind = 0; kind < ARRAY_LEN(kinds); kind++) {
			if (!map_get(kinds[kind].map, k.at, k.len, &item))
				continue;
			if (!prediction_same(item_key(j, item), k))
				j->names = kinds[kind].names;
			return;
		}
	}
}

/* From the last to the first, so that each key begins with its first item. */
static void index_items(struct judgement *j)
{
	const struct catalogue *c = &j->data->catalogue;

	map_init(&j->items, c->n);
	j->next_alike = xcalloc(c->n + 1, sizeof(*j->next_alike));
	for (size_t i = c->n; i-- > 0;) {
		struct prediction_key k = item_key(j, (uint32_t)i);
		uint32_t *first;
		bool added;

		j->next_alike[i] = ITEM_NONE;
		if (!*item_name(j, (uint32_t)i))
			continue;
		first = map_put(&j->items, k.at, k.len, (uint32_t)i, &added);
		if (!added) {
			j->next_alike[i] = *first;
			*first = (uint32_t)i;
		}
	}
}

uint32_t judgement_item(const struct judgement *j, const char *text)
{
	struct prediction_key k = prediction_key(j->predictions->form, PREDICTION_MADE, text);
	uint32_t item;

	return map_get(&j->items, k.at, k.len, &item) ? item : ITEM_NONE;
}

uint32_t judgement_next_item(const struct judgement *j, uint32_t item)
{
	return j->next_alike[item];
}

/* What the answer of a case is compared by; empty where it has none. */
static struct prediction_key case_key(const struct judgement *j, const struct rec_case *rc)
{
	return rc->positive == ITEM_NONE ? (struct prediction_key){"", 0} : item_key(j, rc->positive);
}

static struct prediction_key answer_key(const struct judgement *j, const struct prediction *p)
{
	return prediction_key(j->predictions->form, PREDICTION_ANSWER, p->output);
}

static const char *last_place(const char *text, const char *title)
{
	const char *last = NULL;

	for (const char *at = strstr(text, title); at; at = strstr(at + 1, title))
		last = at;
	return last;
}

/* No further title can stand there: without the mark that titles, or semantic ids, begin with. */
static bool is_bare(const struct judgement *j, const char *text, size_t len)
{
	return !memchr(text, j->predictions->form == PREDICTIONS_MINIONEREC ? '<' : '"', len);
}

/* What stands before a history, the quotation mark of its first title left out, and behind it. Where the inputs are not
 * framed alike ("User 7 has bought"), it must be bare. */
static bool frames(const struct judgement *j, const char *input, const char *first, const char *end)
{
	size_t before = (size_t)(first - input), behind = strlen(end);

	return (before <= j->before || is_bare(j, input, before - 1)) &&
	       (behind <= j->behind || is_bare(j, end + 1, behind - 1));
}

/* Do the titles of the history stand in the input, one behind the other, and no others before and behind them? */
static bool tells_history(const struct judgement *j, const struct prediction *p, const struct rec_case *rc)
{
	size_t most = j->max_history, i = most > 0 && rc->n_history > most ? rc->n_history - most : 0, left = 0;
	const char *at = p->input, *first = NULL;

	for (size_t k = i; k < rc->n_history; k++)
		left += *item_name(j, rc->history[k]) != '\0';
	if (left == 0)
		return strlen(at) <= j->before + j->behind || is_bare(j, at, strlen(at));
	for (; i < rc->n_history; i++) {
		const char *name = item_name(j, rc->history[i]);

		if (!*name)
			continue;
		at = --left == 0 ? last_place(at, name) : strstr(at, name);
		if (!at)
			return false;
		first = first ? first : at;
		at += strlen(name);
	}
	return frames(j, p->input, first, at);
}

/* What all inputs have in common before and behind their histories; of one entry alone that is not known. */
static void find_frame(struct judgement *j)
{
	const struct predictions *p = j->predictions;
	const char *model = NULL;
	size_t len = 0;

	j->before = j->behind = SIZE_MAX / 2;
	for (size_t i = 0; i < p->n; i++) {
		const char *input = p->at[i].input;
		size_t n = input ? strlen(input) : 0, most, k = 0;

		if (!input)
			continue;
		if (!model) {
			model = input;
			len = n;
			continue;
		}
		most = n < len ? n : len;
		while (k < most && k < j->before && input[k] == model[k])
			k++;
		j->before = k;
		for (k = 0; k < most && k < j->behind && input[n - 1 - k] == model[len - 1 - k];)
			k++;
		j->behind = k;
	}
}

static bool says(const struct judgement *j, const struct prediction *p, const struct rec_case *rc)
{
	return (!p->output || prediction_same(answer_key(j, p), case_key(j, rc))) &&
	       (!p->input || tells_history(j, p, rc));
}

/* Where the last item of a sequence has no title, the published readers take the one before it for the answer. */
static bool fits(const struct judgement *j, const struct prediction *p, const struct rec_case *rc)
{
	struct rec_case shorter = *rc;

	if (says(j, p, rc))
		return true;
	if (rc->positive != ITEM_NONE || rc->n_history == 0)
		return false;
	shorter.positive = rc->history[--shorter.n_history];
	return says(j, p, &shorter);
}

static void index_cases(struct matching *m)
{
	map_init(&m->by_answer, m->split->n);
	m->next_case = xcalloc(m->split->n + 1, sizeof(*m->next_case));
	for (size_t i = m->split->n; i-- > 0;) {
		struct prediction_key k = case_key(m->j, &m->split->cases[i]);
		uint32_t *first;
		bool added;

		m->next_case[i] = NO_CASE;
		first = map_put(&m->by_answer, k.at, k.len, (uint32_t)i, &added);
		if (!added) {
			m->next_case[i] = *first;
			*first = (uint32_t)i;
		}
	}
}

/* The first case from `from` on that fits and that no entry took. */
static uint32_t find_case(const struct matching *m, const struct prediction *p, size_t from)
{
	struct prediction_key k;
	uint32_t at = 0;

	if (!p->output) {
		for (size_t i = from; i < m->split->n; i++)
			if (!m->taken[i] && fits(m->j, p, &m->split->cases[i]))
				return (uint32_t)i;
		return NO_CASE;
	}
	k = answer_key(m->j, p);
	if (!map_get(&m->by_answer, k.at, k.len, &at))
		return NO_CASE;
	while (at != NO_CASE && (at < from || m->taken[at] || !fits(m->j, p, &m->split->cases[at])))
		at = m->next_case[at];
	return at;
}

static int refuse(const struct matching *m, size_t entry, struct err *err)
{
	const struct judgement *j = m->j;
	const struct prediction *p = &j->predictions->at[entry];
	struct buf answer = {0};

	if (p->output)
		utf8_show(&answer, p->output, strlen(p->output), false);
	err_set(err, ERR_VALUE,
		"%s: \"[%zu]\" has the %s of no %scase of the %s split of '%s'%s%.200s: name the dataset and the split "
		"that it was made with, or judge the file by itself with --alone",
		j->predictions->doc.file, entry,
		p->output && p->input ? "history and answer"
		: p->output           ? "answer"
				      : "history",
		entry > 0 ? "other " : "", split_name(j->split), j->data->name, p->output ? ", its answer being " : "",
		buf_str(&answer));
	buf_release(&answer);
	return -1;
}

static int match_entry(struct matching *m, size_t entry, struct err *err)
{
	const struct prediction *p = &m->j->predictions->at[entry];
	struct judged *g = &m->j->at[entry];
	uint32_t at = NO_CASE;

	if (m->next < m->split->n && !m->taken[m->next] && fits(m->j, p, &m->split->cases[m->next]))
		at = (uint32_t)m->next;
	if (at == NO_CASE)
		at = find_case(m, p, m->next);
	if (at == NO_CASE)
		at = find_case(m, p, 0);
	if (at == NO_CASE)
		return refuse(m, entry, err);
	m->j->in_order &= at >= m->next;
	m->j->n_untold += !p->input;
	m->taken[at] = true;
	m->next = at + 1;
	g->rc = &m->split->cases[at];
	g->index = at + 1;
	return 0;
}

/* An entry that says nothing of itself fits every case: that it is the next one's is only sure where all are there. */
static int check_told(const struct matching *m, struct err *err)
{
	const struct predictions *p = m->j->predictions;

	if (p->n > m->split->n)
		return err_set(err, ERR_VALUE, "'%s' has %zu entries, and the %s split of '%s' only %zu cases",
			p->doc.file, p->n, split_name(m->j->split), m->j->data->name, m->split->n);
	for (size_t i = 0; i < p->n && p->n != m->split->n; i++)
		if (!p->at[i].input && !p->at[i].output)
			return err_set(err, ERR_VALUE,
				"%s: \"[%zu]\" has neither \"input\" nor \"output\", and with %zu entries for %zu "
				"cases nothing tells whose it is",
				p->doc.file, i, p->n, m->split->n);
	return 0;
}

static int match_all(struct judgement *j, struct err *err)
{
	struct matching m = {.j = j, .split = &j->data->splits[j->split]};
	int failed = check_told(&m, err);

	if (failed)
		return -1;
	index_cases(&m);
	m.taken = xcalloc(m.split->n + 1, sizeof(*m.taken));
	j->in_order = true;
	j->n_untold = 0;
	for (size_t i = 0; i < j->predictions->n && !failed; i++)
		failed = match_entry(&m, i, err);
	map_release(&m.by_answer);
	free(m.next_case);
	free(m.taken);
	return failed;
}

/* The prompts that made the file need not have been cut as ours are. */
static int match_any(struct judgement *j, size_t max_history, struct err *err)
{
	struct err ignored;

	find_frame(j);
	j->max_history = max_history;
	if (match_all(j, err) == 0)
		return 0;
	if (max_history == 0)
		return -1;
	j->max_history = 0;
	return match_all(j, &ignored);
}

/* Items of one text stand in the list one after another, in the order of the catalogue; a text that is no item's takes
 * one place. */
static size_t item_rank(const struct judgement *j, const struct prediction *p, uint32_t positive)
{
	size_t rank = 0;

	for (size_t i = 0; i < p->n; i++) {
		uint32_t item = judgement_item(j, p->texts[i]);

		rank += item == ITEM_NONE;
		for (; item != ITEM_NONE; item = judgement_next_item(j, item)) {
			rank++;
			if (item == positive)
				return rank;
		}
	}
	return 0;
}

static size_t count_repeated(const struct judgement *j, const struct prediction *p)
{
	size_t n = 0;
	struct map seen;

	map_init(&seen, p->n);
	for (size_t i = 0; i < p->n; i++) {
		struct prediction_key k = prediction_key(j->predictions->form, PREDICTION_MADE, p->texts[i]);
		bool added;

		map_put(&seen, k.at, k.len, 0, &added);
		n += !added;
	}
	map_release(&seen);
	return n;
}

static int judge(struct judgement *j, size_t entry, struct err *err)
{
	const struct prediction *p = &j->predictions->at[entry];
	enum prediction_form form = j->predictions->form;
	struct judged *g = &j->at[entry];

	g->repeated = count_repeated(j, p);
	if (!j->data) {
		if (!p->output)
			return err_set(err, ERR_VALUE,
				"%s: \"[%zu]\" has no \"output\" to tell the answer: it can be judged with its dataset "
				"only",
				j->predictions->doc.file, entry);
		g->rank = prediction_rank(form, p, answer_key(j, p));
		return 0;
	}
	if (p->output)
		g->rank = prediction_rank(form, p, answer_key(j, p));
	else if (g->rc->positive != ITEM_NONE)
		g->rank = prediction_rank(form, p, case_key(j, g->rc));
	if (g->rc->positive != ITEM_NONE)
		g->item_rank = item_rank(j, p, g->rc->positive);
	for (size_t i = 0; i < p->n; i++)
		g->invalid += judgement_item(j, p->texts[i]) == ITEM_NONE;
	return 0;
}

int judgement_init(struct judgement *j, const struct predictions *p, const struct dataset *d, enum split_kind split,
	size_t max_history, struct err *err)
{
	*j = (struct judgement){.predictions = p, .data = d, .split = split};
	j->at = mem_try_alloc(p->n, sizeof(*j->at), true, "judged predictions", err);
	if (!j->at)
		return -1;
	if (d && d->tokens_only)
		return err_set(err, ERR_UNSUPPORTED,
			"dataset '%s' is made of token ids: its items have no titles that predictions could name",
			d->name);
	if (d) {
		find_names(j);
		index_items(j);
		if (match_any(j, max_history, err))
			return -1;
	}
	for (size_t i = 0; i < p->n; i++)
		if (judge(j, i, err))
			return -1;
	return 0;
}

void judgement_release(struct judgement *j)
{
	free(j->at);
	free(j->next_alike);
	map_release(&j->items);
	*j = (struct judgement){0};
}

static int choose_at(struct judgement *j, const size_t *k, size_t n_k, struct err *err)
{
	const size_t width = j->predictions->width, usual[] = {1, 5, width};

	j->n_at = 0;
	if (n_k > JUDGEMENT_AT)
		return err_set(err, ERR_VALUE, "%zu values of K are wanted, and %d are the most", n_k, JUDGEMENT_AT);
	for (size_t i = 0; i < n_k; i++) {
		if (k[i] == 0 || k[i] > width)
			return err_set(err, ERR_VALUE,
				"K = %zu is out of range: '%s' has lists of %zu, so that from 1 to %zu is wanted", k[i],
				j->predictions->doc.file, width, width);
		j->at_k[j->n_at++].k = k[i];
	}
	for (size_t i = 0; n_k == 0 && i < ARRAY_LEN(usual); i++)
		if (usual[i] <= width && (j->n_at == 0 || usual[i] > j->at_k[j->n_at - 1].k))
			j->at_k[j->n_at++].k = usual[i];
	return 0;
}

static void sum_at(struct judgement *j, struct judgement_at *a, struct means *means)
{
	size_t n = j->predictions->n, n_items = j->data ? n : 0, hits = 0, item_hits = 0;
	double *ndcg = means_room(means, n), *item_ndcg = means_room(means, n);

	for (size_t i = 0; i < n; i++) {
		ndcg[i] = metrics_gain(j->at[i].rank, a->k);
		item_ndcg[i] = metrics_gain(j->at[i].item_rank, a->k);
		hits += ndcg[i] > 0;
		item_hits += item_ndcg[i] > 0;
	}
	a->hr = figure_share(hits, n);
	a->item_hr = figure_share(item_hits, n_items);
	means_want(means, ndcg, n, &a->ndcg);
	means_want(means, item_ndcg, n_items, &a->item_ndcg);
}

static void sum_lists(struct judgement *j)
{
	const struct predictions *p = j->predictions;
	size_t made = 0, invalid = 0, lists = 0;

	j->n_short = j->n_repeated = 0;
	for (size_t i = 0; i < p->n; i++) {
		made += p->at[i].n;
		invalid += j->at[i].invalid;
		lists += j->at[i].invalid > 0;
		j->n_short += p->at[i].n < p->width;
		j->n_repeated += j->at[i].repeated > 0;
	}
	j->invalid = figure_share(invalid, j->data ? made : 0);
	j->invalid_lists = figure_share(lists, j->data ? p->n : 0);
}

static void sum_searched(struct judgement *j)
{
	size_t width = j->predictions->width, within = 0, same = 0;

	j->n_searched = 0;
	memset(j->kinds, 0, sizeof(j->kinds));
	for (size_t i = 0; i < j->predictions->n; i++) {
		const struct judged *g = &j->at[i];

		if (!g->searched)
			continue;
		j->n_searched++;
		j->kinds[g->kind]++;
		same += g->same_list;
		within += g->kind != VERDICT_UNREACHABLE && g->exact_rank_most > 0 && g->exact_rank_most <= width;
	}
	j->pruning_rate = figure_share(j->kinds[VERDICT_PRUNED], within);
	j->same_lists = figure_share(same, j->n_searched);
}

int judgement_sum(struct judgement *j, const size_t *k, size_t n_k, uint64_t seed, struct err *err)
{
	struct means means;

	if (choose_at(j, k, n_k, err))
		return -1;
	means_init(&means);
	for (size_t i = 0; i < j->n_at; i++)
		sum_at(j, &j->at_k[i], &means);
	means_find(&means, seed);
	sum_lists(j);
	sum_searched(j);
	return 0;
}
