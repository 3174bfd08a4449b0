# export data: any dataset as token ids gives the same searches as before, and stands there whole or not at all.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3 to look at the files"
cd "$scratch" || exit 99
sft=$top_srcdir/data/demo/sft more=()

# searches NAME FOLDER CASES WORD…: a token dataset, searched with the model alone (and ${more[@]}), gives what the words give.
searches() {
	local name=$1 folder=$2 cases=$3 commands=()
	shift 3
	for id in $cases; do commands+=(-c "beam $id --trace" -c "exact $id"); done
	"$BEAMSCOPE" --format json "$@" "${commands[@]}" >before.jsonl 2>"$scratch/why" &&
		"$BEAMSCOPE" --format json -m "$sft" -d "$folder" "${more[@]}" "${commands[@]}" >after.jsonl 2>"$scratch/why" &&
		python3 - >"$scratch/why" 2>&1 <<-'END'
		import json, sys
		gone = {"history", "user", "template", "max_history", "items", "title_words", "text", "popularity", "seconds", "data", "title", "index", "prefix"}
		def ids(v):
		    """Without what only texts have; "items" is a setting where it is no list."""
		    if isinstance(v, dict):
		        return {k: ids(x) for k, x in v.items() if k not in gone or (k == "items" and isinstance(x, list))}
		    return [ids(x) for x in v] if isinstance(v, list) else v
		before, after = ([ids(json.loads(line)) for line in open(name)] for name in ("before.jsonl", "after.jsonl"))
		assert len(before) == len(after) > 0
		for a, b in zip(before, after):
		    assert a.get("steps") or a.get("complete"), a.keys()
		    for key in sorted(set(a) | set(b)):
		        if a.get(key) != b.get(key):
		            print(key, json.dumps(a.get(key))[:1000], json.dumps(b.get(key))[:1000], sep="\n")
		            sys.exit(1)
		END
	ok $? "$name"
}

succeeds "the demo as token ids" export data demo --format json
python3 - "$scratch/out" >"$scratch/why" 2>&1 <<'END'
import csv, json, os, sys
record = json.loads(open(sys.argv[1]).read())
assert record["splits"] == {"test": 1000, "valid": 500, "train": 10000} and record["cases"] == 11500, record
assert record["items"] == 458 and record["left_out"] == 0, record
assert record["bytes"] == sum(os.path.getsize("demo/" + f) for f in os.listdir("demo")), record
assert sorted(os.listdir("demo")) == ["cases.csv", "cases_train.csv", "cases_valid.csv", "items.csv", "meta.json", "vocab.csv"]
rows = list(csv.DictReader(open("demo/items.csv", newline="")))
assert len(rows) == 458 and all(r["tokens"].split()[-1] == "1" for r in rows)
pieces = {int(r["token_id"]): r["text"] for r in csv.DictReader(open("demo/vocab.csv", newline=""))}
assert len(pieces) == record["pieces"]
for row in rows:
    assert "".join(pieces[int(t)] for t in row["tokens"].split()[:-1]) == row["title"], row
meta = json.load(open("demo/meta.json"))
assert meta["eos_token_id"] == record["eos"] == 1 and meta["first_case"] == "312" and "settings" not in meta, meta
END
ok $? "all of it, by splits"
searches "the same searches" demo "312 1 223 1000"
more=(--split valid)
searches "and those of another split" demo "1 500" --split valid
more=()
succeeds "the case to begin with is the same" -m "$sft" -d demo --format json -c 'diagnose --limit 30 -o after.lines'
succeeds "a diagnosis" --format json -c 'diagnose --limit 30 -o before.lines'
python3 - >"$scratch/why" 2>&1 <<'END'
import json
a, b = ([v for v in map(json.loads, open(f)) if "rank" in v] for f in ("before.lines", "after.lines"))
assert len(a) == len(b) == 30
for x, y in zip(a, b):
    for key in ("case", "verdict", "rank", "positive", "results", "prompt_tokens"):
        assert x.get(key) == y.get(key), (key, x.get(key), y.get(key))
END
ok $? "its findings are the same"
succeeds "of options those that are not in the ids" export data options --beam 3 --mask after --tau 0.5 --max-history 2 --search hf
grep -q '"max_history": 2' options/meta.json && searches "go with it" options "312 7" --beam 3 --mask after --tau 0.5 --max-history 2 --search hf
succeeds "a token dataset" -m "$sft" -d demo export data again
for file in items.csv cases.csv cases_valid.csv cases_train.csv vocab.csv; do same "is the same: $file" demo/$file again/$file; done

# Titles and ids as strangers write them, a positive item that is not there, an item and a case without a title.
mkdir hostile && python3 - <<'END'
import json
titles = ["=cmd|' /C calc'!A1", "-1+1", "@sum", "two\nlines, \"quoted\"", "\r", "  blanks around  ", "'", "Halden Studio", "Halden Studio",
          "\u5e83\u3044 \U0001f58c", "", "a\tb\x07", "\ufeffmark"]
json.dump({str(i): t for i, t in enumerate(titles)}, open("hostile/id2name4Rec.json", "w"))
with open("hostile/test.csv", "w") as f:
    f.write("user_id,item_ids\n")
    for ids in ([0, 1, 3], [4, 5, 0], [7, 8, 99], [11, 9], [12, 2], [6]):
        f.write('1,"%s"\n' % ids)
END
succeeds "hostile titles" -d hostile -m "$sft" --template sequence export data tokens --format json
searches "give the same searches" tokens "1 2 3 4 5" -d hostile -m "$sft" --template sequence
python3 - >"$scratch/why" 2>&1 <<'END'
import csv, json
titles = json.load(open("hostile/id2name4Rec.json"))
rows = list(csv.DictReader(open("tokens/items.csv", newline="", encoding="utf-8")))
assert {r["item_id"]: r["title"] for r in rows} == titles, rows
END
ok $? "and are the same to the byte"

mkdir ids && python3 - <<'END'
import json
json.dump({"u%d" % u: [1 + (u + k) % 6 for k in range(4)] for u in range(5)}, open("ids/T.inter.json", "w"))
json.dump({str(i): ["<a_%d>" % (i % 2), "<b_%d>" % (i % 3)] for i in range(1, 7)}, open("ids/T.index.json", "w"))
END
on_ids=(-m codes -d ids --items index --template sequence)
succeeds "a model of semantic ids" new codes "${on_ids[@]:2}" --layers 1 --hidden 16 --heads 1
succeeds "semantic ids" "${on_ids[@]}" export data codes-tokens --beam 4
sft=codes
searches "give the same searches" codes-tokens "1 2 5" "${on_ids[@]}" --beam 4
grep -q '^1,[0-9 ]*,<a_1><b_1>$' codes-tokens/items.csv
ok $? "and stand in the place of titles"
succeeds "a table and its dataset" "${on_lesson[@]}" export data lesson
for file in items.csv cases.csv vocab.csv; do
	python3 -c 'import csv, sys; a, b = (list(csv.reader(open(f, newline=""))) for f in sys.argv[1:]); assert a == b, (a, b)' \
		"$top_srcdir/data/lesson/$file" lesson/$file >"$scratch/why" 2>&1
	ok $? "are what they were: $file"
done

cp -r demo kept
fails "a place that is taken" 1 "directory 'demo' is there already and is not empty: name a new one" export data demo
diff -r demo kept >"$scratch/why"
ok $? "stays as it was"
fails "a file in its place" 1 "'demo/items.csv' is there already and is no directory" export data demo/items.csv
fails "standard output" 2 "'export data' writes a new folder: give it a name" export data -
fails "a form" 2 "'export data' takes no --as: it writes a new folder" export data more --as csv
fails "a folder that is not there" 1 "cannot create a directory beside 'none/more'" export data none/more
fails "no tokenizer" 1 "has no tokenizer" -m "$top_srcdir/data/lesson/table.csv" -d "$top_srcdir/data/demo" export data more
(ulimit -f 100 && trap '' XFSZ && run export data more && [ $status -eq 1 ] && grep -q 'more.*cases' "$scratch/err")
ok $? "a full disk is said"
[ -z "$(find . -name 'more*')" ]
ok $? "after failures nothing is left"
finish
