"""The prompt in a pseudo-terminal: completion, history, statements of several lines, Ctrl-C, errors, the pager.

Every wait is for output (or for the end of the process), never for time. TAP on standard output.
"""
import os, re, signal, stat, tempfile

import terminal
from terminal import PROGRAM, Terminal, check, opened, run, start

PROMPT, GOES_ON = "beamscope> ", "      ...> "
UP, TAB, CTRL_C, CTRL_D, CTRL_R, CTRL_U = "\x1b[A", "\t", "\x03", "\x04", "\x12", "\x15"


class Prompt:
    """A prompt on the lesson's three items, or on what is named; its history in a folder of its own, or in that."""

    def __init__(self, *args, state=None, program=None, **kwargs):
        if state is None:
            self.folder = tempfile.TemporaryDirectory(prefix="beamscope-state-")
            state = self.folder.name
        self.history = os.path.join(state, "beamscope", "history")
        kwargs["env"] = dict({"XDG_STATE_HOME": state, "PAGER": ""}, **kwargs.get("env", {}))
        if program:
            self.t = Terminal(program, **kwargs)
            opened.append(self.t)
        else:
            self.t = start(*args, "repl", **kwargs)
        self.ready()

    def ready(self):
        """Waits for the prompt below all output."""
        while not self.last_line().startswith(PROMPT.strip()) or self.t.screen.x != len(PROMPT):
            check(self.t.read(), "ended: " + self.t.screen.text())

    def last_line(self):
        return "".join(self.t.screen.cells[self.t.screen.y]).rstrip()

    def line_is(self, text):
        """Waits for the line at the cursor to be this one."""
        while self.last_line() != text.rstrip():
            check(self.t.read(), "the line is %r and not %r" % (self.last_line(), text))

    def run(self, line, *wanted):
        """What is wanted may stand there from before: the prompt comes anew."""
        before = len(self.t.screen.raw)
        self.t.send(line + "\r")
        while PROMPT.encode() not in self.t.screen.raw[before:]:
            check(self.t.read(), "ended: " + self.t.screen.text())
        self.t.expect(*wanted)
        self.ready()

    def completes(self, typed, wanted):
        """The line becomes that; it is then taken away."""
        self.t.send(typed + TAB + "|")  # what is typed behind shows where the cursor is, and that it is done
        self.line_is(PROMPT + wanted + "|")
        self.t.send(CTRL_U)
        self.line_is(PROMPT)

    def answers(self, line):
        """What the line writes, without the line itself."""
        before = len(self.t.screen.raw)
        self.t.send(line + "\r")
        while not self.t.screen.raw[before:].endswith(PROMPT.encode()):
            check(self.t.read(), "ended: " + self.t.screen.text())
        text = re.sub(rb"\x1b\[\?2004[hl]\r?", b"", self.t.screen.raw[before:])
        text = text.decode().replace("\r\n", "\n")
        return text[text.index("\n") + 1 : -len(PROMPT)]

    def saved(self):
        with open(self.history) as f:
            return f.read().splitlines()

    def quit(self):
        self.t.send("quit\r")
        check(self.t.wait() == 0, "exit status %r" % self.t.status)
        self.t.assert_restored()


def script(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write("#!/bin/sh\n" + text)
    os.chmod(path, 0o700)
    return path


def edits_and_goes_on():
    p = Prompt()
    p.run("bea\t1", "Incorrectly pruned", "Cobalt Orchard")
    p.run("nonsense", "beamscope: ", "nonsense")
    p.run("goto 3", "step 3 · 2 kept")
    p.run("set format json")
    p.run("goto 1", '"cutoff":')
    p.quit()


def completes_all_kinds():
    p = Prompt()
    p.run("info", "catalogue")
    p.completes("be", "beam ")
    p.completes("item cob", "item cobalt ")
    p.completes("find tin", "find 'Tin Lighthouse' ")
    p.completes('find "tin', 'find "Tin Lighthouse" ')
    p.completes("set mask af", "set mask after ")
    p.completes("beam 1 --len", "beam 1 --length-penalty ")
    p.completes("train sft,bear:lam", "train sft,bear:lambda=")
    p.completes("cases --where pop", "cases --where 'popularity ")
    p.completes("why; lesson gre", "why; lesson greedy ")
    p.run("let width 3")
    p.completes("beam 1 --beam $wi", "beam 1 --beam $width")
    with tempfile.TemporaryDirectory() as folder:
        open(os.path.join(folder, "two words"), "w").close()
        p.completes("source %s/tw" % folder, "source '%s/two words' " % folder)
    p.quit()


def shows_what_is_ambiguous():
    p = Prompt()
    p.t.send("set mask " + TAB + TAB)
    p.t.expect("before  after")
    p.line_is(PROMPT + "set mask")
    p.t.send(CTRL_U + "st" + TAB + TAB)
    p.t.expect("step  stop")
    p.t.send(CTRL_U)
    p.quit()


def what_cannot_be_loaded_is_told_and_mended():
    p = Prompt("-d", "/nonexistent/data")
    check("beamscope: dataset '/nonexistent/data'" in p.t.screen.text(), p.t.screen.text())
    p.t.send("case 1" + TAB)
    p.t.expect("no data is loaded yet: 'info' loads it")
    p.line_is(PROMPT + "case 1")
    p.t.send(CTRL_U)
    p.run("load data $data/lesson", "3")
    p.run("case 1", "Tin Lighthouse")
    p.quit()


def too_many_are_counted():
    p = Prompt(program=[PROGRAM, "repl"])
    p.run("info data")
    p.t.send("case " + TAB + TAB)
    p.t.expect("1    2    3", "more")
    shown = sum(len(row.split()) for row in p.t.screen.text().split("\n") if re.fullmatch(r"[0-9 ]+", row))
    more = int(re.search(r"and ([0-9,]+) more", p.t.screen.text()).group(1).replace(",", ""))
    check(shown + more == 1000, "%d shown, %d more" % (shown, more))
    p.t.send(CTRL_U)
    p.quit()


def remembers_what_was_typed():
    with tempfile.TemporaryDirectory() as state:
        p = Prompt(state=state)
        p.run("beam 1", "Incorrectly pruned")
        p.run("goto 2", "step 2")
        p.run("goto 2  ", "step 2")
        p.run(" goto 1", "step 1")
        p.run("nonsense", "nonsense")
        check(p.saved() == ["beam 1", "goto 2", "nonsense"], "saved %r" % p.saved())
        check(stat.S_IMODE(os.stat(p.history).st_mode) == 0o600, "others can read it")
        os.kill(p.t.pid, signal.SIGKILL)
        p.t.wait()
        p = Prompt(state=state)
        p.t.send(UP)
        p.line_is(PROMPT + "nonsense")
        p.t.send(UP + UP)
        p.line_is(PROMPT + "beam 1")
        p.t.send(CTRL_C)
        p.ready()
        p.t.send(CTRL_R + "got")
        p.t.expect("`got': goto 2")
        p.t.send("\r")
        p.t.expect("no search is open")
        p.ready()
        p.run("set history 0")
        p.run("why 1", "Incorrectly pruned")
        p.quit()
        check(p.saved() == ["beam 1", "goto 2", "nonsense", "goto 2", "set history 0"], "saved %r" % p.saved())


def a_history_that_cannot_be_kept_is_said_once():
    with tempfile.TemporaryDirectory() as state:
        os.makedirs(os.path.join(state, "beamscope", "history"))
        p = Prompt(state=state)
        p.run("goto 1", "beamscope: the history", "no search is open")
        check("history" not in p.answers("goto 2"), p.t.screen.text())
        p.quit()
    with tempfile.TemporaryDirectory() as state:
        os.makedirs(os.path.join(state, "beamscope"))
        with open(os.path.join(state, "beamscope", "history"), "wb") as f:
            f.write(b"\x00\xff\x1b[2J\n" + b"x" * 100000 + b"\nbeam 1\nhalf")
        p = Prompt(state=state)
        p.t.send(UP)
        p.line_is(PROMPT + "beam 1")
        p.t.send(CTRL_U)
        p.quit()


def statements_go_on_in_other_lines():
    p = Prompt()
    p.t.send("beam 1 \\\r")
    p.line_is(GOES_ON)
    p.t.send("--bea" + TAB)
    p.line_is(GOES_ON + "--beam ")
    p.t.send("3\r")
    p.t.expect("B 3")
    p.ready()
    p.t.send("find half \\\r")
    p.line_is(GOES_ON)
    p.t.send("a title" + CTRL_C)
    p.ready()
    p.run("goto 1; goto 2", "step 1", "step 2")
    check(p.saved()[-1] == "goto 1; goto 2", "saved %r" % p.saved())
    check("half" not in "".join(p.saved()), "saved %r" % p.saved())
    check(p.saved()[0] == "beam 1 --beam 3", "saved %r" % p.saved())
    p.t.send(UP + UP)
    p.line_is(PROMPT + "beam 1 --beam 3")
    p.t.send(CTRL_U + "beam 1 \\\r")
    p.line_is(GOES_ON)
    p.t.send(CTRL_D)  # ends the statement, then the program
    p.t.expect("Incorrectly pruned")
    p.ready()
    p.t.send(CTRL_D)
    check(p.t.wait() == 0, "exit status %r" % p.t.status)


def ctrl_c_drops_what_is_typed():
    p = Prompt()
    p.t.send("goto thr" + CTRL_C + "goto 3\r")
    p.t.expect("no search is open")
    p.ready()
    p.t.send(CTRL_R + "got" + CTRL_C)
    p.ready()
    p.t.send("\x1b5" + CTRL_C)
    p.ready()
    p.t.send(CTRL_C + CTRL_C + CTRL_C)
    p.run("beam 1", "Incorrectly pruned")
    p.quit()


def ctrl_c_cancels_the_command():
    p = Prompt(program=[PROGRAM, "repl"])
    for command in ["diagnose", "sweep all", "train sft --full --steps 1000000 --eval-cases 0"]:
        before = len(p.t.screen.raw)
        p.t.send(command + "; never-run\r")
        while not re.search(rb"[1-9][0-9]*/1,?000", p.t.screen.raw[before:]):
            check(p.t.read(), "ended: " + p.t.screen.text())
        p.t.send(CTRL_C)
        p.ready()
        said = p.t.screen.raw[before:].decode()
        check("stopped" in said or "cancelled" in said, said)
        check("there is no command" not in said, said)
        p.run("case 1", "Yoxall Erasing Shield")
    p.quit()


def errors_are_one_line():
    p = Prompt(w=200)
    for line in ["s", "nonsense", "beam", "beam 1 --max x", "set format t", "find 'a' --limit x", "cases --where '('",
                 "info everything", "beam nobody", "goto pruned", "${", "load model /nonexistent", "$none", "train xyz"]:
        said = p.answers(line)
        if line == "${":
            continue
        check(re.fullmatch(r"beamscope: [^\n]+\n", said), "%r says %r" % (line, said))
    p.quit()


def names_may_be_cut():
    p = Prompt(w=200)
    check("'step', 'sweep'" in p.answers("s"), p.t.screen.text())
    check("'--max-memory', '--max-history'" in p.answers("train sft --max 5"), p.t.screen.text())
    check("'text', 'tsv'" in p.answers("set format t"), p.t.screen.text())
    check("case" in p.answers("cases --lim 1 --form js"), p.t.screen.text())
    p.run("set mas a")
    p.run("bea 1 --bea 3", "B 3", "mask after")
    p.quit()


def long_answers_go_through_the_pager():
    with tempfile.TemporaryDirectory() as folder:
        # Reads three lines and goes, however much there is: that is its reader's wish.
        quick = script(folder, "quick", "head -n 3\necho PAGED $LESS\n")
        p = Prompt(w=80, h=24, env={"PAGER": quick})
        p.run("help", "PAGED FRX")
        check(p.answers("help").count("\n") < 10, p.t.screen.text())
        check("PAGED" not in p.answers("beam 1"), p.t.screen.text())
        p.run("set pager off")
        check("PAGED" not in p.answers("help"), p.t.screen.text())
        p.run("set pager on; last --format json", "{")
        p.quit()
        p = Prompt(h=500, env={"PAGER": quick})
        check("PAGED" not in p.answers("help"), p.t.screen.text())
        p.quit()
        # One that waits for its reader gets his keys, Ctrl-C among them.
        slow = script(folder, "slow", "head -n 3\nstty -echo -icanon min 1 </dev/tty\necho WAITS\nread key </dev/tty\necho GOT $key\n")
        p = Prompt(env={"PAGER": slow})
        p.t.send("help\r")
        p.t.expect("WAITS")
        p.t.send("x\r")
        p.t.expect("GOT x")
        p.ready()
        p.run("tokenize x")
        before = len(p.t.screen.raw)
        p.t.send("help\r")
        while b"WAITS" not in p.t.screen.raw[before:]:
            check(p.t.read(), "ended: " + p.t.screen.text())
        p.t.send(CTRL_C)
        p.ready()
        p.run("goto 1", "goto 1", "no search is open")  # what is typed is shown again
        p.quit()


def without_a_pager_all_is_printed():
    for pager in ["/nonexistent/pager", ""]:
        p = Prompt(env={"PAGER": pager})
        check(p.answers("help").count("\n") > 30, p.t.screen.text())
        p.quit()


def a_lesson_that_asks_is_not_paged():
    with tempfile.TemporaryDirectory() as folder:
        p = Prompt(h=10, env={"PAGER": script(folder, "pager", "cat >/dev/null\necho PAGED\n")})
        p.t.send("lesson greedy\r")
        p.t.expect("Your prediction:")
        check("PAGED" not in p.t.screen.text(), p.t.screen.text())
        p.t.send(CTRL_D)
        p.ready()
        check("PAGED" not in p.t.screen.text(), p.t.screen.text())
        check(p.saved() == ["lesson greedy"], "saved %r" % p.saved())
        p.quit()


def ends_with_ctrl_d():
    p = Prompt()
    p.t.send(CTRL_D)
    check(p.t.wait() == 0, "exit status %r" % p.t.status)
    p.t.assert_restored()


def plain_terminals_get_plain_lines():
    for env in [{"ACCESSIBLE": "1"}, {"TERM": "dumb"}]:
        with tempfile.TemporaryDirectory() as folder:
            pager = script(folder, "pager", "echo PAGED\n")
            p = Prompt(w=200, env=dict(env, PAGER=pager))
            said = p.answers("help")
            check("PAGED" not in said and said.count("\n") > 30, "%r: %r" % (env, said))
            p.t.send("set mask " + TAB + TAB)
            p.t.expect("2 candidates: before, after" if "ACCESSIBLE" in env else "before  after")
            p.t.send(CTRL_C)
            p.ready()
            p.quit()
            check(b"\x1b" not in p.t.screen.raw, "%r: %r" % (env, re.findall(rb"\x1b.{8}", p.t.screen.raw)[:3]))


def main():
    tests = [f for f in globals().values() if callable(f) and getattr(f, "__module__", "") == "__main__"]
    run([f for f in tests if isinstance(f, type(main)) and f not in (main, script)])


if __name__ == "__main__":
    main()
