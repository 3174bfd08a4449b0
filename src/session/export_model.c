/*
 * What is loaded, for other programs: export model, export adapter.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "model/save.h"
#include "model/transformer.h"
#include "session/export.h"
#include "session/record.h"
#include "store/file.h"
#include "store/folder.h"

/* In the order of EXPORT_DTYPES. */
static const enum dtype dtypes[] = {DTYPE_F32, DTYPE_F16, DTYPE_BF16, DTYPE_Q8_0};

static bool is_gguf(const char *path)
{
	const char *dot = strrchr(file_last_part(path), '.');

	return dot && !strcasecmp(dot, ".gguf");
}

/* Loads the model that is meant; a table has nothing of what these files hold. */
static int prepare(struct session *s, const char *kind, struct err *err)
{
	if (session_prepare(s, CMD_NEEDS_MODEL, err))
		return -1;
	if (s->loaded.model->is_table)
		return err_set(err, ERR_UNSUPPORTED, "model '%s' is a probability table: it has no weights, and no %s",
			s->loaded.model->path, kind);
	return 0;
}

static int save_init(struct save *save, const struct session *s, const struct cmd_args *a, struct err *err)
{
	const struct lm *lm = s->loaded.model->lm;
	const char *path = transformer_dir(lm);

	*save = (struct save){
		.config = transformer_config(lm),
		.params = transformer_params(lm),
		.adapter = transformer_adapter(lm),
		.dir = file_exists_in(path, "config.json") ? path : NULL,
		.tokenizer_dir = transformer_tokenizer_dir(lm),
		.dtype = a->given[EXPORT_DTYPE] ? dtypes[(size_t)a->number[EXPORT_DTYPE]] : DTYPE_COUNT,
		.cancel = &s->cancel,
	};
	if (!is_gguf(a->text[EXPORT_FILE]) && a->given[EXPORT_DTYPE] && save->dtype >= DTYPE_PLAIN_COUNT)
		return err_set(err, ERR_USAGE,
			"--dtype %s is for a .gguf file: a Hugging Face directory holds f32, f16 or bf16",
			a->text[EXPORT_DTYPE]);
	return 0;
}

static int write_folder(const struct save *save, const struct tokenizer *t, const char *path, struct err *err)
{
	struct folder_writer folder = {0};
	int failed = folder_writer_init(&folder, path, err) || save_hf(save, folder.temp, err);

	if (!failed && !save->dir && t)
		failed = tokenizer_save(t, folder.temp, err);
	if (!failed)
		failed = folder_writer_commit(&folder, err);
	folder_writer_release(&folder);
	return failed;
}

/* The name that other programs show: that of the folder or file that the model was read from. */
static void put_name(struct gguf_writer *w, const char *path)
{
	size_t len = strlen(path), start;
	char *name;

	while (len > 1 && path[len - 1] == '/')
		len--;
	for (start = len; start > 0 && path[start - 1] != '/'; start--)
		;
	name = xstrndup(path + start, len - start);
	gguf_put_str(w, "general.name", name);
	free(name);
}

/* What ends a sequence is the model's to say: beams end by it. *why says what GGUF has no words for, where the
 * tokenizer has to go into the file as a tokenizer.json. */
static int put_tokenizer(const struct model_stage *m, const struct model_config *c, struct gguf_writer *w,
	struct err *why, struct err *err)
{
	static const char *const ends[] = {"tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"};

	if (m->tokenizer) {
		if (tokenizer_gguf(m->tokenizer, c->vocab, m->eos, w, why) == 0)
			*why = (struct err){0};
		else if (why->code != ERR_UNSUPPORTED)
			return err_set(err, why->code, "%s", why->msg);
		else if (tokenizer_gguf_json(m->tokenizer, m->eos, w, err))
			return -1;
	} else {
		gguf_put_str(w, "tokenizer.ggml.model", "none");
		if (c->bos != UINT32_MAX)
			gguf_put_u32(w, "tokenizer.ggml.bos_token_id", c->bos);
		if (c->n_eos > 0)
			gguf_put_u32(w, "tokenizer.ggml.eos_token_id", c->eos[0]);
	}
	for (size_t i = 0; i < ARRAY_LEN(ends) && i + 1 < c->n_eos; i++)
		gguf_put_u32(w, ends[i], c->eos[i + 1]);
	return 0;
}

static int write_file(
	const struct save *save, const struct model_stage *m, const char *path, struct err *why, struct err *err)
{
	struct gguf_writer w;
	int failed = gguf_writer_init(&w, path, err);

	if (!failed) {
		gguf_put_str(&w, "general.architecture", save->config->arch->gguf);
		gguf_put_str(&w, "general.type", "model");
		put_name(&w, m->path);
		failed = put_tokenizer(m, save->config, &w, why, err);
	}
	failed = failed || save_gguf(save, &w, err) || gguf_writer_commit(&w, err);
	gguf_writer_release(&w);
	return failed;
}

/* How many tensors went out in which type, by falling number. */
static void tell_types(const struct save *save, bool gguf, struct export_job *job, struct buf *words)
{
	json_t *types = json_object();
	size_t n[DTYPE_COUNT] = {0};

	for (size_t i = 0; i < save->params->n; i++)
		n[gguf ? save_gguf_dtype(save, i) : save_hf_dtype(save)]++;
	for (size_t listed = 0;; listed++) {
		size_t most = 0;

		for (size_t t = 1; t < DTYPE_COUNT; t++)
			most = n[t] > n[most] ? t : most;
		if (n[most] == 0)
			break;
		json_object_set_new(types, dtype_name((enum dtype)most), record_count(n[most]));
		buf_addf(words, listed > 0 ? ", %zu of %s" : "%zu tensors of %s", n[most],
			dtype_name((enum dtype)most));
		n[most] = 0;
	}
	json_object_set_new(job->record, "types", types);
}

static void tell_model(
	const struct save *save, const struct model_stage *m, const struct err *why, struct export_job *job)
{
	const char *path = job->args->text[EXPORT_FILE];
	bool gguf = is_gguf(path);
	struct buf words = {0};
	struct stat st;

	json_object_set_new(job->record, "file", record_string(path));
	json_object_set_new(job->record, "bytes",
		record_count(!gguf ? folder_bytes(path) : stat(path, &st) == 0 ? (size_t)st.st_size : 0));
	json_object_set_new(job->record, "form", json_string(gguf ? "GGUF" : "Hugging Face"));
	json_object_set_new(job->record, "parameters", record_count(save->params->elements));
	buf_addf(&words, "%s, %s, ", gguf ? "GGUF" : "Hugging Face", save->config->arch->type);
	buf_addcount(&words, save->params->elements);
	buf_addstr(&words, " parameters in ");
	tell_types(save, gguf, job, &words);
	json_object_set_new(job->record, "merged", record_string(m->adapter));
	json_object_set_new(job->record, "tokenizer", json_boolean(m->tokenizer != NULL));
	if (m->adapter)
		buf_addf(&words, "; merged in: %s", m->adapter);
	if (!m->tokenizer)
		buf_addstr(&words, "; without a tokenizer");
	if (why->code != ERR_NONE)
		buf_addf(&words, "; its tokenizer as a tokenizer.json, which few programs look for: %s", why->msg);
	export_shows(job, "%s", buf_str(&words));
	buf_release(&words);
}

int export_model(struct session *s, struct export_job *job, struct err *err)
{
	const char *path = job->args->text[EXPORT_FILE];
	const struct model_stage *m;
	struct err why = {0};
	struct save save;

	if (prepare(s, "model", err) || save_init(&save, s, job->args, err))
		return -1;
	m = s->loaded.model;
	if (is_gguf(path) ? write_file(&save, m, path, &why, err) : write_folder(&save, m->tokenizer, path, err))
		return -1;
	tell_model(&save, m, &why, job);
	return 0;
}

int export_adapter(struct session *s, struct export_job *job, struct err *err)
{
	struct folder_writer folder = {0};
	const struct adapter *adapter;
	const struct lm *lm;
	char whole[48] = "";
	size_t values = 0;
	int failed;

	if (prepare(s, "adapter", err))
		return -1;
	lm = s->loaded.model->lm;
	adapter = transformer_adapter(lm);
	if (!adapter)
		return err_set(
			err, ERR_VALUE, "model '%s' carries no adapter: name one with -a", s->loaded.model->path);
	failed = folder_writer_init(&folder, job->args->text[EXPORT_FILE], err) ||
		 adapter_save(adapter, folder.temp, transformer_dir(lm), err);
	if (!failed && strcmp(transformer_tokenizer_dir(lm), transformer_dir(lm)) != 0)
		failed = save_copy_tokenizer(transformer_tokenizer_dir(lm), folder.temp, err);
	failed = failed || folder_writer_commit(&folder, err);
	if (!failed) {
		for (size_t i = 0; i < adapter->n; i++)
			values += tensor_elements(&adapter->at[i].a) + tensor_elements(&adapter->at[i].b);
		for (size_t i = 0; i < adapter->n_saved; i++)
			values += tensor_elements(&adapter->saved[i].stored);
		json_object_set_new(job->record, "file", record_string(folder.path));
		json_object_set_new(job->record, "bytes", record_count(folder_bytes(folder.path)));
		json_object_set_new(job->record, "form", json_string("PEFT"));
		json_object_set_new(job->record, "parameters", record_count(values));
		if (adapter->n_saved > 0)
			snprintf(whole, sizeof(whole), "; held whole: %zu tensor%s", adapter->n_saved,
				adapter->n_saved > 1 ? "s" : "");
		export_shows(job, "PEFT adapter of rank %zu beside %zu matrices, F32%s", adapter->config.r, adapter->n,
			whole);
	}
	folder_writer_release(&folder);
	return failed ? -1 : 0;
}
