#!/usr/bin/env bash
# The manual pages and the README say what the program's tables say (`make docs` renews them), and are fit to be read.
. "$(dirname "$0")/lint.sh"
BEAMSCOPE=${BEAMSCOPE-$PWD/build/src/beamscope}
keys=${top_builddir-$PWD/build}/man/keys
pages=$(printf '%s\n' man/*.[1-8])

out_of_step() {
	BEAMSCOPE_DATADIR=$PWD/data man/generate --check "$BEAMSCOPE" "$keys" 2>&1 || echo 'make docs renews them'
}
none 'generated parts are in step with the tables' "$(out_of_step)"

without_commands() {
	grep -q '^\.B beam CASE' man/beamscope.1 || echo man/beamscope.1
}
none 'the manual page has the commands' "$(without_commands)"

other_versions() {
	local version
	version=$("$BEAMSCOPE" --version)
	grep -L "\"$version\"" $pages
	grep -q "^version: ${version#* }\$" CITATION.cff || echo CITATION.cff
}
none 'all are of this version' "$(other_versions)"

not_installed() {
	local page
	for page in $pages; do
		grep -qx "dist_man_MANS += $page" man/local.mk || echo "$page"
	done
}
none 'every page is installed' "$(not_installed)"

# "beamscope\-formats (5)" in any page, but for what other projects have.
not_there() {
	sed -n 's/^\.BR beamscope\(\\*-*[a-z]*\) (\([0-9]\)).*/beamscope\1.\2/p' $pages | tr -d '\\' | sort -u | while IFS= read -r page; do
		[ -e "man/$page" ] || echo "$page"
	done
}
none 'every page that another names is there' "$(not_there)"

if ! command -v groff >/dev/null 2>&1; then
	for name in 'they are good roff' 'no line is wider than 80 cells'; do
		cases=$((cases + 1))
		echo "ok $cases - $name # SKIP no groff"
	done
else
	bad_roff() {
		local page
		for page in $pages; do
			groff -man -Tutf8 -ww -z "$page" 2>&1
		done
	}
	none 'they are good roff' "$(bad_roff)"

	too_wide() {
		local page
		for page in $pages; do
			groff -man -Tascii -rLL=80n -P-c -P-b -P-u "$page" 2>/dev/null |
				awk -v page="$page" 'length($0) > 80 { print page ": " $0 }'
		done
	}
	none 'no line is wider than 80 cells' "$(too_wide)"
fi
finish
