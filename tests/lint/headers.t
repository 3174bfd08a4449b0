#!/usr/bin/env bash
# Every public header compiles by itself, twice in a row, without a warning.
. "$(dirname "$0")/lint.sh"

flags='-std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror'
for header in $(find include -name '*.h' | LC_ALL=C sort); do
	name=${header#include/}
	# shellcheck disable=SC2086
	none "$name" "$(printf '#include "%s"\n#include "%s"\n' "$name" "$name" |
		${CC:-cc} $flags ${LIB_CPPFLAGS-} -Iinclude -x c -fsyntax-only - 2>&1)"
done
finish
