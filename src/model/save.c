#include "save_priv.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "model/merge.h"

#define PIECE ((size_t)1 << 20) /* values that are converted at once */
#define PIECE_BYTES ((size_t)1 << 24)

bool save_is_adapted(const struct save *s, size_t param)
{
	return s->adapter != NULL && s->adapter->of[param] != NULL;
}

static size_t row_at(const struct save_form *form, size_t place)
{
	return form->order != NULL ? form->order[place] : place;
}

static int check_cancelled(const struct save *s, struct err *err)
{
	return cancelled(s->cancel) ? err_set(err, ERR_CANCELLED, "cancelled: nothing was written") : 0;
}

/* Bytes as they are stored, as one block or row by row. */
static int copy_values(const struct save *s, const struct param *p, const struct save_form *form, save_sink *sink,
	void *arg, struct err *err)
{
	const char *data = p->tensor.data;
	size_t row = dtype_bytes(form->dtype, p->cols), size = row * p->rows;

	if (form->order == NULL) {
		for (size_t at = 0; at < size; at += PIECE_BYTES) {
			if (check_cancelled(s, err) != 0 ||
				sink(arg, data + at, size - at < PIECE_BYTES ? size - at : PIECE_BYTES, err) != 0)
				return -1;
		}
		return 0;
	}
	for (size_t place = 0; place < p->rows; place++) {
		if (check_cancelled(s, err) != 0 ||
			sink(arg, data + row_at(form, place) * row, row, err) != 0)
			return -1;
	}
	return 0;
}

/* One tensor on its way: rows as floats, and as they go out. */
struct conversion {
	const struct save *s;
	const struct param *p;
	const struct save_form *form;
	struct merge merge;
	size_t n;      /* values that the two have room for */
	float *values; /* owned */
	void *narrow;  /* owned */
	save_sink *sink;
	void *arg;
};

static int refuse_value(const struct conversion *c, float value, struct err *err)
{
	if (!isfinite(value))
		return err_set(err, ERR_VALUE, "tensor '%s' holds %g, which %s cannot: save it as F32", c->p->name,
			(double)value, dtype_name(c->form->dtype));
	return err_set(err, ERR_VALUE, "tensor '%s' holds %g, more than %s can: save it as %s", c->p->name,
		(double)value, dtype_name(c->form->dtype), c->form->dtype == DTYPE_BF16 ? "F32" : "BF16 or F32");
}

static int send(struct conversion *c, size_t n, struct err *err)
{
	size_t misfit = dtype_misfit(c->form->dtype, c->values, n);

	if (misfit < n)
		return refuse_value(c, c->values[misfit], err);
	dtype_narrow(c->narrow, c->form->dtype, c->values, n);
	return check_cancelled(c->s, err) != 0
		       ? -1
		       : c->sink(c->arg, c->narrow, dtype_bytes(c->form->dtype, n), err);
}

static int convert_rows(struct conversion *c, struct err *err)
{
	const struct tensor *t = &c->p->tensor;
	size_t rows = c->p->rows, cols = c->p->cols, most = c->n / cols;

	for (size_t first = 0; first < rows; first += most) {
		size_t n = rows - first < most ? rows - first : most;

		for (size_t i = 0; i < n; i++) {
			size_t row = row_at(c->form, first + i);

			dtype_widen(c->values + i * cols, t->data, t->dtype, row * cols, cols);
			merge_rows(&c->merge, c->values + i * cols, row, 1);
		}
		if (send(c, n * cols, err) != 0)
			return -1;
	}
	return 0;
}

/* The whole matrix is turned at once: only GPT-2's are stored so, and none of theirs is large. */
static int convert_turned(struct conversion *c, struct err *err)
{
	const struct tensor *t = &c->p->tensor;
	size_t rows = c->p->rows, cols = c->p->cols;
	float *whole = mem_try_alloc(rows * cols, sizeof(*whole), false, "a turned matrix", err);
	int rc;

	if (whole == NULL)
		return -1;
	dtype_widen(whole, t->data, t->dtype, 0, rows * cols);
	merge_rows(&c->merge, whole, 0, rows);
	tensor_turn(c->values, whole, sizeof(*whole), rows, cols);
	rc = send(c, rows * cols, err);
	free(whole);
	return rc;
}

int save_values(const struct save *s, size_t param, const struct save_form *form, save_sink *sink, void *arg,
	struct err *err)
{
	const struct param *p = &s->params->at[param];
	struct conversion c = {.s = s, .p = p, .form = form, .sink = sink, .arg = arg};
	size_t rows = form->turned ? p->rows : p->cols < PIECE ? PIECE / p->cols : 1;
	int rc = -1;

	if (p->tensor.dtype == form->dtype && !save_is_adapted(s, param) && !form->turned)
		return copy_values(s, p, form, sink, arg, err);
	if (rows > p->rows)
		rows = p->rows;
	c.n = rows * p->cols;
	c.values = mem_try_alloc(c.n, sizeof(*c.values), false, "the values to be saved", err);
	c.narrow = mem_try_alloc(c.n, sizeof(float), false, "the values to be saved", err);
	if (c.values != NULL && c.narrow != NULL &&
		merge_init(&c.merge, s->adapter != NULL ? s->adapter->of[param] : NULL, err) == 0)
		rc = form->turned ? convert_turned(&c, err) : convert_rows(&c, err);
	merge_release(&c.merge);
	free(c.values);
	free(c.narrow);
	return rc;
}
