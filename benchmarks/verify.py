"""CPU time of judging answers: per pair through the cascade, and 10,000 answers at a time.

    python -m benchmarks.verify [--rows 10000]

The first table takes our own pairs of answers (tests/answer_pairs.py), the second answers like those
of long runs: integers, fractions, formulas, choices and units, 5 % of them for computer algebra.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import time
from collections import Counter

from analysis.answers import arithmetic, normalise, shapes, verify
from analysis.answers.math_pool import MathPool
from tests.answer_pairs import PAIRS


def forget() -> None:
    """Empty every cache: each pair pays its whole price."""
    verify._remembered.cache_clear()
    normalise.parse.cache_clear()
    shapes.read.cache_clear()
    arithmetic.generic.cache_clear()


def cpu() -> float:
    """CPU seconds of this process and of its ended workers."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def each_pair() -> None:
    verify.quick("sqrt(2)", "1.41421")  # the imports
    spent: list[float] = []
    by_stage: dict[str, list[float]] = {}
    for gold, pred, _ in PAIRS:
        forget()
        began = time.process_time()
        told = verify.quick(gold, pred)
        seconds = time.process_time() - began
        spent.append(seconds)
        by_stage.setdefault(told.stage if told else "(math_verify)", []).append(seconds)
    spent.sort()
    print(f"{len(spent)} pairs, nothing remembered, CPU ms before any worker is asked")
    print(
        f"  median {1e3 * statistics.median(spent):.3f}  mean {1e3 * statistics.mean(spent):.3f}"
        f"  p95 {1e3 * spent[int(0.95 * len(spent))]:.3f}  max {1e3 * spent[-1]:.2f}"
    )
    for stage, values in sorted(by_stage.items()):
        print(f"  {stage:14} {len(values):4}  median {1e3 * statistics.median(values):.3f}")


def answers(count: int) -> list[tuple[str, str, None, None]]:
    """Pairs like those of a run; every twentieth needs computer algebra."""
    chance = random.Random(7)
    made: list[tuple[str, str, None, None]] = []
    for n in range(count):
        a, b = chance.randint(1, 999), chance.randint(2, 97)
        right = chance.random() < 0.6
        c = a if right else a + 1
        if n % 20 == 0:
            pair = (rf"\int_0^{{{a}}} x dx", rf"\frac{{{a**2 + (not right)}}}{{2}}")
        else:
            pair = (
                (f"{a}", rf"Thus we find \(\boxed{{{c}}}\)."),
                (f"{a}/{b}", rf"The answer is $\frac{{{c}}}{{{b}}}$."),
                (rf"{a}\sqrt{{{b}}}", rf"**Answer:** ${c}\sqrt{{{b}}}$"),
                (f"({a}, {b})", rf"\boxed{{\left({c}, {b}\right)}}"),
                ("ABCD"[a % 4], f"The correct answer is ({'ABCD'[c % 4]})."),
                (f"{a} cm", f"The answer is {c} centimeters."),
                (f"x^2+{a}x+{b}", f"{c}x+x^2+{b}"),
            )[n % 7]
        made.append((*pair, None, None))
    return made


def many(count: int) -> None:
    forget()
    rows = answers(count)
    began, wall = cpu(), time.perf_counter()
    with MathPool() as pool:
        told = list(verify.judge_many(rows, pool=pool))
    spent = cpu() - began
    stages = Counter(one.stage for one in told)
    verdicts = Counter(one.verdict for one in told)
    print(f"{count:,} answers: {spent:.1f} CPU s ({time.perf_counter() - wall:.1f} s)")
    print(f"  stages {dict(stages)}")
    print(f"  verdicts {dict(verdicts)}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000)
    each_pair()
    many(parser.parse_args().rows)


if __name__ == "__main__":
    main()
