"""Which kinds of characters stand beside each other in a text, for patterns without words.

A text's *shapes* are the pairs of kinds that stand somewhere in it, the lengths of its longest runs
of a kind or of several kinds, and the kinds beside numbers of three digits or more: so ``\\(\\s+\\)`` is looked for only where ``(`` stands before white space, and white space
before ``)``; ``[^\\x00-\\x7f]{6}`` only where six characters beyond ASCII follow each other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from analysis.search import charsets
from analysis.search.charsets import Ranges
from analysis.search.query import Regex
from analysis.search.syntax import Chars, Choice, Node, Repeat, UnclearError, tree

VERSION = 1
"""Goes up whenever the shapes of a text change: an index made with another version is made anew."""
_KINDS: tuple[Ranges, ...] = (
    charsets.DIGITS,
    charsets.LOWER,
    charsets.UPPER,
    charsets.of(" "),
    charsets.of("\n"),
    charsets.complement(((0x0A, 0x0A), (0x20, 0x7E), (0x80, charsets.LAST))),
    *(((code, code),) for first, last in charsets.PUNCT for code in range(first, last + 1)),
    # Beyond ASCII by the first byte of UTF-8.
    ((0x80, 0x7FF),),
    ((0x800, 0x2FFF),),
    ((0x3000, 0xDFFF),),
    ((0xE000, 0xFFFF),),
    ((0x10000, charsets.LAST),),
)
"""What a kind holds. Together they are all characters."""
_DIGIT = 0
_BREAK = len(_KINDS)
"""Stands between texts."""
LONG_NUMBER = 3
"""What stands before and behind numbers of so many digits is told apart from that of others."""
_GROUPS: tuple[frozenset[int], ...] = (
    *(frozenset((kind,)) for kind in range(len(_KINDS))),
    frozenset((0, 1, 2)),
    frozenset((3, 4, 5)),
    frozenset(range(len(_KINDS) - 5, len(_KINDS))),
)
"""Kinds whose runs are told: each, then together letters and digits, white space, beyond ASCII."""
_N_JOINED = 3
_LENGTHS = (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 24, 32, 48, 64)
"""The lengths of runs that are told apart."""
MAX_CHOICES = 100
MAX_CLAUSES = 12
Clauses = list[frozenset[str]]
"""Of each clause at least one shape is that of every text that matches."""


def _byte_kinds() -> npt.NDArray[np.uint8]:
    """The kind of a character by its first byte in UTF-8."""
    found = np.empty(256, np.uint8)
    firsts = ((0x00, 0x7F), (0xC2, 0xDF), (0xE0, 0xE2), (0xE3, 0xED), (0xEE, 0xEF), (0xF0, 0xF4))
    beyond = len(_KINDS) - 5
    found[:] = _BREAK
    for number, (low, high) in enumerate(firsts[1:]):
        found[low : high + 1] = beyond + number
    for kind, held in enumerate(_KINDS[:beyond]):
        for first, last in held:
            found[first : last + 1] = kind
    return found


_BYTE_KINDS = _byte_kinds()
_STRIDE = 64
_PAIRS = np.array([f"{a:02}{b:02}" for a in range(_STRIDE) for b in range(_STRIDE)], dtype=object)
_RUNS = [[f"r{number}.{length}" for length in _LENGTHS] for number in range(len(_GROUPS))]
_JOINED = np.arange(_BREAK + 1, dtype=np.uint8)
"""Of each kind the number of the joined group that it is in, behind all kinds; else itself."""
for _number, _group in enumerate(_GROUPS[-_N_JOINED:], _BREAK + 1):
    _JOINED[list(_group)] = _number


def shapes(texts: Iterable[str]) -> list[str]:
    """The shapes of some texts together, as words. Linear in the texts."""
    data = np.frombuffer(b"\xff".join(text.encode() for text in texts), np.uint8)
    kinds = _BYTE_KINDS[data if data.size and data.max() < 0x80 else data[(data & 0xC0) != 0x80]]
    if not kinds.size:
        return []
    seen = np.zeros(_STRIDE * _STRIDE, np.bool_)
    seen[kinds[:-1].astype(np.uint16) * _STRIDE + kinds[1:]] = True
    pairs = seen.reshape(_STRIDE, _STRIDE)
    pairs[_BREAK] = pairs[:, _BREAK] = False
    return [*_PAIRS[np.flatnonzero(seen)].tolist(), *_runs(kinds)]


def _runs(kinds: npt.NDArray[np.uint8]) -> list[str]:
    """The lengths that the longest runs of each group reach, and what is beside long numbers."""
    ends, sizes = _cut(kinds)
    longest = [*_longest(kinds[ends], sizes)[:_BREAK].tolist()]
    joined = _JOINED[kinds]
    at, of = _cut(joined)
    longest += _longest(joined[at], of)[-_N_JOINED:].tolist()
    found = [
        name
        for names, most in zip(_RUNS, longest, strict=True)
        if most > 1
        for name in names[: bisect_right(_LENGTHS, most)]
    ]
    numbers = np.flatnonzero((kinds[ends] == _DIGIT) & (sizes >= LONG_NUMBER))
    behind = kinds[ends[numbers[numbers < len(ends) - 1]] + 1]
    before = kinds[ends[numbers[numbers > 0] - 1]]
    for letter, beside in (("n", behind), ("p", before)):
        found += [f"{letter}{kind:02}" for kind in set(beside.tolist()) - {_BREAK}]
    return found


def _cut(kinds: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(places of the last characters, lengths) of the runs of one kind."""
    ends = np.append(np.flatnonzero(kinds[1:] != kinds[:-1]), kinds.size - 1)
    return ends, np.diff(ends, prepend=-1)


def _longest(of: npt.NDArray[np.uint8], sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Of each kind its longest run."""
    found = np.zeros(_BREAK + 1 + _N_JOINED, np.int64)
    long = sizes > 1
    np.maximum.at(found, of[long], sizes[long])
    return found


def required_shapes(regex: Regex) -> Clauses:
    """The shapes that every text that matches has; [] where nothing is certain."""
    try:
        found = _look(tree(regex)).clauses
    except UnclearError:
        return []
    return sorted(dict.fromkeys(found), key=lambda clause: (len(clause), sorted(clause)))[
        :MAX_CLAUSES
    ]


class _Ends:
    """What a node begins and ends with for certain, and the clauses inside of it."""

    __slots__ = ("clauses", "empty", "first", "last")

    def __init__(
        self, first: frozenset[int], last: frozenset[int], empty: bool, clauses: Clauses
    ) -> None:
        self.first, self.last = first, last
        """The kinds of its first and last character."""
        self.empty = empty
        """Whether it may be the empty text."""
        self.clauses = clauses


_NONE: frozenset[int] = frozenset()


def _look(node: Node) -> _Ends:
    if isinstance(node, Chars):
        kinds = _kinds(node.held)
        return _Ends(kinds, kinds, False, [])
    if isinstance(node, Repeat):
        return _repeat(node)
    if isinstance(node, Choice):
        return _choice([_look(part) for part in node.parts])
    return _row(node.parts)


def _kinds(held: Ranges) -> frozenset[int]:
    return frozenset(
        kind
        for kind, own in enumerate(_KINDS)
        if any(charsets.meets(held, first, last) for first, last in own)
    )


def _repeat(node: Repeat) -> _Ends:
    one = _look(node.part)
    if node.least == 0:
        return _Ends(one.first, one.last, True, [])
    clauses = list(one.clauses)
    if node.least > 1 and not one.empty:
        clauses += _beside(one.last, one.first)
        if isinstance(node.part, Chars):
            clauses += _run(one.first, node.least)
    return _Ends(one.first, one.last, one.empty, clauses)


def _choice(parts: list[_Ends]) -> _Ends:
    first = frozenset().union(*(part.first for part in parts))
    last = frozenset().union(*(part.last for part in parts))
    clauses = parts[0].clauses if len(parts) == 1 else []
    if len(parts) > 1 and all(part.clauses for part in parts):
        least = [min(part.clauses, key=len) for part in parts]
        clauses = _few(frozenset().union(*least))
    return _Ends(first, last, any(part.empty for part in parts), clauses)


def _row(nodes: tuple[Node, ...]) -> _Ends:
    parts = [_look(node) for node in nodes]
    clauses = [clause for part in parts for clause in part.clauses]
    last: frozenset[int] = _NONE
    """What the character before this part may be."""
    before = False
    """Whether one stands there for certain."""
    for part in parts:
        if part.empty:
            last |= part.last
            continue
        if before:
            clauses += _beside(last, part.first)
        last, before = part.last, True
    clauses += _beside_number(nodes, [part.first for part in parts], parts, "n")
    clauses += _beside_number(nodes[::-1], [part.last for part in parts[::-1]], parts[::-1], "p")
    first, empty = _begins(parts)
    return _Ends(first, last, empty, clauses)


def _beside_number(
    nodes: tuple[Node, ...], near: list[frozenset[int]], parts: list[_Ends], letter: str
) -> Clauses:
    """What follows a long number for certain; of a row that is turned round: what stands before it."""
    found: Clauses = []
    digits = 0
    for node, kinds, part in zip(nodes, near, parts, strict=True):
        more = _digits(node)
        if more is None and digits >= LONG_NUMBER and not part.empty and _DIGIT not in kinds:
            found.append(frozenset(f"{letter}{kind:02}" for kind in kinds))
        digits = 0 if more is None else digits + more
    return found


def _digits(node: Node) -> int | None:
    """The fewest characters of a node that holds only digits; None where it may hold others."""
    if isinstance(node, Chars):
        return 1 if node.held and charsets.within(node.held, charsets.DIGITS) else None
    if isinstance(node, Repeat):
        inner = _digits(node.part)
        return None if inner is None else inner * node.least
    return None


def _begins(parts: list[_Ends]) -> tuple[frozenset[int], bool]:
    """(kinds of the first character, whether all parts may be empty)."""
    first: frozenset[int] = _NONE
    for part in parts:
        first |= part.first
        if not part.empty:
            return first, False
    return first, True


def _beside(left: frozenset[int], right: frozenset[int]) -> Clauses:
    if len(left) * len(right) > MAX_CHOICES:
        return []
    return _few(frozenset(f"{a:02}{b:02}" for a in left for b in right))


def _run(kinds: frozenset[int], length: int) -> Clauses:
    told = max((one for one in _LENGTHS if one <= length), default=0)
    return [
        frozenset((f"r{number}.{told}",))
        for number, group in enumerate(_GROUPS)
        if told and kinds <= group
    ][:1]


def _few(clause: frozenset[str]) -> Clauses:
    return [clause] if 0 < len(clause) <= MAX_CHOICES else []
