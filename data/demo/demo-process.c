/*
 * The demo's process at the command line:
 *
 *     demo-process write DIR               writes the dataset, byte for byte the one in data/demo
 *     demo-process next [ITEM…]            what a customer who bought these buys next: probability, item, title
 *     demo-process perfect MODEL [B…]      what beam search loses of a model that knows these probabilities and
 *                                          spells titles with the tokens of MODEL, over the test cases
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "diagnose/metrics.h"
#include "perfect.h"
#include "process.h"
#include "store/file.h"
#include "store/json.h"

#define SHORTEST 4 /* purchases of a customer, the one to be predicted included */
#define LONGEST 14

struct customers {
	const char *file;
	size_t n;
	uint64_t seed;
};

static const struct customers splits[] = {{"train.csv", 10000, 1}, {"valid.csv", 500, 2}, {"test.csv", 1000, 3}};
static const struct customers *const test = &splits[2];

/* Purchases of the next customer of a split; returns their number. */
static size_t draw_customer(const struct process *p, struct rng *r, size_t wares[LONGEST])
{
	size_t n = SHORTEST + rng_below(r, LONGEST - SHORTEST + 1);

	process_draw(p, r, n, wares);
	return n;
}

static int write_customers(const struct process *p, const char *dir, const struct customers *c, struct err *err)
{
	char *path = file_join(dir, c->file);
	struct buf out = {0};
	struct rng r;
	int rc;

	rng_seed(&r, c->seed);
	buf_addstr(&out, "user_id,item_ids\n");
	for (size_t user = 1; user <= c->n; user++) {
		size_t wares[LONGEST], n = draw_customer(p, &r, wares);

		buf_addf(&out, "%zu,\"[", user);
		for (size_t i = 0; i < n; i++)
			buf_addf(&out, "%s%zu", i > 0 ? ", " : "", wares[i] + 1);
		buf_addstr(&out, "]\"\n");
	}
	rc = file_write(path, out.at, out.len, err);
	buf_release(&out);
	free(path);
	return rc;
}

static int write_titles(const struct process *p, const char *dir, struct err *err)
{
	char *path = file_join(dir, "id2name4Rec.json");
	json_t *titles = json_object();
	int rc;

	for (size_t i = 0; i < p->n; i++) {
		char id[24];

		snprintf(id, sizeof(id), "%zu", i + 1);
		json_object_set_new(titles, id, json_string(p->wares[i].title));
	}
	rc = json_write(path, titles, 0, err);
	json_decref(titles);
	free(path);
	return rc;
}

static int run_write(const struct process *p, char **args, size_t n, struct err *err)
{
	if (n != 1)
		return err_set(err, ERR_USAGE, "write takes one directory");
	if (write_titles(p, args[0], err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(splits); i++)
		if (write_customers(p, args[0], &splits[i], err) < 0)
			return -1;
	return 0;
}

static int parse_number(size_t *out, const char *text, const char *what, size_t most, struct err *err)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || n < 1 || n > most)
		return err_set(err, ERR_USAGE, "'%s' is no %s from 1 to %zu", text, what, most);
	*out = (size_t)n;
	return 0;
}

struct chance {
	double p;
	size_t ware;
};

static int falling(const void *left, const void *right)
{
	const struct chance *a = left, *b = right;

	if (a->p != b->p)
		return a->p > b->p ? -1 : 1;
	return a->ware < b->ware ? -1 : 1;
}

static int run_next(const struct process *p, char **args, size_t n, struct err *err)
{
	struct chance *chances = xcalloc(p->n, sizeof(*chances));
	double *next = xmalloc(p->n * sizeof(*next));
	struct customer c;
	size_t item;
	int rc = -1;

	customer_init(&c);
	for (size_t i = 0; i < n; i++) {
		if (parse_number(&item, args[i], "item", p->n, err) < 0)
			goto out;
		customer_buys(p, &c, item - 1);
	}
	process_next(p, &c, next);
	for (size_t i = 0; i < p->n; i++)
		chances[i] = (struct chance){next[i], i};
	qsort(chances, p->n, sizeof(*chances), falling);
	printf("probability\titem\ttitle\n");
	for (size_t i = 0; i < p->n; i++)
		printf("%.6f\t%zu\t%s\n", chances[i].p, chances[i].ware + 1, p->wares[chances[i].ware].title);
	rc = 0;
out:
	free(next);
	free(chances);
	return rc;
}

/* The outcomes of all test cases at one width. */
static int search_all(
	struct outcome *outcomes, const struct process *p, struct perfect *m, size_t width, struct err *err)
{
	const struct diagnose_options o = {.beam.width = width};
	double *next = xmalloc(p->n * sizeof(*next));
	struct rng r;
	int rc = 0;

	rng_seed(&r, test->seed);
	for (size_t i = 0; i < test->n && rc == 0; i++) {
		size_t wares[LONGEST], n = draw_customer(p, &r, wares);
		struct customer c;

		customer_init(&c);
		for (size_t k = 0; k + 1 < n; k++)
			customer_buys(p, &c, wares[k]);
		process_next(p, &c, next);
		rc = perfect_set(m, next, err);
		if (rc == 0)
			rc = outcome_find(
				&outcomes[i], &m->scorer, m->trie.item_leaf[wares[n - 1]], UNREACHABLE_NOT, &o, err);
	}
	free(next);
	return rc;
}

static void print_figure(const struct figure *f)
{
	printf("\t%.1f [%.1f, %.1f]", 100 * f->value, 100 * f->low, 100 * f->high);
}

static int print_search(const struct process *p, struct perfect *m, size_t width, struct err *err)
{
	struct outcome *outcomes = xcalloc(test->n, sizeof(*outcomes));
	struct metrics x;
	int rc = search_all(outcomes, p, m, width, err);

	if (rc == 0) {
		metrics_find(&x, outcomes, test->n, width, 1);
		printf("%zu", width);
		print_figure(&x.hr);
		print_figure(&x.exact_hr);
		printf("\t%zu/%zu", x.pruning_rate.count, x.pruning_rate.n);
		print_figure(&x.pruning_rate);
		print_figure(&x.search_recall);
		printf("\t%.3f\n", x.nll_before.value);
	}
	free(outcomes);
	return rc;
}

static int run_perfect(const struct process *p, char **args, size_t n, struct err *err)
{
	static char *usual[] = {"1", "2", "5", "10", "20", "50"};
	char **widths = n > 1 ? args + 1 : usual;
	size_t n_widths = n > 1 ? n - 1 : ARRAY_LEN(usual), width;
	struct perfect m;
	int rc = 0;

	if (n < 1)
		return err_set(err, ERR_USAGE, "perfect takes the directory of a tokenizer, and beam widths");
	if (perfect_init(&m, p, args[0], err) < 0)
		return -1;
	printf("B\tHR@B %%\texact HR@B %%\twrongly pruned\t%%\tsearch recall@B %%\tnats\n");
	for (size_t i = 0; i < n_widths && rc == 0; i++) {
		rc = parse_number(&width, widths[i], "beam width", p->n, err);
		if (rc == 0)
			rc = print_search(p, &m, width, err);
	}
	perfect_release(&m);
	return rc;
}

static int run(const struct process *p, int argc, char **argv, struct err *err)
{
	static const struct {
		const char *name;
		int (*run)(const struct process *p, char **args, size_t n, struct err *err);
	} commands[] = {{"write", run_write}, {"next", run_next}, {"perfect", run_perfect}};

	for (size_t i = 0; i < ARRAY_LEN(commands) && argc > 1; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(p, argv + 2, (size_t)argc - 2, err);
	return err_set(err, ERR_USAGE, "usage: demo-process write DIR | next [ITEM ...] | perfect MODEL [B ...]");
}

int main(int argc, char **argv)
{
	struct process p;
	struct err err;
	int status = EXIT_SUCCESS;

	setlocale(LC_CTYPE, "");
	process_init(&p);
	if (run(&p, argc, argv, &err) < 0) {
		fprintf(stderr, "demo-process: %s\n", err.msg);
		status = err.code == ERR_USAGE ? 2 : EXIT_FAILURE;
	} else if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("demo-process: standard output");
		status = EXIT_FAILURE;
	}
	process_release(&p);
	return status;
}
