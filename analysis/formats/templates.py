"""Texts rendered by a chat template, turned back into turns."""

from __future__ import annotations

import re

from analysis.formats.markers import TAIL, TAIL_CHARS

_TURN = re.compile(
    r"<\|im_start\|>(?P<im>system|user|assistant|tool)\n"
    r"|<\|start_header_id\|>(?P<llama>system|user|assistant|ipython)<\|end_header_id\|>"
    r"|<｜(?P<deepseek>User|Assistant)｜>"
    r"|<start_of_turn>(?P<gemma>user|model)\n"
    r"|<\|(?P<plain>system|user|assistant)\|>"
)
_START = re.compile(r"(?:\s|<｜begin▁of▁sentence｜>|<\|begin_of_text\|>|<bos>|<s>)*+")


def rendered_turns(text: str) -> list[dict[str, str]] | None:
    """The turns of a rendered conversation; None for a text without both sides of one."""
    marks = list(_TURN.finditer(text))
    roles = [str(mark[str(mark.lastgroup)]).lower() for mark in marks]
    if "user" not in roles or not {"assistant", "model"} & set(roles):
        return None
    turns = []
    start = _START.match(text)
    before = text[start.end() if start else 0 : marks[0].start()].strip()
    if before:
        turns.append({"role": "system", "content": before})
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for role, mark, end in zip(roles, marks, ends, strict=True):
        body = text[mark.end() : end]
        tail = TAIL.search(body, max(0, len(body) - TAIL_CHARS))
        turns.append({"role": role, "content": body[: tail.start() if tail else None].strip()})
    return turns
