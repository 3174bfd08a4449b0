bench_programs += tests/bench/bench_search
tests_bench_bench_search_SOURCES = tests/bench/bench_search.c tests/unit/randlm.c tests/unit/randlm.h
tests_bench_bench_search_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
bench_programs += tests/bench/bench_case
tests_bench_bench_case_SOURCES = tests/bench/bench_case.c tests/bench/shape.h tests/num/tiny.c tests/num/tiny.h
tests_bench_bench_case_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
bench_programs += tests/bench/bench_model
tests_bench_bench_model_SOURCES = tests/bench/bench_model.c tests/bench/machine.c tests/bench/machine.h \
	tests/bench/shape.h tests/num/tiny.c tests/num/tiny.h
bench_programs += tests/bench/bench_kern
tests_bench_bench_kern_SOURCES = tests/bench/bench_kern.c tests/bench/machine.c tests/bench/machine.h
bench_programs += tests/bench/bench_train
tests_bench_bench_train_SOURCES = tests/bench/bench_train.c tests/bench/machine.c tests/bench/machine.h \
	tests/bench/shape.h tests/num/tiny.c tests/num/tiny.h
EXTRA_DIST += tests/bench/experiment.sh
bench_programs += tests/bench/bench_loss
tests_bench_bench_loss_SOURCES = tests/bench/bench_loss.c tests/bench/machine.c tests/bench/machine.h \
	tests/bench/shape.h tests/num/tiny.c tests/num/tiny.h
bench_programs += tests/bench/bench_screens
bench_programs += tests/bench/bench_large
tests_bench_bench_large_SOURCES = tests/bench/bench_large.c tests/bench/machine.c tests/bench/machine.h \
	tests/bench/shape.h tests/num/tiny.c tests/num/tiny.h
bench_programs += tests/bench/bench_text
tests_bench_bench_text_SOURCES = tests/bench/bench_text.c tests/bench/machine.c tests/bench/machine.h
