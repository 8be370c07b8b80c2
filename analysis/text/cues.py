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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from analysis.errors import UsageError
from analysis.model import Sentence
from analysis.text.lexicon import (
    UNSPACED,
    Cue,
    LexiconData,
    fold,
    is_unspaced,
    parse_lexicon,
)
from analysis.text.masks import Mask, mask_spans
from analysis.text.sentences import split_sentences

CUES_VERSION = "1"

_WORD = re.compile(rf"[^\W{UNSPACED}]++")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_UNIT = re.compile(rf"[^\W{UNSPACED}]++|.")
"""What a phrase is made of: words, single characters of unspaced scripts, marks, spaces."""
_EDGE = rf"(?:(?<![^\W{UNSPACED}])|(?![^\W{UNSPACED}]))"
"""Not inside a word: after a mark or an unspaced character, or before what is no letter."""
_MARKUP = re.compile(r"[\s\"'“”‘«»「『（(\[#>*_\-–—•~…]*+")
_LABEL = re.compile(r"(?:\d{1,3}|[a-z])[.)]\s[\s*_\"'“]*+")
_AFTER_FILLER = r"[\s,.:;!?…、。—–\-]*+"
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


_Hit = tuple[int, int, _Entry]


class Lexicon:
    """A lexicon ready for matching. Read only, so threads may share it."""

    def __init__(self, data: LexiconData) -> None:
        self.data = data
        self._words: dict[str, _Group] = {}
        self._starts: list[_Entry] = []
        self._unspaced: list[_Entry] = []
        by_word: dict[str, dict[str, list[str]]] = {}
        unspaced: dict[str, list[str]] = {}
        for cue in data.cues:
            for phrase in cue.phrases:
                if is_unspaced(phrase[0]):
                    unspaced.setdefault(cue.id, []).append(phrase)
                else:
                    by_word.setdefault(_first_word(phrase), {}).setdefault(cue.id, []).append(
                        phrase
                    )
        self._compile(by_word, unspaced)
        every = [phrase for phrases in unspaced.values() for phrase in phrases]
        self._unspaced_scan = re.compile(_phrase_pattern(every)) if every else None
        self._filler = _filler_pattern(data.fillers)

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
        folded = fold(piece)
        found = self._sentence(folded, 0, len(folded), start, _has_unspaced(folded))
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
        folded = fold(text)
        unspaced = _has_unspaced(folded)
        found: list[CueMatch] = []
        for piece in pieces:
            found += self._sentence(folded, piece.start, piece.end, 0, unspaced)
        return _unmasked(found, spans)

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
                regexes.setdefault(_first_word(anchor), []).append(entry)
        for word in by_word.keys() | regexes.keys():
            phrases = by_word.get(word, {})
            every = [phrase for texts in phrases.values() for phrase in texts]
            entries = [
                _entry(cues[cue_id], _phrase_pattern(texts)) for cue_id, texts in phrases.items()
            ]
            self._words[word] = _Group(
                re.compile(_phrase_pattern(every)) if every else None,
                entries,
                regexes.get(word, []),
                all(e.cue.position == "start" for e in entries + regexes.get(word, [])),
            )
        self._unspaced = [
            _entry(cues[cue_id], _phrase_pattern(texts)) for cue_id, texts in unspaced.items()
        ]

    def _sentence(
        self, text: str, start: int, end: int, shift: int, unspaced: bool
    ) -> list[CueMatch]:
        """The matches in folded ``text[start:end]``; ``shift`` is added to their offsets."""
        hits: list[_Hit] = []
        words = self._words
        starts = _Starts(self, text, start, end)
        for found in _WORD.finditer(text, start, end):
            group = words.get(found[0])
            if group is None:
                continue
            at = found.start()
            if group.start_only and at - start > _START_REACH:
                continue
            if group.quick is not None and group.quick.match(text, at, end) is not None:
                for entry in group.phrases:
                    _try(entry, text, at, end, starts, hits)
            for entry in group.regexes:
                _try(entry, text, at, end, starts, hits)
        if unspaced and self._unspaced_scan is not None:
            scan = self._unspaced_scan.search
            here = scan(text, start, end)
            while here is not None:
                for entry in self._unspaced:
                    _try(entry, text, here.start(), end, starts, hits)
                here = scan(text, here.start() + 1, end)
        for entry in self._starts:
            for at in starts.points():
                _try(entry, text, at, end, starts, hits)
        return _resolve(hits, shift) if hits else []

    def start_points(self, text: str, start: int, end: int) -> set[int]:
        """Where a cue at the start of a sentence may begin: after markup and a few fillers."""
        found = _MARKUP.match(text, start, end)
        at = found.end() if found else start
        label = _LABEL.match(text, at, end)
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
    """The lexicon ``analysis/lexicons/NAME.toml``; loaded once.

    Raises ``UsageError`` where there is none of that name, or where it is malformed.
    """
    return _load(name)


@cache
def _load(name: str) -> Lexicon:
    folder = resources.files("analysis") / "lexicons"
    known = sorted(
        entry.name.removesuffix(".toml")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    )
    if name not in known:
        raise UsageError(f"There is no lexicon {name!r}.", remedy=f"There are: {', '.join(known)}.")
    return Lexicon(parse_lexicon(name, (folder / f"{name}.toml").read_text(encoding="utf-8")))


def _has_unspaced(text: str) -> bool:
    return not text.isascii() and _UNSPACED.search(text) is not None


def _entry(cue: Cue, pattern: str) -> _Entry:
    return _Entry(
        cue, re.compile(pattern), _after(cue.not_followed_by), _before(cue.not_preceded_by)
    )


@cache
def _after(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile(rf"\s*+(?:{_phrase_pattern(phrases)})") if phrases else None


@cache
def _before(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    if not phrases:
        return None
    return re.compile(rf"(?<![^\W{UNSPACED}])(?:{_phrase_pattern(phrases)})\s*+\Z")


def _first_word(phrase: str) -> str:
    found = _WORD.match(phrase)
    if found is None:
        raise UsageError(f"{phrase!r} must begin with a letter or a digit.")
    return found[0]


def _phrase_pattern(phrases: Iterable[str]) -> str:
    """Any of the phrases, the longest that fits.

    A space stands for any white space, and a word ends where the phrase ends. Phrases share what
    they begin with, and what they end with where the braces of the lexicon repeat it, so that
    thousands of phrases stay a short pattern.
    """
    root: dict[str, Any] = {}
    for phrase in phrases:
        node = root
        for unit in _UNIT.findall(phrase):
            node = node.setdefault(unit, {})
        node[""] = True
    return f"{_trie_pattern(root)}{_EDGE}"


def _trie_pattern(node: dict[str, Any]) -> str:
    by_tail: dict[str, list[str]] = {}
    for unit, child in sorted(node.items()):
        if unit:
            by_tail.setdefault(_trie_pattern(child), []).append(unit)
    options = [_any_unit(units) + tail for tail, units in by_tail.items()]
    if "" in node:
        options.append("")
    return options[0] if len(options) == 1 else f"(?:{'|'.join(options)})"


def _any_unit(units: list[str]) -> str:
    if len(units) > 1 and all(len(unit) == 1 for unit in units) and " " not in units:
        return "[" + "".join(re.escape(unit) for unit in units) + "]"
    patterns = [r"\s++" if unit == " " else re.escape(unit) for unit in units]
    return patterns[0] if len(patterns) == 1 else f"(?:{'|'.join(patterns)})"


def _filler_pattern(fillers: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile(rf"(?:{_phrase_pattern(fillers)}){_AFTER_FILLER}") if fillers else None


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
