/*
 * A survey comes back from its file bit for bit; what is no survey, or another one, is refused and left alone.
 */
#include "tempdir.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>

#include "base/rng.h"
#include "diagnose/survey.h"
#include "session/survey_run.h"
#include "store/file.h"

#define WIDTH 4
#define SPLIT 500

static json_t *settings(const char *change, json_t *value)
{
	json_t *v = json_pack("{s:s, s:s?, s:i, s:f, s:s, s:i, s:[i,i,i], s:i, s:i, s:s?, s:s, s:s}", "model", "here",
		"adapter", NULL, "beam", WIDTH, "tau", 0.1, "split", "test", "split_cases", SPLIT, "beams", 1, WIDTH, 9,
		"rank_limit", 100, "seed", 7, "where", NULL, "model_digest", "m0", "data_digest", "d0");

	assert_non_null(v);
	if (change)
		json_object_set_new(v, change, value);
	return v;
}

static void begin(struct survey *s, json_t *v)
{
	struct err err;

	survey_init(s);
	check_ok(survey_set(s, v, &err), &err);
}

/* Any finite double at most 0, by its bits. */
static double random_logp(struct rng *r)
{
	double x = 0;

	do {
		uint64_t bits = rng_u64(r);

		memcpy(&x, &bits, sizeof(x));
	} while (!isfinite(x));
	return -fabs(x);
}

static double random_margin(struct rng *r)
{
	return rng_below(r, 2) ? random_logp(r) : -random_logp(r);
}

static void make_steps(struct finding *f, struct rng *r, struct arena *a)
{
	bool zero = false, ended = false;

	f->n_steps = 1 + rng_below(r, 5);
	f->steps = arena_alloc(a, f->n_steps * sizeof(*f->steps));
	for (size_t i = 0; i < f->n_steps; i++) {
		struct finding_step *p = &f->steps[i];
		bool impossible = f->outcome.why == UNREACHABLE_ZERO && rng_below(r, 2);

		zero |= impossible;
		ended |= rng_below(r, 4) == 0;
		*p = (struct finding_step){.token = (uint32_t)rng_below(r, UINT32_MAX), .in_beam = rng_below(r, 2)};
		p->text = rng_below(r, 2) ? " \"\t\xE2\x80\xAE" : "";
		p->valid = 3;
		p->token_rank = 1 + rng_below(r, 3);
		p->prefix_rank = ended ? 0 : 1 + rng_below(r, 90);
		p->step_logp = impossible ? -INFINITY : random_logp(r);
		p->token_margin = !impossible ? random_margin(r) : p->token_rank > 1 ? -INFINITY : (double)NAN;
		p->prefix_margin = ended                  ? (double)NAN
				   : zero                 ? -INFINITY
				   : rng_below(r, 5) == 0 ? INFINITY
							  : random_margin(r);
	}
}

static void make_outcome(struct finding *f, struct rng *r, struct arena *a)
{
	struct outcome *o = &f->outcome;

	o->kind = (enum verdict_kind)rng_below(r, VERDICT_UNDECIDED + 1);
	o->returned = WIDTH;
	o->exact_n = rng_below(r, WIDTH + 1);
	o->recalled = rng_below(r, (uint32_t)o->exact_n + 1);
	o->condition_holds = rng_below(r, 2);
	o->nll_before = o->nll_after = INFINITY;
	if (o->kind == VERDICT_UNREACHABLE) {
		o->why = (enum unreachable_why)(1 + rng_below(r, UNREACHABLE_ZERO));
		if (o->why == UNREACHABLE_ZERO)
			make_steps(f, r, a);
		return;
	}
	o->exact_rank = o->kind == VERDICT_OUTRANKED ? WIDTH + 1 + rng_below(r, 9) : 1 + rng_below(r, WIDTH);
	f->exact_rank_most = o->exact_rank + rng_below(r, 3);
	if (o->kind == VERDICT_PRUNED && f->exact_rank_most > WIDTH)
		f->exact_rank_most = WIDTH;
	if (o->kind == VERDICT_UNDECIDED)
		f->exact_rank_most = WIDTH + 1 + rng_below(r, 3);
	o->exact_proved = f->exact_rank_most == o->exact_rank;
	o->nll_before = -random_logp(r);
	o->nll_after = rng_below(r, 4) ? -random_logp(r) : INFINITY;
	if (o->kind == VERDICT_RETRIEVED) {
		o->rank = f->item_rank = 1 + rng_below(r, WIDTH);
	} else {
		o->pruned_at = 1 + rng_below(r, 9);
		f->how = (enum lost_how)(1 + rng_below(r, LOST_STOPPED));
	}
	f->smallest_width = rng_below(r, 20);
	make_steps(f, r, a);
}

static void add_random(struct survey *s, struct rng *r, size_t index)
{
	static const char *const texts[] = {"", "a", "\"Pens\\\" \n", "caf\xC3\xA9 \xE2\x80\xAE\x1b[31m", "</script>"};
	struct finding f = {.index = index, .user = texts[rng_below(r, 5)], .item = texts[rng_below(r, 5)]};
	char id[32];

	snprintf(id, sizeof(id), "c%zu", index);
	f.id = arena_strdup(&s->arena, id);
	f.title = texts[rng_below(r, 5)];
	f.history = rng_below(r, 30);
	f.prompt_tokens = rng_below(r, 300);
	f.popularity = rng_below(r, 300);
	f.item_tokens = rng_below(r, 9);
	f.choices = rng_below(r, 9);
	f.first_token = rng_below(r, 3) ? rng_below(r, 1000) : TOKEN_NONE;
	f.first_text = texts[rng_below(r, 5)];
	f.first_shared = rng_below(r, 50);
	make_outcome(&f, r, &s->arena);
	f.reach = arena_alloc(&s->arena, s->n_widths * sizeof(*f.reach));
	for (size_t i = 0; i < s->n_widths; i++) {
		f.reach[i].rank = rng_below(r, (uint32_t)s->widths[i] + 1);
		f.reach[i].exact_n = rng_below(r, (uint32_t)s->widths[i] + 1);
		f.reach[i].recalled = rng_below(r, (uint32_t)f.reach[i].exact_n + 1);
	}
	f.expanded = rng_below(r, 1000);
	f.scored = rng_below(r, 1000000);
	vec_push(&s->findings, f);
}

static void random_survey(struct survey *s, size_t n)
{
	struct rng r;

	begin(s, settings(NULL, NULL));
	rng_seed(&r, n);
	for (size_t i = 0; i < n; i++)
		add_random(s, &r, i + 1);
}

static void write_lines(const struct survey *s, size_t first, size_t end, struct buf *out)
{
	for (size_t i = first; i < end; i++)
		survey_line(s, &s->findings.at[i], out);
}

static char *put_lines(const char *dir, const char *name, const struct survey *s, size_t first, size_t end)
{
	struct buf b = {0};
	char *path;

	write_lines(s, first, end, &b);
	path = tempdir_put(dir, name, buf_str(&b), b.len);
	buf_release(&b);
	return path;
}

/* A NaN is one whatever its bits. */
static void same_bits(double a, double b)
{
	if (!(isnan(a) && isnan(b)) && memcmp(&a, &b, sizeof(a)) != 0)
		fail_msg("%a came back as %a", a, b);
}

static void same_outcome(const struct outcome *a, const struct outcome *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->why, b->why);
	assert_int_equal(a->rank, b->rank);
	assert_int_equal(a->exact_rank, b->exact_rank);
	assert_int_equal(a->exact_proved, b->exact_proved);
	assert_int_equal(a->pruned_at, b->pruned_at);
	assert_int_equal(a->condition_holds, b->condition_holds);
	assert_int_equal(a->returned, b->returned);
	assert_int_equal(a->recalled, b->recalled);
	assert_int_equal(a->exact_n, b->exact_n);
	same_bits(a->nll_before, b->nll_before);
	same_bits(a->nll_after, b->nll_after);
}

static void same_steps(const struct finding *a, const struct finding *b)
{
	assert_int_equal(a->n_steps, b->n_steps);
	for (size_t i = 0; i < a->n_steps; i++) {
		const struct finding_step *p = &a->steps[i], *q = &b->steps[i];

		assert_int_equal(p->token, q->token);
		assert_string_equal(p->text, q->text);
		assert_int_equal(p->valid, q->valid);
		assert_int_equal(p->token_rank, q->token_rank);
		assert_int_equal(p->prefix_rank, q->prefix_rank);
		assert_int_equal(p->in_beam, q->in_beam);
		same_bits(p->step_logp, q->step_logp);
		same_bits(p->token_margin, q->token_margin);
		same_bits(p->prefix_margin, q->prefix_margin);
	}
}

static void same_finding(const struct finding *a, const struct finding *b, size_t n_widths)
{
	assert_int_equal(a->index, b->index);
	assert_string_equal(a->id, b->id);
	assert_string_equal(a->user, b->user);
	assert_string_equal(a->item, b->item);
	assert_string_equal(a->title, b->title);
	assert_string_equal(a->first_text, b->first_text);
	assert_int_equal(a->history, b->history);
	assert_int_equal(a->prompt_tokens, b->prompt_tokens);
	assert_int_equal(a->popularity, b->popularity);
	assert_int_equal(a->item_tokens, b->item_tokens);
	assert_int_equal(a->choices, b->choices);
	assert_int_equal(a->first_token, b->first_token);
	assert_int_equal(a->first_shared, b->first_shared);
	assert_int_equal(a->how, b->how);
	assert_int_equal(a->item_rank, b->item_rank);
	assert_int_equal(a->exact_rank_most, b->exact_rank_most);
	assert_int_equal(a->smallest_width, b->smallest_width);
	assert_int_equal(a->expanded, b->expanded);
	assert_int_equal(a->scored, b->scored);
	same_outcome(&a->outcome, &b->outcome);
	same_steps(a, b);
	for (size_t i = 0; i < n_widths; i++) {
		assert_int_equal(a->reach[i].rank, b->reach[i].rank);
		assert_int_equal(a->reach[i].recalled, b->reach[i].recalled);
		assert_int_equal(a->reach[i].exact_n, b->reach[i].exact_n);
	}
}

static void findings_come_back_bit_for_bit(void **state)
{
	struct survey s, read;
	struct err err;
	size_t whole;
	char *path;

	random_survey(&s, 400);
	path = put_lines(*state, "all", &s, 0, 400);
	survey_init(&read);
	check_ok(survey_read(&read, path, &whole, &err), &err);
	assert_int_equal(read.width, WIDTH);
	assert_int_equal(read.split_cases, SPLIT);
	assert_int_equal(read.meant, SPLIT);
	assert_int_equal(read.seed, 7);
	assert_int_equal(read.n_widths, 3);
	assert_int_equal(read.widths[2], 9);
	assert_int_equal(read.findings.n, 400);
	for (size_t i = 0; i < 400; i++)
		same_finding(&s.findings.at[i], &read.findings.at[i], 3);
	survey_release(&read);
	survey_release(&s);
	free(path);
}

/* Files in any order, one of them twice. */
static void parts_are_put_together(void **state)
{
	struct survey s, read;
	struct buf whole = {0}, merged = {0};
	struct err err;
	char *first, *second;

	random_survey(&s, 30);
	first = put_lines(*state, "first", &s, 0, 18);
	second = put_lines(*state, "second", &s, 12, 30);
	survey_init(&read);
	check_ok(survey_read(&read, second, NULL, &err), &err);
	check_ok(survey_read(&read, first, NULL, &err), &err);
	check_ok(survey_read(&read, second, NULL, &err), &err);
	assert_int_equal(read.findings.n, 30);
	survey_sort(&read);
	write_lines(&s, 0, 30, &whole);
	write_lines(&read, 0, 30, &merged);
	assert_int_equal(whole.len, merged.len);
	assert_memory_equal(whole.at, merged.at, whole.len);
	buf_release(&whole);
	buf_release(&merged);
	survey_release(&read);
	survey_release(&s);
	free(first);
	free(second);
}

static void a_case_found_twice_must_be_the_same(void **state)
{
	struct survey s, read;
	struct err err;
	char *first, *second;

	random_survey(&s, 5);
	first = put_lines(*state, "first", &s, 0, 5);
	s.findings.at[3].scored++;
	second = put_lines(*state, "second", &s, 2, 5);
	survey_init(&read);
	check_ok(survey_read(&read, first, NULL, &err), &err);
	check_refused(survey_read(&read, second, NULL, &err), &err, ERR_VALUE, "second:2: case 'c4' was found before");
	assert_int_equal(read.findings.n, 5);
	survey_release(&read);
	survey_release(&s);
	free(first);
	free(second);
}

/* One line of a survey with one member changed, or taken out (value NULL), is refused by that name. */
static void refuse_line(const char *dir, const char *path, json_t *value, const char *text)
{
	json_t *line, *object;
	struct survey s, read;
	struct buf b = {0};
	char *file, *key = xstrdup(path), *last = strrchr(key, '.');
	struct err err;

	random_survey(&s, 1);
	s.findings.at[0].index = 3;
	survey_line(&s, &s.findings.at[0], &b);
	line = json_loads(buf_str(&b), 0, NULL);
	assert_non_null(line);
	object = line;
	if (last) {
		*last = '\0';
		object = json_object_get(line, key);
	}
	if (value)
		json_object_set_new(object, last ? last + 1 : key, value);
	else
		json_object_del(object, last ? last + 1 : key);
	buf_clear(&b);
	json_add(&b, line);
	buf_addch(&b, '\n');
	file = tempdir_put(dir, "bad", b.at, b.len);
	survey_init(&read);
	check_refused(survey_read(&read, file, NULL, &err), &err, ERR_FORMAT, text);
	if (!strstr(err.msg, "/bad:1"))
		fail_msg("'%s' does not say where", err.msg);
	assert_null(read.settings);
	survey_release(&read);
	survey_release(&s);
	buf_release(&b);
	json_decref(line);
	free(file);
	free(key);
}

static void every_member_is_checked(void **state)
{
	struct survey s;
	struct buf b = {0};
	json_t *line, *value;
	const char *key;

	random_survey(&s, 1);
	survey_line(&s, &s.findings.at[0], &b);
	line = json_loads(buf_str(&b), 0, NULL);
	json_object_foreach(line, key, value) {
		char *lacks = xasprintf("lacks \"%s\"", key), *wrong = xasprintf("\"%s\" must be", key);

		refuse_line(*state, key, NULL, lacks);
		refuse_line(*state, key, json_array(), wrong);
		free(lacks);
		free(wrong);
	}
	json_object_foreach(json_object_get(line, "steps"), key, value) {
		char *path = xasprintf("steps.%s", key), *lacks = xasprintf("lacks \"%s\"", key);

		refuse_line(*state, path, NULL, lacks);
		refuse_line(*state, path, json_pack("[{}]"), path);
		free(path);
		free(lacks);
	}
	json_decref(line);
	buf_release(&b);
	survey_release(&s);
}

/* Each kind but the one that goes with the ranks of the line. */
static void refuse_other_kind(const char *dir, enum verdict_kind kind)
{
	struct survey s;

	random_survey(&s, 1);
	if (s.findings.at[0].outcome.kind != kind)
		refuse_line(dir, "kind", json_string(verdict_name(kind)), "does not go with its ranks");
	survey_release(&s);
}

static void members_must_go_together(void **state)
{
	const char *dir = *state;

	refuse_line(dir, "index", json_integer(0), "number 0 of a split of 500");
	refuse_line(dir, "index", json_integer(501), "number 501 of a split of 500");
	refuse_line(dir, "index", json_integer(-1), "\"index\" must be");
	refuse_line(dir, "case", json_null(), "names no case");
	refuse_line(dir, "returned", json_integer(WIDTH + 1), "more than beam width 4");
	refuse_line(dir, "exact_n", json_integer(WIDTH + 1), "more than beam width 4");
	refuse_line(dir, "recalled", json_integer(WIDTH), "more than beam width 4");
	refuse_line(dir, "kind", json_string("undecided-ish"), "none of its values");
	refuse_line(dir, "unreachable", json_string("hidden"), "does not go with its ranks");
	refuse_line(dir, "exact_rank", json_null(), "does not go with its ranks");
	refuse_line(dir, "exact_rank_most", json_null(), "does not go with its ranks");
	refuse_line(dir, "exact_rank_proved", json_string("x"), "must be");
	for (int kind = 0; kind <= VERDICT_UNDECIDED; kind++)
		refuse_other_kind(dir, (enum verdict_kind)kind);
	refuse_line(dir, "nll_before", json_null(), "no probability");
	refuse_line(dir, "nll_before", json_real(-1), "\"nll_before\" must be");
	refuse_line(dir, "pruned_at", json_integer(1 << 20), "cannot be");
	refuse_line(dir, "first_token", json_integer(UINT32_MAX), "\"first_token\" must be");
	refuse_line(dir, "title", json_stringn("a\0b", 3), "U+0000");
	refuse_line(dir, "reach.rank", json_pack("[i,n,n]", 2), "more than beam width 1");
	refuse_line(dir, "reach.exact_n", json_pack("[i,i]", 0, 0), "has 2 elements, and 3 are wanted");
	refuse_line(dir, "settings.beam", json_integer(0), "\"settings.beam\" must be");
	refuse_line(dir, "settings.beam", NULL, "lacks \"beam\"");
	refuse_line(dir, "settings.beams", json_pack("[i,i]", 2, 2), "no larger than the width before it");
	refuse_line(dir, "settings.split_cases", json_integer(2), "number 3 of a split of 2");
	refuse_line(dir, "settings.model_digest", json_integer(2), "\"settings.model_digest\" must be");
}

/* A file made with other settings says which, and what they are. */
static void other_settings_are_refused(void **state)
{
	struct survey s, other;
	struct err err;
	char *path;

	random_survey(&s, 3);
	path = put_lines(*state, "lines", &s, 0, 3);
	begin(&other, settings("tau", json_real(0.2)));
	check_refused(survey_read(&other, path, NULL, &err), &err, ERR_VALUE,
		"lines:1: was made with 'tau' 0.1, not 0.2");
	survey_release(&other);
	begin(&other, settings("search", json_string("hf")));
	check_refused(survey_read(&other, path, NULL, &err), &err, ERR_VALUE, "'search' not said, not \"hf\"");
	survey_release(&other);
	begin(&other, settings("model_digest", json_string("m1")));
	check_refused(survey_read(&other, path, NULL, &err), &err, ERR_VALUE, "another model");
	survey_release(&other);
	begin(&other, settings("data_digest", json_string("d1")));
	check_refused(survey_read(&other, path, NULL, &err), &err, ERR_VALUE, "other data");
	assert_int_equal(other.findings.n, 0);
	survey_release(&other);
	begin(&other, settings("model", json_string("elsewhere")));
	check_ok(survey_read(&other, path, NULL, &err), &err);
	assert_int_equal(other.findings.n, 3);
	survey_release(&other);
	begin(&other, settings("seed", json_integer(8)));
	check_ok(survey_read(&other, path, NULL, &err), &err);
	assert_int_equal(other.seed, 8);
	survey_release(&other);
	survey_release(&s);
	free(path);
}

static void settings_are_checked(void **state)
{
	struct survey s;
	struct err err;

	(void)state;
	survey_init(&s);
	check_refused(survey_set(&s, settings("beam", json_string("x")), &err), &err, ERR_VALUE, "\"beam\" must be");
	check_refused(survey_set(&s, settings("where", json_true()), &err), &err, ERR_VALUE, "\"where\" must be");
	assert_null(s.settings);
	check_ok(survey_set(&s, settings("where_cases", json_integer(9)), &err), &err);
	assert_int_equal(s.meant, 9);
	survey_release(&s);
}

static char *content(const char *path)
{
	struct buf b = {0};
	struct err err;

	check_ok(file_read(&b, path, (size_t)1 << 24, &err), &err);
	return b.len > 0 ? buf_detach(&b) : xstrdup("");
}

/* Cut at every byte of its last line, a file is gone on with, and becomes what it would have been. */
static void a_broken_line_is_cut_away(void **state)
{
	struct survey s, on;
	struct survey_file f;
	struct buf whole = {0};
	char *path = tempdir_path(*state, "lines"), *text;
	size_t two;
	struct err err;

	random_survey(&s, 3);
	write_lines(&s, 0, 2, &whole);
	two = whole.len;
	write_lines(&s, 2, 3, &whole);
	for (size_t cut = two; cut <= whole.len; cut++) {
		bool all = cut == whole.len;

		free(tempdir_put(*state, "lines", whole.at, cut));
		begin(&on, settings(NULL, NULL));
		check_ok(survey_file_open(&f, path, &on, &err), &err);
		assert_int_equal(on.findings.n, all ? 3 : 2);
		if (!all)
			check_ok(survey_file_add(&f, &s, &s.findings.at[2], &err), &err);
		check_ok(survey_file_close(&f, &err), &err);
		text = content(path);
		assert_string_equal(text, whole.at);
		free(text);
		survey_release(&on);
	}
	buf_release(&whole);
	survey_release(&s);
	free(path);
}

/* Refused, for a reason that the message gives, and not a byte of it changed. */
static void refuse_file(const char *dir, const char *bytes, size_t len, const char *text)
{
	char *path = tempdir_put(dir, "other", bytes, len);
	struct survey_file f;
	struct buf now = {0};
	struct survey s;
	struct err err, ignored;

	begin(&s, settings(NULL, NULL));
	if (survey_file_open(&f, path, &s, &err) != -1)
		fail_msg("'%s' was taken for a survey", bytes);
	if (!strstr(err.msg, text) || !strstr(err.msg, "name another file"))
		fail_msg("\"%s\" says nothing of \"%s\"", err.msg, text);
	assert_int_equal(survey_file_close(&f, &ignored), 0);
	check_ok(file_read(&now, path, 1 << 20, &err), &err);
	assert_int_equal(now.len, len);
	assert_memory_equal(now.at, bytes, len);
	buf_release(&now);
	survey_release(&s);
	free(path);
}

static void what_is_no_survey_is_left_alone(void **state)
{
	const char *dir = *state;
	struct survey s;
	struct buf b = {0};

	refuse_file(dir, "case,item\n1,2\n", 14, "not valid JSON");
	refuse_file(dir, "notes without an end", 20, "is no case of a diagnosis");
	refuse_file(dir, "{\"case\"; ", 9, "is no case of a diagnosis");
	refuse_file(dir, "{}\n", 3, "lacks \"settings\"");
	refuse_file(dir, "[1]\n", 4, "must be an object");
	refuse_file(dir, "\n", 1, "not valid JSON");
	random_survey(&s, 2);
	json_object_set_new(s.settings, "tau", json_real(3));
	write_lines(&s, 0, 2, &b);
	refuse_file(dir, b.at, b.len, "'tau' 3.0, not 0.1");
	buf_release(&b);
	survey_release(&s);
}

static void a_second_writer_is_refused(void **state)
{
	char *path = tempdir_path(*state, "lines"), *text;
	struct survey_file f, g;
	struct survey s, t;
	struct err err, ignored;

	random_survey(&s, 1);
	begin(&t, settings(NULL, NULL));
	check_ok(survey_file_open(&f, path, &t, &err), &err);
	check_ok(survey_file_add(&f, &s, &s.findings.at[0], &err), &err);
	check_refused(survey_file_open(&g, path, &t, &err), &err, ERR_IO, "is being written by another process");
	assert_int_equal(survey_file_close(&g, &ignored), 0);
	text = content(path);
	assert_int_equal(strlen(text), f.whole);
	check_ok(survey_file_close(&f, &err), &err);
	check_ok(survey_file_open(&f, path, &t, &err), &err);
	assert_int_equal(t.findings.n, 1);
	check_ok(survey_file_close(&f, &err), &err);
	survey_release(&s);
	survey_release(&t);
	free(text);
	free(path);
}

/* A line that does not fit on the disk is taken away, and those before it stay. */
static void a_full_disk_keeps_whole_lines(void **state)
{
	static const struct rlimit no_limit = {RLIM_INFINITY, RLIM_INFINITY};
	char *path = tempdir_path(*state, "lines"), *text;
	struct survey_file f;
	struct survey s, t;
	struct rlimit limit = {0, RLIM_INFINITY};
	struct err err, ignored;

	random_survey(&s, 2);
	begin(&t, settings(NULL, NULL));
	check_ok(survey_file_open(&f, path, &t, &err), &err);
	check_ok(survey_file_add(&f, &s, &s.findings.at[0], &err), &err);
	signal(SIGXFSZ, SIG_IGN);
	limit.rlim_cur = f.whole + 100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	check_refused(survey_file_add(&f, &s, &s.findings.at[1], &err), &err, ERR_IO, "cannot write");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &no_limit), 0);
	text = content(path);
	assert_int_equal(strlen(text), f.whole);
	assert_int_equal(survey_file_close(&f, &ignored), 0);
	survey_release(&s);
	survey_release(&t);
	free(text);
	free(path);
}

/* Nothing is read from a pipe, and nothing is kept of it. */
static void a_pipe_is_written_to(void **state)
{
	char *path = tempdir_path(*state, "pipe"), *got = xcalloc(1, 1 << 16);
	struct survey_file f;
	struct survey s, t;
	struct buf line = {0};
	struct err err;
	int fd;

	random_survey(&s, 1);
	begin(&t, settings(NULL, NULL));
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	assert_true(fd >= 0);
	check_ok(survey_file_open(&f, path, &t, &err), &err);
	check_ok(survey_file_add(&f, &s, &s.findings.at[0], &err), &err);
	check_ok(survey_file_close(&f, &err), &err);
	write_lines(&s, 0, 1, &line);
	assert_int_equal(read(fd, got, 1 << 16), line.len);
	assert_memory_equal(got, line.at, line.len);
	close(fd);
	buf_release(&line);
	survey_release(&s);
	survey_release(&t);
	free(got);
	free(path);
}

static void widths_are_sorted_and_checked(void **state)
{
	size_t widths[SURVEY_WIDTHS], n;
	struct err err;

	(void)state;
	check_ok(survey_widths(widths, &n, "20,1,5,1,20", &err), &err);
	assert_int_equal(n, 3);
	assert_int_equal(widths[0], 1);
	assert_int_equal(widths[1], 5);
	assert_int_equal(widths[2], 20);
	check_ok(survey_widths(widths, &n, "none", &err), &err);
	assert_int_equal(n, 0);
	check_refused(survey_widths(widths, &n, "", &err), &err, ERR_USAGE, "beam width");
	check_refused(survey_widths(widths, &n, "1,", &err), &err, ERR_USAGE, "beam width");
	check_refused(survey_widths(widths, &n, "1,0", &err), &err, ERR_USAGE, "out of range");
	check_refused(survey_widths(widths, &n, "1,100001", &err), &err, ERR_USAGE, "out of range");
	check_refused(survey_widths(widths, &n, "1;2", &err), &err, ERR_USAGE, "not a whole number");
	check_refused(survey_widths(widths, &n,
			      "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,"
			      "33",
			      &err),
		&err, ERR_USAGE, "more than 32");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(findings_come_back_bit_for_bit),
		in_tempdir(parts_are_put_together),
		in_tempdir(a_case_found_twice_must_be_the_same),
		in_tempdir(every_member_is_checked),
		in_tempdir(members_must_go_together),
		in_tempdir(other_settings_are_refused),
		cmocka_unit_test(settings_are_checked),
		in_tempdir(a_broken_line_is_cut_away),
		in_tempdir(what_is_no_survey_is_left_alone),
		in_tempdir(a_second_writer_is_refused),
		in_tempdir(a_full_disk_keeps_whole_lines),
		in_tempdir(a_pipe_is_written_to),
		cmocka_unit_test(widths_are_sorted_and_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
