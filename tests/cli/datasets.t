# Published datasets in every form: their counts, and MiniOneRec's held against its files as python3 reads them.
. "$(dirname "$0")/lib.sh"
sets=$shared/datasets
[ -d "$sets" ] || skip_all "no ../shared"
command -v python3 >/dev/null 2>&1 || skip_all "no python3"

# check NAME EXPRESSION: Python over the last output's records, the list out; data and catalogue are the first's.
check() {
	python3 - "$scratch/out" "$sets/minionerec-industrial" "$2" >"$scratch/why" 2>&1 <<-'END'
	import ast, csv, json, sys
	out = [json.loads(line) for line in open(sys.argv[1])]
	data, catalogue = out[0].get("data", {}), out[0].get("catalogue", {})
	def cases(d):
	    return {name: split["cases"] for name, split in d["splits"].items()}
	def faults(d):
	    return sum(v for split in d["splits"].values() for k, v in split.items() if k not in ("file", "cases"))
	name = "Industrial_and_Scientific_5_2016-10-2018-11"
	def info():
	    return {f[2]: f for f in (line.rstrip("\n").split("\t") for line in open(f"{sys.argv[2]}/info/{name}.txt", encoding="utf-8"))}
	def rows(split):
	    return list(csv.DictReader(open(f"{sys.argv[2]}/{split}/{name}.csv", encoding="utf-8", newline="")))
	if not eval(f"({sys.argv[3]})"):
	    print("false:", sys.argv[3])
	    sys.exit(1)
	END
	ok $? "$1"
}

run -d "$sets/bear-office" info data --format json
check "BEAR Office" '(data["form"], catalogue["items"], catalogue["distinct_titles"], cases(data), faults(data)) ==
	("BEAR", 2414, 2411, {"test": 1925, "train": 15400}, 0) and data["users"] > 0'
run -d "$sets/bear-clothing" info data --format json
check "BEAR Clothing" '(data["form"], catalogue["items"], catalogue["distinct_titles"], cases(data), faults(data)) ==
	("BEAR", 22948, 22728, {"test": 5544, "train": 10000}, 0)'
run -d "$sets/apao-office" info data --format json
check "APAO Office" '(data["form"], catalogue["items"], catalogue["distinct_indexes"], data["users"], data["interactions"], faults(data)) ==
	("LC-Rec", 2420, 2415, 4905, 53258, 0) and cases(data) == {"test": 4905, "valid": 4905, "train": 4905}'
check "and its collisions" '(catalogue["index_collisions"], catalogue["index_collisions_largest"]) == (10, 2)'
one=(-d "$sets/minionerec-industrial")
run "${one[@]}" info data --format json
check "MiniOneRec Industrial" '(data["form"], data["name"], catalogue["items"], catalogue["distinct_indexes"], cases(data), faults(data)) ==
	("MiniOneRec", "Industrial_and_Scientific", 3686, 3670, {"test": 4533, "valid": 4532}, 0)'
check "its users" 'data["users"] == len({r["user_id"] for r in rows("test") + rows("valid")})'
check "and its collisions" '(catalogue["index_collisions"], catalogue["index_collisions_largest"]) == (31, 3) ==
	(lambda n: (sum(v for v in n if v > 1), max(n)))([[f[0] for f in info().values()].count(s) for s in {f[0] for f in info().values()}])'
run "${one[@]}" --format json -c 'item 0' -c 'item 7' -c 'item 3685'
check "items" 'all((o["title"], o["index"]) == (info()[o["item"]][1], info()[o["item"]][0]) for o in out)'
for split in test valid; do
	run "${one[@]}" --split $split --format json cases
	check "cases of the $split split" '[(c["user"], c["item"], c["history"]) for c in out] ==
		[(r["user_id"], r["item_id"], len(ast.literal_eval(r["history_item_id"]))) for r in rows("'$split'")]'
	run "${one[@]}" --split $split --format json case 17
	check "a case of it" '(lambda r: [h["item"] for h in out[0]["history"]] == [str(i) for i in ast.literal_eval(r["history_item_id"])] and
		[h["title"] for h in out[0]["history"]] == ast.literal_eval(r["history_item_title"]) and
		[h["index"] for h in out[0]["history"]] == ast.literal_eval(r["history_item_sid"]) and
		(out[0]["positive"]["title"], out[0]["positive"]["index"]) == (r["item_title"], r["item_sid"]))(rows("'$split'")[16])'
done
run -d "$sets/minionerec-industrial/info/Industrial_and_Scientific_5_2016-10-2018-11.txt" info data --format json
check "named by its file" 'data["path"].endswith("2018-11.txt") and cases(data) == {"test": 4533, "valid": 4532}'
run -d "$sets/minionerec-industrial/index" info data --format json
check "semantic ids alone" '(data["form"], data["splits"], catalogue["items"], catalogue["distinct_indexes"]) == ("LC-Rec", {}, 3686, 3670)'

# A fresh model over the semantic ids: three tokens and the end, every item of a sequence found with it.
succeeds "a fresh model" "${one[@]}" --items index new "$scratch/ids" --layers 1 --hidden 16 --heads 1 --format json
check "has the codebook" 'out[0]["vocabulary"] == 3 + len({code for f in info().values() for code in f[0].replace(">", "> ").split()}) and
	(out[0]["tokens_longest"], out[0]["distinct_texts"]) == (4, 3670)'
with=(-m "$scratch/ids" "${one[@]}" --template sequence --beam 50)
run "${with[@]}" info catalogue --format json
check "and spells each item" '(catalogue["distinct_sequences"], catalogue["sequence_collisions"], catalogue["sequence_collisions_largest"],
	catalogue["with_unknown_tokens"], catalogue["depth"]) == (3670, 31, 3, 0, 4)'
# One of the items that share a sequence is the positive item of a case: whichever of them a list names, it is found.
shares=$(python3 - "$sets/minionerec-industrial" <<-'END'
	import csv, sys
	name = "Industrial_and_Scientific_5_2016-10-2018-11"
	lines = [line.rstrip("\n").split("\t") for line in open(f"{sys.argv[1]}/info/{name}.txt", encoding="utf-8")]
	ids = [f[0] for f in lines]
	shared = {f[2] for f in lines if ids.count(f[0]) > 1}
	for i, row in enumerate(csv.DictReader(open(f"{sys.argv[1]}/test/{name}.csv", encoding="utf-8", newline=""))):
	    if row["item_id"] in shared:
	        print(i + 1)
	        break
	END
)
run "${with[@]}" --beam 4000 beam "$shares" --format json
check "every item is found, those of one sequence together" '(lambda found: sum(map(len, found)) == len(set(sum(found, []))) == 3686 and
	len(found) == 3670 and max(map(len, found)) == 3)([r["items"] for r in out[0]["results"]])'
check "and the positive item with any of its own" '(lambda r: len(r) == 1 and out[0]["positive"]["item"] in r[0]["items"] and
	len(r[0]["items"]) > 1 and len({info()[i][0] for i in r[0]["items"]}) == 1)([r for r in out[0]["results"] if r["positive"]])'
run "${with[@]}" export predictions "$scratch/made.json" --limit 3
run "${with[@]}" judge "$scratch/made.json" --no-search --format json
check "predictions are read back" '(out[0]["files"][0]["form"], out[0]["files"][0]["entries"], out[0]["files"][0]["short_lists"]) ==
	("minionerec", 3, 0)'
run "${with[@]}" export predictions "$scratch/d3.json" --like d3 --limit 3
run "${with[@]}" judge "$scratch/d3.json" --no-search --format json
check "also in the form of D3" '(out[0]["files"][0]["form"], out[0]["files"][0]["short_lists"]) == ("d3", 0)'
fails "a model without these tokens" 1 "has no token for 560 of the 560 codes in the semantic ids" \
	-m "$shared/models/tinystories-656k" "${one[@]}" --items index beam 1
succeeds "reads the titles" -m "$shared/models/tinystories-656k" "${one[@]}" --beam 2 beam 1
run -m "$shared/models/tinystories-656k" "${one[@]}" --template minionerec-inference prompt 1
holds "in any template" "given the following chronological interaction history: 3D Solutech Real Red"
finish
