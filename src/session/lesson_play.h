/* What playing a lesson and checking it have in common. */
#ifndef SESSION_LESSON_PLAY_H
#define SESSION_LESSON_PLAY_H

#include "session/lesson.h"
#include "session/out.h"
#include "session/session.h"

/* Paragraphs are wrapped, lines of tables stand as they are. */
void lesson_show(struct out *out, const char *text);

/* Runs a command of the lesson that was entered. */
int lesson_run(struct session *s, const struct lesson_command *command, struct out *out, struct err *err) MUST_CHECK;

/* Runs all commands of the lesson and looks at its keys, questions and pages: a record for each thing that is wrong or
 * deserves a remark, then one of what there is. Fails where something is wrong, or cancelled. */
int lesson_check(struct session *s, const struct lesson *l, struct out *out, struct err *err) MUST_CHECK;
void lesson_check_text(const json_t *record, struct out *out);

/* The manual page's part on them. */
void lessons_roff(struct buf *out, struct lesson *const *lessons, size_t n);

#endif
