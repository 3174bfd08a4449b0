#include "text/pre.h"

#include <string.h>

#include "base/mem.h"
#include "text/steps_load.h"

#define ENGLISH_ENDINGS "(?i:'s|'t|'re|'ve|'m|'ll|'d)|"
#define WORDS "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|"
#define REST "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

#define LLAMA3 ENGLISH_ENDINGS WORDS "\\p{N}{1,3}" REST
#define QWEN2 ENGLISH_ENDINGS WORDS "\\p{N}" REST
#define TEKKEN \
	"[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|" \
	"[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|" \
	"\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

#define DEEPSEEK3 \
	"[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+|" \
	" ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

/* Of names that mean the same the first is the one to write. "default" is what other programs make of a file that names
 * none. */
static const struct pre known[] = {
	{.name = "gpt-2", .splits = {steps_gpt2_words}},
	{.name = "gpt2", .splits = {steps_gpt2_words}},
	{.name = "llama-bpe", .splits = {LLAMA3}, .ignore_merges = true, .adds_bos = true},
	{.name = "llama3", .splits = {LLAMA3}, .ignore_merges = true, .adds_bos = true},
	{.name = "llama-v3", .splits = {LLAMA3}, .ignore_merges = true, .adds_bos = true},
	{.name = "dbrx", .splits = {LLAMA3}},
	{.name = "smaug-bpe", .splits = {LLAMA3}},
	{.name = "qwen2", .splits = {QWEN2}, .nfc = true},
	{.name = "deepseek-r1-qwen", .splits = {QWEN2}, .nfc = true},
	{.name = "stablelm2", .splits = {QWEN2}},
	{.name = "smollm", .splits = {"\\p{N}", steps_gpt2_words}},
	{.name = "starcoder", .splits = {"\\p{N}", steps_gpt2_words}},
	{.name = "refact", .splits = {"\\p{N}", steps_gpt2_words}},
	{.name = "deepseek-coder",
		.splits = {"[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", "[一-龥ࠀ-一가-퟿]+", "\\p{N}"}},
	{.name = "deepseek-v3", .splits = {"\\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+", DEEPSEEK3}},
	{.name = "default", .splits = {"[\\p{P}\\$\\+<=>\\^~\\|]+", steps_gpt2_words, "\\p{N}+", "[0-9][0-9][0-9]"}},
	{.name = "tekken", .splits = {TEKKEN}, .ignore_merges = true, .adds_bos = true},
};

const struct pre *pre_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strlen(known[i].name) == len && memcmp(known[i].name, name, len) == 0)
			return &known[i];
	return NULL;
}

void pre_list(struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		buf_addf(out, "%s%s", i > 0 ? ", " : "", known[i].name);
}

/* Whether the steps are the expressions, each match a piece, and then the bytes. */
static bool has_splits(const struct pre *pre, const struct steps *s)
{
	size_t n = 0;

	for (; n < PRE_SPLITS && pre->splits[n]; n++) {
		const struct step *step = &s->list.at[n];

		if (n + 1 >= s->list.n || step->kind != STEP_SPLIT || !step->pattern.expr ||
			strcmp(step->pattern.expr, pre->splits[n]) || step->behavior != SPLIT_ISOLATED || step->invert)
			return false;
	}
	return n + 1 == s->list.n && s->list.at[n].kind == STEP_BYTES;
}

static bool composes(const struct steps *s)
{
	return s->list.n == 1 && s->list.at[0].kind == STEP_UNICODE &&
	       s->list.at[0].form == (UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

const struct pre *pre_of(const struct steps *normalizer, const struct steps *pre_tokenizer, bool ignore_merges)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		const struct pre *pre = &known[i];

		if (pre->ignore_merges == ignore_merges && has_splits(pre, pre_tokenizer) &&
			(pre->nfc ? composes(normalizer) : normalizer->list.n == 0))
			return pre;
	}
	return NULL;
}
