/* Objectives, training and its log. */
#include "session/fields.h"

#include <string.h>

const struct cmd_field fields_loss[] = {
	FIELD("objective", "text", "the objective"),
	FIELD_OF("parameters", "object", "its parameters, of which it may use none", fields_parameters),
	FIELD("cases", "list of texts", "ids of the cases of the batch"),
	FIELD("tokens", "integer", "label tokens of the batch"),
	FIELD("loss", "number or null", "the loss, in nats a token"),
	FIELDS_END,
};

static const struct cmd_field evaluation[] = {
	FIELD("cases", "integer", "cases of the evaluation"),
	FIELD("undecided", "integer", "those whose exact rank the budget left open"),
	FIELD_OF("*", "object", "the figures of diagnose: \"hr@K\", \"pruning_rate\", ...", fields_mean),
	FIELDS_END,
};

static const struct cmd_field runner[] = {
	FIELD("name", "text", "what it is called: the objective, and what is special"),
	FIELD("objective", "text", "the objective"),
	FIELD_OF("parameters", "object", "its parameters", fields_parameters),
	FIELD("step", "integer", "the last step that it took"),
	FIELD("loss", "number or null", "the loss of that step"),
	FIELD("stopped_early", "boolean", "--patience stopped it"),
	FIELD("checkpoint", "text or null", "its last checkpoint"),
	FIELD("tokens", "integer", "label tokens that it learnt from"),
	FIELD("seconds", "number", "what the steps took"),
	FIELD("tokens_per_second", "number or null", "both divided"),
	FIELD("search_seconds", "number", "what searches in the steps took"),
	FIELD_OF("eval", "object or null", "its last evaluation", evaluation),
	FIELDS_END,
};

static const struct cmd_field examples[] = {
	FIELD("split", "text", "what is trained on"),
	FIELD("sequences", "integer", "its examples"),
	FIELD("targets", "integer", "items that they teach"),
	FIELD("unreachable", "integer", "items left out, which no search can return"),
	FIELD("longest", "integer", "tokens of the longest example"),
	FIELDS_END,
};

static const struct cmd_field held_out[] = {
	FIELD("split", "text or null", "what is evaluated on"),
	FIELD("cases", "integer", "how many cases of it"),
	FIELD("for_lack_of_another", "boolean", "it is not the one that was asked for, which the data lacks"),
	FIELDS_END,
};

static const struct cmd_field run_runner[] = {
	FIELD("name", "text", "what it is called"),
	FIELD("objective", "text", "the objective"),
	FIELDS_OF(fields_parameters),
	FIELDS_END,
};

static const struct cmd_field lora[] = {
	FIELD("r", "integer", "rank of the adapter"),
	FIELD("alpha", "number", "its alpha"),
	FIELD("dropout", "number", "its dropout"),
	FIELD("rslora", "boolean", "alpha is divided by sqrt(r)"),
	FIELD("targets", "text", "the projections that it adapts"),
	FIELDS_END,
};

struct filter {
	void (*add)(void *arg, const struct cmd_field *f);
	void *arg;
};

static void add_unless_idle(void *arg, const struct cmd_field *f)
{
	static const char *const idle[] = {"split", "scan"}; /* no part in training */
	const struct filter *to = arg;

	for (size_t i = 0; i < ARRAY_LEN(idle); i++)
		if (!strcmp(f->path, idle[i]))
			return;
	to->add(to->arg, f);
}

static void add_settings(void (*add)(void *arg, const struct cmd_field *f), void *arg)
{
	struct filter to = {add, arg};

	fields_add_options(add_unless_idle, &to);
}

/* What run.json, the log's first line and the record's "settings" hold alike. */
static const struct cmd_field run[] = {
	FIELD("program", "text", "the program and its version"),
	FIELD_OF("runners", "list of objects", "the objectives that race", run_runner),
	FIELD("full", "boolean", "all weights are trained"),
	FIELD_OF("lora", "object or null", "the adapter that is trained; null with --full", lora),
	FIELD("examples", "integer", "examples of the training split"),
	FIELD("sequences", "integer", "token sequences that can be returned"),
	FIELD("steps", "integer", "--steps"),
	FIELD("epochs", "integer", "--epochs"),
	FIELD("updates", "integer", "steps of the whole run"),
	FIELD("batch", "integer", "examples of a batch"),
	FIELD("accumulate", "integer", "batches of a step"),
	FIELD("batches", "text or null", "the file that says the batches"),
	FIELD("lr", "number", "learning rate"),
	FIELD("schedule", "text", "its course"),
	FIELD("warmup", "integer", "steps in which it rises"),
	FIELD("clip", "number", "norm that gradients are clipped to"),
	FIELD("weight_decay", "number", "weight decay"),
	FIELD("seed", "integer", "of everything that is drawn"),
	FIELD("recompute", "boolean", "activations are computed twice to save memory"),
	FIELD("eval_every", "integer", "steps between two evaluations"),
	FIELD("eval_cases", "integer", "cases of an evaluation that were asked for"),
	FIELD("held_out", "integer", "cases that there are"),
	FIELD("eval_mask", "text", "mask of the evaluation"),
	FIELD("eval_tau", "number", "its temperature"),
	FIELD("eval_beam", "integer", "its beam width"),
	FIELD("patience", "integer", "evaluations without a gain that end a runner; 0: none do"),
	FIELD("save_every", "integer", "steps between two checkpoints"),
	FIELD("keep", "integer", "checkpoints that are kept"),
	FIELD("save_dtype", "text", "type of what is saved"),
	FIELD("model", "text", "path of the model"),
	FIELD("adapter", "text or null", "path of the adapter that it began with"),
	FIELD("data", "text", "path of the dataset"),
	FIELDS_MORE(add_settings),
	FIELD("threads", "integer", "threads"),
	FIELD("log", "text or null", "the log"),
	FIELD("targets", "text", "\"last\": the positive item alone, or \"all\""),
	FIELD("eval_split", "text or null", "what is evaluated on"),
	FIELDS_END,
};

const struct cmd_field fields_train[] = {
	FIELD("finished", "boolean", "all steps are taken"),
	FIELD("step", "integer", "the last step"),
	FIELD("steps", "integer", "steps of the run"),
	FIELD_OF("runners", "list of objects", "one an objective", runner),
	FIELD_OF("train", "object", "what was trained on", examples),
	FIELD_OF("held_out", "object", "what was evaluated on", held_out),
	FIELD("memory", "integer", "bytes that the training took at most"),
	FIELD("folder", "text or null", "the folder of the run"),
	FIELD("notes", "list of texts", "what a reader should know besides"),
	FIELD("next", "list of texts", "command lines that open what was trained"),
	FIELD("resume", "text or null", "the command line that goes on with it"),
	FIELD_OF("settings", "object", "what it went by: all that run.json in the folder holds", run),
	FIELDS_END,
};

static const struct cmd_field values_of_eval[] = {
	FIELD("*", "number or null", "under the name of the figure"),
	FIELDS_END,
};

static const struct cmd_field counts_of_eval[] = {
	FIELD("*", "integer", "under the name of the figure"),
	FIELDS_END,
};

static const struct cmd_field logged[] = {
	FIELD("hr@K", "number or null", "hit rate: the positive item is among the first K, which is B"),
	FIELD("ndcg@K", "number or null", "NDCG"),
	FIELD("exact_hr@K", "number or null", "hit rate of an exact search"),
	FIELD("exact_ndcg@K", "number or null", "NDCG of an exact search"),
	FIELD("pruning_rate", "number or null", "of the cases within the exact best B, those incorrectly pruned"),
	FIELD("search_recall@K", "number or null", "of the exact best B items, those returned"),
	FIELD("lucky", "number or null", "of the cases returned, those whose exact rank is beyond B"),
	FIELD("condition_violated", "number or null", "of the reachable cases, those in which BEAR's condition fails"),
	FIELD("nll_before", "number or null", "-log P of the positive item under mask before"),
	FIELD("nll_after", "number or null", "-log P of the positive item under mask after"),
	FIELD("cases", "integer", "cases of the evaluation"),
	FIELD("undecided", "integer", "those whose exact rank the budget left open"),
	FIELD_OF("low", "object", "the lower ends of the figures' 95 % intervals", values_of_eval),
	FIELD_OF("high", "object", "the upper ends", values_of_eval),
	FIELD_OF_WHEN("count", "object", "in the log", "of a share: of how many cases it holds", counts_of_eval),
	FIELD_OF_WHEN("n", "object", "in the log", "of how many cases each is", counts_of_eval),
	FIELDS_END,
};

#define OF_STEP "of a step"

static const struct cmd_field later[] = {
	FIELD("objective", "text", "name of the runner"),
	FIELD("step", "integer", "its step"),
	FIELD_WHEN("loss", "number or null", OF_STEP, "the loss of its batch"),
	FIELD_WHEN("lr", "number or null", OF_STEP, "the learning rate"),
	FIELD_WHEN("grad_norm", "number or null", OF_STEP, "norm of the gradients before clipping"),
	FIELD_WHEN("tokens", "integer", OF_STEP, "label tokens of its batch"),
	FIELD("seconds", "number or null", "what it took"),
	FIELD_WHEN("search_seconds", "number or null", "of a step with a search", "what the search took of them"),
	FIELD_OF_WHEN("eval", "object", "of an evaluation", "its figures", logged),
	FIELDS_END,
};

#define LOGGED "from a run's folder"

static const struct cmd_field curves_line[] = {
	FIELD("objective", "text", "name of the runner"),
	FIELD("step", "integer", "its step"),
	FIELD_WHEN("loss", "number or null", OF_STEP, "the loss of its batch"),
	FIELD_WHEN("smoothed", "number or null", "of a step of this session", "the loss as the curve has it"),
	FIELD_WHEN("lr", "number or null", OF_STEP, "the learning rate"),
	FIELD_WHEN("grad_norm", "number or null", OF_STEP, "norm of the gradients before clipping"),
	FIELD_WHEN("tokens", "integer", LOGGED, "label tokens of its batch"),
	FIELD_WHEN("seconds", "number or null", LOGGED, "what it took"),
	FIELD_OF_WHEN("eval", "object", "of an evaluation", "its figures", logged),
	FIELDS_END,
};

const struct cmd_field fields_curves_file[] = {
	FIELD("objectives", "list of texts", "names of the runners"),
	FIELD_OF("settings", "object or null", "what the run went by; null where it is of this session", run),
	FIELD("thinned", "boolean", "steps are left out"),
	FIELD_OF("lines", "list of objects", "one a step and one an evaluation", curves_line),
	FIELD_OF("exported", "object", "what wrote the file", fields_exported),
	FIELDS_END,
};

static const struct cmd_field log_line[] = {
	FIELDS_OF_WHEN("in the first line", run),
	FIELDS_OF_WHEN("in all others", later),
	FIELDS_END,
};

const struct cmd_file files_train[] = {
	{"--log FILE",
		"the settings, then one line a step and one an evaluation; --out DIR holds it as log.jsonl", log_line},
	{NULL, NULL, NULL},
};

const struct cmd_field fields_job[] = {
	FIELD("asked", "text", "\"pause\", \"resume\" or \"stop\""),
	FIELD("job", "text or null", "the command line of the job"),
	FIELDS_END,
};
