EXTRA_DIST += tests/num/reference
cmocka_programs += tests/num/t_logits
tests_num_t_logits_SOURCES = tests/num/t_logits.c tests/num/npy.c tests/num/npy.h tests/num/refdata.c tests/num/refdata.h
refsearch_helpers = tests/num/npy.c tests/num/npy.h tests/num/refdata.c tests/num/refdata.h tests/num/refsearch.c \
	tests/num/refsearch.h
cmocka_programs += tests/num/t_beams
tests_num_t_beams_SOURCES = tests/num/t_beams.c $(refsearch_helpers)
cmocka_programs += tests/num/t_exhaustive
tests_num_t_exhaustive_SOURCES = tests/num/t_exhaustive.c $(refsearch_helpers)
cmocka_programs += tests/num/t_trace
tests_num_t_trace_SOURCES = tests/num/t_trace.c $(refsearch_helpers)
cmocka_programs += tests/num/t_vocab
cmocka_programs += tests/num/t_gradients
tests_num_t_gradients_SOURCES = tests/num/t_gradients.c tests/num/npy.c tests/num/npy.h
cmocka_programs += tests/num/t_loss
tests_num_t_loss_SOURCES = tests/num/t_loss.c tests/num/npy.c tests/num/npy.h tests/num/refdata.c tests/num/refdata.h
cmocka_programs += tests/num/t_adapter
tests_num_t_adapter_SOURCES = tests/num/t_adapter.c tests/num/npy.c tests/num/npy.h
racecase = tests/num/racecase.c tests/num/racecase.h tests/num/npy.c tests/num/npy.h tests/num/refdata.c \
	tests/num/refdata.h
cmocka_programs += tests/num/t_train
tests_num_t_train_SOURCES = tests/num/t_train.c $(racecase)
cmocka_programs += tests/num/t_architectures
tests_num_t_architectures_SOURCES = tests/num/t_architectures.c tests/num/npy.c tests/num/npy.h
check_PROGRAMS += tests/num/encode_texts
tests_num_encode_texts_SOURCES = tests/num/encode_texts.c
cmocka_programs += tests/num/t_quant
tests_num_t_quant_SOURCES = tests/num/t_quant.c tests/num/npy.c tests/num/npy.h
