"""
Looks at files that `export` wrote: export.py KIND BASE [hostile]

BASE.json, .csv, .svg and .html are one export in its four forms: they must be sound, and say the same. hostile: texts in
them may look like markup, so that only parsers are asked.
"""
import csv
import html.parser
import json
import re
import sys
import unicodedata
import xml.etree.ElementTree as ET

VOID = {"meta", "br", "path", "rect", "circle"}
SVG_TAGS = {"svg", "rect", "path", "text", "title", "desc", "g"}


def rows_of(kind, record):
    if kind == "cases":
        return record
    if kind == "trace":
        return [dict(c, step=s["step"]) for s in record["steps"] for c in s["candidates"]]
    if kind == "curves":
        return [flat(line) for line in record["lines"]]
    return record["lines" if kind == "tree" else "steps"]


def flat(line):
    row = {k: v for k, v in line.items() if k != "eval"}
    row["line"] = "eval" if "eval" in line else "step"
    for key, value in line.get("eval", {}).items():
        if not isinstance(value, dict):
            row[key] = value
        elif key in ("low", "high"):
            row.update({f"{k}_{key}": v for k, v in value.items()})
    return row


def plain(text):
    return "&" not in text and all(unicodedata.category(c) not in ("Cc", "Cf") for c in text)


def check_cell(value, cell, where):
    if value is None:
        assert cell == "", (where, value, cell)
    elif isinstance(value, bool):
        assert cell == str(value).lower(), (where, value, cell)
    elif isinstance(value, (int, float)):
        assert float(cell) == value, (where, value, cell)
    elif isinstance(value, list):
        text = " ".join(str(v) for v in value)
        assert not plain(text) or cell.lstrip("'") == text.lstrip("'"), (where, value, cell)
    else:
        assert cell[:1] not in tuple("=+-@"), (where, cell)
        expected = "'" + value if value[:1] in tuple("=+-@") and value else value
        assert not plain(value) or cell == expected, (where, value, cell)


def check_table(kind, base, record):
    raw = open(base + ".csv", newline="", encoding="utf-8").read()
    assert not re.search("[\x00-\x08\x1b\u202e]", raw)
    table = list(csv.DictReader(raw.splitlines(True)))
    rows = rows_of(kind, record)
    assert len(table) == len(rows) > 0, (len(table), len(rows))
    for i, (row, cells) in enumerate(zip(rows, table)):
        assert None not in cells and None not in cells.values(), i
        for key, cell in cells.items():
            check_cell(row.get(key), cell, f"{base}.csv row {i} {key}")
        for key, value in row.items():
            assert key in cells or isinstance(value, dict) or key in ("search_seconds", "first_step", "forced",
                                                                    "forbidden", "prefix", "item", "title", "tokens",
                                                                    "hidden"), key


def check_numbers(name, value):
    if name in ("d", "x", "y", "width", "height", "viewBox", "transform"):
        assert not re.search("nan|inf", value), (name, value)


def check_picture(base):
    root = ET.parse(base + ".svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    for e in root.iter():
        assert e.tag.split("}")[1] in SVG_TAGS, e.tag
        for name, value in e.attrib.items():
            assert name not in ("href", "src", "id") and not name.startswith("on"), name
            assert "url(" not in value, value
            check_numbers(name, value)
    return "\n".join(root.itertext())


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.text, self.loads = [], [], []

    def handle_starttag(self, tag, attrs):
        assert tag not in ("script", "img", "link", "iframe", "object", "embed", "form", "base"), tag
        for name, value in attrs:
            assert name != "src" and not name.startswith("on"), (tag, name)
            assert name != "href" or value.startswith("#"), value
            assert name != "style" or "url" not in value, value
            check_numbers(name, value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_data(self, data):
        self.text.append(data)


def check_page(base, hostile):
    raw = open(base + ".html", encoding="utf-8").read()
    page = Page()
    page.feed(raw)
    page.close()
    assert not page.open, page.open
    assert "default-src 'none'" in raw and not re.search("[\x00-\x08\x1b\u202e]", raw)
    if not hostile:
        raw = raw.replace('xmlns="http://www.w3.org/2000/svg"', "")  # a name, which nothing loads
        for never in ("http:", "https:", "src=", "<script", "@import", "url("):
            assert never not in raw, never
    return " ".join(" ".join(page.text).split())


def main(kind, base, hostile):
    record = json.load(open(base + ".json", encoding="utf-8"))
    if kind != "cases":
        assert record["exported"]["program"] == "beamscope" and record["exported"]["kind"] == kind
    check_table(kind, base, record)
    drawn, said = check_picture(base), check_page(base, hostile)
    if kind not in ("cases", "curves"):
        sentence = record.get("verdict", {}).get("sentence")
        if sentence and plain(sentence):
            assert " ".join(sentence.split()) in said, sentence
        assert f"Case {record['case']}" in said or hostile
    if kind == "trace":
        for step in record["steps"]:
            assert f"step {step['step']}" in drawn and f"Step {step['step']} " in said
            for c in step["candidates"]:
                if c["kept"] and c["prefix"] and plain(c["prefix"]) and record["settings"]["beam"] <= 14:
                    assert c["prefix"] in drawn, c["prefix"]


main(sys.argv[1], sys.argv[2], "hostile" in sys.argv[3:])
