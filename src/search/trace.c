#include "search/trace.h"

void trace_init(struct trace *t)
{
	*t = (struct trace){0};
	arena_init(&t->arena);
}

void trace_release(struct trace *t)
{
	arena_release(&t->arena);
	trace_init(t);
}
