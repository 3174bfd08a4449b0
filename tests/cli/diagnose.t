# Diagnosing whole datasets: parts give what the whole gives, files are gone on with or left alone, signals lose nothing.
. "$(dirname "$0")/lib.sh"
json=(--format json)
d=(diagnose --beams 5,10)
cd "$scratch" || exit 99
# Less work a case: there are many runs.
mkdir beamscope && printf 'scan = 0\nbudget = 500\n' >beamscope/config || exit 99
export XDG_CONFIG_HOME=$scratch

# figures FILE: a summary without what tells how it was come by.
figures() {
	sed -E 's/"there": [0-9]+, //' "$1"
}

# one_line TEXT: stderr is one line that holds it.
one_line() {
	cp err why
	[ "$(wc -l <err)" -eq 1 ] && grep -q '^beamscope: ' err && grep -qF -- "$1" err
}

run "${json[@]}" "${d[@]}" -o whole.jsonl
cp err why
[ "$status" -eq 0 ] && [ ! -s err ] && [ "$(wc -l <out)" -eq 1 ] && [ "$(wc -l <whole.jsonl)" -eq 1000 ]
ok $? "a whole run: a summary on stdout, a line a case in the file"
mv out whole.json
run "${json[@]}" "${d[@]}"
same "without a file the figures are the same" whole.json out

for n in 2 3 7; do
	for i in $(seq "$n"); do
		run "${json[@]}" -o "part-$n-$i.jsonl" "${d[@]}" --shard "$i/$n"
	done
	[ "$(cat part-"$n"-*.jsonl | wc -l)" -eq 1000 ] && [ "$(wc -l <"part-$n-1.jsonl")" -eq $((1000 / n + (1000 % n > 0))) ]
	ok $? "$n parts are of equal size, and all there is"
	# In an order that is not theirs, and one of them twice.
	succeeds "$n parts are merged" merge "${json[@]}" part-"$n"-2.jsonl part-"$n"-*.jsonl -o "merged-$n.jsonl"
	same "$n parts: the figures of one run" whole.json out
	cmp whole.jsonl "merged-$n.jsonl" >why 2>&1
	ok $? "$n parts: the lines of one run"
done
cat part-3-*.jsonl >together.jsonl
succeeds "lines that were put together by other means" merge "${json[@]}" together.jsonl
same "their figures" whole.json out

head -c 100000 whole.jsonl >half.jsonl
run "${json[@]}" "${d[@]}" -o half.jsonl
cp err why
there=$(head -c 100000 whole.jsonl | wc -l)
[ "$status" -eq 0 ] && grep -q "\"there\": $there, " out
ok $? "a file that broke off is gone on with, and the record says what was there"
figures out >figures.json
same "gone on with: the figures of one run" whole.json figures.json
cmp whole.jsonl half.jsonl >why 2>&1
ok $? "gone on with: the lines of one run"
run "${json[@]}" "${d[@]}" -o half.jsonl
grep -q '"there": 1000, ' out && figures out >figures.json && cmp -s whole.json figures.json && cmp -s whole.jsonl half.jsonl
ok $? "nothing is left to do"
run "${json[@]}" "${d[@]}" -o limited.jsonl --limit 12
run "${json[@]}" "${d[@]}" -o limited.jsonl --limit 40 --shard 2/3
[ "$(wc -l <limited.jsonl)" -eq 21 ] && grep -q '"there": 4, ' out && grep -q '"cases": 13, ' out
ok $? "a summary is of the cases that were asked for, whatever else the file holds"
succeeds "cases that are missing" merge "${json[@]}" limited.jsonl
holds "are told by number" '"979 of 1,000 cases are missing: number 13, 15-16, 18-19, 21-22, 24-25, 27-28, 30-31, 33-34, and more"'
succeeds "a merge of some of the cases" merge "${json[@]}" whole.jsonl --where 'kind = incorrectly-pruned' -o pruned.jsonl
[ "$(grep -c '"kind": "incorrectly-pruned"' whole.jsonl)" -eq "$(wc -l <pruned.jsonl)" ]
ok $? "writes these"
run "${json[@]}" "${d[@]}" --where 'history > 8 and item_tokens < 9' -o where.jsonl
run merge "${json[@]}" where.jsonl
{ holds "which cases were meant is known" '"notes": []'; } && holds "the expression is a setting" '"where": "history > 8 and item_tokens < 9", '

cp whole.jsonl kept.jsonl
fails "other settings are refused" 1 "'tau' 1.0, not 2.0" "${d[@]}" --tau 2 -o kept.jsonl
fails "another model is refused" 1 "another model" -m "$top_srcdir/data/demo/bear" -d "$top_srcdir/data/demo" "${d[@]}" -o kept.jsonl
run merge where.jsonl --where 'history = 9'
head -n 3 out | cmp - <(echo "demo (test) · $(grep -c '"history": 9,' where.jsonl) of $(wc -l <where.jsonl) cases · B 10 · mask before · plain search"
	echo "where history > 8 and item_tokens < 9"
	echo "where history = 9") >why 2>&1
ok $? "both expressions are shown"
run merge where.jsonl --where 'history = 99'
grep -qx "There was no case to diagnose." out && ! grep -q "HR@" out
ok $? "of no case there are no figures"
fails "other settings are not merged" 1 "where.jsonl:1: was made with 'where'" merge whole.jsonl where.jsonl
cmp whole.jsonl kept.jsonl >why 2>&1
ok $? "a file that was refused is left alone"
cp "$top_srcdir/data/demo/test.csv" table.csv
fails "what is no survey is refused" 1 "table.csv:1:1:4: not valid JSON" "${d[@]}" -o table.csv
cmp "$top_srcdir/data/demo/test.csv" table.csv >why 2>&1
ok $? "and left alone"
cp -r "$top_srcdir/data/demo/sft" copy
run -m copy -d "$top_srcdir/data/demo" "${json[@]}" "${d[@]}" -o kept.jsonl
cmp whole.jsonl kept.jsonl >why 2>&1 && grep -q '"there": 1000, ' out
ok $? "the same model in another place is the same"
fails "a missing file is named" 1 "'no.jsonl'" merge whole.jsonl no.jsonl
: >empty.jsonl
fails "an empty file has no case" 1 "'empty.jsonl' holds no case" merge empty.jsonl
sed '3s/"scored_tokens": /"scored_tokens": 1/' part-2-1.jsonl >odd.jsonl
fails "a case found in two ways is refused" 1 "case '5' was found before" merge part-2-1.jsonl odd.jsonl

fails "a part that there is not" 2 "--shard: part" diagnose --shard 3/2
fails "a part of no form" 2 "--shard 'half'" diagnose --shard half
fails "a K beyond B, before anything is done" 2 "--at" "${d[@]}" --at 1,11
fails "a column that only a search can tell" 2 "'kind'" "${d[@]}" --where 'kind = retrieved'
fails "an expression that holds for none" 1 "'history > 99' holds for no case of the test split" "${d[@]}" --where 'history > 99'
echo "my list" >list.jsonl
fails "a file of something else" 1 "'list.jsonl' holds something else than a diagnosis and is left as it is" "${d[@]}" -o list.jsonl
[ "$(cat list.jsonl)" = "my list" ]
ok $? "which is left as it is"
fails "a folder that there is not" 1 "'no/lines.jsonl'" "${d[@]}" -o no/lines.jsonl

# Whose file -o is: in a script the lines', once a command took it.
run -o own.jsonl -c 'diagnose --beams 5,10 --limit 3' -c 'cases --limit 1'
[ "$status" -eq 0 ] && [ "$(wc -l <own.jsonl)" -eq 3 ] && grep -q ' 3 of 1,000 cases' out && grep -q '^case  *verdict' out
ok $? "a script's -o is the lines' file, and results go to stdout"
fails "results and lines are not put into one file" 2 "'own2.jsonl' is to hold the results" -o own2.jsonl -c 'cases --limit 1' -c 'diagnose --beams 5,10 --limit 3'
run --format json "${d[@]}" --limit 3 -o /dev/stdout
cp out why
[ "$status" -eq 0 ] && [ "$(wc -l <out)" -eq 4 ] && head -3 out | cmp -s - own.jsonl && [ "$(grep -c '^{"settings"' out)" -eq 1 ]
ok $? "lines to standard output, which is a file, and the summary after them"
"$BEAMSCOPE" "${d[@]}" --limit 3 --format json -o /dev/stdout | head -3 | cmp - own.jsonl >why 2>&1
ok $? "lines to a pipe"
"$BEAMSCOPE" merge whole.jsonl -o /dev/stdout | head -1000 | cmp - whole.jsonl >why 2>&1
ok $? "merged lines to a pipe"
"$BEAMSCOPE" merge --format json /dev/stdin <whole.jsonl | cmp - whole.json >why 2>&1
ok $? "lines from standard input"
(ulimit -f 100 && exec "$BEAMSCOPE" "${d[@]}" -o full.jsonl) >out 2>err
status=$?
n=$(wc -l <full.jsonl)
[ "$status" -eq 1 ] && [ "$n" -gt 0 ] && one_line "after $n of 1,000 cases, which are kept: the same command goes on"
ok $? "no room for more lines"
run "${json[@]}" "${d[@]}" -o full.jsonl
cmp full.jsonl whole.jsonl >why 2>&1
ok $? "gone on with where there is room, it is one run"
if command -v flock >why; then
	flock kept.jsonl "$BEAMSCOPE" "${d[@]}" -o kept.jsonl >out 2>err
	[ $? -eq 1 ] && one_line "is being written by another process"
	ok $? "a file that another process writes is refused"
else
	skip "a file that another process writes is refused" "no flock"
fi

# A model that takes fewer tokens than some prompts have: the other cases are diagnosed, what is left out is said.
mkdir short shorter
for to in "short 105" "shorter 20"; do
	cp "$top_srcdir"/data/demo/sft/* "${to% *}"
	sed -i "s/\"model_type\": \"llama\"/\"model_type\": \"mistral\", \"sliding_window\": ${to#* }/; s/LlamaFor/MistralFor/" \
		"${to% *}/config.json"
done
demo=(-d "$top_srcdir/data/demo")
run -m short "${demo[@]}" "${json[@]}" diagnose --limit 40 --beams none -o short.jsonl
n=$(wc -l <short.jsonl)
[ "$status" -eq 0 ] && [ "$n" -gt 0 ] && [ "$n" -lt 40 ] && grep -q "\"cases\": $n, " out &&
	grep -q "\"notes\": \[\"$((40 - n)) cases could not be searched and are left out; the first: case '1': a prompt of" out
ok $? "cases that the model cannot take are left out"
run -m shorter "${demo[@]}" diagnose --limit 40 --beams none
[ "$status" -eq 1 ] && one_line "case '1': the prompt has" && [ ! -s out ]
ok $? "and all of them are an error"

# A pipe holds fewer lines than there are cases, so the run waits for its reader, and the signal finds it at work.
for signal in INT TERM; do
	rm -f pipe
	mkfifo pipe
	env --default-signal=INT,TERM "$BEAMSCOPE" "${d[@]}" "${json[@]}" -o pipe >out 2>err </dev/null &
	pid=$!
	exec 4<pipe
	IFS= read -r line <&4
	kill -s "$signal" "$pid"
	{ printf '%s\n' "$line" && cat <&4; } >piped.jsonl
	exec 4<&-
	wait "$pid"
	status=$?
	n=$(wc -l <piped.jsonl)
	[ "$status" -eq 1 ] && [ "$n" -lt 1000 ] && one_line "stopped after $n of 1,000 cases, "
	ok $? "SIG$signal stops it with status 1 and a line"
	grep -q '"stopped": true' out && grep -q "\"cases\": $n, " out && head -n "$n" whole.jsonl | cmp -s - piped.jsonl
	ok $? "SIG$signal: the figures and lines of what is done are there"
	run "${json[@]}" "${d[@]}" -o piped.jsonl
	figures out >figures.json
	cmp whole.json figures.json >why 2>&1 && cmp whole.jsonl piped.jsonl >why 2>&1
	ok $? "SIG$signal: gone on with, it is one run"
done
finish
