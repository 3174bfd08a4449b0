# ACCESSIBLE: text to be heard or felt, of every command that draws or marks anything otherwise.
. "${BASH_SOURCE%/*}/lib.sh"
export ACCESSIBLE=1

# says NAME LINE ARG…: the command's text has the line, exactly.
says() {
	local name=$1 line=$2
	shift 2
	run "$@"
	cp "$scratch/out" "$scratch/why"
	[ "$status" -eq 0 ] && grep -qxF -- "$line" "$scratch/out"
	ok $? "$name"
}

# plain NAME ARG…: nothing that is drawn, no mark, no dot between things, in both character sets.
plain() {
	local name=$1 options
	shift
	for options in "" --ascii; do
		run $options "$@"
		{ grep -nP '[\x{2190}-\x{2bff}\x{b7}\x1b]|[|#*]|`-|(^| )- - |^ *\d+ [Kx][ *]' "$scratch/out" >"$scratch/why"; } 2>&1
		[ "$status" -eq 0 ] && [ -s "$scratch/out" ] && [ ! -s "$scratch/why" ]
		ok $? "$name${options:+ $options}"
	done
}

demo=$top_srcdir/data/demo
plain "the tour"
plain "beam --trace" beam 312 --trace
plain "goto, step, force, undo" -c 'beam 312' -c 'goto pruned' -c step -c 'force 1' -c undo
plain "tree" -c 'beam 312' -c 'tree --all'
plain "score" score 312
plain "exact" exact 312
plain "why" why 312
plain "sweep of a case" sweep 312
plain "sweep of many" sweep all --limit 5
plain "diagnose" diagnose --limit 5
plain "compare" compare "$demo/bear" --limit 5
plain "compare --case" compare --case 312 "$demo/bear"
plain "train" train msl --full --steps 2 --batch 2 --eval-cases 2
plain "lesson" lesson masks
plain "info" info
plain "case" case 312

given=("${on_lesson[@]}")
says "a kept candidate" '1, kept, '"'"'"Cobalt'"'"', p 45.00%, log P -0.799, prefix: "Cobalt' -c 'beam 1' -c 'goto 1'
says "the positive item, pruned" \
	'3, pruned, positive item, '"'"'"Tin'"'"', p 25.00%, log P -1.386, margin -0.182, prefix: "Tin' -c 'beam 1' -c 'goto 1'
says "the cut-off" 'cut-off -1.204' -c 'beam 1' -c 'goto 1'
beside="would rank 1, followed beside the beam, positive item, ' Lighthouse\"', p 92.00%, log P -1.470, margin +0.427"
says "the positive item beside the beam" "$beside, prefix: \"Tin Lighthouse\"" \
	-c 'beam 1' -c 'goto 2'
says "a forced one" \
	'3, kept, positive item, '"'"'"Tin'"'"', p 25.00%, log P -1.386, margin -0.588, forced, prefix: "Tin' \
	-c 'beam 1' -c 'goto 1' -c 'force positive'
says "the settings" 'case 1 of lesson (test), B 2, mask after, end eos, plain search' beam 1

given=()
says "a branch of the tree" 'level 2, kept, step 4, rank 1, p 49.63%, log P -2.733: " Half"' \
	-c 'beam 312' -c 'tree pruned'
says "a lost one" 'level 1, kept and then lost, positive item, step 3, rank 10, p 2.19%, log P -3.821: "Oxen"' \
	-c 'beam 312' -c 'tree pruned'
says "what the tree counts" 'level 2: 1 pruned (best -4.334)' -c 'beam 312' -c 'tree pruned'
says "a title at its end" \
	'level 2, kept, step 8, rank 2, p 34.91%, log P -4.588: "4", ends: rank 2: Lumenfold Cotton Watercolour Block, A4' \
	-c 'beam 312' -c tree

# Two searches, each step of the one before the same step of the other.
run compare --case 312 "$demo/bear"
grep -E '^(step|sft:|bear:)' "$scratch/out" | head -n 4 >"$scratch/shown"
printf '%s\n' 'step 1' 'sft: 10 kept of 51' 'bear: 10 kept of 51' 'step 2' >"$scratch/wanted"
same "compare --case tells one after the other" "$scratch/wanted" "$scratch/shown"
grep -q '^9, kept, "Graumoor", .*, kept here alone, prefix: Graumoor' "$scratch/out" &&
	grep -q '^9, kept, "Brasswick", .*, kept here alone, prefix: Brasswick' "$scratch/out"
ok $? "and says what only one of them keeps"

unset ACCESSIBLE
run -c 'beam 312' -c 'goto pruned'
grep -q '^  11 ✂★' "$scratch/out"
ok $? "without the variable there are marks"
finish
