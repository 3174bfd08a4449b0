# Reports: every form, from a session and from files, well-formed whatever the titles are, and never half written.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null 2>&1 || skip_all "no python3 to look at the reports"
cd "$scratch" || exit 99
mkdir work && cd work && ln -s "$top_srcdir/data/demo" demo || exit 99

# sound NAME FILE: a page whose tags close in order, that holds no script, loads nothing and names no other place.
cat >../sound.py <<'END'
import sys
from html.parser import HTMLParser

class Page(HTMLParser):
    open, ids, links, heads, policy = [], [], [], [], ""

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        assert tag not in ("script", "link", "img", "iframe", "object", "base", "form"), tag
        for name, value in attributes:
            assert not name.startswith("on") and name not in ("src", "xlink:href"), name
            assert name != "href" or tag == "a" and value.startswith("#"), value
            self.links += [value[1:]] if name == "href" else []
            assert "url(" not in (value or "") and "javascript" not in (value or ""), value
        if "id" in values:
            self.ids.append(values["id"])
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            assert "url(" not in data and "@import" not in data, data
        if self.open and self.open[-1] == "h1":
            self.heads.append(data)

text = open(sys.argv[1], encoding="utf-8").read()
page = Page(convert_charrefs=True)
page.feed(text)
page.close()
assert text.startswith("<!DOCTYPE html>\n") and not page.open, page.open
assert page.policy == "default-src 'none'; style-src 'unsafe-inline'", page.policy
assert len(page.links) >= 6 and set(page.links) <= set(page.ids), page.links
assert len(page.ids) == len(set(page.ids)) and len(page.heads) == 1, page.heads
assert not any(ord(c) < 32 and c != "\n" or c in "\x7f\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200b" for c in text)
END
sound() {
	python3 ../sound.py "$2" >../why 2>&1
	ok $? "$1"
}

succeeds "diagnose" -o sft.jsonl diagnose --limit 40
succeeds "diagnose the other" -m "$top_srcdir/data/demo/bear" -d "$top_srcdir/data/demo" -o bear.jsonl diagnose --limit 40

succeeds "a page from a file" export report page.html sft.jsonl
holds "says what it wrote" "page.html: a report of 40 cases"
sound "the page is sound" page.html
cp page.html first.html
succeeds "a page from the session" -c 'diagnose --limit 40' -c 'export report page.html'
same "it is the same page" first.html page.html
succeeds "a page that compares" export report both.html sft.jsonl bear.jsonl --worst 2
sound "it is sound" both.html
if command -v xmllint >/dev/null 2>&1; then
	# It knows no HTML5, and says so of every element that came since.
	xmllint --html --noout both.html 2>&1 | grep 'error :' | grep -vE 'Tag (svg|path|rect|g|text|title|desc|header|main|footer|figure|figcaption|article) invalid' >"$scratch/why"
	[ ! -s "$scratch/why" ]
	ok $? "xmllint finds nothing wrong with it"
else
	skip "xmllint finds nothing wrong with it" "no xmllint"
fi
grep -qE '^<p class="lead">Against sft, bear .*\.</p>$' both.html && grep -qF 'bear − sft' both.html
ok $? "it says how the other compares"

succeeds "Markdown" export report both.md sft.jsonl bear.jsonl
grep '"kind": "out-ranked"' sft.jsonl | head -n 3 >none.jsonl
run export report none.md none.jsonl
grep -qx '\*\*No positive item of the 3 cases .* none to lose\.\*\*' none.md
ok $? "where nothing could be lost, too"
succeeds "JSON" export report one.json sft.jsonl --worst 3
succeeds "CSV" export report one.csv sft.jsonl
run merge sft.jsonl --format json
python3 - "$scratch/out" >"$scratch/why" 2>&1 <<'END'
import csv, json, sys
merged, report = json.load(open(sys.argv[1])), json.load(open("one.json"))
lines = [json.loads(l) for l in open("sft.jsonl")]
assert report["settings"] == merged["settings"] and report["headline"] == merged["headline"]
assert list(report["figures"]) == list(merged["figures"])
for name, figure in report["figures"].items():
    for key, value in figure.items(): # what is printed has nine digits
        assert abs(value - merged["figures"][name][key]) <= 1e-8 * abs(value), name
lost = [l for l in lines if l["kind"] == "incorrectly-pruned"]
ranks = sorted(l["exact_rank"] for l in lost)
assert [w["exact_rank"] for w in report["worst"]] == ranks[:3] and len(ranks) >= 3
for w in report["worst"]:
    line = next(l for l in lost if l["case"] == w["case"])
    assert [s["token"] for s in w["steps"]] == line["steps"]["token"]
    assert all(s["text"] for s in w["steps"]) and w["verdict"].startswith("Incorrectly pruned: ")
rows = list(csv.DictReader(open("one.csv", newline="", encoding="utf-8")))
assert [r["case"] for r in rows] == [l["case"] for l in lines]
assert [r["exact_rank"] for r in rows] == [str(l["exact_rank"] or "") for l in lines]
assert all(None not in r and None not in r.values() for r in rows)
page = open("first.html", encoding="utf-8").read()
within = sum(1 for l in lines if l["exact_rank"] and l["exact_rank"] <= 10 and l["exact_rank_proved"])
assert f"The search lost {len(lost)} of the {within} positive items" in page
END
ok $? "forms, merge and the lines agree"

# The command in the report makes the lines, and they the report.
python3 -c 'import json; print(json.load(open("one.json"))["command"], end="")' >commands
mkdir again && cp commands again && ln -s "$top_srcdir/data/demo" again/demo
(cd again && while read -r program line; do eval "\"\$BEAMSCOPE\" $line --limit 40" || "$BEAMSCOPE" $line; done <commands) \
	>"$scratch/why" 2>&1
grep -q '^beamscope -m .* diagnose ' commands && diff <(sed 's/"settings": {[^}]*}//' sft.jsonl) \
	<(sed 's/"settings": {[^}]*}//' again/sft.jsonl) >>"$scratch/why" 2>&1
ok $? "the command that it names finds the same"

# Titles and tokens from strangers.
python3 - "$top_srcdir/data/lesson" <<'END'
import csv, os, shutil, sys
shutil.copytree(sys.argv[1], "hostile")
titles = {"cobalt": "</style></title><script>alert(1)</script>", "marmalade": "a|b `c` \x1b[31m\u202e &amp;lt;b&gt; [x](http://e.example)",
          "tin": "=cmd|'/c calc'!A1 \"<img src=x onerror=alert(1)>"}
rows = list(csv.reader(open("hostile/items.csv")))
with open("hostile/items.csv", "w", newline="", encoding="utf-8") as f:
    csv.writer(f, lineterminator="\n").writerows([rows[0]] + [[r[0], r[1], titles[r[0]]] for r in rows[1:]])
rows = list(csv.reader(open("hostile/vocab.csv")))
with open("hostile/vocab.csv", "w", newline="", encoding="utf-8") as f:
    csv.writer(f, lineterminator="\n").writerows([rows[0]] + [[r[0], r[1] if int(r[0]) < 12 else f"<script>{r[0]}\u202e|`"] for r in rows[1:]])
END
given=(-m hostile/table.csv -d hostile)
for form in html md json csv; do
	succeeds "a hostile dataset as $form" -c 'diagnose --beams 2,3' -c "export report hostile.$form --title '<script>|\`'"
	[ $form = json ] || ! grep -qP '\x1b|\x{202e}' hostile.$form
	ok $? "no escape and no direction is left in $form"
done
given=()
sound "the hostile page is sound" hostile.html
python3 - >"$scratch/why" 2>&1 <<'END'
import csv, re
page = open("hostile.html", encoding="utf-8").read()
assert "&lt;img src=x onerror=alert(1)&gt;" in page and "&lt;script&gt;14\u2426|`" in page
columns = 0
for line in open("hostile.md", encoding="utf-8"):
    if line.startswith("|"):
        bars = re.sub(r"\\.", "", line).count("|")
        assert columns in (0, bars), line
        columns = bars
    else:
        columns = 0
    assert line.startswith("    ") or not re.search(r"<[a-z/!]", line), line
cells = [c for row in csv.DictReader(open("hostile.csv", newline="", encoding="utf-8")) for c in row.values()]
assert any(c.startswith("'=cmd|") for c in cells) and not any(c[:1] in "=+@" for c in cells if c)
END
ok $? "the texts are in the page, in their columns of Markdown, and no formulas of CSV"

fails "a form that there is not" 2 "end it with .json, .csv, .html or .md" export report page.pdf sft.jsonl
fails "nothing diagnosed" 1 "run 'diagnose' before it" export report page.html
fails "no such file" 1 "nothing.jsonl" export report page.html nothing.jsonl
fails "what is no diagnosis" 1 "one.csv:1" export report page.html sft.jsonl one.csv
fails "an empty file" 1 "'/dev/null' holds no case" export report page.html /dev/null
same "after failures the old page stands" first.html page.html
finish
