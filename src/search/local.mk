libbeam_a_SOURCES += src/search/beam.c
libbeam_a_SOURCES += src/search/edit.c
libbeam_a_SOURCES += src/search/exact.c
libbeam_a_SOURCES += src/search/heap.h
libbeam_a_SOURCES += src/search/scorer.c
libbeam_a_SOURCES += src/search/trace.c
libbeam_a_SOURCES += src/search/trie.c
