/* Products of few rows, and the widening of stored weights. */

INLINE vf weight_load(const void *w, enum dtype type)
{
	switch (type) {
	case DTYPE_F16:
		return vload_f16(w);
	case DTYPE_BF16:
		return vload_bf16(w);
	default:
		return vload(w);
	}
}

/* The first n < VL weights, then zeros. */
INLINE vf weight_load_part(const void *w, enum dtype type, size_t n)
{
	uint16_t half[VL] = {0};

	if (type == DTYPE_F32)
		return vload_part(w, n, 0.0f);
	memcpy(half, w, n * sizeof(*half));
	return weight_load(half, type);
}

INLINE void widen_type(float *out, const void *w, const enum dtype type, size_t n)
{
	size_t i;

	for (i = 0; i + VL <= n; i += VL)
		vstore(out + i, weight_load(weight_at(w, type, i), type));
	if (i < n)
		vstore_part(out + i, n - i, weight_load_part(weight_at(w, type, i), type, n - i));
}

static void widen_f32(float *out, const void *w, size_t first, size_t n)
{
	widen_type(out, weight_at(w, DTYPE_F32, first), DTYPE_F32, n);
}

static void widen_f16(float *out, const void *w, size_t first, size_t n)
{
	widen_type(out, weight_at(w, DTYPE_F16, first), DTYPE_F16, n);
}

static void widen_bf16(float *out, const void *w, size_t first, size_t n)
{
	widen_type(out, weight_at(w, DTYPE_BF16, first), DTYPE_BF16, n);
}

static void widen(float *out, const void *w, enum dtype type, size_t first, size_t n)
{
	static void (*const widens[DTYPE_COUNT])(float *out, const void *w, size_t first, size_t n) = {
		[DTYPE_F32] = widen_f32,
		[DTYPE_F16] = widen_f16,
		[DTYPE_BF16] = widen_bf16,
		[DTYPE_Q8_0] = widen_q8_0,
		[DTYPE_Q4_0] = widen_q4_0,
		[DTYPE_Q4_1] = widen_q4_1,
		[DTYPE_Q5_0] = widen_q5_0,
		[DTYPE_Q5_1] = widen_q5_1,
		[DTYPE_Q4_K] = widen_q4_k,
		[DTYPE_Q5_K] = widen_q5_k,
		[DTYPE_Q6_K] = widen_q6_k,
	};

	widens[type](out, w, first, n);
}

/*
 * Rows r … r+nx-1 of x with rows o … o+nw-1 of w: each value is loaded once and used nw or nx times. Meanwhile np rows
 * of w from row `ahead` on are fetched into the second cache: the first is full of x.
 */
INLINE void tile(const struct product *p, size_t o, size_t r, size_t ahead, const size_t nw, const size_t nx,
	const size_t np, const enum dtype type)
{
	const float *x = p->x + r * p->ldx;
	const void *w = weight_at(p->w, type, o * p->ldw), *next = weight_at(p->w, type, ahead * p->ldw);
	vf sum[TILE_X][4], wv[4], xv;
	size_t i, a, b;

	UNROLL for (b = 0; b < nx; b++)
		UNROLL for (a = 0; a < nw; a++)
			sum[b][a] = vset(0.0f);
	for (i = 0; i + VL <= p->in; i += VL) {
		UNROLL for (a = 0; a < np; a++)
			__builtin_prefetch(weight_at(next, type, a * p->ldw + i), 0, 2);
		UNROLL for (a = 0; a < nw; a++)
			wv[a] = weight_load(weight_at(w, type, a * p->ldw + i), type);
		UNROLL for (b = 0; b < nx; b++) {
			xv = vload(x + b * p->ldx + i);
			UNROLL for (a = 0; a < nw; a++)
				sum[b][a] = vfma(xv, wv[a], sum[b][a]);
		}
	}
	if (i < p->in) {
		UNROLL for (a = 0; a < nw; a++)
			wv[a] = weight_load_part(weight_at(w, type, a * p->ldw + i), type, p->in - i);
		UNROLL for (b = 0; b < nx; b++) {
			xv = vload_part(x + b * p->ldx + i, p->in - i, 0.0f);
			UNROLL for (a = 0; a < nw; a++)
				sum[b][a] = vfma(xv, wv[a], sum[b][a]);
		}
	}
	UNROLL for (b = 0; b < nx; b++) {
		float *y = p->y + (r + b) * p->ldy + o, s[4];

		vsum4(s, sum[b][0], sum[b][nw > 1 ? 1 : 0], sum[b][nw > 2 ? 2 : 0], sum[b][nw > 3 ? 3 : 0]);
		UNROLL for (a = 0; a < nw; a++) {
			s[a] += p->b ? p->b[o + a] : 0.0f;
			y[a] = p->add ? y[a] + s[a] : s[a];
		}
	}
}

typedef void tile_fn(const struct product *p, size_t o, size_t r, size_t ahead);

/* One function a tile: compilers keep the sums of a small function in registers, and give up on a large one. */
#define TILE(nw, nx, np)                                                                          \
	static void tile_##nw##x##nx##_##np(const struct product *p, size_t o, size_t r, size_t ahead) \
	{                                                                                         \
		switch (p->type) {                                                                \
		case DTYPE_F16:                                                                   \
			tile(p, o, r, ahead, nw, nx, np, DTYPE_F16);                              \
			break;                                                                    \
		case DTYPE_BF16:                                                                  \
			tile(p, o, r, ahead, nw, nx, np, DTYPE_BF16);                             \
			break;                                                                    \
		default:                                                                          \
			tile(p, o, r, ahead, nw, nx, np, DTYPE_F32);                              \
		}                                                                                 \
	}
#define TILES(nx) TILE(4, nx, 1) TILE(4, nx, 2) TILE(4, nx, 4)
#define TILES_OF(nx) {tile_4x##nx##_1, tile_4x##nx##_2, tile_4x##nx##_4}

TILE(1, 1, 1)
TILES(1)
TILES(2)
#if TILE_X >= 3
TILES(3)
#endif
#if TILE_X >= 6
TILES(4)
TILES(5)
TILES(6)
#endif

static tile_fn *const tiles[TILE_X + 1][3] = {
	{NULL}, TILES_OF(1), TILES_OF(2),
#if TILE_X >= 3
	TILES_OF(3),
#endif
#if TILE_X >= 6
	TILES_OF(4), TILES_OF(5), TILES_OF(6),
#endif
};

static bool is_half(enum dtype type)
{
	return type == DTYPE_F16 || type == DTYPE_BF16;
}

/* Whether rows of w go outermost: while the tiles of x fit the nearest cache beside them, or, for halves, while that
 * costs less than to store them widened. */
static bool is_few(const struct product *p)
{
	return p->rows <= (is_half(p->type) ? 8 : 3) * (size_t)TILE_X;
}

/*
 * The inputs are cut into runs, short enough that a tile's rows of x stay in the nearest cache, and y adds up the runs.
 * The cut depends on the number of inputs only, and so do the bits of y.
 */
static size_t run_len(size_t in)
{
	return blocks_of(blocks_of(in, blocks_of(in, PRODUCT_RUN)), 16) * 16;
}

/* Rows of w outermost: the tiles of x, which are few, together fetch the next rows. Widened ones are near already. */
static void product_few(const struct product *p, size_t outs, size_t readable)
{
	size_t parts = blocks_of(p->rows, TILE_X), fetch = p->w == p->wide ? 1 : parts == 1 ? 4 : 2;

	for (size_t o = 0; o < outs; o += 4) {
		for (size_t part = 0; part < parts; part++) {
			size_t r = part * p->rows / parts, nx = (part + 1) * p->rows / parts - r;
			size_t next = o + 4 + part * fetch;

			tiles[nx][fetch / 2](p, o, r, part * fetch < 4 && next + fetch <= readable ? next : o);
		}
	}
}

/* Tiles of x outermost: the panel of w stays in the second cache, while the rows of the next one are fetched, each
 * during one tile, all of them evenly over the panel. */
static void product_many(const struct product *p, size_t outs, size_t readable)
{
	size_t parts = blocks_of(p->rows, TILE_X), due = 0, next = PRODUCT_PANEL;

	for (size_t part = 0; part < parts; part++) {
		size_t r = part * p->rows / parts, nx = (part + 1) * p->rows / parts - r;

		for (size_t o = 0; o < outs; o += 4) {
			size_t ahead = o;

			due += PRODUCT_PANEL;
			if (due >= parts * PRODUCT_PANEL / 4) {
				due -= parts * PRODUCT_PANEL / 4;
				if (next < readable)
					ahead = next++;
			}
			tiles[nx][0](p, o, r, ahead);
		}
	}
}

/* One run of one panel of w. Rows below `readable` may be fetched ahead; where there are none, a tile fetches its own.
 */
static void product_panel(const struct product *p, size_t readable)
{
	size_t whole = p->outs - p->outs % 4;

	if (is_few(p))
		product_few(p, whole, readable);
	else
		product_many(p, whole, readable);
	for (size_t o = whole; o < p->outs; o++)
		for (size_t r = 0; r < p->rows; r++)
			tile_1x1_1(p, o, r, o);
}

/* Takes the panel's weights, from element `first` of w on, from where they are widened to. */
static void widen_panel(struct product *p, size_t first)
{
	for (size_t o = 0; o < p->outs; o++)
		widen(p->wide + o * p->in, p->w, p->type, first + o * p->ldw, p->in);
	p->w = p->wide;
	p->type = DTYPE_F32;
	p->ldw = p->in;
}

/* Packed weights are always widened before they are used; for few rows, so many at a time that they and a tile of x
 * stay in the nearest cache. */
static void product(const struct product *p)
{
	bool packed = dtype_packed(p->type), few = is_few(p);
	bool wide = packed || (p->wide && p->type != DTYPE_F32 && !few);
	size_t run = run_len(p->in), panel = packed && few ? PACKED_PANEL : PRODUCT_PANEL;

	for (size_t first = 0; first < p->outs; first += panel) {
		size_t left = p->outs - first;

		for (size_t i = 0; i < p->in; i += run) {
			struct product part = *p;

			part.y = p->y + first;
			part.x = p->x + i;
			part.outs = left < panel ? left : panel;
			part.in = p->in - i < run ? p->in - i : run;
			part.b = p->b && i == 0 ? p->b + first : NULL;
			part.add = p->add || i > 0;
			if (wide)
				widen_panel(&part, first * p->ldw + i);
			else
				part.w = weight_at(p->w, p->type, first * p->ldw + i);
			product_panel(&part, wide ? part.outs : left);
		}
	}
}

static float dot(const float *x, const void *w, enum dtype type, size_t n)
{
	float y, wide[PRODUCT_RUN];
	struct product p = {.y = &y, .x = x, .rows = 1, .w = w, .type = type, .outs = 1, .in = n, .wide = wide};

	if (n <= PRODUCT_RUN && !dtype_packed(type))
		tile_1x1_1(&p, 0, 0, 0);
	else
		product(&p);
	return y;
}
