# A script that is killed at any moment: what it was to write is there whole or not at all, what it recorded are whole
# lines, and a signal that it can hear ends it with a word and a status.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3"
cd "$scratch" || exit 99
export XDG_CONFIG_HOME=$scratch

cat >script <<'END_SCRIPT'
record kept
beam 312 --trace --format json -o 1.json
export trace 2.html
export tree 3.svg
beam 17 --trace --format tsv -o 4.tsv
export margins 5.svg
export trace 6.csv
diagnose --limit 4 --beams none -o 7.jsonl
export cases 8.csv
export report 9.html
export cases 10.svg
beam 18 --trace --format json -o 11.json
last --format json -o 12.json
END_SCRIPT

# killed.py HOW MOMENT: runs the script in the folder HOW and kills it when it has made so many entries there, whole or
# not. Says "ended" if it came to its end before; else how it ended, and what it said.
cat >killed.py <<'END_PYTHON'
import os, signal, subprocess, sys, time
program, how, moment = sys.argv[1:]
os.mkdir("run"), os.chdir("run")
with subprocess.Popen([program, "-f", "../script"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
    while run.poll() is None and len(os.listdir(".")) < int(moment):
        time.sleep(0.0005)
    if run.poll() is None:
        run.send_signal(getattr(signal, "SIG" + how))
    out, err = run.communicate()
print("ended" if run.returncode == 0 else run.returncode, err.decode().strip())
END_PYTHON

mkdir whole && (cd whole && "$BEAMSCOPE" -f ../script >/dev/null 2>"$scratch/why" </dev/null)
ok $? "the script comes to its end when nobody kills it"
[ "$(find whole -type f | wc -l)" -eq 13 ]
ok $? "and has written 13 files"

# as_whole: every file of `run` that has one of those names is that of the whole run; of the lines that grow, its beginning.
as_whole() {
	local file name
	for file in run/*; do
		name=${file##*/}
		case $name in
		*.tmp) ;;
		kept | 7.jsonl) [ ! -s "$file" ] || { cmp -n "$(stat -c %s "$file")" "$file" "whole/$name" && [ -z "$(tail -c 1 "$file")" ]; } || return 1 ;;
		*) cmp "$file" "whole/$name" || return 1 ;;
		esac
	done
}

for how in KILL TERM INT; do
	killed=0 wrong=0
	: >why
	for moment in 1 3 4 5 7 8 10 12 13; do
		read -r ended said < <(python3 killed.py "$BEAMSCOPE" $how $moment)
		case $how,$ended,$said in
		*,ended,) ;;
		KILL,-9,) killed=$((killed + 1)) ;;
		TERM,1,beamscope:*cancelled* | INT,1,beamscope:*cancelled*) killed=$((killed + 1)) ;;
		TERM,1,beamscope:*stopped* | INT,1,beamscope:*stopped*) killed=$((killed + 1)) ;;
		*) printf '%s at %s: %s %s\n' $how $moment "$ended" "$said" >>why && wrong=1 ;;
		esac
		as_whole >>why 2>&1 || wrong=1
		# What a killed run could not take away has a name that was not asked for.
		[ $how = KILL ] || [ -z "$(find run -name '*.tmp')" ] || wrong=1
		rm -r run
	done
	[ $wrong -eq 0 ]
	ok $? "$how leaves nothing half written"
	[ $killed -ge 3 ]
	ok $? "$how found it at work"
done

# One that waits for its next line hears the signal too.
wait_for_lines() { exec env --default-signal="$how" "$BEAMSCOPE" -f - <lines >answers 2>err; }
for how in TERM INT HUP; do
	mkfifo lines answers
	begin wait_for_lines
	pid=$!
	exec 3>lines 4<answers
	echo 'let a 1; let --format tsv' >&3
	read -r _ <&4 && read -r answer <&4
	kill -s $how "$pid"
	wait "$pid"
	status=$?
	exec 3>&- 4<&-
	rm lines answers
	cp err why
	[ "$answer" = "a	1" ] && [ $status -eq 1 ] && [ "$(cat err)" = "beamscope: -:2: cancelled" ]
	ok $? "$how ends the waiting for a line"
done
finish
