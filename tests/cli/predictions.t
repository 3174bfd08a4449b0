#!/usr/bin/env bash
# Predictions in the published forms: what is written is what diagnose finds, and what is read is judged as the published
# evaluations judge it.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3 to recompute with"
titles=$top_srcdir/data/demo/id2name4Rec.json

# check NAME EXPRESSION: a Python expression over the last output's JSON, called d, and its first file, called f.
check() {
	python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
f = d["files"][0]
if not eval(sys.argv[2]):
    print("false:", sys.argv[2], json.dumps(f))
    sys.exit(1)' "$scratch/out" "$2" >"$scratch/why" 2>&1
	ok $? "$1"
}

# recomputes NAME FORM FILE: the figures of the last output are those of the published formulas.
recomputes() {
	python3 "$top_srcdir/tests/cli/predictions.py" "$2" "$3" "$titles" "$scratch/out" >"$scratch/why" 2>&1
	ok $? "$1"
}

# What the search returns, written and judged, is what diagnose says of the same cases, intervals included.
succeeds "40 cases are written" export predictions "$scratch/p.json" --limit 40 --format json
succeeds "and diagnosed" diagnose --limit 40 --beams none --at 1,3,10 --format json
cp "$scratch/out" "$scratch/diagnosed.json"
succeeds "and judged" judge "$scratch/p.json" --at 1,3,10 --format json -o "$scratch/lines.jsonl"
cat >"$scratch/agree.py" <<'END'
import json, sys
d = json.load(open(sys.argv[1]))
f = json.load(open(sys.argv[2]))["files"][0]
shared = 0
for name, figure in f["figures"].items():
    if name in d["figures"]:
        shared += 1
        if figure != d["figures"][name]:
            sys.exit(f"{name}: {figure}, diagnosed {d['figures'][name]}")
if shared != 13 or f["verdicts"] != d["verdicts"]:
    sys.exit(f"{shared} figures, {f['verdicts']}, diagnosed {d['verdicts']}")
END
python3 "$scratch/agree.py" "$scratch/diagnosed.json" "$scratch/out" >"$scratch/why" 2>&1
ok $? "with the figures and verdicts of the diagnosis"
check "every list is what the model's own search returns" 'f["figures"]["same_lists"]["count"] == 40 and d["notes"] == []'
check "some were lost by the search" 'f["verdicts"]["incorrectly-pruned"] > 0 and f["verdicts"]["retrieved"] > 0'
recomputes "BEAR's evaluation agrees" bear "$scratch/p.json"
python3 - "$scratch/lines.jsonl" "$scratch/out" >"$scratch/why" 2>&1 <<'END'
import collections, json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
f = json.load(open(sys.argv[2]))["files"][0]
kinds = collections.Counter(line["kind"] for line in lines)
assert {k: n for k, n in f["verdicts"].items() if n} == kinds, kinds
assert [line["entry"] for line in lines] == list(range(40)) and [line["index"] for line in lines] == list(range(1, 41))
assert sum(line["rank"] is not None and line["rank"] <= 3 for line in lines) == f["figures"]["hr@3"]["count"]
for line in lines:
    assert (line["kind"] == "retrieved") == (line["rank"] is not None), line
    assert line["kind"] != "incorrectly-pruned" or line["exact_rank_most"] <= 10, line
    assert line["kind"] != "out-ranked" or line["exact_rank"] > 10, line
END
ok $? "a line an entry says the same"
succeeds "as text" judge "$scratch/p.json"
holds "with the verdict in a sentence" "are among the best 10 of the whole catalogue"
succeeds "as TSV" judge "$scratch/p.json" --no-search --format tsv
[ "$(grep -c "^$scratch/p.json	hr@" "$scratch/out")" -eq 3 ]
ok $? "a row a figure"

# Other forms, other widths, some of the cases.
succeeds "in D3's form" export predictions "$scratch/d3.json" --like d3 --limit 20 --beam 4
succeeds "judged at its own B" judge "$scratch/d3.json" --format json
check "which is 4" 'f["form"] == "d3" and f["beam"] == 4 and f["figures"]["same_lists"]["count"] == 20'
recomputes "D3's evaluation agrees" d3 "$scratch/d3.json"
python3 - "$scratch/d3.json" >"$scratch/why" 2>&1 <<'END'
import json, sys
for entry in json.load(open(sys.argv[1])):
    assert list(entry) == ["input", "output", "predict", "predict_score", "predict_seq_score"]
    assert entry["output"].endswith('"\n') and all(text.endswith('"\n') for text in entry["predict"])
    assert len({len(steps) for steps in entry["predict_seq_score"]}) == 1
    for score, steps in zip(entry["predict_score"], entry["predict_seq_score"], strict=True):
        assert abs(score - sum(steps)) < 1e-9
END
ok $? "the scores are sums of the steps"
succeeds "in MiniOneRec's form" export predictions "$scratch/m.json" --like minionerec --where 'history > 5' --limit 20
succeeds "some of the cases are matched" judge "$scratch/m.json" --no-search --format json
check "in their order" 'f["form"] == "minionerec" and f["in_order"] and f["entries"] == 20'
recomputes "MiniOneRec's evaluation agrees" minionerec "$scratch/m.json"
python3 -c '
import json, sys
a = json.load(open(sys.argv[1]))
json.dump(a[::-1], open(sys.argv[2], "w"))' "$scratch/p.json" "$scratch/turned.json"
succeeds "the order may be another" judge "$scratch/turned.json" --no-search --at 1,3,10 --format json
check "and is told" 'not f["in_order"] and "not in the order" in d["notes"][0] and f["figures"]["hr@3"]["n"] == 40'
succeeds "two files" judge "$scratch/p.json" "$scratch/turned.json" --no-search
holds "stand side by side" "turned.json"
succeeds "another model's lists" -m "$top_srcdir/data/demo/bear" -d "$top_srcdir/data/demo" judge "$scratch/p.json" --format json
check "are told from its own" 'f["figures"]["same_lists"]["count"] < 40 and "another model" in d["notes"][0]'
succeeds "that model's lists of the same cases" -m "$top_srcdir/data/demo/bear" -d "$top_srcdir/data/demo" \
	export predictions "$scratch/b.json" --limit 40
succeeds "two models' lists" judge "$scratch/p.json" "$scratch/b.json" --no-search --format json
cp "$scratch/out" "$scratch/judged.json"
succeeds "are told apart" compare "$top_srcdir/data/demo/bear" --limit 40 --format json
python3 - "$scratch/judged.json" "$scratch/out" >"$scratch/why" 2>&1 <<'END'
import json, sys
first, second = json.load(open(sys.argv[1]))["files"]
bout = json.load(open(sys.argv[2]))["bouts"][0]
assert first["against_first"] is None and second["against_first"]["cases"] == 40
assert second["against_first"]["hit@10"] == bout["flips"]["hit@10"], second["against_first"]["hit@10"]
assert second["against_first"]["ndcg@10"] == bout["means"]["ndcg@10"], second["against_first"]["ndcg@10"]
END
ok $? "as compare tells the models apart"
succeeds "the dataset without a model" -d "$top_srcdir/data/demo" judge "$scratch/p.json" --format json
check "gives no verdicts" 'f["verdicts"] is None and f["searched"] == 0 and d["settings"] is None'
recomputes "and the same figures" bear "$scratch/p.json"
succeeds "on standard output" export predictions - --as json --limit 2
python3 -c 'import json, sys; sys.exit(len(json.load(open(sys.argv[1]))) != 2)' "$scratch/out"
ok $? "is the file alone"

# A file made by hand in each form; the figures are counted by hand. Ranks by title 2, none, 1 (D3: 3 for the first, which is
# listed twice), of 3 cases; of 10 predictions "Quill" alone is no item.
mkdir "$scratch/shop"
printf '{"1": "Pen", "2": "Ink, 3\\" wide", "3": "Pad", "4": "Pen"}' >"$scratch/shop/id2name4Rec.json"
printf 'user_id,item_ids\na,"[2, 3, 1]"\na,"[3, 2]"\nb,"[1, 2, 3]"\n' >"$scratch/shop/test.csv"
titles=$scratch/shop/id2name4Rec.json
python3 - "$scratch" <<'END'
import json, sys
ink = 'Ink, 3" wide'
cases = [([ink, "Pad"], "Pen", ["Pad", "Pen", "Pen", ink]), (["Pad"], ink, ["Pen", "Quill", "Pad"]), (["Pen", ink], "Pad", ["Pad", "Pen", ink])]
def write(name, entry):
    json.dump([entry(*case) for case in cases], open(f"{sys.argv[1]}/{name}.json", "w"), indent=4)
def past(titles, comma=", "):
    return "The user bought: " + comma.join(f'"{title}"' for title in titles)
write("hand_bear", lambda h, a, p: {"instruction": "Recommend.", "input": past(h) + "\n ", "output": f'"{a}"', "predict": [f'"{t}"' for t in p], "scores": [-1.0] * len(p)})
write("hand_d3", lambda h, a, p: {"input": past(h), "output": f'"{a}"\n', "predict": [f'"{t}"\n' for t in p], "predict_score": [float("-inf")] * len(p), "predict_seq_score": [[float("nan")]] * len(p)})
write("hand_minionerec", lambda h, a, p: {"input": past(h, ",\t"), "output": a + "\n", "predict": p, "predict_ctr_prob": [1 / (i + 1) for i in range(len(p))], "click_label": 1.0})
END
given=(-d "$scratch/shop")
for form in bear d3 minionerec; do
	succeeds "a hand's file in the form of $form" judge "$scratch/hand_$form.json" --at 1,2,3 --format json
	check "$form: entries and form" "f['form'] == '$form' and f['entries'] == 3 and f['beam'] == 4"
	check "$form: hits and gains" "[(f['figures'][f'hr@{k}']['count'], round(f['figures'][f'ndcg@{k}']['value'], 6)) for k in (1, 2, 3)] == \
		[(1, 0.333333), (1, 0.333333) if '$form' == 'd3' else (2, 0.543643), (2, 0.5 if '$form' == 'd3' else 0.543643)]"
	check "$form: by item, and lists" "f['figures']['item_hr@2']['count'] == 2 and f['figures']['invalid']['count'] == 1 and \
		f['figures']['invalid']['n'] == 10 and f['figures']['invalid_lists']['count'] == 1 and f['short_lists'] == 2 and \
		f['repeating_lists'] == 1"
	recomputes "$form: recomputed" "$form" "$scratch/hand_$form.json"
	succeeds "$form: by itself" judge "$scratch/hand_$form.json" --alone --at 2 --format json
	check "$form: the same hits" "f['figures']['hr@2']['count'] == (1 if '$form' == 'd3' else 2) and d['data'] is None"
done
succeeds "another's evaluation" judge "$scratch/hand_bear.json" --like d3 --at 2 --format json
check "counts the last place" 'f["form"] == "d3" and f["figures"]["hr@2"]["count"] == 1'
given=()

# What cannot be judged is told in one line.
fails "another dataset's file" 1 "no case of the test split of 'demo'" judge "$scratch/hand_bear.json"
fails "no such file" 1 "none.json" judge "$scratch/none.json"
printf '[{"predict": ["\\"a\\""]}, {"predict": 3}]' >"$scratch/wrong.json"
fails "a wrong entry" 1 '"[1].predict" must be an array, not 3' judge "$scratch/wrong.json"
printf '[{"predict": ["\\"a\\""]}]' >"$scratch/mute.json"
fails "no answers" 1 '"[0]" has neither "input" nor "output"' judge "$scratch/mute.json"
fails "K beyond the lists" 1 "has lists of 10" judge "$scratch/p.json" --no-search --at 1,11
fails "a form that is none" 2 "--like" export predictions "$scratch/x.json" --like csv
fails "a table of cases" 2 "'export predictions' writes json, not csv" export predictions "$scratch/x.json" --as csv
given=("${on_lesson[@]}")
fails "items without titles" 1 "made of token ids" export predictions "$scratch/x.json"
fails "none to compare with" 1 "made of token ids" judge "$scratch/p.json"
given=()
[ ! -e "$scratch/x.json" ]
ok $? "nothing was left by what failed"

if [ -d "$shared/datasets/bear-office" ] && [ -d "$shared/models/tinystories-656k" ]; then
	given=(-m "$shared/models/tinystories-656k" -d "$shared/datasets/bear-office")
	titles=$shared/datasets/bear-office/id2name4Rec.json
	succeeds "a real catalogue" export predictions "$scratch/office.json" --limit 20 --mask after --search hf
	succeeds "is judged" judge "$scratch/office.json" --mask after --search hf --format json
	check "as its own" 'f["figures"]["same_lists"]["count"] == 20'
	recomputes "BEAR's evaluation agrees on it" bear "$scratch/office.json"
	python3 - "$scratch/office.json" "$shared/datasets/bear-office" >"$scratch/why" 2>&1 <<'END'
import ast, csv, json, sys
titles = {int(k): v for k, v in json.load(open(sys.argv[2] + "/id2name4Rec.json")).items()}
rows = list(csv.DictReader(open(sys.argv[2] + "/test.csv")))
for entry, row in zip(json.load(open(sys.argv[1])), rows):
    names = [titles[i] for i in ast.literal_eval(row["item_ids"])]
    history = ", ".join(f'"{name}"' for name in names[:-1])
    assert entry["instruction"] == "Given a list of office products the user has used before, please recommend a new office product that the user likes to the user."
    assert entry["input"] == f"The user has used the following office products before: {history}\n ", entry["input"]
    assert entry["output"] == f'"{names[-1]}"'
END
	ok $? "with the prompt's parts as the published script has them"
	given=()
else
	skip "a real catalogue" "no ../shared"
fi
finish
