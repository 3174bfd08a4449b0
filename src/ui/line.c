#include "ui/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "base/compiler.h"
#include "base/mem.h"
#include "base/vec.h"
#include "ui/complete.h"
#include "ui/headless.h"

/* Readline's hooks take no argument, so what they share with us must be reached by a name: the one exception to "no
 * static mutable state", as small as readline itself. */
static struct {
	VEC(char *) matches; /* owned, each owned */
	const char *bytes;   /* still to be read by readline */
	size_t n_bytes;
	char *done;          /* owned: the accepted line; NULL at the end of input */
	enum line_state state;
	enum line_kind kind;
	FILE *nowhere;       /* what readline would print to the terminal */
	HISTORY_STATE histories[LINE_KINDS];
} line;

static void forget_matches(void)
{
	for (size_t i = 0; i < line.matches.n; i++)
		free(line.matches.at[i]);
	vec_clear(&line.matches);
}

static size_t common_prefix(const struct completion *c)
{
	size_t n = strlen(c->words.at[0]);

	for (size_t i = 1; i < c->words.n; i++) {
		size_t same = 0;
		while (same < n && c->words.at[i][same] == c->words.at[0][same])
			same++;
		n = same;
	}
	return n;
}

/* Readline wants the common beginning first, then the candidates, then NULL; all from malloc. */
static char **attempt(const char *text, int start, int end)
{
	struct completion c;
	char **matches = NULL;

	(void)text;
	if (line.kind == LINE_FILTER)
		complete_filter(&c, rl_line_buffer, (size_t)start, (size_t)end);
	else
		complete_line(&c, rl_line_buffer, (size_t)start, (size_t)end);
	rl_attempted_completion_over = !c.files;
	if (c.words.n > 0) {
		matches = xcalloc(c.words.n + 2, sizeof(*matches));
		matches[0] = xstrndup(c.words.at[0], common_prefix(&c));
		for (size_t i = 0; i < c.words.n && c.words.n > 1; i++)
			matches[i + 1] = xstrdup(c.words.at[i]);
	}
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

/* Nothing of ours: readline goes on with the names of files. */
static char **attempt_files(const char *text, int start, int end)
{
	(void)text;
	(void)start;
	(void)end;
	rl_attempted_completion_over = 0;
	return NULL;
}

static void set_up(enum line_kind kind)
{
	static rl_completion_func_t *const attempts[LINE_KINDS] = {
		[LINE_COMMAND] = attempt,
		[LINE_TEXT] = attempt_nothing,
		[LINE_PATH] = attempt_files,
		[LINE_FILTER] = attempt,
	};

	line.kind = kind;
	rl_readline_name = "beamscope";
	rl_basic_word_break_characters = kind == LINE_FILTER ? " \t\n\"'()<>=!~" : " \t\n\"'";
	rl_completer_quote_characters = "\"'";
	rl_attempted_completion_function = attempts[kind];
}

static void remember(const char *text)
{
	HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
	if (*text && (!last || strcmp(last->line, text) != 0))
		add_history(text);
}

/* After a SIGINT: begin anew on the next line. */
static int drop_typed(void)
{
	rl_replace_line("", 1);
	rl_crlf();
	rl_on_new_line();
	rl_redisplay();
	return 0;
}

char *line_read(const char *prompt)
{
	set_up(LINE_COMMAND);
	rl_signal_event_hook = drop_typed;
	if (headless_linear()) /* no sequences around what is typed or pasted */
		rl_variable_bind("enable-bracketed-paste", "off");
	char *text = readline(prompt);
	if (text)
		remember(text);
	return text;
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
	forget_matches();
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
	rl_variable_bind("completion-query-items", "0");
}

void line_open(enum line_kind kind)
{
	line_close();
	take_over();
	set_up(kind);
	history_set_history_state(&line.histories[kind]);
	using_history();
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

static void save_history(void)
{
	HISTORY_STATE *now = history_get_history_state();
	line.histories[line.kind] = *now;
	free(now);
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
		save_history();
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

size_t line_matches(const char *const **words)
{
	*words = (const char *const *)line.matches.at;
	return line.matches.n;
}

char *line_take(void)
{
	char *text = line.done ? line.done : xstrdup("");

	line.done = NULL;
	remember(text);
	line_close();
	return text;
}
