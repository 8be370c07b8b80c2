"""Split reasoning into thoughts: runs of sentences that follow one approach.

A new thought begins with a switch, a sentence that leaves the approach for another one
("Alternatively, ...", "Let me try a different approach."). The cues are data: the lexicon
``switches``. Hesitation is no switch: "Wait" alone ends nothing, since most sentences that begin
with it check or repair the same approach. Source of the notion: Wang et al., "Thoughts Are All
Over the Place" (arXiv 2501.18585), who cut at words such as "alternatively".
"""

from __future__ import annotations

from collections.abc import Sequence

from analysis.model import Sentence, Thought
from analysis.text.cues import load_lexicon
from analysis.text.masks import Mask

THOUGHTS_VERSION = "1"
LEXICON = "switches"
MIN_WEIGHT = 0.5
"""Cues of less weight only support others; they open no thought."""


def thoughts_hash() -> str:
    """What the division depends on beside the sentences: its version and its lexicon's hash."""
    return f"{THOUGHTS_VERSION}:{load_lexicon(LEXICON).hash}"


def switch_sentences(
    text: str, sentences: Sequence[Sentence], masks: Sequence[Mask] | None = None
) -> list[int]:
    """Indices of the sentences that leave the approach for another, in order."""
    found: list[int] = []
    at = 0
    for match in load_lexicon(LEXICON).scan(text, sentences, masks):
        if match.weight < MIN_WEIGHT:
            continue
        while sentences[at].end <= match.start:
            at += 1
        if not found or found[-1] != at:
            found.append(at)
    return found


def split_thoughts(
    text: str, sentences: Sequence[Sentence], masks: Sequence[Mask] | None = None
) -> tuple[Thought, ...]:
    """The thoughts of ``text``, in order; they tile its sentences, and no sentences give ().

    ``sentences`` are ``split_sentences(text)``; ``masks`` its ``mask_spans``, where known. A switch
    in the very first sentence opens no second thought.
    """
    if not sentences:
        return ()
    firsts = [0, *(index for index in switch_sentences(text, sentences, masks) if index > 0)]
    lasts = [*(first - 1 for first in firsts[1:]), len(sentences) - 1]
    return tuple(
        Thought(index, first, last, sentences[first].start, sentences[last].end)
        for index, (first, last) in enumerate(zip(firsts, lasts, strict=True))
    )
