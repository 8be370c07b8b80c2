"""Score the verdicts on answers: our table of pairs, and labelled data where it is at hand.

    python scripts/score_verify.py [--data FOLDER] [--disagreements]

Prints a Markdown table for docs/answers.md. FOLDER holds verify_pairs.jsonl (gold, pred, expected) and
runs with gold answers and stated verdicts (gold, output, thinking, pred, correct); without it only our
own pairs are scored.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from analysis.answers.math_pool import MathPool  # noqa: E402
from analysis.answers.verify import Verdict, judge_many  # noqa: E402
from analysis.store.verdicts import PendingAnswer  # noqa: E402
from analysis.verifying import choose_answer  # noqa: E402
from tests.answer_pairs import PAIRS  # noqa: E402

RUNS = (
    "aime25_r1family",
    "gemma4_mmlupro_probes",
    "lrm_token_economy",
    "overthinking_2plus3_debug",
)
HEAD = (
    "| data | n | right | undecided | false equal | false different | by math-verify |\n"
    "|---|---|---|---|---|---|---|"
)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSON lines file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def line(name: str, told: Iterable[tuple[bool, Verdict]]) -> str:
    """One row of the table: expected equal or not, against the verdict."""
    counts: Counter[str] = Counter()
    for equal, verdict in told:
        counts["n"] += 1
        counts["math_verify"] += verdict.stage == "math_verify"
        if verdict.verdict == "undecided":
            counts["undecided"] += 1
        elif (verdict.verdict == "correct") == equal:
            counts["right"] += 1
        else:
            counts["false different" if equal else "false equal"] += 1
    share = 100 * counts["right"] / max(1, counts["n"])
    return (
        f"| {name} | {counts['n']:,} | {counts['right']:,} ({share:.1f} %) | {counts['undecided']} |"
        f" {counts['false equal']} | {counts['false different']} | {counts['math_verify']} |"
    )


def own(pool: MathPool) -> str:
    """Our pairs."""
    decided = [pair for pair in PAIRS if pair[2] in "=!"]
    told = judge_many(((g, p, None, None) for g, p, _ in decided), pool=pool)
    return line(
        "our pairs that have a verdict",
        ((p[2] == "=", v) for p, v in zip(decided, told, strict=True)),
    )


def labelled(path: Path, pool: MathPool, shown: bool) -> str:
    """A file of labelled pairs."""
    pairs = list(rows(path))
    told = list(judge_many(((p["gold"], p["pred"], None, None) for p in pairs), pool=pool))
    if shown:
        for pair, verdict in zip(pairs, told, strict=True):
            if verdict.verdict != ("correct" if pair["expected"] else "wrong"):
                sys.stderr.write(
                    f"  {pair['expected']} {pair['gold'][-60:]!r} {pair['pred'][-90:]!r} {verdict}\n"
                )
    return line(path.name, ((bool(p["expected"]), v) for p, v in zip(pairs, told, strict=True)))


def pending(row: dict[str, Any], *, use_pred: bool) -> PendingAnswer:
    """A row of a run as a trace that waits for its verdict."""
    finish = str(row.get("finish_reason") or "")
    return PendingAnswer(
        trace_id="",
        gold_answer=str(row["gold"]),
        extracted_answer=row.get("pred") if use_pred else None,
        truncated=finish == "length",
        finish_reason_norm=finish,
        question=row.get("question"),
        answer=row.get("output"),
        reasoning=row.get("thinking"),
    )


def run(path: Path, pool: MathPool, shown: bool, *, use_pred: bool) -> str:
    """A run with stated verdicts, judged by what its responses say."""
    found = [
        row
        for row in rows(path)
        if row.get("gold") and row.get("correct") is not None and (use_pred or row.get("output"))
    ]
    chosen = [choose_answer(pending(row, use_pred=use_pred)) for row in found]
    told = list(
        judge_many(
            (
                (str(r["gold"]), c.answer, None, r.get("question"))
                for r, c in zip(found, chosen, strict=True)
            ),
            pool=pool,
        )
    )
    if shown:
        for row, pick, verdict in zip(found, chosen, told, strict=True):
            if verdict.verdict != ("correct" if row["correct"] else "wrong"):
                sys.stderr.write(
                    f"  {row['correct']} {row['gold']!r} {(pick.answer or '')[-90:]!r} {verdict}\n"
                )
    name = path.stem + (", stated extraction" if use_pred else ", from the text")
    return line(name, ((bool(r["correct"]), v) for r, v in zip(found, told, strict=True)))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--disagreements", action="store_true")
    given = parser.parse_args()
    sys.stdout.write(HEAD + "\n")
    with MathPool() as pool:
        sys.stdout.write(own(pool) + "\n")
        if given.data is None:
            return
        sys.stdout.write(
            labelled(given.data / "verify_pairs.jsonl", pool, given.disagreements) + "\n"
        )
        for name in RUNS:
            path = given.data / f"{name}.jsonl"
            if name != "gemma4_mmlupro_probes":
                sys.stdout.write(run(path, pool, given.disagreements, use_pred=False) + "\n")
            if name != "lrm_token_economy":
                sys.stdout.write(run(path, pool, given.disagreements, use_pred=True) + "\n")


if __name__ == "__main__":
    main()
