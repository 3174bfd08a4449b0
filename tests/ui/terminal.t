# The program in a pseudo-terminal: see terminal.py.
if ! python3 -c 'import fcntl, pty, termios; pty.openpty()' 2>/dev/null; then
	echo '1..0 # SKIP no python3 that can open a pseudo-terminal'
	exit 0
fi
exec python3 -B "$top_srcdir/tests/ui/terminal.py"
