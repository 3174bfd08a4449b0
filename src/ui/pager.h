/*
 * The user's pager, for answers that are longer than the screen: $PAGER as a shell runs it, else less, else more. An
 * empty $PAGER means none.
 */
#ifndef UI_PAGER_H
#define UI_PAGER_H

#include <stdbool.h>
#include <stddef.h>

/* Has the terminal of stdout fewer lines than the text and the prompt after it? False where there is no terminal, or a
 * dumb one. */
bool pager_is_due(const char *text, size_t len);

/* Shows the text and waits until the reader has had enough of it, be it at once. Ctrl-C is the pager's meanwhile, and
 * the terminal is then as it was. False where there is no pager: nothing was shown. */
bool pager_show(const char *text, size_t len);

#endif
