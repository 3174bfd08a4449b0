/*
 * Reports of findings made by hand: the sentences say the figures, and whatever stands in titles, tokens and names, the
 * files are well-formed and hold it as text.
 */
#include "check.h"

#include <ctype.h>
#include <math.h>

#include "base/compiler.h"
#include "base/utf8.h"
#include "diagnose/report.h"
#include "store/csvfile.h"
#include "tempdir.h"

#define WIDTH 10

static const char *const hostile[] = {
	"<script>alert(1)</script>",
	"</style></title></svg><img src=x onerror=alert(1)>",
	"\"'><b>quoted</b> &amp;lt; &lt;i&gt; &#27;[31m",
	"a | b `code` **bold** [x](http://e.example) www.e.example @you <br> ~~no~~ \\| end\\",
	"\x1b[2J\x1b]0;owned\x07 bell",
	"right \xe2\x80\xae to left \xe2\x81\xa6 isolate \xe2\x80\x8b zero",
	"lone \xff\xc0\xaf bytes \xed\xa0\x80",
	"=HYPERLINK(\"http://e.example\";\"x\")",
	"+1, two\nlines\r\tand a tab",
	"-2+3",
	"@SUM(A1)",
	"]]> --> <!-- comment",
};

static json_t *settings(const char *model)
{
	return json_pack(
		"{s:s, s:n, s:s, s:s, s:i, s:s, s:s, s:i, s:s, s:s, s:s, s:i, s:[i,i,i,i], s:i, s:i, s:n, s:i}",
		"model", model, "adapter", "data", "shop|<b>", "split", "test", "beam", WIDTH, "mask", "before",
		"search", "plain", "scan", 50, "model_digest", "m", "data_digest", "d", "cases_digest", "c",
		"split_cases", 400, "beams", 1, 10, 20, 50, "rank_limit", 100, "seed", 0, "where", "sequences", 458);
}

static void survey_start(struct survey *s, const char *model)
{
	struct err err;

	survey_init(s);
	check_ok(survey_set(s, settings(model), &err), &err);
}

/* A case that is retrieved at the rank, or not (0), with this exact rank; pruned at `step`, and returned from the width
 * `smallest` on. */
static struct finding *add(struct survey *s, size_t rank, size_t exact, size_t step, size_t smallest, const char *title)
{
	size_t index = s->findings.n + 1;
	struct finding f = {
		.index = index,
		.id = "c",
		.user = "",
		.item = "i1",
		.title = title,
		.first_text = title,
		.history = index % 7,
		.popularity = index % 90,
		.item_tokens = 3,
		.choices = 2,
		.first_token = (uint32_t)(index % 5),
		.first_shared = 4,
		.exact_rank_most = exact,
		.how = rank ? LOST_NOT : LOST_CUT,
		.n_steps = 3,
		.smallest_width = smallest,
		.outcome = {.rank = rank,
			.exact_rank = exact,
			.exact_proved = true,
			.pruned_at = step,
			.returned = WIDTH,
			.recalled = 7,
			.exact_n = WIDTH,
			.nll_before = 2,
			.nll_after = 3},
	};
	char id[24];

	f.outcome.kind = rank ? VERDICT_RETRIEVED : exact <= WIDTH ? VERDICT_PRUNED : VERDICT_OUTRANKED;
	snprintf(id, sizeof(id), "c%zu", index);
	f.id = arena_strdup(&s->arena, id);
	f.steps = arena_alloc(&s->arena, 3 * sizeof(*f.steps));
	for (size_t i = 0; i < 3; i++)
		f.steps[i] = (struct finding_step){.token = (uint32_t)(10 * index + i),
			.text = title,
			.valid = 20,
			.token_rank = 2,
			.prefix_rank = i + 1 == step ? 14 : 2,
			.step_logp = -1,
			.token_margin = 0.5,
			.prefix_margin = i + 1 == step ? -0.84 : 0.4,
			.in_beam = step == 0 || i + 1 < step};
	f.reach = arena_alloc(&s->arena, s->n_widths * sizeof(*f.reach));
	for (size_t i = 0; i < s->n_widths; i++) {
		bool there = smallest > 0 && s->widths[i] >= smallest;

		f.reach[i] = (struct finding_reach){there ? smallest : 0, 1, s->widths[i]};
	}
	vec_push(&s->findings, f);
	return &s->findings.at[s->findings.n - 1];
}

/* 8 wrongly pruned: 5 at step 2, 2 at step 1, 1 at step 3; 6 of them saved by 20, 7 by 50; 12 retrieved, 20 out-ranked.
 */
static void survey_make(struct survey *s, const char *model)
{
	static const size_t at[8] = {2, 2, 1, 2, 3, 2, 1, 2}, smallest[8] = {14, 14, 16, 12, 20, 18, 30, 0};

	survey_start(s, model);
	for (size_t i = 0; i < 8; i++)
		add(s, 0, 3 + i % 4, at[i], smallest[i], hostile[i]);
	for (size_t i = 0; i < 12; i++)
		add(s, 1 + i % WIDTH, 1 + i % WIDTH, 0, 1 + i % WIDTH, hostile[i]);
	for (size_t i = 0; i < 20; i++)
		add(s, 0, 40, 1 + i % 3, 0, "plain");
}

static void write_report(const struct contender *c, size_t n, enum report_form form, const char *title, struct buf *out)
{
	const struct report r = {.title = title,
		.command = "beamscope -m 'a<b' diagnose\nbeamscope export report `x`.html",
		.version = "0",
		.contenders = c,
		.n = n,
		.worst = 5};
	struct err err;

	check_ok(report_write(&r, form, out, &err), &err);
	assert_int_equal(strlen(buf_str(out)), out->len);
	assert_true(utf8_valid(out->at, out->len));
}

/* No character that only a terminal or the direction of text would know. */
static void nothing_invisible(const struct buf *b)
{
	uint32_t cp;
	size_t n;

	for (size_t at = 0; at < b->len; at += n) {
		n = utf8_decode(b->at + at, b->len - at, &cp);
		assert_true(cp >= 0x20 || cp == '\n' || cp == '\r');
		assert_false(cp == 0x7f || (cp >= 0x80 && cp < 0xa0));
		assert_false((cp >= 0x200b && cp <= 0x200f) || (cp >= 0x202a && cp <= 0x202e));
		assert_false((cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff);
	}
}

/* The name of the tag at s, which stands behind "<" or "</". */
static size_t tag_name(const char *s, char name[32])
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) && n < 31) {
		name[n] = s[n];
		n++;
	}
	name[n] = '\0';
	return n;
}

/* Every tag is closed in order, attributes are quoted, and nothing runs or is loaded. */
static void html_is_sound(const char *s)
{
	enum {
		DEEPEST = 40
	};
	char open[DEEPEST][32], name[32];
	size_t depth = 0;

	assert_int_equal(strncmp(s, "<!DOCTYPE html>\n", 16), 0);
	for (s += 16; (s = strchr(s, '<')); s++) {
		const char *end = strchr(s, '>');
		bool closes = s[1] == '/';
		size_t quotes = 0;

		assert_non_null(end);
		assert_true(tag_name(s + 1 + closes, name) > 0);
		for (const char *c = s; c < end; c++)
			quotes += *c == '"';
		assert_int_equal(quotes % 2, 0);
		assert_string_not_equal(name, "script");
		assert_string_not_equal(name, "img");
		assert_string_not_equal(name, "b");
		assert_string_not_equal(name, "link");
		if (closes) {
			assert_true(depth > 0);
			assert_string_equal(open[--depth], name);
		} else if (end[-1] != '/' && strcmp(name, "meta") != 0) {
			assert_true(depth < DEEPEST);
			memcpy(open[depth++], name, sizeof(name));
		}
	}
	assert_int_equal(depth, 0);
}

static void pages_hold_hostile_texts_as_text(void **state)
{
	struct survey a, b;
	const struct contender both[] = {{"sft <i>|`", &a}, {"bear\x1b[1m", &b}};
	struct buf page = {0};

	(void)state;
	survey_make(&a, "m/<u>");
	survey_make(&b, "m/bear");
	add(&b, 2, 2, 0, 2, "more")->index = 41;
	for (size_t n = 1; n <= 2; n++) {
		buf_clear(&page);
		write_report(both, n, REPORT_HTML, n == 1 ? NULL : "</title><script>", &page);
		nothing_invisible(&page);
		html_is_sound(page.at);
		assert_null(strstr(page.at, "onerror=alert(1)>"));
		assert_non_null(strstr(page.at, "&lt;script&gt;alert(1)&lt;/script&gt;"));
		assert_non_null(strstr(page.at, "default-src 'none'; style-src 'unsafe-inline'"));
		/* Decoded once: "&amp;lt;" is "&lt;" to the reader, "&lt;i&gt;" is "<i>". */
		assert_non_null(strstr(page.at, "&amp;lt; &lt;i&gt;"));
		assert_null(strstr(page.at, "nan"));
	}
	buf_release(&page);
	survey_release(&a);
	survey_release(&b);
}

/* Unescaped bars of a line. */
static size_t bars(const char *line, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (line[i] == '\\')
			i++;
		else
			n += line[i] == '|';
	}
	return n;
}

static void markdown_tables_keep_their_columns(void **state)
{
	struct survey a, b;
	const struct contender both[] = {{"sft <i>|`", &a}, {"bear", &b}};
	struct buf page = {0};
	size_t columns = 0, rows = 0;

	(void)state;
	survey_make(&a, "m/sft");
	survey_make(&b, "m/bear");
	b.findings.at[0].outcome.kind = VERDICT_RETRIEVED;
	b.findings.at[0].outcome.rank = 4;
	write_report(both, 2, REPORT_MARKDOWN, NULL, &page);
	nothing_invisible(&page);
	for (const char *s = page.at, *end; *s; s = end + 1) {
		end = strchr(s, '\n');
		if (*s == '|') {
			rows++;
			if (columns == 0)
				columns = bars(s, (size_t)(end - s));
			assert_int_equal(bars(s, (size_t)(end - s)), columns);
			assert_null(memchr(s, '<', (size_t)(end - s)));
		} else {
			columns = 0;
		}
	}
	assert_true(rows > 100);
	assert_null(strstr(page.at, "<script"));
	assert_null(strstr(page.at, "](http"));
	assert_null(strstr(page.at, "://e.example"));
	assert_null(strstr(page.at, " `code`"));
	assert_non_null(strstr(page.at, "\n    beamscope -m 'a<b' diagnose\n"));
	buf_release(&page);
	survey_release(&a);
	survey_release(&b);
}

static void csv_has_a_row_a_case_and_no_formulas(void **state)
{
	char *path;
	struct survey a;
	const struct contender one = {"sft", &a};
	struct csvfile_row row;
	struct buf page = {0};
	struct csvfile *f;
	size_t title, exact, rows = 0;
	struct err err;
	int more;

	survey_make(&a, "m/sft");
	write_report(&one, 1, REPORT_CSV, NULL, &page);
	nothing_invisible(&page);
	path = tempdir_put(*state, "cases.csv", page.at, page.len);
	check_ok(csvfile_open(&f, path, &err), &err);
	check_ok(csvfile_column(f, "title", &title, &err), &err);
	check_ok(csvfile_column(f, "exact_rank", &exact, &err), &err);
	while ((more = csvfile_next(f, &row, &err)) > 0) {
		const struct finding *c = &a.findings.at[rows++];

		assert_int_equal(strtoul(row.field[exact], NULL, 10), c->outcome.exact_rank);
		assert_null(strchr("=+-@", row.field[title][0]));
		if (strchr("=+-@", c->title[0]))
			assert_int_equal(row.field[title][0], '\'');
		for (size_t i = 0; i < row.n; i++)
			if (strpbrk(row.field[i], "=+-@") == row.field[i])
				assert_true(row.field[i][0] == '-' && isdigit((unsigned char)row.field[i][1]));
	}
	assert_int_equal(more, 0);
	assert_int_equal(rows, a.findings.n);
	csvfile_close(f);
	free(path);
	buf_release(&page);
	survey_release(&a);
}

static void json_has_the_worst_cases(void **state)
{
	struct survey a, b;
	const struct contender both[] = {{"sft", &a}, {"bear", &b}};
	struct buf page = {0};
	struct json_doc doc;
	json_t *worst;
	struct err err;

	(void)state;
	survey_make(&a, "m/sft");
	survey_make(&b, "m/bear");
	for (size_t n = 1; n <= 2; n++) {
		buf_clear(&page);
		write_report(both, n, REPORT_JSON, NULL, &page);
		check_ok(json_doc_parse(&doc, "report", page.at, page.len, &err), &err);
		worst = json_object_get(doc.json, "worst");
		assert_int_equal(json_array_size(worst), 5);
		assert_int_equal(json_integer_value(json_object_get(json_array_get(worst, 0), "exact_rank")), 3);
		assert_int_equal(json_integer_value(json_object_get(json_array_get(worst, 4), "exact_rank")), 5);
		assert_non_null(json_object_get(doc.json, n == 1 ? "figures" : "bouts"));
		assert_true(json_is_object(json_object_get(doc.json, "settings")));
		assert_true(json_is_string(json_object_get(doc.json, "command")));
		json_doc_release(&doc);
	}
	buf_release(&page);
	survey_release(&a);
	survey_release(&b);
}

static void a_report_depends_on_its_findings_alone(void **state)
{
	struct survey a, b;
	struct contender one = {"sft", &a};
	struct buf first = {0}, second = {0};

	(void)state;
	survey_make(&a, "m/sft");
	survey_make(&b, "m/sft");
	for (int form = REPORT_HTML; form <= REPORT_CSV; form++) {
		buf_clear(&first);
		buf_clear(&second);
		one.survey = &a;
		write_report(&one, 1, (enum report_form)form, NULL, &first);
		one.survey = &b;
		write_report(&one, 1, (enum report_form)form, NULL, &second);
		assert_string_equal(first.at, second.at);
	}
	buf_release(&first);
	buf_release(&second);
	survey_release(&a);
	survey_release(&b);
}

static void headline_is(const struct survey *s, const char *wanted)
{
	struct tally t = {0};
	struct buf b = {0};
	struct err err;

	check_ok(tally_init(&t, s, NULL, 0, &err), &err);
	report_headline(&t, &b);
	assert_string_equal(buf_str(&b), wanted);
	buf_release(&b);
	tally_release(&t);
}

static void the_headline_says_how_many_where_and_what_would_save_them(void **state)
{
	struct survey s;

	(void)state;
	survey_make(&s, "m");
	/* Wilson's interval of 8 of 20, by hand: 0.2188 to 0.6134. */
	headline_is(&s, "The search lost 8 of the 20 positive items that are among the best 10 of the whole catalogue "
			"(40.0 %; 95 % interval 21.9 to 61.3). Most were lost at step 2 (5) and step 1 (2). "
			"Of the widths tried, B = 20 returns 6 of them, and B = 50 returns 7 of them. Width by width, "
			"7 are returned by some B, half of these by B = 16.");
	survey_release(&s);
	survey_start(&s, "m");
	for (size_t i = 0; i < 4; i++)
		add(&s, 1, 1, 0, 1, "t");
	headline_is(&s,
		"The search lost none of the 4 positive items that are among the best 10 of the whole catalogue "
		"(0.0 %; 95 % interval 0.0 to 49.0).");
	survey_release(&s);
	survey_start(&s, "m");
	add(&s, 0, 30, 1, 0, "t");
	headline_is(&s, "No positive item of the 1 case is known to be among the best 10 of the whole catalogue: the "
			"search had none to lose.");
	add(&s, 0, 2, 3, 12, "t");
	headline_is(&s, "The search lost 1 of the 1 positive items that are among the best 10 of the whole catalogue "
			"(100.0 %; 95 % interval 20.7 to 100.0). It was lost at step 3. Of the widths tried, B = 20 "
			"returns it. The smallest that returns it is B = 12.");
	survey_release(&s);
}

static void holds(const struct buf *page, const char *text)
{
	if (!strstr(buf_str(page), text))
		fail_msg("\"%s\" is missing in\n%s", text, buf_str(page));
}

/* Two surveys of n cases each: `gained` more hits in the second, `lost` fewer. */
static void comparison_is(size_t n, size_t gained, size_t lost, const char *verdict, const char *figures)
{
	struct survey a, b;
	const struct contender both[] = {{"sft", &a}, {"bear", &b}};
	struct contest c;
	struct buf text = {0};
	struct err err;

	survey_start(&a, "a");
	survey_start(&b, "b");
	for (size_t i = 0; i < n; i++) {
		bool before = i >= gained, after = i < gained || i >= gained + lost;

		add(&a, before ? 1 : 0, 1, before ? 0 : 2, 1, "t");
		add(&b, after ? 1 : 0, 1, after ? 0 : 2, 1, "t");
	}
	check_ok(contest_init(&c, both, 2, &err), &err);
	report_comparison(&c, 1, &text);
	if (strncmp(buf_str(&text), verdict, strlen(verdict)) != 0)
		fail_msg("\"%s\", where \"%s\" was expected", buf_str(&text), verdict);
	holds(&text, figures);
	assert_int_equal(text.at[text.len - 1], '.');
	buf_release(&text);
	contest_release(&c);
	survey_release(&a);
	survey_release(&b);
}

static void a_comparison_says_which_is_better_and_by_what(void **state)
{
	(void)state;
	comparison_is(100, 20, 0,
		"Against sft, bear loses fewer items to the search and returns better lists; how it ranks is no "
		"different beyond chance. Lost to the search (wrongly pruned): 0 against 20, p < 0.001. HR@10: "
		"100.0 % against 80.0 %, p < 0.001; with a perfect search 100.0 % against 100.0 %, p = 1.00.",
		" NDCG@10: 1.0000 against 0.8000, p = 0.001; with");
	comparison_is(100, 2, 22,
		"Against sft, bear loses more items to the search and returns worse lists; how it ranks is no "
		"different beyond chance. Lost to the search (wrongly pruned): 22 against 2, p < 0.001. HR@10: "
		"78.0 % against 98.0 %, p < 0.001;",
		" NDCG@10: 0.7800 against 0.9800, p = 0.001; with");
	comparison_is(100, 3, 3,
		"Against sft, bear is no different beyond chance in how many items it loses to the search, how it "
		"ranks and what it returns. Lost to the search (wrongly pruned): 3 against 3, p = 1.00.",
		" HR@10: 97.0 % against 97.0 %, ");
}

/* A model that ranks its items lower, and loses less: 40 cases of which the first's search loses 12. */
static void a_model_that_ranks_worse_is_told_from_one_that_returns_worse(void **state)
{
	struct survey a, b;
	const struct contender both[] = {{"sft", &a}, {"bear", &b}};
	struct contest c;
	struct buf text = {0};
	struct err err;

	(void)state;
	survey_start(&a, "a");
	survey_start(&b, "b");
	for (size_t i = 0; i < 40; i++) {
		bool lost = i < 12;

		add(&a, lost ? 0 : 3, 3, lost ? 2 : 0, 12, "t");
		add(&b, lost ? 0 : 3, lost ? 30 : 3, lost ? 2 : 0, 12, "t");
	}
	check_ok(contest_init(&c, both, 2, &err), &err);
	report_comparison(&c, 1, &text);
	holds(&text, "Against sft, bear loses fewer items to the search and ranks worse; what it returns is no "
		     "different beyond chance. Lost to the search (wrongly pruned): 0 against 12, p < 0.001.");
	holds(&text, "; with a perfect search 70.0 % against 100.0 %, p < 0.001.");
	buf_release(&text);
	contest_release(&c);
	survey_release(&a);
	survey_release(&b);
}

/* All ten are lost at B = 10; at B = 20 all are returned, six of them among the first ten. */
static void figures_of_another_width_are_not_taken_for_its_own(void **state)
{
	struct survey a, b;
	const struct contender both[] = {{"sft", &a}, {"bear", &b}};
	struct buf page = {0};

	(void)state;
	survey_start(&a, "a");
	survey_start(&b, "b");
	b.width = 20;
	for (size_t i = 0; i < 10; i++) {
		add(&a, 0, 1, 2, 0, "t");
		add(&b, i < 6 ? 1 : 15, 1, 0, 15, "t");
	}
	write_report(both, 2, REPORT_MARKDOWN, NULL, &page);
	holds(&page, "|  | B | Wrongly pruned | Search recall\\@B | HR@10 | HR@10, perfect search |");
	holds(&page, "| sft | 10 | 10 of 10 = 100.0 % \\[72.2, 100.0\\] | "
		     "70.0 % \\[70.0, 70.0\\] | 0.0 % \\[0.0, 27.8\\] |");
	holds(&page, "| bear | 20 | 0 of 10 = 0.0 % \\[0.0, 27.8\\] | "
		     "70.0 % \\[70.0, 70.0\\] | 60.0 % \\[31.3, 83.2\\] |");
	holds(&page, "| bear \xe2\x88\x92 sft |  | -6, p = 0.031 \\* | "
		     "0.0, p = 1.00 | +60.0, p = 0.031 \\* | 0.0, p = 1.00 |");
	holds(&page, "case by case, with K = 10");
	holds(&page, "| HR\\@K | 6 | 0 | 10 | +60.0 points");
	holds(&page, "**Against sft, bear loses fewer items to the search and returns better lists; how it ranks is no "
		     "different beyond chance.**");
	buf_release(&page);
	survey_release(&a);
	survey_release(&b);
}

static void sentences_and_commands_are_whole(void **state)
{
	char *name = malloc(301), *command = malloc(2001);
	struct survey a, b;
	const struct contender both[] = {{name, &a}, {"bear", &b}};
	const struct report r = {.command = command, .contenders = both, .n = 2};
	struct err err;

	(void)state;
	memset(name, 'n', 300);
	name[300] = '\0';
	memset(command, 'c', 2000);
	strcpy(command + 1990, " last-word");
	survey_start(&a, "a");
	survey_start(&b, "b");
	add(&a, 1, 1, 0, 1, "t");
	add(&b, 1, 1, 0, 1, "t");
	for (int form = REPORT_HTML; form <= REPORT_MARKDOWN; form++) {
		struct buf page = {0};

		check_ok(report_write(&r, (enum report_form)form, &page, &err), &err);
		holds(&page, form == REPORT_HTML ? "how it ranks and what it returns.</p>"
						 : "how it ranks and what it returns.**");
		holds(&page, "c last-word\n");
		buf_release(&page);
	}
	survey_release(&a);
	survey_release(&b);
	free(name);
	free(command);
}

static void little_to_say_is_said_well(void **state)
{
	struct survey s;
	const struct contender one = {"m", &s};
	struct buf page = {0};
	struct finding *f;

	(void)state;
	survey_start(&s, "m");
	f = add(&s, 0, 0, 0, 0, "");
	f->outcome = (struct outcome){.kind = VERDICT_UNREACHABLE,
		.why = UNREACHABLE_NO_POSITIVE,
		.nll_before = INFINITY,
		.nll_after = INFINITY};
	f->how = LOST_NOT;
	f->n_steps = 0;
	f->first_token = TOKEN_NONE;
	f->item_tokens = 0;
	for (int form = REPORT_HTML; form <= REPORT_CSV; form++) {
		buf_clear(&page);
		write_report(&one, 1, (enum report_form)form, NULL, &page);
		assert_null(strstr(page.at, "nan"));
		if (form == REPORT_HTML)
			html_is_sound(page.at);
	}
	buf_release(&page);
	survey_release(&s);
}

static void a_title_of_any_length_is_cut(void **state)
{
	char *title = malloc(100001);
	struct survey s;
	const struct contender one = {"m", &s};
	struct buf page = {0};

	(void)state;
	memset(title, 'x', 100000);
	title[100000] = '\0';
	survey_start(&s, "m");
	add(&s, 0, 2, 1, 12, title);
	write_report(&one, 1, REPORT_HTML, NULL, &page);
	assert_true(page.len < 60000);
	html_is_sound(page.at);
	free(title);
	buf_release(&page);
	survey_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_hold_hostile_texts_as_text),
		cmocka_unit_test(markdown_tables_keep_their_columns),
		in_tempdir(csv_has_a_row_a_case_and_no_formulas),
		cmocka_unit_test(json_has_the_worst_cases),
		cmocka_unit_test(a_report_depends_on_its_findings_alone),
		cmocka_unit_test(the_headline_says_how_many_where_and_what_would_save_them),
		cmocka_unit_test(a_comparison_says_which_is_better_and_by_what),
		cmocka_unit_test(a_model_that_ranks_worse_is_told_from_one_that_returns_worse),
		cmocka_unit_test(figures_of_another_width_are_not_taken_for_its_own),
		cmocka_unit_test(sentences_and_commands_are_whole),
		cmocka_unit_test(little_to_say_is_said_well),
		cmocka_unit_test(a_title_of_any_length_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
