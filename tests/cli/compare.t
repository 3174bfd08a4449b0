# Models, settings, adapters and files over the same cases: what is said, what is kept, what is left as it was.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3"
demo=$top_srcdir/data/demo
lesson=$top_srcdir/data/lesson
cd "$scratch" || exit 99

# A catalogue that can be followed by hand: another width and another mask, in all forms.
given=("${on_lesson[@]}")
golden compare.txt compare --set beam=3 --set mask=after
golden compare.tsv compare --set beam=3 --format tsv
golden compare-changed.tsv compare --set beam=3 --rows changed --format tsv
golden compare-slices.tsv compare --set beam=3 --rows slices --format tsv
given=()

# The control: the first model at other temperatures beside the other model, the findings of all kept.
run compare bear --set tau=0.85,0.7 --limit 120 --beams none --save control --format json
cp out control.json
[ "$(cd control && echo *)" = "bear.jsonl sft.jsonl tau=0.7.jsonl tau=0.85.jsonl" ] && [ "$(cat control/*.jsonl | wc -l)" -eq 480 ]
ok $? "the control keeps 120 lines of each of four"

# Everything again from the lines.
python3 - control.json >why 2>&1 <<'END'
import json, math, sys
record = json.load(open(sys.argv[1]))
lines = {}
for c in record["contenders"]:
    lines[c["name"]] = {v["index"]: v for v in map(json.loads, open(f"control/{c['name']}.jsonl"))}

def near(a, b, what):
    if not (a == b or abs(a - b) <= 1e-6 * max(1, abs(b))):
        sys.exit(f"{what}: {a}, where {b} was expected")

def mcnemar(b, c):
    n, tail = b + c, sum(math.comb(b + c, k) for k in range(min(b, c) + 1))
    return min(1, 2 * tail / 2 ** n)

def gain(rank):
    return 1 / math.log2(rank + 1) if rank and rank <= 10 else 0

def within(v):
    return v["exact_rank"] is not None and v["exact_rank"] <= 10

flips = {"hit@10": lambda v: v["rank"] is not None, "pruned": lambda v: within(v) and v["rank"] is None,
         "exact_hit@10": within}
means = {"ndcg@10": lambda v: gain(v["rank"]), "exact_ndcg@10": lambda v: gain(v["exact_rank"]),
         "search_recall@10": lambda v: v["recalled"] / v["exact_n"]}
assert [c["name"] for c in record["contenders"]] == ["sft", "tau=0.85", "tau=0.7", "bear"]
assert record["cases"] == 120 and len(record["bouts"]) == 3
for bout in record["bouts"]:
    name = bout["name"]
    pairs = [(lines["sft"][i], lines[name][i]) for i in sorted(lines["sft"])]
    for key, says in flips.items():
        got = bout["flips"][key]
        gained = sum(not says(a) and says(b) for a, b in pairs)
        lost = sum(says(a) and not says(b) for a, b in pairs)
        near(got["n"], 120, f"{name} {key} n")
        near(got["gained"], gained, f"{name} {key} gained")
        near(got["lost"], lost, f"{name} {key} lost")
        near(got["p"], mcnemar(gained, lost), f"{name} {key} p")
        near(got["difference"]["value"], (gained - lost) / 120, f"{name} {key} difference")
    for key, value in means.items():
        near(bout["means"][key]["difference"]["value"], sum(value(b) - value(a) for a, b in pairs) / 120, f"{name} {key}")
    changed = [(a["case"], a["kind"], b["kind"]) for a, b in pairs if a["kind"] != b["kind"]]
    if changed != [(v["case"], v["before"]["kind"], v["after"]["kind"]) for v in bout["changed"]]:
        sys.exit(f"{name}: other cases changed")
    for a, row in bout["verdicts"].items():
        for b, n in row.items():
            near(n, sum(x["kind"] == a and y["kind"] == b for x, y in pairs), f"{name} {a} to {b}")
    for by in {v["by"] for v in bout["slices"]}:
        near(sum(v["hit"]["gained"] for v in bout["slices"] if v["by"] == by), bout["flips"]["hit@10"]["gained"], by)
bear = record["bouts"][2]["means"]["search_recall@10"]
if not (bear["difference"]["low"] > 0.1 and bear["p"] <= 0.01):
    sys.exit(f"BEAR has no better search recall: {bear}")
END
[ ! -s why ]
ok $? "figures, tests, flips and verdicts are those of the lines, and BEAR's search loses less"

# members FILE: a record without what a run says of itself.
members() {
	python3 -c '
import json, sys
v = json.load(open(sys.argv[1]))
v.pop("saved")
print(json.dumps(v, indent=1))' "$1"
}
members control.json >kept
run compare bear --set tau=0.85,0.7 --limit 120 --beams none --save control --format json
cp out again.json
members again.json >again
same "with all of it kept already, the same again" kept again
run compare control/sft.jsonl 'control/tau=0.85.jsonl' 'control/tau=0.7.jsonl' control/bear.jsonl --format json
cp out files.json
members files.json >files
same "files against files: the same" kept files
run compare control/bear.jsonl bear --limit 120 --beams none --format json
python3 -c '
import json, sys
v = json.load(open("out"))
names = [c["name"] for c in v["contenders"]]
same = v["contenders"][1]["figures"] == v["contenders"][2]["figures"]
sys.exit(names != ["sft", "bear", "demo-bear"] or not same)' 2>why
ok $? "a file beside the model that it was made with: two names, the same figures"
run compare bear --limit 120 --where 'history > 5' --beams none --format json
python3 -c '
import json, sys
sys.exit(not 0 < json.load(open("out"))["cases"] <= 120)' 2>why
ok $? "some of the cases"
run compare bear --set tau=0.85 --limit 20 --beams none
holds "several comparisons: the p-values are said to be uncorrected" "not corrected for the 2 comparisons"
holds "in one sentence, whether it is better" "Against sft, bear"

# Another width: K is the smaller one.
run compare bear:beam=20:tau=0.9 --limit 40 --beams none --format json
python3 -c '
import json, sys
v = json.load(open("out"))
b = v["contenders"][1]
sys.exit(not (v["k"] == 10 and b["name"] == "bear:beam=20:tau=0.9" and b["beam"] == 20 and b["settings"]["tau"] == 0.9
    and "hr@10" in b["figures"] and "hit@10" in v["bouts"][0]["flips"] and "search_recall" in v["bouts"][0]["means"]))' 2>why
ok $? "settings of its own, K the smaller B"

# A model with other tokens, and a model over itself.
run -m "$demo/sft" -d "$demo" new fresh --layers 1 --hidden 32 --heads 2 --ffn 64 --vocab 400
run -m "$demo/sft" -d "$demo" compare fresh --limit 15 --beams none
[ "$status" -eq 0 ] && grep -q '^15 cases of demo' out
ok $? "a model of another vocabulary over the same data"
run compare sft --limit 15 --beams none --format json
python3 -c '
import json, sys
bout = json.load(open("out"))["bouts"][0]
sys.exit(bool(bout["changed"]) or any(f["p"] != 1 for f in [*bout["flips"].values(), *bout["means"].values()]))' 2>why
ok $? "a model against itself: nothing changed, every p is 1"

# An adapter over the loaded model.
reference=$top_srcdir/tests/num/reference/A
python3 - "$reference" <<'END' || exit 99
import csv, json, os, sys
data = json.load(open(sys.argv[1] + "/data.json"))
os.mkdir("tokens")
with open("tokens/items.csv", "w") as f:
    rows = csv.writer(f, lineterminator="\n")
    rows.writerow(["item_id", "tokens"])
    rows.writerows([i, " ".join(map(str, t))] for i, t in enumerate(data["catalog"]["main"]))
with open("tokens/cases.csv", "w") as f:
    rows = csv.writer(f, lineterminator="\n")
    rows.writerow(["case_id", "prompt_tokens", "item_id"])
    for i, prompt in enumerate(data["prompts"]):
        rows.writerow([f"p{i}", " ".join(map(str, prompt)), data["positives"][i]])
json.dump({"eos_token_id": data["eos"]}, open("tokens/meta.json", "w"))
END
given=(-m "$reference/model" -d tokens)
run diagnose --beams none -o plain.jsonl
run -a "$reference/train/lora_bear" diagnose --beams none -o adapted.jsonl
run compare "$reference/train/lora_bear" --beams none --save adapters
same "an adapter is diagnosed as it is by itself" adapted.jsonl adapters/lora_bear.jsonl
same "and so is the model without it" plain.jsonl adapters/model.jsonl

# One case: each one's search is what 'beam --trace' says of it.
given=()
run beam 312 --trace --format json && cp out one
run -m "$demo/bear" -d "$demo" beam 312 --trace --format json && cp out two
run beam 312 --tau 0.5 --trace --format json && cp out three
run compare bear --set tau=0.5 --case 312 --format json
python3 -c '
import json, sys
v = json.load(open("out"))
assert v["case"] == "312" and [c["name"] for c in v["contenders"]] == ["sft", "tau=0.5", "bear"], v
for c, name in zip(v["contenders"], ["one", "three", "two"]):
    assert c["search"] == json.load(open(name)), name' 2>why
ok $? "one case: the records are those of beam --trace"
run compare bear --case 312 --format tsv
cp out pair.tsv
run beam 312 --trace --format tsv
awk -F'\t' -v OFS='\t' '$1 == "name" || $1 == "sft" { sub(/^[^\t]*\t/, ""); print }' pair.tsv >first
same "its rows are those of beam --trace, behind a name" out first
[ "$(cut -f 1 pair.tsv | uniq | tr '\n' ' ')" = "name sft bear " ]
ok $? "and then those of the other"
given=("${on_lesson[@]}")
golden compare-case.txt compare --set beam=3 --case 1
given=()
fails "one case and some of many" 2 "'--limit' is about many cases" compare bear --case 312 --limit 3
fails "one case of a file" 2 "'control/sft.jsonl' holds no search" compare control/sft.jsonl --case 312
fails "no such case" 1 "'sft': there is no case 'x'" compare bear --case x
fails "what lies beside is named" 2 "beside it: 'bear'" compare

# Afterwards all is as it was, whether it went well or not.
given=()
state=(-c 'set model' -c 'set adapter' -c 'set data' -c 'set beam' -c 'set tau' -c 'beam 312')
run "${state[@]}" --format json
cp out before
run -c 'compare bear:beam=3:tau=0.5 --set mask=after --limit 2 --beams none --output gone' "${state[@]}" --format json
same "model, adapter and options are afterwards as before" before out
mkdir broken
cp "$demo/bear/config.json" broken
run -c 'load data '"$demo" -c 'load model '"$demo/sft" -c 'compare broken --limit 2 --beams none'
[ "$status" -eq 1 ] && grep -q "^beamscope: 'broken': " err
ok $? "a model that does not load is named"
printf '%s\n' "load data $demo" "load model $demo/sft" "compare broken --limit 2 --beams none" "set model" "beam 312" >lines
TERM=dumb run -n repl <lines
"$BEAMSCOPE" repl <lines >out 2>err
grep -q "model *$demo/sft" out && grep -q 'incorrectly pruned\|Incorrectly pruned' out
ok $? "and the model that was there is there"

# Stopped, and gone on with. Signals that the shell was told to ignore, as by nohup, count here.
start() {
	set -m
	env --default-signal=INT,TERM "$BEAMSCOPE" compare bear --save stopped --beams none >out 2>err </dev/null &
	pid=$!
	set +m
}

# stop_in FILE: interrupts it when the file has some lines. It may be at its end by then: begins anew in that case.
stop_in() {
	for _ in $(seq 20); do
		rm -f "$1"
		start
		until [ -s "$1" ] || ! kill -0 "$pid" 2>/dev/null; do
			sleep 0.01
		done
		kill -INT "$pid" 2>/dev/null
		wait "$pid"
		status=$?
		[ "$status" -eq 0 ] || break
	done
	cp err "$scratch/why"
}

stop_in stopped/sft.jsonl
[ "$status" -eq 1 ] && [ ! -s out ] && grep -q "before there was a case that all have, what was found is in 'stopped'" err
ok $? "stopped in the first: no case is common, and that is said"
"$BEAMSCOPE" diagnose --beams none -o stopped/sft.jsonl >out 2>err
stop_in stopped/bear.jsonl
[ "$status" -eq 1 ] && grep -q "stopped, what was found is in 'stopped'" err && grep -q 'those that all had when it was stopped' out
ok $? "stopped in the second: the figures of the cases that both have"
[ "$(wc -l <stopped/sft.jsonl)" -eq 1000 ] && [ "$(wc -l <stopped/bear.jsonl)" -lt 1000 ]
ok $? "where the first has all and the second some"
succeeds "the same command goes on" compare bear --save stopped --beams none
cp out went_on
run compare bear --save whole --beams none
sed -i 's/kept in [a-z]*/kept/' went_on out
same "and says what a run says that was never stopped" out went_on

# A file's name may hold what a terminal would obey.
cp control/sft.jsonl "$(printf 'red\033[31m.jsonl')"
run compare control/sft.jsonl red*.jsonl
! LC_ALL=C grep -q "$(printf '\033')" out && grep -q 'no different beyond chance' out
ok $? "names are shown with nothing in them that a terminal obeys"

# What is refused.
run -m "$lesson/table.csv" -d "$lesson" diagnose -o lesson.jsonl
fails "another dataset" 1 "their datasets 'demo' and 'lesson' are not the same" compare lesson.jsonl --limit 5 --beams none
fails "nothing to compare with" 2 "there is nothing to compare 'sft' with" compare
fails "what is not there" 1 "there is no 'nothing'" compare nothing
fails "no such option" 2 "there is no option 'tua'; did you mean 'tau'?" compare --set tua=1
fails "an option that shapes no search" 2 "option 'threads' cannot be compared" compare bear:threads=2
fails "another split" 2 "option 'split' cannot be compared" compare --set split=valid
fails "a value that is none" 2 "'abc' is not a number" compare --set tau=1,abc
fails "no value" 2 "'tau' is no setting" compare --set tau
fails "settings of a file" 2 "has no settings to change" compare control/sft.jsonl:tau=2
fails "the same twice" 2 "'tau=0.5' stands twice" compare --set tau=0.5,0.5
fails "an expression over what is not known yet" 2 "known only after a search" compare bear --where 'rank > 2'
: >empty.jsonl
fails "an empty file" 1 "'empty.jsonl' holds no case" compare empty.jsonl --limit 5 --beams none
fails "a folder that cannot be made" 1 "--save '$scratch/none/x'" compare bear --limit 2 --save "$scratch/none/x"
fails "findings made with other settings" 1 "cannot go on with 'control/sft.jsonl'" compare bear --tau 2 --save control --limit 5 --beams none
finish
