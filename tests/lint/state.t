#!/usr/bin/env bash
# No static state that changes below ui: what a function needs to remember lives in a struct that its caller owns.
. "$(dirname "$0")/lint.sh"

objects=$(find "${top_builddir:-build}/src" -name '*.o' 2>/dev/null |
	grep -E '/src/(base|store|text|data|kern|model|search|diagnose|train|session)/')
if [ -z "$objects" ] || ! command -v objdump >/dev/null 2>&1; then
	printf '1..0 # SKIP no objects, or no objdump to look into them\n'
	exit 0
fi
# shellcheck disable=SC2086
if objdump -t $objects | grep -qE '__(asan|ubsan|tsan|msan|sancov|gcov)'; then
	printf '1..0 # SKIP the sanitizers add state of their own\n'
	exit 0
fi

# Constants that hold addresses are in .data.rel.ro, which is read-only once the program runs.
# shellcheck disable=SC2086
none "no writable static object" "$(objdump -t $objects | awk '
	/file format/ { file = $1 }
	/ O (\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ && !/ O \.data\.rel\.ro/ { print file " " $NF }')"
finish
