"""Match the cues of a lexicon in a text, with exact offsets.

Words are looked up in a table of the words that cues begin with, and only then compared, so the
time grows with the text and the hits and hardly with the number of cues; in a whole text this is
done for all words at once (``cue_index.py``). Cues in scripts without spaces are found by one
pattern whose alternatives are factored by their first characters.

Within one label, matches do not overlap: the leftmost, then the longest, then the heaviest wins.
Matches of different labels may overlap. Offsets are code points into the text that was given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from analysis.model import Sentence
from analysis.text.cue_entries import (
    Entry,
    Group,
    Hit,
    Lazy,
    Slot,
    make_entry,
    try_one,
    try_places,
)
from analysis.text.cue_patterns import (
    LABEL,
    MARKUP,
    MASK,
    PLAIN_WORD,
    UNSPACED_CHARACTER,
    by_letter,
    filler_pattern,
    first_word,
    phrase_pattern,
)
from analysis.text.lexicon import (
    Cue,
    LexiconData,
    fold,
    is_unspaced,
    lexicon_data,
    simplify,
)
from analysis.text.masks import Mask, mask_spans
from analysis.text.sentences import split_sentences

if TYPE_CHECKING:
    from analysis.text.cue_index import CueIndex, Ints, Place

CUES_VERSION = "2"

_MAX_FILLERS = 4
_START_REACH = 160
"""A cue "at the start" begins within so many characters, fillers included."""


FoundCue = tuple[int, int, Cue]
"""A cue that was found at ``text[start:end]``."""


@dataclass(frozen=True, slots=True)
class CueMatch:
    """A cue that was found: ``text[start:end]``."""

    cue_id: str
    label: str
    start: int
    end: int
    weight: float


class Lexicon:
    """A lexicon ready for matching. Read only, so threads may share it."""

    def __init__(self, data: LexiconData) -> None:
        self.data = data
        self._words: dict[str, Group] = {}
        self._starts: list[Entry] = []
        self._unspaced: dict[str, list[Entry]] = {}
        by_word: dict[str, dict[str, list[str]]] = {}
        unspaced: dict[str, list[str]] = {}
        for cue in data.cues:
            for phrase in map(simplify, cue.phrases):
                if is_unspaced(phrase[0]):
                    unspaced.setdefault(cue.id, []).append(phrase)
                else:
                    by_word.setdefault(first_word(phrase), {}).setdefault(cue.id, []).append(phrase)
        self._compile(by_word, unspaced)
        every = [phrase for phrases in unspaced.values() for phrase in phrases]
        self._unspaced_scan = re.compile(by_letter(every)) if every else None
        fillers = tuple(map(simplify, data.fillers))
        filler = filler_pattern(fillers)
        self._filler = re.compile(filler) if filler else None

    @property
    def name(self) -> str:
        """Its file name without the ending."""
        return self.data.name

    @property
    def hash(self) -> str:
        """sha256 of its canonical content."""
        return self.data.hash

    @property
    def labels(self) -> frozenset[str]:
        """Every label that its matches can carry."""
        return frozenset(cue.label for cue in self.data.cues)

    def match(
        self, text: str, start: int, end: int, masks: Sequence[Mask] | None = None
    ) -> list[CueMatch]:
        """The cues in one sentence ``text[start:end]``, in order of their start.

        What begins inside code, a formula, an address or a tag is no cue: ``masks`` are the
        ``mask_spans`` of ``text``; without them those of the sentence are found.
        """
        piece = text[start:end]
        if masks is None:
            spans: Sequence[Mask] = [
                (a + start, b + start, kind) for a, b, kind in mask_spans(piece)
            ]
        else:
            spans = masks
        folded = simplify(fold(piece))
        hits = self._sentence(folded, _masked(folded), 0, len(folded))
        return _matches(_unmasked(self._resolved(hits, start), spans))

    def scan(
        self,
        text: str,
        sentences: Sequence[Sentence] | None = None,
        masks: Sequence[Mask] | None = None,
    ) -> list[CueMatch]:
        """The cues of the whole text: the same as ``match`` on each sentence, but faster.

        ``sentences`` and ``masks`` are ``split_sentences(text)`` and ``mask_spans(text)``, where
        the caller has them already. No match crosses the end of a sentence.
        """
        import numpy as np

        spans = mask_spans(text) if masks is None else masks
        pieces = split_sentences(text, spans) if sentences is None else sentences
        starts = np.fromiter((piece.start for piece in pieces), np.int64, len(pieces))
        ends = np.fromiter((piece.end for piece in pieces), np.int64, len(pieces))
        return _matches(self.scan_spans(text, starts, ends, spans))

    def scan_spans(
        self, text: str, starts: Ints, ends: Ints, masks: Sequence[Mask]
    ) -> list[FoundCue]:
        """``scan`` where the sentences ``text[starts[i]:ends[i]]``, in order, stand in arrays.

        What stands between two sentences must not be a letter.
        """
        from analysis.text.cue_index import words_of

        if not len(starts):
            return []
        folded = simplify(fold(text))
        masked = _masked(folded)
        words = words_of(text, starts, ends)
        hits: list[Hit] = []
        anywhere, at_start = self._index.places(words)
        try_places(masked, anywhere, hits)
        try_places(masked, self._starting(masked, at_start), hits)
        slow = words.slow.tolist()
        for index in range(len(slow)) if self._starts else words.slow.nonzero()[0].tolist():
            start, end = int(starts[index]), int(ends[index])
            if slow[index]:
                hits += self._sentence(folded, masked, start, end)
            else:
                self._try_starts(folded, _Starts(self, folded, start, end), hits)
        return _unmasked(self._resolved(hits, 0), masks)

    def _starting(self, text: str, places: Iterable[Place[Slot]]) -> Iterator[Place[Slot]]:
        """Those of the places where a cue at the start of a sentence may begin."""
        last, points = -1, set[int]()
        for place in places:
            at, start, end, _ = place
            if at > start:
                if start != last:
                    last, points = start, self.start_points(text, start, end)
                if at not in points or (at - start > _START_REACH and self._far(text, at, end)):
                    continue
            yield place

    def _far(self, text: str, at: int, end: int) -> bool:
        """Whether all cues that begin with the word at ``at`` stand near the start of a sentence."""
        word = PLAIN_WORD.match(text, at, end)
        group = self._words.get(word[0]) if word else None
        return group is None or group.start_only

    @cached_property
    def _index(self) -> CueIndex[Slot]:
        """The first words of all cues."""
        from analysis.text.cue_index import ANY, MAX_WORDS, START, CueIndex
        from analysis.text.cue_prefixes import known_words

        cues: list[tuple[int, str, Slot]] = []
        for word, group in self._words.items():
            for entry in group.phrases:
                place = START if entry.cue.position == "start" else ANY
                slot = Slot([entry])
                cues += [
                    (place, phrase, slot)
                    for phrase in map(simplify, entry.cue.phrases)
                    if not is_unspaced(phrase[0]) and first_word(phrase) == word
                ]
            slots: dict[tuple[int, str], list[Entry]] = {}
            for entry in group.regexes:
                place = START if entry.cue.position == "start" else ANY
                for text in known_words(str(entry.cue.regex), word, MAX_WORDS):
                    slots.setdefault((place, text), []).append(entry)
            cues += [(place, text, Slot(e)) for (place, text), e in slots.items()]
        return CueIndex(cues, map(simplify, self.data.fillers))

    def _compile(
        self, by_word: dict[str, dict[str, list[str]]], unspaced: dict[str, list[str]]
    ) -> None:
        cues = self.data.cues
        numbers = {cue.id: number for number, cue in enumerate(cues)}
        regexes: dict[str, list[Entry]] = {}
        for cue in cues:
            if cue.regex is None:
                continue
            entry = make_entry(cue, numbers[cue.id], cue.regex)
            if not cue.anchors:
                self._starts.append(entry)
            for anchor in cue.anchors:
                regexes.setdefault(first_word(anchor), []).append(entry)
        for word in by_word.keys() | regexes.keys():
            phrases = by_word.get(word, {})
            every = [phrase for texts in phrases.values() for phrase in texts]
            entries = [
                make_entry(cues[numbers[cue_id]], numbers[cue_id], phrase_pattern(texts))
                for cue_id, texts in phrases.items()
            ]
            both = entries + regexes.get(word, [])
            self._words[word] = Group(
                Lazy(phrase_pattern(every)) if every else None,
                entries,
                regexes.get(word, []),
                all(e.cue.position == "start" for e in both),
            )
        for cue_id, texts in unspaced.items():
            by_character: dict[str, list[str]] = {}
            for text in texts:
                by_character.setdefault(text[0], []).append(text)
            for character, group in by_character.items():
                entry = make_entry(cues[numbers[cue_id]], numbers[cue_id], phrase_pattern(group))
                self._unspaced.setdefault(character, []).append(entry)

    def _sentence(self, text: str, masked: str, start: int, end: int) -> list[Hit]:
        """The cues in folded ``text[start:end]``.

        ``masked`` is the text with ``MASK`` for each unspaced character; words are looked for there.
        """
        hits: list[Hit] = []
        words = self._words
        starts = _Starts(self, text, start, end)
        for found in PLAIN_WORD.finditer(masked, start, end):
            group = words.get(found[0])
            if group is None:
                continue
            at = found.start()
            if group.start_only and at - start > _START_REACH:
                continue
            if group.quick is not None and group.quick.match(masked, at, end) is not None:
                for entry in group.phrases:
                    try_one(entry, masked, at, end, starts, hits)
            for entry in group.regexes:
                try_one(entry, masked, at, end, starts, hits)
        if masked is not text and self._unspaced_scan is not None:
            scan = self._unspaced_scan.search
            here = scan(text, start, end)
            while here is not None:
                for entry in self._unspaced[here[0][0]]:
                    try_one(entry, text, here.start(), end, starts, hits)
                here = scan(text, here.start() + 1, end)
        self._try_starts(text, starts, hits)
        return hits

    def _try_starts(self, text: str, starts: _Starts, hits: list[Hit]) -> None:
        """Note the cues whose first word is not known."""
        for entry in self._starts:
            for at in starts.points():
                try_one(entry, text, at, starts.end, starts, hits)

    def start_points(self, text: str, start: int, end: int) -> set[int]:
        """Where a cue at the start of a sentence may begin: after markup and a few fillers."""
        found = MARKUP.match(text, start, end)
        at = found.end() if found else start
        label = LABEL.match(text, at, end)
        points = {at} if label is None else {at, label.end()}
        at = max(points)
        for _ in range(_MAX_FILLERS if self._filler else 0):
            assert self._filler is not None
            filler = self._filler.match(text, at, end)
            if filler is None or filler.end() == at:
                break
            at = filler.end()
            points.add(at)
        return points

    def _resolved(self, hits: list[Hit], shift: int) -> list[FoundCue]:
        """Leftmost, longest, heaviest first; no overlap within a label. ``shift`` is added."""
        hits.sort()
        cues = self.data.cues
        taken: dict[str, int] = {}
        kept: list[FoundCue] = []
        for at, end, _, _, number in hits:
            cue = cues[number]
            if at < taken.get(cue.label, -1):
                continue
            taken[cue.label] = -end
            kept.append((at + shift, shift - end, cue))
        return kept


class _Starts:
    """The start points of one sentence, found when first asked for."""

    __slots__ = ("_found", "end", "lexicon", "start", "text")

    def __init__(self, lexicon: Lexicon, text: str, start: int, end: int) -> None:
        self.lexicon = lexicon
        self.text = text
        self.start = start
        self.end = end
        self._found: set[int] | None = None

    def points(self) -> set[int]:
        if self._found is None:
            self._found = self.lexicon.start_points(self.text, self.start, self.end)
        return self._found


def load_lexicon(name: str) -> Lexicon:
    """The lexicon ``analysis/lexicons/NAME.toml``, ready for matching; made once.

    Raises ``UsageError`` where there is none of that name, or where it is malformed.
    """
    return _load(name)


@cache
def _load(name: str) -> Lexicon:
    return Lexicon(lexicon_data(name))


def _has_unspaced(text: str) -> bool:
    return not text.isascii() and UNSPACED_CHARACTER.search(text) is not None


def _masked(text: str) -> str:
    return UNSPACED_CHARACTER.sub(MASK, text) if _has_unspaced(text) else text


def _matches(found: Iterable[FoundCue]) -> list[CueMatch]:
    return [CueMatch(cue.id, cue.label, start, end, cue.weight) for start, end, cue in found]


def _unmasked(found: list[FoundCue], spans: Sequence[Mask]) -> list[FoundCue]:
    """Drop what begins inside a mask."""
    if not found or not spans:
        return found
    kept: list[FoundCue] = []
    count, index = len(spans), 0
    for cue in found:
        at = cue[0]
        while index < count and spans[index][1] <= at:
            index += 1
        if index == count or at < spans[index][0]:
            kept.append(cue)
    return kept
