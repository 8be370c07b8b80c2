"""Streamed replies put together again: the events of one stream as the reply they add up to.

One function a family; each takes the parsed events and gives what the same server gives without
streaming. Sources: the API references of OpenAI (chat, responses), Anthropic, Google, Cohere, AWS
(ConverseStream) and Ollama.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Event = Mapping[str, Any]


def join_values(known: Any, new: Any) -> Any:
    """Two pieces of a value: texts one after the other, objects key by key, lists by index.

    Never changes ``new``, and nothing of ``known`` that did not come from here.
    """
    if known is None and isinstance(new, dict | list):
        known = type(new)()
    elif known is None:
        return new
    if isinstance(known, str) and isinstance(new, str):
        return known + new
    if isinstance(known, dict) and isinstance(new, Mapping):
        return join_objects(known, new)
    if isinstance(known, list) and isinstance(new, list):
        return join_lists(known, new)
    return known if new is None else new


_SAID_ONCE = frozenset(("type", "role", "id", "index", "name", "format", "model", "object"))
"""Texts that every piece repeats."""


def join_objects(known: dict[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Two pieces of an object; changes ``known``."""
    for key, value in new.items():
        if key in _SAID_ONCE:
            if value not in (None, ""):
                known[key] = value
        else:
            known[key] = join_values(known.get(key), value)
    return known


def join_lists(known: list[Any], new: list[Any]) -> list[Any]:
    """Two pieces of a list: items with the same ``index`` and type are pieces of one."""
    for item in new:
        last = None
        if isinstance(item, dict) and "index" in item:
            same = (
                k
                for k in known
                if isinstance(k, dict)
                and k.get("index") == item["index"]
                and k.get("type", item.get("type")) == item.get("type", k.get("type"))
            )
            last = next(same, None)
        if last is None:
            known.append(join_values(None, item))
        else:
            join_objects(last, item)
    return known


def join_chat(events: Sequence[Event]) -> dict[str, Any]:
    """Chat-completion chunks (and chunks of the older completions) as one reply."""
    reply: dict[str, Any] = {}
    pieces: dict[Any, dict[str, list[str]]] = {}
    choices: dict[Any, dict[str, Any]] = {}
    for event in events:
        for key, value in event.items():
            if key != "choices" and value is not None:
                reply[key] = value
        for choice in _objects(event.get("choices")):
            index = choice.get("index") or 0
            index = index if isinstance(index, int) else str(index)
            told = choices.setdefault(index, {"index": index, "message": {"role": "assistant"}})
            texts = pieces.setdefault(index, {})
            delta = choice.get("delta", choice.get("message"))
            for key, value in delta.items() if isinstance(delta, dict) else ():
                parts = told["message"].get(key)
                if key == "content" and (isinstance(value, list) or isinstance(parts, list)):
                    told["message"][key] = _more_parts(parts, value, texts.pop(key, []))
                elif isinstance(value, str) and key != "role":
                    texts.setdefault(key, []).append(value)
                elif key != "role":
                    told["message"][key] = join_values(told["message"].get(key), value)
            if isinstance(text := choice.get("text"), str):
                texts.setdefault("content", []).append(text)
            for key in choice.keys() - {"delta", "message", "index", "text", "logprobs"}:
                if choice[key] is not None:
                    told[key] = choice[key]
    for index, texts in pieces.items():
        message = choices[index]["message"]
        message.update({key: "".join(found) for key, found in texts.items()})
    reply["choices"] = [choices[index] for index in sorted(choices, key=str)]
    reply.pop("object", None)
    return reply


def _more_parts(parts: Any, value: Any, before: list[str]) -> list[Any]:
    """Content in parts (Mistral) with the next piece, which may be plain text again."""
    found: list[Any] = list(parts) if isinstance(parts, list) else [*filter(None, before)]
    pieces = value if isinstance(value, list) else [{"type": "text", "text": value}]
    for piece in pieces:
        last = found[-1] if found else None
        if (
            not isinstance(piece, dict)
            or not isinstance(last, dict)
            or last.get("type") != piece.get("type")
        ):
            found.append(piece)
            continue
        for key in ("text", "thinking"):
            if piece.get(key):
                found[-1] = {**last, key: join_values(last.get(key), piece[key])}
    return found


def join_anthropic(events: Sequence[Event]) -> dict[str, Any]:
    """Message events as one message."""
    reply: dict[str, Any] = {"type": "message", "role": "assistant", "stop_reason": None}
    blocks: dict[Any, dict[str, Any]] = {}
    pieces: dict[Any, dict[str, list[str]]] = {}
    for event in events:
        kind, index = event.get("type"), str(event.get("index", 0))
        if kind == "message_start" and isinstance(event.get("message"), dict):
            reply.update(event["message"])
        elif kind == "content_block_start" and isinstance(event.get("content_block"), dict):
            blocks[index] = dict(event["content_block"])
        elif kind == "content_block_delta" and isinstance(event.get("delta"), dict):
            blocks.setdefault(index, {})
            for key, value in event["delta"].items():
                if isinstance(value, str) and key != "type":
                    pieces.setdefault(index, {}).setdefault(key, []).append(value)
        elif kind == "message_delta":
            usage = {**_object(reply.get("usage")), **_object(event.get("usage"))}
            reply.update(_object(event.get("delta")), usage=usage)
        elif kind == "error":
            reply["error"] = event.get("error")
    for index, texts in pieces.items():
        block = blocks[index]
        for key, found in texts.items():
            block[key] = str(block.get(key) or "") + "".join(found)
        block.setdefault("type", "thinking" if "thinking" in texts else "text")
    reply["content"] = list(blocks.values())
    return reply


def join_gemini(events: Sequence[Event]) -> dict[str, Any]:
    """Chunks of generateContent as one reply: parts of one kind that follow each other are one."""
    reply: dict[str, Any] = {}
    candidates: dict[int, dict[str, Any]] = {}
    for event in events:
        for key, value in event.items():
            if key != "candidates" and value is not None:
                reply[key] = value  # the last usage counts all of the stream
        for candidate in _objects(event.get("candidates")):
            index = candidate.get("index") or 0
            index = index if isinstance(index, int) else 0
            whole = candidates.setdefault(index, {"index": index, "content": {"parts": []}})
            content = _object(candidate.get("content"))
            for part in _objects(content.get("parts")):
                _add_part(whole["content"]["parts"], part)
            for key, value in candidate.items():
                if key not in ("content", "index") and value is not None:
                    whole[key] = value
    reply["candidates"] = [candidates[index] for index in sorted(candidates)]
    for candidate in reply["candidates"]:
        for part in candidate["content"]["parts"]:
            if isinstance(part.get("text"), _Pieces):
                part["text"] = "".join(part["text"])
    return reply


class _Pieces(list[str]):
    """The pieces of a text until its stream ends."""


def _add_part(parts: list[dict[str, Any]], part: Mapping[str, Any]) -> None:
    text = part.get("text")
    last = parts[-1] if parts else None
    if not isinstance(text, str):
        parts.append(dict(part))
    elif (
        last
        and isinstance(last.get("text"), _Pieces)
        and bool(last.get("thought")) == bool(part.get("thought"))
    ):
        last["text"].append(text)
        last.update({key: value for key, value in part.items() if key != "text"})
    else:
        parts.append({**part, "text": _Pieces([text])})


def join_responses(events: Sequence[Event]) -> dict[str, Any]:
    """Events of the Responses API: the response that the last event holds, or what there was."""
    reply: dict[str, Any] = {"object": "response"}
    items: dict[Any, dict[str, Any]] = {}
    pieces: dict[tuple[Any, str, Any], list[str]] = {}
    error: Any = None
    for event in events:
        kind = str(event.get("type"))
        place = event.get("output_index") or 0
        place = place if isinstance(place, int) else 0
        if isinstance(event.get("response"), dict):
            reply.update(event["response"])
        elif kind in ("response.output_item.added", "response.output_item.done"):
            items[place] = dict(_object(event.get("item")))
        elif kind.endswith(".delta") and isinstance(event.get("delta"), str):
            part = event.get("summary_index", event.get("content_index"))
            pieces.setdefault((place, kind, str(part)), []).append(event["delta"])
        elif kind == "error":
            error = event.get("error") or event.get("message")
    if not reply.get("output"):
        _unfinished(items, pieces)
        reply["output"] = [items[place] for place in sorted(items)]
    if error and not reply.get("error"):
        reply["error"] = error
    return reply


_DELTAS = {
    "response.reasoning_summary_text.delta": ("reasoning", "summary", "summary_text"),
    "response.reasoning_text.delta": ("reasoning", "content", "reasoning_text"),
    "response.reasoning.delta": ("reasoning", "content", "reasoning_text"),
    "response.output_text.delta": ("message", "content", "output_text"),
    "response.refusal.delta": ("message", "content", "refusal"),
}


def _unfinished(
    items: dict[Any, dict[str, Any]], pieces: Mapping[tuple[Any, str, Any], list[str]]
) -> None:
    """Items that a cut stream never finished, from their deltas."""
    for (place, kind, _), found in pieces.items():
        if kind not in _DELTAS:
            continue
        item_type, key, part_type = _DELTAS[kind]
        item = items.setdefault(place, {"type": item_type})
        known = item.get(key)
        if isinstance(known, list) and any(_object(p).get("text") for p in known):
            continue  # the finished item is there
        item.setdefault("_parts", []).append({"type": part_type, "text": "".join(found)})
        item["_key"] = key
    for item in items.values():
        if "_parts" in item:
            item[item.pop("_key")] = item.pop("_parts")


def join_ollama(events: Sequence[Event]) -> dict[str, Any]:
    """Lines of Ollama's chat or generate API as one reply."""
    reply: dict[str, Any] = {}
    texts: dict[str, list[str]] = {}
    message: dict[str, Any] = {}
    for event in events:
        for key, value in event.items():
            if key in ("response", "thinking") and isinstance(value, str):
                texts.setdefault(key, []).append(value)
            elif key != "message":
                reply[key] = value
        for key, value in _object(event.get("message")).items():
            if isinstance(value, str) and key != "role":
                texts.setdefault(f"message.{key}", []).append(value)
            elif key != "role":
                message[key] = join_values(message.get(key), value)
    for name, found in texts.items():
        target = message if name.startswith("message.") else reply
        target[name.removeprefix("message.")] = "".join(found)
    if message or any("message" in event for event in events):
        reply["message"] = {"role": "assistant", **message}
    return reply


def join_converse(events: Sequence[Event]) -> dict[str, Any]:
    """Events of Bedrock's ConverseStream as a reply of Converse."""
    blocks: dict[Any, dict[str, Any]] = {}
    pieces: dict[Any, dict[str, list[str]]] = {}
    reply: dict[str, Any] = {"stopReason": None}
    for event in events:
        start, delta = (
            _object(event.get("contentBlockStart")),
            _object(event.get("contentBlockDelta")),
        )
        if start:
            blocks[str(start.get("contentBlockIndex", 0))] = dict(_object(start.get("start")))
        if delta:
            index = str(delta.get("contentBlockIndex", 0))
            blocks.setdefault(index, {})
            said = _object(delta.get("delta"))
            inner = said.get("reasoningContent")
            for key, value in (inner if isinstance(inner, dict) else said).items():
                name = f"reasoning.{key}" if isinstance(inner, dict) else key
                if isinstance(value, str):
                    pieces.setdefault(index, {}).setdefault(name, []).append(value)
        reply["stopReason"] = (
            _object(event.get("messageStop")).get("stopReason") or reply["stopReason"]
        )
        reply.update(_object(event.get("metadata")))
    for index, texts in pieces.items():
        reasoning = {k.removeprefix("reasoning."): "".join(v) for k, v in texts.items() if "." in k}
        blocks[index].update({k: "".join(v) for k, v in texts.items() if "." not in k})
        if "redactedContent" in reasoning:
            blocks[index]["reasoningContent"] = reasoning
        elif reasoning:
            blocks[index]["reasoningContent"] = {"reasoningText": reasoning}
    reply["output"] = {"message": {"role": "assistant", "content": list(blocks.values())}}
    return reply


def join_cohere(events: Sequence[Event]) -> dict[str, Any]:
    """Events of Cohere's chat API as one reply."""
    reply: dict[str, Any] = {"finish_reason": None}
    parts: dict[Any, dict[str, list[str]]] = {}
    for event in events:
        delta = _object(event.get("delta"))
        if event.get("id"):
            reply["id"] = event["id"]
        piece = _object(_object(delta.get("message")).get("content"))
        for key in ("thinking", "text"):
            if isinstance(piece.get(key), str):
                place = parts.setdefault(str(event.get("index", 0)), {})
                place.setdefault(key, []).append(piece[key])
        if event.get("type") == "message-end":
            reply.update(
                {key: delta[key] for key in ("finish_reason", "usage", "error") if key in delta}
            )
    said = [(key, "".join(found)) for place in parts.values() for key, found in place.items()]
    content = [{"type": key, key: text} for key, text in said if text]
    return {**reply, "message": {"role": "assistant", "content": content}}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
