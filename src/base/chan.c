#include "base/chan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

int chan_init(struct chan *c, size_t event_size, size_t cap, struct err *err)
{
	if (event_size == 0 || cap == 0)
		BUG("channel of %zu events of %zu bytes", cap, event_size);
	*c = (struct chan){.size = event_size, .cap = cap};
	if (pipe2(c->wake, O_NONBLOCK | O_CLOEXEC) < 0)
		return err_errno(err, errno, "no pipe for a channel");
	pthread_mutex_init(&c->lock, NULL);
	c->ring = xreallocarray(NULL, cap, event_size);
	return 0;
}

void chan_release(struct chan *c)
{
	close(c->wake[0]);
	close(c->wake[1]);
	pthread_mutex_destroy(&c->lock);
	free(c->ring);
	c->ring = NULL;
}

/* Invariant under the lock: awake says that exactly one byte is in the pipe, so neither end can block or fill up. */
static void wake(struct chan *c)
{
	while (!c->awake) {
		if (write(c->wake[1], "", 1) == 1)
			c->awake = true;
		else if (errno != EINTR)
			BUG("waking a channel: %s", strerror(errno));
	}
}

static void sleep_again(struct chan *c)
{
	char byte;

	while (c->awake) {
		if (read(c->wake[0], &byte, 1) == 1)
			c->awake = false;
		else if (errno != EINTR)
			BUG("quieting a channel: %s", strerror(errno));
	}
}

bool chan_send(struct chan *c, const void *event)
{
	bool room;

	pthread_mutex_lock(&c->lock);
	room = c->n < c->cap;
	if (room) {
		memcpy(c->ring + (c->head + c->n) % c->cap * c->size, event, c->size);
		c->n++;
		wake(c);
	}
	pthread_mutex_unlock(&c->lock);
	return room;
}

bool chan_recv(struct chan *c, void *event)
{
	bool any;

	pthread_mutex_lock(&c->lock);
	any = c->n > 0;
	if (any) {
		memcpy(event, c->ring + c->head * c->size, c->size);
		c->head = (c->head + 1) % c->cap;
		c->n--;
	}
	if (c->n == 0)
		sleep_again(c);
	pthread_mutex_unlock(&c->lock);
	return any;
}

void chan_wake(struct chan *c)
{
	pthread_mutex_lock(&c->lock);
	wake(c);
	pthread_mutex_unlock(&c->lock);
}

int chan_fd(const struct chan *c)
{
	return c->wake[0];
}
