/* A flag that one thread raises and another reads; work that takes over 50 ms a step reads it at every step. */
#ifndef BASE_CANCEL_H
#define BASE_CANCEL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

typedef atomic_bool cancel_flag;

static inline bool cancelled(const cancel_flag *flag)
{
	return flag != NULL && atomic_load_explicit(flag, memory_order_relaxed);
}

#endif
