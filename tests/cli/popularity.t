# Popularity: every item of published datasets and of the demo, beside a count of another kind.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3"

# The count goes through the users' sequences: a case adds to its user's what does not overlap with the end of it, which
# is the whole story where all cases are there, in order of time.
cat >"$scratch/count.py" <<'EOF'
import ast, collections, csv, glob, json, subprocess, sys

program, data = sys.argv[1:3]
count = collections.Counter()
inter = glob.glob(data + "/*.inter.json")
if inter:
    for items in json.load(open(inter[0])).values():
        if len(items) > 3:
            count.update(str(i) for i in items[:-2])
    ids = list(json.load(open(glob.glob(data + "/*.item.json")[0])))
else:
    users = collections.defaultdict(list)
    for row in csv.DictReader(open(data + "/train.csv")):
        known, case = users[row["user_id"]], ast.literal_eval(row["item_ids"])
        overlap = next(n for n in range(min(len(known), len(case)), -1, -1) if known[len(known) - n:] == case[:n])
        known += case[overlap:]
    for items in users.values():
        count.update(map(str, items))
    ids = list(json.load(open(data + "/id2name4Rec.json")))
with open(sys.argv[3], "w") as f:
    f.writelines(f"item {i}\n" for i in ids)
command = [program, "-d", data, "--format", "json", "-f", sys.argv[3]]
run = subprocess.run(command, check=True, capture_output=True, text=True)
got = {r["item"]: r["popularity"] for r in map(json.loads, run.stdout.splitlines())}
wrong = [(i, got[i], count[i]) for i in ids if got[i] != count[i]]
assert not wrong and len(got) == len(ids), (len(wrong), wrong[:5])
print(sum(got.values()))
EOF

# counted DATA
counted() {
	if [ ! -d "$1" ]; then
		skip "${1##*/}" "no ../shared"
		return
	fi
	python3 "$scratch/count.py" "$BEAMSCOPE" "$1" "$scratch/script" >"$scratch/total" 2>"$scratch/why"
	ok $? "${1##*/}: the items of all $(cat "$scratch/total") interactions"
}

counted "$top_srcdir/data/demo"
counted "$shared/datasets/bear-office"
counted "$shared/datasets/apao-office"
finish
