# Every example of every command's help is run, as it stands, from the project's folder.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3 to read the help's JSON"
cd "$top_srcdir" || exit 99
# The examples name ../shared beside the project; here it may be elsewhere.
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
	eval "set -- ${line//..\/shared/$scratch/shared}"
	succeeds "$line" "$@"
done 3<"$scratch/lines"
finish
