EXTRA_DIST += tests/num/reference
cmocka_programs += tests/num/t_logits
tests_num_t_logits_SOURCES = tests/num/t_logits.c tests/num/npy.c tests/num/npy.h tests/num/refdata.c tests/num/refdata.h
