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
BEAMSCOPE_DATADIR=$scratch/data fails "a lesson whose commands fail" 1 "lost.lesson:3: 'beam nowhere': " lesson lost
printf 'T\n' >"$scratch/data/lessons/wrong.lesson"
BEAMSCOPE_DATADIR=$scratch/data fails "a lesson that cannot be read" 1 "wrong.lesson:1: 'T' stands before" lesson
BEAMSCOPE_DATADIR=/nowhere fails "no lessons at all" 1 "/nowhere/lessons" lesson

# Lessons of one's own: by their path, and in a folder of the reader's.
own=$scratch/own
mkdir -p "$own/beamscope/lessons" && cp "$top_srcdir"/data/lesson/*.* "$own"
cat >"$own/mine.lesson" <<-'END'
	title: Mine
	about: From a folder of its own
	open: load model $here/table.csv
	open: load data $here
	== One
	Text.
	> beam 1
	? Which comes first?
	= Cobalt Orchard
	! That one.
END
succeeds "a lesson of one's own, by its path" lesson "$own/mine.lesson"
holds "finds what is beside it" 'case 1 of own (test)'
(cd "$own" && "$BEAMSCOPE" lesson mine.lesson --page 1) >"$scratch/out" 2>&1
holds "and from beside it too" '-1.7148  Cobalt Orchard'
succeeds "a good one is found good" lesson "$own/mine.lesson" --check
holds "and that is said" "own/mine.lesson: 1 page, 1 question, 3 commands: nothing is wrong"
for name in $("$BEAMSCOPE" lesson --format tsv | tail -n +2 | cut -f 1); do
	[ "$name" != race ] && [ "$name" != five-minutes ] || continue # these train: they are played to their end below
	succeeds "$name is found good" lesson "$name" --check
done
{ sed 's/beam 1/beam nowhere/; s/^= .*//' "$own/mine.lesson" && printf '@ right fly "x"\n> quit\n> beam 1\n' |
	sed '1i == Two\nText.' && printf '! %0900d\n' 0 | sed 's/0/no /g'; } >"$own/wrong.lesson"
run lesson "$own/wrong.lesson" --check
sed "s|$scratch|SCRATCH|" "$scratch/out" "$scratch/err" >"$scratch/checked"
cat >"$scratch/wanted" <<-'END'
	SCRATCH/own/wrong.lesson:7: error: 'beam nowhere': there is no case 'nowhere' in the test split of 'own': its 3 cases are '1' to '3'
	SCRATCH/own/wrong.lesson:8: remark: the question has no answer ('= ANSWER'): whatever is predicted, nothing is said of it
	SCRATCH/own/wrong.lesson:13: error: there is no key 'fly': ? on the screens shows them
	SCRATCH/own/wrong.lesson:14: error: 'quit': a lesson ends itself, not the program
	SCRATCH/own/wrong.lesson:16: remark: what the page reveals takes 35 lines, and the smallest screens show 8 at once
	SCRATCH/own/wrong.lesson: 2 pages, 1 question, 5 commands, 3 errors, 2 remarks
	beamscope: lesson 'wrong' is wrong in 3 places
END
[ "$status" -eq 1 ] && same "what is wrong is told" "$scratch/wanted" "$scratch/checked"
fails "a file that is no lesson" 1 "own/meta.json:1: '{' stands before the first page" lesson "$own/meta.json"
fails "no such file" 1 "cannot open '$own/none.lesson'" lesson "$own/none.lesson"
fails "a check of nothing" 2 "--check goes with a lesson" lesson --check
cp "$own/mine.lesson" "$own/beamscope/lessons" && echo '?' >"$own/beamscope/lessons/wrong.lesson"
XDG_DATA_HOME=$own run lesson --format tsv
tail -n 2 "$scratch/out" | cut -f 1-3 | tr '\t' ' ' >"$scratch/listed"
printf 'mine 1 Mine\nwrong 0 cannot be read\n' >"$scratch/wanted"
same "they are listed" "$scratch/wanted" "$scratch/listed"
XDG_DATA_HOME=$own fails "one that cannot be read" 1 "wrong.lesson:1: '?' stands alone" lesson wrong
succeeds "a beginning of a name is enough" lesson gre --page 1
fails "but not of two" 2 "'m' may be any of 'msl-and-bear', 'masks'" lesson m

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
