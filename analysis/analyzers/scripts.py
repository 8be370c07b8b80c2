"""Which script a letter belongs to, as regular expressions over code points; the standard library only.

Ranges hold the letters and combining marks of a script and nothing else: an Arabic digit, a CJK
full stop or a mathematical italic *x* is of no script. Combining marks stay with their letter.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache

_BLOCKS: dict[str, tuple[tuple[int, int], ...]] = {
    "Latin": ((0x41, 0x5A), (0x61, 0x7A), (0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0x24F), (0x250, 0x2AF),
              (0x1E00, 0x1EFF), (0x2C60, 0x2C7F), (0xA722, 0xA7FF), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A), (0xFB00, 0xFB06)),
    "Greek": ((0x370, 0x3FF), (0x1F00, 0x1FFF)),
    "Cyrillic": ((0x400, 0x52F), (0x1C80, 0x1C8F), (0x2DE0, 0x2DFF), (0xA640, 0xA69F)),
    "Armenian": ((0x531, 0x58F), (0xFB13, 0xFB17)),
    "Hebrew": ((0x591, 0x5F4), (0xFB1D, 0xFB4F)),
    "Arabic": ((0x610, 0x6FF), (0x750, 0x77F), (0x870, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)),
    "Syriac": ((0x700, 0x74F),),
    "Thaana": ((0x780, 0x7BF),),
    "Devanagari": ((0x900, 0x97F), (0xA8E0, 0xA8FF)),
    "Bengali": ((0x980, 0x9FF),),
    "Gurmukhi": ((0xA00, 0xA7F),),
    "Gujarati": ((0xA80, 0xAFF),),
    "Odia": ((0xB00, 0xB7F),),
    "Tamil": ((0xB80, 0xBFF),),
    "Telugu": ((0xC00, 0xC7F),),
    "Kannada": ((0xC80, 0xCFF),),
    "Malayalam": ((0xD00, 0xD7F),),
    "Sinhala": ((0xD80, 0xDFF),),
    "Thai": ((0xE00, 0xE7F),),
    "Lao": ((0xE80, 0xEFF),),
    "Tibetan": ((0xF00, 0xFFF),),
    "Myanmar": ((0x1000, 0x109F), (0xAA60, 0xAA7F)),
    "Georgian": ((0x10A0, 0x10FF), (0x1C90, 0x1CBF)),
    "Hangul": ((0x1100, 0x11FF), (0x3131, 0x318E), (0xA960, 0xA97F), (0xAC00, 0xD7FF)),
    "Ethiopic": ((0x1200, 0x139F), (0x2D80, 0x2DDF)),
    "Khmer": ((0x1780, 0x17FF),),
    "Mongolian": ((0x1820, 0x18AA),),
    "Kana": ((0x3041, 0x3096), (0x309D, 0x309F), (0x30A1, 0x30FA), (0x30FC, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9D)),
    "Bopomofo": ((0x3105, 0x312F),),
    "Han": ((0x3005, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2FA1F), (0x30000, 0x323AF)),
}  # fmt: skip
_UNIFORM = frozenset({"Han", "Hangul", "Kana"})
"""All letters: no need to ask the Unicode table for each."""
MARKS = "\u0300-\u036f\u200c\u200d"
"""Combining marks that any script uses, and the joiners inside Arabic and Indic words."""

LANGUAGE_OF_SCRIPT = {
    "Greek": "el", "Cyrillic": "ru", "Armenian": "hy", "Hebrew": "he", "Arabic": "ar", "Syriac": "syc",
    "Thaana": "dv", "Devanagari": "hi", "Bengali": "bn", "Gurmukhi": "pa", "Gujarati": "gu", "Odia": "or",
    "Tamil": "ta", "Telugu": "te", "Kannada": "kn", "Malayalam": "ml", "Sinhala": "si", "Thai": "th",
    "Lao": "lo", "Tibetan": "bo", "Myanmar": "my", "Georgian": "ka", "Hangul": "ko", "Ethiopic": "am",
    "Khmer": "km", "Mongolian": "mn", "Kana": "ja", "Bopomofo": "zh", "Han": "zh",
}  # fmt: skip
SCRIPTS_OF_LANGUAGE: dict[str, frozenset[str]] = {
    **{language: frozenset({script}) for script, language in LANGUAGE_OF_SCRIPT.items()},
    "ja": frozenset({"Han", "Kana"}), "zh": frozenset({"Han", "Bopomofo"}), "yue": frozenset({"Han"}),
    "uk": frozenset({"Cyrillic"}), "be": frozenset({"Cyrillic"}), "bg": frozenset({"Cyrillic"}),
    "sr": frozenset({"Cyrillic", "Latin"}), "mk": frozenset({"Cyrillic"}), "kk": frozenset({"Cyrillic"}),
    "fa": frozenset({"Arabic"}), "ur": frozenset({"Arabic"}), "ps": frozenset({"Arabic"}),
    "mr": frozenset({"Devanagari"}), "ne": frozenset({"Devanagari"}), "sa": frozenset({"Devanagari"}),
    "as": frozenset({"Bengali"}), "ti": frozenset({"Ethiopic"}), "yi": frozenset({"Hebrew"}),
}  # fmt: skip
"""Languages not named here are written in Latin script."""
PER_CHARACTER = frozenset({"Han", "Kana", "Thai", "Lao", "Khmer", "Myanmar", "Tibetan", "Bopomofo"})
"""Scripts without spaces between words: a "word" is a letter there."""


def _ranges(script: str, categories: str) -> str:
    """The letters ('L') and marks ('M') of a script as the inside of a character class."""
    spans: list[tuple[int, int]] = []
    for first, last in _BLOCKS[script]:
        if script in _UNIFORM:
            spans.append((first, last))
            continue
        for code in range(first, last + 1):
            if unicodedata.category(chr(code))[0] in categories:
                if spans and spans[-1][1] == code - 1:
                    spans[-1] = (spans[-1][0], code)
                else:
                    spans.append((code, code))
    return "".join(
        chr(first) if first == last else f"{chr(first)}-{chr(last)}" for first, last in spans
    )


_CLASS = {script: _ranges(script, "LM") for script in _BLOCKS}
_LETTERS = {script: _ranges(script, "L") for script in _BLOCKS}
NON_LATIN = re.compile(
    "[" + "".join(_LETTERS[s] for s in _BLOCKS if s != "Latin") + "]"
    "[" + "".join(_CLASS[s] for s in _BLOCKS if s != "Latin") + MARKS + "]*"
)
"""A run of letters of any script but Latin."""
_BY_SCRIPT = re.compile(
    "|".join(
        f"(?P<{script}>[{_LETTERS[script]}][{_CLASS[script]}{MARKS}]*)"
        for script in _BLOCKS
        if script != "Latin"
    )
)
LATIN_LETTER = re.compile(f"[{_CLASS['Latin']}]")
LATIN_WORD = re.compile(
    f"[{_CLASS['Latin']}][{_CLASS['Latin']}{MARKS}]*(?:['’\\-‑][{_CLASS['Latin']}]+)*"
)
"""A word in Latin letters, apostrophes and hyphens inside it included."""


def runs(text: str, start: int = 0, end: int = sys.maxsize) -> list[tuple[str, int, int]]:
    """The runs of letters of one non-Latin script, in order: (script, start, end)."""
    found: list[tuple[str, int, int]] = []
    for block in NON_LATIN.finditer(text, start, end):
        for run in _BY_SCRIPT.finditer(text, block.start(), block.end()):
            found.append((run.lastgroup or "", run.start(), run.end()))
    return found


def is_mark(char: str) -> bool:
    """Whether a character is a combining mark, which belongs to the letter before it."""
    return unicodedata.category(char)[0] == "M"


def is_letter_or_mark(char: str) -> bool:
    """Whether a character is a letter, or a mark of one."""
    return unicodedata.category(char)[0] in "LM"


def scripts_of(language: str) -> frozenset[str]:
    """The scripts that a language (ISO 639-1 code) is written in."""
    return SCRIPTS_OF_LANGUAGE.get(language, frozenset({"Latin"}))


_CYRILLIC = (("uk", "іїєґІЇЄҐ"), ("be", "ўЎ"), ("sr", "ђћџљњјЂЋЏЉЊЈ"), ("kk", "қңғұһәөүҚҢҒҰҺӘӨҮ"))
_ARABIC = (("ur", "ٹڈڑےںھ"), ("fa", "پچژگ"))


@lru_cache(maxsize=256)
def language_of(script: str, letters: str, hint: str | None = None) -> str:
    """The language of a run: by letters that only one language uses, else the script's commonest.

    ``hint`` (the question's or the target language) wins where it is written in this script and
    nothing speaks against it.
    """
    for language, marks in {"Cyrillic": _CYRILLIC, "Arabic": _ARABIC}.get(script, ()):
        if any(mark in letters for mark in marks):
            return language
    if (
        hint
        and hint != "sr"
        and script in SCRIPTS_OF_LANGUAGE.get(hint, ())
        and script not in ("Han", "Kana")
    ):
        return hint
    return LANGUAGE_OF_SCRIPT[script]
