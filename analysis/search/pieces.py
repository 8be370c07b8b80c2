"""What the words of every match of a regular expression are like, so that the index can be asked first.

``(foo|bar)+baz\\d`` lies inside one word, and ``[0-9]{9}`` too: letters and digits of ASCII that follow
each other in a text are never parted by ``folding``. A character of an unspaced script is a word of its
own. What the reader of patterns does not understand it passes over: any doubt gives fewer pieces,
never wrong ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from analysis.search import charsets
from analysis.search.charsets import Ranges
from analysis.search.folding import index_form
from analysis.search.query import Regex
from analysis.search.syntax import Chars, Choice, Node, Repeat, Row, UnclearError, tree

Clauses = list[frozenset[str]]
"""Of each clause at least one piece is in every match: a regular expression that a whole word of the
index matches."""
MIN_BITS = 12.5
"""What is more likely than this by chance is in most texts: three letters have 15 bits, seven digits 13."""
_LITTLE = 1.0
"""Parts at the borders of a piece that say less than this are left out: they cost more than they tell."""
MAX_CHARS = 24
MAX_CLAUSES = 4
MAX_CHOICES = 48
_MAX_PIECE = 400
_ALPHABET = 36
_WORD_CHAR = 9.0
"""Bits of a character that is a word by itself."""
_PARTING: Ranges = charsets.complement((*charsets.ALNUM, (0x80, charsets.LAST)))
"""ASCII that parts words."""
_ALSO_LETTERS = charsets.of("\u017f\u212a")
"""Where case is ignored, these are s and k; so they are in the words of the index."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A regular expression of a part of a word, in lower case."""

    text: str
    bits: float
    cut: bool = False
    """Whether more of the word follows that is not told."""


_NOTHING = _Piece("", 0.0)


def required_pieces(regex: Regex) -> Clauses:
    """What stands in every text that matches, the most telling first; [] where nothing is certain."""
    try:
        found = _clauses(tree(regex))
    except UnclearError:
        return []
    best: dict[frozenset[str], float] = {}
    for clause, bits in found:
        best[clause] = max(bits, best.get(clause, 0.0))
    return sorted(best, key=lambda clause: (-best[clause], sorted(clause)))[:MAX_CLAUSES]


_Found = list[tuple[frozenset[str], float]]
"""Clauses with the bits of the likeliest piece of each."""


def _clauses(node: Node) -> _Found:
    if isinstance(node, Choice):
        return _together([_clauses(part) for part in node.parts])
    parts = node.parts if isinstance(node, Row) else (node,)
    found: _Found = []
    run: list[Node] = []
    begins = False
    """Whether the run stands at the beginning of a word."""
    for part in (*parts, None):
        if part is not None and _wordy(part):
            run.append(part)
            continue
        parted = part is not None and _parts_words(part)
        found += _of_run(run, begins, parted)
        run, begins = [], parted
        if isinstance(part, Chars):
            found += _own_words(part.held)
        elif isinstance(part, Repeat) and part.least:
            found += _clauses(part.part)
        elif isinstance(part, Choice):
            found += _clauses(part)
    return found


def _together(rows: list[_Found]) -> _Found:
    """Of one of the rows all clauses hold."""
    if len(rows) == 1:
        return rows[0]
    if not all(rows):
        return []
    best = [max(row, key=lambda one: (one[1], sorted(one[0]))) for row in rows]
    clause = frozenset().union(*(one for one, _ in best))
    bits = min(bits for _, bits in best) - math.log2(len(clause))
    return [(clause, bits)] if len(clause) <= MAX_CHOICES else []


def _wordy(node: Node) -> bool:
    """Whether all that it can be is letters and digits of ASCII (or what the index has as such)."""
    if isinstance(node, Chars):
        letters = charsets.ranges((*charsets.ALNUM, *_ALSO_LETTERS))
        return bool(node.held) and charsets.within(node.held, letters)
    if isinstance(node, Repeat):
        return _wordy(node.part)
    return all(_wordy(part) for part in node.parts)


def _parts_words(node: Node) -> bool:
    """Whether it is certainly a character that parts words, at both of its ends."""
    if isinstance(node, Repeat):
        return node.least > 0 and _parts_words(node.part)
    return isinstance(node, Chars) and charsets.within(node.held, _PARTING)


def _of_run(run: list[Node], begins: bool, ends: bool) -> _Found:
    """The clause of letters and digits that follow each other."""
    while run and _piece(run[0]).bits < _LITTLE:
        run, begins = run[1:], False
    while run and _piece(run[-1]).bits < _LITTLE:
        run, ends = run[:-1], False
    piece = _joined(run)
    if piece.bits < MIN_BITS:
        return []
    before = "" if begins else ".*"
    behind = ".*" if piece.cut or not ends else ""
    return [(frozenset((before + piece.text + behind,)), piece.bits)]


def _joined(parts: list[Node] | tuple[Node, ...]) -> _Piece:
    found = _NOTHING
    for part in parts:
        more = _piece(part)
        if (
            found.cut
            or len(found.text) + len(more.text) > _MAX_PIECE
            or found.bits > 5.2 * MAX_CHARS
        ):
            return _Piece(found.text, found.bits, True)
        found = _Piece(found.text + more.text, found.bits + more.bits, more.cut)
    return found


def _piece(node: Node) -> _Piece:
    if isinstance(node, Chars):
        return _one_of(node.held)
    if isinstance(node, Row):
        return _joined(node.parts)
    if isinstance(node, Choice):
        parts = [_piece(part) for part in node.parts]
        if any(part.cut for part in parts):
            return _Piece("", 0.0, True)
        texts = [part.text for part in parts if part.text]
        maybe = "?" if len(texts) < len(parts) else ""
        text = f"({'|'.join(texts)}){maybe}" if texts else ""
        return _Piece(text, min(part.bits for part in parts))
    inner = _piece(node.part)
    if isinstance(node.part, Repeat) and inner.text:
        inner = _Piece(f"({inner.text})", inner.bits, inner.cut)
    if inner.cut:
        return inner if node.least else _Piece("", 0.0, True)
    least = min(node.least, max(1, MAX_CHARS // max(1, _shortest(node.part))))
    if len(inner.text) * least > _MAX_PIECE:
        return _Piece(inner.text, inner.bits, True)
    more = "" if node.exact and least == node.least else f"{inner.text}*" if inner.text else ""
    return _Piece(inner.text * least + more, inner.bits * least)


def _shortest(node: Node) -> int:
    """The fewest characters that it can be."""
    if isinstance(node, Chars):
        return 1
    if isinstance(node, Row):
        return sum(_shortest(part) for part in node.parts)
    if isinstance(node, Choice):
        return min(_shortest(part) for part in node.parts)
    return node.least * _shortest(node.part)


def _one_of(held: Ranges) -> _Piece:
    """One letter or digit, in lower case."""
    letters = sorted({chr(c).casefold() for first, last in held for c in range(first, last + 1)})
    if len(letters) == 1:
        return _Piece(letters[0], math.log2(_ALPHABET))
    return _Piece(f"[{''.join(letters)}]", math.log2(_ALPHABET / len(letters)))


def _own_words(held: Ranges) -> _Found:
    """The clause of a character that is a word by itself."""
    if sum(last - first + 1 for first, last in held) > MAX_CHOICES:
        return []
    characters = [chr(c) for first, last in held for c in range(first, last + 1)]
    words = frozenset(_own_word(c) for c in characters)
    if "" in words or not words:
        return []
    return [(words, _WORD_CHAR - math.log2(len(words)))]


def _own_word(character: str) -> str:
    """The word of the index that a character is by itself, whatever stands beside it; '' for none."""
    if character.isascii():
        return ""
    if len({character, character.lower(), character.upper(), character.casefold()}) > 1:
        return ""  # a pattern may ignore the case of what the index tells apart
    form = index_form(character)
    words = form.split()
    return words[0] if len(words) == 1 and form[0] == form[-1] == " " else ""
