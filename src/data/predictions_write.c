/*
 * Predictions as the published scripts write them.
 */
#include <string.h>

#include "data/predictions.h"

#define INDENT 4

static void new_line(struct buf *out, size_t depth)
{
	buf_addch(out, '\n');
	buf_addrep(out, ' ', depth * INDENT);
}

/* As json.dump(…, indent=4): every member and element on a line of its own. */
static void add_laid_out(struct buf *out, const json_t *value, size_t depth)
{
	const char *parting = "", *key;
	json_t *member;
	size_t i;

	if (json_is_object(value)) {
		buf_addch(out, '{');
		json_object_foreach((json_t *)value, key, member) {
			buf_addstr(out, parting);
			new_line(out, depth + 1);
			buf_addf(out, "\"%s\": ", key);
			add_laid_out(out, member, depth + 1);
			parting = ",";
		}
		new_line(out, depth);
		buf_addch(out, '}');
	} else if (json_array_size(value) > 0) {
		buf_addch(out, '[');
		json_array_foreach(value, i, member) {
			buf_addstr(out, parting);
			new_line(out, depth + 1);
			add_laid_out(out, member, depth + 1);
			parting = ",";
		}
		new_line(out, depth);
		buf_addch(out, ']');
	} else {
		json_add(out, value);
	}
}

static json_t *text_json(const char *text)
{
	return json_text(text, strlen(text));
}

/* A text as the model says it in this form. */
static json_t *spelt_json(enum prediction_form form, const char *text, bool is_answer)
{
	const char *mark = form == PREDICTIONS_MINIONEREC ? "" : "\"";
	bool line = form == PREDICTIONS_D3 || (form == PREDICTIONS_MINIONEREC && is_answer);
	struct buf b = {0};
	json_t *v;

	buf_addf(&b, "%s%s%s%s", mark, text, mark, line ? "\n" : "");
	v = json_text(buf_str(&b), b.len);
	buf_release(&b);
	return v;
}

static json_t *steps_json(const struct prediction_made *made)
{
	json_t *all = json_array();
	size_t longest = 0;

	for (size_t i = 0; i < made->n; i++)
		longest = made->n_steps[i] > longest ? made->n_steps[i] : longest;
	for (size_t i = 0; i < made->n; i++) {
		json_t *one = json_array();

		for (size_t k = 0; k < longest; k++)
			json_array_append_new(
				one, k < made->n_steps[i] ? json_real(made->steps[i][k]) : json_integer(0));
		json_array_append_new(all, one);
	}
	return all;
}

void prediction_add(struct buf *out, enum prediction_form form, const struct prediction_made *made)
{
	json_t *v = json_object(), *texts = json_array(), *scores = json_array();

	for (size_t i = 0; i < made->n; i++) {
		json_array_append_new(texts, spelt_json(form, made->texts[i], false));
		json_array_append_new(scores, json_real(made->scores[i]));
	}
	if (form == PREDICTIONS_BEAR)
		json_object_set_new(v, "instruction", text_json(made->instruction));
	json_object_set_new(v, "input", text_json(made->input));
	json_object_set_new(v, "output", spelt_json(form, made->answer, true));
	json_object_set_new(v, "predict", texts);
	json_object_set_new(v, form == PREDICTIONS_BEAR ? "scores" : "predict_score", scores);
	if (form == PREDICTIONS_D3)
		json_object_set_new(v, "predict_seq_score", steps_json(made));
	add_laid_out(out, v, 1);
	json_decref(v);
}
