"""One text told apart by a pair of marks that a person names."""

from __future__ import annotations

from analysis.formats.tags import Split
from analysis.model import SplitMethod, Warning_


def split_markers(text: str, opening: str, closing: str) -> Split:
    """Reasoning between ``opening`` and ``closing``, the answer behind. Linear in the text.

    Without an opening mark, or with ``opening`` empty, the reasoning starts with the text. Blocks
    that follow one another with only white space between are all reasoning. A block that is never
    closed was cut off. A text with neither mark is an answer.
    """
    warnings: list[Warning_] = []
    blocks: list[str] = []
    at = text.find(opening) if opening else 0
    first_close = text.find(closing)
    if at < 0 and first_close < 0:
        return Split(answer=text.strip() or None)
    if opening and (at < 0 or 0 <= first_close < at):
        detail = f"the reasoning has no opening mark {opening[:40]!r}"
        warnings.append(Warning_("missing_opener", detail))
        at = 0
    elif opening:
        if text[:at].strip():
            detail = "visible text stands before the reasoning"
            warnings.append(Warning_("text_before_reasoning", detail))
        at += len(opening)
    while True:
        end = text.find(closing, at)
        if end < 0 and not opening and not blocks:
            return Split(answer=text.strip() or None)
        block = text[at : end if end >= 0 else len(text)].strip()
        if block:
            blocks.append(block)
        if end < 0:
            detail = f"the reasoning is never closed with {closing[:40]!r}"
            warnings.append(Warning_("missing_closer", detail))
            return Split(tuple(blocks), None, True, SplitMethod.TAG, tuple(warnings))
        at = end + len(closing)
        following = _skip_space(text, at)
        if not opening or not text.startswith(opening, following):
            break
        at = following + len(opening)
    answer = text[at:].strip() or None
    return Split(tuple(blocks), answer, False, SplitMethod.TAG, tuple(warnings))


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
