"""When a reading of a record may be wrong, and what the other reading would be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from analysis import limits
from analysis.model import SplitMethod, Trace

if TYPE_CHECKING:
    from analysis.formats.preview import Reading

_ROLES: dict[str, tuple[str, str, tuple[str, ...], str]] = {
    "answer_role": (
        "'answer' may be the gold answer, what was extracted, or what the model said.",
        "The same record with 'answer' as the model's answer",
        ("gold_answer", "extracted_answer"),
        "answer",
    ),
    "solution_is_reasoning": (
        "'solution' may be the model's reasoning or a worked gold answer.",
        "The same record with 'solution' as the gold answer",
        ("reasoning",),
        "gold_answer",
    ),
    "unmarked": (
        "Nothing tells reasoning and answer apart: the text may be either.",
        "The same record with the text as the answer",
        ("reasoning",),
        "answer",
    ),
}
"""Warning code -> (the doubt, title of the other reading, fields it moves, where they go)."""
_PLAIN = (SplitMethod.FIELD, SplitMethod.TAG, SplitMethod.CHANNEL)
_GUESSES = {
    "guessed_key": "The text was taken from a key that is not known, for its marks.",
    "heading_split": "Reasoning and answer were told apart by a heading only.",
}


def doubts(trace: Trace, others: Sequence[str]) -> tuple[str, ...]:
    """Why this reading may be wrong; ``others`` are formats that read the record differently."""
    codes = _open_codes(trace)
    found = [sentence for code, (sentence, *_) in _ROLES.items() if code in codes]
    found += [sentence for code, sentence in _GUESSES.items() if code in codes]
    found += [f"It can also be read as: {title}." for title in others]
    if trace.format_confidence < limits.PREVIEW_SURE:
        found.append(
            f"Recognised with a confidence of {trace.format_confidence:.2f} only: the reading"
            " follows from the names of the keys."
        )
    return tuple(found)


def _open_codes(trace: Trace) -> set[str]:
    """Warnings that leave a doubt: beside a text that its marks told apart, a role is plain."""
    plain = trace.answer is not None and trace.split_method in _PLAIN
    codes = {w.code for w in trace.warnings if not (plain and w.code == "answer_role")}
    return codes - {"unmarked"} if "solution_is_reasoning" in codes else codes


def role_swaps(trace: Trace, reading: Reading) -> tuple[Reading, ...]:
    """The reading with a key in its other role, for each doubt about a role."""
    codes = _open_codes(trace)
    found = []
    for code, (_, title, sources, target) in _ROLES.items():
        moved = next((f for f in reading.fields if f.field in sources and f.path and f.value), None)
        if code not in codes or moved is None:
            continue
        kept = [
            f for f in reading.fields if f.field != target and (f.path != moved.path or not f.path)
        ]
        note = f"{moved.path} in its other role"
        fields = (*kept, replace(moved, field=target, note=note))
        found.append(replace(reading, title=title, fields=fields))
    return tuple(found)
