"""
Compares the records of all commands, and the lines that they write into files, with what `help --fields` says of them.

    fields.py FOLDER    works in that folder, beside which ../shared may be; prints a line for each thing that is wrong
"""
import collections
import json
import os
import re
import sys

from records import Scenario, command_of, commands, example, records, said

TYPES = {str: "text", bool: "boolean", int: "integer", float: "number", dict: "object", type(None): "null"}

# What the examples do not reach. NEW is a model for the dataset `ids`, which has semantic ids.
SCENARIOS = [
    Scenario("""
        beam 312 --trace
        goto pruned
        force positive
        step
        goto 10
        change beam 20
        change mask after
        change search hf
        goto 1
        forbid 14
        goto 1
        goto 4
        export trace edited.json
        export tree tree.json
        export margins margins.json
        branch
        why
        tree
        undo
        goto 2
        back
        load trace edited.json
        beam 223 --trace --search hf --length-penalty 0
        export trace trace.json
        export margins plain.json
        exact 312 --budget 1
        sweep 312 --scan 0
        diagnose --limit 20 --budget 1 --where history>4 -o lines.jsonl
        diagnose --limit 21 --budget 1 --where history>4 -o lines.jsonl
        diagnose --limit 20 --beam 9 --where history>4 -o others.jsonl
        cases --limit 30
        export report report.json
        export cases cases.json
        export margins margins.svg
        merge lines.jsonl --where rank>0
        compare lines.jsonl others.jsonl
        export report reports.json lines.jsonl others.jsonl
        diagnose --limit 20 --mask after --where history>4 -o third.jsonl
        export report alike.json lines.jsonl third.jsonl
        compare bear --beam 4 --set beam=4 --set beam=9 --limit 4
        compare bear --case 312
        set --save
        help --fields
        help why
        help --roff
        info --joined
        let few 3
        let
        record few.beam
        record
        lesson hostile/open.lesson --check
        lesson --roff
        """),
    Scenario("""
        beam 1 --trace
        beam zero --trace
        why none
        case 1
        case none
        case gone
        item plain
        item hidden
        score 1
        exact 1
        exact none
        sweep 1
        diagnose -o hostile.jsonl
        cases
        find a
        info
        prompt 1
        compare --set mask=after --case 1
        """, "-m hostile/table.csv -d hostile --end leaf"),
    Scenario("""
        case 1
        beam 1 --trace
        tree
        item 1
        score 1
        exact 1
        sweep 1
        find 1
        cases
        info
        prompt 1
        beam 1
        export trace ids.json
        change beam 4
        why
        branch
        change beam 1
        branch
        export trace ids-edited.json
        export tree ids-tree.json
        diagnose
        export cases ids-cases.json
        compare --set mask=after --case 1
        train sft --steps 1 --batch 2 --eval-every 0 --eval-cases 0 --out run --log run.jsonl
        train sft,direct --full --steps 1 --batch 2 --K 2 --eval-cases 2 --log race.jsonl
        export curves curves.json
        train sft --steps 1 --batch 2 --eval-cases 2 --out run2
        export curves run-curves.json run2
        load trace ids-edited.json
        """, "-m NEW -d ids --items index --template sequence --beam 2"),
    Scenario("""
        load adapter run/sft/last
        load data ids
        info
        """, "-m NEW"),
]

# What other programs were promised first.
PROMISED = {
    ("record", "beam"): """
        case settings settings.beam settings.mask settings.end settings.search settings.length_penalty settings.tau
        positive positive.item positive.tokens positive.logp results results[].rank results[].item results[].items
        results[].tokens results[].logp results[].score steps steps[].step steps[].cutoff steps[].candidates_total
        steps[].candidates steps[].candidates[].rank steps[].candidates[].token steps[].candidates[].text
        steps[].candidates[].parent steps[].candidates[].step_logp steps[].candidates[].logp steps[].candidates[].kept
        steps[].candidates[].finished steps[].candidates[].positive steps[].positive steps[].positive.token
        steps[].positive.token_rank steps[].positive.prefix_rank steps[].positive.step_logp steps[].positive.logp
        steps[].positive.beta_logp steps[].positive.token_margin steps[].positive.prefix_margin steps[].positive.in_beam
        verdict verdict.kind verdict.rank verdict.pruned_at verdict.exact_rank verdict.exact_rank_proved
        verdict.condition_holds""",
    ("record", "exact"): """
        case settings items items[].rank items[].item items[].items items[].tokens items[].logp positive positive.item
        positive.logp positive.rank positive.proved expanded scored_tokens""",
    ("record", "score"): """
        case item tokens before before.logp before.rank before.beta_logp before.margin after after.logp after.rank
        after.beta_logp after.margin valid""",
    ("record", "loss"): """
        objective parameters parameters.tau parameters.K parameters.xi parameters.lambda cases tokens loss""",
    ("file", "train --log FILE"): """
        objective step loss lr grad_norm tokens seconds eval eval.hr@K eval.ndcg@K eval.pruning_rate
        eval.condition_violated eval.nll_before""",
    ("record", "diagnose"): """
        figures.hr@K.value figures.hr@K.n figures.hr@K.low figures.hr@K.high figures.pruning_rate.value
        figures.search_recall@K.value""",
    ("record", "tokenize"): "text ids",
}

# The files that these leave.
LINES = {
    "diagnose -o FILE.jsonl": ["lines.jsonl", "hostile.jsonl", "demo.jsonl"],
    "train --log FILE": ["run.jsonl", "race.jsonl"],
    "judge -o FILE.jsonl": ["judged.jsonl"],
    "export trace FILE.json": ["trace.json", "edited.json", "ids.json", "ids-edited.json"],
    "export tree FILE.json": ["tree.json", "ids-tree.json"],
    "export margins FILE.json": ["margins.json", "plain.json"],
    "export cases FILE.json": ["cases.json", "ids-cases.json"],
    "export curves FILE.json": ["curves.json", "run-curves.json"],
    "export report FILE.json": ["report.json", "reports.json", "alike.json"],
}

# Commands that say nothing to programs when they stand by themselves, and why.
SILENT = {
    "quit": "it ends the program",
    "repl": "it is a prompt",
    "pause": "no job runs beside a script",
    "resume": "no job runs beside a script",
    "stop": "no job runs beside a script",
}

# Commands whose records are those of others.
OTHERS = {"source": "of its lines", "last": "of the command before"}


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


def make_data():
    """A token dataset with everything that goes wrong, and one of texts with semantic ids and a model for it."""
    write("hostile/meta.json", '{"eos_token_id": 9}')
    write("hostile/items.csv", "item_id,tokens,title\nplain,1 2,Plain\nhidden,1,\ntwin,1 2,Plain\nzero,3 4,Zero\n"
          'evil,3 5,"\033[2J\t""\\ & <b>\u202e"\nempty,,Empty\n')
    write("hostile/cases.csv", "case_id,prompt_tokens,item_id\n1,7 8,plain\nnone,7,\ngone,7,lost\nhid,7,hidden\nzero,7,zero\n"
          "evil,7,evil\nempty,7,empty\n")
    write("hostile/open.lesson", "title: T\nabout: A\n== P\nT\n? What do you think?\n! Thank you.\n")
    write("hostile/table.csv", "prefix,token,probability\n,1,0.5\n,3,0.5\n1,2,1\n1 2,9,1\n3,4,0\n3,5,1\n3 5,9,1\n3 4,9,1\n")
    users = {str(u): [1 + (u + i) % 6 for i in range(4)] for u in range(1, 5)}
    titles = {str(i): {"title": "Item %d" % i if i < 6 else "", "description": ""} for i in range(1, 8)}
    index = {str(i): ["<a_%d>" % (i % 2), "<b_%d>" % (i % 3)] for i in range(1, 7)}
    write("ids/T.inter.json", json.dumps(users))
    write("ids/T.item.json", json.dumps(titles))
    write("ids/T.index.json", json.dumps(index))
    said(["new", "NEW", "-d", "ids", "--items", "index", "--layers", "1", "--hidden", "16", "--heads", "1"])


def documented():
    """(kind, of) -> rows (path, type, when, what has it), with the members of shared objects put where they are named."""
    rows = json.loads(said(["help", "--fields", "--format", "json"]))["fields"]
    own = collections.defaultdict(list)
    for row in rows:
        own[row["kind"], row["of"]].append(row)

    def expand(rows, prefix, kept=None):
        for row in rows:
            path = prefix + row["path"]
            yield path, row["type"], row["when"], kept and (kept, row["path"])
            if row["members"]:
                inner = "[]." if row["type"].startswith("list") else "."
                yield from expand(own["object", row["members"]], path + inner, row["members"])

    return {key: list(expand(rows, "")) for key, rows in own.items() if key[0] != "object"}


class Members:
    """The documented members of one kind of record, and which of them were met."""

    def __init__(self, of, rows):
        self.of = of
        self.rows = rows
        self.types = collections.defaultdict(set)  # path -> alternatives of its type, of all forms of the record
        self.forms = collections.defaultdict(list)  # path of an object -> for each that it may be, key -> it always has it
        self.shared = {}  # path -> the shared object that has it, and its path there
        self.met = set()
        self.wrong = []
        for path, type, when, shared in rows:
            if shared:
                self.shared[path] = shared
            around, key = path.rsplit(".", 1) if "." in path else ("", path)
            self.types[path] |= set(type.split(" or "))
            if "object" in type:
                self.forms[path + "[]" * type.startswith("list")].append({})
            if not self.forms[around]:
                self.forms[around].append({})
            self.forms[around][-1][key] = when is None
        self.always = {path: {key: all(form.get(key) for form in forms) for form in forms for key in form}
                       for path, forms in self.forms.items()}

    def say(self, what):
        if what not in self.wrong:
            self.wrong.append(what)

    def take(self, value, path=""):
        if isinstance(value, dict):
            self.take_object(value, path)
        elif isinstance(value, list):
            for element in value:
                if isinstance(element, dict):
                    self.take_object(element, path + "[]")

    def take_object(self, value, path):
        known = self.always.get(path, {})
        for key in value:
            name = key if key in known else re.sub(r"@\d+$", "@K", key)
            if name not in known and "*" in known:
                name = "*"
            inner = path + "." + name if path else name
            if name not in known:
                self.say("%s is not described" % inner)
                continue
            self.met.add(inner)
            self.check_type(inner, value[key])
            self.take(value[key], inner)
        for key, always in known.items():
            if always and key != "*" and key not in value and not (key.endswith("@K") and self.has_at(value, key)):
                self.say("%s is missing, and nothing says when" % (path + "." + key if path else key))

    @staticmethod
    def has_at(value, key):
        return any(re.sub(r"@\d+$", "@K", k) == key for k in value)

    def check_type(self, path, value):
        alternatives = self.types[path]
        if isinstance(value, list):
            lists = [a[len("list of "):].split(" or ") for a in alternatives if a.startswith("list of ")]
            kinds = {TYPES[type(v)] + "s" for v in value}
            allowed = {k for a in lists for k in a} | ({"nulls"} if "nulls" in alternatives else set())
            if "numbers" in allowed:
                allowed.add("integers")
            if not lists or kinds - allowed:
                self.say("%s is a list of %s, not %s" % (path, " or ".join(sorted(kinds)), " or ".join(alternatives)))
        else:
            kind = TYPES[type(value)]
            if kind not in alternatives and not (kind == "integer" and "number" in alternatives):
                self.say("%s is %s, not %s: %r" % (path, kind, " or ".join(sorted(alternatives)), value))

    def finish(self, met):
        for path in self.types:
            if path not in met and self.shared.get(path) not in met:
                self.say("%s never occurs" % path)
        return ["%s: %s" % (self.of, w) for w in self.wrong]


def take_file(members, path):
    with open(path) as f:
        text = f.read()
    for value in [json.loads(text)] if path.endswith(".json") else map(json.loads, text.splitlines()):
        for one in value if isinstance(value, list) else [value]:
            members.take(one)


def main():
    os.chdir(sys.argv[1])
    make_data()
    names = [c["name"] for c in commands()]
    members = {key: Members(key[1], rows) for key, rows in documented().items()}
    # What has the same members may have the rare ones in any of its records.
    alike, shared = collections.defaultdict(set), set()
    scenarios = [example(e["line"]) for c in commands() for e in c["examples"] if c["name"] not in SILENT]
    without = {name for name in names if ("record", name) not in members}
    wrong = ["%s: its records are not described" % name for name in without - set(SILENT) - set(OTHERS)]
    runnable = [scenario for scenario in scenarios + SCENARIOS if scenario.can_run()]
    all_ran = len(runnable) == len(scenarios + SCENARIOS)  # without ../shared some members need not occur
    for scenario in runnable:
        for line, said_of_it in records(scenario):
            name = command_of(line, names)
            for record in said_of_it:
                if ("record", name) in members:
                    members["record", name].take(record)
                elif name not in OTHERS:
                    wrong.append("%s: has records, and none are described" % name)
    for of, paths in LINES.items():
        for path in paths:
            take_file(members["file", of], path)
    for m in members.values():
        alike[json.dumps(m.rows)] |= m.met
        shared |= {m.shared[path] for path in m.met if path in m.shared}
    for key, m in members.items():
        if key[1] not in SILENT:
            wrong += m.finish(alike[json.dumps(m.rows)] | shared if all_ran else set(m.types))
    print("\n".join(wrong))
    sys.exit(bool(wrong))


main()
