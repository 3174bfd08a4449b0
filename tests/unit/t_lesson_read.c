/* Lesson files: what a good one says, every way for one to be wrong, the order of a folder, and right answers. */
#include "check.h"

#include "base/mem.h"
#include "session/lesson.h"
#include "store/file.h"
#include "tempdir.h"

#define HEAD "title: T\nabout: A\n"

static void write_text(const char *dir, const char *name, const char *text, size_t len)
{
	free(tempdir_put(dir, name, text, len));
}

static struct lesson *read_text(const char *dir, const char *text)
{
	char *path = tempdir_put(dir, "x.lesson", text, strlen(text));
	struct lesson *l;
	struct err err;

	check_ok(lesson_read(&l, path, &err), &err);
	free(path);
	return l;
}

static void a_lesson_is_read(void **state)
{
	struct lesson *l = read_text(*state, "# of no matter\n"
				     "title: The title: with a colon\n"
				     "about: About it\r\n"
				     "open: load model $data/x.csv\n"
				     "open: beam 1\n"
				     "\n"
				     "== First\n"
				     "One sentence\n"
				     "[screens] on the screens\n"
				     "[prompt] at the prompt\n"
				     "goes on.\n"
				     "\n"
				     "Another paragraph, and a table:\n"
				     "  1   2\n"
				     "  33  44\n"
				     "After it.\n"
				     "@ right \"beam 1\" enter\n"
				     "# between\n"
				     "> step\n"
				     ">> goto pruned\n"
				     "\n"
				     "> why\n"
				     "@ p\n"
				     "? What?\n"
				     "= This\n"
				     "= That\n"
				     "! Because\n"
				     "of it.\n"
				     "\n"
				     "[screens] And more.\n"
				     "==  Second\n"
				     "Text\n");
	const struct lesson_page *p = &l->pages[0];

	assert_string_equal(l->name, "x");
	assert_string_equal(l->title, "The title: with a colon");
	assert_string_equal(l->about, "About it");
	assert_int_equal(l->n_open, 2);
	assert_string_equal(l->open[0].text, "load model $data/x.csv");
	assert_string_equal(l->open[1].text, "beam 1");
	assert_int_equal(l->n_pages, 2);
	assert_string_equal(p->heading, "First");
	assert_string_equal(p->text, "One sentence on the screens goes on.\n\nAnother paragraph, and a table:\n"
				     "  1   2\n  33  44\nAfter it.");
	assert_memory_equal(p->text_elsewhere, "One sentence at the prompt goes on.\n\nAnother", 44);
	assert_int_equal(p->n_actions, 3);
	assert_string_equal(p->actions[0].keys, "right \"beam 1\" enter");
	assert_int_equal(p->actions[0].n_commands, 2);
	assert_string_equal(p->actions[0].commands[1].text, "goto pruned");
	assert_true(p->actions[0].commands[1].quiet && !p->actions[0].commands[0].quiet);
	assert_null(p->actions[1].keys);
	assert_string_equal(p->actions[1].commands[0].text, "why");
	assert_string_equal(p->actions[2].keys, "p");
	assert_int_equal(p->actions[2].n_commands, 0);
	assert_string_equal(p->question, "What?");
	assert_int_equal(p->n_answers, 2);
	assert_string_equal(p->answers[1], "That");
	assert_string_equal(p->reveal, "Because of it.\n\nAnd more.");
	assert_string_equal(p->reveal_elsewhere, "Because of it.");
	p = &l->pages[1];
	assert_string_equal(p->heading, "Second");
	assert_string_equal(p->text, "Text");
	assert_int_equal(p->n_actions, 0);
	assert_null(p->question);
	assert_string_equal(p->reveal, "");
	lesson_free(l);
}

static void keys_are_parted(void **state)
{
	static const struct {
		const char *text;
		bool typed;
	} expected[] = {{"right", false}, {"beam  1", true}, {"\"", false}, {"x", true}, {"y\"", false}};
	const char *at = " right \"beam  1\" \" \"x\"y\" ", *text;
	size_t len, i = 0;
	bool typed;

	(void)state;
	for (; lesson_next_key(&at, &text, &len, &typed); i++) {
		assert_true(i < ARRAY_LEN(expected));
		assert_int_equal(len, strlen(expected[i].text));
		assert_memory_equal(text, expected[i].text, len);
		assert_int_equal(typed, expected[i].typed);
	}
	assert_int_equal(i, ARRAY_LEN(expected));
}

static void refuse(const char *dir, const char *text, size_t len, const char *why)
{
	char *path = file_join(dir, "x.lesson");
	struct lesson *l;
	struct err err;

	write_text(dir, "x.lesson", text, len);
	check_refused(lesson_read(&l, path, &err), &err, ERR_FORMAT, why);
	free(path);
}

static void wrong_files_are_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} wrong[] = {
		{"", "there is no page"},
		{HEAD, "x.lesson:2: there is no page"},
		{"about: A\n== P\nT\n", "there is no 'title:'"},
		{"title: T\n== P\nT\n", "there is no 'about:'"},
		{"Words\n", "x.lesson:1: 'Words' stands before the first page"},
		{"name: x\n", "'name' is none of title, about, open"},
		{"title:  \n", "'title:' is empty"},
		{"title: a\ntitle: b\n", "x.lesson:2: there is a second 'title'"},
		{HEAD "> beam 1\n", "x.lesson:3: '> beam 1' stands before the first page"},
		{HEAD "== P\n== Q\nT\n", "x.lesson:4: page 'P' has no text"},
		{HEAD "== P\n> beam 1\n", "page 'P' has no text"},
		{HEAD "== P\n[screens] T\n", "page 'P' has no text at the prompt"},
		{HEAD "== P\n[prompt] T\n", "page 'P' has no text on the screens"},
		{HEAD "== P\nT\n? Q\n! [prompt] R\n", "page 'P' asks and reveals nothing"},
		{HEAD "== P\nT\n? Q\n", "page 'P' asks and reveals nothing"},
		{HEAD "== P\nT\n? Q\n? R\n", "page 'P' asks a second question"},
		{HEAD "== P\nT\n= A\n", "an answer without a question"},
		{HEAD "== P\nT\n? Q\n= ... !\n", "x.lesson:6: '... !' can never be answered"},
		{HEAD "== P\nT\n> beam 1\nmore\n", "x.lesson:6: text after what is to be done or asked"},
		{HEAD "== P\nT\n? Q\nmore\n", "text after what is to be done or asked"},
		{HEAD "== P\nT\n? Q\n> beam 1\n", "x.lesson:6: '> beam 1' comes too late on its page"},
		{HEAD "== P\nT\n? Q\n! R\n= A\n", "'= A' comes too late"},
		{HEAD "== P\nT\n! R\n@ p\n", "'@ p' comes too late"},
		{HEAD "== P\nT\n>beam\n", "'>beam' wants a blank after '>'"},
		{HEAD "==P\n", "'==P' wants a blank after '=='"},
		{HEAD "== P\nT\n?\n", "'?' stands alone"},
		{HEAD "== P\nT\n@ : \"beam\n", "a quotation mark is not closed"},
		{HEAD "== P\nT\n@ : \"\"\n", "\"\" types nothing"},
		{HEAD "== P\nT\tT\n", "x.lesson:4: byte 2 is a control character (\\x09): use blanks"},
		{HEAD "== P\nT\033[2J\n", "byte 2 is a control character (\\x1b)"},
		{HEAD "== P\nT\xc2\x9b" "2J\n", "byte 2 is a control character (\\x9b)"},
		{HEAD "== P\nT\xff\n", "byte 2 is not UTF-8"},
	};
	const char *dir = *state;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		refuse(dir, wrong[i].text, strlen(wrong[i].text), wrong[i].why);
	refuse(dir, HEAD "== P\nT\0T\n", sizeof(HEAD "== P\nT\0T\n") - 1, "byte 2 is a control character (\\x00)");
}

static void a_file_too_large_or_absent_is_refused(void **state)
{
	const char *dir = *state;
	char *path = file_join(dir, "x.lesson"), *large = xcalloc(1, LESSON_MAX_FILE + 1);
	struct lesson *l;
	struct err err;

	check_refused(lesson_read(&l, path, &err), &err, ERR_IO, "x.lesson");
	write_text(dir, "x.lesson", large, LESSON_MAX_FILE + 1);
	check_refused(lesson_read(&l, path, &err), &err, ERR_UNSUPPORTED, "is larger than");
	free(large);
	free(path);
}

static void check_order(const char *dir, const char *expected)
{
	struct buf names = {0};
	struct lesson **l;
	struct err err;
	size_t n;

	check_ok(lessons_read(&l, &n, dir, &err), &err);
	for (size_t i = 0; i < n; i++)
		buf_addf(&names, "%s ", l[i]->name);
	assert_string_equal(buf_str(&names), expected);
	buf_release(&names);
	lessons_free(l, n);
}

static void a_folder_has_an_order(void **state)
{
	static const char text[] = HEAD "== P\nT\n", order[] = "# first\n  c\r\n\na", unknown[] = "c\nd\n",
				  twice[] = "c\nc\n";
	const char *dir = *state;
	struct lesson **l;
	struct err err;
	size_t n;

	check_order(dir, "");
	for (const char *name = "abc"; *name; name++)
		write_text(dir, (char[]){*name, '.', 'l', 'e', 's', 's', 'o', 'n', '\0'}, text, sizeof(text) - 1);
	write_text(dir, "README", "no lesson", 9);
	check_order(dir, "a b c ");
	write_text(dir, "order", order, sizeof(order) - 1);
	check_order(dir, "c a b ");
	write_text(dir, "order", unknown, sizeof(unknown) - 1);
	check_refused(lessons_read(&l, &n, dir, &err), &err, ERR_NOT_FOUND, "order:2: there is no lesson 'd'");
	write_text(dir, "order", twice, sizeof(twice) - 1);
	check_refused(lessons_read(&l, &n, dir, &err), &err, ERR_FORMAT, "order:2: lesson 'c' is named twice");
	write_text(dir, "order", "", 0);
	write_text(dir, "b.lesson", "x", 1);
	check_refused(lessons_read(&l, &n, dir, &err), &err, ERR_FORMAT, "b.lesson:1: 'x' stands before");
	check_refused(lessons_read(&l, &n, "/nowhere/at/all", &err), &err, ERR_IO, "/nowhere/at/all");
}

static void put_lesson(const char *dir, const char *folder, const char *name, const char *title)
{
	char *path = file_join(dir, folder), *text = xasprintf("title: %s\nabout: A\n== P\nT\n", title);

	write_text(path, name, text, strlen(text));
	free(text);
	free(path);
}

/* Makes dir/data/lessons and dir/home/beamscope/lessons. */
static void make_folders(const char *dir)
{
	static const char *const folders[] = {"data", "data/lessons", "home", "home/beamscope",
		"home/beamscope/lessons"};

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		char *path = file_join(dir, folders[i]);

		assert_int_equal(mkdir(path, 0777), 0);
		free(path);
	}
}

static void the_readers_own_are_listed_too(void **state)
{
	const char *dir = *state;
	char *data = file_join(dir, "data"), *home = file_join(dir, "home");
	struct lesson **l;
	struct err err;
	size_t n;

	make_folders(dir);
	put_lesson(dir, "data/lessons", "alpha.lesson", "first");
	put_lesson(dir, "data/lessons", "beta.lesson", "second");
	put_lesson(dir, "home/beamscope/lessons", "beta.lesson", "better");
	put_lesson(dir, "home/beamscope/lessons", "aleph.lesson", "own");
	write_text(home, "beamscope/lessons/wrong.lesson", "?", 1);
	setenv("XDG_DATA_HOME", home, 1);
	check_ok(lessons_list(&l, &n, data, &err), &err);
	setenv("XDG_DATA_HOME", "/nonexistent", 1);
	assert_int_equal(n, 4);
	assert_string_equal(l[0]->title, "first");
	assert_string_equal(l[1]->title, "better");
	assert_string_equal(l[2]->title, "own");
	assert_null(l[2]->trouble);
	assert_string_equal(l[3]->name, "wrong");
	assert_int_equal(l[3]->n_pages, 0);
	assert_non_null(strstr(l[3]->trouble, "/home/beamscope/lessons/wrong.lesson:1: '?' stands alone"));
	lessons_free(l, n);
	check_ok(lessons_list(&l, &n, data, &err), &err);
	assert_int_equal(n, 2);
	lessons_free(l, n);
	free(data);
	free(home);
}

static void a_beginning_is_enough(void **state)
{
	struct lesson one = {.name = "greedy"}, two = {.name = "great"}, three = {.name = "g"};
	struct lesson *const list[] = {&one, &two, &three};
	struct err err;
	size_t at;

	(void)state;
	check_ok(lesson_find(&at, list, 3, "gree", &err), &err);
	assert_int_equal(at, 0);
	check_ok(lesson_find(&at, list, 3, "g", &err), &err);
	assert_int_equal(at, 2);
	check_refused(lesson_find(&at, list, 3, "gre", &err), &err, ERR_USAGE, "'gre' may be any of 'greedy', 'great'");
	check_refused(lesson_find(&at, list, 3, "greedy2", &err), &err, ERR_NOT_FOUND,
		"there is no lesson 'greedy2': there are greedy, great, g");
	check_refused(lesson_find(&at, list, 3, "", &err), &err, ERR_NOT_FOUND, "there is no lesson ''");
	assert_true(lesson_is_file("./x") && lesson_is_file("x.lesson"));
	assert_false(lesson_is_file("x") || lesson_is_file(".lesson") || lesson_is_file("x.lessons"));
}

static void answers_are_compared(void **state)
{
	static const char *const answers[] = {"Cobalt Orchard", "0.18", "B = 3", "Grün"};
	const struct lesson_page p = {.answers = answers, .n_answers = ARRAY_LEN(answers)}, none = {0};
	static const char *const right[] = {"cobalt orchard", " Cobalt-ORCHARD! ", "\"Cobalt Orchard\".", "0.18",
		"0.18.", "-0.18", "0,18", "0.18 nats", "0.18%",
		"0.18 per cent", "The Cobalt orchard", "b=3", "b3", "grün"};
	static const char *const wrong[] = {"", "?", "cobalt", "cobalt orchards", "018", "0 18", "0, 18", "1.8", "3",
		"the", "percent", "nats", "gr\xc3"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(right); i++)
		if (!lesson_right(&p, right[i]))
			fail_msg("'%s' is right", right[i]);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (lesson_right(&p, wrong[i]))
			fail_msg("'%s' is wrong", wrong[i]);
	assert_false(lesson_right(&none, "x"));
	assert_false(lesson_right(&none, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(a_lesson_is_read),
		cmocka_unit_test(keys_are_parted),
		in_tempdir(wrong_files_are_refused),
		in_tempdir(a_file_too_large_or_absent_is_refused),
		in_tempdir(a_folder_has_an_order),
		in_tempdir(the_readers_own_are_listed_too),
		cmocka_unit_test(a_beginning_is_enough),
		cmocka_unit_test(answers_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
