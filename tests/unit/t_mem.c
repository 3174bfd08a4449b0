#include "check.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/mem_room.h"
#include "base/rng.h"
#include "tempdir.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN
#endif

static void products_are_checked(void **state)
{
	size_t product;

	(void)state;
	assert_true(mem_mul(3, 5, &product));
	assert_int_equal(product, 15);
	assert_true(mem_mul(0, SIZE_MAX, &product));
	assert_true(mem_mul(SIZE_MAX, 1, &product));
	assert_false(mem_mul(SIZE_MAX, 2, &product));
	assert_false(mem_mul((size_t)1 << 32, (size_t)1 << 32, &product));
}

static void outside_sizes_are_refused_politely(void **state)
{
	struct err err;

	(void)state;
	assert_null(mem_try_alloc(SIZE_MAX / 4, 8, false, "the cache", &err));
	assert_int_equal(err.code, ERR_MEMORY);
	assert_non_null(strstr(err.msg, "the cache"));
	assert_null(mem_try_alloc(SIZE_MAX - 3, 1, false, "all", &err));
	assert_int_equal(err.code, ERR_MEMORY);
}

static void blocks_are_aligned_and_zeroed(void **state)
{
	struct err err;

	(void)state;
	for (size_t n = 0; n < 200; n++) {
		unsigned char *p = mem_try_alloc(n, 3, true, "block", &err);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % MEM_ALIGN, 0);
		for (size_t i = 0; i < n * 3; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, n * 3);
		free(p);
	}
}

/* Three arrays, one of them empty. Returns the bytes. */
static size_t lay_out(void *base, char **bytes, double **numbers)
{
	struct mem_layout l = {.base = base};
	void *none;

	*bytes = mem_piece(&l, 3, 67, 1);
	none = mem_piece(&l, 0, 5, 8);
	*numbers = mem_piece(&l, 7, 3, sizeof(**numbers));
	if (base != NULL)
		assert_ptr_equal(none, *numbers);
	return l.used;
}

static void pieces_lie_side_by_side(void **state)
{
	char *bytes;
	double *numbers;
	struct err err;
	size_t size = lay_out(NULL, &bytes, &numbers);
	void *block;

	(void)state;
	assert_null(bytes);
	assert_null(numbers);
	block = mem_try_alloc(size, 1, false, "block", &err);
	assert_non_null(block);
	assert_int_equal(lay_out(block, &bytes, &numbers), size);
	assert_ptr_equal(bytes, block);
	assert_int_equal((uintptr_t)numbers % MEM_ALIGN, 0);
	assert_true((char *)numbers >= bytes + 3 * 67);
	assert_true((char *)(numbers + 7 * 3) <= bytes + size);
	free(block);
}

static void layouts_that_overflow_say_so(void **state)
{
	static const size_t sizes[][3] = {
		{SIZE_MAX / 4, 8, 1}, {1 << 20, SIZE_MAX >> 20, 8}, {SIZE_MAX - 10, 1, 1}, {SIZE_MAX / 2, 1, 1}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct mem_layout l = {.base = NULL};

		assert_null(mem_piece(&l, SIZE_MAX / 2, 1, 1));
		assert_null(mem_piece(&l, sizes[i][0], sizes[i][1], sizes[i][2]));
		assert_int_equal(l.used, SIZE_MAX);
		assert_null(mem_piece(&l, 1, 1, 1));
		assert_int_equal(l.used, SIZE_MAX);
	}
}

static void growing_keeps_the_content(void **state)
{
	void *block = NULL, *before;
	struct err err;
	uint32_t *at;

	(void)state;
	check_ok(mem_try_grow(&block, 0, 10, sizeof(*at), "numbers", &err), &err);
	at = block;
	for (uint32_t i = 0; i < 10; i++)
		at[i] = i * i;
	check_ok(mem_try_grow(&block, 10, 1000, sizeof(*at), "numbers", &err), &err);
	at = block;
	assert_int_equal((uintptr_t)at % MEM_ALIGN, 0);
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(at[i], i * i);
	before = block;
	check_refused(
		mem_try_grow(&block, 1000, SIZE_MAX / 2, sizeof(*at), "numbers", &err), &err, ERR_MEMORY, "numbers");
	assert_ptr_equal(block, before);
	free(block);
}

static void strings_are_copied(void **state)
{
	char *a = xstrdup("abc"), *b = xstrndup("abcdef", 4), *c = xasprintf("%d-%s", 12, "x");

	(void)state;
	assert_string_equal(a, "abc");
	assert_string_equal(b, "abcd");
	assert_string_equal(c, "12-x");
	free(a);
	free(b);
	free(c);
}

/* Random sizes, each object filled with its own number: none may lie in another. */
static void arena_objects_do_not_overlap(void **state)
{
	enum {
		OBJECTS = 3000
	};
	static unsigned char *object[OBJECTS];
	static size_t size[OBJECTS];
	struct arena a;
	struct rng rng;

	(void)state;
	arena_init(&a);
	rng_seed(&rng, 1);
	for (int round = 0; round < 3; round++) {
		size_t sum = 0;

		for (size_t i = 0; i < OBJECTS; i++) {
			size[i] = rng_below(&rng, 100) == 0 ? rng_below(&rng, 100000) : rng_below(&rng, 200);
			object[i] = arena_alloc(&a, size[i]);
			assert_int_equal((uintptr_t)object[i] % 16, 0);
			memset(object[i], (int)(i & 0xff), size[i]);
			sum += size[i];
		}
		assert_true(a.used >= sum);
		for (size_t i = 0; i < OBJECTS; i++) {
			for (size_t j = 0; j < size[i]; j++)
				assert_int_equal(object[i][j], i & 0xff);
		}
		arena_clear(&a);
		assert_int_equal(a.used, 0);
	}
	arena_release(&a);
	assert_string_equal(arena_strdup(&a, "again"), "again");
	assert_string_equal(arena_strndup(&a, "shortened", 5), "short");
	arena_release(&a);
}

/* What the arena had for others before is zeroed too. */
static void arena_arrays_are_zeroed(void **state)
{
	struct arena a;
	const unsigned char *zeros;

	(void)state;
	arena_init(&a);
	memset(arena_alloc(&a, 600), 1, 600);
	arena_clear(&a);
	zeros = arena_calloc(&a, 100, 6);
	for (size_t i = 0; i < 600; i++)
		assert_int_equal(zeros[i], 0);
	assert_non_null(arena_calloc(&a, 0, 6));
	arena_release(&a);
}

static void memory_that_is_left(void **state)
{
	size_t machine = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);

	(void)state;
	assert_true(mem_available() > 0);
	assert_true(mem_available() <= machine || mem_available() == SIZE_MAX);
}

/* Writes a file, and the folders that it stands in, below a root. */
static void put(const char *root, const char *name, const char *text)
{
	char *path = tempdir_path(root, name);

	for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		assert_true(mkdir(path, 0777) == 0 || errno == EEXIST);
		*slash = '/';
	}
	free(tempdir_put(root, name, text, strlen(text)));
	free(path);
}

static void what_the_machine_has(void **state)
{
	const char *root = *state;

	assert_int_equal(mem_room_machine(root), SIZE_MAX);
	put(root, "proc/meminfo", "MemTotal:  16 kB\nMemFree:   3 kB\nMemAvailable:     12 kB\n");
	assert_int_equal(mem_room_machine(root), 12 * 1024);
	put(root, "proc/meminfo", "MemTotal: 16 kB\n");
	assert_int_equal(mem_room_machine(root), SIZE_MAX);
}

static void limits_of_control_groups(void **state)
{
	const char *root = *state;

	assert_int_equal(mem_room_cgroup(root), SIZE_MAX);
	put(root, "proc/self/cgroup", "0::/user/job\n");
	assert_int_equal(mem_room_cgroup(root), SIZE_MAX);
	put(root, "sys/fs/cgroup/user/job/memory.max", "max\n");
	put(root, "sys/fs/cgroup/user/job/memory.current", "700\n");
	assert_int_equal(mem_room_cgroup(root), SIZE_MAX);
	put(root, "sys/fs/cgroup/user/memory.max", "5000\n");
	put(root, "sys/fs/cgroup/user/memory.current", "1000\n");
	assert_int_equal(mem_room_cgroup(root), 4000);
	put(root, "sys/fs/cgroup/user/job/memory.max", "1000\n");
	assert_int_equal(mem_room_cgroup(root), 300);
	put(root, "sys/fs/cgroup/user/job/memory.stat", "anon 400\nfile 300\ninactive_file 200\nactive_file 50\n");
	assert_int_equal(mem_room_cgroup(root), 550);
	put(root, "sys/fs/cgroup/user/memory.current", "5001\n");
	assert_int_equal(mem_room_cgroup(root), 0);
}

/* Version 1, with version 2 beside it for other things. */
static void limits_of_older_control_groups(void **state)
{
	const char *root = *state;

	put(root, "proc/self/cgroup", "3:cpu,cpuacct:/a\n2:hugetlb,memory:/a/b\n1:name=memory:/c\n0::/d\n");
	put(root, "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
	put(root, "sys/fs/cgroup/memory/memory.usage_in_bytes", "1\n");
	assert_int_equal(mem_room_cgroup(root), 9223372036854771711u);
	put(root, "sys/fs/cgroup/memory/c/memory.limit_in_bytes", "7\n");
	put(root, "sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "900\n");
	put(root, "sys/fs/cgroup/memory/a/b/memory.usage_in_bytes", "800\n");
	put(root, "sys/fs/cgroup/memory/a/b/memory.stat", "inactive_file 1\ntotal_inactive_file 20\n");
	assert_int_equal(mem_room_cgroup(root), 120);
}

/* A container may see its own group where the mount is, under the name that it has outside. */
static void limits_of_a_container(void **state)
{
	const char *root = *state;

	put(root, "proc/self/cgroup", "0::/docker/1a2b\n");
	put(root, "sys/fs/cgroup/memory.max", "2000\n");
	put(root, "sys/fs/cgroup/memory.current", "500\n");
	assert_int_equal(mem_room_cgroup(root), 1500);
	put(root, "proc/self/cgroup", "0::/\n");
	assert_int_equal(mem_room_cgroup(root), 1500);
	put(root, "proc/self/cgroup", "0::/../..\n");
	assert_int_equal(mem_room_cgroup(root), 1500);
	put(root, "proc/self/cgroup", "what\n0:\n0::\n::\n0::up\n");
	assert_int_equal(mem_room_cgroup(root), SIZE_MAX);
}

/* AddressSanitizer needs more address space than this test leaves. */
#ifndef UNDER_ASAN
/* In a child process: what is said to be left can be had, and more cannot. */
static int fill_up(void)
{
	const size_t mib = (size_t)1 << 20;
	const struct rlimit limit = {1024 * mib, 1024 * mib};
	size_t left;
	struct err err;
	void *p;

	if (setrlimit(RLIMIT_AS, &limit) != 0)
		return 1;
	left = mem_available();
	if (left < 32 * mib || left > 1024 * mib)
		return 2;
	p = mem_try_alloc(left - 16 * mib, 1, false, "less", &err);
	if (p == NULL)
		return 3;
	if (mem_available() > 16 * mib)
		return 4;
	free(p);
	if (mem_available() < left - mib)
		return 5;
	/* Last, since malloc may set up another arena before it gives up, which takes address space. */
	p = mem_try_alloc(left + mib, 1, false, "more", &err);
	return p == NULL ? 0 : 6;
}

static void limits_of_the_process_count(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (mem_available() < (size_t)2 << 30)
		skip();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fill_up());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(products_are_checked),
		cmocka_unit_test(outside_sizes_are_refused_politely),
		cmocka_unit_test(blocks_are_aligned_and_zeroed),
		cmocka_unit_test(pieces_lie_side_by_side),
		cmocka_unit_test(layouts_that_overflow_say_so),
		cmocka_unit_test(growing_keeps_the_content),
		cmocka_unit_test(strings_are_copied),
		cmocka_unit_test(arena_objects_do_not_overlap),
		cmocka_unit_test(arena_arrays_are_zeroed),
		cmocka_unit_test(memory_that_is_left),
		in_tempdir(what_the_machine_has),
		in_tempdir(limits_of_control_groups),
		in_tempdir(limits_of_older_control_groups),
		in_tempdir(limits_of_a_container),
#ifndef UNDER_ASAN
		cmocka_unit_test(limits_of_the_process_count),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
