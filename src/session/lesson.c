#include "session/lesson.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "store/file.h"

struct texts {
	const char **at; /* owned; what it points to is the lesson's */
	size_t n, cap;
};

struct commands {
	struct lesson_command *at; /* owned; the texts are the lesson's */
	size_t n, cap;
};

/* A text that goes on over many lines. */
struct flow {
	struct buf text;
	bool gap;   /* an empty line stood before the next one */
	bool table; /* its last line is one of a table */
};

/* Where a text is read. */
enum place { ON_SCREENS, ELSEWHERE, PLACES };

/* What the last line was part of. */
enum part { PART_HEAD, PART_TEXT, PART_KEYS, PART_COMMANDS, PART_QUESTION, PART_ANSWERS, PART_REVEAL };

struct reader {
	struct lesson *l;
	enum part part;
	bool gap; /* an empty line stood before this one */
	struct flow text[PLACES], reveal[PLACES]; /* of the page that is being read */
	struct texts answers;
	struct commands open, commands;
	VEC(struct lesson_action) actions;
	VEC(struct lesson_page) pages;
	struct lesson_page page; /* heading NULL: none has begun */
	const char *keys;        /* of the action that is being read */
	size_t keys_line;
	size_t number;           /* of the line */
};

static const char *keep(struct reader *r, const char *text)
{
	return arena_strdup(&r->l->arena, text);
}

/* An array of the arena's own with the same elements. */
static void *keep_array(struct arena *a, const void *at, size_t n, size_t size)
{
	void *kept = arena_alloc(a, n * size);

	if (n > 0)
		memcpy(kept, at, n * size);
	return kept;
}

static const struct lesson_command *keep_commands(struct reader *r, const struct commands *c)
{
	return keep_array(&r->l->arena, c->at, c->n, sizeof(*c->at));
}

/* The action is complete with the line before. */
static void end_action(struct reader *r)
{
	if (!r->keys && r->commands.n == 0)
		return;
	vec_push(&r->actions, (struct lesson_action){
				      .keys = r->keys,
				      .line = r->keys ? r->keys_line : r->commands.at[0].line,
				      .commands = keep_commands(r, &r->commands),
				      .n_commands = r->commands.n,
			      });
	vec_clear(&r->commands);
	r->keys = NULL;
}

static int check_page(const struct reader *r, struct err *err)
{
	static const char *const where[] = {[ON_SCREENS] = " on the screens", [ELSEWHERE] = " at the prompt"};
	const struct lesson_page *p = &r->page;
	bool none = r->text[ON_SCREENS].text.len == 0 && r->text[ELSEWHERE].text.len == 0;

	for (int i = 0; i < PLACES; i++) {
		if (r->text[i].text.len == 0)
			return err_set(err, ERR_FORMAT, "page '%s' has no text%s", p->heading, none ? "" : where[i]);
		if (p->question && r->reveal[i].text.len == 0)
			return err_set(err, ERR_FORMAT,
				"page '%s' asks and reveals nothing: add lines that begin with '! '", p->heading);
	}
	return 0;
}

/* The text, which begins anew. */
static const char *end_flow(struct reader *r, struct flow *f)
{
	const char *text = keep(r, buf_str(&f->text));

	buf_clear(&f->text);
	f->gap = f->table = false;
	return text;
}

static int end_page(struct reader *r, struct err *err)
{
	struct lesson_page *p = &r->page;

	if (!p->heading)
		return 0;
	end_action(r);
	if (check_page(r, err))
		return -1;
	p->text = end_flow(r, &r->text[ON_SCREENS]);
	p->text_elsewhere = end_flow(r, &r->text[ELSEWHERE]);
	p->reveal = end_flow(r, &r->reveal[ON_SCREENS]);
	p->reveal_elsewhere = end_flow(r, &r->reveal[ELSEWHERE]);
	p->actions = keep_array(&r->l->arena, r->actions.at, r->actions.n, sizeof(*r->actions.at));
	p->n_actions = r->actions.n;
	p->answers = keep_array(&r->l->arena, r->answers.at, r->answers.n, sizeof(*r->answers.at));
	p->n_answers = r->answers.n;
	vec_push(&r->pages, *p);
	*p = (struct lesson_page){0};
	vec_clear(&r->actions);
	vec_clear(&r->answers);
	return 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Does the byte count? Those of characters beyond ASCII all do. */
static bool counts(const char *text, size_t i)
{
	char c = text[i];

	if (c == '.')
		return i > 0 && is_digit(text[i - 1]) && is_digit(text[i + 1]);
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static int before_pages(const char *line, struct err *err)
{
	return err_set(err, ERR_FORMAT, "'%s' stands before the first page: pages begin with '== HEADING'", line);
}

static int read_head(struct reader *r, const char *line, struct err *err)
{
	size_t n = strcspn(line, ":");
	const char *value = line + n + (line[n] == ':');
	const char **field = NULL;

	value += strspn(value, " ");
	if (n == strlen(line))
		return before_pages(line, err);
	if (!*value)
		return err_set(err, ERR_FORMAT, "'%s' is empty", line);
	if (n == 4 && !memcmp(line, "open", n)) {
		vec_push(&r->open, (struct lesson_command){keep(r, value), r->number, true});
		return 0;
	}
	if (n == 5 && !memcmp(line, "title", n))
		field = &r->l->title;
	else if (n == 5 && !memcmp(line, "about", n))
		field = &r->l->about;
	if (!field)
		return err_set(err, ERR_FORMAT, "'%.*s' is none of title, about, open", (int)n, line);
	if (*field)
		return err_set(err, ERR_FORMAT, "there is a second '%.*s'", (int)n, line);
	*field = keep(r, value);
	return 0;
}

static int read_heading(struct reader *r, const char *text, struct err *err)
{
	if (end_page(r, err))
		return -1;
	r->page.heading = keep(r, text);
	r->page.line = r->number;
	r->part = PART_TEXT;
	return 0;
}

static int read_keys(struct reader *r, const char *text, struct err *err)
{
	const char *at = text, *key;
	size_t len;
	bool typed;

	while (lesson_next_key(&at, &key, &len, &typed))
		if (typed && (len == 0 || key[len] != '"'))
			return err_set(err, ERR_FORMAT, len ? "a quotation mark is not closed" : "\"\" types nothing");
	end_action(r);
	r->keys = keep(r, text);
	r->keys_line = r->number;
	r->part = PART_KEYS;
	return 0;
}

static void add_command(struct reader *r, const char *text, bool quiet)
{
	if (r->gap)
		end_action(r);
	vec_push(&r->commands, (struct lesson_command){keep(r, text), r->number, quiet});
	r->part = PART_COMMANDS;
}

static int read_command(struct reader *r, const char *text, struct err *err)
{
	(void)err;
	add_command(r, text, false);
	return 0;
}

static int read_quiet(struct reader *r, const char *text, struct err *err)
{
	(void)err;
	add_command(r, text, true);
	return 0;
}

static int read_question(struct reader *r, const char *text, struct err *err)
{
	if (r->page.question)
		return err_set(err, ERR_FORMAT, "page '%s' asks a second question: begin a new page", r->page.heading);
	r->page.question = keep(r, text);
	r->page.question_line = r->number;
	r->part = PART_QUESTION;
	return 0;
}

static int read_answer(struct reader *r, const char *text, struct err *err)
{
	size_t i = 0;

	if (!r->page.question)
		return err_set(err, ERR_FORMAT, "an answer without a question: that begins with '? '");
	while (text[i] && !counts(text, i))
		i++;
	if (!text[i])
		return err_set(err, ERR_FORMAT, "'%s' can never be answered: it has no letter and no digit", text);
	vec_push(&r->answers, keep(r, text));
	r->part = PART_ANSWERS;
	return 0;
}

/* Goes on with a text: a line of a table by itself, others as one paragraph up to an empty line. */
static void add_line(struct flow *f, const char *line)
{
	bool table = *line == ' ';

	if (f->text.len > 0)
		buf_addstr(&f->text, f->gap ? "\n\n" : table || f->table ? "\n" : " ");
	buf_addstr(&f->text, line);
	f->gap = false;
	f->table = table;
}

/* The line without what stands before it if it is meant for one place alone; *only: which, or PLACES. */
static const char *read_place(const char *line, enum place *only)
{
	static const char *const marks[] = {[ON_SCREENS] = "[screens] ", [ELSEWHERE] = "[prompt] "};

	for (*only = ON_SCREENS; *only < PLACES; ++*only)
		if (!strncmp(line, marks[*only], strlen(marks[*only])))
			return line + strlen(marks[*only]);
	return line;
}

static void add_text(struct reader *r, struct flow *flows, const char *line)
{
	enum place only;

	line = read_place(line, &only);
	for (int i = 0; i < PLACES; i++) {
		flows[i].gap |= r->gap;
		if (only == PLACES || i == (int)only)
			add_line(&flows[i], line);
	}
}

static int read_reveal(struct reader *r, const char *text, struct err *err)
{
	(void)err;
	if (r->part != PART_REVEAL)
		r->page.reveal_line = r->number;
	add_text(r, r->reveal, text);
	r->part = PART_REVEAL;
	return 0;
}

static int read_text(struct reader *r, const char *line, struct err *err)
{
	if (r->part == PART_TEXT)
		add_text(r, r->text, line);
	else if (r->part == PART_REVEAL)
		add_text(r, r->reveal, line);
	else
		return err_set(err, ERR_FORMAT, "text after what is to be done or asked: begin a new page, or a "
						"reveal with '! '");
	return 0;
}

/* Lines that begin with a sign; none of a part may stand after one of a later part of its page. */
static const struct {
	const char *sign;
	enum part part, last;
	int (*read)(struct reader *r, const char *text, struct err *err);
} signs[] = {
	{"==", PART_TEXT, PART_REVEAL, read_heading},
	{"@", PART_KEYS, PART_COMMANDS, read_keys},
	{">>", PART_COMMANDS, PART_COMMANDS, read_quiet},
	{">", PART_COMMANDS, PART_COMMANDS, read_command},
	{"?", PART_QUESTION, PART_ANSWERS, read_question},
	{"=", PART_ANSWERS, PART_ANSWERS, read_answer},
	{"!", PART_REVEAL, PART_REVEAL, read_reveal},
};

static int read_sign(struct reader *r, size_t i, const char *line, struct err *err)
{
	const char *text = line + strlen(signs[i].sign);

	if (*text && *text != ' ')
		return err_set(err, ERR_FORMAT, "'%s' wants a blank after '%s'", line, signs[i].sign);
	text += strspn(text, " ");
	if (!*text)
		return err_set(err, ERR_FORMAT, "'%s' stands alone", signs[i].sign);
	if (r->part == PART_HEAD && signs[i].read != read_heading)
		return before_pages(line, err);
	if (r->part > signs[i].last)
		return err_set(err, ERR_FORMAT, "'%s' comes too late on its page: begin a new one", line);
	return signs[i].read(r, text, err);
}

static int read_line(struct reader *r, const char *line, struct err *err)
{
	if (*line == '#')
		return 0;
	if (!line[strspn(line, " ")]) {
		r->gap = true;
		return 0;
	}
	int failed = -1;
	size_t i = 0;
	while (i < ARRAY_LEN(signs) && strncmp(line, signs[i].sign, strlen(signs[i].sign)) != 0)
		i++;
	if (i < ARRAY_LEN(signs))
		failed = read_sign(r, i, line, err);
	else if (r->part == PART_HEAD)
		failed = read_head(r, line, err);
	else
		failed = read_text(r, line, err);
	r->gap = false;
	return failed;
}

/* A tab would be as wide as whoever shows it likes; other control characters have no place in a text. */
static int check_line(const char *line, size_t len, struct err *err)
{
	if (!utf8_valid(line, len))
		return err_set(err, ERR_FORMAT, "byte %zu is not UTF-8", utf8_invalid_at(line, len) + 1);
	for (size_t i = 0, n; i < len; i++)
		if ((n = utf8_control(line + i, len - i)) > 0)
			return err_set(err, ERR_FORMAT, "byte %zu is a control character (\\x%02x)%s", i + 1,
				(unsigned char)line[i + n - 1], line[i] == '\t' ? ": use blanks" : "");
	return 0;
}

static int read_lines(struct reader *r, const char *path, char *text, size_t len, struct err *err)
{
	int failed = 0;

	for (size_t at = 0; at < len && !failed;) {
		char *line = text + at, *end = memchr(line, '\n', len - at);
		size_t n = end ? (size_t)(end - line) : len - at;

		at += n + 1;
		while (n > 0 && (line[n - 1] == ' ' || line[n - 1] == '\r'))
			n--;
		line[n] = '\0';
		r->number++;
		failed = check_line(line, n, err) || read_line(r, line, err);
	}
	if (!failed)
		failed = end_page(r, err);
	if (!failed && r->pages.n == 0)
		failed = err_set(err, ERR_FORMAT, "there is no page: they begin with '== HEADING'");
	if (!failed && (!r->l->title || !r->l->about))
		failed = err_set(err, ERR_FORMAT, "there is no '%s:'", r->l->title ? "about" : "title");
	return failed ? err_prefix(err, "%s:%zu", path, r->number) : 0;
}

static const char *folder(struct lesson *l, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return arena_strndup(&l->arena, path, slash > path ? (size_t)(slash - path) : 1);
}

/* The file's name without its ending. */
static const char *name(struct lesson *l, const char *path)
{
	const char *base = file_last_part(path);
	size_t len = strlen(base), ending = strlen(LESSON_ENDING);

	if (len > ending && !strcmp(base + len - ending, LESSON_ENDING))
		len -= ending;
	return arena_strndup(&l->arena, base, len);
}

static void reader_release(struct reader *r)
{
	for (int i = 0; i < PLACES; i++) {
		buf_release(&r->text[i].text);
		buf_release(&r->reveal[i].text);
	}
	vec_release(&r->open);
	vec_release(&r->commands);
	vec_release(&r->answers);
	vec_release(&r->actions);
	vec_release(&r->pages);
}

int lesson_read(struct lesson **out, const char *path, struct err *err)
{
	struct lesson *l = xcalloc(1, sizeof(*l));
	struct reader r = {.l = l};
	struct buf text = {0};
	int failed;

	arena_init(&l->arena);
	l->path = arena_strdup(&l->arena, path);
	l->folder = folder(l, path);
	l->name = name(l, path);
	failed = file_read(&text, path, LESSON_MAX_FILE, err);
	if (!failed)
		failed = read_lines(&r, path, text.at, text.len, err);
	if (!failed) {
		l->open = keep_commands(&r, &r.open);
		l->n_open = r.open.n;
		l->pages = keep_array(&l->arena, r.pages.at, r.pages.n, sizeof(*r.pages.at));
		l->n_pages = r.pages.n;
		*out = l;
	} else {
		lesson_free(l);
	}
	reader_release(&r);
	buf_release(&text);
	return failed;
}

void lesson_free(struct lesson *l)
{
	if (!l)
		return;
	arena_release(&l->arena);
	free(l->trouble);
	free(l);
}

/* comma: between digits it is a point. */
static void add_what_counts(struct buf *out, const char *text, bool comma)
{
	for (size_t i = 0; text[i]; i++) {
		if (comma && text[i] == ',' && i > 0 && is_digit(text[i - 1]) && is_digit(text[i + 1]))
			buf_addch(out, '.');
		else if (counts(text, i))
			buf_addch(out, text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i]);
	}
}

/* Without an article before and a unit behind it, unless nothing would be left. */
static void drop_words(struct buf *b)
{
	static const char *const units[] = {"percent", "nats", "nat"};
	const size_t article = strlen("the");

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		size_t len = strlen(units[i]);

		if (b->len > len && is_digit(b->at[b->len - len - 1]) && !strcmp(b->at + b->len - len, units[i])) {
			b->len -= len;
			b->at[b->len] = '\0';
		}
	}
	if (b->len > article && !memcmp(b->at, "the", article)) {
		memmove(b->at, b->at + article, b->len - article + 1);
		b->len -= article;
	}
}

static bool same(const char *a, const char *b, bool comma)
{
	struct buf given = {0}, right = {0};
	bool equal;

	add_what_counts(&given, a, comma);
	add_what_counts(&right, b, false);
	drop_words(&given);
	drop_words(&right);
	equal = given.len > 0 && !strcmp(buf_str(&given), buf_str(&right));
	buf_release(&given);
	buf_release(&right);
	return equal;
}

bool lesson_right(const struct lesson_page *p, const char *answer)
{
	for (size_t i = 0; i < p->n_answers; i++)
		if (same(answer, p->answers[i], false) || same(answer, p->answers[i], true))
			return true;
	return false;
}

bool lesson_next_key(const char **at, const char **text, size_t *len, bool *typed)
{
	const char *s = *at + strspn(*at, " ");

	if (!*s)
		return false;
	*typed = *s == '"' && s[1] && s[1] != ' ';
	*text = s + *typed;
	*len = strcspn(*text, *typed ? "\"" : " ");
	*at = *text + *len;
	if (*typed && **at)
		++*at;
	return true;
}
