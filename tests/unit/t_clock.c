#include "check.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_forward_in_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
