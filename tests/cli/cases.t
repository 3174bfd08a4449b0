#!/usr/bin/env bash
# The table of cases: expressions, order, and where the columns of a search come from.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3"

# check NAME EXPRESSION: a Python expression over the rows of the last output, and over the lines of the survey.
check() {
	python3 -c '
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
lines = [json.loads(line) for line in open(sys.argv[2])]
if not eval(sys.argv[3]):
    print("false:", sys.argv[3])
    sys.exit(1)' "$scratch/out" "$scratch/lines.jsonl" "$2" >"$scratch/why" 2>&1
	ok $? "$1"
}

run diagnose --limit 60 --beams none -o "$scratch/lines.jsonl" --format json
run cases --format json
check "all cases of the split" 'len(rows) == 1000 and [r["index"] for r in rows] == list(range(1, 1001))'
check "without a diagnosis, only what is known without one" 'all("kind" not in r and "choices" not in r for r in rows)'
check "as the lines of a diagnosis have it" 'all(r[k] == v[k] for r, v in zip(rows, lines)
	for k in ("case", "index", "user", "item", "title", "history", "popularity"))'
cp "$scratch/out" "$scratch/all"
run cases --format json --where 'popularity < 300 and (title ~ PEN or history > 12)' --sort -popularity
check "an expression" 'sorted(r["index"] for r in rows) == [r["index"] for r in map(json.loads, open("'"$scratch"'/all"))
	if r["popularity"] < 300 and ("pen" in r["title"].lower() or r["history"] > 12)]'
check "from the most popular down, equals by their place" 'rows == sorted(rows, key=lambda r: (-r["popularity"], r["index"]))'
run cases --format json --where 'choices >= 3 first_token != ""' --limit 5
check "columns of the tokens" 'len(rows) == 5 and all(r["choices"] >= 3 and r["first_token"] for r in rows)'

on_file=(cases --from "$scratch/lines.jsonl" --format json)
run "${on_file[@]}"
check "a file's cases" '[r["case"] for r in rows] == [v["case"] for v in lines]'
check "their columns" 'all(r[a] == v[b] for r, v in zip(rows, lines) for a, b in (("kind", "kind"), ("rank", "rank"),
	("exact_rank", "exact_rank"), ("step", "pruned_at"), ("condition", "condition_holds"), ("lost", "lost"),
	("smallest_beam", "smallest_beam"), ("prompt_tokens", "prompt_tokens"), ("scored", "scored_tokens")))'
check "the smallest margin" 'all(abs(r["margin"] - min(m for m in v["steps"]["prefix_margin"] if m is not None)) < 1e-7
	for r, v in zip(rows, lines))'
run "${on_file[@]}" --where 'kind=incorrectly-pruned step<=2'
check "the screens' filter" 'rows and [r["case"] for r in rows] == [v["case"] for v in lines
	if v["kind"] == "incorrectly-pruned" and v["pruned_at"] <= 2]'
run "${on_file[@]}" --sort -exact
check "by a column of the search" '[r["exact_rank"] for r in rows] == sorted((v["exact_rank"] for v in lines), reverse=True)'
run "${on_file[@]}" --sort rank
check "what is not known comes last" '[r["rank"] for r in rows] == (sorted(v["rank"] for v in lines if v["rank"]) +
	[None for v in lines if not v["rank"]])'
run "${on_file[@]}" --sort -rank
check "in the other direction too" '[r["rank"] for r in rows] == (
	sorted((v["rank"] for v in lines if v["rank"]), reverse=True) + [None for v in lines if not v["rank"]])'

# In one session: what was diagnosed is there.
run --format json -c 'diagnose --limit 3 --beams none' -c 'cases --limit 5'
sed -i 1d "$scratch/out"
check "cases that were diagnosed, and others" '[r["kind"] for r in rows] == [v["kind"] for v in lines[:3]] + [None, None]'
run --format json -c "merge $scratch/lines.jsonl" -c 'cases --where "not retrieved"'
sed -i 1d "$scratch/out"
check "cases that were merged" '[r["case"] for r in rows] == [v["case"] for v in lines if v["kind"] != "retrieved"]'
run -d "$top_srcdir/data/lesson" -m "$top_srcdir/data/lesson/table.csv" -c "merge $scratch/lines.jsonl" -c 'cases --format json'
tail -n 3 "$scratch/out" >"$scratch/last" && mv "$scratch/last" "$scratch/out"
check "what was found of other data is not shown" 'len(rows) == 3 and all("kind" not in r for r in rows)'

run cases --from "$scratch/lines.jsonl" --where pruned --format tsv
head -n 1 "$scratch/out" | tr '\t' '\n' | grep -qx exact_rank && [ "$(head -n 1 "$scratch/out" | tr '\t' '\n' | wc -l)" -ge 30 ]
ok $? "TSV has all columns"
COLUMNS=80 run cases --from "$scratch/lines.jsonl" --where pruned --sort margin
head -n 1 "$scratch/out" | grep -q 'verdict .*exact .*step .*margin .*title' && [ "$(wc -L <"$scratch/out")" -le 80 ]
ok $? "a table for people"

succeeds "an expression that holds for none" cases --where 'history > 99'
same "is said" <(echo "no case for which that holds") "$scratch/out"
succeeds "and of programs" cases --where 'history > 99' --format json
same "it is no row" /dev/null "$scratch/out"

fails "without a diagnosis" 1 "column 'kind' is known only after a search: run 'diagnose' first" cases --where 'kind=pruned'
fails "by such a column" 1 "column 'margin' is known only after a search" cases --sort margin
fails "a wrong expression" 2 'where "stp = 2", at 1: there is no column '"'stp'; did you mean 'step'?" cases --where 'stp = 2'
fails "a wrong order" 2 "--sort: there is no column 'stp'" cases --sort -stp
fails "no such file" 1 "cannot open" cases --from "$scratch/none"
: >"$scratch/empty"
fails "an empty file" 1 "holds no case" cases --from "$scratch/empty"
finish
