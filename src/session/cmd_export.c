/*
 * What was found as a file for others: export.
 */
#include "config.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "data/predictions.h"
#include "session/cmdtab.h"
#include "session/export.h"
#include "session/record.h"
#include "store/file.h"

#define STANDARD_OUTPUT "-"

/* As people are told of them; first the choices of --as, in their order. */
static const struct {
	const char *name; /* with a dot before it the ending */
	enum export_form form;
} endings[] = {
	{"json", EXPORT_JSON},
	{"csv", EXPORT_CSV},
	{"svg", EXPORT_SVG},
	{"html", EXPORT_HTML},
	{"md", EXPORT_MARKDOWN},
	{"htm", EXPORT_HTML},
};

#define FORM_NAMES "json|csv|svg|html|md"

#define JSON (1u << EXPORT_JSON)
#define CSV (1u << EXPORT_CSV)
#define SVG (1u << EXPORT_SVG)
#define HTML (1u << EXPORT_HTML)
#define MARKDOWN (1u << EXPORT_MARKDOWN)

/* The kind's function writes FILE itself: a folder, or, where the ending asks for it, one file. */
#define FOLDER (1u << EXPORT_FORMS)
#define GGUF (1u << (EXPORT_FORMS + 1))

#define DATA_AND_PAGES (JSON | CSV | SVG | HTML)

#define TAKES(arg) (1u << (arg))

struct export_kind {
	const char *name;
	unsigned forms; /* or FOLDER */
	unsigned takes; /* of the optional arguments: FROM, --worst … */
	bool settled;   /* reads only what the front-end's thread has settled, or what is locked */
	export_fn *make;
	const char *help; /* a paragraph, after the name and the endings */
};

/* In the order of the choices of WHAT. */
#define KIND_NAMES "report|cases|trace|tree|margins|curves|predictions|data|model|adapter"

static const struct export_kind kinds[] = {
	{"report", HTML | MARKDOWN | JSON | CSV,
		TAKES(EXPORT_FROM) | TAKES(EXPORT_WORST) | TAKES(EXPORT_TITLE), false, export_report,
		"what was diagnosed. HTML is one page that loads and runs nothing, with charts, slices and the worst "
		"cases, and prints in black and white; Markdown says the same; JSON has all figures for programs; CSV "
		"is the table of cases. Without FROM it is of the cases that 'diagnose' or 'merge' found before it in "
		"the same session: -c diagnose -c 'export report r.html'. With several files ('compare --save DIR' "
		"leaves such ones too) the first is what the report is of, the others are compared with it."},
	{"cases", DATA_AND_PAGES, TAKES(EXPORT_FROM) | TAKES(EXPORT_WHERE), false, export_cases,
		"the table of the cases that were diagnosed, or of those in the files FROM, with the columns that "
		"'cases' has; SVG is the survey's charts, HTML both."},
	{"trace", DATA_AND_PAGES, TAKES(EXPORT_CASE), true, export_trace,
		"the open search with every step. JSON is the record of 'beam CASE --trace', and opens again without "
		"the model: 'load trace FILE'; CSV has a row a candidate; SVG is a picture of the search, a column a "
		"step; HTML has the verdict, the picture, margins and every step as a table."},
	{"tree", DATA_AND_PAGES, TAKES(EXPORT_CASE) | TAKES(EXPORT_STEP) | TAKES(EXPORT_ALL), true, export_tree,
		"the same as a tree of tokens, after its last step or that of --step: what 'tree' lists, and as a "
		"drawn tree."},
	{"margins", DATA_AND_PAGES, TAKES(EXPORT_CASE), true, export_margins,
		"the margins and ranks of its positive item, step by step: figures, charts, or both on a page. An "
		"edited search is written as it stands, with its edits; --case writes another case's search than the "
		"open one."},
	{"curves", DATA_AND_PAGES, TAKES(EXPORT_FROM), true, export_curves,
		"the losses and evaluations of the race that is trained or was last, or of the run in the folder FROM: "
		"every logged step and evaluation, charts, or both on a page."},
	{"predictions", JSON, TAKES(EXPORT_LIKE) | TAKES(EXPORT_WHERE) | TAKES(EXPORT_LIMIT), false, export_predictions,
		"for every case of the split the titles that the beam search returns, as the published inference "
		"scripts write them and their evaluation scripts read them; 'judge' reads them too."},
	{"data", FOLDER, 0, false, export_data,
		"the dataset as token ids, as the model's tokenizer, the template and the options have it: a token "
		"dataset, with all splits. Loaded again with the same model it gives the same searches, and needs "
		"neither tokenizer nor template."},
	{"model", FOLDER | GGUF, TAKES(EXPORT_DTYPE), false, export_model,
		"the loaded model, with the adapter over it merged in, for Hugging Face transformers or, as a .gguf "
		"file, for llama.cpp and its kin. Weights are as they are stored, or as --dtype says; what a form "
		"cannot hold so, as it can: vectors are F32 in GGUF, packed weights F16 in a Hugging Face directory."},
	{"adapter", FOLDER, 0, false, export_adapter,
		"the adapter over the loaded model by itself, for PEFT."},
};

static const char *place_of(const struct export_kind *k)
{
	return k->forms & GGUF ? "a new folder or a .gguf file" : "a new folder";
}

/* ".json, .csv or .svg" */
static void name_forms(const struct export_kind *k, const char *before, struct buf *out)
{
	unsigned left = k->forms;

	if (k->forms & FOLDER) {
		buf_addstr(out, place_of(k));
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		unsigned form = 1u << endings[i].form;

		if (!(left & form))
			continue;
		if (left != k->forms)
			buf_addstr(out, left != form ? ", " : " or ");
		buf_addf(out, "%s%s", before, endings[i].name);
		left &= ~form;
	}
}

/* The form of that name; EXPORT_FORMS: there is none. */
static enum export_form form_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		if (!strcasecmp(name, endings[i].name))
			return endings[i].form;
	return EXPORT_FORMS;
}

static int find_form(enum export_form *form, const struct export_kind *k, const struct cmd_args *a, struct err *err)
{
	const char *path = a->text[EXPORT_FILE], *dot = strrchr(file_last_part(path), '.');
	bool piped = !strcmp(path, STANDARD_OUTPUT);
	struct buf forms = {0};

	if (a->given[EXPORT_AS])
		*form = endings[(size_t)a->number[EXPORT_AS]].form;
	else
		*form = dot ? form_of(dot + 1) : EXPORT_FORMS;
	if (*form < EXPORT_FORMS && (k->forms & (1u << *form)))
		return 0;
	name_forms(k, a->given[EXPORT_AS] || piped ? "" : ".", &forms);
	if (a->given[EXPORT_AS])
		err_set(err, ERR_USAGE, "'export %s' writes %s, not %s", k->name, buf_str(&forms),
			endings[(size_t)a->number[EXPORT_AS]].name);
	else if (piped)
		err_set(err, ERR_USAGE, "'-' has no ending that says in which form: give --as with %s",
			buf_str(&forms));
	else
		err_set(err, ERR_USAGE, "'%s' does not say in which form: end it with %s, or give --as", path,
			buf_str(&forms));
	buf_release(&forms);
	return -1;
}

/* What is given beside WHAT, FILE and --as must be the kind's. */
static int check_taken(const struct export_kind *k, const struct cmd_args *a, struct err *err)
{
	for (int i = EXPORT_FROM; i < EXPORT_ARGS; i++)
		if (a->given[i] && i != EXPORT_AS && !(k->takes & TAKES(i)))
			return err_set(err, ERR_USAGE, "'export %s' takes no %s", k->name, cmd_export.args[i].name);
	return 0;
}

json_t *export_origin(const char *kind)
{
	json_t *v = json_object();

	json_object_set_new(v, "program", json_string(PACKAGE_NAME));
	json_object_set_new(v, "version", json_string(PACKAGE_VERSION));
	json_object_set_new(v, "kind", json_string(kind));
	return v;
}

void export_shows(struct export_job *job, const char *fmt, ...)
{
	struct buf b = {0};
	va_list args;

	va_start(args, fmt);
	buf_vaddf(&b, fmt, args);
	va_end(args);
	json_object_set_new(job->record, "shows", record_text(buf_str(&b), b.len));
	buf_release(&b);
}

/* A folder has no standard output to go to, nor a form. */
static int check_place(const struct export_kind *k, const struct cmd_args *a, struct err *err)
{
	if (a->given[EXPORT_AS])
		return err_set(err, ERR_USAGE, "'export %s' takes no --as: it writes %s", k->name, place_of(k));
	if (!strcmp(a->text[EXPORT_FILE], STANDARD_OUTPUT))
		return err_set(err, ERR_USAGE, "'export %s' writes %s: give it a name", k->name, place_of(k));
	return 0;
}

static int write_page(struct export_job *job, struct out *out, struct err *err)
{
	const char *path = job->args->text[EXPORT_FILE];

	if (!strcmp(path, STANDARD_OUTPUT)) {
		buf_add(&out->buf, buf_str(&job->page), job->page.len);
		return 0;
	}
	if (file_write(path, buf_str(&job->page), job->page.len, err))
		return -1;
	json_object_set_new(job->record, "file", record_string(path));
	json_object_set_new(job->record, "bytes", record_count(job->page.len));
	out_record(out, json_incref(job->record));
	return 0;
}

static int export_exec(struct session *s, const struct cmd_args *a, struct out *out, struct err *err)
{
	const struct export_kind *k = &kinds[(size_t)a->number[EXPORT_WHAT]];
	struct export_job job = {.args = a};
	int failed;

	if ((k->forms & FOLDER ? check_place(k, a, err) : find_form(&job.form, k, a, err)) || check_taken(k, a, err))
		return -1;
	job.record = json_object();
	json_object_set_new(job.record, "what", json_string(k->name));
	failed = k->make(s, &job, err) || (!(k->forms & FOLDER) && write_page(&job, out, err));
	if (!failed && k->forms & FOLDER)
		out_record(out, json_incref(job.record));
	json_decref(job.record);
	buf_release(&job.page);
	return failed ? -1 : 0;
}

/* Beside a running job what that may change cannot be written, nor can another search be made. */
static bool export_anytime(const struct cmd_args *a)
{
	return kinds[(size_t)a->number[EXPORT_WHAT]].settled && !a->given[EXPORT_CASE];
}

static void export_text(const json_t *record, struct out *out)
{
	out_shown(out, json_string_value(json_object_get(record, "file")));
	out_text(out, ": ");
	out_shown(out, json_string_value(json_object_get(record, "shows")));
	out_text(out, "\n");
}

static void describe_kinds(struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		buf_addf(out, "\n\n%s (", kinds[i].name);
		name_forms(&kinds[i], ".", out);
		buf_addf(out, "): %s", kinds[i].help);
	}
}

static const struct out_column export_columns[] = {
	{"file", "file", NULL, false, true},
	{"what", "what", NULL, false, false},
	{"bytes", "bytes", NULL, true, false},
	{"shows", "shows", NULL, false, true},
	{NULL, NULL, NULL, false, false},
};

const struct cmd_entry cmd_export = {
	.name = "export",
	.group = "Diagnose",
	.summary = "write what was found as a file, or what is loaded for other programs",
	.details =
		"The form follows from the ending of FILE, or is what --as says; FILE is replaced entirely or not at "
		"all, and - is standard output. In CSV a text that begins with = + - or @ has an apostrophe before "
		"it, lest a spreadsheet take a title for a formula. Pages and pictures load and run nothing.",
	.more = describe_kinds,
	.args =
		{
			[EXPORT_WHAT] = {.name = "WHAT",
				.type = ARG_CHOICE,
				.required = true,
				.choices = KIND_NAMES,
				.source = FROM_CHOICES,
				.help = "what is written"},
			[EXPORT_FILE] = {.name = "FILE",
				.type = ARG_PATH,
				.required = true,
				.source = FROM_FILES,
				.help = "where to; its ending says the form"},
			[EXPORT_FROM] = {.name = "FROM",
				.type = ARG_PATH,
				.many = true,
				.source = FROM_FILES,
				.help = "lines that 'diagnose -o FROM.jsonl' wrote; of curves, the folder of a run"},
			[EXPORT_AS] = {.name = "--as",
				.type = ARG_CHOICE,
				.choices = FORM_NAMES,
				.source = FROM_CHOICES,
				.help = "the form, where the ending of FILE does not say it"},
			[EXPORT_WORST] = {.name = "--worst",
				.type = ARG_INT,
				.max = 100000,
				.dflt = "10",
				.help = "of a report: wrongly pruned cases that are shown step by step"},
			[EXPORT_CASE] = {.name = "--case",
				.type = ARG_CASE,
				.source = FROM_CASES,
				.help = "of trace, tree and margins: search this case, in place of what is open"},
			[EXPORT_STEP] = {.name = "--step",
				.type = ARG_WORD,
				.source = FROM_NONE,
				.value = "STEP",
				.help = "of a tree: the step after which it stands so; 'pruned': where the item was "
					"lost"},
			[EXPORT_ALL] = {.name = "--all",
				.type = ARG_FLAG,
				.help = "of a tree: with all that was pruned"},
			[EXPORT_TITLE] = {.name = "--title",
				.type = ARG_WORD,
				.source = FROM_NONE,
				.value = "TEXT",
				.help = "of a report: its heading"},
			[EXPORT_LIKE] = {.name = "--like",
				.type = ARG_CHOICE,
				.choices = PREDICTIONS_FORMS,
				.source = FROM_CHOICES,
				.help = "of predictions: for whose scripts; else bear, or minionerec of semantic ids"},
			[EXPORT_WHERE] = {.name = "--where",
				.type = ARG_WORD,
				.source = FROM_WHERE,
				.value = "EXPR",
				.help = "of cases and predictions: only those for which the expression holds"},
			[EXPORT_LIMIT] = {.name = "--limit",
				.type = ARG_INT,
				.max = 1e12,
				.dflt = "0",
				.help = "of predictions: only the first N of these cases; 0: all"},
			[EXPORT_DTYPE] = {.name = "--dtype",
				.type = ARG_CHOICE,
				.choices = EXPORT_DTYPES,
				.source = FROM_CHOICES,
				.help = "of a model: the type of its weights; q8_0 in a .gguf file alone"},
		},
	.examples =
		{
			{"-c 'diagnose --limit 20' -c 'export report demo.html'", "diagnose, and write it as a page"},
			{"export trace search.svg --case 312", "one search as a picture"},
			{"export report demo.md demo.jsonl --worst 3", "from the lines that a diagnosis left"},
			{"export predictions demo.json --limit 20", "what the search returns for 20 cases"},
			{"export data demo-tokens", "the demo as token ids"},
			{"export model demo.gguf --dtype f16", "the demo's model for llama.cpp"},
		},
	.flags = CMD_WORK,
	.exec = export_exec,
	.anytime = export_anytime,
	.text = export_text,
	.columns = export_columns,
	.fields = fields_export,
	.files = files_export,
};
