#include "session/fields.h"

#include <string.h>

#include "session/record.h"

static const char *option_field_type(const struct option_entry *e)
{
	switch (e->type) {
	case OPT_INT:
		return "integer";
	case OPT_REAL:
		return "number";
	case OPT_FLAG:
		return "boolean";
	case OPT_CHOICE:
		return "text";
	case OPT_TEXT:
	case OPT_PATH:
		break;
	}
	return "text or null";
}

/* A token dataset is made of no texts: what shapes them is null there (record_settings). */
static bool shapes_texts(const char *name)
{
	return !strcmp(name, "items") || !strcmp(name, "title-words");
}

void fields_add_options(void (*add)(void *arg, const struct cmd_field *f), void *arg)
{
	for (const struct option_entry *e = option_table; e->name; e++) {
		struct cmd_field f = {.type = option_field_type(e), .help = e->help};
		char key[RECORD_KEY], type[RECORD_KEY];

		if (!(e->flags & OPTION_SEARCH))
			continue;
		if (shapes_texts(e->name)) {
			snprintf(type, sizeof(type), "%s or null", f.type);
			f.type = type;
		}
		record_setting_key(key, e);
		f.path = key;
		add(arg, &f);
	}
}

const struct cmd_field fields_settings[] = {
	FIELD("model", "text", "path of the model"),
	FIELD("adapter", "text or null", "path of the adapter"),
	FIELD("data", "text", "name of the dataset"),
	FIELDS_MORE(fields_add_options),
	FIELDS_END,
};

const struct cmd_field fields_names[] = {
	FIELD("item", "text", "id of the item"),
	FIELD("title", "text or null", "its title, raw; null where it has none"),
	FIELDS_END,
};

const struct cmd_field fields_item[] = {
	FIELD("item", "text", "id of the item"),
	FIELD("title", "text or null", "its title, raw; null where it has none"),
	FIELD_WHEN("index", "text or null", "where the data has semantic ids", "its semantic id"),
	FIELD("tokens", "list of integers or null",
		"ids of the tokens that spell it, its end included; null where no tokens are known"),
	FIELDS_END,
};

const struct cmd_field fields_leaf[] = {
	FIELDS_OF(fields_item),
	FIELD("items", "list of texts", "ids of all items that these tokens spell, the first of them as \"item\" too"),
	FIELDS_END,
};

#define INTERVAL \
	FIELD("n", "integer", "of how many cases"), \
		FIELD("low", "number or null", "lower end of its 95 % interval"), \
		FIELD("high", "number or null", "its upper end")

const struct cmd_field fields_share[] = {
	FIELD("value", "number or null", "the share, from 0 to 1; null where n is 0"),
	FIELD("count", "integer", "of how many cases it holds"),
	INTERVAL,
	FIELDS_END,
};

const struct cmd_field fields_mean[] = {
	FIELD("value", "number or null", "the mean; null where n is 0"),
	INTERVAL,
	FIELDS_END,
};

const struct cmd_field fields_parameters[] = {
	FIELD("tau", "number", "temperature of the objective"),
	FIELD("K", "integer", "beam width that the objective trains for"),
	FIELD("xi", "number", "softness of the comparison in BEAR's condition, in nats"),
	FIELD("lambda", "number", "weight of the regulariser"),
	FIELDS_END,
};

const struct cmd_field fields_verdict_counts[] = {
	FIELD("retrieved", "integer", "the search returned the item"),
	FIELD("incorrectly-pruned", "integer", "among the exact best B, yet the search lost it"),
	FIELD("out-ranked", "integer", "not among the exact best B"),
	FIELD("unreachable", "integer", "no search can return it"),
	FIELD("undecided", "integer", "not returned, and the budget left its exact rank open"),
	FIELDS_END,
};

const struct fields_shared fields_shared[FIELDS_SHARED + 1] = {
	{"model", fields_model},
	{"settings", fields_settings},
	{"search", fields_search},
	{"verdict", fields_verdict},
	{"edit", fields_edit},
	{"fates", fields_fates},
	{"survey settings", fields_survey_settings},
	{"verdict counts", fields_verdict_counts},
	{"figures", fields_figures},
	{"survey step", fields_survey_step},
	{"survival", fields_width},
	{"slicing", fields_slicing},
	{"metrics", fields_metrics},
	{"share", fields_share},
	{"mean", fields_mean},
	{"parameters", fields_parameters},
	{NULL, NULL},
};
