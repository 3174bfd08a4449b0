libbeam_a_SOURCES += src/store/bytes.c
libbeam_a_SOURCES += src/store/csvfile.c
libbeam_a_SOURCES += src/store/file.c
libbeam_a_SOURCES += src/store/folder.c
libbeam_a_SOURCES += src/store/json.c
libbeam_a_SOURCES += src/store/lines.c
libbeam_a_SOURCES += src/store/safetensors.c
