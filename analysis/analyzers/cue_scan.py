"""One scan of a document for the cues of every behaviour, shared by the analyzers that use them.

Scanning is what costs; the cues of backtracking, of verification and of switches in other languages
are looked for together, and the result for the document scanned last is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from analysis.analyzers.base import digest
from analysis.model import Document, Sentence
from analysis.text.cues import CUES_VERSION, CueMatch, Lexicon
from analysis.text.lexicon import LexiconData, lexicon_data

BACKTRACKING, VERIFICATION, SWITCHES, OTHERS = (
    "backtracking",
    "verification",
    "switches",
    "behaviours",
)
_NAMES = (BACKTRACKING, VERIFICATION, SWITCHES, OTHERS)


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    """The lexicons as one; of the switches only the cues in other languages than English."""
    cues = [
        replace(cue, id=f"{name}:{cue.id}", label=BACKTRACKING if name == SWITCHES else cue.label)
        for name in _NAMES
        for cue in lexicon_data(name).cues
        if name != SWITCHES or cue.language != "en"
    ]
    fillers = dict.fromkeys(filler for name in _NAMES for filler in lexicon_data(name).fillers)
    return Lexicon(LexiconData("behaviours", "", lexicon_hash(), tuple(fillers), tuple(cues)))


def lexicon_hash() -> str:
    """What the matches depend on: every lexicon's content and the matcher's version."""
    return digest(CUES_VERSION, *(lexicon_data(name).hash for name in _NAMES))


def cues_of(document: Document) -> Mapping[str, Sequence[CueMatch]]:
    """The cues of a document by label, each in order of their start."""
    return _last_scan(_Same(document)).by_label


class _Same:
    """A document compared by identity, so that keeping its scan costs no comparison of texts."""

    __slots__ = ("document",)

    def __init__(self, document: Document) -> None:
        self.document = document

    def __hash__(self) -> int:
        return id(self.document.reasoning)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Same)
            and self.document.reasoning is other.document.reasoning
            and self.document.sentences is other.document.sentences
        )


class _Scan:
    """The matches of one document."""

    __slots__ = ("by_label",)

    def __init__(self, by_label: dict[str, list[CueMatch]]) -> None:
        self.by_label = by_label


@lru_cache(maxsize=1)
def _last_scan(same: _Same) -> _Scan:
    document = same.document
    by_label: dict[str, list[CueMatch]] = {}
    for match in _lexicon().scan(document.reasoning, document.sentences):
        by_label.setdefault(match.label, []).append(match)
    return _Scan(by_label)


def strongest(sentences: Sequence[Sentence], matches: Sequence[CueMatch]) -> dict[int, CueMatch]:
    """The heaviest match of each sentence that has any, by sentence index, in order.

    ``matches`` are in order of their start; the first of equally heavy ones wins.
    """
    best: dict[int, CueMatch] = {}
    index = 0
    for match in matches:
        while sentences[index].end <= match.start:
            index += 1
        if index not in best or match.weight > best[index].weight:
            best[index] = match
    return best


def cue_evidence(document: Document, match: CueMatch) -> dict[str, str]:
    """The words of a cue and its name in its lexicon."""
    words = document.reasoning[match.start : match.end][:80]
    return {"cue": words, "cue_id": match.cue_id.partition(":")[2]}
