# The manual pages and the README say what the program's tables say (`make docs` renews them).
top_srcdir=${top_srcdir-$(cd "$(dirname "$0")/../.." && pwd)}
BEAMSCOPE=${BEAMSCOPE-$top_srcdir/build/src/beamscope}
keys=${top_builddir-$top_srcdir/build}/man/keys
echo 1..3
if why=$(BEAMSCOPE_DATADIR=$top_srcdir/data "$top_srcdir/man/generate" --check "$BEAMSCOPE" "$keys" 2>&1); then
	echo 'ok 1 - generated parts are in step with the tables'
else
	echo 'not ok 1 - generated parts are in step with the tables'
	printf '%s\n' "$why" | sed 's/^/# /'
fi
if grep -q '^\.B beam CASE' "$top_srcdir/man/beamscope.1"; then
	echo 'ok 2 - the manual page has the commands'
else
	echo 'not ok 2 - the manual page has the commands'
fi
if ! command -v groff >/dev/null 2>&1; then
	echo 'ok 3 - the manual pages are good roff # SKIP no groff'
elif why=$(for page in "$top_srcdir"/man/*.[1-8]; do groff -man -Tutf8 -ww -z "$page" 2>&1; done) && [ -z "$why" ]; then
	echo 'ok 3 - the manual pages are good roff'
else
	echo 'not ok 3 - the manual pages are good roff'
	printf '%s\n' "$why" | sed 's/^/# /'
fi
