# Sourced by the lint tests, which run from any directory and look at the source tree.
cd "${top_srcdir:-$(dirname "$0")/../..}" || exit 1
cases=0

# none TITLE OFFENDERS: one TAP case that passes when the list of offenders is empty.
none() {
	cases=$((cases + 1))
	if [ -z "$2" ]; then
		printf 'ok %d - %s\n' "$cases" "$1"
	else
		printf 'not ok %d - %s\n' "$cases" "$1"
		printf '%s\n' "$2" | sed 's/^/# /'
	fi
}

finish() { printf '1..%d\n' "$cases"; }
