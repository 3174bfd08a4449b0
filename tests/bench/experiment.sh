#!/usr/bin/env bash
# What training does to wrong pruning (Issue 3): small models trained from nothing on published data, each objective from
# the same weights on the same batches, measured over the same test cases.
#
#     tests/bench/experiment.sh [ROW…]      in the build folder, or with BUILD=FOLDER; rows: titles ids published
#
# Everything is kept in $OUT; a stage whose result stands there is not done again, so that a run can be stopped at any
# moment and gone on with. A row's seeds run side by side, one thread each. The tables go to standard output as Markdown,
# what is being done and how long it took to standard error and $OUT/times.
#
#   titles      apao-office, leave-last-out, titles cut to about 10 tokens: msl from fresh weights, then sft, msl, bear
#               and direct race from there. bear's λ and ξ are those of the best search recall on validation cases.
#               Control: the msl model with its logits sharpened (τ below 1).
#   ids         apao-office as semantic ids: sft, msl and bear from fresh weights.
#   published   as titles, on the published split of bear-office, whose test cases are later in time than its training.
set -u

build=${BUILD:-$PWD}
source=$(cd "$(dirname "$0")/../.." && pwd)
shared=${BEAMSCOPE_SHARED:-$source/../shared}
out=${OUT:-experiment}
seeds=${SEEDS:-1 2}
cases=${CASES:-5000}              # test cases measured, at most
cases_after=${CASES_AFTER:-1500}  # likewise with mask after, where the exact search has much more to look at
choosing=${CHOOSING:-1000}        # validation cases on which λ and ξ are chosen
teach_steps=${TEACH_STEPS:-900}   # before the race
race_steps=${RACE_STEPS:-300}
ids_steps=${IDS_STEPS:-1200}
grid=${GRID:-4/0.5 1/1 4/2}       # λ/ξ of bear
taus=${TAUS:-0.85 0.7}            # of the control
survival=1,2,5,10,20,50           # beam widths
export XDG_CONFIG_HOME=/nonexistent OPENBLAS_NUM_THREADS=1

die() {
	printf 'experiment: %s\n' "$*" >&2
	exit 1
}

# stage RESULT COMMAND…: runs the command unless its result is there; what it prints goes beside the result. A file of
# findings that was begun is gone on with.
stage() {
	local result=$1 began=$SECONDS
	shift
	[ ! -e "$result.done" ] || return 0
	case $result in
	*.jsonl) ;; # gone on with
	*) rm -rf "$result" ;;
	esac
	mkdir -p "$(dirname "$result")"
	printf 'experiment: %s\n' "$result" >&2
	if ! "$@" >"$result.text" 2>&1; then
		sed "s|^|experiment: $result: |" "$result.text" >&2
		return 1
	fi
	printf '%s\t%s\t%s s\n' "$(date +%FT%T)" "$result" $((SECONDS - began)) >>"$out/times"
	touch "$result.done"
}

# "bear-lambda4-xi0.5" of "4/0.5", and "bear:lambda=4:xi=0.5"
runner() { printf 'bear-lambda%s-xi%s' "${1%/*}" "${1#*/}"; }
objective() { printf 'bear:lambda=%s:xi=%s' "${1%/*}" "${1#*/}"; }
bears() {
	for pair in $grid; do printf ',%s' "$(objective "$pair")"; done
}

# measure RESULT MODEL SPLIT COUNT OPTION…
measure() {
	local result=$1 model=$2 split=$3 count=$4
	shift 4
	stage "$result" "$program" "${common[@]}" -m "$model" --split "$split" --budget 0 --scan 0 "$@" \
		diagnose --limit "$count" --beams "$survival" --rank-limit 50 -o "$result"
}

# best FILE…: the name of the one with the best search recall.
best() {
	if [ $# -eq 1 ]; then
		basename "$1" .jsonl
		return
	fi
	"$program" compare "$@" --format tsv |
		awk -F'\t' '$2 == "" && $3 == "search_recall@10" && (name == "" || $4 > most) { name = $1; most = $4 }
			END { print name; exit name == "" }'
}

# The race from the weights in $1: then the choice of λ and ξ, and all of its models on the test cases.
race_and_measure() {
	local from=$1 dir=$2 chosen files=()
	stage "$dir/race" "$program" "${common[@]}" -m "$from" train "sft,msl$(bears),direct:lambda=1:xi=1" --full \
		--targets "$targets" --steps "$race_steps" --batch 32 --lr 5e-4 --schedule linear --clip 1 \
		--eval-cases 0 --out "$dir/race" || return 1
	if [ "$choosing" -gt 0 ]; then
		for pair in $grid; do
			measure "$dir/valid/$(runner "$pair").jsonl" "$dir/race/$(runner "$pair")/last" valid "$choosing" ||
				return 1
			files+=("$dir/valid/$(runner "$pair").jsonl")
		done
		chosen=$(best "${files[@]}") || return 1
	else
		chosen='nothing, there are none'
	fi
	measure "$dir/test/msl.jsonl" "$dir/race/msl/last" test "$cases" || return 1
	measure "$dir/test/sft.jsonl" "$dir/race/sft/last" test "$cases" || return 1
	for pair in $grid; do
		measure "$dir/test/$(runner "$pair").jsonl" "$dir/race/$(runner "$pair")/last" test "$cases" || return 1
	done
	measure "$dir/test/direct.jsonl" "$dir/race/direct-lambda1-xi1/last" test "$cases" || return 1
	for tau in $taus; do
		measure "$dir/test/msl-tau$tau.jsonl" "$dir/race/msl/last" test "$cases" --tau "$tau" || return 1
	done
	printf '%s\n' "$chosen" >"$dir/chosen"
}

# Fresh weights, then msl. Many more steps than these and the model grows too sure of the training data: the likelihood of
# validation cases falls, and with the sharper distribution so does what the search loses.
teach() {
	local dir=$1
	stage "$dir/fresh" "$program" "${common[@]}" new "$dir/fresh" --layers 3 --hidden 128 --heads 4 --ffn 352 \
		--vocab 2700 || return 1
	stage "$dir/taught" "$program" "${common[@]}" -m "$dir/fresh" train msl --full --targets "$targets" \
		--steps "$teach_steps" --batch 32 --lr 1e-3 --schedule cosine --warmup 50 --clip 1 --eval-every 150 \
		--eval-cases 500 --out "$dir/taught" || return 1
	race_and_measure "$dir/taught/msl/last" "$dir"
}

titles() {
	local common=(-d "$shared/datasets/apao-office" --template sequence --title-words 5 --max-history 10 --threads 1 --seed "$1")
	local targets=all
	teach "$out/titles/$1"
}

# The published split has no validation cases.
published() {
	local choosing=0
	local common=(-d "$shared/datasets/bear-office" --template sequence --title-words 5 --max-history 10 --threads 1 --seed "$1")
	local targets=last
	teach "$out/published/$1"
}

ids() {
	local dir=$out/ids/$1
	local common=(-d "$shared/datasets/apao-office" --template sequence --items index --max-history 10 --threads 1 --seed "$1")
	stage "$dir/fresh" "$program" "${common[@]}" new "$dir/fresh" --layers 3 --hidden 128 --heads 4 --ffn 352 || return 1
	stage "$dir/race" "$program" "${common[@]}" -m "$dir/fresh" train "sft,msl$(bears)" --full --targets all \
		--steps "$ids_steps" --batch 32 --lr 1e-3 --warmup 50 --clip 1 --eval-cases 0 --out "$dir/race" || return 1
	for pair in $grid; do
		measure "$dir/valid/$(runner "$pair").jsonl" "$dir/race/$(runner "$pair")/last" valid "$choosing" || return 1
		measure "$dir/test/$(runner "$pair").jsonl" "$dir/race/$(runner "$pair")/last" test "$cases" || return 1
	done
	measure "$dir/test/msl.jsonl" "$dir/race/msl/last" test "$cases" || return 1
	measure "$dir/test/sft.jsonl" "$dir/race/sft/last" test "$cases" || return 1
	measure "$dir/test/sft-after.jsonl" "$dir/race/sft/last" test "$cases_after" --mask after || return 1
	for tau in $taus; do
		measure "$dir/test/msl-tau$tau.jsonl" "$dir/race/msl/last" test "$cases" --tau "$tau" || return 1
	done
	best "$dir"/valid/*.jsonl >"$dir/chosen"
}

# The files of a folder, msl first.
ordered() {
	local file
	printf '%s\n' "$1/msl.jsonl"
	for file in "$1"/*.jsonl; do
		[ "$file" = "$1/msl.jsonl" ] || printf '%s\n' "$file"
	done
}

# The cases of all seeds as cases of one split, in one file a model: numbered anew, and as if of one model.
pool() {
	local row=$1 seed file
	rm -rf "$out/$row/pooled"
	mkdir -p "$out/$row/pooled"
	for seed in $seeds; do
		for file in "$out/$row/$seed/test"/*.jsonl; do
			awk -v seed="$seed" '{
				sub(/^{"case": "/, "&" seed ":")
				match($0, /"index": [0-9]+/)
				number = substr($0, RSTART + 9, RLENGTH - 9) + 1000000 * seed
				sub(/"index": [0-9]+/, "\"index\": " number)
				sub(/"split_cases": [0-9]+/, "\"split_cases\": 1000000000")
				sub(/"model_digest": "[^"]*"/, "\"model_digest\": \"pooled\"")
				sub(/"data_digest": "[^"]*"/, "\"data_digest\": \"pooled\"")
				print
			}' "$file" >>"$out/$row/pooled/${file##*/}"
		done
	done
}

# table FILE…: Markdown of the figures, of the survival by beam width, and of each of the others in pairs against the
# first. One of fewer cases than the first is compared over those.
table() {
	local first=$1 file whole=() fewer=()
	for file; do
		if [ "$(wc -l <"$file")" -eq "$(wc -l <"$first")" ]; then
			whole+=("$file")
		else
			fewer+=("$file")
		fi
	done
	{
		[ ${#whole[@]} -eq 1 ] || "$program" compare "${whole[@]}" --format tsv || return 1
		for file in "${fewer[@]}"; do
			"$program" compare "$first" "$file" --format tsv || return 1
		done
	} | awk -F'\t' -v widths="$survival" '
		function percent(name, figure, digits) {
			return sprintf("%.*f", digits, 100 * value[name, figure])
		}
		function interval(name, figure) {
			return percent(name, figure, 1) " [" sprintf("%.1f, %.1f", 100 * low[name, figure], 100 * high[name, figure]) "]"
		}
		function flips(name, figure) {
			return gained[name, figure] " new, " lost[name, figure] " gone, p " sprintf("%.2g", p[name, figure])
		}
		function difference(name, figure) {
			return sprintf("%+.2f [%+.2f, %+.2f]", 100 * value[name, figure], 100 * low[name, figure], 100 * high[name, figure])
		}
		$1 == "name" { next }
		$2 == "" && !(($1, $3) in value) && $3 == "hr@10" { order[++all] = $1 }
		$2 != "" && !($1 in seen) { seen[$1]; other[++others] = $1; first = $2 }
		{
			key = ($2 == "" ? $1 : "against " $1)
			if ((key, $3) in value)
				next
			value[key, $3] = $4; low[key, $3] = $5; high[key, $3] = $6; count[key, $3] = $7; n[key, $3] = $8
			gained[key, $3] = $9; lost[key, $3] = $10; p[key, $3] = $11
		}
		END {
			print "| | cases | HR@10 % | NDCG@10 % | exact HR % | exact NDCG % | wrongly pruned of exact rank ≤ 10, % | search recall@10 % | condition violated % | lucky hits | nats an item |"
			print "|---|---|---|---|---|---|---|---|---|---|---|"
			for (i = 1; i <= all; i++) {
				x = order[i]
				printf "| %s | %d | %s | %s |", x, n[x, "hr@10"], percent(x, "hr@10", 2), percent(x, "ndcg@10", 2)
				printf " %s | %s |", percent(x, "exact_hr@10", 2), percent(x, "exact_ndcg@10", 2)
				printf " %d/%d", count[x, "pruning_rate"], n[x, "pruning_rate"]
				printf n[x, "pruning_rate"] > 0 ? " = " interval(x, "pruning_rate") " |" : " |"
				printf " %s | %s |", interval(x, "search_recall@10"), percent(x, "condition_violated", 1)
				printf " %d/%d | %.3f |\n", count[x, "lucky"], n[x, "lucky"], value[x, "nll_before"]
			}
			print "\nHR@B / exact HR@B / lost of the latter, %\n"
			gsub(/,/, " | ", widths)
			print "| B | " widths " |"
			w = split(widths, width, " \\| ")
			printf "|---|"
			for (k = 1; k <= w; k++)
				printf "---|"
			print ""
			for (i = 1; i <= all; i++) {
				printf "| %s |", order[i]
				for (k = 1; k <= w; k++)
					printf " %s / %s / %s |", percent(order[i], "survival_hr@" width[k], 1),
						percent(order[i], "survival_exact_hr@" width[k], 1),
						percent(order[i], "survival_pruning_rate@" width[k], 0)
				print ""
			}
			if (others == 0)
				exit
			print "\n| against " first " | pairs | wrongly pruned | hits | search recall | NDCG | exact NDCG |"
			print "|---|---|---|---|---|---|---|"
			for (i = 1; i <= others; i++) {
				x = "against " other[i]
				printf "| %s | %d | %s | %s |", other[i], n[x, "hit@10"], flips(x, "pruned"), flips(x, "hit@10")
				printf " %s | %s |", difference(x, "search_recall@10"), difference(x, "ndcg@10")
				printf " %s |\n", difference(x, "exact_ndcg@10")
			}
		}'
}

tables() {
	local row=$1 seed files
	printf '\n## %s\n' "$row"
	for seed in $seeds; do
		mapfile -t files < <(ordered "$out/$row/$seed/test")
		printf '\n### seed %s; chosen on validation cases: %s\n\n' "$seed" "$(cat "$out/$row/$seed/chosen")"
		table "${files[@]}"
	done
	[ "$(wc -w <<<"$seeds")" -gt 1 ] || return 0
	pool "$row"
	mapfile -t files < <(ordered "$out/$row/pooled")
	printf '\n### the seeds together\n\n'
	table "${files[@]}"
}

program=$build/src/beamscope
[ -x "$program" ] || die "there is no $program: run this in the build folder, or say BUILD=FOLDER"
[ -d "$shared/datasets" ] || die "the datasets are not in $shared"
mkdir -p "$out" || exit 1
[ $# -gt 0 ] || set -- titles ids published
for row in "$@"; do
	jobs=()
	for seed in $seeds; do
		"$row" "$seed" &
		jobs+=($!)
	done
	for job in "${jobs[@]}"; do
		wait "$job" || die "$row has failed; what stands in $out is kept"
	done
	tables "$row"
done
