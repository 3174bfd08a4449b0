/*
 * What the running job is asked for: pause, resume, stop. For the screens' command line: elsewhere a command runs to
 * its end before the next begins.
 */
#include "session/cmdtab.h"
#include "session/record.h"

static int ask(struct session *s, enum session_wish wish, const char *asked, struct out *out, struct err *err)
{
	json_t *v;

	if (session_busy(s) && session_ask(s, wish, err))
		return -1;
	v = json_object();
	json_object_set_new(v, "asked", json_string(asked));
	json_object_set_new(v, "job", session_busy(s) ? record_string(s->worker.job.line) : json_null());
	out_record(out, v);
	return 0;
}

static int pause_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	(void)a;
	return ask(s, SESSION_PAUSE, "pause", out, err);
}

static int resume_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	(void)a;
	return ask(s, SESSION_RESUME, "resume", out, err);
}

static int stop_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	(void)a;
	return ask(s, SESSION_STOP, "stop", out, err);
}

static void job_text(const json_t *record, struct out *out)
{
	if (json_is_null(json_object_get(record, "job")))
		out_text(out, "no job runs\n");
	else
		out_text(out, "the job is asked to %s\n", json_string_value(json_object_get(record, "asked")));
}

static const struct out_column job_columns[] = {
	{"asked", "asked", NULL, false, false},
	{"job", "job", NULL, false, false},
	{NULL, NULL, NULL, false, false},
};

const struct cmd_entry cmd_pause = {
	.name = "pause",
	.group = "Train",
	.summary = "let the training that runs wait after the step that is being made",
	.details = "For the command line of the screens, where training goes on behind them.",
	.examples = {{"pause", "elsewhere no job runs beside the prompt"}},
	.flags = CMD_ANYTIME,
	.exec = pause_exec,
	.text = job_text,
	.columns = job_columns,
	.fields = fields_job,
};

const struct cmd_entry cmd_resume = {
	.name = "resume",
	.group = "Train",
	.summary = "let the training that was paused go on",
	.details = "A run that has ended is another thing: 'train --resume DIR' goes on with it.",
	.examples = {{"resume", "after 'pause'"}},
	.flags = CMD_ANYTIME,
	.exec = resume_exec,
	.text = job_text,
	.columns = job_columns,
	.fields = fields_job,
};

const struct cmd_entry cmd_stop = {
	.name = "stop",
	.group = "Train",
	.summary = "end the job that runs: training finishes its step, saves and gives its figures",
	.details = "Any other job is cancelled.",
	.examples = {{"stop", "'train --resume DIR' goes on later"}},
	.flags = CMD_ANYTIME,
	.exec = stop_exec,
	.text = job_text,
	.columns = job_columns,
	.fields = fields_job,
};
