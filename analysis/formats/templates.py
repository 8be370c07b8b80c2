"""Texts rendered by a chat template, turned back into turns."""

from __future__ import annotations

import re

from analysis.formats.channels import channel_turns, protocol_of
from analysis.formats.markers import TAIL_CHARS
from analysis.formats.visible import clean_end

_TURN = re.compile(
    r"<\|im_start\|>(?P<im>system|user|assistant|tool)(?:<\|im_sep\|>|\n)"
    r"|<\|im_(?:system|user|assistant)\|>(?P<kimi>system|user|assistant)<\|im_middle\|>"
    r"|<\|ifm\|im_start\|>(?P<k2>system|user|assistant|tool)\n"
    r"|<\|start_header_id\|>(?P<llama>system|user|assistant|ipython)<\|end_header_id\|>"
    r"|<｜(?P<deepseek>User|Assistant)｜>"
    r"|<start_of_turn>(?P<gemma>user|model)\n"
    r"|<\|turn>(?P<gemma4>system|user|model)\n"
    r"|<seed:bos>(?P<seed>system|user|assistant|tool)\n"
    r"|<\|START_OF_TURN_TOKEN\|><\|(?P<cohere>SYSTEM|USER|CHATBOT)_TOKEN\|>"
    r"|<\|start_of_role\|>(?P<granite>system|user|assistant)<\|end_of_role\|>"
    r"|<\|(?P<apertus>system|user|assistant)_start\|>"
    r"|<\|(?P<plain>system|user|assistant)\|>"
    r"|\[\|(?P<exaone>system|user|assistant)\|\]"
    r"|\[(?P<mistral>SYSTEM_PROMPT|INST|/INST)\]"
)
_PROBES = ("<|", "<｜", "<start_of_turn>", "<seed:bos>", "[|", "INST]")
"""Literals of which one stands in every rendered text."""
_ANGLED = tuple(probe for probe in _PROBES if probe.startswith("<"))
_FEW = 64
"""So many angle brackets are looked at one by one."""
_START = re.compile(r"(?:\s|<｜begin▁of▁sentence｜>|<\|begin_of_text\|>|<bos>|<s>|<BOS_TOKEN>)*+")
_ENDS = re.compile(r"(?:\s|\[/SYSTEM_PROMPT\]|<\|(?:user|system)_end\|>)*+\Z")
_ROLES = {"inst": "user", "/inst": "assistant", "system_prompt": "system", "chatbot": "assistant"}
_OPENED_CHARS = 200
"""How much may stand behind the last mark of a prompt: an opening mark of reasoning."""


def rendered_turns(text: str) -> list[dict[str, str]] | None:
    """The turns of a rendered conversation; None for a text without both sides of one."""
    if protocol_of(text) is not None:
        return channel_turns(text)
    if not _maybe_rendered(text):
        return None
    marks = list(_TURN.finditer(text))
    found = [str(mark[str(mark.lastgroup)]).lower() for mark in marks]
    roles = [_ROLES.get(role, role) for role in found]
    if "user" not in roles or not {"assistant", "model"} & set(roles):
        return None
    turns = []
    start = _START.match(text)
    before = text[start.end() if start else 0 : marks[0].start()].strip()
    if before:
        turns.append({"role": "system", "content": before})
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for role, mark, end in zip(roles, marks, ends, strict=True):
        body = clean_end(text[mark.end() : end])
        left = _ENDS.search(body, max(0, len(body) - TAIL_CHARS))
        turns.append({"role": role, "content": body[: left.start() if left else None].strip()})
    return turns


_ZERO = re.compile(
    r"(?P<system>\s*A conversation between User and Assistant\b.*?)\bUser:(?P<user>.*)\bAssistant:\s*(?:<think>)?\s*\Z",
    re.DOTALL,
)
"""The prompt of R1-Zero (2501.12948, table 1) and of those who train after it."""


def _maybe_rendered(text: str) -> bool:
    """True if one of the probes stands in the text; most texts are told by a few characters."""
    at = text.find("<")
    for _ in range(_FEW):
        if at < 0:
            return "[" in text and any(probe in text for probe in _PROBES if probe not in _ANGLED)
        if text.startswith(_ANGLED, at):
            return True
        at = text.find("<", at + 1)
    return any(probe in text for probe in _PROBES)


def asked_in(prompt: str) -> tuple[str, str | None] | None:
    """(question, system prompt) of a prompt that a chat template rendered and that ends where the
    reply begins; None for any other text."""
    if (zero := _ZERO.match(prompt)) is not None:
        return zero["user"].strip(), zero["system"].strip()
    if not any(char in prompt for char in "<["):
        return None
    turns = rendered_turns(prompt)
    if not turns or turns[-1]["role"] not in ("assistant", "model"):
        return None
    if len(turns[-1]["content"]) > _OPENED_CHARS:
        return None
    asked = [turn["content"] for turn in turns if turn["role"] == "user"]
    system = [turn["content"] for turn in turns if turn["role"] == "system" and turn["content"]]
    return (asked[-1], "\n\n".join(system) or None) if asked and asked[-1] else None
