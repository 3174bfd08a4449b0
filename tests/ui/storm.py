"""What a terminal can do to the screens while a race trains on the demo, and what a dataset can try to do to a terminal.

As in terminal.py every wait is for output or for the end of the process. TAP on standard output.
"""
import base64, os, random, re, shutil, signal, tempfile

import terminal
from terminal import LESSON, PROGRAM, Skip, Terminal, check, opened, run

DEMO = "case 312/1000"
RACE = ":train bear --full --steps 1000000 --batch 4 --eval-cases 0 --out %s\r"


def demo(argv=(PROGRAM,), **kwargs):
    t = Terminal(list(argv), **kwargs)
    opened.append(t)
    t.expect(DEMO)
    return t


def training(folder, **kwargs):
    t = demo(**kwargs)
    t.send(RACE % folder)
    goes_on(t)
    return t


def step_of(t):
    steps = re.findall(r"train ([0-9]+)/1000000", t.screen.text())
    return int(steps[0]) if steps else 0


def goes_on(t):
    """Until the race has made a step more than it had."""
    before = step_of(t)
    while step_of(t) <= before:
        if not t.read():
            raise AssertionError("ended while it trained; the screen is\n" + t.screen.text())


def quit_saved(t, folder):
    t.send("Q")
    t.expect("stop it and quit? y/n")
    t.send("y")
    check(t.wait() == 1, "status %r" % t.status)
    check(("train --resume " + folder).encode() in t.screen.raw, "it does not say how to go on: %r" % t.screen.raw[-300:])
    t.assert_restored()


def resumes(folder):
    t = demo()
    t.send(":train --resume %s\r" % folder)
    goes_on(t)
    check(step_of(t) > 1, "it begins anew")
    quit_saved(t, folder)


# By the view's key, what is to be seen of it on any page that is large enough, whatever the race does meanwhile.
VIEWS = {
    "1": "positive item",
    "2": "cut-off",
    "3": "tree after step",
    "4": "Margins by step",
    "5": "runner",
    "6": "Nothing is compared yet",
    "7": "lessons",
}


def hundred_sizes_while_training():
    rng = random.Random(5)
    with tempfile.TemporaryDirectory() as folder:
        t = training(folder + "/run", w=100, h=30)
        views = list(VIEWS)
        for i in range(105):
            view = views[i // 15]
            if i % 15 == 0:
                t.resize(100, 30)
                t.send(view)
                t.expect(VIEWS[view])
            w, h = (1, 1) if i % 15 == 7 else (rng.randint(1, 300), rng.randint(1, 100))
            t.resize(w, h)
            if w >= 80 and h >= 24:
                t.expect("Beam", "Train", "train ")
            elif w >= 30 and h >= 3:
                t.expect("needs 80x24, have %dx%d" % (w, h))
            elif not t.read():
                raise AssertionError("ended at %dx%d" % (w, h))
        t.resize(100, 30)
        goes_on(t)
        t.send("?")
        t.expect("┌ Help")
        t.send("q")
        t.expect(gone=["┌ Help"])
        quit_saved(t, folder + "/run")
        resumes(folder + "/run")


def quitting_asks():
    with tempfile.TemporaryDirectory() as folder:
        t = training(folder + "/run", w=100, h=30)
        for answer in "n", "\x1b", "x":
            t.send("Q")
            t.expect("stop it and quit? y/n")
            t.send(answer)
            t.expect(gone=["stop it and quit? y/n"])
            goes_on(t)
        quit_saved(t, folder + "/run")


def suspended_while_training():
    script = (
        'set -m; stty -g; "$BEAMSCOPE"; printf "STOPPED\\n"; stty -g; read -r line; fg >/dev/null; printf "ENDED %d\\n" $?; '
        "stty -g"
    )
    with tempfile.TemporaryDirectory() as folder:
        t = training(folder + "/run", argv=["bash", "--norc", "-c", script], w=100, h=30)
        t.send("\x1a")
        t.expect("STOPPED")
        check(not t.screen.restored(), "after Ctrl-Z: %r" % t.screen.restored())
        t.send("\r")
        t.expect("train ", gone=["STOPPED"])
        goes_on(t)
        t.send("Qy")
        t.expect("ENDED 1")
        check(t.wait() == 0, "exit status %r" % t.status)
        t.assert_restored()
        modes = set(re.findall(rb"[0-9a-f]+(?::[0-9a-f]+){10,}", t.screen.raw))
        check(len(modes) == 1, "stty -g says different things: %r" % modes)
        resumes(folder + "/run")


def killed_while_training():
    with tempfile.TemporaryDirectory() as folder:
        for sig in "INT", "TERM", "HUP":
            run_folder = folder + "/" + sig
            t = training(run_folder, w=100, h=30)
            os.kill(t.pid, getattr(signal, "SIG" + sig))
            check(t.wait() == 1, "SIG%s: status %r" % (sig, t.status))
            check(("train --resume " + run_folder).encode() in t.screen.raw, "SIG%s: %r" % (sig, t.screen.raw[-300:]))
            t.assert_restored()
        resumes(folder + "/TERM")
        for sig in "QUIT", "SEGV", "ABRT":
            number = getattr(signal, "SIG" + sig)
            t = training(folder + "/" + sig, w=100, h=30)
            os.kill(t.pid, number)
            check(t.wait() == -number, "SIG%s: status %r" % (sig, t.status))
            t.assert_restored()


def hang_up_saves_the_race():
    with tempfile.TemporaryDirectory() as folder:
        t = training(folder + "/run", w=100, h=30)
        os.close(t.fd)
        _, status = os.waitpid(t.pid, 0)
        t.status = 0
        check(os.WIFEXITED(status) or os.WIFSIGNALED(status), "it is still there")
        resumes(folder + "/run")


# What could act on a terminal, or move what stands beside it: none of it may come out.
HOSTILE = [
    "\x1b]0;PWNED\x07",
    "\x1b[31;5mRED",
    "\x1b[2J",
    "\x1bP1$r\x1b\\",
    "\x9b31m",
    "bell\x07",
    "back\x08\x08\r",
    "\u202egnp.exe",
    "\u2066iso\u2069",
    "\u200f",
    "e" + "\u0301" * 60,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 40,
    "写真用紙" * 60,
    "\ufdfd" * 20,
    "\x7f\x01\x02",
]
NEVER = ["\x1b]0;", "\x1b[31;5m", "\x1bP", "\x9b", "\x07", "\u202e", "\u2066", "\u2069", "\u200f", "\x7f", "\x01", "\x02"]


def titles_cannot_act():
    with tempfile.TemporaryDirectory() as folder:
        data = folder + "/data"
        shutil.copytree(LESSON, data)
        for title in HOSTILE:
            rows = ["item_id,tokens,title"] + [
                '%s,%s,"%s %s"' % (item, tokens, title, item)
                for item, tokens in (("cobalt", "12 15 0"), ("marmalade", "13 18 0"), ("tin", "14 21 0"))
            ]
            open(data + "/items.csv", "w", newline="", encoding="utf-8").write("\n".join(rows) + "\n")
            t = Terminal([PROGRAM, "-m", data + "/table.csv", "-d", data], w=120, h=40)
            opened.append(t)
            t.expect("step 1 of 3")
            for view in "1", "3", "4", "6", "2":
                t.send(view)
            t.send("l")
            t.expect("step 2 of 3")
            t.send(":item tin\r")
            t.expect("┌ item tin")
            t.send("q:find tin\r")
            t.expect("tin")
            t.send("q1y")
            t.expect("copied")
            copied = base64.b64decode(t.screen.osc[-1].removeprefix(b"52;c;")).decode("utf-8")
            saved = ""
            for name in "page.txt", "page.svg":
                t.send("P\x15%s/%s\r" % (folder, name))
                t.expect("saved", name)
                with open(folder + "/" + name, encoding="utf-8", newline="") as f:
                    saved += f.read()
                os.remove(folder + "/" + name)
            t.send("Q")
            check(t.wait() == 0, "%r: exit status %r" % (title, t.status))
            t.assert_restored()
            shown = re.sub("\x1b\\]52;c;[A-Za-z0-9+/=]*\x07", "", t.screen.raw.decode("utf-8"))
            for bad in NEVER:
                for what, text in ("terminal", shown), ("clipboard", copied), ("saved pages", saved):
                    check(bad not in text, "%r came out of the title %r into the %s" % (bad, title, what))


# What is shown whole, each with its cells; the frame to the right of it stays where it is.
UNUSUAL = {"กำแพงที่สูง": 9, "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7": 4, "写真": 4, "각": 2, "한글": 4, "ée\u0301": 2}


def unusual_titles_keep_their_columns():
    with tempfile.TemporaryDirectory() as folder:
        data = folder + "/data"
        shutil.copytree(LESSON, data)
        text = open(data + "/items.csv", encoding="utf-8").read()
        for title, cells in UNUSUAL.items():
            with open(data + "/items.csv", "w", encoding="utf-8") as f:
                f.write(text.replace("Tin Lighthouse", title))
            t = Terminal([PROGRAM, "-m", data + "/table.csv", "-d", data], w=100, h=30)
            opened.append(t)
            t.expect("★ " + title, "ncorrectly pruned")  # further down on the same page
            row = next(r for r in t.screen.cells if "★ " + title in "".join(r) and r[-1] == "│")
            at = row.index("★") + 2
            check("".join(row[at : at + cells]) == title, "%r does not take %d cells: %r" % (title, cells, "".join(row)))
            check("".join(row[at + cells : -1]).strip() == "", "%r: %r" % (title, "".join(row)))
            t.send("Q")
            check(t.wait() == 0, "%r: exit status %r" % (title, t.status))


def invalid_titles_cannot_act():
    with tempfile.TemporaryDirectory() as folder:
        data = folder + "/data"
        shutil.copytree(LESSON, data)
        text = open(data + "/items.csv", "rb").read().replace(b"Tin Light", b"\xff\xc3\xfe\x9b31mTin \xed\xa0\x80 Light")
        open(data + "/items.csv", "wb").write(text)
        t = Terminal([PROGRAM, "-m", data + "/table.csv", "-d", data], w=120, h=40)
        opened.append(t)
        t.send("Q")
        t.wait()
        t.assert_restored()
        t.screen.raw.decode("utf-8")  # or it was not made safe


def known(term):
    try:
        import curses

        curses.setupterm(term, 1)
    except ImportError:
        return True
    except curses.error:
        return False
    return True


def kinds_of_terminal():
    missing = []
    for term in "xterm-256color", "xterm", "screen", "screen-256color", "tmux-256color", "linux", "vt100", "ansi":
        if not known(term):
            missing.append(term)
            continue
        for env in {}, {"NO_COLOR": "1"}, {"LC_ALL": "C"}:
            t = Terminal([PROGRAM] + terminal.ON_LESSON + ["--no-mouse"], env=dict(env, TERM=term))
            opened.append(t)
            t.expect("step 1 of 3")
            t.send("l")
            t.expect("step 2 of 3")
            for view in "1", "3", "2":
                t.send(view)
            t.send("\x0c")
            t.expect("step 2 of 3")
            t.send("Q")
            check(t.wait() == 0, "%s %r: exit status %r" % (term, env, t.status))
            t.assert_restored()
            if "LC_ALL" in env:
                check(all(b < 0x80 for b in t.screen.raw), "%s: bytes past ASCII in the C locale" % term)
            if "NO_COLOR" in env:
                colours = re.findall(rb"\x1b\[[0-9;]*(?:3[0-8]|4[0-8])[0-9;]*m", t.screen.raw)
                check(not colours, "%s: colours in spite of NO_COLOR: %r" % (term, colours[:3]))
    if missing:
        raise Skip("no terminfo entry here for " + ", ".join(missing))


run(
    [
        hundred_sizes_while_training,
        quitting_asks,
        suspended_while_training,
        killed_while_training,
        hang_up_saves_the_race,
        titles_cannot_act,
        unusual_titles_keep_their_columns,
        invalid_titles_cannot_act,
        kinds_of_terminal,
    ]
)
