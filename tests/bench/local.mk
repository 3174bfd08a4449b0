bench_programs += tests/bench/bench_search
tests_bench_bench_search_SOURCES = tests/bench/bench_search.c tests/unit/randlm.c tests/unit/randlm.h
tests_bench_bench_search_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
