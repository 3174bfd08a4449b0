/*
 * Who is compared: the words of `compare` as a list of models, adapters, settings and files.
 */
#ifndef SESSION_CONTENDERS_H
#define SESSION_CONTENDERS_H

#include "base/vec.h"
#include "session/session_priv.h"

#define CONTENDER_SETTINGS 16

/* What one of them is, beside the model and the settings that are loaded. */
struct entrant {
	char *name;    /* owned; distinct, and a file's name with ".jsonl" behind it */
	char *model;   /* owned; NULL: the loaded one */
	char *adapter; /* owned; NULL: the loaded model's, or none where `model` is another */
	char *file;    /* owned: a survey that was made before; NULL: it is to be made */
	char *words;   /* owned: of a command line, that name it again; NULL: it is what is loaded */
	struct {
		const struct option_entry *option;
		char *value; /* owned */
	} settings[CONTENDER_SETTINGS];
	size_t n_settings;
};

struct entrants {
	VEC(struct entrant) list; /* the first is what the others are compared with */
};

/*
 * Takes the words OTHER and NAME=VALUE,VALUE (by their places among the arguments). The first is what is loaded or to
 * be loaded, then it under every value; then the others. Where no model was named and only files are, the first file
 * leads. ERR_USAGE, ERR_NOT_FOUND. Released by the caller, also after a failure.
 */
int entrants_init(struct entrants *e, const struct session *s, const struct cmd_args *a, int other, int set,
	struct err *err) MUST_CHECK;
void entrants_release(struct entrants *e);

/* Sets the session's options to what the entrant is, from those as they stand for what is loaded. The caller sets them
 * back. */
int entrant_enter(const struct entrant *e, struct session *s, struct err *err) MUST_CHECK;

#endif
