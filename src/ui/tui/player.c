#include "player.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

enum stage {
	STAGE_ACTION,   /* one is offered */
	STAGE_QUESTION,
	STAGE_HELD,     /* there is something to reveal, and nothing before it */
	STAGE_END,
};

void player_init(struct player *p, const struct player_host *host, void *arg)
{
	*p = (struct player){.host = host, .arg = arg};
}

void player_release(struct player *p)
{
	for (size_t i = 0; i < p->n_marks; i++)
		free(p->marks[i].said);
	free(p->marks);
	vec_release(&p->keys);
}

static const struct lesson_page *page_at(const struct player *p, size_t page)
{
	return &p->lesson->pages[page];
}

static enum stage stage_of(const struct lesson_page *page, size_t stage)
{
	if (stage < page->n_actions)
		return STAGE_ACTION;
	if (stage > page->n_actions)
		return STAGE_END;
	return page->question ? STAGE_QUESTION : *page->reveal && page->n_actions == 0 ? STAGE_HELD : STAGE_END;
}

/* What an action shows is explained at once; what was asked, after the answer. */
static bool is_revealed(const struct lesson_page *page, size_t stage)
{
	return *page->reveal && stage_of(page, stage) == STAGE_END;
}

/* Of the furthest page. */
static enum stage stage_now(const struct player *p)
{
	return stage_of(page_at(p, p->at->page), p->at->stage);
}

static const struct lesson_action *action_now(const struct player *p)
{
	return stage_now(p) == STAGE_ACTION ? &page_at(p, p->at->page)->actions[p->at->stage] : NULL;
}

/* The codes of an action's keys. */
static int read_keys(const char *names, struct vec_u32 *keys, struct err *err)
{
	const char *text;
	size_t len;
	bool typed;

	while (names && lesson_next_key(&names, &text, &len, &typed)) {
		uint32_t code = typed ? 0 : key_code(text, len);
		if (!typed && !code)
			return err_set(err, ERR_FORMAT, "there is no key '%.*s'", (int)len, text);
		for (size_t i = 0; typed && i < len;) {
			i += utf8_decode(text + i, len - i, &code);
			vec_push(keys, code);
		}
		if (!typed)
			vec_push(keys, code);
	}
	return 0;
}

static int check_keys(const struct lesson *l, struct err *err)
{
	struct vec_u32 keys = {0};
	int failed = 0;

	for (size_t i = 0; i < l->n_pages && !failed; i++) {
		const struct lesson_page *page = &l->pages[i];

		for (size_t k = 0; k < page->n_actions && !failed; k++) {
			failed = read_keys(page->actions[k].keys, &keys, err);
			if (failed)
				err_prefix(err, "%s:%zu", l->path, page->actions[k].line);
		}
	}
	vec_release(&keys);
	return failed;
}

/* What is offered now has changed. */
static void offer(struct player *p)
{
	const struct lesson_action *a = action_now(p);
	struct err ignored; /* player_begin has checked them */

	p->doing = p->by_program = false;
	p->pressed = 0;
	vec_clear(&p->keys);
	if (a && read_keys(a->keys, &p->keys, &ignored))
		vec_clear(&p->keys);
}

static void go_on(struct player *p)
{
	p->at->stage++;
	offer(p);
}

static void complain(struct view_reply *reply, const char *why)
{
	buf_clear(&reply->message);
	buf_addstr(&reply->message, why);
	reply->is_error = true;
}

/* What was loaded before the lesson is there again. */
static int leave(struct player *p, bool keep, struct view_reply *reply)
{
	struct err err;

	if (p->host->leave && p->host->leave(p->arg, keep, &err)) {
		complain(reply, err.msg);
		return -1;
	}
	p->kept = keep ? p->lesson : NULL;
	p->lesson = NULL;
	p->moved = true;
	vec_clear(&p->keys);
	return 0;
}

const struct player_mark *player_mark_at(const struct player *p, size_t at)
{
	return at < p->n_marks && p->marks[at].begun ? &p->marks[at] : NULL;
}

const char *player_called(const struct player *p, size_t at)
{
	const struct player_host *h = p->host;

	for (size_t i = 0; i < at; i++)
		if (!strcmp(h->lessons[i]->name, h->lessons[at]->name))
			return h->lessons[at]->path;
	return h->lessons[at]->name;
}

/* There are as many marks as lessons from now on; the open lesson's is still its own. */
static void make_marks(struct player *p)
{
	size_t at = p->at ? (size_t)(p->at - p->marks) : 0;

	if (p->n_marks >= p->host->n)
		return;
	p->marks = xreallocarray(p->marks, p->host->n, sizeof(*p->marks));
	memset(p->marks + p->n_marks, 0, (p->host->n - p->n_marks) * sizeof(*p->marks));
	p->n_marks = p->host->n;
	p->at = p->at ? p->marks + at : NULL;
}

static bool is_held(const struct player *p, size_t at)
{
	return p->host->lessons[at] == p->lesson || p->host->lessons[at] == p->kept;
}

/* The place of the lesson of that name or file, as it is to be played: read again, unless it is gone on with. */
static int find(struct player *p, const char *name, bool anew, size_t *at, struct err *err)
{
	const struct player_host *h = p->host;
	bool file = lesson_is_file(name);

	for (*at = 0; file && *at < h->n && strcmp(h->lessons[*at]->path, name) != 0;)
		++*at;
	if (!file && lesson_find(at, h->lessons, h->n, name, err))
		return -1;
	if (*at < h->n && !anew && (is_held(p, *at) || (!file && !h->lessons[*at]->trouble)))
		return 0;
	if (h->read)
		return h->read(p->arg, *at < h->n ? h->lessons[*at]->path : name, at, err);
	return *at < h->n ? 0 : err_set(err, ERR_NOT_FOUND, "there is no lesson '%s'", name);
}

static void run_opening(const struct lesson *l, struct view_reply *reply)
{
	for (size_t i = 0; i < l->n_open; i++)
		buf_addf(&reply->command, "%s%s", i > 0 ? "; " : "", l->open[i].text);
}

static void begin(struct player *p, const struct lesson *l, size_t at, bool anew, struct view_reply *reply)
{
	struct player_mark *m;

	make_marks(p);
	m = &p->marks[at];
	p->lesson = l;
	p->kept = NULL;
	p->at = m;
	p->moved = true;
	p->failed = false;
	if (anew) {
		m->page = m->stage = 0;
		free(m->said);
		m->said = NULL;
		run_opening(l, reply);
	}
	p->opening = anew;
	m->begun = true;
	p->page = m->page;
	offer(p);
	reply->go = &view_beam;
}

void player_begin(struct player *p, const char *name, bool anew, struct view_reply *reply)
{
	const struct lesson *l;
	struct err err;
	size_t at;

	if (find(p, name, anew, &at, &err)) {
		complain(reply, err.msg);
		return;
	}
	l = p->host->lessons[at];
	if (p->lesson == l && !anew) {
		buf_addstr(&reply->message, "it is open: Space goes on");
		return;
	}
	anew = anew || p->kept != l;
	if (check_keys(l, &err)) {
		complain(reply, err.msg);
		return;
	}
	if (p->lesson && leave(p, false, reply))
		return;
	if (p->host->enter && p->host->enter(p->arg, anew ? l->folder : NULL, &err)) {
		complain(reply, err.msg);
		return;
	}
	begin(p, l, at, anew, reply);
}

static void turn_page(struct player *p, struct view_reply *reply)
{
	struct player_mark *m = p->at;

	if (m->page + 1 == p->lesson->n_pages) {
		m->finished = true;
		if (leave(p, false, reply))
			return;
		reply->go = &view_lessons;
		buf_addstr(&reply->message, "the lesson is over: what was loaded before is back");
		return;
	}
	m->page++;
	m->stage = 0;
	free(m->said);
	m->said = NULL;
	p->page = m->page;
	p->failed = false;
	offer(p);
}

/* The program presses what is left of the keys, or runs the commands. */
static void act(struct player *p, struct view_reply *reply)
{
	const struct lesson_action *a = action_now(p);

	p->failed = false;
	p->doing = p->by_program = true;
	for (size_t i = 0; !a->keys && i < a->n_commands; i++)
		buf_addf(&reply->command, "%s%s", i > 0 ? "; " : "", a->commands[i].text);
}

static void next(struct player *p, struct view_reply *reply)
{
	if (p->page < p->at->page) {
		p->page++;
		return;
	}
	if (p->doing)
		return;
	switch (stage_now(p)) {
	case STAGE_ACTION:
		act(p, reply);
		break;
	case STAGE_QUESTION:
		buf_addstr(&reply->prompt, "Your prediction: ");
		break;
	case STAGE_HELD:
		go_on(p);
		break;
	case STAGE_END:
		turn_page(p, reply);
		break;
	}
}

void player_event(struct player *p, enum ui_action a, struct view_reply *reply)
{
	if (a == ACTION_LESSON_NEXT) {
		next(p, reply);
	} else if (a == ACTION_LESSON_BACK) {
		p->page -= p->page > 0;
	} else if (a == ACTION_LESSON_CLOSE && !leave(p, true, reply)) {
		reply->go = &view_lessons;
		buf_addstr(&reply->message, "what was loaded before the lesson is back");
	}
}

bool player_awaits_number(const struct player *p)
{
	if (!p->lesson || p->page != p->at->page || p->doing || stage_now(p) != STAGE_QUESTION)
		return false;
	const struct lesson_page *page = page_at(p, p->page);
	for (size_t i = 0; i < page->n_answers; i++)
		if (strspn(page->answers[i], "+-.0123456789") > 0)
			return true;
	return page->n_answers == 0;
}

void player_answer(struct player *p, const char *text)
{
	if (!p->lesson) /* closed meanwhile */
		return;
	text += strspn(text, " ");
	free(p->at->said);
	p->at->said = xstrdup(text);
	go_on(p);
}

void player_notice(struct player *p, uint32_t key)
{
	if (!p->lesson || p->doing || p->keys.n == 0)
		return;
	p->pressed += key == p->keys.at[p->pressed];
	p->doing = p->pressed == p->keys.n;
}

bool player_take_key(struct player *p, uint32_t *key)
{
	if (!p->lesson || !p->by_program || p->pressed >= p->keys.n)
		return false;
	*key = p->keys.at[p->pressed++];
	return true;
}

void player_settle(struct player *p, const struct snapshot *snap, bool idle, bool error)
{
	bool races = snap->job != JOB_IDLE && snap->race && snap->race->running;

	p->opening = p->opening && p->lesson && !idle && !error;
	if (!p->lesson || !p->doing)
		return;
	if (error)
		p->failed = true;
	else if (p->pressed < p->keys.n || !(idle || races))
		return;
	go_on(p);
}

/* The text of the panel: lines with their styles. */
struct script {
	const struct canvas *c;
	int w;
	struct buf text;       /* lines, each ended by NUL */
	VEC(size_t) starts;
	struct buf styles;     /* one byte a line */
	size_t focus;          /* the first line of what is to be done or read now */
};

static void add(struct script *s, unsigned style, const char *text)
{
	size_t at = s->text.len;

	canvas_fold(s->c, s->w, text, &s->text);
	while (at < s->text.len) {
		vec_push(&s->starts, at);
		buf_addch(&s->styles, (char)style);
		at += strcspn(s->text.at + at, "\n");
		s->text.at[at++] = '\0';
	}
}

static void add_gap(struct script *s)
{
	if (s->starts.n == 0)
		return;
	vec_push(&s->starts, s->text.len);
	buf_addch(&s->text, '\0');
	buf_addch(&s->styles, ROLE_TEXT);
}

static void script_release(struct script *s)
{
	buf_release(&s->text);
	buf_release(&s->styles);
	vec_release(&s->starts);
}

/* Appends the key that comes next in the names, once for all that are the same: "→", "4 times ↓". */
static void add_key_label(struct buf *out, const char **names, const char *key, size_t len)
{
	const char *at = *names, *text;
	size_t n = 1, next;
	bool typed;

	for (; lesson_next_key(&at, &text, &next, &typed) && !typed && next == len && !memcmp(text, key, len); n++)
		*names = at;
	if (n > 2)
		buf_addf(out, "%zu times ", n);
	key_label(out, key, len);
	if (n == 2) {
		buf_addch(out, ' ');
		key_label(out, key, len);
	}
}

/* Skips so many keys; *inside gets how many letters of a typed text, which then comes next, are among them. */
static void skip_keys(const char **names, size_t keys, size_t *inside)
{
	const char *at = *names, *text;
	size_t len;
	bool typed;

	*inside = 0;
	while (keys > 0 && lesson_next_key(&at, &text, &len, &typed)) {
		size_t n = typed ? 0 : 1;
		uint32_t cp;
		for (size_t i = 0; typed && i < len; n++)
			i += utf8_decode(text + i, len - i, &cp);
		if (n > keys) {
			*inside = keys;
			return;
		}
		keys -= n;
		*names = at;
	}
}

/* "→ → p", without those that are pressed already; what is typed stands in its quotes. */
static void add_key_labels(struct buf *out, const char *names, size_t pressed)
{
	const char *text;
	size_t len, inside;
	bool typed, first = true;

	skip_keys(&names, pressed, &inside);
	while (lesson_next_key(&names, &text, &len, &typed)) {
		uint32_t cp;
		for (; inside > 0 && len > 0; inside--) {
			size_t n = utf8_decode(text, len, &cp);
			text += n;
			len -= n;
		}
		if (!first)
			buf_addch(out, ' ');
		first = false;
		if (typed)
			buf_addf(out, "\"%.*s\"", (int)len, text);
		else
			add_key_label(out, &names, text, len);
	}
}

static void add_commands(struct buf *out, const struct lesson_action *a)
{
	for (size_t i = 0; i < a->n_commands; i++)
		buf_addf(out, "%s:%s", i > 0 ? ", " : "", a->commands[i].text);
}

static void add_action(struct script *s, const struct lesson_action *a, bool done)
{
	struct buf line = {0};

	buf_addf(&line, "%s ", canvas_glyph(s->c, done ? GLYPH_YES : GLYPH_HERE));
	if (!done)
		buf_addstr(&line, a->keys ? "Press " : "To be run: ");
	if (a->keys)
		add_key_labels(&line, a->keys, 0);
	else
		add_commands(&line, a);
	if (!done)
		buf_addstr(&line, a->keys ? "  or Space to see it done" : "  Space does it");
	add(s, done ? ROLE_DIM : ROLE_KEY, buf_str(&line));
	buf_release(&line);
}

/* The action that is offered, as far as it has got. */
static void add_offer(struct script *s, const struct player *p, const struct snapshot *snap)
{
	const struct lesson_action *a = action_now(p);
	struct buf line = {0};

	if (p->pressed == 0 && !p->doing) {
		add_action(s, a, false);
		return;
	}
	buf_addf(&line, "%s ", canvas_glyph(s->c, GLYPH_HERE));
	if (snap->job != JOB_IDLE && p->doing) {
		buf_addf(&line, "waits until \"%.*s\" is done", (int)strcspn(snap->job_shown, " "), snap->job_shown);
	} else {
		buf_addstr(&line, "Go on with ");
		add_key_labels(&line, a->keys ? a->keys : "", p->pressed);
		buf_addstr(&line, "  or Space to see it done");
	}
	add(s, ROLE_KEY, buf_str(&line));
	buf_release(&line);
}

/* What is said of the prediction: nothing of one that was not made. */
static void add_prediction(struct script *s, const struct lesson_page *page, const char *said)
{
	char *line;

	if (!said || !*said)
		return;
	if (page->n_answers == 0)
		line = xasprintf("You said: %s", said);
	else if (lesson_right(page, said))
		line = xasprintf("%s You said: %s. Yes.", canvas_glyph(s->c, GLYPH_YES), said);
	else
		line = xasprintf("You said: %s. Not this time; it is: %s", said, page->answers[0]);
	add(s, ROLE_HOT, line);
	free(line);
}

/* stage: how much of the page is done; what comes later is not told yet. */
static void write_page(struct script *s, const struct player *p, const struct snapshot *snap, size_t i, size_t stage)
{
	const struct lesson_page *page = page_at(p, i);
	bool now = snap && i == p->at->page;

	add(s, ROLE_TEXT, page->text);
	if (page->n_actions > 0)
		add_gap(s);
	s->focus = s->starts.n;
	for (size_t k = 0; k < page->n_actions && k <= stage; k++) {
		if (now && stage == k)
			add_offer(s, p, snap);
		else
			add_action(s, &page->actions[k], true);
	}
	if (now && p->failed)
		add(s, ROLE_ERROR, "That did not work, see the message below. Space goes on all the same.");
	if (page->question && stage >= page->n_actions) {
		add_gap(s);
		s->focus = s->starts.n;
		add(s, ROLE_TITLE | STYLE_STRONG, page->question);
	}
	if (is_revealed(page, stage)) {
		add_gap(s);
		s->focus = s->starts.n;
		add_prediction(s, page, now ? p->at->said : NULL);
		add(s, ROLE_TEXT, page->reveal);
	}
}

int player_lines(const struct player *p, const struct canvas *c, int w)
{
	size_t most = 0;

	for (size_t i = 0; p->lesson && i < p->lesson->n_pages; i++) {
		struct script s = {.c = c, .w = w - 4};
		write_page(&s, p, NULL, i, SIZE_MAX);
		most = s.starts.n > most ? s.starts.n : most;
		script_release(&s);
	}
	return !p->lesson ? 0 : most < CANVAS_MAX_H ? (int)most + 3 : CANVAS_MAX_H;
}

/* How to go on, in the frame's lower line. */
static const char *hint(const struct player *p)
{
	if (p->page < p->at->page)
		return "Space page on";
	switch (stage_now(p)) {
	case STAGE_ACTION:
		return "Space does it";
	case STAGE_QUESTION:
		return "Space predict";
	case STAGE_HELD:
		return "Space goes on";
	case STAGE_END:
		return p->at->page + 1 == p->lesson->n_pages ? "Space ends" : "Space next page";
	}
	BUG("stage %d", (int)stage_now(p));
}

static void draw_frame(const struct player *p, struct canvas *c, struct rect r)
{
	const char *dot = canvas_glyph(c, GLYPH_DOT);
	struct buf text = {0};

	buf_addf(&text, "lesson %s %zu of %zu %s %s", dot, p->page + 1, p->lesson->n_pages, dot,
		page_at(p, p->page)->heading);
	canvas_fill(c, r, ROLE_TEXT);
	canvas_box(c, r, ROLE_HOT, buf_str(&text));
	buf_clear(&text);
	buf_addf(&text, " %s %s ", hint(p), dot);
	if (p->page > 0)
		buf_addf(&text, "Backspace page back %s ", dot);
	buf_addstr(&text, "Esc closes ");
	canvas_right(c, r.x + 2, r.y + r.h - 1, r.w - 4, ROLE_KEY, buf_str(&text));
	buf_release(&text);
}

void player_draw(struct player *p, const struct snapshot *snap, struct canvas *c, struct rect r)
{
	struct rect in = rect_inside(r);
	struct script s = {.c = c, .w = in.w};

	p->area = r;
	if (!p->lesson || in.w < 1 || in.h < 1)
		return;
	draw_frame(p, c, r);
	write_page(&s, p, snap, p->page, p->page < p->at->page ? SIZE_MAX : p->at->stage);
	size_t h = (size_t)in.h, top = s.starts.n > h ? s.starts.n - h : 0;
	if (top > s.focus)
		top = s.focus;
	for (size_t i = 0; i < h && top + i < s.starts.n; i++)
		canvas_text(c, in.x, in.y + (int)i, in.w, (unsigned char)s.styles.at[top + i],
			s.text.at + s.starts.at[top + i]);
	if (top > 0)
		canvas_put(c, r.x + r.w - 2, in.y, ROLE_DIM, GLYPH_MORE_UP);
	if (top + h < s.starts.n)
		canvas_put(c, r.x + r.w - 2, in.y + in.h - 1, ROLE_DIM, GLYPH_MORE_DOWN);
	script_release(&s);
}
