"""Comparisons in words: what was measured, on how many, with what interval and test.

A difference that no test finds is called "no measurable effect", with what the interval still
allows; it is never called "no effect".
"""

from __future__ import annotations

from analysis.effort.intervals import Interval
from analysis.effort.pairs import MCNEMAR, Paired

EN_MINUS = "\u2212"


def sentence(pair: Paired, comparisons: int = 1) -> str:
    """What a pair shows, in a few sentences. ``comparisons`` is how many p was corrected for."""
    parts = [_accuracy(pair, comparisons), _tokens(pair)]
    if pair.accuracy_moved is False and pair.tokens_moved is False:
        parts.append(
            f"So {pair.b.label} shows no measurable effect over {pair.a.label},"
            " neither in accuracy nor in tokens."
        )
    return " ".join(p for p in parts if p)


def percent(value: float, places: int = 1) -> str:
    """0.8133 as '81.3 %'."""
    return f"{100 * value:.{places}f} %"


def points(value: float, places: int = 1) -> str:
    """A difference of shares in percentage points, with its sign."""
    shown = f"{abs(100 * value):.{places}f}"
    if float(shown) == 0:
        return shown
    return (f"{EN_MINUS}" if value < 0 else "+") + shown


def p_value(p: float) -> str:
    """As reviewers expect it: '= 0.031', '< 0.001'."""
    if p < 0.001:
        return "< 0.001"
    return f"= {p:.3f}" if p < 0.1 else f"= {p:.2f}"


def count(n: int, noun: str) -> str:
    """'1 question', '2,000 questions'."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _accuracy(pair: Paired, comparisons: int) -> str:
    a, b = pair.a.label, pair.b.label
    if not pair.n_questions:
        return f"{a} and {b} have no question in common."
    if not pair.n_judged or pair.accuracy_a is None or pair.accuracy_b is None:
        return (
            f"{a} and {b} have {count(pair.n_questions, 'question')} in common, but none with a"
            " verdict in both, so their accuracy cannot be compared."
        )
    left = pair.n_questions - pair.n_judged
    without = f" ({left:,} more without a verdict in both)" if left else ""
    text = (
        f"On the {count(pair.n_judged, 'question')} judged in both{without}, {b} is right on"
        f" {percent(pair.accuracy_b)} and {a} on {percent(pair.accuracy_a)}:"
        f" {points(pair.difference.value or 0.0)} points{_points_interval(pair.difference)}."
        f" {_flips(pair)}; {_test(pair, comparisons)}."
    )
    if pair.accuracy_moved is False:
        text += f" No measurable effect on accuracy{_allows(pair.difference)}."
    return text


def _flips(pair: Paired) -> str:
    kind = "" if pair.single else " by majority of its samples"
    gained, lost = pair.only_b or 0, pair.only_a or 0
    return f"{pair.b.label} gains {count(gained, 'question')} and loses {lost:,}{kind}"


def _test(pair: Paired, comparisons: int) -> str:
    if pair.p is None:
        return "no test is possible"
    name = MCNEMAR if pair.test == MCNEMAR else "permutation of question means"
    text = f"{name} p {p_value(pair.p)}"
    if comparisons > 1 and pair.p_holm is not None:
        text += f", {p_value(pair.p_holm)} after Holm's correction for {comparisons} comparisons"
    return text


def _points_interval(found: Interval) -> str:
    if found.low is None or found.high is None:
        return " (too few questions for an interval)"
    return f" (95 % interval {points(found.low)} to {points(found.high)})"


def _allows(found: Interval) -> str:
    if found.low is None or found.high is None:
        return ""
    if found.low > 0 or found.high < 0:
        return ": the test cannot tell it from 0, though the interval leaves 0 out"
    return (
        f": these questions cannot tell it from 0, nor rule out {points(found.low)} or"
        f" {points(found.high)} points"
    )


def _tokens(pair: Paired) -> str:
    value, low, high = pair.token_ratio.value, pair.token_ratio.low, pair.token_ratio.high
    if value is None:
        return "Their thinking tokens cannot be compared: no question has a count in both."
    between = f" (95 % interval {_times(low)} to {_times(high)})" if low and high else ""
    text = (
        f"It used {_times(value)} times the thinking tokens{between}, the geometric mean of the"
        f" ratios of {count(pair.n_tokens, 'question')}; on {percent(pair.fewer_share or 0.0, 0)}"
        " of them it used fewer."
    )
    if pair.tokens_moved is False:
        text += " No measurable effect on thinking tokens."
    return text


def _times(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"
