#include "term.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/mem.h"
#include "look.h"

struct term {
	SCREEN *screen;
	struct canvas shown; /* what curses was last told */
	bool all;            /* the next drawing writes everything */
	bool ascii, colour;
	bool console; /* the kernel's own terminal: its fonts have lines and blocks, and neither marks nor braille */
	int notes[2];        /* pipe: a byte for each signal, written by the handler */
	stack_t old_stack;
	void *stack;         /* owned: for handlers when the stack is what ran out */
};

/*
 * What a signal handler needs to give the terminal back; handlers get no argument, so it stands here. Written before
 * the handlers are set and after they are gone; `armed` makes sure that it is done once. While it is not set, the
 * terminal is another's: we were stopped, and run on in the background if at all.
 */
static struct {
	atomic_bool armed;
	struct termios modes;
	char reset[256]; /* leaves the alternate screen, shows the cursor, ends attributes, keypad and mouse */
	size_t n_reset;
	int real_stderr, kept_stderr; /* -1: standard error was not redirected */
	int note_fd;
	int flags;          /* of the terminal's file, which the shell shares: -1: nothing was changed */
	atomic_bool asks;    /* the next signal that asks to end is noted, not obeyed */
	char words[2][1024]; /* term_last_words: one is written while a handler may read the other */
	atomic_int said;     /* which of them */
} rescue = {.real_stderr = -1, .kept_stderr = -1, .note_fd = -1, .flags = -1};

/* What ends a process, as far as it can be caught. */
static const int fatal[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP,
	SIGXCPU, SIGALRM, SIGVTALRM, SIGPROF, SIGUSR1, SIGUSR2};
static const int noted[] = {SIGWINCH, SIGTSTP, SIGCONT};
static const int ignored[] = {SIGPIPE}; /* the write that fails says so */

#define AWAY_MS 200 /* how often it is seen, in the background, whether we are in front again */
#define PATIENCE_MS 1000 /* for a terminal that takes nothing, while the process ends */

/* As far as the terminal takes it: one that has stopped to read must not keep the process from ending. Safe in a signal
 * handler. */
static void write_last(int fd, const char *bytes, size_t n)
{
	struct pollfd ready = {.fd = fd, .events = POLLOUT};
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	while (n > 0) {
		ssize_t wrote = write(fd, bytes, n);

		if (wrote > 0) {
			bytes += wrote;
			n -= (size_t)wrote;
		} else if (wrote == 0 || (errno != EINTR && errno != EAGAIN) ||
			   (errno == EAGAIN && poll(&ready, 1, PATIENCE_MS) <= 0)) {
			break;
		}
	}
	fcntl(fd, F_SETFL, flags);
}

/* Puts standard error back and passes on what was kept. Safe in a signal handler. */
static void give_back_stderr(void)
{
	char bytes[512];
	ssize_t n;

	if (rescue.kept_stderr < 0)
		return;
	dup2(rescue.real_stderr, STDERR_FILENO);
	lseek(rescue.kept_stderr, 0, SEEK_SET);
	while ((n = read(rescue.kept_stderr, bytes, sizeof(bytes))) > 0)
		write_last(STDERR_FILENO, bytes, (size_t)n);
	if (ftruncate(rescue.kept_stderr, 0) == 0)
		lseek(rescue.kept_stderr, 0, SEEK_SET);
}

static void say(const char *text)
{
	write_last(STDERR_FILENO, text, strlen(text));
}

/* What ended the program, where that is a fault of its own, and what is left of the work. Safe in a signal handler. */
static void say_last_words(int sig)
{
	static const struct {
		int sig;
		const char *name;
	} faults[] = {{SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"}, {SIGILL, "SIGILL"},
		{SIGABRT, "SIGABRT"}};

	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		if (faults[i].sig == sig) {
			say("beamscope: ended by ");
			say(faults[i].name);
			say(", a fault of the program: please report it, with what stands above\n");
		}
	say(rescue.words[atomic_load(&rescue.said)]);
}

static void keep_stderr(void)
{
	if (rescue.kept_stderr >= 0)
		dup2(rescue.kept_stderr, STDERR_FILENO);
}

static void on_note(int sig)
{
	int saved = errno;
	char note = (char)sig;

	if (write(rescue.note_fd, &note, 1) < 0) {
		/* the pipe is full of notes already */
	}
	errno = saved;
}

/* Is it a wish to end that is to be noted? The handler was reset when it was called. */
static bool is_wish(int sig, void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = (int)SA_RESETHAND | SA_ONSTACK};

	if ((sig != SIGTERM && sig != SIGHUP && sig != SIGINT) || !atomic_exchange(&rescue.asks, false))
		return false;
	sigemptyset(&action.sa_mask);
	sigaction(sig, &action, NULL);
	return true;
}

/* A terminal's file that does not block would have curses ask again and again whether there is room. Another program
 * that shares the file may have left it so, and may want it so again. */
static void make_blocking(void)
{
	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	rescue.flags = flags >= 0 && flags & O_NONBLOCK ? flags : -1;
	if (rescue.flags >= 0)
		fcntl(STDOUT_FILENO, F_SETFL, flags & ~O_NONBLOCK);
}

/* Safe in a signal handler. */
static void give_back_flags(void)
{
	if (rescue.flags >= 0)
		fcntl(STDOUT_FILENO, F_SETFL, rescue.flags);
}

static void on_fatal(int sig)
{
	if (is_wish(sig, on_fatal)) {
		on_note(sig);
		return;
	}
	if (atomic_exchange(&rescue.armed, false)) {
		write_last(STDOUT_FILENO, rescue.reset, rescue.n_reset);
		tcsetattr(STDOUT_FILENO, TCSANOW, &rescue.modes);
		give_back_flags();
		give_back_stderr();
	}
	say_last_words(sig);
	raise(sig); /* the handler was reset when it was called: this is the default action, after we return */
}

/* Leaving without term_stop: exit() from anywhere. */
static void on_exit_restore(void)
{
	if (atomic_exchange(&rescue.armed, false)) {
		endwin();
		give_back_flags();
		give_back_stderr();
	}
}

/* Without padding ("$<5>"), which a terminal emulator does not need; as far as there is room. */
static void add_reset(const char *s)
{
	while (*s && rescue.n_reset < sizeof(rescue.reset)) {
		const char *end = strncmp(s, "$<", 2) == 0 ? strchr(s, '>') : NULL;
		if (end)
			s = end + 1;
		else
			rescue.reset[rescue.n_reset++] = *s++;
	}
}

/* A terminfo string. */
static void add_capability(const char *name)
{
	const char *s = tigetstr(name);

	if (s && s != (const char *)-1)
		add_reset(s);
}

static void prepare_rescue(void)
{
	rescue.n_reset = 0;
	add_capability("sgr0");
	add_capability("op");
	if (has_mouse()) /* curses has set it up, and the terminal knows these */
		add_reset("\033[?1000l\033[?1006l");
	add_capability("rmkx");
	add_capability("rmcup");
	add_capability("cnorm");
}

static void handle(const int *signals, size_t n, void (*handler)(int), int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < n; i++)
		sigaction(signals[i], &action, NULL);
}

static void set_handlers(struct term *t)
{
	stack_t stack = {.ss_size = 64 * 1024};
	t->stack = stack.ss_sp = xmalloc(stack.ss_size);
	sigaltstack(&stack, &t->old_stack);
	handle(fatal, ARRAY_LEN(fatal), on_fatal, (int)SA_RESETHAND | SA_ONSTACK);
	handle(noted, ARRAY_LEN(noted), on_note, SA_RESTART);
	handle(ignored, ARRAY_LEN(ignored), SIG_IGN, 0);
}

static attr_t attributes(unsigned look)
{
	return (look & LOOK_BOLD ? A_BOLD : 0) | (look & LOOK_DIM ? A_DIM : 0) |
		(look & LOOK_UNDERLINE ? A_UNDERLINE : 0) | (look & LOOK_REVERSE ? A_REVERSE : 0);
}

static short pair_of(unsigned role, unsigned ground)
{
	return (short)(1 + ground * ROLE_COUNT + role);
}

static void make_pairs(void)
{
	use_default_colors();
	for (unsigned r = 0; r < ROLE_COUNT; r++) {
		if (COLORS >= 256) {
			init_pair(pair_of(r, GROUND_PLAIN), looks[r].fg256, looks[r].bg256);
			init_pair(pair_of(r, GROUND_BAR), looks[r].dark256, look_grounds[GROUND_BAR]);
			init_pair(pair_of(r, GROUND_SELECTED), looks[r].dark256,
				look_grounds[GROUND_SELECTED]);
		} else {
			init_pair(pair_of(r, GROUND_PLAIN), looks[r].fg8, looks[r].bg8);
			init_pair(pair_of(r, GROUND_BAR), looks[r].fg8 < 0 ? COLOR_WHITE : looks[r].fg8, COLOR_BLUE);
			init_pair(pair_of(r, GROUND_SELECTED), -1, -1); /* reversed: one ground for the whole row */
		}
	}
}

static void look_of(const struct term *t, unsigned style, attr_t *attr, short *pair)
{
	unsigned role = STYLE_ROLE(style);
	enum look_ground ground = look_ground(style);
	bool rich = t->colour && COLORS >= 256, own_ground = rich || (t->colour && ground == GROUND_BAR);

	*attr = attributes(rich ? looks[role].attr : t->colour ? looks[role].attr8 : looks[role].mono);
	*pair = t->colour ? pair_of(role, ground) : 0;
	if (style & STYLE_STRONG)
		*attr |= A_BOLD;
	if (ground != GROUND_PLAIN && !own_ground)
		*attr = (*attr & ~A_DIM) | A_REVERSE;
}

static bool color_wanted(const struct term_options *o)
{
	const char *no_color = getenv("NO_COLOR");

	return !o->no_color && !(no_color && *no_color) && has_colors();
}

/* Modes that curses does not restore by itself after a stop. */
static void take_terminal(void)
{
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	meta(stdscr, TRUE);
	curs_set(0);
}

/* Cursor keys as terminals send them that do not keep to the keypad mode that terminfo asks them for. */
static void define_arrows(void)
{
	define_key("\033[A", KEY_UP);
	define_key("\033[B", KEY_DOWN);
	define_key("\033[C", KEY_RIGHT);
	define_key("\033[D", KEY_LEFT);
	define_key("\033[H", KEY_HOME);
	define_key("\033[F", KEY_END);
}

static int start_curses(struct term *t, const struct term_options *o, struct err *err)
{
	const char *type = getenv("TERM");

	t->screen = newterm(NULL, stdout, stdin);
	if (!t->screen)
		return err_set(err, ERR_UNSUPPORTED, "the terminal type \"%s\" is not known here: set TERM, or use -n",
			type ? type : "");
	if (!tigetstr("cup") || tigetstr("cup") == (char *)-1) {
		endwin();
		delscreen(t->screen);
		t->screen = NULL;
		return err_set(err, ERR_UNSUPPORTED, "the terminal type \"%s\" cannot place its cursor: use -n",
			type ? type : "");
	}
	take_terminal();
	define_arrows();
	set_escdelay(25);
	t->colour = color_wanted(o) && start_color() == OK && COLORS >= 8;
	if (t->colour)
		make_pairs();
	if (!o->no_mouse) {
		mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
		mouseinterval(0);
	}
	return 0;
}

static void redirect_stderr(void)
{
	if (!isatty(STDERR_FILENO))
		return;
	rescue.real_stderr = dup(STDERR_FILENO);
	rescue.kept_stderr = memfd_create("beamscope-stderr", MFD_CLOEXEC);
	if (rescue.real_stderr >= 0 && rescue.kept_stderr >= 0) {
		keep_stderr();
		return;
	}
	close(rescue.real_stderr);
	close(rescue.kept_stderr);
	rescue.real_stderr = rescue.kept_stderr = -1;
}

int term_start(struct term **out, const struct term_options *o, struct err *err)
{
	struct term *t = xcalloc(1, sizeof(*t));

	*out = NULL;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		free(t);
		return err_set(err, ERR_UNSUPPORTED, "the screens need a terminal for standard input and output");
	}
	setlocale(LC_CTYPE, "");
	t->ascii = o->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	t->console = getenv("TERM") && strcmp(getenv("TERM"), "linux") == 0;
	canvas_init(&t->shown, t->ascii);
	if (pipe2(t->notes, O_CLOEXEC | O_NONBLOCK) < 0) {
		free(t);
		return err_errno(err, errno, "cannot make a pipe");
	}
	tcgetattr(STDOUT_FILENO, &rescue.modes);
	if (start_curses(t, o, err) < 0) {
		close(t->notes[0]);
		close(t->notes[1]);
		free(t);
		return -1;
	}
	prepare_rescue();
	make_blocking();
	rescue.note_fd = t->notes[1];
	redirect_stderr();
	set_handlers(t);
	atomic_store(&rescue.armed, true);
	atexit(on_exit_restore);
	*out = t;
	return 0;
}

void term_stop(struct term *t)
{
	if (!t)
		return;
	on_exit_restore();
	handle(fatal, ARRAY_LEN(fatal), SIG_DFL, 0);
	handle(noted, ARRAY_LEN(noted), SIG_DFL, 0);
	handle(ignored, ARRAY_LEN(ignored), SIG_DFL, 0);
	sigaltstack(&t->old_stack, NULL);
	rescue.note_fd = -1;
	if (rescue.kept_stderr >= 0) {
		close(rescue.kept_stderr);
		close(rescue.real_stderr);
		rescue.kept_stderr = rescue.real_stderr = -1;
	}
	delscreen(t->screen);
	close(t->notes[0]);
	close(t->notes[1]);
	canvas_release(&t->shown);
	free(t->stack);
	free(t);
}

bool term_console(const struct term *t)
{
	return t->console;
}

bool term_ascii(const struct term *t)
{
	return t->ascii;
}

void term_size(struct term *t, int *w, int *h)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0 &&
		is_term_resized(size.ws_row, size.ws_col)) {
		resizeterm(size.ws_row, size.ws_col);
		t->all = true;
	}
	getmaxyx(stdscr, *h, *w);
}

/* Joiners and variation selectors would change the width that curses assumes. */
static bool is_mark(wchar_t c)
{
	return wcwidth(c) == 0 && c != 0x200d && !(c >= 0xfe00 && c <= 0xfe0f);
}

/* One character with its marks. */
static void put_characters(int x, int y, const wchar_t *text, size_t n, attr_t attr, short pair)
{
	wchar_t kept[CCHARW_MAX + 1];
	cchar_t out;
	size_t n_kept = 1;

	kept[0] = text[0];
	for (size_t i = 1; i < n && n_kept < CCHARW_MAX && is_mark(text[i]); i++)
		kept[n_kept++] = text[i];
	kept[n_kept] = L'\0';
	setcchar(&out, kept, attr, pair, NULL);
	mvadd_wch(y, x, &out);
}

/* Characters up to where the second of the two begins that make a wide cluster (the letters of a flag, a Thai vowel
 * behind its consonant); 0 where it is not made so. */
static size_t first_half(const wchar_t *text, size_t n)
{
	for (size_t i = 1; i < n && wcwidth(text[0]) == 1; i++)
		if (wcwidth(text[i]) == 1)
			return i;
	return 0;
}

/* The cell as curses takes it. Where the C library thinks otherwise of a cluster's width than we do, the terminal would
 * lose its columns: a stand-in is shown then. */
static void put_cell(const struct term *t, int x, int y, const struct cell *cell)
{
	wchar_t text[CELL_TEXT];
	attr_t attr;
	short pair;
	const char *plain = t->console ? canvas_plain_mark(cell->text) : NULL, *s = plain ? plain : cell->text;
	mbstate_t state = {0};
	size_t n = mbsrtowcs(text, &s, CELL_TEXT, &state), half = 0;

	look_of(t, cell->style, &attr, &pair);
	if (n == (size_t)-1)
		n = 0;
	if (cell->width == 2)
		half = first_half(text, n);
	if (half > 0) {
		put_characters(x, y, text, half, attr, pair);
		put_characters(x + 1, y, text + half, n - half, attr, pair);
	} else if (n > 0 && wcwidth(text[0]) == cell->width) {
		put_characters(x, y, text, n, attr, pair);
	} else {
		put_characters(x, y, L"?", 1, attr, pair);
		if (cell->width == 2)
			put_characters(x + 1, y, L" ", 1, attr, pair);
	}
}

static bool cells_equal(const struct cell *a, const struct cell *b)
{
	return a->style == b->style && a->width == b->width && strcmp(a->text, b->text) == 0;
}

/* Cells are equal bit for bit where they show the same. */
static bool row_equal(const struct term *t, const struct canvas *c, int y)
{
	return memcmp(&t->shown.cells[y * c->w], &c->cells[y * c->w], (size_t)c->w * sizeof(*c->cells)) == 0;
}

static bool page_equal(const struct term *t, const struct canvas *c)
{
	bool equal = t->shown.w == c->w && t->shown.h == c->h && t->shown.cursor_x == c->cursor_x &&
		t->shown.cursor_y == c->cursor_y;

	for (int y = 0; y < c->h && equal; y++)
		equal = row_equal(t, c, y);
	return equal;
}

void term_redraw(struct term *t)
{
	t->all = true;
	clearok(curscr, TRUE);
}

void term_draw(struct term *t, const struct canvas *c)
{
	if (!t->all && page_equal(t, c)) /* most of the drawings while a job runs */
		return;
	if (!atomic_load(&rescue.armed))
		return;
	if (t->shown.w != c->w || t->shown.h != c->h) {
		canvas_resize(&t->shown, c->w, c->h);
		t->all = true;
	}
	if (t->all)
		erase();
	for (int y = 0; y < c->h; y++) {
		if (!t->all && row_equal(t, c, y))
			continue;
		for (int x = 0; x < c->w; x++) {
			const struct cell *cell = canvas_at(c, x, y);
			if (cell->width > 0 && (t->all || !cells_equal(cell, canvas_at(&t->shown, x, y))))
				put_cell(t, x, y, cell);
		}
		memcpy(&t->shown.cells[y * c->w], &c->cells[y * c->w], (size_t)c->w * sizeof(*c->cells));
	}
	t->all = false;
	t->shown.cursor_x = c->cursor_x;
	t->shown.cursor_y = c->cursor_y;
	curs_set(c->cursor_x >= 0);
	if (c->cursor_x >= 0)
		move(c->cursor_y, c->cursor_x);
	refresh();
}

static unsigned read_notes(struct term *t)
{
	unsigned flags = 0;
	char note;

	while (read(t->notes[0], &note, 1) == 1)
		flags |= note == SIGWINCH  ? TERM_RESIZED
			 : note == SIGTSTP ? TERM_STOP
			 : note == SIGCONT ? TERM_RESUMED
					   : TERM_GONE;
	return flags;
}

void term_ask_to_end(struct term *t, bool ask)
{
	(void)t;
	atomic_store(&rescue.asks, ask);
}

void term_last_words(struct term *t, const char *text)
{
	int next = !atomic_load(&rescue.said);

	(void)t;
	if (strcmp(rescue.words[!next], text) == 0)
		return;
	snprintf(rescue.words[next], sizeof(rescue.words[next]), "%s", text);
	atomic_store(&rescue.said, next);
}

/* Where it is ours to take. A shell gives it to a job before it continues it. */
static void take_back(struct term *t)
{
	pid_t front = tcgetpgrp(STDOUT_FILENO);

	if (front >= 0 && front != getpgrp())
		return;
	if (!atomic_load(&rescue.armed)) {
		make_blocking();
		keep_stderr();
		atomic_store(&rescue.armed, true);
	}
	reset_prog_mode();
	term_redraw(t);
}

unsigned term_wait(struct term *t, int fd, int milliseconds)
{
	struct pollfd fds[3] = {
		{.fd = atomic_load(&rescue.armed) ? STDIN_FILENO : -1, .events = POLLIN},
		{.fd = t->notes[0], .events = POLLIN},
		{.fd = fd, .events = POLLIN},
	};
	unsigned flags = 0;

	if (!atomic_load(&rescue.armed) && (milliseconds < 0 || milliseconds > AWAY_MS))
		milliseconds = AWAY_MS;
	if (poll(fds, 3, milliseconds) < 0)
		return errno == EINTR ? read_notes(t) : TERM_GONE;
	if (fds[0].revents & POLLIN) {
		int waiting = 0;
		bool ended = ioctl(STDIN_FILENO, FIONREAD, &waiting) == 0 && waiting == 0;
		flags |= ended ? TERM_GONE : TERM_INPUT;
	} else if (fds[0].revents) {
		flags |= TERM_GONE;
	}
	if (fds[1].revents)
		flags |= read_notes(t);
	if (fds[2].revents)
		flags |= TERM_NEWS;
	/* Who was in front meanwhile has changed the modes. A job that runs is not told when it is put in front. */
	if (flags & TERM_RESUMED || !atomic_load(&rescue.armed))
		take_back(t);
	return flags;
}

static uint32_t special_key(wint_t code)
{
	static const struct {
		int curses;
		uint32_t ours;
	} keys[] = {
		{KEY_UP, UI_KEY_UP},
		{KEY_DOWN, UI_KEY_DOWN},
		{KEY_LEFT, UI_KEY_LEFT},
		{KEY_RIGHT, UI_KEY_RIGHT},
		{KEY_HOME, UI_KEY_HOME},
		{KEY_END, UI_KEY_END},
		{KEY_PPAGE, UI_KEY_PGUP},
		{KEY_NPAGE, UI_KEY_PGDN},
		{KEY_BACKSPACE, UI_KEY_BACKSPACE},
		{KEY_DC, UI_KEY_DELETE},
		{KEY_ENTER, UI_KEY_ENTER},
		{KEY_F(1), UI_KEY_F1},
		{KEY_F(2), UI_KEY_F2},
		{KEY_BTAB, UI_KEY_BACKTAB},
	};
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if ((wint_t)keys[i].curses == code)
			return keys[i].ours;
	return 0;
}

static bool read_mouse(struct event *e)
{
	MEVENT m;

	if (getmouse(&m) != OK)
		return false;
	*e = (struct event){.type = m.bstate & BUTTON4_PRESSED   ? EVENT_WHEEL_UP
				    : m.bstate & BUTTON5_PRESSED ? EVENT_WHEEL_DOWN
								 : EVENT_CLICK,
		.x = m.x,
		.y = m.y};
	return true;
}

bool term_read(struct term *t, struct event *e)
{
	wint_t code;

	(void)t;
	if (!atomic_load(&rescue.armed)) /* curses would take the terminal back to read from it */
		return false;
	for (;;) {
		int kind = get_wch(&code);
		*e = (struct event){.type = EVENT_KEY};
		if (kind == ERR)
			return false;
		if (kind == KEY_CODE_YES && code == KEY_MOUSE) {
			if (read_mouse(e))
				return true;
			continue;
		}
		if (kind == KEY_CODE_YES) {
			e->key = special_key(code);
			if (e->key == 0)
				continue;
			return true;
		}
		e->key = (uint32_t)code;
		if (code == UI_KEY_ESC && get_wch(&code) == OK) /* what comes along with an Esc was pressed with Alt */
			e->key = (uint32_t)code | UI_KEY_ALT;
		return true;
	}
}

void term_suspend(struct term *t)
{
	static const int stop[] = {SIGTSTP};

	atomic_store(&rescue.armed, false); /* whoever is ended while stopped leaves the shell's terminal alone */
	endwin();
	give_back_flags();
	give_back_stderr();
	handle(stop, 1, SIG_IGN, 0);
	kill(0, SIGTSTP); /* the others of the job, as the terminal's own Ctrl-Z would */
	handle(stop, 1, SIG_DFL, 0);
	raise(SIGTSTP);   /* to this thread, or we might go on for a while before another one takes it */
	handle(stop, 1, on_note, SA_RESTART);
	take_back(t);
}

bool term_copy(struct term *t, const char *text, size_t len)
{
	static const char *const without[] = {"vt", "linux", "ansi", "dumb", "cons"};
	const char *type = getenv("TERM");
	struct buf sequence = {0};
	bool written;

	(void)t;
	for (size_t i = 0; i < ARRAY_LEN(without); i++)
		if (!type || strncmp(type, without[i], strlen(without[i])) == 0)
			return false;
	buf_addstr(&sequence, "\033]52;c;");
	base64_encode(&sequence, text, len);
	buf_addch(&sequence, '\a');
	written = fwrite(buf_str(&sequence), 1, sequence.len, stdout) == sequence.len && fflush(stdout) == 0;
	buf_release(&sequence);
	return written;
}
