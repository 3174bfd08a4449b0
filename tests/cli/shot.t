#!/usr/bin/env bash
# Pages of the screens in files, without a terminal.
. "$(dirname "$0")/lib.sh"
given=("${on_lesson[@]}")

page() { # page NAME TEXT: the file that was made holds it
	[ "$status" -eq 0 ] && grep -qF -- "$2" "$scratch/$1"
}

run --shot "$scratch/page.txt" --size 80x24
page page.txt " Beam" && [ "$(wc -l <"$scratch/page.txt")" -eq 24 ] && [ ! -s "$scratch/out" ] && [ ! -s "$scratch/err" ]
ok $? "a page as text, of the size that is asked for"
run --shot "$scratch/usual.txt"
[ "$(wc -l <"$scratch/usual.txt")" -eq 30 ]
ok $? "100x30 where none is"
run --shot "$scratch/again.txt"
cmp "$scratch/usual.txt" "$scratch/again.txt" >"$scratch/why"
ok $? "the same page once more"

run --shot "$scratch/page.txt" --keys ': "beam 2" enter right'
page page.txt "case 2/" && grep -q "step 2 of" "$scratch/page.txt"
ok $? "keys are pressed, each when the work of those before is done"
run --shot "$scratch/page.txt" --keys 'f2 "wider"'
page page.txt "one wider"
ok $? "text in quotation marks is typed"
run --shot "$scratch/page.txt" --keys 'Q ?'
page page.txt " Beam" && ! grep -q "┌ Help" "$scratch/page.txt"
ok $? "Q ends the keys"
LC_ALL=C run --shot "$scratch/ascii.txt" --size 80x24
! LC_ALL=C grep -q '[^ -~]' "$scratch/ascii.txt"
ok $? "ASCII where the locale has nothing else"

run --shot "$scratch/page.svg"
[ "$status" -eq 0 ] && [ "$(head -c 5 "$scratch/page.svg")" = "<svg " ]
ok $? "a page as a picture"
if python3 -c 'import xml.dom.minidom' 2>/dev/null; then
	python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$scratch/page.svg" 2>"$scratch/why"
	ok $? "which an XML parser reads"
else
	skip "which an XML parser reads" "no python3"
fi

cp "$scratch/page.txt" "$scratch/before"
fails "another ending" 2 "ends neither in .svg" --shot "$scratch/page.png"
fails "a size that is none" 2 "the size '80' is not" --shot "$scratch/page.txt" --size 80
fails "a size out of range" 2 "at most 1000x500" --shot "$scratch/page.txt" --size 80x9999
fails "an unknown key" 2 "there is no key 'wrong'" --shot "$scratch/page.txt" --keys 'j wrong'
fails "an open quotation mark" 2 "end within quotation marks" --shot "$scratch/page.txt" --keys ': "beam'
fails "a folder that is not there" 1 "$scratch/none/page.txt" --shot "$scratch/none/page.txt"
same "what failed left the file as it was" "$scratch/before" "$scratch/page.txt"
fails "a command beside it" 2 "takes no command" --shot "$scratch/page.txt" beam 1
fails "keys without a page" 2 "--shot FILE" --keys j

finish
