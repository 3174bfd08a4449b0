/*
 * A pool of threads for one parallel loop at a time. The caller takes part as thread 0, so a pool of one thread runs
 * everything in place. Tasks are handed out in order, one at a time; which thread runs a task is not defined, so a
 * task's result must not depend on it. Only the thread that made the pool may call pool_run.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

#include "base/err.h"

struct pool;

typedef void pool_fn(void *arg, size_t task, size_t thread);

int pool_new(struct pool **out, size_t threads, struct err *err) MUST_CHECK; /* threads >= 1; caller frees */
void pool_free(struct pool *p); /* NULL is fine */
size_t pool_threads(const struct pool *p); /* 1 for NULL */
void pool_run(struct pool *p, size_t tasks, pool_fn *fn, void *arg); /* until all tasks are done; NULL: in place */

#endif
