"""How each label looks: a colour for light and dark pages, and a line style as second channel.

The colours are those of Okabe and Ito (2008), which people with the common colour-vision
deficiencies can tell apart, darkened or lightened to at least 3:1 against the page. Labels of one
colour differ in their line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

from analysis.ui.i18n import known, language

LINES = ("solid", "dashed", "dotted", "double", "wavy")
"""CSS ``text-decoration-style`` values."""

_BLUE = ("#0072b2", "#5cb3ea")
_VERMILION = ("#c84f00", "#ff8a4c")
_GREEN = ("#007a59", "#3ccaa0")
_ORANGE = ("#9a6a00", "#f0b340")
_PURPLE = ("#a3437c", "#e58fc0")
_SKY = ("#20789f", "#7fd0f5")
_GREY = ("#5f6672", "#b3bac6")
_INK = ("#3c4453", "#d5dae3")

_COLOURS = (_BLUE, _VERMILION, _GREEN, _ORANGE, _PURPLE, _SKY, _GREY)


@dataclass(frozen=True, slots=True)
class LabelStyle:
    """A label's colour on a light and on a dark page (``#rrggbb``) and its line style."""

    light: str
    dark: str
    line: str


_STYLES: dict[str, LabelStyle] = {
    label: LabelStyle(*colour, line)
    for label, colour, line in (
        ("backtracking", _VERMILION, "wavy"),
        ("verification", _BLUE, "solid"),
        ("verification_start", _BLUE, "double"),
        ("candidate_answer", _GREEN, "double"),
        ("final", _GREEN, "solid"),
        ("uncertainty", _PURPLE, "dotted"),
        ("hesitation", _PURPLE, "dotted"),
        ("language_mixing", _PURPLE, "dashed"),
        ("alternative", _ORANGE, "dashed"),
        ("switch", _ORANGE, "wavy"),
        ("planning", _SKY, "dashed"),
        ("subgoal", _SKY, "dotted"),
        ("repetition", _GREY, "dashed"),
        ("loop", _GREY, "wavy"),
        ("restatement", _GREY, "dotted"),
        ("deduction", _INK, "dotted"),
    )
}

FIRST_ON = ("backtracking", "verification", "candidate_answer")
"""Layers that the Reader shows before anyone has chosen."""

_ORDER = {label: place for place, label in enumerate(_STYLES)}


def style(label: str) -> LabelStyle:
    """How ``label`` looks; a label that is not ours always gets the same look, from its name."""
    known = _STYLES.get(label)
    if known:
        return known
    number = crc32(label.encode("utf-8", "replace"))
    colour = _COLOURS[number % len(_COLOURS)]
    return LabelStyle(*colour, LINES[number // len(_COLOURS) % len(LINES)])


def title(label: str) -> str:
    """A label as a person reads it, in their language: ``candidate_answer`` -> ``Candidate answer``."""
    words = label.replace("_", " ").strip()
    return known(words[:1].upper() + words[1:])


def label_name(label: str) -> str:
    """A label in a list to choose from: as it is stored, or its name in another language."""
    return label if language() == "en" else title(label)


def ordered(labels: Iterable[str]) -> list[str]:
    """Labels in the order in which pages list them: ours first, then by name."""
    return sorted(set(labels), key=lambda label: (_ORDER.get(label, len(_ORDER)), label))
