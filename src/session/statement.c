#include "session/statement.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum piece_kind {
	PIECE_END,      /* of the statement */
	PIECE_BLANK,    /* between words: blanks, a comment */
	PIECE_QUOTE,    /* a quotation mark that opens or closes */
	PIECE_TEXT,     /* one character as it is */
	PIECE_VARIABLE, /* a name, and perhaps what stands in its place */
	PIECE_OPEN      /* the text ends in the middle of the statement */
};

struct piece {
	enum piece_kind kind;
	const char *text; /* PIECE_TEXT, PIECE_VARIABLE: the character, the name */
	size_t len;
	const char *instead; /* PIECE_VARIABLE: WORDS; NULL: none */
	size_t instead_len;
};

struct reader {
	const char *at;
	char quote;   /* that is open, or 0 */
	bool in_word;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool ends_line(char c)
{
	return c == '\0' || c == '\n';
}

/* After a ';'. Another one does too, so that a statement never ends with one of its own. */
static bool ends_statement(char c)
{
	return is_blank(c) || ends_line(c) || c == ';';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

/* Bytes of the name that begins the text; 0: none does. */
static size_t name_length(const char *s)
{
	size_t n = 0;

	if (is_digit(*s)) {
		while (is_digit(s[n]))
			n++;
		return n;
	}
	while (is_of_name(s[n]))
		n++;
	if (n == 4 && !memcmp(s, "last", 4))
		while (s[n] == '.' && is_of_name(s[n + 1]))
			for (n++; is_of_name(s[n]); n++)
				;
	return n;
}

/* "${NAME}" or "${NAME:-WORDS}", whose brace stands at s; 0: it is neither. */
static size_t braced_length(const char *s, struct piece *p)
{
	size_t n = name_length(s + 1), len;

	p->text = s + 1;
	p->len = n;
	if (n == 0)
		return 0;
	if (s[1 + n] == '}')
		return n + 2;
	if (strncmp(s + 1 + n, ":-", 2) != 0)
		return 0;
	p->instead = s + n + 3;
	len = strcspn(p->instead, "}\n");
	p->instead_len = len;
	return p->instead[len] == '}' ? n + len + 4 : 0;
}

/* At a '$'. A brace that is not closed, or holds no name, is told by an empty name. */
static void read_variable(struct reader *r, struct piece *p)
{
	size_t n = name_length(r->at + 1);

	if (r->at[1] == '{') {
		n = braced_length(r->at + 1, p);
		if (n == 0)
			p->len = 0;
		p->kind = PIECE_VARIABLE;
		r->at += 1 + (n > 0 ? n : strcspn(r->at + 1, "\n"));
	} else if (n > 0) {
		*p = (struct piece){PIECE_VARIABLE, r->at + 1, n, NULL, 0};
		r->at += 1 + n;
	} else {
		r->at++;
	}
}

/* At a backslash outside '...'. */
static void read_escaped(struct reader *r, struct piece *p)
{
	size_t n = r->at[1] == '\r' ? 2 : 1;

	if (r->at[n] == '\n') { /* the lines are one */
		p->kind = r->in_word || r->quote ? PIECE_TEXT : PIECE_BLANK;
		p->len = 0;
		r->at += n + 1;
	} else if (r->at[n] == '\0') {
		p->kind = PIECE_OPEN;
		r->at += n;
	} else {
		p->text = r->at + 1;
		r->at += 2;
		r->in_word = true;
	}
}

/* At a "~" that is a word of its own or begins a path? */
static bool names_home(const struct reader *r)
{
	char after = r->at[0] == '~' ? r->at[1] : 'x';

	return !r->quote && !r->in_word && (after == '/' || is_blank(after) || ends_line(after));
}

static struct piece next_piece(struct reader *r)
{
	struct piece p = {PIECE_TEXT, r->at, 1, NULL, 0};
	char c = *r->at;

	if (ends_line(c) || (!r->quote && c == ';' && ends_statement(r->at[1]))) {
		p.kind = PIECE_END;
	} else if (!r->quote && is_blank(c)) {
		p.kind = PIECE_BLANK;
		r->in_word = false;
		r->at++;
	} else if (!r->quote && c == '#' && !r->in_word) {
		p.kind = PIECE_BLANK;
		r->at += strcspn(r->at, "\n");
	} else if (r->quote ? c == r->quote : c == '\'' || c == '"') {
		p.kind = PIECE_QUOTE;
		r->quote = r->quote ? '\0' : c;
		r->in_word = true;
		r->at++;
	} else if (c == '\\' && r->quote != '\'') {
		read_escaped(r, &p);
	} else if (c == '$' && r->quote != '\'') {
		r->in_word = true;
		read_variable(r, &p);
	} else if (names_home(r)) {
		p = (struct piece){PIECE_VARIABLE, "HOME", 4, NULL, 0};
		r->in_word = true;
		r->at++;
	} else {
		r->in_word = true;
		r->at++;
	}
	return p;
}

size_t statement_end(const char *text)
{
	struct reader r = {.at = text};

	for (;;) {
		enum piece_kind kind = next_piece(&r).kind;
		if (kind == PIECE_END || kind == PIECE_OPEN)
			return (size_t)(r.at - text);
	}
}

bool statement_open_still(struct statement_scan *scan, const char *text)
{
	struct reader r = {text + scan->at, scan->quote, scan->in_word}, before;
	struct piece p;

	for (;;) {
		before = r;
		p = next_piece(&r);
		if (p.kind == PIECE_OPEN || (p.kind == PIECE_END && !*r.at))
			break;
		if (p.kind == PIECE_END)
			r = (struct reader){.at = r.at + 1};
	}
	*scan = (struct statement_scan){(size_t)(before.at - text), before.quote, before.in_word};
	return p.kind == PIECE_OPEN;
}

bool statement_open(const char *text)
{
	struct statement_scan scan = {0};

	return statement_open_still(&scan, text);
}

static void add_word(struct cmd_line *l, size_t *cap, const struct buf *word)
{
	if ((size_t)l->argc + 2 > *cap) {
		*cap *= 2;
		l->argv = xreallocarray(l->argv, *cap, sizeof(*l->argv));
	}
	l->argv[l->argc++] = xstrdup(buf_str(word));
	l->argv[l->argc] = NULL;
}

/* How a variable is replaced, by whom and where. */
struct replacer {
	variable_fn *fn;
	void *arg;
	const struct cmd_line *before;
};

static int add_variable(struct buf *word, const struct piece *p, const struct replacer *by, struct err *err)
{
	const struct variable_place at = {by->before, buf_str(word)};
	struct buf value = {0};
	char *name;
	int failed;

	if (p->len == 0)
		return err_set(err, ERR_USAGE,
			"after '${' stands a variable's name, and '}' or ':-WORDS}' after it; '\\$' is a dollar sign");
	name = xstrndup(p->text, p->len);
	failed = by->fn(by->arg, name, &at, &value, err);
	if (!failed) {
		buf_add(word, buf_str(&value), value.len);
	} else if (err->code == ERR_NOT_FOUND && p->instead) {
		buf_add(word, p->instead, p->instead_len);
		failed = 0;
	}
	buf_release(&value);
	free(name);
	return failed;
}

/* Without a function the variable stands as it was written. */
static int add_piece(struct buf *word, const struct piece *p, const char *from, const char *to,
	const struct replacer *by, struct err *err)
{
	if (p->kind == PIECE_VARIABLE && by->fn)
		return add_variable(word, p, by, err);
	if (p->kind == PIECE_VARIABLE)
		buf_add(word, from, (size_t)(to - from));
	else if (p->kind == PIECE_TEXT)
		buf_add(word, p->text, p->len);
	return 0;
}

static int split(struct cmd_line *l, struct reader *r, struct buf *word, const struct replacer *by, struct err *err)
{
	size_t cap = 8;
	bool begun = false; /* a word, be it of quotation marks alone */

	for (;;) {
		const char *from = r->at;
		struct piece p = next_piece(r);

		if (p.kind == PIECE_OPEN)
			return err_set(err, ERR_USAGE, "a backslash ends the line, and no other line follows");
		if (p.kind == PIECE_END && r->quote)
			return err_set(err, ERR_USAGE, "a quote is not closed: %c", r->quote);
		if (begun && (p.kind == PIECE_END || p.kind == PIECE_BLANK)) {
			add_word(l, &cap, word);
			buf_clear(word);
			begun = false;
		}
		if (p.kind == PIECE_END)
			return 0;
		if (p.kind == PIECE_BLANK)
			continue;
		if (add_piece(word, &p, from, r->at, by, err))
			return -1;
		begun = begun || p.kind != PIECE_TEXT || p.len > 0;
	}
}

int statement_split(struct cmd_line *l, const char *statement, variable_fn *fn, void *arg, struct err *err)
{
	const struct replacer by = {fn, arg, l};
	struct reader r = {.at = statement};
	struct buf word = {0};
	int failed;

	l->argc = 0;
	l->argv = xcalloc(8, sizeof(*l->argv));
	failed = split(l, &r, &word, &by, err);
	buf_release(&word);
	if (failed)
		cmd_line_release(l);
	return failed;
}

void cmd_line_release(struct cmd_line *l)
{
	for (int i = 0; i < l->argc; i++)
		free(l->argv[i]);
	free(l->argv);
	l->argv = NULL;
	l->argc = 0;
}
