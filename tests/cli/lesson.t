# Every command on the lesson, in all formats.
. "$(dirname "$0")/lib.sh"
given=("${on_lesson[@]}")

export TERM=dumb
golden tour
golden beam-trace.txt beam 1 --trace
golden beam-trace-ascii.txt --ascii beam 1 --trace
golden beam-hf.txt beam 1 --trace --search hf --mask before
golden beam.json beam 1 --trace --format json
golden beam.tsv beam 1 --format tsv
golden beam-trace.tsv beam 1 --trace --format tsv
golden walk.txt -c 'beam 1' -c step -c 'goto 3' -c 'back 2' -c 'goto pruned' -c why
golden tree.txt -c 'beam 1' -c 'tree pruned' -c tree -c 'force 3' -c 'tree 1'
golden tree-ascii.txt --ascii -c 'beam 3 --beam 1 --search hf --mask before' -c 'tree 2 --all' -c tree
golden tree.tsv -c 'beam 1' -c tree --format tsv
golden why.txt why 3
golden score.txt score 1
golden score.json score 1 --format json
golden score.tsv score 1 --item cobalt --format tsv
golden exact.txt exact 1
golden exact.json exact 1 --top 2 --format json
golden exact.tsv exact 1 --format tsv
golden info.txt info
golden info.tsv info catalogue --format tsv
golden cases.txt cases
golden cases.json cases --limit 2 --format json
golden case.txt case 1
golden item.txt item tin
golden find.tsv find --format tsv O
golden prompt.txt prompt 1
golden diagnose.txt diagnose --beams 1,5
COLUMNS=60 golden diagnose-ascii.txt --ascii diagnose --limit 2 --beams none
golden set.txt -c 'load data '"$top_srcdir/data/lesson" -c 'set beam'
golden help.txt help
golden help-beam.txt help beam
COLUMNS=60 golden narrow.txt beam 1 --trace

# The C locale: not a byte beyond ASCII, and the same lines.
LC_ALL=C run beam 1 --trace
! LC_ALL=C grep -q '[^ -~]' "$scratch/out"
ok $? "ASCII alone in the C locale"
sed "s|$top_srcdir|TOP|g" "$scratch/out" >"$scratch/got"
same "the C locale is --ascii" "$top_srcdir/tests/cli/golden/beam-trace-ascii.txt" "$scratch/got"

if command -v python3 >/dev/null 2>&1; then
	for line in 'beam 1' 'beam 1 --trace' 'why 1' 'score 1' 'exact 1' info 'case 1' 'item tin' 'prompt 1' help 'help beam' \
		'help --roff' 'beam 1 --mask before' 'beam 1 --end leaf --search hf --early-stopping never'; do
		# shellcheck disable=SC2086
		run $line --format json
		python3 -m json.tool "$scratch/out" >"$scratch/why" 2>&1 && [ "$(wc -l <"$scratch/out")" -eq 1 ]
		ok $? "JSON of '$line' is one valid line"
	done
	run -c 'beam 1' -c 'tree 1' --format json
	tail -n 1 "$scratch/out" | python3 -c '
import json, sys
tree = json.load(sys.stdin)
assert [line["fate"] for line in tree["lines"]] == ["kept", "kept", "pruned"] and tree["lines"][2]["positive"]'
	ok $? "JSON of the tree has its lines"
	run cases --format json
	while read -r line; do printf '%s' "$line" | python3 -m json.tool >/dev/null || echo "$line"; done <"$scratch/out" >"$scratch/why"
	[ ! -s "$scratch/why" ] && [ "$(wc -l <"$scratch/out")" -eq 3 ]
	ok $? "JSON of 'cases' is one object a line"
else
	skip "JSON" "no python3"
fi
finish
