"""The visible part of a reply: the answer without wrapper, template rest and tool calls."""

from __future__ import annotations

import re

from analysis.formats.markers import (
    ANSWER,
    LEAD,
    TAIL,
    TAIL_CHARS,
    TOOL_SPECIALS,
    TOOL_WORDS,
    alternation,
)
from analysis.formats.quoting import Quoting, starts_line
from analysis.model import Warning_

ANSWER_OPEN = re.compile(alternation((f"p{i}", p.open) for i, p in enumerate(ANSWER)), re.I)
_ANSWER_CLOSE = [re.compile(p.close, re.I) for p in ANSWER]
_SPECIAL = re.compile(alternation((f"t{i}", re.escape(t)) for i, t in enumerate(TOOL_SPECIALS)))
_WORD = re.compile(alternation((f"t{i}", re.escape(t)) for i, t in enumerate(TOOL_WORDS)))
_CALL = re.compile(
    r"\s*(?:\{|\[|<(?:function|invoke|parameter|tool_call)\b|[\w.-]{1,64}\s*<arg_key>)"
)
"""What follows the opening mark of a real call."""
_CLOSER_REACH = 40


def template_end(text: str, at: int = 0) -> int:
    """Where the reply begins behind what a chat template left, from ``at`` on."""
    match = LEAD.match(text, at)
    return match.end() if match else at


def clean_end(text: str) -> str:
    """A text without the white space around it and the template's rest behind it."""
    if not text.rstrip().endswith((">", "]")):
        return text.strip()  # every special token ends so
    tail = TAIL.search(text, max(0, len(text) - TAIL_CHARS))
    return text[: tail.start() if tail else len(text)].strip()


def answer_of(text: str, at: int) -> tuple[str | None, list[Warning_]]:
    """The visible text from ``at`` on, and what was left out of it."""
    warnings: list[Warning_] = []
    body = text[at:]
    wrapper = ANSWER_OPEN.match(body, template_end(body))
    if wrapper:
        body = body[wrapper.end() :]
        closers = list(_ANSWER_CLOSE[_index(wrapper)].finditer(body))
        if closers:
            if clean_end(body[closers[-1].end() :]):
                detail = "visible text stands after the marked answer"
                warnings.append(Warning_("text_after_answer", detail))
            body = body[: closers[-1].start()]
    tool = tool_start(body, 0)
    if tool >= 0:
        body = body[:tool]
        warnings.append(Warning_("tool_call_in_text", "a tool call in the text is no answer"))
    return clean_end(body[template_end(body) :]) or None, warnings


def wrapped_at_end(block: str) -> int:
    """Where the marked answer that ends a text begins; -1 where it does not end with one."""
    openers = list(ANSWER_OPEN.finditer(block))
    if not openers:
        return -1
    closer = _ANSWER_CLOSE[_index(openers[-1])]
    return openers[-1].start() if closer.search(block[-_CLOSER_REACH:].rstrip()) else -1


def tool_start(text: str, at: int) -> int:
    """Where the first tool call begins; -1 where there is none."""
    special = _SPECIAL.search(text, at)
    stop = special.start() if special else len(text)
    quoting = Quoting(text)
    for word in _WORD.finditer(text, at, stop):
        called = starts_line(text, word.start()) or _CALL.match(text, word.end())
        if called and not quoting.quotes(word):
            return word.start()
    return stop if special else -1


def _index(match: re.Match[str]) -> int:
    return int(str(match.lastgroup)[1:])
