#include "check.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>

#include "base/chan.h"

struct event {
	uint32_t number;
	char payload[12];
};

static bool readable(const struct chan *c)
{
	struct pollfd p = {.fd = chan_fd(c), .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

static void keeps_order_and_refuses_when_full(void **state)
{
	struct event event = {0};
	struct chan c;
	struct err err;

	(void)state;
	check_ok(chan_init(&c, sizeof(event), 3, &err), &err);
	assert_false(readable(&c));
	assert_false(chan_recv(&c, &event));
	for (uint32_t round = 0; round < 10; round++) {
		for (uint32_t i = 0; i < 3; i++) {
			event.number = round * 3 + i;
			assert_true(chan_send(&c, &event));
			assert_true(readable(&c));
		}
		event.number = 999;
		assert_false(chan_send(&c, &event));
		for (uint32_t i = 0; i < 3; i++) {
			assert_true(readable(&c));
			assert_true(chan_recv(&c, &event));
			assert_int_equal(event.number, round * 3 + i);
		}
		assert_false(readable(&c));
	}
	chan_release(&c);
}

static void wakes_without_an_event(void **state)
{
	struct event event;
	struct chan c;
	struct err err;

	(void)state;
	check_ok(chan_init(&c, sizeof(event), 1, &err), &err);
	for (int i = 0; i < 100000; i++) /* more than a pipe holds */
		chan_wake(&c);
	assert_true(readable(&c));
	assert_false(chan_recv(&c, &event));
	assert_false(readable(&c));
	chan_release(&c);
}

#define EVENTS 200000

static void *send_all(void *arg)
{
	struct event event = {.payload = "payload"};

	for (event.number = 0; event.number < EVENTS; event.number++) {
		while (!chan_send(arg, &event))
			sched_yield();
	}
	return NULL;
}

/* The receiver sleeps in poll whenever there is nothing: a lost wake-up would hang, a lost event break the count. */
static void carries_events_between_threads(void **state)
{
	struct pollfd p = {.events = POLLIN};
	struct event event;
	uint32_t next = 0;
	pthread_t sender;
	struct chan c;
	struct err err;

	(void)state;
	check_ok(chan_init(&c, sizeof(event), 64, &err), &err);
	p.fd = chan_fd(&c);
	assert_int_equal(pthread_create(&sender, NULL, send_all, &c), 0);
	while (next < EVENTS) {
		if (poll(&p, 1, 300000) != 1)
			fail_msg("no event for a minute after %u", next);
		while (chan_recv(&c, &event)) {
			assert_int_equal(event.number, next);
			assert_string_equal(event.payload, "payload");
			next++;
		}
	}
	pthread_join(sender, NULL);
	assert_false(readable(&c));
	chan_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_order_and_refuses_when_full),
		cmocka_unit_test(wakes_without_an_event),
		cmocka_unit_test(carries_events_between_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
