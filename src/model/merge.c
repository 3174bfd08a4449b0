#include "model/merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

int merge_init(struct merge *m, const struct lora *lora, struct err *err)
{
	static const char what[] = "the adapter's matrices";
	size_t n_a, n_b;

	*m = (struct merge){.lora = lora};
	if (lora == NULL)
		return 0;
	n_a = lora->r * lora->param->cols;
	n_b = lora->param->rows * lora->r;
	m->a = mem_try_alloc(n_a, sizeof(*m->a), false, what, err);
	m->b = mem_try_alloc(n_b, sizeof(*m->b), false, what, err);
	m->row = mem_try_alloc(lora->param->cols, sizeof(*m->row), false, what, err);
	if (m->a == NULL || m->b == NULL || m->row == NULL) {
		merge_release(m);
		return -1;
	}
	dtype_widen(m->a, lora->a.data, lora->a.dtype, 0, n_a);
	dtype_widen(m->b, lora->b.data, lora->b.dtype, 0, n_b);
	return 0;
}

void merge_release(struct merge *m)
{
	free(m->a);
	free(m->b);
	free(m->row);
	*m = (struct merge){0};
}

void merge_rows(const struct merge *m, float *w, size_t first, size_t n)
{
	const struct lora *l = m->lora;
	size_t in = l == NULL ? 0 : l->param->cols;

	for (size_t o = first; l != NULL && o < first + n; o++, w += in) {
		memset(m->row, 0, in * sizeof(*m->row));
		for (size_t k = 0; k < l->r; k++) {
			for (size_t i = 0; i < in; i++)
				m->row[i] += (double)m->b[o * l->r + k] * m->a[k * in + i];
		}
		for (size_t i = 0; i < in; i++)
			w[i] = (float)(w[i] + l->scale * m->row[i]);
	}
}
