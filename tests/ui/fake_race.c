#include "fake_race.h"

#include <math.h>
#include <stdlib.h>

static const char *const names[] = {
	"sft", "msl", "bear", "bear-reg", "bear-margin", "direct", "bear-lambda4-xi0.5", "bear-tau0.9-lambda0.0625",
};

static double raw_loss(size_t runner, size_t step)
{
	return 1 + (double)runner + 2 / sqrt((double)step) + 0.05 * (double)((step * 7 + runner) % 5);
}

static struct snap_point point(const struct fake_race *f, size_t runner, size_t step)
{
	bool lost = f->diverges && runner + 1 == f->runners && step > f->step / 2;

	return (struct snap_point){
		.step = step,
		.loss = lost ? (double)NAN : raw_loss(runner, step),
		.smoothed = lost ? (double)NAN : 1.1 + (double)runner + 2 / sqrt((double)step),
		.grad_norm = 0.5 + 1 / (double)(step + runner),
		.lr = 0.0005 * (1 - (double)step / (double)f->steps),
		.tokens_per_second = 100000 - 5000 * (double)runner,
	};
}

static struct snap_figure figure(double value)
{
	return (struct snap_figure){value, value * 0.75, value * 1.25, 200};
}

static struct snap_eval eval(size_t runner, size_t step)
{
	double gain = (double)step * (double)(runner + 1);
	struct snap_eval e = {.step = step, .width = 10, .cases = 200};

	for (size_t i = 0; i < RACE_FIGURES; i++) {
		double loss = 0.4 / (1 + gain / 200);
		e.figures[i] = figure(race_figures[i].less_is_better ? loss : 0.5 - loss);
	}
	e.figures[RACE_NDCG] = figure(0.12 + 0.00001 * gain);
	return e;
}

static void add_curves(struct snap_race *race, struct snap_runner *r, const struct fake_race *f, size_t runner)
{
	size_t stride = f->step / (RACE_POINTS - 1) + 1;
	struct snap_point *points = arena_alloc(&race->arena, (f->step / stride + 2) * sizeof(*points));
	struct snap_eval *evals = arena_alloc(&race->arena, (f->step + 2) * sizeof(*evals));

	for (size_t step = 1; step <= f->step; step += stride)
		points[r->n_points++] = point(f, runner, step);
	for (size_t step = 0; f->eval_every > 0 && step <= f->step; step += f->eval_every)
		evals[r->n_evals++] = eval(runner, step);
	r->points = points;
	r->evals = evals;
	if (r->n_points > 0)
		r->last = points[r->n_points - 1];
}

struct snap_race *fake_race_new(const struct fake_race *f)
{
	struct snap_race *race = xcalloc(1, sizeof(*race));
	struct snap_runner *runners;

	*race = (struct snap_race){
		.refs = 1,
		.number = 1,
		.running = f->running,
		.ending = f->running ? RACE_GOES_ON : RACE_FINISHED,
		.ending_shown = "",
		.step = f->step,
		.steps = f->steps,
		.left = f->step > 0 ? 90 : (double)NAN,
		.saved_step = f->step / 100 * 100,
		.settings_shown = "all weights · 300 steps of 32 · lr 0.0005 cosine · seed 0",
		.dir_shown = "race-1",
		.dir = "race-1",
		.open_with = "set data demo; load model ",
		.eval_shown = f->eval_every > 0 ? "200 cases of the valid split" : "",
		.eval_settings_shown = f->eval_every > 0 ? "B 10 · mask before" : "",
		.n_runners = f->runners,
	};
	arena_init(&race->arena);
	runners = arena_alloc(&race->arena, (f->runners + 1) * sizeof(*runners));
	for (size_t i = 0; i < f->runners; i++) {
		runners[i] = (struct snap_runner){
			.name_shown = names[i],
			.state = f->step == 0 ? RUNNER_READY : RUNNER_RUNNING,
			.step = f->step,
			.tokens = 2000 * f->step,
			.seconds = 0.02 * (double)(f->step * (i + 1)),
		};
		add_curves(race, &runners[i], f, i);
	}
	race->runners = runners;
	return race;
}

void fake_race_free(struct snap_race *race)
{
	if (--race->refs > 0)
		return;
	arena_release(&race->arena);
	free(race);
}
