#include "session/option.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"

#define FIELD(name) offsetof(struct options, name)

const struct option_entry option_table[] = {
	{"model", 'm', OPT_PATH, 0, NULL, NULL, 0, 0, "DIR|FILE",
		"the model: a Hugging Face directory, a GGUF file, or a probability table (FILE.csv)", FIELD(model)},
	{"adapter", 'a', OPT_PATH, 0, NULL, NULL, 0, 0, "DIR",
		"a LoRA adapter over the model: a PEFT directory", FIELD(adapter)},
	{"data", 'd', OPT_PATH, 0, NULL, NULL, 0, 0, "DIR", "the dataset", FIELD(data)},
	{"split", 0, OPT_CHOICE, OPTION_SEARCH, "test", "test|valid|train", 0, 0, "NAME",
		"which cases are meant by CASE", FIELD(split)},
	{"beam", 'B', OPT_INT, OPTION_SEARCH, "10", NULL, 1, 100000, "N", "beam width", FIELD(beam)},
	{"mask", 0, OPT_CHOICE, OPTION_SEARCH, "before", "before|after", 0, 0, "RULE",
		"take invalid tokens away before the softmax or after it", FIELD(mask)},
	{"end", 0, OPT_CHOICE, OPTION_SEARCH, "eos", "eos|leaf", 0, 0, "RULE",
		"an item may end wherever its EOS is (eos), or only where nothing can follow (leaf)", FIELD(end)},
	{"search", 0, OPT_CHOICE, OPTION_SEARCH, "plain", "plain|hf", 0, 0, "KIND",
		"beam search: by prefix log-probability alone, or as Hugging Face 4.49 does it", FIELD(search)},
	{"length-penalty", 0, OPT_REAL, OPTION_SEARCH, "1", NULL, -100, 100, "X",
		"hf search: finished scores are divided by length to this power", FIELD(length_penalty)},
	{"early-stopping", 0, OPT_CHOICE, OPTION_SEARCH, "false", "false|true|never", 0, 0, "RULE",
		"hf search: when to stop once B items are finished", FIELD(early_stopping)},
	{"tau", 0, OPT_REAL, OPTION_SEARCH, "1", NULL, 1e-4, 1e4, "X", "temperature that logits are divided by",
		FIELD(tau)},
	{"template", 0, OPT_PATH, OPTION_SEARCH, "bear-inference", NULL, 0, 0, "NAME|FILE",
		"the prompt template; D3 and MiniOneRec ask for their own", FIELD(template_name)},
	{"max-history", 0, OPT_INT, OPTION_SEARCH, "0", NULL, 0, 1000000, "N",
		"keep only this many of the latest items in the prompt (0: all)", FIELD(max_history)},
	{"items", 0, OPT_CHOICE, OPTION_SEARCH, "title", "title|index", 0, 0, "KIND",
		"what the model reads for an item: its title, or its semantic id where it has tokens for it",
		FIELD(items)},
	{"title-words", 0, OPT_INT, OPTION_SEARCH, "0", NULL, 0, 1000000, "N",
		"cut titles to N words, or as many more as keep them distinct (0: whole titles)", FIELD(title_words)},
	{"budget", 0, OPT_INT, OPTION_SEARCH, "5000", NULL, 0, 1e12, "N",
		"prefixes that the exact search of a verdict may expand (0: no limit)", FIELD(budget)},
	{"scan", 0, OPT_INT, OPTION_SEARCH, "50", NULL, 0, 100000, "N",
		"look for the smallest beam width that retrieves the item up to this one (0: do not look)",
		FIELD(scan)},
	{"others", 0, OPT_INT, 0, "0", NULL, 0, 1e9, "N", "pruned candidates a step that a trace keeps (0: 4 B)",
		FIELD(others)},
	{"threads", 0, OPT_INT, 0, "0", NULL, 0, 1024, "N", "threads to compute with (0: one a processor)",
		FIELD(threads)},
	{"seed", 0, OPT_INT, 0, "0", NULL, 0, 1e15, "N",
		"seed of what is drawn at random: weights, batches, dropout", FIELD(seed)},
	{"format", 0, OPT_CHOICE, 0, "text", "text|tsv|json", 0, 0, "KIND", "how results are written", FIELD(format)},
	{"output", 'o', OPT_PATH, OPTION_STREAM, NULL, NULL, 0, 0, "FILE",
		"write results to a file, put in place when all is done (-: standard output)", FIELD(output)},
	{"keep-going", 'k', OPT_FLAG, 0, "off", NULL, 0, 0, NULL,
		"after a command that fails go on with those that wait; the exit status is not 0 all the same",
		FIELD(keep_going)},
	{"ascii", 0, OPT_FLAG, 0, "off", NULL, 0, 0, NULL,
		"write no characters beyond ASCII, in text and on the screens", FIELD(ascii)},
	{"no-color", 0, OPT_FLAG, 0, "off", NULL, 0, 0, NULL, "no colour, as the NO_COLOR variable asks for",
		FIELD(no_color)},
	{"no-mouse", 0, OPT_FLAG, 0, "off", NULL, 0, 0, NULL, "leave the mouse to the terminal", FIELD(no_mouse)},
	{"graph", 0, OPT_CHOICE, 0, "auto", "auto|braille|block|ascii", 0, 0, "KIND",
		"what the screens draw charts with; auto: braille where the terminal has it", FIELD(graph)},
	{"pager", 0, OPT_FLAG, 0, "on", NULL, 0, 0, NULL,
		"at the prompt, show answers that are longer than the screen with $PAGER, or less", FIELD(pager)},
	{"history", 0, OPT_INT, 0, "2000", NULL, 0, 1000000, "N",
		"typed command lines that are kept for later runs (0: none)", FIELD(history)},
	{"trace", 0, OPT_PATH, OPTION_FRONT, NULL, NULL, 0, 0, "FILE",
		"begin with a search that 'export trace FILE.json' saved: no model is loaded", 0},
	{"no-screens", 'n', OPT_FLAG, OPTION_FRONT, NULL, NULL, 0, 0, NULL, "plain text even on a terminal", 0},
	{"command", 'c', OPT_TEXT, OPTION_FRONT, NULL, NULL, 0, 0, "'COMMAND'",
		"run a command line; may be given many times", 0},
	{"file", 'f', OPT_PATH, OPTION_FRONT, NULL, NULL, 0, 0, "FILE",
		"run the command lines of a file (-: standard input), with the words after it as $arg1, $arg2 ...; "
		"stops at the first that fails",
		0},
	{"shot", 0, OPT_PATH, OPTION_FRONT, NULL, NULL, 0, 0, "FILE",
		"put a page of the screens into a file, as a picture (.svg) or as text (.txt)", 0},
	{"keys", 0, OPT_TEXT, OPTION_FRONT, NULL, NULL, 0, 0, "'KEYS'",
		"press these keys before, by name: 'right right ?'; \"text\" in quotation marks is typed", 0},
	{"size", 0, OPT_TEXT, OPTION_FRONT, NULL, NULL, 0, 0, "WxH", "how many cells the page has (100x30)", 0},
	{"help", 'h', OPT_FLAG, OPTION_FRONT, NULL, NULL, 0, 0, NULL, "say how to use the program, or the command",
	  0},
	{"version", 'V', OPT_FLAG, OPTION_FRONT, NULL, NULL, 0, 0, NULL, "say the version", 0},
	{NULL, 0, 0, 0, NULL, NULL, 0, 0, NULL, NULL, 0},
};

_Static_assert(ARRAY_LEN(option_table) <= OPTION_MAX, "struct options remembers OPTION_MAX options");

const struct option_entry *option_find(const char *name, struct err *err)
{
	const char *names[OPTION_MAX];
	struct buf hint = {0};
	size_t n = 0;

	for (const struct option_entry *e = option_table; e->name; e++) {
		if (!strcmp(e->name, name))
			return e;
		names[n++] = e->name;
	}
	nearest_names(&hint, name, names, n);
	err_set(err, ERR_USAGE, "there is no option '%s'%s", name, buf_str(&hint));
	buf_release(&hint);
	return NULL;
}

const struct option_entry *option_match(const char *name, struct err *err)
{
	const struct option_entry *found = NULL, *exact = option_find(name, err);
	struct buf candidates = {0};
	size_t len = strlen(name), n = 0;

	if (exact || len == 0)
		return exact;
	for (const struct option_entry *e = option_table; e->name; e++) {
		if (strncmp(e->name, name, len) != 0)
			continue;
		buf_addf(&candidates, "%s'%s'", n++ ? ", " : "", e->name);
		found = e;
	}
	if (n > 1)
		err_set(err, ERR_USAGE, "option '%s' may be any of %s", name, buf_str(&candidates));
	buf_release(&candidates);
	return n == 1 ? found : NULL;
}

static const struct option_entry *find_by_letter(char letter)
{
	for (const struct option_entry *e = option_table; e->name; e++)
		if (e->letter && e->letter == letter)
			return e;
	return NULL;
}

int option_take_value(const struct option_entry *e, const char **value, int *used, const char *attached,
	const char *next, struct err *err)
{
	bool is_flag = e->type == OPT_FLAG;

	*used = attached || is_flag ? 1 : 2;
	*value = attached ? attached : is_flag ? "on" : next;
	if (!*value)
		return err_set(err, ERR_USAGE, "option '%s' needs a value", e->name);
	return 0;
}

int option_word(const struct option_entry **e, const char **value, int *used, const char *word, const char *next,
	struct err *err)
{
	bool is_long = word[1] == '-';
	const char *equals = is_long ? strchr(word, '=') : NULL;
	const char *attached = equals ? equals + 1 : !is_long && word[1] && word[2] ? word + 2 : NULL;

	if (is_long) {
		char *name = equals ? xstrndup(word + 2, (size_t)(equals - word - 2)) : xstrdup(word + 2);

		*e = option_match(name, err);
		free(name);
	} else {
		*e = find_by_letter(word[1]);
		if (!*e)
			err_set(err, ERR_USAGE, "there is no option '%s'", word);
	}
	if (!*e)
		return -1;
	if ((*e)->type == OPT_FLAG && attached && !is_long)
		return err_set(err, ERR_USAGE, "option '-%c' takes no value", word[1]);
	return option_take_value(*e, value, used, attached, next, err);
}

const void *option_field(const struct options *o, const struct option_entry *e)
{
	return (const char *)o + e->offset;
}

static void *field(struct options *o, const struct option_entry *e)
{
	return (char *)o + e->offset;
}

static bool is_text(const struct option_entry *e)
{
	return e->type == OPT_TEXT || e->type == OPT_PATH;
}

void options_init(struct options *o)
{
	struct err err;

	memset(o, 0, sizeof(*o));
	for (const struct option_entry *e = option_table; e->name; e++)
		if (e->dflt && option_set(o, e, e->dflt, &err))
			BUG("default of option '%s': %s", e->name, err.msg);
	memset(o->given, 0, sizeof(o->given));
}

void options_release(struct options *o)
{
	for (const struct option_entry *e = option_table; e->name; e++) {
		if (!is_text(e) || (e->flags & OPTION_FRONT))
			continue;
		free(*(char **)field(o, e));
		*(char **)field(o, e) = NULL;
	}
}

void options_copy(struct options *to, const struct options *from)
{
	*to = *from;
	for (const struct option_entry *e = option_table; e->name; e++) {
		char **text = field(to, e);

		if (is_text(e) && !(e->flags & OPTION_FRONT) && *text)
			*text = xstrdup(*text);
	}
}

int option_choice(const char *choices, const char *text)
{
	size_t len = strlen(text);

	for (int i = 0; len > 0; i++) {
		size_t n = strcspn(choices, "|");

		if (n == len && !memcmp(choices, text, n))
			return i;
		if (!choices[n])
			break;
		choices += n + 1;
	}
	return -1;
}

/* Appends those of the choices that begin with text; gives how many, and the index of the last one. */
static size_t add_likely(struct buf *out, const char *choices, const char *text, int *index)
{
	size_t len = strlen(text), n = 0;

	for (int i = 0; len > 0 && *choices; i++) {
		size_t word = strcspn(choices, "|");

		if (len <= word && strncmp(choices, text, len) == 0) {
			buf_addf(out, "%s'%.*s'", n++ ? ", " : "", (int)word, choices);
			*index = i;
		}
		choices += word + (choices[word] == '|');
	}
	return n;
}

int option_choose(const char *choices, const char *text, const char *what, struct err *err)
{
	int index = option_choice(choices, text);
	struct buf likely = {0};

	if (index >= 0)
		return index;
	size_t n = add_likely(&likely, choices, text, &index);
	if (n > 1)
		err_set(err, ERR_USAGE, "%s: '%s' may be any of %s", what, text, buf_str(&likely));
	else if (n == 0)
		err_set(err, ERR_USAGE, "%s is %s%s, not '%s'", what, strchr(choices, '|') ? "one of " : "", choices,
			text);
	buf_release(&likely);
	return n == 1 ? index : -1;
}

int option_number(
	double *out, const char *text, bool integer, double min, double max, const char *what, struct err *err)
{
	const char *kind = integer ? "a whole number" : "a number";
	bool bounded = min != 0 || max != 0;
	double x;
	char *end;

	errno = 0;
	x = strtod(text, &end);
	if (!*text || strchr(" \t\n", *text) || *end || strpbrk(text, "xXnN") || !isfinite(x) ||
		(integer && x != floor(x)))
		return err_set(err, ERR_USAGE, "%s '%s' is not %s", what, text, kind);
	if (bounded && (x < min || x > max))
		return err_set(err, ERR_USAGE, "%s %s is out of range: %s from %.15g to %.15g is wanted", what, text,
			kind, min, max);
	*out = x;
	return 0;
}

static int set_flag(bool *flag, const char *value, const char *what, struct err *err)
{
	int i = option_choice("off|on|false|true|no|yes|0|1", value ? value : "on");

	if (i < 0)
		return err_set(err, ERR_USAGE, "option '%s' is on or off, not '%s'", what, value);
	*flag = i % 2;
	return 0;
}

static int set_choice(int *choice, const struct option_entry *e, const char *value, struct err *err)
{
	char what[64];

	snprintf(what, sizeof(what), "option '%s'", e->name);
	int i = option_choose(e->choices, value ? value : "", what, err);
	if (i < 0)
		return -1;
	*choice = i;
	return 0;
}

static int set_number(struct options *o, const struct option_entry *e, const char *value, struct err *err)
{
	char what[64];
	double x = 0;

	snprintf(what, sizeof(what), "option '%s':", e->name);
	if (option_number(&x, value ? value : "", e->type == OPT_INT, e->min, e->max, what, err))
		return -1;
	if (e->type == OPT_INT)
		*(long *)field(o, e) = (long)x;
	else
		*(double *)field(o, e) = x;
	return 0;
}

static void set_text(struct options *o, const struct option_entry *e, const char *value)
{
	char **text = field(o, e), *old = *text;

	if (!value || !*value)
		value = e->dflt;
	*text = value ? xstrdup(value) : NULL;
	free(old);
}

int option_set(struct options *o, const struct option_entry *e, const char *value, struct err *err)
{
	if (e->flags & OPTION_FRONT)
		return err_set(err, ERR_USAGE, "option '%s' is of the command line and cannot be set", e->name);
	switch (e->type) {
	case OPT_INT:
	case OPT_REAL:
		if (set_number(o, e, value, err))
			return -1;
		break;
	case OPT_CHOICE:
		if (set_choice(field(o, e), e, value, err))
			return -1;
		break;
	case OPT_FLAG:
		if (set_flag(field(o, e), value, e->name, err))
			return -1;
		break;
	case OPT_TEXT:
	case OPT_PATH:
		set_text(o, e, (e->flags & OPTION_STREAM) && value && !strcmp(value, "-") ? NULL : value);
		break;
	}
	o->given[e - option_table] = true;
	return 0;
}

static void add_choice(struct buf *out, const char *choices, int index)
{
	while (index-- > 0)
		choices += strcspn(choices, "|") + 1;
	buf_add(out, choices, strcspn(choices, "|"));
}

void option_get(const struct options *o, const struct option_entry *e, struct buf *out)
{
	const void *at = option_field(o, e);

	switch (e->type) {
	case OPT_INT:
		buf_addf(out, "%ld", *(const long *)at);
		break;
	case OPT_REAL:
		buf_addf(out, "%.9g", *(const double *)at);
		break;
	case OPT_CHOICE:
		add_choice(out, e->choices, *(const int *)at);
		break;
	case OPT_FLAG:
		buf_addstr(out, *(const bool *)at ? "on" : "off");
		break;
	case OPT_TEXT:
	case OPT_PATH:
		if (*(char *const *)at)
			buf_addstr(out, *(char *const *)at);
		break;
	}
}
