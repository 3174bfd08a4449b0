/*
 * Lessons as text: a list of them, or one played from its first page to its last, its commands run where they stand.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/cmdtab.h"
#include "session/field.h"
#include "session/lesson_play.h"
#include "session/record.h"
#include "session/session_priv.h"
#include "store/file.h"

enum { ARG_NAME, ARG_PAGE, ARG_CHECK, ARG_ROFF };

struct play {
	struct session *s;
	const struct lesson *l;
	struct out *out;
	bool asks;  /* somebody can be asked: the text comes piece by piece */
	bool ended; /* by the reader */
};

int lesson_run(struct session *s, const struct lesson_command *command, struct out *out, struct err *err)
{
	if (session_run_line(s, command->text, out, err))
		return -1;
	if (!s->quit)
		return 0;
	s->quit = false;
	return err_set(err, ERR_VALUE, "a lesson ends itself, not the program");
}

/* Its output is text as this play's is, or in JSON as it is everywhere. */
static json_t *run(struct play *p, const struct lesson_command *command, struct err *err)
{
	struct out out;
	json_t *v = NULL;

	out_init(&out, NULL);
	if (p->out->format == OUT_TEXT) {
		out.columns = p->out->columns;
		out.ascii = p->out->ascii;
		out.linear = p->out->linear;
	}
	if (lesson_run(p->s, command, &out, err)) {
		err_prefix(err, "%s:%zu: '%s'", p->l->path, command->line, command->text);
	} else {
		v = json_object();
		json_object_set_new(v, "command", json_string(command->text));
		json_object_set_new(v, "output",
			command->quiet ? json_null() : record_text(buf_str(&out.buf), out.buf.len));
	}
	out_release(&out);
	return v;
}

static json_t *run_commands(struct play *p, const struct lesson_command *commands, size_t n, struct err *err)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *v = run(p, &commands[i], err);

		if (!v) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, v);
	}
	return list;
}

static json_t *run_actions(struct play *p, const struct lesson_page *page, struct err *err)
{
	json_t *actions = json_array();

	for (size_t i = 0; i < page->n_actions; i++) {
		const struct lesson_action *a = &page->actions[i];
		json_t *commands = run_commands(p, a->commands, a->n_commands, err), *v;

		if (!commands) {
			json_decref(actions);
			return NULL;
		}
		v = json_object();
		json_object_set_new(v, "keys", a->keys ? json_string(a->keys) : json_null());
		json_object_set_new(v, "commands", commands);
		json_array_append_new(actions, v);
	}
	return actions;
}

static json_t *text_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

static json_t *page_record(const struct play *p, size_t i, json_t *actions)
{
	const struct lesson_page *page = &p->l->pages[i];
	json_t *v = json_object(), *answers = json_array();

	for (size_t k = 0; k < page->n_answers; k++)
		json_array_append_new(answers, json_string(page->answers[k]));
	json_object_set_new(v, "lesson", json_string(p->l->name));
	json_object_set_new(v, "title", json_string(p->l->title));
	json_object_set_new(v, "page", record_count(i + 1));
	json_object_set_new(v, "pages", record_count(p->l->n_pages));
	json_object_set_new(v, "heading", json_string(page->heading));
	json_object_set_new(v, "text", json_string(page->text_elsewhere));
	json_object_set_new(v, "actions", actions);
	json_object_set_new(v, "question", text_or_null(page->question));
	json_object_set_new(v, "answers", answers);
	return v;
}

/* Shows what there is so far and asks; NULL: the reader leaves. */
static char *ask(struct play *p, const char *prompt, struct err *err)
{
	char *said;

	if (out_flush(p->out, err))
		return NULL;
	said = p->s->ask_reader(p->s->ask_reader_arg, prompt);
	p->ended = !said;
	return said;
}

/* The reader predicts, then sees. */
static int reveal_after_asking(struct play *p, const struct lesson_page *page, struct err *err)
{
	char *said = page->question ? ask(p, "Your prediction: ", err) : NULL;
	json_t *v;

	if (page->question && !said)
		return p->ended ? 0 : -1;
	v = json_object();
	json_object_set_new(v, "prediction", text_or_null(said));
	json_object_set_new(v, "right", json_boolean(said && lesson_right(page, said)));
	json_object_set_new(v, "answer", text_or_null(page->n_answers > 0 ? page->answers[0] : NULL));
	json_object_set_new(v, "reveal", text_or_null(page->reveal_elsewhere));
	out_record(p->out, v);
	free(said);
	return 0;
}

static int turn_page(struct play *p, struct err *err)
{
	char *said = ask(p, "Enter goes on, q ends the lesson: ", err);

	if (!said)
		return p->ended ? 0 : -1;
	p->ended = !strcmp(said, "q");
	free(said);
	return 0;
}

/* shown: else only what it does is done, for the pages after it. */
static int play_page(struct play *p, size_t i, bool shown, struct err *err)
{
	const struct lesson_page *page = &p->l->pages[i];
	json_t *actions = run_actions(p, page, err), *v;

	if (!actions)
		return -1;
	if (!shown) {
		json_decref(actions);
		return 0;
	}
	v = page_record(p, i, actions);
	if (!p->asks)
		json_object_set_new(v, "reveal", text_or_null(page->reveal_elsewhere));
	out_record(p->out, v);
	return p->asks ? reveal_after_asking(p, page, err) : 0;
}

/* only: the page that is shown, from 1; 0: all of them. */
static int play(struct play *p, size_t only, struct err *err)
{
	struct err ignored;
	json_t *opened;
	int failed;

	if (session_lesson_enter(p->s, p->l->folder, err))
		return -1;
	opened = run_commands(p, p->l->open, p->l->n_open, err);
	failed = opened ? 0 : -1;
	json_decref(opened);
	for (size_t i = 0; i < p->l->n_pages && !failed && !p->ended && (only == 0 || i < only); i++) {
		failed = play_page(p, i, only == 0 || i + 1 == only, err);
		if (!failed && p->asks && !p->ended && only == 0 && i + 1 < p->l->n_pages)
			failed = turn_page(p, err);
	}
	if (session_lesson_leave(p->s, false, failed ? &ignored : err))
		failed = -1;
	return failed;
}

static void list(struct lesson *const *lessons, size_t n, struct out *out)
{
	for (size_t i = 0; i < n; i++) {
		json_t *v = json_object();

		json_object_set_new(v, "name", json_string(lessons[i]->name));
		json_object_set_new(v, "pages", record_count(lessons[i]->n_pages));
		json_object_set_new(v, "title", json_string(lessons[i]->title));
		json_object_set_new(v, "about", json_string(lessons[i]->about));
		json_object_set_new(v, "file", record_string(lessons[i]->path));
		out_record(out, v);
	}
}

static int play_lesson(struct session *s, const struct lesson *l, const struct cmd_args *a, struct out *out,
	struct err *err)
{
	struct play p = {.s = s, .l = l, .out = out, .asks = s->ask_reader && out->format == OUT_TEXT};
	size_t page = a->text[ARG_PAGE] ? (size_t)a->number[ARG_PAGE] : 0;

	if (l->trouble)
		return err_set(err, ERR_FORMAT, "%s", l->trouble);
	if (a->given[ARG_CHECK])
		return lesson_check(s, l, out, err);
	if (page > l->n_pages)
		return err_set(err, ERR_VALUE, "lesson '%s' has no page %zu: it has %zu", l->name, page, l->n_pages);
	return play(&p, page, err);
}

static int play_file(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	struct lesson *l;
	int failed;

	if (lesson_read(&l, a->text[ARG_NAME], err))
		return -1;
	failed = play_lesson(s, l, a, out, err);
	lesson_free(l);
	return failed;
}

/* The bundled lessons alone, whoever builds the manual. */
static int write_roff(struct session *s, struct out *out, struct err *err)
{
	char *folder = file_join(s->datadir, "lessons");
	struct lesson **lessons;
	struct buf b = {0};
	json_t *v;
	size_t n;
	int failed = lessons_read(&lessons, &n, folder, err);

	free(folder);
	if (failed)
		return -1;
	lessons_roff(&b, lessons, n);
	v = json_object();
	json_object_set_new(v, "document", record_text(buf_str(&b), b.len));
	out_record(out, v);
	buf_release(&b);
	lessons_free(lessons, n);
	return 0;
}

static int lesson_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	struct lesson **lessons;
	size_t n, found;
	int failed;

	if (a->given[ARG_ROFF])
		return write_roff(s, out, err);
	if (!a->text[ARG_NAME] && (a->text[ARG_PAGE] || a->given[ARG_CHECK]))
		return err_set(err, ERR_USAGE, "%s goes with a lesson: 'lesson' lists them",
			a->text[ARG_PAGE] ? "--page" : "--check");
	if (a->text[ARG_NAME] && lesson_is_file(a->text[ARG_NAME]))
		return play_file(s, a, out, err);
	if (lessons_list(&lessons, &n, s->datadir, err))
		return -1;
	if (!a->text[ARG_NAME]) {
		list(lessons, n, out);
		failed = 0;
	} else {
		failed = lesson_find(&found, lessons, n, a->text[ARG_NAME], err) ||
				play_lesson(s, lessons[found], a, out, err)
			? -1
			: 0;
	}
	lessons_free(lessons, n);
	return failed;
}

void lesson_show(struct out *out, const char *text)
{
	for (const char *s = text; *s;) {
		size_t n = strcspn(s, "\n");
		char *line = xstrndup(s, n);

		if (*line == ' ' || !*line)
			out_text(out, "%s\n", line);
		else
			out_wrapped(out, line);
		free(line);
		s += n + (s[n] == '\n');
	}
}

static void show_prefixed(struct out *out, const char *what, const char *text)
{
	char *line = xasprintf("%s: %s", what, text);

	lesson_show(out, line);
	free(line);
}

static void show_actions(struct out *out, const json_t *actions)
{
	size_t i, k;
	json_t *action, *command;

	json_array_foreach((json_t *)actions, i, action)
		json_array_foreach(json_object_get(action, "commands"), k, command)
			out_text(out, "\n> %s\n%s", field_string(command, "command"), field_text(command, "output"));
}

static void show_page(struct out *out, const json_t *record)
{
	if (json_integer_value(json_object_get(record, "page")) == 1)
		out_text(out, "%s\n", field_string(record, "title"));
	out_text(out, "\n%lld/%lld  %s\n\n", (long long)json_integer_value(json_object_get(record, "page")),
		(long long)json_integer_value(json_object_get(record, "pages")), field_string(record, "heading"));
	lesson_show(out, field_string(record, "text"));
	show_actions(out, json_object_get(record, "actions"));
	if (field_string(record, "question")) {
		out_text(out, "\n");
		show_prefixed(out, "Question", field_string(record, "question"));
	}
}

/* What is said of a prediction; one that cannot be wrong, or was not made, is not spoken of. */
static void show_prediction(struct out *out, const json_t *record)
{
	if (!field_string(record, "prediction") || !field_string(record, "answer"))
		return;
	if (json_is_true(json_object_get(record, "right")))
		out_text(out, "\nYes.");
	else
		out_text(out, "\nNot this time; it is: %s", field_string(record, "answer"));
	out_text(out, "\n");
}

static void lesson_text(const json_t *record, struct out *out)
{
	const char *reveal = field_string(record, "reveal");

	if (field_string(record, "document")) {
		out_as_is(out);
		buf_addstr(&out->buf, field_string(record, "document"));
		return;
	}
	if (json_object_get(record, "errors") || field_string(record, "kind")) {
		lesson_check_text(record, out);
		return;
	}
	if (field_string(record, "name")) {
		out_text(out, "%-14s%s\n%14s%s\n", field_string(record, "name"), field_string(record, "title"), "",
			field_string(record, "about"));
		return;
	}
	if (field_string(record, "heading"))
		show_page(out, record);
	show_prediction(out, record);
	if (!reveal)
		return;
	out_text(out, "\n");
	if (field_string(record, "question"))
		show_prefixed(out, "Answer", reveal);
	else
		lesson_show(out, reveal);
}

static const struct out_column page_columns[] = {
	{"lesson", NULL, NULL, false, false},
	{"page", NULL, NULL, true, false},
	{"heading", NULL, NULL, false, true},
	{"text", NULL, NULL, false, true},
	{"question", NULL, NULL, false, true},
	{"answers", NULL, NULL, false, true},
	{"reveal", NULL, NULL, false, true},
	{NULL, NULL, NULL, false, false},
};

static const struct out_column list_columns[] = {
	{"name", "lesson", NULL, false, false},
	{"pages", "pages", NULL, true, false},
	{"title", "title", NULL, false, true},
	{"about", "about", NULL, false, true},
	{"file", "file", NULL, false, true},
	{NULL, NULL, NULL, false, false},
};

static const struct out_column check_columns[] = {
	{"file", NULL, NULL, false, true},
	{"line", NULL, NULL, true, false},
	{"kind", NULL, NULL, false, false},
	{"text", NULL, NULL, false, true},
	{NULL, NULL, NULL, false, false},
};

static const struct out_column document_columns[] = {
	{"document", NULL, NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

/* Of a check only what it has found. */
static void lesson_tsv(const json_t *record, struct out *out)
{
	if (field_string(record, "kind"))
		out_rows(out, record, check_columns);
	else if (field_string(record, "document"))
		out_rows(out, record, document_columns);
	else if (!json_object_get(record, "errors"))
		out_rows(out, record, field_string(record, "name") ? list_columns : page_columns);
}

const struct cmd_entry cmd_lesson = {
	.name = "lesson",
	.group = "Session",
	.summary = "list the lessons, or play one: text, questions, commands with what they show, and answers",
	.details = "A lesson opens a small model of its own. What was loaded and set before is there again when it "
		"ends. On the screens the Lessons view plays the same lessons, with keys to press; at the prompt a "
		"lesson waits for your prediction after each question, and for Enter after each page.\n\n"
		"Lessons of one's own are text files, see beamscope-lessons(7): in $XDG_DATA_HOME/beamscope/lessons "
		"(~/.local/share without the variable) they are listed after the others; anywhere else they are played "
		"by their path.",
	.args = {
		[ARG_NAME] = {.name = "NAME", .type = ARG_WORD, .source = FROM_LESSONS,
			.help = "the lesson: its name, or enough of it; or a file (FILE.lesson, or a path)"},
		[ARG_PAGE] = {.name = "--page", .type = ARG_INT, .min = 1, .max = 1000, .value = "N",
			.help = "show this page alone; what those before it do is done"},
		[ARG_CHECK] = {.name = "--check", .type = ARG_FLAG,
			.help = "run its commands and say what is wrong, with file and line, instead of playing it"},
		[ARG_ROFF] = {.name = "--roff", .type = ARG_FLAG,
			.help = "write the manual page's list of the bundled ones"},
	},
	.examples = {
		{"lesson", "what lessons there are"},
		{"lesson greedy", "pruning by hand, on three albums"},
		{"lesson greedy --page 3", "one page of it"},
		{"lesson greedy --check", "is anything wrong with it? As well: lesson ./mine.lesson --check"},
	},
	.flags = CMD_SETTLES,
	.exec = lesson_exec,
	.text = lesson_text,
	.tsv = lesson_tsv,
	.lists = LISTED_NAMES,
	.listed = "name",
	.fields = fields_lesson,
};
