/*
 * From a key's arrival at the terminal to the end of the frame that it leads to, bytes written: the real frame and
 * terminal code on a pseudo-terminal, in Beam with B 50 over the demo and in Cases with 50,000 of them, each idle,
 * while a race trains with every core, and while those 50,000 are diagnosed. A thread plays the user: it sends a key,
 * waits for its frame, and leaves the screens a little time to fall asleep again.
 *
 * BENCH_KEYS is the number of keys of each scene (2,000 without it); with BENCH_SCENES only scenes are played whose
 * names have this in them.
 */
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/vec.h"
#include "session/session.h"
#include "store/file.h"
#include "ui/tui/host.h"
#include "ui/tui/term.h"

#define KEYS 2000
#define CASES 50000
#define REST_US 2000      /* between a frame and the next key */
#define KEYS_A_RESIZE 50
#define TICK_MS 200       /* as in tui.c */

/* What the user does over and over: keys as a terminal sends them, one a line. */
static const char *const beam_keys[] = {
	"l", "l", "j", "j", "\033[B", "k", "l", " ", "\033[6~", "G", "g", "h", "h", "p", "2", "1", "2", "z", "z", "l",
	"?", "q",
};
static const char *const cases_keys[] = {
	"j", "j", "k", " ", " ", "\033[6~", "\033[5~", "G", "k", "g", "s", "s", "j", "r", "/", "i", "n", "k", "\r", "n",
	"N", "\\", "h", "i", "s", "t", "o", "r", "y", " ", ">", " ", "3", "\r", "G", "k", "\\", "\025", "\r", "s", "S",
	"2", "1",
};

struct user {
	pthread_t thread;
	int master;
	const char *const *keys;
	size_t n_keys, n;
	_Atomic double sent;  /* when the key that waits for its frame was sent; 0: none */
	sem_t shown;          /* its frame is finished */
	atomic_bool done;
	const char *pressed;  /* for the frame that is waited for */
};

/* From a key to its frame: the clock's time, and the processor's that this thread got for it. */
struct frame {
	double seconds, work;
	const char *key;
};

struct frames {
	struct frame *at;
	size_t n, cap;
};

struct drain {
	pthread_t thread;
	int master;
	atomic_size_t bytes;
};

static struct err err;

static void need(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "bench_screens: %s: %s\n", what, err.msg);
	exit(1);
}

static double thread_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *read_all(void *arg)
{
	struct drain *d = arg;
	char bytes[65536];
	ssize_t n;

	while ((n = read(d->master, bytes, sizeof(bytes))) > 0)
		atomic_fetch_add(&d->bytes, (size_t)n);
	return NULL;
}

static void resize(int master, size_t turn)
{
	static const struct winsize sizes[] = {{48, 160, 0, 0}, {24, 80, 0, 0}, {60, 200, 0, 0}};

	ioctl(master, TIOCSWINSZ, &sizes[turn % ARRAY_LEN(sizes)]);
	kill(getpid(), SIGWINCH); /* this is not its controlling terminal */
}

static void *play(void *arg)
{
	struct user *u = arg;

	for (size_t i = 0; i < u->n; i++) {
		const char *key = u->keys[i % u->n_keys];
		nanosleep(&(struct timespec){.tv_nsec = REST_US * 1000}, NULL);
		u->pressed = i % KEYS_A_RESIZE == KEYS_A_RESIZE - 1 ? "resize" : key;
		atomic_store(&u->sent, clock_now());
		if (i % KEYS_A_RESIZE == KEYS_A_RESIZE - 1)
			resize(u->master, i / KEYS_A_RESIZE);
		else
			need(write(u->master, key, strlen(key)) > 0, "a key");
		while (sem_wait(&u->shown) != 0)
			;
	}
	atomic_store(&u->done, true);
	kill(getpid(), SIGWINCH);
	return NULL;
}

static void draw(struct term *t, struct host *h, struct ui *ui, struct canvas *page)
{
	int height;

	term_size(t, &h->width, &height);
	canvas_resize(page, h->width, height);
	ui_draw(ui, page);
	term_draw(t, page);
}

/* The program's own loop, and the time of each frame that shows what a key did. */
static void serve(struct term *t, struct host *h, struct ui *ui, struct canvas *page, struct user *u,
	struct frames *frames)
{
	while (!atomic_load(&u->done)) {
		struct event e;
		bool busy = session_busy(h->session), answered = false;
		unsigned wake = term_wait(t, session_fd(h->session), busy ? TICK_MS : -1);
		if (wake & TERM_NEWS)
			session_poll(h->session);
		double work = thread_time();
		if ((wake & TERM_NEWS) || busy)
			ui_poll(ui);
		while (term_read(t, &e)) {
			ui_event(ui, &e);
			answered = true;
		}
		answered |= (wake & TERM_RESIZED) && !atomic_load(&u->done);
		draw(t, h, ui, page);
		double sent = atomic_load(&u->sent);
		if (answered && sent > 0) {
			atomic_store(&u->sent, 0);
			vec_push(frames, ((struct frame){clock_now() - sent, thread_time() - work, u->pressed}));
			sem_post(&u->shown);
		}
	}
}

static int by_seconds(const void *a, const void *b)
{
	double x = ((const struct frame *)a)->seconds, y = ((const struct frame *)b)->seconds;

	return (x > y) - (x < y);
}

static int by_work(const void *a, const void *b)
{
	double x = ((const struct frame *)a)->work, y = ((const struct frame *)b)->work;

	return (x > y) - (x < y);
}

/* The key that was the slowest stands beside the figure. */
static void row(FILE *out, const char *name, const char *what, double seconds, const char *key)
{
	fprintf(out, "%s/%s\t%.4g\tms\t", name, what, 1e3 * seconds);
	for (; *key; key++)
		fprintf(out, *key > ' ' && *key < 127 ? "%c" : "^%c", *key > ' ' && *key < 127 ? *key : *key ^ 64);
	fputc('\n', out);
}

static void say_frames(FILE *out, const char *name, struct frame *at, size_t n)
{
	qsort(at, n, sizeof(*at), by_seconds);
	row(out, name, "median", at[n / 2].seconds, "");
	row(out, name, "99 %", at[n * 99 / 100].seconds, at[n * 99 / 100].key);
	row(out, name, "worst", at[n - 1].seconds, at[n - 1].key);
	qsort(at, n, sizeof(*at), by_work);
	row(out, name, "processor time, median", at[n / 2].work, "");
	row(out, name, "processor time, worst", at[n - 1].work, at[n - 1].key);
}

static void wait_for_rest(struct session *s, struct ui *ui)
{
	struct pollfd p = {.fd = session_fd(s), .events = POLLIN};

	while (session_busy(s)) {
		poll(&p, 1, -1);
		session_poll(s);
		ui_poll(ui);
	}
}

static size_t wanted_keys(void)
{
	const char *text = getenv("BENCH_KEYS");

	return text && *text ? strtoul(text, NULL, 10) : KEYS;
}

static bool is_wanted(const char *scene)
{
	const char *text = getenv("BENCH_SCENES");

	return !text || strstr(scene, text);
}

struct scene {
	const char *name;
	const char *first;       /* keys that lead to the view */
	const char *const *keys;
	size_t n_keys;
	const char *data;        /* NULL: the demo */
	const char *job;         /* what runs meanwhile; NULL: nothing */
};

/* One scene on a terminal of its own; the figures go to `out`. */
static void play_scene(const struct scene *scene, struct term *t, struct drain *d, FILE *out)
{
	struct user u = {.master = d->master, .keys = scene->keys, .n_keys = scene->n_keys, .n = wanted_keys()};
	struct frames frames = {0};
	struct session *s;
	struct canvas page;
	struct host host;
	struct ui ui;

	need(session_new(&s, &err) == 0 && session_set(s, "beam", "50", &err) == 0, scene->name);
	if (scene->data) {
		char *model = xasprintf("%s/demo/sft", session_datadir(s));
		need(session_set(s, "data", scene->data, &err) == 0, scene->data);
		need(session_set(s, "model", model, &err) == 0, model);
		free(model);
	}
	need(session_load(s, &err) == 0, scene->name);
	host_init(&host, s, false);
	canvas_init(&page, false);
	host_begin(&host, &ui);
	wait_for_rest(s, &ui);
	if (scene->job)
		ui_run(&ui, scene->job);
	for (const char *k = scene->first; *k; k++)
		ui_event(&ui, &(struct event){.type = EVENT_KEY, .key = (uint32_t)*k});
	resize(d->master, 0);
	draw(t, &host, &ui, &page);

	size_t before = atomic_load(&d->bytes);
	need(sem_init(&u.shown, 0, 0) == 0 && pthread_create(&u.thread, NULL, play, &u) == 0, "a thread");
	serve(t, &host, &ui, &page, &u, &frames);
	pthread_join(u.thread, NULL);
	size_t bytes = atomic_load(&d->bytes) - before;

	say_frames(out, scene->name, frames.at, frames.n);
	fprintf(out, "%s/written\t%.0f\tbytes/key\t\n", scene->name, (double)bytes / (double)frames.n);
	fflush(out);
	sem_destroy(&u.shown);
	vec_release(&frames);
	ui_release(&ui);
	host_release(&host);
	canvas_release(&page);
	session_free(s);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

/* The demo with so many cases: its own over and over, under new names. */
static char *make_dataset(void)
{
	char *dir = xstrdup("/tmp/beamscope-bench-XXXXXX"), *line = NULL, *path;
	const char *top = getenv("top_srcdir");
	size_t room = 0, n = 0;
	int status;

	need(mkdtemp(dir) != NULL, dir);
	path = xasprintf("%s/data/demo/.", top ? top : ".");
	pid_t pid = fork();
	if (pid == 0) {
		execlp("cp", "cp", "-R", path, dir, (char *)NULL);
		_exit(1);
	}
	need(waitpid(pid, &status, 0) == pid && status == 0, path);
	free(path);
	path = xasprintf("%s/data/demo/test.csv", top ? top : ".");
	FILE *in = fopen(path, "r");
	free(path);
	path = xasprintf("%s/test.csv", dir);
	FILE *out = fopen(path, "w");
	need(in && out, path);
	need(getline(&line, &room, in) > 0, path);
	fputs(line, out);
	while (n < CASES) {
		if (getline(&line, &room, in) > 0) {
			fprintf(out, "%zu%s", ++n, strchr(line, ','));
		} else {
			rewind(in);
			need(getline(&line, &room, in) > 0, path);
		}
	}
	need(fclose(out) == 0, path);
	fclose(in);
	free(line);
	free(path);
	return dir;
}

int main(void)
{
	struct term_options options = {.ascii = false};
	struct drain drain = {0};
	struct term *term;
	int slave;
	FILE *out = fdopen(dup(STDOUT_FILENO), "w");
	char *many = make_dataset();
	static const char train[] = "train bear --full --steps 10000000 --eval-cases 0", diagnose[] = "diagnose";
	const struct scene scenes[] = {
		{"beam, B 50, idle", "2", beam_keys, ARRAY_LEN(beam_keys), NULL, NULL},
		{"beam, B 50, training", "2", beam_keys, ARRAY_LEN(beam_keys), NULL, train},
		{"beam, B 50, diagnosing", "2", beam_keys, ARRAY_LEN(beam_keys), many, diagnose},
		{"cases, 50000, idle", "1", cases_keys, ARRAY_LEN(cases_keys), many, NULL},
		{"cases, 50000, training", "1", cases_keys, ARRAY_LEN(cases_keys), many, train},
		{"cases, 50000, diagnosing", "1", cases_keys, ARRAY_LEN(cases_keys), many, diagnose},
	};

	setenv("TERM", "xterm-256color", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("INPUTRC", "/dev/null", 1);
	need(out && openpty(&drain.master, &slave, NULL, NULL, &(struct winsize){48, 160, 0, 0}) == 0, "a terminal");
	need(dup2(slave, STDIN_FILENO) >= 0 && dup2(slave, STDOUT_FILENO) >= 0, "a terminal");
	close(slave);
	need(term_start(&term, &options, &err) == 0, "the terminal");
	need(pthread_create(&drain.thread, NULL, read_all, &drain) == 0, "a thread");
	for (size_t i = 0; i < ARRAY_LEN(scenes); i++)
		if (is_wanted(scenes[i].name))
			play_scene(&scenes[i], term, &drain, out);
	term_stop(term);
	nftw(many, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(many);
	return fclose(out) != 0;
}
