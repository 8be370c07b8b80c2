"""Score the language-mixing analyzer: python -m scripts.score_languages FOLDER [--half 0|1] [--show N]

FOLDER holds JSONL files of texts with annotated foreign stretches, one text a line: ``id``, ``matrix``
(its main language), ``text``, ``spans`` [{start, end, lang}], perhaps ``ignore`` [[start, end]].
The main language is given to the analyzer as the one that was asked for, and it finds it by itself.
A stretch is right where its language is and its letters overlap by half or more (intersection over
union); letters in ``ignore`` do not count. ``--half`` takes the texts whose id hashes to 0 or 1.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from analysis.analyzers.language_mixing import LanguageMixing
from analysis.model import Document, Finding

Stretch = tuple[frozenset[int], str]


def half(identity: str) -> int:
    """0 or 1: which half of the data a text is in."""
    return int(hashlib.sha256(identity.encode()).hexdigest(), 16) % 2


def f1(right: int, found: int, gold: int) -> float:
    """F1 in percent of ``right`` among ``found`` and among ``gold``."""
    return 200.0 * right / (found + gold) if found + gold else 0.0


def gold_stretches(row: dict[str, Any]) -> tuple[list[Stretch], set[int]]:
    """The annotated stretches as sets of letters, and what is to be ignored."""
    ignored: set[int] = set()
    for span in row.get("ignore", []):
        start, end = (span["start"], span["end"]) if isinstance(span, dict) else span[:2]
        ignored.update(range(start, end))
    spans = [(s["start"], s["end"], s["lang"]) for s in row.get("spans", [])]
    return stretches(row["text"], spans, ignored), ignored


def stretches(text: str, spans: list[tuple[int, int, str]], ignored: set[int]) -> list[Stretch]:
    """Spans as sets of the letters that count."""
    found = [
        (frozenset(i for i in range(a, b) if text[i].isalpha() and i not in ignored), language)
        for a, b, language in spans
    ]
    return [one for one in found if one[0]]


def matches(one: Stretch, others: list[Stretch]) -> bool:
    """Whether any of ``others`` is of the same language and overlaps by half."""
    letters, language = one
    return any(
        lang == language and len(letters & other) >= 0.5 * len(letters | other)
        for other, lang in others
    )


def score(row: dict[str, Any], findings: tuple[Finding, ...]) -> tuple[Counter[str], list[str]]:
    """Counts of one text, and what went wrong in words."""
    gold, ignored = gold_stretches(row)
    spans = [(f.start, f.end, str(f.value)) for f in findings]
    mine = stretches(row["text"], spans, ignored)
    gold_letters = {(i, lang) for letters, lang in gold for i in letters}
    my_letters = {(i, lang) for letters, lang in mine for i in letters}
    counts = Counter[str](
        texts=1, flagged=bool(mine), mixed=bool(gold), both=bool(gold and mine),
        letters=len(gold_letters & my_letters), my_letters=len(my_letters), gold_letters=len(gold_letters),
        gold=len(gold), mine=len(mine), found=sum(matches(g, mine) for g in gold),
        right=sum(matches(m, gold) for m in mine),
    )  # fmt: skip
    return counts, [repr((row["text"][a:b][:80], lang)) for a, b, lang in spans]


def report(name: str, c: Counter[str]) -> str:
    """One line of the table."""
    line = f"{name:20} texts {c['texts']:4}  flagged/100 {100 * c['flagged'] / c['texts']:6.2f}"
    line += f"  main language right {100 * c['matrix'] / c['texts']:5.1f}"
    if c["gold"]:
        precision, recall = c["right"] / max(1, c["mine"]), c["found"] / c["gold"]
        spans = 200 * precision * recall / (precision + recall) if precision + recall else 0.0
        line += f"  spans {c['gold']:4}  letter F1 {f1(c['letters'], c['my_letters'], c['gold_letters']):5.1f}"
        line += f"  span F1 {spans:5.1f} (P {100 * precision:5.1f} R {100 * recall:5.1f})"
        line += f"  mixed F1 {f1(c['both'], c['flagged'], c['mixed']):5.1f}"
    return line


def main() -> None:
    """Print a line a file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("--show", type=int, default=0, help="findings of so many texts a file")
    args = parser.parse_args()
    analyzer = LanguageMixing()
    for path in sorted(args.folder.glob("*.jsonl")):
        total, size, started = Counter[str](), 0, time.process_time()
        shown = 0
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if args.half is not None and half(row["id"]) != args.half:
                continue
            asked = row["matrix"]
            done = analyzer.analyze(
                Document(trace_id=row["id"], reasoning=row["text"], target_language=asked)
            )
            counts, said = score(row, done.findings)
            counts["matrix"] = done.metrics[0].value == asked
            total.update(counts)
            size += len(row["text"].encode())
            if said and shown < args.show:
                shown += 1
                print(row["id"], *said)  # noqa: T201
        if total["texts"]:
            rate = size / 1e6 / max(1e-9, time.process_time() - started)
            print(report(path.stem, total), f" {rate:.2f} MB/s with scoring")  # noqa: T201


if __name__ == "__main__":
    main()
