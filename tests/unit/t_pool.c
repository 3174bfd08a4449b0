#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "base/pool.h"

#define TASKS 1000

struct work {
	atomic_int done[TASKS];
	atomic_uint thread_mask;
	atomic_int inside[64]; /* tasks that a thread is in: never more than one */
	size_t threads;
};

static void mark(void *arg, size_t task, size_t thread)
{
	struct work *w = arg;

	if (thread >= w->threads || atomic_fetch_add(&w->inside[thread], 1) != 0)
		atomic_fetch_add(&w->done[task], 1000);
	atomic_fetch_add(&w->done[task], 1);
	atomic_fetch_or(&w->thread_mask, 1u << thread);
	atomic_fetch_sub(&w->inside[thread], 1);
}

static void check_once(struct work *w, size_t tasks)
{
	for (size_t i = 0; i < TASKS; i++)
		assert_int_equal(w->done[i], i < tasks);
}

static void every_task_runs_once(void **state)
{
	static const size_t tasks[] = {0, 1, 2, 3, 17, TASKS};
	struct err err;

	(void)state;
	for (size_t threads = 1; threads <= 8; threads++) {
		struct pool *p;

		check_ok(pool_new(&p, threads, &err), &err);
		assert_int_equal(pool_threads(p), threads);
		for (size_t round = 0; round < 60; round++) {
			struct work w = {.threads = threads};
			size_t n = tasks[round % ARRAY_LEN(tasks)];

			pool_run(p, n, mark, &w);
			check_once(&w, n);
		}
		pool_free(p);
	}
}

static void no_pool_runs_in_place(void **state)
{
	struct work w = {.threads = 1};

	(void)state;
	assert_int_equal(pool_threads(NULL), 1);
	pool_run(NULL, TASKS, mark, &w);
	check_once(&w, TASKS);
	assert_int_equal(w.thread_mask, 1);
	pool_free(NULL);
}

struct meeting {
	pthread_barrier_t barrier;
	atomic_uint thread_mask;
};

static void meet(void *arg, size_t task, size_t thread)
{
	struct meeting *m = arg;

	(void)task;
	atomic_fetch_or(&m->thread_mask, 1u << thread);
	pthread_barrier_wait(&m->barrier);
}

/* Four tasks that wait for each other finish only when four threads work at the same time. */
static void tasks_run_side_by_side(void **state)
{
	struct meeting m = {0};
	struct pool *p;
	struct err err;

	(void)state;
	check_ok(pool_new(&p, 4, &err), &err);
	for (int i = 0; i < 200; i++) {
		pthread_barrier_init(&m.barrier, NULL, 4);
		m.thread_mask = 0;
		pool_run(p, 4, meet, &m);
		assert_int_equal(m.thread_mask, 0xf);
		pthread_barrier_destroy(&m.barrier);
	}
	pool_free(p);
}

static void sleeping_threads_wake(void **state)
{
	const struct timespec pause = {.tv_nsec = 3000000};
	struct pool *p;
	struct err err;

	(void)state;
	check_ok(pool_new(&p, 3, &err), &err);
	for (int i = 0; i < 10; i++) {
		struct meeting m = {0};

		nanosleep(&pause, NULL); /* longer than a thread looks for work before it sleeps */
		pthread_barrier_init(&m.barrier, NULL, 3);
		pool_run(p, 3, meet, &m);
		assert_int_equal(m.thread_mask, 0x7);
		pthread_barrier_destroy(&m.barrier);
	}
	pool_free(p);
}

static void signals_stay_with_the_caller(void **state)
{
	sigset_t before, after;
	struct pool *p;
	struct err err;

	(void)state;
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	check_ok(pool_new(&p, 2, &err), &err);
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	assert_int_equal(sigismember(&before, SIGWINCH), sigismember(&after, SIGWINCH));
	pool_free(p);
}

static void silly_sizes_are_refused(void **state)
{
	struct pool *p;
	struct err err;

	(void)state;
	check_refused(pool_new(&p, 0, &err), &err, ERR_VALUE, "0 threads");
	check_refused(pool_new(&p, 100000, &err), &err, ERR_VALUE, "100000 threads");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_task_runs_once),
		cmocka_unit_test(no_pool_runs_in_place),
		cmocka_unit_test(tasks_run_side_by_side),
		cmocka_unit_test(sleeping_threads_wake),
		cmocka_unit_test(signals_stay_with_the_caller),
		cmocka_unit_test(silly_sizes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
