/* Opening the files of a transformer, and the binding of its parameters to safetensors. */
#include "model/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/file.h"
#include "weights_gguf.h"

/* Whether a file is a later part of a split one: "x-00002-of-00003.gguf". */
static bool is_later_part(const char *name)
{
	unsigned part, parts;
	int end = 0;
	size_t len = strlen(name), tail = strlen("-00001-of-00001.gguf");

	if (len < tail || sscanf(name + len - tail, "-%5u-of-%5u.gguf%n", &part, &parts, &end) < 2)
		return false;
	return (size_t)end == tail && part > 1;
}

int weights_find_gguf(char **file, const char *path, struct err *err)
{
	struct file_names names = {0};
	const char *found = NULL;
	int rc = -1;

	*file = NULL;
	if (!file_is_dir(path)) {
		*file = xstrdup(path);
		return 0;
	}
	if (file_exists_in(path, "config.json"))
		return 0;
	if (file_list(&names, path, "*.gguf", err) != 0)
		goto out;
	for (size_t i = 0; i < names.n; i++) {
		if (is_later_part(names.at[i]))
			continue;
		if (found != NULL) {
			err_set(err, ERR_VALUE, "'%s' holds several GGUF files: give one of them, '%s', '%s' ...", path,
				found, names.at[i]);
			goto out;
		}
		found = names.at[i];
	}
	if (found != NULL)
		*file = file_join(path, found);
	rc = 0;
out:
	file_names_release(&names);
	return rc;
}

int weights_open(struct weights *w, struct model_config *c, const char *path, struct err *err)
{
	char *gguf;
	int rc;

	*w = (struct weights){0};
	if (weights_find_gguf(&gguf, path, err) != 0)
		return -1;
	if (gguf == NULL)
		return model_config_read(c, path, err) != 0 || safetensors_open(&w->file, path, err) != 0 ? -1 : 0;
	w->is_gguf = true;
	rc = gguf_open(&w->gguf, gguf, err) != 0 || model_config_gguf(c, &w->gguf, err) != 0 ? -1 : 0;
	free(gguf);
	return rc;
}

void weights_release(struct weights *w)
{
	for (size_t i = 0; i < w->blocks.n; i++)
		free(w->blocks.at[i]);
	vec_release(&w->blocks);
	vec_release(&w->unused);
	safetensors_release(&w->file);
	gguf_release(&w->gguf);
	w->is_gguf = false;
}

/* The name that a parameter is stored under; NULL where it is not. */
static const char *stored_name(const struct params *p, const struct param *param, const struct safetensors *file)
{
	const char *head = p->arch->names[PARAM_HEAD], *prefix = p->arch->prefix;
	size_t len = strlen(prefix);
	const char *names[] = {
		param->name, strncmp(param->name, prefix, len) == 0 ? param->name + len : param->name,
		param == p->head ? head : param->name, /* of a tied pair */
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (safetensors_find(file, names[i]) != NULL)
			return names[i];
	}
	return NULL;
}

/* A stored matrix [in, out] becomes [out, in], of the same type. */
static int turn(struct weights *w, struct param *param, struct err *err)
{
	struct tensor *t = &param->tensor;
	size_t in = t->shape[0], out = t->shape[1];
	void *turned = mem_try_alloc(tensor_elements(t), dtype_bytes(t->dtype, 1), false, "a turned matrix", err);

	if (turned == NULL)
		return -1;
	vec_push(&w->blocks, turned);
	tensor_turn(turned, t->data, dtype_bytes(t->dtype, 1), in, out);
	t->data = turned;
	t->shape[0] = out;
	t->shape[1] = in;
	return 0;
}

static int bind_one(struct weights *w, struct param *param, const char *name, struct err *err)
{
	const struct safetensors *file = &w->file;
	const struct safetensors_entry *entry = safetensors_find(file, name);
	const size_t expected[] = {
		param->transposed ? param->cols : param->rows, param->transposed ? param->rows : param->cols};
	size_t dims = param->cols == 1 ? 1 : 2;
	char found[128], wanted[64];

	if (entry->dims != dims || memcmp(entry->shape, expected, dims * sizeof(*expected)) != 0) {
		shape_text(found, sizeof(found), entry->shape, entry->dims);
		shape_text(wanted, sizeof(wanted), expected, dims);
		return err_set(err, ERR_FORMAT, "%s: tensor '%s' has the shape %s, and by config.json it must be %s",
			file->files.at[entry->file].path, entry->name, found, wanted);
	}
	if (safetensors_tensor(file, name, &param->tensor, err) != 0)
		return -1;
	return param->transposed ? turn(w, param, err) : 0;
}

/* Whether a tensor is one that old files hold beside the weights. */
static bool is_buffer(const struct architecture *arch, const char *name)
{
	size_t len = strlen(name);

	for (const char *const *end = arch->buffers; *end != NULL; end++) {
		size_t n = strlen(*end);

		if (len > n && name[len - n - 1] == '.' && strcmp(name + len - n, *end) == 0)
			return true;
	}
	return false;
}

static int bind_safetensors(struct weights *w, struct params *p, struct err *err)
{
	const struct safetensors *file = &w->file;
	bool *used = mem_try_alloc(file->entries.n, sizeof(*used), true, "the list of tensors", err);
	int rc = -1;

	if (used == NULL)
		return -1;
	for (size_t i = 0; i < p->n; i++) {
		const char *name = stored_name(p, &p->at[i], file);

		if (name == NULL) {
			err_set(err, ERR_FORMAT, "%s: tensor '%s' is missing, and config.json calls for it%s",
				file->files.at[0].path, p->at[i].name,
				&p->at[i] == p->head ? " (\"tie_word_embeddings\" is not set)" : "");
			goto out;
		}
		if (bind_one(w, &p->at[i], name, err) != 0)
			goto out;
		used[safetensors_find(file, name) - file->entries.at] = true;
	}
	for (size_t i = 0; i < file->entries.n; i++) {
		if (!used[i] && !is_buffer(p->arch, file->entries.at[i].name))
			vec_push(&w->unused, file->entries.at[i].name);
	}
	rc = 0;
out:
	free(used);
	return rc;
}

int weights_bind(struct weights *w, const struct model_config *c, struct params *p, struct err *err)
{
	return w->is_gguf ? weights_bind_gguf(w, c, p, err) : bind_safetensors(w, p, err);
}
