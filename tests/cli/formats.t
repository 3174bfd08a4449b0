#!/usr/bin/env bash
# JSON is JSON, TSV has its values, texts have its numbers and fit the terminal, on which neither of the other two depends:
# for every command.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3"
here=$(cd "$(dirname "$0")" && pwd)
export BEAMSCOPE top_srcdir shared PYTHONDONTWRITEBYTECODE=1

python3 "$here/formats.py" "$scratch/project" >"$scratch/checks" 2>"$scratch/why"
ok $? "all commands run"
while IFS= read -r line <&3; do
	name=${line#*ok - }
	awk -v name="$line" '$0 == name { on = 1; next } /^(not )?ok - / { on = 0 } on { print substr($0, 3) }' \
		"$scratch/checks" >"$scratch/why"
	[ ! -s "$scratch/why" ]
	ok $? "$name"
done 3< <(grep -E '^(not )?ok - ' "$scratch/checks")
finish
