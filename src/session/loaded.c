#include "session/loaded.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "model/transformer.h"
#include "model/table.h"
#include "session/command.h"
#include "session/digest.h"
#include "session/model_place.h"
#include "session/rivals.h"
#include "store/file.h"
#include "store/gguf.h"

#define TEMPLATES "templates" /* the folder of the bundled ones */
#define TEMPLATE ".tmpl"

/* Where model and data come from: the options, or the bundled demo when neither is set. */
struct source {
	char *model, *data;  /* owned; NULL: not given */
	const char *adapter; /* borrowed; NULL: not given */
	bool bundled;
};

static void source_init(struct source *from, const struct options *user, const char *datadir)
{
	from->adapter = user->adapter;
	from->bundled = !user->model && !user->data;
	if (from->bundled) {
		from->model = xasprintf("%s/demo/sft", datadir);
		from->data = xasprintf("%s/demo", datadir);
	} else {
		from->model = user->model ? xstrdup(user->model) : NULL;
		from->data = user->data ? xstrdup(user->data) : NULL;
	}
}

static void source_release(struct source *from)
{
	free(from->model);
	free(from->data);
}

static int source_check(const struct source *from, unsigned needs, struct err *err)
{
	if ((needs & CMD_NEEDS_MODEL) && from->adapter && (from->bundled || !from->model))
		return err_set(err, ERR_USAGE,
			"adapter '%s' is given but no model: name the one that it was trained on with -m",
			from->adapter);
	if ((needs & CMD_NEEDS_MODEL) && !from->model)
		return err_set(err, ERR_USAGE,
			"dataset '%s' is given but no model: name one with -m (a Hugging Face directory, "
			"a FILE.gguf, or a probability table FILE.csv)",
			from->data);
	if ((needs & CMD_NEEDS_DATA) && !from->data)
		return err_set(err, ERR_USAGE, "model '%s' is given but no dataset: name one with -d DIR", from->model);
	return 0;
}

static void model_free(struct model_stage *m)
{
	if (!m)
		return;
	tokenizer_free(m->tokenizer);
	lm_close(m->lm);
	kern_free(m->kern);
	free(m->adapter);
	free(m->rival);
	free(m->path);
	free(m);
}

static size_t thread_count(long wanted)
{
	long n = wanted > 0 ? wanted : sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 ? (size_t)n : 1;
}

/* That of the adapter goes before the model's. A GGUF file holds its own; there "none" is the name of having none, or
 * none but a whole tokenizer.json. */
static int open_tokenizer(struct model_stage *m, struct err *err)
{
	const char *dir = transformer_tokenizer_dir(m->lm);
	const struct gguf *g = transformer_gguf(m->lm);
	struct gguf_str kind = {"none", strlen("none")};

	if (file_exists_in(dir, "tokenizer.json"))
		return tokenizer_load(&m->tokenizer, dir, err);
	if (g && gguf_opt_str(g, "tokenizer.ggml.model", &kind, err))
		return -1;
	if (!gguf_str_is(kind, "none") || (g && gguf_find(g, "tokenizer.huggingface.json")))
		return tokenizer_load_gguf(&m->tokenizer, g, err);
	return 0;
}

static int open_transformer(struct model_stage *m, struct err *err)
{
	const struct model_config *c;

	if (kern_new(&m->kern, thread_count(m->threads), err) || transformer_open(&m->lm, m->path, m->kern, err))
		return -1;
	if (m->adapter && (model_place_check_adapter(m->adapter, err) ||
				  transformer_adapt(m->lm, m->adapter, err)))
		return -1;
	if (open_tokenizer(m, err))
		return -1;
	c = transformer_config(m->lm);
	m->positions = c->max_positions;
	m->eos = c->n_eos > 0 ? c->eos[0] : m->tokenizer ? tokenizer_eos(m->tokenizer) : TOKEN_NONE;
	return 0;
}

static int open_table(struct model_stage *m, struct err *err)
{
	m->is_table = true;
	if (m->adapter)
		return err_set(err, ERR_UNSUPPORTED,
			"adapter '%s' goes with a transformer, and model '%s' is a probability table", m->adapter,
			m->path);
	if (table_open(&m->lm, m->path, err))
		return -1;
	return digest_file(m->digest, m->path, err);
}

static char *first_rival(const struct model_stage *m)
{
	struct rivals rivals;
	char *first;

	rivals_init(&rivals, m->path, m->adapter);
	first = rivals.n > 0 ? xstrdup(rivals.at[0]) : NULL;
	rivals_release(&rivals);
	return first;
}

static int model_new(struct model_stage **out, size_t serial, const struct source *from, long threads, struct err *err)
{
	const char *path = from->model;
	struct model_stage *m = xcalloc(1, sizeof(*m));
	bool is_table;
	int failed;

	m->serial = serial;
	m->path = xstrdup(path);
	m->adapter = from->adapter ? xstrdup(from->adapter) : NULL;
	m->threads = threads;
	m->eos = TOKEN_NONE;
	failed = model_place_check(&is_table, path, err);
	if (!failed)
		failed = is_table ? open_table(m, err) : open_transformer(m, err);
	if (failed) {
		model_free(m);
		return -1;
	}
	m->rival = first_rival(m);
	*out = m;
	return 0;
}

static void data_free(struct data_stage *d)
{
	if (!d)
		return;
	template_free(d->template);
	dataset_free(d->dataset);
	free(d->template_path);
	free(d->template_name);
	free(d->path);
	free(d);
}

/* A name without a slash that is no file here is one of the bundled templates. */
static char *template_path(const char *name, const char *datadir)
{
	if (strchr(name, '/') || file_exists(name))
		return xstrdup(name);
	return xasprintf("%s/" TEMPLATES "/%s" TEMPLATE, datadir, name);
}

int loaded_templates(struct file_names *names, const char *datadir, struct err *err)
{
	char *folder = file_join(datadir, TEMPLATES);
	size_t first = names->n;
	int failed = file_list(names, folder, "*" TEMPLATE, err);

	for (size_t i = first; i < names->n && !failed; i++)
		names->at[i][strlen(names->at[i]) - strlen(TEMPLATE)] = '\0';
	free(folder);
	return failed;
}

/* The names of the bundled templates, one after another. */
static void add_templates(struct buf *out, const char *datadir)
{
	struct file_names names = {0};
	struct err ignored;

	if (loaded_templates(&names, datadir, &ignored) == 0)
		for (size_t i = 0; i < names.n; i++)
			buf_addf(out, "%s%s", i > 0 ? ", " : "", names.at[i]);
	file_names_release(&names);
}

int loaded_template(struct template **out, const char *name, const char *dataset, const char *datadir, struct err *err)
{
	char *path = template_path(name, datadir);
	struct buf bundled = {0};
	int failed;

	if (strchr(name, '/') || file_exists(path)) {
		failed = template_load(out, path, dataset, err);
	} else {
		add_templates(&bundled, datadir);
		failed = err_set(err, ERR_NOT_FOUND,
			"there is no template '%s': neither a file of that name nor one of %s", name,
			buf_str(&bundled));
	}
	buf_release(&bundled);
	free(path);
	return failed;
}

/* Spelt in the pieces of other words, semantic ids would be no more than odd texts to a model. */
static int check_codebook(const struct data_stage *d, const struct model_stage *m, struct err *err)
{
	struct codebook b = catalogue_codebook(&d->dataset->catalogue, m->tokenizer);

	if (b.n_lacking == 0)
		return 0;
	return err_set(err, ERR_VALUE,
		"model '%s' has no token for %zu of the %zu codes in the semantic ids of dataset '%s', \"%s\" among "
		"them: %smake a fresh model with 'new DIR --items index'",
		m->path, b.n_lacking, b.n, d->dataset->name, b.lacking,
		d->dataset->catalogue.n_titles > 0 ? "read titles (--items title), or " : "");
}

/* Gives a dataset of texts its tokens. */
static int spell(struct data_stage *d, const struct model_stage *m, struct err *err)
{
	const char *name = d->dataset->name;
	size_t vocab;

	if (m->is_table)
		return err_set(err, ERR_VALUE,
			"dataset '%s' is made of texts, and probability table '%s' has no tokenizer: a table goes with "
			"a dataset of token ids",
			name, m->path);
	if (!m->tokenizer)
		return model_place_no_tokenizer(m->path, err);
	vocab = tokenizer_word_size(m->tokenizer);
	if (vocab > m->lm->vocab)
		return err_set(err, ERR_VALUE,
			"the tokenizer in '%s' has ids up to %zu, but the model's vocabulary holds only %zu: "
			"they do not belong together",
			transformer_tokenizer_dir(m->lm), vocab - 1, m->lm->vocab);
	if (m->eos == TOKEN_NONE)
		return err_set(err, ERR_VALUE,
			"model '%s' names no end-of-sequence token: add eos_token_id to its config.json", m->path);
	if (d->items == ITEM_INDEX && check_codebook(d, m, err))
		return -1;
	return catalogue_encode(&d->dataset->catalogue, m->tokenizer, d->template, m->eos, err);
}

static int check_vocabulary(const struct data_stage *d, const struct model_stage *m, struct err *err)
{
	const struct catalogue *c = &d->dataset->catalogue;

	for (size_t i = 0; i < c->n; i++)
		for (size_t k = c->first[i]; k < c->first[i + 1]; k++)
			if (c->tokens[k] >= m->lm->vocab)
				return err_set(err, ERR_VALUE,
					"item '%s' of dataset '%s' holds token %u, but the vocabulary of "
					"model '%s' has only ids up to %zu: they do not belong together",
					c->items[i].id, d->dataset->name, c->tokens[k], m->path, m->lm->vocab - 1);
	return 0;
}

/* Says what the texts of a dataset's items are. Items of a token dataset are spelt by their token ids. */
static int set_texts(struct data_stage *d, const struct options *now, struct err *err)
{
	enum item_text kind = (enum item_text)now->items;

	d->items = now->items;
	d->title_words = now->title_words;
	if (d->dataset->tokens_only && kind == ITEM_TITLE)
		return 0;
	if (catalogue_set_texts(&d->dataset->catalogue, kind, (size_t)now->title_words, err))
		return err_prefix(err, "dataset '%s'", d->dataset->name);
	return 0;
}

/* *now: the user's options, and what the dataset asks for where the user said nothing. d may be NULL. */
static int apply_settings(const struct dataset *d, const struct options *user, struct options *now, struct err *err)
{
	options_release(now);
	options_copy(now, user);
	if (!d)
		return 0;
	for (size_t i = 0; i < d->n_settings; i++) {
		const struct option_entry *e = option_find(d->settings[i].name, err);

		if (e && !(e->flags & OPTION_SEARCH)) {
			err_set(err, ERR_VALUE, "option '%s' is not a dataset's to set", e->name);
			e = NULL;
		}
		if (!e || (!user->given[e - option_table] && option_set(now, e, d->settings[i].value, err))) {
			err->code = ERR_FORMAT;
			return err_prefix(err, "%s/meta.json: settings", d->path);
		}
	}
	return 0;
}

static bool wants_indexes(const struct catalogue *c, const struct model_stage *m)
{
	if (c->n_indexes == 0)
		return false;
	return c->n_titles == 0 || (m && m->tokenizer && catalogue_codebook(c, m->tokenizer).n_lacking == 0);
}

/* Lets a dataset ask for what its form wants and neither the user nor its meta.json has said: semantic ids where it has
 * nothing else or the model has tokens of its own for them, and the template that was published with them, or with the
 * titles. */
static void ask_by_form(struct dataset *d, const struct model_stage *m, const struct options *user)
{
	enum item_text kind = (enum item_text)user->items;
	const char *asked;
	struct err err;

	if (wants_indexes(&d->catalogue, m))
		dataset_ask(d, "items", "index");
	asked = dataset_asks(d, "items");
	if (!user->given[option_find("items", &err) - option_table] && asked && !strcmp(asked, "index"))
		kind = ITEM_INDEX;
	if (d->templates[kind])
		dataset_ask(d, "template", d->templates[kind]);
}

static int data_new(struct data_stage **out, const struct source *from, const struct model_stage *m,
	const struct options *user, struct options *now, const char *datadir, struct err *err)
{
	struct data_stage *d = xcalloc(1, sizeof(*d));

	d->path = xstrdup(from->data);
	d->bundled = from->bundled;
	if (dataset_open(&d->dataset, from->data, err))
		goto fail;
	ask_by_form(d->dataset, m, user);
	if (apply_settings(d->dataset, user, now, err) || set_texts(d, now, err))
		goto fail;
	d->template_name = xstrdup(now->template_name);
	if (!d->dataset->tokens_only) {
		d->template_path = template_path(d->template_name, datadir);
		if (loaded_template(&d->template, d->template_name, d->dataset->name, datadir, err))
			goto fail;
	}
	if (m) {
		if (!d->dataset->tokens_only && spell(d, m, err))
			goto fail;
		if (check_vocabulary(d, m, err))
			goto fail;
		d->spelt_for = m->serial;
	}
	*out = d;
	return 0;
fail:
	data_free(d);
	return -1;
}

static void search_free(struct search_stage *s)
{
	if (!s)
		return;
	scorer_release(&s->scorer);
	trie_release(&s->trie);
	free(s);
}

static int search_new(struct search_stage **out, const struct model_stage *m, const struct data_stage *d,
	const struct options *now, struct err *err)
{
	const struct catalogue *c = &d->dataset->catalogue;
	struct search_stage *s = xcalloc(1, sizeof(*s));

	s->model = m;
	s->data = d;
	if (trie_init(&s->trie, c->tokens, c->first, c->n, c->eos, (enum end_rule)now->end, err))
		goto fail;
	if (s->trie.n_leaves == 0) {
		err_set(err, ERR_VALUE, "dataset '%s' has no item that could be reached: none has tokens",
			d->dataset->name);
		trie_release(&s->trie);
		goto fail;
	}
	if (scorer_init(&s->scorer, m->lm, &s->trie, (enum mask_rule)now->mask, now->tau, err)) {
		trie_release(&s->trie);
		goto fail;
	}
	*out = s;
	return 0;
fail:
	free(s);
	return -1;
}

/* Both absent, or equal. */
static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool model_stale(const struct model_stage *m, const struct source *from, const struct options *user)
{
	return !m || strcmp(m->path, from->model) != 0 || m->threads != user->threads ||
	       !same_text(m->adapter, from->adapter);
}

/* Do user and dataset want another template, or other texts of the items? */
static bool texts_stale(const struct data_stage *d, const struct options *user)
{
	struct options now = {0};
	struct err ignored;
	bool stale = apply_settings(d->dataset, user, &now, &ignored) || strcmp(d->template_name, now.template_name) ||
		     d->items != now.items || d->title_words != now.title_words;

	options_release(&now);
	return stale;
}

/* m: the model that the dataset should be spelt for; NULL: no matter. */
static bool data_stale(
	const struct data_stage *d, const struct source *from, const struct model_stage *m, const struct options *user)
{
	return !d || strcmp(d->path, from->data) != 0 || texts_stale(d, user) || (m && d->spelt_for != m->serial);
}

static bool search_stale(const struct search_stage *s, const struct model_stage *m, const struct data_stage *d,
	const struct options *now)
{
	return !s || s->model != m || s->data != d || s->trie.end != (enum end_rule)now->end;
}

bool loaded_stale(const struct loaded *l, const struct options *user, const char *datadir, unsigned needs)
{
	bool search = (needs & CMD_NEEDS_SEARCH) == CMD_NEEDS_SEARCH;
	struct source from;
	bool stale = false;

	source_init(&from, user, datadir);
	if ((needs & CMD_NEEDS_MODEL) && from.model)
		stale = model_stale(l->model, &from, user);
	if ((needs & CMD_NEEDS_DATA) && from.data && !stale)
		stale = data_stale(l->data, &from, search ? l->model : NULL, user);
	source_release(&from);
	return stale || (search && !l->search);
}

int loaded_now(const struct loaded *l, const struct options *user, struct options *now, struct err *err)
{
	return apply_settings(l->data ? l->data->dataset : NULL, user, now, err);
}

/* Frees those of `gone` that are not in `kept`, in the order in which they lean on each other. */
static void drop(const struct loaded *gone, const struct loaded *kept)
{
	if (gone->search != kept->search)
		search_free(gone->search);
	if (gone->data != kept->data)
		data_free(gone->data);
	if (gone->model != kept->model)
		model_free(gone->model);
}

static int build(struct loaded *next, const struct source *from, const struct options *user, struct options *now,
	const char *datadir, unsigned needs, struct err *err)
{
	bool search = (needs & CMD_NEEDS_SEARCH) == CMD_NEEDS_SEARCH;
	unsigned again = next->again;

	next->again = 0;
	if ((needs & CMD_NEEDS_MODEL) && ((again & CMD_NEEDS_MODEL) || model_stale(next->model, from, user))) {
		next->model = NULL;
		if (model_new(&next->model, ++next->n_models, from, user->threads, err))
			return -1;
	}
	if ((needs & CMD_NEEDS_DATA) &&
		((again & CMD_NEEDS_DATA) || data_stale(next->data, from, search ? next->model : NULL, user))) {
		next->data = NULL;
		if (data_new(&next->data, from, search ? next->model : NULL, user, now, datadir, err))
			return -1;
		next->data->serial = ++next->n_datasets;
	}
	if (loaded_now(next, user, now, err))
		return -1;
	if (search && search_stale(next->search, next->model, next->data, now)) {
		next->search = NULL;
		if (search_new(&next->search, next->model, next->data, now, err))
			return -1;
	}
	/* What leant on a stage that was replaced goes with it. */
	if (next->search && (next->search->model != next->model || next->search->data != next->data))
		next->search = NULL;
	return 0;
}

int loaded_update(struct loaded *l, const struct options *user, struct options *now, const char *datadir,
	unsigned needs, const cancel_flag *cancel, struct err *err)
{
	struct options then = {0};
	struct loaded next = *l;
	struct source from;
	int failed;

	source_init(&from, user, datadir);
	failed = source_check(&from, needs, err) || build(&next, &from, user, &then, datadir, needs, err);
	if (failed) {
		drop(&next, l);
		l->n_models = next.n_models;
		l->n_datasets = next.n_datasets;
		l->again = 0;
		options_release(&then);
	} else {
		drop(l, &next);
		*l = next;
		options_release(now);
		*now = then;
		if (l->model)
			l->model->lm->cancel = cancel;
	}
	source_release(&from);
	return failed ? -1 : 0;
}

void loaded_mark(const struct loaded *l, enum split_kind split, struct loaded_mark *mark)
{
	*mark = (struct loaded_mark){0};
	if (l->model) {
		mark->model = l->model->serial;
		memcpy(mark->model_digest, digest_model(l->model), DIGEST_TEXT);
	}
	if (l->model && l->data && l->data->spelt_for == l->model->serial) {
		mark->data = l->data->serial;
		memcpy(mark->data_digest, digest_data(l->data, l->model, split), DIGEST_TEXT);
	}
}

void loaded_known_again(struct loaded *l, enum split_kind split, const struct loaded_mark *mark)
{
	if (mark->model == 0 || !l->model || strcmp(digest_model(l->model), mark->model_digest) != 0)
		return;
	if (mark->data > 0 && l->data && l->data->spelt_for == l->model->serial &&
		!strcmp(digest_data(l->data, l->model, split), mark->data_digest))
		l->data->serial = mark->data;
	if (l->data && l->data->spelt_for == l->model->serial)
		l->data->spelt_for = mark->model;
	l->model->serial = mark->model;
}

void loaded_release_model(struct loaded *l)
{
	struct loaded rest = *l;

	rest.model = NULL;
	rest.search = NULL;
	drop(l, &rest);
	*l = rest;
}

void loaded_release(struct loaded *l)
{
	const struct loaded none = {0};

	drop(l, &none);
	*l = none;
}
