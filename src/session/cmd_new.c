/*
 * Fresh models: new.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/config.h"
#include "model/fresh.h"
#include "model/params.h"
#include "session/cmdtab.h"
#include "session/record.h"
#include "store/folder.h"
#include "text/bpe_learn.h"

enum new_arg {
	NEW_DIR,
	NEW_LAYERS,
	NEW_HIDDEN,
	NEW_HEADS,
	NEW_KV_HEADS,
	NEW_FFN,
	NEW_VOCAB,
	NEW_POSITIONS,
	NEW_UNTIED,
};

/* The ids that the special tokens get, by their order. */
enum {
	ID_BOS,
	ID_EOS
};

static const struct bpe_special specials[] = {
	{"<s>", "bos_token"}, {"</s>", "eos_token"}, /* as the template `sequence` has it */
	{"<unk>", "unk_token"},                      /* for a codebook, which cannot spell all texts */
};

#define N_SPECIALS 2
#define N_CODEBOOK_SPECIALS ARRAY_LEN(specials)
#define ROPE_THETA 10000

/* What is being made. */
struct making {
	const struct data_stage *data;
	const struct catalogue *catalogue;
	const char *dir; /* where the files are written */
	struct arena arena;
	struct map known;           /* texts, or tokens of the codebook */
	VEC(const char *) distinct; /* the same, in order */
	size_t n_texts;             /* distinct */
	struct fresh_model model;
	struct spelling spelling;
	struct trie trie;
	size_t longest_case; /* tokens */
	size_t parameters;
};

static bool by_index(const struct making *m)
{
	return m->data->items == ITEM_INDEX;
}

/* Adds a text that is not there yet; it must live as long as m. */
static void add_distinct(struct making *m, const char *text, size_t len)
{
	uint32_t known;
	bool added;

	if (map_get(&m->known, text, len, &known))
		return;
	text = arena_strndup(&m->arena, text, len);
	map_put(&m->known, text, len, (uint32_t)m->distinct.n, &added);
	vec_push(&m->distinct, text);
}

static void forget_distinct(struct making *m)
{
	map_release(&m->known);
	map_init(&m->known, 0);
	vec_clear(&m->distinct);
}

static void collect_texts(struct making *m)
{
	for (size_t i = 0; i < m->catalogue->n; i++)
		if (!m->catalogue->items[i].no_text)
			add_distinct(m, m->catalogue->items[i].text, strlen(m->catalogue->items[i].text));
	m->n_texts = m->distinct.n;
}

/* As numbers where they hold some: <a_9> before <a_10>. */
static int compare_codes(const void *a, const void *b)
{
	return strverscmp(*(const char *const *)a, *(const char *const *)b);
}

/* The tokens of all semantic ids; each ends with ">", and holds no other. */
static void collect_codes(struct making *m)
{
	for (size_t i = 0; i < m->catalogue->n; i++)
		for (const char *at = m->catalogue->items[i].index, *end; *at; at = end) {
			end = strchr(at, '>') + 1;
			add_distinct(m, at, (size_t)(end - at));
		}
	qsort(m->distinct.at, m->distinct.n, sizeof(*m->distinct.at), compare_codes);
}

static int write_vocabulary(struct making *m, size_t vocab, struct err *err)
{
	if (!by_index(m))
		return bpe_learn(
			m->dir, m->distinct.at, m->distinct.n, vocab, specials, N_SPECIALS, &m->model.vocab, err);
	forget_distinct(m);
	collect_codes(m);
	return codebook_write(
		m->dir, m->distinct.at, m->distinct.n, specials, N_CODEBOOK_SPECIALS, &m->model.vocab, err);
}

/* Spells the items as the template `sequence` does, in the tokens of the file that was written. */
static int spell(struct making *m, struct err *err)
{
	struct tokenizer *t = NULL;
	struct vec_u32 ids = {0};
	int ret = -1;

	m->spelling.eos = ID_EOS;
	if (tokenizer_load(&t, m->dir, err))
		goto out;
	for (size_t i = 0; i < m->catalogue->n; i++) {
		const char *text = m->catalogue->items[i].text;

		vec_clear(&ids);
		if (tokenizer_encode(t, text, strlen(text), false, &ids, NULL, err))
			goto out;
		spelling_add(&m->spelling, ids.at, ids.n);
	}
	vec_push(&m->spelling.first, m->spelling.tokens.n);
	ret = trie_init(&m->trie, m->spelling.tokens.at, m->spelling.first.at, m->catalogue->n, ID_EOS, END_EOS, err);
out:
	tokenizer_free(t);
	vec_release(&ids);
	return ret;
}

static size_t item_tokens(const struct making *m, uint32_t item)
{
	return item == ITEM_NONE ? 0 : m->spelling.first.at[item + 1] - m->spelling.first.at[item];
}

/* Tokens of the longest case's history and positive item, and the one that begins the text. */
static size_t find_longest(const struct making *m)
{
	size_t longest = 0;

	for (size_t s = 0; s < SPLIT_COUNT; s++)
		for (size_t i = 0; i < m->data->dataset->splits[s].n; i++) {
			const struct rec_case *c = &m->data->dataset->splits[s].cases[i];
			size_t n = 1 + item_tokens(m, c->positive);

			for (size_t h = 0; h < c->n_history; h++)
				n += item_tokens(m, c->history[h]);
			longest = n > longest ? n : longest;
		}
	return longest;
}

static size_t power_of_two(size_t least)
{
	size_t n = 128;

	while (n < least)
		n *= 2;
	return n;
}

static size_t argument(const struct cmd_args *a, enum new_arg arg, size_t otherwise)
{
	return a->given[arg] ? (size_t)a->number[arg] : otherwise;
}

static void choose_shape(struct making *m, const struct cmd_args *a, uint64_t seed)
{
	struct fresh_model *f = &m->model;

	f->layers = (size_t)a->number[NEW_LAYERS];
	f->hidden = (size_t)a->number[NEW_HIDDEN];
	f->heads = (size_t)a->number[NEW_HEADS];
	f->kv_heads = argument(a, NEW_KV_HEADS, f->heads);
	f->intermediate = argument(a, NEW_FFN, (f->hidden * 8 + 95) / 96 * 32);
	f->max_positions = argument(a, NEW_POSITIONS, power_of_two(m->longest_case));
	f->tied = !a->given[NEW_UNTIED];
	f->bos = ID_BOS;
	f->eos = ID_EOS;
	f->rope_theta = ROPE_THETA;
	f->seed = seed;
}

static int count_parameters(struct making *m, struct err *err)
{
	struct model_config c;
	struct params p;

	if (model_config_read(&c, m->dir, err) || params_init(&p, &c, err))
		return -1;
	m->parameters = p.elements;
	params_release(&p);
	return 0;
}

static int check_dataset(const struct making *m, const struct cmd_args *a, struct err *err)
{
	const char *name = m->data->dataset->name;

	if (m->data->dataset->tokens_only)
		return err_set(err, ERR_VALUE,
			"dataset '%s' is made of token ids: a vocabulary is made of titles or semantic ids", name);
	if (by_index(m) && a->given[NEW_VOCAB])
		return err_set(err, ERR_USAGE,
			"--vocab: the vocabulary is the codebook of dataset '%s', whose size is what it is", name);
	if (m->n_texts == 0)
		return err_set(err, ERR_VALUE, "dataset '%s' has no items to make a vocabulary of", name);
	return 0;
}

static int make_files(struct making *m, const struct cmd_args *a, uint64_t seed, struct err *err)
{
	if (write_vocabulary(m, (size_t)a->number[NEW_VOCAB], err) || spell(m, err))
		return -1;
	m->longest_case = find_longest(m);
	choose_shape(m, a, seed);
	if (fresh_model_write(m->dir, &m->model, err))
		return -1;
	return count_parameters(m, err);
}

/* The options by which program and model understand each other. */
static json_t *options_to_use(const struct making *m)
{
	struct buf b = {0};
	json_t *v;

	buf_addstr(&b, "--template sequence");
	if (by_index(m))
		buf_addstr(&b, " --items index");
	else if (m->data->title_words > 0)
		buf_addf(&b, " --title-words %ld", m->data->title_words);
	v = json_string(buf_str(&b));
	buf_release(&b);
	return v;
}

static json_t *new_record(const struct making *m, const char *path)
{
	const struct fresh_model *f = &m->model;
	size_t spelt = m->catalogue->n - m->spelling.n_empty;
	json_t *v = json_object();

	json_object_set_new(v, "path", record_string(path));
	json_object_set_new(v, "data", record_string(m->data->path));
	json_object_set_new(v, "parameters", record_count(m->parameters));
	json_object_set_new(v, "layers", record_count(f->layers));
	json_object_set_new(v, "hidden", record_count(f->hidden));
	json_object_set_new(v, "heads", record_count(f->heads));
	json_object_set_new(v, "kv_heads", record_count(f->kv_heads));
	json_object_set_new(v, "intermediate", record_count(f->intermediate));
	json_object_set_new(v, "tied", json_boolean(f->tied));
	json_object_set_new(v, "seed", json_integer((json_int_t)f->seed));
	json_object_set_new(v, "max_positions", record_count(f->max_positions));
	json_object_set_new(v, "longest_case", record_count(m->longest_case));
	json_object_set_new(v, "vocabulary", record_count(f->vocab));
	json_object_set_new(v, "items", json_string(by_index(m) ? "index" : "title"));
	json_object_set_new(v, "distinct_texts", record_count(m->n_texts));
	json_object_set_new(v, "without_tokens", record_count(m->spelling.n_empty));
	json_object_set_new(v, "tokens_mean", record_real((double)m->spelling.tokens.n / (double)spelt));
	json_object_set_new(v, "tokens_longest", record_count(m->trie.max_depth));
	json_object_set_new(v, "first_tokens", record_count(trie_n_children(&m->trie, TRIE_ROOT)));
	json_object_set_new(v, "options", options_to_use(m));
	return v;
}

static void making_init(struct making *m, const struct session *s)
{
	*m = (struct making){.data = s->loaded.data};
	m->catalogue = &m->data->dataset->catalogue;
	arena_init(&m->arena);
	map_init(&m->known, 0);
}

static void making_release(struct making *m)
{
	trie_release(&m->trie);
	spelling_release(&m->spelling);
	vec_release(&m->distinct);
	map_release(&m->known);
	arena_release(&m->arena);
}

static int new_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	struct folder_writer folder = {0};
	struct making m;
	int ret = -1;

	making_init(&m, s);
	collect_texts(&m);
	if (check_dataset(&m, a, err) || folder_writer_init(&folder, a->text[NEW_DIR], err))
		goto out;
	m.dir = folder.temp;
	if (make_files(&m, a, (uint64_t)s->now.seed, err) || folder_writer_commit(&folder, err))
		goto out;
	out_record(out, new_record(&m, folder.path));
	ret = 0;
out:
	folder_writer_release(&folder);
	making_release(&m);
	return ret;
}

static long long integer(const json_t *record, const char *key)
{
	return (long long)json_integer_value(json_object_get(record, key));
}

static const char *string(const json_t *record, const char *key)
{
	return json_string_value(json_object_get(record, key));
}

static void new_text(const json_t *record, struct out *out)
{
	bool by_title = !strcmp(string(record, "items"), "title");
	struct buf b = {0};

	buf_addstr(&b, "parameters  ");
	buf_addcount(&b, (size_t)integer(record, "parameters"));
	buf_addf(&b, " in %lld layers of %lld with %lld heads and ffn %lld\n", integer(record, "layers"),
		integer(record, "hidden"), integer(record, "heads"), integer(record, "intermediate"));
	buf_addstr(&b, "vocabulary  ");
	buf_addcount(&b, (size_t)integer(record, "vocabulary"));
	buf_addf(&b, " tokens, %s ", by_title ? "learnt from" : "the codebook of");
	buf_addcount(&b, (size_t)integer(record, "distinct_texts"));
	buf_addf(&b, " %s\n", by_title ? "titles" : "semantic ids");
	buf_addf(&b, "items       %.1f tokens each, the longest %lld, begun by %lld different ones\n",
		json_number_value(json_object_get(record, "tokens_mean")), integer(record, "tokens_longest"),
		integer(record, "first_tokens"));
	if (integer(record, "without_tokens") > 0)
		buf_addf(&b, "            %lld without tokens\n", integer(record, "without_tokens"));
	buf_addstr(&b, "positions   ");
	buf_addcount(&b, (size_t)integer(record, "max_positions"));
	buf_addstr(&b, "; the longest case has ");
	buf_addcount(&b, (size_t)integer(record, "longest_case"));
	buf_addstr(&b, " tokens\n");
	out_text(out, "model       ");
	out_shown(out, string(record, "path"));
	out_text(out, "\n%s\nIt has learnt nothing yet. Use it with\n  ", buf_str(&b));
	buf_clear(&b);
	buf_addstr(&b, "beamscope -m ");
	buf_addword(&b, string(record, "path"));
	buf_addstr(&b, " -d ");
	buf_addword(&b, string(record, "data"));
	buf_addf(&b, " %s", string(record, "options"));
	out_shown(out, buf_str(&b));
	out_text(out, "\n");
	buf_release(&b);
}

static const struct out_column new_columns[] = {
	{"path", NULL, NULL, false, false},
	{"parameters", NULL, NULL, false, false},
	{"vocabulary", NULL, NULL, false, false},
	{"tokens_mean", NULL, NULL, false, false},
	{"tokens_longest", NULL, NULL, false, false},
	{"first_tokens", NULL, NULL, false, false},
	{"max_positions", NULL, NULL, false, false},
	{"options", NULL, NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

static void new_tsv(const json_t *record, struct out *out)
{
	out_rows(out, record, new_columns);
}

const struct cmd_entry cmd_new = {
	.name = "new",
	.group = "Train",
	.summary = "make a fresh small Llama-type model for the dataset, to be trained",
	.details = "The vocabulary is learnt from the catalogue: byte-level BPE over the distinct titles (cut as "
		   "title-words says), or, with items index, the codebook of the semantic ids as whole tokens. The "
		   "weights are drawn from the seed, normal with deviation 0.02, norms 1. The directory is one that "
		   "Hugging Face transformers loads.\n\n"
		   "Such a model knows no instructions: the template sequence gives it items and nothing else, and the "
		   "same items and title-words as here must be set when it is used.",
	.args =
		{
			[NEW_DIR] = {.name = "DIR",
				.type = ARG_PATH,
				.required = true,
				.source = FROM_FILES,
				.help = "the directory to make; one that is there must be empty"},
			[NEW_LAYERS] = {.name = "--layers",
				.type = ARG_INT,
				.min = 1,
				.max = 200,
				.dflt = "3",
				.help = "layers"},
			[NEW_HIDDEN] = {.name = "--hidden",
				.type = ARG_INT,
				.min = 2,
				.max = 16384,
				.dflt = "128",
				.help = "hidden size"},
			[NEW_HEADS] = {.name = "--heads",
				.type = ARG_INT,
				.min = 1,
				.max = 256,
				.dflt = "4",
				.help = "attention heads"},
			[NEW_KV_HEADS] = {.name = "--kv-heads",
				.type = ARG_INT,
				.min = 1,
				.max = 256,
				.help = "key-value heads that they share; as many where nothing is said"},
			[NEW_FFN] = {.name = "--ffn",
				.type = ARG_INT,
				.min = 2,
				.max = 65536,
				.help = "inner size of the feed-forward layers; 8/3 of the hidden size, rounded up to "
					"a multiple of 32, where nothing is said"},
			[NEW_VOCAB] = {.name = "--vocab",
				.type = ARG_INT,
				.min = 258,
				.max = 1e6,
				.dflt = "2700",
				.help = "tokens of the vocabulary; fewer where no two stand together twice"},
			[NEW_POSITIONS] = {.name = "--positions",
				.type = ARG_INT,
				.min = 1,
				.max = 1e6,
				.help = "longest sequence; a power of two that the longest case fits into where "
					"nothing is said"},
			[NEW_UNTIED] = {.name = "--untied",
				.type = ARG_FLAG,
				.help = "an output matrix of its own instead of the embedding"},
		},
	.examples =
		{
			{"new small --layers 2 --hidden 64", "over the demo's titles"},
			{"new office-titles -d ../shared/datasets/apao-office --title-words 5",
				"0.95 million parameters, and a vocabulary of its titles"},
			{"new office-ids -d ../shared/datasets/apao-office --items index",
				"the same over semantic ids"},
		},
	.flags = CMD_NEEDS_DATA | CMD_WORK,
	.exec = new_exec,
	.text = new_text,
	.tsv = new_tsv,
	.fields = fields_new,
};
