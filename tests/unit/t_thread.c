/* Threads take no signals but those of their own faults. */
#include "check.h"

#include <signal.h>

#include "base/thread.h"

static void *look_at_mask(void *arg)
{
	sigset_t *mask = arg;

	pthread_sigmask(SIG_SETMASK, NULL, mask);
	return NULL;
}

static void leaves_signals_to_its_maker(void **state)
{
	static const int others[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP};
	static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
	sigset_t mask, own;
	pthread_t thread;

	(void)state;
	assert_int_equal(thread_start(&thread, look_at_mask, &mask), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_true(sigismember(&mask, others[i]));
	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		assert_false(sigismember(&mask, faults[i]));
	pthread_sigmask(SIG_SETMASK, NULL, &own);
	assert_false(sigismember(&own, SIGINT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_signals_to_its_maker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
