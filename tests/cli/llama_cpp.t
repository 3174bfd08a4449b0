# Another program's reading of the GGUF files that are written: llama.cpp, whose binding for node must be where NODE_PATH
# says, opens them, makes the same ids of texts and gives the same probabilities, as far as its arithmetic goes.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3 to write models"
here=$(cd "$(dirname "$0")" && pwd)
node "$here/llama_cpp.mjs" >/dev/null 2>&1 || skip_all "no module 'node-llama-cpp' for node"
export PYTHONDONTWRITEBYTECODE=1
cd "$scratch" || exit 99

run new words --vocab 600 --layers 1 --hidden 16 --heads 1
rope='rope_scaling={"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 16}'
for model in llama qwen2 qwen3 gpt2 llama-rope; do
	mkdir $model && cp words/tokenizer*.json $model
	if [ $model = llama-rope ]; then python3 "$here/models.py" $model llama F32 5 "$rope"; else python3 "$here/models.py" $model $model F32 5; fi
	for dtype in f32 f16 bf16 q8_0; do
		succeeds "$model as $dtype" -m $model export model $model-$dtype.gguf --dtype $dtype
	done
done

# Every token is an item, so that a search's first step has the probability of each; the prompt's ids are the case.
python3 - <<'END'
import glob, json, os
texts = ["Ellerby 12%, naïve", "  two  blanks\n\nlines\t", "Winsor & Newton's 3rd (A4)", "日本語 🧑‍🤝‍🧑 \u00a0x\u200b", "don't I'LL we'd", "a" * 99,
         "</s", "ﬁ Ⅷ e\u0301", "10,000.50 ½", ""]
prompt = [0, 430, 530, 300, 46, 371, 74, 9, 560, 17, 8, 8, 333, 599, 102]
json.dump([{"file": f, "texts": texts, "prompt": prompt} for f in sorted(glob.glob("*.gguf"))], open("jobs.json", "w"))
os.mkdir("all")
with open("all/items.csv", "w") as f:
    f.write("item_id,tokens\n" + "".join("%d,%d\n" % (i, i) for i in range(608) if i != 1))
with open("all/cases.csv", "w") as f:
    f.write("case_id,prompt_tokens,item_id\n1,%s,7\n" % " ".join(map(str, prompt)))
json.dump({"eos_token_id": 1}, open("all/meta.json", "w"))
with open("script", "w") as f:
    for text in texts:
        if "\n" not in text:  # a command is one line
            f.write("tokenize -- '%s'\n" % text.replace("'", "'\\''"))
END
node "$here/llama_cpp.mjs" jobs.json >theirs.jsonl 2>"$scratch/why"
ok $? "llama.cpp opens them all"
for file in *.gguf; do
	"$BEAMSCOPE" --format json -m $file -d all --mask after --beam 1 --others 1000 beam 1 --trace >$file.probabilities 2>>"$scratch/why" &&
		"$BEAMSCOPE" --format json -m $file -f script >$file.ids 2>>"$scratch/why"
done
python3 - >"$scratch/figures" 2>"$scratch/why" <<'END'
import json, math, sys
# How far two probabilities may be apart, as a ratio: llama.cpp rounds what it multiplies with BF16 to BF16, and what it
# multiplies with Q8_0 to 8 bits; its GELU is a table of halves.
MOST = {"f32": 1e-4, "f16": 1e-4, "bf16": 0.15, "q8_0": 0.4}
GELU = 5e-3
DIVERGENCE = {"f32": 1e-4, "f16": 1e-4, "bf16": 1e-3, "q8_0": 5e-3}
jobs = json.load(open("jobs.json"))
failed = 0
for line in open("theirs.jsonl"):
    theirs = json.loads(line)
    name, dtype = theirs["file"], theirs["file"].split("-")[-1][:-5]
    step = json.load(open(name + ".probabilities"))["steps"][0]
    ours = {c["token"]: c["step_logp"] for c in step["candidates"]}
    assert len(ours) == 607, len(ours)
    apart = max(abs(math.log(theirs["probabilities"][t]) - logp) for t, logp in ours.items())
    diverge = sum(math.exp(logp) * (logp - math.log(theirs["probabilities"][t])) for t, logp in ours.items())
    print("%-22s largest ratio of probabilities 1 %+.2g, divergence %.2g" % (name, math.expm1(apart), diverge))
    failed += math.expm1(apart) > max(MOST[dtype], GELU if "gpt2" in name else 0) or abs(diverge) > DIVERGENCE[dtype]
    ids = [json.loads(l) for l in open(name + ".ids")]
    for text, theirs_of in zip(jobs[0]["texts"], theirs["ids"]):
        if "\n" in text:
            continue
        mine = next(i["ids"] for i in ids if i["text"] == text)
        if mine != theirs_of:
            print(name, repr(text), mine, theirs_of)
            failed += 1
sys.exit(failed > 0)
END
status=$?
[ -s "$scratch/why" ] || cp "$scratch/figures" "$scratch/why"
ok $status "and has the same ids and probabilities"
sed 's/^/# /' "$scratch/figures"
finish
