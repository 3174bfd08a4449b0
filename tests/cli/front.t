# The front-end: options, scripts, output files, signals and terminals.
. "$(dirname "$0")/lib.sh"
given=("${on_lesson[@]}")

export TERM=dumb
version=$("$BEAMSCOPE" --version)
[[ $version =~ ^beamscope\ [0-9]+\.[0-9]+ ]]
ok $? "--version"
succeeds "--help" --help
holds "the help lists the commands" "run one beam search over a case"
succeeds "-h before a command" -h beam
holds "is that command's help" "beam CASE [--trace]"
succeeds "--help after a command" beam --help
holds "is the same" "beam CASE [--trace]"

fails "unknown option" 2 "no option 'bem'; did you mean 'beam'?" --bem 3 beam 1
fails "unknown letter" 2 "no option '-Z'" -Z
fails "option without a value" 2 "option 'beam' needs a value" --beam
fails "value out of range" 2 "from 1 to 100000" -B 0 beam 1
fails "no choice" 2 "before|after" --mask never beam 1
fails "unknown command" 2 "did you mean 'beam'?" baem 1
fails "ambiguous command" 2 "'cases', 'case'" ca
fails "missing argument" 2 "CASE is missing" beam
fails "command after -c" 2 "give one or the other" -c 'beam 1' beam 2
fails "repl inside a script" 2 "for the shell" -c repl

# Options before and after the command, letters and their values.
run -B3 --format=json beam 1
cp "$scratch/out" "$scratch/before"
run beam 1 --format json -B 3
same "options may stand on both sides" "$scratch/before" "$scratch/out"
run -- beam 1
ok "$status" "-- ends the options"

# Scripts.
printf '# a comment\n\nbeam 1\n  step  \nquit\nbeam nothing\n' >"$scratch/script"
succeeds "-f runs a file until quit" -f "$scratch/script"
holds "and its commands" "step 2"
"$BEAMSCOPE" "${given[@]}" -f - <"$scratch/script" >"$scratch/piped" 2>&1
same "-f - reads standard input" "$scratch/out" "$scratch/piped"
printf 'cases\nbeam 9\ncases\n' >"$scratch/script"
run -f "$scratch/script"
[ "$status" -eq 1 ] && grep -q "script:2: there is no case '9'" "$scratch/err" && [ "$(grep -c Tin "$scratch/out")" -eq 1 ]
ok $? "a script stops at its first error and says where"
fails "a script that is not there" 1 "No such file" -f "$scratch/none"
fails "an open quote" 2 "quote is not closed" -c "find 'x"
printf 'find \0x\n' >"$scratch/script"
fails "a NUL byte in a script" 1 "script:1: the line holds a NUL byte" -f "$scratch/script"
run -c 'set beam 3' -c 'beam 1' -c 'set format json' -c 'why'
[ "$status" -eq 0 ] && grep -q 'B 3' "$scratch/out" && tail -n 1 "$scratch/out" | grep -q '^{"case": "1"'
ok $? "settings last from one command of a script to the next"

# Output files.
run beam 1 --format json
cp "$scratch/out" "$scratch/wanted"
succeeds "-o" -o "$scratch/file" --format json beam 1
same "-o holds what stdout would" "$scratch/wanted" "$scratch/file"
succeeds "-o after the command" beam 1 --format json -o "$scratch/file2"
same "-o after the command holds the same" "$scratch/wanted" "$scratch/file2"
run -o "$scratch/file" -c 'beam 1' -c 'beam 9'
[ "$status" -eq 1 ]
ok $? "a script that fails"
same "leaves the output file as it was" "$scratch/wanted" "$scratch/file"
run -c 'set format json' -c "set output $scratch/set1" -c 'beam 1' -c "set output $scratch/set2" -c 'beam 2' -c "set output ''" \
	-c 'beam 1'
same "set output sends the results elsewhere" "$scratch/wanted" "$scratch/set1"
same "and back again" "$scratch/wanted" "$scratch/out"
grep -q '"case": "2"' "$scratch/set2" && [ "$(wc -l <"$scratch/set2")" -eq 1 ]
ok $? "and to a second file"
fails "-o in no directory" 1 "$scratch/none/file" -o "$scratch/none/file" beam 1
if [ -c /dev/full ]; then
	"$BEAMSCOPE" "${given[@]}" beam 1 >/dev/full 2>"$scratch/err"
	[ $? -eq 1 ] && grep -q 'beamscope: writing the results: No space left' "$scratch/err"
	ok $? "a full disk is reported"
else
	skip "a full disk is reported" "no /dev/full"
fi
(trap '' PIPE; "$BEAMSCOPE" help --roff; echo $? >"$scratch/status") 2>"$scratch/err" | true
[ ! -s "$scratch/err" ] && [ "$(cat "$scratch/status")" -le 1 ]
ok $? "a reader that goes away is no error to speak of"

# Signals: a script that waits for more is cancelled at its next command.
mkfifo "$scratch/fifo"
for signal in TERM HUP; do
	env --default-signal="$signal" "$BEAMSCOPE" "${given[@]}" -f "$scratch/fifo" >"$scratch/out" 2>"$scratch/err" &
	child=$!
	exec 3>"$scratch/fifo"
	echo 'beam 1' >&3
	until grep -q 'Incorrectly' "$scratch/out" || ! kill -0 "$child"; do :; done
	kill -s "$signal" "$child"
	(trap '' PIPE; for _ in 1 2 3; do echo 'beam 1'; done >&3) 2>/dev/null
	wait "$child"
	status=$?
	exec 3>&-
	[ "$status" -eq 1 ] && grep -q ': cancelled$' "$scratch/err"
	ok $? "SIG$signal cancels, as SIGINT does"
done

# The config file.
mkdir -p "$scratch/config/beamscope"
printf '# mine\nformat = json\n' >"$scratch/config/beamscope/config"
XDG_CONFIG_HOME=$scratch/config run why 1
grep -q '^{"case"' "$scratch/out"
ok $? "the config file is read"
printf 'format = jason\n' >"$scratch/config/beamscope/config"
export XDG_CONFIG_HOME=$scratch/config
fails "a wrong config file" 1 "config:1: option 'format' is one of text|tsv|json, not 'jason'" why 1
export XDG_CONFIG_HOME=/nonexistent

# Where the data is found.
export BEAMSCOPE_DATADIR=$scratch/none
given=()
fails "no data directory" 1 "$scratch/none/demo" beam 1
unset BEAMSCOPE_DATADIR

# On a terminal that can show no screens, the tour.
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
	script -qec "env TERM=dumb '$BEAMSCOPE'" /dev/null </dev/null >"$scratch/out" 2>&1
	grep -q 'How to go on' "$scratch/out" && ! grep -q $'\033' "$scratch/out"
	ok $? "TERM=dumb shows the tour, without escape sequences"
	printf 'beam 312\ngoto pruned\nquit\n' |
		script -qec "env TERM=xterm ACCESSIBLE=1 '$BEAMSCOPE'" /dev/null >"$scratch/out" 2>&1
	grep -q 'plain lines' "$scratch/out" && grep -q '10 kept of 13' "$scratch/out" &&
		grep -q '^11, pruned, positive item, "hope"' "$scratch/out" && ! grep -q $'\033' "$scratch/out"
	ok $? "ACCESSIBLE=1 is the prompt, in words and without escape sequences"
	script -qec "env TERM=xterm '$BEAMSCOPE' -n" /dev/null </dev/null >"$scratch/out" 2>&1
	grep -q 'How to go on' "$scratch/out" && grep -q $'\033\\[34mK' "$scratch/out"
	ok $? "-n shows the tour, in colour"
	script -qec "env TERM=xterm NO_COLOR=1 '$BEAMSCOPE' -n" /dev/null </dev/null >"$scratch/out" 2>&1
	grep -q 'How to go on' "$scratch/out" && ! grep -q $'\033' "$scratch/out"
	ok $? "NO_COLOR is honoured"
else
	skip "terminals" "no script(1)"
fi
# Descriptors that were closed are taken by nothing else.
"$BEAMSCOPE" "${given[@]}" repl <&- >"$scratch/out" 2>"$scratch/why"
ok $? "closed standard input is an end of input"
"$BEAMSCOPE" "${given[@]}" case 1 >&- 2>"$scratch/err"
[ $? -eq 1 ] && grep -q "writing the results" "$scratch/err"
ok $? "closed standard output is an error"
finish
