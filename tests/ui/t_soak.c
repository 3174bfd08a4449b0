/*
 * The screens, driven at random for long: the real session over the bundled demo, the real frame, a canvas for a
 * terminal. Keys of the present key table and others, the mouse, command lines, good and broken, and sizes from 1x1 to
 * 300x100, while jobs run, pause and are cancelled. After each the page is drawn and looked at; every now and then Esc
 * must lead back to the view, and memory must not have grown. It runs in a process of its own, whose end in any way but
 * the right one prints the seed and the last events.
 *
 *   SOAK_KEYS=N     events (12,000 without it, fewer under sanitizers)
 *   SOAK_SEED=N     begin with another seed than 1
 *   SOAK_REPLAY=F   instead, the events that a failure printed, from a file
 *   SOAK_VERBOSE=1  say what is run, how it ends, and the memory at rest
 */
#include <limits.h>
#include <malloc.h>
#include <poll.h>

#include "../unit/linewords.h"
#include "../unit/ordeal.h"
#include "../unit/tempdir.h"
#include "base/rng.h"
#include "base/utf8.h"
#include "session/session.h"
#include "ui/tui/host.h"

#if SANITIZED
/* Readline 8.2 loses eight bytes of its prompt whenever a search in the history (Ctrl-R) is shown. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libreadline";
}
#endif

#define KEYS (SANITIZED ? 2000 : 12000)
#define LIVES 3       /* sessions that they are shared by */
#define DATA "data"   /* within a session's folder: a copy of the bundled data, which commands may spoil */
#define LAST 200      /* events that a failure prints */
#define LONGEST_LINE 300 /* that is typed: each byte is an event */
#define SETTLE 60     /* events between two looks at rest */
#define NEWS_MS 100   /* that a wait for the worker lasts at most */
#define MOST_ESCAPES 12
#define MOST_CANCELS 40
#define GROWTH_MIB 48 /* that a session's memory may grow by at rest after its first third: the caches' bounds */

enum soak_kind { SOAK_KEY, SOAK_CLICK, SOAK_UP, SOAK_DOWN, SOAK_SIZE, SOAK_WAIT, SOAK_KINDS };

static const char *const kind_names[SOAK_KINDS] = {"key", "click", "up", "down", "size", "wait"};

struct soak_event {
	enum soak_kind kind;
	int a, b; /* key; x, y; w, h; news */
};

/* Shared with the parent, which reads it when the child is gone. */
struct journal {
	unsigned long n;
	struct soak_event last[LAST];
	char trouble[600];
};

struct soak {
	struct journal *journal;
	const char *folder; /* borrowed: where its sessions have theirs */
	int heart;
	struct rng rng;
	char *source; /* owned: the bundled data */
	struct session *session;
	struct host host;
	struct ui ui;
	struct canvas page;
	struct buf typed; /* keys of a command line, still to be pressed */
	size_t at;
	bool verbose;
	unsigned long n, settled, life_begins, life_ends;
	size_t rest;      /* most bytes in use at rest during the first third of a life */
	size_t freed;     /* bytes in use after the first life */
};

#define trouble(s, ...) (snprintf((s)->journal->trouble, sizeof((s)->journal->trouble), __VA_ARGS__), abort())

/* A clipboard that some texts do not go into. */
static bool copy(void *arg, const char *text, size_t len)
{
	(void)arg;
	(void)text;
	return len % 2 == 0;
}

/* What must never be in a cell: it would act on the terminal, or move its text about. */
static bool harmful(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || (cp >= 0x200e && cp <= 0x200f) ||
	       (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0x2028 || cp == 0x2029;
}

static void check_cell(struct soak *s, int x, int y)
{
	const struct cell *cell = canvas_at(&s->page, x, y);
	size_t len = strnlen(cell->text, CELL_TEXT);

	if (len == CELL_TEXT || STYLE_ROLE(cell->style) >= ROLE_COUNT)
		trouble(s, "the cell at %d, %d has no end or no role", x, y);
	if (cell->width == 0 && (x == 0 || len > 0 || canvas_at(&s->page, x - 1, y)->width != 2))
		trouble(s, "the cell at %d, %d is half of nothing", x, y);
	if (cell->width == 2 && (x + 1 == s->page.w || canvas_at(&s->page, x + 1, y)->width != 0))
		trouble(s, "the cell at %d, %d has lost its half", x, y);
	if (cell->width > 0 && utf8_width(cell->text, len) != cell->width)
		trouble(s, "\"%s\" at %d, %d is not %u wide", cell->text, x, y, cell->width);
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t cp;
		n = utf8_decode(cell->text + i, len - i, &cp);
		if (n == 0 || harmful(cp) || (s->page.ascii && cp > 0x7e))
			trouble(s, "the cell at %d, %d holds what it must not: U+%04X", x, y, n ? cp : 0xfffd);
	}
}

static void check_page(struct soak *s)
{
	const struct canvas *c = &s->page;

	for (int y = 0; y < c->h; y++)
		for (int x = 0; x < c->w; x++)
			check_cell(s, x, y);
	if (c->cursor_x >= 0 && (c->cursor_x >= c->w || c->cursor_y < 0 || c->cursor_y >= c->h))
		trouble(s, "the cursor is at %d, %d of %dx%d", c->cursor_x, c->cursor_y, c->w, c->h);
}

static void draw(struct soak *s)
{
	canvas_resize(&s->page, s->page.w, s->page.h);
	ui_draw(&s->ui, &s->page);
	check_page(s);
}

/* As the program's own loop does it. */
static bool take_news(struct soak *s, int milliseconds)
{
	struct pollfd p = {.fd = session_fd(s->session), .events = POLLIN};
	bool news = poll(&p, 1, milliseconds) > 0;

	if (news)
		session_poll(s->session);
	if (news || session_busy(s->session))
		ui_poll(&s->ui);
	return news;
}

static void note(struct soak *s, const struct soak_event *e)
{
	s->journal->last[s->journal->n % LAST] = *e;
	s->journal->n = ++s->n;
	if (s->n % 16 == 0)
		ordeal_beat(s->heart);
}

static enum ui_effect do_event(struct soak *s, const struct soak_event *e)
{
	static const enum event_type types[] = {
		[SOAK_KEY] = EVENT_KEY,
		[SOAK_CLICK] = EVENT_CLICK,
		[SOAK_UP] = EVENT_WHEEL_UP,
		[SOAK_DOWN] = EVENT_WHEEL_DOWN,
	};
	enum ui_effect effect = UI_GO_ON;
	const char *command = s->ui.command;

	note(s, e);
	if (e->kind == SOAK_SIZE) {
		canvas_resize(&s->page, e->a, e->b);
		s->host.width = e->a;
	} else if (e->kind == SOAK_WAIT) {
		for (int i = 0; i < e->a && session_busy(s->session); i++)
			take_news(s, NEWS_MS);
	} else {
		struct event event = {.type = types[e->kind], .key = (uint32_t)e->a, .x = e->a, .y = e->b};
		effect = ui_event(&s->ui, &event);
	}
	take_news(s, 0);
	if (s->verbose && s->ui.command != command)
		fprintf(stderr, "%lu %s: %s\n", s->n, s->ui.command, buf_str(&s->ui.message));
	draw(s);
	return effect;
}

static enum ui_effect press(struct soak *s, uint32_t key)
{
	return do_event(s, &(struct soak_event){SOAK_KEY, (int)key, 0});
}

static size_t in_use(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static bool at_rest(const struct soak *s)
{
	return s->ui.mode == MODE_VIEW && !s->ui.over && !ui_edits_line(&s->ui);
}

/* Esc leads back to the view from wherever one is, and from there Q is understood. */
static void settle(struct soak *s)
{
	for (int i = 0; i < MOST_ESCAPES && !at_rest(s); i++)
		press(s, UI_KEY_ESC);
	if (!at_rest(s))
		trouble(s, "%d times Esc do not lead back to the view: mode %d, %s", MOST_ESCAPES, (int)s->ui.mode,
			s->ui.over ? s->ui.over->name : "nothing above it");
	if (press(s, 'Q') != UI_QUIT) {
		if (s->ui.mode != MODE_ASK_QUIT)
			trouble(s, "Q neither quits nor asks in view '%s'", s->ui.views[s->ui.current]->name);
		press(s, 'n');
	}
	/* What waited, or a lesson, may begin another. */
	for (int i = 0; i < MOST_CANCELS && session_busy(s->session); i++) {
		session_cancel(s->session);
		do_event(s, &(struct soak_event){SOAK_WAIT, 200, 0});
	}
	if (session_busy(s->session))
		trouble(s, "a cancelled job does not end");
	size_t now = in_use(), third = s->life_begins + (s->life_ends - s->life_begins) / 3;
	if (s->verbose)
		fprintf(stderr, "%lu events, %.1f MiB\n", s->n, (double)now / (1 << 20));
	if (s->n < third)
		s->rest = now > s->rest ? now : s->rest;
	else if (now > s->rest + ((size_t)GROWTH_MIB << 20))
		trouble(s, "memory has grown from %zu to %zu bytes", s->rest, now);
	s->settled = s->n;
}

/* A key that the table has for where one is. */
static int known_key(struct soak *s)
{
	uint32_t codes[400];
	unsigned context = ui_context(&s->ui);
	size_t n = 0;

	for (const struct key_entry *e = key_table; e->keys; e++) {
		if (!(e->contexts & context))
			continue;
		for (const char *k = e->keys; *k && n < ARRAY_LEN(codes); k += strspn(k, " ")) {
			codes[n++] = key_code(k, strcspn(k, " "));
			k += strcspn(k, " ");
		}
	}
	return n > 0 ? (int)codes[rng_below(&s->rng, (uint32_t)n)] : ' ';
}

static int any_key(struct rng *rng)
{
	static const uint32_t odd[] = {0x301, 0x202e, 0x1f5a8, 0xfffd, 0x9b, 0xad, 0x5199, 0x10ffff};

	switch (rng_below(rng, 6)) {
	case 0:
		return (int)(1 + rng_below(rng, 31));
	case 1:
		return (int)(UI_KEY_UP + rng_below(rng, UI_KEY_BACKTAB + 2 - UI_KEY_UP));
	case 2:
		return (int)odd[rng_below(rng, ARRAY_LEN(odd))];
	case 3:
		return (int)(UI_KEY_ALT | (32 + rng_below(rng, 95)));
	case 4:
		return (int)('1' + rng_below(rng, 9));
	default:
		return (int)(32 + rng_below(rng, 96));
	}
}

/* While a line is edited: what is typed there, and its end. */
static int line_key(struct rng *rng)
{
	static const uint32_t keys[] = {UI_KEY_ENTER, UI_KEY_ENTER, UI_KEY_ESC, UI_KEY_TAB, UI_KEY_TAB, UI_KEY_UP,
		UI_KEY_DOWN, UI_KEY_LEFT, UI_KEY_BACKSPACE, UI_KEY_DELETE, 'C' & 31, 'R' & 31, 'U' & 31, 'Y' & 31,
		'W' & 31, 'a', 'b', '1', ' '};

	return (int)keys[rng_below(rng, ARRAY_LEN(keys))];
}

static void next_typed(struct soak *s, struct soak_event *e)
{
	uint32_t cp;
	size_t n = utf8_decode(s->typed.at + s->at, s->typed.len - s->at, &cp);

	*e = (struct soak_event){SOAK_KEY, n > 0 ? (int)cp : (unsigned char)s->typed.at[s->at], 0};
	s->at += n > 0 ? n : 1;
}

/* ":" and a line, now and then with Tab or without its end. */
static void type_line(struct soak *s)
{
	struct linewords words = {.rng = &s->rng, .data = DATA, .jobs = true};

	buf_clear(&s->typed);
	s->at = 0;
	buf_addch(&s->typed, ':');
	if (rng_below(&s->rng, 3) > 0)
		linewords_good(&words, &s->typed);
	else
		linewords_any(&words, &s->typed);
	while (rng_below(&s->rng, 8) == 0)
		linewords_spoil(&words, &s->typed);
	linewords_keep_here(&s->typed);
	if (s->typed.len > LONGEST_LINE)
		s->typed.len = LONGEST_LINE;
	if (rng_below(&s->rng, 10) == 0)
		buf_addch(&s->typed, UI_KEY_TAB);
	if (rng_below(&s->rng, 20) > 0)
		buf_addch(&s->typed, UI_KEY_ENTER);
}

static void place(struct soak *s, struct soak_event *e)
{
	e->a = (int)rng_below(&s->rng, (uint32_t)s->page.w + 2) - 1;
	e->b = (int)rng_below(&s->rng, (uint32_t)s->page.h + 2) - 1;
}

/* Often one at which the views show, of any shape else. */
static void size(struct rng *rng, struct soak_event *e)
{
	bool views = rng_below(rng, 3) > 0;

	e->kind = SOAK_SIZE;
	e->a = views ? 80 + (int)rng_below(rng, 140) : 1 + (int)rng_below(rng, 300);
	e->b = views ? 24 + (int)rng_below(rng, 40) : 1 + (int)rng_below(rng, 100);
}

static void think(struct soak *s, struct soak_event *e)
{
	uint32_t dice = rng_below(&s->rng, 100);

	*e = (struct soak_event){SOAK_KEY, 0, 0};
	if (s->at < s->typed.len) {
		next_typed(s, e);
	} else if (ui_edits_line(&s->ui) && dice < 85) {
		e->a = line_key(&s->rng);
	} else if (dice < 60) {
		e->a = known_key(s);
	} else if (dice < 68) {
		type_line(s);
		if (s->ui.mode == MODE_VIEW && s->ui.over)
			e->a = UI_KEY_ESC;
		else
			next_typed(s, e);
	} else if (dice < 78) {
		e->kind = SOAK_CLICK + rng_below(&s->rng, 3);
		place(s, e);
	} else if (dice < 84) {
		size(&s->rng, e);
	} else if (dice < 92) {
		*e = (struct soak_event){SOAK_WAIT, 1 + (int)rng_below(&s->rng, 20), 0};
	} else {
		e->a = any_key(&s->rng);
	}
}

/* A new session, in a folder of its own with its own copy of the data, looked at through a new frame. */
static void begin_life(struct soak *s, int life)
{
	char *folder = xasprintf("life%d", life), here[4096];
	struct err err;

	if (mkdir(folder, 0700) < 0 || chdir(folder) < 0 || !getcwd(here, sizeof(here)))
		trouble(s, "cannot go into '%s'", folder);
	free(folder);
	ordeal_copy(s->source, DATA);
	setenv("BEAMSCOPE_DATADIR", DATA, 1);
	setenv("HOME", here, 1);
	setenv("XDG_CONFIG_HOME", here, 1);
	if (session_new(&s->session, &err) < 0 || session_load(s->session, &err) < 0)
		trouble(s, "%.500s", err.msg);
	canvas_init(&s->page, life % 2 == 1);
	canvas_resize(&s->page, 100, 30);
	host_init(&s->host, s->session, s->page.ascii);
	s->host.ops.copy = copy;
	host_begin(&s->host, &s->ui);
	s->rest = 0;
}

static void end_life(struct soak *s)
{
	struct err ignored;

	ui_release(&s->ui);
	host_release(&s->host);
	canvas_release(&s->page);
	if (session_end(s->session, &ignored) < 0)
		ignored.code = ERR_NONE; /* a race that was cut short says where it stands */
	session_free(s->session);
	if (chdir("..") < 0)
		trouble(s, "the folder is gone");
	size_t now = in_use();
	if (s->freed == 0)
		s->freed = now;
	else if (now > s->freed + ((size_t)GROWTH_MIB << 20) / 8)
		trouble(s, "sessions leave memory behind: %zu bytes after the first, %zu now", s->freed, now);
}

/* Quitting ends the screens; now and then they are opened anew on the same session. */
static void obey(struct soak *s, enum ui_effect effect)
{
	if (effect != UI_QUIT || rng_below(&s->rng, 8) > 0)
		return;
	ui_release(&s->ui);
	ui_init(&s->ui, &s->host.ops, view_table);
}

static void live(struct soak *s, int life, unsigned long events)
{
	s->life_begins = s->settled = s->n;
	s->life_ends = s->n + events;
	begin_life(s, life);
	while (s->n < s->life_ends) {
		struct soak_event e;
		think(s, &e);
		obey(s, do_event(s, &e));
		if (s->n - s->settled >= SETTLE)
			settle(s);
	}
	end_life(s);
}

static void replay(struct soak *s, const char *name)
{
	FILE *f = fopen(name, "r");
	char line[200], word[20];
	struct soak_event e;

	if (!f)
		trouble(s, "cannot read '%s'", name);
	s->life_ends = ULONG_MAX;
	begin_life(s, 0);
	while (fgets(line, sizeof(line), f)) {
		const char *text = line + strspn(line, "# ");
		e = (struct soak_event){SOAK_KEY, 0, 0};
		if (sscanf(text, "%19s %d %d", word, &e.a, &e.b) < 2)
			continue;
		for (int k = 0; k < SOAK_KINDS; k++)
			if (strcmp(word, kind_names[k]) == 0) {
				e.kind = (enum soak_kind)k;
				do_event(s, &e);
			}
	}
	fclose(f);
	settle(s);
	end_life(s);
}

/* The child's whole life. */
static void soak(void *arg, int heart)
{
	struct soak *s = arg;
	const char *file = getenv("SOAK_REPLAY");
	char *events = file && *file ? realpath(file, NULL) : NULL;
	unsigned long keys = ordeal_wanted("SOAK_KEYS", KEYS);

	s->verbose = getenv("SOAK_VERBOSE") != NULL;
	s->heart = heart;
	s->source = ordeal_source();
	if (chdir(s->folder) < 0)
		trouble(s, "cannot go into '%s'", s->folder);
	rng_seed(&s->rng, ordeal_wanted("SOAK_SEED", 1));
	if (events)
		replay(s, events);
	for (int i = 0; i < LIVES && !events; i++)
		live(s, i, keys / LIVES);
	buf_release(&s->typed);
	free(events);
	free(s->source);
}

static void print_journal(const struct journal *j)
{
	unsigned long first = j->n > LAST ? j->n - LAST : 0;

	print_message("%s\nSOAK_SEED=%lu SOAK_KEYS=%lu, event %lu; the last ones, for SOAK_REPLAY:\n", j->trouble,
		ordeal_wanted("SOAK_SEED", 1), ordeal_wanted("SOAK_KEYS", KEYS), j->n);
	for (unsigned long i = first; i < j->n; i++) {
		const struct soak_event *e = &j->last[i % LAST];
		print_message("%s %d %d\n", kind_names[e->kind], e->a, e->b);
	}
}

static void the_screens_hold_out(void **state)
{
	struct journal *journal = ordeal_share(sizeof(*journal));
	struct soak s = {.journal = journal, .folder = *state};
	char *how;

	if (!ordeal_run(soak, &s, &how)) {
		print_journal(journal);
		fail_msg("the soak %s", how);
	}
	ordeal_unshare(journal, sizeof(*journal));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(the_screens_hold_out),
	};

	setenv("INPUTRC", "/dev/null", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
