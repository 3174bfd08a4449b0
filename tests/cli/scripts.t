#!/usr/bin/env bash
# The language of command lines from the shell: statements, variables, what the last command left, scripts, records.
. "$(dirname "$0")/lib.sh"
given=("${on_lesson[@]}" --format tsv)

# script LINE...: into $scratch/script.
script() { printf '%s\n' "$@" >"$scratch/script"; }

# tells NAME FILE-LINE...: stderr holds exactly these lines.
tells() {
	local name=$1
	shift
	printf '%s\n' "$@" | sed "s|SCRATCH|$scratch|" >"$scratch/wanted"
	same "$name" "$scratch/wanted" "$scratch/err"
}

succeeds "statements of a line" -c 'let a 1; let b "2; 3" # and no more; let c 4' -c let
printf 'name\tvalue\na\t1\nb\t2; 3\n' >"$scratch/wanted"
same "are run in their order" "$scratch/wanted" "$scratch/out"
fails "a statement that fails ends the line" 1 "no case '9'" -c 'beam 9; let'
succeeds "a line goes on after a backslash" -c $'let a \\\n 1' -c let

# Variables: of let, of the environment, defaults, and none of another's making.
CASE=2 run -c 'case $CASE' && grep -q positive "$scratch/out"
ok $? "the environment's variables"
fails "an unknown variable" 1 "there is no variable '\$nobody'" -c 'beam $nobody'
succeeds "a default" -c 'beam ${nobody:-1}'
run case '$CASE'
[ "$status" -eq 1 ] && grep -q "no case '\$CASE'" "$scratch/err"
ok $? "a shell's words are not replaced again"

# The last answer.
succeeds "rows" -c cases -c 'beam $2; let found $1; let found'
succeeds "members" -c 'beam 1 --beam 3; let rank $last.verdict.rank; let rank'
tail -n 1 "$scratch/out" >"$scratch/got" && printf 'rank\t1\n' >"$scratch/wanted"
same "are of the last record" "$scratch/wanted" "$scratch/got"
run beam 1 --format json
cp "$scratch/out" "$scratch/wanted"
run -c 'beam 1' -c "last --format json -o $scratch/last.json"
same "the last answer, in another form and in a file" "$scratch/wanted" "$scratch/last.json"

# Scripts.
script '#!/usr/bin/env -S beamscope -f' 'set format tsv' 'let who ${arg1:-1}' 'case $who' 'let n $arg2; let n'
succeeds "a script with arguments" -f "$scratch/script" 2 two
run -f "$scratch/script" 2
[ "$status" -eq 1 ] && grep -q "script:5: there is no variable '\$arg2': a script's arguments" "$scratch/err"
ok $? "and without one that it wants"
chmod +x "$scratch/script"
mkdir "$scratch/bin" && ln -s "$BEAMSCOPE" "$scratch/bin/beamscope"
if PATH=$scratch/bin:$PATH env -S true 2>/dev/null; then
	PATH=$scratch/bin:$PATH BEAMSCOPE_DATADIR=$top_srcdir/data "$scratch/script" 1 "two words" >"$scratch/out" 2>"$scratch/why"
	tail -n 1 "$scratch/out" | grep -qx "n	two words"
	ok $? "is a program of its own"
else
	skip "is a program of its own" "env knows no -S"
fi
script 'let a 1' "source $scratch/inner" 'let c 3' 'let'
printf 'let b 2\nbeam 9\nlet d 4\n' >"$scratch/inner"
run -f "$scratch/script"
[ "$status" -eq 1 ] && [ ! -s "$scratch/out" ]
ok $? "an error in a script's script ends both"
tells "and is told with its place" "beamscope: SCRATCH/inner:2: there is no case '9' in the test split of 'lesson': its 3 cases are '1' to '3'"
run -k -f "$scratch/script"
printf 'name\tvalue\na\t1\nb\t2\nd\t4\nc\t3\n' >"$scratch/wanted"
same "with -k both go on" "$scratch/wanted" "$scratch/out"
[ "$status" -eq 1 ] && [ "$(wc -l <"$scratch/err")" -eq 1 ]
ok $? "and the exit status says that something failed"
script 'nonsense' 'beam 9'
run -k -f "$scratch/script" -c 'let x 1' -c let
[ "$status" -eq 2 ] && [ "$(wc -l <"$scratch/err")" -eq 2 ] && grep -q '^x' "$scratch/out"
ok $? "it is that of the first failure"
script 'set keep-going on' 'beam 9' 'set keep-going off' 'let x 1' 'beam 9' 'let x 2'
run -f "$scratch/script"
[ "$status" -eq 1 ] && [ "$(grep -c 'no case' "$scratch/err")" -eq 2 ]
ok $? "a script can say so itself"
head -c 1100000 /dev/zero | tr '\0' x >"$scratch/script"
fails "a line without end" 1 "script:1: the line is longer than" -f "$scratch/script"
fails "a device" 1 "NUL byte" -f /dev/zero
fails "a folder" 1 "directory" -f "$scratch"

script "set output $scratch/missing/file" 'let x 1; let' "set output ''" 'let x 2' 'let y 2' 'let y'
run -k -f "$scratch/script"
[ "$status" -eq 1 ] && [ "$(wc -l <"$scratch/err")" -eq 1 ] && grep -q '^y' "$scratch/out"
ok $? "results that cannot be put in their file are told once"

# A coprocess gives line by line and has each answer before the next.
coproc "$BEAMSCOPE" "${given[@]}" -f - 2>"$scratch/err"
echo 'beam 1' >&"${COPROC[1]}" && read -r line <&"${COPROC[0]}" && [[ $line == rank* ]]
ok $? "a coprocess is answered at once"
eval "exec ${COPROC[1]}>&-"
cat <&"${COPROC[0]}" >/dev/null 2>&1
wait 2>/dev/null

# What is recorded does the same again, from anywhere.
given=("${on_lesson[@]}" --format json)
run -B 3 -c "record $scratch/kept" -c 'cases; beam $2' -c 'goto 1' -c 'tree'
tail -n 1 "$scratch/out" >"$scratch/wanted"
fails "a record is not written over" 1 "is there already" -c "record $scratch/kept"
(cd / && "$BEAMSCOPE" -f "$scratch/kept") >"$scratch/out" 2>"$scratch/why"
tail -n 1 "$scratch/out" >"$scratch/got"
same "a record run again" "$scratch/wanted" "$scratch/got"
[ "$(head -n 1 "$scratch/kept")" = "#!/usr/bin/env -S beamscope -f" ]
ok $? "and is a program of its own, once it may be executed"
finish
