"""Exact places of hits in a text, and the passages around them. Offsets are code points."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from analysis import limits
from analysis.search.folding import AFTER, BEFORE, BETWEEN, WITHIN, Form, form_of
from analysis.search.query import Term

Span = tuple[int, int]
_MAX_PASSAGE = 5
"""A passage is at most this many times ``SEARCH_CONTEXT_CHARS`` long."""


@dataclass(frozen=True, slots=True)
class Passage:
    """``text[start:end]`` with the hits in it; a hit may reach beyond the end."""

    start: int
    end: int
    hits: tuple[Span, ...]


@lru_cache(maxsize=512)
def _pattern(term: Term) -> re.Pattern[str]:
    words = BETWEEN.join(map(re.escape, term.words))
    return re.compile(BEFORE + words + (WITHIN if term.prefix else "") + AFTER)


def term_spans(term: Term, text: str, form: Form, limit: int) -> list[Span]:
    """Where a term stands in a text whose form is given; at most ``limit`` places."""
    if not all(word in form.text for word in term.words):
        return []
    spans: list[Span] = []
    for match in _pattern(term).finditer(form.text):
        end = form.end(match.end())
        while end < len(text) and unicodedata.category(text[end])[0] == "M":
            end += 1  # an accent that is a character of its own
        spans.append((form.start(match.start()), end))
        if len(spans) >= limit:
            break
    return spans


def find_terms(terms: Sequence[Term], text: str, limit: int = limits.SEARCH_MAX_HITS) -> list[Span]:
    """Every place of any of the terms, in order, each once."""
    if not terms or not text:
        return []
    form = form_of(text)
    return sorted({span for term in terms for span in term_spans(term, text, form, limit)})[:limit]


def passages(
    text: str,
    spans: Iterable[Span],
    *,
    most: int = limits.SEARCH_PASSAGES,
    context: int = limits.SEARCH_CONTEXT_CHARS,
) -> list[Passage]:
    """At most ``most`` passages that show the first of the spans (sorted), each with its context."""
    found: list[Passage] = []
    ordered = sorted(set(spans))
    at = 0
    while at < len(ordered) and len(found) < most:
        first = ordered[at]
        end = min(first[1] + context, first[0] + _MAX_PASSAGE * context)
        held = [first]
        at += 1
        while at < len(ordered) and ordered[at][1] <= end and len(held) < 50:
            held.append(ordered[at])
            at += 1
        begin, end = _whole_words(text, max(0, first[0] - context), min(len(text), end))
        found.append(Passage(begin, end, tuple(held)))
    return found


def _whole_words(text: str, start: int, end: int) -> Span:
    """The range without the pieces of words at its ends."""
    if start > 0 and not text[start - 1].isspace():
        space = _first_space(text, start, start + 20)
        start = space + 1 if space >= 0 else start
    if end < len(text) and not text[end].isspace():
        space = max(text.rfind(c, end - 20, end) for c in " \n\t")
        end = space if space >= 0 else end
    return start, end


def _first_space(text: str, start: int, end: int) -> int:
    found = [at for c in " \n\t" if (at := text.find(c, start, end)) >= 0]
    return min(found, default=-1)


def sentence_at(starts: Sequence[int], place: int) -> int | None:
    """The index of the sentence that holds a place, from the starts of all; None without any."""
    if not starts:
        return None
    return max(0, bisect_left(starts, place + 1) - 1)
