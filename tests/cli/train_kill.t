# A race that is killed again and again, at any moment, comes to the very numbers of one that is left alone.
. "$(dirname "$0")/lib.sh"
reference=$top_srcdir/tests/num/reference/A
command -v python3 >/dev/null 2>&1 || skip_all "no python3"
# Checkpoints are synced by the hundred: where there is a file system in memory, they go there.
if [ -w /dev/shm ]; then
	rm -rf "$scratch"
	scratch=$(mktemp -d /dev/shm/beamscope-cli.XXXXXX) || exit 99
fi

python3 - "$reference" "$scratch/main" <<'END_PYTHON' || exit 99
import csv, json, os, sys
source, to = sys.argv[1:]
data = json.load(open(source + "/data.json"))
os.mkdir(to)
def table(name, rows):
    with open(f"{to}/{name}", "w") as f:
        csv.writer(f, lineterminator="\n").writerows(rows)
words = lambda tokens: " ".join(map(str, tokens))
table("items.csv", [["item_id", "tokens"]] + [[i, words(t)] for i, t in enumerate(data["catalog"]["main"])])
for split in "cases.csv", "cases_train.csv":
    table(split, [["case_id", "prompt_tokens", "item_id"]] +
          [[f"p{i}", words(p), data["positives"][i]] for i, p in enumerate(data["prompts"])])
json.dump({"eos_token_id": data["eos"]}, open(to + "/meta.json", "w"))
END_PYTHON

objectives=sft,bear,direct:K=3
options="--steps 120 --batch 3 --lr 1e-3 --schedule cosine --warmup 5 --clip 1 --eval-every 10 --eval-cases 3 --save-every 2"
common=(-m "$reference/model" -d "$scratch/main" --seed 3 --threads 2)

# begin_or_go_on DIR OPTION…: as a user would after a crash.
begin_or_go_on() {
	local dir=$1
	shift
	if [ -e "$dir/run.json" ]; then
		exec env --default-signal=TERM "$BEAMSCOPE" train --resume "$dir"
	else
		# shellcheck disable=SC2086
		exec env --default-signal=TERM "$BEAMSCOPE" "${common[@]}" train $objectives $options "$@" --out "$dir"
	fi >"$scratch/out" 2>"$scratch/err" </dev/null
}

# until_done MOST SIGNAL DIR OPTION…: starts and kills it, each time after at most so many microseconds, until it comes to
# its end by itself. The delays grow, so that it does so however slow the machine has become. Times killed in $kills.
until_done() {
	local most=$1 signal=$2 pid delay
	shift 2
	kills=0
	while :; do
		begin begin_or_go_on "$@"
		pid=$!
		delay=$((SRANDOM % most))
		sleep $((delay / 1000000)).$(printf '%06d' $((delay % 1000000)))
		kill -s "$signal" "$pid" 2>"$scratch/why"
		wait "$pid" 2>"$scratch/why"
		status=$?
		[ "$status" -ne 0 ] || break
		kills=$((kills + 1))
		[ "$kills" -lt 1000 ] || break
		most=$((most + most / 10 + 1))
	done
	: >"$scratch/why"
}

# killed_often SIGNAL DIR OPTION…: the same with delays of a part of what the whole run took, and again with smaller
# ones where the machine has become so much faster since that it was hardly killed.
killed_often() {
	local most=$((whole_took / 16 + 1))
	while :; do
		until_done "$most" "$@"
		[ "$kills" -lt 3 ] && [ "$most" -gt 1 ] && [ "$status" -eq 0 ] || break
		rm -rf "$2"
		most=$((most / 4 + 1))
	done
}

microseconds() {
	printf '%s' "${EPOCHREALTIME//[.,]/}"
}

# same_run NAME DIR FILE: the logs but for the clock, and of every runner the weights and moments, bit for bit.
same_run() {
	local runner
	for dir in whole "$2"; do
		sed -E 's/, "(search_)?seconds": [^,}]*//g' "$scratch/$dir/log.jsonl" >"$scratch/$dir.log"
	done
	same "$1: the log" "$scratch/whole.log" "$scratch/$2.log"
	for runner in sft bear direct-K3; do
		cmp "$scratch/whole/$runner/last/$3" "$scratch/$2/$runner/last/$3" >"$scratch/why" 2>&1 &&
			cmp "$scratch/whole/$runner/last/trainer.safetensors" \
				"$scratch/$2/$runner/last/trainer.safetensors" >"$scratch/why" 2>&1
		ok $? "$1: $runner"
	done
	[ -z "$(find "$scratch/$2" -name '*.tmp')" ]
	ok $? "$1: nothing is left half written"
}

for kind in full lora; do
	case $kind in
	full) what=--full file=model.safetensors ;;
	lora) what="--lora-rank 2" file=adapter_model.safetensors ;;
	esac
	rm -rf "$scratch/whole"
	began=$(microseconds)
	# shellcheck disable=SC2086
	run "${common[@]}" train $objectives $options $what --out "$scratch/whole"
	whole_took=$(($(microseconds) - began))
	ok "$status" "$kind: a whole run"
	for signal in KILL TERM; do
		# shellcheck disable=SC2086
		killed_often $signal "$scratch/$kind-$signal" $what
		[ "$status" -eq 0 ] && [ "$kills" -ge 3 ]
		ok $? "$kind: done, with SIG$signal on the way"
		printf '# %d times\n' "$kills"
		same_run "$kind, SIG$signal" "$kind-$signal" "$file"
	done
done
finish
