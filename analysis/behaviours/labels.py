"""The behaviours that are looked for, and what each of them means.

Names and definitions follow the public label sets that ``docs/behaviours.md`` compares. A sentence
may carry several labels.
"""

from __future__ import annotations

LABELS: tuple[str, ...] = (
    "backtracking",
    "verification_start",
    "verification",
    "uncertainty",
    "planning",
    "subgoal",
    "alternative",
    "restatement",
    "deduction",
    "final",
)
"""In the order in which models and tables hold them."""

DEFINITIONS: dict[str, str] = {
    "backtracking": "The sentence that leaves the approach the reasoning was on, and goes back or turns to another; "
    "hesitation ('Wait') alone is not that.",
    "verification_start": "The sentence that opens a check of something the reasoning already has.",
    "verification": "A whole check, from the sentence that opens it to its verdict: recomputing, substituting back, "
    "testing a special case, comparing with a known value or with the conditions.",
    "uncertainty": "Says that it is not sure, is confused, or may have made a mistake.",
    "planning": "Says what to do next, or how the problem will be approached.",
    "subgoal": "Breaks the problem into parts, or names a smaller goal on the way to the answer.",
    "alternative": "Explores a possibility that is not known to work.",
    "restatement": "Repeats what the problem states or asks.",
    "deduction": "Works: derives, computes, or recalls a fact or a definition.",
    "final": "States the final answer.",
}

SPANNING: frozenset[str] = frozenset({"verification", "restatement", "deduction"})
"""Labels of passages: sentences that carry one and follow each other make one finding."""
