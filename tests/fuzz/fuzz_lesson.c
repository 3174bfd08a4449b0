/* Any bytes as a lesson: what is read has all that its players count on. */
#include <string.h>

#include "fuzz.h"

#include "session/lesson.h"

static void check_page(const struct lesson_page *p)
{
	const char *text;
	size_t len;
	bool typed;

	FUZZ_CHECK(*p->heading && *p->text && *p->text_elsewhere && p->line > 0);
	FUZZ_CHECK(!p->question || (*p->reveal && *p->reveal_elsewhere));
	for (size_t i = 0; i < p->n_actions; i++) {
		const struct lesson_action *a = &p->actions[i];
		const char *at = a->keys;

		FUZZ_CHECK(a->line > p->line && (a->keys || a->n_commands > 0));
		while (at && lesson_next_key(&at, &text, &len, &typed))
			FUZZ_CHECK(len > 0);
		for (size_t k = 0; k < a->n_commands; k++)
			FUZZ_CHECK(*a->commands[k].text && a->commands[k].line >= a->line);
	}
	for (size_t i = 0; i < p->n_answers; i++)
		FUZZ_CHECK(lesson_right(p, p->answers[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct lesson *l = NULL;
	struct fuzz_file file;
	struct err err;

	fuzz_file_init(&file, data, len);
	if (lesson_read(&l, file.path, &err) == 0) {
		FUZZ_CHECK(l->n_pages > 0 && *l->title && *l->about && !l->trouble);
		for (size_t i = 0; i < l->n_pages; i++)
			check_page(&l->pages[i]);
	} else {
		FUZZ_CHECK(strstr(err.msg, file.path));
	}
	lesson_free(l);
	fuzz_file_release(&file);
	return 0;
}
