#include "session/recorder.h"

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/command.h"
#include "session/rcfile.h"

/* What was given when the program was started, or set since; and what `load` has loaded. */
static bool matters(const struct options *o, const struct option_entry *e)
{
	static const char *const loaded[] = {"model", "adapter", "data"};

	for (size_t i = 0; i < ARRAY_LEN(loaded); i++)
		if (!strcmp(e->name, loaded[i]))
			return *(char *const *)option_field(o, e) != NULL;
	return rcfile_saves(o, e);
}

static int add_option(struct buf *b, const struct options *o, const struct option_entry *e, struct err *err)
{
	struct buf value = {0};
	int failed = rcfile_value(o, e, &value, err);

	if (!failed) {
		buf_addf(b, "set %s ", e->name);
		buf_addword(b, buf_str(&value));
		buf_addch(b, '\n');
	}
	buf_release(&value);
	return failed;
}

static int add_options(struct buf *b, const struct options *o, struct err *err)
{
	for (const struct option_entry *e = option_table; e->name; e++)
		if (matters(o, e) && add_option(b, o, e, err))
			return -1;
	return 0;
}

/* What is in the file is safe if the program is killed after it. */
static int put(struct recorder *r, const char *text, struct err *err)
{
	if (fputs(text, r->file) >= 0 && fflush(r->file) == 0)
		return 0;
	err_errno(err, errno, "writing '%s', where commands are recorded no longer", r->path);
	recorder_release(r);
	return -1;
}

/* Does the file end in the middle of a line, cut off or written so by hand? Leaves it at its end. */
static bool ends_within_line(FILE *f)
{
	int last = fseek(f, -1, SEEK_END) == 0 ? getc(f) : '\n';

	return fseek(f, 0, SEEK_END) == 0 && last != '\n';
}

int recorder_begin(
	struct recorder *r, const char *path, bool append, const struct options *o, size_t depth, struct err *err)
{
	struct buf head = {0};
	int failed;

	r->file = fopen(path, append ? "a+e" : "wxe");
	if (!r->file && errno == EEXIST)
		return err_set(err, ERR_VALUE, "'%s' is there already: --append goes on with it", path);
	if (!r->file)
		return err_errno(err, errno, "'%s'", path);
	r->path = xstrdup(path);
	r->depth = depth;
	if (append && ends_within_line(r->file))
		buf_addch(&head, '\n');
	if (!append || ftell(r->file) == 0)
		buf_addstr(&head,
			"#!/usr/bin/env -S beamscope -f\n"
			"# beamscope " PACKAGE_VERSION ": 'beamscope -f FILE' runs these commands again\n");
	failed = add_options(&head, o, err);
	if (failed)
		recorder_release(r);
	else
		failed = put(r, buf_str(&head), err);
	buf_release(&head);
	return failed;
}

static bool is_recorded(const char *statement)
{
	const struct cmd_entry *e = NULL;
	struct cmd_line words;
	struct err ignored;

	if (statement_split(&words, statement, NULL, NULL, &ignored))
		return false;
	if (words.argc > 0)
		e = cmd_find(words.argv[0], &ignored);
	cmd_line_release(&words);
	return e && !(e->flags & CMD_UNRECORDED);
}

int recorder_add(struct recorder *r, const char *statement, size_t depth, struct err *err)
{
	struct buf line = {0};
	int failed;

	if (!r->file || depth > r->depth || !is_recorded(statement))
		return 0;
	buf_addstr(&line, statement + strspn(statement, " \t"));
	buf_addch(&line, '\n');
	failed = put(r, buf_str(&line), err);
	buf_release(&line);
	return failed;
}

int recorder_end(struct recorder *r, struct err *err)
{
	int failed = fclose(r->file);

	r->file = NULL;
	if (failed)
		err_errno(err, errno, "writing '%s'", r->path);
	recorder_release(r);
	return failed ? -1 : 0;
}

void recorder_release(struct recorder *r)
{
	if (r->file)
		fclose(r->file);
	free(r->path);
	memset(r, 0, sizeof(*r));
}
