/*
 * Predictions that any program has made, judged: judge.
 */
#include <stdlib.h>
#include <string.h>

#include "session/cmdtab.h"
#include "session/judge_run.h"
#include "session/record.h"
#include "session/survey_run.h"
#include "store/file.h"

enum { JUDGE_FILES, JUDGE_AT, JUDGE_LIKE, JUDGE_ALONE, JUDGE_NO_SEARCH };

/* One file on trial. */
struct trial {
	struct predictions predictions;
	struct judgement judgement;
	struct judge_told told;
};

/* One call of the command. */
struct trials {
	struct trial *at; /* owned, [n] */
	size_t n;
	const struct dataset *data; /* borrowed; NULL: the files by themselves */
	bool searches;              /* the model is asked too */
	bool stopped;
	size_t k[JUDGEMENT_AT];     /* [n_k] of --at */
	size_t n_k;
};

/* What there is to judge by: with --alone nothing, without a model the dataset, else both; the demo where nothing is
 * named, as everywhere. */
static int prepare(struct trials *t, struct session *s, const struct cmd_args *a, struct err *err)
{
	bool no_model = s->options.data && !s->options.model;

	if (a->given[JUDGE_ALONE])
		return 0;
	t->searches = !no_model && !a->given[JUDGE_NO_SEARCH];
	if (session_prepare(s, t->searches ? CMD_NEEDS_SEARCH : CMD_NEEDS_DATA, err))
		return -1;
	t->data = s->loaded.data->dataset;
	return 0;
}

static int parse_at(struct trials *t, const char *text, struct err *err)
{
	return text ? survey_numbers(t->k, &t->n_k, JUDGEMENT_AT, SURVEY_WIDTH_MOST, text,
			      "--at: K (at most the length of the lists)", err)
		    : 0;
}

/* All that takes no time is done for all files before the first search. */
static int read_files(struct trials *t, const struct session *s, const struct cmd_args *a, struct err *err)
{
	t->at = xcalloc(a->many.n, sizeof(*t->at));
	for (; t->n < a->many.n; t->n++) {
		struct trial *trial = &t->at[t->n];
		struct predictions *p = &trial->predictions;
		int failed = predictions_read(p, a->many.at[t->n].text, err);

		if (!failed && a->given[JUDGE_LIKE])
			p->form = (enum prediction_form)a->number[JUDGE_LIKE];
		if (!failed)
			failed = judgement_init(&trial->judgement, p, t->data, (enum split_kind)s->now.split,
					 (size_t)s->now.max_history, err) ||
				judgement_sum(&trial->judgement, t->k, t->n_k, (uint64_t)s->now.seed, err);
		if (failed) {
			t->n++;
			return -1;
		}
	}
	return 0;
}

static int search_files(struct trials *t, struct session *s, struct err *err)
{
	for (size_t i = 0; i < t->n && t->searches && !t->stopped; i++) {
		struct trial *trial = &t->at[i];

		if (judge_run(&trial->judgement, &trial->told, s, err) ||
			judgement_sum(&trial->judgement, t->k, t->n_k, (uint64_t)s->now.seed, err))
			return -1;
		t->stopped = trial->told.stopped;
	}
	return 0;
}

static int write_lines(const struct trials *t, const char *path, struct err *err)
{
	struct file_writer w;
	struct buf line = {0};
	int failed;

	if (!path)
		return 0;
	failed = file_writer_init(&w, path, err);
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; k < t->at[i].predictions.n && !failed; k++) {
			json_t *v = judgement_entry_json(&t->at[i].judgement, k);

			buf_clear(&line);
			json_add(&line, v);
			buf_addch(&line, '\n');
			failed = file_writer_add(&w, line.at, line.len, err);
			json_decref(v);
		}
	if (!failed)
		failed = file_writer_commit(&w, err);
	file_writer_release(&w);
	buf_release(&line);
	return failed;
}

static void add_note(json_t *notes, struct buf *note)
{
	json_array_append_new(notes, json_text(buf_str(note), note->len));
	buf_clear(note);
}

static void add_notes(json_t *notes, const struct trial *t, const struct session *s)
{
	const struct judgement *j = &t->judgement;
	size_t n = t->predictions.n, other = j->n_searched - j->same_lists.count;
	const char *file = t->predictions.doc.file;
	struct buf b = {0};

	if (j->data && !j->in_order) {
		buf_addf(&b, "%s: the entries are not in the order of the split, and were matched by what they say",
			file);
		add_note(notes, &b);
	}
	if (j->n_untold > 0) {
		buf_addf(&b, "%s: %zu of %zu entries name no history: matched by answer and order alone", file,
			j->n_untold, n);
		add_note(notes, &b);
	}
	if (t->predictions.form == PREDICTIONS_D3 && j->n_repeated > 0) {
		buf_addf(&b, "%s: of a title that is listed twice the last place counts, as in D3's evaluation", file);
		add_note(notes, &b);
	}
	if (other > 0) {
		buf_addf(&b,
			"%s: for %zu of %zu cases this model's own search at B %zu returns another list: the file was "
			"made by another model, or with other settings than mask %s, %s search, template %s",
			file, other, j->n_searched, t->predictions.width,
			s->now.mask == MASK_BEFORE ? "before" : "after", s->now.search == SEARCH_HF ? "hf" : "plain",
			s->now.template_name ? s->now.template_name : "none");
		add_note(notes, &b);
	}
	if (t->told.failed > 0) {
		buf_addf(&b, "%s: %zu of %zu cases could not be searched; the first: %s", file, t->told.failed, n,
			t->told.failure.msg);
		add_note(notes, &b);
	}
	if (t->told.stopped) {
		buf_addf(&b, "%s: stopped after %zu of %zu cases: the verdicts are of these", file,
			t->told.done + t->told.failed, n);
		add_note(notes, &b);
	}
	buf_release(&b);
}

/* From the second file on beside the first. */
static json_t *file_record(const struct trials *t, size_t place, uint64_t seed)
{
	json_t *v = judgement_json(&t->at[place].judgement);
	struct judgement_bout bout = {0};

	if (place > 0)
		judgement_compare(&bout, &t->at[0].judgement, &t->at[place].judgement, seed);
	json_object_set_new(v, "against_first", judgement_bout_json(&bout));
	return v;
}

static json_t *make_record(const struct trials *t, const struct session *s)
{
	json_t *v = json_object(), *files = json_array(), *notes = json_array();

	for (size_t i = 0; i < t->n; i++) {
		json_array_append_new(files, file_record(t, i, (uint64_t)s->now.seed));
		add_notes(notes, &t->at[i], s);
	}
	json_object_set_new(v, "data", record_string(t->data ? t->data->name : NULL));
	json_object_set_new(v, "split", record_string(t->data ? split_name((enum split_kind)s->now.split) : NULL));
	json_object_set_new(v, "settings", t->searches ? record_settings(s) : json_null());
	json_object_set_new(v, "files", files);
	json_object_set_new(v, "notes", notes);
	return v;
}

static void trials_release(struct trials *t)
{
	for (size_t i = 0; i < t->n; i++) {
		judgement_release(&t->at[i].judgement);
		predictions_release(&t->at[i].predictions);
	}
	free(t->at);
}

static int judge_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	struct trials t = {0};
	int failed = parse_at(&t, a->text[JUDGE_AT], err) || prepare(&t, s, a, err) || read_files(&t, s, a, err) ||
		search_files(&t, s, err) || write_lines(&t, s->options.output, err);

	if (!failed)
		out_record(out, make_record(&t, s));
	if (!failed && t.stopped)
		failed = err_set(err, ERR_CANCELLED, "stopped before every case was searched");
	trials_release(&t);
	return failed ? -1 : 0;
}

static const char judge_details[] =
	"Reads lists of titles as the inference scripts of BEAR, MSL, D3 and MiniOneRec write them (and 'export "
	"predictions'), and gives HR@K and NDCG@K as their evaluation scripts compute them, title by title; the same "
	"by item, where those that share a title are listed one by one; the share of predictions that are no item of "
	"the catalogue; lists that are too short or say a title twice. Each with its 95 % interval.\n\n"
	"Every entry is matched with a case of the split by its history and its answer. With a model, each item that "
	"is not in its list gets a verdict: among the exact best B of this model, the search that made the list lost "
	"it (incorrectly-pruned); beyond, the model prefers others (out-ranked). B is the length of the longest list, "
	"whatever the option says. How many lists this model's own search returns alike is told too: where it is not "
	"all, the file was made by another model or with other settings.\n\n"
	"With only -d the model is left out, with --alone the dataset too: the file then tells the answers. Several "
	"files stand side by side, and each is compared with the first over the cases that both hold. "
	"With -o FILE.jsonl every entry becomes a line with its ranks and its verdict.";

const struct cmd_entry cmd_judge = {
	.name = "judge",
	.group = "Diagnose",
	.summary = "judge predictions that any program has made, by the published figures and by the model",
	.details = judge_details,
	.args = {
		[JUDGE_FILES] = {.name = "FILE", .type = ARG_PATH, .required = true, .many = true, .source = FROM_FILES,
			.help = "predictions as JSON"},
		[JUDGE_AT] = {.name = "--at", .type = ARG_WORD, .source = FROM_NONE, .value = "K,K",
			.help = "the K of HR@K and NDCG@K, at most the lists' length (default: 1, 5 and that)"},
		[JUDGE_LIKE] = {.name = "--like", .type = ARG_CHOICE, .choices = PREDICTIONS_FORMS,
			.source = FROM_CHOICES,
			.help = "whose evaluation is computed; else that of the file's form"},
		[JUDGE_ALONE] = {.name = "--alone", .type = ARG_FLAG, .source = FROM_NONE,
			.help = "the files by themselves, without model and dataset"},
		[JUDGE_NO_SEARCH] = {.name = "--no-search", .type = ARG_FLAG, .source = FROM_NONE,
			.help = "with the dataset, without asking the model"},
	},
	.examples = {
		{"-c 'export predictions demo.json --limit 20' -c 'judge demo.json'", "written, and judged"},
		{"-c 'export predictions wide.json --limit 20 --beam 20' -c 'judge demo.json wide.json --at 1,5,10'",
			"a wider beam's beside it"},
		{"judge demo.json --alone --at 1,3,10", "what the file says by itself"},
		{"judge demo.json --no-search -o judged.jsonl", "a line an entry"},
	},
	.flags = CMD_WORK | CMD_OWN_OUTPUT,
	.exec = judge_exec,
	.text = judge_text,
	.tsv = judge_tsv,
	.fields = fields_judge,
	.files = files_judge,
};
