"""Opening an engine by what a person wants: the one place that knows all kinds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from analysis.engines.presets import preset_of
from analysis.engines.protocol import Engine, EngineError
from analysis.errors import UsageError

KINDS = ("tiny", "openai", "transformers", "vllm")
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which engine, which model, and how to reach or start it. Holds no key, only its name."""

    engine: str = "tiny"
    model: str | None = None
    base_url: str | None = None
    key_variable: str | None = None
    """The environment variable with the key."""
    preset: str | None = None
    concurrency: int | None = None
    python: str | None = None
    """Of the environment that has vLLM."""
    arguments: tuple[str, ...] = ()
    tensor_parallel: int | None = None
    data_parallel: int | None = None
    max_length: int | None = None


def open_engine(wanted: Wanted, tell: Tell | None = None, *, api_key: str | None = None) -> Engine:
    """The engine, ready to be asked; close it at the end.

    ``api_key`` is a key from the app's secrets, in place of an environment variable. ``tell`` hears
    what takes long. Raises ``EngineError`` where it cannot be opened, ``UsageError`` for what does
    not fit together.
    """
    if wanted.engine not in KINDS:
        raise UsageError(
            f"There is no engine {wanted.engine!r}.", remedy=f"One of {', '.join(KINDS)}."
        )
    if wanted.engine == "tiny":
        from analysis.engines.tiny_numpy import NAME, tiny_engine

        if wanted.model not in (None, NAME, "tiny", NAME.rpartition("/")[2]):
            raise UsageError(
                f"The engine tiny has one model, {NAME}, not {wanted.model!r}.",
                remedy="Name another engine with --engine, or a server with --base-url.",
            )
        return tiny_engine()
    if wanted.engine == "transformers":
        from analysis.engines.transformers_local import transformers_engine

        model = _model(wanted)
        if tell:
            tell(f"Loading {model}")
        return transformers_engine(model, marks=preset_of(model, wanted.preset).marks)
    if wanted.engine == "vllm":
        from analysis.engines.vllm_server import vllm_engine

        return vllm_engine(wanted, _model(wanted), tell)
    return _endpoint(wanted, api_key)


def _endpoint(wanted: Wanted, api_key: str | None) -> Engine:
    from analysis.engines.http_client import Endpoint, key_from_environment
    from analysis.engines.openai_http import OpenAIEngine

    if not wanted.base_url:
        raise UsageError(
            "The engine openai needs an address.",
            remedy="Give --base-url, as http://127.0.0.1:8000/v1.",
        )
    key = api_key or key_from_environment(wanted.key_variable)
    marks = preset_of(wanted.model or "", wanted.preset).marks
    return OpenAIEngine(
        Endpoint(wanted.base_url, key),
        wanted.model,
        marks=marks,
        concurrency=wanted.concurrency or 16,
    )


def _model(wanted: Wanted) -> str:
    if not wanted.model:
        raise EngineError(
            f"The engine {wanted.engine} needs a model.", remedy="Name one with --model."
        )
    return wanted.model
