"""Texts of a trace in the forms that other tools read, and back without loss.

Used by the writer (``export/interchange.py``) and by the reader (``formats/exported.py``).
"""

from __future__ import annotations

import re
from typing import Any

OPEN, CLOSE, GAP = "<think>\n", "\n</think>", "\n\n"
_MARK = re.compile(r"<(\\*)(/?)(?=think)", re.IGNORECASE)
_ESCAPED = re.compile(r"<\\(\\*)(/?)(?=think)", re.IGNORECASE)


def escape_marks(text: str) -> str:
    """A text whose own ``<think>`` and ``</think>`` cannot be taken for marks: one backslash more."""
    return _MARK.sub(r"<\\\1\2", text)


def unescape_marks(text: str) -> str:
    """The text that ``escape_marks`` was given."""
    return _ESCAPED.sub(r"<\1\2", text)


def tagged(reasoning: str | None, answer: str | None, *, truncated: bool) -> str | None:
    """One text of both: ``<think>``, the reasoning, ``</think>``, a blank line, the answer.

    A reasoning that was cut off is not closed, so that nobody trains on an end that never came.
    None where there is neither.
    """
    shown = None if answer is None else escape_marks(answer)
    if reasoning is None:
        return shown
    text = OPEN + escape_marks(reasoning)
    if shown is not None:
        return text + CLOSE + GAP + shown
    return text if truncated else text + CLOSE


def untagged(text: str | None) -> tuple[str | None, str | None]:
    """(reasoning, answer) of a text that ``tagged`` made, also after a person changed it."""
    if text is None:
        return None, None
    if not text.startswith(OPEN):
        return None, unescape_marks(text)
    end = text.find(CLOSE, len(OPEN))
    if end < 0:
        return unescape_marks(text[len(OPEN) :]), None
    reasoning = unescape_marks(text[len(OPEN) : end])
    rest = text[end + len(CLOSE) :]
    if not rest:
        return reasoning, None
    return reasoning, unescape_marks(rest.removeprefix(GAP))


def pieces(raw: str, reasoning: str | None, answer: str | None) -> str | list[Any]:
    """A raw response by reference to the texts that stand in it, so that no text is written twice.

    ``["<think>\\n", {"field": "reasoning"}, "\\n</think>\\n", {"field": "answer"}]``; the text
    itself where it holds neither.
    """
    found: list[Any] = []
    at = 0
    for name, text in (("reasoning", reasoning), ("answer", answer)):
        start = raw.find(text, at) if text else -1
        if text and start >= 0:
            found += [raw[at:start], {"field": name}]
            at = start + len(text)
    if not found:
        return raw
    return [piece for piece in (*found, raw[at:]) if piece != ""]


def joined(value: Any, reasoning: str | None, answer: str | None) -> str:
    """The raw response that ``pieces`` was given. Raises ``ValueError`` for anything else."""
    if isinstance(value, str):
        return value
    texts = {"reasoning": reasoning, "answer": answer}
    if not isinstance(value, list):
        raise ValueError("raw_response is neither a text nor a list")
    parts: list[str] = []
    for piece in value:
        named = isinstance(piece, dict) and len(piece) == 1
        part = texts.get(str(piece.get("field"))) if named else piece
        if not isinstance(part, str):
            raise ValueError("raw_response names a text that is not there")
        parts.append(part)
    return "".join(parts)
