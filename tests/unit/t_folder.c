#include "tempdir.h"

#include "store/file.h"
#include "store/folder.h"

static void put_in(const struct folder_writer *w, const char *name, const char *text)
{
	char *path = file_join(w->temp, name);
	struct err err;

	check_ok(file_write(path, text, strlen(text), &err), &err);
	free(path);
}

static void all_at_once(void **state)
{
	static const char *const places[] = {"new", "slashes///", "empty"};
	struct folder_writer w;
	struct err err;
	char *path;

	path = tempdir_path(*state, "empty");
	assert_int_equal(mkdir(path, 0700), 0);
	free(path);
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		char *file;

		path = tempdir_path(*state, places[i]);
		file = file_join(path, "a");
		check_ok(folder_writer_init(&w, path, &err), &err);
		put_in(&w, "a", "text");
		assert_false(file_exists(file));
		check_ok(folder_writer_commit(&w, &err), &err);
		assert_null(w.temp);
		assert_true(file_exists(file));
		folder_writer_release(&w);
		free(file);
		free(path);
	}
	assert_int_equal(tempdir_count(*state), ARRAY_LEN(places));
}

static void nothing_is_left(void **state)
{
	char *path = tempdir_path(*state, "new");
	struct folder_writer w;
	struct err err;

	check_ok(folder_writer_init(&w, path, &err), &err);
	put_in(&w, "a", "text");
	put_in(&w, ".b", "text");
	assert_int_equal(tempdir_count(*state), 1);
	folder_writer_release(&w);
	assert_int_equal(tempdir_count(*state), 0);
	free(path);
}

static void what_is_there_stays(void **state)
{
	char *path = tempdir_path(*state, "old"), *file;
	struct folder_writer w;
	struct err err;

	assert_int_equal(mkdir(path, 0700), 0);
	file = tempdir_put(path, "model", "x", 1);
	check_refused(folder_writer_init(&w, path, &err), &err, ERR_VALUE, "is not empty");
	folder_writer_release(&w);
	check_refused(folder_writer_init(&w, file, &err), &err, ERR_VALUE, "is no directory");
	folder_writer_release(&w);
	assert_true(file_exists(file));
	free(file);

	file = tempdir_path(*state, "none/new");
	check_refused(folder_writer_init(&w, file, &err), &err, ERR_IO, "cannot create a directory beside");
	folder_writer_release(&w);
	free(file);
	free(path);
}

/* Something comes to the place while the files are being written. */
static void taken_meanwhile(void **state)
{
	char *path = tempdir_path(*state, "new"), *file;
	struct folder_writer w;
	struct err err;

	check_ok(folder_writer_init(&w, path, &err), &err);
	put_in(&w, "a", "text");
	assert_int_equal(mkdir(path, 0700), 0);
	file = tempdir_put(path, "b", "x", 1);
	check_refused(folder_writer_commit(&w, &err), &err, ERR_IO, "cannot put");
	folder_writer_release(&w);
	assert_true(file_exists(file));
	assert_int_equal(tempdir_count(path), 1);
	assert_int_equal(tempdir_count(*state), 1);
	free(file);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(all_at_once),
		in_tempdir(nothing_is_left),
		in_tempdir(what_is_there_stays),
		in_tempdir(taken_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
