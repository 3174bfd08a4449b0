#include "base/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

#define POOL_MAX_THREADS 1024

/*
 * Loops of a forward pass follow each other within microseconds, while waking a sleeping thread takes tens of them:
 * a thread that has nothing to do looks this many times before it sleeps.
 */
#define POOL_SPINS 4000

struct worker {
	struct pool *pool;
	pthread_t id;
	size_t thread;
};

struct pool {
	struct worker *workers; /* owned: threads - 1 of them, thread 0 is the caller */
	size_t threads;
	pthread_mutex_t lock;
	pthread_cond_t start, finish;
	atomic_ulong loop;     /* number of the newest loop; changed under the lock */
	atomic_size_t running; /* workers inside the open loop; changed under the lock */
	bool open, stop;       /* under the lock */

	/* The open loop; written while no worker is running. */
	pool_fn *fn;
	void *arg;
	size_t tasks;
	atomic_size_t next;
};

static inline void pause_cpu(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

static void take_tasks(struct pool *p, size_t thread)
{
	size_t task;

	while ((task = atomic_fetch_add(&p->next, 1)) < p->tasks)
		p->fn(p->arg, task, thread);
}

/*
 * A worker joins a loop only while it is open and the caller waits only for those that joined, so that a worker that
 * the system schedules late holds nobody up.
 */
static void *work(void *arg)
{
	struct worker *self = arg;
	struct pool *p = self->pool;
	unsigned long seen = 0;

	for (;;) {
		for (int i = 0; i < POOL_SPINS && atomic_load(&p->loop) == seen; i++)
			pause_cpu();
		pthread_mutex_lock(&p->lock);
		while (!p->stop && atomic_load(&p->loop) == seen)
			pthread_cond_wait(&p->start, &p->lock);
		seen = atomic_load(&p->loop);
		if (p->stop) {
			pthread_mutex_unlock(&p->lock);
			return NULL;
		}
		if (!p->open) {
			pthread_mutex_unlock(&p->lock);
			continue;
		}
		atomic_fetch_add(&p->running, 1);
		pthread_mutex_unlock(&p->lock);

		take_tasks(p, self->thread);

		pthread_mutex_lock(&p->lock);
		if (atomic_fetch_sub(&p->running, 1) == 1)
			pthread_cond_signal(&p->finish);
		pthread_mutex_unlock(&p->lock);
	}
}

void pool_run(struct pool *p, size_t tasks, pool_fn *fn, void *arg)
{
	if (!p || p->threads == 1 || tasks <= 1) {
		for (size_t i = 0; i < tasks; i++)
			fn(arg, i, 0);
		return;
	}
	pthread_mutex_lock(&p->lock);
	p->fn = fn;
	p->arg = arg;
	p->tasks = tasks;
	atomic_store(&p->next, 0);
	p->open = true;
	atomic_fetch_add(&p->loop, 1);
	pthread_cond_broadcast(&p->start);
	pthread_mutex_unlock(&p->lock);

	take_tasks(p, 0);

	for (int i = 0; i < POOL_SPINS && atomic_load(&p->running) > 0; i++)
		pause_cpu();
	pthread_mutex_lock(&p->lock);
	p->open = false;
	while (atomic_load(&p->running) > 0)
		pthread_cond_wait(&p->finish, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

/* The first n workers' threads end. */
static void stop_workers(struct pool *p, size_t n)
{
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->start);
	atomic_fetch_add(&p->loop, 1);
	pthread_mutex_unlock(&p->lock);
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
	sigset_t all, old;
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

	/* Signals are for the thread that owns the terminal. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	while (started < threads - 1 && !failed) {
		struct worker *w = &p->workers[started];

		*w = (struct worker){.pool = p, .thread = started + 1};
		failed = pthread_create(&w->id, NULL, work, w);
		if (!failed)
			started++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);

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
