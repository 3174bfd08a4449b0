# What if: force, forbid, change, undo, redo and branch, on the lesson.
. "$(dirname "$0")/lib.sh"
given=("${on_lesson[@]}")
export TERM=dumb

golden edit-force.txt -c 'beam 1' -c 'force 3' -c step -c why -c branch
golden edit-force.json --format json -c 'beam 1' -c 'force 3' -c branch
golden edit-force.tsv --format tsv -c 'beam 1' -c 'force 3'
golden edit-branch.tsv --format tsv -c 'beam 1' -c 'force 3' -c 'change beam 1' -c branch
golden edit-forbid.txt -c 'beam 1' -c 'forbid 1' -c 'forbid 1' -c 'forbid 1' -c branch -c undo -c redo
golden edit-change.txt -c 'beam 1' -c 'change mask before' -c 'change beam 3' -c 'change search hf' -c branch

# The same prefix by its rank, as the positive item's and by its text is the same edit.
run --format json -c 'beam 1' -c 'force 3'
cp "$scratch/out" "$scratch/by-rank"
for prefix in positive "'\"Tin'"; do
	run --format json -c 'beam 1' -c "force $prefix"
	same "force $prefix is force 3" "$scratch/by-rank" "$scratch/out"
done

# Undone, the search is the one that was asked for; done again, the branch.
run --format json -c 'beam 1' -c 'goto 2' -c why
cp "$scratch/out" "$scratch/before"
run --format json -c 'beam 1' -c 'goto 2' -c why -c 'forbid 1' -c 'change beam 3' -c 'undo 2' -c why
diff <(tail -n 1 "$scratch/before") <(tail -n 1 "$scratch/out") >"$scratch/why"
ok $? "undo brings the search back as it was"
run --format json -c 'beam 1' -c 'force 3' -c undo -c redo
[ "$(sed -n 2p "$scratch/out")" = "$(sed -n 4p "$scratch/out")" ]
ok $? "redo brings the branch back"
run --format json -c 'beam 1' -c 'force 3' -c undo -c 'force 2' -c branch
grep -q '"undone": 0' "$scratch/out"
ok $? "another edit takes the place of what was undone"

# An edit goes by the settings of the search, whatever was set since; a new search has no edits.
run --format json -c 'beam 1' -c 'force 3'
sed -n 2p "$scratch/out" >"$scratch/before"
run --format json -c 'beam 1' -c 'set beam 3' -c 'set mask before' -c 'set end leaf' -c 'score 1 --end leaf' -c 'force 3'
tail -n 1 "$scratch/out" >"$scratch/after"
same "options set do not change an open search" "$scratch/before" "$scratch/after"
run --format json -c 'beam 1' -c 'set beam 3' -c 'force 3' -c 'beam 1'
tail -n 1 "$scratch/out" | grep -q '"beam": 3' && ! tail -n 1 "$scratch/out" | grep -q '"edits"'
ok $? "the options hold for the next search, which begins without edits"

fails "an edit without a search" 1 "no search is open" force 1
fails "undo without a search" 1 "no search is open" undo
fails "branch without a search" 1 "no search is open" branch

# refuses NAME STATUS TEXT ARG…: as fails, after a search that is shown.
refuses() {
	local name=$1 wanted=$2 text=$3
	shift 3
	run -c 'beam 1' "$@"
	{ printf 'status %s, wanted %s, and "%s"\n' "$status" "$wanted" "$text" && cat "$scratch/err"; } >"$scratch/why"
	[ "$status" -eq "$wanted" ] && [ "$(wc -l <"$scratch/err")" -eq 1 ] && grep -qF -- "$text" "$scratch/err"
	ok $? "$name"
}

refuses "no such rank" 1 "step 1 shows no candidate of rank 9: 3 competed" -c 'force 9'
refuses "no such prefix" 1 "no candidate of step 1 reads 'zzz': give a rank" -c 'force zzz'
refuses "nearly a prefix" 1 "did you mean '\"Tin'?" -c 'force Tin'
refuses "a longer text" 1 "the nearest is '\"Tin'" -c "force '\"Tin and what comes after it'"
refuses "a prefix that does not compete" 1 "it left the beam at step 1" -c step -c 'force positive'
refuses "nothing to undo" 1 "nothing to undo" -c undo
refuses "too much to undo" 1 "only 1 edit can be undone" -c 'force 3' -c 'undo 2'
refuses "nothing to redo" 1 "nothing to redo" -c 'force 3' -c redo
refuses "a beam of nothing" 2 "option 'beam': 0 is out of range" -c 'change beam 0'
refuses "no such mask" 2 "option 'mask' is one of before|after" -c 'change mask none'
refuses "what cannot be changed" 2 "WHAT is one of beam|mask|search" -c 'change tau 2'
refuses "another dataset since" 1 "'beam 1' searches again" -c "load data $top_srcdir/data/lesson" -c 'force 3'
refuses "another model since" 1 "'beam 1' searches again" -c "load model $top_srcdir/data/lesson/table.csv" -c 'force 3'
finish
