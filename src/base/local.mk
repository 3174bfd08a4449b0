libbeam_a_SOURCES += src/base/err.c
libbeam_a_SOURCES += src/base/mem.c
