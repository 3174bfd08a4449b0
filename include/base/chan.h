/*
 * A bounded ring of fixed-size events from one thread to another, with a wake-up that a poll() can wait on.
 * Wake-ups coalesce: the descriptor is readable while anything is unread, however many events there are.
 */
#ifndef BASE_CHAN_H
#define BASE_CHAN_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct chan {
	pthread_mutex_t lock;
	unsigned char *ring; /* owned: cap * size bytes */
	size_t size, cap, head, n;
	int wake[2]; /* non-blocking pipe; wake[0] is for poll() */
	bool awake;  /* a byte is in the pipe */
};

int chan_init(struct chan *c, size_t event_size, size_t cap, struct err *err) MUST_CHECK;
void chan_release(struct chan *c); /* after both threads have let go of it */
bool chan_send(struct chan *c, const void *event); /* false when full: nothing is overwritten */
bool chan_recv(struct chan *c, void *event);       /* false when empty */
void chan_wake(struct chan *c);                    /* makes the descriptor readable without an event */
int chan_fd(const struct chan *c);

#endif
