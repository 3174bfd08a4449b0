/* Lessons as a list: those of a folder, all that there are, and one of them by name. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "session/lesson.h"
#include "store/file.h"

#define ORDER "order"

/* Moves the name to place *at of the names that are not yet in order. */
static int put_next(struct file_names *names, size_t *at, const char *wanted, struct err *err)
{
	char *file = xasprintf("%s" LESSON_ENDING, wanted);
	size_t i = 0;

	while (i < names->n && strcmp(names->at[i], file) != 0)
		i++;
	free(file);
	if (i == names->n)
		return err_set(err, ERR_NOT_FOUND, "there is no lesson '%s'", wanted);
	if (i < *at)
		return err_set(err, ERR_FORMAT, "lesson '%s' is named twice", wanted);
	char *found = names->at[i];
	memmove(names->at + *at + 1, names->at + *at, (i - *at) * sizeof(*names->at));
	names->at[(*at)++] = found;
	return 0;
}

static int put_in_order(struct file_names *names, const char *folder, struct err *err)
{
	char *path = file_join(folder, ORDER), *line, *rest;
	struct buf text = {0};
	size_t number = 0, at = 0;
	int failed = 0;

	if (file_exists(path))
		failed = file_read(&text, path, LESSON_MAX_FILE, err);
	buf_addch(&text, '\n');
	for (rest = text.at; !failed && (line = strsep(&rest, "\n"));) {
		number++;
		line += strspn(line, " ");
		line[strcspn(line, " \r")] = '\0';
		if (*line && *line != '#' && put_next(names, &at, line, err))
			failed = err_prefix(err, "%s:%zu", path, number);
	}
	buf_release(&text);
	free(path);
	return failed;
}

int lessons_read(struct lesson ***out, size_t *n, const char *folder, struct err *err)
{
	struct file_names names = {0};
	struct lesson **lessons = NULL;
	size_t read = 0;
	int failed = file_list(&names, folder, "*" LESSON_ENDING, err) || put_in_order(&names, folder, err);

	if (!failed)
		lessons = xcalloc(names.n + 1, sizeof(*lessons));
	while (!failed && read < names.n) {
		char *path = file_join(folder, names.at[read]);
		failed = lesson_read(&lessons[read], path, err);
		read += !failed;
		free(path);
	}
	file_names_release(&names);
	if (failed) {
		lessons_free(lessons, read);
		return -1;
	}
	*out = lessons;
	*n = read;
	return 0;
}

void lessons_free(struct lesson **lessons, size_t n)
{
	for (size_t i = 0; i < n; i++)
		lesson_free(lessons[i]);
	free(lessons);
}

/* NULL: the environment says of no place. */
static char *own_folder(void)
{
	const char *base = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

	if (base && *base)
		return xasprintf("%s/beamscope/lessons", base);
	return home && *home ? xasprintf("%s/.local/share/beamscope/lessons", home) : NULL;
}

/* What takes the place of a lesson that cannot be read, so that the others can be. */
static struct lesson *lesson_in_trouble(const char *path, const char *why)
{
	struct lesson *l = xcalloc(1, sizeof(*l));
	const char *base = file_last_part(path);

	arena_init(&l->arena);
	l->path = arena_strdup(&l->arena, path);
	l->folder = ".";
	l->name = arena_strndup(&l->arena, base, strlen(base) - strlen(LESSON_ENDING));
	l->title = "cannot be read";
	l->about = l->trouble = xstrdup(why);
	return l;
}

static void add_own(struct lesson ***lessons, size_t *n, struct lesson *own)
{
	size_t i = 0;

	while (i < *n && strcmp((*lessons)[i]->name, own->name) != 0)
		i++;
	if (i < *n) {
		lesson_free((*lessons)[i]);
	} else {
		*lessons = xreallocarray(*lessons, *n + 1, sizeof(**lessons));
		++*n;
	}
	(*lessons)[i] = own;
}

int lessons_list(struct lesson ***out, size_t *n, const char *datadir, struct err *err)
{
	char *bundled = file_join(datadir, "lessons"), *own = own_folder();
	struct file_names names = {0};
	int failed = lessons_read(out, n, bundled, err);

	free(bundled);
	if (!failed && own && file_is_dir(own) && file_list(&names, own, "*" LESSON_ENDING, err)) {
		lessons_free(*out, *n);
		failed = -1;
	}
	for (size_t i = 0; i < names.n && !failed; i++) {
		char *path = file_join(own, names.at[i]);
		struct lesson *l;
		struct err why;

		add_own(out, n, lesson_read(&l, path, &why) ? lesson_in_trouble(path, why.msg) : l);
		free(path);
	}
	file_names_release(&names);
	free(own);
	return failed;
}

int lesson_find(size_t *found, struct lesson *const *lessons, size_t n, const char *name, struct err *err)
{
	struct buf all = {0}, some = {0};
	size_t len = strlen(name), fits = 0;

	for (size_t i = 0; i < n; i++) {
		bool begins = len > 0 && !strncmp(lessons[i]->name, name, len);

		if (!strcmp(lessons[i]->name, name)) {
			*found = i;
			fits = 1;
			break;
		}
		buf_addf(&all, "%s%s", i > 0 ? ", " : "", lessons[i]->name);
		if (!begins)
			continue;
		buf_addf(&some, "%s'%s'", fits > 0 ? ", " : "", lessons[i]->name);
		*found = i;
		fits++;
	}
	if (fits == 0)
		err_set(err, ERR_NOT_FOUND, "there is no lesson '%s': there are %s", name, buf_str(&all));
	else if (fits > 1)
		err_set(err, ERR_USAGE, "'%s' may be any of %s", name, buf_str(&some));
	buf_release(&all);
	buf_release(&some);
	return fits == 1 ? 0 : -1;
}

bool lesson_is_file(const char *name)
{
	size_t len = strlen(name), ending = strlen(LESSON_ENDING);

	return strchr(name, '/') || (len > ending && !strcmp(name + len - ending, LESSON_ENDING));
}
