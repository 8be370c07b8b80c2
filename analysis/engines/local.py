"""What the engines that run in this process share: one decoding loop over token ids.

A ``Decoder`` is a model with its tokenizer; everything else (samples, seeds, budgets, streaming,
stopping, caches for probes) is here once, so that it is the same for every model.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.engines.budget import ThinkGate
from analysis.engines.detokenizing import Detokenizer
from analysis.engines.protocol import (
    Capabilities,
    Completion,
    Done,
    EngineError,
    Event,
    Marks,
    Request,
    Sampling,
    Token,
    Usage,
)
from analysis.engines.sampling import draw, log_softmax
from analysis.engines.splitting import ThinkSplitter
from analysis.progress import CancelToken

DEFAULT_MAX_TOKENS = 2048
_GREEDY = Sampling(temperature=0.0)
_CACHES = 4
"""How many past prompts are kept for the probes that follow."""


class Decoder(Protocol):
    """A model in this process. Calls from several threads must not disturb one another."""

    kind: str
    model: str
    version: str | None
    context: int
    """Most tokens of prompt and answer together."""
    eos_ids: tuple[int, ...]
    defaults: Sampling

    def feed(self, ids: Sequence[int], cache: Any | None) -> tuple[Any, NDArray[np.float32]]:
        """The logits after ``ids``, and the cache that holds them; None is an empty one.

        A cache that is given is changed and must not be used again.
        """
        ...

    def fork(self, cache: Any) -> Any:
        """A copy that can go its own way."""
        ...

    def crop(self, cache: Any, length: int) -> Any:
        """The cache with only its first ``length`` tokens; None where it cannot be cut."""
        ...

    def encode(self, text: str) -> list[int]:
        """Token ids; special tokens are recognised, none is added."""
        ...

    def decode(self, ids: Sequence[int]) -> str:
        """Text; special tokens are shown."""
        ...

    def render(self, request: Request) -> list[int]:
        """The request in the model's chat template."""
        ...

    def close(self) -> None:
        """Let go of the weights."""
        ...


@dataclass(slots=True)
class _Sequence:
    """One sample in the making."""

    index: int
    cache: Any
    logits: NDArray[np.float32]
    rng: np.random.Generator
    gate: ThinkGate
    splitter: ThinkSplitter
    text: Detokenizer
    raw: list[str]
    count: int = 0
    ended: bool = False


class LocalEngine:
    """An engine over a decoder in this process."""

    def __init__(self, decoder: Decoder, marks: Marks | None = None) -> None:
        """``marks`` tell the thinking of this model."""
        self._decoder = decoder
        self._marks = marks or Marks()
        self._open = tuple(decoder.encode(self._marks.open))
        self._close = tuple(decoder.encode(self._marks.close))
        self._force = tuple(decoder.encode(self._marks.forced or self._marks.close))
        self._kept: list[tuple[tuple[int, ...], Any]] = []
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The kind of the decoder."""
        return self._decoder.kind

    @property
    def model(self) -> str:
        """The model's name."""
        return self._decoder.model

    @property
    def version(self) -> str | None:
        """Version of what runs it."""
        return self._decoder.version

    @property
    def marks(self) -> Marks:
        """How this model tells its thinking."""
        return self._marks

    def capabilities(self) -> Capabilities:
        """Everything; one request at a time is as fast as several."""
        return Capabilities(
            completions=True,
            logprobs=True,
            samples=True,
            budget=True,
            min_thinking=True,
            effort=True,
            render=True,
        )

    def tokenize(self, text: str) -> list[int]:
        """Token ids of a text."""
        return self._decoder.encode(text)

    def detokenize(self, ids: Sequence[int]) -> str:
        """The text of token ids."""
        return self._decoder.decode(ids)

    def render(self, request: Request) -> list[int]:
        """What the model reads for a request."""
        if request.prompt_ids is not None:
            return list(request.prompt_ids)
        return self._decoder.render(request)

    def close(self) -> None:
        """Free the weights and caches."""
        with self._lock:
            self._kept.clear()
        self._decoder.close()

    def stream(self, request: Request, cancel: CancelToken | None = None) -> Iterator[Event]:
        """The samples of a request, token by token, in turns."""
        prompt = self.render(request)
        most = self._room(prompt, request.sampling.max_tokens or self._default_length())
        cache, logits = self._decoder.feed(prompt, None)
        running = []
        for index in range(request.n):
            own = cache if index == request.n - 1 else self._decoder.fork(cache)
            running.append(self._sequence(request, prompt, index, own, logits))
        total = 0
        while running:
            if cancel is not None:
                cancel.raise_if_cancelled()
            for sequence in list(running):
                yield from self._step(sequence, request, most)
                total += 1
                if sequence.ended:
                    running.remove(sequence)
        yield Usage(prompt=len(prompt), completion=total)

    def _default_length(self) -> int:
        return self._decoder.defaults.max_tokens or DEFAULT_MAX_TOKENS

    def _room(self, prompt: Sequence[int], wanted: int) -> int:
        room = self._decoder.context - len(prompt)
        if not prompt:
            raise EngineError("A prompt without tokens cannot be run.")
        if room < 1:
            raise EngineError(
                f"The prompt has {len(prompt):,} tokens; {self.model} reads"
                f" {self._decoder.context:,}.",
                remedy="Ask a shorter question.",
            )
        return max(1, min(wanted, room))

    def _sequence(
        self,
        request: Request,
        prompt: Sequence[int],
        index: int,
        cache: Any,
        logits: NDArray[np.float32],
    ) -> _Sequence:
        gate = ThinkGate(
            prompt,
            self._open,
            self._close,
            most=request.thinking_budget,
            fewest=request.min_thinking,
            force_ids=self._force,
        )
        marks = Marks(self._marks.open, self._marks.close)
        splitter = ThinkSplitter(marks, sample=index, opened=gate.thinking)
        rng = _generator(request.seed, index)
        text = Detokenizer(self._decoder.decode)
        return _Sequence(index, cache, logits, rng, gate, splitter, text, [])

    def _step(self, seq: _Sequence, request: Request, most: int) -> Iterator[Event]:
        """One token of one sample; marks it as ended behind its last."""
        forced = seq.gate.forced()
        logits = seq.gate.forbid(seq.logits, self._decoder.eos_ids)
        token = forced if forced is not None else draw(logits, self._sampling(request), seq.rng)
        seq.count += 1
        known = log_softmax(seq.logits)[token] if request.logprobs else None
        logprob = None if known is None else float(known)
        if token in self._decoder.eos_ids:
            yield from self._end(seq, "stop")
            return
        seq.gate.see(token)
        piece = seq.text.feed(token)
        seq.raw.append(piece)
        if request.logprobs:
            told = piece or self._decoder.decode([token])
            yield Token(token, told, logprob, seq.index, forced is not None)
        yield from seq.splitter.feed(piece)
        if seq.count >= most:
            yield from self._end(seq, "length")
            return
        seq.cache, seq.logits = self._decoder.feed([token], seq.cache)

    def _end(self, seq: _Sequence, reason: str) -> Iterator[Event]:
        rest = seq.text.end()
        seq.raw.append(rest)
        yield from seq.splitter.feed(rest)
        yield from seq.splitter.end()
        seq.cache, seq.ended = None, True
        yield Usage(completion=seq.count, reasoning=seq.gate.count, sample=seq.index)
        yield Done(reason, sample=seq.index, raw="".join(seq.raw))

    def _sampling(self, request: Request) -> Sampling:
        given, own = request.sampling, self._decoder.defaults
        return Sampling(
            own.temperature if given.temperature is None else given.temperature,
            own.top_p if given.top_p is None else given.top_p,
            own.top_k if given.top_k is None else given.top_k,
            own.min_p if given.min_p is None else given.min_p,
        )

    def complete_ids(
        self,
        prompts: Sequence[Sequence[int]],
        *,
        max_tokens: int,
        sampling: Sampling = _GREEDY,
        seed: int | None = None,
        stop_ids: Sequence[int] = (),
        min_tokens: int = 0,
        cancel: CancelToken | None = None,
    ) -> list[Completion]:
        """One prompt after the other; what they begin with alike is read once."""
        found = []
        for index, prompt in enumerate(prompts):
            if cancel is not None:
                cancel.raise_if_cancelled()
            rng = _generator(seed, index)
            found.append(
                self._complete(
                    tuple(prompt), max_tokens, sampling, rng, stop_ids, min_tokens, cancel
                )
            )
        return found

    def _complete(
        self,
        prompt: tuple[int, ...],
        max_tokens: int,
        sampling: Sampling,
        rng: np.random.Generator,
        stop_ids: Sequence[int],
        min_tokens: int,
        cancel: CancelToken | None,
    ) -> Completion:
        most = self._room(prompt, max_tokens)
        stops = frozenset((*self._decoder.eos_ids, *stop_ids))
        banned = sorted(stops)
        cache, logits = self._resume(prompt)
        ids: list[int] = []
        logprobs: list[float] = []
        ended: int | None = None
        while len(ids) < most:
            if cancel is not None:
                cancel.raise_if_cancelled()
            allowed = logits
            if len(ids) < min_tokens:
                allowed = logits.copy()
                allowed[banned] = -np.inf
            token = draw(allowed, sampling, rng)
            if token in stops:
                ended = token
                break
            ids.append(token)
            logprobs.append(float(log_softmax(logits)[token]))
            if len(ids) < most:
                cache, logits = self._decoder.feed([token], cache)
        self._keep(prompt + tuple(ids[:-1] if ended is None else ids), cache)
        reason = "length" if ended is None else "stop"
        return Completion(tuple(ids), self._decoder.decode(ids), tuple(logprobs), reason, ended)

    def _resume(self, prompt: tuple[int, ...]) -> tuple[Any, NDArray[np.float32]]:
        """Read a prompt, going on from the kept one that begins most alike."""
        with self._lock:
            shared = [_common(ids, prompt) for ids, _ in self._kept]
            best = max(range(len(shared)), key=shared.__getitem__, default=-1)
            if best < 0 or shared[best] == 0:
                length, cache = 0, None
            else:
                length, (_, cache) = shared[best], self._kept.pop(best)
        length = min(length, len(prompt) - 1)  # the logits of the last token are needed
        cache = self._decoder.crop(cache, length) if cache is not None and length else None
        return self._decoder.feed(prompt[length:] if cache is not None else prompt, cache)

    def _keep(self, ids: tuple[int, ...], cache: Any) -> None:
        with self._lock:
            self._kept.append((ids, cache))
            del self._kept[:-_CACHES]


def _generator(seed: int | None, index: int) -> np.random.Generator:
    return np.random.default_rng(None if seed is None else [seed & (2**63 - 1), index])


def _common(left: Sequence[int], right: Sequence[int]) -> int:
    count = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        count += 1
    return count
