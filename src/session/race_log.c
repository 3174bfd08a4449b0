#include "session/race_log.h"

#include <math.h>
#include <string.h>

#include "session/field.h"
#include "session/record.h"
#include "store/file.h"

#define LOG "log.jsonl"

static void on_past(void *arg, const struct train_event *e)
{
	scoreboard_past(arg, e);
}

/* "LoRA r 8 on q_proj,v_proj · 300 steps of 32 · lr 0.0001" */
static void add_settings(const json_t *v, struct buf *out)
{
	const json_t *lora = json_object_get(v, "lora");

	if (json_is_object(lora))
		buf_addf(out, "LoRA r %zu on %s", field_count(lora, "r"), field_text(lora, "targets"));
	else
		buf_addstr(out, "all weights");
	if (field_count(v, "updates") > 0)
		buf_addf(out, " · %zu steps", field_count(v, "updates"));
	if (field_count(v, "batch") > 0)
		buf_addf(out, " of %zu", field_count(v, "batch"));
	if (json_is_number(json_object_get(v, "lr")))
		buf_addf(out, " · lr %g %s", field_real(v, "lr"), field_text(v, "schedule"));
}

/* The runners that the log's first line names. */
static int find_runners(struct train_config *c, const json_t *settings, const char *path, struct err *err)
{
	const json_t *runners = json_object_get(settings, "runners");
	size_t n = json_array_size(runners);

	if (n == 0 || n > TRAIN_RUNNERS)
		return err_set(err, ERR_FORMAT, "'%s' is not the log of a training run", path);
	for (size_t i = 0; i < n; i++) {
		const char *name = field_string(json_array_get(runners, i), "name");

		if (!name || strlen(name) >= sizeof(c->runners[i].name))
			return err_set(err, ERR_FORMAT, "'%s': runner %zu has no name", path, i + 1);
		memcpy(c->runners[i].name, name, strlen(name) + 1);
	}
	c->n_runners = n;
	return 0;
}

/* Begins a race with what the settings say of it, for the log's events to go on. */
static void begin(struct scoreboard *b, const struct train_config *c, const json_t *settings)
{
	struct buf words = {0}, eval = {0}, eval_settings = {0};

	add_settings(settings, &words);
	if (field_count(settings, "eval_cases") > 0) {
		buf_addf(&eval, "%zu cases of the %s split", field_count(settings, "eval_cases"),
			field_text(settings, "eval_split"));
		buf_addf(&eval_settings, "B %zu · mask %s", field_count(settings, "eval_beam"),
			field_text(settings, "eval_mask"));
	}
	scoreboard_begin(b, c,
		&(struct scoreboard_words){.settings = buf_str(&words),
			.eval = buf_str(&eval),
			.eval_settings = buf_str(&eval_settings),
			.open_with = ""});
	buf_release(&words);
	buf_release(&eval);
	buf_release(&eval_settings);
}

/* A runner of the log that has this name; the number of runners: none has. */
static size_t runner_of(const struct train_config *c, const json_t *line)
{
	const char *name = field_string(line, "objective");
	size_t i = 0;

	while (name && i < c->n_runners && strcmp(c->runners[i].name, name) != 0)
		i++;
	return name ? i : c->n_runners;
}

static void add_line(struct race_log *l, const struct train_config *c, struct race_mean *means, json_t *line)
{
	size_t runner = runner_of(c, line);
	const json_t *step = json_object_get(line, "step");
	double loss = field_real(line, "loss");

	if (runner == c->n_runners || !json_is_integer(step) || json_integer_value(step) < 0)
		return;
	if (!json_object_get(line, "eval") && !isnan(loss))
		json_object_set_new(line, "smoothed", record_real(race_smooth(&means[runner], loss)));
	json_array_append(l->lines, line);
}

/* The lines after the first; what is no JSON was cut short as its writer was killed. */
static void add_lines(struct race_log *l, const struct train_config *c, const char *path, const char *at)
{
	struct race_mean means[TRAIN_RUNNERS] = {{0}};
	const char *end;

	for (; (end = strchr(at, '\n')) != NULL; at = end + 1) {
		struct json_doc doc;
		struct err ignored;

		if (json_doc_parse(&doc, path, at, (size_t)(end - at), &ignored) == 0) {
			add_line(l, c, means, doc.json);
			json_doc_release(&doc);
		}
	}
}

static int read_text(struct race_log *l, const char *path, const struct buf *text, struct err *err)
{
	const char *first = buf_str(text), *end = strchr(first, '\n');
	struct train_config c = {0};
	struct scoreboard *b;
	struct json_doc doc;
	unsigned long version = 0;
	int failed;

	if (!end || json_doc_parse(&doc, path, first, (size_t)(end - first), err))
		return err_set(err, ERR_FORMAT, "'%s' is not the log of a training run", path);
	l->settings = json_incref(doc.json);
	json_doc_release(&doc);
	if (find_runners(&c, l->settings, path, err))
		return -1;
	add_lines(l, &c, path, end + 1);
	b = scoreboard_new();
	begin(b, &c, l->settings);
	failed = train_read_log(
		path, &c, SIZE_MAX, field_count(l->settings, "eval_beam"), &(struct train_observer){on_past, b}, err);
	if (!failed)
		l->race = scoreboard_copy(b, &version);
	scoreboard_free(b);
	return failed;
}

int race_log_read(struct race_log *l, const char *path, struct err *err)
{
	char *file = file_is_dir(path) ? file_join(path, LOG) : xstrdup(path);
	struct buf text = {0};
	int failed;

	*l = (struct race_log){.lines = json_array()};
	failed = file_read(&text, file, JSON_MAX_FILE, err) || read_text(l, file, &text, err);
	buf_release(&text);
	free(file);
	return failed ? -1 : 0;
}

static json_t *point_line(const char *name, const struct snap_point *p)
{
	json_t *v = json_object();

	json_object_set_new(v, "objective", json_string(name));
	json_object_set_new(v, "step", record_count(p->step));
	json_object_set_new(v, "loss", record_real(p->loss));
	json_object_set_new(v, "lr", record_real(p->lr));
	json_object_set_new(v, "grad_norm", record_real(p->grad_norm));
	json_object_set_new(v, "smoothed", record_real(p->smoothed));
	return v;
}

static json_t *eval_line(const char *name, const struct snap_eval *e)
{
	json_t *v = json_object(), *eval = json_object(), *low = json_object(), *high = json_object();

	for (size_t i = 0; i < RACE_FIGURES; i++) {
		char key[RACE_FIGURE_NAME];

		race_figure_name(key, (enum race_figure)i, e->width, false);
		json_object_set_new(eval, key, record_real(e->figures[i].value));
		json_object_set_new(low, key, record_real(e->figures[i].low));
		json_object_set_new(high, key, record_real(e->figures[i].high));
	}
	json_object_set_new(eval, "cases", record_count(e->cases));
	json_object_set_new(eval, "undecided", record_count(e->undecided));
	json_object_set_new(eval, "low", low);
	json_object_set_new(eval, "high", high);
	json_object_set_new(v, "objective", json_string(name));
	json_object_set_new(v, "step", record_count(e->step));
	json_object_set_new(v, "eval", eval);
	return v;
}

/* Runner after runner: the scoreboard does not know how their lines came one after another. */
static void add_board(struct race_log *l)
{
	for (size_t i = 0; i < l->race->n_runners; i++) {
		const struct snap_runner *r = &l->race->runners[i];

		for (size_t k = 0; k < r->n_points; k++)
			json_array_append_new(l->lines, point_line(r->name_shown, &r->points[k]));
		for (size_t k = 0; k < r->n_evals; k++)
			json_array_append_new(l->lines, eval_line(r->name_shown, &r->evals[k]));
		l->thinned |= r->n_points > 1 && r->points[r->n_points - 1].step - r->points[0].step >= r->n_points;
	}
}

int race_log_of_board(struct race_log *l, struct scoreboard *b, struct err *err)
{
	unsigned long version = 0;
	struct snap_race *race = scoreboard_copy(b, &version);
	struct err ignored;

	*l = (struct race_log){0};
	if (!race)
		return err_set(err, ERR_VALUE,
			"there is no race yet: run 'train' before it, or name the folder of a run: 'export curves FILE "
			"DIR'");
	if (*race->dir && file_exists_in(race->dir, LOG) && race_log_read(l, race->dir, &ignored) == 0) {
		snap_race_unref(l->race);
		l->race = race;
		return 0;
	}
	race_log_release(l);
	l->lines = json_array();
	l->race = race;
	add_board(l);
	return 0;
}

void race_log_release(struct race_log *l)
{
	json_decref(l->settings);
	json_decref(l->lines);
	snap_race_unref(l->race);
	*l = (struct race_log){0};
}
