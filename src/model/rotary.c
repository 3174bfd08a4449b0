/* Rotary frequencies (Su et al. 2021) and the ways of stretching them that models use. */
#include "rotary.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

#define MIN_GROWTH 256 /* positions */

/*
 * Llama 3.1's stretching for contexts longer than the one trained on (original_positions): a wave that fits the old
 * context at least high_freq_factor times is kept, one that fits less than low_freq_factor times is slowed by `factor`,
 * and between them the two are mixed linearly in the number of waves.
 */
static double stretch_llama3(const struct rope_config *rope, double freq)
{
	double waves = rope->original_positions * freq / (2 * M_PI);
	double keep = (waves - rope->low_freq_factor) / (rope->high_freq_factor - rope->low_freq_factor);

	if (waves > rope->high_freq_factor)
		keep = 1;
	else if (waves < rope->low_freq_factor)
		keep = 0;
	return (1 - keep) * freq / rope->factor + keep * freq;
}

/* The pair that turns `waves` times over the context that the model was trained on, as a number between pairs. */
static double pair_of(const struct rope_config *rope, double waves, double head_dim)
{
	return head_dim * log(rope->original_positions / (waves * 2 * M_PI)) / (2 * log(rope->theta));
}

/*
 * YaRN's stretching (Peng et al. 2023, section 3.2): pairs that turn more than beta_fast times are kept, those that
 * turn less than beta_slow times are slowed by `factor`, and between them the two are mixed linearly in the number of
 * the pair.
 */
static double stretch_yarn(const struct rope_config *rope, double freq, double pair, double head_dim)
{
	double from = pair_of(rope, rope->beta_fast, head_dim), to = pair_of(rope, rope->beta_slow, head_dim), slow;

	if (rope->truncate) {
		from = floor(from);
		to = ceil(to);
	}
	from = fmax(from, 0);
	to = fmin(to, head_dim - 1);
	if (from == to)
		to += 0.001;
	slow = fmin(fmax((pair - from) / (to - from), 0), 1);
	return slow * freq / rope->factor + (1 - slow) * freq;
}

static double plain_frequency(const struct rope_config *rope, size_t pair, size_t head_dim)
{
	return pow(rope->theta, -2.0 * (double)pair / (double)head_dim);
}

static double frequency(const struct rope_config *rope, size_t pair, size_t head_dim)
{
	double freq = plain_frequency(rope, pair, head_dim);

	switch (rope->kind) {
	case ROPE_PLAIN:
	case ROPE_DYNAMIC:
		break;
	case ROPE_LINEAR:
		freq /= rope->factor;
		break;
	case ROPE_LLAMA3:
		freq = stretch_llama3(rope, freq);
		break;
	case ROPE_FACTORS:
		freq /= rope->factors[pair];
		break;
	case ROPE_YARN:
		freq = stretch_yarn(rope, freq, (double)pair, (double)head_dim);
		break;
	}
	return freq;
}

double rotary_factor(const struct rope_config *rope, size_t pair, size_t head_dim)
{
	return plain_frequency(rope, pair, head_dim) / frequency(rope, pair, head_dim);
}

int rotary_init(struct rotary *r, const struct rope_config *rope, size_t head_dim, struct err *err)
{
	*r = (struct rotary){.half = head_dim / 2, .scale = rope->kind == ROPE_YARN ? rope->attention_factor : 1};
	r->freq = mem_try_alloc(r->half, sizeof(*r->freq), false, "rotary frequencies", err);
	if (r->freq == NULL)
		return -1;
	for (size_t i = 0; i < r->half; i++)
		r->freq[i] = frequency(rope, i, head_dim);
	return 0;
}

void rotary_release(struct rotary *r)
{
	free(r->freq);
	free(r->cos);
	free(r->sin);
	*r = (struct rotary){0};
}

int rotary_reserve(struct rotary *r, size_t positions, struct err *err)
{
	size_t extra = r->positions / 2 > MIN_GROWTH ? r->positions / 2 : MIN_GROWTH;
	void *grown_cos = r->cos, *grown_sin = r->sin;

	if (positions <= r->positions)
		return 0;
	if (positions < r->positions + extra)
		positions = r->positions + extra;
	if (mem_try_grow(&grown_cos, r->positions, positions, r->half * sizeof(float), "rotary tables", err) != 0)
		return -1;
	r->cos = grown_cos;
	if (mem_try_grow(&grown_sin, r->positions, positions, r->half * sizeof(float), "rotary tables", err) != 0)
		return -1;
	r->sin = grown_sin;
	for (size_t p = r->positions; p < positions; p++) {
		for (size_t i = 0; i < r->half; i++) {
			double angle = (double)p * r->freq[i];

			r->cos[p * r->half + i] = (float)(r->scale * cos(angle));
			r->sin[p * r->half + i] = (float)(r->scale * sin(angle));
		}
	}
	r->positions = positions;
	return 0;
}
