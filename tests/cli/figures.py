"""Recomputes what `diagnose` or `merge` prints from the lines of `diagnose -o FILE.jsonl`, and from nothing else.

    figures.py LINES.jsonl SUMMARY.json

Written from SPEC section 3 and the procedure in include/diagnose/figures.h. Every number of the summary has to be the
same to the last digit printed; so has the set of its members.
"""
import json
import math
import re
import sys

MASK = (1 << 64) - 1
DRAWS = 1000
Z = 1.959963984540054


def splitmix(state):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def xoshiro(seed):
    def rotl(x, k):
        return ((x << k) | (x >> (64 - k))) & MASK

    words = splitmix(seed)
    a, b, c, d = (next(words) for _ in range(4))
    while True:
        yield (rotl((b * 5) & MASK, 7) * 9) & MASK
        t = (b << 17) & MASK
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= t
        d = rotl(d, 45)


def below(words, n):
    while True:
        m = (next(words) >> 32) * n
        if m & 0xFFFFFFFF >= (1 << 32) % n:
            return m >> 32


class Bootstrap:
    def __init__(self, seed):
        self.seed = seed
        self.drawn = {}

    def draws(self, n):
        if n not in self.drawn:
            words = xoshiro(self.seed)
            self.drawn[n] = [[below(words, n) for _ in range(n)] for _ in range(DRAWS)]
        return self.drawn[n]

    def mean(self, x):
        n = len(x)
        if n == 0:
            return {"value": None, "n": 0, "low": None, "high": None}
        means = sorted(plain_sum(x[i] for i in draw) / n for draw in self.draws(n))
        return {"value": plain_sum(x) / n, "n": n, "low": quantile(means, 0.025), "high": quantile(means, 0.975)}


def plain_sum(x):
    """One after another: Python's own sum may compensate."""
    total = 0.0
    for v in x:
        total += v
    return total


def quantile(ordered, q):
    at = q * (len(ordered) - 1)
    i = int(at)
    if at == i or ordered[i] == ordered[i + 1]:
        return ordered[i]
    return ordered[i] + (at - i) * (ordered[i + 1] - ordered[i])


def share(count, n):
    if n == 0:
        return {"value": None, "count": count, "n": n, "low": None, "high": None}
    p, z2 = count / n, Z * Z / n
    middle = (p + z2 / 2) / (1 + z2)
    half = Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n)) / (1 + z2)
    return {"value": p, "count": count, "n": n, "low": 0.0 if count == 0 else middle - half,
            "high": 1.0 if count == n else middle + half}


def gain(rank, k):
    return 1 / math.log2(rank + 1) if rank and rank <= k else 0.0


def within(case, k):
    """Whether the exact rank is one of the best k; None where that is open."""
    if case["kind"] == "unreachable" or case["exact_rank"] > k:
        return False
    return True if case["exact_rank_most"] <= k else None


def hits(cases, key, k):
    return share(sum(1 for c in cases if c[key] and c[key] <= k), len(cases))


def exact_hits(cases, k):
    known = [within(c, k) for c in cases if within(c, k) is not None]
    return share(sum(known), len(known))


def exact_gains(cases, k):
    return [gain(c["exact_rank"], k) if within(c, k) else 0.0 for c in cases
            if within(c, k) is False or (within(c, k) and c["exact_rank_proved"])]


def recalls(rows):
    return [r["recalled"] / r["exact_n"] for r in rows if r["exact_n"] > 0]


def infinite(x):
    return math.inf if x is None else x


def metrics(cases, width, bootstrap):
    reachable = [c for c in cases if c["kind"] != "unreachable"]
    decided = [c for c in reachable if within(c, width) is not None]
    returned = [c for c in decided if c["rank"]]
    inside = [c for c in decided if within(c, width)]
    return {
        f"hr@{width}": hits(cases, "rank", width),
        f"ndcg@{width}": bootstrap.mean([gain(c["rank"], width) for c in cases]),
        f"exact_hr@{width}": exact_hits(cases, width),
        f"exact_ndcg@{width}": bootstrap.mean(exact_gains(cases, width)),
        "pruning_rate": share(sum(1 for c in inside if not c["rank"]), len(inside)),
        f"search_recall@{width}": bootstrap.mean(recalls(cases)),
        "lucky": share(sum(1 for c in returned if not within(c, width)), len(returned)),
        "condition_violated": share(sum(1 for c in reachable if not c["condition_holds"]), len(reachable)),
        "nll_before": bootstrap.mean([infinite(c["nll_before"]) for c in reachable]),
        "nll_after": bootstrap.mean([infinite(c["nll_after"]) for c in reachable]),
    }


def wrongly(case):
    return case["kind"] == "incorrectly-pruned"


def figures(cases, width, bootstrap):
    all_of_them = {}
    for k in sorted({k for k in (1, 5, width) if k <= width}):
        all_of_them |= {
            f"hr@{k}": hits(cases, "rank", k),
            f"ndcg@{k}": bootstrap.mean([gain(c["rank"], k) for c in cases]),
            f"item_hr@{k}": hits(cases, "item_rank", k),
            f"item_ndcg@{k}": bootstrap.mean([gain(c["item_rank"], k) for c in cases]),
            f"exact_hr@{k}": exact_hits(cases, k),
            f"exact_ndcg@{k}": bootstrap.mean(exact_gains(cases, k)),
        }
    pruned = [c for c in cases if wrongly(c)]
    held = share(sum(1 for c in pruned if c["condition_holds"]), len(pruned))
    return all_of_them | metrics(cases, width, bootstrap) | {"held_yet_pruned": held}


def five(x):
    x = sorted(x)
    return [quantile(x, q) if x else None for q in (0, 0.25, 0.5, 0.75, 1)]


def margins_at(case, t):
    """Prefix and token margin at a step; None where the case has none, or its search had ended."""
    steps = case["steps"]
    if case["kind"] == "unreachable" or t > len(steps["token"]) or steps["prefix_rank"][t - 1] is None:
        return None
    return infinite(steps["prefix_margin"][t - 1]), steps["token_margin"][t - 1]


def steps(cases, width):
    last = max([c["pruned_at"] or 0 for c in cases] +
               [t for c in cases for t in range(1, len(c["steps"]["token"]) + 1) if margins_at(c, t)] + [0])
    rows = []
    for t in range(1, last + 1):
        here = [c for c in cases if margins_at(c, t)]
        alive = [c for c in here if t == 1 or c["steps"]["in_beam"][t - 2]]
        pruned = [c for c in cases if c["pruned_at"] == t]
        rows.append({
            "step": t, "n": len(here), "alive": len(alive), "pruned": len(pruned),
            "wrongly_pruned": sum(1 for c in pruned if wrongly(c)),
            "condition_violated": sum(1 for c in alive if c["steps"]["token_rank"][t - 1] > width),
            "prefix_margin": five([margins_at(c, t)[0] for c in alive]),
            "token_margin": five([margins_at(c, t)[1] for c in alive if margins_at(c, t)[1] is not None]),
        })
    return rows


def survival(cases, widths, bootstrap):
    rows = []
    for i, width in enumerate(widths):
        inside = [c for c in cases if within(c, width)]
        rows.append({
            "beam": width,
            "saved": sum(1 for c in cases if wrongly(c) and c["reach"]["rank"][i]),
            "hr": share(sum(1 for c in cases if c["reach"]["rank"][i]), len(cases)),
            "exact_hr": exact_hits(cases, width),
            "pruning_rate": share(sum(1 for c in inside if not c["reach"]["rank"][i]), len(inside)),
            "search_recall": bootstrap.mean(recalls([{k: c["reach"][k][i] for k in ("recalled", "exact_n")}
                                                     for c in cases])),
        })
    return rows


def number(case, name):
    if name == "siblings":
        at = case["pruned_at"]
        lost = wrongly(case) and at <= len(case["steps"]["token"])
        return case["steps"]["valid"][at - 1] - 1 if lost else None
    if name == "choices" and case["item_tokens"] is None:
        return None
    return case[name]


def belongs(label, x):
    for form, test in ((r"> (\d+)", lambda a: x > a), (r"up to (\d+)", lambda a: x <= a),
                       (r"(\d+)-(\d+)", lambda a, b: a <= x <= b), (r"(\d+)", lambda a: x == a)):
        match = re.fullmatch(form, label)
        if match:
            return test(*map(int, match.groups()))
    raise SystemExit(f"label {label!r} is not understood")


def parts_by_token(cases):
    counts = {}
    for c in cases:
        if c["first_token"] is not None:
            counts[c["first_token"]] = counts.get(c["first_token"], 0) + 1
    frequent = sorted(counts, key=lambda t: (-counts[t], t))[:8]
    parts = [[c for c in cases if c["first_token"] == t] for t in frequent]
    rest = [c for c in cases if c["first_token"] is not None and c["first_token"] not in frequent]
    return parts + [rest] if rest else parts


def parts_by_number(cases, name, labels):
    known = [c for c in cases if number(c, name) is not None]
    parts = [[c for c in known if belongs(label, number(c, name))] for label in labels]
    if sum(map(len, parts)) != len(known):
        raise SystemExit(f"by {name}, {len(known)} cases and {sum(map(len, parts))} in slices")
    return parts


def slices(cases, width, bootstrap, printed):
    """The labels are taken from what was printed; what belongs under each is found here."""
    all_of_them = []
    for s in printed:
        labels = [x["label"] for x in s["slices"]]
        parts = parts_by_token(cases) if s["by"] == "first_token" else parts_by_number(cases, s["by"], labels)
        rows = [{"label": label, "cases": len(part), "wrongly_pruned": sum(1 for c in part if wrongly(c))}
                for label, part in zip(labels, parts)]
        for row, part in zip(rows, parts):
            if s["by"] != "siblings":
                row["figures"] = metrics(part, width, bootstrap)
        all_of_them.append({"by": s["by"], "title": s["title"], "slices": rows})
        if len(labels) != len(parts):
            raise SystemExit(f"by {s['by']}, {len(labels)} slices are printed, and there are {len(parts)}")
    return all_of_them


def middle(x):
    return sorted(x)[(len(x) - 1) // 2] if x else None


def counts(cases, key, names):
    return {name: sum(1 for c in cases if c[key] == name) for name in names}


def summary(cases, printed):
    settings = cases[0]["settings"]
    width, bootstrap = settings["beam"], Bootstrap(settings["seed"])
    smallest = [c["smallest_beam"] for c in cases if wrongly(c) and c["smallest_beam"]]
    scored = [c["scored_tokens"] for c in cases]
    return {
        "cases": len(cases), "split_cases": settings["split_cases"], "beam": width,
        "undecided": sum(1 for c in cases if within(c, width) is None),
        "verdicts": counts(cases, "kind", ["retrieved", "incorrectly-pruned", "out-ranked", "unreachable", "undecided"]),
        "unreachable": counts(cases, "unreachable", ["not-in-catalogue", "no-tokens", "hidden", "zero-probability"]),
        "figures": figures(cases, width, bootstrap),
        "steps": steps(cases, width),
        "survival": survival(cases, settings["beams"], bootstrap),
        "smallest_beam": {"n": len(smallest), "median": middle(smallest)},
        "scored": {"median": middle(scored), "most": max(scored)},
        "slices": slices(cases, width, bootstrap, printed["slices"]),
    }


def differences(path, ours, printed):
    if isinstance(ours, dict):
        for key in sorted(set(ours) | set(printed)):
            if key not in ours or key not in printed:
                yield f"{path}.{key} is {'not recomputed' if key in printed else 'missing'}"
            else:
                yield from differences(f"{path}.{key}", ours[key], printed[key])
    elif isinstance(ours, list):
        if len(ours) != len(printed):
            yield f"{path} has {len(printed)} members, not {len(ours)}"
        for i, (a, b) in enumerate(zip(ours, printed)):
            yield from differences(f"{path}[{i}]", a, b)
    else:
        if isinstance(ours, float):
            ours = float(f"{ours:.9g}") if math.isfinite(ours) else None
        if ours != printed:
            yield f"{path} is {printed!r}, not {ours!r}"


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        cases = [json.loads(line) for line in f]
    with open(sys.argv[2], encoding="utf-8") as f:
        printed = json.load(f)
    ours = summary(cases, printed)
    of_figures = {key: value for key, value in printed.items()
                  if key not in ("settings", "of", "stopped", "there", "where", "headline", "notes")}
    wrong = list(differences("", ours, of_figures))
    print("\n".join(wrong[:20]))
    sys.exit(len(wrong) > 0)


main()
