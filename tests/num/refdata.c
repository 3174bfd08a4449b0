/* Reads the reference data.json; a file that is not as expected is a broken source tree, so the program stops. */
#include "refdata.h"

#include <jansson.h>
#include <stdio.h>

#include "npy.h"

static const json_t *need(const json_t *value, const char *what)
{
	if (value == NULL) {
		fprintf(stderr, "the reference data lack %s\n", what);
		abort();
	}
	return value;
}

static struct vec_u32 read_list(const json_t *array)
{
	struct vec_u32 list = {0};

	for (size_t i = 0; i < json_array_size(array); i++)
		vec_push(&list, (uint32_t)json_integer_value(json_array_get(array, i)));
	return list;
}

static struct ref_lists read_lists(const json_t *array)
{
	struct ref_lists lists = {.n = json_array_size(array)};

	lists.at = xcalloc(lists.n + 1, sizeof(*lists.at));
	for (size_t i = 0; i < lists.n; i++)
		lists.at[i] = read_list(json_array_get(array, i));
	return lists;
}

static void release_lists(struct ref_lists *lists)
{
	for (size_t i = 0; i < lists->n; i++)
		vec_release(&lists->at[i]);
	free(lists->at);
}

void refdata_read(struct refdata *r, const char *set)
{
	char *name = xasprintf("%s/data.json", set), *path = ref_path(name);
	json_t *root = json_load_file(path, 0, NULL);
	const json_t *catalogues = need(json_object_get(need(root, path), "catalog"), "catalog");

	r->prompts = read_lists(need(json_object_get(root, "prompts"), "prompts"));
	r->positives = read_list(need(json_object_get(root, "positives"), "positives"));
	r->main = read_lists(need(json_object_get(catalogues, "main"), "catalog.main"));
	r->narrow = read_lists(need(json_object_get(catalogues, "narrow"), "catalog.narrow"));
	r->tiny = read_lists(need(json_object_get(catalogues, "tiny"), "catalog.tiny"));
	r->logits_row = read_list(need(json_object_get(root, "logits_row_offset"), "logits_row_offset"));
	r->logits_f64_row =
		read_list(need(json_object_get(root, "logits_f64_item_row_offset"), "logits_f64_item_row_offset"));
	r->bos = (uint32_t)json_integer_value(need(json_object_get(root, "bos"), "bos"));
	r->eos = (uint32_t)json_integer_value(need(json_object_get(root, "eos"), "eos"));
	json_decref(root);
	free(path);
	free(name);
}

void refdata_release(struct refdata *r)
{
	release_lists(&r->prompts);
	release_lists(&r->main);
	release_lists(&r->narrow);
	release_lists(&r->tiny);
	vec_release(&r->positives);
	vec_release(&r->logits_row);
	vec_release(&r->logits_f64_row);
}
