/*
 * What the tables say of themselves, as whole documents or parts of them (`help --roff`, `--markdown`), and the pieces
 * that these and the records of help have in common. Every function appends to what it is given.
 */
#ifndef SESSION_HELP_H
#define SESSION_HELP_H

#include <stdbool.h>

#include "base/buf.h"
#include "session/command.h"
#include "session/option.h"
#include "session/out.h"

/* help_roff.c: the manual page's sections of options and commands. */
void help_roff(struct buf *out);
/* The text with what roff would take for its own escaped: backslashes, hyphens, a line's control character. */
void help_roff_text(struct buf *out, const char *text);
/* Paragraphs parted by empty lines, as such of a tagged paragraph. */
void help_roff_paragraphs(struct buf *out, const char *text);

/* help_markdown.c: the README's table of commands. */
void help_markdown(struct buf *out);

/* help_fields.c: the members of the records of one command, or of all (NULL), and of the objects that they share. */
json_t *help_fields(const struct cmd_entry *e);
void help_fields_text(const json_t *record, struct out *out);
void help_fields_tsv(const json_t *record, struct out *out);
void help_fields_roff(struct buf *out); /* a section for each command, file and shared object */

/* cmd_help.c */
void help_details(struct buf *out, const struct cmd_entry *e); /* its paragraphs, those of other tables too */
void help_option_usage(struct buf *out, const struct option_entry *o); /* "-B, --beam N" */
/* Words wrapped at `limit` cells. Every line but the first, of which `at` cells are written, is indented; an empty line
 * parts paragraphs. */
void help_wrap(struct out *out, const char *text, size_t indent, size_t at, size_t limit);
bool help_default_tells(const char *dflt); /* says more than that a thing is off, or has no limit; NULL: false */

#endif
