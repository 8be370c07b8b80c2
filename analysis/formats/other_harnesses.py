"""Logs of more evaluation tools: promptfoo, HELM, FastChat (MT-Bench, Arena-Hard), OpenAI Evals.

Each is told by its set of keys and laid out as rows of columns. Sources: promptfoo
``src/types/index.ts`` (EvaluateResult); HELM ``adaptation/scenario_state.py`` and ``request_state.py``;
FastChat ``llm_judge/gen_model_answer.py`` and Arena-Hard-Auto ``gen_answer.py``; OpenAI Evals ``record.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.formats.draft import FileHint
from analysis.formats.fields import Row, as_bool, as_float, as_gold, as_label, as_text
from analysis.formats.harness import Harness, Laid
from analysis.formats.messages import is_messages
from analysis.formats.tags import opens_reasoning


def _rest(value: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: found for key, found in value.items() if key not in names and found is not None}


# --- promptfoo ------------------------------------------------------------------------------------


def _is_promptfoo(value: Mapping[str, Any]) -> bool:
    prompt, provider = value["prompt"], value["provider"]
    return isinstance(prompt, dict) and "raw" in prompt and isinstance(provider, dict | str)


def _promptfoo(value: Mapping[str, Any], hint: FileHint) -> Iterator[Laid]:
    response = value["response"] if isinstance(value["response"], dict) else {}
    usage = response.get("tokenUsage")
    counts = Row(usage if isinstance(usage, dict) else {})
    details = counts.get("completion_details")
    provider = value["provider"]
    latency = as_float(value.get("latencyMs"))
    columns = {
        **_asked(value["prompt"]["raw"]),
        "model": as_label(provider.get("id") if isinstance(provider, dict) else provider),
        "id": as_text(value.get("id")),
        "correct": as_bool(value.get("success")),
        "score": value.get("score"),
        "prompt_tokens": counts.get("prompt"),
        "completion_tokens": counts.get("completion"),
        "reasoning_tokens": details.get("reasoning") if isinstance(details, dict) else None,
        "finish_reason": response.get("finishReason"),
        "cost": value.get("cost"),
        "latency_s": None if latency is None else latency / 1000,
        "error": value.get("error") if not response.get("output") else None,
        "output": response.get("output"),
        "reasoning": response.get("reasoning"),
    }
    rest = _rest(
        value, "prompt", "provider", "id", "success", "score", "cost", "response", "latencyMs"
    )
    left = _rest(response, "output", "tokenUsage", "reasoning", "finishReason")
    yield columns, {**rest, **({"response": left} if left else {})}


def _asked(raw: Any) -> dict[str, Any]:
    """The question of a prompt that is a text, or turns as JSON text."""
    return {"prompt": raw}


# --- HELM -----------------------------------------------------------------------------------------


def _is_helm(value: Mapping[str, Any]) -> bool:
    instance, request = value["instance"], value["request"]
    return isinstance(instance, dict) and "input" in instance and isinstance(request, dict)


def _helm(value: Mapping[str, Any], hint: FileHint) -> Iterator[Laid]:
    """A request state: one row for each completion."""
    instance, request = value["instance"], value["request"]
    result = value.get("result")
    result = result if isinstance(result, dict) else {}
    given = instance["input"]
    question = as_text(given.get("text")) if isinstance(given, dict) else as_text(given)
    messages = request.get("messages")
    columns: dict[str, Any] = {
        "question": question or as_text(request.get("prompt")),
        "model": as_label(request.get("model")),
        "id": as_text(instance.get("id")),
        "gold": _right_reference(instance.get("references")),
        "latency_s": result.get("request_time"),
        "error": result.get("error"),
    }
    if columns["question"] is None and is_messages(messages):
        columns["prompt"] = messages
    found = result.get("completions")
    completions = [c for c in found if isinstance(c, dict)] if isinstance(found, list) else []
    rest = _rest(value, "result")
    for index, completion in enumerate(completions or [{}]):
        finish, thinking = completion.get("finish_reason"), completion.get("thinking")
        yield (
            {
                **columns,
                "output": completion.get("text"),
                "reasoning": thinking.get("text") if isinstance(thinking, dict) else thinking,
                "finish_reason": finish.get("reason") if isinstance(finish, dict) else finish,
                "sample_index": index,
            },
            rest,
        )


def _right_reference(references: Any) -> str | None:
    """The references that are tagged as correct."""
    found = [r for r in references if isinstance(r, dict)] if isinstance(references, list) else []
    right = [r.get("output") for r in found if _is_tagged(r.get("tags"))]
    return as_gold([r.get("text") if isinstance(r, dict) else r for r in right])


def _is_tagged(tags: Any) -> bool:
    return isinstance(tags, list) and "correct" in tags


# --- FastChat -------------------------------------------------------------------------------------


def _is_fastchat(value: Mapping[str, Any]) -> bool:
    choices = value["choices"]
    if not isinstance(choices, list) or not choices:
        return False
    return all(
        isinstance(c, dict) and isinstance(c.get("turns"), list) and c["turns"] for c in choices
    )


def _fastchat(value: Mapping[str, Any], hint: FileHint) -> Iterator[Laid]:
    """The last turn of each choice; the turns before it stay in metadata."""
    for index, choice in enumerate(value["choices"]):
        *earlier, last = choice["turns"]
        said = last if isinstance(last, dict) else {"content": last}
        row = {k: v for k, v in said.items() if k not in ("content", "token_len")}
        position = choice.get("index", index)
        yield (
            {
                **_rest(value, "choices"),
                **row,
                "output": said.get("content"),
                "completion_tokens": said.get("token_len"),
                "sample_index": position if isinstance(position, int) else index,
            },
            {"turns": earlier} if earlier else {},
        )


# --- OpenAI Evals ---------------------------------------------------------------------------------


def _is_sampling(value: Mapping[str, Any]) -> bool:
    data = value["data"]
    return value["type"] == "sampling" and isinstance(data, dict) and "sampled" in data


def _sampling(value: Mapping[str, Any], hint: FileHint) -> Iterator[Laid]:
    """The event of a call; the events that judge it stand in lines of their own."""
    data = value["data"]
    sampled = data["sampled"]
    columns = {
        **_rest(data, "sampled", "prompt"),
        "prompt": data.get("prompt"),
        "id": as_text(value.get("sample_id")),
        "created_at": value.get("created_at"),
    }
    for index, text in enumerate(sampled if isinstance(sampled, list) else [sampled]):
        yield {**columns, "output": text, "sample_index": index}, _rest(value, "data", "created_at")


# --- Qwen2.5-Math's evaluation, and those made of it (LIMO, ...) ------------------------------------


def _is_qwen_math(value: Mapping[str, Any]) -> bool:
    texts = value["code"]
    return isinstance(texts, list) and bool(texts) and all(isinstance(t, str) for t in texts)


def _qwen_math(value: Mapping[str, Any], hint: FileHint) -> Iterator[Laid]:
    """``code`` holds what the model wrote, ``pred`` what was extracted, ``score`` the verdicts."""
    texts = value["code"]
    columns = {
        "question": value["question"],
        "gold": as_gold(value["gt"]),
        "id": as_text(value.get("idx")),
        "model": value.get("model"),
        "finish_reason": None,
    }
    if opens_reasoning(prompt := as_text(value.get("prompt"))):
        columns["prompt"] = prompt
    rest = _rest(value, "code", "pred", "score", "gt", "question", "idx", "model")
    for index, text in enumerate(texts):
        judged = {
            field: found[index]
            for name, field in (
                ("pred", "pred"),
                ("score", "correct"),
                ("finish_reason", "finish_reason"),
            )
            if isinstance(found := value.get(name), list) and len(found) == len(texts)
        }
        yield {**columns, **judged, "output": text, "sample_index": index}, rest


OTHER_HARNESSES: tuple[tuple[str, Harness], ...] = (
    (
        "Results of promptfoo",
        Harness(
            "promptfoo", frozenset(("prompt", "provider", "response")), _promptfoo, _is_promptfoo
        ),
    ),
    (
        "Request states of HELM",
        Harness("helm", frozenset(("instance", "request")), _helm, _is_helm),
    ),
    (
        "Answers of FastChat (MT-Bench) and Arena-Hard",
        Harness("fastchat", frozenset(("choices",)), _fastchat, _is_fastchat),
    ),
    (
        "Outputs of Qwen2.5-Math's evaluation",
        Harness(
            "qwen_math", frozenset(("question", "gt", "code", "pred")), _qwen_math, _is_qwen_math
        ),
    ),
    (
        "Sampling events of OpenAI Evals",
        Harness(
            "openai_evals",
            frozenset(("run_id", "event_id", "type", "data")),
            _sampling,
            _is_sampling,
        ),
    ),
)
"""(title, harness)"""
