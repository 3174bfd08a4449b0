"""
What the three formats say of the same records, for every command.

    formats.py FOLDER    works in that folder, which holds the project; prints TAP lines without a plan
"""
import json
import math
import os
import pty
import re
import subprocess
import sys
import termios
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from records import TOP, Scenario, command_of, commands, outputs, program, script, split

# Every command at least once. All but a few are of the bundled demo; the last have hostile texts.
DEMO = """
    info
    load model data/demo/sft
    load data data/demo
    cases --limit 3
    case 1
    item 358
    find pen
    beam 312
    beam 312 --trace
    goto pruned
    step
    back
    tree
    tree pruned
    why
    sweep 312
    sweep all --limit 5
    force positive
    forbid 3
    change beam 20
    branch
    undo
    redo
    score 312
    exact 312 --top 3
    diagnose --limit 20 -o lines.jsonl
    cases --limit 5
    merge lines.jsonl
    compare data/demo/bear --limit 10
    compare data/demo/bear --limit 10 --rows changed
    compare data/demo/bear --case 312
    export report report.html
    export predictions lists.json --limit 5
    export data tokens
    export model model
    export model model.gguf --dtype q8_0
    judge lists.json
    loss bear --cases 1,2
    train sft,bear --steps 1 --batch 2 --eval-cases 2 --out run
    lesson
    lesson greedy --page 3
    set
    let few 3
    let
    record few.beam
    record
    record --stop
    beam 2
    last
    source empty.beam
    help
    help beam
    help exact --fields
    tokenize 'Winsor brush'
    detokenize 5 6 7
    prompt 312
    prompt 312 --diff
    new fresh --layers 1 --hidden 16 --heads 1
    """

HOSTILE = """
    cases
    case evil
    item evil
    find a
    beam evil --trace
    tree
    why
    sweep evil
    force positive
    branch
    score evil
    exact evil
    diagnose
    compare --set mask=after --case evil
    compare --set mask=after
    """

# Commands that say nothing where they stand by themselves.
SILENT = {"quit", "repl", "pause", "resume", "stop"}

# Members that measure time or memory: no two runs have the same.
MEASURED = re.compile(rb'"(seconds|tokens_per_second|search_seconds|memory)": [0-9.e+-]+')
MEASURED_COLUMN = re.compile(r"seconds|per_second|memory")

# Options that the test itself sets.
OPTIONS = re.compile(rb'("name": "(?:ascii|no-color|format)", "value": )"\w+"|^((?:ascii|no-color|format)\t)\w+', re.M)

WIDE = "\u5e83\u3044\u6587\u5b57\u306e\u984c\u540d" * 6


def write(path, text):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


def make_data(folder):
    """A token dataset with titles that no terminal, no table and no parser should trust."""
    os.makedirs(folder + "/hostile")
    os.symlink(TOP + "/data", folder + "/data")
    os.chdir(folder)
    write("hostile/meta.json", '{"eos_token_id": 9}')
    write("hostile/items.csv", "item_id,tokens,title\n"
          'evil,1 2 9,"\033[2J\t""\\ & <b>\u202e\u0007 NaN Infinity"\n'
          'lines,1 3 9,"a\nb\rc"\nwide,2 2 9,%s\nlong,2 3 9,%s\nentity,3 9,&#27;[31m &amp; 7\n' % (WIDE, "word " * 60))
    write("hostile/cases.csv", "case_id,prompt_tokens,item_id\nevil,7 8,evil\nwide,7,wide\nlong,7,long\n")
    write("hostile/table.csv", "prefix,token,probability\n,1,0.4\n,2,0.35\n,3,0.25\n1,2,0.5\n1,3,0.5\n2,2,0.1\n2,3,0.9\n"
          "3,9,1\n1 2,9,1\n1 3,9,1\n2 2,9,1\n2 3,9,1\n")
    write("empty.beam", "# nothing\n")


# What programs read.

def strict(text):
    def refuse(name):
        raise ValueError("%s is no JSON" % name)

    return json.loads(text, parse_constant=refuse)


def check_json(line, text):
    """The records: one object a line, valid UTF-8, and no NaN or Infinity."""
    text.decode("utf-8")
    if text and not text.endswith(b"\n"):
        raise ValueError("the last line is not whole")
    out = [strict(r) for r in text.split(b"\n")[:-1]]
    for record in out:
        if not isinstance(record, dict):
            raise ValueError("a record is no object")
    return out


def leaves(value, path=""):
    if isinstance(value, dict):
        for key, v in value.items():
            yield from leaves(v, path + "." + key if path else key)
    elif isinstance(value, list):
        yield path + "[]", len(value)
        for v in value:
            yield from leaves(v, path + "[]")
    else:
        yield path, value


def cell(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "%.9g" % value
    if isinstance(value, list):
        return " ".join(cell(v) for v in value)
    if isinstance(value, str):
        value = value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
        return re.sub(r"[\x00-\x1f\x7f]", lambda m: "\\x%02x" % ord(m.group()), value)
    return str(value)


def member(value, key):
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def lists(record, around=()):
    """Every list of objects, as its rows and what stands around each of them; lists of one name in many objects together."""
    found = {}

    def walk(value, path, around):
        if isinstance(value, dict):
            for key, v in value.items():
                walk(v, path + "." + key, (value,) + around)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for v in value:
                found.setdefault(path, []).append((v,) + around)
                walk(v, path + "[]", around)

    walk(record, "", around)
    return found


def named(record):
    """info: names and values; a list is one value."""
    def walk(value, path):
        for key, v in value.items():
            if isinstance(v, dict):
                yield from walk(v, path + key + ".")
            else:
                yield {"name": path + key, "value": v}

    return list(walk(record, ""))


def zipped(record, **columns):
    n = len(record[next(iter(columns.values()))])
    return [{key: record[name][i] for key, name in columns.items()} for i in range(n)]


def steps_of_score(record):
    rows = zipped(record, token="tokens", text="pieces", valid="valid")
    for i, row in enumerate(rows):
        row["step"] = i + 1
        for mask in ("before", "after"):
            row[mask] = {key: record[mask][key][i] for key in ("logp", "rank", "beta_logp", "margin")}
    return rows


def roles(record):
    rows = [{"role": "history", **h} for h in record["history"]]
    return rows + ([{"role": "positive", **record["positive"]}] if record["positive"] else [])


# Rows of commands whose columns are not the members of the records, nor of a list in them.
ROWS = {
    "info": named,
    "load": named,
    "case": roles,
    "score": steps_of_score,
    "tokenize": lambda r: zipped(r, id="ids", piece="pieces"),
    "prompt": lambda r: zipped(r, id="tokens", piece="pieces") if "templates" not in r else r["bytes"],
}

# Commands whose rows are figures by name: every cell is a value of the record, or the name of a member.
FIGURES = {"diagnose", "merge", "compare", "judge", "train"}


def column(key, around):
    """The members of the innermost objects of which any has it."""
    for depth in range(max(map(len, around), default=0)):
        values = [member(row[depth], key) if depth < len(row) else None for row in around]
        if any(v is not None for v in values):
            return values
    return [None] * len(around)


def rows_agree(head, rows, around):
    if len(rows) != len(around):
        return False
    columns = [column(key, around) for key in head]
    return all(text == cell(values[i]) for i, row in enumerate(rows) for text, values in zip(row, columns))


def check_tsv(line, name, text, records):
    lines = text.decode("utf-8").split("\n")
    if not records and lines == [""]:
        return
    if lines.pop() != "":
        raise ValueError("the last line is not whole")
    if not lines:
        raise ValueError("says nothing, where JSON has %d records" % len(records))
    head, rows = lines[0].split("\t"), [row.split("\t") for row in lines[1:]]
    if any(len(row) != len(head) for row in rows):
        raise ValueError("is not rectangular")
    if len(set(head)) != len(head) or head in rows:
        raise ValueError("has its heading twice, or a column")
    if name in ROWS:
        found = [[(row,) for record in records for row in ROWS[name](record)]]
    else:
        found = [[(record,) for record in records]]
        for record in records:
            found += list(lists(record).values())
    if name == "set":
        rows = [row for row in rows if row[0] != "format"]
        found = [[(record,) for record in records if record["name"] != "format"]]
    if any(rows_agree(head, rows, around) for around in found):
        return
    if name not in FIGURES:
        raise ValueError("has cells that are not JSON's: %s %s" % (head, rows[:2]))
    known = {cell(v) for record in records for _, v in leaves(record)}
    words = {part for record in records for path, _ in leaves(record) for part in re.split(r"[.@_\[\]]+", path)}
    words |= {"smallest", "quarter", "median", "three", "quarters", "largest"}  # places in a list of five
    words |= {str(n) for n in range(200)} | {w for text in known for w in re.split(r"[@_]", text)}
    for row in rows:
        for key, text in zip(head, row):
            if MEASURED_COLUMN.search(key):
                continue
            if text and text not in known and not set(re.split(r"[./@_]", text)) <= words:
                raise ValueError("'%s' of column %s is no value of JSON" % (text, key))


# What people read.

def cells(text):
    return sum(0 if unicodedata.combining(c) or unicodedata.category(c) == "Cf" else
               2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


# Texts that stand as they are, since their line ends count.
AS_IS = {"prompt", "detokenize"}


def check_width(line, name, text, width):
    """No line is wider than the terminal, but for one word that is."""
    if name in AS_IS:
        return
    for row in text.decode("utf-8").split("\n"):
        row = re.sub("\033\\[[0-9;]*m", "", row)
        if cells(row) > width and " " in row.strip():
            raise ValueError("is %d cells wide: %s" % (cells(row), row))


# Numbers of texts.

NUMBER = re.compile(r"(?<![\w.])[-+]?\d{1,3}(?:,\d{3})+(?![\w.])|(?<![\w.])[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w])")

# Lines of texts with what no two runs have in common.
MEASURED_LINES = re.compile("^(tokens a second|time in steps|.* MiB).*", re.M)

INTERVALS = re.compile("95 %(?= interval)")  # in words: no member says it


def readings(value):
    """What a text may say of a value: itself, a share or a probability in %, a lead without its sign, bytes as KiB."""
    yield value
    if isinstance(value, int):
        if value >= 1000:
            yield from (value / unit for unit in (1e3, 1e6, 2**10, 2**20, 2**30))
        return
    yield -value
    if -1 <= value <= 1:
        yield 100 * value
    if value <= 0:
        yield math.exp(value)
        yield 100 * math.exp(value)


def check_numbers(line, name, text, records):
    """Every number of the text is one of JSON's at the precision of the text."""
    values, texts = set(), set()
    for record in records:
        for path, value in leaves(record):
            if isinstance(value, str):
                texts.add(value)
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                values.update(readings(value))
            if path.endswith("[]") and isinstance(value, int):
                values.update(range(value + 1))  # how many there are, and which
    shown = INTERVALS.sub("", MEASURED_LINES.sub("", text.decode("utf-8")))
    shown = re.sub(r'"[^"\n]*"|\'[^\'\n]*\'', " ", shown)
    for word in sorted(texts, key=len, reverse=True):
        if len(word) > 3 and re.search("[a-zA-Z]", word):
            shown = shown.replace(word, " ")
    numbers = {n for w in texts for n in NUMBER.findall(w)}
    wrong = []
    for number in NUMBER.findall(shown):
        plain = number.replace(",", "")
        digits = len(plain.split(".")[1]) if "." in plain and "e" not in plain else 0
        if number in numbers or plain in numbers:
            continue
        if not any(abs(float(plain) - v) <= 0.5000001 * 10**-digits for v in values):
            wrong.append(number)
    if wrong:
        raise ValueError("says %s" % " ".join(wrong))


# All of it.

# Environment, further words of the command line, on a terminal.
SURROUNDINGS = {
    "of a narrow plain one": ({"COLUMNS": "40", "LC_ALL": "C", "NO_COLOR": "1", "ACCESSIBLE": "1"}, ["--ascii"], False),
    "of a terminal": ({"COLUMNS": "80", "TERM": "xterm-256color"}, [], True),
    "of a wide one": ({"COLUMNS": "250", "LC_ALL": "C.UTF-8"}, ["--no-color"], False),
}
WIDTHS = [40, 60, 80, 132]
SCENARIOS = {
    "demo": Scenario(DEMO),
    "hostile": Scenario(HOSTILE, "-m ../hostile/table.csv -d ../hostile --beam 3"),
}


def has_terminals():
    try:
        for fd in pty.openpty():
            os.close(fd)
        return True
    except OSError:
        return False


def on_terminal(words, env, folder):
    """What the program writes to a terminal, byte for byte."""
    ours, theirs = pty.openpty()
    modes = termios.tcgetattr(theirs)
    modes[1] &= ~termios.OPOST
    termios.tcsetattr(theirs, termios.TCSANOW, modes)
    with ThreadPoolExecutor(1) as reader:
        def read():
            parts = []
            while True:
                try:
                    parts.append(os.read(ours, 65536))
                except OSError:
                    return b"".join(parts)

        text = reader.submit(read)
        done = program(words, env, folder, theirs)
        os.close(theirs)
        text = text.result()
    os.close(ours)
    if done.returncode != 0:
        raise SystemExit("on a terminal: %s" % done.stderr.decode())
    return text


class Runs:
    """What the scenarios say, each run in a folder of its own."""

    def __init__(self):
        self.pool = ThreadPoolExecutor(3)
        self.n = 0

    def folder(self):
        self.n += 1
        path = os.path.abspath("run%d" % self.n)
        os.mkdir(path)
        os.symlink(TOP + "/data", path + "/data")
        write(path + "/empty.beam", "# nothing\n")
        return path

    def begin(self, form, env=None, arguments=(), terminal=False):
        def run(scenario, folder):
            if not terminal:
                return outputs(scenario, form, arguments, env, folder)
            words, mark = script(scenario, form, arguments)
            return split(scenario, on_terminal(words, env, folder), on_terminal(mark, env, folder))

        return [self.pool.submit(run, scenario, self.folder()) for scenario in SCENARIOS.values()]


def finished(futures):
    return [row for future in futures for row in future.result()]


def unmeasured(text):
    """Without what no two runs have in common."""
    text = re.sub(rb"/run\d+", b"/run", MEASURED.sub(rb'"\1": 0', OPTIONS.sub(rb"\1\2", text)))
    head, _, rows = text.partition(b"\n")
    measured = [i for i, key in enumerate(head.split(b"\t")) if MEASURED_COLUMN.search(key.decode())]
    if not measured:
        return text
    return b"\n".join(b"\t".join(cell for i, cell in enumerate(row.split(b"\t")) if i not in measured)
                      for row in text.split(b"\n"))


def check(name, wrong):
    print("%s - %s" % ("not ok" if wrong else "ok", name))
    for text in wrong:
        print("# " + text.replace("\n", "\\n")[:600])


def collect(look, *lists):
    """What the check says of each line."""
    wrong = []
    for row in zip(*lists):
        line = row[0][0]
        try:
            look(line, *[text for _, text in row])
        except (ValueError, KeyError, UnicodeDecodeError) as e:
            wrong.append("%s: %s" % (line, e))
    return wrong


def same(line, one, other):
    one, other = unmeasured(one), unmeasured(other)
    if one != other:
        at = next((i for i, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
        raise ValueError("%r, not %r" % (other[max(at - 60, 0):at + 60], one[max(at - 60, 0):at + 60]))


def main():
    make_data(sys.argv[1])
    names = [c["name"] for c in commands()]
    runs = Runs()
    json_run, tsv_run, text_run = runs.begin("json"), runs.begin("tsv"), runs.begin("text", {"COLUMNS": "1000"})
    others = {(form, what): runs.begin(form, env, arguments, terminal)
              for what, (env, arguments, terminal) in SURROUNDINGS.items() for form in ("json", "tsv")
              if not terminal or has_terminals()}
    widths = {width: runs.begin("text", {"COLUMNS": str(width)}) for width in WIDTHS}

    json_texts = finished(json_run)
    named_by = {line: command_of(line, names) for line, _ in json_texts}
    check("every command is tried", sorted(set(names) - set(named_by.values()) - SILENT))
    parsed = []

    def parse(line, text):
        parsed.append(None)
        parsed[-1] = check_json(line, text)

    check("JSON is JSON", collect(parse, json_texts))
    done = program_reads([text for _, text in json_texts])
    check("python3 -m json.tool reads it", done)
    records = [(line, r or []) for (line, _), r in zip(json_texts, parsed)]
    check("numbers come as they were found", rounded(dict(records)["beam 2"], "run1/lines.jsonl"))
    check("TSV is rectangular, and its cells are JSON's values",
          collect(lambda line, text, r: check_tsv(line, named_by[line], text, r), finished(tsv_run), records))
    check("every number of the texts is a value of JSON",
          collect(lambda line, text, r: check_numbers(line, named_by[line], text, r), finished(text_run), records))
    for (form, what), futures in others.items():
        base = json_texts if form == "json" else finished(tsv_run)
        check("%s is the same whatever the terminal: that %s" % (form.upper(), what), collect(same, base, finished(futures)))
    if not has_terminals():
        print("ok - that of a terminal # SKIP no pseudo-terminal")
    for width, futures in widths.items():
        check("no text is wider than %d columns" % width,
              collect(lambda line, text: check_width(line, named_by[line], text, width), finished(futures)))


def rounded(searched, lines):
    """Log-probabilities of one case beside those in the lines of a diagnosis, which have every digit."""
    with open(lines) as f:
        line = next(v for v in map(json.loads, f) if v["case"] == searched[0]["case"])
    pairs = list(zip([s["step_logp"] for s in searched[0]["positive"]["steps"]], line["steps"]["step_logp"]))
    return [] if pairs and all(abs(a - b) <= 5e-9 * abs(b) for a, b in pairs) else ["%r" % pairs]


def program_reads(texts):
    done = subprocess.run([sys.executable, "-m", "json.tool", "--json-lines"], input=b"".join(texts), capture_output=True)
    return [done.stderr.decode()] if done.returncode else []


main()
