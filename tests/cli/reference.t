# The reference model and catalogue through the command line, as a token dataset: beams and scores of the hf search.
. "$(dirname "$0")/lib.sh"
[ -d "$shared/reference/A" ] || skip_all "no ../shared"
command -v python3 >/dev/null 2>&1 || skip_all "no python3"

python3 - "$shared/reference/A" "$scratch" <<'END' || exit 99
import csv, json, os, sys
source, to = sys.argv[1:]
data = json.load(open(source + "/data.json"))
for name, items in data["catalog"].items():
    where = f"{to}/{name}"
    os.mkdir(where)
    with open(where + "/items.csv", "w") as f:
        rows = csv.writer(f, lineterminator="\n")
        rows.writerow(["item_id", "tokens"])
        rows.writerows([i, " ".join(map(str, t))] for i, t in enumerate(items))
    with open(where + "/cases.csv", "w") as f:
        rows = csv.writer(f, lineterminator="\n")
        rows.writerow(["case_id", "prompt_tokens", "item_id"])
        for i, prompt in enumerate(data["prompts"]):
            positive = data["positives"][i] if name == "main" else 0
            rows.writerow([f"p{i}", " ".join(map(str, prompt)), positive])
    json.dump({"eos_token_id": data["eos"]}, open(where + "/meta.json", "w"))
END

# compare CATALOGUE MASK END: all prompts and widths of one setting in one run of the program.
compare() {
	python3 - "$BEAMSCOPE" "$shared/reference/A" "$scratch" "$@" >"$scratch/why" 2>&1 <<'END'
import json, subprocess, sys
program, source, to, name, mask, end = sys.argv[1:]
mode = {"before": "customCBS", "after": "CBS"}[mask]
rule = {"eos": "eostrie", "leaf": "official"}[end]
runs = [r for r in json.load(open(f"{source}/beam_{name}.json")) if r["mode"] == mode and r["rule"] == rule]
script = "".join(f"beam p{r['prompt']} --beam {r['B']}\n" for r in runs)
out = subprocess.run([program, "-m", f"{source}/model", "-d", f"{to}/{name}", "--search", "hf", "--mask", mask, "--end", end,
                      "--scan", "0", "--format", "json", "-f", "-"], input=script, capture_output=True, text=True)
lines = out.stdout.splitlines()
bad = near = compared = 0
if out.stderr or out.returncode or len(lines) != len(runs) or not runs:
    sys.exit(f"{len(lines)} of {len(runs)} runs: {out.stderr}")
for line, r in zip(lines, runs):
    got = json.loads(line)
    wanted = [b for b in r["beams"] if b["ok"]]
    same = [x["tokens"] for x in got["results"]] == [b["tokens"] for b in wanted] and all(
        abs(x["score"] - b["score"]) <= 1e-4 * max(1, abs(b["score"])) for x, b in zip(got["results"], wanted))
    gaps = [float(r[g]) for g in ("step_gap", "final_gap")]
    compared += 1
    if not same and min(gaps) < 3e-4:
        near += 1
    elif not same:
        bad += 1
        print(f"prompt {r['prompt']} B {r['B']}: {[(x['item'], x['score']) for x in got['results']]}"
              f" not {[(b['item'], b['score']) for b in wanted]}")
print(f"{compared} runs, {near} near-ties, {bad} differ")
sys.exit(bad > 0 or near * 5 > compared)
END
	ok $? "catalogue $1, mask $2, end $3"
}

for catalogue in main narrow tiny; do
	for mask in before after; do
		for end in eos leaf; do
			compare "$catalogue" "$mask" "$end"
		done
	done
done

# Exhaustive scores of every positive item.
python3 - "$BEAMSCOPE" "$shared/reference/A" "$scratch" >"$scratch/why" 2>&1 <<'END'
import json, struct, subprocess, sys
program, source, to = sys.argv[1:]
data = json.load(open(source + "/data.json"))
n = len(data["catalog"]["main"])

def exhaustive(name):
    raw = open(f"{source}/exh_main_{name}_f64.npy", "rb").read()
    at = 10 + struct.unpack("<H", raw[8:10])[0]
    return struct.unpack(f"<{(len(raw) - at) // 8}d", raw[at:])

before, after = exhaustive("masked_eostrie"), exhaustive("full")
script = "".join(f"score p{i}\nexact p{i} --top 5\n" for i in range(len(data["prompts"])))
out = subprocess.run([program, "-m", f"{source}/model", "-d", f"{to}/main", "--format", "json", "-f", "-"], input=script,
                     capture_output=True, text=True)
lines = [json.loads(line) for line in out.stdout.splitlines()]
bad = []
for p, positive in enumerate(data["positives"]):
    score, exact = lines[2 * p], lines[2 * p + 1]
    for mask, reference in (("before", before), ("after", after)):
        wanted = reference[p * n + positive]
        if abs(sum(score[mask]["logp"]) - wanted) > 1e-4 * max(1, abs(wanted)):
            bad.append((p, mask, sum(score[mask]["logp"]), wanted))
    row = sorted(before[p * n:(p + 1) * n], reverse=True)
    if any(abs(x["logp"] - w) > 1e-4 * max(1, abs(w)) for x, w in zip(exact["items"], row)):
        bad.append((p, "exact", exact["items"], row[:5]))
    if exact["positive"]["rank"] != 1 + sum(x > before[p * n + positive] for x in before[p * n:(p + 1) * n]):
        bad.append((p, "rank", exact["positive"]))
print(*bad, out.stderr, sep="\n")
sys.exit(bool(bad) or len(lines) != 2 * len(data["prompts"]))
END
ok $? "scores and exact ranks of the positive items"
finish
