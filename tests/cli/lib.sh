# Shell tests in TAP: source this, call the checks, end with `finish`.
# The program is $BEAMSCOPE, the sources are in $top_srcdir; run by hand, both are found from this file's place.
top_srcdir=$(cd "${top_srcdir-$(dirname "${BASH_SOURCE[0]}")/../..}" && pwd -P) # as the program prints it
BEAMSCOPE=${BEAMSCOPE-$top_srcdir/build/src/beamscope}
shared=${BEAMSCOPE_SHARED-$top_srcdir/../shared}
: "${LC_ALL:=C.UTF-8}"
: "${XDG_CONFIG_HOME:=/nonexistent}" "${XDG_DATA_HOME:=/nonexistent}"
export LC_ALL XDG_CONFIG_HOME XDG_DATA_HOME
unset COLUMNS NO_COLOR ACCESSIBLE BEAMSCOPE_DATADIR
scratch=$(mktemp -d "${TMPDIR:-/tmp}/beamscope-cli.XXXXXX") || exit 99
export XDG_STATE_HOME=$scratch/state # what is typed at a prompt is not the user's
goes_at_the_end() { trap 'rm -rf "$scratch"' EXIT; }
goes_at_the_end
tests=0 failures=0

# begin COMMAND…: in the background, as $!, what may be killed at any moment: a child that dies so early that it is still
# a shell would run the trap.
begin() {
	trap - EXIT
	"$@" &
	goes_at_the_end
}

# What every run is given before its own words: nothing, for the bundled demo, or given=("${on_lesson[@]}").
given=()
on_lesson=(-m "$top_srcdir/data/lesson/table.csv" -d "$top_srcdir/data/lesson")

# Can a program be run in a pseudo-terminal?
has_pty() { python3 -c 'import pty, termios; pty.openpty()' 2>/dev/null; }

# ok STATUS NAME: a check by its exit status; what explains a failure stands in $scratch/why.
ok() {
	tests=$((tests + 1))
	if [ "$1" -eq 0 ]; then
		printf 'ok %d - %s\n' "$tests" "$2"
	else
		failures=$((failures + 1))
		printf 'not ok %d - %s\n' "$tests" "$2"
		[ ! -s "$scratch/why" ] || sed 's/^/# /' "$scratch/why"
	fi
	: >"$scratch/why"
}

skip() {
	tests=$((tests + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tests" "$1" "$2"
}

# skip_all WHY: the whole file.
skip_all() {
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

finish() {
	printf '1..%d\n' "$tests"
	[ "$failures" -eq 0 ]
	exit
}

# run ARG…: the program, its output in $scratch/out and $scratch/err, its status in $status.
run() {
	"$BEAMSCOPE" "${given[@]}" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
	status=$?
}

# succeeds NAME ARG…: exit status 0 and nothing on stderr.
succeeds() {
	local name=$1
	shift
	run "$@"
	{ printf 'status %s\n' "$status" && cat "$scratch/err"; } >"$scratch/why"
	[ "$status" -eq 0 ] && [ ! -s "$scratch/err" ]
	ok $? "$name"
}

# fails NAME STATUS TEXT ARG…: that status, nothing on stdout, one line on stderr that begins with "beamscope: " and
# holds the text.
fails() {
	local name=$1 wanted=$2 text=$3
	shift 3
	run "$@"
	{ printf 'status %s, wanted %s, and "%s"\n' "$status" "$wanted" "$text" && cat "$scratch/err" "$scratch/out"; } >"$scratch/why"
	[ "$status" -eq "$wanted" ] && [ ! -s "$scratch/out" ] && [ "$(wc -l <"$scratch/err")" -eq 1 ] &&
		grep -q '^beamscope: ' "$scratch/err" && grep -qF -- "$text" "$scratch/err"
	ok $? "$name"
}

# same NAME FILE FILE
same() {
	diff -u "$2" "$3" >"$scratch/why" 2>&1
	ok $? "$1"
}

# golden NAME ARG…: what the program prints is tests/cli/golden/NAME, JSON with a line for each member. GENERATE=1 writes it
# instead: look at the difference.
golden() {
	local name=$1 file=$top_srcdir/tests/cli/golden/$1
	shift
	run "$@"
	sed "s|$top_srcdir|TOP|g" "$scratch/out" >"$scratch/got"
	sed "s|$top_srcdir|TOP|g; s/^/stderr: /" "$scratch/err" >>"$scratch/got"
	case $name in
	*.json) sed -i 's/, "/,\n"/g; s/, {/,\n{/g' "$scratch/got" ;;
	esac
	[ -z "${GENERATE-}" ] || cp "$scratch/got" "$file"
	same "golden $name" "$file" "$scratch/got"
}

# holds NAME TEXT: the last output holds the text.
holds() {
	cp "$scratch/out" "$scratch/why"
	grep -qF -- "$2" "$scratch/out"
	ok $? "$1"
}
