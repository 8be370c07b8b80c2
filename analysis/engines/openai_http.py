"""Any OpenAI-compatible endpoint: vLLM, SGLang, llama.cpp, Ollama, hosted ones.

What a server can do is detected: its kind by ``/version``, ``/props`` and ``/v1/models``, token ids by
``/tokenize``. Fields that only some servers know are sent to those only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from analysis.engines.http_client import Client, Endpoint
from analysis.engines.openai_detect import detect, tokenized
from analysis.engines.openai_reply import (
    Reply,
    completions_of,
    token_list,
    token_values,
    whole_reply,
)
from analysis.engines.protocol import (
    Capabilities,
    Completion,
    EngineError,
    Event,
    Marks,
    Request,
    Sampling,
    UnsupportedError,
    Usage,
)
from analysis.engines.sse import StreamError, read_events
from analysis.progress import CancelToken

_GREEDY = Sampling(temperature=0.0)
_OWN_SAMPLING = frozenset(("vllm", "sglang", "llamacpp"))
"""Servers that know top_k, min_p and arguments of the chat template."""
TEMPLATE_TOKENS = 512
"""What a chat template may add to the messages, where it cannot be looked at."""
PROBE_BATCH = 64
"""Prompts of one completions request."""


class OpenAIEngine:
    """One model of an endpoint. Thread-safe; requests run side by side."""

    def __init__(
        self,
        endpoint: Endpoint,
        model: str | None = None,
        *,
        marks: Marks | None = None,
        name: str = "openai",
        concurrency: int = 16,
        ended: Callable[[], str | None] | None = None,
    ) -> None:
        """``model`` None takes the only one that the server has. Asks the server what it can do.

        ``ended`` tells why the server is gone for good, where somebody here watches it. Raises ``EngineUnavailableError`` where it cannot be reached.
        """
        self._client = Client(endpoint, concurrency, ended)
        self._marks = marks
        self._name = name
        self._concurrency = concurrency
        self.tells_apart = False
        """Whether the server is known to tell thinking apart. Only asked of families whose template opens
        the thinking: there, content without thinking before it could be either."""
        try:
            self.server = detect(self._client, model)
            self._model = self._chosen(model)
        except BaseException:
            self._client.close()
            raise

    @property
    def name(self) -> str:
        """'openai', or 'vllm' where CoTScope started the server."""
        return self._name

    @property
    def model(self) -> str:
        """The model's name at the server."""
        return self._model

    @property
    def version(self) -> str | None:
        """Kind and version of the server."""
        known = self.server.version
        return f"{self.server.kind} {known}" if known else self.server.kind

    @property
    def host(self) -> str:
        """Host and port of the endpoint."""
        return self._client.host

    @property
    def marks(self) -> Marks:
        """How the model tells its thinking."""
        return self._marks or Marks()

    def capabilities(self) -> Capabilities:
        """What this server was found to do."""
        vllm, ids = self.server.kind == "vllm", self.server.token_ids
        return Capabilities(
            completions=ids,
            logprobs=self.server.kind != "ollama",
            samples=self.server.kind not in ("ollama", "llamacpp"),
            budget=vllm,
            effort=True,
            render=ids and self.server.kind in ("vllm", "llamacpp"),
            concurrency=self._concurrency,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    # --- finding out -----------------------------------------------------------------------

    def _chosen(self, model: str | None) -> str:
        if model:
            return model
        if len(self.server.models) == 1:
            return self.server.models[0]
        names = ", ".join(self.server.models[:8]) or "it lists none"
        raise EngineError(
            f"{self.host} has no single model to take ({names}).", remedy="Name one with --model."
        )

    # --- watching --------------------------------------------------------------------------

    def stream(self, request: Request, cancel: CancelToken | None = None) -> Iterator[Event]:
        """The samples of a request as the server sends them."""
        path, body = self._body(request)
        self._fit(request, body)
        chat = request.prompt_ids is None
        reply = Reply(
            request.n, self._marks, opened=self._opened(request), apart=chat and self.tells_apart
        )
        error: str | None = None
        with self._client.post(path, body, cancel) as answer:
            try:
                if "event-stream" in answer.headers.get("content-type", ""):
                    for value in read_events(self._client.body(answer)):
                        if value.get("done") is True:
                            break
                        yield from self._counted(reply.read(value), reply)
                        if cancel is not None:
                            cancel.raise_if_cancelled()
                else:  # a server that does not stream
                    whole = whole_reply(b"".join(self._client.body(answer)))
                    yield from self._counted(reply.read(whole), reply)
            except (StreamError, EngineError) as fault:
                error = self._client.scrub(str(fault))
            except self._client.failures as fault:
                if cancel is not None:
                    cancel.raise_if_cancelled()
                error = self._client.fault(fault)
        if cancel is not None:
            cancel.raise_if_cancelled()
        if chat and reply.apart and self.marks.prefilled:
            self.tells_apart = True
        yield from reply.end(error)

    def _counted(self, events: Iterator[Event], reply: Reply) -> Iterator[Event]:
        """The events; thinking that the server counts as none is counted here, or its count unknown.

        vLLM counts from the opening mark on, which a template that writes it itself keeps for itself.
        """
        for event in events:
            if isinstance(event, Usage) and event.reasoning == 0 and reply.thinking.strip():
                count: int | None = None
                if self.server.token_ids:
                    with suppress(EngineError):
                        count = len(self.tokenize(reply.thinking))
                event = replace(event, reasoning=count)
            yield event

    def _fit(self, request: Request, body: dict[str, Any]) -> None:
        """Ask for no more tokens than fit behind the prompt: servers refuse more than their length."""
        most, context = body.get("max_tokens"), self.server.context
        if most is None or context is None:
            return
        # A token is a byte at least; only where it may be too much is the prompt counted.
        size = sum(len(m.content.encode()) for m in request.messages) + TEMPLATE_TOKENS
        if request.prompt_ids is not None:
            size = len(request.prompt_ids)
        elif most + size > context and self.capabilities().render:
            with suppress(EngineError):  # the request itself will tell what is wrong
                size = len(self.render(request))
        if 0 < context - size < most:
            body["max_tokens"] = context - size

    def _opened(self, request: Request) -> bool:
        if request.prompt_ids is None:
            return False
        text = self.detokenize(request.prompt_ids[-256:])
        marks = self.marks
        return text.rfind(marks.open) > text.rfind(marks.close)

    def _body(self, request: Request) -> tuple[str, dict[str, Any]]:
        """Path and JSON of a request."""
        body: dict[str, Any] = {"model": self._model, "stream": True}
        body["stream_options"] = {"include_usage": True}
        if request.n > 1:
            body["n"] = request.n
        if request.seed is not None:
            body["seed"] = request.seed & (2**31 - 1)
        self._put_sampling(body, request.sampling)
        if request.prompt_ids is not None:
            body |= {"prompt": list(request.prompt_ids)}
            if request.logprobs:
                body["logprobs"] = 1
            if self.server.kind == "vllm":
                body["skip_special_tokens"] = False
        else:
            turns = [{"role": m.role, "content": m.content} for m in request.messages]
            body |= {"messages": turns}
            if request.logprobs:
                body["logprobs"] = True
            if request.effort is not None:
                body["reasoning_effort"] = request.effort
            if request.template:
                if self.server.kind not in _OWN_SAMPLING:
                    raise UnsupportedError(
                        f"{self.host} takes no arguments of the chat template"
                        f" ({', '.join(request.template)}).",
                        remedy="Choose an effort that this server knows.",
                    )
                body["chat_template_kwargs"] = dict(request.template)
        self._put_budget(body, request)
        body |= dict(request.extra)
        return ("/completions" if "prompt" in body else "/chat/completions"), body

    def _put_budget(self, body: dict[str, Any], request: Request) -> None:
        if request.thinking_budget is not None:
            if self.server.kind != "vllm":
                raise UnsupportedError(
                    f"{self.host} enforces no thinking budget.",
                    remedy="Use a vLLM server or the engines tiny and transformers.",
                )
            body["thinking_token_budget"] = request.thinking_budget
        if request.min_thinking:
            raise UnsupportedError(
                "A server has no fewest number of thinking tokens.",
                remedy="Use budget forcing, or the engines tiny and transformers.",
            )

    def _put_sampling(self, body: dict[str, Any], sampling: Sampling) -> None:
        given = {
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_tokens,
        }
        if self.server.kind in _OWN_SAMPLING:
            given |= {"top_k": sampling.top_k, "min_p": sampling.min_p}
        body |= {name: value for name, value in given.items() if value is not None}

    # --- token ids -------------------------------------------------------------------------

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
        """Completions in batches; the server reads what the prompts share once (prefix caching)."""
        self._need_ids()
        found: list[Completion] = []
        for start in range(0, len(prompts), PROBE_BATCH):
            part = [list(p) for p in prompts[start : start + PROBE_BATCH]]
            body: dict[str, Any] = {
                "model": self._model, "prompt": part, "logprobs": 1, "stop_token_ids": list(stop_ids),
            }  # fmt: skip
            if self.server.kind == "vllm":
                body |= {"return_token_ids": True, "skip_special_tokens": False}
            if min_tokens:
                body["min_tokens"] = min_tokens
            if seed is not None:
                body["seed"] = (seed + start) & (2**31 - 1)
            room = (self.server.context or max_tokens + 10**9) - max(map(len, part))
            most = max_tokens if room < 1 else min(max_tokens, room)
            self._put_sampling(body, replace(sampling, max_tokens=most))
            with self._client.post("/completions", body, cancel) as answer:
                try:
                    value = whole_reply(b"".join(self._client.body(answer)))
                except StreamError as fault:
                    raise EngineError(f"{self.host}: {fault}") from fault
                except self._client.failures as fault:
                    raise EngineError(f"{self.host}: {self._client.fault(fault)}") from fault
            choices = completions_of(value, len(part))
            if choices is None:
                raise EngineError(f"{self.host} did not answer every prompt of token ids.")
            found += [self._completion(choice, stop_ids) for choice in choices]
        return found

    def _completion(self, choice: Mapping[str, Any], stop_ids: Sequence[int]) -> Completion:
        text = str(choice.get("text") or "")
        stop = choice.get("stop_reason")
        stop = stop if isinstance(stop, int) else None
        reason = "length" if choice.get("finish_reason") == "length" else "stop"
        ids, values = token_values(choice)
        if ids is None:
            ids = self.tokenize(text) if text else []
        elif (stop is not None and ids and ids[-1] == stop) or self._counts_end(
            choice, ids, text, stop
        ):
            ids = ids[:-1]
        elif (at := next((n for n, one in enumerate(ids) if one in stop_ids), None)) is not None:
            # llama.cpp knows no stop ids, and goes on.
            ids, stop, reason = ids[:at], ids[at], "stop"
            text = self.detokenize(ids) if ids else ""
        values = values[: len(ids)]
        sure = tuple(v for v in values if v is not None)
        logprobs = sure if len(sure) == len(ids) else None
        return Completion(tuple(ids), text, logprobs, reason, stop)

    def _counts_end(
        self, choice: Mapping[str, Any], ids: list[int], text: str, stop: int | None
    ) -> bool:
        """Whether the last id is the end of the text, which some versions count."""
        if choice.get("finish_reason") != "stop" or not ids or stop is not None:
            return False
        return self.detokenize(ids) != text and self.detokenize(ids[:-1]) == text

    def tokenize(self, text: str) -> list[int]:
        """Token ids by the server's own tokenizer."""
        self._need_ids()
        ids = token_list(tokenized(self._client, self.server.kind, self._model, text))
        if ids is None:
            raise EngineError(f"{self.host} did not tokenize a text.")
        return ids

    def detokenize(self, ids: Sequence[int]) -> str:
        """The text of token ids by the server's own tokenizer."""
        self._need_ids()
        body = {"model": self._model, "tokens": list(ids)}
        value = self._client.ask("/detokenize", body, base=self._client.root)
        found = value.get("prompt", value.get("content", value.get("text"))) if value else None
        if not isinstance(found, str):
            raise EngineError(f"{self.host} did not turn token ids into text.")
        return found

    def render(self, request: Request) -> list[int]:
        """The token ids that the model reads, by the server's own chat template."""
        if request.prompt_ids is not None:
            return list(request.prompt_ids)
        self._need_ids()
        turns = [{"role": m.role, "content": m.content} for m in request.messages]
        arguments = dict(request.template)
        if request.effort is not None:
            arguments.setdefault("reasoning_effort", request.effort)
        root = self._client.root
        if self.server.kind == "llamacpp":
            value = self._client.ask("/apply-template", {"messages": turns}, base=root)
            text = value.get("prompt") if isinstance(value, dict) else None
            if isinstance(text, str):
                return self.tokenize(text)
        elif self.server.kind == "vllm":
            body = {
                "model": self._model, "messages": turns, "add_generation_prompt": True,
                "chat_template_kwargs": arguments,
            }  # fmt: skip
            ids = token_list(self._client.ask("/tokenize", body, base=root))
            if ids is not None:
                return ids
        raise UnsupportedError(
            f"{self.host} does not show its chat template.",
            remedy="Probes and forcing need vLLM, llama.cpp, or an engine in this process.",
        )

    def _need_ids(self) -> None:
        if not self.server.token_ids:
            raise UnsupportedError(
                f"{self.host} takes no token ids.",
                remedy="Probes and forcing need vLLM, SGLang, llama.cpp, or an engine in this process.",
            )
