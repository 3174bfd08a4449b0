EXTRA_DIST += tests/cli/lib.sh tests/cli/golden
shell_tests += tests/cli/adapter.t
shell_tests += tests/cli/lesson.t
shell_tests += tests/cli/front.t
shell_tests += tests/cli/errors.t
shell_tests += tests/cli/examples.t
shell_tests += tests/cli/office.t
shell_tests += tests/cli/reference.t
