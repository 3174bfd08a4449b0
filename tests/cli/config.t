#!/usr/bin/env bash
# Settings that are kept for later runs: set --save.
. "$(dirname "$0")/lib.sh"
given=("${on_lesson[@]}")
export XDG_CONFIG_HOME=$scratch/home/config
file=$XDG_CONFIG_HOME/beamscope/config

given=()
succeeds "nothing to save" set --save
holds "is said" "nothing to save"
[ ! -e "$XDG_CONFIG_HOME" ]
ok $? "and nothing is made"

cd "$scratch" && cp -r "$top_srcdir/data/lesson" here
succeeds "what was given and set is saved" -m here/table.csv -d here -c 'set beam 2' -c 'set mask before' -c 'set --save'
holds "the place is said" "$file"
printf '%s\n' "model = $scratch/here/table.csv" "data = $scratch/here" "beam = 2" >"$scratch/wanted"
same "as whole paths, without what is as by default" "$scratch/wanted" "$file"
[ "$(stat -c %a "$XDG_CONFIG_HOME")" = 700 ]
ok $? "new folders are the user's alone"
succeeds "a later run" beam 1
holds "goes by them" "B 2"

printf '# mine\n  beam=7\n\nmask = after' >"$file"
succeeds "an option set and saved at once" "${on_lesson[@]}" set beam 10 --save
{ printf '# mine\nbeam = 10\n\nmask = after\n' && grep -E '^(model|data)' "$file"; } >"$scratch/wanted"
same "goes into its line, and other lines stay" "$scratch/wanted" "$file"
succeeds "saved once more" set beam 10 --save
same "nothing changes" "$scratch/wanted" "$file"
succeeds "results to a file" -o "$scratch/results" set ascii --save
! grep -q output "$file" && grep -qx 'ascii = on' "$file"
ok $? "are for this run alone"
succeeds "as JSON" set tau 0.5 --save --format json
holds "value and file" '"file": "'"$file"'"'
succeeds "a text is set back" set adapter "''" --save

cp "$file" "$scratch/wanted"
fails "a wrong value" 2 "from 1 to" set beam 0 --save
fails "a name alone" 2 "needs a value to be saved" set beam --save
fails "a value that no line can hold" 1 "cannot hold the value" -c 'set model "a "' -c 'set --save'
same "leave the file as it was" "$scratch/wanted" "$file"
chmod a-w "$XDG_CONFIG_HOME/beamscope"
if [ "$(id -u)" -eq 0 ]; then
	skip "a folder that cannot be written" "root writes everywhere"
else
	fails "a folder that cannot be written" 1 "$file" set beam 3 --save
fi
chmod u+w "$XDG_CONFIG_HOME/beamscope"
(unset XDG_CONFIG_HOME HOME; "$BEAMSCOPE" set beam 3 --save >"$scratch/out" 2>"$scratch/err")
grep -q "neither XDG_CONFIG_HOME nor HOME" "$scratch/err"
ok $? "no home at all"

printf 'beam = 3\nbem = 4\n' >"$file"
fails "a wrong line" 1 "config:2: there is no option 'bem'" cases
printf 'beam\n' >"$file"
fails "a line that sets nothing" 1 "config:1: 'beam' is not of the form name = value" cases

finish
