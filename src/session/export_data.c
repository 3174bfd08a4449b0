/*
 * The dataset as token ids, as the loaded model's tokenizer and the template have it: export data.
 */
#include <stdlib.h>
#include <string.h>

#include "data/write_tokens.h"
#include "session/case_walk.h"
#include "session/export.h"
#include "session/record.h"
#include "store/folder.h"

/* What a search goes by and is in the token ids already, or is no dataset's to set. */
static bool is_spent(const struct option_entry *e)
{
	static const char *const names[] = {"split", "template", "max-history", "items", "title-words"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(e->name, names[i]))
			return true;
	return !(e->flags & OPTION_SEARCH);
}

/* The options that differ from what holds where nobody says anything, so that a search gives the same there. */
static json_t *settings_of(const struct session *s)
{
	json_t *settings = json_object();
	struct options plain;
	struct buf now = {0}, otherwise = {0};

	options_init(&plain);
	for (const struct option_entry *e = option_table; e->name; e++) {
		if (is_spent(e))
			continue;
		buf_clear(&now);
		buf_clear(&otherwise);
		option_get(&s->now, e, &now);
		option_get(&plain, e, &otherwise);
		if (strcmp(buf_str(&now), buf_str(&otherwise)) != 0)
			json_object_set_new(settings, e->name, record_text(buf_str(&now), now.len));
	}
	options_release(&plain);
	buf_release(&now);
	buf_release(&otherwise);
	return settings;
}

/* What the ids come from; for people, no program reads it. */
static json_t *origin_of(const struct session *s)
{
	const struct data_stage *d = s->loaded.data;
	json_t *v = export_origin("data");

	json_object_set_new(v, "data", record_string(d->path));
	json_object_set_new(v, "model", record_string(s->loaded.model->path));
	if (!d->dataset->tokens_only) {
		json_object_set_new(v, "template", record_string(d->template_name));
		json_object_set_new(v, "items", json_string(d->items == ITEM_INDEX ? "index" : "title"));
		json_object_set_new(v, "title_words", json_integer(d->title_words));
		json_object_set_new(v, "max_history", json_integer(s->now.max_history));
	}
	return v;
}

static json_t *meta_of(const struct session *s)
{
	const struct dataset *d = s->loaded.data->dataset;
	json_t *meta = json_object(), *settings = settings_of(s);

	if (json_object_size(settings) > 0)
		json_object_set(meta, "settings", settings);
	json_decref(settings);
	if (d->first_case)
		json_object_set_new(meta, "first_case", record_string(d->first_case));
	json_object_set_new(meta, "exported", origin_of(s));
	return meta;
}

static void count_case(void *arg, size_t done)
{
	case_walk_tell(arg, done, "");
}

static void tell(const struct write_tokens *w, const char *path, struct export_job *job)
{
	const struct catalogue *c = &w->d->catalogue;
	json_t *splits = json_object();
	struct buf words = {0};
	size_t cases = 0;

	for (int k = 0; k < SPLIT_COUNT; k++) {
		cases += w->cases[k];
		if (w->d->splits[k].file)
			json_object_set_new(splits, split_name((enum split_kind)k), record_count(w->cases[k]));
	}
	json_object_set_new(job->record, "file", record_string(path));
	json_object_set_new(job->record, "bytes", record_count(folder_bytes(path)));
	json_object_set_new(job->record, "items", record_count(c->n));
	json_object_set_new(job->record, "cases", record_count(cases));
	json_object_set_new(job->record, "splits", splits);
	json_object_set_new(job->record, "left_out", record_count(w->left_out));
	json_object_set_new(job->record, "pieces", record_count(w->pieces));
	json_object_set_new(job->record, "eos", json_integer((json_int_t)c->eos));
	buf_addcount(&words, c->n);
	buf_addf(&words, " item%s and ", c->n == 1 ? "" : "s");
	buf_addcount(&words, cases);
	buf_addf(&words, " case%s as token ids", cases == 1 ? "" : "s");
	if (w->left_out > 0) {
		buf_addstr(&words, "; left out for want of any prompt token: ");
		buf_addcount(&words, w->left_out);
	}
	export_shows(job, "%s", buf_str(&words));
	buf_release(&words);
}

int export_data(struct session *s, struct export_job *job, struct err *err)
{
	struct folder_writer folder = {0};
	struct write_tokens w = {.cancel = &s->cancel, .tell = count_case};
	struct case_walk walk;
	json_t *meta;
	int failed;

	if (session_prepare(s, CMD_NEEDS_SEARCH, err) ||
		folder_writer_init(&folder, job->args->text[EXPORT_FILE], err)) {
		folder_writer_release(&folder);
		return -1;
	}
	w.d = s->loaded.data->dataset;
	w.t = w.d->tokens_only ? NULL : s->loaded.model->tokenizer;
	w.tm = s->loaded.data->template;
	w.max_history = (size_t)s->now.max_history;
	w.meta = meta = meta_of(s);
	w.arg = &walk;
	case_walk_begin(&walk, s, "data", write_tokens_cases(w.d));
	failed = write_tokens(&w, folder.temp, err) || folder_writer_commit(&folder, err);
	case_walk_end(&walk);
	if (!failed)
		tell(&w, folder.path, job);
	folder_writer_release(&folder);
	json_decref(meta);
	return failed ? -1 : 0;
}
