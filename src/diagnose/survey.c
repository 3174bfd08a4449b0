#include "diagnose/survey.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "survey_line.h"

#define CASES_MOST ((size_t)1 << 40)

void survey_init(struct survey *s)
{
	memset(s, 0, sizeof(*s));
	arena_init(&s->arena);
}

void survey_release(struct survey *s)
{
	json_decref(s->settings);
	vec_release(&s->findings);
	arena_release(&s->arena);
	survey_init(s);
}

static int set_widths(struct survey *s, const struct json_node *settings, struct err *err)
{
	struct json_node list, element;

	if (json_get_array(settings, "beams", &list, &s->n_widths, err) < 0)
		return -1;
	if (s->n_widths > SURVEY_WIDTHS)
		return json_refuse(&list, err, "are %zu widths, more than %d", s->n_widths, SURVEY_WIDTHS);
	for (size_t i = 0; i < s->n_widths; i++) {
		element = json_element(&list, i);
		if (json_as_size(&element, 1, SURVEY_WIDTH_MOST, &s->widths[i], err) < 0)
			return -1;
		if (i > 0 && s->widths[i] <= s->widths[i - 1])
			return json_refuse(&element, err, "is no larger than the width before it");
	}
	return 0;
}

static int read_settings(struct survey *s, const struct json_node *settings, struct err *err)
{
	size_t rank_limit, seed;
	const char *word;

	if (json_as_object(settings, err) < 0 ||
		json_get_size(settings, "beam", 1, SURVEY_WIDTH_MOST, &s->width, err) < 0 ||
		json_get_str(settings, "split", &word, err) < 0 ||
		json_get_size(settings, "split_cases", 0, CASES_MOST, &s->split_cases, err) < 0 ||
		json_get_str(settings, "model_digest", &word, err) < 0 ||
		json_get_str(settings, "data_digest", &word, err) < 0 || set_widths(s, settings, err) < 0 ||
		json_get_size(settings, "rank_limit", 1, SIZE_MAX, &rank_limit, err) < 0 ||
		json_get_size(settings, "seed", 0, SIZE_MAX, &seed, err) < 0 ||
		json_opt_str(settings, "where", &word, err) < 0)
		return -1;
	s->seed = seed;
	s->meant = s->split_cases;
	return json_opt_size(settings, "where_cases", 0, s->split_cases, &s->meant, err);
}

/* The settings as they stand in a file, or by themselves. */
static int take_settings(struct survey *s, const struct json_node *node, struct err *err)
{
	if (read_settings(s, node, err) < 0)
		return -1;
	json_decref(s->settings);
	s->settings = json_incref(node->value);
	return 0;
}

int survey_set(struct survey *s, json_t *settings, struct err *err)
{
	const struct json_node node = {.value = settings, .file = "settings"};
	int result = take_settings(s, &node, err);

	if (result < 0)
		err->code = ERR_VALUE;
	json_decref(settings);
	return result;
}

/* Settings that may differ between findings that belong together: where things were found, and what is said of all of
 * the cases. A template is told by what it makes of the data. */
static bool is_free(const char *key)
{
	static const char *const keys[] = {"model", "adapter", "data", "data_path", "template", "seed", "threads"};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (!strcmp(keys[i], key))
			return true;
	return false;
}

static const char *first_difference(const json_t *a, const json_t *b)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)a, key, value) {
		if (!is_free(key) && !json_equal(value, json_object_get(b, key)))
			return key;
	}
	return NULL;
}

const char *survey_difference(const json_t *a, const json_t *b)
{
	const char *key = first_difference(a, b);

	if (!key)
		key = first_difference(b, a);
	if (key && !strcmp(key, "data_digest") && json_object_get(a, "template") &&
		!json_equal(json_object_get(a, "template"), json_object_get(b, "template")))
		key = "template";
	return key;
}

/* A setting as a message shows it, at most this many bytes of it. */
#define SHOWN 100

static void show_setting(char text[SHOWN], const json_t *settings, const char *key)
{
	const json_t *value = json_object_get(settings, key);
	struct buf whole = {0};

	if (value)
		json_add(&whole, value);
	snprintf(text, SHOWN, "%s", value ? buf_str(&whole) : "not said");
	buf_release(&whole);
}

static int refuse_settings(
	const struct survey *s, const json_t *own, const char *key, const char *file, struct err *err)
{
	char theirs[SHOWN], ours[SHOWN], option[SHOWN];

	show_setting(theirs, own, key);
	show_setting(ours, s->settings, key);
	if (!strcmp(key, "model_digest"))
		return err_set(err, ERR_VALUE, "%s: was made with another model: its digest is %s, not %s", file,
			theirs, ours);
	if (!strcmp(key, "data_digest"))
		return err_set(err, ERR_VALUE, "%s: was made with other data: their digest is %s, not %s", file, theirs,
			ours);
	snprintf(option, sizeof(option), "%s", key);
	for (char *p = option; *p; p++)
		*p = *p == '_' ? '-' : *p;
	return err_set(err, ERR_VALUE, "%s: was made with '%s' %s, not %s", file, option, theirs, ours);
}

/* Takes in one line, named `name` in messages. */
static int take_line(struct survey *s, const char *name, const char *text, size_t len, struct err *err)
{
	struct json_doc doc = {0};
	struct json_node settings;
	struct finding f;
	int result = -1;

	if (json_doc_parse(&doc, name, text, len, err) < 0)
		return -1;
	if (json_as_object(&doc.root, err) < 0 || json_get_object(&doc.root, "settings", &settings, err) < 0)
		goto out;
	if (!s->settings) {
		if (take_settings(s, &settings, err) < 0)
			goto out;
	} else if (!json_equal(s->settings, settings.value)) {
		const char *key = survey_difference(settings.value, s->settings);

		if (key) {
			refuse_settings(s, settings.value, key, name, err);
			goto out;
		}
	}
	if (survey_line_read(&f, s, &doc.root, err) < 0)
		goto out;
	vec_push(&s->findings, f);
	result = 0;
out:
	json_doc_release(&doc);
	return result;
}

/* A finding's place in the survey, and the line that it came from; 0: it was there before. */
struct place {
	size_t index, at, line;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->index != y->index)
		return x->index < y->index ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static bool same_finding(const struct survey *s, const struct finding *a, const struct finding *b)
{
	struct buf x = {0}, y = {0};
	bool same;

	survey_line(s, a, &x);
	survey_line(s, b, &y);
	same = x.len == y.len && !memcmp(x.at, y.at, x.len);
	buf_release(&x);
	buf_release(&y);
	return same;
}

/* Takes out the findings that are marked by an index of 0. */
static void drop_marked(struct survey *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->findings.n; i++)
		if (s->findings.at[i].index > 0)
			s->findings.at[n++] = s->findings.at[i];
	s->findings.n = n;
}

/* Of a case that is there twice the first finding stays. lines: [findings - before] where those after `before` came
 * from. */
static int drop_doubles(struct survey *s, const char *path, size_t before, const size_t *lines, struct err *err)
{
	size_t n = s->findings.n, last = 0;
	struct place *places = xcalloc(n + 1, sizeof(*places));
	int result = 0;

	for (size_t i = 0; i < n; i++)
		places[i] = (struct place){s->findings.at[i].index, i, i < before ? 0 : lines[i - before]};
	qsort(places, n, sizeof(*places), compare_places);
	for (size_t i = 1; i < n && result == 0; i++) {
		const struct place *first = &places[last], *p = &places[i];

		if (p->index != first->index) {
			last = i;
		} else if (same_finding(s, &s->findings.at[first->at], &s->findings.at[p->at])) {
			s->findings.at[p->at].index = 0;
		} else {
			result = err_set(err, ERR_VALUE,
				"%s:%zu: case '%s' was found before, with another result: the two cannot be of one "
				"model and dataset",
				path, p->line, s->findings.at[p->at].id);
		}
	}
	if (result == 0)
		drop_marked(s);
	free(places);
	return result;
}

/* Does a line that was broken off begin as ours do? What a machine's crash leaves may be NUL bytes. */
static bool is_broken_off(const char *line, size_t n)
{
	static const char beginning[] = "{\"case\": ";
	size_t len = n < sizeof(beginning) - 1 ? n : sizeof(beginning) - 1;

	return line[0] == '\0' || !memcmp(line, beginning, len);
}

struct line_numbers {
	size_t *at;
	size_t n, cap;
};

/* The lines of a file, and the number of each that was taken in. */
static int read_lines(
	struct survey *s, FILE *f, const char *path, size_t *whole, struct line_numbers *lines, struct err *err)
{
	char *line = NULL, *name = NULL;
	size_t cap = 0, number = 0;
	int result = 0;
	ssize_t n = 0;

	*whole = 0;
	while (result == 0 && (errno = 0, n = getline(&line, &cap, f)) > 0) {
		free(name);
		name = xasprintf("%s:%zu", path, ++number);
		if (line[n - 1] != '\n') {
			if (!is_broken_off(line, (size_t)n))
				result = err_set(err, ERR_FORMAT, "%s: is no case of a diagnosis", name);
			break;
		}
		result = take_line(s, name, line, (size_t)n, err);
		vec_push(lines, number);
		*whole += (size_t)n;
	}
	/* A line that memory has no room for is not the file's end either. */
	if (result == 0 && n < 0 && !feof(f))
		result = err_errno(err, errno, "cannot read '%s'", path);
	free(name);
	free(line);
	return result;
}

/* What a file that was refused has left. */
static void forget(struct survey *s, size_t before, bool settings)
{
	s->findings.n = before;
	if (settings) {
		json_decref(s->settings);
		s->settings = NULL;
	}
}

int survey_read(struct survey *s, const char *path, size_t *whole, struct err *err)
{
	struct line_numbers lines = {0};
	size_t before = s->findings.n, bytes;
	bool fresh = s->settings == NULL;
	FILE *f = fopen(path, "re");
	int result;

	if (!f)
		return err_errno(err, errno, "cannot open '%s'", path);
	result = read_lines(s, f, path, &bytes, &lines, err);
	if (result == 0)
		result = drop_doubles(s, path, before, lines.at, err);
	if (result < 0)
		forget(s, before, fresh);
	else if (whole)
		*whole = bytes;
	fclose(f);
	vec_release(&lines);
	return result;
}

static int compare_findings(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

void survey_sort(struct survey *s)
{
	if (s->findings.n > 0)
		qsort(s->findings.at, s->findings.n, sizeof(*s->findings.at), compare_findings);
}
