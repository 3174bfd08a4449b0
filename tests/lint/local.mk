shell_tests += tests/lint/docs.t
