#!/usr/bin/env bash
# What can be seen of HOUSE style without understanding: sizes, columns, white space, words, calls.
. "$(dirname "$0")/lint.sh"

code=$(find src include tests data -name '*.[ch]' | LC_ALL=C sort)
scripts=$(find src tests data man -name '*.mk' -o -name '*.t' -o -name '*.sh' | LC_ALL=C sort)
text="$code $scripts bootstrap configure.ac Makefile.am"
below_ui=$(printf '%s\n' $code | grep -E '^src/(base|store|text|data|kern|model|search|diagnose|train|session)/')

none "no trailing white space" "$(grep -nE '[[:space:]]+$' $text)"
none "no spaces before a tab" "$(grep -nP '^ +\t' $code)"
none "every file ends with a line end" "$(for f in $text; do
	[ -z "$(tail -c 1 "$f")" ] || printf '%s\n' "$f"
done)"
# In characters, a tab up to the next multiple of eight.
none "no line is wider than 120 columns" "$(for f in $code; do
	expand -t 8 "$f" | LC_ALL=C.UTF-8 grep -nE '^.{121,}' | sed "s|^|$f:|"
done)"
none "no file is longer than 900 lines" "$(wc -l $code |
	awk '$2 != "total" && $1 > 900 { print $2 ": " $1 " lines" }')"
none "no function is longer than 120 lines" "$(awk '
	/^\{/ { start = FNR }
	/^\}/ { if (start && FNR - start > 120) print FILENAME ":" start ": " FNR - start " lines"; start = 0 }' $code)"

# Split so that this file does not name them.
promises='TO''DO|FIX''ME|XX''X|HA''CK|st''ub|place''holder|not imple''mented'
none "no word promises work" "$(grep -nwE "$promises" $text)"
none "no commented-out code" "$(grep -nE '^[[:space:]]*//' $code)"
none "no conditional that is never true" "$(grep -nE '^[[:space:]]*#[[:space:]]*if[[:space:]]+0' $code)"
none "no unbounded copying or parsing" "$(
	grep -nE '\<(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|rand|srand|alloca|system|popen)\(' \
		$(printf '%s\n' $code | grep -E '^(src|include)/'))"
none "below ui nothing prints or exits" "$(
	grep -nE '\<(printf|vprintf|puts|putchar|perror|exit|_exit)\(|\<(stdout|stderr)\>' $below_ui |
		grep -vE '^src/base/(err|mem)\.c:')"
none "every source is named where it is built, and so is in the distribution" "$(find src -name '*.[ch]' | while read -r f; do
	grep -qF "$f" Makefile.am src/*/local.mk src/*/*/local.mk 2>/dev/null || printf '%s\n' "$f"
done)"
none "no fast-math" "$(grep -nE -e '-ffast-math|-Ofast' configure.ac Makefile.am $(find src tests -name '*.mk'))"
finish
