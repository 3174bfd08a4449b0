"""Lines at random, good and broken, typed at the prompt in a pseudo-terminal: each that fails is told in one line on
standard error, the prompt comes back every time, and the next line works.

As in terminal.py every wait is for output. After each line a command is typed that does not exist: when its failure is
told, all of the line before it has been. TAP on standard output.
"""
import os, re, select, shutil, subprocess, tempfile

import terminal
from terminal import LESSON, PATIENCE, PROGRAM, Terminal, check, opened, run

LINES = os.path.join(os.path.dirname(PROGRAM), "..", "tests", "unit", "print_lines")
HOW_MANY = os.environ.get("TYPED_LINES", "300")
PROMPT = b"beamscope> "
ONE_LINE = re.compile(r"beamscope: [^\x00-\x1f\x7f-\x9f]+[^\x00-\x20\x7f-\x9f.:,;]")


class Prompt(Terminal):
    """The prompt; what it says on standard error comes by a pipe."""

    def __init__(self, folder):
        self.errors, told = os.pipe()
        os.set_inheritable(told, True)
        command = 'cd "$0" && exec "$@" 2>&%d' % told
        env = dict(XDG_CONFIG_HOME=folder, XDG_STATE_HOME=folder, HOME=folder, BEAMSCOPE_DATADIR="data")
        super().__init__(["sh", "-c", command, folder, PROGRAM, "-m", "data/lesson/table.csv", "-d", "data/lesson", "repl"],
                         w=500, h=5000, env=env)
        os.close(told)
        self.told = b""
        opened.append(self)

    def take(self):
        """What there is, of the terminal and of standard error."""
        ready, _, _ = select.select([self.fd, self.errors], [], [], PATIENCE)
        check(ready, "no output any more; it ended with %r" % self.screen.raw[-500:])
        for fd in ready:
            data = os.read(fd, 65536)
            check(data, "it ended with %r, %r" % (self.screen.raw[-500:], self.told))
            if fd == self.fd:
                self.screen.raw += data
            else:
                self.told += data

    def type(self, line, number):
        """Types it; the lines of standard error that it made."""
        sentinel = b"no-such-%d-command" % number
        self.told = b""
        self.screen.raw = b""
        os.write(self.fd, line + b"\r")
        os.write(self.fd, sentinel + b"\r")
        while b"there is no command '" + sentinel not in self.told or not self.told.endswith(b"\n"):
            self.take()
        while not self.screen.raw.endswith(PROMPT):
            self.take()
        *lines, _, rest = self.told.decode().split("\n")
        check(rest == "", "more than a line: %r" % rest)
        return lines


def lines(seed):
    for line in subprocess.run([LINES, HOW_MANY, seed], check=True, stdout=subprocess.PIPE).stdout.split(b"\n"):
        if line and len(line) < 400 and not any(b < 0x20 or b == 0x7F for b in line) and not line.endswith(b"\\"):
            yield line


def random_lines_are_answered_one_by_one():
    folder = tempfile.mkdtemp()
    try:
        for name in "lesson", "templates":
            shutil.copytree(os.path.join(LESSON, "..", name), os.path.join(folder, "data", name))
        t = Prompt(folder)
        while not t.screen.raw.endswith(PROMPT):
            t.take()
        failed = 0
        for number, line in enumerate(lines("3")):
            told = t.type(line, number)
            failed += len(told) > 0
            for text in told:
                check(ONE_LINE.fullmatch(text), "%r: %r" % (line, text))
            check(len(told) < 2 or b";" in line or b"source" in line, "%r: %r" % (line, told))
        check(failed > int(HOW_MANY) // 4, "only %d lines failed" % failed)
        os.write(t.fd, b"quit\r")
        check(t.wait() == 0, "exit status %r" % t.status)
        check(t.after == t.before, "terminal modes differ: %r, before %r" % (t.after, t.before))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    run([random_lines_are_answered_one_by_one])
