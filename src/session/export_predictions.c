/*
 * The lists that the beam search returns for many cases, in a published form (data/predictions.h).
 */
#include <string.h>

#include "data/predictions.h"
#include "session/case_walk.h"
#include "session/export.h"
#include "session/record.h"

/* One file in the making. */
struct writing {
	struct session *s;
	const struct dataset *data;
	const struct trie *trie;
	enum prediction_form form;
	struct beam_options beam;
	struct vec_u32 cases; /* places in the split, from 0 */
	struct buf *page;     /* the job's */
	struct buf prompt;    /* scratch */
	struct arena arena;   /* of one entry */
	size_t written, failed;
	struct err failure; /* of the first case that could not be searched */
};

/* Semantic ids are written as MiniOneRec writes them, titles as BEAR does. */
static int find_form(struct writing *w, const struct cmd_args *a, struct err *err)
{
	if (w->data->tokens_only)
		return err_set(err, ERR_UNSUPPORTED,
			"dataset '%s' is made of token ids: its items have no titles that predictions could name",
			w->data->name);
	w->form = w->s->now.items == ITEM_INDEX ? PREDICTIONS_MINIONEREC : PREDICTIONS_BEAR;
	if (a->given[EXPORT_LIKE])
		w->form = (enum prediction_form)a->number[EXPORT_LIKE];
	return 0;
}

static int choose_cases(struct writing *w, const struct cmd_args *a, struct err *err)
{
	enum split_kind split = (enum split_kind)w->s->now.split;
	size_t limit = (size_t)a->number[EXPORT_LIMIT];

	if (w->data->splits[split].n == 0)
		return err_set(err, ERR_VALUE, "dataset '%s' has no %s cases", w->data->name, split_name(split));
	if (case_walk_choose(&w->cases, w->s, a->text[EXPORT_WHERE], err))
		return -1;
	if (limit > 0 && limit < w->cases.n)
		w->cases.n = limit;
	return 0;
}

/* What stands between two marks of a prompt, or between one and the end (NULL); NULL: they are not there. */
static const char *between(struct arena *a, const char *prompt, const char *from, const char *to)
{
	const char *begin = strstr(prompt, from), *end;

	if (!begin)
		return NULL;
	begin += strlen(from);
	end = strstr(begin, to);
	return end ? arena_strndup(a, begin, (size_t)(end - begin)) : NULL;
}

/* What stands around the two parts of the published prompts. */
static const struct {
	const char *instruction, *input, *end;
} marks[] = {
	{"### Instruction:\n", "\n\n### Input:\n", "\n\n### Response:\n"},
	{"### Instruction:\n", "\n### User Input: \n", "\n\n### Response:"},
};

/* Of a prompt without these parts the whole text is the input. */
static void take_prompt(struct writing *w, const struct rec_case *rc, struct prediction_made *made)
{
	const char *prompt;

	buf_clear(&w->prompt);
	dataset_prompt_text(w->data, rc, w->s->loaded.data->template, (size_t)w->s->now.max_history, &w->prompt);
	prompt = buf_str(&w->prompt);
	for (size_t i = 0; i < ARRAY_LEN(marks) && !made->instruction; i++) {
		made->instruction = between(&w->arena, prompt, marks[i].instruction, marks[i].input);
		made->input = between(&w->arena, prompt, marks[i].input, marks[i].end);
	}
	if (!made->instruction || !made->input) {
		made->instruction = "";
		made->input = prompt;
	}
}

static const char *item_text(const struct writing *w, uint32_t item)
{
	return item == ITEM_NONE ? "" : w->data->catalogue.items[item].text;
}

/* The log p of every token of every item that was found: known to the scorer from the search. */
static int take_steps(
	struct writing *w, struct scorer *s, const struct trace *t, struct prediction_made *made, struct err *err)
{
	const double **steps = arena_calloc(&w->arena, t->n_results, sizeof(*steps));
	size_t *n_steps = arena_calloc(&w->arena, t->n_results, sizeof(*n_steps));

	for (size_t i = 0; i < t->n_results; i++) {
		uint32_t leaf = t->results[i].leaf;
		double *one, sum;

		n_steps[i] = trie_depth(w->trie, leaf);
		steps[i] = one = arena_calloc(&w->arena, n_steps[i], sizeof(*one));
		if (scorer_path(s, leaf, &sum, one, err))
			return -1;
	}
	made->steps = steps;
	made->n_steps = n_steps;
	return 0;
}

static int take_results(
	struct writing *w, struct scorer *s, const struct trace *t, struct prediction_made *made, struct err *err)
{
	const char **texts = arena_calloc(&w->arena, t->n_results, sizeof(*texts));
	double *scores = arena_calloc(&w->arena, t->n_results, sizeof(*scores));

	for (size_t i = 0; i < t->n_results; i++) {
		texts[i] = item_text(w, w->trie->leaf_item[w->trie->leaf_first[t->results[i].leaf]]);
		scores[i] = t->results[i].score;
	}
	made->texts = texts;
	made->scores = scores;
	made->n = t->n_results;
	return w->form == PREDICTIONS_D3 ? take_steps(w, s, t, made, err) : 0;
}

static int add_entry(struct writing *w, uint32_t place, struct err *err)
{
	const struct rec_case *rc = &w->data->splits[w->s->now.split].cases[place];
	struct prediction_made made = {.answer = item_text(w, rc->positive)};
	struct case_work c;
	struct trace t;
	int failed;

	arena_clear(&w->arena);
	if (case_open(w->s, rc->id, &c, err))
		return -1;
	take_prompt(w, rc, &made);
	failed = beam_search(&t, c.scorer, &w->beam, false, err) || take_results(w, c.scorer, &t, &made, err);
	trace_release(&t);
	if (failed)
		return err_prefix(err, "case '%s'", rc->id);
	buf_addstr(w->page, w->written++ == 0 ? PREDICTIONS_BEGIN : PREDICTIONS_BETWEEN);
	prediction_add(w->page, w->form, &made);
	return 0;
}

/* Notes a case that could not be searched; -1 where that is not the case's own fault. */
static int leave_out(struct writing *w, const struct err *err)
{
	if (!case_walk_left_out(err))
		return -1;
	if (w->failed++ == 0)
		w->failure = *err;
	return 0;
}

static int add_all(struct writing *w, struct err *err)
{
	struct case_walk walk;
	int failed = 0;

	case_walk_begin(&walk, w->s, "predictions", w->cases.n);
	for (size_t i = 0; i < w->cases.n && !failed; i++) {
		if (cancelled(&w->s->cancel))
			failed = err_set(err, ERR_CANCELLED, "cancelled");
		else if (add_entry(w, w->cases.at[i], err))
			failed = leave_out(w, err);
		case_walk_tell(&walk, i + 1, "");
		if (failed && err->code == ERR_CANCELLED)
			err_set(err, ERR_CANCELLED, "cancelled after %zu of %zu cases: nothing was written", i,
				w->cases.n);
	}
	case_walk_end(&walk);
	if (!failed && w->written == 0) {
		*err = w->failure;
		failed = -1;
	}
	if (!failed)
		buf_addstr(w->page, PREDICTIONS_END);
	return failed;
}

static void tell(const struct writing *w, struct export_job *job)
{
	struct buf cases = {0};

	json_object_set_new(job->record, "like", json_string(prediction_form_name(w->form)));
	json_object_set_new(job->record, "cases", record_count(w->written));
	json_object_set_new(job->record, "left_out", record_count(w->failed));
	json_object_set_new(job->record, "beam", record_count(w->beam.width));
	buf_addcount(&cases, w->written);
	if (w->failed > 0) {
		buf_addstr(&cases, " of ");
		buf_addcount(&cases, w->written + w->failed);
	}
	export_shows(job, "lists of at most %zu for %s case%s, as %s's scripts write them%s%s", w->beam.width,
		buf_str(&cases), w->written + w->failed == 1 ? "" : "s", prediction_form_title(w->form),
		w->failed > 0 ? "; left out is what could not be searched: " : "", w->failed > 0 ? w->failure.msg : "");
	buf_release(&cases);
}

int export_predictions(struct session *s, struct export_job *job, struct err *err)
{
	struct writing w = {.s = s, .page = &job->page};
	int failed = session_prepare(s, CMD_NEEDS_SEARCH, err);

	if (failed)
		return -1;
	w.data = s->loaded.data->dataset;
	w.trie = &s->loaded.search->trie;
	w.beam = session_diagnose_options(s).beam;
	arena_init(&w.arena);
	failed = find_form(&w, job->args, err) || choose_cases(&w, job->args, err) || add_all(&w, err);
	if (!failed)
		tell(&w, job);
	vec_release(&w.cases);
	buf_release(&w.prompt);
	arena_release(&w.arena);
	return failed ? -1 : 0;
}
