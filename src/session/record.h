/*
 * The pieces that records are made of. Every function returns a new reference.
 */
#ifndef SESSION_RECORD_H
#define SESSION_RECORD_H

#include "diagnose/column.h"
#include "diagnose/diagnosis.h"
#include "session/session_priv.h"

/* The member of "settings" that holds an option: its name with underscores. */
#define RECORD_KEY 64
void record_setting_key(char key[RECORD_KEY], const struct option_entry *e);

json_t *record_text(const char *bytes, size_t len); /* invalid UTF-8 becomes U+FFFD */
json_t *record_string(const char *s);               /* the same; null for NULL */
json_t *record_real(double x);                      /* null where not finite */
json_t *record_count(size_t n);
json_t *record_count_or_null(size_t n); /* null for 0 */
json_t *record_tokens(const uint32_t *ids, size_t n);
json_t *record_piece(const struct session *s, uint32_t token); /* null where nothing says what a token stands for */
/* The same as text, as its line in a file gives it back; "" for null and for TOKEN_NONE. The arena's. */
const char *record_token_text(const struct session *s, uint32_t token, struct arena *arena);
/* The text of a trie node's tokens, EOS left out; their ids where nothing says what they stand for. */
json_t *record_path_text(const struct session *s, uint32_t node);
json_t *record_settings(const struct session *s);
json_t *record_cell(const struct column *c, const struct finding *f); /* of the table of cases */

/* "item", "items", "tokens" and "title" of a leaf, into an object. */
void record_leaf(json_t *object, const struct session *s, uint32_t leaf);
/* The same of one item of the catalogue, reachable or not. */
void record_item(json_t *object, const struct session *s, uint32_t item);

/* Everything about one search, steps included, and its edits where there are any. o: as it was searched with. */
json_t *record_beam(struct session *s, const struct case_work *c, const struct trace *t, const struct diagnosis *d,
	const struct beam_options *o);

/* One step of such a record, as a record of its own. */
json_t *record_step(const json_t *record, size_t step);

/* What became of the positive item in a branch and in the search without its edits. */
json_t *record_fates(const struct diagnosis *d);

/* The words of a verdict's sentences; w->arg is the session. */
void record_words(struct verdict_words *w, struct session *s);

#endif
