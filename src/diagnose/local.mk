libbeam_a_SOURCES += src/diagnose/diagnose.c
libbeam_a_SOURCES += src/diagnose/verdict.c
