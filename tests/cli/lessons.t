# Lessons as text and as JSON, and whether what they claim is what the program says.
. "$(dirname "$0")/lib.sh"
export TERM=dumb

golden lessons.txt lesson
golden lessons.tsv lesson --format tsv
COLUMNS=72 golden lesson-greedy.txt lesson greedy
golden lesson-page.txt lesson greedy --page 3
golden lesson-page.json lesson greedy --page 2 --format json
COLUMNS=60 golden lesson-ascii.txt --ascii lesson greedy --page 2
! LC_ALL=C grep -q '[^ -~]' "$scratch/out"
ok $? "ASCII alone with --ascii"

fails "an unknown lesson" 1 "there is no lesson 'nothing': there are greedy, five-minutes" lesson nothing
fails "a page that is not there" 1 "lesson 'greedy' has no page 10: it has 9" lesson greedy --page 10
fails "a page of nothing" 2 "--page goes with a lesson" lesson --page 1
mkdir -p "$scratch/data/lessons"
printf 'title: T\nabout: A\nopen: beam nowhere\n== P\nT\n' >"$scratch/data/lessons/lost.lesson"
BEAMSCOPE_DATADIR=$scratch/data fails "a lesson whose commands fail" 1 "lesson 'lost': 'beam nowhere': " lesson lost
printf 'T\n' >"$scratch/data/lessons/wrong.lesson"
BEAMSCOPE_DATADIR=$scratch/data fails "a lesson that cannot be read" 1 "wrong.lesson:1: 'T' stands before" lesson
BEAMSCOPE_DATADIR=/nowhere fails "no lessons at all" 1 "/nowhere/lessons" lesson

# Before and after a lesson the same search is open, with the same settings.
run -c 'set beam 7' -c 'beam 312' -c 'goto 3' -c why -c 'set beam'
tail -n 9 "$scratch/out" >"$scratch/before"
run -c 'set beam 7' -c 'beam 312' -c 'goto 3' -c 'lesson greedy' -c why -c 'set beam'
tail -n 9 "$scratch/out" >"$scratch/after"
same "what was open is open again" "$scratch/before" "$scratch/after"
mkdir "$scratch/tmp"
TMPDIR=$scratch/tmp run -c 'lesson greedy' -c 'lesson greedy --page 2'
[ "$status" -eq 0 ] && rmdir "$scratch/tmp" 2>"$scratch/why"
ok $? "a lesson's folder is gone with it"

if command -v python3 >/dev/null 2>&1; then
	for name in $("$BEAMSCOPE" lesson --format tsv | tail -n +2 | cut -f 1); do
		succeeds "$name plays to its end" lesson "$name" --format json
		cp "$scratch/out" "$scratch/$name.jsonl"
	done
	python3 "$top_srcdir/tests/cli/lessons.py" "$scratch"/*.jsonl >"$scratch/why" 2>&1
	ok $? "every figure of a lesson is one that the program gives"
	sed 's/-3\.8492 with the mask after/-3.8254 with the mask after/' "$scratch/masks.jsonl" >"$scratch/false"
	python3 "$top_srcdir/tests/cli/lessons.py" "$scratch/false" >/dev/null 2>&1
	[ $? -eq 1 ]
	ok $? "and a false one is found"
else
	skip "figures" "no python3"
fi
finish
