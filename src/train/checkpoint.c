#include "train/checkpoint.h"

#include "config.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/file.h"
#include "store/folder.h"
#include "store/json.h"

#define STATE_FILE "trainer.json"
#define BLOCKS_FILE "trainer.safetensors"
#define FORM 1 /* of trainer.json */
#define NAME_MAX_TENSOR (ADAPTER_NAME_MAX + 8)

/* The blocks of a runner that trainer.safetensors may hold: the moments, and the values where they are not beside it.
 */
static const char *const blocks[] = {"m", "v", "value"};
#define MOMENT_BLOCKS 2

static float *block_of(const struct runner *r, size_t block)
{
	float *const at[] = {r->m, r->v, r->trained.values};

	return at[block];
}

static void block_name(char name[NAME_MAX_TENSOR], size_t block, const struct trainable_tensor *t)
{
	snprintf(name, NAME_MAX_TENSOR, "%s.%s", blocks[block], t->name);
}

static json_t *step_or_null(size_t step)
{
	return step == STEP_NONE ? json_null() : json_integer((json_int_t)step);
}

static json_t *state_json(const struct checkpoint_id *id, const struct runner *r)
{
	const struct runner_state *s = &r->state;
	json_t *object = json_object();
	char fingerprint[17];

	snprintf(fingerprint, sizeof(fingerprint), "%016" PRIx64, id->fingerprint);
	json_object_set_new(object, "program", json_string(PACKAGE_STRING));
	json_object_set_new(object, "form", json_integer(FORM));
	json_object_set_new(object, "race", json_string(fingerprint));
	json_object_set_new(object, "runner", json_string(r->config->name));
	json_object_set_new(object, "step", json_integer((json_int_t)id->step));
	json_object_set_new(object, "updates", json_integer((json_int_t)s->updates));
	json_object_set_new(object, "loss", json_real_or_null(s->loss));
	json_object_set_new(object, "tokens", json_integer((json_int_t)s->tokens));
	json_object_set_new(object, "seconds", json_real_or_null(s->seconds));
	json_object_set_new(object, "search_seconds", json_real_or_null(s->search_seconds));
	json_object_set_new(object, "judged", step_or_null(s->judged));
	json_object_set_new(object, "best", step_or_null(s->best));
	json_object_set_new(object, "best_ndcg", json_real_or_null(s->best_ndcg));
	json_object_set_new(object, "worse", json_integer((json_int_t)s->worse));
	json_object_set_new(object, "stopped", json_boolean(s->stopped));
	return object;
}

static int write_state(const char *dir, const struct checkpoint_id *id, const struct runner *r, struct err *err)
{
	char *path = file_join(dir, STATE_FILE);
	json_t *state = state_json(id, r);
	struct buf text = {0};
	int result;

	json_add(&text, state);
	buf_addch(&text, '\n');
	result = file_write(path, text.at, text.len, err);
	buf_release(&text);
	json_decref(state);
	free(path);
	return result;
}

/* The trained values stand in the weights' file as they are. */
static bool weights_are_values(const struct runner *r, enum dtype dtype)
{
	return !r->trained.full || dtype == DTYPE_F32;
}

static int write_blocks(const char *dir, const struct runner *r, enum dtype dtype, struct err *err)
{
	const struct trainable *t = &r->trained;
	size_t n_blocks = weights_are_values(r, dtype) ? MOMENT_BLOCKS : ARRAY_LEN(blocks), n = n_blocks * t->n;
	struct tensor *tensors = xcalloc(n, sizeof(*tensors));
	char(*names)[NAME_MAX_TENSOR] = xcalloc(n, sizeof(*names)), *path = file_join(dir, BLOCKS_FILE);
	int result;

	for (size_t i = 0; i < n; i++) {
		const struct trainable_tensor *at = &t->table[i % t->n];

		block_name(names[i], i / t->n, at);
		tensors[i] = (struct tensor){.name = names[i],
			.dtype = DTYPE_F32,
			.dims = 2,
			.shape = {at->rows, at->cols},
			.data = block_of(r, i / t->n) + at->offset};
	}
	result = safetensors_write(path, tensors, n, NULL, 0, err);
	free(path);
	free(names);
	free(tensors);
	return result;
}

/* What HF or PEFT load. */
static int write_model(
	const char *dir, const struct runner *r, enum dtype dtype, const struct tokenizer *tokenizer, struct err *err)
{
	if (trainable_save(&r->trained, dir, dtype, err) < 0)
		return -1;
	if (!r->trained.full || !tokenizer || file_exists_in(dir, "tokenizer.json"))
		return 0;
	return tokenizer_save(tokenizer, dir, err);
}

int checkpoint_write(const struct rundir *d, const struct checkpoint_id *id, const struct runner *r, enum dtype dtype,
	const struct tokenizer *tokenizer, struct err *err)
{
	char *path = rundir_step(d, r->config->name, id->step);
	struct folder_writer w = {0};
	int result = -1;

	if (rundir_make_runner(d, r->config->name, err) == 0 && folder_writer_init(&w, path, err) == 0 &&
		write_model(w.temp, r, dtype, tokenizer, err) == 0 && write_blocks(w.temp, r, dtype, err) == 0 &&
		write_state(w.temp, id, r, err) == 0)
		result = folder_writer_commit(&w, err);
	folder_writer_release(&w);
	free(path);
	return result;
}

static int read_step(const struct json_node *root, const char *key, size_t *step, struct err *err)
{
	*step = STEP_NONE;
	return json_opt_size(root, key, 0, SIZE_MAX, step, err);
}

static int read_progress(const struct json_node *root, struct runner_state *s, struct err *err)
{
	s->loss = s->best_ndcg = NAN;
	if (json_get_size(root, "updates", 0, SIZE_MAX, &s->updates, err) < 0 ||
		json_get_size(root, "tokens", 0, SIZE_MAX, &s->tokens, err) < 0 ||
		json_get_size(root, "worse", 0, SIZE_MAX, &s->worse, err) < 0)
		return -1;
	if (json_opt_double(root, "loss", -DBL_MAX, DBL_MAX, &s->loss, err) < 0 ||
		json_opt_double(root, "best_ndcg", -DBL_MAX, DBL_MAX, &s->best_ndcg, err) < 0 ||
		json_get_double(root, "seconds", 0, DBL_MAX, &s->seconds, err) < 0 ||
		json_get_double(root, "search_seconds", 0, DBL_MAX, &s->search_seconds, err) < 0)
		return -1;
	if (read_step(root, "judged", &s->judged, err) < 0 || read_step(root, "best", &s->best, err) < 0)
		return -1;
	return json_opt_bool(root, "stopped", &s->stopped, err);
}

static int check_id(const struct json_node *root, const struct checkpoint_id *id, const char *name, struct err *err)
{
	const char *race, *runner;
	char fingerprint[17];
	size_t form, step;

	if (json_get_size(root, "form", 0, SIZE_MAX, &form, err) < 0 || json_get_str(root, "race", &race, err) < 0 ||
		json_get_str(root, "runner", &runner, err) < 0 ||
		json_get_size(root, "step", 0, SIZE_MAX, &step, err) < 0)
		return -1;
	if (form != FORM)
		return err_set(
			err, ERR_UNSUPPORTED, "%s: form %zu, and this version reads form %d", root->file, form, FORM);
	snprintf(fingerprint, sizeof(fingerprint), "%016" PRIx64, id->fingerprint);
	if (strcmp(race, fingerprint) != 0 || strcmp(runner, name) != 0 || step != id->step)
		return err_set(err, ERR_VALUE,
			"%s: a checkpoint of another race, of '%.60s' after %zu steps: it does not belong here",
			root->file, runner, step);
	return 0;
}

static int read_state(
	struct checkpoint *c, const char *dir, const struct checkpoint_id *id, const char *name, struct err *err)
{
	char *path = file_join(dir, STATE_FILE);
	struct json_doc doc;
	int result = -1;

	if (json_doc_read(&doc, path, err) == 0 && json_as_object(&doc.root, err) == 0 &&
		check_id(&doc.root, id, name, err) == 0)
		result = read_progress(&doc.root, &c->state, err);
	json_doc_release(&doc);
	free(path);
	return result;
}

static int check_tensor(
	const struct safetensors *file, const char *name, const struct trainable_tensor *t, struct err *err)
{
	struct tensor found;

	if (safetensors_tensor(file, name, &found, err) < 0)
		return -1;
	if (found.dtype != DTYPE_F32 || tensor_elements(&found) != t->rows * t->cols)
		return err_set(err, ERR_FORMAT, "tensor \"%s\" of '%s' is not %zu by %zu floats", name,
			file->files.at[0].path, t->rows, t->cols);
	return 0;
}

/* Where the values are: in the weights' file under their own names, or beside the moments. */
static const struct safetensors *values_in(const struct checkpoint *c, size_t i, const struct runner *r, char *name)
{
	const struct trainable_tensor *t = &r->trained.table[i];

	block_name(name, MOMENT_BLOCKS, t);
	if (safetensors_find(&c->trainer, name))
		return &c->trainer;
	snprintf(name, NAME_MAX_TENSOR, "%s", t->name);
	return &c->weights;
}

static int check_tensors(const struct checkpoint *c, const struct runner *r, struct err *err)
{
	char name[NAME_MAX_TENSOR];

	for (size_t i = 0; i < r->trained.n; i++) {
		const struct trainable_tensor *t = &r->trained.table[i];
		const struct safetensors *values;

		for (size_t b = 0; b < MOMENT_BLOCKS; b++) {
			block_name(name, b, t);
			if (check_tensor(&c->trainer, name, t, err) < 0)
				return -1;
		}
		values = values_in(c, i, r, name);
		if (check_tensor(values, name, t, err) < 0)
			return -1;
	}
	return 0;
}

int checkpoint_open(struct checkpoint *c, const struct rundir *d, const struct checkpoint_id *id,
	const struct runner *r, struct err *err)
{
	char *dir = rundir_step(d, r->config->name, id->step), *blocks_path = file_join(dir, BLOCKS_FILE),
	     *weights = r->trained.full ? xstrdup(dir) : file_join(dir, "adapter_model.safetensors");
	int result = -1;

	*c = (struct checkpoint){0};
	if (read_state(c, dir, id, r->config->name, err) == 0 && safetensors_open(&c->trainer, blocks_path, err) == 0 &&
		safetensors_open(&c->weights, weights, err) == 0)
		result = check_tensors(c, r, err);
	free(dir);
	free(blocks_path);
	free(weights);
	return result;
}

void checkpoint_close(struct checkpoint *c)
{
	safetensors_release(&c->trainer);
	safetensors_release(&c->weights);
	*c = (struct checkpoint){0};
}

/* turned: the file has the matrix as [cols, rows]. */
static void copy_tensor(float *block, const struct safetensors *file, const char *name,
	const struct trainable_tensor *t, bool turned)
{
	struct tensor found;
	struct err err;

	if (safetensors_tensor(file, name, &found, &err) < 0)
		BUG("tensor \"%s\" was there and is gone: %s", name, err.msg);
	if (turned)
		tensor_turn(block + t->offset, found.data, sizeof(*block), t->cols, t->rows);
	else
		memcpy(block + t->offset, found.data, t->rows * t->cols * sizeof(*block));
}

void checkpoint_load(const struct checkpoint *c, struct runner *r)
{
	char name[NAME_MAX_TENSOR];

	for (size_t i = 0; i < r->trained.n; i++) {
		const struct trainable_tensor *t = &r->trained.table[i];
		const struct safetensors *values;

		for (size_t b = 0; b < MOMENT_BLOCKS; b++) {
			block_name(name, b, t);
			copy_tensor(block_of(r, b), &c->trainer, name, t, false);
		}
		values = values_in(c, i, r, name);
		copy_tensor(r->trained.values, values, name, t,
			values == &c->weights && r->trained.full && r->trained.params.at[i].transposed);
	}
	trainable_changed(&r->trained);
	r->state = c->state;
}
