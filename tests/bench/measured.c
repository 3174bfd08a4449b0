/* Measurements in files, and tables of them. */
#include "measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "diagnose/metrics.h"
#include "store/file.h"
#include "store/json.h"

#define SEED 1
#define MAX_FILE ((size_t)1 << 28)

/* Numbers of an outcome, by their names in the file. */
static const struct {
	const char *key;
	size_t offset;
} counts[] = {
	{"rank", offsetof(struct outcome, rank)},
	{"exact_rank", offsetof(struct outcome, exact_rank)},
	{"pruned_at", offsetof(struct outcome, pruned_at)},
	{"returned", offsetof(struct outcome, returned)},
	{"recalled", offsetof(struct outcome, recalled)},
	{"exact_n", offsetof(struct outcome, exact_n)},
};

static size_t *count_of(struct outcome *o, size_t i)
{
	return (size_t *)((char *)o + counts[i].offset);
}

static json_t *nats(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

void measured_write(struct buf *out, const struct measured *m, size_t width)
{
	struct outcome o = m->outcome;
	json_t *v = json_object(), *ranks = json_array();
	char *text;

	json_object_set_new(v, "case", json_string(m->id));
	json_object_set_new(v, "beam", json_integer((json_int_t)width));
	json_object_set_new(v, "verdict", json_string(verdict_name(o.kind)));
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		json_object_set_new(v, counts[i].key, json_integer((json_int_t)*count_of(&o, i)));
	json_object_set_new(v, "exact_rank_proved", json_boolean(o.exact_proved));
	json_object_set_new(v, "condition_holds", json_boolean(o.condition_holds));
	json_object_set_new(v, "nll_before", nats(o.nll_before));
	json_object_set_new(v, "nll_after", nats(o.nll_after));
	json_object_set_new(v, "exact_rank_far", json_integer((json_int_t)m->exact_rank));
	for (size_t i = 0; i < N_SURVIVAL; i++)
		json_array_append_new(ranks, json_integer((json_int_t)m->ranks[i]));
	json_object_set_new(v, "ranks", ranks);
	text = json_dumps(v, JSON_COMPACT);
	buf_addstr(out, text);
	buf_addch(out, '\n');
	free(text);
	json_decref(v);
}

static int read_verdict(const struct json_node *v, enum verdict_kind *kind, struct err *err)
{
	const char *name;

	if (json_get_str(v, "verdict", &name, err) < 0)
		return -1;
	for (int k = VERDICT_RETRIEVED; k <= VERDICT_UNDECIDED; k++)
		if (!strcmp(name, verdict_name((enum verdict_kind)k))) {
			*kind = (enum verdict_kind)k;
			return 0;
		}
	return json_refuse(v, err, "has a verdict of no known kind");
}

static int read_ranks(const struct json_node *v, size_t ranks[N_SURVIVAL], struct err *err)
{
	struct json_node list;
	size_t n;

	if (json_get_array(v, "ranks", &list, &n, err) < 0)
		return -1;
	if (n != N_SURVIVAL)
		return json_refuse(&list, err, "must have %d ranks", N_SURVIVAL);
	for (size_t i = 0; i < n; i++) {
		struct json_node rank = json_element(&list, i);

		if (json_as_size(&rank, 0, SIZE_MAX / 2, &ranks[i], err) < 0)
			return -1;
	}
	return 0;
}

static int read_line(struct measurement *m, const struct json_node *v, struct err *err)
{
	struct measured x = {.outcome = {.nll_before = INFINITY, .nll_after = INFINITY}};
	const char *id;

	if (json_as_object(v, err) || json_get_str(v, "case", &id, err) ||
		json_get_size(v, "beam", 1, SIZE_MAX / 2, &m->width, err) || read_verdict(v, &x.outcome.kind, err) ||
		json_opt_bool(v, "exact_rank_proved", &x.outcome.exact_proved, err) ||
		json_opt_bool(v, "condition_holds", &x.outcome.condition_holds, err) ||
		json_opt_double(v, "nll_before", 0, INFINITY, &x.outcome.nll_before, err) ||
		json_opt_double(v, "nll_after", 0, INFINITY, &x.outcome.nll_after, err) ||
		json_get_size(v, "exact_rank_far", 0, SIZE_MAX / 2, &x.exact_rank, err) || read_ranks(v, x.ranks, err))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		if (json_get_size(v, counts[i].key, 0, SIZE_MAX / 2, count_of(&x.outcome, i), err) < 0)
			return -1;
	snprintf(x.id, sizeof(x.id), "%s", id);
	vec_push(&m->cases, x);
	return 0;
}

static char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	return dot != NULL ? xstrndup(name, (size_t)(dot - name)) : xstrdup(name);
}

int measurement_read(struct measurement *m, const char *path, struct err *err)
{
	struct buf text = {0};
	char *line, *rest;
	int rc;

	*m = (struct measurement){.name = name_of(path)};
	rc = file_read(&text, path, MAX_FILE, err);
	rest = text.at;
	while (rc == 0 && (line = strsep(&rest, "\n")) != NULL) {
		struct json_doc doc = {0};

		if (*line == '\0')
			continue;
		rc = json_doc_parse(&doc, path, line, strlen(line), err);
		if (rc == 0)
			rc = read_line(m, &doc.root, err);
		json_doc_release(&doc);
	}
	if (rc == 0 && m->cases.n == 0)
		rc = err_set(err, ERR_FORMAT, "'%s' holds no case", path);
	buf_release(&text);
	return rc;
}

void measurement_release(struct measurement *m)
{
	free(m->name);
	vec_release(&m->cases);
}

static void percent(const struct figure *f)
{
	printf(" %.1f [%.1f, %.1f] |", 100 * f->value, 100 * f->low, 100 * f->high);
}

static void print_figures(const struct measurement *m)
{
	struct outcome *o = xcalloc(m->cases.n, sizeof(*o));
	struct metrics x;

	for (size_t i = 0; i < m->cases.n; i++)
		o[i] = m->cases.at[i].outcome;
	metrics_find(&x, o, m->cases.n, m->width, SEED);
	printf("| %s | %zu |", m->name, x.cases);
	printf(" %.2f | %.2f |", 100 * x.hr.value, 100 * x.ndcg.value);
	printf(" %.2f | %.2f |", 100 * x.exact_hr.value, 100 * x.exact_ndcg.value);
	printf(" %zu/%zu =", x.pruning_rate.count, x.pruning_rate.n);
	percent(&x.pruning_rate);
	percent(&x.search_recall);
	printf(" %.1f |", 100 * x.condition_violated.value);
	printf(" %zu/%zu | %.3f |\n", x.lucky.count, x.lucky.n, x.nll_before.value);
	free(o);
}

/* HR@B, HR@B of a perfect search, and the share of the latter's hits that the search lost. */
static void print_survival(const struct measurement *m)
{
	printf("| %s |", m->name);
	for (size_t w = 0; w < N_SURVIVAL; w++) {
		size_t hits = 0, exact = 0, lost = 0;

		for (size_t i = 0; i < m->cases.n; i++) {
			const struct measured *x = &m->cases.at[i];
			bool within = x->exact_rank > 0 && x->exact_rank <= survival_widths[w];

			hits += x->ranks[w] > 0;
			exact += within;
			lost += within && x->ranks[w] == 0;
		}
		printf(" %.1f / %.1f / %.0f |", 100 * (double)hits / (double)m->cases.n,
			100 * (double)exact / (double)m->cases.n, exact > 0 ? 100 * (double)lost / (double)exact : 0);
	}
	putchar('\n');
}

/* What is compared of a case. */
static double gain(size_t rank, size_t width)
{
	return rank > 0 && rank <= width ? 1 / log2((double)rank + 1) : 0;
}

enum {
	RECALL,
	NDCG,
	EXACT_NDCG,
	N_COMPARED
};

static void compared(const struct outcome *o, size_t width, double x[N_COMPARED])
{
	x[RECALL] = o->exact_n > 0 ? (double)o->recalled / (double)o->exact_n : 0;
	x[NDCG] = gain(o->rank, width);
	x[EXACT_NDCG] = gain(o->exact_rank, width);
}

/* The cases of two measurements that both have. */
struct pairs {
	double *first[N_COMPARED], *second[N_COMPARED]; /* owned */
	size_t n, lost_new, lost_gone, hit_new, hit_gone;
};

static void pair(struct pairs *p, const struct outcome *a, const struct outcome *b, size_t width)
{
	double x[N_COMPARED], y[N_COMPARED];

	compared(a, width, x);
	compared(b, width, y);
	for (size_t k = 0; k < N_COMPARED; k++) {
		p->first[k][p->n] = x[k];
		p->second[k][p->n] = y[k];
	}
	p->lost_new += a->kind != VERDICT_PRUNED && b->kind == VERDICT_PRUNED;
	p->lost_gone += a->kind == VERDICT_PRUNED && b->kind != VERDICT_PRUNED;
	p->hit_new += a->rank == 0 && b->rank > 0;
	p->hit_gone += a->rank > 0 && b->rank == 0;
	p->n++;
}

static void print_pairs(const struct measurement *a, const struct measurement *b)
{
	struct pairs p = {.n = 0};
	struct map by_id;
	uint32_t at;
	bool added;

	map_init(&by_id, 0);
	for (size_t i = 0; i < a->cases.n; i++)
		map_put(&by_id, a->cases.at[i].id, strlen(a->cases.at[i].id), (uint32_t)i, &added);
	for (size_t k = 0; k < N_COMPARED; k++) {
		p.first[k] = xcalloc(b->cases.n, sizeof(double));
		p.second[k] = xcalloc(b->cases.n, sizeof(double));
	}
	for (size_t i = 0; i < b->cases.n; i++)
		if (map_get(&by_id, b->cases.at[i].id, strlen(b->cases.at[i].id), &at))
			pair(&p, &a->cases.at[at].outcome, &b->cases.at[i].outcome, a->width);
	printf("| %s | %zu | %zu new, %zu gone, p %.2g | %zu new, %zu gone, p %.2g |", b->name, p.n, p.lost_new,
		p.lost_gone, figure_mcnemar(p.lost_gone, p.lost_new), p.hit_new, p.hit_gone,
		figure_mcnemar(p.hit_gone, p.hit_new));
	for (size_t k = 0; k < N_COMPARED; k++) {
		double chance;
		struct figure f = figure_paired(p.first[k], p.second[k], p.n, SEED, &chance);

		printf(" %+.2f [%+.2f, %+.2f] |", 100 * f.value, 100 * f.low, 100 * f.high);
		free(p.first[k]);
		free(p.second[k]);
	}
	putchar('\n');
	map_release(&by_id);
}

void measurements_table(const struct measurement *m, size_t n)
{
	size_t width = m[0].width;

	printf("| | cases | HR@%zu %% | NDCG@%zu %% | exact HR %% | exact NDCG %% | wrongly pruned of exact rank ≤ "
	       "%zu, %% | "
	       "search recall@%zu %% | condition violated %% | lucky hits | nats an item |\n"
	       "|---|---|---|---|---|---|---|---|---|---|---|\n",
		width, width, width, width);
	for (size_t i = 0; i < n; i++)
		print_figures(&m[i]);
	printf("\nHR@B / exact HR@B / lost of the latter, %%\n\n| B |");
	for (size_t w = 0; w < N_SURVIVAL; w++)
		printf(" %zu |", survival_widths[w]);
	printf("\n|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < n; i++)
		print_survival(&m[i]);
	if (n == 1)
		return;
	printf("\n| against %s | pairs | wrongly pruned | hits | search recall | NDCG | exact NDCG |\n"
	       "|---|---|---|---|---|---|---|\n",
		m[0].name);
	for (size_t i = 1; i < n; i++)
		print_pairs(&m[0], &m[i]);
}
