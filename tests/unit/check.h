/*
 * What most test programs begin with: cmocka and the headers it wants before it, and checks of functions that return
 * 0 or -1 with a struct err.
 */
#ifndef TEST_CHECK_H
#define TEST_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

/* The call succeeds; its message is printed when it does not. */
#define check_ok(call, e) \
	do { \
		if ((call) != 0) \
			fail_msg("%s", (e)->msg); \
	} while (0)

/* The call fails with this code, and the message contains the text. */
#define check_refused(call, e, wanted, text) \
	do { \
		if ((call) != -1) \
			fail_msg("accepted, where \"%s\" was expected", (text)); \
		if ((e)->code != (wanted) || !strstr((e)->msg, (text))) \
			fail_msg("code %d \"%s\", where code %d \"%s\" was expected", (e)->code, (e)->msg, (wanted), \
				(text)); \
	} while (0)

#endif
