/* Forms: what the keys make of values, and what is seen of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "session/command.h"
#include "session/training.h"
#include "ui/tui/form.h"
#include "ui/tui/race_form.h"

static struct form_field *number(struct form *f, bool whole, double min, double max, enum form_steps steps)
{
	struct form_field *n = form_add(f, FORM_NUMBER, 0, "number", "a number");

	n->whole = whole;
	n->min = min;
	n->max = max;
	n->steps = steps;
	return n;
}

static void set(struct form_field *field, const char *text)
{
	struct err err;

	if (form_set(field, text, &err))
		fail_msg("%s: %s", text, err.msg);
}

/* By the keys; false: they do not lead there. */
static bool go_to(struct form *f, const struct form_field *field)
{
	form_act(f, ACTION_TOP);
	for (size_t i = 0; i < f->n && form_selected(f) != field; i++)
		form_act(f, ACTION_DOWN);
	return form_selected(f) == field;
}

/* The keys bring a number from one value to the next ones. */
static void assert_walk(struct form *f, struct form_field *n, enum ui_action a, const char *from, const char *values)
{
	struct buf walk = {0};

	assert_true(go_to(f, n));
	set(n, from);
	for (size_t i = 0; i < 4; i++) {
		assert_true(form_act(f, a));
		buf_addf(&walk, i > 0 ? " %s" : "%s", buf_str(&n->text));
	}
	assert_string_equal(buf_str(&walk), values);
	buf_release(&walk);
}

static void numbers_go_by_sensible_steps(void **state)
{
	struct form f = {0};
	struct form_field *round = number(&f, true, 0, 2000, FORM_BY_ROUND);
	struct form_field *twice = number(&f, true, 1, 64, FORM_BY_DOUBLE);
	struct form_field *one = number(&f, true, -1, 3, FORM_BY_ONE);
	struct form_field *real = number(&f, false, 0, 1000, FORM_BY_ROUND);

	(void)state;
	assert_walk(&f, round, ACTION_RIGHT, "300", "500 1000 2000 2000");
	assert_walk(&f, round, ACTION_LEFT, "7", "5 3 2 1");
	assert_walk(&f, round, ACTION_LEFT, "2", "1 0 0 0");
	assert_walk(&f, round, ACTION_RIGHT, "0", "1 2 3 5");
	assert_walk(&f, twice, ACTION_RIGHT, "24", "32 64 64 64");
	assert_walk(&f, twice, ACTION_LEFT, "24", "16 8 4 2");
	assert_walk(&f, one, ACTION_LEFT, "1", "0 -1 -1 -1");
	assert_walk(&f, real, ACTION_RIGHT, "5e-4", "0.001 0.002 0.003 0.005");
	assert_walk(&f, real, ACTION_LEFT, "2e-4", "0.0001 5e-05 3e-05 2e-05");
	assert_walk(&f, real, ACTION_LEFT, "2e-6", "1e-06 0 0 0");
	assert_walk(&f, real, ACTION_RIGHT, "300", "500 1000 1000 1000");
	form_release(&f);
}

static void what_is_typed_is_checked_and_kept(void **state)
{
	struct form f = {0};
	struct form_field *n = number(&f, true, 1, 100, FORM_BY_ONE);
	struct form_field *text = form_add(&f, FORM_TEXT, 1, "folder", NULL);
	struct err err;

	(void)state;
	set(n, "7");
	assert_int_equal(form_set(n, "101", &err), -1);
	assert_non_null(strstr(err.msg, "number"));
	assert_non_null(strstr(err.msg, "100"));
	assert_int_equal(form_set(n, "7.5", &err), -1);
	assert_int_equal(form_set(n, "x", &err), -1);
	assert_int_equal(form_set(n, "", &err), -1);
	assert_string_equal(buf_str(&n->text), "7");
	assert_int_equal(form_set(text, "", &err), -1);
	assert_non_null(strstr(err.msg, "folder must not be empty"));
	text->empty = "none";
	set(text, "");
	set(text, "a b");
	assert_string_equal(buf_str(&text->text), "a b");
	n->empty = "as it is";
	n->from = "4";
	set(n, "");
	assert_true(go_to(&f, n));
	form_act(&f, ACTION_RIGHT);
	assert_string_equal(buf_str(&n->text), "4");
	form_release(&f);
}

static void keys_pass_over_what_cannot_be_selected(void **state)
{
	struct form f = {0};

	(void)state;
	assert_null(form_selected(&f));
	assert_false(form_act(&f, ACTION_DOWN));
	form_add(&f, FORM_HEADING, 0, "a group", NULL);
	struct form_field *first = form_add(&f, FORM_TOGGLE, 0, "first", NULL);
	struct form_field *hidden = form_add(&f, FORM_TOGGLE, 0, "hidden", NULL);
	form_add(&f, FORM_HEADING, 1, "another", NULL);
	struct form_field *last = form_add(&f, FORM_CHOICE, 1, "last", NULL);
	last->choices = "a|bc|d";
	hidden->hidden = true;
	assert_ptr_equal(form_selected(&f), first);
	form_act(&f, ACTION_TOGGLE);
	assert_true(first->on);
	form_act(&f, ACTION_UP);
	form_act(&f, ACTION_DOWN);
	assert_ptr_equal(form_selected(&f), last);
	form_act(&f, ACTION_LEFT);
	assert_int_equal(last->choice, 2);
	form_act(&f, ACTION_TOGGLE);
	form_act(&f, ACTION_RIGHT);
	assert_int_equal(last->choice, 1);
	form_act(&f, ACTION_TOP);
	assert_ptr_equal(form_selected(&f), first);
	form_act(&f, ACTION_BOTTOM);
	last->hidden = true;
	assert_ptr_equal(form_selected(&f), first);
	assert_false(go_to(&f, hidden));
	assert_false(form_act(&f, ACTION_OPEN));
	form_release(&f);
}

/* Whatever the height, the selected field is on the page. */
static void the_selected_field_is_seen(void **state)
{
	struct canvas c;
	struct form f = {0};
	char labels[30][16];

	(void)state;
	canvas_init(&c, false);
	for (int i = 0; i < 30; i++) {
		snprintf(labels[i], sizeof(labels[i]), "label-%02d.", i);
		form_add(&f, i % 7 == 0 ? FORM_HEADING : FORM_TOGGLE, i > 20, labels[i], NULL);
	}
	for (int h = 1; h < 40; h++) {
		canvas_resize(&c, 60, h);
		form_act(&f, ACTION_TOP);
		for (size_t i = 0; i < f.n; i++) {
			struct buf page = {0};
			canvas_blank(&c);
			form_draw(&f, &c, (struct rect){0, 0, 60, h});
			canvas_dump(&c, &page);
			assert_non_null(strstr(buf_str(&page), form_selected(&f)->label));
			buf_release(&page);
			form_act(&f, ACTION_DOWN);
		}
	}
	for (int w = 0; w < 40; w++)
		form_draw(&f, &c, (struct rect){0, 0, w, 5});
	canvas_release(&c);
	form_release(&f);
}

static void clicks_select_and_toggle(void **state)
{
	struct canvas c;
	struct form f = {0};

	(void)state;
	canvas_init(&c, false);
	canvas_resize(&c, 60, 10);
	form_add(&f, FORM_HEADING, 0, "group", NULL);
	struct form_field *a = form_add(&f, FORM_TOGGLE, 0, "a", NULL);
	struct form_field *b = form_add(&f, FORM_CHOICE, 1, "b", NULL);
	b->choices = "x|y";
	form_draw(&f, &c, (struct rect){0, 2, 60, 8});
	assert_false(form_click(&f, 3, 0));
	assert_false(form_click(&f, 3, 2));
	assert_true(form_click(&f, 3, 3));
	assert_true(a->on);
	assert_true(form_click(&f, 35, 2));
	assert_int_equal(b->choice, 0);
	assert_ptr_equal(form_selected(&f), b);
	assert_true(form_click(&f, 35, 2));
	assert_int_equal(b->choice, 1);
	canvas_release(&c);
	form_release(&f);
}

static struct race_pick *pick(struct race_form *f, const char *name)
{
	for (size_t i = 0; i < f->n_picks; i++)
		if (strcmp(f->picks[i].name, name) == 0)
			return &f->picks[i];
	fail_msg("there is no objective '%s'", name);
	return NULL;
}

static void assert_command(struct race_form *f, const char *expected)
{
	struct buf command = {0};
	struct err err;

	race_form_settle(f);
	race_form_command(f, &command);
	assert_string_equal(buf_str(&command), expected);
	if (race_form_check(f, &err))
		fail_msg("%s: %s", buf_str(&command), err.msg);
	buf_release(&command);
}

static void a_race_is_said_as_a_command(void **state)
{
	struct race_form f;

	(void)state;
	race_form_init(&f, 165952);
	set(f.fields[RACE_OUT], "runs/first one");
	assert_command(&f, "train sft,msl,bear --full --targets all --steps 300 --lr 5e-4 --schedule cosine --lambda 4 "
			   "--xi 0.5 --eval-every 50 --save-every 100 --out 'runs/first one'");
	pick(&f, "bear-reg")->taken->on = true;
	set(pick(&f, "bear-reg")->params[2], "0.25"); /* lambda: the command's own */
	set(pick(&f, "bear-reg")->params[0], "10.0");
	set(f.fields[RACE_TAU], "0.9");
	set(f.fields[RACE_SEED], "3");
	set(f.fields[RACE_OUT], "");
	assert_command(&f, "train sft,msl,bear:lambda=4,bear-reg --full --targets all --steps 300 --lr 5e-4 --schedule "
			   "cosine --tau 0.9 --xi 0.5 --eval-every 50 --seed 3");
	race_form_release(&f);
}

static void a_large_model_gets_an_adapter(void **state)
{
	struct race_form f;

	(void)state;
	race_form_init(&f, 124000000);
	set(f.fields[RACE_OUT], "r");
	assert_command(&f, "train sft,msl,bear --steps 300 --schedule linear --eval-every 50 --save-every 100 --out r");
	set(f.fields[RACE_LORA_RANK], "16");
	set(f.fields[RACE_MORE], "--clip 1 --warmup 20");
	pick(&f, "sft")->taken->on = pick(&f, "msl")->taken->on = false;
	assert_command(&f, "train bear --lora-rank 16 --steps 300 --schedule linear --eval-every 50 --save-every 100 "
			   "--out r --clip 1 --warmup 20");
	f.fields[RACE_WEIGHTS]->choice = 0; /* all weights: what an adapter has plays no part */
	assert_command(&f, "train bear --full --steps 300 --schedule linear --eval-every 50 --save-every 100 --out r "
			   "--clip 1 --warmup 20");
	race_form_release(&f);
}

static void assert_refused(const struct race_form *f, const char *why)
{
	struct err err;

	assert_int_equal(race_form_check(f, &err), -1);
	if (!strstr(err.msg, why))
		fail_msg("'%s' does not say '%s'", err.msg, why);
}

static void what_cannot_run_is_refused(void **state)
{
	struct race_form f;

	(void)state;
	race_form_init(&f, 0);
	set(f.fields[RACE_MORE], "--clip");
	assert_refused(&f, "--clip needs a value");
	set(f.fields[RACE_MORE], "--patience -1");
	assert_refused(&f, "--patience");
	set(f.fields[RACE_MORE], "'open");
	assert_refused(&f, "quote");
	set(f.fields[RACE_MORE], "");
	set(f.fields[RACE_OUT], "a; quit");
	assert_refused(&f, "';'");
	set(f.fields[RACE_OUT], "{case}");
	assert_refused(&f, "'{'");
	set(f.fields[RACE_OUT], "a");
	for (size_t i = 0; i < f.n_picks; i++)
		f.picks[i].taken->on = false;
	assert_refused(&f, "no objective is chosen");
	race_form_release(&f);
}

/* Every objective that train knows can be taken, with its parameters where they play a part. */
static void all_objectives_are_offered(void **state)
{
	struct training_objective o;
	struct race_form f;
	size_t n = 0;

	(void)state;
	race_form_init(&f, 0);
	for (; training_objective(n, &o); n++) {
		struct race_pick *p = pick(&f, o.name);

		for (size_t i = 0; i < RACE_FORM_PARAMS; i++)
			assert_int_equal(p->params[i] != NULL, o.regularises);
		p->taken->on = true;
		race_form_settle(&f);
		if (o.regularises)
			assert_false(p->params[0]->hidden);
	}
	assert_int_equal(n, f.n_picks);
	assert_true(n >= 6);
	race_form_release(&f);
}

static void a_folder_is_free(void **state)
{
	char dir[] = "/tmp/beamscope-test-XXXXXX", home[4096];
	char *name;

	(void)state;
	assert_non_null(getcwd(home, sizeof(home)));
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(mkdir("race-1", 0700), 0);
	fclose(fopen("race-2", "w"));
	assert_int_equal(mkdir("race-4", 0700), 0);
	name = training_folder();
	assert_string_equal(name, "race-3");
	free(name);
	rmdir("race-1");
	unlink("race-2");
	rmdir("race-4");
	assert_int_equal(chdir(home), 0);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_go_by_sensible_steps),
		cmocka_unit_test(what_is_typed_is_checked_and_kept),
		cmocka_unit_test(keys_pass_over_what_cannot_be_selected),
		cmocka_unit_test(the_selected_field_is_seen),
		cmocka_unit_test(clicks_select_and_toggle),
		cmocka_unit_test(a_race_is_said_as_a_command),
		cmocka_unit_test(a_large_model_gets_an_adapter),
		cmocka_unit_test(what_cannot_run_is_refused),
		cmocka_unit_test(all_objectives_are_offered),
		cmocka_unit_test(a_folder_is_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
