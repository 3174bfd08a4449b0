# A real model over a published catalogue.
. "$(dirname "$0")/lib.sh"
[ -d "$shared/models" ] || skip_all "no ../shared"
command -v python3 >/dev/null 2>&1 || skip_all "no python3"

args=(-m "$shared/models/tinystories-656k" -d "$shared/datasets/bear-office")

# check NAME EXPRESSION: a Python expression over the last output's JSON, called d.
check() {
	python3 -c '
import json, math, sys
d = json.load(open(sys.argv[1]))
if not eval(sys.argv[2]):
    print("false:", sys.argv[2])
    sys.exit(1)' "$scratch/out" "$2" >"$scratch/why" 2>&1
	ok $? "$1"
}

succeeds "beam 17 --trace" "${args[@]}" beam 17 --trace
holds "says what became of the item" "Out-ranked: the whole item ranks 2,003 of 2,411"
run "${args[@]}" beam 17 --trace --format json
check "case and settings" 'd["case"] == "17" and d["settings"]["beam"] == 10 and d["settings"]["data"] == "bear-office"'
check "the positive item is the file's" 'd["positive"]["item"] == "2300"'
check "ten results" '[r["rank"] for r in d["results"]] == list(range(1, 11))'
check "in falling order" 'all(a["logp"] >= b["logp"] for a, b in zip(d["results"], d["results"][1:]))'
check "kept candidates are the best ones" \
	'all(c["kept"] == (c["rank"] <= s["kept"]) for s in d["steps"] for c in s["candidates"])'
check "the cut-off is the last kept one" \
	'all(abs(s["candidates"][s["kept"] - 1]["logp"] - s["cutoff"]) < 1e-6 for s in d["steps"])'
check "margins are what they say" 'all(abs(p["logp"] - s["cutoff"] - p["prefix_margin"]) < 1e-5
	for s in d["steps"] for p in [s["positive"]] if p and p["prefix_margin"] is not None)'
check "an item's tokens sum to its log P" \
	'abs(sum(p["step_logp"] for p in d["positive"]["steps"]) - d["positive"]["logp"]) < 1e-4'
cp "$scratch/out" "$scratch/beam"

run "${args[@]}" score 17 --format json
check "teacher forcing gives the same log-probabilities" 'all(abs(a - p["step_logp"]) < 1e-4
	for b in [json.load(open("'"$scratch/beam"'"))] for a, p in zip(d["before"]["logp"], b["positive"]["steps"], strict=True))'
run "${args[@]}" exact 17 --top 10 --format json
check "the exact search gives the same rank" \
	'd["positive"]["rank"] == json.load(open("'"$scratch/beam"'"))["verdict"]["exact_rank"] and d["positive"]["proved"]'
check "and no item that the beam found is better than its best" \
	'd["items"][0]["logp"] >= json.load(open("'"$scratch/beam"'"))["results"][0]["logp"] - 1e-5'
run "${args[@]}" info --format json
check "2,414 items, 2,411 titles" 'd["catalogue"]["items"] == 2414 and d["catalogue"]["distinct_titles"] == 2411'
check "1,925 cases" 'd["data"]["splits"]["test"]["cases"] == 1925'
check "656,000 parameters" 'd["model"]["parameters"] == 656000 and d["model"]["dtype"] == "F32"'
run "${args[@]}" prompt 17 --diff --format json
check "the templates differ by one space" \
	'[(h["removed"], h["added"]) for h in d["bytes"]] == [("", " ")] and d["templates"][1]["bytes"] == d["templates"][0]["bytes"] + 1'
check "which is said with its place, its byte and its tokens" '((d["bytes"][0]["added_hex"], d["bytes"][0]["line"]) == ("20", 1)
	and d["templates"][1]["text"][:d["bytes"][0]["at_second"] + 1].endswith("request.  ")
	and d["templates"][0]["tokens"][:d["common_tokens"]] == d["templates"][1]["tokens"][:d["common_tokens"]]
	and all(d["templates"][0]["tokens"][h["at"]:h["at"] + len(h["removed"])] == h["removed"] and
		d["templates"][1]["tokens"][h["at_second"]:h["at_second"] + len(h["added"])] == h["added"] for h in d["tokens"]))'
run "${args[@]}" prompt 17 --diff
holds "and shown in its line" "request.  ␊␊### Instruction:"
holds "and in a sentence" "Of 702 tokens 1 became 3 others; the model reads the same only in the first 64."
run "${args[@]}" --template d3 prompt 17 --against minionerec-train --format json
check "any two templates can be compared" '(lambda first, second, hunks: second == "".join(
	first[0 if i == 0 else hunks[i - 1]["at"] + len(hunks[i - 1]["removed"]):h["at"]] + h["added"] for i, h in enumerate(hunks)) +
	first[hunks[-1]["at"] + len(hunks[-1]["removed"]):])(d["templates"][0]["text"], d["templates"][1]["text"], d["bytes"])'
run "${args[@]}" --template d3 prompt 17 --against d3
holds "or one with itself" "The prompts are the same."
fails "one that is not there" 1 "there is no template 'none'" "${args[@]}" prompt 17 --against none
run "${args[@]}" tokenize --specials "Once upon a time, there was a little dog" --format json
check "ids of a text" 'd["ids"] == [1, 80, 147, 201, 282, 215, 286, 229, 604]'
run "${args[@]}" detokenize 80 147 201 282 --format json
check "and back" 'd["ids"] == [80, 147, 201, 282] and d["text"].startswith("Once upon")'
finish
