/*
 * How the bytes lie (all numbers little-endian, a text is a u64 length and its bytes):
 *
 *   "GGUF"  u32 version  u64 tensors  u64 keys
 *   keys:     text key, u32 type, value; an array is u32 type of elements, u64 count, elements
 *   tensors:  text name, u32 dims, u64 extent[dims] (fastest first), u32 type, u64 offset
 *   zeros up to a multiple of general.alignment, from which the offsets count; data, each tensor aligned
 */
#include "store/gguf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "gguf_types.h"
#include "store/bytes.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "GGUF data is little-endian and is used as it lies in the file"
#endif

#define MAX_ALIGNMENT (1u << 20)
#define MAX_KEY 65535 /* bytes, as the format has it */
#define MAX_DEPTH 8   /* of arrays in arrays */
#define MAX_PARTS 99999
#define LEAST_ENTRY (8 + 4 + 1)          /* bytes of the shortest key with its value */
#define LEAST_TENSOR (8 + 4 + 0 + 4 + 8) /* bytes of the shortest entry of a tensor */

bool gguf_str_is(struct gguf_str s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.at, text, s.len) == 0;
}

const char *gguf_path(const struct gguf *g)
{
	return g->files.at[0].path;
}

/* What is being read of one part. */
struct part {
	struct gguf *g;
	const char *path;
	struct bytes b;
	size_t file;    /* index in g->files */
	size_t tensors; /* that the header announces */
	uint64_t keys;
	size_t first; /* index of its first tensor */
	size_t alignment;
};

static int cut_short(const struct part *p, struct err *err, const char *what)
{
	return err_set(err, ERR_FORMAT, "%s: the file ends at byte %zu within %s; it may be cut short", p->path,
		p->b.len, what);
}

static int read_text(struct part *p, size_t limit, struct gguf_str *out, const char *what, struct err *err)
{
	const unsigned char *at;
	uint64_t len;

	if (!bytes_uint(&p->b, 8, &len))
		return cut_short(p, err, what);
	if (len > limit)
		return err_set(err, ERR_FORMAT, "%s: %s at byte %zu would have %llu bytes, over the limit of %zu",
			p->path, what, p->b.pos - 8, (unsigned long long)len, limit);
	if (!bytes_take(&p->b, len, &at))
		return err_set(err, ERR_FORMAT,
			"%s: %s at byte %zu should have %llu bytes, but the file ends after %zu; it may be cut short",
			p->path, what, p->b.pos - 8, (unsigned long long)len, p->b.len - p->b.pos);
	*out = (struct gguf_str){(const char *)at, (size_t)len};
	return 0;
}

/* A key or a tensor's name, which people see: not empty, valid UTF-8, without NUL. */
static int read_name(struct part *p, size_t limit, struct gguf_str *out, const char *what, struct err *err)
{
	size_t at = p->b.pos;

	if (read_text(p, limit, out, what, err) < 0)
		return -1;
	if (out->len == 0)
		return err_set(err, ERR_FORMAT, "%s: %s at byte %zu is empty", p->path, what, at);
	if (memchr(out->at, '\0', out->len) || !utf8_valid(out->at, out->len))
		return err_set(err, ERR_FORMAT, "%s: %s at byte %zu is not valid UTF-8", p->path, what, at);
	return 0;
}

static int check_type(const struct part *p, struct gguf_str key, uint64_t type, struct err *err)
{
	if (type < GGUF_TYPES)
		return 0;
	return err_set(err, ERR_FORMAT, "%s: the key \"%.*s\" is of type %llu, and the format has types 0 to %d",
		p->path, (int)key.len, key.at, (unsigned long long)type, GGUF_TYPES - 1);
}

static int skip_value(struct part *p, struct gguf_str key, enum gguf_type type, unsigned depth, struct err *err);

/* Walks over the lengths of strings, which is all that is read of them. */
static int skip_strings(struct part *p, struct gguf_str key, uint64_t n, struct err *err)
{
	const unsigned char *at = p->b.at + p->b.pos, *end = p->b.at + p->b.len;
	uint64_t len;

	for (uint64_t i = 0; i < n; i++) {
		if ((size_t)(end - at) < sizeof(len))
			return cut_short(p, err, "an array of strings");
		memcpy(&len, at, sizeof(len));
		at += sizeof(len);
		if (len > (size_t)(end - at))
			return err_set(err, ERR_FORMAT,
				"%s: string %llu of \"%.*s\" should have %llu bytes, but the file ends after %zu; "
				"it may be cut short",
				p->path, (unsigned long long)i, (int)key.len, key.at, (unsigned long long)len,
				(size_t)(end - at));
		at += len;
	}
	p->b.pos = (size_t)(at - p->b.at);
	return 0;
}

static int skip_array(struct part *p, struct gguf_str key, unsigned depth, struct err *err)
{
	const unsigned char *elements;
	uint64_t type, n;
	size_t width;

	if (depth > MAX_DEPTH)
		return err_set(err, ERR_FORMAT, "%s: the arrays of \"%.*s\" are nested more than %d deep", p->path,
			(int)key.len, key.at, MAX_DEPTH);
	if (!bytes_uint(&p->b, 4, &type) || !bytes_uint(&p->b, 8, &n))
		return cut_short(p, err, "an array");
	if (check_type(p, key, type, err) < 0)
		return -1;
	width = gguf_type_width((enum gguf_type)type);
	/* What varies takes at least the 8 bytes of a string's length. */
	if (n > (p->b.len - p->b.pos) / (width > 0 ? width : 8))
		return err_set(err, ERR_FORMAT,
			"%s: \"%.*s\" should hold %llu values of type %s, more than the %zu bytes after it can; "
			"the file may be cut short",
			p->path, (int)key.len, key.at, (unsigned long long)n, gguf_type_name((enum gguf_type)type),
			p->b.len - p->b.pos);
	if (width > 0)
		return bytes_take(&p->b, n * width, &elements) ? 0 : cut_short(p, err, "an array");
	if (type == GGUF_STRING)
		return skip_strings(p, key, n, err);
	for (uint64_t i = 0; i < n; i++) {
		if (skip_value(p, key, GGUF_ARRAY, depth + 1, err) < 0)
			return -1;
	}
	return 0;
}

static int skip_value(struct part *p, struct gguf_str key, enum gguf_type type, unsigned depth, struct err *err)
{
	const unsigned char *at;
	struct gguf_str text;

	if (type == GGUF_STRING)
		return read_text(p, SIZE_MAX, &text, "a text", err);
	if (type == GGUF_ARRAY)
		return skip_array(p, key, depth, err);
	if (!bytes_take(&p->b, gguf_type_width(type), &at))
		return cut_short(p, err, "a value");
	if (type == GGUF_BOOL && *at > 1)
		return err_set(err, ERR_FORMAT, "%s: \"%.*s\" must be a boolean, 0 or 1, not %u", p->path, (int)key.len,
			key.at, *at);
	return 0;
}

static int read_entry(struct part *p, struct gguf_entry *entry, struct err *err)
{
	uint64_t type;
	size_t begin;

	if (read_name(p, MAX_KEY, &entry->key, "a key", err) < 0)
		return -1;
	if (!bytes_uint(&p->b, 4, &type))
		return cut_short(p, err, "a key");
	if (check_type(p, entry->key, type, err) < 0)
		return -1;
	begin = p->b.pos;
	if (skip_value(p, entry->key, (enum gguf_type)type, 1, err) < 0)
		return -1;
	entry->type = (enum gguf_type)type;
	entry->at = p->b.at + begin;
	entry->len = p->b.pos - begin;
	return 0;
}

/* The keys of a part; `into` has the vector and its map, which for a later part are its own, used for a while. */
static int read_entries(struct part *p, struct gguf *into, struct err *err)
{
	for (uint64_t i = 0; i < p->keys; i++) {
		struct gguf_entry entry;
		bool added;

		if (read_entry(p, &entry, err) < 0)
			return -1;
		map_put(&into->by_key, entry.key.at, entry.key.len, (uint32_t)into->entries.n, &added);
		if (!added)
			return err_set(err, ERR_FORMAT, "%s: the key \"%.*s\" occurs twice", p->path,
				(int)entry.key.len, entry.key.at);
		vec_push(&into->entries, entry);
	}
	return 0;
}

static int read_alignment(struct part *p, const struct gguf *keys, struct err *err)
{
	p->alignment = GGUF_ALIGNMENT;
	if (gguf_opt_size(keys, "general.alignment", 1, MAX_ALIGNMENT, &p->alignment, err) < 0)
		return -1;
	if (p->alignment % 8 != 0 || (p->alignment & (p->alignment - 1)) != 0)
		return gguf_refuse(keys, "general.alignment", err,
			"must be a power of two and a multiple of 8, not %zu", p->alignment);
	return 0;
}

/* The bytes of a tensor from its type and shape; one of an unknown type counts as having none. */
static int tensor_size(const struct part *p, struct gguf_tensor *t, struct err *err)
{
	const struct gguf_tensor_type *type = gguf_tensor_type_find(t->type);
	size_t n = 1, row = t->dims > 0 ? t->shape[t->dims - 1] : 1;

	for (unsigned i = 0; i < t->dims; i++) {
		if (!mem_mul(n, t->shape[i], &n))
			return err_set(err, ERR_FORMAT, "%s: tensor \"%s\" has more elements than fit into memory",
				p->path, t->name);
	}
	if (!type)
		return 0;
	if (row % type->block != 0)
		return err_set(err, ERR_FORMAT,
			"%s: tensor \"%s\" of type %s has rows of %zu elements, which are no whole blocks of %zu",
			p->path, t->name, type->name, row, type->block);
	if (!mem_mul(n / type->block, type->bytes, &t->len))
		return err_set(
			err, ERR_FORMAT, "%s: tensor \"%s\" has more bytes than fit into memory", p->path, t->name);
	return 0;
}

/* One line of the list of tensors; *offset is checked later, when it is known where the data begins. */
static int read_tensor(struct part *p, struct gguf_tensor *t, uint64_t *offset, struct err *err)
{
	struct gguf_str name;
	uint64_t dims, extent, type;

	*t = (struct gguf_tensor){.file = p->file};
	if (read_name(p, GGUF_MAX_NAME, &name, "the name of a tensor", err) < 0)
		return -1;
	t->name = arena_strndup(&p->g->arena, name.at, name.len);
	if (!bytes_uint(&p->b, 4, &dims))
		return cut_short(p, err, "the list of tensors");
	if (dims > TENSOR_MAX_DIMS)
		return err_set(err, ERR_FORMAT, "%s: tensor \"%s\" has %llu dimensions, more than %d", p->path, t->name,
			(unsigned long long)dims, TENSOR_MAX_DIMS);
	t->dims = (unsigned)dims;
	for (unsigned i = t->dims; i > 0; i--) {
		if (!bytes_uint(&p->b, 8, &extent))
			return cut_short(p, err, "the list of tensors");
		if (extent > SIZE_MAX)
			extent = SIZE_MAX;
		t->shape[i - 1] = (size_t)extent;
	}
	if (!bytes_uint(&p->b, 4, &type) || !bytes_uint(&p->b, 8, offset))
		return cut_short(p, err, "the list of tensors");
	t->type = (uint32_t)type;
	return tensor_size(p, t, err);
}

static int read_tensors(struct part *p, uint64_t *offsets, struct err *err)
{
	struct gguf *g = p->g;

	for (size_t i = 0; i < p->tensors; i++) {
		struct gguf_tensor t;
		uint32_t *other;
		bool added;

		if (read_tensor(p, &t, &offsets[i], err) < 0)
			return -1;
		other = map_put(&g->by_name, t.name, strlen(t.name), (uint32_t)g->tensors.n, &added);
		if (!added)
			return err_set(err, ERR_FORMAT, "tensor \"%s\" is both in '%s' and in '%s'", t.name,
				g->files.at[g->tensors.at[*other].file].path, p->path);
		vec_push(&g->tensors, t);
	}
	return 0;
}

/* Where the data begins, each tensor's place in it, and that it ends within the file. */
static int place_tensors(struct part *p, const uint64_t *offsets, struct err *err)
{
	size_t pad = (p->alignment - p->b.pos % p->alignment) % p->alignment;
	size_t len = p->b.len - p->b.pos;
	const unsigned char *data;

	if (p->tensors == 0)
		return 0;
	if (pad > len)
		pad = len;
	data = p->b.at + p->b.pos + pad;
	len -= pad;
	for (size_t i = 0; i < p->tensors; i++) {
		struct gguf_tensor *t = &p->g->tensors.at[p->first + i];

		if (offsets[i] % p->alignment != 0)
			return err_set(err, ERR_FORMAT,
				"%s: tensor \"%s\" begins at byte %llu of the data, which is no multiple of %zu",
				p->path, t->name, (unsigned long long)offsets[i], p->alignment);
		if (offsets[i] > len || t->len > len - (size_t)offsets[i])
			return err_set(err, ERR_FORMAT,
				"%s: tensor \"%s\" should have %zu bytes from byte %llu of the data, which has %zu; "
				"the file may be cut short",
				p->path, t->name, t->len, (unsigned long long)offsets[i], len);
		t->data = data + offsets[i];
	}
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct gguf_tensor *const *x = a, *const *y = b;

	if ((*x)->data != (*y)->data)
		return (*x)->data < (*y)->data ? -1 : 1;
	return (*x)->len < (*y)->len ? -1 : (*x)->len > (*y)->len;
}

static int check_overlap(const struct part *p, struct err *err)
{
	const struct gguf_tensor **order = NULL;
	int result = 0;

	if (p->tensors == 0)
		return 0;
	order = mem_try_alloc(p->tensors, sizeof(*order), false, "the list of tensors", err);
	if (!order)
		return -1;
	for (size_t i = 0; i < p->tensors; i++)
		order[i] = &p->g->tensors.at[p->first + i];
	qsort(order, p->tensors, sizeof(*order), by_place);
	for (size_t i = 1; i < p->tensors && result == 0; i++) {
		if (order[i - 1]->data + order[i - 1]->len > order[i]->data)
			result = err_set(err, ERR_FORMAT, "%s: tensors \"%s\" and \"%s\" overlap", p->path,
				order[i - 1]->name, order[i]->name);
	}
	free(order);
	return result;
}

static int read_version(struct part *p, struct err *err)
{
	uint64_t magic, version;

	if (!bytes_uint(&p->b, 4, &magic) || magic != GGUF_MAGIC || !bytes_uint(&p->b, 4, &version))
		return err_set(
			err, ERR_FORMAT, "%s: not a GGUF file: it does not begin with \"GGUF\" and a version", p->path);
	if (version == 0x02000000 || version == 0x03000000)
		return err_set(err, ERR_UNSUPPORTED,
			"%s: big-endian GGUF is not handled; take a little-endian file of the model", p->path);
	if (version != 2 && version != 3)
		return err_set(err, ERR_UNSUPPORTED, "%s: GGUF version %llu is not handled; 2 and 3 are", p->path,
			(unsigned long long)version);
	p->g->version = (unsigned)version;
	return 0;
}

static int read_counts(struct part *p, struct err *err)
{
	uint64_t tensors;
	size_t left;

	if (!bytes_uint(&p->b, 8, &tensors) || !bytes_uint(&p->b, 8, &p->keys))
		return cut_short(p, err, "its header");
	left = p->b.len - p->b.pos;
	if (tensors > left / LEAST_TENSOR || p->keys > left / LEAST_ENTRY || tensors > UINT32_MAX - p->g->tensors.n ||
		p->keys > UINT32_MAX)
		return err_set(err, ERR_FORMAT,
			"%s: %llu keys and %llu tensors are announced, more than a file of %zu bytes can hold", p->path,
			(unsigned long long)p->keys, (unsigned long long)tensors, p->b.len);
	p->tensors = (size_t)tensors;
	return 0;
}

bool gguf_begins(const char *path)
{
	struct file_map map;
	struct err ignored;
	bool begins;

	if (file_map_init(&map, path, &ignored) != 0)
		return false;
	begins = map.len >= 4 && memcmp(map.at, "GGUF", 4) == 0;
	file_map_release(&map);
	return begins;
}

/* Maps a part, checks it and adds what it holds. Its keys go into `keys`. */
static int add_part(struct gguf *g, const char *path, struct gguf *keys, struct err *err)
{
	struct part p = {.g = g, .file = g->files.n, .first = g->tensors.n};
	uint64_t *offsets = NULL;
	struct file_map map;
	int result = -1;

	if (file_map_init(&map, path, err) < 0)
		return -1;
	vec_push(&g->files, (struct gguf_file){xstrdup(path), map});
	p.path = g->files.at[p.file].path;
	p.b = (struct bytes){.at = map.at, .len = map.len};
	if (read_version(&p, err) < 0 || read_counts(&p, err) < 0 || read_entries(&p, keys, err) < 0 ||
		read_alignment(&p, keys, err) < 0)
		return -1;
	offsets = mem_try_alloc(p.tensors, sizeof(*offsets), false, "the list of tensors", err);
	if (offsets && read_tensors(&p, offsets, err) == 0 && place_tensors(&p, offsets, err) == 0)
		result = check_overlap(&p, err);
	free(offsets);
	return result;
}

/* The name of a part from that of the first: "x-00001-of-00003.gguf" to "x-00002-of-00003.gguf"; NULL when the first
 * is not called so. Caller frees. */
static char *part_path(const char *first, size_t i, size_t n)
{
	char *tail = xasprintf("-00001-of-%05zu.gguf", n), *path = NULL;
	size_t len = strlen(first), tail_len = strlen(tail);

	if (len >= tail_len && strcmp(first + len - tail_len, tail) == 0)
		path = xasprintf("%.*s-%05zu-of-%05zu.gguf", (int)(len - tail_len), first, i + 1, n);
	free(tail);
	return path;
}

/* A later part: all that counts of its keys is that it is the one it should be. */
static int add_later(struct gguf *g, const char *path, size_t i, size_t n, struct err *err)
{
	struct gguf keys = {0};
	size_t no = SIZE_MAX, count = 0;
	int result = -1;

	vec_push(&keys.files, (struct gguf_file){.path = xstrdup(path)});
	if (!file_exists(path)) {
		err_set(err, ERR_NOT_FOUND,
			"'%s' is missing: '%s' is the first of %zu parts, and all must lie beside it", path,
			gguf_path(g), n);
		goto out;
	}
	if (add_part(g, path, &keys, err) < 0 || gguf_get_size(&keys, "split.no", 0, MAX_PARTS, &no, err) < 0 ||
		gguf_get_size(&keys, "split.count", 0, MAX_PARTS, &count, err) < 0)
		goto out;
	if (no != i || count != n) {
		err_set(err, ERR_FORMAT, "%s: this is part %zu of %zu by its keys, and part %zu of %zu by its name",
			path, no + 1, count, i + 1, n);
		goto out;
	}
	result = 0;
out:
	gguf_release(&keys);
	return result;
}

static int add_later_parts(struct gguf *g, struct err *err)
{
	size_t no = 0, n = 0, tensors = SIZE_MAX;

	if (gguf_opt_size(g, "split.count", 0, MAX_PARTS, &n, err) < 0 ||
		gguf_opt_size(g, "split.no", 0, MAX_PARTS, &no, err) < 0 ||
		gguf_opt_size(g, "split.tensors.count", 0, UINT32_MAX, &tensors, err) < 0)
		return -1;
	if (n > 1 && no != 0)
		return err_set(err, ERR_VALUE,
			"%s: this is part %zu of %zu; open the model by its first part, ...-00001-of-%05zu.gguf",
			gguf_path(g), no + 1, n, n);
	for (size_t i = 1; i < n; i++) {
		char *path = part_path(gguf_path(g), i, n);
		int failed = path ? add_later(g, path, i, n, err)
				  : err_set(err, ERR_FORMAT,
					    "%s: this is the first of %zu parts, so it must be called "
					    "...-00001-of-%05zu.gguf for the others to be found",
					    gguf_path(g), n, n);

		free(path);
		if (failed)
			return -1;
	}
	if (n > 1 && tensors != SIZE_MAX && tensors != g->tensors.n)
		return gguf_refuse(
			g, "split.tensors.count", err, "is %zu, but the parts hold %zu tensors", tensors, g->tensors.n);
	return 0;
}

int gguf_open(struct gguf *g, const char *path, struct err *err)
{
	*g = (struct gguf){0};
	arena_init(&g->arena);
	if (add_part(g, path, g, err) < 0)
		return -1;
	return add_later_parts(g, err);
}

void gguf_release(struct gguf *g)
{
	for (size_t i = 0; i < g->files.n; i++) {
		file_map_release(&g->files.at[i].map);
		free(g->files.at[i].path);
	}
	vec_release(&g->files);
	vec_release(&g->entries);
	vec_release(&g->tensors);
	map_release(&g->by_key);
	map_release(&g->by_name);
	arena_release(&g->arena);
}

const struct gguf_tensor *gguf_find_tensor(const struct gguf *g, const char *name)
{
	uint32_t i;

	return map_get(&g->by_name, name, strlen(name), &i) ? &g->tensors.at[i] : NULL;
}

const char *gguf_tensor_type(const struct gguf_tensor *t)
{
	const struct gguf_tensor_type *type = gguf_tensor_type_find(t->type);

	return type ? type->name : "an unknown type";
}

int gguf_tensor(const struct gguf *g, const char *name, struct tensor *out, struct err *err)
{
	const struct gguf_tensor *t = gguf_find_tensor(g, name);
	enum dtype dtype = t ? gguf_tensor_dtype(t->type) : DTYPE_COUNT;

	if (!t)
		return err_set(err, ERR_NOT_FOUND, "%s%s: there is no tensor \"%.200s\"", gguf_path(g),
			g->files.n > 1 ? " and the other parts" : "", name);
	if (dtype == DTYPE_COUNT)
		return err_set(err, ERR_UNSUPPORTED, "%s: tensor \"%s\" is of %s%s (number %u), which is not handled",
			g->files.at[t->file].path, t->name, gguf_tensor_type_find(t->type) ? "type " : "",
			gguf_tensor_type(t), (unsigned)t->type);
	*out = (struct tensor){.name = t->name, .dtype = dtype, .dims = t->dims, .data = t->data};
	memcpy(out->shape, t->shape, t->dims * sizeof(*out->shape));
	return 0;
}
