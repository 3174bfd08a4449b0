/* The commands' entries, one file a family; cmdtab.c lists them. */
#ifndef SESSION_CMDTAB_H
#define SESSION_CMDTAB_H

#include "session/command.h"
#include "session/fields.h"

extern const struct cmd_entry cmd_load, cmd_info;
extern const struct cmd_entry cmd_cases, cmd_case, cmd_item, cmd_find_item;
extern const struct cmd_entry cmd_beam, cmd_step, cmd_back, cmd_goto, cmd_tree;
extern const struct cmd_entry cmd_score, cmd_exact, cmd_why;
extern const struct cmd_entry cmd_force, cmd_forbid, cmd_change, cmd_undo, cmd_redo, cmd_branch;
extern const struct cmd_entry cmd_diagnose, cmd_merge, cmd_compare, cmd_export, cmd_judge;
extern const struct cmd_entry cmd_sweep;
extern const struct cmd_entry cmd_tokenize, cmd_detokenize, cmd_prompt;
extern const struct cmd_entry cmd_new, cmd_loss, cmd_train, cmd_pause, cmd_resume, cmd_stop;
extern const struct cmd_entry cmd_let, cmd_last, cmd_run_script, cmd_record;
extern const struct cmd_entry cmd_set, cmd_lesson, cmd_help, cmd_repl, cmd_quit;

/* Further paragraphs of help: the objectives and what each is. */
void cmd_list_objectives(struct buf *out);

/* What many entries have. */
#define CASE_ARG \
	{ \
		.name = "CASE", .type = ARG_CASE, .required = true, .source = FROM_CASES, \
		.help = "id of a case of the split" \
	}

/* Examples with a real model and dataset, beside the project. */
#define TINYSTORIES "-m ../shared/models/tinystories-656k "
#define OFFICE TINYSTORIES "-d ../shared/datasets/bear-office "

#endif
