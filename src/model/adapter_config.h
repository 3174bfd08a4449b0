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
#include "base/vec.h"
#include "model/adapter.h"

#define ADAPTER_MAX_R ((size_t)1 << 16)

/* A rank or an alpha of the modules that `key` fits; the first one that fits counts. */
struct adapter_pattern {
	const char *key;
	bool whole; /* it must be the whole name ("^KEY"), not the end of it */
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

struct adapter_spec {
	struct adapter_config config; /* targets is NULL: they are below */
	struct adapter_names targets, excluded;
	VEC(size_t) layers; /* in any order; empty: all */
	struct adapter_patterns ranks, alphas;
	struct arena arena; /* strings */
};

/* Of a configuration as a caller gives it: targets is a list with commas, or NULL for those that PEFT takes by itself;
 * "all-linear" stands for every matrix. */
int adapter_spec_init(struct adapter_spec *s, const struct adapter_config *config, const struct architecture *arch,
	struct err *err) MUST_CHECK;
/* Of a file; what is not computed here is refused by name. */
int adapter_spec_read(
	struct adapter_spec *s, const char *path, const struct architecture *arch, struct err *err) MUST_CHECK;
void adapter_spec_release(struct adapter_spec *s); /* a zeroed one is fine, and one whose init failed */

/* Does `module` ("model.layers.0.self_attn.q_proj") end in `key`, at a dot or as a whole? */
bool adapter_fits(const char *module, const char *key);

/* The module that a parameter is the weight of: its name without ".weight". */
void adapter_module(char module[ADAPTER_NAME_MAX], const struct param *p);

/* Writes adapter_config.json with the keys of PEFT 0.15. */
int adapter_config_write(const struct adapter *a, const char *path, const char *base, struct err *err) MUST_CHECK;

#endif
