#!/usr/bin/env bash
# Every source, header and test is named in a local.mk: one that is not is neither built nor given on. The reference
# numbers are given on as a folder, with what made them.
. "$(dirname "$0")/lint.sh"

lists=$(find Makefile.am src tests man data -name local.mk -o -name Makefile.am | sort)
named=$(cat $lists | tr -s ' \t\\=' '\n')
unnamed() {
	find src tests man data -path tests/num/reference -prune -o -type f \( -name '*.c' -o -name '*.h' -o -name '*.t' -o -name '*.py' -o -name '*.sh' \) -print |
		LC_ALL=C sort | while IFS= read -r file; do
		grep -qxF -e "$file" -e "${file%.c}" <<<"$named" || echo "$file"
	done
}
none 'every source, header and test is in a local.mk' "$(unnamed)"
finish
