/* What only training needs: the backward passes of the small kernels, the optimiser and dropout. */

/*
 * With r = 1 / sqrt(mean x² + eps) and g = dy · w:  dx = r g - x r³ / n Σ g x,  dw = dy x r.
 */
static void rmsnorm_bwd(float *dx, float *dw, const float *dy, const float *x, const float *w, size_t n, double eps)
{
	vf squares = vset(0.0f), across = vset(0.0f), r, back, v;
	double mean, inv;
	size_t i;

	for (i = 0; i + VL <= n; i += VL) {
		v = vload(x + i);
		squares = vfma(v, v, squares);
		across = vfma(vload(dy + i) * vload(w + i), v, across);
	}
	if (i < n) {
		v = vload_part(x + i, n - i, 0.0f);
		squares = vfma(v, v, squares);
		across = vfma(vload_part(dy + i, n - i, 0.0f) * vload_part(w + i, n - i, 0.0f), v, across);
	}
	mean = (double)vsum(squares) / (double)n + eps;
	inv = 1.0 / sqrt(mean);
	r = vset((float)inv);
	back = vset((float)(-inv / mean * (double)vsum(across) / (double)n));
	for (i = 0; i + VL <= n; i += VL) {
		vf from = vload(dy + i) * r;

		v = vload(x + i);
		vstore(dx + i, vfma(v, back, vfma(from, vload(w + i), vload(dx + i))));
		if (dw)
			vstore(dw + i, vfma(from, v, vload(dw + i)));
	}
	if (i < n) {
		vf from = vload_part(dy + i, n - i, 0.0f) * r;

		v = vload_part(x + i, n - i, 0.0f);
		vstore_part(dx + i, n - i,
			vfma(v, back, vfma(from, vload_part(w + i, n - i, 0.0f), vload_part(dx + i, n - i, 0.0f))));
		if (dw)
			vstore_part(dw + i, n - i, vfma(from, v, vload_part(dw + i, n - i, 0.0f)));
	}
}

/*
 * With x̂ = (x - mean) inv and g = dy w:  dx = inv (g - mean(g) - x̂ mean(g x̂)),  dw = dy x̂,  db = dy.
 */
INLINE vf vlayernorm_bwd(vf dy, vf hat, vf w, vf g, vf across, vf inv)
{
	return (dy * w - vfma(hat, across, g)) * inv;
}

static void layernorm_bwd(
	float *dx, float *dw, float *db, const float *dy, const float *x, const float *w, size_t n, double eps)
{
	struct moments m = moments_of(x, n, eps);
	vf mean = vset(m.mean), inv = vset(m.inv), sum = vset(0.0f), dot = vset(0.0f), g, across, hat, d;
	size_t i;

	for (i = 0; i + VL <= n; i += VL) {
		d = vload(dy + i) * vload(w + i);
		sum = sum + d;
		dot = vfma(d, (vload(x + i) - mean) * inv, dot);
	}
	if (i < n) {
		d = vload_part(dy + i, n - i, 0.0f) * vload_part(w + i, n - i, 0.0f);
		sum = sum + d;
		dot = vfma(d, (vload_part(x + i, n - i, 0.0f) - mean) * inv, dot);
	}
	g = vset((float)((double)vsum(sum) / (double)n));
	across = vset((float)((double)vsum(dot) / (double)n));
	for (i = 0; i + VL <= n; i += VL) {
		d = vload(dy + i);
		hat = (vload(x + i) - mean) * inv;
		vstore(dx + i, vload(dx + i) + vlayernorm_bwd(d, hat, vload(w + i), g, across, inv));
		if (dw) {
			vstore(dw + i, vfma(d, hat, vload(dw + i)));
			vstore(db + i, vload(db + i) + d);
		}
	}
	if (i < n) {
		size_t left = n - i;

		d = vload_part(dy + i, left, 0.0f);
		hat = (vload_part(x + i, left, 0.0f) - mean) * inv;
		vstore_part(dx + i, left,
			vload_part(dx + i, left, 0.0f) +
				vlayernorm_bwd(d, hat, vload_part(w + i, left, 0.0f), g, across, inv));
		if (dw) {
			vstore_part(dw + i, left, vfma(d, hat, vload_part(dw + i, left, 0.0f)));
			vstore_part(db + i, left, vload_part(db + i, left, 0.0f) + d);
		}
	}
}

/* With s = 1 / (1 + exp(-gate)): silu = gate s, silu' = s (1 + gate (1 - s)). */
INLINE vf vswiglu_bwd(vf *dup, vf dy, vf gate, vf up)
{
	vf s = vset(1.0f) / (vset(1.0f) + vexp(vset(0.0f) - gate)), silu = gate * s;

	*dup = dy * silu;
	return dy * up * (s + silu * (vset(1.0f) - s));
}

static void swiglu_bwd(float *dgate, float *dup, const float *dy, const float *gate, const float *up, size_t n)
{
	vf dg, du;
	size_t i;

	for (i = 0; i + VL <= n; i += VL) {
		dg = vswiglu_bwd(&du, vload(dy + i), vload(gate + i), vload(up + i));
		vstore(dgate + i, dg);
		vstore(dup + i, du);
	}
	if (i < n) {
		dg = vswiglu_bwd(&du, vload_part(dy + i, n - i, 0.0f), vload_part(gate + i, n - i, 0.0f),
			vload_part(up + i, n - i, 0.0f));
		vstore_part(dgate + i, n - i, dg);
		vstore_part(dup + i, n - i, du);
	}
}

/* With s the sigmoid of 2 u: gelu = x s, gelu' = s + x s (1 - s) 2 u'. */
INLINE vf vgelu_bwd(vf dy, vf x)
{
	vf s = vgelu_gate(x), bent = s * (vset(1.0f) - s);

	x = vmin(vset(16.0f), vmax(vset(-16.0f), x));
	return dy * vfma(vset(GELU_TWICE) * x * bent, vfma(vset(3 * GELU_CUBE) * x, x, vset(1.0f)), s);
}

static void gelu_bwd(float *dx, const float *dy, const float *x, size_t n)
{
	size_t i;

	for (i = 0; i + VL <= n; i += VL)
		vstore(dx + i, vgelu_bwd(vload(dy + i), vload(x + i)));
	if (i < n)
		vstore_part(dx + i, n - i, vgelu_bwd(vload_part(dy + i, n - i, 0.0f), vload_part(x + i, n - i, 0.0f)));
}

/* dz = by · exp(scale · (z - high)), but 0 for powers up to 2^-80: products with them may be subnormal, and those take
 * a machine a hundred times as long. */
static void xent_bwd(float *dz, const float *z, size_t n, float scale, float high, float by)
{
	size_t i;

	for (i = 0; i < n; i += VL) {
		bool part = n - i < VL;
		vf e = vexp(((part ? vload_part(z + i, n - i, -INFINITY) : vload(z + i)) - vset(high)) * vset(scale));

		e = (vf)((vu)e & ~(vu)(e <= vset(0x1p-80f))) * vset(by);
		if (part)
			vstore_part(dz + i, n - i, e);
		else
			vstore(dz + i, e);
	}
}

/* The weights p = exp(scale · (p - high)) of a row's scores, and dz = p (dz - Σ p dz) scale from the weights' gradients
 * to the scores'. */
static void attn_bwd(float *p, float *dz, size_t n, float scale, float high)
{
	vf sum = vset(0.0f), e;
	float mean;
	size_t i;

	for (i = 0; i + VL <= n; i += VL) {
		e = vexp((vload(p + i) - vset(high)) * vset(scale));
		vstore(p + i, e);
		sum = vfma(e, vload(dz + i), sum);
	}
	if (i < n) {
		e = vexp((vload_part(p + i, n - i, -INFINITY) - vset(high)) * vset(scale));
		vstore_part(p + i, n - i, e);
		sum = vfma(e, vload_part(dz + i, n - i, 0.0f), sum);
	}
	mean = vsum(sum);
	for (i = 0; i + VL <= n; i += VL)
		vstore(dz + i, vload(p + i) * (vload(dz + i) - vset(mean)) * vset(scale));
	if (i < n) {
		e = vload_part(p + i, n - i, 0.0f) * (vload_part(dz + i, n - i, 0.0f) - vset(mean)) * vset(scale);
		vstore_part(dz + i, n - i, e);
	}
}

INLINE void vadamw(vf *w, vf *m, vf *v, vf g, const struct adamw_by *by)
{
	g = g * vset(by->g);
	*m = vfma(vset(by->part1), g, vset(by->beta1) * *m);
	*v = vfma(vset(by->part2) * g, g, vset(by->beta2) * *v);
	*w = vset(by->keep) * *w - vset(by->step) * *m / vfma(vsqrt(*v), vset(by->root), vset(by->eps));
}

static void adamw(float *w, float *m, float *v, const float *g, const struct adamw_by *by, size_t n)
{
	vf vw, vm, vv;
	size_t i;

	for (i = 0; i + VL <= n; i += VL) {
		vw = vload(w + i);
		vm = vload(m + i);
		vv = vload(v + i);
		vadamw(&vw, &vm, &vv, vload(g + i), by);
		vstore(w + i, vw);
		vstore(m + i, vm);
		vstore(v + i, vv);
	}
	if (i < n) {
		vw = vload_part(w + i, n - i, 0.0f);
		vm = vload_part(m + i, n - i, 0.0f);
		vv = vload_part(v + i, n - i, 0.0f);
		vadamw(&vw, &vm, &vv, vload_part(g + i, n - i, 0.0f), by);
		vstore_part(w + i, n - i, vw);
		vstore_part(m + i, n - i, vm);
		vstore_part(v + i, n - i, vv);
	}
}

static double sum_squares(const float *x, size_t n)
{
	double lane[VL] = {0}, sum = 0.0;
	size_t i, l;

	for (i = 0; i + VL <= n; i += VL)
		for (l = 0; l < VL; l++)
			lane[l] += (double)x[i + l] * (double)x[i + l];
	for (l = 0; i + l < n; l++)
		lane[l] += (double)x[i + l] * (double)x[i + l];
	for (l = 0; l < VL; l++)
		sum += lane[l];
	return sum;
}

/* A permutation of the 32-bit numbers in which every bit of the result hangs on every bit of i: MurmurHash3's last
 * step (Appleby 2011). */
INLINE vu vscramble(vu i)
{
	i = (i ^ i >> 16) * 0x85ebca6bu;
	i = (i ^ i >> 13) * 0xc2b2ae35u;
	return i ^ i >> 16;
}

/* x where its number is kept, else 0. The key enters before, between and so that two keys give neither the same numbers
 * in another order of places nor the same order of other numbers. */
INLINE vf vdrop(vf x, vu i, uint64_t key, uint32_t below)
{
	vu random = vscramble(vscramble(i + (uint32_t)key) ^ (uint32_t)(key >> 32));

	return (vf)((vu)x & (vu)(random >= below));
}

static void dropout(float *y, const float *x, size_t n, uint64_t key, uint32_t below, float by, bool add)
{
	vu place;
	size_t i;

	for (i = 0; i < VL; i++)
		place[i] = (uint32_t)i;
	for (i = 0; i + VL <= n; i += VL, place += VL) {
		vf kept = vdrop(vload(x + i), place, key, below);

		vstore(y + i, vfma(kept, vset(by), add ? vload(y + i) : vset(0.0f)));
	}
	if (i < n) {
		vf kept = vdrop(vload_part(x + i, n - i, 0.0f), place, key, below);

		vstore_part(y + i, n - i, vfma(kept, vset(by), add ? vload_part(y + i, n - i, 0.0f) : vset(0.0f)));
	}
}
