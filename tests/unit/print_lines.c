/*
 * Prints command lines at random, for the tests that feed them to the program itself: print_lines N SEED. They are
 * about a folder `data` beside one. What would end the program, or its going on after a failure, is left out, and what
 * would wait for another line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linewords.h"

/* A word with this in it may mean `quit`, or the option keep-going or output, also where letters were lost. */
static bool may_end_it(const char *line)
{
	return strpbrk(line, "qQ") || strstr(line, "u it") || strstr(line, "utp") || strstr(line, "ke") ||
	       strstr(line, "-k");
}

int main(int argc, char **argv)
{
	unsigned long n = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
	struct rng rng;
	struct linewords words = {.rng = &rng, .data = "data"};
	struct buf line = {0};

	rng_seed(&rng, argc == 3 ? strtoul(argv[2], NULL, 10) : 0);
	while (n > 0) {
		buf_clear(&line);
		linewords_any(&words, &line);
		if (line.len == 0 || may_end_it(line.at) || line.at[line.len - 1] == '\\')
			continue;
		puts(line.at);
		n--;
	}
	buf_release(&line);
	return fflush(stdout) == 0 ? 0 : 1;
}
