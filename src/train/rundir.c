#include "train/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/file.h"
#include "store/folder.h"

void rundir_init(struct rundir *d, const char *path)
{
	*d = (struct rundir){.path = path ? xstrdup(path) : NULL, .lock = -1};
}

void rundir_release(struct rundir *d)
{
	if (d->lock >= 0)
		close(d->lock);
	free(d->path);
	*d = (struct rundir){.lock = -1};
}

/* As mkdir -p. */
static int make_folders(const char *path, struct err *err)
{
	char *copy = xstrdup(path);
	int result = 0;

	for (char *slash = copy + 1; result == 0 && *copy; slash++) {
		char c = *slash;

		if (c != '/' && c != '\0')
			continue;
		*slash = '\0';
		if (mkdir(copy, 0777) < 0 && errno != EEXIST)
			result = err_errno(err, errno, "cannot make the directory '%s'", copy);
		*slash = c;
		if (c == '\0')
			break;
	}
	free(copy);
	return result;
}

/* Files beside the runners' folders that a killed run was writing. */
static int sweep_files(const struct rundir *d, struct err *err)
{
	static const char *const patterns[] = {"run.json.*.tmp", "log.jsonl.*.tmp"};
	struct file_names left = {0};
	int result = 0;

	for (size_t i = 0; i < ARRAY_LEN(patterns) && result == 0; i++)
		result = file_list(&left, d->path, patterns[i], err);
	for (size_t i = 0; i < left.n && result == 0; i++) {
		char *path = file_join(d->path, left.at[i]);

		if (unlink(path) < 0 && errno != ENOENT)
			result = err_errno(err, errno, "cannot remove '%s'", path);
		free(path);
	}
	file_names_release(&left);
	return result;
}

int rundir_claim(struct rundir *d, struct err *err)
{
	if (d->lock >= 0)
		return 0;
	if (make_folders(d->path, err) < 0)
		return -1;
	d->lock = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->lock < 0)
		return err_errno(err, errno, "cannot open the directory '%s'", d->path);
	if (flock(d->lock, LOCK_EX | LOCK_NB) == 0)
		return sweep_files(d, err);
	if (errno == EWOULDBLOCK) {
		close(d->lock);
		d->lock = -1;
		return err_set(err, ERR_VALUE,
			"another process is training in '%s': wait for it, or give another --out", d->path);
	}
	return 0; /* file systems without locks do not hinder the run */
}

char *rundir_runner(const struct rundir *d, const char *runner)
{
	return file_join(d->path, runner);
}

char *rundir_step(const struct rundir *d, const char *runner, size_t step)
{
	return xasprintf("%s/%s/step-%06zu", d->path, runner, step);
}

/* The number in "step-000300"; false for other names, among them other spellings of a number. */
static bool read_step(const char *name, size_t *step)
{
	char again[32];
	int len = 0;

	if (sscanf(name, "step-%zu%n", step, &len) != 1 || name[len] != '\0')
		return false;
	snprintf(again, sizeof(again), "step-%06zu", *step);
	return strcmp(name, again) == 0;
}

static int rising(const void *left, const void *right)
{
	size_t a = *(const size_t *)left, b = *(const size_t *)right;

	return a < b ? -1 : a > b;
}

int rundir_steps(const struct rundir *d, const char *runner, struct step_list *steps, struct err *err)
{
	char *path = rundir_runner(d, runner);
	DIR *folder = opendir(path);
	struct dirent *entry;
	int result = 0;
	size_t step;

	if (!folder && errno != ENOENT)
		result = err_errno(err, errno, "cannot list '%s'", path);
	while (folder && (errno = 0, (entry = readdir(folder)) != NULL))
		if (read_step(entry->d_name, &step))
			vec_push(steps, step);
	if (folder && errno != 0)
		result = err_errno(err, errno, "cannot list '%s'", path);
	if (folder)
		closedir(folder);
	if (steps->n > 0)
		qsort(steps->at, steps->n, sizeof(*steps->at), rising);
	free(path);
	return result;
}

int rundir_make_runner(const struct rundir *d, const char *runner, struct err *err)
{
	char *path = rundir_runner(d, runner);
	int result = make_folders(path, err);

	free(path);
	return result;
}

/* Under its own name it must never be there in part. */
int rundir_remove_step(const struct rundir *d, const char *runner, size_t step, struct err *err)
{
	char *from = rundir_step(d, runner, step), *to = xasprintf("%s.removed.tmp", from);
	int result = folder_remove(to, err);

	if (result == 0 && rename(from, to) < 0)
		result = err_errno(err, errno, "cannot remove '%s'", from);
	if (result == 0)
		result = folder_remove(to, err);
	free(from);
	free(to);
	return result;
}

static bool is_unfinished(const char *name)
{
	size_t len = strlen(name);

	return strncmp(name, "step-", 5) == 0 && len > 9 && strcmp(name + len - 4, ".tmp") == 0;
}

int rundir_sweep(const struct rundir *d, const char *runner, struct err *err)
{
	char *path = rundir_runner(d, runner);
	DIR *folder = opendir(path);
	struct dirent *entry;
	int result = 0;

	while (folder && result == 0 && (entry = readdir(folder)) != NULL) {
		char *left = file_join(path, entry->d_name);

		if (is_unfinished(entry->d_name))
			result = folder_remove(left, err);
		free(left);
	}
	if (folder)
		closedir(folder);
	free(path);
	return result;
}

int rundir_link(const struct rundir *d, const char *runner, const char *name, size_t step, struct err *err)
{
	char *target = xasprintf("step-%06zu", step), *path = xasprintf("%s/%s/%s", d->path, runner, name),
	     *beside = xasprintf("%s/%s/.%s.tmp", d->path, runner, name);
	int result = 0;

	if ((unlink(beside) < 0 && errno != ENOENT) || symlink(target, beside) < 0 || rename(beside, path) < 0)
		result = err_errno(err, errno, "cannot point '%s' at '%s'", path, target);
	free(target);
	free(path);
	free(beside);
	return result;
}
