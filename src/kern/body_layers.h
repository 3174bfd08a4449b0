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
