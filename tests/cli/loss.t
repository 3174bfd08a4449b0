# The loss command over the reference model and batches: values, and gradients as another program reads them.
. "$(dirname "$0")/lib.sh"
reference=$top_srcdir/tests/num/reference/A
command -v python3 >/dev/null 2>&1 || skip_all "no python3"

# The main catalogue as a token dataset. Case n0 has no item; the item of case e0 begins another item.
python3 - "$reference" "$scratch" <<'END' || exit 99
import csv, json, os, sys
source, to = sys.argv[1:]
data = json.load(open(source + "/data.json"))
items = data["catalog"]["main"]
begins = next(i for i, a in enumerate(items) if any(len(b) > len(a) and b[:len(a) - 1] == a[:-1] for b in items))
os.mkdir(to + "/main")
with open(to + "/main/items.csv", "w") as f:
    rows = csv.writer(f, lineterminator="\n")
    rows.writerow(["item_id", "tokens"])
    rows.writerows([i, " ".join(map(str, t))] for i, t in enumerate(items))
with open(to + "/main/cases.csv", "w") as f:
    rows = csv.writer(f, lineterminator="\n")
    rows.writerow(["case_id", "prompt_tokens", "item_id"])
    for i, prompt in enumerate(data["prompts"]):
        rows.writerow([f"p{i}", " ".join(map(str, prompt)), data["positives"][i]])
    rows.writerow(["n0", "1 5", ""])
    rows.writerow(["e0", "1 5", begins])
json.dump({"eos_token_id": data["eos"]}, open(to + "/main/meta.json", "w"))
END
args=(-m "$reference/model" -d "$scratch/main")

# python NAME CODE: with the last record as `d`, and what reads losses and tensors.
python() {
	python3 - "$reference" "$scratch" >"$scratch/why" 2>&1 <<END
import json, math, struct, sys
source, scratch = sys.argv[1:]
def tensors(path):
    raw = open(path, "rb").read()
    n, = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + n])
    assert header.pop("__metadata__", {"format": "pt"}) == {"format": "pt"}
    out = {}
    for name, t in header.items():
        a, b = t["data_offsets"]
        assert t["dtype"] == "F32" and b - a == 4 * math.prod(t["shape"])
        out[name] = t["shape"], struct.unpack(f"<{(b - a) // 4}f", raw[8 + n + a:8 + n + b])
    return out
def compare(ours, theirs):
    ours, theirs = tensors(ours), tensors(theirs)
    assert ours.keys() == theirs.keys(), ours.keys() ^ theirs.keys()
    for name, (shape, values) in theirs.items():
        assert ours[name][0] == shape, name
        largest = max(map(abs, values))
        off = max(abs(a - b) for a, b in zip(ours[name][1], values, strict=True))
        assert off <= 1e-4 * largest, f"{name}: off by {off}, where the largest is {largest}"
d = [json.loads(line) for line in open(scratch + "/out")]
$2
END
	ok $? "$1"
}

# Every setting of a batch in one run of the program.
settings() {
	python3 - "$reference" "$1" <<'END'
import json, sys
batch = json.load(open(f"{sys.argv[1]}/loss/batch{sys.argv[2]}.json"))
cases = ",".join(f"p{p}" for p in batch["pairs"])
for name, s in batch["settings"].items():
    kind = {"lml": "sft"}.get(s["kind"], s["kind"])
    print(f"loss {kind} --cases {cases}", f"--K {s['K']} --xi {s['xi']} --lambda {s['lam']}" if "K" in s else "")
END
}
for batch in 0 1; do
	settings "$batch" >"$scratch/script"
	run "${args[@]}" --format json -f "$scratch/script"
	python "losses of batch $batch" "
batch = json.load(open(source + '/loss/batch$batch.json'))
assert len(d) == len(batch['settings']) > 3, len(d)
for got, (name, s) in zip(d, batch['settings'].items()):
    assert list(got) == ['objective', 'parameters', 'cases', 'tokens', 'loss'], list(got)
    assert list(got['parameters']) == ['tau', 'K', 'xi', 'lambda']
    assert got['cases'] == [f'p{p}' for p in batch['pairs']] and got['tokens'] == batch['n_tokens']
    assert abs(got['loss'] - s['loss_f64']) <= 1e-4 * s['loss_f64'], (name, got['loss'], s['loss_f64'])"
done

succeeds "bear with all gradients" "${args[@]}" --format json loss bear --cases p0,p1,p2,p3,p4,p5,p6,p7 --full --grad "$scratch/grad"
python "they are the reference's" \
	"compare(scratch + '/grad', source + '/loss/batch0_grads_bear_K10_xi2.75_lam0.25.safetensors')"
succeeds "msl with an adapter's gradients" "${args[@]}" --format json -a "$reference/train/lora_init" loss msl \
	--cases p6,p9,p2,p5 --grad "$scratch/grad"
python "they are the reference's" "compare(scratch + '/grad', source + '/train/lora_step0_grads_msl.safetensors')"

run "${args[@]}" --format json loss sft --cases p1 --grad "$scratch/fresh"
cp "$scratch/out" "$scratch/fresh.out"
python "a fresh adapter has B = 0, and so a gradient of B only" "
t = tensors(scratch + '/fresh')
assert len(t) == 8
assert all(any(v) == name.endswith('.lora_B.weight') for name, (_, v) in t.items())
assert all(8 in shape for shape, _ in t.values())"
run "${args[@]}" --format json loss sft --cases p1 --grad "$scratch/again"
same "the same one again" "$scratch/fresh" "$scratch/again"
same "and the same loss" "$scratch/fresh.out" "$scratch/out"
run "${args[@]}" --format json --seed 5 loss sft --cases p1 --grad "$scratch/again"
! cmp -s "$scratch/fresh" "$scratch/again"
ok $? "another with another seed"
run "${args[@]}" --format json --tau 0.5 loss msl --cases p1
python "the temperature is the option's" "assert d[0]['parameters']['tau'] == 0.5"
echo 'loss direct --cases p0,p1 --K 3 --lambda 0
loss msl --cases p0,p1
loss msl --cases p0,p0
loss msl --cases p0' >"$scratch/script"
run "${args[@]}" --format json -f "$scratch/script"
python "direct without lambda is msl, and a case given twice counts twice" "
assert abs(d[0]['loss'] - d[1]['loss']) < 1e-6
assert d[2]['tokens'] == 2 * d[3]['tokens'] and abs(d[2]['loss'] - d[3]['loss']) < 1e-6"

echo 'loss bear:K=3:xi=0.5:lambda=4 --cases p0,p1
loss bear --K 3 --xi 0.5 --lambda 4 --cases p0,p1' >"$scratch/script"
run "${args[@]}" --format json -f "$scratch/script"
python "parameters may stand with the objective, as for train" "assert d[0] == d[1] and d[0]['parameters']['lambda'] == 4"
fails "two objectives" 2 "give one" "${args[@]}" loss sft,msl --cases p1

golden loss.txt "${args[@]}" loss bear-reg --cases p0,p3 --K 5 --xi 1 --lambda 0.5
run "${args[@]}" --format tsv loss msl --cases p4,p1
holds "a row of TSV" $'msl\t1\t10\t2.75\t0.25\tp4 p1\t'

fails "a probability table" 1 "is a probability table: it has no weights" "${on_lesson[@]}" loss msl --cases 1
fails "no such objective" 2 "there are sft, msl, bear, bear-reg, bear-margin, direct" "${args[@]}" loss mls --cases p1
fails "no cases" 2 "--cases is missing" "${args[@]}" loss msl
fails "no such case" 1 "there is no case 'p99'" "${args[@]}" loss msl --cases p1,p99
fails "a case without an item" 1 "case 'n0' has no positive item" "${args[@]}" loss msl --cases p1,n0
fails "a hidden item" 1 "case 'e0' is hidden by end leaf" "${args[@]}" --end leaf loss msl --cases e0
fails "K of 0" 2 "--K" "${args[@]}" loss bear --cases p1 --K 0
fails "a folder that is not there" 1 "$scratch/none/grad" "${args[@]}" loss msl --cases p1 --grad "$scratch/none/grad"
finish
