"""Budget forcing over token ids: longer thinking by "Wait", shorter by forcing its end.

After s1 (Muennighoff et al., arXiv 2501.19393): when the model wants to stop thinking too early, the
end is suppressed and "Wait" is appended; at the limit the end is forced. Works with every engine
that completes token ids, whether or not it knows budgets itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.engines.protocol import Engine, EngineError, Marks, Sampling, UnsupportedError
from analysis.progress import CancelToken

WAIT = "\n\nWait"
DEFAULT_ANSWER_TOKENS = 1024
MAX_WAITS = 64
"""However few tokens there are."""


@dataclass(frozen=True, slots=True)
class Forcing:
    """What is asked of the length of the thinking."""

    waits: int = 0
    """How many times the end of thinking is replaced by ``wait``."""
    wait: str = WAIT
    most: int | None = None
    """Most thinking tokens, appended words included; then the end is forced."""
    fewest: int = 0
    """Waits go on (beyond ``waits``) until there are so many thinking tokens."""


@dataclass(frozen=True, slots=True)
class Forced:
    """A trace that was made piece by piece."""

    thinking_ids: tuple[int, ...]
    answer_ids: tuple[int, ...]
    thinking: str
    answer: str
    waits: int
    """How many times thinking was sent on."""
    cut: bool
    """The end of thinking was forced at the limit."""
    finish_reason: str
    wait_ends: tuple[int, ...] = ()
    """Thinking tokens at each place where it was sent on."""
    logprobs: tuple[float, ...] | None = None
    """Of the tokens that the model chose, thinking and answer."""

    @property
    def raw(self) -> str:
        """The text as the model would have written it, with plain marks."""
        closed = f"<think>{self.thinking}</think>" if self.thinking else ""
        return closed + self.answer

    def tokens(self, engine: Engine, wait: str) -> list[tuple[str, float | None]]:
        """Each token of the thinking with its log-probability; None for the words that were put in.

        Empty where the engine told no log-probabilities.
        """
        if self.logprobs is None:
            return []
        size = len(engine.tokenize(wait))
        put_in = {at + n for at in self.wait_ends for n in range(size)}
        told = iter(self.logprobs)
        return [
            (engine.detokenize([token]), None if place in put_in else next(told, None))
            for place, token in enumerate(self.thinking_ids)
        ]


def close_token(engine: Engine, marks: Marks) -> tuple[int, tuple[int, ...]]:
    """The id at which thinking stops, and all ids of the closing mark.

    Raises ``UnsupportedError`` where the mark is no special token: a common token in its place would
    stop the thinking anywhere.
    """
    ids = tuple(engine.tokenize(marks.close))
    if not ids or engine.detokenize(ids[:1]) in marks.close[:2]:
        raise UnsupportedError(
            f"{engine.model} has no token of its own for {marks.close!r}.",
            remedy="Choose a preset whose marks the model knows as tokens.",
        )
    return ids[0], ids


def force(
    engine: Engine,
    prompt: Sequence[int],
    forcing: Forcing,
    *,
    marks: Marks,
    sampling: Sampling,
    seed: int | None = None,
    cancel: CancelToken | None = None,
) -> Forced:
    """Think as ``forcing`` says, then answer. ``prompt`` are the token ids of the question."""
    if forcing.waits < 0 or forcing.fewest < 0 or (forcing.most is not None and forcing.most < 0):
        raise EngineError("Waits and budgets are not negative.")
    _, close = close_token(engine, marks)
    start = _opened(engine, prompt, marks)
    room = sampling.max_tokens or 4096
    ids, logprobs, ends, cut = _think(engine, start, forcing, marks, sampling, seed, cancel)
    if cut and marks.forced:
        close = tuple(engine.tokenize(marks.forced))
    answer = engine.complete_ids(
        [[*start, *ids, *close]],
        max_tokens=max(1, room - len(ids)) if not cut else DEFAULT_ANSWER_TOKENS,
        sampling=sampling,
        seed=None if seed is None else seed + 104729,
        cancel=cancel,
    )[0]
    logprobs = _joined(logprobs, answer.logprobs)
    return Forced(
        tuple(ids), answer.ids, engine.detokenize(ids), answer.text, len(ends), cut,
        answer.finish_reason, tuple(ends), None if logprobs is None else tuple(logprobs),
    )  # fmt: skip


def _think(
    engine: Engine,
    start: list[int],
    forcing: Forcing,
    marks: Marks,
    sampling: Sampling,
    seed: int | None,
    cancel: CancelToken | None,
) -> tuple[list[int], list[float] | None, list[int], bool]:
    """The thinking: its ids, log-probabilities, where it was sent on, and whether it was cut."""
    stop, _ = close_token(engine, marks)
    wait = engine.tokenize(forcing.wait)
    room = sampling.max_tokens or 4096
    most = room if forcing.most is None else min(room, forcing.most)
    ids: list[int] = []
    logprobs: list[float] | None = []
    ends: list[int] = []
    while len(ids) < most:
        done = engine.complete_ids(
            [[*start, *ids]],
            max_tokens=most - len(ids),
            sampling=sampling,
            seed=None if seed is None else seed + len(ends) * 7919,
            stop_ids=[stop],
            cancel=cancel,
        )[0]
        ids += done.ids
        logprobs = _joined(logprobs, done.logprobs)
        if done.finish_reason == "length":
            break
        more = len(ends) < forcing.waits or (len(ids) < forcing.fewest and len(ends) < MAX_WAITS)
        if not more or len(ids) + len(wait) >= most:
            return ids, logprobs, ends, False
        ends.append(len(ids))
        ids += wait
    return ids, logprobs, ends, True


def _joined(known: list[float] | None, more: Sequence[float] | None) -> list[float] | None:
    return None if known is None or more is None else [*known, *more]


def _opened(engine: Engine, prompt: Sequence[int], marks: Marks) -> list[int]:
    """The prompt with the thinking opened, which a template may have done."""
    tail = engine.detokenize(list(prompt)[-64:])
    if tail.rstrip().endswith(marks.open):
        return list(prompt)
    return [*prompt, *engine.tokenize(marks.opening)]
