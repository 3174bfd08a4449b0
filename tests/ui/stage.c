#include "stage.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static int host_start(void *arg, const char *line, struct err *err)
{
	struct fake_host *h = arg;

	buf_addf(&h->log, "%s\n", line);
	h->text = h->says;
	h->says = NULL;
	if (strncmp(line, "bad", 3) == 0)
		return err_set(err, ERR_USAGE, "there is no command \"%s\"", line);
	if (h->job != JOB_IDLE && strcmp(line, "long") == 0)
		return err_set(err, ERR_VALUE, "a job is running: wait for it, or cancel it first");
	if (strcmp(line, "long") == 0)
		h->job = JOB_RUNNING;
	if (strcmp(line, "step") == 0 && h->step < 9)
		h->step++;
	if (strcmp(line, "back") == 0 && h->step > 1)
		h->step--;
	if (strncmp(line, "goto ", 5) == 0)
		h->step = strcmp(line + 5, "pruned") == 0 ? 2 : strtoul(line + 5, NULL, 10);
	return 0;
}

static int host_go_on(void *arg, char **line, struct err *err)
{
	(void)arg;
	(void)line;
	(void)err;
	return 0;
}

static void host_cancel(void *arg)
{
	((struct fake_host *)arg)->job = JOB_CANCELLING;
}

static void lend(struct snapshot *s, const struct fake_host *h)
{
	s->original = h->original;
	s->race = h->race;
	s->cases = h->cases;
	s->survey = h->survey;
	s->contest = h->contest;
	s->pair = h->pair;
	if (h->original)
		h->original->refs++;
	if (h->race)
		h->race->refs++;
	if (h->cases)
		h->cases->refs++;
	if (h->survey)
		h->survey->refs++;
	if (h->contest)
		h->contest->refs++;
	if (h->pair)
		h->pair->refs++;
}

static const struct snapshot *host_snapshot(void *arg)
{
	const struct fake_host *h = arg;
	struct snapshot *s = fake_snapshot(h->step, h->trace);

	lend(s, h);
	s->job = h->job;
	if (h->job != JOB_IDLE) {
		s->job_shown = h->total > 0 ? "train sft,bear --full" : "beam 17";
		s->job_seconds = 72;
		s->job_done = h->done;
		s->job_total = h->total;
		s->job_left = h->left;
	}
	if (h->settings)
		s->settings_shown = h->settings;
	if (h->message) {
		s->message_shown = h->message;
		s->message_is_error = true;
	}
	if (h->alter)
		h->alter(s, h->alter_arg);
	return s;
}

static char *host_take_text(void *arg)
{
	struct fake_host *h = arg;
	char *text = h->text && h->job == JOB_IDLE ? xstrdup(h->text) : NULL;

	if (text)
		h->text = NULL;
	return text;
}

static int host_ask_cases(void *arg, const char *where, const char *sort, struct err *err)
{
	(void)err;
	buf_addf(&((struct fake_host *)arg)->log, "[cases where '%s' sort '%s']\n", where, sort);
	return 0;
}

static bool host_copy(void *arg, const char *text, size_t len)
{
	buf_add(&((struct fake_host *)arg)->copied, text, len);
	return true;
}

static void look_at(struct stage *s, const struct view_ops *view)
{
	for (size_t i = 0; view_table[i]; i++)
		if (view_table[i] == view) {
			ui_event(&s->ui, &(struct event){.type = EVENT_KEY, .key = (uint32_t)('1' + i)});
			return;
		}
	fail_msg("view '%s' has no tab", view->name);
}

struct stage *stage_open(const struct view_ops *view, int w, int h, bool ascii)
{
	struct stage *s = xcalloc(1, sizeof(*s));

	s->host.step = 2;
	s->host.trace = fake_trace();
	s->ops = (struct ui_host){&s->host, host_start, host_go_on, host_cancel, host_snapshot, host_take_text,
		host_ask_cases, host_copy, NULL};
	canvas_init(&s->page, ascii);
	ui_init(&s->ui, &s->ops, view_table);
	if (view)
		look_at(s, view);
	stage_resize(s, w, h);
	return s;
}

void stage_forget_trace(struct stage *s)
{
	if (s->host.trace)
		fake_trace_release(s->host.trace);
	if (s->host.original)
		fake_trace_release(s->host.original);
	s->host.trace = s->host.original = NULL;
}

void stage_close(struct stage *s)
{
	ui_release(&s->ui);
	stage_forget_trace(s);
	canvas_release(&s->page);
	buf_release(&s->host.log);
	buf_release(&s->host.copied);
	free(s);
}

void stage_news(struct stage *s)
{
	ui_poll(&s->ui);
	ui_draw(&s->ui, &s->page);
}

void stage_resize(struct stage *s, int w, int h)
{
	canvas_resize(&s->page, w, h);
	ui_draw(&s->ui, &s->page);
}

enum ui_effect press(struct stage *s, const char *keys)
{
	enum ui_effect effect = UI_GO_ON;

	while (*keys) {
		size_t n = strcspn(keys, " ");
		uint32_t code = key_code(keys, n);
		for (size_t i = 0; i < (code ? 1 : n); i++) {
			effect = ui_event(
				&s->ui, &(struct event){.type = EVENT_KEY, .key = code ? code : (uint32_t)keys[i]});
			ui_draw(&s->ui, &s->page);
		}
		keys += n;
		keys += strspn(keys, " ");
	}
	return effect;
}

void click(struct stage *s, enum event_type type, int x, int y)
{
	ui_event(&s->ui, &(struct event){.type = type, .x = x, .y = y});
	ui_draw(&s->ui, &s->page);
}

bool shows(const struct stage *s, const char *text)
{
	struct buf page = {0};

	canvas_dump(&s->page, &page);
	bool found = strstr(buf_str(&page), text) != NULL;
	buf_release(&page);
	return found;
}

void assert_log(struct stage *s, const char *expected)
{
	assert_string_equal(buf_str(&s->host.log), expected);
	buf_clear(&s->host.log);
}

static void write_golden(const char *path, const struct buf *page)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(page->at, 1, page->len, f) != page->len || fclose(f) != 0)
		fail_msg("cannot write %s", path);
}

static void read_golden(const char *path, struct buf *golden)
{
	FILE *f = fopen(path, "r");
	char bytes[4096];
	size_t n;

	if (!f)
		fail_msg("cannot read %s: GENERATE=1 writes it", path);
	while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		buf_add(golden, bytes, n);
	fclose(f);
}

void assert_golden(const struct stage *s, const char *name)
{
	const char *source = getenv("top_srcdir");
	char *path = xasprintf("%s/tests/ui/golden/%s.txt", source ? source : ".", name);
	struct buf page = {0}, golden = {0};

	canvas_dump(&s->page, &page);
	if (getenv("GENERATE"))
		write_golden(path, &page);
	read_golden(path, &golden);
	if (strcmp(buf_str(&page), buf_str(&golden)) != 0)
		print_message("# %s differs; now it is\n%s", path, buf_str(&page));
	assert_string_equal(buf_str(&page), buf_str(&golden));
	buf_release(&page);
	buf_release(&golden);
	free(path);
}

void assert_golden_at(struct stage *s, const char *name)
{
	static const int sizes[][2] = {{80, 24}, {100, 30}, {200, 60}};

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		char *sized = xasprintf("%s-%dx%d", name, sizes[i][0], sizes[i][1]);
		stage_resize(s, sizes[i][0], sizes[i][1]);
		assert_golden(s, sized);
		free(sized);
	}
}
