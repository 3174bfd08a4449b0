# A published LC-Rec dataset, held against its JSON as python3 reads it.
. "$(dirname "$0")/lib.sh"
data=$shared/datasets/apao-office
[ -d "$data" ] || skip_all "no ../shared"
command -v python3 >/dev/null 2>&1 || skip_all "no python3"

# check NAME EXPRESSION: Python over the last output's records, the list out, and the dataset's inter, item and index.
check() {
	python3 - "$scratch/out" "$data" "$2" >"$scratch/why" 2>&1 <<-'END'
	import json, sys
	out = [json.loads(line) for line in open(sys.argv[1])]
	inter, item, index = (json.load(open(f"{sys.argv[2]}/Office.{name}.json")) for name in ("inter", "item", "index.rq-kmeans"))
	if not eval(f"({sys.argv[3]})"):
	    print("false:", sys.argv[3])
	    sys.exit(1)
	END
	ok $? "$1"
}

succeeds "info" -d "$data" info --format json
check "items, titles and semantic ids" '(out[0]["catalogue"]["items"], out[0]["catalogue"]["distinct_titles"],
	out[0]["catalogue"]["distinct_indexes"]) == (len(item), len({v["title"] for v in item.values()} - {""}), len(set(map(tuple, index.values()))))
	== (2420, 2414, 2415)'
check "which semantic ids" 'out[0]["data"]["index"].endswith("/Office.index.rq-kmeans.json") and out[0]["data"]["index_files"] == 1'
check "nobody is left out" 'all(s["cases"] == len(inter) == 4905 and s["ids_left_out"] + s["without_positive"] + s["users_left_out"] == 0
	for s in out[0]["data"]["splits"].values())'
for split in test:1 valid:2 train:3; do
	run -d "$data" --split "${split%:*}" --format json cases
	check "cases of the ${split%:*} split" '[(c["case"], c["user"], c["item"], c["history"]) for c in out] ==
		[(str(i + 1), user, str(items['"-${split#*:}"']), len(items) - '"${split#*:}"') for i, (user, items) in enumerate(inter.items())]'
	for id in 1 2500 4905; do
		run -d "$data" --split "${split%:*}" --format json case $id
		check "case $id of the ${split%:*} split" '[h["item"] for h in out[0]["history"]] + [out[0]["positive"]["item"]] ==
			[str(i) for i in list(inter.values())['"$id"' - 1]][:len(inter[out[0]["user"]]) + 1 - '"${split#*:}"']'
	done
done
run -d "$data" --format json -c 'item 7' -c 'item 828' -c 'item 2419'
check "titles and semantic ids" 'all(o["title"] == (item[o["item"]]["title"] or None) and o["index"] == "".join(index[o["item"]]) for o in out)'
check "popularity counts what is trained on" 'all(o["popularity"] == sum(items[:-2].count(int(o["item"])) for items in inter.values()) for o in out)'
run -d "$data" --title-words 4 --format json -c 'item 0' -c 'item 7' -c 'item 2419'
check "titles cut to words" 'all(item[o["item"]]["title"].startswith(o["text"] + " ") and len(o["text"].split()) >= 4
	and o["title"] == item[o["item"]]["title"] for o in out)'
succeeds "find by a token" -d "$data" --format json find "<a_159>"
check "the items of a token" '[o["item"] for o in out] == [i for i, tokens in index.items() if "<a_159>" in tokens]'

# Of several files of semantic ids the first by name counts, unless another is named.
mkdir "$scratch/two"
printf '{"u": [1, 2, 1, 2], "v": [1]}' >"$scratch/two/T.inter.json"
printf '{"1": ["<a_1>"], "2": ["<a_2>"]}' >"$scratch/two/T.index.x.json"
printf '{"1": ["<a_3>"], "2": ["<a_4>"]}' >"$scratch/two/T.index.y.json"
run -d "$scratch/two" --items index --format json item 1
check "the first" 'out[0]["index"] == "<a_1>"'
run -d "$scratch/two/T.index.y.json" --items index --format json item 1
check "the one that is named" 'out[0]["index"] == "<a_3>"'
run -d "$scratch/two/T.index.y.json" --items index --format json info
check "is said" 'out[0]["data"]["index"].endswith("T.index.y.json") and out[0]["data"]["index_files"] == 2
	and out[0]["data"]["splits"]["test"]["users_left_out"] == 1'
succeeds "semantic ids alone" -d "$scratch/two" --format json item 1
holds "are what is read" '"text": "<a_1>"'
fails "no titles" 1 "dataset 'two': no item has a title: set items index" -d "$scratch/two" --items title cases
fails "no semantic ids" 1 "dataset 'bear-office': no item has a semantic id: set items title" \
	-d "$shared/datasets/bear-office" --items index cases
fails "another file" 1 "is not a directory" -d "$data/Office.item.json" info
finish
