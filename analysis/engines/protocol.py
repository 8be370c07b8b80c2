"""What every engine can be asked, and what it tells while a model thinks.

An engine is one model behind one way of running it. ``stream`` is for watching, ``complete_ids`` for
what is decided over token ids: probes, budget forcing, strategies. All calls block; engines may be
called from several threads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from analysis.errors import CotscopeError
from analysis.progress import CancelToken


class EngineError(CotscopeError):
    """A model cannot be run, or did not answer."""

    code = "E101"
    exit_code = 1


class EngineUnavailableError(EngineError):
    """The engine is not installed, does not start, or cannot be reached."""

    code = "E102"


class UnsupportedError(EngineError):
    """The engine cannot do what was asked (a budget, probes); nothing was run."""

    code = "E103"
    exit_code = 2


class UnsafeAddressError(EngineError):
    """An address that CoTScope does not connect to."""

    code = "E104"
    exit_code = 2


class EngineGoneError(EngineUnavailableError):
    """The engine has ended and does not come back: nothing more can be asked of it."""

    code = "E106"


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A piece of the thinking."""

    text: str
    sample: int = 0


@dataclass(frozen=True, slots=True)
class Content:
    """A piece of the answer."""

    text: str
    sample: int = 0


@dataclass(frozen=True, slots=True)
class Token:
    """One sampled token; comes before the text that it completes."""

    id: int | None
    text: str
    logprob: float | None
    """Natural logarithm of the probability before temperature and filters; None if not told."""
    sample: int = 0
    forced: bool = False
    """Put there by a budget, not chosen by the model."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of a request; None where the engine does not tell. ``completion`` includes reasoning."""

    prompt: int | None = None
    completion: int | None = None
    reasoning: int | None = None
    cached: int | None = None
    sample: int | None = None
    """None: of all samples of the request together."""


@dataclass(frozen=True, slots=True)
class Done:
    """A sample has ended: 'stop', 'length', 'error', or what the server calls it."""

    finish_reason: str
    error: str | None = None
    sample: int = 0
    raw: str | None = None
    """The text before it was split into thinking and answer, where the engine split it."""


Event = Reasoning | Content | Token | Usage | Done


@dataclass(frozen=True, slots=True)
class Message:
    """A turn of the conversation."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn; None is the engine's own default. Temperature 0 is greedy."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    max_tokens: int | None = None
    """Of thinking and answer together."""


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model, ``n`` samples of it."""

    messages: tuple[Message, ...] = ()
    prompt_ids: tuple[int, ...] | None = None
    """In place of messages: what the model reads, as token ids."""
    effort: str | None = None
    """Passed on as ``reasoning_effort``."""
    thinking_budget: int | None = None
    """Most thinking tokens; the end of thinking is then forced."""
    min_thinking: int | None = None
    """Fewest thinking tokens; the end of thinking is forbidden before."""
    sampling: Sampling = field(default_factory=Sampling)
    seed: int | None = None
    n: int = 1
    logprobs: bool = False
    template: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the chat template (``enable_thinking``)."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Fields that only this server knows; sent as they are."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What followed a prompt of token ids."""

    ids: tuple[int, ...]
    text: str
    logprobs: tuple[float, ...] | None
    finish_reason: str
    """'stop' (a stop id or the end of the text; it is not in ``ids``) or 'length'."""
    stop_id: int | None = None
    """Which stop id ended it, where that is known."""


@dataclass(frozen=True, slots=True)
class Marks:
    """How a model's text tells its thinking: literal texts."""

    open: str = "<think>"
    close: str = "</think>"
    prefilled: bool = False
    """The chat template opens the thinking itself."""
    forced: str | None = None
    """What ends the thinking when a budget does (with its line ends); None is ``close``."""

    @property
    def opening(self) -> str:
        """What a prompt goes on with to be inside the thinking: most begin it on a line of its own,
        Harmony (gpt-oss) and Magistral right behind the mark."""
        return self.open if self.open.endswith(("<|message|>", "]")) else f"{self.open}\n"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do; features of servers are detected, not assumed."""

    completions: bool = False
    """``complete_ids`` over token ids, and so probes and forcing."""
    logprobs: bool = False
    samples: bool = False
    """Several samples of one request."""
    budget: bool = False
    """``thinking_budget`` is enforced by the engine itself."""
    min_thinking: bool = False
    effort: bool = False
    """``effort`` reaches the model."""
    render: bool = False
    concurrency: int = 1
    """How many requests at once make it faster."""


class Engine(Protocol):
    """One model that can be asked."""

    @property
    def name(self) -> str:
        """Kind of engine: 'tiny', 'transformers', 'openai', 'vllm'."""
        ...

    @property
    def model(self) -> str:
        """The name of the model."""
        ...

    @property
    def version(self) -> str | None:
        """Version of what runs it, where that is known."""
        ...

    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def stream(self, request: Request, cancel: CancelToken | None = None) -> Iterator[Event]:
        """The samples of a request as they come; each ends with ``Done``.

        A fault of the connection or server after the request was sent is a ``Done`` with an error,
        so that what came before it is kept. Raises ``EngineError`` where nothing could be asked,
        and ``Cancelled`` soon after being asked to stop.
        """
        ...

    def complete_ids(
        self,
        prompts: Sequence[Sequence[int]],
        *,
        max_tokens: int,
        sampling: Sampling = Sampling(temperature=0.0),
        seed: int | None = None,
        stop_ids: Sequence[int] = (),
        min_tokens: int = 0,
        cancel: CancelToken | None = None,
    ) -> list[Completion]:
        """What follows each prompt, in order, with log-probabilities where the engine tells them.

        No stop id is drawn in the first ``min_tokens`` tokens.
        """
        ...

    def tokenize(self, text: str) -> list[int]:
        """Token ids of a text, special tokens recognised, none added."""
        ...

    def detokenize(self, ids: Sequence[int]) -> str:
        """The text of token ids, special tokens shown."""
        ...

    def render(self, request: Request) -> list[int]:
        """The token ids that the model reads: the request in its chat template."""
        ...

    def close(self) -> None:
        """Let go of what it holds; a second time does nothing."""
        ...
