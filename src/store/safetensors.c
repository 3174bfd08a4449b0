#include "store/safetensors.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "store/bytes.h"
#include "store/json.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "safetensors data is little-endian and is used as it lies in the file"
#endif

#define METADATA "__metadata__"

/* Bytes an element of what the format knows; the first DTYPE_PLAIN_COUNT are in the order of enum dtype. */
static const struct {
	const char *name;
	size_t size;
} types[] = {
	[DTYPE_F32] = {"F32", 4},
	[DTYPE_F16] = {"F16", 2},
	[DTYPE_BF16] = {"BF16", 2},
	{"BOOL", 1},
	{"U8", 1},
	{"I8", 1},
	{"F8_E5M2", 1},
	{"F8_E4M3", 1},
	{"F8_E8M0", 1},
	{"I16", 2},
	{"U16", 2},
	{"I32", 4},
	{"U32", 4},
	{"I64", 8},
	{"U64", 8},
	{"F64", 8},
	{"C64", 8},
};

/* Index into types, ARRAY_LEN(types) for what is not there. */
static size_t find_type(const char *name)
{
	size_t i = 0;

	while (i < ARRAY_LEN(types) && strcmp(types[i].name, name) != 0)
		i++;
	return i;
}

static int read_metadata(struct safetensors *s, const struct json_node *node, struct err *err)
{
	const char *key;
	json_t *value;

	if (json_as_object(node, err) < 0)
		return -1;
	json_object_foreach(node->value, key, value) {
		struct json_node member = json_child(node, key, value);
		const char *text;

		if (json_as_str(&member, &text, NULL, err) < 0)
			return -1;
		vec_push(&s->metadata,
			(struct safetensors_pair){arena_strdup(&s->arena, key), arena_strdup(&s->arena, text)});
	}
	return 0;
}

static int read_shape(
	struct safetensors *s, const struct json_node *tensor, struct safetensors_entry *entry, struct err *err)
{
	struct json_node node;
	size_t *shape;

	if (json_get_array(tensor, "shape", &node, &entry->dims, err) < 0)
		return -1;
	shape = arena_alloc(&s->arena, entry->dims * sizeof(*shape));
	entry->shape = shape;
	entry->elements = 1;
	for (size_t i = 0; i < entry->dims; i++) {
		struct json_node item = json_element(&node, i);

		if (json_as_size(&item, 0, SIZE_MAX, &shape[i], err) < 0)
			return -1;
		if (!mem_mul(entry->elements, shape[i], &entry->elements))
			return json_refuse(&node, err, "gives more elements than fit into memory");
	}
	return 0;
}

/* The byte range, and that it lies in the data and is as long as the shape wants. */
static int read_range(
	const struct json_node *tensor, const struct bytes *data, struct safetensors_entry *entry, struct err *err)
{
	size_t type = find_type(entry->dtype);
	struct json_node node;
	size_t offset[2], n, wanted;

	if (json_get_array(tensor, "data_offsets", &node, &n, err) < 0)
		return -1;
	if (n != 2)
		return json_refuse(&node, err, "must hold two offsets, not %zu", n);
	for (size_t i = 0; i < 2; i++) {
		struct json_node item = json_element(&node, i);

		if (json_as_size(&item, 0, SIZE_MAX, &offset[i], err) < 0)
			return -1;
	}
	if (offset[0] > offset[1])
		return json_refuse(&node, err, "run backwards, from %zu to %zu", offset[0], offset[1]);
	if (offset[1] > data->len)
		return json_refuse(&node, err, "end at byte %zu of the data, which has %zu; the file may be cut short",
			offset[1], data->len);
	entry->data = data->at + offset[0];
	entry->len = offset[1] - offset[0];
	if (type < ARRAY_LEN(types) && (!mem_mul(entry->elements, types[type].size, &wanted) || wanted != entry->len))
		return json_refuse(tensor, err, "holds %zu bytes, but its %zu elements of %s need %zu each", entry->len,
			entry->elements, entry->dtype, types[type].size);
	return 0;
}

static int compare_positions(const void *a, const void *b)
{
	const struct safetensors_entry *x = a, *y = b;

	if (x->data != y->data)
		return x->data < y->data ? -1 : 1;
	return x->len < y->len ? -1 : x->len > y->len;
}

/* Sorts the entries of one file and finds that together they are the data: no gap, no overlap, nothing left over. */
static int check_cover(struct safetensors *s, size_t first, const struct bytes *data, struct err *err)
{
	const char *path = s->files.at[s->files.n - 1].path;
	size_t n = s->entries.n - first, end = 0;
	struct safetensors_entry *entries = n > 0 ? s->entries.at + first : NULL;

	if (n > 0)
		qsort(entries, n, sizeof(*entries), compare_positions);
	for (size_t i = 0; i < n; i++) {
		size_t begin = (size_t)(entries[i].data - data->at);

		if (begin < end)
			return err_set(err, ERR_FORMAT,
				"%s: tensors \"%.200s\" and \"%.200s\" overlap at byte %zu of the data", path,
				entries[i - 1].name, entries[i].name, begin);
		if (begin > end)
			return err_set(err, ERR_FORMAT,
				"%s: bytes %zu to %zu of the data, before tensor \"%.200s\", belong to none", path, end,
				begin, entries[i].name);
		end = begin + entries[i].len;
	}
	if (end != data->len)
		return err_set(err, ERR_FORMAT, "%s: the tensors end at byte %zu of the data, which has %zu", path, end,
			data->len);
	return 0;
}

static int index_names(struct safetensors *s, size_t first, struct err *err)
{
	for (size_t i = first; i < s->entries.n; i++) {
		struct safetensors_entry *entry = &s->entries.at[i];
		bool added;
		uint32_t *other = map_put(&s->by_name, entry->name, strlen(entry->name), (uint32_t)i, &added);

		if (!added)
			return err_set(err, ERR_FORMAT, "tensor \"%.200s\" is both in '%s' and in '%s'", entry->name,
				s->files.at[s->entries.at[*other].file].path, s->files.at[entry->file].path);
	}
	return 0;
}

static int align_entries(struct safetensors *s, size_t first, struct err *err)
{
	for (size_t i = first; i < s->entries.n; i++) {
		struct safetensors_entry *entry = &s->entries.at[i];
		size_t type = find_type(entry->dtype);

		if (type >= DTYPE_PLAIN_COUNT || entry->len == 0 || (uintptr_t)entry->data % types[type].size == 0)
			continue;
		entry->copy = mem_try_alloc(entry->len, 1, false, entry->name, err);
		if (!entry->copy)
			return -1;
		memcpy(entry->copy, entry->data, entry->len);
		entry->data = entry->copy;
	}
	return 0;
}

static int read_header(struct safetensors *s, const struct json_node *root, const struct bytes *data, struct err *err)
{
	const char *name;
	json_t *value;

	if (json_as_object(root, err) < 0)
		return -1;
	json_object_foreach(root->value, name, value) {
		struct json_node tensor = json_child(root, name, value);
		struct safetensors_entry entry = {.file = s->files.n - 1};
		const char *dtype;

		if (strcmp(name, METADATA) == 0) {
			if (read_metadata(s, &tensor, err) < 0)
				return -1;
			continue;
		}
		if (json_as_object(&tensor, err) < 0 || json_get_str(&tensor, "dtype", &dtype, err) < 0)
			return -1;
		entry.name = arena_strdup(&s->arena, name);
		entry.dtype = arena_strdup(&s->arena, dtype);
		if (read_shape(s, &tensor, &entry, err) < 0 || read_range(&tensor, data, &entry, err) < 0)
			return -1;
		vec_push(&s->entries, entry);
	}
	return 0;
}

/* Maps a file, checks it and adds what it holds. */
static int add_file(struct safetensors *s, const char *path, struct err *err)
{
	struct json_doc header = {0};
	size_t first = s->entries.n;
	const unsigned char *text;
	struct bytes data = {0};
	struct file_map map;
	uint64_t len = 0;
	int result = -1;

	if (file_map_init(&map, path, err) < 0)
		return -1;
	vec_push(&s->files, (struct safetensors_file){xstrdup(path), map});
	data = (struct bytes){.at = map.at, .len = map.len};
	if (!bytes_uint(&data, 8, &len))
		return err_set(err, ERR_FORMAT,
			"%s: not a safetensors file: %zu bytes, of which 8 should give the header's length", path,
			map.len);
	if (len > SAFETENSORS_MAX_HEADER)
		return err_set(err, ERR_FORMAT,
			"%s: not a safetensors file: its header would have %llu bytes, over the limit of %u", path,
			(unsigned long long)len, SAFETENSORS_MAX_HEADER);
	if (!bytes_take(&data, len, &text))
		return err_set(err, ERR_FORMAT,
			"%s: the header should have %llu bytes, but the file ends after %zu; it may be cut short", path,
			(unsigned long long)len, data.len - data.pos);
	data = (struct bytes){.at = data.at + data.pos, .len = data.len - data.pos};

	if (json_doc_parse(&header, path, text, (size_t)len, err) < 0)
		goto out;
	if (read_header(s, &header.root, &data, err) < 0 || check_cover(s, first, &data, err) < 0 ||
		index_names(s, first, err) < 0)
		goto out;
	result = align_entries(s, first, err);
out:
	json_doc_release(&header);
	return result;
}

/* A shard is a file beside the index, nothing else. */
static int check_shard_name(const struct json_node *node, const char *shard, struct err *err)
{
	if (shard[0] == '\0' || strchr(shard, '/') || strcmp(shard, ".") == 0 || strcmp(shard, "..") == 0)
		return json_refuse(node, err, "must name a file of the same directory, not '%.200s'", shard);
	return 0;
}

/* Opens each shard once, then finds every tensor in the shard that the index gives for it. */
static int add_shards(struct safetensors *s, const char *dir, const char *index_path, struct err *err)
{
	struct json_doc index = {0};
	struct map opened = {0};
	struct json_node names;
	const char *name, *shard;
	int result = -1;
	json_t *value;

	if (json_doc_read(&index, index_path, err) < 0 || json_as_object(&index.root, err) < 0 ||
		json_get_object(&index.root, "weight_map", &names, err) < 0)
		goto out;
	json_object_foreach(names.value, name, value) {
		struct json_node node = json_child(&names, name, value);
		bool added;

		if (json_as_str(&node, &shard, NULL, err) < 0 || check_shard_name(&node, shard, err) < 0)
			goto out;
		map_put(&opened, shard, strlen(shard), (uint32_t)s->files.n, &added);
		if (added) {
			char *path = file_join(dir, shard);
			int failed = add_file(s, path, err);

			free(path);
			if (failed)
				goto out;
		}
	}
	json_object_foreach(names.value, name, value) {
		struct json_node node = json_child(&names, name, value);
		uint32_t file = 0, entry;

		shard = json_string_value(value);
		if (!map_get(&opened, shard, strlen(shard), &file) ||
			!map_get(&s->by_name, name, strlen(name), &entry) || s->entries.at[entry].file != file) {
			json_refuse(&node, err, "is not in '%.200s'", shard);
			goto out;
		}
	}
	result = 0;
out:
	map_release(&opened);
	json_doc_release(&index);
	return result;
}

int safetensors_open(struct safetensors *s, const char *path, struct err *err)
{
	char *file, *index;
	int result;

	*s = (struct safetensors){0};
	arena_init(&s->arena);
	if (!file_is_dir(path))
		return add_file(s, path, err);
	file = file_join(path, "model.safetensors");
	index = file_join(path, "model.safetensors.index.json");
	if (file_exists(file))
		result = add_file(s, file, err);
	else if (file_exists(index))
		result = add_shards(s, path, index, err);
	else
		result = err_set(err, ERR_NOT_FOUND,
			"'%s' holds neither model.safetensors nor model.safetensors.index.json", path);
	free(file);
	free(index);
	return result;
}

void safetensors_release(struct safetensors *s)
{
	for (size_t i = 0; i < s->entries.n; i++)
		free(s->entries.at[i].copy);
	for (size_t i = 0; i < s->files.n; i++) {
		file_map_release(&s->files.at[i].map);
		free(s->files.at[i].path);
	}
	vec_release(&s->entries);
	vec_release(&s->metadata);
	vec_release(&s->files);
	map_release(&s->by_name);
	arena_release(&s->arena);
}

static const struct safetensors_entry *find_stored(const struct safetensors *s, const char *name)
{
	uint32_t i;

	return map_get(&s->by_name, name, strlen(name), &i) ? &s->entries.at[i] : NULL;
}

const struct safetensors_entry *safetensors_find(const struct safetensors *s, const char *name)
{
	const struct safetensors_entry *entry = find_stored(s, name);
	const char *kept = entry ? NULL : safetensors_metadata(s, name);

	return kept ? find_stored(s, kept) : entry;
}

const char *safetensors_metadata(const struct safetensors *s, const char *key)
{
	for (size_t i = 0; i < s->metadata.n; i++) {
		if (strcmp(s->metadata.at[i].key, key) == 0)
			return s->metadata.at[i].value;
	}
	return NULL;
}

int safetensors_tensor(const struct safetensors *s, const char *name, struct tensor *out, struct err *err)
{
	const struct safetensors_entry *entry = safetensors_find(s, name);
	const char *path = s->files.n > 0 ? s->files.at[entry ? entry->file : 0].path : "";
	size_t type;

	if (!entry)
		return err_set(err, ERR_NOT_FOUND, "%s%s: there is no tensor \"%.200s\"", path,
			s->files.n > 1 ? " and the other shards" : "", name);
	type = find_type(entry->dtype);
	if (type >= DTYPE_PLAIN_COUNT)
		return err_set(err, ERR_UNSUPPORTED,
			"%s: tensor \"%.200s\" is of type %.40s; F32, F16 or BF16 is needed", path, entry->name,
			entry->dtype);
	if (entry->dims > TENSOR_MAX_DIMS)
		return err_set(err, ERR_UNSUPPORTED, "%s: tensor \"%.200s\" has %zu dimensions, more than %d", path,
			entry->name, entry->dims, TENSOR_MAX_DIMS);
	*out = (struct tensor){
		.name = entry->name, .dtype = (enum dtype)type, .dims = (unsigned)entry->dims, .data = entry->data};
	memcpy(out->shape, entry->shape, entry->dims * sizeof(*out->shape));
	return 0;
}

/* Indices of the tensors, larger elements first; counting sort over the few sizes keeps the given order within one. */
static size_t *aligned_order(const struct tensor *tensors, size_t n)
{
	size_t *order = xreallocarray(NULL, n + 1, sizeof(*order));
	size_t at = 0;

	for (size_t size = 8; size > 0; size /= 2) {
		for (size_t i = 0; i < n; i++) {
			if (dtype_bytes(tensors[i].dtype, 1) == size)
				order[at++] = i;
		}
	}
	return order;
}

/* Takes value over. False when key is not valid UTF-8 or there is no memory. */
static bool add_member(json_t *object, const char *key, json_t *value)
{
	return value && json_object_set_new(object, key, value) == 0;
}

static json_t *tensor_header(const struct tensor *t, size_t begin)
{
	json_t *shape = json_array();

	for (unsigned i = 0; i < t->dims; i++)
		json_array_append_new(shape, json_integer((json_int_t)t->shape[i]));
	return json_pack("{s:s, s:o, s:[I, I]}", "dtype", dtype_name(t->dtype), "shape", shape, "data_offsets",
		(json_int_t)begin, (json_int_t)(begin + tensor_bytes(t)));
}

/* The header's text, padded with spaces so that the data begins at a multiple of 8; NULL with err set. Caller frees. */
static char *make_header(const struct tensor *tensors, size_t n, const size_t *order,
	const struct safetensors_pair *metadata, size_t n_metadata, struct err *err)
{
	json_t *header = json_object(), *extra = json_object();
	struct buf text = {0};
	size_t begin = 0;
	char *dump = NULL;

	for (size_t i = 0; i < n_metadata; i++) {
		if (!add_member(extra, metadata[i].key, json_string(metadata[i].value))) {
			err_set(err, ERR_VALUE, "metadata \"%.200s\" is not valid UTF-8", metadata[i].key);
			goto out;
		}
	}
	if (n_metadata > 0 && !add_member(header, METADATA, json_incref(extra)))
		goto memory;
	for (size_t i = 0; i < n; i++) {
		const struct tensor *t = &tensors[order[i]];

		if (!utf8_valid(t->name, strlen(t->name)) || strcmp(t->name, METADATA) == 0 ||
			json_object_get(header, t->name)) {
			err_set(err, ERR_VALUE,
				"\"%.200s\" cannot be the name of a tensor: it is taken or not valid UTF-8", t->name);
			goto out;
		}
		if (!add_member(header, t->name, tensor_header(t, begin)))
			goto memory;
		begin += tensor_bytes(t);
	}
	dump = json_dumps(header, JSON_COMPACT);
	if (!dump)
		goto memory;
	buf_addstr(&text, dump);
	buf_addrep(&text, ' ', (8 - text.len % 8) % 8);
	goto out;
memory:
	err_set(err, ERR_MEMORY, "no memory for the header of %zu tensors", n);
out:
	free(dump);
	json_decref(extra);
	json_decref(header);
	return text.at;
}

int safetensors_writer_init(struct safetensors_writer *w, const char *path, const struct tensor *tensors, size_t n,
	const struct safetensors_pair *metadata, size_t n_metadata, struct err *err)
{
	uint64_t header_len;
	int result = -1;
	char *header;

	*w = (struct safetensors_writer){.file.fd = -1, .order = aligned_order(tensors, n)};
	for (size_t i = 0; i < n; i++)
		w->owed += tensor_bytes(&tensors[i]);
	header = make_header(tensors, n, w->order, metadata, n_metadata, err);
	if (header && file_writer_init(&w->file, path, err) == 0) {
		header_len = strlen(header);
		if (file_writer_add(&w->file, &header_len, sizeof(header_len), err) == 0)
			result = file_writer_add(&w->file, header, header_len, err);
	}
	free(header);
	return result;
}

int safetensors_writer_data(struct safetensors_writer *w, const void *bytes, size_t len, struct err *err)
{
	if (len > w->owed)
		BUG("%zu bytes of data for a file that wants %zu more", len, w->owed);
	w->owed -= len;
	return file_writer_add(&w->file, bytes, len, err);
}

int safetensors_writer_commit(struct safetensors_writer *w, struct err *err)
{
	if (w->owed > 0)
		BUG("%zu bytes of data are missing", w->owed);
	return file_writer_commit(&w->file, err);
}

void safetensors_writer_release(struct safetensors_writer *w)
{
	file_writer_release(&w->file);
	free(w->order);
	w->order = NULL;
}

int safetensors_write(const char *path, const struct tensor *tensors, size_t n, const struct safetensors_pair *metadata,
	size_t n_metadata, struct err *err)
{
	struct safetensors_writer w;
	int result = safetensors_writer_init(&w, path, tensors, n, metadata, n_metadata, err);

	for (size_t i = 0; i < n && result == 0; i++) {
		const struct tensor *t = &tensors[w.order[i]];

		result = safetensors_writer_data(&w, t->data, tensor_bytes(t), err);
	}
	if (result == 0)
		result = safetensors_writer_commit(&w, err);
	safetensors_writer_release(&w);
	return result;
}
