/*
 * Which matrices an adapter stands beside, and how: adapter_config.json as PEFT writes it, or the same made from a list
 * of names.
 */
#ifndef SRC_MODEL_ADAPTER_CONFIG_H
#define SRC_MODEL_ADAPTER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/regex.h"
#include "base/vec.h"
#include "model/adapter.h"

#define ADAPTER_MAX_R ((size_t)1 << 16)

/* A rank or an alpha of the modules that fit; the first pattern that fits counts. */
struct adapter_pattern {
	struct regex *expr; /* owned */
	double value;
};

struct adapter_patterns {
	struct adapter_pattern *at;
	size_t n, cap;
};

struct adapter_names {
	const char **at;
	size_t n, cap;
};

/* Modules, by names or by one expression. */
struct adapter_modules {
	struct adapter_names names;
	struct regex *expr; /* owned; NULL: the names count */
	const char *text;   /* the expression */
};

struct adapter_spec {
	struct adapter_config config; /* targets is NULL: they are below */
	struct adapter_modules targets, excluded;
	VEC(size_t) layers; /* in any order; empty: all */
	struct adapter_patterns ranks, alphas;
	struct adapter_names saved; /* modules that the adapter holds whole: what ends so */
	bool keeps_tied;            /* a tied pair of which one is saved stays tied */
	json_t *source;             /* owned; the file, or NULL */
	struct arena arena;         /* strings */
};

/* Of a configuration as a caller gives it: targets is a list with commas, or NULL for those that PEFT takes by itself;
 * "all-linear" stands for every matrix. */
int adapter_spec_init(struct adapter_spec *s, const struct adapter_config *config, const struct architecture *arch,
	struct err *err) MUST_CHECK;
/* Of a file; what is not computed here is refused by name. */
int adapter_spec_read(
	struct adapter_spec *s, const char *path, const struct architecture *arch, struct err *err) MUST_CHECK;
void adapter_spec_release(struct adapter_spec *s); /* a zeroed one is fine, and one whose init failed */

/*
 * Is a module ("model.layers.0.self_attn.q_proj") of this layer one of those that are adapted? As PEFT decides: not an
 * excluded one, nor one that is saved whole; the expression fits all of it, or it is a target by its full name, or ends
 * in one, at a dot, in one of the layers. ERR_UNSUPPORTED: an expression takes too many steps.
 */
int adapter_spec_takes(
	struct adapter_spec *s, const char *module, size_t layer, bool *takes, struct err *err) MUST_CHECK;
/* Its rank and alpha. */
int adapter_spec_size(struct adapter_spec *s, const char *module, size_t *r, double *alpha, struct err *err) MUST_CHECK;

/* Whether a parameter is in a module that the adapter holds whole: surely where one of the modules that it is in is
 * named, or ends in a name at a dot; perhaps where it ends in one otherwise, as PEFT takes "norm" for "layernorm" too.
 */
enum adapter_keeps {
	KEEPS_NOT,
	KEEPS_PERHAPS,
	KEEPS_SURELY
};
enum adapter_keeps adapter_spec_keeps(const struct adapter_spec *s, const char *name);

/* Does `module` end in `key`, at a dot or as a whole? */
bool adapter_fits(const char *module, const char *key);

/* The module that a parameter is the weight of: its name without ".weight". */
void adapter_module(char module[ADAPTER_NAME_MAX], const struct param *p);

/* Writes adapter_config.json: as the file was, where the adapter comes from one, otherwise with the keys of PEFT
 * 0.15. */
int adapter_config_write(const struct adapter *a, const char *path, const char *base, struct err *err) MUST_CHECK;

#endif
