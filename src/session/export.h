/*
 * What `export` writes. To add a kind: write export_NAME.c with its function, declare that here, and put one line into
 * the table of cmd_export.c and the name into its choices.
 */
#ifndef SESSION_EXPORT_H
#define SESSION_EXPORT_H

#include "base/buf.h"
#include "session/command.h"
#include "session/session_priv.h"

enum export_form {
	EXPORT_JSON,
	EXPORT_CSV,
	EXPORT_SVG,
	EXPORT_HTML,
	EXPORT_MARKDOWN,
	EXPORT_FORMS
};

/* Places in the arguments. Which of the optional ones a kind takes stands in its line of the table. */
enum export_arg {
	EXPORT_WHAT,
	EXPORT_FILE,
	EXPORT_FROM, /* many */
	EXPORT_AS,
	EXPORT_WORST,
	EXPORT_TITLE,
	EXPORT_CASE,
	EXPORT_STEP,
	EXPORT_ALL,
	EXPORT_LIKE,
	EXPORT_WHERE,
	EXPORT_LIMIT,
	EXPORT_DTYPE,
	EXPORT_ARGS
};

#define EXPORT_DTYPES "f32|f16|bf16|q8_0"

/* The size of each chart in a file of them. */
#define EXPORT_CHART_W 860.0
#define EXPORT_CHART_H 300.0

/* A file in the making. */
struct export_job {
	const struct cmd_args *args;
	enum export_form form; /* one of those that the kind has */
	struct buf page;       /* what it will hold; the kind's function appends */
	json_t *record;        /* what is said of it: the kind's function says what it shows, and may add members; one
				* that writes FILE itself says "file" and "bytes" too */
};

/* Says in a few words what the file shows: "margins and ranks of case 17". */
void export_shows(struct export_job *job, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* What a file says of who wrote it: the program, its version and the kind. */
json_t *export_origin(const char *kind);

typedef int export_fn(struct session *s, struct export_job *job, struct err *err);

/* Appends the rows of a record under the columns' keys, as `export` writes them for a spreadsheet. */
void export_csv(const json_t *rows, const struct out_column *columns, struct buf *out);

export_fn export_report, export_cases, export_trace, export_tree, export_margins, export_curves, export_predictions,
	export_data, export_model, export_adapter;

#endif
