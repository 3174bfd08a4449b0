# Training through the command line: the reference's curves, what is saved and gone on with, signals, and what is refused.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3"
reference=$top_srcdir/tests/num/reference/A
model=$reference/model
data=$scratch/data

# The reference's prompts as a token dataset, the same cases in all splits, and its batches.
python3 - "$reference" "$scratch" <<'END' || exit 99
import csv, json, os, sys
source, to = sys.argv[1:]
data = json.load(open(source + "/data.json"))
os.mkdir(to + "/data")
with open(to + "/data/items.csv", "w") as f:
    rows = csv.writer(f, lineterminator="\n")
    rows.writerow(["item_id", "tokens"])
    rows.writerows([i, " ".join(map(str, t))] for i, t in enumerate(data["catalog"]["main"]))
for split in "cases", "cases_train", "cases_valid":
    with open(f"{to}/data/{split}.csv", "w") as f:
        rows = csv.writer(f, lineterminator="\n")
        rows.writerow(["case_id", "prompt_tokens", "item_id"])
        for i, prompt in enumerate(data["prompts"]):
            rows.writerow([f"p{i}", " ".join(map(str, prompt)), data["positives"][i]])
json.dump({"eos_token_id": data["eos"]}, open(to + "/data/meta.json", "w"))
with open(to + "/batches", "w") as f:
    for pairs in json.load(open(source + "/train/train.json"))["batch_pairs"]:
        f.write(" ".join(f"p{p}" for p in pairs) + "\n")
END

# train ARG…
train() {
	run -m "$model" -d "$data" train "$@"
}

# losses LOG [STEPS]: objective, step, loss and norm of every step, the first STEPS of each objective.
losses() {
	python3 - "$@" <<'END'
import json, sys
steps = int(sys.argv[2]) if len(sys.argv) > 2 else 10**9
for line in open(sys.argv[1]):
    v = json.loads(line)
    if "loss" in v and v["step"] <= steps:
        print(v["objective"], v["step"], v["loss"], v["grad_norm"])
END
}

# Figures differ in their last digits from one processor to the next, times from run to run.
masked() {
	local name=$1 file=$top_srcdir/tests/cli/golden/$1
	sed -e "s|$top_srcdir|TOP|g; s|$scratch|SCRATCH|g" -e '/^tokens a second/d; /^time in/d' \
		-e 's/\([0-9]\.[0-9][0-9]\)[0-9]*/\1/g' -e 's/"\(seconds\|tokens_per_second\|search_seconds\|memory\)": [0-9.e-]*/"\1": 0/g' \
		-e 's/"threads": [0-9]*/"threads": 0/' "$scratch/out" >"$scratch/got"
	case $name in
	*.json) sed -i -e 's/, "/,\n"/g; s/, {/,\n{/g' "$scratch/got" && sed -i -e 's/\(: -\?[0-9]*\.[0-9]\)[0-9e-]*/\1/' "$scratch/got" ;;
	esac
	[ -z "${GENERATE-}" ] || cp "$scratch/got" "$file"
	same "golden $name" "$file" "$scratch/got"
}

# told NAME TEXT: the last output holds the text, wherever its lines end.
told() {
	cp "$scratch/out" "$scratch/why"
	tr '\n' ' ' <"$scratch/out" | grep -qF -- "$2"
	ok $? "$1"
}

# A race over the reference's batches: its curves, its record in all forms.
train sft,msl,bear,bear:K=5:xi=1:lambda=1 --full --steps 20 --batches "$scratch/batches" --lr 1e-3 -B 5 --out "$scratch/race"
masked train.txt
python3 - "$reference/train/train.json" "$scratch/race/log.jsonl" >"$scratch/why" 2>&1 <<'END'
import json, sys
runs = json.load(open(sys.argv[1]))["runs"]
names = {"sft": "full_lml", "msl": "full_msl", "bear": "full_bear", "bear-K5-xi1-lambda1": "full_bear_K5_xi1.0_lam1.0"}
seen = {name: 0 for name in names}
for line in open(sys.argv[2]):
    v = json.loads(line)
    if "loss" not in v:
        continue
    run, i = runs[names[v["objective"]]], v["step"] - 1
    for key, wanted in ("loss", run["loss"][i]), ("grad_norm", run["grad_norm"][i]):
        if abs(v[key] - wanted) > 1e-4 * abs(wanted):
            sys.exit(f"{v['objective']} step {v['step']}: {key} {v[key]}, not {wanted}")
    seen[v["objective"]] += 1
if set(seen.values()) != {20}:
    sys.exit(f"steps: {seen}")
END
ok $? "the log has the reference's losses and norms"
for name in sft msl bear bear-K5-xi1-lambda1; do
	[ -s "$scratch/race/$name/last/model.safetensors" ] && [ -s "$scratch/race/$name/last/config.json" ]
	ok $? "$name is saved as a model"
done
succeeds "a trained model loads" -m "$scratch/race/bear/last" -d "$data" beam p1

train msl,bear --steps 4 --batch 4 --seed 3 -B 5 --format json --out "$scratch/lora"
masked train.json
python3 -m json.tool "$scratch/out" >"$scratch/why" 2>&1 && [ "$(wc -l <"$scratch/out")" -eq 1 ]
ok $? "the record is one line of JSON"
cp "$scratch/out" "$scratch/record.json"
succeeds "a trained adapter loads" -m "$model" -a "$scratch/lora/msl/last" -d "$data" beam p1
eval "set -- $(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["next"][0])' "$scratch/record.json")"
shift
succeeds "the way to go on that the record names is one" "$@" beam p1
train msl --steps 2 --batch 4 --eval-cases 3 --format tsv
[ "$(wc -l <"$scratch/out")" -eq 2 ] && [ "$(head -1 "$scratch/out" | tr '\t' '\n' | wc -l)" -eq "$(tail -1 "$scratch/out" | tr '\t' '\n' | wc -l)" ]
ok $? "TSV has a row an objective"
train msl --steps 2 --batch 4 --eval-cases 0
holds "without --out it says that nothing is saved" "Nothing was saved"
holds "without evaluation it says so" "Nothing was evaluated"
train msl --steps 1 --batch 4 --eval-cases 3 --eval-split test
told "the split of the evaluation is said" "3 held-out cases of the test split"
train msl --steps 1 --batch 4 --eval-cases 3
told "it is the valid split where there is one" "3 held-out cases of the valid split"
mkdir "$scratch/unvalidated"
cp "$data/items.csv" "$data/cases.csv" "$data/cases_train.csv" "$data/meta.json" "$scratch/unvalidated"
run -m "$model" -d "$scratch/unvalidated" train msl --steps 1 --eval-cases 3
told "without one it is the test split, and that is said" "There is no valid split, so these are test cases"
train bear --protocol published --batch 4 --lr 1e-3 --eval-cases 0 --out "$scratch/published"
python3 - "$scratch/published/run.json" >"$scratch/why" 2>&1 <<'END'
import json, sys
v = json.load(open(sys.argv[1]))
wanted = {"lr": 1e-3, "batch": 4, "epochs": 10, "warmup": 20, "schedule": "linear", "clip": 1.0, "updates": 30}
lora = {"r": 8, "alpha": 16.0, "dropout": 0.05, "targets": "q_proj,v_proj"}
got = {k: v[k] for k in wanted}, {k: v["lora"][k] for k in lora}
if got != (wanted, lora):
    sys.exit(f"{got}")
END
ok $? "--protocol published, and what is said comes before it"

# Going on needs nothing but the folder, from anywhere, and changes no option.
mkdir "$scratch/elsewhere"
touch "$scratch/lora/run.json.1-0.tmp" "$scratch/lora/log.jsonl.1-0.tmp" "$scratch/lora/notes.tmp"
(cd "$scratch/elsewhere" && run train --resume ../lora --steps 9 --eval-cases 0 && exit "$status")
ok $? "--resume finds model, data and settings"
[ "$(cd "$scratch/lora" && echo *.tmp)" = notes.tmp ]
ok $? "and removes what a killed run was writing"
train msl,bear --steps 9 --batch 4 --seed 3 -B 5 --eval-cases 0 --out "$scratch/whole"
losses "$scratch/lora/log.jsonl" >"$scratch/a"
losses "$scratch/whole/log.jsonl" >"$scratch/b"
same "a run that was gone on with has the curve of one that was not" "$scratch/b" "$scratch/a"
run -c "train --resume $scratch/lora --steps 10 --eval-cases 0" -c 'set model' -c 'set beam' --format json
grep -q '"name": "model", "value": null' "$scratch/out" && grep -q '"name": "beam", "value": "10"' "$scratch/out"
ok $? "and leaves the options as they were"
run -c "load model $model" -c "load data $data" -c "load adapter $scratch/lora/msl/last" \
	-c "train --resume $scratch/lora --steps 11 --eval-cases 0" -c 'set adapter' --format json
[ "$status" -eq 0 ] && grep -qF '"value": "'"$scratch/lora/msl/last"'"' "$scratch/out"
ok $? "an adapter that was loaded to be looked at does not stand in the way"
fails "another learning rate" 1 "was begun with lr" train --resume "$scratch/lora" --lr 1e-2
fails "another objective" 1 "was begun with the objectives" train sft --resume "$scratch/lora"
fails "parameters of objectives that are as they are" 2 "leave --K, --xi and --lambda out" train --resume "$scratch/lora" --lambda 4
fails "fewer steps" 1 "not fewer" train --resume "$scratch/lora" --steps 3
# altered NAME MEMBER VALUE: a run whose run.json says another thing.
altered() {
	mkdir "$scratch/$1"
	sed "s|\"$2\": [^,]*|\"$2\": $3|" "$scratch/lora/run.json" >"$scratch/$1/run.json"
	! cmp -s "$scratch/$1/run.json" "$scratch/lora/run.json" || exit 99
}

altered negative batch -5
fails "a run whose batches are less than nothing" 1 '"batch" cannot be -5' train --resume "$scratch/negative"
altered split batch 2.5
fails "a run whose batches are parts of sequences" 1 '"batch" cannot be 2.5' train --resume "$scratch/split"
altered cold tau 0
fails "a run without a temperature" 1 "out of range" train --resume "$scratch/cold"
altered nameless name 7
fails "a run whose objectives have no names" 1 "has no name" train --resume "$scratch/nameless"
altered outside name '"msl-\/..\/..\/lora\/msl"'
fails "a run whose objectives' folders are elsewhere" 1 "has no name" train --resume "$scratch/outside"
altered gone model '"/none"'
fails "a run whose model has gone" 1 "'/none'" train --resume "$scratch/gone"
fails "a folder that holds no run" 1 "holds no training run" train --resume "$scratch/data"

# Signals. `set -m` lets background jobs hear SIGINT; the log says how far a run is.
# further DIR N: the step N after the last one that the log of a run that has ended holds.
further() {
	echo $(($(grep -o '"step": [0-9]*' "$1/log.jsonl" | tail -1 | cut -d' ' -f2) + $2))
}

# until_step DIR STEP: until the run that was started has made this step, and a little longer.
until_step() {
	tail --pid="$pid" -n +1 -F "$1/log.jsonl" 2>/dev/null | grep -qm1 "\"step\": $2,"
}

# start ARG…: in the background, its pid in $pid. Signals that the shell was told to ignore, as by nohup, count here.
start() {
	set -m
	env --default-signal=INT,TERM "$BEAMSCOPE" -m "$model" -d "$data" train "$@" >"$scratch/out" 2>"$scratch/err" </dev/null &
	pid=$!
	set +m
}

# stops SIGNAL: the run that was started ends with status 1 and a line that says how to go on.
stops() {
	kill "-$1" "$pid"
	wait "$pid"
	status=$?
	{ echo "status $status" && cat "$scratch/err"; } >"$scratch/why"
	[ "$status" -eq 1 ] && [ "$(wc -l <"$scratch/err")" -eq 1 ] && grep -q "to go on: beamscope train --resume $2\$" "$scratch/err" &&
		[ ! -s "$scratch/out" ]
	ok $? "SIG$1: saved, exit status 1, and a line that says how to go on"
}

start msl,direct --steps 1000000 --batch 4 --full --eval-cases 0 --out "$scratch/signals"
until_step "$scratch/signals" 3
stops INT "$scratch/signals"
for signal in TERM KILL INT; do
	step=$(further "$scratch/signals" 30)
	start --resume "$scratch/signals"
	until_step "$scratch/signals" "$step"
	if [ "$signal" = KILL ]; then
		kill -KILL "$pid"
		wait "$pid" 2>/dev/null
	else
		stops "$signal" "$scratch/signals"
	fi
done
train msl,direct --steps "$step" --batch 4 --full --eval-cases 0 --out "$scratch/quiet"
losses "$scratch/signals/log.jsonl" "$step" >"$scratch/a"
losses "$scratch/quiet/log.jsonl" >"$scratch/b"
same "stopped three times and killed once, the curve is that of an unbroken run" "$scratch/b" "$scratch/a"

# catches PID: does the process still catch SIGINT? Its handler is taken away when it was called.
catches() {
	sed -n 's/^SigCgt://p' "/proc/$1/status" 2>/dev/null | grep -qiE '[2367abef]$'
}

if [ -r /proc/self/status ]; then
	# Long steps, so that both signals come within one. Where the machine is too busy for it, the first one has stopped
	# the run already, and it is tried again.
	train msl --steps 1 --accumulate 300 --batch 10 --full --eval-cases 0 --out "$scratch/killed"
	for _ in {1..20}; do
		step=$(further "$scratch/killed" 1)
		start --resume "$scratch/killed" --steps 1000
		until_step "$scratch/killed" "$step"
		kill -INT "$pid"
		while catches "$pid"; do :; done
		kill -INT "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		status=$?
		[ "$status" -eq 1 ] || break
	done
	[ "$status" -eq 130 ]
	ok $? "a second SIGINT ends the program at once, in the middle of a step"
	succeeds "and the checkpoint before it is whole" -m "$scratch/killed/msl/last" -d "$data" beam p1
	step=$(further "$scratch/killed" 1)
	start --resume "$scratch/killed"
	until_step "$scratch/killed" "$step"
	stops INT "$scratch/killed"
else
	skip "a second SIGINT" "no /proc"
fi

# Progress is for terminals: the line is there, and taken away before the results.
sees_progress() {
	python3 - "$BEAMSCOPE" -m "$model" -d "$data" train sft,bear --steps 300 --batch 4 --eval-every 150 --eval-cases 3 >"$scratch/why" 2>&1 <<'END'
import os, pty, subprocess, sys
read, write = pty.openpty()
env = dict(os.environ, TERM="xterm")
p = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=write, env=env)
os.close(write)
text = b""
while True:
    try:
        part = os.read(read, 4096)
    except OSError:
        break
    if not part:
        break
    text += part
print(text.decode())
lines = text.decode().split("\r\x1b[K")
last = text.decode().replace("\r\n", "\n").rsplit("\n", 1)[1]
good = (p.wait() == 0 and any(l.startswith("step ") and "/300 " in l and "tokens/s" in l for l in lines)
        and "step 150, bear: NDCG@10" in text.decode() and last.endswith("\x1b[K"))
sys.exit(not good)
END
}
if has_pty; then
	sees_progress
	ok $? "a terminal sees how far it is, and every evaluation"
else
	skip "a terminal sees how far it is, and every evaluation" "no pseudo-terminal"
fi

# What is refused, each with a sentence, and before anything is written.
lesson=$top_srcdir/data/lesson
fails "an unknown objective" 2 "there is no objective 'foo'" train foo
fails "no objective" 2 "OBJECTIVES is missing" train
fails "a parameter that no objective has" 2 "'depth=3' after 'bear'" train bear:depth=3
fails "a parameter that this objective has not" 2 "no setting but tau" train sft:lambda=3
fails "a parameter out of range" 2 "K must be a whole number" train bear:K=0
fails "the same objective twice" 2 "stands twice" train bear,bear
fails "all weights and an adapter" 2 "--full trains all weights" train sft --full --lora-rank 4
fails "steps and epochs" 2 "give one of them" train sft --steps 4 --epochs 2
fails "an empty batch" 2 "--batch 0 is out of range" train sft --batch 0
fails "a patience without evaluations" 2 "--eval-every" train sft --patience 2
fails "checkpoints without a folder" 2 "--out DIR" train sft --save-every 2
fails "--out with --resume" 2 "leave --out out" train --resume "$scratch/lora" --out "$scratch/other"
fails "a run for a model" 1 "give the checkpoint of an objective" -m "$scratch/race" -d "$data" info
fails "an objective's folder for an adapter" 1 "/last" -m "$model" -a "$scratch/lora/msl" -d "$data" info
fails "a probability table" 1 "has no weights to train" "${on_lesson[@]}" train sft
mkdir "$scratch/untrained"
cp "$data/items.csv" "$data/cases.csv" "$data/meta.json" "$scratch/untrained"
fails "no train split" 1 "has no train split" -m "$model" -d "$scratch/untrained" train sft
fails "a folder that cannot be made" 1 "$scratch/batches" -m "$model" -d "$data" train sft --out "$scratch/batches/run"
fails "a file for a folder" 1 "is no directory" -m "$model" -d "$data" train sft --out "$scratch/batches"
fails "a folder that holds a run" 1 "holds a training run already" -m "$model" -d "$data" train sft --out "$scratch/race"
fails "too little memory" 1 "of memory" -m "$model" -d "$data" train sft --max-memory 0.05
printf 'p1 p2\np1 p77\n' >"$scratch/wrong"
fails "a batch of unknown cases" 1 "$scratch/wrong:2" -m "$model" -d "$data" train sft --batches "$scratch/wrong"
fails "a target that the model lacks" 1 "'c_attn'" -m "$model" -d "$data" train sft --lora-targets c_attn
cp -r "$reference/train/lora_init" "$scratch/misfit"
chmod -R u+w "$scratch/misfit"
sed -i 's/"r": 4/"r": 5/' "$scratch/misfit/adapter_config.json"
fails "an adapter that does not fit" 1 "$scratch/misfit" -m "$model" -a "$scratch/misfit" -d "$data" train sft
fails "another rank than the adapter's" 2 "is trained on as it is" -m "$model" -a "$reference/train/lora_init" -d "$data" train sft --lora-rank 4
[ ! -e "$scratch/other" ]
ok $? "what was refused wrote nothing"
finish
