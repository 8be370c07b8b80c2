"""Counting fixed phrases of a lexicon in a text: how often, not where.

One scan tells which of the phrases a text has; only these are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from analysis.analyzers.words import folded
from analysis.text.cues import load_lexicon
from analysis.text.lexicon import is_unspaced
from analysis.text.presence import Presence, escape

LEXICON = "hesitation"
HESITATION, SWITCH_PHRASE = "hesitation", "switch_phrase"
_MARKS = frozenset(",.!?;:…—–-，。！？；：、*")


def phrases_hash() -> str:
    """What the counts depend on."""
    return load_lexicon(LEXICON).hash


def count_phrases(text: str) -> dict[str, int]:
    """Occurrences of the phrases of each label in ``text``."""
    low = folded(text)
    presence, phrases = _phrases()
    counts = {HESITATION: 0, SWITCH_PHRASE: 0}
    for index in presence.found(low):
        counts[phrases[index].label] += _count(low, phrases[index])
    return counts


def _count(text: str, phrase: _Phrase) -> int:
    """Occurrences of one phrase that are whole words; none overlaps another."""
    if phrase.unspaced:
        return text.count(phrase.text)
    counted = 0
    start = text.find(phrase.text)
    while start >= 0:
        end = start + len(phrase.text)
        counted += _stands(text, start, end, phrase.at_start)
        start = text.find(phrase.text, end)
    return counted


@dataclass(frozen=True, slots=True)
class _Phrase:
    label: str
    text: str
    at_start: bool
    unspaced: bool


@cache
def _phrases() -> tuple[Presence, Sequence[_Phrase]]:
    phrases = [
        _Phrase(cue.label, text, cue.position == "start", is_unspaced(text[0]))
        for cue in load_lexicon(LEXICON).data.cues
        for text in cue.phrases
    ]
    return Presence([escape(phrase.text) for phrase in phrases]), phrases


def _stands(text: str, start: int, end: int, at_start: bool) -> bool:
    """Whether a phrase is whole words and, where that is asked, opens a clause or ends one."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before.isalnum() or after.isalnum():
        return False
    if not at_start or after in _MARKS or not after:
        return True
    while start and text[start - 1] in " \"'(*_":
        start -= 1
    return start == 0 or text[start - 1] == "\n" or text[start - 1] in _MARKS
