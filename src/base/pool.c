#include "base/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"

#define POOL_MAX_THREADS 1024

/*
 * Loops of a forward pass follow each other within microseconds, while waking a sleeping thread takes tens of them: a
 * thread that has nothing to do looks this many times, some tens of microseconds, before it sleeps.
 */
#define POOL_SPINS 3000

struct worker {
	struct pool *pool;
	pthread_t id;
	size_t thread;
};

/*
 * A loop is handed out without a lock. `ticket` holds the loop's number and the next task; a thread takes a task by
 * raising it, which fails if anything else has happened since it was read. So a worker that the system runs late, with
 * a ticket of a loop that is over, gets nothing and holds nobody up. While the fields of the next loop are written the
 * task is CLOSED. The lock is for sleeping only: who is about to sleep says so, then looks once more.
 */
struct pool {
	struct worker *workers; /* owned: threads - 1 of them, thread 0 is the caller */
	size_t threads;

	_Atomic uint64_t ticket; /* loop number · 2^32 + next task */
	_Atomic(pool_fn *) fn;
	_Atomic(void *) arg;
	atomic_size_t tasks, done;

	pthread_mutex_t lock;
	pthread_cond_t start, finish;
	atomic_size_t sleeping;   /* workers that wait for a loop */
	atomic_bool caller_sleeps; /* until the loop is done */
	atomic_bool stop;
};

#define CLOSED UINT32_MAX

static uint64_t ticket_of(uint32_t loop, uint32_t task)
{
	return (uint64_t)loop << 32 | task;
}

static uint32_t ticket_loop(uint64_t ticket)
{
	return (uint32_t)(ticket >> 32);
}

static inline void pause_cpu(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

/* Takes tasks of the open loop, if there is one, until none is left. */
static void take_tasks(struct pool *p, size_t thread)
{
	uint64_t ticket = atomic_load(&p->ticket);
	size_t mine = 0, tasks = 0;

	for (;;) {
		pool_fn *fn = atomic_load(&p->fn);
		void *arg = atomic_load(&p->arg);
		size_t task = (uint32_t)ticket;

		tasks = atomic_load(&p->tasks);
		if (task == CLOSED || task >= tasks)
			break;
		if (!atomic_compare_exchange_weak(&p->ticket, &ticket, ticket + 1))
			continue;
		fn(arg, task, thread);
		mine++;
		ticket = atomic_load(&p->ticket);
	}
	if (mine > 0 && atomic_fetch_add(&p->done, mine) + mine == tasks && atomic_load(&p->caller_sleeps)) {
		pthread_mutex_lock(&p->lock);
		pthread_cond_signal(&p->finish);
		pthread_mutex_unlock(&p->lock);
	}
}

/* Returns when there is a loop other than `seen`, or the pool ends. */
static void await_loop(struct pool *p, uint32_t seen)
{
	for (int i = 0; i < POOL_SPINS; i++) {
		if (ticket_loop(atomic_load(&p->ticket)) != seen)
			return;
		pause_cpu();
	}
	pthread_mutex_lock(&p->lock);
	atomic_fetch_add(&p->sleeping, 1);
	while (ticket_loop(atomic_load(&p->ticket)) == seen && !atomic_load(&p->stop))
		pthread_cond_wait(&p->start, &p->lock);
	atomic_fetch_sub(&p->sleeping, 1);
	pthread_mutex_unlock(&p->lock);
}

static void *work(void *arg)
{
	struct worker *self = arg;
	struct pool *p = self->pool;
	uint32_t seen = 0;

	while (!atomic_load(&p->stop)) {
		await_loop(p, seen);
		seen = ticket_loop(atomic_load(&p->ticket));
		take_tasks(p, self->thread);
	}
	return NULL;
}

static void await_done(struct pool *p, size_t tasks)
{
	for (int i = 0; i < POOL_SPINS; i++) {
		if (atomic_load(&p->done) == tasks)
			return;
		pause_cpu();
	}
	pthread_mutex_lock(&p->lock);
	atomic_store(&p->caller_sleeps, true);
	while (atomic_load(&p->done) < tasks)
		pthread_cond_wait(&p->finish, &p->lock);
	atomic_store(&p->caller_sleeps, false);
	pthread_mutex_unlock(&p->lock);
}

static void wake_workers(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	pthread_cond_broadcast(&p->start);
	pthread_mutex_unlock(&p->lock);
}

void pool_run(struct pool *p, size_t tasks, pool_fn *fn, void *arg)
{
	uint32_t loop;

	if (!p || p->threads == 1 || tasks <= 1) {
		for (size_t i = 0; i < tasks; i++)
			fn(arg, i, 0);
		return;
	}
	if (tasks >= CLOSED)
		BUG("a loop of %zu tasks", tasks);
	loop = ticket_loop(atomic_load(&p->ticket));
	atomic_store(&p->ticket, ticket_of(loop, CLOSED));
	atomic_store(&p->fn, fn);
	atomic_store(&p->arg, arg);
	atomic_store(&p->tasks, tasks);
	atomic_store(&p->done, 0);
	atomic_store(&p->ticket, ticket_of(loop + 1, 0));
	if (atomic_load(&p->sleeping) > 0)
		wake_workers(p);
	take_tasks(p, 0);
	await_done(p, tasks);
}

/* The first n workers' threads end. */
static void stop_workers(struct pool *p, size_t n)
{
	atomic_store(&p->stop, true);
	wake_workers(p);
	for (size_t i = 0; i < n; i++)
		pthread_join(p->workers[i].id, NULL);
}

static void pool_destroy(struct pool *p)
{
	pthread_cond_destroy(&p->start);
	pthread_cond_destroy(&p->finish);
	pthread_mutex_destroy(&p->lock);
	free(p->workers);
	free(p);
}

int pool_new(struct pool **out, size_t threads, struct err *err)
{
	struct pool *p;
	size_t started = 0;
	int failed = 0;

	if (threads < 1 || threads > POOL_MAX_THREADS)
		return err_set(err, ERR_VALUE, "%zu threads: must be from 1 to %d", threads, POOL_MAX_THREADS);
	p = xcalloc(1, sizeof(*p));
	p->threads = threads;
	p->workers = xcalloc(threads, sizeof(*p->workers));
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->start, NULL);
	pthread_cond_init(&p->finish, NULL);

	while (started < threads - 1 && !failed) {
		struct worker *w = &p->workers[started];

		*w = (struct worker){.pool = p, .thread = started + 1};
		failed = thread_start(&w->id, work, w);
		if (!failed)
			started++;
	}
	if (failed) {
		stop_workers(p, started);
		pool_destroy(p);
		return err_errno(err, failed, "cannot start %zu threads", threads);
	}
	*out = p;
	return 0;
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	stop_workers(p, p->threads - 1);
	pool_destroy(p);
}

size_t pool_threads(const struct pool *p)
{
	return p ? p->threads : 1;
}
