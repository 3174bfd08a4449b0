/*
 * What is loaded: load, info.
 */
#include <string.h>

#include "base/tensor.h"
#include "model/transformer.h"
#include "session/cmdtab.h"
#include "session/info_model.h"
#include "session/info_tensors.h"
#include "session/record.h"

static json_t *split_record(const struct split *s)
{
	json_t *v = json_object();

	json_object_set_new(v, "file", record_string(s->file));
	json_object_set_new(v, "cases", record_count(s->n));
	json_object_set_new(v, "ids_left_out", record_count(s->n_untitled));
	json_object_set_new(v, "without_positive", record_count(s->n_no_positive));
	json_object_set_new(v, "users_left_out", record_count(s->n_too_short));
	return v;
}

/* Cases of the split in which the joined text would be other ids than prompt and item, each by itself. */
static int count_joined(struct session *s, size_t *n, struct err *err)
{
	const struct split *split = &s->loaded.data->dataset->splits[s->now.split];

	*n = 0;
	for (size_t i = 0; i < split->n; i++) {
		struct joined j;
		int failed;

		if (cancelled(&s->cancel))
			return err_set(err, ERR_CANCELLED, "cancelled");
		failed = joined_init(&j, s, &split->cases[i], err);
		*n += !failed && j.differs;
		joined_release(&j);
		if (failed)
			return err_prefix(err, "case '%s'", split->cases[i].id);
	}
	return 0;
}

static json_t *data_record(const struct session *s)
{
	const struct data_stage *d = s->loaded.data;
	json_t *v = json_object(), *splits = json_object();

	json_object_set_new(v, "path", record_string(d->path));
	json_object_set_new(v, "name", record_string(d->dataset->name));
	json_object_set_new(v, "form", json_string(d->dataset->form));
	json_object_set_new(v, "template", d->template ? record_string(d->template_path) : json_null());
	if (d->dataset->index_file) {
		json_object_set_new(v, "index", record_string(d->dataset->index_file));
		json_object_set_new(v, "index_files", record_count(d->dataset->n_index_files));
	}
	if (d->dataset->n_users > 0)
		json_object_set_new(v, "users", record_count(d->dataset->n_users));
	if (d->dataset->n_interactions > 0)
		json_object_set_new(v, "interactions", record_count(d->dataset->n_interactions));
	for (int k = 0; k < SPLIT_COUNT; k++)
		if (d->dataset->splits[k].file)
			json_object_set_new(
				splits, split_name((enum split_kind)k), split_record(&d->dataset->splits[k]));
	json_object_set_new(v, "splits", splits);
	return v;
}

static void add_sharing(json_t *v, const char *what, const char *largest, struct sharing s)
{
	json_object_set_new(v, what, record_count(s.items));
	json_object_set_new(v, largest, record_count(s.largest));
}

/* Of the token sequences, as far as they can be returned. */
static struct sharing sequence_sharing(const struct trie *t)
{
	struct sharing s = {0};

	for (size_t node = 0; node < t->n_nodes; node++) {
		size_t n = t->leaf_first[node + 1] - t->leaf_first[node];

		if (n < 2)
			continue;
		s.items += n;
		s.largest = n > s.largest ? n : s.largest;
	}
	return s;
}

static json_t *catalogue_record(const struct session *s)
{
	const struct catalogue *c = &s->loaded.data->dataset->catalogue;
	const struct search_stage *search = s->loaded.search;
	json_t *v = json_object();

	json_object_set_new(v, "items", record_count(c->n));
	json_object_set_new(v, "distinct_titles", record_count(c->n_titles));
	add_sharing(v, "title_collisions", "title_collisions_largest", catalogue_sharing(c, ITEM_TITLE));
	if (c->n_indexes) {
		json_object_set_new(v, "distinct_indexes", record_count(c->n_indexes));
		add_sharing(v, "index_collisions", "index_collisions_largest", catalogue_sharing(c, ITEM_INDEX));
	}
	if (!search)
		return v;
	json_object_set_new(v, "distinct_sequences", record_count(search->trie.n_leaves));
	json_object_set_new(v, "sharing_a_sequence",
		record_count(c->n - c->n_empty - search->trie.n_hidden - search->trie.n_leaves));
	add_sharing(v, "sequence_collisions", "sequence_collisions_largest", sequence_sharing(&search->trie));
	json_object_set_new(v, "without_tokens", record_count(c->n_empty));
	json_object_set_new(v, "spelling_holds_eos", record_count(c->n_inner_eos)); /* some of those without tokens */
	json_object_set_new(v, "with_unknown_tokens", record_count(c->n_unknown));
	json_object_set_new(v, "hidden", record_count(search->trie.n_hidden));
	json_object_set_new(v, "eos", json_integer(c->eos));
	json_object_set_new(v, "tokens", record_count(c->first[c->n]));
	json_object_set_new(v, "nodes", record_count(search->trie.n_nodes));
	json_object_set_new(v, "branching_nodes", record_count(search->trie.n_branching));
	json_object_set_new(v, "first_tokens", record_count(trie_n_children(&search->trie, TRIE_ROOT)));
	json_object_set_new(v, "depth", record_count(search->trie.max_depth));
	json_object_set_new(v, "bytes", record_count(trie_bytes(&search->trie)));
	return v;
}

enum info_what { INFO_MODEL, INFO_DATA, INFO_CATALOGUE, INFO_TENSORS, INFO_ALL };
enum { INFO_WHAT, INFO_NAME, INFO_JOINED };

/* Everything that is wanted, as far as it is given: a model alone can be described, and a dataset alone. */
static int info_prepare(struct session *s, enum info_what what, struct err *err)
{
	unsigned needs = CMD_NEEDS_SEARCH;

	if (what == INFO_MODEL || what == INFO_TENSORS || (what == INFO_ALL && s->options.model && !s->options.data))
		needs = CMD_NEEDS_MODEL;
	else if (s->options.data && !s->options.model)
		needs = CMD_NEEDS_DATA;
	return session_prepare(s, needs, err);
}

static int info_record(struct session *s, enum info_what what, bool joined, struct out *out, struct err *err)
{
	json_t *v, *data = NULL;
	size_t n;

	if (info_prepare(s, what, err))
		return -1;
	if (s->loaded.data && (what == INFO_DATA || what == INFO_ALL))
		data = data_record(s);
	if (joined) {
		if (session_prepare(s, CMD_NEEDS_SEARCH, err) || count_joined(s, &n, err)) {
			json_decref(data);
			return -1;
		}
		if (data)
			json_object_set_new(data, "joined_otherwise", record_count(n));
	}
	v = json_object();
	if (s->loaded.model && (what == INFO_MODEL || what == INFO_ALL))
		json_object_set_new(v, "model", info_model(s->loaded.model));
	if (data)
		json_object_set_new(v, "data", data);
	if (s->loaded.data && what != INFO_MODEL) /* data is little without its items */
		json_object_set_new(v, "catalogue", catalogue_record(s));
	out_record(out, v);
	return 0;
}

static int list_tensors(struct session *s, const char *part, struct out *out, struct err *err)
{
	json_t *rows, *v;

	if (info_prepare(s, INFO_TENSORS, err))
		return -1;
	rows = info_tensors(s->loaded.model, part, err);
	if (!rows)
		return -1;
	v = json_object();
	json_object_set_new(v, "tensors", rows);
	out_record(out, v);
	return 0;
}

static int info_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	enum info_what what = a->text[INFO_WHAT] ? (enum info_what)a->number[INFO_WHAT] : INFO_ALL;

	if (what == INFO_TENSORS && a->given[INFO_JOINED])
		return err_set(err, ERR_USAGE, "--joined counts cases: it does not go with 'info tensors'");
	if (what == INFO_TENSORS)
		return list_tensors(s, a->given[INFO_NAME] ? a->text[INFO_NAME] : "", out, err);
	if (a->given[INFO_NAME])
		return err_set(err, ERR_USAGE, "'%s' would be part of a tensor's name: 'info tensors %s'",
			a->text[INFO_NAME], a->text[INFO_NAME]);
	return info_record(s, what, a->given[INFO_JOINED], out, err);
}

/* One row a figure, named by its path: "catalogue.items". */
static void flatten(json_t *rows, const char *prefix, const json_t *object)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)object, key, v) {
		json_t *name = *prefix ? json_sprintf("%s.%s", prefix, key) : json_string(key);

		if (json_is_object(v)) {
			flatten(rows, json_string_value(name), v);
			json_decref(name);
		} else {
			json_t *row = json_object();

			json_object_set_new(row, "name", name);
			json_object_set(row, "value", v);
			json_array_append_new(rows, row);
		}
	}
}

static const struct out_column info_columns[] = {
	{"name", NULL, NULL, false, false},
	{"value", NULL, NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

static void info_tsv(const json_t *record, struct out *out)
{
	const json_t *tensors = json_object_get(record, "tensors");
	json_t *rows;

	if (tensors) {
		out_rows(out, tensors, info_tensor_columns);
		return;
	}
	rows = json_array();
	flatten(rows, "", record);
	out_rows(out, rows, info_columns);
	json_decref(rows);
}

static void info_text(const json_t *record, struct out *out)
{
	const json_t *tensors = json_object_get(record, "tensors");

	if (tensors)
		out_table(out, tensors, info_tensor_columns);
	else
		out_fields(out, record);
}

const struct cmd_entry cmd_info = {
	.name = "info",
	.group = "Load",
	.summary = "say what is loaded",
	.details = "The model: kind, parameters, element type and memory. The data: form, template, files, users, and "
		"what was left out in reading them: ids that the catalogue lacks, and users whose sequences are too "
		"short to be parted into history and positive item. Where a dataset comes with several sets of "
		"semantic ids, the first by name is taken; to take another give that file's path with -d. The "
		"catalogue: items, those that have a title, a semantic id or a token sequence in common with others "
		"(collisions) and how many have one at most, those without tokens or with tokens that stand for text "
		"the vocabulary cannot spell, and the trie of all sequences. The tensors: those of the model, then its "
		"adapter's, by their names in the files, with shape and element type.",
	.args = {
		[INFO_WHAT] = {.name = "WHAT", .type = ARG_CHOICE, .choices = "model|data|catalogue|tensors",
			.source = FROM_CHOICES,
			.help = "only this part, data with its catalogue; without it the first three"},
		[INFO_NAME] = {.name = "NAME", .type = ARG_WORD, .source = FROM_TENSORS,
			.help = "of tensors: only those with this in their names"},
		[INFO_JOINED] = {.name = "--joined", .type = ARG_FLAG,
			.help = "count the cases whose prompt and item, encoded as one text, would be other token ids"},
	},
	.examples = {
		{"info", "model, data and catalogue"},
		{"info catalogue", "the catalogue and its trie"},
		{"info tensors layers.0", "the tensors of the first layer"},
	},
	.flags = CMD_WORK,
	.exec = info_exec,
	.text = info_text,
	.tsv = info_tsv,
	.fields = fields_info,
};

/* A saved search: it becomes the open one, and nothing is loaded. */
static int load_trace(struct session *s, const char *path, struct out *out, struct err *err)
{
	static const char *const keys[] = {"case", "settings", "edits", "branch"};
	const json_t *record, *verdict;
	json_t *v;

	if (open_trace_read(&s->new_trace, path, err))
		return -1;
	record = open_trace_newest(&s->new_trace)->record;
	verdict = json_object_get(record, "verdict");
	v = json_object();
	json_object_set_new(v, "trace", record_string(path));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (json_object_get(record, keys[i]))
			json_object_set(v, keys[i], json_object_get(record, keys[i]));
	json_object_set_new(v, "steps", record_count(json_array_size(json_object_get(record, "steps"))));
	json_object_set(v, "verdict", json_object_get(verdict, "kind"));
	json_object_set(v, "sentence", json_object_get(verdict, "sentence"));
	out_record(out, v);
	return 0;
}

static int load_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	static const char *const options[] = {"model", "adapter", "data"};
	static const enum info_what what[] = {INFO_MODEL, INFO_MODEL, INFO_DATA};
	size_t i = (size_t)a->number[0];
	const struct option_entry *option;

	if (i == ARRAY_LEN(options))
		return load_trace(s, a->text[1], out, err);
	if (session_load_path(s, options[i], a->text[1], err))
		return -1;
	/* What one looks at now is no demand on a run that is gone on with later: that loads its own. */
	option = option_find(options[i], err);
	s->options.given[option - option_table] = false;
	return info_record(s, what[i], false, out, err);
}

const struct cmd_entry cmd_load = {
	.name = "load",
	.group = "Load",
	.summary = "load a model, an adapter or a dataset in place of the one that is loaded, or open a saved search",
	.details = "What cannot be loaded leaves everything as it was. As long as only one of model and dataset is "
		"named, only that one is loaded.\n\n"
		"trace: a search that 'export trace FILE.json' or 'beam CASE --trace --format json' wrote becomes the "
		"open one, without model or data: 'step', 'back', 'goto', 'tree', 'why', 'export' and the screens look "
		"at it. It cannot be edited.",
	.args = {
		{.name = "WHAT", .type = ARG_CHOICE, .required = true, .choices = "model|adapter|data|trace",
			.source = FROM_CHOICES, .help = "what to load"},
		{.name = "PATH", .type = ARG_PATH, .required = true, .source = FROM_FILES,
			.help = "a Hugging Face directory, a GGUF file or a probability table (model), a directory "
				"(adapter, data), or a .json file (trace)"},
	},
	.examples = {
		{"-c 'load model $data/demo/bear' -c 'load data $data/demo' -c 'beam 312'",
			"the demo's other model, over its cases"},
		{"-c 'beam 312' -c 'export trace 312.json' -c 'load trace 312.json' -c why",
			"a search, saved and opened"},
	},
	.flags = CMD_WORK,
	.exec = load_exec,
	.tsv = info_tsv,
	.fields = fields_load,
};
