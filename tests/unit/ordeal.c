#include "ordeal.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "check.h"

#define PATIENCE 300 /* seconds without a beat before a run counts as stuck */

void *ordeal_share(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(at != MAP_FAILED);
	return at;
}

void ordeal_unshare(void *shared, size_t bytes)
{
	munmap(shared, bytes);
}

void ordeal_beat(int heart)
{
	if (write(heart, "", 1) < 0)
		exit(1); /* nobody listens any more */
}

/* To its end; false when nothing happened any more, and it had to be ended. */
static bool watch(pid_t child, int heart)
{
	struct pollfd p = {.fd = heart, .events = POLLIN};
	char beats[64];

	for (;;) {
		int ready = poll(&p, 1, PATIENCE * 1000);

		if (ready == 0) {
			kill(child, SIGABRT);
			return false;
		}
		if (ready > 0 && read(heart, beats, sizeof(beats)) <= 0)
			return true;
	}
}

NORETURN static void be_child(void (*run)(void *arg, int heart), void *arg, int heart)
{
	int nothing = open("/dev/null", O_RDONLY);

	for (int sig = 1; sig < 32; sig++)
		signal(sig, SIG_DFL); /* the parent's are for its own faults */
	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0)
		_exit(1);
	close(nothing);
	run(arg, heart);
	exit(0); /* which looks for leaks where the sanitizers are */
}

bool ordeal_run(void (*run)(void *arg, int heart), void *arg, char **how)
{
	int pipes[2], status = 0;

	assert_int_equal(pipe(pipes), 0);
	fflush(NULL);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(pipes[0]);
		be_child(run, arg, pipes[1]);
	}
	close(pipes[1]);
	bool ended = watch(child, pipes[0]);
	close(pipes[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (ended && status == 0)
		return true;
	*how = xasprintf("%s: %s %d", ended ? "failed" : "got stuck", WIFSIGNALED(status) ? "signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return false;
}

unsigned long ordeal_wanted(const char *name, unsigned long usual)
{
	const char *value = getenv(name);

	return value && *value ? strtoul(value, NULL, 10) : usual;
}

char *ordeal_source(void)
{
	const char *top = getenv("top_srcdir");
	char *path = xasprintf("%s/data", top ? top : "."), *full = realpath(path, NULL);

	free(path);
	if (!full)
		fail_msg("cannot find the bundled data");
	return full;
}

void ordeal_copy(const char *from, const char *to)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execlp("cp", "cp", "-R", from, to, (char *)NULL);
		_exit(1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0)
		fail_msg("cannot copy '%s'", from);
}
