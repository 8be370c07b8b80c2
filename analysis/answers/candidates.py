"""Candidate answers: every place where a text gives an answer, with its exact offsets.

A candidate is *explicit* (a box, "the answer is ...", a choice taken), a *conclusion* (the value
that a sentence beginning with So, Thus, Therefore ... ends with) or a *result* (the value that any
other sentence ends with behind ``=``) or a *statement* ("the ... is" and a value). The last three
may be mere intermediate results; who counts candidates decides what to do with them (``EXPLICIT_FORMS``).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import NamedTuple

from analysis.answers import latex, patterns, sentence_ends, units
from analysis.answers.normalise import Form, parse
from analysis.answers.values import Value, read_value
from analysis.model import Sentence

EXPLICIT_FORMS = frozenset({"boxed", "answer_is", "choice", "tag", "hashes"})
"""The text itself calls it the answer. Other forms: 'phrase' (so, but the answer is a phrase in
prose, "the answer is the second one"), 'conclusion', 'result',
'statement' and 'pointed'."""
TAIL_CHARS = 140
"""How much of a concluding sentence's end is looked at."""
LINK_CHARS = 90
"""How far before the end "is" and its like are looked for."""
MIN_CHARS = {"result": 3, "statement": 2}
"""A result or statement counts from this many characters of its value on, in a long text."""
FEW_SENTENCES = 60
"""In a text of so few sentences a small number does not turn up by chance: its results count, too."""
_LEAST_CHARS = min(MIN_CHARS.values())
_PLACE = attrgetter("start", "end")
_PLAIN_NUMBER = re.compile(
    r"[ *]*([-−]?\d(?:[\d,]{0,30}\d)?(?:\.\d{1,30})?(?:/\d{1,30}(?:\.\d{1,30})?)?)"
)
"""What most sentences end with; found without reading the value as any may be written."""
_WORDED = re.compile(r"[^\W\d_][^\d=<>\\]{2,60}")
_LINKED = re.compile(
    r"(?:\b(?:is|are|was|were|be|called|named|to|on)|[:=→]|[是为])\s*(?:(?:the|a|an|indeed|therefore|thus)\s+)?[*\"“]{0,3}\Z"
)
_DENIED = re.compile(r"\bnot\b|n['’]t\b|\bin\s|不")


class Candidate(NamedTuple):
    """A place where the reasoning gives an answer: ``reasoning[start:end] == raw``."""

    start: int
    end: int
    raw: str
    value: str
    """The normal form (``normalise.normalise``)."""
    form: str
    """'boxed', 'answer_is', 'choice', 'phrase', 'conclusion', 'result', 'statement',
    'pointed' (a choice), 'mention' (the last place of the final answer, where nothing better is)."""
    parsed: Form
    """The value taken apart, for ``normalise.same``."""


def candidates(reasoning: str, sentences: Sequence[Sentence] = ()) -> list[Candidate]:
    """Every candidate answer in order, none overlapping another.

    ``sentences`` (of the same text) are needed for the conclusions; without them only the explicit
    candidates are found. Linear in the text.
    """
    return with_conclusions(reasoning, sentences, explicit_candidates(reasoning))


def with_conclusions(
    text: str,
    sentences: Sequence[Sentence],
    explicit: list[Candidate],
    wanted: Collection[str] | None = None,
) -> list[Candidate]:
    """The explicit candidates of a text, which are given, with those that may be answers.

    ``wanted`` are the cores of the answers that the caller compares with: a conclusion, result or
    statement that equals none of them, or is too short to count, may be left out.
    """
    praised = _pointed_at(text, sentences)
    # A value can overlap a choice that is praised, which one has to be seen to tell which counts.
    found = _conclusions(text, sentences, None if praised else wanted) + praised
    taken = _Cover(explicit)
    weak = [c for c in found if not taken.overlaps(c.start, c.end)]
    return _outermost(sorted(explicit + weak, key=_PLACE)) if weak else explicit


def with_worded(
    text: str, sentences: Sequence[Sentence], found: list[Candidate], words: str
) -> list[Candidate]:
    """With the places where a sentence ends in an answer of words ("the capital is Canberra")."""
    if not _WORDED.fullmatch(words) or words.lower() in ("yes", "no"):
        return found
    taken, more, low = _Cover(found), [], text.lower()
    for start in patterns.occurrences(low, words.lower()) if len(low) == len(text) else ():
        end = start + len(words)
        ends = text[end : end + 2].lstrip('*"”')[:1] in ("", ".", "\n", "。", "!", "！")
        if not ends or not stands_alone(text, start, end) or taken.overlaps(start, end):
            continue
        index = bisect_right(sentences, start, key=lambda s: s.start) - 1
        opening = sentences[index].start if index >= 0 else start
        linked = _LINKED.search(text, max(opening, start - LINK_CHARS), start) is not None
        if linked and not patterns.SUPPOSES.match(text, opening, start):
            more.append(_candidate(text, start, end, "conclusion"))
    return sorted([*found, *more], key=_PLACE) if more else found


def long_enough(form: str, core: str, n_sentences: int) -> bool:
    """Whether a value is no mere number that turns up by chance (``MIN_CHARS``)."""
    return n_sentences <= FEW_SENTENCES or len(core) >= MIN_CHARS.get(form, 1)


def explicit_candidates(text: str) -> list[Candidate]:
    """The candidates that the text itself calls an answer, in order; a box wins over words."""
    places = latex.boxes(text) if "box" in patterns.seen(text) else []
    boxed = [_candidate(text, s, e, "boxed", content) for s, e, content in places]
    boxed = _outermost([c for c in boxed if c.value])
    cover = _Cover(boxed)
    others = [*_stated(text), *_choices(text)]
    kept = [c for c in others if c.value and not cover.overlaps(c.start, c.end)]
    kept.sort(key=_PLACE)
    return sorted(boxed + _outermost(kept), key=_PLACE)


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no letter, digit or decimal part goes on at either side."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if (before[-1:].isalnum() and text[start].isalnum()) or (
        after[:1].isalnum() and text[end - 1].isalnum()
    ):
        return False
    decimal_before = before[-1:] in (".", ",") and before[:1].isdigit()
    decimal_after = after[:1] in (".", ",") and after[1:].isdigit()
    return not (decimal_before or decimal_after)


def mention(text: str, start: int, end: int, content: str) -> Candidate:
    """A bare mention of an answer as a candidate."""
    return _candidate(text, start, end, "mention", content)


class _Cover:
    """Spans in order, asked in any order for overlap."""

    def __init__(self, spans: Sequence[Candidate]) -> None:
        self._starts = [span.start for span in spans]
        self._ends = [span.end for span in spans]

    def overlaps(self, start: int, end: int) -> bool:
        index = bisect_left(self._starts, end)
        return index > 0 and self._ends[index - 1] > start


def _outermost(found: list[Candidate]) -> list[Candidate]:
    """Without candidates that overlap an earlier one."""
    kept: list[Candidate] = []
    for candidate in found:
        if not kept or candidate.start >= kept[-1].end:
            kept.append(candidate)
    return kept


def _candidate(text: str, start: int, end: int, form: str, content: str | None = None) -> Candidate:
    """A candidate with its normal form; ``content`` where the value is not the span's text."""
    raw = text[start:end]
    parsed = parse(raw if content is None else content)
    return Candidate(start, end, raw, str(parsed), form, parsed)


def _stated(text: str) -> list[Candidate]:
    """ "The answer is X", "Answer: X", in a dozen languages."""
    found = []
    for start, end in patterns.nouns(text):
        link = patterns.ANSWER_LINK.match(text, end, end + 160)
        if not link or patterns.not_stated(text, start):
            continue
        value = read_value(text, link.end(), len(text))
        if value and not text.startswith(("\\boxed", "\\fbox"), value.start):
            form = "phrase" if value.kind == "words" else "answer_is"
            found.append(_candidate(text, value.start, value.end, form))
    return found


def _choices(text: str) -> list[Candidate]:
    """ "Option C is correct", "go with B", 故选C."""
    found = []
    for match in patterns.choices(text):
        before = max(0, match.start() - 40), match.start()
        if _DENIED.search(match.group()) or patterns.IF_BEFORE.search(text, *before):
            continue
        start, end = match.span(1)
        found.append(_candidate(text, start, end, "choice"))
    return found


def _conclusions(
    text: str, sentences: Sequence[Sentence], wanted: Collection[str] | None = None
) -> list[Candidate]:
    """The values and choices that concluding sentences, and sentences that compute, end with."""
    found = []
    concludes = patterns.CONCLUDES.match
    any_counts = (
        wanted is None
        or len(sentences) <= FEW_SENTENCES
        or any(len(core) >= _LEAST_CHARS for core in wanted)
    )
    for start, end, digit in sentence_ends.promising(text, sentences):
        opens = concludes(text, start, end) is not None
        asked = opens or text[end - 1] in sentence_ends.CHOICE_ENDS
        if asked:
            opens = opens or _concludes_within(text, start, end)
        if opens and text[end - 1] in sentence_ends.CHOICE_ENDS:
            choice = patterns.CHOICE_LAST.search(text, max(start, end - 24), end)
            if choice:
                found.append(_candidate(text, *choice.span(1), "pointed"))
                continue
        if not digit:
            continue
        value = last_value(text, start, end, opens) if opens or any_counts else None
        if value and not _is_wanted(text, value, wanted):
            continue
        # Asked last: most values are not wanted, whatever their sentence does.
        if not asked and _concludes_within(text, start, end):
            opens = True
            if value is None:
                value = last_value(text, start, end, opens)
                if value and not _is_wanted(text, value, wanted):
                    continue
        if value is None or (not opens and _is_supposed(text, start, end)):
            continue
        form = "conclusion" if opens else "result" if _equated(text, value.start) else "statement"
        candidate = _candidate(text, value.start, value.end, form)
        if any(char.isdigit() for char in candidate.value):
            found.append(candidate)
    return found


def _is_wanted(text: str, value: Value, wanted: Collection[str] | None) -> bool:
    """Whether a value may be one of the answers that are compared with."""
    return wanted is None or parse(text[value.start : value.end]).core in wanted


def _concludes_within(text: str, start: int, end: int) -> bool:
    """Whether the last clause of a sentence concludes."""
    return patterns.CONCLUDES_WITHIN.search(text, max(start, end - LINK_CHARS), end) is not None


def _is_supposed(text: str, start: int, end: int) -> bool:
    """Whether a sentence asks or supposes."""
    return text[end : end + 1] == "?" or patterns.SUPPOSES.match(text, start, end) is not None


def _pointed_at(text: str, sentences: Sequence[Sentence]) -> list[Candidate]:
    """Choices that a sentence speaks well of ("B seems right")."""
    found = []
    for praised in patterns.praised(text) if sentences else ():
        index = bisect_right(sentences, praised.start(), key=lambda s: s.start) - 1
        start = sentences[index].start
        if _DENIED.search(praised.group()) or patterns.SUPPOSES.match(text, start, praised.start()):
            continue
        found.append(_candidate(text, *praised.span(1), "pointed"))
    return found


def _equated(text: str, start: int) -> bool:
    """Whether ``=`` stands right before a value."""
    return text[max(0, start - 6) : start].rstrip(" $\\([").endswith(("=", "≈"))


def last_value(text: str, start: int, end: int, opens: bool) -> Value | None:
    """The value that a sentence ends with, behind ``=`` or behind "is" and its like."""
    low = end - TAIL_CHARS
    if low < start:
        low = start
    at = text.rfind("=", low, end)
    if (about := text.rfind("≈", low, end)) > at:
        at = about
    if at >= 0:
        value = _value_at(text, at + 1, end)
        if value:
            return value
    if not opens and not patterns.definite(text, low, end):
        return None
    if opens and (word := patterns.CONCLUDES.match(text, start, end)):
        value = _value_at(text, word.end(), end)
        if value:
            return value
    last = None
    for link in patterns.LINK.finditer(text, max(low, end - LINK_CHARS), end):
        value = _value_at(text, link.end(), end)
        last = value or last
    return last


def _value_at(text: str, at: int, end: int) -> Value | None:
    """A number or formula at ``at`` that reaches the end of the sentence."""
    plain = _PLAIN_NUMBER.fullmatch(text, at, end)
    if plain:
        return Value(plain.start(1), end, "number")
    while at < end and text[at] in " *":
        at += 1
    if not patterns.VALUE_START.match(text, at, end):
        return None
    value = read_value(text, at, end, words=False)
    return (
        value
        if value and value.kind in ("number", "formula") and reaches(text, value, end)
        else None
    )


def reaches(text: str, value: Value, end: int) -> bool:
    """Whether the sentence ends with the value, or with it and a few words for what it counts."""
    rest = text[value.end : end].strip("$)]\\ *")
    if "/" in rest and len(rest) <= 12 and units.canonical(rest) is not None:
        return True
    return (
        len(rest) <= 30
        and len(rest.split()) <= 3
        and not any(c.isdigit() or c in "=+*/<>^\\" for c in rest)
    )
