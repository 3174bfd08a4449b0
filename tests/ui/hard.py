"""Terminals that are hard on a program: slow, stuck, shared with a shell in the wrong moment, or of an old make.

As in terminal.py every wait is for output or for the end of the process. TAP on standard output.
"""
import fcntl, os, re, resource, select, signal, tempfile, time

import terminal
from terminal import PROGRAM, Skip, Terminal, check, opened, run, small_model_for_training, start, TRAIN

SHELL = (
    'set -m; stty -g; "$BEAMSCOPE" %s; printf "STOPPED\\n"; stty -g; read -r line; %s; printf "ENDED\\n"; stty -g; '
    "read -r line; printf 'READ %%s\\n' \"$line\""
)
UNTIL_GONE = "while kill -0 %1 2>/dev/null; do :; done; printf 'GONE\\n'"
VIEWS = {  # by their keys, and what is to be seen of each
    "1": "positive item",
    "2": "step 1 of 3",
    "3": "tree after step",
    "4": "Margins by step",
    "5": "What is trained",
    "6": "Nothing is compared yet",
    "7": "lessons",
    "?": "Help",
    "\x10": "What one can do here",
}


def quoted(words):
    return " ".join("'%s'" % w for w in words)


def in_shell(words, then="fg >/dev/null", **kwargs):
    """The screens as a job of a shell, which goes on with `then` when a line has been typed to it."""
    t = Terminal(["bash", "--norc", "-c", SHELL % (quoted(words), then)], **kwargs)
    opened.append(t)
    return t


def ends_as_it_began(t):
    t.expect("ENDED")
    t.send("typed\r")
    t.expect("READ typed")
    check(t.wait() == 0, "exit status %r" % t.status)
    t.assert_restored()
    modes = set(re.findall(rb"[0-9a-f]+(?::[0-9a-f]+){10,}", t.screen.raw))
    check(len(modes) == 1, "stty -g says different things: %r" % modes)


def suspends(t, seen):
    """Ctrl-Z, and back to what was to be seen."""
    t.send("\x1a")
    t.expect("STOPPED")
    check(not t.screen.restored(), "after Ctrl-Z with %r: %r" % (seen, t.screen.restored()))
    t.send("\r")
    t.expect(seen, gone=["STOPPED"])


def leave(t, key, seen):
    """Closes what lies over the views; it is gone before the next key, or that would be one with Alt."""
    if key in "?\x10":
        t.send("\x1b")
        t.expect(gone=[seen])


def suspended_in_every_view():
    for key, seen in VIEWS.items():
        t = in_shell(terminal.ON_LESSON, w=100, h=30)
        t.expect("step 1 of 3")
        t.send(key)
        t.expect(seen)
        suspends(t, seen)
        leave(t, key, seen)
        t.send("Q")
        ends_as_it_began(t)


def suspended_while_a_line_is_edited():
    for keys, seen in ((":go", ":go"), ("/tin", "/tin")):
        t = in_shell(terminal.ON_LESSON, w=100, h=30)
        t.expect("step 1 of 3")
        t.send(keys)
        t.expect(seen)
        suspends(t, seen)
        t.send("\x03")
        t.expect("Q quit", gone=[seen])
        t.send("Q")
        ends_as_it_began(t)


def ended_while_it_is_stopped():
    """The shell has the terminal then: nothing more may be written to it, and no mode be set."""
    for sig in "TERM", "HUP", "INT":
        t = in_shell(terminal.ON_LESSON, then="kill -%s %%1; kill -CONT %%1; %s" % (sig, UNTIL_GONE))
        t.expect("step 1 of 3")
        t.send("\x1a")
        t.expect("STOPPED")
        said = len(t.screen.raw)
        t.send("\r")
        t.expect("GONE")
        check(b"\x1b" not in t.screen.raw[said:], "SIG%s: it wrote %r" % (sig, t.screen.raw[said:]))
        ends_as_it_began(t)


def ended_while_it_is_stopped_and_trains():
    with tempfile.TemporaryDirectory() as folder:
        words = small_model_for_training(folder)
        t = in_shell(words, then="kill %1; " + UNTIL_GONE, w=100, h=30)
        t.expect("case 1/10")
        t.send(TRAIN % (folder, 0, ""))
        t.expect("/1000000", " left")
        t.send("\x1a")
        t.expect("STOPPED")
        said = len(t.screen.raw)
        t.send("\r")
        t.expect("GONE")
        check(b"\x1b" not in t.screen.raw[said:], "it wrote %r" % t.screen.raw[said:])
        check(b"train --resume" in t.screen.raw[said:], "it does not say how to go on: %r" % t.screen.raw[said:])
        check(os.path.exists(folder + "/run0/msl/last/model.safetensors"), "nothing was saved")
        ends_as_it_began(t)


def until(true, what):
    """For what no output tells; it fails where it does not come at all."""
    deadline = time.monotonic() + terminal.PATIENCE
    while not true():
        check(time.monotonic() < deadline, "it does not come to be that " + what)


def stuff(t):
    """Fills the terminal's own buffer, so that the next write of the program finds no room; reads nothing."""
    side = fcntl.ioctl(t.fd, 0x5441, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)  # TIOCGPTPEER: another door to it
    try:
        while True:
            os.write(side, b" ")
    except BlockingIOError:
        pass
    finally:
        os.close(side)


def trains_on_in_the_background():
    """After Ctrl-Z and bg, with the shell in front; fg brings the screens back."""
    with tempfile.TemporaryDirectory() as folder:
        log = folder + "/log.jsonl"
        words = small_model_for_training(folder)
        t = in_shell(words, then="bg >/dev/null; printf 'BEHIND\\n'; read -r line; fg >/dev/null", w=100, h=30)
        t.expect("case 1/10")
        t.send(TRAIN % (folder, 0, " --log " + log))
        t.expect("/1000000", " left")
        t.send("\x1a")
        t.expect("STOPPED")
        stopped_at, said = size_of(log), len(t.screen.raw)
        t.send("\r")
        t.expect("BEHIND")
        until(lambda: size_of(log) > stopped_at + 100000, "it trains on")
        t.send("typed to the shell")
        t.expect("typed to the shell")
        check(b"\x1b" not in t.screen.raw[said:], "it wrote %r" % t.screen.raw[said:])
        t.send("\r")
        t.expect("train ", " left", gone=["typed to the shell"])
        t.send("Qy")
        ends_as_it_began(t)


def size_of(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


def stuck_terminal_does_not_hold_the_race():
    with tempfile.TemporaryDirectory() as folder:
        t = start(*small_model_for_training(folder), w=100, h=30)
        t.expect("case 1/10")
        t.send(TRAIN % (folder, 0, " --log %s/log.jsonl" % folder))
        t.expect("/1000000", " left")
        stuff(t)
        t.send("1\x0c")  # it has all of the screen to draw
        before = size_of(folder + "/log.jsonl")
        until(lambda: size_of(folder + "/log.jsonl") > before + 100000, "it trains on")
        t.screen.resize(t.screen.w, t.screen.h)  # what was stuffed into it means nothing
        t.send("\x0c")
        t.expect("train ", " left", "case 1/10", "positive item")
        t.send("Qy")
        check(t.wait() == 1, "status %r" % t.status)
        t.assert_restored()


def stuck_terminal_does_not_hold_the_end():
    for sig in "TERM", "HUP", "SEGV":
        number = getattr(signal, "SIG" + sig)
        t = start()
        t.expect("step 1 of 3")
        stuff(t)
        os.kill(t.pid, number)
        ended, _, _ = select.select([os.pidfd_open(t.pid)], [], [], terminal.PATIENCE)
        check(ended, "SIG%s does not end it" % sig)
        _, status = os.waitpid(t.pid, 0)
        t.status = 0
        os.close(t.fd)
        check(os.WIFSIGNALED(status) and os.WTERMSIG(status) == number, "SIG%s: status %r" % (sig, status))


WITHOUT_BLOCKING = """
import os, subprocess, sys
os.set_blocking(1, False)
status = subprocess.run(sys.argv[1:]).returncode
print("STATUS %d, %s" % (status, "blocks" if os.get_blocking(1) else "does not block"))
"""


def flags_of(pid):
    with open("/proc/%d/fdinfo/1" % pid) as f:
        return int(re.search(r"flags:\s*([0-7]+)", f.read()).group(1), 8)


def child_of(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
        return int(f.read().split()[0])


def files_that_do_not_block_are_made_to():
    """Or curses would ask again and again whether a slow terminal has room."""
    t = Terminal(["python3", "-c", WITHOUT_BLOCKING, PROGRAM] + terminal.ON_LESSON)
    opened.append(t)
    t.expect("step 1 of 3")
    try:
        flags = flags_of(child_of(t.pid))
    except OSError:
        raise Skip("no /proc to look into")
    check(not flags & os.O_NONBLOCK, "the terminal's file does not block")
    t.send("\x1b[C")
    t.expect("step 2 of 3")
    t.send("Q")
    t.expect("STATUS 0, does not block")
    check(t.wait() == 0, "status %r" % t.status)
    t.assert_restored()


def slow_terminal_gets_all():
    """A few bytes at a time, of redrawing after redrawing: what is there in the end is the whole page."""
    t = start(w=200, h=60)
    t.expect("step 1 of 3")
    wanted = t.screen.text()
    t.send("\x0c" * 20 + "l")
    while "step 2 of 3" not in t.screen.text():
        t.screen.feed(os.read(t.fd, 7))
    t.send("h")
    t.expect("step 1 of 3")
    t.send("Q")
    check(t.wait() == 0, "status %r" % t.status)
    t.assert_restored()
    check(wanted.count("\n") == 59, "the page had %d lines" % wanted.count("\n"))


def signals_that_nobody_sends():
    """None of them may leave the terminal changed; a reader of standard error that went away ends nothing."""
    for sig in "USR1", "USR2", "ALRM", "XCPU", "TRAP", "SYS", "PROF", "VTALRM":
        number = getattr(signal, "SIG" + sig)
        t = start()
        t.expect("step 1 of 3")
        os.kill(t.pid, number)
        check(t.wait() == -number, "SIG%s: status %r" % (sig, t.status))
        t.assert_restored()
    t = start()
    t.expect("step 1 of 3")
    os.kill(t.pid, signal.SIGPIPE)
    t.send("l")
    t.expect("step 2 of 3")
    t.send("Q")
    check(t.wait() == 0, "SIGPIPE: status %r" % t.status)
    t.assert_restored()


def no_memory():
    """The limit falls on the running program, which gets nothing more from then on; a wide page needs it."""
    with open(PROGRAM, "rb") as f:
        if b"__asan_init" in f.read():
            raise Skip("the address sanitizer needs the memory that is refused")
    t = start(w=80, h=24)
    t.expect("step 1 of 3")
    resource.prlimit(t.pid, resource.RLIMIT_AS, (1 << 20, 1 << 20))
    t.resize(1000, 500)
    check(t.wait() == -signal.SIGABRT, "status %r" % t.status)
    t.assert_restored()
    check(b"beamscope: ended by SIGABRT" in t.screen.raw, "%r" % t.screen.raw[-300:])
    check(b"out of memory" in t.screen.raw, "%r" % t.screen.raw[-300:])


def of_an_old_make():
    """What a VT100 does not know is not sent to one, whatever ends the program."""
    allowed = rb"\x1b(\[[0-9;]*[ABCDHJKfgmr]|\[\?[1-7](;[1-7])*[hl]|[()][0AB]|[78=>DEM])"
    for end in "Q", signal.SIGTERM, signal.SIGSEGV:
        t = start(w=100, h=30, env={"TERM": "vt100", "LC_ALL": "C"})
        t.expect("step 1 of 3")
        for key, seen in VIEWS.items():
            t.send(key)
            t.expect(seen)
            leave(t, key, seen)
            t.send("y")  # there is no clipboard
        if end == "Q":
            t.send("Q")
        else:
            os.kill(t.pid, end)
        t.wait()
        t.assert_restored()
        rest = re.sub(allowed, b"", t.screen.raw)
        check(b"\x1b" not in rest, "%r: %r" % (end, rest[rest.find(b"\x1b") :][:40]))
        check(all(b < 0x80 for b in rest), "bytes past ASCII")


run(
    [
        suspended_in_every_view,
        suspended_while_a_line_is_edited,
        ended_while_it_is_stopped,
        ended_while_it_is_stopped_and_trains,
        trains_on_in_the_background,
        stuck_terminal_does_not_hold_the_race,
        stuck_terminal_does_not_hold_the_end,
        files_that_do_not_block_are_made_to,
        slow_terminal_gets_all,
        signals_that_nobody_sends,
        no_memory,
        of_an_old_make,
    ]
)
