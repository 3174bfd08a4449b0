# A live adapter gives the beams of the model into which a separate program has merged it.
. "$(dirname "$0")/lib.sh"
reference=$top_srcdir/tests/num/reference/A
command -v python3 >/dev/null 2>&1 || skip_all "no python3"

# The main catalogue as a token dataset, and the merged model.
python3 - "$reference" "$scratch" <<'END' || exit 99
import csv, json, os, struct, sys
source, to = sys.argv[1:]
data = json.load(open(source + "/data.json"))
os.mkdir(to + "/main")
with open(to + "/main/items.csv", "w") as f:
    rows = csv.writer(f, lineterminator="\n")
    rows.writerow(["item_id", "tokens"])
    rows.writerows([i, " ".join(map(str, t))] for i, t in enumerate(data["catalog"]["main"]))
with open(to + "/main/cases.csv", "w") as f:
    rows = csv.writer(f, lineterminator="\n")
    rows.writerow(["case_id", "prompt_tokens", "item_id"])
    for i, prompt in enumerate(data["prompts"]):
        rows.writerow([f"p{i}", " ".join(map(str, prompt)), data["positives"][i]])
json.dump({"eos_token_id": data["eos"]}, open(to + "/main/meta.json", "w"))

def tensors(path):
    raw = open(path, "rb").read()
    n, = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + n])
    header.pop("__metadata__", None)
    for name, t in header.items():
        a, b = t["data_offsets"]
        yield name, t["shape"], struct.unpack(f"<{(b - a) // 4}f", raw[8 + n + a:8 + n + b])

lora = {name: (shape, values) for name, shape, values in tensors(source + "/train/lora_bear/adapter_model.safetensors")}
header, blocks, at = {"__metadata__": {"format": "pt"}}, [], 0
for name, shape, values in tensors(source + "/model/model.safetensors"):
    stem = "base_model.model." + name[:-len(".weight")]
    if stem + ".lora_A.weight" in lora:
        (r, n), a = lora[stem + ".lora_A.weight"]
        b = lora[stem + ".lora_B.weight"][1]
        values = [w + 2 * sum(b[i // n * r + k] * a[k * n + i % n] for k in range(r)) for i, w in enumerate(values)]
    header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + 4 * len(values)]}
    blocks.append(struct.pack(f"<{len(values)}f", *values))
    at += 4 * len(values)
os.mkdir(to + "/merged")
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
open(to + "/merged/model.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + b"".join(blocks))
open(to + "/merged/config.json", "wb").write(open(source + "/model/config.json", "rb").read())
END

# beams OPTION…: every case at three widths, one line each, in $scratch/out.
for case in $(seq 0 9); do
	for width in 1 4 10; do echo "beam p$case --beam $width"; done
done >"$scratch/script"
beams() {
	run "$@" -d "$scratch/main" --format json -f "$scratch/script"
}

for search in plain hf; do
	beams -m "$scratch/merged" --search "$search"
	cp "$scratch/out" "$scratch/merged.out"
	beams -m "$reference/model" --search "$search"
	cp "$scratch/out" "$scratch/base.out"
	beams -m "$reference/model" -a "$reference/train/lora_bear" --search "$search"
	cp "$scratch/out" "$scratch/live.out"
	python3 - "$scratch" >"$scratch/why" 2>&1 <<'END'
import json, sys
merged, base, live = ([json.loads(l) for l in open(f"{sys.argv[1]}/{name}.out")] for name in ("merged", "base", "live"))
near = lambda a, b: abs(a - b) <= 1e-4 * max(1, abs(b))
same = lambda x, y: [r["tokens"] for r in x["results"]] == [r["tokens"] for r in y["results"]] and all(
    near(r["score"], s["score"]) and near(r["logp"], s["logp"]) for r, s in zip(x["results"], y["results"]))
bad = [(x, y) for x, y in zip(live, merged) if not same(x, y)]
other = sum(not same(x, y) for x, y in zip(live, base))
print(len(live), len(merged), len(base), "runs;", other, "differ from the base;", *bad)
sys.exit(bool(bad) or not len(live) == len(merged) == len(base) == 30 or other < 20
         or any(x["settings"]["adapter"] is None for x in live))
END
	ok $? "beams of the $search search over a live adapter and over the merged model"
done

succeeds "a model and its adapter are described" -m "$reference/model" -a "$reference/train/lora_bear" --format tsv info model
for line in $'model.adapter.r\t4' $'model.adapter.alpha\t8' $'model.adapter.targets\tq_proj,v_proj' \
	$'model.adapter.matrices\t4' $'model.adapter.parameters\t1024' "$(printf 'model.adapter.path\t%s' "$reference/train/lora_bear")"; do
	holds "${line%%$'\t'*}" "$line"
done
succeeds "their tensors are listed" -m "$reference/model" -a "$reference/train/lora_bear" --format tsv info tensors 0.self_attn.q_proj
cat >"$scratch/wanted" <<'END'
name	shape	elements	dtype
model.layers.0.self_attn.q_proj.weight	32 32	1024	F32
base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight	4 32	128	F32
base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight	32 4	128	F32
END
same "by name, with shape and type" "$scratch/wanted" "$scratch/out"
fails "no tensor of that name" 1 "no tensor has 'r_proj' in its name" -m "$reference/model" info tensors r_proj
fails "a part of a name without tensors" 2 "'info tensors q_proj'" -m "$reference/model" info model q_proj
run -m "$reference/model" --format json -c "load adapter $reference/train/lora_bear" -c "set adapter ''" -c "info model"
[ "$(grep -c '"adapter": {' "$scratch/out")" -eq 1 ] && [ "$(tail -n 1 "$scratch/out" | grep -c '"adapter": null')" -eq 1 ]
ok $? "an adapter is put on and taken away"

# It goes with the model that it was trained on, and a refusal leaves what is there.
mkdir -p "$scratch/half"
cp "$reference/train/lora_bear/adapter_config.json" "$scratch/half"
fails "an adapter without weights" 1 "$scratch/half/adapter_model.safetensors" -m "$reference/model" -a "$scratch/half" info model
fails "no such adapter" 1 "adapter '/none': No such file" -m "$reference/model" -a /none info model
fails "a model in place of an adapter" 1 "is a whole model: give it with -m" -m "$reference/model" -a "$reference/model" info model
fails "an adapter in place of a model" 1 "give it with -a" -m "$reference/train/lora_bear" info model
head -c 4000 "$reference/train/lora_bear/adapter_model.safetensors" >"$scratch/half/adapter_model.safetensors"
fails "an adapter cut short" 1 "$scratch/half/adapter_model.safetensors" -m "$reference/model" -a "$scratch/half" info model
sed -i 's/"r": 4/"r": 8/' "$scratch/half/adapter_config.json"
cp "$reference/train/lora_bear/adapter_model.safetensors" "$scratch/half"
fails "an adapter of another rank" 1 "has the shape [4, 32], and for this model and rank 8 it must be [8, 32]" \
	-m "$reference/model" -a "$scratch/half" info model

# A vocabulary that grew by three tokens: the adapter brings embedding and tokenizer, and what is exported has both.
architectures=$top_srcdir/tests/num/reference/architectures
cd "$scratch" || exit 99
case $architectures in /*) ;; *) architectures=$OLDPWD/$architectures ;; esac
mkdir words grown
cp "$architectures/qwen2/config.json" "$architectures/qwen2/model.safetensors" words
cp "$architectures/qwen2/resized/"* grown
python3 - <<'END' || exit 99
import json, string
for folder, more in ("words", []), ("grown", ["<a_1>", "<a_2>", "<b_1>"]):
    special = ["<s>", "</s>"]
    vocab = {word: i for i, word in enumerate([*special, *string.ascii_lowercase, "_", " ", ",", "."])}
    added = [{"id": 32 + i, "content": word, "special": False} for i, word in enumerate(more)]
    added += [{"id": vocab[word], "content": word, "special": True} for word in special]
    for token in added:
        token.update(single_word=False, lstrip=False, rstrip=False, normalized=False)
    model = {"type": "BPE", "vocab": vocab, "merges": [], "unk_token": None, "byte_fallback": False}
    json.dump({"added_tokens": added, "normalizer": None, "pre_tokenizer": None, "post_processor": None,
               "decoder": None, "model": model}, open(folder + "/tokenizer.json", "w"))
END
succeeds "an adapter of a larger vocabulary" -m words -a grown --format tsv info model
for line in $'model.vocabulary\t35' $'model.tied\ttrue' $'model.adapter.saved\tmodel.embed_tokens.weight'; do
	holds "${line%%$'\t'*}" "$line"
done
succeeds "goes with its own tokenizer" -m words -a grown --format json tokenize 'a<a_2>b'
holds "which has the new tokens" '33'
succeeds "the model alone" -m words --format json tokenize 'a_b'
succeeds "both are exported as one" -m words -a grown export model joined
succeeds "and open as one" -m joined --format json tokenize 'a<a_2>b'
holds "with the new tokens" '33'
succeeds "the adapter is exported" -m words -a grown export adapter again
holds "and says what it holds" 'held whole: 1 tensor'
succeeds "and goes over the model again" -m words -a again --format tsv info model
holds "with its vocabulary" $'model.vocabulary\t35'
finish
