#!/usr/bin/env bash
# Every figure of diagnose and merge, its interval included, recomputed from the lines of the cases by a program that
# shares nothing with it.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3 to recompute with"

recompute() {
	python3 "$top_srcdir/tests/cli/figures.py" "$1" "$2" >"$scratch/why" 2>&1
}

# agrees NAME ARG…: of a run with these words.
agrees() {
	local name=$1
	shift
	rm -f "$scratch/lines.jsonl"
	succeeds "$name: a run" diagnose "$@" -o "$scratch/lines.jsonl" --format json
	cp "$scratch/out" "$scratch/summary.json"
	recompute "$scratch/lines.jsonl" "$scratch/summary.json"
	ok $? "$name: recomputed"
}

agrees "the demo" --limit 120
agrees "ranks that a budget leaves open" --limit 80 --budget 9 --seed 7
grep -q '"kind": "undecided"' "$scratch/lines.jsonl"
ok $? "some cases are undecided"
agrees "hf search at a small B" --limit 60 --search hf --beam 3 --end leaf --beams 1,3,40

# The table of figures says the same.
run merge "$scratch/lines.jsonl" --format tsv
python3 - "$scratch/summary.json" "$scratch/out" >"$scratch/why" 2>&1 <<'END'
import csv, json, sys

summary = json.load(open(sys.argv[1]))
rows = {(r["section"], r["name"]): r for r in csv.DictReader(open(sys.argv[2]), delimiter="\t", quoting=csv.QUOTE_NONE)}
sections = [("figures", summary["figures"])]
sections += [(f"beam/{s['beam']}", {k: v for k, v in s.items() if isinstance(v, dict)}) for s in summary["survival"]]
sections += [(f"{by['by']}/{s['label']}", s["figures"]) for by in summary["slices"] if by["by"] != "siblings" for s in by["slices"]]
for section, figures in sections:
    for name, figure in figures.items():
        row = rows[section.replace("\\", "\\\\"), name]
        for key in ("value", "count", "n", "low", "high"):
            said = "" if figure.get(key) is None else figure[key]
            if str(said) != row[key] and (row[key] == "" or float(row[key]) != said):
                sys.exit(f"{section} {name} {key}: {row[key]!r}, not {said!r}")
for s in summary["steps"]:
    if float(rows[f"step/{s['step']}", "wrongly_pruned"]["value"]) != s["wrongly_pruned"]:
        sys.exit(f"step {s['step']}")
print(len(sections))
END
ok $? "TSV has the same figures"
given=("${on_lesson[@]}")
agrees "the lesson"
agrees "the lesson without a survival" --beams none --split test
given=()

# A summary that lies is seen.
sed 's/"value": 0\.\([0-9]*\)[0-8],/"value": 0.\19,/' "$scratch/summary.json" >"$scratch/lie.json"
cmp -s "$scratch/summary.json" "$scratch/lie.json" || recompute "$scratch/lines.jsonl" "$scratch/lie.json"
[ $? -eq 1 ]
ok $? "another last digit is found"

if [ -d "$shared/datasets/bear-office" ] && [ -d "$shared/models/tinystories-656k" ]; then
	given=(-m "$shared/models/tinystories-656k" -d "$shared/datasets/bear-office" --mask after)
	agrees "a real catalogue" --limit 12
else
	skip "a real catalogue" "no ../shared"
fi
finish
