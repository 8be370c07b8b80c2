"""Which sentences of two traces of one question correspond, by what they say.

Links are monotone: the k-th of them is further on in both traces than the one before it. They are
the heaviest such chain over pairs of sentences that share rare words and numbers (a sparse form of
Hunt and Szymanski, 1977, with weights). The number of pairs looked at grows with the number of
sentences, not with its square: repeated sentences are paired in their order between the links that
are sure, so that a looped trace costs as much as any other. Memory is linear too.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from analysis.effort.sentence_forms import ALIKE, Form, Weights, form, says_the_same, weights

_RARE_TOKENS = 10
"""Tokens of a sentence, the rarest, by which its counterparts are looked for."""
_MOST_HOLDERS = 40
"""A token that more different sentences hold does not lead from one to another."""
_BEST = 6
"""Counterparts kept of a sentence."""
_FEW_PLACES = 25
"""Places in one trace times places in the other up to which all pairs of a repeated one count."""
_SMALL_GAP = 400
"""Sentences in one trace times those in the other between two links that are compared all."""
_RUN = 16
"""How far a link is followed to its neighbours."""

Pairs = dict[tuple[int, int], float]


@dataclass(frozen=True, slots=True)
class Link:
    """Sentence ``a`` of the first trace corresponds to sentence ``b`` of the second."""

    a: int
    b: int
    likeness: float
    """Share of what the two say that both say, 0..1, rare words counting more (a weighted Dice)."""
    same: bool
    """They say the same: only the wording may differ, not a number, comparison or negation."""


ONLY_HERE, ALIKE_THERE, SAME_THERE = 0, 1, 2
"""What the other trace has of a sentence, wherever it stands: nothing, something alike, the same."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """Two traces beside each other."""

    links: tuple[Link, ...]
    """Ascending in both; each sentence has at most one."""
    levels_a: tuple[int, ...]
    """Of each sentence of the first trace, whether the other one says it (anywhere)."""
    levels_b: tuple[int, ...]


def align(a: Sequence[str], b: Sequence[str]) -> Alignment:
    """Two traces, given as their sentences. The same whichever comes first, with roles exchanged.

    Time is O(n log n) in the number of sentences, memory O(n).
    """
    return _align([form(s) for s in a], [form(s) for s in b])


def align_all(traces: Sequence[Sequence[str]]) -> dict[tuple[int, int], Alignment]:
    """``align`` for each two of several traces: (place of one, place of the other), ascending."""
    forms = [[form(sentence) for sentence in trace] for trace in traces]
    return {(i, j): _align(forms[i], forms[j]) for i, j in combinations(range(len(traces)), 2)}


def levels(
    found: Mapping[tuple[int, int], Alignment], sizes: Sequence[int]
) -> list[tuple[int, ...]]:
    """Of each trace and each of its sentences, the most that any other trace has of it.

    ``found`` is what ``align_all`` gave, ``sizes`` are the numbers of sentences.
    """
    most = [(ONLY_HERE,) * size for size in sizes]
    for (i, j), both in found.items():
        most[i] = tuple(map(max, most[i], both.levels_a))
        most[j] = tuple(map(max, most[j], both.levels_b))
    return most


def _align(a: Sequence[Form], b: Sequence[Form]) -> Alignment:
    # One order of the two, so that the result cannot depend on which is the first.
    if (len(b), [f.key for f in b]) < (len(a), [f.key for f in a]):
        turned = _Aligner(b, a).alignment()
        links = tuple(Link(link.b, link.a, link.likeness, link.same) for link in turned.links)
        return Alignment(links, turned.levels_b, turned.levels_a)
    return _Aligner(a, b).alignment()


@dataclass(slots=True)
class _Side:
    """The different sentences of a trace, and where each stands."""

    forms: list[Form] = field(default_factory=list)
    places: list[list[int]] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    """Which of ``forms`` each sentence is."""


def _side(sentences: Sequence[Form]) -> _Side:
    side = _Side()
    known: dict[str, int] = {}
    for place, one in enumerate(sentences):
        kind = known.setdefault(one.key, len(known))
        if kind == len(side.forms):
            side.forms.append(one)
            side.places.append([])
        side.places[kind].append(place)
        side.kind.append(kind)
    return side


class _Aligner:
    def __init__(self, a: Sequence[Form], b: Sequence[Form]):
        self._weights: Weights = weights([*a, *b])
        self._a, self._b = _side(a), _side(b)
        self._total_a = [self._weights.total(f) for f in self._a.forms]
        self._total_b = [self._weights.total(f) for f in self._b.forms]
        self._known: Pairs = {}
        self._repeated: dict[int, list[int]] = {}

    def alignment(self) -> Alignment:
        """All of it. To be called once."""
        width = len(self._b.kind)
        pairs = self._rare_pairs()
        pairs |= self._between(_chain(pairs, width))
        pairs |= self._along(_chain(pairs, width))
        links = tuple(self._link(i, j) for i, j in _chain(pairs, width))
        return Alignment(links, *self._levels())

    def _link(self, i: int, j: int) -> Link:
        x, y = self._a.kind[i], self._b.kind[j]
        likeness = self._likeness(x, y)
        return Link(i, j, likeness, self._same(x, y))

    def _same(self, x: int, y: int) -> bool:
        return says_the_same(self._a.forms[x], self._b.forms[y], self._likeness(x, y))

    def _levels(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """From all pairs that were ever looked at, in whatever order they stand."""
        best_a, best_b = [ONLY_HERE] * len(self._a.forms), [ONLY_HERE] * len(self._b.forms)
        for (x, y), likeness in self._known.items():
            if likeness >= ALIKE or self._same(x, y):
                level = SAME_THERE if self._same(x, y) else ALIKE_THERE
                best_a[x], best_b[y] = max(best_a[x], level), max(best_b[y], level)
        return tuple(best_a[x] for x in self._a.kind), tuple(best_b[y] for y in self._b.kind)

    def _likeness(self, x: int, y: int) -> float:
        known = self._known.get((x, y))
        if known is None:
            one, other = self._a.forms[x], self._b.forms[y]
            if one.key == other.key:
                known = 1.0
            else:
                total = self._total_a[x] + self._total_b[y]
                known = 2 * self._weights.shared(one, other) / total if total else 0.0
            self._known[x, y] = known
        return known

    def _weight(self, x: int, y: int) -> float:
        """How much a link is worth: long and close ones more; sentences without words a little."""
        likeness = self._likeness(x, y)
        return 1e-3 + likeness * likeness * (self._total_a[x] + self._total_b[y]) / 2

    def _rare_pairs(self) -> Pairs:
        """Pairs of places of sentences that are alike; those repeated often are only noted."""
        pairs: Pairs = {}
        for x, others in self._counterparts():
            for y in others:
                here, there = self._a.places[x], self._b.places[y]
                if len(here) * len(there) > _FEW_PLACES:
                    self._repeated.setdefault(x, []).append(y)
                    continue
                weight = self._weight(x, y)
                pairs.update({(i, j): weight for i in here for j in there})
        return pairs

    def _counterparts(self) -> Iterator[tuple[int, list[int]]]:
        """Of each different sentence of a, the sentences of b that are most like it."""
        of = self._weights.of
        holders: dict[str, list[int]] = defaultdict(list)
        for y, other in enumerate(self._b.forms):
            for token in other.tokens:
                holders[token].append(y)
        keys = {other.key: y for y, other in enumerate(self._b.forms)}
        for x, one in enumerate(self._a.forms):
            overlap: dict[int, float] = defaultdict(float)
            found = [
                token for token in one.tokens if 0 < len(holders.get(token, ())) <= _MOST_HOLDERS
            ]
            for token in sorted(found, key=lambda t: (-of[t], t))[:_RARE_TOKENS]:
                for y in holders[token]:
                    overlap[y] += of[token]
            likely = sorted(overlap, key=lambda y: (-overlap[y], y))[: 2 * _BEST]
            alike = [y for y in likely if self._likeness(x, y) >= ALIKE]
            best = sorted(alike, key=lambda y: (-self._likeness(x, y), y))[:_BEST]
            equal = keys.get(one.key)
            if equal is not None and equal not in best:
                self._likeness(x, equal)
                best.append(equal)
            yield x, best

    def _between(self, chain: Sequence[tuple[int, int]]) -> Pairs:
        """More pairs inside the gaps between links: all in small ones, repeated ones in order."""
        pairs: Pairs = {}
        ends = [(-1, -1), *chain, (len(self._a.kind), len(self._b.kind))]
        for (i0, j0), (i1, j1) in pairwise(ends):
            rows, columns = range(i0 + 1, i1), range(j0 + 1, j1)
            if not rows or not columns:
                continue
            if len(rows) * len(columns) <= _SMALL_GAP:
                for i in rows:
                    x = self._a.kind[i]
                    for j in columns:
                        y = self._b.kind[j]
                        if self._likeness(x, y) >= ALIKE:
                            pairs[i, j] = self._weight(x, y)
            else:
                pairs |= self._in_order(rows, columns)
        return pairs

    def _in_order(self, rows: range, columns: range) -> Pairs:
        """The k-th of a repeated sentence in the gap with the k-th, counted from both ends."""
        pairs: Pairs = {}
        met: dict[int, list[int]] = {}
        for i in rows:
            if self._a.kind[i] in self._repeated:
                met.setdefault(self._a.kind[i], []).append(i)
        for x, here in met.items():
            for y in self._repeated[x]:
                places = self._b.places[y]
                there = places[
                    bisect_left(places, columns.start) : bisect_left(places, columns.stop)
                ]
                weight = self._weight(x, y)
                n = min(len(here), len(there))
                for some, others in (
                    (here[:n], there[:n]),
                    (here[len(here) - n :], there[len(there) - n :]),
                ):
                    pairs.update(dict.fromkeys(zip(some, others, strict=True), weight))
        return pairs

    def _along(self, chain: Sequence[tuple[int, int]]) -> Pairs:
        """Pairs beside a link, on its diagonal: texts that run in step do so for a while."""
        pairs: Pairs = {}
        n, m = len(self._a.kind), len(self._b.kind)
        linked = set(chain)
        for i, j in chain:
            for step in (1, -1):
                for away in range(step, step * (_RUN + 1), step):
                    at = (i + away, j + away)
                    if not (0 <= at[0] < n and 0 <= at[1] < m) or at in linked or at in pairs:
                        break
                    x, y = self._a.kind[at[0]], self._b.kind[at[1]]
                    if self._likeness(x, y) < ALIKE:
                        break
                    pairs[at] = self._weight(x, y)
        return pairs


def _chain(pairs: Mapping[tuple[int, int], float], columns: int) -> list[tuple[int, int]]:
    """The heaviest chain of pairs that ascends strictly in both places.

    A Fenwick tree over the second place holds the best chain that ends below it: O(p log columns).
    """
    # In one row from right to left, so that no two of a row get into one chain.
    order = sorted(pairs, key=lambda pair: (pair[0], -pair[1]))
    best = [0.0] * (columns + 1)
    holder = [-1] * (columns + 1)
    before = [-1] * len(order)
    top, last = 0.0, -1
    for number, (_, j) in enumerate(order):
        weight, previous = 0.0, -1
        at = j
        while at > 0:
            if best[at] > weight:
                weight, previous = best[at], holder[at]
            at -= at & -at
        weight += pairs[order[number]]
        before[number] = previous
        if weight > top:
            top, last = weight, number
        at = j + 1
        while at <= columns:
            if weight > best[at]:
                best[at], holder[at] = weight, number
            at += at & -at
    chain = []
    while last >= 0:
        chain.append(order[last])
        last = before[last]
    return chain[::-1]
