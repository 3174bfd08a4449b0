#include "session/rivals.h"

#include <dirent.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "store/file.h"

#define NEWEST "last" /* the folder of a training run's newest checkpoint of an objective */

/* Where the folder of one that is loaded lies. */
struct place {
	char *parent;       /* owned */
	char *own;          /* owned: its name there */
	const char *within; /* the folder of the model in each of those beside it; NULL: that is the model's */
	const char *file;   /* that tells a model's folder; NULL: the model is a GGUF file, as are those beside it */
	long long words;    /* bytes of its own tokenizer; -1: it has none */
	bool by_path;       /* named by its path: adapters are not looked for beside the loaded one */
};

/* Cuts the last name off a path and gives it: caller frees. A path without a slash is one below ".". */
static char *cut_name(char **path)
{
	size_t end = strlen(*path), at;
	char *name, *rest;

	while (end > 1 && (*path)[end - 1] == '/')
		end--;
	for (at = end; at > 0 && (*path)[at - 1] != '/'; at--)
		;
	name = xstrndup(*path + at, end - at);
	rest = at > 1 ? xstrndup(*path, at - 1) : xstrdup(at == 1 ? "/" : ".");
	free(*path);
	*path = rest;
	return name;
}

/* Bytes of a model's tokenizer: those of another size are different ones, which is all that is asked. */
static long long words_of(const char *model)
{
	char *path = file_join(model, "tokenizer.json");
	struct stat st;
	long long size = stat(path, &st) ? -1 : (long long)st.st_size;

	free(path);
	return size;
}

static void place_init(struct place *p, const char *path, const char *file, bool by_path)
{
	*p = (struct place){.parent = xstrdup(path), .file = file, .words = words_of(path), .by_path = by_path};
	p->own = cut_name(&p->parent);
	if (!strcmp(p->own, NEWEST)) {
		free(p->own);
		p->within = NEWEST;
		p->own = cut_name(&p->parent);
	}
}

static void place_release(struct place *p)
{
	free(p->parent);
	free(p->own);
}

/* How `compare` finds a folder beside the loaded one: by its name, unless that means another one here. */
static char *word_for(const struct place *p, const char *name, const char *path)
{
	char *word = p->within ? xasprintf("../%s/%s", name, p->within) : xstrdup(name);

	if (!p->by_path && !file_is_there(word))
		return word;
	free(word);
	return xstrdup(path);
}

/* One that is found, and whether it has another tokenizer than the loaded one: made for other data, most likely. */
struct neighbour {
	char *word;
	bool stranger;
};

struct neighbours {
	struct neighbour *at;
	size_t n, cap;
};

static bool is_gguf(const char *path)
{
	return fnmatch("*.gguf", path, 0) == 0 && file_exists(path);
}

static void add(struct neighbours *r, const struct place *p, const char *name)
{
	char *path = file_join(p->parent, name), *inner = p->within ? file_join(path, p->within) : xstrdup(path);

	if (p->file ? file_exists_in(inner, p->file) : is_gguf(inner)) {
		struct neighbour k = {word_for(p, name, inner), words_of(inner) != p->words};

		vec_push(r, k);
	}
	free(path);
	free(inner);
}

static int by_name(const void *a, const void *b)
{
	const struct neighbour *x = a, *y = b;

	return x->stranger != y->stranger ? x->stranger - y->stranger : strcmp(x->word, y->word);
}

void rivals_init(struct rivals *r, const char *model, const char *adapter)
{
	struct neighbours found = {0};
	struct dirent *entry;
	struct place p;
	DIR *d;

	*r = (struct rivals){0};
	if (!model && !adapter)
		return;
	if (!adapter && is_gguf(model))
		place_init(&p, model, NULL, false);
	else
		place_init(&p, adapter ? adapter : model, adapter ? "adapter_config.json" : "config.json",
			adapter != NULL);
	d = opendir(p.parent);
	while (d && (entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, p.own) != 0)
			add(&found, &p, entry->d_name);
	if (d)
		closedir(d);
	if (found.n > 1)
		qsort(found.at, found.n, sizeof(*found.at), by_name);
	for (size_t i = 0; i < found.n; i++)
		vec_push(r, found.at[i].word);
	vec_release(&found);
	place_release(&p);
}

void rivals_release(struct rivals *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->at[i]);
	vec_release(r);
}
