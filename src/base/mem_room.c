/* How much memory is left: what mem_available asks for. */
#include "mem_room.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/mem.h"

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The number that follows `key` at the beginning of a line of dir/name; `otherwise` where there is none. */
static size_t number_in(const char *dir, const char *name, const char *key, size_t otherwise)
{
	char *path = xasprintf("%s/%s", dir, name), line[128];
	FILE *f = fopen(path, "re");
	size_t number = otherwise;

	while (f && fgets(line, sizeof(line), f)) {
		unsigned long long n;

		if (strncmp(line, key, strlen(key)) != 0 || sscanf(line + strlen(key), "%llu", &n) != 1)
			continue;
		number = n < SIZE_MAX ? (size_t)n : SIZE_MAX;
		break;
	}
	if (f)
		fclose(f);
	free(path);
	return number;
}

size_t mem_room_machine(const char *root)
{
	char *proc = xasprintf("%s/proc", root);
	size_t kib = number_in(proc, "meminfo", "MemAvailable:", SIZE_MAX);

	free(proc);
	return kib < SIZE_MAX / 1024 ? kib * 1024 : SIZE_MAX;
}

/* A version of control groups: where its folders are, and the files in them. */
struct version {
	const char *controller; /* as /proc/self/cgroup has it */
	const char *mount;
	const char *limit, *used;
	const char *cached[2]; /* in memory.stat */
};

static const struct version versions[] = {
	{"", "/sys/fs/cgroup", "memory.max", "memory.current", {"active_file ", "inactive_file "}},
	{"memory", "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
		{"total_active_file ", "total_inactive_file "}},
};

/* What one group leaves. Where it has no limit there is the word "max", or no file. */
static size_t group_room(const char *dir, const struct version *v)
{
	size_t limit = number_in(dir, v->limit, "", SIZE_MAX), used;

	if (limit == SIZE_MAX)
		return SIZE_MAX;
	used = number_in(dir, v->used, "", 0);
	for (size_t i = 0; i < ARRAY_LEN(v->cached); i++)
		used -= smaller(used, number_in(dir, "memory.stat", v->cached[i], 0));
	return used < limit ? limit - used : 0;
}

/* The least that a group and those above it leave. In a container the upper ones may not be there to be seen, and the
 * group itself may stand where the mount is. */
static size_t path_room(const char *root, const struct version *v, const char *group)
{
	char *dir = xasprintf("%s%s%s", root, v->mount, group);
	size_t top = strlen(root) + strlen(v->mount), room = group_room(dir, v);

	while (strlen(dir) > top) {
		*strrchr(dir, '/') = '\0';
		room = smaller(room, group_room(dir, v));
	}
	free(dir);
	return room;
}

static bool lists(const char *names, const char *name)
{
	for (;;) {
		size_t len = strcspn(names, ",");

		if (len == strlen(name) && strncmp(names, name, len) == 0)
			return true;
		if (names[len] == '\0')
			return false;
		names += len + 1;
	}
}

/* A line of /proc/self/cgroup, "4:memory:/user/42"; version 2 has no controller. */
static size_t line_room(const char *root, char *line)
{
	char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;
	size_t room = SIZE_MAX;

	if (!group || group[1] != '/')
		return room;
	*group++ = '\0';
	group[strcspn(group, "\n")] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		if (lists(controllers + 1, versions[i].controller))
			room = smaller(room, path_room(root, &versions[i], group));
	return room;
}

size_t mem_room_cgroup(const char *root)
{
	char *path = xasprintf("%s/proc/self/cgroup", root), *line = NULL;
	FILE *f = fopen(path, "re");
	size_t room = SIZE_MAX, cap = 0;

	while (f && getline(&line, &cap, f) > 0)
		room = smaller(room, line_room(root, line));
	if (f)
		fclose(f);
	free(line);
	free(path);
	return room;
}

/* What the limit of this process's address space leaves, files that are mapped included. */
static size_t address_room(void)
{
	struct rlimit limit;
	size_t used;

	if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
		return SIZE_MAX;
	used = number_in("/proc/self", "statm", "", 0) * (size_t)sysconf(_SC_PAGESIZE);
	return used < limit.rlim_cur ? (size_t)limit.rlim_cur - used : 0;
}

size_t mem_available(void)
{
	return smaller(address_room(), smaller(mem_room_machine(""), mem_room_cgroup("")));
}
