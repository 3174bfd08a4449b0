#include "ui/repl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/line.h"

static bool is_quit(const char *text)
{
	text += strspn(text, " \t");
	size_t n = strcspn(text, " \t");
	return (n == 4 && strncmp(text, "quit", n) == 0) || (n == 4 && strncmp(text, "exit", n) == 0);
}

int repl_main(struct session *s, enum out_format format)
{
	char *text;
	while ((text = line_read("beamscope> ")) && !is_quit(text)) {
		struct out out = {.format = format, .file = stdout};
		struct err err = {0};
		int failed = session_run_line(s, text, &out, &err);
		struct err write_err = {0};
		if (out_finish(&out, &write_err) < 0 && !failed) {
			err = write_err;
			failed = -1;
		}
		if (failed)
			fprintf(stderr, "beamscope: %s\n", err.msg);
		free(text);
	}
	if (!text)
		putchar('\n');
	free(text);
	return 0;
}
