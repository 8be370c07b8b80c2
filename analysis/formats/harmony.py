"""OpenAI Harmony (gpt-oss): messages in channels, as raw text.

``analysis`` is reasoning, ``final`` the answer; ``commentary`` is a preamble, or a tool call where
it has a recipient. Source: the Harmony format guide (openai/harmony, docs/format.md).
"""

from __future__ import annotations

import re

from analysis.formats.tags import Split
from analysis.model import SplitMethod, Warning_

_HEADER = re.compile(
    r"(?:<\|start\|>[^<]{0,200})?<\|channel\|>(?P<channel>\w+)(?P<to>[^<]{0,200})"
    r"(?:<\|constrain\|>[^<]{0,50})?<\|message\|>"
)
_END = re.compile(r"<\|(?:end|return|call|start)\|>")
_RESIDUE = "assistantfinal"
_RESIDUE_LEAD = re.compile(r"\s*analysis(?=\S)")


def is_harmony(text: str) -> bool:
    """True for text with channel headers, or with what is left of them without special tokens."""
    if "<|channel|>" in text:
        return _HEADER.search(text) is not None
    return _RESIDUE in text and _RESIDUE_LEAD.match(text) is not None


def split_harmony(text: str) -> Split:
    """Tell reasoning and answer apart by channel; call only where ``is_harmony``."""
    if "<|channel|>" not in text:
        lead = _RESIDUE_LEAD.match(text)
        reasoning, _, rest = text[lead.end() if lead else 0 :].partition(_RESIDUE)
        note = Warning_("channel_residue", "the special tokens of the channels are missing")
        blocks = (reasoning.strip(),) if reasoning.strip() else ()
        return Split(blocks, rest.strip() or None, False, SplitMethod.CHANNEL, (note,), "harmony")
    found: list[str] = []
    final: list[str] = []
    closed, last = True, ""
    for header in _HEADER.finditer(text):
        end = _END.search(text, header.end())
        body = text[header.end() : end.start() if end else len(text)].strip()
        closed, last = end is not None, header["channel"]
        if header["channel"] == "analysis" and body:
            found.append(body)
        elif header["channel"] == "final" and body:
            final.append(body)
    truncated = not closed and last == "analysis"
    answer = None if truncated else "\n\n".join(final) or None
    notes = (Warning_("missing_closer", "the reasoning is never closed"),) if truncated else ()
    return Split(tuple(found), answer, truncated, SplitMethod.CHANNEL, notes, "harmony")
