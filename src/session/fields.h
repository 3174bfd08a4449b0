/*
 * What the members of the commands' records mean: the tables that struct cmd_entry's `fields` name. A table may be the
 * `members` of many.
 */
#ifndef SESSION_FIELDS_H
#define SESSION_FIELDS_H

#include "session/command.h"

/* The rows of a table; it ends with FIELDS_END. */
#define FIELD(path, type, help) {path, type, help, NULL, NULL, NULL}
#define FIELD_WHEN(path, type, when, help) {path, type, help, when, NULL, NULL}
#define FIELD_OF(path, type, help, members) {path, type, help, NULL, members, NULL}
#define FIELD_OF_WHEN(path, type, when, help, members) {path, type, help, when, members, NULL}
#define FIELDS_OF(members) {"", NULL, NULL, NULL, members, NULL}
#define FIELDS_OF_WHEN(when, members) {"", NULL, NULL, when, members, NULL}
#define FIELDS_MORE(more) {"", NULL, NULL, NULL, NULL, more}
#define FIELDS_END {NULL, NULL, NULL, NULL, NULL, NULL}

/* Shared, fields.c. */
extern const struct cmd_field fields_settings[]; /* what a search goes by */
extern const struct cmd_field fields_names[];    /* "item" and "title" */
extern const struct cmd_field fields_item[];     /* the same, with the tokens that spell it */
extern const struct cmd_field fields_leaf[];     /* the same, with the other items of these tokens */
extern const struct cmd_field fields_share[], fields_mean[];  /* figures with their intervals */
extern const struct cmd_field fields_parameters[];            /* of an objective */
extern const struct cmd_field fields_verdict_counts[];        /* cases by verdict */

void fields_add_options(void (*add)(void *arg, const struct cmd_field *f), void *arg); /* those in "settings" */

/* One search, fields_search.c. */
extern const struct cmd_field fields_search[]; /* all that is found about it: the record of beam --trace */
extern const struct cmd_field fields_edit[], fields_fates[], fields_verdict[];
extern const struct cmd_field fields_beam[], fields_step[], fields_edited_step[], fields_branch[];
extern const struct cmd_field fields_tree[], fields_why[];
extern const struct cmd_field fields_score[], fields_exact[];

extern const struct cmd_field fields_exported[], fields_trace_file[], fields_tree_file[], fields_margins_file[];

/* Many cases, fields_survey.c. */
extern const struct cmd_field fields_tally[], fields_report_file[];
extern const struct cmd_field fields_survey_settings[]; /* what all figures of a survey go by */
extern const struct cmd_field fields_metrics[]; /* the figures that any set of cases has */
extern const struct cmd_field fields_figures[]; /* these and more */
extern const struct cmd_field fields_survey_step[], fields_width[], fields_slicing[];
extern const struct cmd_field fields_sweep[], fields_diagnose[], fields_merge[], fields_compare[], fields_judge[];
extern const struct cmd_file files_diagnose[], files_judge[];

/* What is loaded, fields_data.c. */
extern const struct cmd_field fields_model[];
extern const struct cmd_field fields_load[], fields_info[], fields_cases[], fields_case[], fields_found[];
extern const struct cmd_field fields_looked_up[], fields_new[];

/* Training, fields_train.c. */
extern const struct cmd_field fields_loss[], fields_train[], fields_job[], fields_curves_file[];
extern const struct cmd_file files_train[];

/* Texts, files and the program itself, fields_session.c. */
extern const struct cmd_field fields_tokenize[], fields_detokenize[], fields_prompt[];
extern const struct cmd_file files_export[];
extern const struct cmd_field fields_export[], fields_lesson[], fields_let[], fields_record[];
extern const struct cmd_field fields_set[], fields_help[];

/* The tables that several records share, by name, for documents that describe each of them once. */
struct fields_shared {
	const char *name; /* "settings"; NULL ends */
	const struct cmd_field *fields;
};
#define FIELDS_SHARED 24 /* of them, at most */
extern const struct fields_shared fields_shared[FIELDS_SHARED + 1];

#endif
