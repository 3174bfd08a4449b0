#include "ui/line.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "base/compiler.h"
#include "base/mem.h"
#include "base/vec.h"
#include "session/histfile.h"
#include "session/option.h"
#include "ui/complete.h"
#include "ui/headless.h"
#include "ui/shelf.h"

#define SIGNAL_MS 100

/* Readline's hooks take no argument, so what they share with us must be reached by a name: the one exception to "no
 * static mutable state", as small as readline itself. */
static struct {
	struct session *session;   /* borrowed: that completion asks; NULL: none */
	const char *before;        /* borrowed: what the line goes on with; NULL: nothing */
	VEC(char *) matches;       /* owned, each owned */
	size_t n_matches;          /* with those that were too many to give */
	const char *note;          /* constant: why there are none; NULL */
	const char *bytes;         /* still to be read by readline */
	size_t n_bytes;
	char *done;                /* owned: the accepted line; NULL at the end of input */
	enum line_state state;
	enum line_kind kind;
	FILE *nowhere;             /* what readline would print to the terminal */
	HISTORY_STATE histories[LINE_KINDS];
	char *file;                /* owned: of the history of commands; NULL: it is not kept */
	size_t limit;              /* of its lines */
	bool read;                 /* it has been */
	struct err trouble;        /* with it */
	bool in_trouble;
	volatile sig_atomic_t interrupted;
} line;

static void forget_matches(void)
{
	for (size_t i = 0; i < line.matches.n; i++)
		free(line.matches.at[i]);
	vec_clear(&line.matches);
	line.n_matches = 0;
	line.note = NULL;
}

/* Readline is given the whole line as the word: what is shown of a candidate and what it becomes in the line differ, by
 * quotation marks for one. Its first "match" is the new line, those behind it are for showing. All from malloc. */
static char **as_matches(const struct completion *c, const char *text, size_t from)
{
	size_t n = c->names.n > 1 ? c->names.words.n : 0;
	char **matches = xcalloc(n + 2, sizeof(*matches));

	matches[0] = c->text ? xasprintf("%.*s%s", (int)from, text, c->text) : xstrdup(text);
	for (size_t i = 0; i < n; i++)
		matches[i + 1] = xstrdup(c->names.words.at[i]);
	return matches;
}

/* Completes the line up to its place `end`, after what it goes on with. */
static void find(struct completion *c, size_t end)
{
	size_t n = line.before ? strlen(line.before) : 0;
	char *all = xasprintf("%s%.*s", line.before ? line.before : "", (int)end, rl_line_buffer);

	if (line.kind == LINE_FILTER)
		complete_filter(c, all, n + end);
	else if (line.kind == LINE_PATH)
		complete_path(c, all, n + end);
	else
		complete_line(c, line.session, all, n + end);
	free(all);
	if (c->from < n) { /* what the earlier lines have stays as it is */
		free(c->text);
		c->text = NULL;
		c->from = n;
	}
	c->from -= n;
}

static void show_note(const char *note)
{
	if (line.state == LINE_EDITING) {
		line.note = note;
		return;
	}
	rl_crlf();
	fprintf(rl_outstream, "%s\n", note);
	rl_on_new_line();
}

static char **attempt(const char *text, int start, int end)
{
	struct completion c;
	char **matches = NULL;

	(void)start;
	rl_attempted_completion_over = 1;
	find(&c, (size_t)end);
	line.n_matches = c.names.n;
	if (c.names.n > 0)
		matches = as_matches(&c, text, c.from);
	else if (c.note)
		show_note(c.note);
	rl_completion_suppress_append = !c.whole;
	completion_release(&c);
	return matches;
}

static char **attempt_nothing(const char *text, int start, int end)
{
	(void)text;
	(void)start;
	(void)end;
	rl_attempted_completion_over = 1;
	return NULL;
}

static void set_up(enum line_kind kind)
{
	line.kind = kind;
	rl_readline_name = "beamscope";
	rl_completer_word_break_characters = "";
	rl_completer_quote_characters = NULL;
	rl_sort_completion_matches = 0;
	rl_ignore_completion_duplicates = 0;
	rl_attempted_completion_function = kind == LINE_TEXT ? attempt_nothing : attempt;
}

void line_begin(struct session *s, bool keep)
{
	line.session = s;
	line.limit = (size_t)session_options(s)->history;
	line.file = keep ? histfile_path() : NULL;
}

void line_end(void)
{
	line.session = NULL;
	free(line.file);
	line.file = NULL;
}

/* The file is left alone from here on. */
static void give_up_file(const struct err *err)
{
	line.trouble = *err;
	line.in_trouble = true;
	free(line.file);
	line.file = NULL;
}

const char *line_trouble(void)
{
	bool is = line.in_trouble;

	line.in_trouble = false;
	return is ? line.trouble.msg : NULL;
}

static void read_file(void)
{
	struct histfile_entries e = {0};
	struct err err;

	line.read = true;
	if (histfile_read(&e, line.file, line.limit, &err))
		give_up_file(&err);
	for (size_t i = 0; i < e.at.n; i++)
		add_history(e.at.at[i]);
	histfile_release(&e);
}

/* Makes a kind's history readline's, and back. */
static void take_history(enum line_kind kind)
{
	history_set_history_state(&line.histories[kind]);
	using_history();
	if (line.session && !session_busy(line.session)) /* its options may be a job's then */
		line.limit = (size_t)session_options(line.session)->history;
	if (kind == LINE_COMMAND && line.file && !line.read && line.limit > 0)
		read_file();
	using_history();
}

static void leave_history(enum line_kind kind)
{
	HISTORY_STATE *now = history_get_history_state();

	line.histories[kind] = *now;
	free(now);
}

/* Without the blanks behind, such as completion leaves, but for one that a backslash keeps. */
static char *trimmed(const char *text)
{
	size_t n = strlen(text);

	while (n > 0 && strchr(" \t", text[n - 1]) && (n < 2 || text[n - 2] != '\\'))
		n--;
	return xstrndup(text, n);
}

/* In the history that readline has. */
static void remember(enum line_kind kind, const char *typed)
{
	HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
	char *text = trimmed(typed);
	struct err err;

	if (*text && !strchr(" \t", *text) && !(last && strcmp(last->line, text) == 0)) {
		add_history(text);
		if (kind == LINE_COMMAND && line.file && line.limit > 0 && histfile_add(line.file, text, &err))
			give_up_file(&err);
	}
	free(text);
}

void line_remember(enum line_kind kind, const char *text)
{
	take_history(kind);
	remember(kind, text);
	leave_history(kind);
}

void line_interrupt(void)
{
	line.interrupted = 1;
}

/* Keys that end the line with nothing in it, one after the other, whatever readline is in the middle of. */
static int dropping_key(void)
{
	if (RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH))
		return '\a';
	rl_replace_line("", 1);
	return '\n';
}

/* Waits for a key or a signal. No key that was typed after a SIGINT is taken for one before: the terminal forgets what
 * was typed before it, and may do so at any moment. The signal cannot be blocked meanwhile, a thread of the BLAS would
 * get it and this one sleep on; one that comes just before the waiting is noticed after SIGNAL_MS. True: a key was
 * read, or EOF. */
static bool wait_for_key(int fd, int *key)
{
	struct timespec patience = {0, SIGNAL_MS * 1000000L};
	unsigned char byte;
	fd_set keys;

	FD_ZERO(&keys);
	FD_SET(fd, &keys);
	ssize_t n = pselect(fd + 1, &keys, NULL, NULL, &patience, NULL);
	if (n == 0 || rl_pending_signal())
		return false;
	if (n > 0)
		n = read(fd, &byte, 1);
	*key = n == 1 ? byte : EOF;
	return n >= 0 || errno != EINTR;
}

static int next_key(FILE *in)
{
	int key;

	do {
		rl_check_signals();
		if (line.interrupted)
			return dropping_key();
	} while (!wait_for_key(fileno(in), &key));
	return key;
}

/* Candidates above the prompt, which readline then draws anew. */
static void print_matches(char **matches, int n, int longest)
{
	struct shelf shelf;
	struct buf text = {0};
	int rows, columns;

	(void)longest;
	rl_get_screen_size(&rows, &columns);
	shelf_init(&shelf, (const char *const *)matches + 1, (size_t)n, line.n_matches, (size_t)columns,
		(size_t)(rows > 8 ? rows / 2 : 4));
	if (headless_linear())
		shelf_list(&shelf, &text);
	else
		shelf_rows(&shelf, &text);
	rl_crlf();
	fputs(buf_str(&text), rl_outstream);
	rl_forced_update_display();
	buf_release(&text);
}

char *line_read(enum line_kind kind, const char *prompt, const char *before, bool *dropped)
{
	set_up(kind);
	take_history(kind);
	line.before = before;
	line.interrupted = 0;
	rl_getc_function = next_key;
	rl_completion_display_matches_hook = print_matches;
	if (headless_linear()) /* no sequences around what is typed or pasted */
		rl_variable_bind("enable-bracketed-paste", "off");
	char *text = readline(prompt);
	leave_history(kind);
	line.before = NULL;
	*dropped = line.interrupted;
	if (!*dropped)
		return text;
	free(text);
	return NULL;
}

static int next_byte(FILE *unused)
{
	(void)unused;
	if (line.n_bytes == 0)
		return EOF;
	line.n_bytes--;
	return (unsigned char)*line.bytes++;
}

static int bytes_waiting(void)
{
	return line.n_bytes > 0;
}

static void accept(char *text)
{
	line.state = LINE_DONE;
	line.done = text;
	rl_callback_handler_remove();
}

static void draw_nothing(void)
{
}

static void keep_matches(char **matches, int n, int longest)
{
	(void)longest;
	for (int i = 1; i <= n; i++)
		vec_push(&line.matches, xstrdup(matches[i]));
}

/* Readline is kept from the terminal: its input is ours, its output goes nowhere. */
static void take_over(void)
{
	if (!line.nowhere)
		line.nowhere = fopen("/dev/null", "w");
	rl_outstream = line.nowhere;
	rl_instream = stdin;
	rl_getc_function = next_byte;
	rl_input_available_hook = bytes_waiting;
	rl_redisplay_function = draw_nothing;
	rl_completion_display_matches_hook = keep_matches;
	rl_prep_term_function = NULL;
	rl_deprep_term_function = NULL;
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_change_environment = 0;
	rl_initialize();
	rl_bind_keyseq("\\e[3~", rl_delete);
	rl_variable_bind("bell-style", "none");
	rl_variable_bind("show-all-if-ambiguous", "on");
}

void line_open(enum line_kind kind)
{
	line_close();
	take_over();
	set_up(kind);
	take_history(kind);
	line.state = LINE_EDITING;
	rl_callback_handler_install("", accept);
}

enum line_state line_feed(const char *bytes, size_t len)
{
	forget_matches();
	line.bytes = bytes;
	line.n_bytes = len;
	while (line.n_bytes > 0 && line.state == LINE_EDITING)
		rl_callback_read_char();
	return line.state;
}

void line_close(void)
{
	if (line.state == LINE_EDITING) {
		/* A search in the history, a count, half a key: the next line would begin in the middle of it. Any
		 * letter ends what waits for one, and readline frees what it keeps for it only then. */
		if (RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH))
			line_feed("\a", 1);
		line_feed("x", 1);
		rl_callback_sigcleanup();
		/* An undo list may be a history entry's too: it must not outlive this history's turn. */
		rl_free_line_state();
		rl_callback_handler_remove();
	}
	if (line.state != LINE_CLOSED)
		leave_history(line.kind);
	free(line.done);
	line.done = NULL;
	line.state = LINE_CLOSED;
	forget_matches();
}

const char *line_text(void)
{
	return rl_line_buffer ? rl_line_buffer : "";
}

size_t line_cursor(void)
{
	return (size_t)rl_point;
}

const char *line_hint(void)
{
	return RL_ISSTATE(RL_STATE_ISEARCH) ? rl_display_prompt : NULL;
}

size_t line_matches(const char *const **words, size_t *n_all)
{
	*words = (const char *const *)line.matches.at;
	*n_all = line.n_matches;
	return line.matches.n;
}

const char *line_note(void)
{
	return line.note;
}

char *line_take(void)
{
	char *text = line.done ? line.done : xstrdup("");

	line.done = NULL;
	remember(line.kind, text);
	line_close();
	return text;
}
