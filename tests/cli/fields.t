#!/usr/bin/env bash
# The members of all records, and of the lines in files, are those that help --fields describes; and those that programs rely
# on stay as they are.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3"
here=$(cd "$(dirname "$0")" && pwd)
# What commands write stays in the folder; ../shared is beside it.
mkdir "$scratch/project" && ln -s "$top_srcdir"/* "$scratch/project" || exit 99
ln -s "$(cd "$shared" 2>/dev/null && pwd)" "$scratch/shared" 2>/dev/null
export BEAMSCOPE top_srcdir shared XDG_CONFIG_HOME=$scratch/config PYTHONDONTWRITEBYTECODE=1

python3 "$here/fields.py" "$scratch/project" >"$scratch/why" 2>&1
ok $? "all members are described, occur, and have the type that is said"

run help --fields --format tsv
cut -f 1-6 "$scratch/out" >"$scratch/members"
[ -z "${GENERATE-}" ] || cp "$scratch/members" "$top_srcdir/tests/cli/golden/fields.txt"
same "and none was renamed, removed or made another" "$top_srcdir/tests/cli/golden/fields.txt" "$scratch/members"
finish
