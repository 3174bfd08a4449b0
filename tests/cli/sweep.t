# Survival by beam width: of a case beside single searches, of many beside figures recomputed from the cases.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3"

# check NAME EXPRESSION: a Python expression over the last output, a list of records called out, the first called d.
check() {
	python3 -c '
import json, math, sys
out = [json.loads(line) for line in open(sys.argv[1])]
d = out[0]
if not eval(sys.argv[2]):
    print("false:", sys.argv[2])
    sys.exit(1)' "$scratch/out" "$2" >"$scratch/why" 2>&1
	ok $? "$1"
}

# token_data DIR ITEMS CASES PROBABILITIES: a token dataset and its table of probabilities, one a word.
token_data() {
	mkdir "$1"
	{ echo item_id,tokens && printf '%s\n' $2 | tr . ' '; } >"$1/items.csv"
	{ echo case_id,prompt_tokens,item_id && printf '%s\n' $3; } >"$1/cases.csv"
	{ echo prefix,token,probability && printf '%s\n' $4 | tr . ' ' | sed 's/ \([0-9]*\)$/.\1/'; } >"$1/table.csv"
	printf '{"eos_token_id": 9}' >"$1/meta.json"
	own=(-m "$1/table.csv" -d "$1")
}

# The positive item, 0 1, has 0.16. A beam of 1 follows 0 and returns it; one of 2 returns the two items below 1, with
# 0.175 each; one of 3 has a place for it. The exact order: 0.175, 0.175, 0.16.
token_data "$scratch/again" "a,0.1 b,0.2 c,0.3 d,1.1 e,1.2 f,2" "x,0,a" ",0,0.4 ,1,0.35 ,2,0.25 0,1,0.4 0,2,0.3 0,3,0.3
	1,1,0.5 1,2,0.5 2,9,0.1 2,0,0.9 0.1,9,1 0.2,9,1 0.3,9,1 1.1,9,1 1.2,9,1"
succeeds "a case" "${own[@]}" sweep x --beams 1,2,3 --scan 12 --mask after
for line in "exact rank  3 of 6" "B 1 is the smallest that returns it; it is lost again at 2." "     1  █·████████ ██" \
	"1     1      0 of 1              retrieved" \
	"2     -      2 of 2  ██████████  out-ranked at step 2, 0.09 under the cut-off"; do
	holds "says: $line" "$line"
done
succeeds "in plain characters" --ascii "${own[@]}" sweep x
! LC_ALL=C grep -q '[^ -~]' "$scratch/out"
ok $? "and nothing beyond ASCII"
run --format json sweep 312
check "the usual widths, 10 among them" '[b["beam"] for b in d["beams"]] == [1, 2, 5, 10, 20, 50]'
run --format json sweep 312 -B 7
check "and the present one" '[b["beam"] for b in d["beams"]] == [1, 2, 5, 7, 10, 20, 50]'
run --format json sweep 312 --beams 20,3,20 --scan 15
check "those asked for, rising and each once" '[b["beam"] for b in d["beams"]] == [3, 20] and d["beams_scanned"] == 15'

# Every width by a search of its own, and the exact best; 223 and 547 are lost again by wider beams.
python3 - "$BEAMSCOPE" >"$scratch/why" 2>&1 <<'EOF'
import json, subprocess, sys

def run(*words, script=None):
    command = [sys.argv[1], "--format", "json", *words]
    if script:
        command += [word for line in script for word in ("-c", line)]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return [json.loads(line) for line in run.stdout.splitlines()]

for options in ([], ["--search", "hf"], ["--mask", "after", "--budget", "0"], ["--search", "hf", "--mask", "after"]):
    for case in ("223", "547", "312", "1"):
        sweep = run(*options, "--scan", "24", "sweep", case, "--beams", "1,2,3,11,14,24,30")[0]
        widths = list(range(1, 25)) + [30]
        beams = dict(zip(widths, run(*options, "--scan", "0", script=[f"beam {case} -B {b}" for b in widths])))
        best = run(*options, "exact", case, "--top", "30")[0]
        for row in sweep["beams"]:
            beam, verdict = beams[row["beam"]], beams[row["beam"]]["verdict"]
            assert row["rank"] == verdict["rank"] and row["returned"] == (verdict["rank"] is not None), row
            assert row["verdict"] == verdict["kind"], (row, verdict)
            assert row["pruned_at"] == verdict["pruned_at"] and row["lost"] == verdict["lost"], (row, verdict)
            top = best["items"][:row["beam"]]
            recalled = sum(r["logp"] >= top[-1]["logp"] for r in beam["results"])
            assert row["exact_n"] == len(top) and row["recalled"] == min(recalled, len(top)), row
            assert abs(row["recall"] - row["recalled"] / row["exact_n"]) < 1e-8, row
            if row["margin"] is not None and row["lost"] == "cut":
                step = beam["positive"]["steps"][row["pruned_at"] - 1]
                assert abs(row["margin"] - step["prefix_margin"]) < 1e-6, row
        returned = [b for b in range(1, 25) if beams[b]["verdict"]["rank"]]
        ranges = [b for r in sweep["returned_at"] for b in range(r["from"], r["to"] + 1)]
        assert ranges == returned, (ranges, returned)
        assert sweep["smallest_beam"] == (returned[0] if returned else None)
        verdict = beams[10]["verdict"]
        for key in ("exact_rank", "exact_rank_proved"):
            assert sweep[key] == verdict[key], (key, sweep[key], verdict[key])
EOF
ok $? "every width as a search of its own has it, plain and hf, both masks"

run --format json sweep 312
cp "$scratch/out" "$scratch/alone"
run --format json -c 'beam 312 -B 30 --mask after' -c 'exact 312 --top 100' -c 'sweep 312'
tail -1 "$scratch/out" >"$scratch/after"
same "whatever was searched before" "$scratch/alone" "$scratch/after"

# An item that is the beginning of another, and one that the catalogue lacks.
token_data "$scratch/hidden" "a,0 b,0.1 c,1" "x,0,a y,0,nosuch z,0,c" ",0,0.7 ,1,0.3 0,1,0.6 0,9,0.4 0.1,9,1 1,9,1"
own+=(--end leaf)
succeeds "hidden" "${own[@]}" sweep x --beams 1,3
holds "and says so" "No beam can return the positive item: unreachable (hidden)."
run "${own[@]}" --format json sweep y --beams 1,3
check "without a positive item" '(d["positive"], d["unreachable"]) == (None, "not-in-catalogue")'
check "there is still recall" '[
	(b["rank"], b["recalled"], b["exact_n"]) for b in d["beams"]] == [(None, 1, 1), (None, 2, 2)]'
run "${own[@]}" --format json sweep z --beams 1,2
check "of two items the second" 'd["smallest_beam"] == 2 and [
	(b["rank"], b["verdict"]) for b in d["beams"]] == [(None, "out-ranked"), (2, "retrieved")]'
succeeds "no scan" "${own[@]}" sweep z --beams 1 --scan 0

run --format json sweep all --limit 60 --beams 1,4,10,16
cp "$scratch/out" "$scratch/all"
for id in $(seq 60); do printf 'sweep %s --beams 1,4,10,16\n' "$id"; done >"$scratch/script"
run --format json -f "$scratch/script"
python3 - "$scratch/all" "$scratch/out" >"$scratch/why" 2>&1 <<'EOF'
import json, sys

all = json.load(open(sys.argv[1]))
cases = [json.loads(line) for line in open(sys.argv[2])]
assert len(cases) == all["cases"] == all["planned"] == 60 and not all["stopped"]
assert [w["beam"] for w in all["survival"]] == [1, 4, 10, 16]

def wilson(k, n, z=1.959963984540054):
    centre, spread = k / n + z * z / (2 * n), z * ((k / n) * (1 - k / n) / n + z * z / (4 * n * n)) ** 0.5
    return [(centre - spread) / (1 + z * z / n), (centre + spread) / (1 + z * z / n)]

def share(figure, k, n):
    assert figure["count"] == k and figure["n"] == n, (figure, k, n)
    for got, wanted in zip((figure["value"], figure["low"], figure["high"]), [k / n] + wilson(k, n)):
        assert abs(got - wanted) < 1e-8, (figure, k, n)

ten = [next(b for b in c["beams"] if b["beam"] == 10) for c in cases]
for i, w in enumerate(all["survival"]):
    rows = [c["beams"][i] for c in cases]
    within = [(c, r) for c, r in zip(cases, rows) if c["exact_rank"] <= w["beam"]]
    share(w["hr"], sum(r["returned"] for r in rows), 60)
    share(w["exact_hr"], len(within), 60)
    share(w["pruning_rate"], sum(not r["returned"] for _, r in within), len(within))
    assert abs(w["search_recall"]["value"] - sum(r["recall"] for r in rows) / 60) < 1e-8
    assert w["saved"] == sum(r["returned"] and t["verdict"] == "incorrectly-pruned" for r, t in zip(rows, ten))
lost = [c["smallest_beam"] for c, t in zip(cases, ten) if t["verdict"] == "incorrectly-pruned"]
assert all["verdicts"]["incorrectly-pruned"] == len(lost)
found = sorted(b for b in lost if b)
assert all["smallest_beam"]["n"] == len(found)
assert found[(len(found) - 1) // 2] <= all["smallest_beam"]["median"] <= found[len(found) // 2]
EOF
ok $? "of all: the figures that the cases give"
succeeds "all as text" sweep all --limit 60 --beams 1,4,10,16
holds "of so many" "60 of the 1,000 cases"
holds "says what is lost" "At B 10 the search wrongly loses"
run --format json sweep all --where 'history = 11' --limit 8 --beams 10
check "some of them" 'd["cases"] == 8 < d["meant"] < d["split_cases"] and d["settings"]["where"] == "history = 11"'
run --format tsv sweep all --limit 20 --beams 5,10
[ "$(wc -l <"$scratch/out")" -eq 3 ] && head -1 "$scratch/out" | grep -q '^beam	hr.value	hr.low	hr.high	hr.n	exact_hr'
ok $? "all as TSV"
run --format tsv sweep 312 --beams 5,11
[ "$(cut -f 1-5 "$scratch/out" | tail -1)" = "11	1	true	retrieved	" ]
ok $? "a case as TSV"

fails "no widths" 2 "at least one beam width" sweep 312 --beams none
fails "a width of 0" 2 "0" sweep 312 --beams 5,0
fails "no list" 2 "x" sweep 312 --beams 5,x
fails "a limit of one case" 2 "they go with 'sweep all'" sweep 312 --limit 5
fails "none of them" 1 "holds for no case of the test split" sweep all --where "history = 99"
fails "no such case" 1 "there is no case 'nosuch'" sweep nosuch
finish
