"""A recipe over a store: one step after another, with what each leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.curation.candidates import Candidates, Numbers, Places, candidates, texts
from analysis.curation.likeness import Clusters, Listed
from analysis.curation.recipe import Range, Recipe
from analysis.store.connection import Store

Mask = NDArray[np.bool_]
_SAMPLE_ROWS = 20


@dataclass(frozen=True, slots=True)
class Step:
    """What is left after a condition."""

    name: str
    title: str
    n_traces: int
    n_questions: int
    n_undefined: int = 0
    """Of those that this step left out: traces for which its metric is undefined."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The funnel of a recipe, and the first of what it chooses."""

    steps: tuple[Step, ...]
    n_rows: int
    """Lines that a file would have: traces or pairs. Writing can leave out a few more."""
    sample: tuple[dict[str, Any], ...]
    """The first rows: trace_id (chosen, for pairs), rejected, question, model, correct, tokens."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Indices into ``found``: the traces, or (chosen, rejected) of each pair, in order."""

    found: Candidates
    steps: tuple[Step, ...]
    first: Places
    second: Places | None


def plan(store: Store, recipe: Recipe) -> Plan:
    """What a recipe would choose, step by step.

    Texts are read only for steps that compare texts. Raises ``UsageError`` for an unknown metric.
    """
    with store.cursor() as cursor:
        cursor.execute("BEGIN TRANSACTION READ ONLY")
        chosen = select(store, cursor, recipe)
        return Plan(chosen.steps, len(chosen.first), tuple(_sample(cursor, chosen)))


def select(store: Store, cursor: Any, recipe: Recipe) -> Selection:
    """Apply a recipe within the transaction of ``cursor``."""
    funnel = _Funnel(candidates(store, cursor, recipe))
    found = funnel.found
    funnel.keep("usable", "Own visible reasoning, a question and an answer", found.flag("usable"))
    _conditions(funnel, recipe)
    if recipe.not_questions:
        funnel.keep(
            "not_questions",
            "Not among the listed questions",
            _not_listed(cursor, funnel, Listed(recipe.not_questions)),
        )
    if recipe.distinct_questions is not None:
        title = f"At most {recipe.per_cluster:,} of questions alike"
        funnel.keep("distinct_questions", title, _distinct_questions(cursor, funnel, recipe))
    if recipe.distinct_reasonings is not None:
        title = f"At most {recipe.per_cluster:,} of reasonings alike"
        funnel.keep("distinct_reasonings", title, _distinct_reasonings(cursor, funnel, recipe))
    if recipe.form == "pairs":
        return _pairs(funnel, recipe)
    if recipe.per_question != "all":
        title = f"{recipe.per_question.capitalize()} of each question, at most {recipe.samples:,}"
        funnel.keep("per_question", title, _per_question(funnel, recipe))
    return Selection(found, tuple(funnel.steps), funnel.left(), None)


class _Funnel:
    """The traces that are left, and the steps until now."""

    def __init__(self, found: Candidates) -> None:
        self.found = found
        self.mask: Mask = np.ones(len(found.place), dtype=bool)
        self.steps: list[Step] = []
        self.keep("filters", "Under the filter", self.mask)

    def left(self) -> Places:
        """Indices of what is left, in file order."""
        return np.flatnonzero(self.mask)

    def keep(self, name: str, title: str, good: Mask, undefined: Mask | None = None) -> None:
        """Go on with those that are ``good``."""
        lost = 0 if undefined is None else int((self.mask & ~good & undefined).sum())
        self.mask = self.mask & good
        questions = len(np.unique(self.found.question[self.mask]))
        self.steps.append(Step(name, title, int(self.mask.sum()), questions, lost))

    def within(self, name: str, title: str, values: Numbers, allowed: Range) -> None:
        """Go on with those whose value is in a range; an undefined one is not."""
        low, high = allowed
        good = ~np.isnan(values)
        if low is not None:
            good &= values >= low
        if high is not None:
            good &= values <= high
        self.keep(name, title + _words(allowed), good, np.isnan(values))


def _words(allowed: Range) -> str:
    low, high = allowed
    parts = [f"at least {low:,g}"] if low is not None else []
    parts += [f"at most {high:,g}"] if high is not None else []
    return " " + " and ".join(parts or ["defined"])


def _conditions(funnel: _Funnel, recipe: Recipe) -> None:
    found = funnel.found
    judged = np.asarray(found.table.column("correct").is_valid(), dtype=bool)
    if recipe.verdict != "any":
        right = found.flag("correct")
        good = right if recipe.verdict == "right" else judged & ~right
        funnel.keep("verdict", f"Answer {recipe.verdict}", good, ~judged)
    elif recipe.form == "pairs":
        good = judged if recipe.pairs == "right over wrong" else found.flag("correct")
        title = "Judged" if recipe.pairs == "right over wrong" else "Answer right"
        funnel.keep("verdict", title, good, ~judged)
    if recipe.complete_only:
        funnel.keep("complete_only", "Not cut off", ~found.flag("cut_off"))
    if recipe.min_tokens is not None or recipe.max_tokens is not None:
        funnel.within(
            "tokens", "Thinking tokens", found.tokens, (recipe.min_tokens, recipe.max_tokens)
        )
    if recipe.min_language_consistency is not None:
        values = found.metric("language_consistency")
        least = recipe.min_language_consistency
        funnel.within("language_consistency", "Language consistency", values, (least, None))
    if recipe.no_language_slip:
        funnel.within(
            "no_language_slip", "Language slips", found.metric("has_language_slip"), (None, 0)
        )
    if recipe.no_loop:
        values = np.maximum(found.metric("n_loops"), found.metric("tail_loop"))
        funnel.within("no_loop", "Loops", values, (None, 0))
    if recipe.max_repetition is not None:
        values = found.metric("repeat_share")
        funnel.within(
            "repetition", "Share of repeated sentences", values, (None, recipe.max_repetition)
        )
    for label, allowed in sorted(recipe.behaviours.items()):
        values = found.metric(f"{label}_per_1k")
        funnel.within(f"behaviours.{label}", f"{label} per 1,000 tokens", values, allowed)
    for name, allowed in sorted(recipe.metrics.items()):
        funnel.within(f"metrics.{name}", name, found.metric(name), allowed)


def _first_of_questions(found: Candidates, left: Places) -> Places:
    """One trace of each question, in file order: its text stands for the question."""
    _, first = np.unique(found.question[left], return_index=True)
    return left[np.sort(first)]


def _by_question(cursor: Any, funnel: _Funnel, good: Callable[[str], bool]) -> Mask:
    firsts = _first_of_questions(funnel.found, funnel.left())
    rows = texts(cursor, funnel.found, firsts, "question")
    kept = [i for i, row in zip(firsts, rows, strict=True) if good(row["question"] or "")]
    codes = funnel.found.question[np.array(kept, dtype=np.int64)]
    return np.isin(funnel.found.question, codes)


def _not_listed(cursor: Any, funnel: _Funnel, listed: Listed) -> Mask:
    return _by_question(cursor, funnel, lambda text: not listed.has(text))


def _distinct_questions(cursor: Any, funnel: _Funnel, recipe: Recipe) -> Mask:
    clusters = Clusters(recipe.distinct_questions or 0.0)
    most = recipe.per_cluster
    return _by_question(cursor, funnel, lambda text: clusters.sizes[clusters.add(text)] <= most)


def _distinct_reasonings(cursor: Any, funnel: _Funnel, recipe: Recipe) -> Mask:
    """In the order of preference, so that of a cluster the one that is wanted most stays."""
    clusters = Clusters(recipe.distinct_reasonings or 0.0)
    left = _preferred(funnel.found, funnel.left(), recipe)
    mask = np.zeros_like(funnel.mask)
    for index, row in zip(left, texts(cursor, funnel.found, left, "reasoning"), strict=True):
        mask[index] = clusters.sizes[clusters.add(row["reasoning"] or "")] <= recipe.per_cluster
    return mask


def _lengths(found: Candidates, left: Places) -> Numbers:
    """Thinking tokens; characters where a trace among them has none counted, so that all compare."""
    tokens = found.tokens
    return found.chars if np.isnan(tokens[left]).any() else tokens


def _preferred(found: Candidates, left: Places, recipe: Recipe) -> Places:
    """The traces by what ``per_question`` asks for; ties in file order."""
    if recipe.per_question == "all":
        return left
    if recipe.per_question == "random":
        return np.random.Generator(np.random.PCG64(recipe.seed)).permutation(left)
    sign = 1.0 if recipe.per_question == "shortest" else -1.0
    return left[np.argsort(sign * _lengths(found, left)[left], kind="stable")]


def _per_question(funnel: _Funnel, recipe: Recipe) -> Mask:
    taken: defaultdict[int, int] = defaultdict(int)
    mask = np.zeros_like(funnel.mask)
    left = _preferred(funnel.found, funnel.left(), recipe)
    for index, question in zip(left.tolist(), funnel.found.question[left].tolist(), strict=True):
        if taken[question] < recipe.samples:
            taken[question] += 1
            mask[index] = True
    return mask


def _pairs(funnel: _Funnel, recipe: Recipe) -> Selection:
    found, left = funnel.found, funnel.left()
    right, lengths = found.flag("correct"), _lengths(found, left)
    groups: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for index in left.tolist():
        model = int(found.model[index]) if recipe.same_model else 0
        groups[int(found.question[index]), int(found.system[index]), model].append(index)
    taken: defaultdict[int, int] = defaultdict(int)
    pairs: list[tuple[int, int]] = []
    for (question, *_), members in groups.items():
        by_length = sorted(members, key=lambda i: (lengths[i], i))
        for pair in _matched(by_length, right, lengths, recipe):
            if taken[question] == recipe.pairs_per_question:
                break
            taken[question] += 1
            pairs.append(pair)
    pairs.sort()
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    mask = np.zeros_like(funnel.mask)
    mask[both.ravel()] = True
    title = f"In a pair, {recipe.pairs}: {len(pairs):,} pair{'' if len(pairs) == 1 else 's'}"
    funnel.keep("pairs", title, mask)
    return Selection(found, tuple(funnel.steps), both[:, 0], both[:, 1])


def _matched(
    by_length: list[int], right: Mask, lengths: Numbers, recipe: Recipe
) -> Iterator[tuple[int, int]]:
    """(chosen, rejected) of one group, each trace once: shortest right first."""
    if recipe.pairs == "right over wrong":
        good = [i for i in by_length if right[i]]
        yield from zip(good, [i for i in by_length if not right[i]], strict=False)
        return
    half = len(by_length) // 2
    for short, long in zip(by_length[:half], reversed(by_length), strict=False):
        if lengths[short] < lengths[long]:
            yield short, long


def _sample(cursor: Any, chosen: Selection) -> Iterator[dict[str, Any]]:
    columns = ("trace_id", "question_preview", "model", "correct")
    first = chosen.first[:_SAMPLE_ROWS]
    second = None if chosen.second is None else chosen.second[:_SAMPLE_ROWS]
    others = [None] * len(first)
    if second is not None:
        others = [row["trace_id"] for row in texts(cursor, chosen.found, second, "trace_id")]
    rows = texts(cursor, chosen.found, first, *columns)
    tokens = chosen.found.tokens
    for index, row, other in zip(first, rows, others, strict=True):
        counted = None if np.isnan(tokens[index]) else int(tokens[index])
        yield {
            "trace_id": row["trace_id"],
            "rejected": other,
            "question": row["question_preview"],
            "model": row["model"],
            "correct": row["correct"],
            "tokens": counted,
        }
