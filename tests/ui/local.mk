cmocka_programs += tests/ui/t_screens
tests_ui_t_screens_SOURCES = tests/ui/t_screens.c tests/ui/fake.c tests/ui/fake.h
EXTRA_DIST += tests/ui/golden
shell_tests += tests/ui/terminal.t
EXTRA_DIST += tests/ui/terminal.py
