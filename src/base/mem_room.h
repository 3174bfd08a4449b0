/*
 * What Linux says of the memory that is left, in files below /proc and /sys.
 */
#ifndef SRC_BASE_MEM_ROOM_H
#define SRC_BASE_MEM_ROOM_H

#include <stddef.h>

/* Bytes that the machine has without swapping; SIZE_MAX where it does not say. root: what stands before "/proc", "" but
 * in tests. */
size_t mem_room_machine(const char *root);

/* Bytes that the process's control group, and those above it, leave, with cached files counted as free; SIZE_MAX where
 * none has a limit. Both versions of control groups, side by side too. */
size_t mem_room_cgroup(const char *root);

#endif
