"""Replies of OpenAI's Responses API: ``output`` with reasoning, messages and tool calls."""

from __future__ import annotations

from typing import Any

from analysis.formats.asking import as_turns
from analysis.formats.blocks import Parts
from analysis.formats.draft import Texts
from analysis.formats.envelope import Body, Exchange
from analysis.formats.fields import Row, as_effort, as_error, as_id, as_label, as_text, as_time
from analysis.formats.messages import read_messages
from analysis.formats.usage import usage_fields
from analysis.model import ReasoningKind, SplitMethod, Trace

_ITEMS = ("reasoning", "message", "function_call")


def is_body(value: Any) -> bool:
    """True for a response object: typed output items."""
    output = value.get("output") if isinstance(value, dict) else None
    if not isinstance(output, list) or not all(isinstance(item, dict) for item in output):
        return False
    return value.get("object") == "response" or any(item.get("type") in _ITEMS for item in output)


def read(exchange: Exchange) -> list[Trace]:
    """The one trace of a response."""
    reply = exchange.body
    fields = exchange.fields
    fields["model"] = reply.take(as_label, "model") or fields.get("model")
    exchange.put("external_id", reply.take(as_id, "id"))
    exchange.put("created_at", reply.take(as_time, "created_at"))
    exchange.put("error", reply.take(as_error, "error"))
    details = reply.get("incomplete_details")
    reason = Row(details).take(as_label, "reason") if isinstance(details, dict) else None
    fields["finish_reason"] = reason or reply.take(as_label, "status")
    settings = reply.get("reasoning")
    effort = Row(settings).take(as_effort, "effort") if isinstance(settings, dict) else None
    effort = effort or reply.take(as_effort, "reasoning_effort")
    if effort is not None and fields.get("effort") is None:
        fields.update(effort=effort, effort_source="field")
    if exchange.texts.system_prompt is None:
        exchange.texts.system_prompt = reply.take(as_text, "instructions")
    if exchange.texts.question is None:
        given = reply.get("input")
        turns = as_turns(given)
        if turns is not None:
            reply.use("input")
            asked = read_messages([*turns, {"role": "assistant", "content": ""}])
            exchange.texts.question = asked.question
            if exchange.texts.system_prompt is None:
                exchange.texts.system_prompt = asked.system_prompt
        elif isinstance(given, str):
            exchange.texts.question = reply.take(as_text, "input")
    usage_fields(reply, fields, exchange.texts)
    texts, left = _read_output(reply.use("output"))
    metadata = exchange.all_metadata()
    if left:
        metadata["output"] = left
    return [exchange.trace(texts, fields, metadata)]


def _read_output(items: list[dict[str, Any]]) -> tuple[Texts, list[Any]]:
    """The texts of the output items, and what of them was not used."""
    parts = Parts()
    for item in items:
        kind = item.get("type")
        if kind == "reasoning":
            _add_reasoning(parts, Row(item))
        elif kind == "message" and isinstance(item.get("content"), list | str):
            for part in _listed(item["content"]):
                parts.add(part)
        else:
            parts.add({**item, "type": "tool_call", "item_type": kind})
    texts = Texts()
    blocks, texts.kind = parts.blocks()
    texts.reasoning = "\n\n".join(blocks) or None
    texts.answer = "\n\n".join(parts.text) or None
    texts.method = SplitMethod.FIELD if texts.kind is not ReasoningKind.NONE else SplitMethod.NONE
    return texts, [*parts.earlier, *parts.other]


def _add_reasoning(parts: Parts, item: Row) -> None:
    for key, kind in (("summary", "summary"), ("content", "reasoning")):
        found = item.get(key)
        for part in found if isinstance(found, list) else []:
            parts.add(
                {**part, "type": kind} if isinstance(part, dict) else {"type": kind, "text": part}
            )
    if item.get("encrypted_content"):
        parts.withheld = ReasoningKind.ENCRYPTED
        parts.other.append({k: v for k, v in item.data.items() if k not in ("summary", "content")})


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


BODY = Body("openai_responses", is_body, read, ("output",))
