#include "ui/typed.h"

#include <ctype.h>
#include <string.h>

/* How far the line is read. */
struct reader {
	const char *line;
	size_t end, at;
	struct buf text;
};

static bool is_blank(char c)
{
	return c && strchr(" \t\r\n", c);
}

/* Bytes of blanks, which a line that goes on in the next one is too. */
static size_t blanks(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && (is_blank(s[i]) || (s[i] == '\\' && i + 1 < n && s[i + 1] == '\n')))
		i += s[i] == '\\' ? 2 : 1;
	return i;
}

static bool names_variable(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.';
}

/* Does a ";" here part two statements? It does at a word's end. */
static bool is_parting(const struct reader *r)
{
	char next = r->at + 1 < r->end ? r->line[r->at + 1] : '\n';

	return r->line[r->at] == ';' && (is_blank(next) || next == ';');
}

/* The place after "$" or "${" where the name goes on to the cursor; 0 where it does not. */
static size_t variable_at(const struct reader *r)
{
	size_t name = r->at + 1, to;

	if (name < r->end && r->line[name] == '{')
		name++;
	for (to = name; to < r->end && names_variable(r->line[to]); to++)
		;
	return to == r->end ? name : 0;
}

/* One byte of a word that begins or goes on at r->at. */
static void read_byte(struct reader *r, struct typed_word *w)
{
	char c = r->line[r->at];

	if (w->quote && c == w->quote) {
		w->quote = 0;
	} else if (!w->quote && (c == '"' || c == '\'')) {
		w->quote = c;
		if (!w->style)
			w->style = c;
	} else if (r->at + 1 < r->end && c == '\\' && r->line[r->at + 1] == '\n' && w->quote != '\'') {
		r->at++;
	} else {
		if (c == '\\' && w->quote != '\'' && r->at + 1 < r->end)
			c = r->line[++r->at];
		else if (c == '$' && w->quote != '\'')
			w->variable = variable_at(r);
		buf_addch(&r->text, c);
	}
	r->at++;
}

static void read_word(struct reader *r, struct typed_word *w)
{
	*w = (struct typed_word){.from = r->at};
	while (r->at < r->end && (w->quote || (!is_blank(r->line[r->at]) && !is_parting(r))))
		read_byte(r, w);
	w->text = buf_detach(&r->text);
}

static void forget_words(struct typed_line *t)
{
	for (size_t i = 0; i < t->words.n; i++)
		free(t->words.at[i].text);
	vec_clear(&t->words);
}

void typed_line_init(struct typed_line *t, const char *line, size_t end)
{
	struct reader r = {.line = line, .end = end};
	struct typed_word w;

	*t = (struct typed_line){.comment = false};
	for (;;) {
		r.at += blanks(line + r.at, end - r.at);
		if (r.at < end && line[r.at] == '#') {
			size_t n = strcspn(line + r.at, "\n");

			t->comment = r.at + n >= end;
			r.at = t->comment ? end : r.at + n;
			forget_words(t);
		} else if (r.at < end && is_parting(&r)) {
			forget_words(t);
			r.at++;
		} else {
			read_word(&r, &w);
			vec_push(&t->words, w);
			if (r.at >= end)
				return;
		}
	}
}

void typed_line_release(struct typed_line *t)
{
	forget_words(t);
	vec_release(&t->words);
}

/* Would it be read as it stands, without quotation marks? */
static bool is_plain(const char *text)
{
	bool is_home = text[0] == '~' && (text[1] == '/' || !text[1]);

	return *text && *text != '#' && !is_home && !strpbrk(text, " \t\r\n'\"\\$;");
}

void typed_quote(struct buf *out, const char *text, char style, bool whole)
{
	if (!style && is_plain(text)) {
		buf_addstr(out, text);
		return;
	}
	char quote = strchr(text, '\'') ? '"' : style ? style : '\'';

	buf_addch(out, quote);
	for (; *text; text++) {
		if (quote == '"' && strchr("\"\\$", *text))
			buf_addch(out, '\\');
		buf_addch(out, *text);
	}
	if (whole)
		buf_addch(out, quote);
}
