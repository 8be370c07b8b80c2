"""The marks that models put around their reasoning and their answers, as data.

To add a family, add a row: ``docs/adding_a_format.md``. Sources: the model cards and the reasoning
parsers of the serving engines (vLLM, SGLang), as listed in ``docs/formats.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """An opening and a closing mark, as regular expressions that start with a literal."""

    name: str
    open: str
    close: str
    spoken: bool = True
    """The marks may also be quoted in prose and code (``<think>``); special tokens may not."""
    prose: bool = False
    """Ordinary words: they count only when the text begins with the opening mark."""


def alternation(sources: Iterable[tuple[str, str]]) -> str:
    """One regular expression with a named group for each (name, expression).

    Expressions with the same first character share it, which lets ``re`` skip to that character:
    some forty times faster than a plain alternation.
    """
    grouped: dict[str, list[str]] = {}
    for name, source in sources:
        first = source[:2] if source[0] == "\\" else source[0]
        grouped.setdefault(first, []).append(f"(?P<{name}>{source[len(first) :]})")
    return "|".join(f"{first}(?:{'|'.join(rests)})" for first, rests in grouped.items())


def _xml(name: str, *, tail: str = "") -> Pair:
    """``<name>`` to ``</name>``, with white space and an optional suffix before the bracket."""
    return Pair(name, rf"<{name}{tail}\s*>", rf"</{name}{tail}\s*>")


REASONING = (
    _xml("think", tail="(?::[0-9a-zA-Z]{4,16})?"),  # R1, QwQ, Qwen3, GLM, Phi-4, ...; hy: a suffix
    _xml("thinking"),
    _xml("thought"),  # Marco-o1, OpenO1: <Thought>
    _xml("reasoning"),
    _xml("seed:think"),
    _xml("mm:think"),
    Pair("[THINK]", r"\[THINK\]", r"\[/THINK\]"),
    Pair("kimi", r"◁think▷", r"◁/think▷", spoken=False),
    Pair("begin_of_thought", r"<\|begin_of_thought\|>", r"<\|end_of_thought\|>", spoken=False),
    Pair("cohere", r"<\|START_THINKING\|>", r"<\|END_THINKING\|>", spoken=False),
    Pair("gemma", r"<\|channel>thought\n", r"<channel\|>", spoken=False),
    Pair("s1", r"<\|im_start\|>think\b", r"<\|im_start\|>answer\b", spoken=False),
    Pair("plamo", r"<\|plamo:begin_think:plamo\|>", r"<\|plamo:end_think:plamo\|>", spoken=False),
    Pair(
        "granite",
        r"Here(?:'s| is) my thought process:",
        r"Here(?:'s| is) my response:",
        prose=True,
    ),
    Pair("inner", r"<\|inner_prefix\|>", r"<\|inner_suffix\|>", spoken=False),
)

ANSWER = (
    _xml("answer"),
    _xml("response"),
    _xml("Output"),
    Pair("solution", r"<\|begin_of_solution\|>", r"<\|end_of_solution\|>", spoken=False),
    Pair("cohere", r"<\|START_RESPONSE\|>", r"<\|END_RESPONSE\|>", spoken=False),
    Pair("cohere_text", r"<\|START_TEXT\|>", r"<\|END_TEXT\|>", spoken=False),
)

TOOL_STARTS = (
    "<tool_call>",
    "<minimax:tool_call>",
    "<|tool_calls_section_begin|>",
    "<function_calls>",
    "[TOOL_CALLS]",
)
"""What begins a tool call, at the start of a line; it ends reasoning that is not closed."""

LEAD = re.compile(
    r"(?:\s|<\|im_start\|>(?!think\b|answer\b)(?:assistant)?|<\|start_header_id\|>assistant<\|end_header_id\|>"
    r"|<\|(?:assistant|begin_of_text)\|>|<｜Assistant｜>|<｜begin▁of▁sentence｜>|<start_of_turn>model"
    r"|<s>|<bos>)*+",
)
"""What a chat template leaves before the text of a reply."""

TAIL = re.compile(
    r"(?:\s|<\|(?:im_end|endoftext|eot_id|end_of_text|return|end|eom_id)\|>|</s>|<eos>"
    r"|<end_of_turn>|<｜end▁of▁sentence｜>)*+\Z"
)
"""What a chat template leaves after it."""

TAIL_CHARS = 400
"""How far from the end the template's rest is looked for."""

HEADING = re.compile(r"\*\*Final Answer:?\*\*:?[ \t]*$", re.MULTILINE | re.IGNORECASE)
"""The heading that untagged reasoning models (QwQ-Preview, LIMO, RedStar) end with."""

PREFILLS = re.compile(
    r"deepseek-r1|deepseek-reasoner|r1-distill|qwq-32b(?!-preview)|qwen3-.*thinking|skywork-or1"
    r"|light-r1|openthinker|deepscaler|acereason|nemotron.*reason|marin-think",
    re.IGNORECASE,
)
"""Models whose chat template opens the reasoning itself, so that a cut reply holds no mark."""

UNMARKED = re.compile(r"qwq-32b-preview|qwq.*preview|redstar|\blimo\b", re.IGNORECASE)
"""Models that write one text without marks: all of it is reasoning."""

SUMMARISED = re.compile(r"(?:^|/)(?:o[134](?:-|$)|gpt-5|gemini-(?:2\.5|[3-9]))", re.IGNORECASE)
"""Models whose provider shows a summary in place of the reasoning."""
