/*
 * The contestants of a race as they are written: "sft,msl,bear:lambda=4:xi=0.5".
 */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "train/trainer.h"

/* What can follow an objective's name. */
static const struct setting {
	const char *name;
	double min, max;
	bool whole;
} settings[] = {
	{"tau", 1e-4, 1e4, false}, /* the one that all objectives have */
	{"K", 1, 1e6, true},
	{"xi", 1e-4, 1e4, false},
	{"lambda", 0, 1e6, false},
};

const char *runners_setting(size_t i)
{
	return i < ARRAY_LEN(settings) ? settings[i].name : NULL;
}

static void put_setting(struct objective_params *p, size_t which, double value)
{
	double *const reals[] = {&p->tau, NULL, &p->xi, &p->lambda};

	if (reals[which])
		*reals[which] = value;
	else
		p->K = (size_t)value;
}

static int parse_value(const struct setting *s, const char *text, double *value, struct err *err)
{
	char *end;

	errno = 0;
	*value = strtod(text, &end);
	if (end == text || *end || errno || !(*value >= s->min && *value <= s->max) ||
		(s->whole && *value != floor(*value)))
		return err_set(err, ERR_USAGE, "'%s=%s': %s must be %s from %g to %g", s->name, text, s->name,
			s->whole ? "a whole number" : "a number", s->min, s->max);
	return 0;
}

/* One "NAME=VALUE" for the runner; its name says so. */
static int parse_setting(struct runner_config *r, struct buf *name, char *text, struct err *err)
{
	char *equals = strchr(text, '=');
	double value;

	for (size_t i = 0; equals && i < ARRAY_LEN(settings); i++) {
		size_t len = strlen(settings[i].name);

		if (len != (size_t)(equals - text) || strncmp(settings[i].name, text, len) != 0)
			continue;
		if (i > 0 && !objective_regularises(r->objective))
			return err_set(err, ERR_USAGE, "'%s' after '%s': it has no setting but tau", text,
				r->objective->name);
		if (parse_value(&settings[i], equals + 1, &value, err) < 0)
			return -1;
		put_setting(&r->params, i, value);
		buf_addf(name, "-%s%.6g", settings[i].name, value);
		return 0;
	}
	return err_set(err, ERR_USAGE,
		"'%s' after '%s' is no setting of an objective: write tau=X, K=N, xi=X or lambda=X", text,
		r->objective->name);
}

/* "bear:lambda=4:xi=0.5" */
static int parse_runner(struct runner_config *r, char *text, const struct objective_params *params, struct err *err)
{
	struct buf name = {0};
	char *rest = strchr(text, ':');
	int result = -1;

	*r = (struct runner_config){.params = *params};
	if (rest)
		*rest++ = '\0';
	r->objective = objective_find(text, err);
	if (!r->objective)
		return -1;
	buf_addstr(&name, text);
	while (rest) {
		char *setting = rest;

		rest = strchr(setting, ':');
		if (rest)
			*rest++ = '\0';
		if (parse_setting(r, &name, setting, err) < 0)
			goto out;
	}
	if (name.len >= sizeof(r->name)) {
		err_set(err, ERR_USAGE, "'%s': too many settings for one name of %d characters", buf_str(&name),
			RUNNER_NAME - 1);
		goto out;
	}
	memcpy(r->name, name.at, name.len + 1);
	result = 0;
out:
	buf_release(&name);
	return result;
}

static int check_distinct(const struct runner_config *runners, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(runners[i].name, runners[n].name) == 0)
			return err_set(err, ERR_USAGE,
				"'%s' stands twice in the race: settings of its own would tell it apart, '%s:tau=0.9'",
				runners[n].name, runners[n].objective->name);
	return 0;
}

int runners_parse(struct runner_config *runners, size_t *n, const char *text, const struct objective_params *params,
	struct err *err)
{
	char *copy = xstrdup(text), *rest = copy;
	int result = -1;

	for (*n = 0; rest; (*n)++) {
		char *runner = rest;

		rest = strchr(runner, ',');
		if (rest)
			*rest++ = '\0';
		if (*n == TRAIN_RUNNERS) {
			err_set(err, ERR_USAGE, "'%s': at most %d objectives can race", text, TRAIN_RUNNERS);
			goto out;
		}
		if (parse_runner(&runners[*n], runner, params, err) < 0 || check_distinct(runners, *n, err) < 0)
			goto out;
	}
	result = 0;
out:
	free(copy);
	return result;
}
