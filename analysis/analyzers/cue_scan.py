"""One scan for the cues of every behaviour.

Scanning is what costs; the cues of backtracking, of verification and of switches in other languages
are looked for together, in many texts at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from analysis.analyzers.base import digest
from analysis.text.cues import CUES_VERSION, FoundCue, Lexicon
from analysis.text.lexicon import LexiconData, lexicon_data
from analysis.text.masks import Mask, mask_spans

if TYPE_CHECKING:
    from analysis.text.cue_index import Ints

Strongest = dict[int, FoundCue]
"""By the number of a sentence its heaviest cue."""

BACKTRACKING, VERIFICATION, SWITCHES, OTHERS = (
    "backtracking",
    "verification",
    "switches",
    "behaviours",
)
UNUSED = "hint"
"""The label of cues that were tried and are too weak: they stand in the lexicons to say so."""
_NAMES = (BACKTRACKING, VERIFICATION, SWITCHES, OTHERS)


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    """The lexicons as one; of the switches only the cues in other languages than English."""
    cues = [
        replace(cue, id=f"{name}:{cue.id}", label=BACKTRACKING if name == SWITCHES else cue.label)
        for name in _NAMES
        for cue in lexicon_data(name).cues
        if (name != SWITCHES or cue.language != "en") and cue.label != UNUSED
    ]
    fillers = dict.fromkeys(filler for name in _NAMES for filler in lexicon_data(name).fillers)
    return Lexicon(LexiconData("behaviours", "", lexicon_hash(), tuple(fillers), tuple(cues)))


def lexicon_hash() -> str:
    """What the matches depend on: every lexicon's content and the matcher's version."""
    return digest(CUES_VERSION, *(lexicon_data(name).hash for name in _NAMES))


def cues_of(
    texts: Iterable[str], starts: Ints, ends: Ints, joined: str, apart: int
) -> list[FoundCue]:
    """The cues of texts that stand in ``joined`` with ``apart`` characters between them.

    ``starts`` and ``ends`` are those of all their sentences in ``joined``, and so are the offsets of
    the matches, which come in order of their start.
    """
    masks: list[Mask] = []
    offset = 0
    for text in texts:
        spans = mask_spans(text)
        if offset:
            masks += [(start + offset, end + offset, kind) for start, end, kind in spans]
        else:
            masks += spans
        offset += len(text) + apart
    return _lexicon().scan_spans(joined, starts, ends, masks)


def strongest(matches: Sequence[FoundCue], sentences: Sequence[int]) -> dict[str, Strongest]:
    """By label the heaviest match of each sentence that has any; the first of equally heavy ones.

    ``sentences`` are the numbers of the sentences that the matches stand in.
    """
    found: dict[str, Strongest] = {}
    for cue, sentence in zip(matches, sentences, strict=True):
        label = cue[2].label
        best = found.get(label)
        if best is None:
            best = found[label] = {}
        other = best.get(sentence)
        if other is None or cue[2].weight > other[2].weight:
            best[sentence] = cue
    return found


def cue_evidence(text: str, found: FoundCue) -> dict[str, str]:
    """The words of a cue and its name in its lexicon."""
    start, end, cue = found
    return {"cue": text[start : min(end, start + 80)], "cue_id": cue.id.partition(":")[2]}
