"""Letters of scripts that the main language of a text does not use, joined into stretches.

Exact: no tokeniser, no minimum length, so a single glued character is found.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence

from analysis.analyzers import language_id, scripts
from analysis.text.masks import Mask

Run = tuple[str, int, int]
"""Script, start and end of a run of letters."""
MAX_GAP = 60
"""Two runs of one language this far apart, in characters, with no words between, are one span."""
WORD_BETWEEN = re.compile(
    r"(?<![A-Za-z])(?![A-Z]{2,5}(?![a-z]))(?![a-z]{1,2}[A-Z][a-z]+)[^\W\d_]{2,}"
)
"""A word that parts two spans; an acronym (ABC) or a brand such as iPhone does not."""
_LOOK_ALIKE = frozenset("АВЕКМНОРСТХУ")
_FACES = frozenset({"ツ", "シ", "ヮ", "ಠ", "益", "ω", "Д", "д", "ヘ", "ノ"})
"""Letters that draw a face: ¯\\_(ツ)_/¯."""
_ACCENTED = frozenset("άέήίόύώΐΰςΆΈΉΊΌΎΏ")


def visible_runs(runs: Sequence[Run], masks: Sequence[Mask], text: str) -> list[Run]:
    r"""Runs outside code, addresses and tags; Greek only where it is a word and no formula.

    Formulas hide nothing but Greek: ``\text{速度}`` is a word.
    """
    if not runs:
        return []
    hard = [mask for mask in masks if mask[2] != "math"]
    hard_starts, all_starts = [m[0] for m in hard], [m[0] for m in masks]
    kept = []
    for run in runs:
        script, start, end = run
        if _covered(hard, hard_starts, start) or _ends_address(text, hard, hard_starts, start):
            continue
        if script == "Greek" and (
            not _greek_word(text[start:end]) or _covered(masks, all_starts, start)
        ):
            continue
        if script == "Cyrillic" and end - start == 1 and _is_label(text, start):
            continue
        if text[start:end] in _FACES and "(" in text[max(0, start - 3) : start]:
            continue
        kept.append(run)
    return kept


def _is_label(text: str, at: int) -> bool:
    """Whether one capital that looks like a Latin one stands alone: 25 °С, point А."""
    around = text[max(0, at - 1) : at] + text[at + 1 : at + 2]
    return text[at] in _LOOK_ALIKE and not any(char.isalpha() for char in around)


def _covered(masks: Sequence[Mask], starts: Sequence[int], position: int) -> bool:
    index = bisect_right(starts, position)
    return index > 0 and position < masks[index - 1][1]


def _ends_address(text: str, hard: Sequence[Mask], starts: Sequence[int], position: int) -> bool:
    """Whether a run is the end of a web address (``.../wiki/数学``), which masks leave out."""
    if position == 0 or text[position - 1] not in "/=_":
        return False
    index = bisect_right(starts, position - 1)
    return index > 0 and hard[index - 1][1] == position and hard[index - 1][2] == "url"


def _greek_word(letters: str) -> bool:
    """A Greek word: three letters or more, with an accent or a final sigma, or a long one."""
    if len(letters) < 3:
        return False
    return any(char in _ACCENTED or "\u1f00" <= char <= "\u1fff" for char in letters) or (
        len(letters) >= 6 and letters[1:].islower()
    )


def spans(
    text: str, runs: Sequence[Run], masks: Sequence[Mask], hint: str | None
) -> Iterator[tuple[int, int, str, str]]:
    """Runs of one language with nothing but signs, digits and variables between, as one stretch.

    Yields start, end, language and script.
    """
    group: list[Run] = []
    for run in runs:
        if group and not (
            _family(run[0]) == _family(group[0][0]) and _joins(text, group[-1][2], run[1], masks)
        ):
            yield _span(text, group, hint)
            group = []
        group.append(run)
    if group:
        yield _span(text, group, hint)


def _family(script: str) -> str:
    """Scripts that one language mixes."""
    return "CJ" if script in ("Han", "Kana", "Bopomofo") else script


def _joins(text: str, left: int, right: int, masks: Sequence[Mask]) -> bool:
    """Whether a gap holds no word: formulas in it are skipped."""
    if left == right:
        return True
    if right - left > MAX_GAP:
        return right - left <= 5 * MAX_GAP and _only_formula(text, left, right, masks)
    if not WORD_BETWEEN.search(text, left, right):
        return True
    return _only_formula(text, left, right, masks)


def _only_formula(text: str, left: int, right: int, masks: Sequence[Mask]) -> bool:
    """Whether what a gap holds beside formulas is short and without words."""
    at, visible = left, 0
    index = max(0, bisect_right(masks, left, key=lambda mask: mask[0]) - 1)
    while index < len(masks) and masks[index][0] < right:
        start, end, kind = masks[index]
        index += 1
        if end <= at or kind != "math":
            continue
        if start > at:
            if WORD_BETWEEN.search(text, at, start):
                return False
            visible += start - at
        at = end
    return not WORD_BETWEEN.search(text, at, right) and visible + max(0, right - at) <= MAX_GAP


def _span(text: str, group: Sequence[Run], hint: str | None) -> tuple[int, int, str, str]:
    """A group of runs as a stretch with its language."""
    counts = Counter[str]()
    for script, start, end in group:
        counts[script] += end - start
    script = max(sorted(counts), key=lambda name: counts[name])
    if _family(script) == "CJ":
        kana = counts["Kana"]
        japanese = kana >= language_id.KANA_SHARE * (kana + counts["Han"])
        language = "ja" if japanese else "zh"
        script = "Kana" if japanese and kana == counts.total() else script
    else:
        letters = "".join(sorted({c for _, a, b in group[:50] for c in text[a:b]}))
        language = scripts.language_of(script, letters, hint)
    return group[0][1], group[-1][2], language, script
