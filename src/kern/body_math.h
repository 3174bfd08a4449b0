/* Exponentials, maxima and sums over contiguous floats. */

/* Just above ln 2^-126, the logarithm of the smallest float that is not subnormal. */
#define EXP_LEAST -87.336f

/*
 * exp(x) to about 1 ulp: x = n ln 2 + r with |r| <= ln 2 / 2, exp(r) by its Taylor series (the 8th term is below
 * 6e-9), times 2^n. ln 2 is in two parts, of which n times the first is exact. What would be subnormal is 0: to compute
 * such results takes a machine twenty times as long, also for a masked -inf. Beyond the upper clamp the result is
 * infinity anyway; the clamps' order of operands lets a NaN through.
 */
INLINE vf vexp(vf x)
{
	vu none = (vu)(x < vset(EXP_LEAST));
	vf n, r, p;

	x = vmin(vset(89.0f), vmax(vset(EXP_LEAST), x));
	n = vround(x * vset(0x1.715476p0f));
	r = vfma(n, vset(-0x1.62e4p-1f), x);
	r = vfma(n, vset(-0x1.7f7d1cp-20f), r);
	p = vset(1.0f / 5040);
	p = vfma(p, r, vset(1.0f / 720));
	p = vfma(p, r, vset(1.0f / 120));
	p = vfma(p, r, vset(1.0f / 24));
	p = vfma(p, r, vset(1.0f / 6));
	p = vfma(p, r, vset(0.5f));
	p = vfma(p, r, vset(1.0f));
	p = vfma(p, r, vset(1.0f));
	return (vf)(~none & (vu)vscale2(p, n));
}

static float max(const float *z, size_t n)
{
	vf m = vset(-INFINITY);
	size_t i;

	for (i = 0; i + VL <= n; i += VL)
		m = vmax(m, vload(z + i));
	if (i < n)
		m = vmax(m, vload_part(z + i, n - i, -INFINITY));
	return vmost(m);
}

static float exp_sum(float *out, const float *z, size_t n, float scale, float max)
{
	vf by = vset(scale), high = vset(max), sum = vset(0.0f), e;
	size_t i;

	for (i = 0; i + VL <= n; i += VL) {
		e = vexp((vload(z + i) - high) * by);
		if (out)
			vstore(out + i, e);
		sum = sum + e;
	}
	if (i < n) {
		e = vexp((vload_part(z + i, n - i, -INFINITY) - high) * by);
		if (out)
			vstore_part(out + i, n - i, e);
		sum = sum + e;
	}
	return vsum(sum);
}

static void scale(float *z, size_t n, float by)
{
	size_t i;

	for (i = 0; i + VL <= n; i += VL)
		vstore(z + i, vload(z + i) * vset(by));
	if (i < n)
		vstore_part(z + i, n - i, vload_part(z + i, n - i, 0.0f) * vset(by));
}

static void add(float *y, const float *x, float by, size_t n)
{
	size_t i;

	for (i = 0; i + VL <= n; i += VL)
		vstore(y + i, vfma(vset(by), vload(x + i), vload(y + i)));
	if (i < n)
		vstore_part(
			y + i, n - i, vfma(vset(by), vload_part(x + i, n - i, 0.0f), vload_part(y + i, n - i, 0.0f)));
}
