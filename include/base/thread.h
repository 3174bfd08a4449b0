/* Threads that leave signals to the one that owns the terminal. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

#include "base/compiler.h"

/*
 * As pthread_create with default attributes, with every signal blocked but those that the thread's own faults raise: a
 * blocked fault would kill the process at once, without the handler that gives the terminal back. 0, or an errno.
 */
int thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg) MUST_CHECK;

#endif
