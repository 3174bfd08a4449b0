EXTRA_DIST += tests/unit/kern_test.h
cmocka_programs += tests/unit/t_kern_attn
cmocka_programs += tests/unit/t_kern_layers
cmocka_programs += tests/unit/t_kern_linear
cmocka_programs += tests/unit/t_title
search_helpers = tests/unit/randcase.c tests/unit/randcase.h tests/unit/randlm.c tests/unit/randlm.h
cmocka_programs += tests/unit/t_trie
tests_unit_t_trie_SOURCES = tests/unit/t_trie.c tests/unit/randlm.c tests/unit/randlm.h
