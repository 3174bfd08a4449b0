#include "train/resume.h"

#include <stdlib.h>

#include "train/checkpoint.h"

static bool has_step(const struct step_list *list, size_t step)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->at[i] == step)
			return true;
	return false;
}

/* Keeps of `common` what is in `other`. */
static void intersect(struct step_list *common, const struct step_list *other)
{
	size_t n = 0;

	for (size_t i = 0; i < common->n; i++)
		if (has_step(other, common->at[i]))
			common->at[n++] = common->at[i];
	common->n = n;
}

/* The steps of which every runner has a folder. */
static int common_steps(
	const struct rundir *d, const struct runner *runners, size_t n, struct step_list *common, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct step_list own = {0};

		if (rundir_steps(d, runners[i].config->name, i == 0 ? common : &own, err) < 0) {
			vec_release(&own);
			return -1;
		}
		if (i > 0)
			intersect(common, &own);
		vec_release(&own);
	}
	return 0;
}

/* All or none. */
static int load_step(
	const struct rundir *d, const struct checkpoint_id *id, struct runner *runners, size_t n, struct err *err)
{
	struct checkpoint opened[TRAIN_RUNNERS] = {0};
	int result = 0;

	for (size_t i = 0; i < n && result == 0; i++)
		result = checkpoint_open(&opened[i], d, id, &runners[i], err);
	for (size_t i = 0; i < n; i++) {
		if (result == 0) {
			checkpoint_load(&opened[i], &runners[i]);
			free(runners[i].checkpoint);
			runners[i].checkpoint = rundir_step(d, runners[i].config->name, id->step);
		}
		checkpoint_close(&opened[i]);
	}
	return result;
}

/* A file that is missing or damaged; not one that was made with other settings, nor a machine without memory. */
static bool is_damage(const struct err *err)
{
	return err->code == ERR_FORMAT || err->code == ERR_IO || err->code == ERR_NOT_FOUND;
}

int resume_newest(const struct rundir *d, uint64_t fingerprint, struct runner *runners, size_t n, size_t *step,
	struct buf *note, struct err *err)
{
	struct step_list common = {0};
	int result = common_steps(d, runners, n, &common, err);

	*step = STEP_NONE;
	while (result == 0 && *step == STEP_NONE && common.n > 0) {
		const struct checkpoint_id id = {fingerprint, common.at[--common.n]};

		result = load_step(d, &id, runners, n, err);
		if (result == 0) {
			*step = id.step;
		} else if (is_damage(err)) {
			buf_addf(note, "step %zu is not whole and is passed over (%s); ", id.step, err->msg);
			result = 0;
		}
	}
	vec_release(&common);
	return result;
}

static int remove_later(const struct rundir *d, const char *name, size_t step, struct err *err)
{
	struct step_list own = {0};
	int result = rundir_steps(d, name, &own, err);

	while (result == 0 && own.n > 0 && (step == STEP_NONE || own.at[own.n - 1] > step))
		result = rundir_remove_step(d, name, own.at[--own.n], err);
	vec_release(&own);
	return result;
}

int resume_tidy(const struct rundir *d, const struct runner *runners, size_t n, size_t step, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		const char *name = runners[i].config->name;

		if (rundir_sweep(d, name, err) < 0 || remove_later(d, name, step, err) < 0)
			return -1;
	}
	return 0;
}
