#include "train/trainlog.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"
#include "store/file.h"
#include "train/evalfigures.h"
#include "train/trainer.h"

#define LOG_MAX ((size_t)1 << 30) /* bytes of a log that is taken up again */

void trainlog_init(struct trainlog *l, const char *path)
{
	*l = (struct trainlog){.path = path ? xstrdup(path) : NULL, .fd = -1};
}

void trainlog_release(struct trainlog *l)
{
	if (l->fd >= 0)
		close(l->fd);
	free(l->path);
	*l = (struct trainlog){.fd = -1};
}

static struct trainlog_mark *find_mark(struct trainlog_mark *marks, size_t n, const json_t *line)
{
	const char *name = json_string_value(json_object_get(line, "objective"));

	for (size_t i = 0; name && i < n; i++)
		if (strcmp(marks[i].name, name) == 0)
			return &marks[i];
	return NULL;
}

/* Whether a line of the log stays. */
static bool belongs(struct trainlog_mark *marks, size_t n, const json_t *line)
{
	struct trainlog_mark *mark = find_mark(marks, n, line);
	const json_t *eval = json_object_get(line, "eval");
	json_int_t step = json_integer_value(json_object_get(line, "step"));

	if (!mark || step < 0 || (size_t)step > mark->step)
		return false;
	if (!eval || (size_t)step < mark->step)
		return true;
	if (!mark->evaluated || !evalfigures_read(&mark->metrics, eval, mark->width))
		return false;
	mark->found = true;
	return true;
}

/* "bear 300 eval": what may stand in the log once. Caller frees. */
static char *line_key(const json_t *line)
{
	return xasprintf("%s %lld%s", json_string_value(json_object_get(line, "objective")),
		(long long)json_integer_value(json_object_get(line, "step")),
		json_object_get(line, "eval") ? " eval" : "");
}

struct lines {
	struct map seen;
	struct arena keys;
};

static bool is_first(struct lines *l, const json_t *line)
{
	char *key = line_key(line);
	bool added;

	map_put(&l->seen, arena_strdup(&l->keys, key), strlen(key), 0, &added);
	free(key);
	return added;
}

/* Appends to `kept` the lines of the text that stay. A line that is no JSON was cut short as its writer was killed. */
static void keep_lines(
	struct buf *kept, const char *name, const char *text, size_t len, struct trainlog_mark *marks, size_t n)
{
	struct lines lines = {0};
	struct err ignored;

	arena_init(&lines.keys);
	map_init(&lines.seen, 0);
	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t line = end ? (size_t)(end - text) + 1 : len;
		struct json_doc doc;

		if (end && json_doc_parse(&doc, name, text, line, &ignored) == 0) {
			if (belongs(marks, n, doc.json) && is_first(&lines, doc.json))
				buf_add(kept, text, line);
			json_doc_release(&doc);
		}
		text += line;
		len -= line;
	}
	map_release(&lines.seen);
	arena_release(&lines.keys);
}

/* Length of the settings' line; ERR_FORMAT where there is none. */
static int skip_settings(const struct buf *text, const char *path, size_t *len, struct err *err)
{
	const char *end = text->len > 0 ? memchr(text->at, '\n', text->len) : NULL;
	struct json_doc doc = {0};
	struct err ignored;
	bool known;

	*len = end ? (size_t)(end - text->at) + 1 : text->len;
	known = end && json_doc_parse(&doc, path, text->at, *len, &ignored) == 0 &&
		json_object_get(doc.json, "runners");
	json_doc_release(&doc);
	if (!known && text->len > 0)
		return err_set(err, ERR_FORMAT, "'%s' is not the log of a training run: give another --log", path);
	return 0;
}

static int read_kept(const struct trainlog *l, struct buf *kept, struct trainlog_mark *marks, size_t n, struct err *err)
{
	struct buf text = {0};
	int result = -1;
	size_t header;

	for (size_t i = 0; i < n; i++)
		marks[i].found = false;
	if (n == 0 || access(l->path, F_OK) != 0)
		return 0;
	if (file_read(&text, l->path, LOG_MAX, err) == 0 && skip_settings(&text, l->path, &header, err) == 0) {
		keep_lines(kept, l->path, buf_str(&text) + header, text.len - header, marks, n);
		result = 0;
	}
	buf_release(&text);
	return result;
}

static int open_end(struct trainlog *l, struct err *err)
{
	l->fd = open(l->path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (l->fd >= 0)
		l->length = lseek(l->fd, 0, SEEK_END);
	return l->fd < 0 || l->length < 0 ? err_errno(err, errno, "cannot write '%s'", l->path) : 0;
}

int trainlog_begin(struct trainlog *l, const json_t *settings, struct trainlog_mark *marks, size_t n, struct err *err)
{
	struct buf text = {0};
	int result = -1;

	if (!l->path)
		return 0;
	json_add(&text, settings);
	buf_addch(&text, '\n');
	if (read_kept(l, &text, marks, n, err) == 0 && file_write(l->path, text.at, text.len, err) == 0)
		result = open_end(l, err);
	buf_release(&text);
	return result;
}

/* A line that could not be written whole is taken back, so that what stands is whole lines. */
static int append(struct trainlog *l, const struct buf *line, struct err *err)
{
	ssize_t n;

	do
		n = write(l->fd, line->at, line->len);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)line->len) {
		l->length += n;
		return 0;
	}
	err_errno(err, n < 0 ? errno : ENOSPC, "cannot write '%s'", l->path);
	if (n > 0 && ftruncate(l->fd, l->length) < 0)
		err_prefix(err, "the last line of '%s' is not whole", l->path);
	return -1;
}

static int add_line(struct trainlog *l, json_t *record, struct err *err)
{
	struct buf line = {0};
	int result;

	json_add(&line, record);
	buf_addch(&line, '\n');
	result = append(l, &line, err);
	buf_release(&line);
	json_decref(record);
	return result;
}

static json_t *new_record(const char *name, size_t step)
{
	json_t *record = json_object();

	json_object_set_new(record, "objective", json_string(name));
	json_object_set_new(record, "step", json_integer((json_int_t)step));
	return record;
}

int trainlog_step(
	struct trainlog *l, const char *name, size_t step, const struct step_figures *f, bool searches, struct err *err)
{
	json_t *record;

	if (!l->path)
		return 0;
	record = new_record(name, step);
	json_object_set_new(record, "loss", json_real_or_null(f->loss));
	json_object_set_new(record, "lr", json_real_or_null(f->lr));
	json_object_set_new(record, "grad_norm", json_real_or_null(f->grad_norm));
	json_object_set_new(record, "tokens", json_integer((json_int_t)f->tokens));
	json_object_set_new(record, "seconds", json_real_or_null(f->seconds));
	if (searches)
		json_object_set_new(record, "search_seconds", json_real_or_null(f->search_seconds));
	return add_line(l, record, err);
}

int trainlog_eval(
	struct trainlog *l, const char *name, size_t step, const struct metrics *m, double seconds, struct err *err)
{
	json_t *record;

	if (!l->path)
		return 0;
	record = new_record(name, step);
	json_object_set_new(record, "eval", evalfigures_json(m));
	json_object_set_new(record, "seconds", json_real_or_null(seconds));
	return add_line(l, record, err);
}

int trainlog_sync(struct trainlog *l, struct err *err)
{
	if (l->path && fdatasync(l->fd) < 0)
		return err_errno(err, errno, "cannot sync '%s'", l->path);
	return 0;
}

static double real(const json_t *line, const char *key)
{
	const json_t *v = json_object_get(line, key);

	return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

/* Of what is read from a log. */
struct replay {
	const struct train_config *config;
	size_t step, width;
	const struct train_observer *observer;
};

static void replay_line(const struct replay *r, const json_t *line)
{
	const char *name = json_string_value(json_object_get(line, "objective"));
	const json_t *eval = json_object_get(line, "eval");
	json_int_t step = json_integer_value(json_object_get(line, "step"));
	struct metrics m;
	struct train_event e = {
		.kind = eval ? TRAIN_EVAL : TRAIN_STEP,
		.step = (size_t)step,
		.steps = SIZE_MAX, /* the log does not know how long the race will be */
		.loss = real(line, "loss"),
		.lr = real(line, "lr"),
		.grad_norm = real(line, "grad_norm"),
		.tokens = (size_t)json_integer_value(json_object_get(line, "tokens")),
		.seconds = real(line, "seconds"),
		.search_seconds = json_number_value(json_object_get(line, "search_seconds")),
		.left = (double)NAN,
		.metrics = &m,
	};

	if (!name || step < 0 || (size_t)step > r->step || (eval && !evalfigures_read(&m, eval, r->width)))
		return;
	for (e.runner = 0; e.runner < r->config->n_runners; e.runner++)
		if (strcmp(r->config->runners[e.runner].name, name) == 0) {
			r->observer->event(r->observer->arg, &e);
			return;
		}
}

int train_read_log(const char *path, const struct train_config *config, size_t step, size_t width,
	const struct train_observer *observer, struct err *err)
{
	const struct replay r = {config, step, width, observer};
	struct buf text = {0};
	const char *at, *end;

	if (file_read(&text, path, LOG_MAX, err) < 0)
		return -1;
	for (at = buf_str(&text); (end = strchr(at, '\n')) != NULL; at = end + 1) {
		struct json_doc doc;
		struct err ignored;

		if (json_doc_parse(&doc, path, at, (size_t)(end - at), &ignored) == 0) {
			replay_line(&r, doc.json);
			json_doc_release(&doc);
		}
	}
	buf_release(&text);
	return 0;
}
