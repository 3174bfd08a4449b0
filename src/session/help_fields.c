/*
 * The members of the commands' records, as `help --fields` lists them. An object that many records share
 * (session/fields.h) is named where it stands, and its members are listed once.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/cmdtab.h"
#include "session/field.h"
#include "session/fields.h"
#include "session/help.h"

#define HELP_LEAST 30  /* cells that what a member is should have beside its name */
#define ROFF_NAME 24   /* cells of a name in the manual */
#define PATH_CELLS 40  /* of a path beside the commands that have it */

/* Where the rows of a walk go. */
struct walk {
	json_t *rows; /* borrowed */
	const char *of, *kind;
	const char *prefix; /* of paths, with its "." */
	const char *when;   /* of the form of the record; NULL: it has one */
	bool *shared;       /* [FIELDS_SHARED] those met */
};

/* The place among the shared objects of the one that has these members; -1: it is none of them. */
static int shared_place(const struct cmd_field *members)
{
	for (int i = 0; members && fields_shared[i].name; i++)
		if (fields_shared[i].fields == members)
			return i;
	return -1;
}

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static void add_members(struct walk *w, const struct cmd_field *fields);

static void add_member(void *arg, const struct cmd_field *f)
{
	const struct walk *w = arg;
	int shared = shared_place(f->members);
	json_t *row = json_object();
	struct buf path = {0};

	buf_addf(&path, "%s%s", w->prefix, f->path);
	json_object_set_new(row, "of", json_string(w->of));
	json_object_set_new(row, "kind", json_string(w->kind));
	json_object_set_new(row, "path", json_string(buf_str(&path)));
	json_object_set_new(row, "type", json_string(f->type));
	json_object_set_new(row, "members", text_or_null(shared < 0 ? NULL : fields_shared[shared].name));
	json_object_set_new(row, "when", text_or_null(f->when ? f->when : w->when));
	json_object_set_new(row, "help", json_string(f->help));
	json_array_append_new(w->rows, row);
	if (shared >= 0) {
		w->shared[shared] = true;
	} else if (f->members) {
		struct walk below = *w;

		buf_addstr(&path, !strncmp(f->type, "list", 4) ? "[]." : ".");
		below.prefix = buf_str(&path);
		below.when = NULL;
		add_members(&below, f->members);
	}
	buf_release(&path);
}

static void add_members(struct walk *w, const struct cmd_field *fields)
{
	for (const struct cmd_field *f = fields; f->path; f++) {
		struct walk inside = *w;

		if (f->when)
			inside.when = f->when;
		if (*f->path)
			add_member(w, f);
		else if (f->more)
			f->more(add_member, &inside);
		else
			add_members(&inside, f->members);
	}
}

static void add_command(json_t *rows, const struct cmd_entry *e, bool shared[FIELDS_SHARED])
{
	struct walk w = {.rows = rows, .of = e->name, .kind = "record", .prefix = "", .shared = shared};

	if (e->fields)
		add_members(&w, e->fields);
	w.kind = "file";
	for (const struct cmd_file *f = e->files; f && f->name; f++) {
		struct buf of = {0};

		buf_addf(&of, "%s %s", e->name, f->name);
		w.of = buf_str(&of);
		add_members(&w, f->fields);
		buf_release(&of);
	}
}

/* Those that were met, and those that these name. */
static void add_shared(json_t *rows, bool shared[FIELDS_SHARED])
{
	bool listed[FIELDS_SHARED] = {false}, more = true;

	while (more) {
		more = false;
		for (int i = 0; fields_shared[i].name; i++) {
			struct walk w = {.rows = rows, .of = fields_shared[i].name, .kind = "object", .prefix = "",
				.shared = shared};

			if (!shared[i] || listed[i])
				continue;
			listed[i] = true;
			more = true;
			add_members(&w, fields_shared[i].fields);
		}
	}
}

static json_t *rows_of(const struct cmd_entry *e)
{
	bool shared[FIELDS_SHARED] = {false};
	json_t *rows = json_array();

	for (const struct cmd_entry *const *each = cmd_table; *each; each++)
		if (!e || e == *each)
			add_command(rows, *each, shared);
	add_shared(rows, shared);
	return rows;
}

json_t *help_fields(const struct cmd_entry *e)
{
	json_t *v = json_object();

	json_object_set_new(v, "command", text_or_null(e ? e->name : NULL));
	json_object_set_new(v, "fields", rows_of(e));
	return v;
}

static const struct out_column columns[] = {
	{"of", NULL, NULL, false, false},
	{"kind", NULL, NULL, false, false},
	{"path", NULL, NULL, false, false},
	{"type", NULL, NULL, false, false},
	{"members", NULL, NULL, false, false},
	{"when", NULL, NULL, false, false},
	{"help", NULL, NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

void help_fields_tsv(const json_t *record, struct out *out)
{
	out_rows(out, json_object_get(record, "fields"), columns);
}

/* "list of objects (verdict counts), with --trace" */
static void add_type(struct buf *b, const json_t *row)
{
	const char *members = field_string(row, "members"), *when = field_string(row, "when");

	buf_addstr(b, field_text(row, "type"));
	if (members)
		buf_addf(b, " (%s)", members);
	if (when)
		buf_addf(b, ", %s", when);
}

/* How many objects a member is inside of: what stands before its name in the listing are two blanks each. */
static size_t depth_of(const char *path, const char **name)
{
	size_t depth = 0;

	*name = path;
	for (const char *p = path; (p = strchr(p, '.')); depth++)
		*name = ++p;
	return depth;
}

static void heading_text(const json_t *row, bool first, struct out *out)
{
	const char *kind = field_text(row, "kind"), *of = field_text(row, "of");

	out_text(out, "%s", first ? "" : "\n");
	if (!strcmp(kind, "record"))
		out_text(out, "a record of '%s'\n", of);
	else if (!strcmp(kind, "file"))
		out_text(out, "an object in the file of '%s'\n", of);
	else
		out_text(out, "%s\n", of);
}

/* One member: its name, its type, and below them what it is; with room enough side by side. */
static void member_text(const json_t *row, size_t widest, struct out *out)
{
	size_t limit = out_line_width(out), at, indent;
	const char *name;
	struct buf b = {0};

	at = 2 + 2 * depth_of(field_text(row, "path"), &name);
	indent = widest + 4;
	out_text(out, "%*s%s", (int)at, "", name);
	at += strlen(name);
	if (indent + HELP_LEAST > limit) {
		indent = 2 + 2 * depth_of(field_text(row, "path"), &name) + 2;
		at = limit;
	}
	add_type(&b, row);
	buf_addf(&b, ": %s", field_text(row, "help"));
	if (at < indent) {
		out_text(out, "%*s", (int)(indent - at), "");
		at = indent;
	}
	help_wrap(out, buf_str(&b), indent, at, limit);
	buf_release(&b);
}

static size_t widest_name(const json_t *rows)
{
	size_t i, widest = 0;
	json_t *row;

	json_array_foreach((json_t *)rows, i, row) {
		const char *name;
		size_t cells = 2 * depth_of(field_text(row, "path"), &name);

		cells += strlen(name);
		if (cells > widest)
			widest = cells;
	}
	return widest;
}

static void members_text(const json_t *rows, struct out *out)
{
	size_t i, widest = widest_name(rows);
	const char *of = "";
	json_t *row;

	json_array_foreach((json_t *)rows, i, row) {
		if (strcmp(of, field_text(row, "of")) != 0)
			heading_text(row, i == 0, out);
		of = field_text(row, "of");
		member_text(row, widest, out);
	}
	if (json_array_size(rows) == 0)
		out_text(out, "it has no records\n");
}

/* Paths in order, and under each of them what has it: path -> "beam, exact". */
static json_t *owners(const json_t *rows)
{
	json_t *all = json_object(), *row;
	size_t i;

	json_array_foreach((json_t *)rows, i, row) {
		const char *path = field_text(row, "path"), *of = field_text(row, "of");
		const char *known = json_string_value(json_object_get(all, path));

		json_object_set_new(all, path, known ? json_sprintf("%s, %s", known, of) : json_string(of));
	}
	return all;
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void owners_text(const json_t *rows, struct out *out)
{
	json_t *all = owners(rows), *v;
	size_t n = 0, limit = out_line_width(out);
	const char **paths = xcalloc(json_object_size(all) + 1, sizeof(*paths)), *path;

	json_object_foreach(all, path, v)
		paths[n++] = path;
	qsort(paths, n, sizeof(*paths), compare_keys);
	for (size_t i = 0; i < n; i++) {
		size_t at = strlen(paths[i]);

		out_text(out, "%s", paths[i]);
		if (at < PATH_CELLS)
			out_text(out, "%*s", (int)(PATH_CELLS - at), "");
		help_wrap(out, json_string_value(json_object_get(all, paths[i])), PATH_CELLS,
			at < PATH_CELLS ? PATH_CELLS : limit, limit);
	}
	out_text(out, "\n'help COMMAND --fields' says what they are.\n");
	free(paths);
	json_decref(all);
}

void help_fields_text(const json_t *record, struct out *out)
{
	const json_t *rows = json_object_get(record, "fields");

	if (json_is_string(json_object_get(record, "command")))
		members_text(rows, out);
	else
		owners_text(rows, out);
}

/* Names beside what they are, as deep as they stand. */
static void roff_rows(struct buf *out, const json_t *rows)
{
	size_t i;
	json_t *row;

	buf_addstr(out, ".PD 0\n");
	json_array_foreach((json_t *)rows, i, row) {
		struct buf what = {0};
		const char *name;

		buf_addf(out, ".TP %d\n", ROFF_NAME);
		for (size_t depth = depth_of(field_text(row, "path"), &name); depth > 0; depth--)
			buf_addstr(out, "\\ \\ ");
		help_roff_text(out, name);
		add_type(&what, row);
		buf_addf(&what, ": %s\n", field_text(row, "help"));
		buf_addch(out, '\n');
		help_roff_text(out, buf_str(&what));
		buf_release(&what);
	}
	buf_addstr(out, ".PD\n");
}

/* The first command of those that have the same members. */
static bool is_first(const struct cmd_entry *const *e)
{
	for (const struct cmd_entry *const *other = cmd_table; other < e; other++)
		if ((*other)->fields == (*e)->fields)
			return false;
	return (*e)->fields != NULL;
}

/* One section for commands whose records have the same members: "A record of step, back, goto". */
static void roff_records(struct buf *out, const struct cmd_entry *const *e, bool shared[FIELDS_SHARED])
{
	struct walk w = {.rows = json_array(), .of = (*e)->name, .kind = "record", .prefix = "", .shared = shared};
	const char *before = ".SS A record of ";

	for (const struct cmd_entry *const *other = e; *other; other++) {
		if ((*other)->fields != (*e)->fields)
			continue;
		buf_addf(out, "%s%s", before, (*other)->name);
		before = ", ";
	}
	buf_addch(out, '\n');
	add_members(&w, (*e)->fields);
	roff_rows(out, w.rows);
	json_decref(w.rows);
}

static void roff_file(struct buf *out, const struct cmd_entry *e, const struct cmd_file *f, bool shared[FIELDS_SHARED])
{
	struct walk w = {.rows = json_array(), .of = e->name, .kind = "file", .prefix = "", .shared = shared};

	buf_addf(out, ".SS A file of %s ", e->name);
	help_roff_text(out, f->name);
	buf_addch(out, '\n');
	help_roff_text(out, f->help);
	buf_addstr(out, ".\n");
	add_members(&w, f->fields);
	roff_rows(out, w.rows);
	json_decref(w.rows);
}

void help_fields_roff(struct buf *out)
{
	bool shared[FIELDS_SHARED] = {false};

	for (const struct cmd_entry *const *e = cmd_table; *e; e++) {
		if (is_first(e))
			roff_records(out, e, shared);
		for (const struct cmd_file *f = (*e)->files; f && f->name; f++)
			roff_file(out, *e, f, shared);
	}
	for (const struct fields_shared *s = fields_shared; s->name; s++) {
		struct walk w = {.rows = json_array(), .of = s->name, .kind = "object", .prefix = "", .shared = shared};

		buf_addf(out, ".SS %s\n", s->name);
		add_members(&w, s->fields);
		roff_rows(out, w.rows);
		json_decref(w.rows);
	}
}
