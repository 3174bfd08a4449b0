# A view's tests: two lines, tests/ui/t_view_<name> and its _SOURCES with $(stage).
stage = tests/ui/stage.c tests/ui/stage.h tests/ui/fake.c tests/ui/fake.h
cmocka_programs += tests/ui/t_screens
tests_ui_t_screens_SOURCES = tests/ui/t_screens.c $(stage)
cmocka_programs += tests/ui/t_canvas_svg
tests_ui_t_canvas_svg_SOURCES = tests/ui/t_canvas_svg.c $(stage)
cmocka_programs += tests/ui/t_view_palette
tests_ui_t_view_palette_SOURCES = tests/ui/t_view_palette.c $(stage)
cmocka_programs += tests/ui/t_soak
tests_ui_t_soak_SOURCES = tests/ui/t_soak.c tests/ui/soak_words.c tests/ui/soak_words.h
cmocka_programs += tests/ui/t_view_compare
tests_ui_t_view_compare_SOURCES = tests/ui/t_view_compare.c $(stage)
EXTRA_DIST += tests/ui/golden
shell_tests += tests/ui/terminal.t
EXTRA_DIST += tests/ui/terminal.py
cmocka_programs += tests/ui/t_view_tree
tests_ui_t_view_tree_SOURCES = tests/ui/t_view_tree.c $(stage)
