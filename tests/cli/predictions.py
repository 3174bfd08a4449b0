"""Computes what the published evaluations of BEAR (and MSL), D3 and MiniOneRec say of a file of predictions, and compares
it with what `judge --format json` prints, to the last digit printed.

    predictions.py FORM FILE.json TITLES.json JUDGED.json

Written from the descriptions in include/data/predictions.h; TITLES.json is the dataset's id2name4Rec.json.
"""
import json
import math
import sys


def bear(entry):
    answer = entry["output"][1:-1]
    made = [text[1:-1] for text in entry["predict"]]
    return made.index(answer) + 1 if answer in made else math.inf


def d3(entry):
    answer = entry["output"].strip(' \n"')
    rank = math.inf
    for place, text in enumerate(entry["predict"], 1):
        if d3_made(text) == answer:
            rank = place
    return rank


def d3_made(text):
    return text.strip(" \n").strip('"').strip(" ")


def minionerec(entry):
    answer = entry["output"].strip(' \n"')
    for place, text in enumerate(entry["predict"], 1):
        if text.strip(' \n"') == answer:
            return place
    return math.inf


# How an evaluation cuts a prediction, and a title of the catalogue.
CUTS = {
    "bear": (bear, lambda text: text[1:-1], lambda title: title),
    "d3": (d3, d3_made, lambda title: title.strip('"').strip(" ").strip("\n").strip('"')),
    "minionerec": (minionerec, lambda text: text.strip(' \n"'), lambda title: title.strip(' \n"')),
}


def check(name, said, wanted):
    if f"{said:.9g}" != f"{wanted:.9g}":
        sys.exit(f"{name}: {said!r}, not {wanted!r}")


def main(form, path, titles, judged):
    entries = json.load(open(path))
    said = json.load(open(judged))["files"][0]
    rank_of, cut_made, cut_title = CUTS[form]
    ranks = [rank_of(entry) for entry in entries]
    for name, figure in said["figures"].items():
        kind, _, k = name.partition("@")
        if kind == "hr":
            check(name, figure["value"], sum(rank <= int(k) for rank in ranks) / len(ranks))
        if kind == "ndcg":
            gains = (1 / math.log2(rank + 1) if rank <= int(k) else 0 for rank in ranks)
            check(name, figure["value"], math.fsum(gains) / len(ranks))
    known = {cut_title(title) for title in json.load(open(titles)).values()}
    made = [cut_made(text) for entry in entries for text in entry["predict"]]
    check("invalid", said["figures"]["invalid"]["count"], sum(text not in known for text in made))
    check("predictions", said["figures"]["invalid"]["n"], len(made))
    check("entries", said["entries"], len(entries))
    print(len(entries), sum(rank < math.inf for rank in ranks))


main(*sys.argv[1:])
