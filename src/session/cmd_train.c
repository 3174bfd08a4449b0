/*
 * Training: one objective, or several that race from the same weights on the same batches.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "session/cmdtab.h"
#include "session/record.h"
#include "session/train_record.h"
#include "session/train_setup.h"
#include "session/training.h"
#include "store/file.h"

/* A race while it runs: what its events are for. */
struct running {
	struct session *session;
	const struct train_setup *setup;
	const struct train_data *data;
	struct scoreboard_words words;
	bool begun;
	double woke; /* when the front-end was last told of a step */
	struct train_told told;
};

static void on_past(void *arg, const struct train_event *e)
{
	scoreboard_past(arg, e);
}

/* The curves of a run that is gone on with begin where the run did. A log that is gone takes only their beginning with
 * it. */
static void take_up_curves(struct running *r, size_t step)
{
	const struct train_config *c = &r->setup->config;
	const struct train_observer past = {on_past, r->session->race};
	char *log = c->log ? xstrdup(c->log) : file_join(c->dir, "log.jsonl");
	struct err err;

	if (train_read_log(log, c, step, r->data->diagnose.beam.width, &past, &err))
		json_array_append_new(r->told.notes, json_sprintf("the curves begin at step %zu: %s", step, err.msg));
	free(log);
}

static void on_event(void *arg, const struct train_event *e)
{
	struct running *r = arg;
	struct session *s = r->session;
	struct race_news news;
	double now = clock_now();

	if (!r->begun)
		scoreboard_begin(s->race, &r->setup->config, &r->words);
	r->begun = true;
	if (e->kind == TRAIN_PLANNED && e->step > 0)
		take_up_curves(r, e->step);
	scoreboard_event(s->race, e, &news);
	if (e->kind == TRAIN_PLANNED)
		r->told.memory = e->memory;
	if (e->kind == TRAIN_NOTE)
		json_array_append_new(r->told.notes, record_string(e->text));
	r->told.steps = s->race->head.steps;
	r->told.step = s->race->head.step;
	if (s->watch)
		s->watch(s->watch_arg, &news);
	if ((e->kind != TRAIN_STEP && e->kind != TRAIN_CASE) || now - r->woke >= RACE_COPY_SECONDS) {
		chan_wake(&s->worker.chan);
		r->woke = now;
	}
}

/* "LoRA r 8 on q_proj,v_proj · 300 steps of 32 · lr 0.0001 constant · seed 0" */
static void add_settings(const struct train_config *c, const struct session *s, struct buf *out)
{
	if (c->full)
		buf_addstr(out, "all weights");
	else if (s->options.adapter)
		buf_addf(out, "adapter %s", s->options.adapter);
	else
		buf_addf(out, "LoRA r %zu on %s", c->lora.r, c->lora.targets);
	if (c->steps > 0)
		buf_addf(out, " · %zu steps", c->steps);
	else
		buf_addf(out, " · %zu epoch%s", c->epochs, c->epochs == 1 ? "" : "s");
	if (!c->batches)
		buf_addf(out, " of %zu", c->batch);
	if (c->accumulate > 1)
		buf_addf(out, " x %zu", c->accumulate);
	buf_addf(out, " · lr %g %s · seed %llu", c->lr, schedule_name(c->schedule), (unsigned long long)c->seed);
}

/* The commands that load what was trained, whatever is loaded then, when the path of a checkpoint is added. */
static void add_opening(const struct train_config *c, const struct session *s, struct buf *out)
{
	buf_addstr(out, "set data ");
	buf_addword(out, s->loaded.data->path);
	buf_addstr(out, "; set adapter ''; load model ");
	if (c->full)
		return;
	buf_addword(out, s->loaded.model->path);
	buf_addstr(out, "; load adapter ");
}

static enum race_ending how_it_ended(int failed, bool finished, const struct err *err)
{
	if (failed)
		return err->code == ERR_CANCELLED ? RACE_STOPPED : RACE_FAILED;
	return finished ? RACE_FINISHED : RACE_STOPPED;
}

/* What the screens say wherever one is; the Train view has the figures. */
static void tell_ended(struct session *s, const char *dir, bool finished)
{
	struct buf b = {0};

	buf_addstr(&b, finished ? "the race is over" : "the race was stopped");
	if (dir) {
		buf_addstr(&b, ", saved in ");
		utf8_show(&b, dir, strlen(dir), false);
	} else {
		buf_addstr(&b, ", nothing was saved");
	}
	session_tell_outcome(s, buf_str(&b));
	buf_release(&b);
}

static int race(struct running *r, const struct train_data *data, struct out *out, struct err *err)
{
	const struct train_observer observer = {on_event, r};
	struct session *s = r->session;
	struct trainer *t = NULL;
	bool finished = false;
	int failed;

	failed = trainer_new(&t, &r->setup->config, data, &observer, err);
	if (!failed)
		failed = trainer_run(t, &s->control, &s->cancel, &finished, err);
	if (!failed && !finished && cancelled(&s->cancel))
		failed = train_stopped(r->setup, &r->told, err);
	if (r->begun)
		scoreboard_end(s->race, how_it_ended(failed, finished, err), failed ? err->msg : "");
	if (!failed) {
		r->told.finished = finished;
		tell_ended(s, r->setup->dir, finished);
		out_record(out, train_record(t, r->setup, data, &r->told, s));
	}
	trainer_free(t);
	return failed;
}

static int race_over(struct session *s, const struct train_setup *setup, struct out *out, struct err *err)
{
	const struct dataset *d = s->loaded.data->dataset;
	const struct split *train = &d->splits[SPLIT_TRAIN], *held_out = &d->splits[setup->eval_split];
	struct buf settings = {0}, eval = {0}, eval_settings = {0}, opening = {0};
	const struct example_source source = {
		.data = d,
		.tokenizer = d->tokens_only ? NULL : s->loaded.model->tokenizer,
		.template = s->loaded.data->template,
		.trie = &s->loaded.search->trie,
		.max_history = (size_t)s->now.max_history,
		.max_tokens = s->loaded.model->lm->max_tokens,
		.vocab = s->loaded.model->lm->vocab,
	};
	struct examples examples;
	const struct train_data data = {
		.kern = s->loaded.model->kern,
		.base = s->loaded.model->lm,
		.tokenizer = s->loaded.model->tokenizer,
		.trie = source.trie,
		.examples = &examples,
		.source = &source,
		.held_out = setup->config.eval_cases > 0 ? held_out->cases : NULL,
		.n_held_out = setup->config.eval_cases > 0 ? held_out->n : 0,
		.mask = (enum mask_rule)s->now.mask,
		.tau = s->now.tau,
		.diagnose = session_diagnose_options(s),
	};
	struct running r = {.session = s, .setup = setup, .data = &data, .told.notes = json_array()};
	int failed;

	if (examples_init(&examples, &source, train->cases, train->n, setup->targets, err)) {
		json_decref(r.told.notes);
		return err_prefix(err, "train split");
	}
	if (s->loaded.model->positions > 0 && examples.longest > s->loaded.model->positions)
		json_array_append_new(r.told.notes,
			json_sprintf("the longest sequence has %zu tokens; the model was trained on %zu positions",
				examples.longest, s->loaded.model->positions));
	add_settings(&setup->config, s, &settings);
	train_eval_words(&data, setup, &eval, &eval_settings);
	add_opening(&setup->config, s, &opening);
	r.words = (struct scoreboard_words){.settings = buf_str(&settings),
		.eval = buf_str(&eval),
		.eval_settings = buf_str(&eval_settings),
		.dir = setup->dir,
		.open_with = buf_str(&opening)};
	failed = race(&r, &data, out, err);
	buf_release(&settings);
	buf_release(&eval);
	buf_release(&eval_settings);
	buf_release(&opening);
	json_decref(r.told.notes);
	examples_release(&examples);
	return failed;
}

static int train_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	struct train_setup setup;
	struct options before;
	int failed;

	options_copy(&before, &s->options);
	failed = train_setup_init(&setup, s, a, err) || session_prepare(s, CMD_NEEDS_SEARCH, err) ||
		 train_setup_finish(&setup, s, a, err) || race_over(s, &setup, out, err);
	train_setup_release(&setup);
	return session_set_back(s, &before, failed ? -1 : 0, err);
}

bool training_objective(size_t i, struct training_objective *o)
{
	for (size_t k = 0; k <= i; k++)
		if (!objectives[k])
			return false;
	*o = (struct training_objective){
		objectives[i]->name, objectives[i]->summary, objective_regularises(objectives[i])};
	return true;
}

const char *training_parameter(const struct training_objective *o, size_t k)
{
	return k == 0 || o->regularises ? runners_setting(k) : NULL;
}

static char *folder_name(unsigned i)
{
	return xasprintf("race-%u", i);
}

static unsigned first_free(void)
{
	for (unsigned i = 1;; i++) {
		char *name = folder_name(i);
		bool is_free = !file_is_there(name);

		free(name);
		if (is_free)
			return i;
	}
}

char *training_folder(void)
{
	return folder_name(first_free());
}

char *training_newest(void)
{
	unsigned i = first_free();

	return i > 1 ? folder_name(i - 1) : NULL;
}

void cmd_list_objectives(struct buf *out)
{
	buf_addstr(out, "\n\nThe objectives:");
	for (size_t i = 0; objectives[i]; i++)
		buf_addf(out, "\n\n%s: %s", objectives[i]->name, objectives[i]->summary);
}

static const char details[] =
	"Every objective begins with the weights that are loaded and sees the same batches in the same order, drawn "
	"from the train split by the option 'seed'. What is loaded stays as it is: a checkpoint is a model of its own "
	"(-m DIR/NAME/last), or an adapter (-a).\n\n"
	"Losses of different objectives cannot be compared; the evaluation on held-out cases is the common "
	"yardstick.\n\n"
	"SIGINT (Ctrl-C), SIGTERM or SIGHUP: the step is finished, all is saved, exit status 1. A second one ends the "
	"program at once, and the last checkpoint is whole. 'train --resume DIR' goes on from there and gives the "
	"curve of a run that was never stopped.\n\n"
	"Parameters of its own follow an objective's name: 'bear:lambda=4:xi=0.5,bear:lambda=1' is a race of two.";

const struct cmd_entry cmd_train = {
	.name = "train",
	.group = "Train",
	.summary = "train with one objective, or let several race from the same weights on the same batches",
	.details = details,
	.more = cmd_list_objectives,
	.args = {
		[TRAIN_OBJECTIVES] = {.name = "OBJECTIVES", .type = ARG_WORD, .source = FROM_OBJECTIVE_LIST,
			.help = "one objective, or several separated by commas"},
		[TRAIN_FULL] = {.name = "--full", .type = ARG_FLAG, .heading = "What is trained",
			.help = "all weights, those of a loaded adapter added to them; without it the adapter that is "
				"loaded, or a fresh one (LoRA)"},
		[TRAIN_LORA_RANK] = {.name = "--lora-rank", .type = ARG_INT, .min = 1, .max = 4096, .dflt = "8",
			.help = "rank of a fresh adapter"},
		[TRAIN_LORA_ALPHA] = {.name = "--lora-alpha", .type = ARG_REAL, .min = 1e-6, .max = 1e6, .dflt = "16",
			.help = "its alpha: what it adds is scaled by alpha / rank"},
		[TRAIN_LORA_DROPOUT] = {.name = "--lora-dropout", .type = ARG_REAL, .min = 0, .max = 0.99,
			.dflt = "0.05", .help = "its dropout while it is trained"},
		[TRAIN_LORA_TARGETS] = {.name = "--lora-targets", .type = ARG_WORD, .source = FROM_MODULES,
			.value = "LIST",
			.help = "the linear layers that get one, by name, or all-linear; without it what PEFT takes: "
				"q_proj,v_proj, of GPT-2 c_attn"},
		[TRAIN_STEPS] = {.name = "--steps", .type = ARG_INT, .min = 1, .max = 1e9,
			.heading = "How long, on what", .help = "updates; without it as many as --epochs makes"},
		[TRAIN_EPOCHS] = {.name = "--epochs", .type = ARG_INT, .min = 1, .max = 1e6, .dflt = "1",
			.help = "times through the train split"},
		[TRAIN_BATCH] = {.name = "--batch", .type = ARG_INT, .min = 1, .max = 1e6, .dflt = "32",
			.help = "sequences in a batch"},
		[TRAIN_BATCHES] = {.name = "--batches", .type = ARG_PATH, .source = FROM_FILES,
			.help = "the batches themselves: one line each, case ids separated by blanks"},
		[TRAIN_ACCUMULATE] = {.name = "--accumulate", .type = ARG_INT, .min = 1, .max = 1e6, .dflt = "1",
			.help = "batches for one update"},
		[TRAIN_TARGETS] = {.name = "--targets", .type = ARG_CHOICE, .choices = TRAIN_TARGETS_CHOICES,
			.source = FROM_CHOICES, .dflt = "last",
			.help = "learn the last item of a sequence, or every one but the first"},
		[TRAIN_PROTOCOL] = {.name = "--protocol", .type = ARG_CHOICE, .choices = "published",
			.source = FROM_CHOICES, .heading = "How",
			.help = "BEAR's scripts: lr 1e-4 linear, warm-up 20, clip 1, batch 128, 10 epochs, LoRA r 8"},
		[TRAIN_LR] = {.name = "--lr", .type = ARG_REAL, .min = 0, .max = 1e3, .dflt = "1e-4",
			.help = "learning rate (AdamW, betas 0.9 and 0.999)"},
		[TRAIN_SCHEDULE] = {.name = "--schedule", .type = ARG_CHOICE, .choices = TRAIN_SCHEDULES,
			.source = FROM_CHOICES, .dflt = "constant",
			.help = "how the rate goes on after the warm-up; linear and cosine end at 0"},
		[TRAIN_WARMUP] = {.name = "--warmup", .type = ARG_INT, .min = 0, .max = 1e9, .dflt = "0",
			.help = "updates over which the rate rises from 0 (default 0)"},
		[TRAIN_CLIP] = {.name = "--clip", .type = ARG_REAL, .min = 0, .max = 1e9, .dflt = "0",
			.help = "largest norm of the gradient (default 0: any)"},
		[TRAIN_WEIGHT_DECAY] = {.name = "--weight-decay", .type = ARG_REAL, .min = 0, .max = 1e3, .dflt = "0",
			.help = "of matrices, not of vectors (default 0)"},
		[TRAIN_K] = {.name = "--K", .type = ARG_INT, .min = 1, .max = 1e6, .dflt = "10",
			.help = "rank that each token shall reach; direct: width of the search"},
		[TRAIN_XI] = {.name = "--xi", .type = ARG_REAL, .min = 1e-4, .max = 1e4, .dflt = "2.75",
			.help = "softness of that comparison, in nats"},
		[TRAIN_LAMBDA] = {.name = "--lambda", .type = ARG_REAL, .min = 0, .max = 1e6, .dflt = "0.25",
			.help = "weight of the regulariser"},
		[TRAIN_EVAL_EVERY] = {.name = "--eval-every", .type = ARG_INT, .min = 0, .max = 1e9, .dflt = "0",
			.heading = "Evaluation",
			.help = "updates between evaluations (default 0: only after the last)"},
		[TRAIN_EVAL_CASES] = {.name = "--eval-cases", .type = ARG_INT, .min = 0, .max = 1e9, .dflt = "200",
			.help = "held-out cases, the first of the split; 0: no evaluation"},
		[TRAIN_EVAL_SPLIT] = {.name = "--eval-split", .type = ARG_CHOICE, .choices = TRAIN_SPLITS,
			.source = FROM_CHOICES, .help = "where they come from (default: valid where there is one)"},
		[TRAIN_PATIENCE] = {.name = "--patience", .type = ARG_INT, .min = 0, .max = 1e6, .dflt = "0",
			.help = "stop an objective after N evaluations without a better NDCG (default 0: never)"},
		[TRAIN_OUT] = {.name = "--out", .type = ARG_PATH, .value = "DIR", .source = FROM_FILES,
			.heading = "What is kept", .help = "a new folder for the run; without it nothing is saved"},
		[TRAIN_SAVE_EVERY] = {.name = "--save-every", .type = ARG_INT, .min = 0, .max = 1e9, .dflt = "0",
			.help = "updates between checkpoints (default 0: only at the end)"},
		[TRAIN_KEEP] = {.name = "--keep", .type = ARG_INT, .min = 1, .max = 1e6, .dflt = "2",
			.help = "checkpoints kept of each objective"},
		[TRAIN_SAVE_DTYPE] = {.name = "--save-dtype", .type = ARG_CHOICE, .choices = TRAIN_DTYPES,
			.source = FROM_CHOICES, .dflt = "f32", .help = "elements of full weights in checkpoints"},
		[TRAIN_RESUME] = {.name = "--resume", .type = ARG_PATH, .value = "DIR", .source = FROM_FILES,
			.help = "go on with the run in DIR: its settings, model and data; more --steps make it longer"},
		[TRAIN_LOG] = {.name = "--log", .type = ARG_PATH, .source = FROM_FILES,
			.help = "one JSON object a step and an evaluation (default: log.jsonl in the run's folder)"},
		[TRAIN_RECOMPUTE] = {.name = "--recompute", .type = ARG_FLAG, .heading = "Memory",
			.help = "compute layers again in the backward pass instead of keeping what they gave"},
		[TRAIN_MAX_MEMORY] = {.name = "--max-memory", .type = ARG_REAL, .min = 0, .max = 1e9, .value = "MIB",
			.dflt = "0", .help = "refuse to begin if more is needed (default 0: what the machine has)"},
	},
	.examples = {
		{"train sft,bear --steps 3 --batch 4 --eval-cases 5",
			"two adapters over the demo's model, side by side"},
		{"train bear:lambda=4:xi=0.5,bear --full --targets all --steps 3 --lr 5e-4 --eval-cases 5",
			"all its weights, every item of a sequence, two settings of BEAR"},
		{OFFICE "train msl --protocol published --steps 2 --batch 4 --eval-cases 5",
			"as the published scripts do it, but for two small steps"},
	},
	.flags = CMD_WORK | CMD_RACE | CMD_VIEWED,
	.exec = train_exec,
	.text = train_text,
	.tsv = train_tsv,
	.fields = fields_train,
	.files = files_train,
};
