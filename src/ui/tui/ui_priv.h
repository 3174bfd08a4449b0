/*
 * What the sources of the frame share among themselves: ui.c (views, keys, replies), ui_run.c (commands and snapshots),
 * ui_line.c (the line that is typed), ui_lesson.c (the open lesson), ui_draw.c (how all of it looks).
 */
#ifndef UI_TUI_UI_PRIV_H
#define UI_TUI_UI_PRIV_H

#include "ui.h"
#include "ui/line.h"

/* ui.c. The front gets the keys: what lies over the view, or the view. */
void ui_renew_state(struct ui *ui, void **states, size_t i); /* as it is at the start */
const struct view_ops *ui_view(const struct ui *ui);
const struct view_ops *ui_front(const struct ui *ui);
void *ui_front_state(const struct ui *ui);
void ui_go(struct ui *ui, size_t to); /* the selected row stays so where the other view knows it too */
void ui_open_pager(struct ui *ui, const char *title, const char *text);
void ui_close_over(struct ui *ui);
void ui_say(struct ui *ui, bool error, const char *fmt, ...) PRINTF_LIKE(3, 4);
void ui_search(struct ui *ui, int direction);
void ui_ask_quit(struct ui *ui, enum ui_effect *effect); /* quits, or asks first while a job runs */
void ui_take_reply(struct ui *ui, struct view_reply *r, enum ui_effect *effect); /* does it all and empties it */

/* ui_run.c */
bool ui_busy(const struct ui *ui);
void ui_drop_queue(struct ui *ui);
/* Takes the present snapshot and says what it has new to say. */
void ui_take_snapshot(struct ui *ui);
/* Takes this one over, without a word. What the views keep of the old one is renewed before anything looks at it. */
void ui_show_snapshot(struct ui *ui, const struct snapshot *now);
/* Beside a running job the session decides what may run; nothing waits unseen for the job's end. */
void ui_run_line(struct ui *ui, const char *line);
/* Appends each command of the list, as the key table has it, with its names filled in and a NUL. */
int ui_expand(const struct ui *ui, const char *commands, struct buf *lines, struct err *err) MUST_CHECK;

/* ui_line.c */
void ui_open_line(struct ui *ui, enum ui_mode mode, enum line_kind kind, const char *initial);
void ui_ask_name(struct ui *ui);                           /* of the file that the page is saved in */
void ui_ask(struct ui *ui, const struct view_reply *r);    /* its prompt */
void ui_line_key(struct ui *ui, uint32_t key, enum ui_effect *effect);

/* ui_lesson.c */
bool ui_begin_lesson(struct ui *ui, const char *line); /* false: the line is not `lesson`, and nothing was done */
void ui_tell_lesson(struct ui *ui, enum ui_action a, enum ui_effect *effect);
/* Most predictions are numbers: where one is waited for, a digit begins it. */
void ui_answer_lesson(struct ui *ui, uint32_t digit, enum ui_effect *effect);
void ui_go_on_with_lesson(struct ui *ui); /* presses what it wants pressed while nothing runs; says how things stand */

/* ui_draw.c: the page as it is now on a canvas of its own, which page becomes; nothing was drawn yet: false. */
bool ui_draw_again(struct ui *ui, struct canvas *page);

#endif
