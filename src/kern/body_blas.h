/* Products of many rows by sgemm. */

static int blas_ld(size_t apart, size_t least)
{
	return (int)(apart > least ? apart : least); /* a single row may say less than BLAS wants to hear */
}

/* n steps of b from `first` on: in place when they are floats, else widened in the same order. */
static const float *blas_b(const struct gemm *g, size_t first, size_t n, int *ld)
{
	bool columns = g->b_step == 1;
	size_t count = columns ? g->columns : n, length = columns ? n : g->columns;
	size_t apart = columns ? g->b_column : g->b_step, at = g->b_first + first * g->b_step;

	*ld = blas_ld(g->type == DTYPE_F32 ? apart : length, length);
	if (g->type == DTYPE_F32)
		return (const float *)g->b + at;
	for (size_t i = 0; i < count; i++)
		widen(g->room + i * length, g->b, g->type, at + i * apart, length);
	return g->room;
}

static void gemm(const struct gemm *g)
{
	size_t depth = g->type == DTYPE_F32 ? g->n : GEMM_DEPTH;
	bool across = g->a_step != 1;

	for (size_t i = 0; i < g->n; i += depth) {
		size_t n = g->n - i < depth ? g->n - i : depth;
		int lda = across ? blas_ld(g->a_step, g->rows) : blas_ld(g->a_row, n), ldb;
		const float *b = blas_b(g, i, n, &ldb);

		cblas_sgemm(CblasRowMajor, across ? CblasTrans : CblasNoTrans,
			g->b_step == 1 ? CblasTrans : CblasNoTrans, (int)g->rows, (int)g->columns, (int)n, 1.0f,
			g->a + i * g->a_step, lda, b, ldb, g->add || i > 0 ? 1.0f : 0.0f, g->y, (int)g->ldy);
	}
}
