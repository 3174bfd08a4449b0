# The bundled demo: its generator gives the data that is there, and its models show what they are there to show.
. "$(dirname "$0")/lib.sh"
demo=$top_srcdir/data/demo
process=${top_builddir-$top_srcdir/build}/data/demo/demo-process

mkdir "$scratch/written"
"$process" write "$scratch/written" >"$scratch/why" 2>&1
ok $? "the generator writes the data"
for file in id2name4Rec.json train.csv valid.csv test.csv; do
	cmp "$scratch/written/$file" "$demo/$file" >"$scratch/why" 2>&1
	ok $? "$file is what the generator writes"
done
"$process" next 117 76 375 >"$scratch/out" 2>"$scratch/why"
awk -F'\t' 'NR > 1 { sum += $1; n++; if (NR > 2 && $1 > last) exit 2; last = $1 }
	END { exit !(n == 458 && sum > 0.999 && sum < 1.001) }' "$scratch/out"
ok $? "next gives all items, the most probable first, with probabilities that sum to 1"
holds "and the companion of a paint first" "358	Ottoline Water Brush, Medium Tip"
for line in "" "next 459" "next x" "write" "perfect $demo/sft 0"; do
	# shellcheck disable=SC2086
	"$process" $line >"$scratch/why" 2>&1
	[ $? -eq 2 ]
	ok $? "refused: '$line'"
done
"$process" perfect "$demo/sft" 10 50 >"$scratch/why"
awk -F'\t' 'NR == 2 { split($4, a, "/"); ten = a[1] / a[2] } NR == 3 { split($4, a, "/"); fifty = a[1] / a[2] }
	END { exit !(ten > 0.15 && ten < 0.35 && fifty < 0.02) }' "$scratch/why"
ok $? "a perfect model loses items in a beam of 10, and hardly any in one of 50"

run beam 312 --format json
for wanted in '"kind": "incorrectly-pruned"' '"pruned_at": 4' '"exact_rank": 1' '"smallest_beam": 11'; do
	holds "the case that opens: $wanted" "$wanted"
done
run -m "$demo/bear" -d "$demo" beam 312 --format json
holds "and with BEAR" '"kind": "retrieved"'

# lost MODEL: of the first 200 cases, those that are incorrectly pruned.
lost() {
	for id in $(seq 200); do printf 'beam %s\n' "$id"; done >"$scratch/script"
	"$BEAMSCOPE" -m "$demo/$1" -d "$demo" --format json --scan 0 -f "$scratch/script" | grep -c '"kind": "incorrectly-pruned"'
}
sft=$(lost sft) bear=$(lost bear)
echo "sft $sft, bear $bear" >"$scratch/why"
[ "$sft" -ge 15 ] && [ "$bear" -ge 3 ] && [ $((2 * bear)) -le $((sft + 6)) ]
ok $? "BEAR loses visibly less than SFT"
finish
