bench_programs += tests/bench/bench_search
tests_bench_bench_search_SOURCES = tests/bench/bench_search.c tests/unit/randlm.c tests/unit/randlm.h
tests_bench_bench_search_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
bench_programs += tests/bench/bench_case
tests_bench_bench_case_SOURCES = tests/bench/bench_case.c tests/num/tiny.c tests/num/tiny.h
tests_bench_bench_case_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
bench_programs += tests/bench/bench_model
tests_bench_bench_model_SOURCES = tests/bench/bench_model.c tests/num/tiny.c tests/num/tiny.h
