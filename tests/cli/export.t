# export: every kind in every form is sound and says the same; a saved search opens again as it was; refusals leave the
# old file alone.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3 to look at the files"
here=$(cd "$(dirname "$0")" && pwd)
cd "$scratch" || exit 99

# agree NAME KIND BASE [hostile]: the four forms of one export are sound and agree.
agree() {
	name=$1
	shift
	python3 -m json.tool "$2.json" >/dev/null 2>"$scratch/why" && PYTHONDONTWRITEBYTECODE=1 python3 "$here/export.py" "$@" >"$scratch/why" 2>&1
	ok $? "$name"
}

# forms KIND BASE WORD…: the commands that write an export in its four forms.
forms() {
	kind=$1 base=$2
	shift 2
	commands=()
	for form in json csv svg html; do
		commands+=(-c "export $kind $base.$form $*")
	done
}

for kind in trace tree margins; do
	forms $kind $kind
	succeeds "$kind of a case in four forms" -c 'beam 312' "${commands[@]}"
	agree "and they agree" $kind $kind
done
holds "says what it wrote" "margins.html: margins and ranks of case 312"
forms tree early --step pruned --all
succeeds "a tree as it stood before" -c 'beam 312' "${commands[@]}"
agree "and its forms agree" tree early
forms trace edited
succeeds "an edited search" -c 'beam 312' -c 'goto pruned' -c 'force positive' -c 'goto 1' -c 'forbid 1' "${commands[@]}"
agree "and its forms agree" trace edited
grep -q 'An edited search: force &quot;Oxenhope&quot;' edited.html && grep -q 'edited: force &quot;Oxenhope' edited.svg
ok $? "page and picture say that it was edited"
forms trace wide
succeeds "a wide beam, of one step after the other" -c 'beam 312 --beam 60 --others 100 --search hf' "${commands[@]}"
agree "and its forms agree" trace wide
succeeds "another case than the open one" -c 'beam 1' -c 'export trace other.json --case 312' -c 'export trace open.json'
same "is searched for it alone" trace.json other.json
[ "$(python3 -c 'import json; print(json.load(open("open.json"))["case"])')" = 1 ]
ok $? "and the open one stays"

forms cases cases
succeeds "the cases of a diagnosis" -c 'diagnose --limit 40 -o lines.jsonl' "${commands[@]}"
agree "and their forms agree" cases cases
succeeds "the cases of a file" export cases again.csv lines.jsonl
same "are the same" cases.csv again.csv
succeeds "some of them" export cases lost.json lines.jsonl --where pruned
[ "$(grep -c '"pruned": true' lost.json)" -gt 0 ] && ! grep -q '"pruned": false' lost.json
ok $? "are those"

forms curves curves
succeeds "the curves of a race" -c 'train sft,bear --steps 4 --batch 2 --eval-every 2 --eval-cases 5 --out run' "${commands[@]}"
agree "and their forms agree" curves curves
succeeds "the curves of its folder" export curves folder.csv run
same "are the same" curves.csv folder.csv
[ "$(grep -c ',step,[0-9]' curves.csv)" -eq 8 ] && [ "$(grep -c ',eval,' curves.csv)" -eq 6 ]
ok $? "every step and evaluation has its row"
mkdir odd && sed 's/"lucky"/"luc,ky"/g' run/log.jsonl >odd/log.jsonl
forms curves odd odd
succeeds "the curves of a log with a name of its own" "${commands[@]}"
agree "and their forms agree" curves odd
forms curves kept
succeeds "the curves of a race that is saved nowhere" -c 'train sft --steps 3 --batch 2 --eval-cases 5' "${commands[@]}"
agree "and their forms agree" curves kept

# The same again without the model: every answer to the byte.
for format in text json tsv; do
	for command in why tree 'step 2' 'tree 3 --all' 'goto pruned' 'export margins - --as csv' 'export trace - --as json'; do
		"$BEAMSCOPE" --format $format -c 'beam 312 -o beam' -c "$command" >searched 2>&1 &&
			(cd / && "$BEAMSCOPE" --format $format --trace "$scratch/trace.json" -c "$command") >opened 2>&1 &&
			diff -u searched opened >"$scratch/why"
		ok $? "$command of the saved search, as $format"
	done
done
succeeds "a line of beam opens too" -c 'beam 312 --trace --format json -o line.json' -c 'load trace line.json' -c why
for command in 'force 1' 'forbid 1' 'change beam 3' undo redo branch; do
	fails "$command takes the model" 1 "the open search was read from 'trace.json' and cannot be edited: load its model 'sft'" \
		--trace trace.json -c "$command"
done
succeeds "without a command it is explained" --trace trace.json
holds "with the step that decided it" "cut-off -3.775"
fails "the demo is not taken for what it was made with" 1 "nothing is loaded, and the open search was read from 'trace.json'" \
	--trace trace.json beam 312
succeeds "with a model another search takes its place" -m "$top_srcdir/data/demo/sft" -d "$top_srcdir/data/demo" \
	--trace trace.json -c 'beam 1' -c 'force 1'
fails "what is no search" 1 "holds no search with its steps" load trace cases.json
fails "another export" 1 "'tree.json' holds tree, not a trace" load trace tree.json
head -c 3000 trace.json >bad.json
fails "half of one" 1 "bad.json:1:3000" load trace bad.json
sed 's/"kept": true/"kept": 1/' trace.json >bad.json
fails "names its place" 1 '"steps[0].candidates[0].kept" must be true or false' load trace bad.json

# Titles and tokens from strangers.
python3 - "$top_srcdir/data/lesson" <<'END'
import csv, shutil, sys
shutil.copytree(sys.argv[1], "hostile")
titles = {"cobalt": "</style></title></svg><script>alert(1)</script>", "tin": "=cmd|'/c calc'!A1 \"<img src=x onerror=alert(1)>",
          "marmalade": "a|b `c` \x1b[31m\u202e &amp;lt;b&gt; ]]> <!-- " + 300 * "W"}
rows = list(csv.reader(open("hostile/items.csv")))
with open("hostile/items.csv", "w", newline="", encoding="utf-8") as f:
    csv.writer(f, lineterminator="\n").writerows([rows[0]] + [[r[0], r[1], titles[r[0]]] for r in rows[1:]])
rows = list(csv.reader(open("hostile/vocab.csv")))
with open("hostile/vocab.csv", "w", newline="", encoding="utf-8") as f:
    csv.writer(f, lineterminator="\n").writerows([rows[0]] + [[r[0], f"-<script>{r[0]}\u202e\x07|`</text>"] for r in rows[1:]])
END
given=(-m hostile/table.csv -d hostile)
for kind in trace tree margins cases; do
	forms $kind hostile-$kind
	succeeds "a hostile $kind" -c 'beam 1' -c 'diagnose --beams 2' "${commands[@]}"
	agree "and its forms are sound" $kind hostile-$kind hostile
done
given=()
succeeds "a hostile search opens again" --trace hostile-trace.json why

succeeds "a form by name" -c 'beam 312' -c 'export trace form --as json'
same "is that form" trace.json form
succeeds "standard output" --trace trace.json export trace - --as json
same "has the page alone" trace.json "$scratch/out"
succeeds "standard output as the option has it" -o - --trace trace.json -c 'tree -o -'
[ -s "$scratch/out" ] && [ ! -e - ]
ok $? "is no file of that name"
fails "standard output without a form" 2 "'-' has no ending" --trace trace.json export trace -
fails "no search is open" 1 "run 'beam CASE' first" export margins margins.svg
fails "there was no race" 1 "run 'train' before it" export curves margins.svg
fails "there are no cases" 1 "run 'diagnose' before it" export cases margins.svg
fails "what is no run" 1 "is not the log of a training run" export curves margins.svg trace.json
fails "a folder without a log" 1 "log.jsonl" export curves margins.svg hostile
fails "a form that there is not" 2 "end it with .json, .csv, .svg or .html" export margins margins.png
fails "another's form" 2 "'export margins' writes json, csv, svg or html, not md" export margins m --as md
fails "a report's options" 2 "'export margins' takes no --worst" export margins margins.svg --worst 3
cp margins.svg before.svg
fails "a step that there is not" 2 "STEP 99 is out of range" --trace trace.json export tree margins.svg --step 99
same "after failures the old picture stands" before.svg margins.svg
finish
