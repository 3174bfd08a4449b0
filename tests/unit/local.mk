EXTRA_DIST += tests/unit/kern_test.h
cmocka_programs += tests/unit/t_kern_attn
cmocka_programs += tests/unit/t_kern_layers
cmocka_programs += tests/unit/t_kern_linear
cmocka_programs += tests/unit/t_title
