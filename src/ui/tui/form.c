#include "form.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "minmax.h"
#include "session/option.h"

#define NO_FIELD ((size_t)-1)

void form_release(struct form *f)
{
	for (size_t i = 0; i < f->n; i++)
		buf_release(&f->fields[i].text);
	*f = (struct form){0};
}

struct form_field *form_add(struct form *f, enum form_kind kind, int column, const char *label, const char *help)
{
	if (f->n == FORM_FIELDS)
		BUG("a form of more than %d fields", FORM_FIELDS);
	f->fields[f->n] = (struct form_field){.kind = kind, .column = column, .label = label, .help = help};
	return &f->fields[f->n++];
}

static bool selectable(const struct form_field *field)
{
	return field->kind != FORM_HEADING && !field->hidden;
}

/* The next field in a direction that can be selected. */
static size_t next_field(const struct form *f, size_t from, int direction)
{
	for (size_t i = from; direction < 0 ? i > 0 : i + 1 < f->n;) {
		i = direction < 0 ? i - 1 : i + 1;
		if (selectable(&f->fields[i]))
			return i;
	}
	return NO_FIELD;
}

struct form_field *form_selected(struct form *f)
{
	size_t i = f->sel;

	if (i >= f->n || !selectable(&f->fields[i])) {
		i = f->n > 0 ? next_field(f, i < f->n ? i : f->n - 1, -1) : NO_FIELD;
		if (i == NO_FIELD && f->n > 0)
			i = selectable(&f->fields[0]) ? 0 : next_field(f, 0, 1);
		if (i == NO_FIELD)
			return NULL;
		f->sel = i;
	}
	return &f->fields[f->sel];
}

static void move(struct form *f, int direction, size_t times)
{
	for (; times > 0; times--) {
		size_t i = next_field(f, f->sel, direction);

		if (i == NO_FIELD)
			return;
		f->sel = i;
	}
}

/* The next of 1, 2, 3, 5 times a power of ten beyond x > 0. */
static double next_round(double x, int direction)
{
	static const double steps[] = {1, 2, 3, 5, 10};
	double power = pow(10, floor(log10(x) + 1e-9)), lead = x / power;

	if (direction > 0) {
		for (size_t i = 1; i < ARRAY_LEN(steps); i++)
			if (steps[i] > lead * (1 + 1e-9))
				return steps[i] * power;
		return 20 * power;
	}
	for (size_t i = ARRAY_LEN(steps) - 1; i-- > 0;)
		if (steps[i] < lead * (1 - 1e-9))
			return steps[i] * power;
	return 0.5 * power;
}

static double next_double(double x, int direction)
{
	double power = exp2(floor(log2(x) + 1e-9));

	if (direction > 0)
		return 2 * power;
	return power < x * (1 - 1e-9) ? power : power / 2;
}

#define LEAST_REAL 1e-6 /* what the arrow keys make of a number that need not be whole, before 0 */

static double stepped(const struct form_field *n, double x, int direction)
{
	double least = n->whole ? 1 : LEAST_REAL;

	if (n->steps == FORM_BY_ONE)
		return x + direction;
	if (x < least || (direction < 0 && x <= least * (1 + 1e-9)))
		return direction > 0 ? least : 0;
	return n->steps == FORM_BY_DOUBLE ? next_double(x, direction) : next_round(x, direction);
}

static void step_number(struct form_field *n, int direction)
{
	double x = n->text.len > 0 ? strtod(buf_str(&n->text), NULL) : n->from ? strtod(n->from, NULL) : n->min;
	bool bounded = n->min != 0 || n->max != 0;

	if (n->text.len > 0)
		x = stepped(n, x, direction);
	if (n->whole)
		x = round(x);
	if (bounded)
		x = x < n->min ? n->min : x > n->max ? n->max : x;
	buf_clear(&n->text);
	buf_addf(&n->text, "%.10g", x);
}

static size_t count_choices(const char *choices)
{
	size_t n = 1;

	for (; *choices; choices++)
		n += *choices == '|';
	return n;
}

static void change(struct form_field *field, int direction)
{
	size_t n;

	switch (field->kind) {
	case FORM_TOGGLE:
		field->on = direction > 0;
		break;
	case FORM_CHOICE:
		n = count_choices(field->choices);
		field->choice = (field->choice + n + (size_t)(direction > 0 ? 1 : n - 1)) % n;
		break;
	case FORM_NUMBER:
		step_number(field, direction);
		break;
	case FORM_HEADING:
	case FORM_TEXT:
	case FORM_BUTTON:
		break;
	}
}

static void toggle(struct form_field *field)
{
	if (field->kind == FORM_TOGGLE)
		field->on = !field->on;
	else if (field->kind == FORM_CHOICE)
		change(field, 1);
}

bool form_act(struct form *f, enum ui_action a)
{
	struct form_field *field = form_selected(f);

	if (!field)
		return false;
	switch (a) {
	case ACTION_UP:
	case ACTION_DOWN:
		move(f, a == ACTION_UP ? -1 : 1, 1);
		return true;
	case ACTION_PAGE_UP:
	case ACTION_TOP:
		move(f, -1, f->n);
		return true;
	case ACTION_PAGE_DOWN:
	case ACTION_BOTTOM:
		move(f, 1, f->n);
		return true;
	case ACTION_LEFT:
	case ACTION_RIGHT:
		change(field, a == ACTION_LEFT ? -1 : 1);
		return true;
	case ACTION_TOGGLE:
		toggle(field);
		return true;
	default:
		return false;
	}
}

int form_set(struct form_field *field, const char *text, struct err *err)
{
	double ignored;

	if (!*text && !field->empty)
		return err_set(err, ERR_USAGE, "%s must not be empty", field->label);
	if (*text && field->kind == FORM_NUMBER &&
		option_number(&ignored, text, field->whole, field->min, field->max, field->label, err))
		return -1;
	buf_clear(&field->text);
	buf_addstr(&field->text, text);
	return 0;
}

static void add_choice(const struct form_field *field, struct buf *out)
{
	const char *at = field->choices;

	for (size_t i = 0; i < field->choice; i++)
		at += strcspn(at, "|") + 1;
	buf_add(out, at, strcspn(at, "|"));
}

void form_value(const struct form_field *field, struct buf *out)
{
	switch (field->kind) {
	case FORM_TOGGLE:
		buf_addstr(out, field->on ? "yes" : "no");
		break;
	case FORM_CHOICE:
		add_choice(field, out);
		break;
	case FORM_NUMBER:
	case FORM_TEXT:
		buf_addstr(out, field->text.len > 0 || !field->empty ? buf_str(&field->text) : field->empty);
		break;
	case FORM_HEADING:
	case FORM_BUTTON:
		break;
	}
}

/* Where each field of a column stands: calls of this walk its lines in order. A group begins after a blank line where
 * there is room for these. */
struct lines {
	const struct form *f;
	int column;
	bool airy;
	size_t at;  /* the field */
	int line;   /* its line */
	int next;   /* the next free one */
};

static bool next_line(struct lines *l)
{
	const struct form_field *fields = l->f->fields;

	for (l->at = l->next > 0 ? l->at + 1 : 0; l->at < l->f->n; l->at++) {
		if (fields[l->at].hidden || fields[l->at].column != l->column)
			continue;
		bool apart = fields[l->at].kind == FORM_HEADING || fields[l->at].kind == FORM_BUTTON;
		l->line = l->next + (l->airy && l->next > 0 && apart);
		l->next = l->line + 1;
		return true;
	}
	return false;
}

static int column_lines(const struct form *f, int column, bool airy)
{
	struct lines l = {.f = f, .column = column, .airy = airy};

	while (next_line(&l))
		;
	return l.next;
}

int form_lines(const struct form *f)
{
	return max(column_lines(f, 0, true), column_lines(f, 1, true));
}

static bool is_airy(const struct form *f, int h)
{
	return form_lines(f) <= h;
}

bool form_click(struct form *f, int x, int y)
{
	for (int k = 0; k < 2; k++) {
		struct rect r = f->columns[k];
		struct lines l = {.f = f, .column = k, .airy = is_airy(f, r.h)};

		if (!rect_has(r, x, y))
			continue;
		while (next_line(&l)) {
			if (l.line - (int)f->top[k] != y - r.y || !selectable(&f->fields[l.at]))
				continue;
			if (l.at == f->sel || f->fields[l.at].kind == FORM_TOGGLE)
				toggle(&f->fields[l.at]);
			f->sel = l.at;
			return true;
		}
	}
	return false;
}

enum { LABEL_W = 16, INDENT = 2, INNER = 4 };

/* "[x] bear" */
static void draw_toggle(struct canvas *c, int x, int y, int w, const struct form_field *field)
{
	canvas_textf(c, x, y, w, field->on ? ROLE_TEXT | STYLE_STRONG : ROLE_DIM, "[%c] %s", field->on ? 'x' : ' ',
		field->label);
}

/* "learning rate   < 5e-4 >": the marks where the arrow keys change it. */
static void draw_setting(
	struct canvas *c, int x, int y, int w, const struct form_field *field, bool selected, int label_w)
{
	bool arrows = selected && field->kind != FORM_TEXT;
	struct buf value = {0};

	canvas_text(c, x, y, label_w - 1, ROLE_DIM, field->label);
	x += label_w;
	w -= label_w;
	form_value(field, &value);
	bool said = field->kind == FORM_CHOICE || field->text.len > 0;
	if (arrows && w >= 4)
		canvas_text(c, x - 2, y, 1, ROLE_KEY, "<");
	int used = canvas_text(c, x, y, w, said ? ROLE_TEXT | STYLE_STRONG : ROLE_DIM, buf_str(&value));
	if (arrows && used + 2 <= w)
		canvas_text(c, x + used + 1, y, 1, ROLE_KEY, ">");
	buf_release(&value);
}

static void draw_field(struct canvas *c, struct rect column, int y, const struct form_field *field, bool selected)
{
	int in = field->inner ? INNER : INDENT, x = column.x + in, w = column.w - in - 1;

	switch (field->kind) {
	case FORM_HEADING:
		canvas_text(c, column.x, y, column.w, ROLE_TITLE, field->label);
		return;
	case FORM_TOGGLE:
		draw_toggle(c, x, y, w, field);
		break;
	case FORM_BUTTON:
		canvas_textf(c, x, y, w, ROLE_HOT | STYLE_STRONG, "[ %s ]", field->label);
		break;
	case FORM_CHOICE:
	case FORM_NUMBER:
	case FORM_TEXT:
		draw_setting(c, x, y, w, field, selected, LABEL_W + INDENT - (field->inner ? INNER : INDENT));
		break;
	}
	if (selected)
		canvas_mark(c, (struct rect){column.x, y, column.w, 1}, STYLE_SELECTED);
}

static void draw_column(struct form *f, struct canvas *c, struct rect r, int column, bool airy)
{
	struct lines l = {.f = f, .column = column, .airy = airy};
	int lines = column_lines(f, column, airy), selected = -1, top = (int)f->top[column];

	while (next_line(&l))
		if (l.at == f->sel)
			selected = l.line;
	if (selected >= 0 && selected < top)
		top = selected;
	if (selected >= top + r.h)
		top = selected - r.h + 1;
	top = min(top, max(lines - r.h, 0));
	f->top[column] = (size_t)top;
	f->columns[column] = r;
	l = (struct lines){.f = f, .column = column, .airy = airy};
	while (next_line(&l))
		if (l.line >= top && l.line < top + r.h)
			draw_field(c, r, r.y + l.line - top, &f->fields[l.at], l.at == f->sel);
	if (top > 0)
		canvas_put(c, r.x + r.w - 1, r.y, ROLE_DIM, GLYPH_MORE_UP);
	if (lines > top + r.h)
		canvas_put(c, r.x + r.w - 1, r.y + r.h - 1, ROLE_DIM, GLYPH_MORE_DOWN);
}

#define MAX_COLUMN_W 60

void form_draw(struct form *f, struct canvas *c, struct rect area)
{
	int w = min(area.w / 2, MAX_COLUMN_W);
	bool airy = is_airy(f, area.h);

	form_selected(f);
	f->columns[0] = f->columns[1] = (struct rect){0, 0, 0, 0};
	if (area.w < 4 || area.h < 1)
		return;
	draw_column(f, c, (struct rect){area.x, area.y, w - 2, area.h}, 0, airy);
	draw_column(f, c, (struct rect){area.x + w, area.y, w, area.h}, 1, airy);
}
