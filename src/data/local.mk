libbeam_a_SOURCES += src/data/catalogue.c
libbeam_a_SOURCES += src/data/title.c
