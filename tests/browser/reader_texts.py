"""Texts that the browser tests of the Reader open, and what is expected on the page."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.ui import palette
from analysis.views.reader import FindingRow
from tests import reader_dump

CHECK = "Let me verify this: 𝟏𝟎 squared is 100. 😀 It matches. "
EMOJI = (
    "😀 We need 𝟏𝟎 squared 👨‍👩‍👧. "
    + CHECK
    + "Alternatively, I could add \u202eup\u202c the zero\u200bwidth 🙂 numbers.\r\nThe می‌خواهم end. So the answer is 100."
)
LONG = "\n\n".join(f"Step {n}. {reader_dump.REASONING}" for n in range(1700))
TEXTS = {"emoji": EMOJI, "long": LONG[:500_000]}


def as_shown(character: str) -> str:
    """A character of ``EMOJI`` as the page has it."""
    hidden = character in "\u202e\u202c\u200b\r"
    return f"⟦U+{ord(character):04X}⟧" if hidden else character


def labels_of(findings: Sequence[FindingRow], length: int) -> list[tuple[str, ...]]:
    """The labels of each character of the text, in the order of the chips."""
    return [
        tuple(palette.ordered(f.label for f in findings if f.start <= at < f.end))
        for at in range(length)
    ]
