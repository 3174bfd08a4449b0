libbeam_a_SOURCES += src/diagnose/diagnose.c
libbeam_a_SOURCES += src/diagnose/verdict.c
libbeam_a_SOURCES += src/diagnose/outcome.c
libbeam_a_SOURCES += src/diagnose/figures.c
libbeam_a_SOURCES += src/diagnose/metrics.c
libbeam_a_SOURCES += src/diagnose/survey.c
libbeam_a_SOURCES += src/diagnose/contest.c
libbeam_a_SOURCES += src/diagnose/contest_json.c
