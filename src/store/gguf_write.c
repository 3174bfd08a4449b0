/* Writing GGUF. Keys and the list of tensors are gathered as they will lie in the file; the data is streamed. */
#include <string.h>

#include "gguf_types.h"
#include "store/gguf.h"

#define VERSION 3

int gguf_writer_init(struct gguf_writer *w, const char *path, struct err *err)
{
	*w = (struct gguf_writer){0};
	return file_writer_init(&w->file, path, err);
}

static void add_u32(struct buf *out, uint32_t x)
{
	buf_add(out, &x, sizeof(x));
}

static void add_u64(struct buf *out, uint64_t x)
{
	buf_add(out, &x, sizeof(x));
}

static void add_text(struct buf *out, const char *bytes, size_t len)
{
	add_u64(out, len);
	buf_add(out, bytes, len);
}

static void add_key(struct gguf_writer *w, const char *key, size_t len, enum gguf_type type)
{
	if (w->begun || w->strings > 0)
		BUG("the key \"%s\" %s", key, w->begun ? "behind the data" : "within an array of strings");
	add_text(&w->keys, key, len);
	add_u32(&w->keys, type);
	w->n_keys++;
}

static void put_scalar(struct gguf_writer *w, const char *key, enum gguf_type type, const void *value)
{
	add_key(w, key, strlen(key), type);
	buf_add(&w->keys, value, gguf_type_width(type));
}

void gguf_put_u32(struct gguf_writer *w, const char *key, uint32_t value)
{
	put_scalar(w, key, GGUF_U32, &value);
}

void gguf_put_u64(struct gguf_writer *w, const char *key, uint64_t value)
{
	put_scalar(w, key, GGUF_U64, &value);
}

void gguf_put_i32(struct gguf_writer *w, const char *key, int32_t value)
{
	put_scalar(w, key, GGUF_I32, &value);
}

void gguf_put_f32(struct gguf_writer *w, const char *key, float value)
{
	put_scalar(w, key, GGUF_F32, &value);
}

void gguf_put_bool(struct gguf_writer *w, const char *key, bool value)
{
	unsigned char byte = value;

	put_scalar(w, key, GGUF_BOOL, &byte);
}

void gguf_put_str(struct gguf_writer *w, const char *key, const char *value)
{
	add_key(w, key, strlen(key), GGUF_STRING);
	add_text(&w->keys, value, strlen(value));
}

static void begin_array(struct gguf_writer *w, const char *key, enum gguf_type type, size_t n)
{
	add_key(w, key, strlen(key), GGUF_ARRAY);
	add_u32(&w->keys, type);
	add_u64(&w->keys, n);
}

void gguf_put_array(struct gguf_writer *w, const char *key, enum gguf_type type, const void *elements, size_t n)
{
	begin_array(w, key, type, n);
	buf_add(&w->keys, elements, n * gguf_type_width(type));
}

void gguf_put_strings(struct gguf_writer *w, const char *key, size_t n)
{
	begin_array(w, key, GGUF_STRING, n);
	w->strings = n;
}

void gguf_put_string(struct gguf_writer *w, const char *bytes, size_t len)
{
	if (w->strings == 0)
		BUG("a string more than the array has");
	w->strings--;
	add_text(&w->keys, bytes, len);
}

void gguf_put_entry(struct gguf_writer *w, const struct gguf_entry *entry)
{
	add_key(w, entry->key.at, entry->key.len, entry->type);
	buf_add(&w->keys, entry->at, entry->len);
}

static size_t aligned(size_t n)
{
	return (n + GGUF_ALIGNMENT - 1) / GGUF_ALIGNMENT * GGUF_ALIGNMENT;
}

void gguf_put_tensor(struct gguf_writer *w, const struct tensor *t)
{
	uint32_t number = gguf_tensor_number(t->dtype);
	const struct gguf_tensor_type *type = gguf_tensor_type_find(number);
	size_t n = tensor_elements(t), len = strlen(t->name);

	if (w->begun || len > GGUF_MAX_NAME || n % type->block != 0)
		BUG("tensor \"%s\" cannot be put", t->name);
	add_text(&w->tensors, t->name, len);
	add_u32(&w->tensors, t->dims);
	for (unsigned i = t->dims; i > 0; i--)
		add_u64(&w->tensors, t->shape[i - 1]);
	add_u32(&w->tensors, number);
	add_u64(&w->tensors, w->end);
	vec_push(&w->sizes, n / type->block * type->bytes);
	w->end = aligned(w->end + w->sizes.at[w->sizes.n - 1]);
}

static int add_zeros(struct gguf_writer *w, size_t n, struct err *err)
{
	static const char zeros[GGUF_ALIGNMENT] = {0};

	return file_writer_add(&w->file, zeros, n, err);
}

static int write_header(struct gguf_writer *w, struct err *err)
{
	struct buf head = {0};
	size_t len;
	int result = -1;

	if (w->strings > 0)
		BUG("an array of strings lacks %zu", w->strings);
	w->begun = true;
	add_u32(&head, GGUF_MAGIC);
	add_u32(&head, VERSION);
	add_u64(&head, w->sizes.n);
	add_u64(&head, w->n_keys);
	len = head.len + w->keys.len + w->tensors.len;
	if (file_writer_add(&w->file, head.at, head.len, err) == 0 &&
		file_writer_add(&w->file, buf_str(&w->keys), w->keys.len, err) == 0 &&
		file_writer_add(&w->file, buf_str(&w->tensors), w->tensors.len, err) == 0)
		result = add_zeros(w, aligned(len) - len, err);
	buf_release(&head);
	buf_release(&w->keys);
	buf_release(&w->tensors);
	return result;
}

/* Closes the tensors whose data is complete, with the zeros up to the next. */
static int end_tensors(struct gguf_writer *w, struct err *err)
{
	while (w->at < w->sizes.n && w->done == w->sizes.at[w->at]) {
		if (add_zeros(w, aligned(w->done) - w->done, err) < 0)
			return -1;
		w->at++;
		w->done = 0;
	}
	return 0;
}

int gguf_writer_data(struct gguf_writer *w, const void *bytes, size_t len, struct err *err)
{
	const unsigned char *at = bytes;

	if (!w->begun && write_header(w, err) < 0)
		return -1;
	while (len > 0) {
		size_t n;

		if (end_tensors(w, err) < 0)
			return -1;
		if (w->at == w->sizes.n)
			BUG("%zu bytes more than the tensors have", len);
		n = w->sizes.at[w->at] - w->done;
		if (n > len)
			n = len;
		if (file_writer_add(&w->file, at, n, err) < 0)
			return -1;
		w->done += n;
		at += n;
		len -= n;
	}
	return end_tensors(w, err);
}

int gguf_writer_commit(struct gguf_writer *w, struct err *err)
{
	if (gguf_writer_data(w, "", 0, err) < 0)
		return -1;
	if (w->at < w->sizes.n)
		BUG("tensor %zu of %zu lacks data", w->at + 1, w->sizes.n);
	return file_writer_commit(&w->file, err);
}

void gguf_writer_release(struct gguf_writer *w)
{
	file_writer_release(&w->file);
	buf_release(&w->keys);
	buf_release(&w->tensors);
	vec_release(&w->sizes);
}
