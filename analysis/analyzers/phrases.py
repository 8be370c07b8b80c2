"""Counting fixed phrases of a lexicon in a text: how often, not where.

A phrase is looked for only where the text has all of its words, and phrases that share their longest
word are looked for together, around that word: the cost is that of scanning for a few literals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from analysis.analyzers.words import Words, folded, plain
from analysis.text.cues import load_lexicon
from analysis.text.lexicon import is_unspaced

LEXICON = "hesitation"
HESITATION, SWITCH_PHRASE = "hesitation", "switch_phrase"
_MARKS = frozenset(",.!?;:…—–-，。！？；：、*")


def phrases_hash() -> str:
    """What the counts depend on."""
    return load_lexicon(LEXICON).hash


def count_phrases(text: str, words: Words) -> dict[str, int]:
    """Occurrences of the phrases of each label in ``text``, whose words are given."""
    low = folded(text)
    lexicon = _phrases()
    present = lexicon.needed.intersection(words.vocabulary)
    counts = {HESITATION: 0, SWITCH_PHRASE: 0}
    for word in present & lexicon.by_word.keys():
        for anchor, group in lexicon.by_word[word]:
            here = [phrase for phrase in group if phrase.words <= present]
            if here:
                _count(low, anchor, here, counts)
    if not low.isascii():
        for anchor, group in lexicon.accented:
            _count(low, anchor, group, counts)
    if words.cjk:
        for anchor, group in lexicon.unspaced:
            _count(low, anchor, group, counts)
    return counts


def _count(text: str, anchor: str, phrases: Sequence[_Phrase], counts: dict[str, int]) -> None:
    """Add the occurrences of phrases that have ``anchor`` in them; none overlaps itself."""
    if len(phrases) == 1:
        _count_one(text, phrases[0], counts)
        return
    ends = [0] * len(phrases)
    at = text.find(anchor)
    while at >= 0:
        for index, phrase in enumerate(phrases):
            start = at - phrase.anchor_at
            if start >= ends[index] and text.startswith(phrase.text, start):
                ends[index] = end = start + len(phrase.text)
                stands = phrase.unspaced or _stands(text, start, end, phrase.at_start)
                counts[phrase.label] += stands
        at = text.find(anchor, at + 1)


def _count_one(text: str, phrase: _Phrase, counts: dict[str, int]) -> None:
    """The same for one phrase, which is rarer in a text than its longest word."""
    start = text.find(phrase.text)
    while start >= 0:
        end = start + len(phrase.text)
        counts[phrase.label] += phrase.unspaced or _stands(text, start, end, phrase.at_start)
        start = text.find(phrase.text, end)


@dataclass(frozen=True, slots=True)
class _Phrase:
    label: str
    text: str
    at_start: bool
    unspaced: bool
    anchor_at: int
    """Where in it the word stands by which it is found."""
    words: frozenset[bytes]
    """Without one of these there is no such phrase in a text."""


_Groups = Sequence[tuple[str, Sequence[_Phrase]]]
"""Phrases by the word by which they are found."""


@dataclass(frozen=True, slots=True)
class _Lexicon:
    by_word: Mapping[bytes, _Groups]
    """Those in ASCII, by one of the words that a text must have."""
    accented: _Groups
    unspaced: _Groups
    needed: frozenset[bytes]
    """Every word of ``by_word``."""


@cache
def _phrases() -> _Lexicon:
    groups: dict[tuple[str, bool], list[_Phrase]] = {}
    for cue in load_lexicon(LEXICON).data.cues:
        for text in cue.phrases:
            anchor = max(text.split(), key=len)
            unspaced = is_unspaced(text[0])
            needed = plain(text).split() if text.isascii() else []
            phrase = _Phrase(
                label=cue.label,
                text=text,
                at_start=cue.position == "start",
                unspaced=unspaced,
                anchor_at=text.index(anchor),
                words=frozenset(needed),
            )
            groups.setdefault((anchor, bool(needed)), []).append(phrase)
    by_word: dict[bytes, list[tuple[str, Sequence[_Phrase]]]] = {}
    other: dict[bool, list[tuple[str, Sequence[_Phrase]]]] = {False: [], True: []}
    for (anchor, in_ascii), group in groups.items():
        if in_ascii:
            key = max(plain(anchor).split(), key=len)
            by_word.setdefault(key, []).append((anchor, group))
        else:
            other[group[0].unspaced].append((anchor, group))
    needed_words = (p.words for group in groups.values() for p in group)
    return _Lexicon(by_word, other[False], other[True], frozenset().union(*needed_words))


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
