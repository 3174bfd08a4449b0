/* One row, or one head, of the small kernels of a layer. */

static void rmsnorm(float *y, const float *x, const float *w, size_t n, double eps)
{
	vf squares = vset(0.0f), by, v;
	float inv;
	size_t i;

	for (i = 0; i + VL <= n; i += VL) {
		v = vload(x + i);
		squares = vfma(v, v, squares);
	}
	if (i < n) {
		v = vload_part(x + i, n - i, 0.0f);
		squares = vfma(v, v, squares);
	}
	inv = (float)(1.0 / sqrt((double)vsum(squares) / (double)n + eps));
	by = vset(inv);
	for (i = 0; i + VL <= n; i += VL)
		vstore(y + i, vload(w + i) * (vload(x + i) * by));
	for (; i < n; i++)
		y[i] = w[i] * (x[i] * inv);
}

/* What layernorm takes from a row: the mean, and 1 over the deviation. Squares are of differences, since the mean may
 * be far from 0. */
struct moments {
	float mean, inv;
};

INLINE struct moments moments_of(const float *x, size_t n, double eps)
{
	vf sum = vset(0.0f), squares = vset(0.0f), mean, v;
	struct moments m;
	size_t i;

	for (i = 0; i + VL <= n; i += VL)
		sum = sum + vload(x + i);
	if (i < n)
		sum = sum + vload_part(x + i, n - i, 0.0f);
	m.mean = (float)((double)vsum(sum) / (double)n);
	mean = vset(m.mean);
	for (i = 0; i + VL <= n; i += VL) {
		v = vload(x + i) - mean;
		squares = vfma(v, v, squares);
	}
	if (i < n) {
		v = vload_part(x + i, n - i, m.mean) - mean;
		squares = vfma(v, v, squares);
	}
	m.inv = (float)(1.0 / sqrt((double)vsum(squares) / (double)n + eps));
	return m;
}

static void layernorm(float *y, const float *x, const float *w, const float *b, size_t n, double eps)
{
	struct moments m = moments_of(x, n, eps);
	vf mean = vset(m.mean), by = vset(m.inv);
	size_t i;

	for (i = 0; i + VL <= n; i += VL)
		vstore(y + i, vfma(vload(w + i), (vload(x + i) - mean) * by, vload(b + i)));
	if (i < n)
		vstore_part(y + i, n - i,
			vfma(vload_part(w + i, n - i, 0.0f), (vload_part(x + i, n - i, 0.0f) - mean) * by,
				vload_part(b + i, n - i, 0.0f)));
}

static void rope(float *a, float *b, const float *cos, const float *sin, size_t half)
{
	size_t i;

	for (i = 0; i + VL <= half; i += VL) {
		vf va = vload(a + i), vb = vload(b + i), c = vload(cos + i), s = vload(sin + i);

		vstore(a + i, va * c - vb * s);
		vstore(b + i, vb * c + va * s);
	}
	for (; i < half; i++) {
		float first = a[i], second = b[i];

		a[i] = first * cos[i] - second * sin[i];
		b[i] = second * cos[i] + first * sin[i];
	}
}

INLINE vf vswiglu(vf gate, vf up)
{
	return gate / (vset(1.0f) + vexp(vset(0.0f) - gate)) * up;
}

static void swiglu(float *y, const float *gate, const float *up, size_t n)
{
	size_t i;

	for (i = 0; i + VL <= n; i += VL)
		vstore(y + i, vswiglu(vload(gate + i), vload(up + i)));
	if (i < n)
		vstore_part(y + i, n - i, vswiglu(vload_part(gate + i, n - i, 0.0f), vload_part(up + i, n - i, 0.0f)));
}

#define GELU_TWICE 1.5957691216057308f /* 2 sqrt(2/π) */
#define GELU_CUBE 0.044715f

/* The sigmoid of 2 u, which is (1 + tanh u) / 2. Beyond 16 it is 0 or 1 in any case, and x³ stays finite. */
INLINE vf vgelu_gate(vf x)
{
	x = vmin(vset(16.0f), vmax(vset(-16.0f), x));
	return vset(1.0f) / (vset(1.0f) + vexp(vset(-GELU_TWICE) * x * vfma(vset(GELU_CUBE) * x, x, vset(1.0f))));
}

static void gelu(float *y, const float *x, size_t n)
{
	vf v;
	size_t i;

	for (i = 0; i + VL <= n; i += VL) {
		v = vload(x + i);
		vstore(y + i, v * vgelu_gate(v));
	}
	if (i < n) {
		v = vload_part(x + i, n - i, 0.0f);
		vstore_part(y + i, n - i, v * vgelu_gate(v));
	}
}
