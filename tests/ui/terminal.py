"""Runs the screens in a pseudo-terminal of its own and looks at what a terminal would show.

Every wait is for output (or for the end of the process), never for time. TAP on standard output.
"""
import errno, fcntl, json, os, pty, re, select, signal, struct, sys, tempfile, termios, traceback, unicodedata

PROGRAM = os.environ["BEAMSCOPE"]
LESSON = os.path.join(os.environ["top_srcdir"], "data", "lesson")
ON_LESSON = ["-m", os.path.join(LESSON, "table.csv"), "-d", LESSON]
STATE = tempfile.TemporaryDirectory(prefix="beamscope-state-")  # what is typed is not the user's
PATIENCE = 300  # seconds without the expected output before a test fails


class Screen:
    """As much of a terminal as curses uses: cells, cursor, modes."""

    SEQUENCE = re.compile(
        rb"\x1b\[(?P<private>[?>!]?)(?P<args>[0-9;:]*)(?P<final>[@-~])|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
        rb"|\x1b[()][0-9A-Z]|\x1b(?P<plain>[78=>MDEc])"
    )

    def __init__(self, w, h):
        self.modes = set()
        self.keypad = self.sgr = False
        self.osc = []
        self.raw = self.pending = b""
        self.resize(w, h)

    def resize(self, w, h):
        self.w, self.h, self.x, self.y = w, h, 0, 0
        self.top, self.bottom, self.last = 0, h - 1, " "
        self.cells = [[" "] * w for _ in range(h)]

    def text(self):
        return "\n".join("".join(row).rstrip() for row in self.cells)

    def feed(self, data):
        self.raw += data
        data = self.pending + data
        at = 0
        while at < len(data):
            byte = data[at]
            if byte == 0x1B:
                m = self.SEQUENCE.match(data, at)
                if not m:
                    if len(data) - at > 4096:
                        raise AssertionError("unknown sequence %r" % data[at : at + 20])
                    break
                self.sequence(m)
                at = m.end()
            elif byte < 0x20 or byte == 0x7F:
                self.control(byte)
                at += 1
            else:
                n = 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
                if at + n > len(data):
                    break
                self.put(data[at : at + n].decode("utf-8"))
                at += n
        self.pending = data[at:]

    def put(self, char):
        if unicodedata.combining(char) or char in "\u200d\ufe0f":
            self.cells[self.y][max(self.x - 1, 0)] += char
            return
        width = 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if self.x + width > self.w:
            self.x = 0
            self.line_feed()
        self.cells[self.y][self.x] = self.last = char
        if width == 2 and self.x + 1 < self.w:
            self.cells[self.y][self.x + 1] = ""
        self.x += width

    def line_feed(self):
        if self.y == self.bottom:
            self.scroll(1)
        else:
            self.y = min(self.y + 1, self.h - 1)

    def scroll(self, n):
        for _ in range(abs(n)):
            if n > 0:
                del self.cells[self.top]
                self.cells.insert(self.bottom, [" "] * self.w)
            else:
                del self.cells[self.bottom]
                self.cells.insert(self.top, [" "] * self.w)

    def control(self, byte):
        if byte == 8:
            self.x = max(min(self.x, self.w - 1) - 1, 0)
        elif byte == 9:
            self.x = min((self.x // 8 + 1) * 8, self.w - 1)
        elif byte == 10:
            self.line_feed()
        elif byte == 13:
            self.x = 0

    def sequence(self, m):
        if m["osc"] is not None:
            self.osc.append(m["osc"])
        elif m["plain"]:
            if m["plain"] in b"=>":
                self.keypad = m["plain"] == b"="
            elif m["plain"] == b"M":
                if self.y == self.top:
                    self.scroll(-1)
                else:
                    self.y = max(self.y - 1, 0)
            elif m["plain"] == b"D":
                self.line_feed()
        elif m["final"]:
            args = [int(a) if a else 0 for a in m["args"].replace(b":", b";").split(b";")]
            self.csi(m["private"], args, m["final"].decode())

    def csi(self, private, args, final):
        n = max(args[0], 1)
        if final in "hl":
            if private == b"?":
                (self.modes.update if final == "h" else self.modes.difference_update)(args)
            return
        if final == "m" and not private:
            self.sgr = args[-1] not in (0, 10, 27, 39, 49)
        if private or final == "m":
            return
        self.x = min(self.x, self.w - 1)
        row = self.cells[self.y]
        if final in "Hf":
            self.y = min(n, self.h) - 1
            self.x = min(max(args[1] if len(args) > 1 else 1, 1), self.w) - 1
        elif final == "d":
            self.y = min(n, self.h) - 1
        elif final in "G`":
            self.x = min(n, self.w) - 1
        elif final == "A":
            self.y = max(self.y - n, 0)
        elif final == "B":
            self.y = min(self.y + n, self.h - 1)
        elif final == "C":
            self.x = min(self.x + n, self.w - 1)
        elif final == "D":
            self.x = max(self.x - n, 0)
        elif final == "J":
            for y in range(self.h):
                for x in range(self.w):
                    after = (y, x) >= (self.y, self.x)
                    if args[0] == 2 or (after if args[0] == 0 else (y, x) <= (self.y, self.x)):
                        self.cells[y][x] = " "
        elif final == "K":
            span = range(self.x, self.w) if args[0] == 0 else range(self.x + 1) if args[0] == 1 else range(self.w)
            for x in span:
                row[x] = " "
        elif final == "X":
            for x in range(self.x, min(self.x + n, self.w)):
                row[x] = " "
        elif final == "P":
            self.cells[self.y] = (row[: self.x] + row[self.x + n :] + [" "] * n)[: self.w]
        elif final == "@":
            self.cells[self.y] = (row[: self.x] + [" "] * n + row[self.x :])[: self.w]
        elif final == "b":
            for _ in range(n):
                self.put(self.last)
        elif final in "LM":
            for _ in range(n):
                if final == "L":
                    del self.cells[self.bottom]
                    self.cells.insert(self.y, [" "] * self.w)
                else:
                    del self.cells[self.y]
                    self.cells.insert(self.bottom, [" "] * self.w)
        elif final in "ST":
            self.scroll(n if final == "S" else -n)
        elif final == "r":
            self.top = n - 1
            self.bottom = (args[1] if len(args) > 1 and args[1] else self.h) - 1
            self.x = self.y = 0

    def restored(self):
        """What a shell would find changed."""
        wrong = ["mode %d on" % m for m in self.modes & {47, 1047, 1049, 1000, 1002, 1003, 1006, 2004}]
        if 25 not in self.modes:
            wrong.append("cursor hidden")
        if self.keypad:
            wrong.append("keypad mode on")
        if self.sgr:
            wrong.append("attributes on")
        return wrong


class Terminal:
    """A process in a pseudo-terminal."""

    def __init__(self, argv, w=80, h=24, env={}):
        self.screen = Screen(w, h)
        self.screen.modes.add(25)
        self.status = None
        ready, go = os.pipe()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.close(go)
            os.read(ready, 1)  # until the size is set
            full = dict(os.environ, TERM="xterm-256color", LC_ALL="C.UTF-8", HOME="/nonexistent", INPUTRC="/dev/null")
            for name in ("NO_COLOR", "ACCESSIBLE", "LINES", "COLUMNS"):
                full.pop(name, None)
            full["XDG_STATE_HOME"] = STATE.name
            full.update(env)
            os.execvpe(argv[0], argv, full)
        self.resize(w, h)
        self.before = termios.tcgetattr(self.fd)
        os.write(go, b"x")
        os.close(go)
        os.close(ready)

    def resize(self, w, h):
        self.screen.resize(w, h)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", h, w, 0, 0))

    def send(self, keys):
        os.write(self.fd, keys.encode())

    def read(self):
        """Takes what there is; False at the end."""
        ready, _, _ = select.select([self.fd], [], [], PATIENCE)
        if not ready:
            raise AssertionError("no output any more; the screen is\n" + self.screen.text())
        try:
            data = os.read(self.fd, 65536)
        except OSError as e:
            if e.errno != errno.EIO:
                raise
            data = b""
        if not data:
            return False
        self.screen.feed(data)
        return True

    def expect(self, *texts, gone=()):
        while True:
            shown = self.screen.text()
            if all(t in shown for t in texts) and not any(t in shown for t in gone):
                return
            if not self.read():
                raise AssertionError("ended before it showed %r; the screen is\n%s" % (texts, self.screen.text()))

    def wait(self):
        """Reads to the end of the process; its exit status, or minus its signal."""
        if self.status is None:
            modes = os.dup(self.fd)
            while self.read():
                pass
            self.after = termios.tcgetattr(modes)
            os.close(modes)
            _, status = os.waitpid(self.pid, 0)
            self.status = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
            os.close(self.fd)
        return self.status

    def assert_restored(self):
        wrong = self.screen.restored()
        if self.after != self.before:
            wrong.append("terminal modes differ: %r, before %r" % (self.after, self.before))
        if wrong:
            raise AssertionError("; ".join(wrong))

    def close(self):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()


FIRST = "step 1 of 3"
opened = []


def start(*args, **kwargs):
    t = Terminal([PROGRAM] + ON_LESSON + list(args), **kwargs)
    opened.append(t)
    return t


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def first_screen_steps_the_lesson():
    t = start()
    t.expect(FIRST, "Incorrectly pruned", "positive item", "Tin Lighthouse", "cut-off", "? help")
    t.send("\x1b[C")
    t.expect("step 2 of 3")
    t.send("h")
    t.expect(FIRST)
    t.send(":3\r")
    t.expect("step 3 of 3")
    t.send("p")
    t.expect(FIRST)
    t.send("+")
    t.expect("B 3 from step 1", "branch: returned at rank 1", "without the edits it was", FIRST)
    t.send("u")
    t.expect("Incorrectly pruned", FIRST, gone=["branch"])
    t.send("f")  # the positive item's row is the one that is selected
    t.expect("force '\"Tin' at step 1", "branch: returned at rank 1", FIRST)
    t.send("l")
    t.expect("step 2 of 3")
    t.send("x")
    t.expect("branch: forbidden at step 2", "step 2 of 3")
    t.send(":undo 2\r")
    t.expect("step 2 of 3", gone=["branch"])
    t.send("]")
    t.expect("case 2/3", "retrieved at rank 1")
    t.send("w")
    t.expect("┌ why ")
    t.send("q")
    t.expect("? help", gone=["┌ why "])
    t.send("Q")
    check(t.wait() == 0, "exit status %r" % t.status)
    t.assert_restored()


def without_options_the_demo_opens():
    t = Terminal([PROGRAM])
    opened.append(t)
    t.expect("sft · demo", "case 312/1000", "pruned at step 4", "positive item", "cut-off", "? help")
    t.send("Q")
    check(t.wait() == 0, "exit status %r" % t.status)
    t.assert_restored()


def help_and_command_line():
    t = start()
    t.expect(FIRST)
    t.send("?")
    t.expect("┌ Help", "one step forward")
    t.send("\x1b")
    t.expect(FIRST, gone=["┌ Help"])
    t.send(":go\t")
    t.expect(":goto")
    t.send("2\r")
    t.expect("step 2 of 3")
    t.send("\x1bOC")
    t.expect("step 3 of 3")
    t.send(":nonsense\r")
    t.expect("nonsense")
    t.send(":find tin\r")
    t.expect("Tin Lighthouse", "┌ find tin ")
    t.send("q:quit\r")
    check(t.wait() == 0, "exit status %r" % t.status)
    t.assert_restored()


def every_size():
    t = start(w=160, h=48)
    t.expect(FIRST, "returned items")
    t.resize(20, 5)
    t.expect("needs 80x24")
    t.send("l")
    t.resize(1, 1)
    t.expect("…")
    t.resize(80, 24)
    t.expect("step 2 of 3", "Q quit")
    t.resize(300, 100)
    t.expect("step 2 of 3", "returned items")
    t.send("?")
    t.expect("┌ Help")
    t.resize(10, 2)
    t.expect("n")
    t.resize(100, 30)
    t.expect("┌ Help")
    t.send("qQ")
    check(t.wait() == 0, "exit status %r" % t.status)
    t.assert_restored()


def plain_terminals():
    for env, wanted in (
        ({"LC_ALL": "C"}, ["+ step 1 of 3", "x*"]),
        ({"TERM": "vt100"}, ["┌ step 1 of 3", "✂★"]),
        ({"TERM": "vt100", "LC_ALL": "C"}, ["+ step 1 of 3", "x*"]),
        ({"NO_COLOR": "1"}, ["┌ step 1 of 3", "✂★"]),
        ({"TERM": "linux"}, ["┌ step 1 of 3", "x*"]),
        ({"TERM": "screen"}, ["┌ step 1 of 3", "✂★"]),
    ):
        t = start("--no-mouse", env=env)  # on TERM=linux the mouse is another library's
        t.expect(*wanted)
        t.send("l")
        t.expect("step 2 of 3")
        t.send("Q")
        check(t.wait() == 0, "%r: exit status %r" % (env, t.status))
        t.assert_restored()
        colours = re.findall(rb"\x1b\[[0-9;]*(?:3[0-8]|4[0-8])[0-9;]*m", t.screen.raw)
        check(bool(colours) == (env.get("TERM") in ("linux", "screen") or env == {"LC_ALL": "C"}), "%r: %r" % (env, colours[:3]))
        if env.get("LC_ALL") == "C":
            check(all(b < 0x80 for b in t.screen.raw), "bytes past ASCII in the C locale")


def options_of_the_command_line():
    t = start("--ascii", "--no-color", "--no-mouse")
    t.expect("+ step 1 of 3")
    check(not t.screen.modes & {1000, 1002, 1003, 1006}, "the mouse is on")
    t.send("Q")
    check(t.wait() == 0, "exit status %r" % t.status)
    check(not re.search(rb"\x1b\[[0-9;]*(?:3[0-8]|4[0-8])[0-9;]*m", t.screen.raw), "colours")


def mouse_and_clipboard():
    t = start()
    t.expect(FIRST)
    check(t.screen.modes & {1000, 1002, 1003}, "the mouse is off")
    t.send("\x1b[<0;60;9M\x1b[<0;60;9m")  # the positive item's third token
    t.expect("step 3 of 3")
    t.send("gy")
    t.expect("copied")
    check(t.screen.osc and t.screen.osc[-1].startswith(b"52;c;"), "nothing was copied: %r" % t.screen.osc)
    t.send("Q")
    check(t.wait() == 0, "exit status %r" % t.status)
    t.assert_restored()


def signals_leave_the_terminal_as_it_was():
    for sig in ("TERM", "HUP", "INT", "QUIT", "SEGV", "ABRT", "BUS", "FPE", "ILL"):
        number = getattr(signal, "SIG" + sig)
        t = start()
        t.expect(FIRST)
        os.kill(t.pid, number)
        check(t.wait() == -number, "SIG%s: status %r" % (sig, t.status))
        t.assert_restored()
        said = b"beamscope: ended by SIG%s, a fault of the program" % sig.encode() in t.screen.raw
        check(said == (sig in ("SEGV", "ABRT", "BUS", "FPE", "ILL")), "SIG%s: %r" % (sig, t.screen.raw[-400:]))


def suspended_and_continued():
    script = (
        'set -m; stty -g; "$BEAMSCOPE" "$@"; printf "STOPPED\\n"; stty -g; read -r line; fg >/dev/null; printf "ENDED %d\\n" $?; stty -g; '
        'read -r line; printf "READ %s\\n" "$line"'
    )
    t = Terminal(["bash", "--norc", "-c", script, "bash"] + ON_LESSON)
    opened.append(t)
    t.expect(FIRST)
    t.send("l")
    t.expect("step 2 of 3")
    t.send("\x1a")
    t.expect("STOPPED")
    check(not t.screen.restored(), "after Ctrl-Z: %r" % t.screen.restored())
    t.send("\r")
    t.expect("step 2 of 3", gone=["STOPPED"])
    t.send("l")
    t.expect("step 3 of 3")
    t.send("Q")
    t.expect("ENDED 0")
    t.send("typed\r")
    t.expect("READ typed")
    check(t.wait() == 0, "exit status %r" % t.status)
    t.assert_restored()
    modes = set(re.findall(rb"[0-9a-f]+(?::[0-9a-f]+){10,}", t.screen.raw))
    check(len(modes) == 1, "stty -g says different things: %r" % modes)


def small_model_for_training(folder):
    """Writes a dataset for the reference's model into the folder, and returns the words that open both."""
    source = os.path.join(os.path.dirname(__file__), "..", "num", "reference", "A")
    data = json.load(open(source + "/data.json"))
    rows = ["item_id,tokens"] + ["%d,%s" % (i, " ".join(map(str, x))) for i, x in enumerate(data["catalog"]["main"])]
    open(folder + "/items.csv", "w").write("\n".join(rows) + "\n")
    rows = ["p%d,%s,%d" % (i, " ".join(map(str, x)), data["positives"][i]) for i, x in enumerate(data["prompts"])]
    for name in "cases", "cases_train":
        open("%s/%s.csv" % (folder, name), "w").write("\n".join(["case_id,prompt_tokens,item_id"] + rows) + "\n")
    json.dump({"eos_token_id": data["eos"]}, open(folder + "/meta.json", "w"))
    return ["-m", source + "/model", "-d", folder]


TRAIN = ":train msl --full --steps 1000000 --batch 4 --eval-cases 0 --out %s/run%d%s\r"


def training_is_saved_when_it_is_ended():
    with tempfile.TemporaryDirectory() as folder:
        words = small_model_for_training(folder)
        for i, end in enumerate(("TERM", "HUP", "quit")):
            t = start(*words)
            t.expect("case 1/10")
            t.send(TRAIN % (folder, i, ""))
            t.expect("/1000000", " left")
            t.send(":pause\r")
            t.expect("paused train")
            t.send(":resume\r")
            t.expect(" left")
            if end == "quit":
                t.send("Qy")
            else:
                os.kill(t.pid, getattr(signal, "SIG" + end))
            check(t.wait() == 1, "%s: status %r" % (end, t.status))
            said = "to go on: beamscope train --resume %s/run%d" % (folder, i)
            check(said.encode() in t.screen.raw, "%s: %r" % (end, t.screen.raw[-400:]))
            check(os.path.exists("%s/run%d/msl/last/model.safetensors" % (folder, i)), "%s: nothing was saved" % end)
            t.assert_restored()


def a_crash_says_where_the_race_is_saved():
    with tempfile.TemporaryDirectory() as folder:
        t = start(*small_model_for_training(folder))
        t.expect("case 1/10")
        t.send(TRAIN % (folder, 0, " --save-every 50"))
        t.expect("/1000000", " left")
        while not os.path.exists(folder + "/run0/msl/last/model.safetensors"):
            check(t.read(), "ended early")
        t.send(":pause\r")  # the page that says so has been drawn with what is saved
        t.expect("paused train")
        os.kill(t.pid, signal.SIGSEGV)
        check(t.wait() == -signal.SIGSEGV, "status %r" % t.status)
        t.assert_restored()
        words = rb"beamscope: ended by SIGSEGV, a fault.*\r\nbeamscope: the race is saved in '%s/run0' up to step \d+0: 'beamscope train --resume %s/run0' goes on"
        words %= (folder.encode(), folder.encode())
        check(re.search(words, t.screen.raw), "%r" % t.screen.raw[-600:])


def hang_up_ends_it():
    t = start()
    t.expect(FIRST)
    os.close(t.fd)
    _, status = os.waitpid(t.pid, 0)
    t.status = 0
    check(os.WIFSIGNALED(status) or os.WIFEXITED(status), "it is still there")


def nothing_to_load_is_said_before_the_screen_changes():
    t = start("-m", "/nonexistent", "-d", "/nonexistent")
    check(t.wait() == 1, "exit status %r: %r" % (t.status, t.screen.raw))
    check(b"/nonexistent" in t.screen.raw and b"\x1b[" not in t.screen.raw, "%r" % t.screen.raw)
    t.assert_restored()


def dumb_terminal_gets_text():
    t = start(env={"TERM": "dumb"})
    check(t.wait() == 0, "exit status %r" % t.status)
    check(b"\x1b" not in t.screen.raw and b"ncorrectly pruned" in t.screen.raw, "%r" % t.screen.raw[:200])


class Skip(Exception):
    """Why a test cannot be made here."""


def run(tests):
    print("1..%d" % len(tests), flush=True)
    for number, test in enumerate(tests, 1):
        try:
            test()
            print("ok %d - %s" % (number, test.__name__), flush=True)
        except Skip as why:
            print("ok %d - %s # SKIP %s" % (number, test.__name__, why), flush=True)
        except Exception:
            print("not ok %d - %s" % (number, test.__name__))
            print("# " + traceback.format_exc().replace("\n", "\n# "), flush=True)
        while opened:
            opened.pop().close()


def main():
    tests = [f for f in globals().values() if callable(f) and getattr(f, "__module__", "") == "__main__"]
    run([f for f in tests if isinstance(f, type(main)) and f not in (main, run, start, check, small_model_for_training)])


if __name__ == "__main__":
    main()
