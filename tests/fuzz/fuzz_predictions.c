/* Predictions from any bytes: what is read can be judged, with a dataset and without, and what is compared of a text is
 * a part of it. */
#include "fuzz.h"

#include <string.h>

#include "diagnose/judgement.h"

static uint32_t history[] = {0, 1};
static struct rec_case cases[] = {
	{.id = "1", .user = "", .history = history, .n_history = 2, .positive = 2, .positive_id = "3"},
	{.id = "2", .user = "", .history = history, .n_history = 1, .positive = 1, .positive_id = "2"},
	{.id = "3", .user = "", .history = history, .n_history = 1, .positive = ITEM_NONE, .positive_id = "9"},
};

static void make_dataset(struct dataset *d)
{
	static const char *const titles[] = {"Pen", "Ink", "Pen", "\"3\" x 5\""};
	struct err err;

	*d = (struct dataset){.name = (char *)"fuzz"};
	catalogue_init(&d->catalogue);
	for (size_t i = 0; i < ARRAY_LEN(titles); i++) {
		char id[] = {(char)('1' + i), '\0'};

		FUZZ_CHECK(catalogue_add(&d->catalogue, id, titles[i], &err) == 0);
	}
	d->splits[SPLIT_TEST].cases = cases;
	d->splits[SPLIT_TEST].n = ARRAY_LEN(cases);
}

static void cut(const struct predictions *p, const char *text)
{
	size_t len = strlen(text);

	for (int role = PREDICTION_ITEM; role <= PREDICTION_MADE; role++) {
		struct prediction_key k = prediction_key(p->form, role, text);

		FUZZ_CHECK(k.len <= len);
		FUZZ_CHECK(k.len == 0 || (k.at >= text && k.at + k.len <= text + len));
	}
}

static void judge(const struct predictions *p, const struct dataset *d)
{
	struct judgement j;
	struct err err;

	if (judgement_init(&j, p, d, SPLIT_TEST, 1, &err) == 0) {
		FUZZ_CHECK(judgement_sum(&j, NULL, 0, 0, &err) == 0);
		json_decref(judgement_json(&j));
		for (size_t i = 0; i < p->n; i++) {
			FUZZ_CHECK(j.at[i].rank <= p->at[i].n && j.at[i].invalid <= p->at[i].n);
			FUZZ_CHECK(!d || j.at[i].rc);
			json_decref(judgement_entry_json(&j, i));
		}
	} else {
		FUZZ_CHECK(err.code == ERR_VALUE && strstr(err.msg, p->doc.file));
	}
	judgement_release(&j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_file file;
	struct predictions p;
	struct dataset d;
	struct err err;

	fuzz_file_init(&file, data, len);
	if (predictions_read(&p, file.path, &err) == 0) {
		FUZZ_CHECK(p.n > 0 && p.width > 0);
		make_dataset(&d);
		for (size_t i = 0; i < p.n; i++)
			for (size_t k = 0; k < p.at[i].n; k++)
				cut(&p, p.at[i].texts[k]);
		for (int form = PREDICTIONS_BEAR; form <= PREDICTIONS_MINIONEREC; form++) {
			p.form = form;
			judge(&p, NULL);
			judge(&p, &d);
		}
		catalogue_release(&d.catalogue);
	} else {
		FUZZ_CHECK(strncmp(err.msg, file.path, strlen(file.path)) == 0);
	}
	predictions_release(&p);
	fuzz_file_release(&file);
	return 0;
}
