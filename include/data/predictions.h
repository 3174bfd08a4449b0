/*
 * Predictions in the forms that the published inference scripts write and their evaluation scripts read: a JSON list
 * with one object a case, "predict" being the titles that a beam search returned, best first.
 *
 * form          members, in their order                                        texts of "output" and "predict"
 * BEAR          instruction, input, output, predict, scores                    "title" in quotation marks
 * D3            input, output, predict, predict_score, predict_seq_score       the same and a newline
 * MiniOneRec    input, output, predict, predict_score                          semantic id; "output" with a newline
 *
 * "input" names the history, "output" the item that really came next. An evaluation compares texts, each form's in its
 * own way:
 *
 * BEAR          The first and the last character of every text are cut off. The rank is that of the first text that
 *               equals the answer.
 * D3            A prediction loses blanks and newlines at both ends, then quotation marks, then blanks; an answer loses
 *               all three in any order. The rank is that of the LAST text that equals the answer. Texts that are no
 *               item's are counted ("CC"); the items' own titles are stripped of quotation marks, blanks, newlines and
 *               quotation marks for it.
 * MiniOneRec    All texts lose blanks, newlines and quotation marks in any order. The first that equals the answer.
 *
 * In all three HR@K is the share of cases whose rank is within K, NDCG@K the mean of 1 / log2(rank + 1) of these, 0 for
 * the others; a list that is shorter than K only cannot have more, and one without any text is a miss.
 *
 * Sources of the forms: WANGBohaO-jpg/MSL, inference.py and evaluate_batch_match.py, which BEAR (Tiny-Snow/
 * BEAR-SIGIR-2026) goes on from; SAI990323/DecodingMatters, code/evaluate.py, code/dataset.py and code/calc.py (D3);
 * AkaliKong/MiniOneRec, evaluate.py, data.py and metrics_utils.py. The last writes "predict_ctr_prob" for
 * "predict_score".
 */
#ifndef DATA_PREDICTIONS_H
#define DATA_PREDICTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "store/json.h"

enum prediction_form {
	PREDICTIONS_BEAR,
	PREDICTIONS_D3,
	PREDICTIONS_MINIONEREC,
};

#define PREDICTIONS_FORMS "bear|d3|minionerec" /* their names, in this order */

const char *prediction_form_name(enum prediction_form form);  /* "bear" */
const char *prediction_form_title(enum prediction_form form); /* "BEAR" */

/* One entry as it was read. The texts are the file's, none of them cut yet. */
struct prediction {
	const char *input, *output; /* NULL: the entry has none */
	const char **texts;         /* [n] best first */
	size_t n;
};

struct predictions {
	struct prediction *at; /* owned, [n] in the file's order */
	size_t n;
	size_t width;          /* texts of the longest list: the B of the search that made it */
	enum prediction_form form;
	struct json_doc doc;   /* owns the strings */
	struct arena arena;    /* owns the lists */
};

/*
 * Reads a file. Its form is told by the first entry with a prediction: predict_ctr_prob, or an answer without a
 * quotation mark before it, is MiniOneRec's; predict_score, or a newline behind the answer, D3's; all else is BEAR's.
 * Members besides "input", "output" (a text, or a list whose first text counts) and "predict" are not looked
 * at; NaN and Infinity, which Python writes among scores and JSON does not know, do no harm there. ERR_FORMAT names
 * what is wrong in which entry, counted from 0 as in "[3].predict"; a list without entries or without any prediction is
 * ERR_FORMAT too. Released by the caller, also on failure.
 */
int predictions_read(struct predictions *p, const char *path, struct err *err) MUST_CHECK;
void predictions_release(struct predictions *p); /* a zeroed one is fine */

/* What is compared of a text: a part of it, borrowed. */
enum prediction_role {
	PREDICTION_ITEM,   /* a title of the catalogue, as it stands there */
	PREDICTION_ANSWER, /* "output" */
	PREDICTION_MADE,   /* one of "predict" */
};

struct prediction_key {
	const char *at;
	size_t len;
};

struct prediction_key prediction_key(enum prediction_form form, enum prediction_role role, const char *text);
bool prediction_same(struct prediction_key a, struct prediction_key b);

/* The rank, from 1, that the form's evaluation gives an answer among the texts; 0: it is not there. */
size_t prediction_rank(enum prediction_form form, const struct prediction *p, struct prediction_key answer);

/* One entry to be written; all borrowed. */
struct prediction_made {
	const char *instruction, *input;
	const char *answer;         /* text of the positive item, "" where it has none */
	const char *const *texts;   /* [n] of the items found, best first */
	const double *scores;       /* [n] by which the search ranks them */
	const double *const *steps; /* [n][n_steps[i]] log p of each one's tokens; D3's form alone wants them */
	const size_t *n_steps;
	size_t n;
};

/* Appends an entry, laid out as Python's json.dump(…, indent=4) lays out the elements of a list; what stands before,
 * between and behind the entries are the three texts. Lists of D3's steps are filled up with 0 to the longest one's
 * length, as the published script leaves them. */
void prediction_add(struct buf *out, enum prediction_form form, const struct prediction_made *made);

#define PREDICTIONS_BEGIN "[\n    "
#define PREDICTIONS_BETWEEN ",\n    "
#define PREDICTIONS_END "\n]\n"

#endif
