/*
 * Prompt templates: data, not code.
 *
 * A template file is UTF-8 text. Lines before the first line "---" are `name: value` settings (one space after the
 * colon is not part of the value; empty lines and lines that begin with # are skipped). What follows is the prompt,
 * byte for byte (the file's last newline included when it is there). In the prompt and in the settings,
 *   {name}       stands for a setting, {space} and {newline} for those characters, {{ and }} for braces;
 *   {history}    stands, once, in the prompt: the history's titles, each put through `item`, joined by `separator`,
 *                nothing for an empty history;
 *   {title}      stands, once, in `item`, and in `answer`, which says how an item is spelt as the model's output.
 * item and answer must be set; without separator nothing stands between the items. Settings of a
 * `[domain PATTERN, PATTERN …]` section, which lasts until the next, override the general ones where the dataset's name
 * contains a PATTERN (case ignored; of the sections the first match counts), so that one template serves "office
 * products" and "clothing".
 */
#ifndef TEXT_TEMPLATE_H
#define TEXT_TEMPLATE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct template;

/* Reads a template for a dataset of that name ("" for none). Caller frees. Unknown placeholders, a missing {history},
 * settings without a value or in a circle are errors with file and line. */
int template_load(struct template **out, const char *path, const char *dataset, struct err *err) MUST_CHECK;
void template_free(struct template *t); /* NULL is fine */

/* Appends the prompt for a history, oldest first. */
void template_prompt(const struct template *t, const char *const *titles, size_t n, struct buf *out);

/* Appends the spelling of one item: "title" in quotation marks in the published templates. */
void template_answer(const struct template *t, const char *title, struct buf *out);

#endif
