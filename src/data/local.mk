libbeam_a_SOURCES += src/data/catalogue.c
libbeam_a_SOURCES += src/data/dataset.c
libbeam_a_SOURCES += src/data/read_bear.c
libbeam_a_SOURCES += src/data/read_lcrec.c
libbeam_a_SOURCES += src/data/read_tokens.c
libbeam_a_SOURCES += src/data/readers.c
libbeam_a_SOURCES += src/data/meta.c
libbeam_a_SOURCES += src/data/title.c
