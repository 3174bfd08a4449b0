#include "session/open_trace.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/trace_file.h"

void branch_free(struct branch *b)
{
	if (!b)
		return;
	free(b->edits);
	trace_release(&b->trace);
	diagnosis_release(&b->diagnosis);
	json_decref(b->record);
	free(b);
}

size_t branch_steps(const struct branch *b)
{
	return json_array_size(json_object_get(b->record, "steps"));
}

static void drop_above(struct open_trace *t, size_t n)
{
	while (t->n_all > n)
		branch_free(t->branches[--t->n_all]);
}

void open_trace_release(struct open_trace *t)
{
	drop_above(t, 0);
	free(t->branches);
	free(t->file);
	options_release(&t->options);
	memset(t, 0, sizeof(*t));
}

void open_trace_push(struct open_trace *t, struct branch *b)
{
	drop_above(t, t->n);
	t->branches = xreallocarray(t->branches, t->n + 1, sizeof(*t->branches));
	t->branches[t->n++] = b;
	t->n_all = t->n;
}

int open_trace_read(struct open_trace *t, const char *path, struct err *err)
{
	struct branch *b;
	json_t *record;

	if (trace_file_read(path, &record, err))
		return -1;
	b = xcalloc(1, sizeof(*b));
	trace_init(&b->trace);
	b->record = record;
	open_trace_release(t);
	options_init(&t->options);
	open_trace_push(t, b);
	t->file = xstrdup(path);
	return 0;
}

static bool is_of_node(const struct beam_edit *e)
{
	return e->kind == EDIT_FORCE || e->kind == EDIT_FORBID;
}

/* Does an earlier edit say nothing any more beside a later one? */
static bool is_void(const struct beam_edit *earlier, const struct beam_edit *later)
{
	if (is_of_node(earlier) || is_of_node(later))
		return is_of_node(earlier) && is_of_node(later) && earlier->node == later->node;
	return earlier->kind == later->kind && earlier->step >= later->step;
}

struct beam_edit *branch_edits_with(const struct branch *b, const struct beam_edit *e, size_t *n)
{
	struct beam_edit *edits = xcalloc(b->n_edits + 1, sizeof(*edits));

	*n = 0;
	for (size_t i = 0; i < b->n_edits; i++)
		if (!is_void(&b->edits[i], e))
			edits[(*n)++] = b->edits[i];
	edits[(*n)++] = *e;
	return edits;
}

int open_trace_read_step(double *step, const char *text, double most, struct err *err)
{
	if (!strpbrk(text, "0123456789"))
		return err_set(err, ERR_USAGE, "STEP is a number or 'pruned', not '%s'", text);
	return option_number(step, text, true, 1, most, "STEP", err);
}
