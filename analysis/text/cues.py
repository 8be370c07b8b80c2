"""Match the cues of a lexicon in a text, with exact offsets.

Words are looked up in a table of the words that cues begin with, and only then compared, so the
time grows with the text and the hits and hardly with the number of cues. Cues in scripts without
spaces are found by one pattern whose alternatives are factored by their first characters.

Within one label, matches do not overlap: the leftmost, then the longest, then the heaviest wins.
Matches of different labels may overlap. Offsets are code points into the text that was given.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from analysis.model import Sentence
from analysis.text.cue_patterns import (
    LABEL,
    MARKUP,
    MASK,
    PLAIN_WORD,
    UNSPACED_CHARACTER,
    after_pattern,
    anywhere_pattern,
    before_pattern,
    by_letter,
    filler_pattern,
    first_word,
    phrase_pattern,
    start_pattern,
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

CUES_VERSION = "2"

_INSIDE_WORD = re.compile(r"(?<!\W)\w")
"""A place inside a word, or the beginning of a text: a sentence is looked at that begins or ends there."""
_NOTHING = re.compile("(?!)").match
_MAX_FILLERS = 4
_LOOK_BACK = 64
_START_REACH = 160
"""A cue "at the start" begins within so many characters, fillers included."""


@dataclass(frozen=True, slots=True)
class CueMatch:
    """A cue that was found: ``text[start:end]``."""

    cue_id: str
    label: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class _Entry:
    """A cue compiled for one first word: ``pattern`` is matched where that word begins."""

    cue: Cue
    pattern: re.Pattern[str]
    not_after: re.Pattern[str] | None
    not_before: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class _Group:
    """The cues that begin with one word. ``quick`` says whether any phrase of them stands here."""

    quick: re.Pattern[str] | None
    phrases: list[_Entry]
    regexes: list[_Entry]
    start_only: bool
    anywhere: list[_Entry]
    start: list[_Entry]


_Hit = tuple[int, int, _Entry]


class Lexicon:
    """A lexicon ready for matching. Read only, so threads may share it."""

    def __init__(self, data: LexiconData) -> None:
        self.data = data
        self._words: dict[str, _Group] = {}
        self._starts: list[_Entry] = []
        self._unspaced: dict[str, list[_Entry]] = {}
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
        self._anywhere = anywhere_pattern(data.cues)
        self._start = start_pattern(data.cues, fillers, _MAX_FILLERS)

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
        found = self._sentence(folded, _masked(folded), 0, len(folded), start)
        return _unmasked(found, spans)

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
        spans = mask_spans(text) if masks is None else masks
        pieces = split_sentences(text, spans) if sentences is None else sentences
        folded = simplify(fold(text))
        if _has_unspaced(folded) and self._unspaced_scan is not None:
            masked = _masked(folded)
            plain = [self._sentence(folded, masked, p.start, p.end, 0) for p in pieces]
            return _unmasked([match for matches in plain for match in matches], spans)
        return _unmasked(self._scan_words(folded, pieces), spans)

    def _scan_words(self, text: str, pieces: Sequence[Sentence]) -> list[CueMatch]:
        """The matches in folded text, looked for only where the whole lexicon's patterns say so."""
        places = [m.end() for m in self._anywhere.finditer(text)] if self._anywhere else []
        places.append(len(text) + 1)
        start = self._start.match if self._start else _NOTHING
        inside = _INSIDE_WORD.match
        found: list[CueMatch] = []
        index, place, cut = 0, places[0], True
        for piece in pieces:
            first, end = piece.start, piece.end
            begins = cut
            cut = not text[end - 1 : end].isspace() and inside(text, end) is not None
            before = index
            while place < end:
                index += 1
                place = places[index]
            if begins or cut:
                found += self._sentence(text, text, first, end, 0)
                continue
            at_start = start(text, first, end) is not None
            if at_start or index > before:
                found += self._at_places(text, first, end, places[before:index], at_start)
        return found

    def _at_places(
        self, text: str, start: int, end: int, places: Sequence[int], at_start: bool
    ) -> list[CueMatch]:
        """The matches of a sentence that begin at ``places`` or, if asked, at its start."""
        hits: list[_Hit] = []
        words = self._words
        starts = _Starts(self, text, start, end)
        for at in places:
            word = PLAIN_WORD.match(text, at, end)
            group = words.get(word[0]) if word else None
            for entry in group.anywhere if group else ():
                _try(entry, text, at, end, starts, hits)
        for at in starts.points() if at_start else ():
            for entry in self._starts:
                _try(entry, text, at, end, starts, hits)
            word = PLAIN_WORD.match(text, at, end)
            group = words.get(word[0]) if word else None
            if group is None or (at > start and _INSIDE_WORD.match(text, at)):
                continue
            if at - start <= _START_REACH or not group.start_only:
                for entry in group.start:
                    _try(entry, text, at, end, starts, hits)
        return _resolve(hits, 0) if hits else []

    def _compile(
        self, by_word: dict[str, dict[str, list[str]]], unspaced: dict[str, list[str]]
    ) -> None:
        cues = {cue.id: cue for cue in self.data.cues}
        regexes: dict[str, list[_Entry]] = {}
        for cue in self.data.cues:
            if cue.regex is None:
                continue
            entry = _entry(cue, cue.regex)
            if not cue.anchors:
                self._starts.append(entry)
            for anchor in cue.anchors:
                regexes.setdefault(first_word(anchor), []).append(entry)
        for word in by_word.keys() | regexes.keys():
            phrases = by_word.get(word, {})
            every = [phrase for texts in phrases.values() for phrase in texts]
            entries = [
                _entry(cues[cue_id], phrase_pattern(texts)) for cue_id, texts in phrases.items()
            ]
            both = entries + regexes.get(word, [])
            self._words[word] = _Group(
                re.compile(phrase_pattern(every)) if every else None,
                entries,
                regexes.get(word, []),
                all(e.cue.position == "start" for e in both),
                [e for e in both if e.cue.position != "start"],
                [e for e in both if e.cue.position == "start"],
            )
        for cue_id, texts in unspaced.items():
            by_character: dict[str, list[str]] = {}
            for text in texts:
                by_character.setdefault(text[0], []).append(text)
            for character, group in by_character.items():
                entry = _entry(cues[cue_id], phrase_pattern(group))
                self._unspaced.setdefault(character, []).append(entry)

    def _sentence(self, text: str, masked: str, start: int, end: int, shift: int) -> list[CueMatch]:
        """The matches in folded ``text[start:end]``; ``shift`` is added to their offsets.

        ``masked`` is the text with ``MASK`` for each unspaced character; words are looked for there.
        """
        hits: list[_Hit] = []
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
                    _try(entry, masked, at, end, starts, hits)
            for entry in group.regexes:
                _try(entry, masked, at, end, starts, hits)
        if masked is not text and self._unspaced_scan is not None:
            scan = self._unspaced_scan.search
            here = scan(text, start, end)
            while here is not None:
                for entry in self._unspaced[here[0][0]]:
                    _try(entry, text, here.start(), end, starts, hits)
                here = scan(text, here.start() + 1, end)
        for entry in self._starts:
            for at in starts.points():
                _try(entry, text, at, end, starts, hits)
        return _resolve(hits, shift) if hits else []

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


def _entry(cue: Cue, pattern: str) -> _Entry:
    return _Entry(
        cue,
        re.compile(pattern),
        after_pattern(cue.not_followed_by),
        before_pattern(cue.not_preceded_by),
    )


def _try(entry: _Entry, text: str, at: int, end: int, starts: _Starts, hits: list[_Hit]) -> None:
    """Note the cue if it stands at ``at`` and nothing around it forbids it."""
    found = entry.pattern.match(text, at, end)
    if found is None:
        return
    if entry.cue.position == "start" and at not in starts.points():
        return
    if entry.not_after is not None and entry.not_after.match(text, found.end(), end):
        return
    if entry.not_before is not None and entry.not_before.search(
        text, max(starts.start, at - _LOOK_BACK), at
    ):
        return
    hits.append((at, found.end(), entry))


def _resolve(hits: list[_Hit], shift: int) -> list[CueMatch]:
    """Leftmost, longest, heaviest first; no overlap within a label."""
    hits.sort(key=lambda hit: (hit[0], -hit[1], -hit[2].cue.weight, hit[2].cue.id))
    taken: dict[str, int] = {}
    kept: list[CueMatch] = []
    for at, end, entry in hits:
        cue = entry.cue
        if at < taken.get(cue.label, -1):
            continue
        taken[cue.label] = end
        kept.append(CueMatch(cue.id, cue.label, at + shift, end + shift, cue.weight))
    return kept


def _unmasked(found: list[CueMatch], spans: Sequence[Mask]) -> list[CueMatch]:
    """Drop what begins inside a mask."""
    if not found or not spans:
        return found
    starts = [span[0] for span in spans]
    kept: list[CueMatch] = []
    for match in found:
        index = bisect_right(starts, match.start) - 1
        if index < 0 or spans[index][1] <= match.start:
            kept.append(match)
    return kept
