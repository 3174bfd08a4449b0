/* Any bytes as text for two tokenizers that lose nothing: what comes back is what went in. */
#include <string.h>

#include "fuzz.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "text/tokenizer.h"

static struct tokenizer *load(struct buf *json)
{
	struct tokenizer *t = NULL;
	struct fuzz_file file;
	struct err err;

	fuzz_file_init(&file, (const uint8_t *)json->at, json->len);
	if (tokenizer_load(&t, file.path, &err) < 0)
		BUG("%s", err.msg);
	fuzz_file_release(&file);
	buf_release(json);
	return t;
}

/* Llama 3's way: GPT-2's characters for bytes (those that print are themselves, the others follow from U+0100). */
static struct tokenizer *make_byte_level(void)
{
	struct buf json = {0};
	uint32_t others = 0x100;

	buf_addstr(&json, "{\"model\":{\"vocab\":{");
	for (uint32_t byte = 0; byte < 256; byte++) {
		bool prints = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;

		buf_addf(&json, "\"\\u%04x\":%u,", prints ? byte : others++, byte);
	}
	buf_addstr(&json, "\"\\u0120\\u0120\":256,\"\\u0120a\":257,\"aa\":258,\"aaaa\":259},"
			  "\"merges\":[\"aa aa\",\"a a\",\"\\u0120 a\",\"\\u0120 \\u0120\"]},"
			  "\"added_tokens\":[{\"id\":260,\"content\":\"<s>\",\"special\":true}],"
			  "\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\","
			  "\"behavior\":\"Isolated\",\"pattern\":{\"Regex\":\"(?i:'s|'t)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?"
			  "\\\\p{L}+|\\\\p{N}{1,3}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|"
			  "\\\\s+(?!\\\\S)|\\\\s+\"}},{\"type\":\"ByteLevel\",\"add_prefix_space\":false,"
			  "\"use_regex\":false}]},\"decoder\":{\"type\":\"ByteLevel\"}}");
	return load(&json);
}

/* Llama 2's way: "▁" for spaces and before the text, <0xNN> for bytes without a token. */
static struct tokenizer *make_byte_fallback(void)
{
	struct buf json = {0};

	buf_addstr(&json, "{\"model\":{\"byte_fallback\":true,\"unk_token\":\"<unk>\",\"vocab\":{\"<unk>\":0,");
	for (unsigned byte = 0; byte < 256; byte++)
		buf_addf(&json, "\"<0x%02X>\":%u,", byte, byte + 1);
	buf_addstr(&json,
		"\"a\":257,\"▁\":258,\"▁a\":259,\"aa\":260,\"▁▁\":261},"
		"\"merges\":[[\"▁\",\"▁\"],[\"a\",\"a\"],[\"▁\",\"a\"]]},"
		"\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Prepend\",\"prepend\":\"▁\"},"
		"{\"type\":\"Replace\",\"pattern\":{\"String\":\" \"},\"content\":\"▁\"}]},"
		"\"decoder\":{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"Replace\","
		"\"pattern\":{\"String\":\"▁\"},\"content\":\" \"},{\"type\":\"ByteFallback\"},"
		"{\"type\":\"Fuse\"},{\"type\":\"Strip\",\"content\":\" \",\"start\":1,\"stop\":0}]}}");
	return load(&json);
}

static void check(const struct tokenizer *t, const char *text, size_t len)
{
	struct vec_u32 ids = {0};
	struct buf back = {0};
	size_t unknown = 0;
	struct err err;

	if (tokenizer_encode(t, text, len, false, &ids, &unknown, &err) < 0) {
		FUZZ_CHECK(err.code == ERR_VALUE && !utf8_valid(text, len) && ids.n == 0);
	} else {
		FUZZ_CHECK(unknown == 0);
		FUZZ_CHECK(tokenizer_decode(t, ids.at, ids.n, false, &back, &err) == 0);
		FUZZ_CHECK(back.len == len && (len == 0 || memcmp(back.at, text, len) == 0));
	}
	vec_release(&ids);
	buf_release(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct tokenizer *byte_level, *byte_fallback; /* made once for all inputs */
	static const char space[] = "▁";

	if (!byte_level) {
		byte_level = make_byte_level();
		byte_fallback = make_byte_fallback();
	}
	check(byte_level, (const char *)data, len);
	if (!memmem(data, len, space, sizeof(space) - 1)) /* which comes back as a space, in the original too */
		check(byte_fallback, (const char *)data, len);
	return 0;
}
