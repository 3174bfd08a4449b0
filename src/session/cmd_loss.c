/*
 * An objective's value over a few cases, and its gradients in a file: for looking at what training would do, and for
 * checking it against other programs.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/transformer.h"
#include "session/cmdtab.h"
#include "session/record.h"
#include "train/loss.h"
#include "train/trainer.h"

enum { ARG_OBJECTIVE, ARG_CASES, ARG_K, ARG_XI, ARG_LAMBDA, ARG_FULL, ARG_GRAD };

/* LoRA's published shape, for a model without an adapter. */
#define FRESH_RANK 8
#define FRESH_ALPHA 16

/* What one run of the command holds. Zeroed is empty. */
struct inquiry {
	struct session *s;
	VEC(struct rec_case) cases;
	struct examples examples;
	bool has_examples;
	struct vec_u32 ids; /* of all examples */
	struct trainable trained;
	struct loss_work *work;
	float *grad;
	struct loss_result result;
};

static void inquiry_release(struct inquiry *q)
{
	free(q->grad);
	loss_free(q->work);
	trainable_release(&q->trained);
	if (q->has_examples)
		examples_release(&q->examples);
	vec_release(&q->ids);
	vec_release(&q->cases);
}

static int check_reachable(const struct session *s, const struct rec_case *rc, struct err *err)
{
	const struct catalogue *c = &s->loaded.data->dataset->catalogue;

	if (rc->positive == ITEM_NONE)
		return err_set(
			err, ERR_VALUE, "case '%s' has no positive item in the catalogue, and so no loss", rc->id);
	if (c->first[rc->positive] == c->first[rc->positive + 1])
		return err_set(err, ERR_VALUE, "item '%s' of case '%s' has no tokens, and so no loss",
			c->items[rc->positive].id, rc->id);
	if (s->loaded.search->trie.item_leaf[rc->positive] == TRIE_NONE)
		return err_set(err, ERR_VALUE,
			"item '%s' of case '%s' is hidden by end leaf, its tokens begin another item's: use --end eos",
			c->items[rc->positive].id, rc->id);
	return 0;
}

/* Ids separated by commas; one that is given twice counts twice. */
static int find_cases(struct inquiry *q, const char *list, struct err *err)
{
	const struct dataset *d = q->s->loaded.data->dataset;

	for (const char *at = list; at; at = strchr(at, ',')) {
		char *id;
		const struct rec_case *rc;

		at += at > list;
		id = xstrndup(at, strcspn(at, ","));
		rc = dataset_case(d, (enum split_kind)q->s->now.split, id, err);
		free(id);
		if (!rc || check_reachable(q->s, rc, err))
			return -1;
		vec_push(&q->cases, *rc);
	}
	return 0;
}

static int make_batch(struct inquiry *q, struct err *err)
{
	const struct loaded *l = &q->s->loaded;
	const struct example_source source = {
		.data = l->data->dataset,
		.tokenizer = l->model->tokenizer,
		.template = l->data->template,
		.trie = &l->search->trie,
		.max_history = (size_t)q->s->now.max_history,
		.max_tokens = l->model->lm->max_tokens,
		.vocab = l->model->lm->vocab,
	};

	if (examples_init(&q->examples, &source, q->cases.at, q->cases.n, TARGETS_LAST, err))
		return -1;
	q->has_examples = true;
	for (size_t i = 0; i < q->examples.at.n; i++)
		vec_push(&q->ids, (uint32_t)i);
	return 0;
}

static int make_trained(struct inquiry *q, bool full, struct err *err)
{
	const struct lm *lm = q->s->loaded.model->lm;
	const struct adapter_config fresh = {.r = FRESH_RANK, .alpha = FRESH_ALPHA};
	struct rng rng;

	if (full)
		return trainable_init_full(&q->trained, lm, err);
	rng_seed(&rng, (uint64_t)q->s->now.seed);
	return trainable_init_lora(&q->trained, lm, &fresh, &rng, err);
}

static int check_memory(const struct inquiry *q, const struct objective *o, struct err *err)
{
	struct batch_size size;
	size_t needed, there = mem_available();

	batch_measure(&size, &q->s->loaded.search->trie, &q->examples, q->ids.at, q->ids.n);
	needed = loss_bytes(&q->trained, o, &size, false);
	if (needed <= there)
		return 0;
	return err_set(err, ERR_MEMORY,
		"the loss of %zu case%s needs %zu MiB, and %zu MiB are there: give fewer cases, or shorten their "
		"histories with --max-history",
		q->ids.n, q->ids.n == 1 ? "" : "s", needed >> 20, there >> 20);
}

static int find_loss(struct inquiry *q, const struct objective *o, const struct objective_params *p, bool with_grad,
	struct err *err)
{
	const struct loaded *l = &q->s->loaded;
	struct loss_request request = {.trained = &q->trained, .objective = o, .params = *p, .examples = &q->examples};

	if (check_memory(q, o, err))
		return -1;
	if (with_grad) {
		q->grad = mem_try_alloc(q->trained.elements, sizeof(*q->grad), true, "the gradients", err);
		if (!q->grad)
			return -1;
	}
	request.grad = q->grad;
	request.ids = q->ids.at;
	request.n = q->ids.n;
	if (loss_new(&q->work, l->model->kern, &l->search->trie, false, err))
		return -1;
	return loss_run(q->work, &request, &q->result, &q->s->cancel, err);
}

static json_t *loss_record(const struct inquiry *q, const struct objective *o, const struct objective_params *p)
{
	json_t *v = json_object(), *parameters = json_object(), *cases = json_array();

	json_object_set_new(parameters, "tau", record_real(p->tau));
	json_object_set_new(parameters, "K", record_count(p->K));
	json_object_set_new(parameters, "xi", record_real(p->xi));
	json_object_set_new(parameters, "lambda", record_real(p->lambda));
	for (size_t i = 0; i < q->cases.n; i++)
		json_array_append_new(cases, record_string(q->cases.at[i].id));
	json_object_set_new(v, "objective", record_string(o->name));
	json_object_set_new(v, "parameters", parameters);
	json_object_set_new(v, "cases", cases);
	json_object_set_new(v, "tokens", record_count(q->result.tokens));
	json_object_set_new(v, "loss", record_real(q->result.loss));
	return v;
}

/* An objective with its parameters, written as for train: "bear:lambda=4". */
static int parse_objective(
	struct runner_config *r, const struct session *s, const struct cmd_args *a, struct err *err)
{
	const struct objective_params p = {
		.tau = s->now.tau,
		.K = (size_t)a->number[ARG_K],
		.xi = a->number[ARG_XI],
		.lambda = a->number[ARG_LAMBDA],
	};
	struct runner_config all[TRAIN_RUNNERS];
	size_t n;

	if (runners_parse(all, &n, a->text[ARG_OBJECTIVE], &p, err))
		return -1;
	if (n > 1)
		return err_set(err, ERR_USAGE, "'%s' are %zu objectives: give one", a->text[ARG_OBJECTIVE], n);
	*r = all[0];
	return 0;
}

static int loss_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	struct inquiry q = {.s = s};
	struct runner_config r = {.objective = NULL};
	int failed;

	if (parse_objective(&r, s, a, err))
		return -1;
	if (s->loaded.model->is_table)
		return err_set(err, ERR_UNSUPPORTED,
			"model '%s' is a probability table: it has no weights that a loss could change; name a Hugging "
			"Face directory with -m",
			s->loaded.model->path);
	failed = find_cases(&q, a->text[ARG_CASES], err) || make_batch(&q, err) ||
		make_trained(&q, a->given[ARG_FULL], err) ||
		find_loss(&q, r.objective, &r.params, a->given[ARG_GRAD], err) ||
		(a->given[ARG_GRAD] && trainable_write(&q.trained, q.grad, a->text[ARG_GRAD], err));
	if (!failed)
		out_record(out, loss_record(&q, r.objective, &r.params));
	inquiry_release(&q);
	return failed ? -1 : 0;
}

static void loss_text(const json_t *record, struct out *out)
{
	const char *name = json_string_value(json_object_get(record, "objective"));
	const json_t *parameters = json_object_get(record, "parameters");
	size_t cases = json_array_size(json_object_get(record, "cases"));
	struct err unused;
	const struct objective *o = objective_find(name, &unused);

	if (o)
		out_text(out, "%s: %s\n", name, o->summary);
	out_text(out, "tau %g", json_number_value(json_object_get(parameters, "tau")));
	if (o && objective_regularises(o))
		out_text(out, ", K %lld, xi %g, lambda %g",
			(long long)json_integer_value(json_object_get(parameters, "K")),
			json_number_value(json_object_get(parameters, "xi")),
			json_number_value(json_object_get(parameters, "lambda")));
	out_text(out, "\n\n");
	out_text(out, "loss %.4f over %lld tokens of %zu case%s\n",
		json_number_value(json_object_get(record, "loss")),
		(long long)json_integer_value(json_object_get(record, "tokens")), cases, cases == 1 ? "" : "s");
}

static const struct out_column loss_columns[] = {
	{"objective", "objective", NULL, false, false},
	{"parameters.tau", "tau", "%g", true, false},
	{"parameters.K", "K", "%.0f", true, false},
	{"parameters.xi", "xi", "%g", true, false},
	{"parameters.lambda", "lambda", "%g", true, false},
	{"cases", "cases", NULL, false, false},
	{"tokens", "tokens", "%.0f", true, false},
	{"loss", "loss", "%.4f", true, false},
	{NULL, NULL, NULL, false, false},
};

const struct cmd_entry cmd_loss = {
	.name = "loss",
	.group = "Train",
	.summary = "give an objective's loss over a batch of cases, and its gradients",
	.details = "The temperature is the option tau.\n\n"
		"The gradients are those of all weights with --full, else those of the adapter that is loaded, or of a "
		"fresh one where there is none: on q_proj and v_proj, on c_attn of GPT-2, as PEFT has it (rank 8, "
		"alpha 16, drawn from the option seed). "
		"Nothing is changed but the file of --grad.",
	.more = cmd_list_objectives,
	.args = {
		[ARG_OBJECTIVE] = {.name = "OBJECTIVE", .type = ARG_WORD, .required = true, .source = FROM_OBJECTIVES,
			.help = "one of these"},
		[ARG_CASES] = {.name = "--cases", .type = ARG_WORD, .source = FROM_CASE_LIST,
			.value = "IDS", .required = true, .help = "ids of the batch's cases, separated by commas"},
		[ARG_K] = {.name = "--K", .type = ARG_INT, .min = 1, .max = 1e6, .dflt = "10",
			.help = "rank that each token shall reach; direct: width of the search"},
		[ARG_XI] = {.name = "--xi", .type = ARG_REAL, .min = 1e-4, .max = 1e4, .dflt = "2.75",
			.help = "softness of the comparison, in nats"},
		[ARG_LAMBDA] = {.name = "--lambda", .type = ARG_REAL, .max = 1e6, .dflt = "0.25",
			.help = "weight of the regulariser"},
		[ARG_FULL] = {.name = "--full", .type = ARG_FLAG,
			.help = "gradients of all weights, not of an adapter"},
		[ARG_GRAD] = {.name = "--grad", .type = ARG_PATH, .source = FROM_FILES,
			.help = "write the gradients to this file (safetensors, the names of HF or PEFT)"},
	},
	.examples = {
		{OFFICE "loss bear --cases 1,2,3", "three cases, as published"},
		{OFFICE "loss direct --cases 1 --K 5 --lambda 1", "against a search of width 5"},
	},
	.flags = CMD_NEEDS_SEARCH | CMD_WORK,
	.exec = loss_exec,
	.text = loss_text,
	.columns = loss_columns,
	.fields = fields_loss,
};
