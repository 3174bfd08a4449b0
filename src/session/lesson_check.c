/* The check of a lesson for whoever writes it. */
#include "session/lesson_play.h"

#include <string.h>

#include "base/mem.h"
#include "session/field.h"
#include "session/record.h"
#include "session/session_priv.h"

/* What the smallest screens have room for below a view: 80 x 24 cells. */
enum { PANEL_COLUMNS = 76, PANEL_LINES = 8 };

struct check {
	struct session *s;
	const struct lesson *l;
	struct out *out;
	size_t commands, questions, errors, remarks;
};

static void tell(struct check *c, size_t line, bool error, const char *text)
{
	json_t *v = json_object();

	c->errors += error;
	c->remarks += !error;
	json_object_set_new(v, "file", record_text(c->l->path, strlen(c->l->path)));
	json_object_set_new(v, "line", record_count(line));
	json_object_set_new(v, "kind", json_string(error ? "error" : "remark"));
	json_object_set_new(v, "text", record_text(text, strlen(text)));
	out_record(c->out, v);
}

/* One that fails is told, and the next is run all the same: -1 only where the user has cancelled. */
static int run(struct check *c, const struct lesson_command *command, struct err *err)
{
	struct err why;
	struct out out;
	int failed;

	out_init(&out, NULL);
	failed = lesson_run(c->s, command, &out, &why);
	out_release(&out);
	c->commands++;
	if (!failed)
		return 0;
	if (why.code == ERR_CANCELLED) {
		*err = why;
		return -1;
	}
	err_prefix(&why, "'%s'", command->text);
	tell(c, command->line, true, why.msg);
	return 0;
}

static int run_all(struct check *c, const struct lesson_command *commands, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (run(c, &commands[i], err))
			return -1;
	return 0;
}

static void check_keys(struct check *c, const struct lesson_action *a)
{
	const char *at = a->keys, *text;
	size_t len;
	bool typed;

	while (at && c->s->knows_key && lesson_next_key(&at, &text, &len, &typed)) {
		char *why;

		if (typed || c->s->knows_key(text, len))
			continue;
		why = xasprintf("there is no key '%.*s': ? on the screens shows them", (int)len, text);
		tell(c, a->line, true, why);
		free(why);
	}
}

/* How many lines of the panel a text takes. */
static size_t panel_lines(const char *text)
{
	size_t lines = 0;
	struct out out;

	out_init(&out, NULL);
	out.columns = PANEL_COLUMNS + 1;
	lesson_show(&out, text);
	for (size_t i = 0; i < out.buf.len; i++)
		lines += out.buf.at[i] == '\n';
	out_release(&out);
	return lines;
}

static void check_room(struct check *c, size_t line, const char *what, size_t lines)
{
	char *why;

	if (lines <= PANEL_LINES)
		return;
	why = xasprintf("%s takes %zu lines, and the smallest screens show %d at once", what, lines, PANEL_LINES);
	tell(c, line, false, why);
	free(why);
}

/* What a page begins with: its text, and the first thing to be done or thought about. */
static void check_beginning(struct check *c, const struct lesson_page *page)
{
	size_t lines = panel_lines(page->text);

	if (page->n_actions > 0)
		lines += 2;
	else if (page->question)
		lines += 1 + panel_lines(page->question);
	check_room(c, page->line, "the page's beginning", lines);
}

static void check_question(struct check *c, const struct lesson_page *page)
{
	c->questions += page->question != NULL;
	if (page->question && page->n_answers == 0)
		tell(c, page->question_line, false,
			"the question has no answer ('= ANSWER'): whatever is predicted, nothing is said of it");
	if (*page->reveal)
		check_room(c, page->reveal_line, "what the page reveals", panel_lines(page->reveal));
}

static int check_page(struct check *c, const struct lesson_page *page, struct err *err)
{
	check_beginning(c, page);
	for (size_t i = 0; i < page->n_actions; i++) {
		check_keys(c, &page->actions[i]);
		if (run_all(c, page->actions[i].commands, page->actions[i].n_commands, err))
			return -1;
	}
	check_question(c, page);
	return 0;
}

static int check_all(struct check *c, struct err *err)
{
	if (run_all(c, c->l->open, c->l->n_open, err))
		return -1;
	for (size_t i = 0; i < c->l->n_pages; i++)
		if (check_page(c, &c->l->pages[i], err))
			return -1;
	return 0;
}

int lesson_check(struct session *s, const struct lesson *l, struct out *out, struct err *err)
{
	struct check c = {.s = s, .l = l, .out = out};
	struct err ignored;
	json_t *v;
	int failed;

	if (session_lesson_enter(s, l->folder, err))
		return -1;
	failed = check_all(&c, err);
	if (session_lesson_leave(s, false, failed ? &ignored : err) || failed)
		return -1;
	v = json_object();
	json_object_set_new(v, "file", record_text(l->path, strlen(l->path)));
	json_object_set_new(v, "title", json_string(l->title));
	json_object_set_new(v, "pages", record_count(l->n_pages));
	json_object_set_new(v, "questions", record_count(c.questions));
	json_object_set_new(v, "commands", record_count(c.commands));
	json_object_set_new(v, "errors", record_count(c.errors));
	json_object_set_new(v, "remarks", record_count(c.remarks));
	out_record(out, v);
	if (c.errors == 0)
		return 0;
	return err_set(err, ERR_VALUE, "lesson '%s' is wrong in %zu place%s", l->name, c.errors,
		c.errors == 1 ? "" : "s");
}

static void add_count(struct buf *b, const json_t *record, const char *key, const char *one)
{
	size_t n = field_count(record, key);

	buf_addf(b, "%s%zu %s%s", b->len > 0 ? ", " : "", n, one, n == 1 ? "" : "s");
}

void lesson_check_text(const json_t *record, struct out *out)
{
	struct buf line = {0};

	out_shown(out, field_text(record, "file"));
	if (field_string(record, "kind")) {
		buf_addf(&line, ":%zu: %s", field_count(record, "line"), field_text(record, "kind"));
	} else {
		add_count(&line, record, "pages", "page");
		add_count(&line, record, "questions", "question");
		add_count(&line, record, "commands", "command");
		if (field_count(record, "errors") + field_count(record, "remarks") == 0) {
			buf_addstr(&line, ": nothing is wrong");
		} else {
			add_count(&line, record, "errors", "error");
			add_count(&line, record, "remarks", "remark");
		}
	}
	out_text(out, "%s%s", field_string(record, "kind") ? "" : ": ", buf_str(&line));
	if (field_string(record, "kind")) {
		out_text(out, ": ");
		out_shown(out, field_text(record, "text"));
	}
	out_text(out, "\n");
	buf_release(&line);
}
