"""Reasoning and answer told apart by marks in the text.

The rules (``docs/formats.md``, 'Tags'): only leading blocks are reasoning; marks quoted in code or
quotation marks are text; a missing opening mark means that the chat template wrote it; a missing
closing mark means that generation was cut off, unless an answer or a tool call begins.
All of it runs in time linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from analysis.formats.markers import (
    ANSWER,
    HEADING,
    LEAD,
    REASONING,
    TAIL,
    TAIL_CHARS,
    TOOL_STARTS,
    Pair,
    alternation,
)
from analysis.model import SplitMethod, Warning_

_QUOTES = "\"'“”‘’«»"
_LINE_REACH = 1000
"""How far around a mark its line is looked at, in characters; keeps hostile text linear."""
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[`~]*[ \t]*(?P<info>[^\s`~]?)", re.MULTILINE)
_MARKS = [(i, p) for i, p in enumerate(REASONING) if not p.prose]
_LEAD_OPEN = re.compile(alternation((f"p{i}", p.open) for i, p in enumerate(REASONING)), re.I)
_OPEN = re.compile(alternation((f"p{i}", p.open) for i, p in _MARKS), re.I)
_ANY = re.compile(
    alternation([(f"{k}{i}", e) for i, p in _MARKS for k, e in (("o", p.open), ("c", p.close))]),
    re.I,
)
_BOTH = [re.compile(alternation((("o", p.open), ("c", p.close))), re.I) for p in REASONING]
_ANSWER_OPEN = re.compile(alternation((f"p{i}", p.open) for i, p in enumerate(ANSWER)), re.I)
_ANSWER_CLOSE = [re.compile(p.close, re.I) for p in ANSWER]


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
    """Which row of ``markers.REASONING`` fitted."""

    @property
    def reasoning(self) -> str | None:
        """The blocks joined by a blank line; None when there is none."""
        return "\n\n".join(self.reasoning_blocks) or None


def split_tagged(text: str, *, prefilled: bool | None = None) -> Split:
    """Tell reasoning and answer apart by the marks in ``text``.

    ``prefilled``: the reasoning was opened before this text begins (the prompt ends with
    ``<think>``), so without a closing mark all of it is reasoning that was cut off.
    Without any mark the whole text is the answer.
    """
    start = _end(LEAD.match(text))
    lead = _LEAD_OPEN.match(text, start)
    found = lead or _first_mark(text, start)
    if found is None:
        return _unmarked(text, prefilled)
    return _Splitter(text, _index(found), start).split(led=bool(lead))


def split_heading(text: str) -> Split | None:
    """Split at the last '**Final Answer**' heading; None where there is none with text around."""
    headings = [m for m in HEADING.finditer(text) if _starts_line(text, m.start())]
    if not headings:
        return None
    last = headings[-1]
    reasoning, answer = text[: last.start()].strip(), _clean_end(text[last.end() :])
    if not reasoning or not answer:
        return None
    return Split((reasoning,), answer, method=SplitMethod.HEADING)


def opens_reasoning(prompt: str | None) -> bool:
    """True for a prompt that ends with an opening mark, as rendered chat templates do."""
    if not prompt:
        return False
    tail = prompt[-100:]
    return any(not tail[m.end() :].strip() for m in _OPEN.finditer(tail))


def has_marks(text: str) -> bool:
    """True if ``split_tagged`` finds reasoning marks in this text."""
    start = _end(LEAD.match(text))
    return _LEAD_OPEN.match(text, start) is not None or _first_mark(text, start) is not None


def _unmarked(text: str, prefilled: bool | None) -> Split:
    tool = _tool_start(text, 0) if prefilled else -1
    if prefilled and (body := _clean_end(text[:tool] if tool >= 0 else text)):
        warning = Warning_("missing_closer", "the reasoning that the prompt opens is never closed")
        return Split((body,), None, tool < 0, SplitMethod.TAG, (warning,))
    wrapper = _ANSWER_OPEN.match(text, _end(LEAD.match(text)))
    if wrapper is None and _clean_end(text) == text.strip():
        return Split(answer=text.strip() or None)
    answer, warnings = _answer(text, 0)
    return Split(answer=answer, warnings=tuple(warnings))


def _first_mark(text: str, start: int) -> re.Match[str] | None:
    """The first mark that can delimit reasoning: a closer, or an opener on a new line, unquoted."""
    code = _Code(text)
    for mark in _ANY.finditer(text, start):
        opens = str(mark.lastgroup).startswith("o")
        if opens and not _starts_line(text, mark.start()):
            continue
        if not code.quotes(mark, _index(mark)):
            return mark
    return None


def _index(match: re.Match[str]) -> int:
    return int(str(match.lastgroup)[1:])


def _end(match: re.Match[str] | None) -> int:
    return match.end() if match else 0


def _starts_line(text: str, at: int) -> bool:
    reach = max(0, at - _LINE_REACH)
    return not text[max(text.rfind("\n", reach, at), reach) : at].strip()


def _ends_line(text: str, at: int) -> bool:
    stop = text.find("\n", at, at + _LINE_REACH)
    return not text[at : stop if stop >= 0 else at + _LINE_REACH].strip()


def _own_line(text: str, mark: re.Match[str]) -> bool:
    return _starts_line(text, mark.start()) and _ends_line(text, mark.end())


class _Code:
    """Which parts of a text are code fences, inline code or quoted."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._fences: list[int] | None = None

    def quotes(self, mark: re.Match[str], index: int) -> bool:
        """True if a mark is quoted, so that it says something about marks and is none."""
        return REASONING[index].spoken and (self._fenced(mark.start()) or self._inline(mark))

    def _fenced(self, at: int) -> bool:
        if self._fences is None:
            self._fences = self._find_fences()
        return bisect_right(self._fences, at) % 2 == 1

    def _find_fences(self) -> list[int]:
        """Starts and ends of closed fences; a fence that another one follows was never closed."""
        found: list[int] = []
        opened = -1
        for mark in _FENCE.finditer(self._text):
            if opened >= 0 and not mark["info"]:
                found += (opened, mark.start())
                opened = -1
            else:
                opened = mark.start()
        return found

    def _inline(self, mark: re.Match[str]) -> bool:
        text, start, end = self._text, mark.start(), mark.end()
        before, after = text[max(start - 2, 0) : start], text[end : end + 1]
        if before[-1:] == "\\" or (before[-1:] == "`" and after == "`"):
            return True
        if before and before[-1] in _QUOTES and after and after in _QUOTES:
            return len(before) == 1 or before[0].isspace() or before[0] in "([{"
        line = text.rfind("\n", max(0, start - _LINE_REACH), start)
        if text.count("`", line if line >= 0 else max(0, start - _LINE_REACH), start) % 2 == 0:
            return False
        stop = text.find("\n", end, end + _LINE_REACH)
        return text.find("`", end, stop if stop >= 0 else end + _LINE_REACH) >= 0


class _Splitter:
    """Walks the marks of one family through one text."""

    def __init__(self, text: str, family: int, start: int) -> None:
        self.text, self.start = text, start
        self.pair: Pair = REASONING[family]
        self.warnings: dict[str, str] = {}
        self.blocks: list[str] = []
        code = _Code(text)
        marks = list(_BOTH[family].finditer(text, start))
        self.marks = [m for m in marks if not code.quotes(m, family)]
        if not any(m["c"] for m in self.marks):
            # An unclosed code fence in the reasoning must not hide the only closing mark.
            plain = set(self.marks)
            self.marks = [m for m in marks if m in plain or (m["c"] and _own_line(text, m))]

    def split(self, *, led: bool) -> Split:
        """All leading blocks, then the answer. ``led``: the text begins with an opening mark."""
        marks, at = self.marks, self.start
        i = 0
        if led or (marks[0]["o"] and _starts_line(self.text, marks[0].start())):
            if not led:
                self._warn("text_before_reasoning", "visible text stands before the reasoning")
            i = self._skip_openers(0)
            at = marks[i - 1].end()
        elif self._only_mentions():
            return _unmarked(self.text, None)
        else:
            self._warn("missing_opener", "the reasoning has no opening mark: the template wrote it")
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
        answer, warnings = _answer(self.text, at)
        for warning in warnings:
            self._warn(warning.code, warning.detail)
        return self._result(answer or self._rescued_answer(), truncated=False)

    def _only_mentions(self) -> bool:
        """True for prose that names the marks ('use <think>...</think> here') and uses none."""
        openers = sum(1 for m in self.marks if m["o"])
        closers = [m for m in self.marks if m["c"]]
        if not self.marks[0]["o"] or openers < len(closers):
            return False
        return not any(_ends_line(self.text, m.end()) for m in closers)

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
                self._warn("nested_marks", "marks inside the reasoning are kept as text")
        if last is None:
            return i, at, False
        return last + 1, self.marks[last].start(), True  # more openers than closers

    def _unclosed(self, at: int) -> Split:
        text = self.text
        wrappers = _ANSWER_OPEN.finditer(text, at)
        wrapper = next((m for m in wrappers if _starts_line(text, m.start())), None)
        tool = _tool_start(text, at)
        if wrapper and not 0 <= tool < wrapper.start():
            self._keep(text[at : wrapper.start()])
            self._warn("missing_closer", "the answer begins before the reasoning is closed")
            answer, _ = _answer(text, wrapper.start())
            return self._result(answer, truncated=False)
        self._keep(text[at:tool] if tool >= 0 else text[at:])
        self._warn("missing_closer", "the reasoning is never closed")
        return self._result(None, truncated=tool < 0)

    def _skip_openers(self, i: int) -> int:
        """Behind mark ``i`` and the openers that follow it with only white space between."""
        first = i
        while i + 1 < len(self.marks) and self.marks[i + 1]["o"]:
            if self.text[self.marks[i].end() : self.marks[i + 1].start()].strip():
                break
            i += 1
        if i > first:
            self._warn("repeated_opener", "the opening mark is repeated")
        return i + 1

    def _skip_closers(self, i: int, at: int) -> tuple[int, int]:
        while (
            i < len(self.marks)
            and self.marks[i]["c"]
            and not self.text[at : self.marks[i].start()].strip()
        ):
            self._warn("repeated_closer", "the closing mark is repeated")
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
            self._warn("extra_closer", "the reasoning is closed more than once")
            if _ANSWER_OPEN.match(self.text, _end(LEAD.match(self.text, mark.end()))):
                return i
            return None
        if between:
            closed = any(m["c"] for m in self.marks[i + 1 :])
            wrapped = _ANSWER_OPEN.match(self.text, _end(LEAD.match(self.text, at)))
            if wrapped or not closed or not _starts_line(self.text, mark.start()):
                return None
            self._warn("text_between_blocks", "visible text stands between two reasoning blocks")
        return self._skip_openers(i)

    def _rescued_answer(self) -> str | None:
        """The marked answer that stands at the end of the last block, taken out of it."""
        if not self.blocks:
            return None
        openers = list(_ANSWER_OPEN.finditer(self.blocks[-1]))
        if not openers or not _ANSWER_CLOSE[_index(openers[-1])].search(
            self.blocks[-1][-40:].rstrip()
        ):
            return None
        block, at = self.blocks.pop(), openers[-1].start()
        self._keep(block[:at])
        self._warn("answer_inside_reasoning", "the marked answer stands inside the reasoning")
        return _answer(block, at)[0]

    def _keep(self, block: str) -> None:
        if block := _clean_end(block):
            self.blocks.append(block)

    def _warn(self, code: str, detail: str) -> None:
        self.warnings.setdefault(code, detail)

    def _result(self, answer: str | None, *, truncated: bool) -> Split:
        notes = tuple(Warning_(code, detail) for code, detail in self.warnings.items())
        method = SplitMethod.PROSE_MARKER if self.pair.prose else SplitMethod.TAG
        return Split(tuple(self.blocks), answer, truncated, method, notes, self.pair.name)


def _answer(text: str, at: int) -> tuple[str | None, list[Warning_]]:
    """The visible text from ``at`` without wrapper, template rest and tool calls."""
    warnings: list[Warning_] = []
    body = text[at:]
    wrapper = _ANSWER_OPEN.match(body, _end(LEAD.match(body)))
    if wrapper:
        body = body[wrapper.end() :]
        closers = list(_ANSWER_CLOSE[_index(wrapper)].finditer(body))
        if closers:
            if _clean_end(body[closers[-1].end() :]):
                detail = "visible text stands after the marked answer"
                warnings.append(Warning_("text_after_answer", detail))
            body = body[: closers[-1].start()]
    tool = _tool_start(body, 0)
    if tool >= 0:
        body = body[:tool]
        warnings.append(Warning_("tool_call_in_text", "a tool call in the text is no answer"))
    return _clean_end(body[_end(LEAD.match(body)) :]) or None, warnings


def _tool_start(text: str, at: int) -> int:
    """Where the first tool call at the start of a line begins; -1 where there is none."""
    starts = []
    for mark in TOOL_STARTS:
        found = text.find(mark, at)
        while found >= 0 and not _starts_line(text, found):
            found = text.find(mark, found + len(mark))
        if found >= 0:
            starts.append(found)
    return min(starts, default=-1)


def _tail(text: str) -> str:
    match = TAIL.search(text, max(0, len(text) - TAIL_CHARS))
    return match.group() if match else ""


def _clean_end(text: str) -> str:
    return text[: len(text) - len(_tail(text))].strip()
