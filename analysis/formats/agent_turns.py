"""Turns as chat programs and agents store them, as chat turns: LM Studio, Gemini CLI, OpenHands, Grok.

Each is told by the keys of one item; what an item holds beside its words stays with the turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.formats.messages import role_of

Turn = dict[str, Any]


def stored_turn(item: Mapping[str, Any]) -> Turn | None:
    """The chat turn that an item stands for; None where no program here writes it so."""
    if isinstance(item.get("versions"), list):
        return _lm_studio(item)
    if item.get("type") == "gemini" and "content" in item:
        return _gemini_cli(item)
    if isinstance(item.get("source"), str) and ("action" in item or "observation" in item):
        return _open_hands(item)
    inner = item.get("response")
    if isinstance(inner, dict) and role_of(inner) is not None:
        return dict(inner)
    return None


def _lm_studio(item: Mapping[str, Any]) -> Turn | None:
    """The version of a message that is shown; its steps are its parts."""
    versions, at = item["versions"], item.get("currentlySelected", 0)
    shown = versions[at] if isinstance(at, int) and 0 <= at < len(versions) else None
    if not isinstance(shown, dict) or role_of(shown) is None:
        return None
    steps = [step for step in _listed(shown.get("steps")) if isinstance(step, dict)]
    if not steps:
        return dict(shown)
    sender = shown.get("senderInfo")
    model = sender.get("senderName") if isinstance(sender, dict) else None
    parts = [part for step in steps for part in _lm_studio_parts(step)]
    return {"role": shown["role"], "content": parts, **({"model": model} if model else {})}


def _lm_studio_parts(step: Mapping[str, Any]) -> list[Any]:
    style = step.get("style")
    thinks = isinstance(style, dict) and style.get("type") == "thinking"
    found = [part for part in _listed(step.get("content")) if isinstance(part, dict)]
    if not thinks:
        return found
    text = "".join(str(part["text"]) for part in found if isinstance(part.get("text"), str))
    return [{"type": "thinking", "thinking": text}]


def _gemini_cli(item: Mapping[str, Any]) -> Turn:
    """A reply with its thoughts, which are summaries with a subject each."""
    thoughts = [
        {"type": "summary", "text": "\n\n".join(said)}
        for thought in _listed(item.get("thoughts"))
        if isinstance(thought, dict)
        and (said := [s for s in (_bold(thought.get("subject")), thought.get("description")) if s])
    ]
    counts = item.get("tokens")
    left = {k: v for k, v in item.items() if k not in ("type", "content", "thoughts", "tokens")}
    turn: Turn = {**left, "role": "assistant", "content": [*thoughts, item["content"]]}
    if isinstance(counts, dict):
        turn["usage"] = {
            "prompt_tokens": counts.get("input"),
            "candidates_token_count": counts.get("output"),
            "thoughts_token_count": counts.get("thoughts"),
        }
    return turn


def _bold(subject: Any) -> str:
    return f"**{subject.strip()}**" if isinstance(subject, str) and subject.strip() else ""


def _open_hands(item: Mapping[str, Any]) -> Turn:
    """An event of OpenHands: what was said, thought or done, or what came of it."""
    given = item.get("args")
    args: Mapping[str, Any] = given if isinstance(given, dict) else {}
    source, action = item["source"], item.get("action")
    if action is None or source not in ("user", "agent"):
        return {**item, "role": "tool"}
    said = args.get("content") or item.get("message") or item.get("content")
    if action == "system":
        return {"role": "system", "content": said}
    if source == "user":
        return {"role": "user" if action == "message" else "tool", "content": said}
    thought = args.get("thought")
    parts: list[Any] = [{"type": "thinking", "thinking": text} for text in _reasoned(item)]
    if action == "think":
        parts.append({"type": "thinking", "thinking": thought or said})
    elif action == "message":
        parts.append({"type": "text", "text": said})
    elif action == "finish":
        parts.append({"type": "text", "text": args.get("final_thought") or thought or said})
    else:
        parts += [{"type": "text", "text": thought}] if thought else []
        parts.append({"type": "tool_call", **item})
    return {"role": "assistant", "content": parts}


def _reasoned(item: Mapping[str, Any]) -> list[str]:
    """The reasoning in the reply of the model's server that an event keeps."""
    at: Any = item.get("tool_call_metadata") or item.get("llm_metrics")
    for step in ("model_response", "choices", 0, "message", "reasoning_content"):
        if isinstance(at, dict) and isinstance(step, str):
            at = at.get(step)
        elif isinstance(at, list) and at and step == 0:
            at = at[0]
        else:
            return []
    return [at] if isinstance(at, str) and at.strip() else []


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
