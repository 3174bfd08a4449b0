#include "tempdir.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "store/file.h"

static void assert_content(const char *path, const char *expected)
{
	struct buf text = {0};
	struct err err;

	check_ok(file_read(&text, path, 1 << 20, &err), &err);
	assert_string_equal(buf_str(&text), expected);
	buf_release(&text);
}

static void files_are_read_whole(void **state)
{
	char *path, *text = malloc(100001);
	struct file_map map;
	struct buf b = {0};
	struct err err;

	memset(text, 'y', 100000);
	text[50000] = '\0';
	path = tempdir_put(*state, "f", text, 100000);
	buf_addstr(&b, "before");
	check_ok(file_read(&b, path, 100000, &err), &err);
	assert_int_equal(b.len, 100006);
	assert_memory_equal(b.at + 6, text, 100000);
	check_ok(file_map_init(&map, path, &err), &err);
	assert_int_equal(map.len, 100000);
	assert_memory_equal(map.at, text, 100000);
	file_map_release(&map);
	assert_null(map.at);
	check_refused(file_read(&b, path, 99999, &err), &err, ERR_UNSUPPORTED, "99999 bytes");
	buf_release(&b);
	free(path);
	free(text);
}

static void an_empty_file_is_empty(void **state)
{
	char *path = tempdir_put(*state, "empty", "", 0);
	struct file_map map;
	struct buf b = {0};
	struct err err;

	check_ok(file_read(&b, path, 0, &err), &err);
	assert_int_equal(b.len, 0);
	check_ok(file_map_init(&map, path, &err), &err);
	assert_int_equal(map.len, 0);
	file_map_release(&map);
	free(path);
}

/* Every way to open says what the thing is, and none waits for a pipe's other end. */
static void other_kinds_are_refused(void **state)
{
	char *fifo = tempdir_path(*state, "fifo"), *missing = tempdir_path(*state, "missing");
	const struct {
		const char *path, *what;
	} cases[] = {{*state, "a directory"}, {fifo, "a pipe"}, {"/dev/null", "a device"}};
	struct file_map map;
	struct buf b = {0};
	struct err err;

	assert_int_equal(mkfifo(fifo, 0600), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		check_refused(file_read(&b, cases[i].path, 10, &err), &err, ERR_IO, cases[i].what);
		check_refused(file_map_init(&map, cases[i].path, &err), &err, ERR_IO, cases[i].what);
		check_refused(file_write(cases[i].path, "x", 1, &err), &err, ERR_IO, cases[i].what);
		assert_false(file_exists(cases[i].path));
	}
	check_refused(file_read(&b, missing, 10, &err), &err, ERR_IO, "No such file");
	assert_non_null(strstr(err.msg, missing));
	check_refused(file_map_init(&map, missing, &err), &err, ERR_IO, "No such file");
	assert_true(file_is_dir(*state));
	assert_false(file_is_dir(missing));
	assert_int_equal(b.len, 0);
	buf_release(&b);
	free(fifo);
	free(missing);
}

static void what_git_lfs_left_is_refused(void **state)
{
	static const char pointer[] = "version https://git-lfs.github.com/spec/v1\n"
				      "oid sha256:5ec35ec35ec35ec35ec35ec35ec35ec35ec35ec35ec35ec35ec35ec35ec35ec3\n"
				      "size 7\n";
	char *path = tempdir_put(*state, "model.safetensors", pointer, strlen(pointer));
	struct file_map map;
	struct buf b = {0};
	struct err err;

	check_refused(file_read(&b, path, 1000, &err), &err, ERR_FORMAT, "git lfs pull");
	check_refused(file_map_init(&map, path, &err), &err, ERR_FORMAT, "git lfs pull");
	assert_null(map.at);
	assert_non_null(strstr(err.msg, path));
	free(path);
	path = tempdir_put(*state, "notes", pointer, strlen("version https://git-lfs"));
	check_ok(file_map_init(&map, path, &err), &err);
	file_map_release(&map);
	buf_release(&b);
	free(path);
}

static void names_are_listed_in_order(void **state)
{
	static const char *const made[] = {"b.csv", "a.csv", "c.txt", ".hidden.csv", "aa.csv"};
	struct file_names names = {0};
	char *sub = tempdir_path(*state, "dir.csv"), *joined;
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(made); i++)
		free(tempdir_put(*state, made[i], "", 0));
	assert_int_equal(mkdir(sub, 0700), 0);
	check_ok(file_list(&names, *state, "*.csv", &err), &err);
	assert_int_equal(names.n, 3);
	assert_string_equal(names.at[0], "a.csv");
	assert_string_equal(names.at[1], "aa.csv");
	assert_string_equal(names.at[2], "b.csv");
	check_ok(file_list(&names, *state, "c*", &err), &err);
	assert_int_equal(names.n, 4);
	assert_string_equal(names.at[3], "c.txt");
	file_names_release(&names);
	check_refused(file_list(&names, "/nowhere/at/all", "*", &err), &err, ERR_IO, "'/nowhere/at/all'");

	joined = file_join("a/", "b");
	assert_string_equal(joined, "a/b");
	free(joined);
	joined = file_join("a", "b");
	assert_string_equal(joined, "a/b");
	free(joined);
	free(sub);
}

static void writing_replaces_at_once(void **state)
{
	char *path = tempdir_put(*state, "f", "old", 3);
	char *block = malloc(300000);
	struct file_writer w;
	struct stat st;
	struct err err;

	memset(block, 'z', 300000);
	block[299999] = '\0';
	assert_int_equal(chmod(path, 0640), 0);
	check_ok(file_writer_init(&w, path, &err), &err);
	check_ok(file_writer_add(&w, "ne", 2, &err), &err);
	check_ok(file_writer_add(&w, "w ", 2, &err), &err);
	assert_content(path, "old");
	check_ok(file_writer_add(&w, block, 299999, &err), &err);
	for (int i = 0; i < 10000; i++)
		check_ok(file_writer_add(&w, "0123456789", 10, &err), &err);
	assert_content(path, "old");
	check_ok(file_writer_commit(&w, &err), &err);
	file_writer_release(&w);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 4 + 299999 + 100000);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(tempdir_count(*state), 1);
	free(block);
	free(path);
}

static void a_new_file_has_the_usual_permissions(void **state)
{
	char *path = tempdir_path(*state, "new");
	mode_t old = umask(027);
	struct stat st;
	struct err err;

	check_ok(file_write(path, "text", 4, &err), &err);
	umask(old);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_content(path, "text");
	free(path);
}

static void what_is_not_committed_leaves_no_trace(void **state)
{
	char *path = tempdir_put(*state, "f", "old", 3);
	struct file_writer w;
	struct err err;

	check_ok(file_writer_init(&w, path, &err), &err);
	check_ok(file_writer_add(&w, "new", 3, &err), &err);
	file_writer_release(&w);
	assert_content(path, "old");
	assert_int_equal(tempdir_count(*state), 1);
	free(path);
}

/* A full disk, played by the limit on a file's size. */
static void a_failed_write_leaves_the_old_file(void **state)
{
	const struct rlimit small = {.rlim_cur = 4096, .rlim_max = RLIM_INFINITY};
	char *path = tempdir_put(*state, "f", "old", 3), *block = calloc(1, 100000);
	struct rlimit before;
	struct err err;
	int result;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	if (setrlimit(RLIMIT_FSIZE, &small) != 0)
		skip();
	result = file_write(path, block, 100000, &err);
	setrlimit(RLIMIT_FSIZE, &before);
	check_refused(result, &err, ERR_IO, "File too large");
	assert_content(path, "old");
	assert_int_equal(tempdir_count(*state), 1);
	free(block);
	free(path);
}

static void links_are_followed(void **state)
{
	char *path = tempdir_put(*state, "f", "old", 3), *link = tempdir_path(*state, "link");
	struct stat st;
	struct err err;

	assert_int_equal(symlink("f", link), 0);
	check_ok(file_write(link, "new", 3, &err), &err);
	assert_content(path, "new");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	free(path);
	free(link);
}

static void a_missing_directory_is_an_error(void **state)
{
	char *path = tempdir_path(*state, "no/such/f");
	struct err err;

	check_refused(file_write(path, "x", 1, &err), &err, ERR_IO, "No such file");
	assert_non_null(strstr(err.msg, path));
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(files_are_read_whole),
		in_tempdir(an_empty_file_is_empty),
		in_tempdir(other_kinds_are_refused),
		in_tempdir(what_git_lfs_left_is_refused),
		in_tempdir(names_are_listed_in_order),
		in_tempdir(writing_replaces_at_once),
		in_tempdir(a_new_file_has_the_usual_permissions),
		in_tempdir(what_is_not_committed_leaves_no_trace),
		in_tempdir(a_failed_write_leaves_the_old_file),
		in_tempdir(links_are_followed),
		in_tempdir(a_missing_directory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
