/*
 * Texts that several pictures for the views hold. Each is put into the arena, as a terminal may be shown it: every
 * member of a picture that ends in _shown is such a one.
 */
#ifndef SESSION_SNAP_TEXT_H
#define SESSION_SNAP_TEXT_H

#include "base/mem.h"
#include "store/json.h"

const char *snap_keep_shown(struct arena *a, const char *text);

/* A model by its path: "sft", or "sft + adapter" (NULL: none). */
const char *snap_keep_model(struct arena *a, const char *path, const char *adapter);

/* A record's settings: "B 10 · mask before · plain", and whatever else shapes the search and is not at its
 * default. *first (which may be NULL) gets the bytes of the three that are always said. */
const char *snap_keep_settings(struct arena *a, const json_t *settings, size_t *first);

#endif
