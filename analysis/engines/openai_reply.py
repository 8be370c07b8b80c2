"""A reply of an OpenAI-compatible server, streamed or whole, as events.

Servers differ: thinking comes as ``reasoning`` (vLLM, Groq, OpenRouter), ``reasoning_content``
(DeepSeek, SGLang, llama.cpp), ``thinking`` (Ollama), as parts of the content (Mistral) or inside
the text between marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from analysis.engines.protocol import Content, Done, Event, Marks, Reasoning, Token, Usage
from analysis.engines.splitting import ThinkSplitter
from analysis.engines.sse import StreamError

_REASONING = ("reasoning_content", "reasoning", "thinking")


@dataclass(slots=True)
class _Sample:
    splitter: ThinkSplitter
    raw: list[str] = field(default_factory=list)
    apart: bool = False
    """The server tells the thinking apart itself."""
    finish: str | None = None


class Reply:
    """Reads the objects of one reply; knows for each sample whether it has ended."""

    def __init__(
        self, n: int, marks: Marks | None, *, opened: bool = False, apart: bool = False
    ) -> None:
        """``opened``: the prompt ends inside the thinking. ``apart``: the server is known to tell the
        thinking apart, so content is no thinking even where none came before it."""
        self._marks, self._opened, self._n = marks, opened, n
        self._apart = apart
        self._thinking: list[str] = []
        self._samples: dict[int, _Sample] = {}
        self.model: str | None = None

    def read(self, value: Mapping[str, Any]) -> Iterator[Event]:
        """The events of one object of the stream, or of a whole reply."""
        error = value.get("error")
        if error:
            raise StreamError(_words(error))
        if isinstance(value.get("model"), str):
            self.model = value["model"]
        choices = value.get("choices")
        for choice in choices if isinstance(choices, list) else []:
            if isinstance(choice, dict):
                for event in self._choice(choice):
                    if isinstance(event, Reasoning):
                        self._thinking.append(event.text)
                    yield event
        usage = value.get("usage")
        if isinstance(usage, dict):
            yield _usage(usage)

    @property
    def apart(self) -> bool:
        """Whether the server told the thinking of a sample apart."""
        return any(sample.apart for sample in self._samples.values())

    @property
    def thinking(self) -> str:
        """The thinking of all samples so far."""
        return "".join(self._thinking)

    def end(self, error: str | None = None) -> Iterator[Event]:
        """The end of every sample; one that the server did not end was cut off."""
        for index in range(max(self._n, 1 + max(self._samples, default=0))):
            sample = self._samples.get(index) or self._new(index)
            yield from sample.splitter.end()
            raw = None if sample.apart else "".join(sample.raw)
            if sample.finish is not None:
                yield Done(sample.finish, sample=index, raw=raw)
            else:
                cut = error or "the connection ended before the reply did"
                yield Done("error", cut, index, raw)

    @property
    def complete(self) -> bool:
        """Whether the server has ended every sample that was asked for."""
        return len(self._samples) >= self._n and all(
            s.finish is not None for s in self._samples.values()
        )

    def _new(self, index: int) -> _Sample:
        splitter = ThinkSplitter(self._marks, sample=index, opened=self._opened)
        found = _Sample(splitter, apart=self._apart)
        self._samples[index] = found
        return found

    def _choice(self, choice: Mapping[str, Any]) -> Iterator[Event]:
        index = choice.get("index")
        index = index if isinstance(index, int) and 0 <= index < 10_000 else 0
        sample = self._samples.get(index) or self._new(index)
        delta = choice.get("delta", choice.get("message"))
        delta = delta if isinstance(delta, dict) else {"content": choice.get("text")}
        yield from _tokens(choice.get("logprobs"), index)
        thinking, content = _texts(delta)
        if thinking:
            sample.apart = True
            yield Reasoning(thinking, index)
        if content:
            sample.raw.append(content)
            if sample.apart:
                yield Content(content, index)
            else:
                yield from sample.splitter.feed(content)
        finish = choice.get("finish_reason")
        if finish is not None:
            sample.finish = str(finish)[:100]


def _texts(delta: Mapping[str, Any]) -> tuple[str, str]:
    """Thinking and content of a delta or message."""
    thinking = next((t for k in _REASONING if isinstance(t := delta.get(k), str) and t), "")
    content = delta.get("content")
    if isinstance(content, str):
        return thinking, content
    visible = ""
    for part in content if isinstance(content, list) else []:
        if not isinstance(part, dict):
            continue
        if part.get("type") == "thinking":
            inner = part.get("thinking")
            parts = inner if isinstance(inner, list) else [{"text": inner}]
            thinking += "".join(str(p.get("text") or "") for p in parts if isinstance(p, dict))
        elif isinstance(part.get("text"), str):
            visible += part["text"]
    return thinking, visible


def _tokens(found: Any, index: int) -> Iterator[Token]:
    """Tokens with log-probabilities, of the chat and of the completions layout."""
    if not isinstance(found, dict):
        return
    items = found.get("content")
    if isinstance(items, list):
        for item in items:
            if isinstance(item, dict) and isinstance(item.get("token"), str):
                yield Token(_token_id(item), item["token"], number(item.get("logprob")), index)
        return
    texts, values = found.get("tokens"), found.get("token_logprobs")
    if isinstance(texts, list) and isinstance(values, list):
        for text, value in zip(texts, values, strict=False):
            yield Token(None, str(text), number(value), index)


def _token_id(item: Mapping[str, Any]) -> int | None:
    found = item.get("token_id", item.get("id"))
    return found if isinstance(found, int) else None


def number(value: Any) -> float | None:
    """A finite number, or None. -9999 is what servers write for minus infinity."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -9000 < value <= 1e-6 else None


def _usage(usage: Mapping[str, Any]) -> Usage:
    def count(holder: Any, *names: str) -> int | None:
        found = holder if isinstance(holder, dict) else {}
        values = (found.get(name) for name in names)
        return next((v for v in values if isinstance(v, int) and not isinstance(v, bool)), None)

    spent = usage.get("completion_tokens_details")
    reasoning = count(spent, "reasoning_tokens")
    return Usage(
        prompt=count(usage, "prompt_tokens"),
        completion=count(usage, "completion_tokens"),
        reasoning=reasoning if reasoning is not None else count(usage, "reasoning_tokens"),
        cached=count(usage.get("prompt_tokens_details"), "cached_tokens"),
    )


def _words(error: Any) -> str:
    if isinstance(error, dict):
        return str(error.get("message") or error)[:400]
    return str(error)[:400]


def completions_of(value: Any, count: int) -> Sequence[Mapping[str, Any]] | None:
    """The choices of a completions reply in the order of their prompts; None if it is none."""
    choices = value.get("choices") if isinstance(value, dict) else None
    if not isinstance(choices, list) or len(choices) != count:
        return None
    if not all(isinstance(c, dict) for c in choices):
        return None
    return sorted(choices, key=lambda c: c.get("index") or 0)


def token_values(choice: Mapping[str, Any]) -> tuple[list[int] | None, list[float | None]]:
    """The token ids of a completions choice, where it tells them, and their log-probabilities.

    vLLM's ``token_ids`` beside ``token_logprobs``, or llama.cpp's ``content`` of tokens with both.
    """
    known = choice.get("logprobs")
    known = known if isinstance(known, dict) else {}
    rows = known.get("content")
    ids: Any
    values: Any
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        ids, values = [row.get("id") for row in rows], [row.get("logprob") for row in rows]
    else:
        ids, values = choice.get("token_ids"), known.get("token_logprobs")
    told = isinstance(ids, list) and all(isinstance(i, int) for i in ids)
    return ids if told else None, [number(v) for v in values] if isinstance(values, list) else []


def token_list(value: Any) -> list[int] | None:
    """The token ids that a server made of a text; None where the reply holds none."""
    found = value.get("tokens") if isinstance(value, dict) else None
    if isinstance(found, list) and all(isinstance(t, int) for t in found):
        return found
    return None


def whole_reply(data: bytes) -> dict[str, Any]:
    """The object of a reply that was not streamed. Raises ``StreamError``."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise StreamError("the reply is no JSON") from error
    if not isinstance(value, dict):
        raise StreamError("the reply is no JSON object")
    return value
