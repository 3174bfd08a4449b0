"""Checks the lines of `lesson NAME --format json` in the files that are named: every page is well-formed, and every number
with a decimal point or a per cent sign that a page claims follows from what the lessons' commands print, or is reckoned out on the
page."""
import json
import math
import re
import sys

NUMBER = re.compile(r"(?<![\w.$/-])([-+]?\d+(?:\.\d+)?(?:e-?\d+)?)( ?%)?(?![\w/])")
SCREENS = re.compile(r"\b(?:Esc|Space|Enter|Backspace|arrow|keys?|press(?:es)?|screens?|chart)\b|[\]\[] turns?")
PRODUCT = re.compile(r"(\d+\.?\d*) x (\d+\.?\d*) = (\d+\.?\d*)(%?)")
QUOTIENT = re.compile(r"(-?\d+\.?\d*) / (\d+\.?\d*) = (-?\d+\.?\d*)")
RATIO = re.compile(r"ln\((\d+\.\d+) / (\d+\.\d+)\) = (\d+\.\d+)")
LOGARITHM = re.compile(r"-ln (\d+\.\d+) = (\d+\.\d+)")


def decimals(text):
    return len(text.partition(".")[2])


def near(value, text):
    """Is the text the value, rounded to as many places?"""
    return abs(value - float(text)) <= 0.5000001 * 10.0 ** -decimals(text)


def reckoned(text):
    """The numbers of sums that stand on the page, each checked."""
    known = set()
    for a, b, c, percent in PRODUCT.findall(text):
        assert near(float(a) * float(b) * (100 if percent else 1), c), f"{a} x {b} is not {c}"
        known |= {a, b, c}
    for a, b, c in QUOTIENT.findall(text):
        assert near(float(a) / float(b), c), f"{a} / {b} is not {c}"
        known |= {a.lstrip("-"), b, c.lstrip("-")}
    for a, b, c in RATIO.findall(text):
        assert near(math.log(float(a) / float(b)), c), f"ln({a} / {b}) is not {c}"
        known |= {a, b, c}
    for a, c in LOGARITHM.findall(text):
        assert near(-math.log(float(a)), c), f"-ln {a} is not {c}"
        known |= {a, c}
    return known


def claims(page):
    texts = [page["text"], page["question"] or "", page["reveal"] or ""] + page["answers"]
    known = reckoned("\n".join(texts))
    for text in texts:
        for number, percent in NUMBER.findall(text):
            if ("." in number or percent) and number.lstrip("+-") not in known:
                yield number, bool(percent)


def holds(number, percent, printed):
    bare = number.lstrip("+-")
    if any(near(x, bare) for x in printed):
        return True
    # A probability from its logarithm, or as a share of 1.
    share = [100 * math.exp(-x) for x in printed] + [100 * x for x in printed]
    return percent and any(near(x, bare) for x in share)


def main(paths):
    pages = [json.loads(line) for path in paths for line in open(path, encoding="utf-8")]
    printed = {0.0, 100.0}
    wrong = 0
    for page in pages:
        for action in page["actions"]:
            assert action["commands"] or action["keys"]
            for command in action["commands"]:
                printed |= {abs(float(x)) for x, _ in NUMBER.findall(command["output"] or "")}
    for page in pages:
        for text in (page["text"], page["question"] or "", page["reveal"] or ""):
            for word in SCREENS.findall(text):
                wrong += 1
                print(f"{page['lesson']}, page {page['page']}: '{word}' is said where there are no screens")
        for number, percent in claims(page):
            if not holds(number, percent, printed):
                wrong += 1
                print(f"{page['lesson']}, page {page['page']}: nothing printed gives {number}")
    print(f"{len(pages)} pages")
    return wrong > 0


sys.exit(main(sys.argv[1:]))
