#include "text/template.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "store/file.h"

#define TEMPLATE_MAX_FILE (1 << 20)
#define EXPANDED_MAX (1 << 20) /* settings that name each other grow without end */
#define EXPANDED_MAX_DEPTH 16

struct span {
	const char *at; /* borrowed from the file's text */
	size_t len;
};

struct setting {
	struct span name, value;
	size_t line;
	bool of_domain; /* from the dataset's own section: counts before a general one */
};

/* A text with a hole: what stands before it and after it. */
struct holed {
	struct buf part[2];
};

struct template
{
	struct holed prompt, item, answer;
	struct buf separator;
};

/* A template file while it is read. */
struct source {
	const char *path;
	VEC(struct setting) settings;
	struct span prompt;
	size_t prompt_line;
};

static bool span_is(struct span s, const char *name)
{
	return s.len == strlen(name) && memcmp(s.at, name, s.len) == 0;
}

static struct span span_trim(struct span s)
{
	while (s.len > 0 && (*s.at == ' ' || *s.at == '\t')) {
		s.at++;
		s.len--;
	}
	while (s.len > 0 && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static bool is_name(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!(s.at[i] >= 'a' && s.at[i] <= 'z') && !(s.at[i] >= '0' && s.at[i] <= '9') && s.at[i] != '_')
			return false;
	return s.len > 0;
}

/* Whether the dataset's name contains one of the patterns, which are separated by commas. */
static bool matches_domain(struct span patterns, const char *dataset)
{
	while (patterns.len > 0) {
		const char *comma = memchr(patterns.at, ',', patterns.len);
		size_t len = comma ? (size_t)(comma - patterns.at) : patterns.len;
		struct span pattern = span_trim((struct span){patterns.at, len});

		for (const char *d = dataset; pattern.len > 0 && *d; d++)
			if (strncasecmp(d, pattern.at, pattern.len) == 0)
				return true;
		len += comma != NULL;
		patterns = (struct span){patterns.at + len, patterns.len - len};
	}
	return false;
}

enum section {
	SECTION_GENERAL,
	SECTION_CHOSEN, /* the dataset's */
	SECTION_OTHER,
};

static int read_section(const struct source *s, struct span line, size_t number, const char *dataset, bool *chosen,
	enum section *section, struct err *err)
{
	static const char start[] = "[domain ";
	const size_t start_len = sizeof(start) - 1;
	struct span patterns;

	if (line.len <= start_len || memcmp(line.at, start, start_len) || line.at[line.len - 1] != ']')
		return err_set(err, ERR_FORMAT, "%s:%zu: a section is written [domain PATTERN]", s->path, number);
	patterns = (struct span){line.at + start_len, line.len - start_len - 1};
	*section = !*chosen && matches_domain(patterns, dataset) ? SECTION_CHOSEN : SECTION_OTHER;
	*chosen |= *section == SECTION_CHOSEN;
	return 0;
}

static const struct setting *find_setting(const struct source *s, struct span name, bool of_domain)
{
	for (size_t i = 0; i < s->settings.n; i++) {
		const struct setting *known = &s->settings.at[i];

		if (known->of_domain == of_domain && known->name.len == name.len &&
			memcmp(known->name.at, name.at, name.len) == 0)
			return known;
	}
	return NULL;
}

static int read_setting(struct source *s, struct span line, size_t number, enum section section, struct err *err)
{
	const char *colon = memchr(line.at, ':', line.len);
	struct setting setting = {.line = number, .of_domain = section == SECTION_CHOSEN};
	const struct setting *known;

	setting.name = (struct span){line.at, colon ? (size_t)(colon - line.at) : 0};
	if (!is_name(setting.name))
		return err_set(err, ERR_FORMAT, "%s:%zu: a setting is written \"name: value\", the name in lower case",
			s->path, number);
	if (span_is(setting.name, "history") || span_is(setting.name, "title") || span_is(setting.name, "space") ||
		span_is(setting.name, "newline"))
		return err_set(err, ERR_FORMAT, "%s:%zu: \"%.*s\" has a meaning of its own and cannot be set", s->path,
			number, (int)setting.name.len, setting.name.at);
	setting.value = (struct span){colon + 1, line.len - setting.name.len - 1};
	if (setting.value.len > 0 && *setting.value.at == ' ') {
		setting.value.at++;
		setting.value.len--;
	}
	if (setting.value.len == 0)
		return err_set(err, ERR_FORMAT, "%s:%zu: setting \"%.*s\" has no value", s->path, number,
			(int)setting.name.len, setting.name.at);
	known = section == SECTION_OTHER ? NULL : find_setting(s, setting.name, setting.of_domain);
	if (known)
		return err_set(err, ERR_FORMAT, "%s:%zu: setting \"%.*s\" is already in line %zu", s->path, number,
			(int)setting.name.len, setting.name.at, known->line);
	if (section != SECTION_OTHER)
		vec_push(&s->settings, setting);
	return 0;
}

static int read_source(struct source *s, const char *text, size_t len, const char *dataset, struct err *err)
{
	enum section section = SECTION_GENERAL;
	size_t number = 1, at = 0;
	bool chosen = false;

	for (; at < len; number++) {
		const char *newline = memchr(text + at, '\n', len - at);
		struct span line = {text + at, newline ? (size_t)(newline - text) - at : len - at};

		at += line.len + (newline != NULL);
		if (span_is(line, "---")) {
			s->prompt = (struct span){text + at, len - at};
			s->prompt_line = number + 1;
			return 0;
		}
		if (line.len == 0 || *line.at == '#')
			continue;
		if (*line.at == '[') {
			if (read_section(s, line, number, dataset, &chosen, &section, err) < 0)
				return -1;
		} else if (read_setting(s, line, number, section, err) < 0) {
			return -1;
		}
	}
	return err_set(err, ERR_FORMAT, "%s: no line \"---\" between the settings and the prompt", s->path);
}

/* One text being expanded: settings may name settings. */
struct expansion {
	const struct source *source;
	const char *hole_name; /* NULL: none allowed */
	struct buf *out;       /* one, or where there is a hole two */
	size_t holes;
};

static int expand(struct expansion *e, struct span text, size_t line, unsigned depth, struct err *err);

static int expand_name(struct expansion *e, struct span name, size_t line, unsigned depth, struct err *err)
{
	const struct source *s = e->source;
	const struct setting *setting;

	if (e->hole_name && span_is(name, e->hole_name)) {
		if (e->holes++ > 0)
			return err_set(err, ERR_FORMAT, "%s:%zu: {%s} stands twice", s->path, line, e->hole_name);
		return 0;
	}
	if (span_is(name, "space") || span_is(name, "newline")) {
		buf_addch(&e->out[e->holes], span_is(name, "space") ? ' ' : '\n');
		return 0;
	}
	setting = find_setting(s, name, true);
	if (!setting)
		setting = find_setting(s, name, false);
	if (!setting)
		return err_set(err, ERR_FORMAT, "%s:%zu: there is no setting \"%.*s\"", s->path, line,
			(int)(name.len < 100 ? name.len : 100), name.at);
	if (depth == EXPANDED_MAX_DEPTH)
		return err_set(err, ERR_FORMAT, "%s:%zu: setting \"%.*s\" leads back to itself", s->path, line,
			(int)name.len, name.at);
	return expand(e, setting->value, setting->line, depth + 1, err);
}

static int expand(struct expansion *e, struct span text, size_t line, unsigned depth, struct err *err)
{
	for (size_t i = 0; i < text.len; i++) {
		struct span rest = {text.at + i + 1, text.len - i - 1};
		char c = text.at[i];
		const char *end;

		line += c == '\n';
		if (e->out[e->holes].len >= EXPANDED_MAX)
			return err_set(err, ERR_FORMAT, "%s:%zu: the text grows past %d bytes", e->source->path, line,
				EXPANDED_MAX);
		if ((c != '{' && c != '}') || (rest.len > 0 && *rest.at == c)) {
			buf_addch(&e->out[e->holes], c);
			i += c == '{' || c == '}';
			continue;
		}
		end = c == '{' ? memchr(rest.at, '}', rest.len) : NULL;
		if (!end)
			return err_set(err, ERR_FORMAT, "%s:%zu: \"%c\" alone; a brace is written twice",
				e->source->path, line, c);
		rest.len = (size_t)(end - rest.at);
		if (expand_name(e, rest, line, depth, err) < 0)
			return -1;
		i += rest.len + 1;
	}
	return 0;
}

static int expand_holed(
	const struct source *s, struct holed *out, const char *hole, struct span text, size_t line, struct err *err)
{
	struct expansion e = {.source = s, .hole_name = hole, .out = out->part};

	if (expand(&e, text, line, 0, err) < 0)
		return -1;
	if (e.holes == 0)
		return err_set(err, ERR_FORMAT, "%s:%zu: {%s} is missing", s->path, line, hole);
	return 0;
}

/* The setting that counts for the dataset; NULL if there is none. */
static const struct setting *setting_in_force(const struct source *s, const char *name)
{
	struct span span = {name, strlen(name)};
	const struct setting *setting = find_setting(s, span, true);

	return setting ? setting : find_setting(s, span, false);
}

static int expand_item(const struct source *s, const char *name, struct holed *out, struct err *err)
{
	const struct setting *setting = setting_in_force(s, name);

	if (!setting)
		return err_set(err, ERR_FORMAT, "%s: setting \"%s\" is missing", s->path, name);
	return expand_holed(s, out, "title", setting->value, setting->line, err);
}

static int build(struct template *t, const struct source *s, struct err *err)
{
	struct expansion separator = {.source = s, .out = &t->separator};
	const struct setting *setting = setting_in_force(s, "separator");

	if (setting && expand(&separator, setting->value, setting->line, 0, err) < 0)
		return -1;
	if (expand_item(s, "item", &t->item, err) < 0 || expand_item(s, "answer", &t->answer, err) < 0)
		return -1;
	return expand_holed(s, &t->prompt, "history", s->prompt, s->prompt_line, err);
}

int template_load(struct template **out, const char *path, const char *dataset, struct err *err)
{
	struct template *t = xcalloc(1, sizeof(*t));
	struct source source = {.path = path};
	struct buf text = {0};
	size_t bad;
	int rc = -1;

	if (file_read(&text, path, TEMPLATE_MAX_FILE, err) < 0)
		goto out;
	bad = utf8_invalid_at(buf_str(&text), text.len);
	if (bad < text.len) {
		err_set(err, ERR_FORMAT, "%s: not valid UTF-8 at byte %zu", path, bad);
		goto out;
	}
	if (read_source(&source, buf_str(&text), text.len, dataset, err) < 0 || build(t, &source, err) < 0)
		goto out;
	*out = t;
	t = NULL;
	rc = 0;
out:
	vec_release(&source.settings);
	buf_release(&text);
	template_free(t);
	return rc;
}

static void holed_release(struct holed *h)
{
	buf_release(&h->part[0]);
	buf_release(&h->part[1]);
}

void template_free(struct template *t)
{
	if (!t)
		return;
	holed_release(&t->prompt);
	holed_release(&t->item);
	holed_release(&t->answer);
	buf_release(&t->separator);
	free(t);
}

static void add_buf(struct buf *out, const struct buf *b)
{
	buf_add(out, buf_str(b), b->len);
}

static void add_title(struct buf *out, const struct holed *h, const char *title)
{
	add_buf(out, &h->part[0]);
	buf_addstr(out, title);
	add_buf(out, &h->part[1]);
}

void template_prompt(const struct template *t, const char *const *titles, size_t n, struct buf *out)
{
	add_buf(out, &t->prompt.part[0]);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			add_buf(out, &t->separator);
		add_title(out, &t->item, titles[i]);
	}
	add_buf(out, &t->prompt.part[1]);
}

void template_answer(const struct template *t, const char *title, struct buf *out)
{
	add_title(out, &t->answer, title);
}
