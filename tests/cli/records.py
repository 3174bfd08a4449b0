"""Runs the program's commands, many in one run, and gives what each of them says: for tests of what programs rely on."""
import json
import os
import re
import shlex
import subprocess

PROGRAM = os.environ["BEAMSCOPE"]
TOP = os.environ["top_srcdir"]
SHARED = os.environ["shared"]
MARK = "help quit"  # what it says stands after what each line says


class Scenario:
    """Options of the program, and lines that it runs one after the other: a text with one a line, or a list."""

    def __init__(self, lines, options=""):
        self.lines = [line.strip() for line in lines.strip().split("\n")] if isinstance(lines, str) else lines
        self.options = shlex.split(options) if isinstance(options, str) else options

    def can_run(self):
        return os.path.isdir(SHARED + "/models") or "../shared" not in " ".join(self.options + self.lines)

    def __str__(self):
        return shlex.join(self.options) + " " + "; ".join(self.lines)


def program(arguments, env=None, folder=None, stdout=subprocess.PIPE):
    """env: variables to set, or to take away where their value is None."""
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "ACCESSIBLE")}
    environment.update({k: v for k, v in (env or {}).items() if v is not None})
    return subprocess.run([PROGRAM] + arguments, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
                          env=environment, cwd=folder)


def said(arguments, env=None, folder=None):
    done = program(arguments, env, folder)
    if done.returncode != 0 or done.stderr:
        raise SystemExit("%s in: %s" % (done.stderr.decode(), shlex.join(arguments)))
    return done.stdout


def script(scenario, form, arguments=()):
    """The words that run the scenario, and those that give its mark alone."""
    words = [*scenario.options, "--format", form, *arguments]
    return words + [w for line in scenario.lines for w in ("-c", line, "-c", MARK)], [*words, "-c", MARK]


def split(scenario, text, mark):
    """(line, what it said) for each line, as bytes."""
    parts = text.split(mark)
    if len(parts) != len(scenario.lines) + 1 or parts[-1]:
        raise SystemExit("%s: %d answers to %d lines" % (scenario, len(parts) - 1, len(scenario.lines)))
    return list(zip(scenario.lines, parts))


def outputs(scenario, form, arguments=(), env=None, folder=None):
    words, mark = script(scenario, form, arguments)
    return split(scenario, said(words, env, folder), said(mark, env, folder))


def records(scenario):
    """(line, its records) for each line."""
    return [(line, [parsed(r, line) for r in text.split(b"\n") if r]) for line, text in outputs(scenario, "json")]


def parsed(text, line):
    try:
        return json.loads(text)
    except ValueError as e:
        raise SystemExit("%s: %s: %r" % (line, e, text[:200]))


def commands():
    return json.loads(said(["help", "--format", "json"]))["commands"]


def example(line):
    """An example of help as a scenario: options that stand before the command, then -c LINE..., or one command. The
    format is the test's affair."""
    words = shlex.split(re.sub(r" --format \w+", "", line))
    options = []
    while words and words[0].startswith("-") and words[0] != "-c":
        options += words[:2]
        words = words[2:]
    if words and words[0] == "-c":
        return Scenario(words[1::2], options)
    return Scenario([shlex.join(words)], options)


def command_of(line, names):
    word = shlex.split(line)[0]
    return word if word in names else next(n for n in names if n.startswith(word))
