#include "session/variable.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/session_priv.h"

#define LAST "last"

static struct variable *find(const struct variables *v, const char *name)
{
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->at[i].name, name))
			return &v->at[i];
	return NULL;
}

static bool is_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

	return *name && !strchr("0123456789", *name) && name[strspn(name, letters)] == '\0';
}

static int check_name(const char *name, struct err *err)
{
	static const char *const ours[] = {LAST, "data", "here", "work"};

	if (!is_name(name))
		return err_set(err, ERR_VALUE,
			"'%s' is no name for a variable: letters, digits and _ make one, and no digit comes first",
			name);
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (!strcmp(name, ours[i]))
			return err_set(err, ERR_VALUE, "'$%s' stands for something else: choose another name", name);
	return 0;
}

int variables_set(struct variables *v, const char *name, const char *value, struct err *err)
{
	struct variable *old;

	if (check_name(name, err))
		return -1;
	old = find(v, name);
	if (!old && !value)
		return err_set(err, ERR_NOT_FOUND, "there is no variable '%s': 'let' lists those that were set", name);
	if (!old) {
		vec_push(v, (struct variable){xstrdup(name), xstrdup(value)});
		return 0;
	}
	free(old->value);
	old->value = value ? xstrdup(value) : NULL;
	if (value)
		return 0;
	free(old->name);
	memmove(old, old + 1, (size_t)(v->at + --v->n - old) * sizeof(*old));
	return 0;
}

const char *variables_get(const struct variables *v, const char *name)
{
	const struct variable *found = find(v, name);

	return found ? found->value : NULL;
}

void variables_release(struct variables *v)
{
	for (size_t i = 0; i < v->n; i++) {
		free(v->at[i].name);
		free(v->at[i].value);
	}
	vec_release(v);
}

/* What a name stands for that is neither a row nor a member. NULL: nothing. */
static const char *value_of(const struct session *s, const char *name)
{
	const char *value = variables_get(&s->variables, name);

	if (!strcmp(name, "data"))
		return s->datadir;
	if (!strcmp(name, "work"))
		return s->aside.in_lesson ? s->aside.work : NULL;
	if (!strcmp(name, "here"))
		return s->aside.in_lesson ? s->aside.here : NULL;
	return value ? value : getenv(name);
}

/* arg1, arg2 and so on are what -f sets. */
static bool is_argument(const char *name)
{
	return !strncmp(name, "arg", 3) && name[3] && !name[3 + strspn(name + 3, "0123456789")];
}

static int expand(void *arg, const char *name, const struct variable_place *at, struct buf *value, struct err *err)
{
	const struct session *s = arg;
	const struct snap_cases *view = s->worker.shown ? s->worker.shown->cases : NULL;
	const char *text;

	if (name[0] >= '0' && name[0] <= '9')
		return listing_id(&s->listing, listing_wanted(at), view, name, value, err);
	if (!strncmp(name, LAST, strlen(LAST)) && strchr(".", name[strlen(LAST)]))
		return listing_member(&s->listing, name + strlen(LAST), value, err);
	text = value_of(s, name);
	if (!text && is_argument(name))
		return err_set(err, ERR_NOT_FOUND,
			"there is no variable '$%s': a script's arguments stand behind its name, as in '-f FILE "
			"ARG...'",
			name);
	if (!text)
		return err_set(err, ERR_NOT_FOUND,
			"there is no variable '$%s': 'let %s VALUE' sets it, and \\$ is a dollar sign", name, name);
	buf_addstr(value, text);
	return 0;
}

int session_words(const struct session *s, const char *statement, struct cmd_line *words, struct err *err)
{
	return statement_split(words, statement, expand, (void *)s, err);
}
