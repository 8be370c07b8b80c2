"""Reasoning and answer told apart by marks in the text.

The rules (``docs/formats.md``, 'Tags'): only leading blocks are reasoning; marks quoted in code or
quotation marks are text; a missing opening mark means that the chat template wrote it; a missing
closing mark means that generation was cut off, unless an answer or a tool call begins.
All of it runs in time linear in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from analysis.formats.markers import HEADING, REASONING, Pair, alternation
from analysis.formats.quoting import Quoting, ends_line, own_line, starts_line, unquoted
from analysis.formats.visible import (
    ANSWER_OPEN,
    answer_of,
    clean_end,
    template_end,
    tool_start,
    wrapped_at_end,
)
from analysis.model import SplitMethod, Warning_

_MARKS = [(i, p) for i, p in enumerate(REASONING) if not p.leads]
_LEAD_OPEN = re.compile(alternation((f"p{i}", p.open) for i, p in enumerate(REASONING)), re.I)
_OPEN = re.compile(alternation((f"p{i}", p.open) for i, p in _MARKS), re.I)
_CLOSE = re.compile(alternation((f"p{i}", p.close) for i, p in _MARKS), re.I)
_ANY = re.compile(
    alternation([(f"{k}{i}", e) for i, p in _MARKS for k, e in (("o", p.open), ("c", p.close))]),
    re.I,
)
_BOTH = [re.compile(alternation((("o", p.open), ("c", p.close))), re.I) for p in REASONING]
_MARK_CHARS = ("<", "[", "◁", "&lt;")
"""Every mark that counts anywhere in a text begins with one of these."""
_PROMPT_TAIL = 100


@dataclass(frozen=True, slots=True)
class Split:
    """A text told apart. The blocks and the answer are stripped of white space."""

    reasoning_blocks: tuple[str, ...] = ()
    answer: str | None = None
    truncated: bool = False
    """Generation ended inside the reasoning; then there is no answer."""
    method: SplitMethod = SplitMethod.NONE
    warnings: tuple[Warning_, ...] = ()
    family: str | None = None
    """Which row of ``markers.REASONING`` or which protocol of ``channels`` fitted."""
    effort: str | None = None
    """The effort that the marks themselves tell."""

    @property
    def reasoning(self) -> str | None:
        """The blocks joined by a blank line; None when there is none."""
        return "\n\n".join(self.reasoning_blocks) or None


class Notes:
    """Repairs of one text, each code once."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}

    def warn(self, code: str, detail: str) -> None:
        """Note a repair; the first detail of a code stays."""
        self._found.setdefault(code, detail)

    def warnings(self) -> tuple[Warning_, ...]:
        """All repairs, in the order in which they were made."""
        return tuple(Warning_(code, detail) for code, detail in self._found.items())


def split_tagged(text: str, *, prefilled: bool | None = None) -> Split:
    """Tell reasoning and answer apart by the marks in ``text``.

    ``prefilled``: the reasoning was opened before this text begins (the prompt ends with
    ``<think>``), so without a closing mark all of it is reasoning that was cut off.
    Without any mark the whole text is the answer.
    """
    start = template_end(text)
    lead = _lead(text, start)
    found = lead or _first_mark(text, start)
    if found is None:
        return _unmarked(text, prefilled)
    return _Splitter(text, _index(found), start).split(led=bool(lead), prefilled=prefilled)


def split_heading(text: str) -> Split | None:
    """Split at the last '**Final Answer**' heading; None where there is none with text around."""
    headings = [m for m in HEADING.finditer(text) if starts_line(text, m.start())]
    if not headings:
        return None
    last = headings[-1]
    reasoning, answer = text[: last.start()].strip(), clean_end(text[last.end() :])
    if not reasoning or not answer:
        return None
    return Split((reasoning,), answer, method=SplitMethod.HEADING)


def opens_reasoning(prompt: str | None) -> bool:
    """True for a prompt that ends with an opening mark, as rendered chat templates do."""
    return _opening(prompt) is not None


def opened_effort(prompt: str | None) -> str | None:
    """The effort that the opening mark at the end of a prompt tells, if it tells one."""
    opening = _opening(prompt)
    return opening.effort if opening else None


def _opening(prompt: str | None) -> Pair | None:
    tail = prompt[-_PROMPT_TAIL:] if prompt else ""
    found = (m for m in _OPEN.finditer(tail) if not tail[m.end() :].strip())
    last = next(found, None)
    return REASONING[_index(last)] if last else None


def has_marks(text: str) -> bool:
    """True if ``split_tagged`` finds reasoning marks in this text."""
    start = template_end(text)
    return _lead(text, start) is not None or _first_mark(text, start) is not None


def begins_marked(text: str) -> bool:
    """True if a text begins with an opening mark."""
    return _lead(text, template_end(text)) is not None


def _lead(text: str, start: int) -> re.Match[str] | None:
    """The opening mark that a text begins with. Tags that a prompt asked for must be closed."""
    found = _LEAD_OPEN.match(text, start)
    if found is None:
        return None
    family = _index(found)
    closed = not REASONING[family].prompted or any(
        m["c"] for m in _BOTH[family].finditer(text, found.end())
    )
    return found if closed else None


def _unmarked(text: str, prefilled: bool | None) -> Split:
    tool = tool_start(text, 0) if prefilled else -1
    if prefilled and (body := clean_end(text[:tool] if tool >= 0 else text)):
        warning = Warning_("missing_closer", "the reasoning that the prompt opens is never closed")
        return Split((body,), None, tool < 0, SplitMethod.TAG, (warning,))
    wrapper = ANSWER_OPEN.match(text, template_end(text))
    if wrapper is None and clean_end(text) == text.strip():
        return Split(answer=text.strip() or None)
    answer, warnings = answer_of(text, 0)
    return Split(answer=answer, warnings=tuple(warnings))


@lru_cache(maxsize=4)
def _first_mark(text: str, start: int) -> re.Match[str] | None:
    """The first mark that can delimit reasoning: a closer, or an opener on a new line, unquoted."""
    if not any(char in text for char in _MARK_CHARS):
        return None
    quoting = Quoting(text)
    for mark in _ANY.finditer(text, start):
        opens = str(mark.lastgroup).startswith("o")
        if opens and not starts_line(text, mark.start()):
            continue
        if not (REASONING[_index(mark)].spoken and quoting.quotes(mark)):
            return mark
    return None


def _index(match: re.Match[str]) -> int:
    return int(str(match.lastgroup)[1:])


class _Splitter:
    """Walks the marks of one family through one text."""

    def __init__(self, text: str, family: int, start: int) -> None:
        self.text, self.start = text, start
        self.pair: Pair = REASONING[family]
        self.notes = Notes()
        self.blocks: list[str] = []
        quoting = Quoting(text)
        marks = list(_BOTH[family].finditer(text, start))
        spoken = self.pair.spoken
        self.marks = [m for m in marks if not (spoken and quoting.quotes(m))]
        if not any(m["c"] for m in self.marks):
            # An unclosed code fence in the reasoning must not hide the only closing mark.
            plain = set(self.marks)
            self.marks = [m for m in marks if m in plain or (m["c"] and own_line(text, m))]

    def split(self, *, led: bool, prefilled: bool | None) -> Split:
        """All leading blocks, then the answer. ``led``: the text begins with an opening mark."""
        marks, at = self.marks, self.start
        i = 0
        if led or (marks[0]["o"] and starts_line(self.text, marks[0].start())):
            if not led:
                self.notes.warn("text_before_reasoning", "visible text stands before the reasoning")
            i = self._skip_openers(0)
            at = marks[i - 1].end()
        elif self._only_mentions():
            return _unmarked(self.text, prefilled)
        else:
            self.notes.warn(
                "missing_opener", "the reasoning has no opening mark: the template wrote it"
            )
        while True:
            i, end, closed = self._block(i, at)
            if not closed:
                return self._unclosed(at)
            self._keep(self.text[at:end])
            at = marks[i - 1].end()
            i, at = self._skip_closers(i, at)
            following = self._next_block(i, at)
            if following is None:
                break
            i, at = following, marks[following - 1].end()
        answer, warnings = answer_of(self.text, at)
        for warning in warnings:
            self.notes.warn(warning.code, warning.detail)
        return self._result(answer or self._rescued_answer(), truncated=False)

    def _only_mentions(self) -> bool:
        """True for prose that names the marks ('use <think>...</think> here') and uses none."""
        openers = sum(1 for m in self.marks if m["o"])
        closers = [m for m in self.marks if m["c"]]
        if not self.marks[0]["o"] or openers < len(closers):
            return False
        return not any(ends_line(self.text, m.end()) for m in closers)

    def _block(self, i: int, at: int) -> tuple[int, int, bool]:
        """From mark ``i`` on, inside a block: (index behind its closer, where it ends, closed)."""
        last, depth = None, 1
        for j in range(i, len(self.marks)):
            mark = self.marks[j]
            if mark["c"]:
                depth -= 1
                last = j
                if depth == 0:
                    return j + 1, mark.start(), True
            else:
                depth += 1
                self.notes.warn("nested_marks", "marks inside the reasoning are kept as text")
        if last is None:
            return i, at, False
        return last + 1, self.marks[last].start(), True  # more openers than closers

    def _unclosed(self, at: int) -> Split:
        text = self.text
        wrappers = ANSWER_OPEN.finditer(text, at)
        wrapper = next((m for m in wrappers if starts_line(text, m.start())), None)
        if wrapper is None and (ends := wrapped_at_end(text[at:])) > 0:
            wrapper = ANSWER_OPEN.match(text, at + ends)
        tool = tool_start(text, at)
        if (other := self._other_closer(at)) is not None:
            self._keep(text[at : other.start()])
            self.notes.warn(
                "other_closer", "the closing mark is not of the same kind as the opening one"
            )
            answer, _ = answer_of(text, other.end())
            return self._result(answer, truncated=False)
        if wrapper and not 0 <= tool < wrapper.start():
            self._keep(text[at : wrapper.start()])
            self.notes.warn("missing_closer", "the answer begins before the reasoning is closed")
            answer, _ = answer_of(text, wrapper.start())
            return self._result(answer, truncated=False)
        self._keep(text[at:tool] if tool >= 0 else text[at:])
        self.notes.warn("missing_closer", "the reasoning is never closed")
        return self._result(None, truncated=tool < 0)

    def _other_closer(self, at: int) -> re.Match[str] | None:
        """A closing mark of another family on a line of its own, where none of ours is."""
        if not self.pair.spoken or self.pair.leads:
            return None
        marks = _CLOSE.finditer(self.text, at)
        return next((m for m in marks if own_line(self.text, m)), None)

    def _skip_openers(self, i: int) -> int:
        """Behind mark ``i`` and the openers that follow it with only white space between."""
        first = i
        while i + 1 < len(self.marks) and self.marks[i + 1]["o"]:
            if self.text[self.marks[i].end() : self.marks[i + 1].start()].strip():
                break
            i += 1
        if i > first:
            self.notes.warn("repeated_opener", "the opening mark is repeated")
        return i + 1

    def _skip_closers(self, i: int, at: int) -> tuple[int, int]:
        while (
            i < len(self.marks)
            and self.marks[i]["c"]
            and not self.text[at : self.marks[i].start()].strip()
        ):
            self.notes.warn("repeated_closer", "the closing mark is repeated")
            at = self.marks[i].end()
            i += 1
        return i, at

    def _next_block(self, i: int, at: int) -> int | None:
        """The first mark inside the next block, if there is one.

        It opens after white space, or on a new line and is closed. A second closer just before a
        marked answer ends the reasoning too.
        """
        if i >= len(self.marks):
            return None
        mark = self.marks[i]
        between = self.text[at : mark.start()].strip()
        if mark["c"]:
            self.notes.warn("extra_closer", "the reasoning is closed more than once")
            if ANSWER_OPEN.match(self.text, template_end(self.text, mark.end())):
                return i
            return None
        if between:
            closed = any(m["c"] for m in self.marks[i + 1 :])
            wrapped = ANSWER_OPEN.match(self.text, template_end(self.text, at))
            if wrapped or not closed or not starts_line(self.text, mark.start()):
                return None
            self.notes.warn(
                "text_between_blocks", "visible text stands between two reasoning blocks"
            )
        return self._skip_openers(i)

    def _rescued_answer(self) -> str | None:
        """The marked answer that stands at the end of the last block, taken out of it."""
        if not self.blocks:
            return None
        at = wrapped_at_end(self.blocks[-1])
        if at < 0:
            return None
        block = self.blocks.pop()
        self._keep(block[:at])
        self.notes.warn("answer_inside_reasoning", "the marked answer stands inside the reasoning")
        return answer_of(block, at)[0]

    def _keep(self, block: str) -> None:
        if self.pair.led:
            block = unquoted(block)
        if block := clean_end(block):
            self.blocks.append(block)

    def _result(self, answer: str | None, *, truncated: bool) -> Split:
        notes = self.notes.warnings()
        method = SplitMethod.PROSE_MARKER if self.pair.prose else SplitMethod.TAG
        family, effort = self.pair.name, self.pair.effort
        return Split(tuple(self.blocks), answer, truncated, method, notes, family, effort)
