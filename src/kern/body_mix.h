/* Products whose sums need no addition across a vector: a number of s times a row of v. */

/*
 * Rows r … r+nx-1 of s and nv vectors of d from column c on, of which `last` columns count in the last vector. Where y
 * is added to, its lines are fetched meanwhile.
 */
INLINE void mix_tile(const struct mix *m, size_t r, size_t c, size_t last, const size_t nx, const size_t nv,
	const bool part)
{
	const float *s = m->s + r * m->s_row, *v = m->v + c;
	float *y = m->y + r * m->ldy + c;
	vf sum[MIX_X][MIX_V], vv[MIX_V], sv;
	size_t i, a, b;

	UNROLL for (b = 0; b < nx; b++) {
		UNROLL for (a = 0; a < nv; a++) {
			__builtin_prefetch(y + b * m->ldy + a * VL, 1);
			sum[b][a] = vset(0.0f);
		}
	}
	for (i = 0; i < m->n; i++) {
		UNROLL for (a = 0; a < nv; a++)
			vv[a] = part ? vload_part(v + i * m->ldv + a * VL, last, 0.0f) : vload(v + i * m->ldv + a * VL);
		UNROLL for (b = 0; b < nx; b++) {
			sv = vset(s[b * m->s_row + i * m->s_step]);
			UNROLL for (a = 0; a < nv; a++)
				sum[b][a] = vfma(sv, vv[a], sum[b][a]);
		}
	}
	UNROLL for (b = 0; b < nx; b++) {
		UNROLL for (a = 0; a < nv; a++) {
			float *to = y + b * m->ldy + a * VL;

			if (m->add)
				sum[b][a] = sum[b][a] + (part ? vload_part(to, last, 0.0f) : vload(to));
			if (part)
				vstore_part(to, last, sum[b][a]);
			else
				vstore(to, sum[b][a]);
		}
	}
}

typedef void mix_fn(const struct mix *m, size_t r, size_t c, size_t last);

/* One function a tile, as for product(). */
#define MIX(nx, nv, name, part) \
	static void mix_##nx##x##name(const struct mix *m, size_t r, size_t c, size_t last) \
	{ \
		mix_tile(m, r, c, last, nx, nv, part); \
	}
#if MIX_V == 4
#define MIXES(nx) MIX(nx, 1, part, true) MIX(nx, 1, 1, false) MIX(nx, 2, 2, false) MIX(nx, 3, 3, false) \
	MIX(nx, 4, 4, false)
#define MIXES_OF(nx) {mix_##nx##xpart, mix_##nx##x1, mix_##nx##x2, mix_##nx##x3, mix_##nx##x4}
#else
#define MIXES(nx) MIX(nx, 1, part, true) MIX(nx, 1, 1, false) MIX(nx, 2, 2, false) MIX(nx, 3, 3, false)
#define MIXES_OF(nx) {mix_##nx##xpart, mix_##nx##x1, mix_##nx##x2, mix_##nx##x3}
#endif

MIXES(1)
MIXES(2)
MIXES(3)
MIXES(4)
#if MIX_X >= 6
MIXES(5)
MIXES(6)
#endif

/* [rows][vectors], where no vectors stand for a part of one */
static mix_fn *const mixes[MIX_X + 1][MIX_V + 1] = {
	{NULL}, MIXES_OF(1), MIXES_OF(2), MIXES_OF(3), MIXES_OF(4),
#if MIX_X >= 6
	MIXES_OF(5), MIXES_OF(6),
#endif
};

/* nv vectors, or a part of one, of all rows, in tiles of nearly the same height. */
static void mix_columns(const struct mix *m, size_t c, size_t nv, size_t last)
{
	size_t parts = blocks_of(m->rows, MIX_X);

	for (size_t i = 0; i < parts; i++) {
		size_t r = i * m->rows / parts;

		mixes[(i + 1) * m->rows / parts - r][nv](m, r, c, last);
	}
}

static void mix(const struct mix *m)
{
	size_t vectors = m->d / VL, parts = blocks_of(vectors, MIX_V), rest = m->d % VL;

	for (size_t i = 0; i < parts; i++) {
		size_t a = i * vectors / parts;

		mix_columns(m, a * VL, (i + 1) * vectors / parts - a, 0);
	}
	if (rest > 0)
		mix_columns(m, vectors * VL, 0, rest);
}
