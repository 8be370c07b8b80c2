"""Where formulas stand in a text: what LaTeX typesetting may touch, and nothing else."""

from __future__ import annotations

from analysis.text.masks import mask_spans

_WRAPPED = (("$$", "$$", 1), ("\\[", "\\]", 1), ("\\(", "\\)", 0), ("$", "$", 0))
MAX_FORMULAS = 20_000


def formulas(text: str) -> list[list[int]]:
    """(start, end, chars of the delimiters at each side, whether displayed) of each formula.

    Prices in dollars are no formulas: the masks that keep sentences whole decide.
    """
    found = []
    for start, end, kind in mask_spans(text):
        if kind != "math":
            continue
        inner = text[start:end]
        sides, displayed = 0, int(inner.startswith("\\begin"))
        for opener, closer, display in _WRAPPED:
            if inner.startswith(opener) and inner.endswith(closer) and len(inner) > 2 * len(opener):
                sides, displayed = len(opener), display
                break
        found.append([start, end, sides, displayed])
        if len(found) == MAX_FORMULAS:
            break
    return found
