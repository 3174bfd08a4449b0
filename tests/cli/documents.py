"""Runs what the documents show, and compares what they say comes of it with what the program prints. TAP.

    documents.py [--only TEXT] SCRATCH HELP DOCUMENT...

SCRATCH is an empty folder, HELP what `help --format json` printed; --only: of the documents' blocks those that hold TEXT.

A document is Markdown (fenced blocks) or a manual page (.EX to .EE). In a block, what stands after "$ " is a command, and the
lines below it are all that it prints; "..." on a line of its own stands for any lines, and within a line for any text. A
block of commands alone, each beginning with the program's name, is run for success. All blocks of a document are run in
one copy of the project's folder, one after the other, so that one may read what another wrote.
"""
import difflib
import glob
import json
import os
import re
import subprocess
import sys

TOP = os.environ["top_srcdir"]
SHARED = os.environ["BEAMSCOPE_SHARED"]

# What is shown and cannot be run, by document and heading; all else is.
SHOWN = {
    ("README.md", "Citing"): "BibTeX",
    ("beamscope.1", "On many machines"): "commands of GNU parallel and SLURM",
}

# Options that documents name, of other programs and of the build; and what every command has.
OTHERS = {"--help", "--version", "--enable-sanitizers", "--enable-werror", "--enable-fuzzing", "--prefix", "--tool"}

# How wide a document's text is, where that is not the width of a page without a terminal.
WIDTHS = {".1": "72", ".5": "72", ".7": "72"}

# What stands in the home folder of an example: links to what is shared or bundled.
HOME = {
    "models/office-sft": os.path.join(SHARED, "models/tinystories-656k"),
    "data/bear-office": os.path.join(SHARED, "datasets/bear-office"),
}

# On another processor a training's roundings are others: its figures are compared roughly.
TRAINS = re.compile(r"\bbeamscope\b.* train ")
NUMBER = r"[-+]?\d[\d,]*(?:\.\d+)?"
ROUGHLY = 0.25

MOST_WHY = 100  # lines of what is wrong with a test

tests = failures = 0
lax = []  # commands below which a digit might be another, and nobody would see it
compared = 0


def tell(good, name, why=""):
    global tests, failures
    tests += 1
    failures += not good
    print(f"{'ok' if good else 'not ok'} {tests} - {name}".replace("#", "\\#"))
    for line in [] if good else why.rstrip("\n").split("\n")[:MOST_WHY]:
        print(f"# {line}")


def skip(name, why):
    global tests
    tests += 1
    print(f"ok {tests} - {name.replace('#', chr(92) + '#')} # SKIP {why}")


class Block:
    def __init__(self, document, heading, number, lines, runs):
        self.document, self.heading, self.number, self.lines = document, heading, number, lines
        self.name = f"{document}:{number}"
        self.compares = any(line.startswith("$ ") for line in lines)
        self.runs = runs or self.compares

    def steps(self):
        """Each command with the lines that are below it; None where nothing is said of them."""
        lines = iter(self.lines)
        steps = []
        for line in lines:
            if not self.compares and line.startswith("# "):
                continue
            if self.compares and not line.startswith("$ "):
                assert steps, f"{self.name}: '{line}' comes of no command"
                steps[-1][1].append(line)
                continue
            command = line[2:] if self.compares else line
            while command.endswith("\\"):
                command += "\n" + next(lines)
            here = re.search(r"<<'?(\w+)'?", command)
            while here and not command.endswith("\n" + here[1]):
                command += "\n" + next(lines)
            steps.append((command, [] if self.compares else None))
        return steps


def markdown(name, lines):
    heading, block, lead = "", None, None
    for number, line in enumerate(lines, 1):
        if block is None:
            if line.startswith("```"):
                block, lead = [], line[3:]
            elif line.startswith("#"):
                heading = line.lstrip("# ")
        elif line.startswith("```"):
            yield Block(name, heading, number - len(block), block, lead == "sh")
            block = None
        else:
            block.append(line)
    assert block is None, f"{name}: a block is not closed"


def roff(name, lines):
    heading, block = "", None
    escapes = {r"\-": "-", r"\e": "\\", r"\&": "", r"\(aq": "'", r"\(dq": '"', r"\(ha": "^", r"\(ti": "~", r"\(<-": "←", r"\(->": "→"}
    for number, line in enumerate(lines, 1):
        if line.startswith((".SH ", ".SS ")):
            heading = line[4:].strip('"')
        if line == ".EX":
            block = []
        elif line == ".EE":
            text = [re.sub(r"\\(?:\[u(\w+)\]|\(..|.)", lambda e: chr(int(e[1], 16)) if e[1] else escapes[e[0]], part)
                    for part in block]
            bare = [part for part in text if not part.startswith("# ")]
            yield Block(name, heading, number - len(block), text, bool(bare) and bare[0].startswith("beamscope"))
            block = None
        elif block is not None:
            block.append(line)


def pattern(line, rough):
    """A regular expression for the line; where it is rough, with a group for every number."""
    parts = []
    for part in re.split(r"\.\.\.|…", line.rstrip()):
        if rough:
            pieces = re.split(f"({NUMBER})", part)
            part = "".join(f"({NUMBER})" if i % 2 else re.sub(r"(?:\\ )+", r"\\s+", re.escape(p))
                           for i, p in enumerate(pieces))
        else:
            part = re.escape(part)
        parts.append(part)
    return ".*".join(parts)


def value(number):
    return float(number.replace(",", ""))


def agrees(wanted, got, rough):
    expression, numbers = "", []
    for line in wanted:
        if line.strip() in ("...", "…"):
            expression += r"(?:[^\n]*\n)*"
        else:
            expression += pattern(line, rough) + r"\s*?\n"
            numbers += re.findall(NUMBER, line) if rough else []
    match = re.fullmatch(expression, got)
    return bool(match) and all(abs(value(a) - value(b)) <= ROUGHLY * max(abs(value(a)), abs(value(b)))
                               for a, b in zip(numbers, match.groups()))


def with_another_number(wanted):
    """The lines, once for each of their digits, with that digit another."""
    for i, line in enumerate(wanted):
        for digit in re.finditer(r"\d", line):
            other = str((int(digit[0]) + 1) % 10)
            yield wanted[:i] + [line[:digit.start()] + other + line[digit.end():]] + wanted[i + 1:]


def compare(wanted, out, rough, name, title):
    global compared
    difference = difflib.unified_diff(wanted, out.splitlines(), name, "what is printed", lineterm="", n=1)
    tell(agrees(wanted, out, rough), title, "\n".join(difference))
    if not rough and wanted:
        compared += 1
        lax.extend(title for false in with_another_number(wanted) if agrees(false, out, rough))


def folder(scratch, name):
    """A copy of the project's folder by links, with the shared data beside it and a home with what examples look for there."""
    top = os.path.join(scratch, name)
    project = os.path.join(top, "project")
    os.makedirs(project)
    for entry in os.listdir(TOP):
        os.symlink(os.path.join(TOP, entry), os.path.join(project, entry))
    if os.path.isdir(SHARED):
        os.symlink(os.path.realpath(SHARED), os.path.join(top, "shared"))
    for link, target in HOME.items():
        link = os.path.join(top, "home", link)
        os.makedirs(os.path.dirname(link), exist_ok=True)
        os.symlink(os.path.realpath(target), link)
    return project


def run(command, project, width=None, apart=False):
    env = dict(os.environ, HOME=os.path.join(os.path.dirname(project), "home"))
    env["PATH"] = os.path.dirname(os.environ["BEAMSCOPE"]) + os.pathsep + env["PATH"]
    if width:
        env["COLUMNS"] = width
    done = subprocess.run(["bash", "-c", command], cwd=project, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE if apart else subprocess.STDOUT, encoding="utf-8", errors="replace")
    return done.returncode, done.stdout, done.stderr


def builds(command):
    """Of a command that makes the program, which is not run here: whether what it names is there."""
    words = command.split("#")[0].split()
    if words[0] == "./bootstrap":
        with open(os.path.join(TOP, "bootstrap"), encoding="utf-8") as script:
            known = script.read()
        return all(word in known for word in words[1:])
    with open(os.path.join(os.environ["top_builddir"], "Makefile"), encoding="utf-8") as makefile:
        targets = re.findall(r"^([\w-]+):", makefile.read(), re.M)
    return all(word in targets for word in words[words.index("build") + 1:] if "=" not in word)


def check_block(block, project):
    for command, wanted in block.steps():
        title = f"{block.name}: {command.splitlines()[0]}"
        if command.startswith(("./bootstrap", "make ")):
            tell(builds(command), title, "there is no such target")
            continue
        if ("../shared" in command or "~/" in command) and not os.path.isdir(os.path.join(SHARED, "models")):
            skip(title, "no ../shared")
            continue
        if wanted is None and TRAINS.search(command):  # one step shows as well that the line is understood
            command = re.sub(r"--steps \d+", "--steps 1", command)
        status, out, _ = run(command, project, WIDTHS.get(os.path.splitext(block.document)[1]))
        fails = bool(wanted) and wanted[-1].startswith("beamscope: ")
        if (status != 0) != fails:
            tell(False, title, f"status {status}\n{out}")
        elif wanted is None:
            tell(True, title)
        else:
            compare(wanted, out, bool(TRAINS.search(command)), block.name, title)


def check_document(path, examples, scratch, only):
    name = os.path.basename(path)
    with open(path, encoding="utf-8") as text:
        lines = text.read().splitlines()
    blocks = [b for b in (markdown if name.endswith(".md") else roff)(name, lines) if only in "\n".join(b.lines)]
    project = folder(scratch, name)
    shown = set()
    for block in blocks:
        if not block.runs:
            shown.add((name, block.heading))
        elif not all(" ".join(command.split()).replace("\\ ", "") in examples for command, _ in block.steps()):
            check_block(block, project)
    if not only:
        named = {place for place in SHOWN if place[0] == name}
        tell(shown == named, f"{name} shows what is not run where the test says so, and nowhere else",
             f"not named here: {sorted(shown - named)}\nnamed and not there: {sorted(named - shown)}")


def plain(lines):
    """The lines that are in no block."""
    inside = False
    for line in lines:
        if line.startswith("```") or line in (".EX", ".EE"):
            inside = not inside
        elif not inside:
            yield line.replace("\\-", "-")


def check_names(path, options):
    """Whether the files of the project and the options that a document names are there."""
    name = os.path.basename(path)
    with open(path, encoding="utf-8") as text:
        lines = list(plain(text.read().splitlines()))
    paths = set(re.findall(r"(?<![\w./~])((?:src|include|tests|man|data)/[\w./<>*-]*[\w*>])", "\n".join(lines)))
    missing = [p for p in sorted(paths) if not glob.glob(os.path.join(TOP, re.sub(r"<\w+>", "*", p)) + "*")]
    tell(not missing, f"{name} names no file that is not there", "\n".join(missing))
    named = set(re.findall(r"(?<![\w-])--[a-z][\w-]*\w", "\n".join(lines)))
    tell(named <= options, f"{name} names no option that is not there", "\n".join(sorted(named - options)))


def check_help(examples, scratch):
    project = folder(scratch, "help")
    for line in examples:
        if "../shared" in line and not os.path.isdir(os.path.join(SHARED, "models")):
            skip(line, "no ../shared")
            continue
        status, _, err = run(f"beamscope {line}", project, apart=True)
        tell(status == 0 and not err, line, f"status {status}\n{err}")


def main():
    words = sys.argv[1:]
    only = words[1] if words[0] == "--only" else ""
    scratch, helped, *documents = words[2:] if only else words
    with open(helped, encoding="utf-8") as text:
        tables = json.load(text)
    commands = tables["commands"]
    options = {f"--{option['name']}" for option in tables["options"]}
    options |= {a["name"].split()[0] for c in commands for a in c["arguments"] if a["name"].startswith("--")}
    examples = [example["line"] for command in commands for example in command["examples"]]
    if not only:
        tell(all(command["examples"] for command in commands), "every command has an example")
        check_help(examples, scratch)
    lines = {" ".join(f"beamscope {line}".split()) for line in examples}
    for document in documents:
        if not only:
            check_names(document, options | OTHERS)
        check_document(document, lines, scratch, only)
    if not only:
        tell(compared and not lax, "a digit that were another would be found", "\n".join(lax))
    print(f"1..{tests}")
    return failures > 0


sys.exit(main())
