#!/usr/bin/env bash
# Who may include what: HACKING.md's table of layers, and the libraries that only one place may know.
. "$(dirname "$0")/lint.sh"

declare -A may
may[base]=''
may[store]='base'
may[text]='base store'
may[data]='base store text'
may[kern]='base'
may[model]='base store kern'
may[search]='base model'
may[diagnose]='base store text data kern model search'
may[train]='base store text data kern model search diagnose'
may[session]='base store text data kern model search diagnose train'
may[ui]='base session'
layers=${!may[*]}

# The includes that name a layer in these files, as "file:line layer".
own_includes() {
	grep -rHnoE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"[a-z]+/' "$@" --include='*.[ch]' |
		sed -E 's/^([^:]+:[0-9]+):.*"([a-z]+)\/$/\1 \2/'
}

for layer in $(printf '%s\n' $layers | sort); do
	bad=$(own_includes "src/$layer" "include/$layer" 2>/dev/null | while read -r place included; do
		case " $layer ${may[$layer]} " in
		*" $included "*) ;;
		*) printf '%s includes %s\n' "$place" "$included" ;;
		esac
	done)
	none "$layer uses only: $layer ${may[$layer]}" "$bad"
done

none "every folder is a layer" "$(for d in src/*/ include/*/; do
	name=$(basename "$d")
	[ -n "${may[$name]+set}" ] || printf '%s\n' "$d"
done)"

none "main.c only picks a front-end" "$(own_includes src/main.c | grep -vE ' (ui|session|base)$')"

none "private headers stay inside their layer" "$(
	grep -rHnoE '^[[:space:]]*#[[:space:]]*include +"[a-z0-9_/]+_priv\.h"' src include --include='*.[ch]' |
		while IFS=: read -r file line include; do
			folder=$(dirname "$file")
			header=${include#*\"}
			header=${header%\"}
			case $header in
			*/*) [ "$folder" = "src/${header%/*}" ] ;;
			*) [ -e "$folder/$header" ] ;;
			esac || printf '%s:%s: %s\n' "$file" "$line" "$header"
		done
)"

# only TITLE HEADERS FILES: these system headers are included by these files alone (both are regular expressions).
only() {
	none "$1" "$(grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*<($2)>" src include --include='*.[ch]' |
		grep -vE "^($3):")"
}

only "curses is for the terminal alone" '(ncursesw?/)?n?curses\.h|term\.h' 'src/ui/tui/term\.c'
only "readline is for the REPL and the command line" 'readline/.*' 'src/ui/(repl|line|complete)\.c'
only "libcsv is behind csvfile" 'csv\.h' 'src/store/csvfile\.c'
only "jansson is behind json.h" 'jansson\.h' 'include/store/json\.h'
only "PCRE2 is for text and base's regex" 'pcre2\.h' 'src/(text/[a-z_]+|base/regex)\.[ch]'
only "BLAS is for kern" '(openblas/)?(cblas|lapacke|f77blas)\.h' 'src/kern/[a-z0-9_]+\.[ch]'
only "utf8proc is for base and text" 'utf8proc\.h' 'src/(base|text)/[a-z0-9_]+\.[ch]'

# Two objects of one name would replace each other in libbeam.a.
none "no two sources have the same name" "$(find src -name '*.c' -exec basename {} \; | sort | uniq -d)"

finish
