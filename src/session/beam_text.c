#include "session/beam_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "data/title.h"
#include "session/edit_text.h"
#include "session/field.h"

#define NEAR_CUTOFF 5   /* pruned candidates that a step's table shows below the cut-off */
#define WIDEST_TOKEN 20 /* cells */
#define NARROW_TOKEN 8  /* of a token that makes room for the prefix */
#define NARROW_PREFIX 10 /* of the prefix; where there is no room for so much it is left out */
#define LATEST_TITLES 3
#define SHORTEST_RUN 4 /* steps without pruning of which only the first is shown */

static double real(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);

	return json_is_number(v) ? json_number_value(v) : -(double)INFINITY;
}

/* A text of a file within so many cells, as it may be shown. */
static void add_clipped(struct out *out, const char *text, size_t cells, bool pad)
{
	struct buf b = {0};

	title_show(&b, text ? text : "", out->ascii);
	utf8_fit(&out->buf, buf_str(&b), b.len, cells, pad, out->ascii);
	buf_release(&b);
}

void beam_text_tail(struct out *out, const char *text, size_t cells)
{
	struct buf b = {0};
	const char *at, *end;
	size_t width;

	title_show(&b, text, out->ascii);
	at = buf_str(&b);
	end = at + b.len;
	width = utf8_width(at, b.len);
	if (width > cells) {
		const char *ellipsis = out->ascii ? "..." : "…";
		size_t dots = utf8_width(ellipsis, strlen(ellipsis)), room = cells > dots ? cells - dots : 0;

		while (width > room) {
			unsigned taken;

			at += utf8_cluster(at, (size_t)(end - at), &taken);
			width -= taken;
		}
		buf_addstr(&out->buf, ellipsis);
	}
	buf_add(&out->buf, at, (size_t)(end - at));
	buf_release(&b);
}

static const char *name_of(const json_t *item)
{
	const char *title = field_string(item, "title");

	return title ? title : field_string(item, "item");
}

static void head_settings(const json_t *record, struct out *out)
{
	const json_t *settings = json_object_get(record, "settings");

	out_text(out, "case ");
	out_shown(out, field_string(record, "case"));
	if (field_string(settings, "data")) {
		out_text(out, " of ");
		out_shown(out, field_string(settings, "data"));
	}
	out_text(out, " (%s) · B %zu · mask %s · end %s · %s search\n", field_string(settings, "split"),
		field_count(settings, "beam"), field_string(settings, "mask"), field_string(settings, "end"),
		field_string(settings, "search"));
}

void beam_text_head(const json_t *record, struct out *out)
{
	const json_t *history = json_object_get(record, "history"), *positive = json_object_get(record, "positive");
	size_t n = json_array_size(history), first = n > LATEST_TITLES ? n - LATEST_TITLES : 0;

	head_settings(record, out);
	if (n > 0)
		out_text(out, "history   %zu item%s%s\n", n, n > 1 ? "s" : "", first > 0 ? ", the latest:" : ":");
	for (size_t i = first; i < n; i++) {
		out_text(out, "            ");
		add_clipped(out, name_of(json_array_get(history, i)), out_line_width(out) - 13, false);
		out_text(out, "\n");
	}
	out_text(out, "positive  ");
	if (json_is_object(positive)) {
		if (!out->linear) {
			out_mark(out, MARK_POSITIVE);
			out_text(out, " ");
		}
		add_clipped(out, name_of(positive), out_line_width(out) - 13, false);
	} else {
		out_text(out, "none in the catalogue");
	}
	out_text(out, "\n");
}

/* The columns of a step's table: marks, rank, p, log P, the token and, with what is left of the line, the prefix. */
struct step_layout {
	size_t token, prefix;
};

/* The token's text in quotation marks, its id where nothing says what it stands for. Caller releases b. */
static void token_text(struct buf *b, const json_t *row, bool ascii)
{
	struct out piece = {.ascii = ascii};
	const char *text = field_string(row, "text");

	if (text)
		out_quoted(&piece, text);
	else
		buf_addf(&piece.buf, "%zu", field_count(row, "token"));
	*b = piece.buf;
}

static void make_room(struct step_layout *l, const json_t *row, bool ascii)
{
	struct buf b;
	size_t width;

	token_text(&b, row, ascii);
	width = utf8_width(buf_str(&b), b.len);
	if (width > l->token)
		l->token = width < WIDEST_TOKEN ? width : WIDEST_TOKEN;
	buf_release(&b);
}

static void step_layout(struct step_layout *l, const json_t *step, const struct out *out)
{
	const size_t fixed = 4 + 2 + 2 + 2 + 9 + 9 + 2 + 9;
	size_t i, limit = out_line_width(out), room = limit > fixed ? limit - fixed : 0;
	json_t *v;

	l->token = strlen("token");
	json_array_foreach(json_object_get(step, "candidates"), i, v)
		make_room(l, v, out->ascii);
	if (json_is_object(json_object_get(step, "positive")))
		make_room(l, json_object_get(step, "positive"), out->ascii);
	if (room < l->token + NARROW_PREFIX && l->token > NARROW_TOKEN)
		l->token = room > NARROW_TOKEN + NARROW_PREFIX ? room - NARROW_PREFIX : NARROW_TOKEN;
	l->prefix = room >= l->token + NARROW_PREFIX ? room - l->token : 0;
}

/* "7, kept, positive item, "O", p 3.57%, log P -3.333, margin +0.264, prefix: O" */
void beam_text_said(const json_t *row, const json_t *margin, const char *more, struct out *out)
{
	static const char *const remarks[] = {"finished", "tie", "forced", "forbidden"};
	struct buf token;

	if (!field_true(row, "followed"))
		out_text(out, "%zu, %s, ", field_count(row, "rank"), field_true(row, "kept") ? "kept" : "pruned");
	else
		out_text(out, "would rank %zu, followed beside the beam, ", field_count(row, "rank"));
	if (field_true(row, "positive"))
		out_text(out, "positive item, ");
	token_text(&token, row, out->ascii);
	buf_add(&out->buf, buf_str(&token), token.len);
	buf_release(&token);
	if (!field_true(row, "carried"))
		out_text(out, ", p %.2f%%", 100 * exp(real(row, "step_logp")));
	out_text(out, ", log P %.3f", real(row, "logp"));
	if (field_true(row, "positive") && json_is_number(margin))
		out_text(out, ", margin %+.3f", json_number_value(margin));
	for (size_t i = 0; i < ARRAY_LEN(remarks); i++)
		if (field_true(row, remarks[i]))
			out_text(out, ", %s", remarks[i]);
	out_text(out, "%s, prefix: ", more);
	out_shown(out, field_string(row, "prefix") ? field_string(row, "prefix") : "");
	out_text(out, "\n");
}

/* `margin` is the positive item's, on its own row. */
static void step_row(const json_t *row, const struct step_layout *l, const json_t *positive, struct out *out)
{
	const json_t *margin = json_object_get(positive, "prefix_margin");
	const char *prefix = field_string(row, "prefix");
	bool own = field_true(row, "positive");
	char remarks[80];
	struct buf b;
	size_t taken;

	if (out->linear) {
		beam_text_said(row, margin, "", out);
		return;
	}
	out_text(out, "%4zu ", field_count(row, "rank"));
	out_mark(out, field_true(row, "followed") ? MARK_BLANK : field_true(row, "kept") ? MARK_KEPT : MARK_PRUNED);
	out_mark(out, own ? MARK_POSITIVE : MARK_BLANK);
	out_text(out, "  ");
	token_text(&b, row, out->ascii);
	utf8_fit(&out->buf, buf_str(&b), b.len, l->token, true, out->ascii);
	if (field_true(row, "carried"))
		out_text(out, "%9s", "done");
	else
		out_text(out, "%8.2f%%", 100 * exp(real(row, "step_logp")));
	out_text(out, "%9.3f", real(row, "logp"));
	if (own && json_is_number(margin))
		out_text(out, "%+9.3f  ", json_number_value(margin));
	else
		out_text(out, "%9s  ", "");
	snprintf(remarks, sizeof(remarks), "%s%s%s%s%s",
		!field_true(row, "finished") ? ""
		: out->ascii            ? " [end]"
					: " ■",
		field_true(row, "tie") ? " (tie)" : "", field_true(row, "forced") ? " (forced)" : "",
		field_true(row, "forbidden") ? " (forbidden)" : "", field_true(row, "followed") ? " (followed)" : "");
	taken = utf8_width(remarks, strlen(remarks));
	if (l->prefix > taken)
		beam_text_tail(out, prefix ? prefix : "", l->prefix - taken);
	buf_addstr(&out->buf, remarks + (l->prefix <= taken && taken > 0));
	out_text(out, "\n");
	buf_release(&b);
}

static void cutoff_line(const json_t *step, const struct step_layout *l, struct out *out)
{
	size_t width = 4 + 2 + 2 + 2 + l->token + 9 + 9;

	if (!out->linear) {
		out_text(out, "     ");
		for (size_t i = 5; i + 1 < width; i += 2)
			out_text(out, out->ascii ? "- " : "╌ ");
		out_text(out, " ");
	}
	if (json_is_null(json_object_get(step, "cutoff")) && field_count(step, "kept") > 0)
		out_text(out, "every place is forced\n");
	else
		out_text(out, "cut-off %.3f\n", real(step, "cutoff"));
}

/* The positive item's row where the trace did not keep it among the step's candidates. */
static json_t *own_row(const json_t *positive)
{
	json_t *row = json_copy((json_t *)positive);

	json_object_set(row, "rank", json_object_get(positive, "prefix_rank"));
	json_object_set_new(row, "kept", json_false());
	json_object_set_new(row, "positive", json_true());
	return row;
}

/* Rows of the candidates: all kept ones, the nearest to the cut-off of the others, the positive item's and what is
 * forbidden. Returns how many of them competed; *seen: the positive item's is one of them. */
static size_t step_rows(const json_t *step, const struct step_layout *l, bool *seen, struct out *out)
{
	const json_t *positive = json_object_get(step, "positive");
	size_t i, pruned = 0, shown = 0;
	json_t *v;

	*seen = false;
	json_array_foreach(json_object_get(step, "candidates"), i, v) {
		bool forbidden = field_true(v, "forbidden"), lost = !field_true(v, "kept") && !forbidden;

		if (lost && pruned++ == 0)
			cutoff_line(step, l, out);
		if (lost && pruned > NEAR_CUTOFF && !field_true(v, "positive"))
			continue;
		*seen = *seen || field_true(v, "positive");
		step_row(v, l, positive, out);
		shown += !forbidden;
	}
	return shown;
}

void beam_text_step(const json_t *step, struct out *out)
{
	const json_t *positive = json_object_get(step, "positive");
	size_t total = field_count(step, "candidates_total"), shown;
	struct step_layout l;
	bool seen;

	edit_text_head(step, out);
	step_layout(&l, step, out);
	out_text(out, "step %zu · %zu kept of %zu\n", field_count(step, "step"), field_count(step, "kept"), total);
	if (!out->linear)
		out_text(out, "rank     token%*s   p(token)    log P   margin%s\n",
			(int)(l.token - strlen("token")), "", l.prefix > 0 ? "  prefix" : "");
	shown = step_rows(step, &l, &seen, out);
	if (!seen && json_is_object(positive)) {
		json_t *row = own_row(positive);

		step_row(row, &l, positive, out);
		shown += !field_true(positive, "followed");
		json_decref(row);
	}
	if (total > shown)
		out_text(out, "%s%zu more pruned\n", out->linear ? "" : "     ", total - shown);
}

static bool prunes(const json_t *step)
{
	return field_count(step, "candidates_total") > field_count(step, "kept");
}

void beam_text_steps(const json_t *steps, struct out *out)
{
	size_t n = json_array_size(steps);

	for (size_t i = 0; i < n; i++) {
		size_t end = i;

		out_text(out, "\n");
		beam_text_step(json_array_get(steps, i), out);
		while (end < n && !prunes(json_array_get(steps, end)))
			end++;
		if (end < i + SHORTEST_RUN)
			continue;
		out_text(out, "\nsteps %zu to %zu · nothing is pruned\n", i + 2, end);
		i = end - 1;
	}
}

void beam_text_verdict(const json_t *record, struct out *out)
{
	out_wrapped(out, field_string(json_object_get(record, "verdict"), "sentence"));
}
