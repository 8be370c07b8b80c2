"""Messages and results of client libraries (LangChain, Langfuse) in the shape of a chat reply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.formats.draft import Texts
from analysis.formats.fields import Row, as_label
from analysis.formats.foreign_turns import as_chat
from analysis.formats.messages import is_messages
from analysis.formats.reply_bodies import body_kind
from analysis.formats.usage import usage_fields

_SPOKEN = ("content", "reasoning_content", "reasoning", "thinking", "tool_calls", "parts")


def result_of(outputs: Any) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The reply in the outputs of a LangChain run, and what is stated of it."""
    outputs = outputs if isinstance(outputs, dict) else {"output": outputs}
    generations = outputs.get("generations")
    while isinstance(generations, list) and generations and isinstance(generations[0], list):
        generations = generations[0]
    found: list[dict[str, Any]] = []
    for item in generations if isinstance(generations, list) else []:
        if isinstance(item, dict):
            found.append(
                as_chat(item["message"])
                if item.get("message")
                else {"role": "assistant", "content": item.get("text")}
            )
    said = outputs.get("llm_output")
    known: dict[str, Any] = {}
    if isinstance(said, dict):
        usage_fields(Row(said), known, Texts())
        known["model"] = as_label(said.get("model_name"))
    if not found:
        for key in ("message", "messages", "output"):
            if key in outputs and body_kind(outputs) is None:
                inner = outputs[key]
                inner = inner[-1] if isinstance(inner, list) and inner else inner
                return completion_of(as_chat(inner) if isinstance(inner, dict) else inner), known
        return completion_of(outputs), known
    choices = []
    for turn in found:
        about = turn.pop("response_metadata", None)
        about = about if isinstance(about, dict) else {}
        usage_fields(Row(turn), known, Texts())
        turn.pop("usage_metadata", None)
        known["model"] = known.get("model") or as_label(about.get("model_name"))
        finish = about.get("finish_reason") or about.get("stop_reason")
        choices.append({"message": turn, "finish_reason": finish})
    return {"choices": choices}, known


def completion_of(said: Any) -> dict[str, Any] | None:
    """What a model gave back, as a reply that ``reply_bodies`` reads; None for nothing."""
    if body_kind(said) is not None:
        return dict(said)
    if isinstance(said, list) and said and all(isinstance(item, dict) for item in said):
        if any(item.get("type") in ("reasoning", "function_call") for item in said):
            return {"object": "response", "output": said}
        turns = [as_chat(item) for item in said]
        spoken = [turn for turn in turns if turn.get("role") == "assistant"]
        if is_messages(said) and len(spoken) < len(turns):
            spoken = spoken[-1:]
        return {"choices": [{"message": turn} for turn in spoken or turns[-1:]]}
    if isinstance(said, Mapping) and any(said.get(key) for key in _SPOKEN):
        turn = {"role": "assistant", **said}
        return {"choices": [{"message": turn, "finish_reason": turn.pop("finish_reason", None)}]}
    if isinstance(said, Mapping) and said:
        texts = {key: value for key, value in said.items() if isinstance(value, str)}
        name = next((k for k in ("text", "output", "response", "completion") if k in texts), None)
        if name is None:
            return None
        message = {**said, "role": "assistant", "content": texts[name]}
        message.pop(name)
        return {"choices": [{"message": message}]}
    if isinstance(said, str) and said.strip():
        return {"choices": [{"message": {"role": "assistant", "content": said}}]}
    return None
