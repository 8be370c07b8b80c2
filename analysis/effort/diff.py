"""Two sides, before and after: questions gained and lost, and how each metric moved.

A unit is a question in a cell that both sides have; the questions are the clusters that a bootstrap
draws, so a question asked at three efforts is not three independent ones.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.effort.bootstrap import Ratio, intervals
from analysis.effort.intervals import Floats, Interval
from analysis.effort.significance import cliffs_delta, cohens_dz, holm, sign_flip_ps
from analysis.effort.tallies import Ints, Tally, common

HIGHER, LOWER = "higher", "lower"
DIRECTIONS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "accuracy", "score", "outcome_efficiency", "process_efficiency", "token_efficiency", "oaa_auc",
            "language_consistency", "language_consistency_words", "language_consistency_chars",
            "think_closed", "wrong_to_right", "reasoning_visible",
        ),
        HIGHER,
    ),
    **dict.fromkeys(
        (
            "thinking_tokens", "completion_tokens", "cost", "latency_s", "truncated", "failed",
            "thinking_chars", "thinking_words", "thinking_sentences", "answer_tokens",
            "post_answer_waste", "tokens_after_first_final", "n_repeat_final", "right_to_wrong", "broad_loss",
            "repeat_share", "ngram8_repeat", "tail_loop", "n_loops", "loop_share", "loop_count", "placeholder_cot",
            "max_8gram_count", "underthinking", "probe_waste", "probe_flips", "first_correct_frac",
            "first_correct_tokens", "reflection_tokens", "reflection_share", "answer_from_thinking",
            "n_language_slips", "has_language_slip", "language_slip_rate", "thinks_in_other_language",
            "foreign_share", "foreign_char_share", "foreign_word_share", "code_mixing_index",
            "chars_per_token_flag",
        ),
        LOWER,
    ),
}  # fmt: skip
"""Which way is better; a metric that is not here has no better and no worse."""
ALIASES = {"tokens": "thinking_tokens", "mean_tokens": "thinking_tokens", "acc": "accuracy"}
"""Other names that a person may give."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A metric on both sides, over the units that have it on both. Undefined is None."""

    name: str
    n_questions: int
    n_units: int
    a: float | None
    """Mean over units of their mean over samples."""
    b: float | None
    difference: Interval
    """b - a; bootstrap over questions."""
    cohens_dz: float | None
    """Over questions: mean difference by its standard deviation."""
    cliffs_delta: float | None
    """Share of questions that rise minus share that fall."""
    p: float | None
    p_holm: float | None
    direction: str
    """'higher' or 'lower' is better; '' for neither."""

    @property
    def relative(self) -> float | None:
        """(b - a) / |a|; None where a is 0."""
        if self.a is None or self.b is None or self.a == 0:
            return None
        return (self.b - self.a) / abs(self.a)

    @property
    def worse_by(self) -> float | None:
        """How far b is worse than a, in the metric's own unit; negative where it is better.

        None for a metric without a direction, or undefined.
        """
        if self.difference.value is None or not self.direction:
            return None
        return -self.difference.value if self.direction == HIGHER else self.difference.value


@dataclass(frozen=True, slots=True)
class Units:
    """Values of one metric: clusters (question numbers) and the means on both sides, unit by unit."""

    name: str
    question: Ints
    a: Floats
    b: Floats


@dataclass(frozen=True, slots=True)
class Flip:
    """A question that one side has right and the other has not, in one cell."""

    question: int
    a: Tally
    b: Tally
    accuracy_a: float
    accuracy_b: float
    tokens_a: float | None
    tokens_b: float | None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Questions in all, and those that flipped: largest change first."""

    n_common: int
    n_judged: int
    only_in_a: int
    """Questions that only side a has."""
    only_in_b: int
    both_right: int
    both_wrong: int
    gained: Sequence[Flip]
    lost: Sequence[Flip]


def matched(a: Sequence[Tally], b: Sequence[Tally]) -> list[tuple[Tally, Tally]]:
    """Cells of the two sides that belong together.

    Cells of the same base model and setting; where none match and each side has one cell, these.
    """
    there = {(t.name.model, t.name.setting): t for t in b}
    pairs = [(t, there[key]) for t in a if (key := (t.name.model, t.name.setting)) in there]
    if not pairs and len(a) == 1 and len(b) == 1:
        return [(a[0], b[0])]
    return pairs


def outcomes(pairs: Sequence[tuple[Tally, Tally]]) -> Outcomes:
    """What was gained (right in b, not in a) and lost, over all matched cells."""
    in_a: set[int] = set()
    in_b: set[int] = set()
    gained: list[Flip] = []
    lost: list[Flip] = []
    n_common = n_judged = both_right = both_wrong = 0
    for a, b in pairs:
        in_a.update(a.question.tolist())
        in_b.update(b.question.tolist())
        both = common(a, b)
        n_common += both.n
        judged = (a.judged[both.a] > 0) & (b.judged[both.b] > 0)
        at_a, at_b, questions = both.a[judged], both.b[judged], both.question[judged]
        right_a, right_b = a.accuracy[at_a] > 0.5, b.accuracy[at_b] > 0.5
        n_judged += len(questions)
        both_right += int(np.sum(right_a & right_b))
        both_wrong += int(np.sum(~right_a & ~right_b))
        for flips, chosen in ((gained, right_b & ~right_a), (lost, right_a & ~right_b)):
            flips += [
                _flip(a, b, int(at_a[i]), int(at_b[i]), int(questions[i]))
                for i in np.flatnonzero(chosen)
            ]
    for flips in (gained, lost):
        flips.sort(key=lambda f: (-abs(f.accuracy_b - f.accuracy_a), f.a.label, f.question))
    return Outcomes(
        n_common, n_judged, len(in_a - in_b), len(in_b - in_a), both_right, both_wrong, gained, lost
    )


def moved(units: Sequence[Units]) -> list[Moved]:
    """How each metric moved; p values are corrected for all the metrics together."""
    asked: list[Ratio] = []
    found: list[Units] = []
    per_question: list[Floats] = []
    for u in units:
        differences = u.b - u.a
        clusters, place = np.unique(u.question, return_inverse=True)
        over: Floats = np.bincount(place, differences, len(clusters)).astype(np.float64)
        under: Floats = np.bincount(place, minlength=len(clusters)).astype(np.float64)
        asked.append(Ratio(over, under))
        found.append(u)
        per_question.append(over / under)
    # One question is no sample of questions.
    ps = sign_flip_ps([d if len(d) > 1 else d[:0] for d in per_question])
    made = intervals(asked)
    corrected = holm(ps)
    return [
        Moved(
            name=u.name,
            n_questions=len(d),
            n_units=len(u.a),
            a=math.fsum(u.a) / len(u.a) if len(u.a) else None,
            b=math.fsum(u.b) / len(u.b) if len(u.b) else None,
            difference=interval,
            cohens_dz=cohens_dz(d),
            cliffs_delta=cliffs_delta(d),
            p=p,
            p_holm=p_holm,
            direction=DIRECTIONS.get(u.name, ""),
        )
        for u, d, interval, p, p_holm in zip(found, per_question, made, ps, corrected, strict=True)
    ]


def verdict_units(pairs: Sequence[tuple[Tally, Tally]]) -> list[Units]:
    """Accuracy and thinking tokens as units of the matched cells."""
    rows: dict[str, list[tuple[Ints, Floats, Floats]]] = {"accuracy": [], "thinking_tokens": []}
    for a, b in pairs:
        both = common(a, b)
        for name, x, y in (
            ("accuracy", a.accuracy[both.a], b.accuracy[both.b]),
            ("thinking_tokens", a.mean_tokens[both.a], b.mean_tokens[both.b]),
        ):
            kept = ~np.isnan(x) & ~np.isnan(y)
            rows[name].append((both.question[kept], x[kept], y[kept]))
    return [
        Units(name, *(np.concatenate(column) for column in zip(*parts, strict=True)))
        for name, parts in rows.items()
        if parts
    ]


def _flip(a: Tally, b: Tally, at_a: int, at_b: int, question: int) -> Flip:
    return Flip(
        question,
        a,
        b,
        float(a.correct[at_a] / a.judged[at_a]),
        float(b.correct[at_b] / b.judged[at_b]),
        _tokens(a, at_a),
        _tokens(b, at_b),
    )


def _tokens(cell: Tally, at: int) -> float | None:
    n = int(cell.n_tokens[at])
    return float(cell.tokens[at]) / n if n else None
