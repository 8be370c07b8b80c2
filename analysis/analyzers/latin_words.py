"""Latin words in a trace of another script: which of them are words of a language.

Variables, units, functions, acronyms and names are of no language; ``therefore`` is English.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from analysis.analyzers import language_id, scripts
from analysis.text.masks import Mask

MIN_LONE_LETTERS = 4
"""A single word needs this many lower-case letters to be a word of a language."""
MAX_GAP = 40
NEUTRAL = frozenset(
    [
        "mm",
        "cm",
        "dm",
        "km",
        "kg",
        "mg",
        "ml",
        "hz",
        "khz",
        "mhz",
        "ghz",
        "kb",
        "mb",
        "gb",
        "kw",
        "mw",
        "kwh",
        "mph",
        "kmh",
        "km/h",
        "min",
        "sec",
        "hr",
        "rad",
        "deg",
        "mol",
        "atm",
        "psi",
        "usd",
        "eur",
        "sin",
        "cos",
        "tan",
        "cot",
        "sec",
        "csc",
        "arcsin",
        "arccos",
        "arctan",
        "sinh",
        "cosh",
        "tanh",
        "log",
        "ln",
        "lg",
        "exp",
        "mod",
        "gcd",
        "lcm",
        "max",
        "min",
        "sup",
        "inf",
        "lim",
        "det",
        "dim",
        "ker",
        "sqrt",
        "cbrt",
        "abs",
        "sgn",
        "sum",
        "prod",
        "int",
        "arg",
        "deg",
        "diag",
        "argmax",
        "argmin",
        "iff",
        "wlog",
        "qed",
        "lhs",
        "rhs",
        "et",
        "al",
        "etc",
        "vs",
        "eg",
        "ie",
        "pm",
        "am",
        "ok",
        "id",
        "xy",
        "xyz",
        "ab",
        "abc",
        "bc",
        "ac",
        "cd",
        "de",
        "ef",
        "pq",
        "qr",
        "rs",
        "answer",
        "boxed",
        "final",
        "http",
        "https",
        "www",
        "com",
        "org",
        "html",
        "json",
        "xml",
        "utf",
        "numpy",
        "lambda",
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
        "theta",
        "kappa",
        "sigma",
        "omega",
        "phi",
        "psi",
        "rho",
        "tau",
        "chi",
        "pi",
        "pmod",
        "bmod",
        "infty",
        "leq",
        "geq",
        "neq",
        "approx",
    ]
)
_LOWER = re.compile(r"[a-zà-öø-ÿ]")
_VOWEL = re.compile(r"[aeiouyà-öø-ÿ]")


def words(text: str, masks: Sequence[Mask]) -> list[tuple[int, int]]:
    """Spans of the Latin words of two letters or more outside the masks."""
    starts = [mask[0] for mask in masks]
    found = []
    for word in scripts.LATIN_WORD.finditer(text):
        start, end = word.span()
        if end - start < 2:
            continue
        index = bisect_right(starts, start)
        if index and start < masks[index - 1][1]:
            continue
        found.append((start, end))
    return found


def spans(text: str, found: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches of Latin words that are in a language, trimmed to words."""
    kept: list[tuple[int, int]] = []
    group: list[tuple[int, int]] = []
    for word in found:
        if group and not _continues(text, group[-1][1], word[0]):
            kept += _accepted(text, group)
            group = []
        group.append(word)
    return kept + _accepted(text, group)


def _continues(text: str, left: int, right: int) -> bool:
    """Whether only spaces, signs, digits and Latin variables stand between two words."""
    return right - left <= MAX_GAP and not scripts.NON_LATIN.search(text, left, right)


def _accepted(text: str, group: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The group without names, units and signs at its ends, if a language remains."""
    ordinary = [word for word in group if _is_ordinary(text[word[0] : word[1]])]
    if not ordinary:
        return []
    lone = len(ordinary) == 1
    if lone and not _stands_alone(text[ordinary[0][0] : ordinary[0][1]]):
        return []
    first = ordinary[0]
    index = group.index(first)
    # A capital at the head of a sentence belongs to it: "Please determine whether ...".
    if index and not lone and len(ordinary) > 2 and text[group[index - 1][1] : first[0]] == " ":
        first = group[index - 1]
    return [(first[0], ordinary[-1][1])]


def _is_ordinary(word: str) -> bool:
    """A lower-case word with a vowel that is no unit, function or command."""
    return word.islower() and word not in NEUTRAL and _VOWEL.search(word) is not None


def _stands_alone(word: str) -> bool:
    return len(_LOWER.findall(word)) >= MIN_LONE_LETTERS


def language(stretch: str, hint: str | None) -> str:
    """The language of a Latin stretch in a trace of another script.

    English unless the function words clearly say otherwise, or unless ``hint`` (the language that
    was asked for) is another Latin-script one: a stretch is too short for a free vote.
    """
    latin_hint = hint if hint and scripts.scripts_of(hint) == {"Latin"} else None
    votes = language_id.votes(stretch)
    default = latin_hint or "en"
    best = max(sorted(votes), key=lambda name: votes[name], default=default)
    clear = votes.get(best, 0) >= 1.0 and votes[best] >= 2 * votes.get(default, 0)
    return best if clear else default
