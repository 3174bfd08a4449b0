#include "session/info_tensors.h"

#include <string.h>

#include "model/transformer.h"
#include "session/record.h"

static void add(json_t *rows, const char *name, const struct tensor *t, const char *part)
{
	json_t *row, *shape;

	if (!strstr(name, part))
		return;
	row = json_object();
	shape = json_array();
	for (size_t i = 0; i < t->dims; i++)
		json_array_append_new(shape, record_count(t->shape[i]));
	json_object_set_new(row, "name", record_string(name));
	json_object_set_new(row, "dtype", json_string(dtype_name(t->dtype)));
	json_object_set_new(row, "shape", shape);
	json_object_set_new(row, "elements", record_count(tensor_elements(t)));
	json_array_append_new(rows, row);
}

json_t *info_tensors(const struct model_stage *m, const char *part, struct err *err)
{
	char name[ADAPTER_NAME_MAX];
	json_t *rows;

	if (m->is_table) {
		err_set(err, ERR_VALUE, "'%s' is a probability table: it has no tensors", m->path);
		return NULL;
	}
	const struct params *p = transformer_params(m->lm);
	const struct adapter *a = transformer_adapter(m->lm);
	rows = json_array();
	for (size_t i = 0; i < p->n; i++)
		add(rows, p->at[i].name, &p->at[i].tensor, part);
	for (size_t i = 0; a && i < 2 * a->n; i++) {
		const struct lora *l = &a->at[i / 2];

		adapter_tensor_name(name, l, i % 2);
		add(rows, name, i % 2 ? &l->b : &l->a, part);
	}
	if (json_array_size(rows) > 0)
		return rows;
	json_decref(rows);
	err_set(err, ERR_NOT_FOUND, "no tensor has '%s' in its name: 'info tensors' lists them all", part);
	return NULL;
}

const struct out_column info_tensor_columns[] = {
	{"name", "tensor", NULL, false, false},
	{"shape", "shape", NULL, true, false},
	{"elements", "elements", NULL, true, false},
	{"dtype", "type", NULL, false, false},
	{NULL, NULL, NULL, false, false},
};
