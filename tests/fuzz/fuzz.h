/*
 * What a fuzz target is: a function that takes any bytes and must neither crash nor leak nor break what it checks with
 * BUG(). libFuzzer calls it, or replay.c.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len); /* 0 always */

#define FUZZ_CHECK(condition) \
	do { \
		if (!(condition)) \
			BUG("%s does not hold", #condition); \
	} while (0)

/* The input as a file that has a path and is never on the disk. */
struct fuzz_file {
	char path[32];
	int fd;
};

static inline void fuzz_file_init(struct fuzz_file *f, const uint8_t *data, size_t len)
{
	f->fd = memfd_create("input", MFD_CLOEXEC);
	FUZZ_CHECK(f->fd >= 0 && write(f->fd, data, len) == (ssize_t)len);
	snprintf(f->path, sizeof(f->path), "/proc/self/fd/%d", f->fd);
}

static inline void fuzz_file_release(struct fuzz_file *f)
{
	close(f->fd);
}

#endif
