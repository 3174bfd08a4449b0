/* Rows to columns. */

typedef float v4 __attribute__((vector_size(16)));

INLINE v4 v4_load(const float *p)
{
	v4 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

INLINE void v4_store(float *p, v4 v)
{
	memcpy(p, &v, sizeof(v));
}

INLINE void turn_square(float *to, size_t ldto, const float *from, size_t ldfrom)
{
	v4 a = v4_load(from), b = v4_load(from + ldfrom), c = v4_load(from + 2 * ldfrom),
	   d = v4_load(from + 3 * ldfrom);
	v4 ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);

	v4_store(to, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
	v4_store(to + ldto, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
	ab = __builtin_shufflevector(a, b, 2, 6, 3, 7);
	cd = __builtin_shufflevector(c, d, 2, 6, 3, 7);
	v4_store(to + 2 * ldto, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
	v4_store(to + 3 * ldto, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
}

static void turn(float *to, size_t ldto, const float *from, size_t ldfrom, size_t rows, size_t columns)
{
	size_t whole = rows - rows % 4, r, c;

	for (c = 0; c + 4 <= columns; c += 4)
		for (r = 0; r < whole; r += 4)
			turn_square(to + c * ldto + r, ldto, from + r * ldfrom + c, ldfrom);
	for (r = 0; r < rows; r++)
		for (c = r < whole ? columns - columns % 4 : 0; c < columns; c++)
			to[c * ldto + r] = from[r * ldfrom + c];
}
