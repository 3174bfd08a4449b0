/*
 * The language cannot be broken: lines at random, one after another in one session over a copy of the bundled data. No
 * line crashes or leaks; what is printed is well formed; a line that fails says why in one clear sentence, leaves the
 * options and what is loaded as they were, and the lines after it work.
 *
 *   LANGUAGE_LINES=N  how many (3,000 without it, fewer under sanitizers)
 *   LANGUAGE_SEED=N   begin with another seed than 1
 *   LANGUAGE_LOG=F    write every failure to a file: code, message, line
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linewords.h"
#include "ordeal.h"
#include "tempdir.h"

#include "base/rng.h"
#include "base/utf8.h"
#include "session/command.h"
#include "session/session.h"
#include "session/snap_race.h"
#include "session/statement.h"
#include "store/json.h"

#define LINES (SANITIZED ? 600 : 3000)
#define DATA "data"       /* a copy of the bundled data, which lines may spoil */
#define LAST 8            /* lines that a failure prints */
#define LONGEST_SHOWN 600 /* bytes of each */
#define LONGEST_MESSAGE 400
#define MOST_NEWS 8       /* cases and steps after which a line that takes long is cancelled */
#define MOST_STATEMENTS 60 /* of a line and its scripts */
#define FRESH 25          /* lines between two returns to the first options */
#define LOOK 100          /* lines between two looks at what a good line gives */

/* Shared with the parent, which reads it when the child is gone. */
struct journal {
	unsigned long n;
	char last[LAST][LONGEST_SHOWN];
	char trouble[2000];
};

struct trial {
	struct journal *journal;
	const char *folder; /* borrowed */
	int heart;
	struct rng rng;
	struct session *session;
	char *source; /* owned: the bundled data that no line can spoil */
	size_t news;
	FILE *log;    /* NULL: none is wanted */
	char *good;   /* owned: what a good line gave at first */
};

#define trouble(t, ...) (snprintf((t)->journal->trouble, sizeof((t)->journal->trouble), __VA_ARGS__), abort())

static void count_news(struct trial *t)
{
	if (++t->news >= MOST_NEWS)
		session_cancel(t->session);
}

static void see_race(void *arg, const struct race_news *news)
{
	(void)news;
	count_news(arg);
}

static void see_cases(void *arg, const struct case_news *news)
{
	(void)news;
	count_news(arg);
}

/* What would act on a terminal. */
static bool is_control(uint32_t cp)
{
	return (cp < 0x20 && cp != '\n' && cp != '\t') || (cp >= 0x7f && cp <= 0x9f);
}

/* What would move a line's text about, or make it end. */
static bool moves_text(uint32_t cp)
{
	return (cp >= 0x200e && cp <= 0x200f) || (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) ||
	       cp == 0x2028 || cp == 0x2029;
}

/* The first place that must not be: of text for people, or of what programs read; NULL if there is none. */
static const char *first_harm(const char *text, size_t len, bool people)
{
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		uint32_t cp;
		n = utf8_decode(text + i, len - i, &cp);
		if (n == 0 || is_control(cp) || (people && moves_text(cp)))
			return text + i;
	}
	return NULL;
}

/* "CASE is missing": what a command's usage calls it. */
static bool begins_with_argument(const char *msg)
{
	for (const struct cmd_entry *const *e = cmd_table; *e; e++)
		for (const struct cmd_arg *a = (*e)->args; a->name; a++) {
			size_t n = strlen(a->name);
			if (strncmp(msg, a->name, n) == 0 && strchr(" :", msg[n]))
				return true;
		}
	return false;
}

static void check_message(struct trial *t, const struct err *e)
{
	const char *msg = e->msg;
	size_t len = strnlen(msg, sizeof(e->msg));

	if (e->code <= ERR_NONE || e->code > ERR_USAGE)
		trouble(t, "failed with code %d", (int)e->code);
	if (len == 0 || len == sizeof(e->msg))
		trouble(t, "failed without a message");
	if (first_harm(msg, len, true) || strpbrk(msg, "\n\t"))
		trouble(t, "the message holds what it must not: %s", msg);
	if (strchr(". ,:;\n", msg[len - 1]))
		trouble(t, "the message ends with '%c': %s", msg[len - 1], msg);
	if (!strchr("'-$./\"0123456789abcdefghijklmnopqrstuvwxyz", msg[0]) && !begins_with_argument(msg))
		trouble(t, "the message begins with '%c': %s", msg[0], msg);
	if (len > LONGEST_MESSAGE)
		trouble(t, "the message has %zu bytes: %s", len, msg);
}

static void check_json(struct trial *t, const struct out *out)
{
	for (const char *s = buf_str(&out->buf); *s;) {
		size_t n = strcspn(s, "\n");
		json_t *v = json_loadb(s, n, JSON_ALLOW_NUL, NULL);

		if (!json_is_object(v) || s[n] != '\n')
			trouble(t, "a line of JSON is no object: %.*s", (int)(n < 500 ? n : 500), s);
		json_decref(v);
		s += n + 1;
	}
}

static size_t count_tabs(const char *s, size_t n)
{
	size_t tabs = 0;

	for (size_t i = 0; i < n; i++)
		tabs += s[i] == '\t';
	return tabs;
}

static void check_tsv(struct trial *t, const struct out *out)
{
	const char *s = buf_str(&out->buf);
	size_t wanted = count_tabs(s, strcspn(s, "\n"));

	while (*s) {
		size_t n = strcspn(s, "\n"), tabs = count_tabs(s, n);

		if (tabs != wanted || s[n] != '\n')
			trouble(t, "a row of TSV has %zu tabs under a heading of %zu: %.*s", tabs, wanted,
				(int)(n < 500 ? n : 500), s);
		s += n + 1;
	}
}

static void check_output(struct trial *t, const char *line, const struct out *out)
{
	bool given = strstr(line, "--f"); /* the form, by the line itself */
	const char *harm = first_harm(buf_str(&out->buf), out->buf.len, out->format == OUT_TEXT && !given);

	if (harm)
		trouble(t, "the output holds byte %02x: %.200s", (unsigned char)*harm, harm);
	if (given || (out->command && (out->command->flags & CMD_SETTLES)))
		return; /* or by several commands */
	if (out->format == OUT_JSON)
		check_json(t, out);
	else if (out->format == OUT_TSV)
		check_tsv(t, out);
}

/* All options as text; caller frees. */
static char *options_text(const struct session *s)
{
	struct buf all = {0};

	for (const struct option_entry *o = option_table; o->name; o++) {
		if (o->flags & OPTION_FRONT)
			continue;
		buf_addf(&all, "%s=", o->name);
		option_get(session_options(s), o, &all);
		buf_addf(&all, "%s\n", session_options(s)->given[o - option_table] ? " (given)" : "");
	}
	return buf_detach(&all);
}

/* The size of a cache is not of what is loaded. */
static void leave_out_cache(char *text)
{
	static const char name[] = "\"cache_bytes\": ";
	char *at = strstr(text, name);

	if (!at)
		return;
	at += strlen(name);
	size_t n = strspn(at, "0123456789");
	memmove(at, at + n, strlen(at + n) + 1);
}

/* What a line gives as JSON, or why it gives nothing; caller frees. */
static char *answer(struct trial *t, const char *line)
{
	struct out out;
	struct err err = {0};
	char *text;

	out_init(&out, NULL);
	out.format = OUT_JSON;
	session_uncancel(t->session);
	if (session_run_line(t->session, line, &out, &err) < 0)
		text = xstrdup(err.msg);
	else
		text = buf_detach(&out.buf);
	out_release(&out);
	return text;
}

static char *loaded_text(struct trial *t)
{
	char *text = answer(t, "info");

	leave_out_cache(text);
	return text;
}

/* A line that cannot be parsed is one that is used wrongly. */
static void check_code(struct trial *t, const char *line, const struct err *e)
{
	struct cmd_line words;
	struct cmd_args args;
	struct err ignored;
	bool usage = true;

	if (strchr(line, '$'))
		return;
	if (statement_split(&words, line, NULL, NULL, &ignored) == 0) {
		const struct cmd_entry *found = words.argc > 0 ? cmd_find(words.argv[0], &ignored) : NULL;
		if (found) {
			usage = cmd_parse(found, words.argc - 1, words.argv + 1, &args, &ignored) < 0;
			cmd_args_release(&args);
		}
		cmd_line_release(&words);
	}
	if (usage && e->code != ERR_USAGE)
		trouble(t, "code %d where the line is wrong: %s", (int)e->code, e->msg);
}

static void log_failure(struct trial *t, const char *line, const struct err *e)
{
	struct buf shown = {0};

	if (!t->log)
		return;
	utf8_show(&shown, line, strlen(line), false);
	fprintf(t->log, "%d\t%s\t%.300s\n", (int)e->code, e->msg, buf_str(&shown));
	buf_release(&shown);
}

/* A new output of any form. */
static void form_output(struct trial *t, struct out *out)
{
	static const enum out_format formats[] = {OUT_TEXT, OUT_TSV, OUT_JSON};

	out_init(out, NULL);
	out->format = formats[rng_below(&t->rng, 3)];
	out->columns = rng_below(&t->rng, 2) ? 20 + rng_below(&t->rng, 200) : 0;
	out->ascii = rng_below(&t->rng, 4) == 0;
	out->linear = rng_below(&t->rng, 8) == 0;
}

/* As a front-end does it. */
static int run_statement(struct trial *t, const char *statement, struct out *out, struct err *err)
{
	struct cmd_line words;
	int failed;

	session_uncancel(t->session);
	t->news = 0;
	if (session_words(t->session, statement, &words, err) < 0)
		return -1;
	failed = session_run(t->session, words.argc, words.argv, out, err);
	cmd_line_release(&words);
	return failed ? failed : session_ran(t->session, statement, err);
}

static void check_statement(struct trial *t, const char *statement)
{
	bool looks = rng_below(&t->rng, 20) == 0;
	char *before = options_text(t->session), *loaded = looks ? loaded_text(t) : NULL;
	struct err err = {0};
	struct out out;

	form_output(t, &out);
	int failed = run_statement(t, statement, &out, &err);
	check_output(t, statement, &out);
	out_release(&out);
	if (failed != 0 && failed != -1)
		trouble(t, "the result is %d", failed);
	if (failed) {
		char *after = options_text(t->session), *again = looks ? loaded_text(t) : NULL;

		log_failure(t, statement, &err);
		check_message(t, &err);
		check_code(t, statement, &err);
		if (strcmp(after, before) != 0)
			trouble(t, "a line that failed (%s) changed options: %s... %s", err.msg, before, after);
		if (looks && strcmp(loaded, again) != 0)
			trouble(t, "a line that failed (%.100s) changed what is loaded: %.600s... %.600s", err.msg,
				loaded, again);
		session_failed(t->session, &err);
		check_message(t, &err);
		free(after);
		free(again);
	}
	free(loaded);
	free(before);
}

/* All statements of a line, and those of the scripts that it names, if they are not too many: what waits still is
 * dropped, as where somebody cancels it. */
static void run_line(struct trial *t, const char *line)
{
	struct buf statement = {0};
	struct err err = {0};
	size_t n = 0;
	int more;

	session_feed(t->session, line);
	while ((more = session_next(t->session, &statement, &err)) != 0) {
		if (n++ == MOST_STATEMENTS) {
			err_set(&err, ERR_CANCELLED, "cancelled");
			session_failed(t->session, &err);
		} else if (more < 0) {
			session_failed(t->session, &err);
			check_message(t, &err);
		} else {
			check_statement(t, buf_str(&statement));
		}
	}
	buf_release(&statement);
}

static void set(struct trial *t, const char *name, const char *value)
{
	struct err err;

	if (session_set(t->session, name, value, &err) < 0)
		trouble(t, "option '%s' cannot be set to '%s': %s", name, value, err.msg);
}

/* Every option at its default, over the demo that no line can spoil. */
static void set_back(struct trial *t)
{
	char *data = xasprintf("%s/demo", t->source), *model = xasprintf("%s/demo/sft", t->source);

	for (const struct option_entry *o = option_table; o->name; o++)
		if (!(o->flags & OPTION_FRONT))
			set(t, o->name, o->dflt ? o->dflt : "");
	set(t, "threads", "1");
	set(t, "data", data);
	set(t, "model", model);
	free(data);
	free(model);
}

static void look(struct trial *t)
{
	set_back(t);
	char *now = answer(t, "beam 17");
	if (!t->good)
		t->good = now;
	else if (strcmp(t->good, now) != 0)
		trouble(t, "a good line no longer gives what it did: %.600s... %.600s", t->good, now);
	else
		free(now);
}

/* Nothing of the surroundings but what the folder holds: a line may name any variable. */
static void settle_in(struct trial *t)
{
	char here[4096];
	int nothing = open("/dev/null", O_WRONLY);
	const char *log = getenv("LANGUAGE_LOG");

	if (log && !(t->log = fopen(log, "w")))
		trouble(t, "cannot write '%s'", log);
	t->source = ordeal_source();
	if (chdir(t->folder) < 0 || !getcwd(here, sizeof(here)))
		trouble(t, "cannot go into '%s'", t->folder);
	ordeal_copy(t->source, DATA);
	clearenv();
	setenv("HOME", here, 1);
	setenv("XDG_CONFIG_HOME", here, 1);
	setenv("XDG_STATE_HOME", here, 1);
	setenv("BEAMSCOPE_DATADIR", DATA, 1);
	if (nothing < 0 || dup2(nothing, STDOUT_FILENO) < 0)
		trouble(t, "cannot write to nowhere");
	close(nothing);
}

static void note(struct trial *t, const char *line)
{
	struct journal *j = t->journal;

	snprintf(j->last[j->n++ % LAST], LONGEST_SHOWN, "%s", line);
	if (j->n % 16 == 0)
		ordeal_beat(t->heart);
}

static void run_lines(void *arg, int heart)
{
	struct trial *t = arg;
	struct linewords words = {.rng = &t->rng, .data = DATA};
	unsigned long lines = ordeal_wanted("LANGUAGE_LINES", LINES);
	struct buf line = {0};
	struct err err;

	t->heart = heart;
	rng_seed(&t->rng, ordeal_wanted("LANGUAGE_SEED", 1));
	settle_in(t);
	if (session_new(&t->session, &err) < 0)
		trouble(t, "%.500s", err.msg);
	session_watch(t->session, see_race, t);
	session_watch_cases(t->session, see_cases, t);
	for (unsigned long i = 0; i < lines; i++) {
		if (i % LOOK == 0)
			look(t);
		else if (i % FRESH == 0)
			set_back(t);
		buf_clear(&line);
		linewords_any(&words, &line);
		note(t, buf_str(&line));
		run_line(t, buf_str(&line));
	}
	look(t);
	session_free(t->session);
	buf_release(&line);
	if (t->log && fclose(t->log) != 0)
		trouble(t, "the log could not be written");
	free(t->good);
	free(t->source);
}

static void print_journal(const struct journal *j)
{
	unsigned long first = j->n > LAST ? j->n - LAST : 0;

	print_message("%s\nLANGUAGE_SEED=%lu, line %lu; the last ones:\n", j->trouble,
		ordeal_wanted("LANGUAGE_SEED", 1), j->n);
	for (unsigned long i = first; i < j->n; i++)
		print_message("> %s\n", j->last[i % LAST]);
}

static void the_language_holds_out(void **state)
{
	struct journal *journal = ordeal_share(sizeof(*journal));
	struct trial t = {.journal = journal, .folder = *state};
	char *how;

	if (!ordeal_run(run_lines, &t, &how)) {
		print_journal(journal);
		fail_msg("the lines %s", how);
	}
	ordeal_unshare(journal, sizeof(*journal));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(the_language_holds_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
