"""Patterns that cues are found by: phrases as tries, whose parts that repeat are shared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from analysis.errors import UsageError
from analysis.text.lexicon import UNSPACED, simplify

WORD = re.compile(rf"[^\W{UNSPACED}]++")
PLAIN_WORD = re.compile(r"\w++")
"""A word of a text whose unspaced characters are masked."""
MASK = "※"
"""Stands for an unspaced character: no letter, no space, no mark that cues have."""
UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")
_UNIT = re.compile(rf"[^\W{UNSPACED}]++|.")
"""What a phrase is made of: words, single characters of unspaced scripts, marks, spaces."""
EDGE = rf"(?:(?<![^\W{UNSPACED}])|(?![^\W{UNSPACED}]))"
"""Not inside a word: after a mark or an unspaced character, or before what is no letter."""
_PLAIN_EDGE = r"(?:(?<!\w)|(?!\w))"
"""The same in a text that has no character of an unspaced script (or has them masked)."""
MARKUP = re.compile(r"[\s\"'“”‘«»「『（(\[#>*_\-–—•~…]*+")
LABEL = re.compile(r"(?:\d{1,3}|[a-z])[.)]\s[\s*_\"'“]*+")
_AFTER_FILLER = r"[\s,.:;!?…、。—–\-]*+"


def first_word(phrase: str) -> str:
    """The word that a phrase begins with; ``UsageError`` where it begins with none."""
    found = WORD.match(phrase)
    if found is None:
        raise UsageError(f"{phrase!r} must begin with a letter or a digit.")
    return found[0]


def phrase_pattern(phrases: Iterable[str]) -> str:
    """Any of the phrases, the longest that fits.

    A space stands for any white space, and a word ends where the phrase ends. Phrases share what
    they begin with, and what they end with where the braces of the lexicon repeat it, so that
    thousands of phrases stay a short pattern.
    """
    every = list(phrases)
    if not any(WORD.match(phrase[-1:]) for phrase in every):
        return _trie_of(every)
    # The large class of EDGE takes milliseconds to compile: it stands only where it is needed.
    mixed = any(UNSPACED_CHARACTER.search(phrase) for phrase in every)
    return f"{_trie_of(every)}{EDGE if mixed else _PLAIN_EDGE}"


def _trie_of(phrases: Iterable[str]) -> str:
    root: dict[str, Any] = {}
    for phrase in phrases:
        node = root
        for unit in _UNIT.findall(phrase):
            node = node.setdefault(unit, {})
        node[""] = True
    return _trie_pattern(root)


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


def filler_pattern(fillers: tuple[str, ...]) -> str | None:
    """One filler and the marks and spaces after it; None where there are none."""
    return rf"(?:{phrase_pattern(fillers)}){_AFTER_FILLER}" if fillers else None


@cache
def after_pattern(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    """Matches where one of the phrases comes next; None where there are none."""
    every = map(simplify, phrases)
    return re.compile(rf"\s*+(?:{phrase_pattern(every)})") if phrases else None


@cache
def before_pattern(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    """Finds one of the phrases at the end of what is searched; None where there are none."""
    if not phrases:
        return None
    plain = UNSPACED_CHARACTER.search("".join(phrases)) is None
    outside = r"(?<!\w)" if plain else rf"(?<![^\W{UNSPACED}])"
    return re.compile(rf"{outside}(?:{phrase_pattern(map(simplify, phrases))})\s*+\Z")


def by_letter(phrases: Iterable[str], depth: int = 2) -> str:
    """``phrase_pattern``, with one branch for each first letter, so that most words fail at once."""
    groups: dict[str, list[str]] = {}
    for phrase in phrases:
        groups.setdefault(phrase[:1], []).append(phrase[1:])
    if depth == 0 or "" in groups:
        return phrase_pattern(first + rest for first, rests in groups.items() for rest in rests)
    options = [
        (r"\s++" if first == " " else re.escape(first)) + by_letter(rests, depth - 1)
        for first, rests in sorted(groups.items())
    ]
    return options[0] if len(options) == 1 else f"(?:{'|'.join(options)})"
