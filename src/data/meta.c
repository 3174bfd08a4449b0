/* What a dataset of any form says of itself in its meta.json, where it has one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/reader.h"
#include "store/file.h"
#include "store/json.h"

/* Only what shapes prompts and searches: a dataset must not name files or start anything. */
static bool may_set(const char *name)
{
	static const char *const names[] = {"beam", "mask", "end", "search", "length-penalty", "early-stopping", "tau",
		"template", "max-history", "items", "title-words"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static int read_setting(struct dataset *d, const struct json_node *node, struct err *err)
{
	struct dataset_setting *set = &d->settings[d->n_settings];
	const char *text;
	char number[32];

	if (!may_set(node->key))
		return json_refuse(node, err, "is no setting that a dataset may make");
	if (json_is_number(node->value)) {
		snprintf(number, sizeof(number), "%.17g", json_number_value(node->value));
		text = number;
	} else if (json_as_str(node, &text, NULL, err)) {
		return -1;
	}
	if (strchr(text, '/'))
		return json_refuse(node, err, "must be a name, not the path of a file");
	set->name = arena_strdup(&d->arena, node->key);
	set->value = arena_strdup(&d->arena, text);
	d->n_settings++;
	return 0;
}

static int read_settings(struct dataset *d, const struct json_node *root, struct err *err)
{
	struct json_node settings;
	const char *name;
	json_t *value;

	if (!json_find(root, "settings", &settings))
		return 0;
	if (json_as_object(&settings, err))
		return -1;
	d->settings = xcalloc(json_object_size(settings.value) + 1, sizeof(*d->settings));
	json_object_foreach(settings.value, name, value) {
		struct json_node node = json_child(&settings, name, value);

		if (read_setting(d, &node, err))
			return -1;
	}
	return 0;
}

static int read_first_case(struct dataset *d, const struct json_node *root, struct err *err)
{
	struct json_node node;
	const char *id;
	uint32_t at;

	if (!json_find(root, "first_case", &node))
		return 0;
	if (json_as_str(&node, &id, NULL, err))
		return -1;
	if (!map_get(&d->splits[SPLIT_TEST].by_id, id, strlen(id), &at))
		return json_refuse(&node, err, "names no case of the test split");
	d->first_case = d->splits[SPLIT_TEST].cases[at].id;
	return 0;
}

int reader_meta(struct dataset *d, struct err *err)
{
	char *path = file_join(d->path, "meta.json");
	struct json_doc doc = {0};
	int ret = 0;

	if (file_exists(path) && (json_doc_read(&doc, path, err) || json_as_object(&doc.root, err) ||
					 read_settings(d, &doc.root, err) || read_first_case(d, &doc.root, err)))
		ret = -1;
	json_doc_release(&doc);
	free(path);
	return ret;
}
