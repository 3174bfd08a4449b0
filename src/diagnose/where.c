#include "diagnose/where.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "data/title.h"

#define BLANKS " \t\r\n"
#define SHOWN_BYTES 200 /* of an expression, in a message */
#define LONGEST_NUMBER 64

enum relation { LESS, LESS_EQUAL, EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, HAS_PART, LACKS_PART };

/* Longer ones before those that they begin with. */
static const struct {
	const char *text;
	enum relation relation;
} operators[] = {
	{"<=", LESS_EQUAL},
	{">=", GREATER_EQUAL},
	{"==", EQUAL},
	{"!=", NOT_EQUAL},
	{"!~", LACKS_PART},
	{"<", LESS},
	{">", GREATER},
	{"=", EQUAL},
	{"~", HAS_PART},
};

/* An expression is kept in postfix order: a test pushes its answer, `not` turns the last one round, the others put the
 * last two together. */
enum op_kind { OP_TEST, OP_NOT, OP_AND, OP_OR };

struct op {
	enum op_kind kind;
	const struct column *column; /* TEST, as all that follows */
	enum relation relation;
	double number; /* of a number or flag */
	char *text;    /* owned; of a text */
};

/* One bracket or `not` inside another leaves at most the left sides of one `or` and of one `and` waiting. */
#define STACK (2 * (WHERE_DEPTH + 1) + 1)

struct where {
	VEC(struct op) ops;
};

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_QUOTED, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_OPERATOR };

struct token {
	enum token_kind kind;
	const char *at; /* in the expression: where it begins, its quotation mark included */
	const char *text;
	size_t len; /* of the text */
	enum relation relation;
};

struct parser {
	const char *text;
	const char *next; /* after the token */
	struct token token;
	struct where *where;
	unsigned depth;
	struct err *err;
};

/* Puts the expression and the place before what the message says. */
static int refuse_at(struct parser *p, const char *at)
{
	size_t len = strlen(p->text), place = 1;
	struct buf shown = {0};

	for (const char *c = p->text; c < at; c++)
		place += ((unsigned char)*c & 0xC0) != 0x80;
	utf8_show(&shown, p->text, len < SHOWN_BYTES ? len : SHOWN_BYTES, false);
	err_prefix(p->err, "where \"%s%s\", at %zu", buf_str(&shown), len > SHOWN_BYTES ? "..." : "", place);
	buf_release(&shown);
	return -1;
}

static int refuse(struct parser *p, const char *at, const char *message)
{
	err_set(p->err, ERR_USAGE, "%s", message);
	return refuse_at(p, at);
}

/* A message with a token in it, safe to show. */
static int refuse_token(struct parser *p, const char *before, const char *after)
{
	const struct token *t = &p->token;
	struct buf word = {0};

	utf8_show(&word, t->at, (size_t)(p->next - t->at), false);
	err_set(p->err, ERR_USAGE, "%s%s%s%s%s", before, t->kind == TOKEN_END ? "" : "'",
		t->kind == TOKEN_END ? "the end" : buf_str(&word), t->kind == TOKEN_END ? "" : "'", after);
	buf_release(&word);
	return refuse_at(p, t->at);
}

static void take(struct parser *p, enum token_kind kind, size_t len)
{
	p->token = (struct token){.kind = kind, .at = p->next, .text = p->next, .len = len};
	p->next += len;
}

static int read_quoted(struct parser *p)
{
	const char *end = strchr(p->next + 1, *p->next);

	if (!end)
		return refuse(p, p->next, "this quotation mark has no second one");
	p->token = (struct token){
		.kind = TOKEN_QUOTED, .at = p->next, .text = p->next + 1, .len = (size_t)(end - p->next) - 1};
	p->next = end + 1;
	return 0;
}

static int advance(struct parser *p)
{
	p->next += strspn(p->next, BLANKS);
	switch (*p->next) {
	case '\0':
		take(p, TOKEN_END, 0);
		return 0;
	case '(':
		take(p, TOKEN_OPEN, 1);
		return 0;
	case ')':
		take(p, TOKEN_CLOSE, 1);
		return 0;
	case '"':
	case '\'':
		return read_quoted(p);
	default:
		break;
	}
	for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
		if (strncmp(p->next, operators[i].text, strlen(operators[i].text)) != 0)
			continue;
		take(p, TOKEN_OPERATOR, strlen(operators[i].text));
		p->token.relation = operators[i].relation;
		return 0;
	}
	if (*p->next == '!')
		return refuse(p, p->next, "'!' stands only before = and ~: write 'not'");
	if (*p->next == '&' || *p->next == '|')
		return refuse(p, p->next,
			*p->next == '&' ? "'&' joins nothing: write 'and'" : "'|' joins nothing: write 'or'");
	take(p, TOKEN_WORD, strcspn(p->next, BLANKS "()\"'<>=!~"));
	return 0;
}

static bool is_word(const struct parser *p, const char *word)
{
	const struct token *t = &p->token;

	return t->kind == TOKEN_WORD && t->len == strlen(word) && !strncasecmp(t->text, word, t->len);
}

static bool begins_term(const struct parser *p)
{
	return p->token.kind == TOKEN_OPEN || (p->token.kind == TOKEN_WORD && !is_word(p, "or"));
}

static int refuse_value(struct parser *p, const char *wanted)
{
	struct buf before = {0};

	buf_addf(&before, "column '%s' is %s, not ", p->where->ops.at[p->where->ops.n - 1].column->name, wanted);
	refuse_token(p, buf_str(&before), "");
	buf_release(&before);
	return -1;
}

static int read_number(struct parser *p, struct op *op)
{
	char digits[LONGEST_NUMBER], *end;

	if (p->token.len == 0 || p->token.len >= sizeof(digits))
		return refuse_value(p, "a number");
	memcpy(digits, p->token.text, p->token.len);
	digits[p->token.len] = '\0';
	op->number = strtod(digits, &end);
	/* strtod also takes leading blanks, hexadecimal numbers, infinities and NaN. */
	if (*end || strpbrk(digits, BLANKS "xXnN") || !isfinite(op->number))
		return refuse_value(p, "a number");
	return 0;
}

static int read_flag(struct parser *p, struct op *op)
{
	static const char *const words[] = {"no", "yes", "false", "true", "0", "1"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (p->token.len != strlen(words[i]) || memcmp(p->token.text, words[i], p->token.len) != 0)
			continue;
		op->number = (double)(i % 2);
		return 0;
	}
	return refuse_value(p, "yes or no");
}

/* "a, b or c" of "a|b|c". */
static void list_choices(const char *choices, struct buf *out)
{
	for (const char *at = choices; *at;) {
		size_t n = strcspn(at, "|");

		if (at > choices)
			buf_addstr(out, at[n] ? ", " : " or ");
		buf_add(out, at, n);
		at += n + (at[n] != '\0');
	}
}

static int read_choice(struct parser *p, struct op *op)
{
	struct buf wanted = {0};
	const char *choice;
	size_t len;

	if (*op->text == '\0')
		return 0;
	if (column_choice(op->column, op->text, &choice, &len) >= 0) {
		free(op->text);
		op->text = xstrndup(choice, len);
		return 0;
	}
	buf_addstr(&wanted, "one of ");
	list_choices(op->column->choices, &wanted);
	refuse_value(p, buf_str(&wanted));
	buf_release(&wanted);
	return -1;
}

/* The value's token is at hand; the op is the last one. */
static int read_value(struct parser *p)
{
	struct op *op = &p->where->ops.at[p->where->ops.n - 1];

	if (p->token.kind != TOKEN_WORD && p->token.kind != TOKEN_QUOTED)
		return refuse_token(p, "a value is wanted, not ", "");
	switch (op->column->type) {
	case COLUMN_NUMBER:
		return read_number(p, op);
	case COLUMN_FLAG:
		return read_flag(p, op);
	case COLUMN_TEXT:
		op->text = xstrndup(p->token.text, p->token.len);
		if (op->column->choices && (op->relation == EQUAL || op->relation == NOT_EQUAL))
			return read_choice(p, op);
		return 0;
	}
	BUG("column type %d", (int)op->column->type);
}

/* Whether a column cannot be compared like this, or with nothing at all (relation NULL); then *why says so, and what
 * would do. */
static bool misfits(const struct column *c, const enum relation *relation, struct buf *why)
{
	bool part = relation && (*relation == HAS_PART || *relation == LACKS_PART);
	bool order = relation && !part && *relation != EQUAL && *relation != NOT_EQUAL;

	if (!relation && c->type == COLUMN_TEXT)
		buf_addf(why, "column '%s' is a text: compare it, as in %s ~ 'part of it'", c->name, c->name);
	else if (!relation && c->type == COLUMN_NUMBER)
		buf_addf(why, "column '%s' is a number: compare it, as in %s <= 2", c->name, c->name);
	else if (part && c->type == COLUMN_NUMBER)
		buf_addf(why, "column '%s' is a number, and ~ finds parts of texts: write %s = 2", c->name, c->name);
	else if ((part || order) && c->type == COLUMN_FLAG)
		buf_addf(why, "column '%s' is a flag: write %s or not %s", c->name, c->name, c->name);
	else if (order && c->choices)
		buf_addf(why, "column '%s' is one of a few: write %s = one of them", c->name, c->name);
	return why->len > 0;
}

static int read_test(struct parser *p)
{
	const struct column *c = column_find(p->token.text, p->token.len, p->err);
	const char *at = p->token.at;
	struct buf why = {0};
	bool compares;

	if (!c)
		return refuse_at(p, at);
	if (advance(p))
		return -1;
	compares = p->token.kind == TOKEN_OPERATOR;
	if (misfits(c, compares ? &p->token.relation : NULL, &why)) {
		refuse(p, compares ? p->token.at : at, buf_str(&why));
		buf_release(&why);
		return -1;
	}
	vec_push(&p->where->ops, (struct op){.kind = OP_TEST, .column = c, .relation = EQUAL, .number = 1});
	if (!compares)
		return 0;
	p->where->ops.at[p->where->ops.n - 1].relation = p->token.relation;
	if (advance(p) || read_value(p))
		return -1;
	return advance(p);
}

static int read_expression(struct parser *p);

static int read_term(struct parser *p)
{
	const char *at = p->token.at;
	bool open = p->token.kind == TOKEN_OPEN;
	int failed;

	if (!begins_term(p) || is_word(p, "and"))
		return refuse_token(p, "a column is wanted, not ", "");
	if (!open && !is_word(p, "not"))
		return read_test(p);
	if (p->depth == WHERE_DEPTH) {
		err_set(p->err, ERR_USAGE, "brackets and 'not' are more than %d deep", WHERE_DEPTH);
		return refuse_at(p, at);
	}
	p->depth++;
	failed = advance(p) || (open ? read_expression(p) : read_term(p));
	p->depth--;
	if (failed)
		return -1;
	if (!open) {
		vec_push(&p->where->ops, (struct op){.kind = OP_NOT});
		return 0;
	}
	if (p->token.kind != TOKEN_CLOSE)
		return p->token.kind == TOKEN_END ? refuse(p, at, "this bracket is never closed")
						  : refuse_token(p, "'and', 'or' or ')' is wanted, not ", "");
	return advance(p);
}

static int read_conjunction(struct parser *p)
{
	if (read_term(p))
		return -1;
	while (begins_term(p)) {
		if (is_word(p, "and") && advance(p))
			return -1;
		if (read_term(p))
			return -1;
		vec_push(&p->where->ops, (struct op){.kind = OP_AND});
	}
	return 0;
}

static int read_expression(struct parser *p)
{
	if (read_conjunction(p))
		return -1;
	while (is_word(p, "or")) {
		if (advance(p) || read_conjunction(p))
			return -1;
		vec_push(&p->where->ops, (struct op){.kind = OP_OR});
	}
	return 0;
}

int where_new(struct where **out, const char *text, struct err *err)
{
	struct parser p = {.text = text ? text : "", .next = text ? text : "", .err = err};
	int failed;

	p.where = xcalloc(1, sizeof(*p.where));
	failed = advance(&p);
	if (!failed && p.token.kind != TOKEN_END) {
		failed = read_expression(&p);
		if (!failed && p.token.kind != TOKEN_END)
			failed = refuse_token(&p, "'and', 'or' or the end is wanted, not ", "");
	}
	if (failed) {
		where_free(p.where);
		p.where = NULL;
	}
	*out = p.where;
	return failed ? -1 : 0;
}

void where_free(struct where *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->ops.n; i++)
		free(w->ops.at[i].text);
	vec_release(&w->ops);
	free(w);
}

static bool has_part(const char *text, const char *part)
{
	struct buf decoded = {0};
	bool found = strcasestr(text, part) != NULL;

	if (found || !strchr(text, '&'))
		return found;
	title_decode(&decoded, text);
	found = strcasestr(buf_str(&decoded), part) != NULL;
	buf_release(&decoded);
	return found;
}

static bool by_order(enum relation relation, bool less, bool equal, bool greater)
{
	switch (relation) {
	case LESS:
		return less;
	case LESS_EQUAL:
		return less || equal;
	case EQUAL:
		return equal;
	case NOT_EQUAL:
		return less || greater;
	case GREATER:
		return greater;
	case GREATER_EQUAL:
		return greater || equal;
	case HAS_PART:
	case LACKS_PART:
		break;
	}
	BUG("relation %d has no order", (int)relation);
}

static bool test_holds(const struct op *op, const struct finding *f)
{
	const char *text;
	double x;
	int order;

	if (op->column->type != COLUMN_TEXT) {
		x = op->column->number(f);
		return by_order(op->relation, x < op->number, x == op->number, x > op->number);
	}
	text = op->column->text(f);
	if (op->relation == HAS_PART || op->relation == LACKS_PART)
		return has_part(text, op->text) == (op->relation == HAS_PART);
	order = strcmp(text, op->text);
	return by_order(op->relation, order < 0, order == 0, order > 0);
}

bool where_holds(const struct where *w, const struct finding *f)
{
	bool stack[STACK] = {true};
	size_t n = 0;

	for (size_t i = 0; i < w->ops.n; i++) {
		const struct op *op = &w->ops.at[i];

		switch (op->kind) {
		case OP_TEST:
			stack[n++] = test_holds(op, f);
			break;
		case OP_NOT:
			stack[n - 1] = !stack[n - 1];
			break;
		case OP_AND:
			n--;
			stack[n - 1] = stack[n - 1] && stack[n];
			break;
		case OP_OR:
			n--;
			stack[n - 1] = stack[n - 1] || stack[n];
			break;
		}
	}
	return stack[0];
}

const struct column *where_searched(const struct where *w)
{
	for (size_t i = 0; i < w->ops.n; i++)
		if (w->ops.at[i].kind == OP_TEST && w->ops.at[i].column->searched)
			return w->ops.at[i].column;
	return NULL;
}

const struct column *where_spelt(const struct where *w)
{
	for (size_t i = 0; i < w->ops.n; i++)
		if (w->ops.at[i].kind == OP_TEST && w->ops.at[i].column->spelt)
			return w->ops.at[i].column;
	return NULL;
}
