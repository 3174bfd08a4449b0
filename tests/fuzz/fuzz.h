/*
 * What a fuzz target is: a function that takes any bytes and must neither crash nor leak nor break what it checks with
 * BUG(). libFuzzer calls it, or replay.c.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len); /* 0 always */

#endif
