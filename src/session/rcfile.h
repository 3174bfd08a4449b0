/*
 * The user's file of defaults: lines of the form `name = value`; lines that begin with # and empty ones say nothing.
 */
#ifndef SESSION_RCFILE_H
#define SESSION_RCFILE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/err.h"
#include "session/option.h"

/* $XDG_CONFIG_HOME/beamscope/config, ~/.config without the variable. Caller frees; NULL: there is no home. */
char *rcfile_path(void);

/* Sets what the file says, as defaults: not marked as given. No such file is fine; ERR_FORMAT with file and line. */
int rcfile_read(struct options *o, const char *path, struct err *err) MUST_CHECK;

/* Is it one that rcfile_save writes: given by the user, and no file for results, which would be written anew by every
 * run? */
bool rcfile_saves(const struct options *o, const struct option_entry *e);

/* Its value as it is written: names of models and datasets from the root on. ERR_VALUE where a line cannot hold it. */
int rcfile_value(const struct options *o, const struct option_entry *e, struct buf *out, struct err *err) MUST_CHECK;

/* Puts them into the file, entirely or not at all: into the lines that set them already, else at the end if they differ
 * from their defaults. All other lines stay as they are. Makes the folders that are missing. */
int rcfile_save(const struct options *o, const char *path, struct err *err) MUST_CHECK;

#endif
