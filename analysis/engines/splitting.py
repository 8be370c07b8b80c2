"""A text that streams in, told apart into thinking and answer as it comes.

For watching. What is stored is told apart once it is whole, by the rules of the importer
(``formats.split``), which also know what can only be seen from the end.
"""

from __future__ import annotations

from collections.abc import Iterator

from analysis.engines.protocol import Content, Marks, Reasoning

COMMON_MARKS = (
    Marks("<think>", "</think>"),
    Marks("[THINK]", "[/THINK]"),
    Marks("<|begin_of_thought|>", "<|end_of_thought|>"),
    Marks("<|channel|>analysis<|message|>", "<|start|>assistant<|channel|>final<|message|>"),
    Marks("<|im_start|>think", "<|im_start|>answer"),
    Marks("<seed:think>", "</seed:think>"),
    Marks("<thinking>", "</thinking>"),
    Marks("<reasoning>", "</reasoning>"),
    Marks("<thought>", "</thought>"),
    Marks("◁think▷", "◁/think▷"),
    Marks("<|START_THINKING|>", "<|END_THINKING|>"),
)
"""What a text may begin with where nobody said which marks the model uses."""


class ThinkSplitter:
    """Feed it pieces; it gives ``Reasoning`` and ``Content`` without the marks, nothing lost.

    Only a mark at the very start (behind white space) opens thinking, and the first closing mark
    ends it. A piece that may be the start of a mark waits for what follows.
    """

    def __init__(
        self, marks: Marks | None = None, *, sample: int = 0, opened: bool = False
    ) -> None:
        """``marks`` None tries the common ones; ``opened``: the prompt has opened the thinking."""
        self._choices = COMMON_MARKS if marks is None else (marks,)
        self._marks = self._choices[0]
        self._sample = sample
        self._state = "thinking" if opened or (marks and marks.prefilled) else "start"
        self._prefilled = self._state == "thinking"
        self._held = ""

    @property
    def thinking(self) -> bool:
        """Whether the next piece would be thinking."""
        return self._state == "thinking"

    def feed(self, text: str) -> Iterator[Reasoning | Content]:
        """What a piece of text gives."""
        if not text:
            return
        if self._state == "answer":
            yield Content(text, self._sample)
            return
        self._held += text
        if self._state == "start":
            self._begin()
        if self._state == "thinking":
            yield from self._think()
        elif self._state == "answer" and self._held:
            held, self._held = self._held, ""
            yield Content(held, self._sample)

    def end(self) -> Iterator[Reasoning | Content]:
        """What was held back for a mark that never came whole."""
        held, self._held = self._held, ""
        if held:
            yield (Reasoning if self._state == "thinking" else Content)(held, self._sample)

    def _begin(self) -> None:
        lead = self._held.lstrip()
        for marks in self._choices:
            if lead.startswith(marks.open):
                self._marks, self._state = marks, "thinking"
                self._held = lead[len(marks.open) :]
                return
        if all(not marks.open.startswith(lead) for marks in self._choices):
            self._state = "answer"

    def _think(self) -> Iterator[Reasoning | Content]:
        if self._prefilled:  # some servers repeat the mark that the template has written
            lead = self._held.lstrip()
            if self._marks.open.startswith(lead[: len(self._marks.open)]):
                if len(lead) < len(self._marks.open):
                    return
                self._held = lead[len(self._marks.open) :]
            self._prefilled = False
        close = self._marks.close
        at = self._held.find(close)
        if at < 0:
            keep = _overlap(self._held, close)
            out, self._held = (
                self._held[: len(self._held) - keep],
                self._held[-keep:] if keep else "",
            )
            if out:
                yield Reasoning(out, self._sample)
            return
        before, after = self._held[:at], self._held[at + len(close) :]
        self._state, self._held = "answer", ""
        if before:
            yield Reasoning(before, self._sample)
        if after:
            yield Content(after, self._sample)


def _overlap(text: str, mark: str) -> int:
    """How many characters at the end of ``text`` may be the start of ``mark``."""
    for size in range(min(len(text), len(mark) - 1), 0, -1):
        if mark.startswith(text[-size:]):
            return size
    return 0
