#include "session/train_record.h"

#include <stdlib.h>
#include <string.h>

#include "session/record.h"

static size_t cases_evaluated(const struct train_data *data, const struct train_setup *setup)
{
	return setup->config.eval_cases < data->n_held_out ? setup->config.eval_cases : data->n_held_out;
}

void train_eval_words(
	const struct train_data *data, const struct train_setup *setup, struct buf *cases, struct buf *settings)
{
	size_t n = cases_evaluated(data, setup);

	if (n == 0)
		return;
	buf_addf(cases, "%zu case%s of the %s split", n, n == 1 ? "" : "s", split_name(setup->eval_split));
	buf_addf(settings, "B %zu · mask %s", data->diagnose.beam.width,
		data->mask == MASK_BEFORE ? "before" : "after");
}

int train_stopped(const struct train_setup *setup, const struct train_told *told, struct err *err)
{
	struct buf b = {0};

	if (setup->dir)
		buf_addword(&b, setup->dir);
	err_set(err, ERR_CANCELLED, "stopped after step %zu of %zu, %s%s", told->step, told->steps,
		!setup->dir       ? "nothing is saved: --out DIR would have kept it"
		: told->step == 0 ? "there is nothing to save yet; to begin again: beamscope train --resume "
				  : "all is saved; to go on: beamscope train --resume ",
		buf_str(&b));
	buf_release(&b);
	return -1;
}

static json_t *figure_record(const struct snap_figure *f)
{
	json_t *v = json_object();

	json_object_set_new(v, "value", record_real(f->value));
	json_object_set_new(v, "n", record_count(f->n));
	json_object_set_new(v, "low", record_real(f->low));
	json_object_set_new(v, "high", record_real(f->high));
	return v;
}

static json_t *metrics_record(const struct metrics *m)
{
	struct snap_figure figures[RACE_FIGURES];
	json_t *v = json_object();

	race_figures_find(figures, m);
	json_object_set_new(v, "cases", record_count(m->cases));
	json_object_set_new(v, "undecided", record_count(m->undecided));
	for (size_t i = 0; i < RACE_FIGURES; i++) {
		char key[RACE_FIGURE_NAME];

		race_figure_name(key, (enum race_figure)i, m->width, false);
		json_object_set_new(v, key, figure_record(&figures[i]));
	}
	return v;
}

static json_t *runner_record(const struct runner_report *r, const struct runner_config *c)
{
	json_t *v = json_object(), *parameters = json_object();

	json_object_set_new(parameters, "tau", json_real(c->params.tau));
	json_object_set_new(parameters, "K", record_count(c->params.K));
	json_object_set_new(parameters, "xi", json_real(c->params.xi));
	json_object_set_new(parameters, "lambda", json_real(c->params.lambda));
	json_object_set_new(v, "name", json_string(r->name));
	json_object_set_new(v, "objective", json_string(c->objective->name));
	json_object_set_new(v, "parameters", parameters);
	json_object_set_new(v, "step", record_count(r->step));
	json_object_set_new(v, "loss", r->step > 0 ? record_real(r->loss) : json_null());
	json_object_set_new(v, "stopped_early", json_boolean(r->stopped_early));
	json_object_set_new(v, "checkpoint", record_string(r->checkpoint));
	json_object_set_new(v, "tokens", record_count(r->tokens));
	json_object_set_new(v, "seconds", record_real(r->seconds));
	json_object_set_new(v, "tokens_per_second",
		r->seconds > 0 ? record_real((double)r->tokens / r->seconds) : json_null());
	json_object_set_new(v, "search_seconds", record_real(r->search_seconds));
	json_object_set_new(v, "eval", r->evaluated ? metrics_record(&r->metrics) : json_null());
	return v;
}

/* Adds the options that were set to something of their own and that shape what a model is asked. */
static void add_options(struct buf *b, const struct session *s)
{
	for (const struct option_entry *e = option_table; e->name; e++) {
		struct buf value = {0};

		if (!(e->flags & OPTION_SEARCH) || !s->options.given[e - option_table] || !strcmp(e->name, "split"))
			continue;
		option_get(&s->options, e, &value);
		if (strcmp(buf_str(&value), e->dflt ? e->dflt : "") != 0) {
			buf_addf(b, " --%s ", e->name);
			buf_addword(b, buf_str(&value));
		}
		buf_release(&value);
	}
}

/* The command lines that lead on from here. */
static json_t *next_record(const struct runner_report *reports, size_t n, const struct train_setup *setup,
	const struct session *s)
{
	json_t *list = json_array();
	struct buf b = {0};

	for (size_t i = 0; i < n; i++) {
		char *last;

		if (!reports[i].checkpoint)
			continue;
		last = xasprintf("%s/%s/last", setup->dir, reports[i].name);
		buf_clear(&b);
		buf_addstr(&b, "beamscope -m ");
		if (setup->config.full) {
			buf_addword(&b, last);
		} else {
			buf_addword(&b, s->loaded.model->path);
			buf_addstr(&b, " -a ");
			buf_addword(&b, last);
		}
		buf_addstr(&b, " -d ");
		buf_addword(&b, s->loaded.data->path);
		add_options(&b, s);
		json_array_append_new(list, record_text(buf_str(&b), b.len));
		free(last);
	}
	buf_release(&b);
	return list;
}

static json_t *resume_record(const struct train_setup *setup, const struct train_told *told)
{
	struct buf b = {0};
	json_t *v;

	if (!setup->dir)
		return json_null();
	buf_addstr(&b, "beamscope train --resume ");
	buf_addword(&b, setup->dir);
	if (told->finished)
		buf_addf(&b, " --steps %zu", 2 * told->steps);
	v = record_text(buf_str(&b), b.len);
	buf_release(&b);
	return v;
}

static json_t *examples_record(const struct train_data *data)
{
	json_t *v = json_object();

	json_object_set_new(v, "split", json_string(split_name(SPLIT_TRAIN)));
	json_object_set_new(v, "sequences", record_count(data->examples->at.n));
	json_object_set_new(v, "targets", record_count(data->examples->n_targets));
	json_object_set_new(v, "unreachable", record_count(data->examples->n_unreachable));
	json_object_set_new(v, "longest", record_count(data->examples->longest));
	return v;
}

json_t *train_record(const struct trainer *t, const struct train_setup *setup, const struct train_data *data,
	const struct train_told *told, const struct session *s)
{
	struct runner_report reports[TRAIN_RUNNERS];
	size_t n = trainer_reports(t, reports);
	json_t *v = json_object(), *runners = json_array(), *held_out = json_object();
	size_t cases = cases_evaluated(data, setup);

	for (size_t i = 0; i < n; i++)
		json_array_append_new(runners, runner_record(&reports[i], &setup->config.runners[i]));
	json_object_set_new(held_out, "split", cases > 0 ? json_string(split_name(setup->eval_split)) : json_null());
	json_object_set_new(held_out, "cases", record_count(cases));
	json_object_set_new(held_out, "for_lack_of_another", json_boolean(setup->eval_fallback));
	json_object_set_new(v, "finished", json_boolean(told->finished));
	json_object_set_new(v, "step", record_count(told->step));
	json_object_set_new(v, "steps", record_count(told->steps));
	json_object_set_new(v, "runners", runners);
	json_object_set_new(v, "train", examples_record(data));
	json_object_set_new(v, "held_out", held_out);
	json_object_set_new(v, "memory", record_count(told->memory));
	json_object_set_new(v, "folder", record_string(setup->dir));
	json_object_set(v, "notes", told->notes);
	json_object_set_new(v, "next", next_record(reports, n, setup, s));
	json_object_set_new(v, "resume", resume_record(setup, told));
	json_object_set(v, "settings", (json_t *)trainer_settings(t));
	return v;
}
