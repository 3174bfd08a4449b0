#include "session/session_priv.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "session/cmdtab.h"
#include "session/rcfile.h"
#include "store/file.h"

/* Is the running program one of the build tree, so that the data is to be found beside the sources? */
static bool runs_from_build_tree(void)
{
	static const char dir[] = BEAMSCOPE_BUILDDIR "/"; /* as configure knows it */
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));

	return n > (ssize_t)strlen(dir) && !memcmp(path, dir, strlen(dir));
}

static char *find_datadir(void)
{
	const char *dir = getenv("BEAMSCOPE_DATADIR");
	char *real;

	if (!dir || !*dir)
		dir = runs_from_build_tree() ? BEAMSCOPE_SRCDATADIR : PKGDATADIR;
	real = realpath(dir, NULL);
	return real ? real : xstrdup(dir);
}

int session_new(struct session **out, struct err *err)
{
	struct session *s = xcalloc(1, sizeof(*s));

	if (worker_init(&s->worker, err)) {
		free(s);
		return -1;
	}
	s->datadir = find_datadir();
	s->script.cancel = &s->cancel;
	options_init(&s->options);
	options_init(&s->now);
	s->race = scoreboard_new();
	survey_init(&s->survey);
	case_feed_init(&s->feed);
	atomic_init(&s->cases.done, 0);
	atomic_init(&s->cases.total, 0);
	atomic_init(&s->cases.left, (double)NAN);
	atomic_init(&s->cases.version, 0);
	atomic_init(&s->control, TRAIN_GO);
	*out = s;
	return 0;
}

void session_free(struct session *s)
{
	if (!s)
		return;
	session_cancel(s);
	worker_release(&s->worker);
	loaded_release(&s->loaded);
	options_release(&s->options);
	options_release(&s->now);
	open_trace_release(&s->trace);
	open_trace_release(&s->new_trace);
	branch_free(s->new_branch);
	scoreboard_free(s->race);
	survey_release(&s->survey);
	shown_found_release(&s->new_found);
	free(s->outcome);
	feed_release(&s->script);
	variables_release(&s->variables);
	listing_release(&s->listing);
	recorder_release(&s->recorder);
	case_table_release(&s->table);
	case_feed_release(&s->feed);
	aside_release(&s->aside);
	free(s->datadir);
	free(s);
}

const char *session_datadir(const struct session *s)
{
	return s->datadir;
}

const struct options *session_options(const struct session *s)
{
	return &s->options;
}

int session_set(struct session *s, const char *name, const char *value, struct err *err)
{
	const struct option_entry *e = option_match(name, err);

	if (!e)
		return -1;
	if (session_busy(s))
		return err_set(err, ERR_VALUE, "option '%s': a job is running", name);
	if (option_set(&s->options, e, value, err) || loaded_now(&s->loaded, &s->options, &s->now, err))
		return -1;
	s->worker.stale = true;
	return 0;
}

int session_read_config(struct session *s, struct err *err)
{
	char *path = rcfile_path();
	int failed = path ? rcfile_read(&s->options, path, err) : 0;

	free(path);
	return failed;
}

/* Beside a saved search, which may be of anything, the demo is not what is meant by a case. */
static bool would_mix(const struct session *s, unsigned needs)
{
	const struct options *o = &s->options;

	return s->trace.file && (needs & CMD_NEEDS_SEARCH) && !o->model && !o->data && !s->loaded.model &&
	       !s->loaded.data;
}

int session_prepare(struct session *s, unsigned needs, struct err *err)
{
	if (would_mix(s, needs))
		return err_set(err, ERR_VALUE,
			"nothing is loaded, and the open search was read from '%s': 'load model DIR' and "
			"'load data DIR' come first",
			file_last_part(s->trace.file));
	return loaded_update(&s->loaded, &s->options, &s->now, s->datadir, needs, &s->cancel, err);
}

int session_load(struct session *s, struct err *err)
{
	if (session_prepare(s, CMD_NEEDS_SEARCH, err))
		return -1;
	s->worker.stale = true;
	return 0;
}

int session_load_path(struct session *s, const char *option, const char *path, struct err *err)
{
	struct options before;
	unsigned needs = CMD_NEEDS_SEARCH;
	int failed;

	options_copy(&before, &s->options);
	failed = option_set(&s->options, option_find(option, err), path, err);
	if (!failed) {
		/* A model without a dataset, or the other way round, is a beginning: only that much is loaded. */
		if (s->options.model && !s->options.data)
			needs = CMD_NEEDS_MODEL;
		else if (s->options.data && !s->options.model)
			needs = CMD_NEEDS_DATA;
		/* What the path names may have become another: DIR/NAME/last, after more training. */
		s->loaded.again = !strcmp(option, "data") ? CMD_NEEDS_DATA : CMD_NEEDS_MODEL;
		failed = session_prepare(s, needs, err);
	}
	if (failed) {
		options_release(&s->options);
		s->options = before;
		return -1;
	}
	options_release(&before);
	return 0;
}

/* The command with its output in a file of its own: `beam 17 --output FILE`. A command may set options for a while, and
 * their texts are then others. */
static int exec_into_file(
	struct session *s, const struct cmd_entry *e, const struct cmd_args *a, struct out *like, struct err *err)
{
	char *path = xstrdup(s->options.output);
	struct out out;
	int failed;

	out_init(&out, NULL);
	out.format = like->format;
	out.ascii = like->ascii;
	out_begin(&out, e);
	failed = e->exec(s, a, &out, err);
	out_end(&out);
	if (!failed)
		failed = out_save(&out, path, err);
	if (!failed)
		out_pass_on(&out, like);
	out_release(&out);
	free(path);
	return failed;
}

static int exec_prepared(
	struct session *s, const struct cmd_entry *e, const struct cmd_args *a, struct out *out, struct err *err)
{
	enum out_format format = out->format;
	bool ascii = out->ascii;
	bool into_file = false;
	int failed;

	for (size_t i = 0; i < a->n_settings; i++) {
		const char *name = a->settings[i].option->name;

		if (!strcmp(name, "format"))
			out->format = (enum out_format)s->options.format;
		else if (!strcmp(name, "ascii"))
			out->ascii = s->options.ascii;
		else if (!strcmp(name, "output") && !(e->flags & CMD_OWN_OUTPUT))
			into_file = s->options.output != NULL;
	}
	if (into_file) {
		failed = exec_into_file(s, e, a, out, err);
	} else {
		out_begin(out, e);
		failed = e->exec(s, a, out, err);
		out_end(out);
	}
	out->format = format;
	out->ascii = ascii;
	return failed;
}

/* Loads what the command needs and runs it. */
static int exec_loaded(
	struct session *s, const struct cmd_entry *e, const struct cmd_args *a, struct out *out, struct err *err)
{
	if ((e->flags & CMD_NEEDS_SEARCH) && session_prepare(s, e->flags, err))
		return -1;
	return exec_prepared(s, e, a, out, err);
}

/* `COMMAND --help` is `help COMMAND`. */
static int exec_help(struct session *s, const struct cmd_entry *e, struct out *out, struct err *err)
{
	const struct cmd_args args = {.text = {e->name}};

	return exec_prepared(s, &cmd_help, &args, out, err);
}

int session_set_back(struct session *s, const struct options *before, int failed, struct err *err)
{
	struct err ignored;

	options_release(&s->options);
	s->options = *before;
	if (loaded_now(&s->loaded, &s->options, &s->now, failed ? &ignored : err))
		failed = -1;
	return failed;
}

int session_exec(
	struct session *s, const struct cmd_entry *e, const struct cmd_args *a, struct out *out, struct err *err)
{
	struct options before;
	int failed = 0;

	/* What runs at any time is done before it could hear of it, and is asked for while a job is ending. */
	if (cancelled(&s->cancel) && !(e->flags & CMD_ANYTIME))
		return err_set(err, ERR_CANCELLED, "cancelled");
	if (a->help)
		return exec_help(s, e, out, err);
	if (a->n_settings == 0)
		return exec_loaded(s, e, a, out, err);
	options_copy(&before, &s->options);
	for (size_t i = 0; i < a->n_settings && !failed; i++)
		failed = option_set(&s->options, a->settings[i].option, a->settings[i].value, err);
	if (!failed)
		failed = exec_loaded(s, e, a, out, err);
	return session_set_back(s, &before, failed, err);
}

/* Keeps to the step that is looked at, as far as the newest branch has it. */
static void keep_step(struct open_trace *t)
{
	size_t n = branch_steps(open_trace_newest(t));

	if (t->step > n)
		t->step = n;
	else if (t->step == 0 && n > 0)
		t->step = 1;
}

static void settle(struct session *s)
{
	if (s->new_trace.n > 0) {
		open_trace_release(&s->trace);
		s->trace = s->new_trace;
		memset(&s->new_trace, 0, sizeof(s->new_trace));
		keep_step(&s->trace);
	}
	if (s->new_branch) {
		open_trace_push(&s->trace, s->new_branch);
		s->new_branch = NULL;
		keep_step(&s->trace);
	}
	if (s->new_n > 0) {
		s->trace.n = s->new_n;
		keep_step(&s->trace);
	}
}

void session_settle_trace(struct session *s, bool good)
{
	if (good)
		settle(s);
	open_trace_release(&s->new_trace);
	branch_free(s->new_branch);
	s->new_branch = NULL;
	s->new_n = 0;
	s->at_step = s->trace.step;
}

void session_settle_found(struct session *s)
{
	shown_found_move(&s->worker.found, &s->new_found);
}

void session_tell_outcome(struct session *s, const char *shown)
{
	free(s->outcome);
	s->outcome = xstrdup(shown);
}

int session_open_trace(struct session *s, const char *path, struct err *err)
{
	int failed = open_trace_read(&s->new_trace, path, err);

	session_settle_trace(s, !failed);
	s->worker.stale = true;
	return failed;
}

int session_begin(struct session *s, struct err *err)
{
	return s->trace.file ? 0 : session_load(s, err);
}

const json_t *session_trace(const struct session *s, struct err *err)
{
	const struct branch *b = open_trace_newest(&s->trace);

	if (!b)
		err_set(err, ERR_VALUE,
			"no search is open: run 'beam CASE' first, in the same session (-c 'beam CASE' -c ...)");
	return b ? b->record : NULL;
}

int session_run(struct session *s, int argc, char *const *argv, struct out *out, struct err *err)
{
	const struct cmd_entry *e;
	struct cmd_args args;
	int failed;

	if (argc == 0)
		return 0;
	e = cmd_find(argv[0], err);
	if (!e)
		return -1;
	failed = cmd_parse(e, argc - 1, argv + 1, &args, err);
	if (!failed)
		failed = session_exec(s, e, &args, out, err);
	session_settle_trace(s, !failed);
	session_settle_found(s);
	if (!failed && !args.help)
		listing_take(&s->listing, e, out);
	cmd_args_release(&args);
	s->worker.stale = true;
	return failed;
}

void session_watch(struct session *s, race_watch_fn *fn, void *arg)
{
	s->watch = fn;
	s->watch_arg = arg;
}

void session_watch_cases(struct session *s, case_watch_fn *fn, void *arg)
{
	s->watch_cases = fn;
	s->watch_cases_arg = arg;
}

void session_tell_cases(struct session *s, const struct case_news *news)
{
	struct case_count *c = &s->cases;
	size_t total = news ? news->earlier + news->total + news->later : 0;

	atomic_store(&c->done, news ? news->earlier + news->done : 0);
	atomic_store(&c->left, news ? news->left : (double)NAN);
	if (atomic_exchange(&c->total, total) != total || news)
		atomic_fetch_add(&c->version, 1);
	if (news && s->watch_cases)
		s->watch_cases(s->watch_cases_arg, news);
}

int session_ask_cases(struct session *s, const char *where, const char *sort, struct err *err)
{
	if (case_table_ask(&s->table, where, sort, err))
		return -1;
	s->worker.stale = true;
	return 0;
}

void session_know_keys(struct session *s, lesson_key_fn *fn)
{
	s->knows_key = fn;
}

void session_ask_reader(struct session *s, lesson_ask_fn *fn, void *arg)
{
	s->ask_reader = fn;
	s->ask_reader_arg = arg;
}

bool session_wants_quit(const struct session *s)
{
	return s->quit;
}

void session_cancel(struct session *s)
{
	atomic_store_explicit(&s->cancel, true, memory_order_relaxed);
}

void session_uncancel(struct session *s)
{
	atomic_store_explicit(&s->cancel, false, memory_order_relaxed);
}
