# The prompt in a pseudo-terminal: see prompt.py.
if ! python3 -c 'import fcntl, pty, termios' 2>/dev/null; then
	echo '1..0 # SKIP python3 with its pty module is not here'
	exit 0
fi
exec python3 -B "$top_srcdir/tests/ui/prompt.py"
