"""What is left of OpenAI Harmony (gpt-oss) when a decoder skips the special tokens.

``<|channel|>analysis<|message|>R<|end|><|start|>assistant<|channel|>final<|message|>A`` becomes
``analysisRassistantfinalA``. With its tokens the text is read by ``channels``.
"""

from __future__ import annotations

import re

from analysis.formats.tags import Notes, Split
from analysis.model import SplitMethod

_LEAD = re.compile(r"\s*(?:assistant)?analysis(?:\s*\n|(?=\S))")
_GLUED = re.compile(r"\s*(?:assistant)?analysis(?=[A-Z])")
_FINAL = "assistantfinal"
_NEXT = re.compile(
    r"assistant(?:(?P<final>final)|(?P<analysis>analysis)|(?P<commentary>commentary)(?P<to>[^\n{]{0,100}?to=\S{1,100})?)"
)


def is_residue(text: str) -> bool:
    """True for a text with what is left of channel headers; cut off inside the reasoning too."""
    if _FINAL in text:
        return _LEAD.match(text) is not None
    return _GLUED.match(text) is not None


def split_residue(text: str) -> Split:
    """Tell reasoning and answer apart; call only where ``is_residue``."""
    lead = _LEAD.match(text)
    blocks: list[str] = []
    notes = Notes()
    notes.warn("channel_residue", "the special tokens of the channels are missing")
    kind, begin = "analysis", lead.end() if lead else 0
    for mark in _NEXT.finditer(text, begin):
        body = text[begin : mark.start()].strip()
        if kind == "analysis" and body:
            blocks.append(body)
        elif kind == "commentary" and body:
            notes.warn("text_between_blocks", "visible text stands between two reasoning blocks")
        kind, begin = str(mark.lastgroup), mark.end()
        if kind == "to":
            notes.warn("tool_call_in_text", "a tool call in the text is no answer")
        if kind == "final":
            break
    body = text[begin:].strip()
    if kind == "analysis":
        notes.warn("missing_closer", "the reasoning is never closed")
        blocks += [body] if body else []
    answer = body or None if kind in ("final", "commentary") else None
    truncated, method = kind == "analysis", SplitMethod.CHANNEL
    return Split(tuple(blocks), answer, truncated, method, notes.warnings(), "harmony")
