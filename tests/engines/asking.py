"""Asking an engine and gathering what comes."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from analysis.engines.presets import preset_of
from analysis.engines.protocol import (
    Content,
    Done,
    Engine,
    Message,
    Reasoning,
    Request,
    Sampling,
    Token,
    Usage,
)

SUMS = {
    "What is 68+57?": "125",
    "What is 12+34?": "46",
    "Compute 45 + 29.": "74",
    "Calculate 51+26.": "77",
}
GREEDY = Sampling(temperature=0.0, max_tokens=400)
"""The tiny reasoner has ended by then, or never does."""


def usual() -> Sampling:
    """How the model of the tests is asked: the tiny reasoner greedily, another as its authors advise.

    Greedy, some of them repeat themselves without end.
    """
    model = os.environ.get("COTSCOPE_TEST_MODEL")
    return replace(preset_of(model).sampling, max_tokens=4096) if model else GREEDY


USUAL = usual()


def request(question: str = "What is 68+57?", **more: Any) -> Request:
    sampling = more.pop("sampling", USUAL)
    effort = more.pop("effort", "medium")
    return Request(
        messages=(Message("user", question),), effort=effort, sampling=sampling, seed=7, **more
    )


class Asked:
    """Everything that a request gave, by sample."""

    def __init__(self, engine: Engine, asked: Request) -> None:
        self.events = list(engine.stream(asked))

    def text(self, kind: type, sample: int = 0) -> str:
        return "".join(e.text for e in self.events if isinstance(e, kind) and e.sample == sample)

    @property
    def thinking(self) -> str:
        return self.text(Reasoning)

    @property
    def answer(self) -> str:
        return self.text(Content)

    @property
    def done(self) -> list[Done]:
        return [e for e in self.events if isinstance(e, Done)]

    @property
    def tokens(self) -> list[Token]:
        return [e for e in self.events if isinstance(e, Token)]

    @property
    def usage(self) -> Usage:
        """What all that was told of usage says together."""
        found = Usage()
        for event in self.events:
            if isinstance(event, Usage):
                names = ("prompt", "completion", "reasoning", "cached")
                told = {n: v for n in names if (v := getattr(event, n)) is not None}
                found = replace(found, **told)
        return found
