# Every example of the help, of README and of the manual pages is run, as it stands, and gives what is shown below it.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3 to read the documents"
export TERM=dumb top_srcdir BEAMSCOPE BEAMSCOPE_SHARED=$shared top_builddir=${top_builddir-$top_srcdir/build}
"$BEAMSCOPE" help --format json >"$scratch/help.json"
python3 "$top_srcdir/tests/cli/documents.py" "$scratch" "$scratch/help.json" "$top_srcdir"/{README,HACKING}.md "$top_srcdir"/man/*.[1-8]
exit
