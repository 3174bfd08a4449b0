# Lines at random, good and broken, as a script that goes on after a failure: each line that fails is told once, with its
# place, and what stands behind them all is run.
. "$(dirname "$0")/lib.sh"
lines=${BEAMSCOPE%/*}/../tests/unit/print_lines
[ -x "$lines" ] || skip_all "tests/unit/print_lines is not built"
lines=$(realpath "$lines")
cd "$scratch" || exit 99
mkdir data && cp -R "$top_srcdir/data/lesson" "$top_srcdir/data/templates" data/ || exit 99
export HOME=$scratch XDG_CONFIG_HOME=$scratch XDG_STATE_HOME=$scratch BEAMSCOPE_DATADIR=data

# many SEED: a script of 1,000 lines at random; what they have spoilt is set right again every now and then.
many() {
	"$lines" 1000 "$1" | awk 'NR % 20 == 1 { print "load model data/lesson/table.csv; load data data/lesson; beam 1" }
		{ print } END { print "let x the end; let x --format tsv" }'
}

for seed in 1 2; do
	many $seed >script
	rm -f beamscope/config
	"$BEAMSCOPE" -k -f script >out 2>err </dev/null
	status=$?
	[ "$status" -eq 1 ] || [ "$status" -eq 2 ]
	ok $? "the script comes to its end, seed $seed"
	tail -n 1 out >why
	tail -n 1 out | grep -qx "x	the end"
	ok $? "its last line is run, seed $seed"
	[ "$(wc -l <err)" -gt 300 ]
	ok $? "many of its lines fail, seed $seed"
	! grep -vnP '^beamscope: [^:]+:[0-9]+: [^\x00-\x1f\x7f]*[^\x00-\x20\x7f.:,;]$' err >why
	ok $? "each failure is a sentence with its place, seed $seed"
	iconv -f UTF-8 -t UTF-8 err >why 2>&1
	ok $? "in UTF-8, seed $seed"
	awk -F: 'NR == FNR { if (/;/) several[FNR] = 1; next } $2 == " script" && !($3 in several) && seen[$3]++' script err >why
	[ ! -s why ]
	ok $? "a line of one statement fails once, seed $seed"

	# Without -k, which a line may have saved, the first failure ends it, and is told in the same words.
	head -n 1 err >first
	rm -f beamscope/config
	"$BEAMSCOPE" -f script >out 2>err </dev/null
	same "without -k the first failure ends it, seed $seed" first err
done
finish
