"""Latin words in a trace of another script: which of them are words of a language.

Variables, units, functions, acronyms and names are of no language; ``therefore`` is English.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from analysis.analyzers import scripts
from analysis.analyzers.word_evidence import FLOOR_OTHER, fold, neutral_words, never_names, prior
from analysis.analyzers.word_lists import CODES, word_lists
from analysis.text.masks import Mask

MAX_GAP = 40
"""Two words this far apart, in characters, are not in one stretch."""
LONE_LETTERS = 4
LONE_ZIPF, ZIPF = 3.0, 2.4
"""How common a lone word must be, and a word among others."""
SHORT_ZIPF = 5.8
"""How common a lone word of three letters must be: ``and``, ``but``."""
MARGIN = 1.2
"""By how much, in log10, a stretch must be likelier in another language than the expected one."""
_VOWEL = re.compile(r"[aeiouyà-öø-ÿ]")
TEMPLATE = re.compile(
    r"\*{0,2}(?:The\s+)?Final\s+[Aa]nswer\*{0,2}[ \t]*:?"
    r"|\*\*(?:Step[- ]by[- ][Ss]tep\s+)?Answer:?\*\*:?"
    r"|(?:^|(?<=[>\n。.！!?？]))[#* \t]*(?:[Aa]nswer[ \t]*){1,2}(?![A-Za-z'’ \t]*[a-z])[*: \t]*"
    r"|^[#* \t]*(?:Step[- ]by[- ][Ss]tep\s+)(?:Answer|Solution|Explanation)[*: \t]*$"
    r"|^(?:Human|User|Assistant|System|Question|Answer|Q|A):",
    re.MULTILINE,
)
"""What a prompt template or a harness writes, in English in every language."""
_ANCHOR = re.compile(r"[Aa]nswer|Step[- ]by|(?:Human|User|Assistant|System|Question|\nQ|\nA):")


def templates(text: str) -> list[Mask]:
    """Spans of template text such as ``**Final Answer**``."""
    found: list[Mask] = []
    done = 0
    for anchor in _ANCHOR.finditer(text):
        at = anchor.start()
        if at < done:
            continue
        for match in TEMPLATE.finditer(text, max(done, at - 40), at + 80):
            if match[0].strip() and match.start() <= at:
                found.append((*match.span(), "tag"))
                done = match.end()
                break
    return found


def spans(
    text: str, words: Sequence[tuple[int, int]], asked: str | None
) -> list[tuple[int, int, str]]:
    """Stretches of Latin words that are in a language: start, end, language."""
    found: list[tuple[int, int, str]] = []
    group: list[tuple[int, int]] = []
    for word in words:
        if group and not _continues(text, group[-1][1], word[0]):
            found += _accepted(text, group, asked)
            group = []
        group.append(word)
    return found + (_accepted(text, group, asked) if group else [])


def _continues(text: str, left: int, right: int) -> bool:
    """Whether only spaces, signs, digits and variables stand between two words."""
    return right - left <= MAX_GAP and not scripts.NON_LATIN.search(text, left, right)


def _accepted(
    text: str, group: list[tuple[int, int]], asked: str | None
) -> list[tuple[int, int, str]]:
    """The group without names, units and signs at its ends, if a language remains."""
    known = [_known(text[start:end]) for start, end in group]
    ordinary = [i for i, zipf in enumerate(known) if zipf]
    if not ordinary:
        return []
    language, score = _language([known[i] for i in ordinary], asked)
    mine = [i for i in ordinary if known[i].get(language, 0.0) >= ZIPF]
    if not mine:
        return []
    first, last = mine[0], mine[-1]
    while last + 1 < len(group) and _goes_on(text, group[last], group[last + 1]):
        last += 1
    if len(mine) == 1 and not _stands_alone(text[slice(*group[first])], score):
        return []
    # A capital at the head of a sentence belongs to it: "Please determine whether ...".
    if len(mine) > 2 and first and text[group[first - 1][1] : group[first][0]] == " ":
        head = text[slice(*group[first - 1])]
        first -= head[:1].isupper() and not head.isupper()
    return [(group[first][0], group[last][1], language)]


def _goes_on(text: str, last: tuple[int, int], after: tuple[int, int]) -> bool:
    """Whether an unknown lower-case word right after a stretch belongs to it: a rare word, a name."""
    word = text[slice(*after)]
    return (
        text[last[1] : after[0]] == " "
        and len(word) >= LONE_LETTERS
        and word.islower()
        and word not in neutral_words()
        and not word_lists().zipf(fold(word))
    )


def _known(word: str) -> dict[str, float]:
    """The languages of an ordinary word with how common it is there; none for names and signs."""
    lower = fold(word)
    if lower in neutral_words() or len(word) < 2 or not _VOWEL.search(lower):
        return {}
    if not word.islower() and lower not in never_names():
        # A capitalised German noun is taken for a name unless it is common in German alone.
        zipf = dict(word_lists().zipf(lower))
        if word.isupper() or zipf.get("de", 0.0) < max(4.0, zipf.get("en", 0.0) + 1.0):
            return {}
        return {"de": zipf["de"]}
    return dict(word_lists().zipf(lower))


def _language(known: list[dict[str, float]], asked: str | None) -> tuple[str, float]:
    """The language of a stretch, and how common its words are there on average.

    English, or the Latin-script language that was asked for, unless another one is clearly
    likelier: a stretch is too short for a free vote.
    """
    expected = asked if asked and asked in CODES else "en"
    totals = {
        language: sum(zipf.get(language, FLOOR_OTHER - 1.0) for zipf in known) - prior(language)
        for language in CODES
    }
    best = max(CODES, key=lambda language: totals[language])
    for default in (expected, "en"):
        if totals[best] < totals[default] + MARGIN:
            best = default
            break
    return best, sum(zipf.get(best, 0.0) for zipf in known) / len(known)


def _stands_alone(word: str, zipf: float) -> bool:
    """Whether one word is enough: a variable or an abbreviation is not."""
    if len(word) >= LONE_LETTERS:
        return zipf >= LONE_ZIPF
    return len(word) == 3 and zipf >= SHORT_ZIPF
