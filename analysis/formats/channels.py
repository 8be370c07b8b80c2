"""Raw texts of models that write messages in channels: gpt-oss (Harmony), Muse, Inkling, Kimi K3.

Each protocol is data: the marks that open and end a message, and what a message is. The text
between two marks belongs to the message that the first of them opened. Sources: the Harmony guide
(openai/harmony, docs/format.md) and the reasoning parsers of vLLM and SGLang.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from analysis.formats.tags import Notes, Split, begins_marked
from analysis.formats.visible import clean_end, template_end
from analysis.model import SplitMethod


class Part(Enum):
    """What a message of a conversation is."""

    SYSTEM = "system"
    QUESTION = "question"
    REASONING = "reasoning"
    ANSWER = "answer"
    PREAMBLE = "preamble"
    TOOL = "tool"
    GAP = "gap"
    """Between messages: nothing stands there, or what a template left."""


@dataclass(frozen=True, slots=True)
class _Protocol:
    name: str
    probes: tuple[str, ...]
    """Literals of which one stands in every text of the protocol."""
    marks: re.Pattern[str]
    opens: Callable[[re.Match[str], Part], Part]
    """What stands behind a mark, given what stood before it."""
    implied: Callable[[re.Match[str]], Part]
    """What a text begins with whose first mark is this one and stands behind other text."""


def _by_role(role: str) -> Part | None:
    """What a message of somebody other than the model is; None for the model's own."""
    name = role.split()[0].lower() if role.split() else "assistant"
    if name in ("assistant", "model"):
        return None
    return {"user": Part.QUESTION, "system": Part.SYSTEM, "developer": Part.SYSTEM}.get(
        name, Part.TOOL
    )


_HARMONY_MARKS = re.compile(
    r"<\|(?:start\|>(?P<role>[^<]{0,200})(?:<\|channel\|>(?P<channel>\w{1,40})(?P<to>[^<]{0,200}))?"
    r"(?:<\|constrain\|>[^<]{0,50})?<\|message\|>"
    r"|channel\|>(?P<bare>\w{1,40})(?P<bare_to>[^<]{0,200})(?:<\|constrain\|>[^<]{0,50})?<\|message\|>"
    r"|(?P<end>end|return|call|start)\|>)"
)


def _harmony(mark: re.Match[str], before: Part) -> Part:
    if mark["end"]:
        return Part.GAP
    role = mark["role"] or ""
    if (other := _by_role(role)) is not None:
        return other
    channel = mark["channel"] or mark["bare"]
    if "to=" in f"{role}{mark['to'] or ''}{mark['bare_to'] or ''}":
        return Part.TOOL
    known = {"analysis": Part.REASONING, "final": Part.ANSWER, "commentary": Part.PREAMBLE}
    return known.get(channel or "final", Part.PREAMBLE)


_MUSE_MARKS = re.compile(
    r"(?:<\|start\|>(?P<role>[^<]{0,200})<\|message\|>|to=(?P<to>[\w.:-]{1,100})<\|message\|>"
    r"|<\|(?P<end>eom|eot|start|end_of_text)\|>)"
)


def _muse(mark: re.Match[str], before: Part) -> Part:
    if mark["end"]:
        return Part.GAP
    role = mark["role"] or ""
    if (other := _by_role(role)) is not None:
        return other
    to = mark["to"] or role.partition("to=")[2].strip() or "user"
    return {"self": Part.REASONING, "user": Part.ANSWER}.get(to, Part.TOOL)


_INKLING_MARKS = re.compile(
    r"<\|(?:(?:message_(?P<role>\w{1,20})\|>[^<]{0,200}<\|)?content_(?P<content>thinking|text|invoke\w{0,30})"
    r"|(?P<end>end_message|content_model_end_sampling|message_\w{1,20}))\|>"
)


def _inkling(mark: re.Match[str], before: Part) -> Part:
    if mark["end"]:
        return Part.GAP
    if (other := _by_role(mark["role"] or "")) is not None:
        return other
    known = {"thinking": Part.REASONING, "text": Part.ANSWER}
    return known.get(mark["content"], Part.TOOL)


_KIMI_MARKS = re.compile(
    r"<\|(?:open\|>(?P<tag>\w{1,40})(?P<more>[^<]{0,300})<\|sep\|>"
    r"|close\|>(?P<end>\w{1,40})<\|sep\|>|(?P<done>end_of_msg)\|>)"
)
_KIMI_ROLE = re.compile(r'role="(\w{1,20})"')


def _kimi(mark: re.Match[str], before: Part) -> Part:
    tag = mark["tag"]
    if tag is None:
        inside = before is Part.TOOL and mark["end"] not in ("tools", "message", None)
        return Part.TOOL if inside else Part.GAP
    if tag == "message":
        role = _KIMI_ROLE.search(mark["more"])
        return (_by_role(role[1]) if role else None) or Part.GAP
    known = {"think": Part.REASONING, "response": Part.ANSWER}
    return known.get(tag, Part.TOOL)


def _kimi_implied(mark: re.Match[str]) -> Part:
    return {"think": Part.REASONING, "response": Part.ANSWER}.get(mark["end"] or "", Part.PREAMBLE)


def _ended(*words: str) -> Callable[[re.Match[str]], Part]:
    """Reasoning that the prompt opened ends with one of these; else it is a visible text."""

    def implied(mark: re.Match[str]) -> Part:
        return Part.REASONING if mark["end"] in words else Part.PREAMBLE

    return implied


_PROTOCOLS = (
    _Protocol(
        "muse", ("to=self<|message|>", "to=user<|message|>"), _MUSE_MARKS, _muse, _ended("eom")
    ),
    _Protocol(
        "harmony",
        ("<|channel|>", "<|start|>user<|message|>", "<|start|>system<|message|>"),
        _HARMONY_MARKS,
        _harmony,
        _ended("end"),
    ),
    _Protocol(
        "inkling",
        ("<|content_thinking|>", "<|content_text|>"),
        _INKLING_MARKS,
        _inkling,
        _ended("end_message"),
    ),
    _Protocol(
        "kimi_k3",
        ("|>think<|sep|>", "|>response<|sep|>"),
        _KIMI_MARKS,
        _kimi,
        _kimi_implied,
    ),
)


def protocol_of(text: str) -> str | None:
    """The name of the protocol that a text is written in; None for any other text."""
    found = _protocol(text)
    return found.name if found else None


@lru_cache(maxsize=4)
def _protocol(text: str) -> _Protocol | None:
    if "<|" not in text:
        return None
    for protocol in _PROTOCOLS:
        if any(probe in text for probe in protocol.probes):
            mark = protocol.marks.search(text)
            quoted = mark is not None and text[: mark.start()].endswith(("`", '"', "'"))
            return None if mark is None or quoted or begins_marked(text) else protocol
    return None


class _Reply:
    """The parts of one response, in order."""

    def __init__(self) -> None:
        self.reasoning: list[str] = []
        self.answer: list[str] = []
        self.preamble: list[str] = []
        self.notes = Notes()

    def add(self, part: Part, body: str) -> None:
        """Take the next part. Visible text counts only behind the last reasoning or tool call."""
        if part is Part.TOOL:
            self.notes.warn("tool_call_in_text", "a tool call in the text is no answer")
        if part in (Part.REASONING, Part.TOOL) and (self.answer or self.preamble):
            detail = "visible text stands between two reasoning blocks"
            self.notes.warn("text_between_blocks", detail)
            self.answer, self.preamble = [], []
        if not body:
            return
        if part is Part.REASONING:
            self.reasoning.append(body)
        elif part is Part.ANSWER:
            self.answer.append(body)
        elif part is Part.PREAMBLE:
            self.preamble.append(body)

    def split(self, *, truncated: bool, family: str) -> Split:
        """The parts as reasoning and answer."""
        if truncated:
            self.notes.warn("missing_closer", "the reasoning is never closed")
        if self.answer and self.preamble:
            self.notes.warn("text_between_blocks", "a preamble stands before the answer")
        visible = "\n\n".join(self.answer or self.preamble) or None
        return Split(
            tuple(self.reasoning),
            None if truncated else visible,
            truncated,
            SplitMethod.CHANNEL,
            self.notes.warnings(),
            family,
        )


def split_channels(text: str) -> Split:
    """Tell reasoning and answer apart by channel; call only where ``protocol_of`` names one.

    The response is what the model wrote after the last user message.
    """
    protocol = _protocol(text)
    if protocol is None:
        return Split(answer=text.strip() or None)
    reply, truncated, opened = _Reply(), False, protocol.marks.match(text.lstrip()) is not None
    for part, body, closed in _parts(protocol, text):
        if part is Part.QUESTION:
            reply, opened = _Reply(), True
        elif part is Part.REASONING and body and not opened:
            reply.notes.warn("missing_opener", "the reasoning has no opening mark")
        reply.add(part, body)
        truncated, opened = part is Part.REASONING and not closed, True
    return reply.split(truncated=truncated, family=protocol.name)


def channel_turns(text: str) -> list[dict[str, str]] | None:
    """The turns of a rendered conversation; None where no user speaks in it.

    The model's turn is what follows the last user message, with its marks.
    """
    protocol = _protocol(text)
    if protocol is None:
        return None
    turns: list[dict[str, str]] = []
    asked, part, begin = -1, Part.GAP, 0
    for mark in protocol.marks.finditer(text):
        body = text[begin : mark.start()].strip()
        if part is Part.QUESTION:
            turns.append({"role": "user", "content": body})
            asked = mark.start() if _is_opening(mark) else mark.end()
        elif part is Part.SYSTEM and body:
            turns.append({"role": "system", "content": body})
        part, begin = protocol.opens(mark, part), mark.end()
    if asked < 0 or not text[asked:].strip():
        return None
    return [*turns, {"role": "assistant", "content": text[asked:].strip()}]


def _is_opening(mark: re.Match[str]) -> bool:
    return not any(mark.groupdict().get(name) for name in ("end", "done"))


def _parts(protocol: _Protocol, text: str) -> Iterator[tuple[Part, str, bool]]:
    """(what it is, its text, whether it is ended) of every part; gaps that hold text are visible."""
    part, begin = Part.GAP, template_end(text)
    for count, mark in enumerate(protocol.marks.finditer(text)):
        body = clean_end(text[begin : mark.start()])
        if count == 0 and body:
            part = protocol.implied(mark)
        if part is not Part.GAP:
            yield part, body, True
        elif body and body not in ("assistant", "model"):
            yield Part.PREAMBLE, body, True
        part, begin = protocol.opens(mark, part), mark.end()
    body = clean_end(text[begin:])
    if part is not Part.GAP:
        yield part, body, False
    elif body and body not in ("assistant", "model"):
        yield Part.ANSWER, body, True
