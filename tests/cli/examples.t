# Every example of every command's help is run, as it stands, from a folder that holds what the project's does.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3 to read the help's JSON"
# What examples write stays in the folder; ../shared is beside it.
mkdir "$scratch/project" && ln -s "$top_srcdir"/* "$scratch/project" && cd "$scratch/project" || exit 99
ln -s "$(cd "$shared" 2>/dev/null && pwd)" "$scratch/shared" 2>/dev/null
"$BEAMSCOPE" help --format json | python3 -c '
import json, sys
for command in json.load(sys.stdin)["commands"]:
    for example in command["examples"]:
        print(example["line"])' >"$scratch/lines"
[ "$(wc -l <"$scratch/lines")" -ge 20 ]
ok $? "there are examples"
while IFS= read -r line <&3; do
	case $line in
	*../shared*)
		if [ ! -d "$shared/models" ]; then
			skip "$line" "no ../shared"
			continue
		fi
		;;
	esac
	eval "set -- $line"
	succeeds "$line" "$@"
done 3<"$scratch/lines"
finish
