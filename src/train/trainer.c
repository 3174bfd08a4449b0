/*
 * The making of a race: its settings checked, its memory planned, its runners begun or taken up from checkpoints.
 */
#include "train/trainer_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/file.h"
#include "train/plan.h"
#include "train/resume.h"
#include "train/runfile.h"

static int check_config(const struct train_config *c, const struct train_data *d, struct err *err)
{
	if (c->n_runners == 0 || c->n_runners > TRAIN_RUNNERS)
		return err_set(err, ERR_VALUE, "%zu objectives: a race has 1 to %d", c->n_runners, TRAIN_RUNNERS);
	if ((c->batch == 0 && !c->batches) || c->accumulate == 0)
		return err_set(err, ERR_VALUE, "a batch of no examples: --batch and --accumulate begin at 1");
	if (!(c->lr >= 0) || !isfinite(c->lr) || !(c->clip >= 0) || !(c->weight_decay >= 0))
		return err_set(err, ERR_VALUE,
			"learning rate %g, clip %g, weight decay %g: they must be numbers from 0 on", c->lr, c->clip,
			c->weight_decay);
	if (c->steps == 0 && c->epochs == 0)
		return err_set(
			err, ERR_VALUE, "neither steps nor epochs: say how long to train with --steps or --epochs");
	if (c->eval_cases > 0 && d->n_held_out == 0)
		return err_set(err, ERR_VALUE,
			"there are no held-out cases to evaluate on: give --eval-cases 0, or a dataset that has others "
			"than those to train on");
	if (c->keep == 0)
		return err_set(err, ERR_VALUE, "no checkpoint is kept: --keep begins at 1");
	if (c->patience > 0 && c->eval_cases == 0)
		return err_set(err, ERR_VALUE, "--patience needs evaluations: give --eval-cases N");
	if (c->resume && !c->dir)
		return err_set(err, ERR_VALUE, "there is no directory to resume from");
	return 0;
}

static int count_steps(struct trainer *t, struct err *err)
{
	const struct train_config *c = &t->config;
	size_t batches;

	t->steps = c->steps;
	if (c->steps > 0)
		return 0;
	if (!mem_mul(c->epochs, sampler_epoch_batches(&t->updater.sampler), &batches))
		return err_set(err, ERR_VALUE, "%zu epochs are too many to count their steps", c->epochs);
	t->steps = (batches - 1) / c->accumulate + 1;
	return 0;
}

static int make_sampler(struct trainer *t, struct err *err)
{
	const struct train_config *c = &t->config;

	sampler_init(&t->updater.sampler, t->data.examples->at.n, c->batch > 0 ? c->batch : 1, c->seed);
	if (c->batches && sampler_read(&t->updater.sampler, c->batches, t->data.examples, err) < 0)
		return -1;
	return count_steps(t, err);
}

/* The first runner shows how large they are; the others are made when it is known that they will fit. */
static int make_runners(struct trainer *t, struct err *err)
{
	const struct train_config *c = &t->config;
	const struct trainable *first = &t->runners[0].trained;
	size_t block;

	for (size_t i = 0; i < c->n_runners; i++) {
		if (runner_init(&t->runners[i], &c->runners[i], c, t->data.base, err) < 0)
			return -1;
		if (i > 0)
			continue;
		block = first->elements * sizeof(float);
		t->memory = plan_bytes(c, &t->data, &t->updater.sampler, t->steps, first);
		if (plan_check(c, t->memory, 3 * block, err) < 0)
			return -1;
	}
	t->updater.grad = mem_try_alloc(first->elements, sizeof(float), true, "the gradient", err);
	if (!t->updater.grad)
		return -1;
	return loss_new(&t->updater.loss, t->data.kern, t->data.trie, c->recompute, err);
}

static bool is_taken(const struct trainer *t)
{
	bool taken = file_exists_in(t->dir.path, RUN_FILE);

	for (size_t i = 0; i < t->config.n_runners && !taken; i++) {
		struct step_list steps = {0};
		struct err ignored;

		taken = rundir_steps(&t->dir, t->config.runners[i].name, &steps, &ignored) < 0 || steps.n > 0;
		vec_release(&steps);
	}
	return taken;
}

int trainer_check_free(const struct trainer *t, struct err *err)
{
	if (t->dir.path && file_exists(t->dir.path) && !file_is_dir(t->dir.path))
		return err_set(err, ERR_VALUE, "'%s' is no directory: give another --out", t->dir.path);
	if (t->dir.path && !t->config.resume && is_taken(t))
		return err_set(err, ERR_VALUE,
			"'%s' holds a training run already: go on with it with --resume '%s', or give another --out",
			t->dir.path, t->dir.path);
	return 0;
}

/* A directory that was made, and whose run was killed before it had written anything, is begun with. */
static int check_settings(const struct trainer *t, struct err *err)
{
	json_t *old;
	int result;

	if (!file_exists_in(t->dir.path, RUN_FILE))
		return 0;
	old = train_read_run(t->dir.path, err);
	if (!old)
		return -1;
	result = runfile_check(old, t->settings, t->dir.path, err);
	json_decref(old);
	return result;
}

static int take_up(struct trainer *t, struct err *err)
{
	if (!file_is_dir(t->dir.path))
		return err_set(err, ERR_NOT_FOUND, "there is no directory '%s' to resume from", t->dir.path);
	if (rundir_claim(&t->dir, err) < 0 || check_settings(t, err) < 0 ||
		resume_newest(&t->dir, t->fingerprint, t->runners, t->config.n_runners, &t->saved, &t->note, err) < 0)
		return -1;
	if (t->saved == STEP_NONE) {
		buf_addf(&t->note, "no whole checkpoint in '%s': from the beginning", t->dir.path);
		return 0;
	}
	if (t->saved > t->steps)
		return err_set(err, ERR_VALUE, "the checkpoint in '%s' is of step %zu, beyond the %zu of this run",
			t->dir.path, t->saved, t->steps);
	t->step = t->saved;
	t->resumed = true;
	buf_addf(&t->note, "going on from step %zu of the run in '%s'", t->step, t->dir.path);
	return 0;
}

static int make(struct trainer *t, struct err *err)
{
	struct train_config *c = &t->config;
	char *log = c->log ? xstrdup(c->log) : c->dir ? file_join(c->dir, "log.jsonl") : NULL;

	rundir_init(&t->dir, c->dir);
	trainlog_init(&t->log, log);
	free(log);
	if (check_config(c, &t->data, err) < 0 || trainer_check_free(t, err) < 0 || make_sampler(t, err) < 0 ||
		make_runners(t, err) < 0)
		return -1;
	t->updater.total = t->steps;
	t->settings = runfile_json(c, &t->data, c->full ? NULL : &t->runners[0].trained.adapter.config, t->steps);
	t->fingerprint = runfile_fingerprint(t->settings);
	return c->resume ? take_up(t, err) : 0;
}

/* What was borrowed for the making is not used after it. */
static void forget_borrowed(struct train_config *c)
{
	c->lora.targets = NULL;
	c->batches = c->dir = c->log = NULL;
	c->settings = NULL;
}

int trainer_new(struct trainer **out, const struct train_config *config, const struct train_data *data,
	const struct train_observer *observer, struct err *err)
{
	struct trainer *t = xcalloc(1, sizeof(*t));

	t->config = *config;
	t->data = *data;
	if (observer)
		t->observer = *observer;
	t->saved = STEP_NONE;
	t->updater.config = &t->config;
	t->updater.data = &t->data;
	if (make(t, err) < 0) {
		trainer_free(t);
		return -1;
	}
	forget_borrowed(&t->config);
	*out = t;
	return 0;
}

void trainer_free(struct trainer *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < TRAIN_RUNNERS; i++)
		runner_release(&t->runners[i]);
	loss_free(t->updater.loss);
	free(t->updater.grad);
	sampler_release(&t->updater.sampler);
	trainlog_release(&t->log);
	rundir_release(&t->dir);
	buf_release(&t->note);
	json_decref(t->settings);
	free(t);
}

size_t trainer_reports(const struct trainer *t, struct runner_report reports[TRAIN_RUNNERS])
{
	for (size_t i = 0; i < t->config.n_runners; i++) {
		const struct runner *r = &t->runners[i];

		reports[i] = (struct runner_report){.name = r->config->name,
			.step = r->state.updates,
			.loss = r->state.loss,
			.checkpoint = r->checkpoint,
			.evaluated = r->evaluated,
			.stopped_early = r->state.stopped,
			.metrics = r->metrics,
			.seconds = r->state.seconds,
			.search_seconds = r->state.search_seconds,
			.tokens = r->state.tokens};
	}
	return t->config.n_runners;
}

const json_t *trainer_settings(const struct trainer *t)
{
	return t->settings;
}
