#include "ui/complete_files.h"

#include <dirent.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"

char *complete_home(const char *path)
{
	size_t n = strcspn(path, "/");
	const char *home = n == 1 ? getenv("HOME") : NULL;

	if (*path != '~' || path[n] != '/')
		return xstrdup(path);
	if (!home) {
		char *name = xstrndup(path + 1, n - 1);
		const struct passwd *user = getpwnam(name);

		home = user ? user->pw_dir : NULL;
		free(name);
	}
	return home ? xasprintf("%s%s", home, path + n) : xstrdup(path);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_folder(const char *folder, const char *name)
{
	char *path = xasprintf("%s/%s", folder, name);
	struct stat st;
	bool is = stat(path, &st) == 0 && S_ISDIR(st.st_mode);

	free(path);
	return is;
}

size_t complete_files(struct candidates *c, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash + 1 - path) : 0;
	char *folder = n > 0 ? xstrndup(path, n) : xstrdup(".");
	const struct dirent *entry;
	VEC(char *) names = {0};
	DIR *d = opendir(folder);

	candidates_init(c, path + n);
	while (d && (entry = readdir(d)) != NULL)
		if (strncmp(entry->d_name, c->typed, c->typed_len) == 0 && (path[n] == '.' || entry->d_name[0] != '.'))
			vec_push(&names, xasprintf("%s%s", entry->d_name,
				is_folder(folder, entry->d_name) ? "/" : ""));
	if (d)
		closedir(d);
	if (names.n > 0)
		qsort(names.at, names.n, sizeof(*names.at), by_name);
	for (size_t i = 0; i < names.n; i++) {
		candidates_offer_text(c, names.at[i]);
		free(names.at[i]);
	}
	vec_release(&names);
	free(folder);
	return n;
}
