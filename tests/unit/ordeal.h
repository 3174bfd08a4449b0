/*
 * A long run of random things, in a process of its own, so that a crash, a leak or a standstill ends that process
 * alone, and what it was at can be printed with the seed.
 */
#ifndef TEST_ORDEAL_H
#define TEST_ORDEAL_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* Zeroed memory that the run writes and the parent reads when it is gone. */
void *ordeal_share(size_t bytes);
void ordeal_unshare(void *shared, size_t bytes);

/* Calls run in the child, which has the system's own signal handlers and no standard input. True if it returned, after
 * which nothing leaked; else *how says how it ended (caller frees). run calls ordeal_beat every now and then; without
 * that for minutes it counts as stuck. */
bool ordeal_run(void (*run)(void *arg, int heart), void *arg, char **how);
void ordeal_beat(int heart);

/* A number from the environment. */
unsigned long ordeal_wanted(const char *name, unsigned long usual);

/* The folder `data` of the sources as an absolute path; caller frees. */
char *ordeal_source(void);

/* A copy of a folder with all that is in it. */
void ordeal_copy(const char *from, const char *to);

#endif
