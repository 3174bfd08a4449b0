#include "check.h"

#include <math.h>
#include <time.h>

#include "base/clock.h"

static void runs_forward_in_seconds(void **state)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	double before = clock_now(), last = before, after;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		double now = clock_now();

		assert_true(now >= last);
		last = now;
	}
	nanosleep(&pause, NULL);
	after = clock_now();
	assert_true(after - last >= 0.02);
	assert_true(after - before < 600);
}

static void spans(void **state)
{
	static const struct {
		double seconds;
		const char *text;
	} cases[] = {
		{0, "0 s"}, {59.4, "59 s"}, {59.6, "1 min 00 s"}, {200, "3 min 20 s"}, {3600, "1 h 00 min"},
		{7512, "2 h 05 min"}, {273600, "3 d 04 h"}, {-1, "?"}, {(double)NAN, "?"}, {1e300, "11574 d 01 h"},
	};
	char text[CLOCK_SPAN];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		clock_span(text, cases[i].seconds);
		assert_string_equal(text, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_forward_in_seconds),
		cmocka_unit_test(spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
