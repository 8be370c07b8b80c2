"""The public sources of labelled traces that are known by name: who made them, and how to read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A source, told in a sentence or two."""

    title: str
    paper: str
    """arXiv id."""
    note: str


_SOURCES: Mapping[str, Source] = {
    "reasoningflow_v0_human": Source(
        "ReasoningFlow v0, labelled by people",
        "2606.05402",
        "QwQ-32B-Preview on physics, chemistry and maths. Few traces and few positives: 28 of 60"
        " backtracks stand in two of them, so intervals are wide. Two people agree at .82 to .94.",
    ),
    "reasoningflow_v0_gemini": Source(
        "ReasoningFlow v0, labelled by Gemini",
        "2606.05402",
        "The same texts, labelled by an LLM, which agrees with the people at .39 on backtracking.",
    ),
    "reasoningflow_v1_gemini": Source(
        "ReasoningFlow v1",
        "2606.05402",
        "DeepSeek-R1, QwQ-32B and an instruct model, labelled by Gemini: many traces, no people.",
    ),
    "schoenfeld": Source(
        "Schoenfeld episodes",
        "2509.14662",
        "DeepSeek-R1 on SAT problems, labelled by people with the episodes of Schoenfeld: a whole"
        " check carries the label, not only the sentence that opens it.",
    ),
    "rtseg": Source(
        "Reasoning-trace segmentation",
        "",
        "The ReasoningFlow v0 texts, labelled by two other people with coarse tags. These agree with"
        " each other at .25 to .38 only: no detector can be expected to agree more.",
    ),
    "thought_anchors": Source(
        "Thought Anchors",
        "2506.19143",
        "R1-Distill-Qwen-14B on maths, labelled by GPT-4o.",
    ),
    "venhoff": Source(
        "Venhoff et al.",
        "2506.18167",
        "R1 distillations and instruct models on riddles and puzzles, labelled by GPT-4o. What it calls"
        " backtracking is often a new idea about the same question.",
    ),
}


def describe(source: str) -> Source | None:
    """What is known of a source, by the beginning of its name; None where it is not known."""
    fitting = [name for name in _SOURCES if source.startswith(name)]
    return _SOURCES[max(fitting, key=len)] if fitting else None
