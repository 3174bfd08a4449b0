/*
 * What is loaded, in a few lines: the head of the tour.
 */
#include <string.h>

#include "base/mem.h"
#include "session/session_priv.h"

char *session_first_case(const struct session *s, struct err *err)
{
	const struct dataset *d = s->loaded.data->dataset;
	const char *id = dataset_first_case(d, (enum split_kind)s->now.split);

	if (id)
		return xstrdup(id);
	err_set(err, ERR_NOT_FOUND, "dataset '%s' has no cases in its %s split", d->name,
		split_name((enum split_kind)s->now.split));
	return NULL;
}

void session_summary(const struct session *s, struct out *out)
{
	const struct model_stage *m = s->loaded.model;
	const struct data_stage *d = s->loaded.data;
	const struct catalogue *c = &d->dataset->catalogue;
	enum split_kind split = (enum split_kind)s->now.split;

	out_text(out, d->bundled ? "Loaded: the bundled demo\n" : "Loaded\n");
	out_text(out, "  model      ");
	out_shown(out, m->path);
	out_text(out, m->is_table ? " (a probability table, written by hand)\n" : "\n");
	if (m->adapter) {
		out_text(out, "  adapter    ");
		out_shown(out, m->adapter);
		out_text(out, "\n");
	}
	out_text(out, "  data       ");
	out_shown(out, d->path);
	out_text(out, "\n             %zu item%s, %zu distinct; %zu case%s in the %s split\n", c->n,
		c->n == 1 ? "" : "s", s->loaded.search->trie.n_leaves, d->dataset->splits[split].n,
		d->dataset->splits[split].n == 1 ? "" : "s", split_name(split));
}
