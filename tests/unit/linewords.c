#include "linewords.h"

#include <ctype.h>
#include <string.h>

#include "base/compiler.h"
#include "base/mem.h"

/* {few} is 1 … 3, {width} 1 … 12, {case} a case of the demo's splits, {file} one of a few names, {objective} one of
 * those of `train`. */
static const char *const good_lines[] = {
	"beam {case}", "beam {case} --beam {width}", "beam {case} --mask after --beam {width}", "step", "back",
	"goto {few}", "goto pruned", "why", "undo", "redo", "branch {few}", "force {few}", "forbid {few}",
	"force positive", "change beam {width}", "change mask after", "sweep {case}",
	"sweep all --limit {few} --beams 1,{width}", "exact {case}", "exact {case} --budget 100", "score {case}",
	"diagnose --limit {few}", "diagnose --limit {few} --beams none -o {file}.jsonl",
	"diagnose --where 'popularity < 9' --limit {few}", "compare --set tau=0.9 --limit {few}",
	"compare --set mask=after --limit {few} --save {file}", "compare bear --limit {few}",
	"compare bear --case {case}", "compare {file}.jsonl {file}.jsonl", "merge {file}.jsonl",
	"export report {file}.html {file}.jsonl", "export report {file}.md",
	"train {objective} --steps 1 --batch 2 --eval-cases 1", "pause", "resume", "stop",
	"loss {objective} --cases 1,{case}", "cases --limit {few}", "cases --where 'history > {few}' --limit 9",
	"case {case}", "item {case}", "find a", "info", "prompt {case}", "tokenize HP ink", "detokenize 5 6 {case}",
	"set beam {width}", "set mask before", "set tau 0.9", "set", "set split valid", "set split test", "help",
	"help beam", "lesson", "{few}", "new {file} --layers 1 --hidden 8 --vocab 300",
	"beam {case} --format json -o {file}.json", "tree --all",
};

/* For where a command runs beside the one that types them. */
static const char *const job_lines[] = {
	"train {objective} --steps {few} --batch 2 --eval-cases {few} --out {file}",
	"train {objective},{objective} --steps 9 --batch 2 --eval-every {few} --eval-cases 1",
	"train {objective} --full --steps {width} --batch 2 --eval-cases 0",
	"train {objective} --steps 100000 --batch 2 --eval-cases 0 --out {file}",
	"train --resume {file} --steps {width}", "lesson {few}",
};

/* Those that give what other lines refer to. */
static const char *const statements[] = {
	"let a {few}", "let b 'two words'", "let a", "let", "let a $b", "let 1 2", "let a=b", "let last 1", "let a ''",
	"last", "last --format json", "last --format tsv -o {file}.tsv", "source {file}", "record {file}", "record",
	"cases --limit {width}", "find ink --limit {few}", "beam $1", "case ${a:-{few}}", "item $2", "score $last.case",
	"why; back; step", "beam {case}; why # so", "find 'HP", "force $a", "beam {case} \\\n --beam {few}", ";", ";;;",
	"# nothing", "\\", "cases --limit {few}; beam $2;", "find \"a\nb\"", "help 'set';set beam 3", "a;b",
	"beam {case};x",
	"let file {file}", "beam {case} -o $file", "record off", "record stop", "record $file", "source -", "record -",
};

static const char *const objectives[] = {"sft", "msl", "bear", "bear-reg", "bear-margin", "direct"};

/* What keeps a command of the table from taking long; a later word of the line overrules it. */
static const struct {
	const char *command, *words;
} bounds[] = {
	{"diagnose", " --limit 2"},
	{"compare", " --limit 2"},
	{"sweep", " --limit 2 --beams 1,4"},
	{"new", " --layers 1 --hidden 8 --heads 1 --vocab 300"},
	{"train", " --steps 1 --batch 2 --eval-cases 1"},
};

#define ANY_OF(list) ((list)[rng_below(w->rng, ARRAY_LEN(list))])

static bool one_in(struct linewords *w, uint32_t n)
{
	return rng_below(w->rng, n) == 0;
}

static void add_place(struct linewords *w, struct buf *out, const char *name, size_t len)
{
	if (strncmp(name, "few", len) == 0)
		buf_addf(out, "%u", 1 + rng_below(w->rng, 3));
	else if (strncmp(name, "width", len) == 0)
		buf_addf(out, "%u", 1 + rng_below(w->rng, 12));
	else if (strncmp(name, "case", len) == 0)
		buf_addf(out, "%u", 1 + rng_below(w->rng, one_in(w, 20) ? 100000 : 900));
	else if (strncmp(name, "file", len) == 0)
		linewords_file(w, out);
	else
		buf_addstr(out, ANY_OF(objectives));
}

static bool is_place(const char *s)
{
	return *s == '{' && islower((unsigned char)s[1]);
}

static void add_filled(struct linewords *w, struct buf *out, const char *s)
{
	while (*s) {
		if (is_place(s)) {
			size_t n = strcspn(++s, "}");
			add_place(w, out, s, n);
			s += n + 1;
		} else {
			buf_addch(out, *s++);
		}
	}
}

void linewords_good(struct linewords *w, struct buf *out)
{
	if (w->jobs && one_in(w, 10))
		add_filled(w, out, ANY_OF(job_lines));
	else
		add_filled(w, out, ANY_OF(good_lines));
}

static void add_setting(struct linewords *w, struct buf *out)
{
	size_t n = 0;

	while (option_table[n].name)
		n++;
	const struct option_entry *o = &option_table[rng_below(w->rng, (uint32_t)n)];
	if (o->letter && one_in(w, 4))
		buf_addf(out, " -%c%s", o->letter, one_in(w, 2) ? " " : "");
	else
		buf_addf(out, " --%s%s", o->name, one_in(w, 4) ? "=" : " ");
	linewords_option(w, out, o);
}

static void add_bounds(struct linewords *w, struct buf *out, const struct cmd_entry *e)
{
	for (size_t i = 0; i < ARRAY_LEN(bounds) && !w->jobs; i++)
		if (strcmp(e->name, bounds[i].command) == 0)
			buf_addstr(out, bounds[i].words);
}

static void add_args(struct linewords *w, struct buf *out, const struct cmd_entry *e)
{
	size_t n = 0;

	while (e->args[n].name)
		n++;
	for (const struct cmd_arg *a = e->args; a->name; a++) {
		bool option = a->name[0] == '-';
		if (a->required ? one_in(w, 20) : option && n > 12 ? !one_in(w, 6) : !one_in(w, 3))
			continue;
		buf_addch(out, ' ');
		if (option)
			buf_addf(out, "%s%s", a->name, a->type == ARG_FLAG ? "" : one_in(w, 4) ? "=" : " ");
		linewords_value(w, out, a);
	}
}

/* `set NAME VALUE` for an option of the table. */
static void add_set(struct linewords *w, struct buf *out)
{
	size_t n = 0;

	while (option_table[n].name)
		n++;
	const struct option_entry *o = &option_table[rng_below(w->rng, (uint32_t)n)];
	buf_addf(out, "set %s ", o->name);
	linewords_option(w, out, o);
}

void linewords_table(struct linewords *w, struct buf *out)
{
	size_t n = 0;

	while (cmd_table[n])
		n++;
	const struct cmd_entry *e = cmd_table[rng_below(w->rng, (uint32_t)n)];
	size_t len = strlen(e->name);
	buf_add(out, e->name, one_in(w, 10) ? 1 + rng_below(w->rng, (uint32_t)len) : len);
	add_bounds(w, out, e);
	add_args(w, out, e);
	while (one_in(w, 4))
		add_setting(w, out);
}

static void insert(struct buf *line, size_t at, const char *bytes, size_t len)
{
	char *tail = xstrndup(buf_str(line) + at, line->len - at);
	size_t n = line->len - at;

	line->len = at;
	buf_add(line, bytes, len);
	buf_add(line, tail, n);
	free(tail);
}

static void take(struct buf *line, size_t at, size_t len)
{
	memmove(line->at + at, line->at + at + len, line->len - at - len + 1);
	line->len -= len;
}

/* The word in which a place of the line is, or the blanks. */
static void word_around(const struct buf *line, size_t at, size_t *from, size_t *len)
{
	size_t end = at;

	while (at > 0 && line->at[at - 1] != ' ')
		at--;
	while (end < line->len && line->at[end] != ' ')
		end++;
	*from = at;
	*len = end - at;
}

static void spoil_word(struct linewords *w, struct buf *line, size_t at)
{
	size_t from, len;

	word_around(line, at, &from, &len);
	char *word = xstrndup(line->at + from, len);
	switch (rng_below(w->rng, 4)) {
	case 0:
		take(line, from, len);
		break;
	case 1:
		insert(line, from, " ", 1);
		insert(line, from, word, len);
		break;
	case 2:
		take(line, from, len);
		buf_addf(line, " %s", word);
		break;
	case 3:
		take(line, from, len);
		insert(line, from, "\"", 1);
		insert(line, from, word, len);
		insert(line, from, "\"", 1);
		break;
	}
	free(word);
}

static void spoil_bytes(struct linewords *w, struct buf *line, size_t at)
{
	static const char *const bits[] = {
		" ", "'", "\"", "\\", "#", "-", "=", ",", ";", ":", "{", "}", "(", ")", "$", "${", "--", "\t", "\n",
		"\r",
		"\x01", "\x1b[31m", "\x7f", "\xc3", "\xff", "é", "\u202e", "\xed\xa0\x80", "0", "%s", "*", "?", "~",
		"|",
		"&", "<", ">", "`", "!", "@", "\xc2\x9b",
	};
	const char *bit = ANY_OF(bits);
	char c = line->at[at];

	switch (rng_below(w->rng, 5)) {
	case 0:
		take(line, at, 1);
		break;
	case 1:
		insert(line, at, &c, 1);
		break;
	case 2:
		if (at + 1 < line->len) {
			line->at[at] = line->at[at + 1];
			line->at[at + 1] = c;
		}
		break;
	case 3:
		take(line, at, 1);
		insert(line, at, bit, strlen(bit));
		break;
	case 4:
		insert(line, at, bit, strlen(bit));
		break;
	}
}

void linewords_spoil(struct linewords *w, struct buf *line)
{
	if (line->len == 0)
		return;
	size_t at = rng_below(w->rng, (uint32_t)line->len);
	uint32_t dice = rng_below(w->rng, 10);
	if (dice == 0)
		take(line, at, line->len - at);
	else if (dice < 4)
		spoil_word(w, line, at);
	else
		spoil_bytes(w, line, at);
}

static bool of_a_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

void linewords_keep_here(struct buf *line)
{
	for (size_t i = 0; i < line->len; i++) {
		size_t from = i;

		if (line->at[i] != '/')
			continue;
		while (from > 0 && of_a_name(line->at[from - 1]))
			from--;
		bool led = from == i || (from > 0 && strchr("$}", line->at[from - 1]));
		if (led || (i >= 2 && line->at[i - 1] == '.' && line->at[i - 2] == '.'))
			line->at[i] = '_';
	}
}

static void add_statement(struct linewords *w, struct buf *out)
{
	uint32_t dice = rng_below(w->rng, 20);

	if (dice < 7)
		linewords_good(w, out);
	else if (dice < 10)
		add_filled(w, out, ANY_OF(statements));
	else if (dice < 12)
		add_set(w, out);
	else
		linewords_table(w, out);
}

void linewords_any(struct linewords *w, struct buf *out)
{
	static const char *const joints[] = {"; ", ";", " ; ", " ;", " # ", " \\\n", "\n", ";;"};
	struct buf line = {0};

	add_statement(w, &line);
	while (one_in(w, 10)) {
		buf_addstr(&line, ANY_OF(joints));
		add_statement(w, &line);
	}
	while (one_in(w, 3))
		linewords_spoil(w, &line);
	linewords_keep_here(&line);
	buf_add(out, buf_str(&line), line.len);
	buf_release(&line);
}
