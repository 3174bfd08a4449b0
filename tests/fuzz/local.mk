# A target is tests/fuzz/fuzz_<name>.c with LLVMFuzzerTestOneInput (see fuzz.h) and a folder of seeds. It is built twice:
# t_fuzz_<name> replays the seeds in `make check`; with --enable-fuzzing, fuzz_<name> is the libFuzzer program:
#   tests/fuzz/fuzz_dataset -max_total_time=60 CORPUS $srcdir/tests/fuzz/seeds/dataset
EXTRA_DIST += tests/fuzz/fuzz.h
EXTRA_DIST += tests/fuzz/seeds
cmocka_programs += tests/fuzz/t_fuzz_dataset
tests_fuzz_t_fuzz_dataset_SOURCES = tests/fuzz/fuzz_dataset.c tests/fuzz/replay.c

if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_dataset
tests_fuzz_fuzz_dataset_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
