"""Replies of OpenAI-compatible servers: ``choices`` with a message or a text each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.formats.draft import Texts
from analysis.formats.envelope import Body, Exchange
from analysis.formats.fields import (
    Row,
    as_bool,
    as_error,
    as_gold,
    as_id,
    as_label,
    as_small_int,
    as_time,
    normal_finish,
)
from analysis.formats.markers import PREFILLS
from analysis.formats.messages import read_reply
from analysis.formats.split import split_text
from analysis.formats.tags import opens_reasoning
from analysis.formats.usage import usage_fields
from analysis.model import FinishReason, ReasoningKind, SplitMethod, Trace


def is_body(value: Any) -> bool:
    """True for an object with choices that each hold a message or a text."""
    choices = value.get("choices") if isinstance(value, dict) else None
    if not isinstance(choices, list) or not choices:
        return False
    return all(
        isinstance(c, dict)
        and (isinstance(c.get("message"), dict) or isinstance(c.get("text"), str))
        for c in choices
    )


def read(exchange: Exchange) -> list[Trace]:
    """One trace for each choice; the token counts are those of the whole reply."""
    reply = exchange.body
    exchange.fields["model"] = reply.take(as_label, "model") or exchange.fields.get("model")
    exchange.put("provider", reply.take(as_label, "provider"))
    exchange.put("created_at", reply.take(as_time, "created"))
    exchange.put("external_id", reply.take(as_id, "id"))
    usage_fields(reply, exchange.fields, exchange.texts)
    choices = reply.use("choices")
    if len(choices) > 1 and exchange.fields.get("completion_tokens") is not None:
        detail = "the token counts are of all choices of this reply together"
        exchange.texts.warn("shared_usage", detail)
    metadata = exchange.all_metadata()
    return [_read_choice(exchange, choice, i, metadata) for i, choice in enumerate(choices)]


def _read_choice(
    exchange: Exchange, value: Mapping[str, Any], position: int, metadata: Mapping[str, Any]
) -> Trace:
    choice = Row(value)
    fields = dict(exchange.fields)
    fields["finish_reason"] = choice.take(as_label, "finish_reason", "stop_reason")
    if fields.get("error") is None and (failed := choice.take(as_error, "error")) is not None:
        fields["error"] = failed  # OpenRouter: the provider broke off
    index = choice.take(as_small_int, "index")
    if fields.get("sample_index") is None:
        fields["sample_index"] = position if index is None else index
    if isinstance(review := choice.get("review"), dict):  # evalscope before 1.0
        about = Row(review)
        judged = {
            "gold_answer": about.take(as_gold, "gold"),
            "extracted_answer": about.take(as_gold, "pred"),
            "correct": about.take(as_bool, "result"),
        }
        fields |= {name: found for name, found in judged.items() if found is not None}
    prefilled = opens_reasoning(exchange.texts.question) or _cut_before_a_mark(fields)
    message = choice.use("message")
    left: dict[str, Any] = {}
    if isinstance(message, dict):
        texts, left = _read_message(message, prefilled)
    else:
        texts = Texts()
        text = str(choice.use("text"))
        texts.take_split(split_text(text, prefilled=prefilled or None), text)
    extra = choice.rest()
    left.pop("role", None)
    if left := {key: found for key, found in left.items() if found not in (None, "", [], {})}:
        extra["message"] = left
    return exchange.trace(texts, fields, {**metadata, **({"choice": extra} if extra else {})})


def _cut_before_a_mark(fields: Mapping[str, Any]) -> bool:
    """True if generation was cut off and the model's template opens the reasoning itself."""
    cut = normal_finish(fields["finish_reason"]) is FinishReason.LENGTH
    return cut and PREFILLS.search(str(fields.get("model"))) is not None


def _read_message(message: Mapping[str, Any], prefilled: bool) -> tuple[Texts, dict[str, Any]]:
    """A reply's message. A reply with reasoning apart is never split as if it were prefilled."""
    texts, left = read_reply(message)
    plain = texts.kind is ReasoningKind.NONE and texts.method is SplitMethod.NONE
    if prefilled and plain and texts.answer:
        texts, left = read_reply(message, prefilled=True)
        texts.warn("prefilled_by_model", "the template opens the reasoning of this model")
    return texts, left


BODY = Body("chat_completion", is_body, read, ("choices",), failures_under=("response", "error"))
