"""What was asked: the question and the settings in the request beside a reply."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from analysis.formats.blocks import parts_of
from analysis.formats.fields import ALIASES, Row, as_effort, as_int, as_label, as_text
from analysis.formats.foreign_turns import chat_turns
from analysis.formats.messages import is_messages, read_messages

if TYPE_CHECKING:
    from analysis.formats.envelope import Exchange

_REQUEST_KEYS = (
    "request", "input", "inputs", "params", "body", "kwargs", "model_input", "request_data", "request_body", "request_json", "raw_input",
    "generic_request", "api_request", "llm_request", "payload", "query",
)  # fmt: skip
_TURNS = ("messages", "input", "prompt", "contents")
_SYSTEM = ("instructions", "system", "system_instruction", "system_prompt")
_SETTINGS = (
    "reasoning", "thinking", "generation_config", "config", "thinking_config", "reasoning_config",
    "additional_model_request_fields", "extra_body", "chat_template_kwargs", "output_config",
    "options", "model_parameters", "invocation_params",
)  # fmt: skip
"""Objects of a request in which settings of the reasoning stand."""
_SETTINGS_DEPTH = 3
_EFFORT = ("reasoning_effort", "effort", "thinking_level")
_SWITCH = ("enable_thinking", "think")
_BUDGET = ("budget_tokens", "thinking_budget", "thinking_budget_tokens")


def find_request(row: Row, is_body: Callable[[Any], bool]) -> Mapping[str, Any]:
    """The request in an envelope, or the envelope's own messages or prompt."""
    for key in _REQUEST_KEYS:
        value = row.get(key)
        if isinstance(value, dict) and not is_body(value):
            row.use(key)
            inner = value.get("body")
            value = inner if isinstance(inner, dict) else value
            if isinstance(given := value.get("input"), dict) and as_turns(given.get("messages")):
                value = {**value, **given}  # DashScope
            if not any(value.get(name) for name in _TURNS) and as_turns(row.get("messages")):
                value = {
                    "messages": row.use("messages"),
                    **value,
                }  # the settings stand apart (DSPy)
            return value
    for key in ("messages", "input", "inputs", "prompt", "contents", "conversation"):
        if as_turns(row.get(key)) is not None:
            return {"messages": row.use(key)}
    names = (*ALIASES["question"][:6], "prompt", *ALIASES["question"][6:], "contents")
    prompt = row.take(_as_asked, *names)
    system = row.take(as_system, *_SYSTEM)
    return {
        **({"prompt": prompt} if prompt else {}),
        **({"system_prompt": system} if system else {}),
    }


def read_request(request: Mapping[str, Any], exchange: Exchange) -> None:
    """Question and settings of a request; what of it is not used stays in ``exchange.request``."""
    asked = Row(request)
    left: dict[str, Any] = {}
    for key in _TURNS:
        turns = as_turns(asked.get(key))
        if turns is not None:
            asked.use(key)
            # The reply is the turn to come: whatever was said before is context.
            conversation = read_messages([*turns, {"role": "assistant", "content": ""}])
            exchange.texts.question = conversation.question
            exchange.texts.system_prompt = conversation.system_prompt
            left = conversation.metadata
            break
        if isinstance(value := asked.get(key), str) and value.strip():
            exchange.texts.question = asked.use(key)
            break
    if exchange.texts.question is None:
        exchange.texts.question = asked.take(_as_asked, *ALIASES["question"][:6])
    config = asked.get("config")  # Google's SDK keeps it there
    for source in (asked, Row(config if isinstance(config, dict) else {})):
        if exchange.texts.system_prompt is None:
            exchange.texts.system_prompt = source.take(as_system, *_SYSTEM)
    read_settings(request, exchange, "request")
    for name in ("model", "model_id"):  # stays in metadata: the reply often names it more exactly
        exchange.put("model", as_label(asked.get(name)))
    exchange.request = {**asked.rest(), **left}


def read_settings(settings: Mapping[str, Any], exchange: Exchange, source: str) -> None:
    """Effort and budget of the reasoning, wherever among the settings they stand."""
    found: dict[str, Any] = {}
    for row in _nested(settings, _SETTINGS_DEPTH):
        found.setdefault("effort", row.take(as_effort, *_EFFORT))
        found.setdefault("switch", row.take(_as_switch, *_SWITCH))
        found.setdefault("budget", row.take(as_int, *_BUDGET))
        found = {name: value for name, value in found.items() if value is not None}
    limits = settings.get("reasoning")
    if "budget" not in found and isinstance(limits, dict):  # OpenRouter's name for it
        found["budget"] = as_int(limits.get("max_tokens"))
    effort = found.get("effort", found.get("switch"))
    if effort is not None:
        exchange.fields.update(effort=effort, effort_source=source)
    exchange.put("thinking_budget_tokens", found.get("budget"))


def _nested(settings: Mapping[str, Any], depth: int) -> Iterator[Row]:
    row = Row(settings)
    yield row
    for key in _SETTINGS if depth else ():
        if isinstance(inner := row.get(key), dict):
            yield from _nested(inner, depth - 1)


def _as_switch(value: Any) -> str | None:
    if isinstance(value, str) and value.lower() not in ("low", "medium", "high"):  # Ollama's levels
        return None
    return as_effort(value) if isinstance(value, bool | str) else None


def _as_asked(value: Any) -> str | None:
    return as_text(value) if isinstance(value, str) else None


def as_turns(value: Any) -> list[dict[str, Any]] | None:
    """Chat turns, or Gemini's contents, of which a single one need not name its role."""
    if (turns := chat_turns(value)) is not None:
        return turns
    if is_messages(value):
        return list(value)
    if isinstance(value, dict) and "parts" in value:
        value = [value]
    if not isinstance(value, list) or not value:
        return None
    if not all(isinstance(turn, dict) and "parts" in turn for turn in value):
        return None
    turns = [{**turn, "role": turn.get("role") or "user"} for turn in value]
    return turns if is_messages(turns) else None


def as_system(value: Any) -> str | None:
    """A system prompt: a text, or content in parts."""
    if isinstance(value, dict) and "parts" in value:
        value = value["parts"]
    if isinstance(value, list | dict):
        parts = parts_of(value)
        return "\n".join([*parts.earlier, *parts.text]) or None
    return as_text(value)
