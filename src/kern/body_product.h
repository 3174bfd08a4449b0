/* Products of few rows, and the widening of stored weights. */

INLINE const void *weight_at(const void *w, enum dtype type, size_t i)
{
	return (const char *)w + i * (type == DTYPE_F32 ? sizeof(float) : sizeof(uint16_t));
}

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

static void widen(float *out, const void *w, enum dtype type, size_t n)
{
	switch (type) {
	case DTYPE_F16:
		widen_type(out, w, DTYPE_F16, n);
		break;
	case DTYPE_BF16:
		widen_type(out, w, DTYPE_BF16, n);
		break;
	default:
		widen_type(out, w, DTYPE_F32, n);
	}
}

/* Rows r … r+nx-1 of x with rows o … o+nw-1 of w: each value is loaded once and used nw or nx times. */
INLINE void tile(const struct product *p, size_t o, size_t r, const size_t nw, const size_t nx, const enum dtype type)
{
	const float *x = p->x + r * p->ldx;
	const void *w = weight_at(p->w, type, o * p->ldw);
	vf sum[TILE_X][TILE_W], wv[TILE_W], xv;
	size_t i, a, b;

	UNROLL for (b = 0; b < nx; b++)
		UNROLL for (a = 0; a < nw; a++)
			sum[b][a] = vset(0.0f);
	for (i = 0; i + VL <= p->in; i += VL) {
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
		float *y = p->y + (r + b) * p->ldy + o;

		UNROLL for (a = 0; a < nw; a++) {
			float s = vsum(sum[b][a]) + (p->b ? p->b[o + a] : 0.0f);

			y[a] = p->add ? y[a] + s : s;
		}
	}
}

/* w outermost: a weight comes from memory once, and from the cache for the other tiles of rows. */
INLINE void product_type(const struct product *p, const enum dtype type)
{
	size_t o, r, n;

	for (o = 0; o + TILE_W <= p->outs; o += TILE_W) {
		for (r = 0; r < p->rows; r += n) {
			n = p->rows - r;
			if (n > TILE_X)
				n = n >= 2 * TILE_X ? TILE_X : (n + 1) / 2;
			switch (n) {
			case 1:
				tile(p, o, r, TILE_W, 1, type);
				break;
			case 2:
				tile(p, o, r, TILE_W, 2, type);
				break;
#if TILE_X >= 3
			case 3:
				tile(p, o, r, TILE_W, 3, type);
				break;
#endif
#if TILE_X >= 6
			case 4:
				tile(p, o, r, TILE_W, 4, type);
				break;
			case 5:
				tile(p, o, r, TILE_W, 5, type);
				break;
			case 6:
				tile(p, o, r, TILE_W, 6, type);
				break;
#endif
			}
		}
	}
	for (; o < p->outs; o++)
		for (r = 0; r < p->rows; r++)
			tile(p, o, r, 1, 1, type);
}

static void product(const struct product *p)
{
	switch (p->type) {
	case DTYPE_F16:
		product_type(p, DTYPE_F16);
		break;
	case DTYPE_BF16:
		product_type(p, DTYPE_BF16);
		break;
	default:
		product_type(p, DTYPE_F32);
	}
}

static float dot(const float *x, const void *w, enum dtype type, size_t n)
{
	float y;
	struct product p = {
		.y = &y, .x = x, .rows = 1, .w = w, .type = type, .outs = 1, .in = n,
	};

	product(&p);
	return y;
}

/* nx rows of s and nv vectors of d; the last vector may be partial. */
INLINE void mix_tile(float *y, size_t ldy, const float *s, size_t lds, const float *v, size_t ldv, const size_t nx,
		     const size_t nv, size_t n, bool add)
{
	vf sum[TILE_X][TILE_W], vv[TILE_W], sv;
	size_t i, a, b;

	UNROLL for (b = 0; b < nx; b++)
		UNROLL for (a = 0; a < nv; a++)
			sum[b][a] = add ? vload(y + b * ldy + a * VL) : vset(0.0f);
	for (i = 0; i < n; i++) {
		UNROLL for (a = 0; a < nv; a++)
			vv[a] = vload(v + i * ldv + a * VL);
		UNROLL for (b = 0; b < nx; b++) {
			sv = vset(s[b * lds + i]);
			UNROLL for (a = 0; a < nv; a++)
				sum[b][a] = vfma(sv, vv[a], sum[b][a]);
		}
	}
	UNROLL for (b = 0; b < nx; b++)
		UNROLL for (a = 0; a < nv; a++)
			vstore(y + b * ldy + a * VL, sum[b][a]);
}

static void mix(float *y, size_t ldy, const float *s, size_t lds, const float *v, size_t ldv, size_t rows, size_t n, size_t d,
		bool add)
{
	size_t r, c, i;

	for (c = 0; c + TILE_W * VL <= d; c += TILE_W * VL) {
		for (r = 0; r + TILE_X <= rows; r += TILE_X)
			mix_tile(y + r * ldy + c, ldy, s + r * lds, lds, v + c, ldv, TILE_X, TILE_W, n, add);
		for (; r < rows; r++)
			mix_tile(y + r * ldy + c, ldy, s + r * lds, lds, v + c, ldv, 1, TILE_W, n, add);
	}
	for (; c + VL <= d; c += VL)
		for (r = 0; r < rows; r++)
			mix_tile(y + r * ldy + c, ldy, s + r * lds, lds, v + c, ldv, 1, 1, n, add);
	for (; c < d; c++) {
		for (r = 0; r < rows; r++) {
			float sum = add ? y[r * ldy + c] : 0.0f;

			for (i = 0; i < n; i++)
				sum += s[r * lds + i] * v[i * ldv + c];
			y[r * ldy + c] = sum;
		}
	}
}
