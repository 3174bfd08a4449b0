#include "ui/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/utf8.h"

#define NOT_FOUND 126 /* and 127: statuses of a shell that could not run the command */

/* Lines of the screen that one line of text takes. */
static size_t screen_lines(const char *line, const char *end, size_t columns)
{
	size_t width = utf8_width_coloured(line, (size_t)(end - line));

	return width <= columns ? 1 : (width + columns - 1) / columns;
}

bool pager_is_due(const char *text, size_t len)
{
	const char *term = getenv("TERM"), *end = text + len;
	struct winsize size;
	size_t lines = 1; /* the prompt's */

	if (!term || !*term || strcmp(term, "dumb") == 0 || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
		ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
		return false;
	for (const char *line = text, *next; line < end && lines <= size.ws_row; line = next + 1) {
		next = memchr(line, '\n', (size_t)(end - line));
		if (!next)
			next = end;
		lines += screen_lines(line, next, size.ws_col);
	}
	return lines > size.ws_row;
}

/* Starts a program that reads from `input`. An error number; 0: it runs. */
static int spawn(pid_t *pid, char *const *argv, int input)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGQUIT);
	sigaddset(&signals, SIGPIPE);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &signals);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	int failed = posix_spawnp(pid, argv[0], &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return failed;
}

static int spawn_pager(pid_t *pid, int input)
{
	char *pager = getenv("PAGER");
	char *shell[] = {"sh", "-c", pager, NULL}, *less[] = {"less", NULL}, *more[] = {"more", NULL};

	setenv("LESS", "FRX", 0);
	if (pager)
		return spawn(pid, shell, input);
	int failed = spawn(pid, less, input);
	return failed ? spawn(pid, more, input) : 0;
}

/* As much as the reader wants. */
static void feed(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return;
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
}

/* Feeds the pager and waits for its end; false if it could not begin. */
static bool run(const char *text, size_t len, int ends[2])
{
	pid_t pid;
	int status = 0;

	if (spawn_pager(&pid, ends[0]))
		return false;
	close(ends[0]);
	ends[0] = -1;
	feed(ends[1], text, len);
	close(ends[1]);
	ends[1] = -1;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return !WIFEXITED(status) || WEXITSTATUS(status) < NOT_FOUND;
}

bool pager_show(const char *text, size_t len)
{
	static const int signals[] = {SIGINT, SIGQUIT, SIGPIPE};
	const char *pager = getenv("PAGER");
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before[ARRAY_LEN(signals)];
	struct termios modes;
	int ends[2];

	if ((pager && !*pager) || pipe2(ends, O_CLOEXEC) != 0)
		return false;
	bool has_modes = tcgetattr(STDIN_FILENO, &modes) == 0;
	sigemptyset(&ignore.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		sigaction(signals[i], &ignore, &before[i]);
	bool shown = run(text, len, ends);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		sigaction(signals[i], &before[i], NULL);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (ends[i] >= 0)
			close(ends[i]);
	if (has_modes) /* a pager that was killed has left its own */
		tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
	return shown;
}
