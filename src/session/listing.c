#include "session/listing.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/vec.h"

static const char *const kind_names[LISTED_KINDS] = {
	[LISTED_NOTHING] = "rows",
	[LISTED_CASES] = "cases",
	[LISTED_ITEMS] = "items",
	[LISTED_NAMES] = "names",
};

static void ids_clear(struct listed_ids *ids)
{
	for (size_t i = 0; i < ids->n; i++)
		free(ids->at[i]);
	ids->n = 0;
}

static void add_id(struct listed_ids *ids, const json_t *row, const char *key)
{
	const char *id = json_string_value(json_object_get(row, key));

	vec_push(ids, xstrdup(id ? id : ""));
}

/* Of one record: the member itself, or that of each object in the array "rows.member". */
static void add_ids(struct listed_ids *ids, const json_t *record, const char *path)
{
	const char *dot = strchr(path, '.');
	char *rows;
	size_t i;
	json_t *row;

	if (!dot) {
		add_id(ids, record, path);
		return;
	}
	rows = xstrndup(path, (size_t)(dot - path));
	json_array_foreach(json_object_get(record, rows), i, row)
		add_id(ids, row, dot + 1);
	free(rows);
}

void listing_take(struct listing *l, const struct cmd_entry *e, struct out *out)
{
	size_t i;
	json_t *record;

	if (e->lists != LISTED_NOTHING && out->kept) {
		ids_clear(&l->ids[e->lists]);
		json_array_foreach(out->kept, i, record)
			add_ids(&l->ids[e->lists], record, e->listed);
		l->newest = e->lists;
		l->in_view = l->in_view && e->lists != LISTED_CASES;
	}
	if ((e->flags & CMD_APART) || json_array_size(out->kept) == 0)
		return;
	json_decref(l->records);
	l->records = out->kept;
	l->command = e;
	l->columns = out->list;
	l->cut = out->kept_cut;
	out->kept = NULL;
}

void listing_release(struct listing *l)
{
	json_decref(l->records);
	for (size_t i = 0; i < LISTED_KINDS; i++) {
		ids_clear(&l->ids[i]);
		vec_release(&l->ids[i]);
	}
	memset(l, 0, sizeof(*l));
}

static enum listed wanted_by(const struct cmd_arg *arg)
{
	switch (cmd_source(arg)) {
	case FROM_CASES:
	case FROM_CASE_LIST:
		return LISTED_CASES;
	case FROM_ITEMS:
		return LISTED_ITEMS;
	default:
		return LISTED_NOTHING;
	}
}

static bool is_option(const char *word)
{
	return !strncmp(word, "--", 2);
}

/* Is it the value of an option, by itself or behind "="? *wanted: what that wants. */
static bool is_value(const struct cmd_entry *e, const struct variable_place *at, enum listed *wanted)
{
	const char *last = at->before->argv[at->before->argc - 1];
	bool attached = is_option(at->begun) && strchr(at->begun, '=');
	const char *word = attached ? at->begun : last;
	const struct cmd_arg *own;
	const struct option_entry *option;
	struct err ignored;

	if (!is_option(word) || (!attached && strchr(last, '=')))
		return false;
	if (cmd_find_option(e, word, strcspn(word, "="), &own, &option, &ignored))
		return false;
	*wanted = own ? wanted_by(own) : LISTED_NOTHING;
	return own ? own->type != ARG_FLAG : option->type != OPT_FLAG;
}

enum listed listing_wanted(const struct variable_place *at)
{
	enum listed wanted = LISTED_NOTHING;
	const struct cmd_entry *e;
	struct err ignored;

	e = at->before->argc > 0 ? cmd_find(at->before->argv[0], &ignored) : NULL;
	if (!e || is_value(e, at, &wanted))
		return wanted;
	for (const struct cmd_arg *arg = e->args; arg->name && wanted == LISTED_NOTHING; arg++)
		if (arg->name[0] != '-')
			wanted = wanted_by(arg);
	return wanted;
}

int listing_id(const struct listing *l, enum listed wanted, const struct snap_cases *view, const char *number,
	struct buf *id, struct err *err)
{
	enum listed kind = wanted != LISTED_NOTHING ? wanted : l->newest;
	bool in_view = view && kind == LISTED_CASES && (l->in_view || l->ids[LISTED_CASES].n == 0);
	size_t n = in_view ? view->n : l->ids[kind].n;
	unsigned long long row = strtoull(number, NULL, 10);

	if (n == 0)
		return err_set(err, ERR_NOT_FOUND, "'$%s': no %s were listed yet: 'cases' lists cases, 'find' items",
			number, kind_names[kind]);
	if (row < 1 || row > n)
		return err_set(err, ERR_NOT_FOUND, "'$%s': the last list of %s has the rows 1 to %zu", number,
			kind_names[kind], n);
	buf_addstr(id, in_view ? view->rows[row - 1]->id : l->ids[kind].at[row - 1]);
	return 0;
}

static void add_members(struct buf *b, const json_t *object)
{
	const char *key;
	json_t *v;
	size_t n = 0;

	json_object_foreach((json_t *)object, key, v)
		buf_addf(b, "%s%s", n++ > 0 ? ", " : "", key);
}

static int no_member(const char *path, const json_t *v, struct err *err)
{
	struct buf b = {0};

	if (json_is_object(v)) {
		buf_addstr(&b, "there are ");
		add_members(&b, v);
	} else if (json_is_array(v)) {
		buf_addf(&b, "the list has %zu", json_array_size(v));
	} else {
		buf_addstr(&b, "what stands before it has none");
	}
	err_set(err, ERR_NOT_FOUND, "'$last%s': the last answer has no such member: %s", path, buf_str(&b));
	buf_release(&b);
	return -1;
}

/* The member that the key of n bytes names; NULL: none. */
static const json_t *member(const json_t *v, const char *key, size_t n)
{
	char *name = xstrndup(key, n);
	const json_t *found = NULL;

	if (json_is_object(v))
		found = json_object_get(v, name);
	else if (json_is_array(v) && strspn(name, "0123456789") == n)
		found = json_array_get(v, (size_t)strtoull(name, NULL, 10) - 1);
	free(name);
	return found;
}

/* A word, a number, true or false. */
static bool add_scalar(struct buf *b, const json_t *v)
{
	if (json_is_string(v))
		buf_add(b, json_string_value(v), json_string_length(v));
	else if (json_is_number(v) || json_is_boolean(v))
		json_add(b, v);
	else
		return false;
	return true;
}

static int add_value(struct buf *b, const char *path, const json_t *v, struct err *err)
{
	size_t i, n = 0;
	json_t *one;

	if (json_is_null(v))
		return err_set(err, ERR_NOT_FOUND, "'$last%s' is null: ${last%s:-WORDS} puts WORDS in its place", path,
			path);
	if (add_scalar(b, v))
		return 0;
	json_array_foreach((json_t *)v, i, one) {
		if (n > 0)
			buf_addch(b, ' ');
		n += add_scalar(b, one);
	}
	if (n == json_array_size(v) && json_is_array(v))
		return 0;
	return err_set(err, ERR_VALUE, "'$last%s' is no word or number: name a member of it, as in $last%s%s", path,
		path, json_is_array(v) ? ".1.item" : ".NAME");
}

/* As far as ".KEY.KEY" leads in the last record; *path is then what is left of it. NULL: there is no record. */
static const json_t *follow(const struct listing *l, const char **path)
{
	const json_t *v = json_array_get(l->records, json_array_size(l->records) - 1);

	while (v && **path == '.') {
		size_t n = strcspn(*path + 1, ".");
		const json_t *next = member(v, *path + 1, n);

		if (!next)
			return v;
		v = next;
		*path += 1 + n;
	}
	return v;
}

const json_t *listing_find(const struct listing *l, const char *path)
{
	const json_t *v = follow(l, &path);

	return *path ? NULL : v;
}

int listing_member(const struct listing *l, const char *path, struct buf *value, struct err *err)
{
	const char *rest = path;
	const json_t *v = follow(l, &rest);

	if (!v)
		return err_set(err, ERR_NOT_FOUND, "'$last%s': no command has answered yet", path);
	if (*rest == '.')
		return no_member(path, v, err);
	return add_value(value, path, v, err);
}
