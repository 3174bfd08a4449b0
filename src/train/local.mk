libbeam_a_SOURCES += src/train/objectives.c
libbeam_a_SOURCES += src/train/objectives.h
libbeam_a_SOURCES += src/train/obj_sft.c
libbeam_a_SOURCES += src/train/obj_msl.c
libbeam_a_SOURCES += src/train/obj_bear.c
libbeam_a_SOURCES += src/train/obj_bear_reg.c
libbeam_a_SOURCES += src/train/obj_bear_margin.c
libbeam_a_SOURCES += src/train/obj_direct.c
