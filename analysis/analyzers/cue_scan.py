"""One scan of a document for the cues of every behaviour, shared by the analyzers that use them.

Scanning is what costs; the cues of backtracking, of verification and of switches in other languages
are looked for together, and the result for the document scanned last is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from analysis.analyzers.base import digest
from analysis.model import Document, Finding, Sentence
from analysis.text.cues import CUES_VERSION, CueMatch, Lexicon, load_lexicon
from analysis.text.lexicon import LexiconData

BACKTRACKING, VERIFICATION, SWITCHES = "backtracking", "verification", "switches"


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    """The three lexicons as one; of the switches only the cues in other languages than English."""
    cues = [
        replace(cue, id=f"{name}:{cue.id}", label=BACKTRACKING if name == SWITCHES else cue.label)
        for name in (BACKTRACKING, VERIFICATION, SWITCHES)
        for cue in load_lexicon(name).data.cues
        if name != SWITCHES or cue.language != "en"
    ]
    fillers = dict.fromkeys(
        filler
        for name in (BACKTRACKING, VERIFICATION, SWITCHES)
        for filler in load_lexicon(name).data.fillers
    )
    return Lexicon(LexiconData("behaviours", "", lexicon_hash(), tuple(fillers), tuple(cues)))


def lexicon_hash() -> str:
    """What the matches depend on: every lexicon's content and the matcher's version."""
    names = (BACKTRACKING, VERIFICATION, SWITCHES)
    return digest(CUES_VERSION, *(load_lexicon(name).hash for name in names))


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


def sentence_finding(
    document: Document, label: str, sentence: Sentence, match: CueMatch
) -> Finding:
    """A sentence, without the white space at its ends, and the cue in it."""
    start, end = trimmed(document.reasoning, sentence.start, sentence.end)
    return Finding(label, start, end, match.weight, None, cue_evidence(document, match))


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without white space at its ends; never empty if it was not."""
    body = text[start:end]
    lead = len(body) - len(body.lstrip())
    if lead == len(body):
        return start, end
    return start + lead, start + len(body.rstrip())
