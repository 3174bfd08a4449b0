shell_tests += tests/lint/docs.t
EXTRA_DIST += tests/lint/lint.sh
shell_tests += tests/lint/headers.t
shell_tests += tests/lint/layers.t
shell_tests += tests/lint/state.t
shell_tests += tests/lint/style.t
shell_tests += tests/lint/files.t
