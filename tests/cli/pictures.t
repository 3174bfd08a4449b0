#!/usr/bin/env bash
# The pictures that the README shows are pages of this program, as it is (`make pictures` draws them).
. "$(dirname "$0")/lib.sh"
readme=$top_srcdir/README.md

shown=$(grep -o '](man/pictures/[^)]*)' "$readme" | sed 's/^](//; s/)$//' | sort)
(cd "$top_srcdir" && printf '%s\n' man/pictures/*.svg | sort) >"$scratch/there"
printf '%s\n' "$shown" >"$scratch/shown"
same "the README shows each picture that is there, and no other" "$scratch/there" "$scratch/shown"
[ "$(wc -l <"$scratch/shown")" -eq 2 ]
ok $? "two of them"

mkdir "$scratch/drawn"
"$top_srcdir/man/draw" "$BEAMSCOPE" "$scratch/drawn" beam 2>"$scratch/why"
ok $? "it can be drawn"
echo "it is another page now: make pictures PICTURES=beam draws it anew, look at it" >"$scratch/why"
cmp -s "$top_srcdir/man/pictures/beam.svg" "$scratch/drawn/beam.svg"
ok $? "beam.svg is the page that the program shows"

# A race takes too long to be run again, and its pace is in it; its colours and tabs are still those of any page.
look() {
	sed -n '/^<style>/,/^<\/style>/p' "$1"
	grep -oE '<text[^>]*>(Cases|Beam|Tree|Margins|Train|Compare|Lessons)</text>' "$1" | sort
}
look "$top_srcdir/man/pictures/race.svg" >"$scratch/race"
look "$scratch/drawn/beam.svg" >"$scratch/page"
same "race.svg looks as pages do" "$scratch/page" "$scratch/race"

for picture in $shown; do
	[ "$(wc -c <"$top_srcdir/$picture")" -lt 60000 ]
	ok $? "$picture is small"
	if python3 -c 'import xml.dom.minidom' 2>/dev/null; then
		python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$top_srcdir/$picture" 2>"$scratch/why"
		ok $? "$picture is one that an XML parser reads"
	else
		skip "$picture is one that an XML parser reads" "no python3"
	fi
done

"$top_srcdir/man/draw" "$BEAMSCOPE" "$scratch/drawn" nothing 2>"$scratch/err"
[ $? -eq 1 ] && grep -qF 'no picture "nothing"' "$scratch/err" && [ "$(ls "$scratch/drawn")" = beam.svg ]
ok $? "another name is refused"

finish
