"""Cut a very long run without any stop, so that loops without punctuation stay readable."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from analysis.text.masks import Mask

MAX_SENTENCE = 2_000
"""A longer sentence is cut, in code points; white space after it does not count."""
_WINDOW = MAX_SENTENCE // 2
_CUTS = (("\n",), ("；", "，", "、", ";"), (" ", "\t", "\u3000", "\xa0"), (",",))
"""Where to cut, best first: after the last of these in the second half of the piece."""
_JOINERS = "\u200d\ufe0e\ufe0f"


def cut_long(text: str, start: int, end: int, spans: Sequence[Mask]) -> Iterator[int]:
    """The ends of the pieces of ``text[start:end]``; the last is ``end``."""
    content_end = end
    while content_end > start and text[content_end - 1].isspace():
        content_end -= 1
    while content_end - start > MAX_SENTENCE:
        cut = _cut(text, start, spans)
        while cut < content_end and text[cut].isspace():
            cut += 1
        if cut >= content_end:
            break
        yield cut
        start = cut
    yield end


def _cut(text: str, start: int, spans: Sequence[Mask]) -> int:
    """The best place to cut after ``start``, at most ``MAX_SENTENCE`` away."""
    low, high = start + _WINDOW, start + MAX_SENTENCE
    cut = high
    for marks in _CUTS:
        best = max(text.rfind(mark, low, high) for mark in marks)
        if best >= 0:
            cut = best + 1
            break
    else:
        cut = _between_characters(text, low, high)
    return _outside_span(start, cut, high, spans)


def _outside_span(start: int, cut: int, high: int, spans: Sequence[Mask]) -> int:
    """Move a cut out of a formula or a line of code, where that is short enough to stay whole."""
    index = bisect_right(spans, cut, key=lambda span: span[0]) - 1
    if index < 0:
        return cut
    span_start, span_end, _ = spans[index]
    if not span_start < cut < span_end:
        return cut
    if span_start > start:
        return span_start
    return span_end if span_end <= high else cut


def _between_characters(text: str, low: int, cut: int) -> int:
    """A cut at or before ``cut`` that parts no letter from its accents, no emoji from its joiner."""
    while cut > low and (
        unicodedata.combining(text[cut])
        or unicodedata.category(text[cut])[0] == "M"
        or text[cut] in _JOINERS
        or text[cut - 1] == "\u200d"
    ):
        cut -= 1
    return cut
