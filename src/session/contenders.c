#include "session/contenders.h"

#include <stdlib.h>
#include <string.h>

#include "session/rivals.h"
#include "store/file.h"

#define SURVEY_SUFFIX ".jsonl"

/* The path of the model that is loaded or to be loaded: caller frees; NULL: there is none. */
static char *first_model(const struct session *s)
{
	if (s->options.model)
		return xstrdup(s->options.model);
	return s->options.data ? NULL : xasprintf("%s/demo/sft", s->datadir);
}

/* The last so many parts of a path, joined by hyphens: "last" of a training run is named after its folder. */
static char *path_name(const char *path, size_t parts)
{
	size_t end = strlen(path), at;
	char *name;

	while (end > 1 && path[end - 1] == '/')
		end--;
	if (end > 5 && !memcmp(path + end - 5, "/last", 5))
		end -= 5;
	for (at = end; at > 0; at--)
		if (path[at - 1] == '/' && at < end && --parts == 0)
			break;
	name = xstrndup(path + at, end - at);
	for (char *p = name; *p; p++)
		if (*p == '/')
			*p = '-';
	return name;
}

static bool is_survey(const char *path)
{
	size_t n = strlen(path), k = strlen(SURVEY_SUFFIX);

	return n > k && !strcmp(path + n - k, SURVEY_SUFFIX);
}

/* Where ":NAME=" begins in a word; its end where there is none. */
static size_t settings_at(const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i < n; i++) {
		size_t len = word[i] == ':' ? strspn(word + i + 1, "abcdefghijklmnopqrstuvwxyz-") : 0;

		if (len > 0 && word[i + 1 + len] == '=')
			return i;
	}
	return n;
}

/* "tau=0.9", of which the first n bytes count. */
static int add_setting(struct entrant *e, const struct session *s, const char *text, size_t n, struct err *err)
{
	const char *equals = memchr(text, '=', n);
	const struct option_entry *o;
	struct options scratch;
	char *name, *value;
	int failed;

	if (!equals)
		return err_set(err, ERR_USAGE, "'%.*s' is no setting: NAME=VALUE is wanted, as in tau=0.9", (int)n,
			text);
	if (e->n_settings == CONTENDER_SETTINGS)
		return err_set(err, ERR_USAGE, "'%s' has more than %d settings", text, CONTENDER_SETTINGS);
	name = xstrndup(text, (size_t)(equals - text));
	o = option_match(name, err);
	free(name);
	if (!o)
		return -1;
	if (!(o->flags & OPTION_SEARCH) || !strcmp(o->name, "split"))
		return err_set(err, ERR_USAGE,
			"option '%s' cannot be compared: it is none of those that shape how a case is searched",
			o->name);
	value = xstrndup(equals + 1, n - (size_t)(equals + 1 - text));
	options_copy(&scratch, &s->options);
	failed = option_set(&scratch, o, value, err);
	options_release(&scratch);
	e->settings[e->n_settings].option = o;
	e->settings[e->n_settings++].value = value;
	return failed;
}

/* ":tau=0.9:beam=20" */
static int add_settings(struct entrant *e, const struct session *s, const char *text, struct err *err)
{
	while (*text) {
		size_t n = 1 + settings_at(text + 1);

		if (add_setting(e, s, text + 1, n - 1, err))
			return -1;
		text += n;
	}
	return 0;
}

/* What a path is: itself, or one beside the loaded model. Caller frees; NULL: there is no such thing. */
static char *find_path(const struct session *s, const char *path)
{
	char *model = first_model(s), *slash = model ? strrchr(model, '/') : NULL, *beside = NULL;

	if (file_is_there(path)) {
		free(model);
		return xstrdup(path);
	}
	if (slash && *path != '/') {
		beside = xasprintf("%.*s/%s", (int)(slash - model), model, path);
		if (!file_is_there(beside)) {
			free(beside);
			beside = NULL;
		}
	}
	free(model);
	return beside;
}

static int set_path(struct entrant *e, const struct session *s, const char *word, size_t n, struct err *err)
{
	char *given = xstrndup(word, n), *path = find_path(s, given);
	int failed = 0;

	if (!path)
		failed = err_set(err, ERR_NOT_FOUND,
			"there is no '%s', here or beside the model: a model, an adapter's directory or a FILE%s of "
			"'diagnose -o' is wanted",
			given, SURVEY_SUFFIX);
	else if (is_survey(path))
		e->file = path;
	else if (file_exists_in(path, "adapter_config.json") && !file_exists_in(path, "config.json"))
		e->adapter = path;
	else
		e->model = path;
	free(given);
	return failed;
}

static bool taken(const struct entrants *all, const char *name)
{
	for (size_t i = 0; i < all->list.n; i++)
		if (!strcmp(all->list.at[i].name, name))
			return true;
	return false;
}

/* ":tau=0.9", or "tau=0.9" where nothing stands before. */
static void name_settings(const struct entrant *e, struct buf *name)
{
	size_t from = name->len;

	for (size_t i = 0; i < e->n_settings; i++)
		buf_addf(name, "%s%s=%s", name->len > 0 ? ":" : "", e->settings[i].option->name, e->settings[i].value);
	for (size_t i = from; i < name->len; i++)
		if (name->at[i] == '/')
			name->at[i] = '-';
}

/* Gives a name as short as keeps it apart from those before; `path` NULL: its settings alone. */
static int give_name(struct entrant *e, const struct entrants *all, const char *path, struct err *err)
{
	size_t last = 0;

	for (size_t parts = 1;; parts++) {
		char *of_path = path ? path_name(path, parts) : xstrdup("");
		size_t len = strlen(of_path);
		struct buf name = {0};

		buf_add(&name, of_path, e->file ? len - strlen(SURVEY_SUFFIX) : len);
		free(of_path);
		name_settings(e, &name);
		e->name = buf_detach(&name);
		if (!taken(all, e->name))
			return 0;
		if (len == last || !path)
			return err_set(err, ERR_USAGE, "'%s' stands twice among what is compared", e->name);
		free(e->name);
		e->name = NULL;
		last = len;
	}
}

static void entrant_release(struct entrant *e)
{
	for (size_t i = 0; i < e->n_settings; i++)
		free(e->settings[i].value);
	free(e->name);
	free(e->model);
	free(e->adapter);
	free(e->file);
	free(e->words);
}

static int enlist(struct entrants *all, struct entrant *e, int failed)
{
	if (failed)
		entrant_release(e);
	else
		vec_push(&all->list, *e);
	return failed;
}

static int add_loaded(struct entrants *all, const struct session *s, struct err *err)
{
	char *model = first_model(s);
	struct entrant e = {0};
	int failed = give_name(&e, all, s->options.adapter ? s->options.adapter : model ? model : "model", err);

	free(model);
	return enlist(all, &e, failed);
}

static char *quoted(const char *before, const char *word)
{
	struct buf words = {0};

	if (before)
		buf_addstr(&words, before);
	buf_addword(&words, word);
	return buf_detach(&words);
}

static int add_other(struct entrants *all, const struct session *s, const char *word, struct err *err)
{
	size_t n = file_is_there(word) ? strlen(word) : settings_at(word);
	struct entrant e = {0};
	int failed = set_path(&e, s, word, n, err);

	if (!failed && e.file && word[n])
		failed = err_set(err, ERR_USAGE, "'%s' was made before: it has no settings to change", e.file);
	if (!failed)
		failed = add_settings(&e, s, word + n, err);
	if (!failed)
		failed = give_name(&e, all, e.file ? e.file : e.adapter ? e.adapter : e.model, err);
	e.words = quoted(NULL, word);
	return enlist(all, &e, failed);
}

/* "tau=0.85,0.7": one for each value. */
static int add_values(struct entrants *all, const struct session *s, const char *word, struct err *err)
{
	const char *equals = strchr(word, '='), *value = equals ? equals + 1 : word;
	int failed = 0;

	for (;;) {
		size_t n = strcspn(value, ",");
		char *text = equals ? xasprintf("%.*s=%.*s", (int)(equals - word), word, (int)n, value) : xstrdup(word);
		struct entrant e = {0};

		failed = add_setting(&e, s, text, strlen(text), err);
		if (!failed)
			failed = give_name(&e, all, NULL, err);
		e.words = quoted("--set ", text);
		free(text);
		if (enlist(all, &e, failed) || !value[n] || !equals)
			return failed;
		value += n + 1;
	}
}

static int add_words(struct entrants *all, const struct session *s, const struct cmd_args *a, int place,
	int (*add)(struct entrants *, const struct session *, const char *, struct err *), struct err *err)
{
	for (size_t i = 0; i < a->many.n; i++)
		if (a->many.at[i].arg == place && add(all, s, a->many.at[i].text, err))
			return -1;
	return 0;
}

/* Are these all files, of which the first shall lead? */
static bool only_files(const struct session *s, const struct cmd_args *a)
{
	if (s->options.model || s->options.data || a->many.n < 2)
		return false;
	for (size_t i = 0; i < a->many.n; i++)
		if (!is_survey(a->many.at[i].text))
			return false;
	return true;
}

#define NAMED_RIVALS 4 /* in a message */

static int nothing_to_compare(const struct session *s, const char *name, struct err *err)
{
	char *model = first_model(s);
	struct buf beside = {0};
	struct rivals rivals;

	rivals_init(&rivals, model, s->options.adapter);
	for (size_t i = 0; i < rivals.n && i < NAMED_RIVALS; i++) {
		buf_addf(&beside, "%s'", i > 0 ? ", " : "; beside it: ");
		buf_addword(&beside, rivals.at[i]);
		buf_addch(&beside, '\'');
	}
	if (rivals.n > NAMED_RIVALS)
		buf_addstr(&beside, " and others");
	err_set(err, ERR_USAGE,
		"there is nothing to compare '%s' with: 'compare %s' names another model, 'compare --set tau=0.85' "
		"another setting%s",
		name, rivals.n > 0 ? rivals.at[0] : "OTHER", buf_str(&beside));
	buf_release(&beside);
	rivals_release(&rivals);
	free(model);
	return -1;
}

int entrants_init(struct entrants *all, const struct session *s, const struct cmd_args *a, int other, int set,
	struct err *err)
{
	*all = (struct entrants){0};
	if (!only_files(s, a) && add_loaded(all, s, err))
		return -1;
	if (add_words(all, s, a, set, add_values, err) || add_words(all, s, a, other, add_other, err))
		return -1;
	return all->list.n < 2 ? nothing_to_compare(s, all->list.at[0].name, err) : 0;
}

void entrants_release(struct entrants *all)
{
	for (size_t i = 0; i < all->list.n; i++)
		entrant_release(&all->list.at[i]);
	vec_release(&all->list);
}

static int set(struct session *s, const char *name, const char *value, struct err *err)
{
	const struct option_entry *o = option_find(name, err);

	return o ? option_set(&s->options, o, value, err) : -1;
}

int entrant_enter(const struct entrant *e, struct session *s, struct err *err)
{
	bool bundled = !s->options.model && !s->options.data;

	if (bundled && (e->model || e->adapter)) {
		char *data = xasprintf("%s/demo", s->datadir), *model = first_model(s);
		int failed = set(s, "data", data, err) || set(s, "model", model, err);

		free(data);
		free(model);
		if (failed)
			return -1;
	}
	if (e->model && (set(s, "model", e->model, err) || set(s, "adapter", NULL, err)))
		return -1;
	if (e->adapter && set(s, "adapter", e->adapter, err))
		return -1;
	for (size_t i = 0; i < e->n_settings; i++)
		if (option_set(&s->options, e->settings[i].option, e->settings[i].value, err))
			return -1;
	return 0;
}
