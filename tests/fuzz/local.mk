# A target is tests/fuzz/fuzz_<name>.c with LLVMFuzzerTestOneInput (see fuzz.h) and a folder of seeds, built twice:
# t_fuzz_<name> replays the seeds in `make check`; with --enable-fuzzing, fuzz_<name> is the libFuzzer program:
#   tests/fuzz/fuzz_dataset -max_total_time=60 CORPUS $srcdir/tests/fuzz/seeds/dataset
EXTRA_DIST += tests/fuzz/fuzz.h
EXTRA_DIST += tests/fuzz/seeds
cmocka_programs += tests/fuzz/t_fuzz_csv
tests_fuzz_t_fuzz_csv_SOURCES = tests/fuzz/fuzz_csv.c tests/fuzz/replay.c
cmocka_programs += tests/fuzz/t_fuzz_json
tests_fuzz_t_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c tests/fuzz/replay.c
cmocka_programs += tests/fuzz/t_fuzz_safetensors
tests_fuzz_t_fuzz_safetensors_SOURCES = tests/fuzz/fuzz_safetensors.c tests/fuzz/replay.c
cmocka_programs += tests/fuzz/t_fuzz_dataset
tests_fuzz_t_fuzz_dataset_SOURCES = tests/fuzz/fuzz_dataset.c tests/fuzz/replay.c
cmocka_programs += tests/fuzz/t_fuzz_tokenizer
tests_fuzz_t_fuzz_tokenizer_SOURCES = tests/fuzz/fuzz_tokenizer.c tests/fuzz/replay.c
cmocka_programs += tests/fuzz/t_fuzz_tokenizer_text
tests_fuzz_t_fuzz_tokenizer_text_SOURCES = tests/fuzz/fuzz_tokenizer_text.c tests/fuzz/replay.c
cmocka_programs += tests/fuzz/t_fuzz_template
tests_fuzz_t_fuzz_template_SOURCES = tests/fuzz/fuzz_template.c tests/fuzz/replay.c
cmocka_programs += tests/fuzz/t_fuzz_table
tests_fuzz_t_fuzz_table_SOURCES = tests/fuzz/fuzz_table.c tests/fuzz/replay.c
cmocka_programs += tests/fuzz/t_fuzz_model
tests_fuzz_t_fuzz_model_SOURCES = tests/fuzz/fuzz_model.c tests/fuzz/replay.c tests/num/tiny.c tests/num/tiny.h
cmocka_programs += tests/fuzz/t_fuzz_adapter
tests_fuzz_t_fuzz_adapter_SOURCES = tests/fuzz/fuzz_adapter.c tests/fuzz/replay.c tests/num/tiny.c tests/num/tiny.h
cmocka_programs += tests/fuzz/t_fuzz_command
tests_fuzz_t_fuzz_command_SOURCES = tests/fuzz/fuzz_command.c tests/fuzz/replay.c
cmocka_programs += tests/fuzz/t_fuzz_where
tests_fuzz_t_fuzz_where_SOURCES = tests/fuzz/fuzz_where.c tests/fuzz/replay.c
cmocka_programs += tests/fuzz/t_fuzz_batches
tests_fuzz_t_fuzz_batches_SOURCES = tests/fuzz/fuzz_batches.c tests/fuzz/replay.c
cmocka_programs += tests/fuzz/t_fuzz_survey
tests_fuzz_t_fuzz_survey_SOURCES = tests/fuzz/fuzz_survey.c tests/fuzz/replay.c
cmocka_programs += tests/fuzz/t_fuzz_predictions
tests_fuzz_t_fuzz_predictions_SOURCES = tests/fuzz/fuzz_predictions.c tests/fuzz/replay.c
cmocka_programs += tests/fuzz/t_fuzz_lesson
tests_fuzz_t_fuzz_lesson_SOURCES = tests/fuzz/fuzz_lesson.c tests/fuzz/replay.c

fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_predictions
tests_fuzz_fuzz_predictions_LDFLAGS = $(fuzz_ldflags)
noinst_PROGRAMS += tests/fuzz/fuzz_lesson
tests_fuzz_fuzz_lesson_LDFLAGS = $(fuzz_ldflags)
noinst_PROGRAMS += tests/fuzz/fuzz_survey
tests_fuzz_fuzz_survey_LDFLAGS = $(fuzz_ldflags)
noinst_PROGRAMS += tests/fuzz/fuzz_where
tests_fuzz_fuzz_where_LDFLAGS = $(fuzz_ldflags)
noinst_PROGRAMS += tests/fuzz/fuzz_batches
tests_fuzz_fuzz_batches_LDFLAGS = $(fuzz_ldflags)
noinst_PROGRAMS += tests/fuzz/fuzz_table
tests_fuzz_fuzz_table_LDFLAGS = $(fuzz_ldflags)
noinst_PROGRAMS += tests/fuzz/fuzz_model
tests_fuzz_fuzz_model_SOURCES = tests/fuzz/fuzz_model.c tests/num/tiny.c tests/num/tiny.h
tests_fuzz_fuzz_model_LDFLAGS = $(fuzz_ldflags)
noinst_PROGRAMS += tests/fuzz/fuzz_adapter
tests_fuzz_fuzz_adapter_SOURCES = tests/fuzz/fuzz_adapter.c tests/num/tiny.c tests/num/tiny.h
tests_fuzz_fuzz_adapter_LDFLAGS = $(fuzz_ldflags)
noinst_PROGRAMS += tests/fuzz/fuzz_csv
tests_fuzz_fuzz_csv_LDFLAGS = $(fuzz_ldflags)
noinst_PROGRAMS += tests/fuzz/fuzz_json
tests_fuzz_fuzz_json_LDFLAGS = $(fuzz_ldflags)
noinst_PROGRAMS += tests/fuzz/fuzz_safetensors
tests_fuzz_fuzz_safetensors_LDFLAGS = $(fuzz_ldflags)
noinst_PROGRAMS += tests/fuzz/fuzz_dataset
tests_fuzz_fuzz_dataset_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
noinst_PROGRAMS += tests/fuzz/fuzz_tokenizer
tests_fuzz_fuzz_tokenizer_LDFLAGS = $(fuzz_ldflags)
noinst_PROGRAMS += tests/fuzz/fuzz_tokenizer_text
tests_fuzz_fuzz_tokenizer_text_LDFLAGS = $(fuzz_ldflags)
noinst_PROGRAMS += tests/fuzz/fuzz_template
tests_fuzz_fuzz_template_LDFLAGS = $(fuzz_ldflags)
noinst_PROGRAMS += tests/fuzz/fuzz_command
tests_fuzz_fuzz_command_LDFLAGS = $(fuzz_ldflags)
endif
