#include "keys.h"

#include <string.h>

#include "base/utf8.h"

const struct key_entry key_table[] = {
	{IN_LESSON, "space", "ui lesson-next", NULL,
		"the lesson goes on: does what the page asks for, reveals, turns it"},
	{IN_LESSON, "backspace", "ui lesson-back", NULL, "back to the page before of the lesson"},
	{IN_LESSON, "^X", "ui lesson-close", NULL, "close the lesson (so does Esc); what was loaded before is back"},
	{IN_LESSONS, "enter", "ui open", "begin", "begin the selected lesson, or go on where it was left"},
	{IN_LESSONS, "r", "lesson {selected} --page 1", "anew", "begin it at its first page"},
	{IN_ZOOM, "z", "ui zoom", "zoom", "the next panel alone, where the view has more than one, then all again"},
	{IN_ZOOM, "esc", "ui back", "all panels", "all panels again"},
	{IN_CASES, "enter", "beam {selected}", "open", "search for the selected case, in Beam"},
	{IN_CASES, "d", "ui start", "diagnose", "diagnose all cases of the split"},
	{IN_CASES, "w", "ui toggle", "pruned", "only the wrongly pruned cases, or all of them"},
	{IN_CASES, "\\", "ui filter", "filter", "the cases for which an expression holds"},
	{IN_CASES, "s", "ui sort", "sort", "sort by the next column, or click on one"},
	{IN_CASES, "S", "ui sort-back", NULL, "sort by the column before"},
	{IN_CASES, "r", "ui sort-reverse", "reverse", "the other way round"},
	{IN_CASES, "m", "ui view margins", "charts", "the charts of what was diagnosed"},
	{IN_CASES, "c", "ui type compare --case {selected} {rival}", "compare",
		"the selected case under another model or setting, side by side"},
	{IN_TRACE, "left h", "back", "step", "one step back"},
	{IN_TRACE, "right l", "step", "step", "one step forward"},
	{IN_TRACE, "p", "goto pruned", "pruned", "to the step at which the positive item was pruned"},
	{IN_BRANCH, "u", "undo", "undo", "take back the last what-if"},
	{IN_TREE, "space o", "ui toggle", "fold", "fold what is below the selected row, or show what is left out"},
	{IN_TREE, "enter", "ui open", "open", "the selected prefix in the Beam view, at its step"},
	{IN_TRACE, "w", "why", "why", "explain the verdict"},
	{IN_BEAM, "-", "change beam {narrower}", "beam", "what if: a beam one narrower from this step on"},
	{IN_BEAM, "+ =", "change beam {wider}", "beam", "what if: a beam one wider from this step on"},
	{IN_BEAM, "f", "force {selected}", "edit", "what if: hold the selected prefix in the beam"},
	{IN_BEAM, "x", "forbid {selected}", "edit", "what if: keep the selected prefix out of it"},
	{IN_TREE, "f", "ui force", "edit", "what if: hold the selected prefix in the beam at its step"},
	{IN_TREE, "x", "ui forbid", "edit", "what if: keep the selected prefix out of it at its step"},
	{IN_TREE, "a", "ui all", "all", "show everything that was pruned, or only what matters"},
	{IN_BEAM, "t", "ui view tree", "tree", "the search as a tree of tokens"},
	{IN_TREE, "t", "ui view beam", "back", "back to the Beam view"},
	{IN_TREE, "-", "change beam {narrower}", "beam", "what if: a beam one narrower from this step on"},
	{IN_TREE, "+ =", "change beam {wider}", "beam", "what if: a beam one wider from this step on"},
	{IN_BEAM | IN_TREE, "m", "ui view margins", "margins", "the positive item's margins as charts"},
	{IN_BEAM, "e", "exact {case}", "exact", "the item's exact rank among all, by a search that prunes nothing"},
	{IN_BEAM | IN_TREE, "u", "undo", NULL, "take back the last what-if"},
	{IN_BEAM | IN_TREE, "U", "redo", NULL, "make the what-if again that was taken back last"},
	{IN_BEAM | IN_TREE, "M", "change mask {other-mask}", NULL, "what if: the other mask from this step on"},
	{IN_BEAM | IN_TREE, "H", "change search {other-search}", NULL, "what if: the other search from this step on"},
	{IN_BEAM | IN_TREE, "z", "ui zoom", NULL, "one panel alone, then all again"},
	{IN_SURVEY, ",", "ui up", "chart", "the chart before"},
	{IN_SURVEY, ".", "ui down", "chart", "the next chart"},
	{IN_SURVEY, "left h", "ui left", "value", "the value to the left"},
	{IN_SURVEY, "right l", "ui right", "value", "the value to the right"},
	{IN_MARGINS, "m", "ui next-tab", "all cases", "the charts over all cases that were diagnosed"},
	{IN_SURVEY, "m", "ui next-tab", "this case", "the charts of the open search"},
	{IN_MARGINS | IN_SURVEY, "z", "ui zoom", "zoom", "one chart alone, then all again"},
	{IN_MARGINS | IN_SURVEY, "d", "diagnose", "diagnose", "diagnose all cases of the split"},
	{IN_MARGINS | IN_SURVEY, "enter", "ui open", NULL, "the charts in figures"},
	{IN_BEAM, "enter", "ui open", NULL, "all figures of the selected row"},

	{IN_SETUP, "s", "ui start", "start", "run the command that the form stands for"},
	{IN_SETUP, "left h", "ui left", "change", "the choice before, or a smaller number"},
	{IN_SETUP, "right l", "ui right", "change", "the next choice, or a larger number"},
	{IN_SETUP, "space", "ui toggle", "on/off", "take an objective into the race, or leave it out"},
	{IN_SETUP, "enter", "ui open", "edit", "type a value; on Start: start"},
	{IN_RACE, "p", "ui pause", "pause", "let the race wait after its step; again: let it go on"},
	{IN_RACE, "S", "ui stop", "stop", "end the race after its step: it saves and gives its figures"},
	{IN_TRAIN, "o enter", "ui open", "open", "load the selected runner's newest checkpoint and search with it"},
	{IN_TRAIN, "c", "ui compare", "compare", "compare the selected runner with the model that is loaded"},
	{IN_TRAIN, "n", "ui new", "new", "set up another race"},
	{IN_TRAIN, "[", "ui previous-tab", "curve", "the curve before: loss, NDCG, HR …"},
	{IN_TRAIN, "]", "ui next-tab", "curve", "the next curve"},
	{IN_TRAIN, "L", "ui log-scale", "log", "a logarithmic axis, or a linear one"},
	{IN_TRAIN, "left h", "ui left", "at", "an earlier step: the curves are read there"},
	{IN_TRAIN, "right l", "ui right", "at", "a later step"},
	{IN_TRAIN, "+ =", "ui zoom-in", "zoom", "half of the steps, around the one that is read"},
	{IN_TRAIN, "-", "ui zoom-out", "zoom", "twice as many steps"},
	{IN_TRAIN, "space", "ui toggle", "one", "let the selected runner stand out, or all alike"},
	{IN_TRAIN, "0", "ui zoom-all", NULL, "all steps"},
	{IN_TRAIN, "z", "ui zoom", NULL, "the chart alone, then all again"},
	{IN_TRAIN | IN_SETUP, "R", "ui resume-run", NULL,
		"go on with a race that was stopped: its folder is asked for"},

	{IN_COMPARE, "left h", "ui left", "step", "one step back on both sides"},
	{IN_COMPARE, "right l", "ui right", "step", "one step forward on both sides"},
	{IN_COMPARE, "enter", "ui open", "open",
		"the selected case side by side; of two searches, both verdicts in full"},
	{IN_TRACE | IN_COMPARE, "c", "ui type compare --case {case} {rival}", "compare",
		"this case under another model or setting, side by side"},
	{IN_CASES | IN_TRACE | IN_COMPARE, "C", "ui type compare {rival}", "compare",
		"all cases under another model or setting"},
	{IN_COMPARE, "[", "ui previous-tab", "case", "the searches of the changed case before"},
	{IN_COMPARE, "]", "ui next-tab", "case", "the searches of the next changed case"},
	{IN_COMPARE, "b", "beam {selected}", "beam", "open the selected case in Beam"},
	{IN_COMPARE, "z", "ui zoom", "zoom", "the next panel alone, then all again"},
	{IN_COMPARE, "s", "ui sort", "sort", "changed cases: newly found, newly lost or the split's order first"},
	{IN_COMPARE, "\\ f", "ui filter", "filter", "changed cases: all, the found, the lost or the others alone"},
	{IN_COMPARE, "t", "ui toggle", NULL, "the next of several contenders against the first"},

	{IN_ALL, "up k", "ui up", NULL, "a row up"},
	{IN_ALL, "down j", "ui down", NULL, "a row down"},
	{IN_ALL, "pgup ^B", "ui page-up", NULL, "a page up"},
	{IN_ALL, "pgdn ^F space", "ui page-down", NULL, "a page down"},
	{IN_ALL, "g home", "ui top", NULL, "the first row"},
	{IN_ALL, "G end", "ui bottom", NULL, "the last row"},
	{IN_ALL, "/", "ui search", NULL, "search the rows for a text"},
	{IN_ALL, "n", "ui next-match", NULL, "the next row that has it"},
	{IN_ALL, "N", "ui previous-match", NULL, "the row before that has it"},

	{IN_PAGER, "q esc", "ui back", "back", "back to the view"},
	{IN_VIEWS, "esc q", "ui back", NULL, "back, or cancel the running job (a race goes on)"},
	{IN_ALL, "^C", "ui cancel", NULL, "cancel the running job (a race saves and ends)"},
	{IN_VIEWS, "tab", "ui next-view", NULL, "the next view; 1 to 7 go to one"},
	{IN_VIEWS, "backtab", "ui previous-view", NULL, "the view before"},
	{IN_ALL, "f2 ^P", "ui palette", "menu", "everything one can do here, found by typing"},
	{IN_PALETTE, "enter", "ui open", "do it", "do what is selected"},
	{IN_PALETTE, "up ^P", "ui up", "select", "the row above"},
	{IN_PALETTE, "down ^N", "ui down", "select", "the row below"},
	{IN_PALETTE, "pgup", "ui page-up", NULL, "a page up"},
	{IN_PALETTE, "pgdn", "ui page-down", NULL, "a page down"},
	{IN_PALETTE, "home", "ui top", NULL, "the first row"},
	{IN_PALETTE, "end", "ui bottom", NULL, "the last row"},
	{IN_PALETTE, "esc ^C f2", "ui back", "close", "back to the view"},
	{IN_ALL, "y", "ui copy", NULL, "copy the selected row to the clipboard (OSC 52)"},
	{IN_ALL, "P", "ui save", NULL, "save this view as a picture (.svg) or as text (.txt)"},
	{IN_ALL, "^L", "ui redraw", NULL, "draw everything again"},
	{IN_ALL, "^Z", "ui suspend", NULL, "suspend; fg returns"},
	{IN_ALL, "? f1", "ui help", "help", "the keys of this view, marks and commands"},
	{IN_ALL, "Q", "ui quit", "quit", "quit (asks while a job runs)"},
	{IN_TRACE, "[", "beam {previous}", "case", "the case before"},
	{IN_TRACE, "]", "beam {next}", "case", "the next case"},
	{IN_ALL, ":", "ui command", "command", "type a command; a number alone goes to that step"},
	{0, NULL, NULL, NULL, NULL},
};

static const struct {
	const char *name, *label;
	uint32_t code;
} named_keys[] = {
	{"up", "↑", UI_KEY_UP}, {"down", "↓", UI_KEY_DOWN}, {"left", "←", UI_KEY_LEFT}, {"right", "→", UI_KEY_RIGHT},
	{"home", "Home", UI_KEY_HOME}, {"end", "End", UI_KEY_END}, {"pgup", "PgUp", UI_KEY_PGUP},
	{"pgdn", "PgDn", UI_KEY_PGDN}, {"enter", "Enter", UI_KEY_ENTER}, {"esc", "Esc", UI_KEY_ESC},
	{"tab", "Tab", UI_KEY_TAB}, {"backtab", "Shift-Tab", UI_KEY_BACKTAB}, {"space", "Space", ' '},
	{"f1", "F1", UI_KEY_F1}, {"f2", "F2", UI_KEY_F2}, {"backspace", "Backspace", UI_KEY_BACKSPACE},
	{"delete", "Delete", UI_KEY_DELETE},
};

static const struct {
	const char *name;
	enum ui_action action;
} actions[] = {
	{"up", ACTION_UP}, {"down", ACTION_DOWN}, {"page-up", ACTION_PAGE_UP}, {"page-down", ACTION_PAGE_DOWN},
	{"top", ACTION_TOP}, {"bottom", ACTION_BOTTOM}, {"open", ACTION_OPEN}, {"back", ACTION_BACK},
	{"cancel", ACTION_CANCEL}, {"quit", ACTION_QUIT}, {"help", ACTION_HELP}, {"command", ACTION_COMMAND},
	{"search", ACTION_SEARCH}, {"next-match", ACTION_NEXT_MATCH}, {"previous-match", ACTION_PREVIOUS_MATCH},
	{"next-view", ACTION_NEXT_VIEW}, {"copy", ACTION_COPY}, {"save", ACTION_SAVE}, {"redraw", ACTION_REDRAW},
	{"suspend", ACTION_SUSPEND}, {"left", ACTION_LEFT}, {"right", ACTION_RIGHT}, {"palette", ACTION_PALETTE},
	{"filter", ACTION_FILTER}, {"sort", ACTION_SORT}, {"sort-back", ACTION_SORT_BACK},
	{"sort-reverse", ACTION_SORT_REVERSE}, {"zoom", ACTION_ZOOM}, {"toggle", ACTION_TOGGLE},
	{"next-tab", ACTION_NEXT_TAB}, {"previous-tab", ACTION_PREVIOUS_TAB},
	{"previous-view", ACTION_PREVIOUS_VIEW}, {"all", ACTION_ALL}, {"force", ACTION_FORCE},
	{"forbid", ACTION_FORBID}, {"lesson-next", ACTION_LESSON_NEXT},
	{"lesson-back", ACTION_LESSON_BACK}, {"lesson-close", ACTION_LESSON_CLOSE},
	{"start", ACTION_START}, {"pause", ACTION_PAUSE}, {"stop", ACTION_STOP}, {"compare", ACTION_COMPARE},
	{"new", ACTION_NEW}, {"resume-run", ACTION_RESUME_RUN}, {"log-scale", ACTION_LOG_SCALE},
	{"zoom-in", ACTION_ZOOM_IN}, {"zoom-out", ACTION_ZOOM_OUT}, {"zoom-all", ACTION_ZOOM_ALL},
};

uint32_t key_code(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(named_keys); i++)
		if (strlen(named_keys[i].name) == len && memcmp(named_keys[i].name, name, len) == 0)
			return named_keys[i].code;
	if (len == 2 && name[0] == '^')
		return (uint32_t)(name[1] & 0x1f);
	uint32_t cp;
	return utf8_decode(name, len, &cp) == len ? cp : 0;
}

void key_label(struct buf *out, const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(named_keys); i++)
		if (strlen(named_keys[i].name) == len && memcmp(named_keys[i].name, name, len) == 0) {
			buf_addstr(out, named_keys[i].label);
			return;
		}
	if (len == 2 && name[0] == '^') {
		buf_addf(out, "Ctrl-%c", name[1]);
		return;
	}
	buf_add(out, name, len);
}

void key_labels(struct buf *out, const struct key_entry *e, unsigned context)
{
	size_t begin = out->len;

	for (const char *s = e->keys; *s; s += strspn(s, " ")) {
		size_t n = strcspn(s, " ");
		if (key_find(context, key_code(s, n)) == e) {
			if (out->len > begin)
				buf_addch(out, ' ');
			key_label(out, s, n);
		}
		s += n;
	}
}

bool key_moves(enum ui_action a)
{
	switch (a) {
	case ACTION_UP:
	case ACTION_DOWN:
	case ACTION_PAGE_UP:
	case ACTION_PAGE_DOWN:
	case ACTION_TOP:
	case ACTION_BOTTOM:
	case ACTION_SEARCH:
	case ACTION_NEXT_MATCH:
	case ACTION_PREVIOUS_MATCH:
		return true;
	default:
		return false;
	}
}

bool key_is_everywhere(const struct key_entry *e)
{
	return (e->contexts & IN_VIEWS) == IN_VIEWS;
}

static bool entry_has(const struct key_entry *e, uint32_t key)
{
	for (const char *s = e->keys; *s;) {
		size_t n = strcspn(s, " ");
		if (key_code(s, n) == key)
			return true;
		s += n;
		s += strspn(s, " ");
	}
	return false;
}

const struct key_entry *key_find(unsigned context, uint32_t key)
{
	for (const struct key_entry *e = key_table; e->keys; e++)
		if ((e->contexts & context) && entry_has(e, key))
			return e;
	return NULL;
}

const char *key_view(const char *command)
{
	return strncmp(command, "ui view ", 8) == 0 ? command + 8 : NULL;
}

const char *key_typed(const char *command)
{
	return strncmp(command, "ui type ", 8) == 0 ? command + 8 : NULL;
}

enum ui_action key_action(const char *command)
{
	if (strncmp(command, "ui ", 3) != 0 || key_view(command) || key_typed(command))
		return ACTION_NONE;
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (strcmp(actions[i].name, command + 3) == 0)
			return actions[i].action;
	BUG("the key table names an unknown action: %s", command);
}

#define NO_SEARCH "no search is open: \":beam CASE\" opens one"

static int expand_id(const char *id, const char *missing, struct buf *out, struct err *err)
{
	if (!id)
		return err_set(err, ERR_VALUE, "%s", missing);
	buf_addword(out, id);
	return 0;
}

/* The step that is looked at, or NULL. */
static const struct snap_step *step_here(const struct snapshot *snap)
{
	const struct snap_trace *t = snap->trace;

	return t && snap->step >= 1 && snap->step <= t->n_steps ? &t->steps[snap->step - 1] : NULL;
}

static int expand_name(const char *name, size_t len, const struct snapshot *snap, const char *selected,
	struct buf *out, struct err *err)
{
	const struct snap_step *step = step_here(snap);
	size_t width = step ? step->width : snap->width; /* without a step that of the next search */

#define IS(word) (len == strlen(word) && memcmp(name, word, len) == 0)
	if (IS("case"))
		return expand_id(snap->case_id, "no case is open: \":beam CASE\" opens one", out, err);
	if (IS("previous"))
		return expand_id(snap->previous_id, "there is no case before", out, err);
	if (IS("next"))
		return expand_id(snap->next_id, "there is no further case", out, err);
	if (IS("selected"))
		return expand_id(selected, "nothing is selected", out, err);
	if (IS("rival")) {
		if (snap->rival)
			buf_addword(out, snap->rival);
		return 0;
	}
	if (IS("other-mask"))
		return expand_id(!step ? NULL : step->mask_after ? "before" : "after", NO_SEARCH, out, err);
	if (IS("other-search"))
		return expand_id(!step ? NULL : step->hf ? "plain" : "hf", NO_SEARCH, out, err);
	if (IS("wider")) {
		buf_addf(out, "%zu", width + 1);
		return 0;
	}
	if (!IS("narrower"))
		BUG("the key table names an unknown value: {%.*s}", (int)len, name);
#undef IS
	if (width <= 1)
		return err_set(err, ERR_VALUE, "the beam is 1 wide: it cannot be narrower");
	buf_addf(out, "%zu", width - 1);
	return 0;
}

int keys_expand(const char *command, const struct snapshot *snap, const char *selected, struct buf *out,
	struct err *err)
{
	for (const char *s = command; *s;) {
		size_t n = strcspn(s, "{");
		buf_add(out, s, n);
		s += n;
		if (*s == '{') {
			n = strcspn(++s, "}");
			if (expand_name(s, n, snap, selected, out, err) < 0)
				return -1;
			s += n + 1;
		}
	}
	return 0;
}

static bool stays_in_foot(const struct key_entry *e)
{
	enum ui_action a = key_action(e->command);

	return a == ACTION_PALETTE || a == ACTION_HELP || a == ACTION_QUIT || a == ACTION_BACK;
}

/* The first of an entry's keys that leads to it in the context; NULL: it has none there, or is not of the context. */
static const char *own_key(const struct key_entry *e, unsigned context, size_t *len)
{
	for (const char *s = e->contexts & context ? e->keys : ""; *s; s += strspn(s, " ")) {
		*len = strcspn(s, " ");
		if (key_find(context, key_code(s, *len)) == e)
			return s;
		s += *len;
	}
	return NULL;
}

void keys_foot(unsigned context, key_foot_fn *fn, void *arg)
{
	struct buf keys = {0};

	for (const struct key_entry *e = key_table; e->keys;) {
		const char *word = e->foot;
		bool stays = stays_in_foot(e);
		size_t n;
		if (!word || !own_key(e, context, &n)) {
			e++;
			continue;
		}
		buf_clear(&keys);
		for (; e->keys; e++) {
			const char *key = own_key(e, context, &n);
			if (!key) /* stands between neighbours */
				continue;
			if (!e->foot || strcmp(e->foot, word) != 0)
				break;
			if (keys.len > 0)
				buf_addch(&keys, '/');
			key_label(&keys, key, n);
		}
		fn(arg, buf_str(&keys), word, stays);
	}
	buf_release(&keys);
}
