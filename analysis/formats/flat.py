"""Rows with one response each: which key holds the question, the reasoning and the answer.

Names alone do not tell: ``answer`` is what the model said, or the gold answer, or what was
extracted; ``solution`` is gold, or the reasoning itself; ``reasoning`` is a text or a switch. The
whole set of keys decides (``docs/formats.md``, 'Which key is what').
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.formats.apart import settle_marks
from analysis.formats.asking import as_system
from analysis.formats.blocks import reasoning_fields, reasoning_of
from analysis.formats.draft import FileHint, Texts, make_trace
from analysis.formats.fields import (
    ALIASES,
    KNOWN_NAMES,
    RESPONSE_KEYS,
    SUMMARY_KEYS,
    Row,
    as_gold,
    as_text,
    names_of,
    scalar_fields,
)
from analysis.formats.markers import SUMMARISED
from analysis.formats.messages import is_messages, read_messages
from analysis.formats.notes import SPAN_KEYS, note_fields, signature_fields
from analysis.formats.split import has_marks, split_text
from analysis.formats.tags import opened_effort, opens_reasoning
from analysis.formats.templates import rendered_turns
from analysis.formats.turns import conversation, model_of, usage_of
from analysis.formats.unmarked import all_reasoning, settle_unmarked
from analysis.formats.usage import usage_fields
from analysis.model import ReasoningKind, Rejected, SplitMethod, Trace

_PLAIN_QUESTION = ALIASES["question"][:6]
_STEP_LISTS = ("steps", "trajectory", "trace", "chain")
_LAST_RESORTS = ("solution", "answer", "text")
"""Names that may be anything: a text with marks under an unknown name is the response before them."""
_STEP_KEYS = ("thought", "thoughts", "reasoning", "thinking", "text", "content", "step", "explanation")  # fmt: skip
_ANSWER_ALIASES = frozenset(("final_answer", "answer_text", "answer_content"))
"""Other names for ``answer``: where both stand, ``answer`` is the answer."""
_PREDICTIONS = ("prediction", "predictions", "model_prediction", "model_answer", "final_answer")
_SHORTER = 4
"""What was extracted is so many times shorter than the text that it stands in."""
_SHOWN_KEYS = 12


def read_flat(
    value: Mapping[str, Any],
    hint: FileHint,
    *,
    format_id: str,
    confidence: float,
    empty_ok: bool = False,
) -> list[Trace] | Rejected:
    """One trace from one row of columns, or the reason why there is none.

    ``empty_ok``: a row without any text is a failed sample of a request, not a rejected row.
    """
    row = Row(value)
    fields: dict[str, Any] = {}
    signature_fields(row, fields)
    texts = _texts(row, fields)
    for name, found in scalar_fields(row).items():
        fields.setdefault(name, found)
    if "model" not in fields and (model := model_of(texts)) is not None:
        fields["model"] = model
    usage_fields(row, fields, texts)
    if "completion_tokens" not in fields and (usage := usage_of(texts)) is not None:
        usage_fields(Row({"usage": usage}), fields, texts)
    note_fields(row, fields)
    settle_unmarked(texts, fields)
    _settle_summary(texts, fields)
    if not texts.has_response and not (empty_ok or _is_empty_response(row, fields)):
        return Rejected("no_text", _no_text(value))
    if not texts.has_response and not fields.get("error"):
        texts.warn("no_response", "the row records a request, but no text came of it")
    _extracted(row, texts, fields)
    metadata = row.rest()
    if _labels_steps(value) and fields.get("gold_answer") == as_gold(value["label"]):
        fields.pop("gold_answer", None)
        metadata["label"] = value["label"]
    trace = make_trace(
        texts, fields, metadata, hint=hint, format_id=format_id, confidence=confidence
    )
    return [trace]


def _texts(row: Row, fields: dict[str, Any]) -> Texts:
    """Question, reasoning and answer of a row, by the first reading that its keys allow."""
    texts = conversation(row) or Texts()
    _question(row, texts)
    if texts.system_prompt is None:
        texts.system_prompt = row.take(as_system, *ALIASES["system_prompt"])
    blocks: list[str] = []
    kind = ReasoningKind.NONE
    if texts.reasoning is None:  # else what the row repeats or adds stays in metadata
        blocks, kind = _reasoning(row, texts)
    if blocks or kind is not ReasoningKind.NONE:
        _apart(row, texts, fields, "\n\n".join(blocks) or None, kind)
    elif texts.has_response:
        _gold_from_turns(texts, fields)
        _gold_from_answer(row, texts, fields)
        _gold_from_solution(row, fields)
    else:
        _one_text(row, texts, fields)
    return texts


def _reasoning(row: Row, texts: Texts) -> tuple[list[str], ReasoningKind]:
    """The reasoning that has a key of its own: a text, steps, a summary, an annotated text."""
    blocks, kind, _ = reasoning_fields(row)
    if kind is not ReasoningKind.NONE:
        return blocks, kind
    for name in row.present(*SUMMARY_KEYS):
        if found := reasoning_of(row.get(name))[0]:
            row.use(name)
            return found, ReasoningKind.SUMMARY
    if _is_annotated(row) and isinstance(row.get("text"), str) and str(row.get("text")).strip():
        # ``text`` is what the spans count in, so it is taken as it stands.
        return [str(row.use("text"))], ReasoningKind.VISIBLE
    if not texts.has_response and (blocks := _steps(row)):
        return blocks, ReasoningKind.VISIBLE
    return [], ReasoningKind.NONE


def _steps(row: Row) -> list[str]:
    """The thoughts of a list of steps beside a final answer."""
    alone = not any(True for _ in row.texts(*RESPONSE_KEYS, "answer", "solution", "text"))
    labels = row.get("label")  # PRM800K
    for name in _STEP_LISTS:
        found = row.get(name) or (labels.get(name) if isinstance(labels, dict) else None)
        if not isinstance(found, list) or is_messages(found) or (alone and len(found) < 2):
            continue
        blocks = [_step_text(item) for item in found]
        if blocks and all(blocks):
            if all(isinstance(item, str) for item in found):
                row.use(name)  # else what a step holds beside its thought stays in metadata
            return [block for block in blocks if block]
    return []


def _extracted(row: Row, texts: Texts, fields: dict[str, Any]) -> None:
    """A short prediction beside the whole text of the model is what was extracted of it."""
    if "extracted_answer" in fields or not (texts.raw or texts.reasoning):
        return
    whole = len(texts.raw or texts.answer or "")
    for name, text in row.texts(*_PREDICTIONS):
        if len(text) * _SHORTER < whole and text.strip() != (texts.answer or "").strip():
            fields["extracted_answer"] = str(row.use(name)).strip()
            return


def _labels_steps(value: Mapping[str, Any]) -> bool:
    """Whether ``label`` says which steps are right (PRM800K, ProcessBench), and is no answer."""
    label = value.get("label")
    steps = value.get("steps")
    if not isinstance(steps, list) or isinstance(label, bool):
        return False
    return isinstance(label, list) or (isinstance(label, int) and label < len(steps))


def _step_text(item: Any) -> str | None:
    if isinstance(item, str):
        return item if item.strip() else None
    if not isinstance(item, dict):
        return None
    offered, chosen = item.get("completions"), item.get("chosen_completion")
    if isinstance(offered, list) and offered:  # PRM800K: of several completions one was taken
        item = offered[chosen if isinstance(chosen, int) and chosen < len(offered) else 0]
        return _step_text(item)
    return next((v for _, v in Row(item).texts(*_STEP_KEYS)), None)


def _is_annotated(row: Row) -> bool:
    """True for a text whose characters spans count."""
    return any(isinstance(row.get(key), list) for key in SPAN_KEYS)


def _question(row: Row, texts: Texts) -> None:
    """A question in a key of its own is plainer than the prompt that was made of it."""
    asked = texts.question
    names = _PLAIN_QUESTION if asked is not None else ALIASES["question"]
    found = row.take(as_text, *names)
    if found is not None and found == row.data_of("instruction") and asked is None:
        more = row.take(as_text, "input")  # Alpaca: what the instruction is about
        found = found if more is None else f"{found}\n\n{more}"
    texts.question = found or asked
    if asked is not None and texts.question != asked:
        turn = {"role": "user", "content": asked}
        texts.metadata["messages"] = [turn, *texts.metadata.get("messages", [])]


def _apart(
    row: Row, texts: Texts, fields: dict[str, Any], reasoning: str | None, kind: ReasoningKind
) -> None:
    """Reasoning has a key of its own; the answer is in another, or in the conversation."""
    answer = texts.answer
    texts.reasoning, texts.kind, texts.method = reasoning, kind, SplitMethod.FIELD
    responses = list(row.texts(*RESPONSE_KEYS))
    for name, text in responses:
        if reasoning and len(text) > len(reasoning) and reasoning.strip() in text:
            texts.raw = texts.raw or text  # the unsplit reply beside its parts
            row.use(name)
        elif answer is None and not (name in _ANSWER_ALIASES and "answer" in row):
            answer = text
            row.use(name)
    if answer is None and texts.raw is not None and reasoning and has_marks(texts.raw):
        answer = split_text(texts.raw).answer
        if answer is not None and _same_text(row.get("answer"), answer):
            row.use("answer")
    if answer is None:
        answer = row.take(as_gold, "answer")
    else:
        _gold_from_answer(row, texts, fields)
    if answer is None and texts.question and isinstance(row.get("text"), str):
        answer = row.take(as_text, "text")  # Vercel's AI SDK: what was said beside its reasoning
    if answer is None and texts.raw is not None and reasoning:
        answer = split_text(texts.raw).answer
    texts.answer = answer
    _gold_from_solution(row, fields)
    settle_marks(texts, annotated=_is_annotated(row) or "annotator" in row)


def _same_text(value: Any, text: str) -> bool:
    return isinstance(value, str) and "".join(value.split()) == "".join(text.split())


def _gold_from_turns(texts: Texts, fields: dict[str, Any]) -> None:
    """A gold answer that a turn carries in its ``info``."""
    for turn in texts.metadata.get("messages", []):
        info = turn.get("info")
        if isinstance(info, dict) and (gold := as_gold(info.get("reference_answer"))) is not None:
            fields.setdefault("gold_answer", gold)


def _gold_from_solution(row: Row, fields: dict[str, Any]) -> None:
    """``solution`` beside the model's own text is a worked gold answer, if no other is stated."""
    if "gold_answer" not in fields and not any(row.present(*ALIASES["gold_answer"])):
        value = row.take(as_gold, "solution")
        if value is not None:
            fields["gold_answer"] = value


def _gold_from_answer(row: Row, texts: Texts, fields: dict[str, Any]) -> None:
    """``answer`` beside the model's own text: the gold answer, or what was extracted."""
    if row.get("answer") is None:
        return
    stated_gold = any(row.present(*ALIASES["gold_answer"]))
    name = "extracted_answer" if stated_gold else "gold_answer"
    value = row.take(as_gold, "answer")
    if value is not None:
        fields[name] = value
        texts.warn("answer_role", f"'answer' beside the model's text was read as {name}")


def _one_text(row: Row, texts: Texts, fields: dict[str, Any]) -> None:
    """One key holds all that the model wrote."""
    name, text = _response_text(row) or (None, "")
    if name in (None, *_LAST_RESORTS) and not has_marks(text):
        name, text = _guessed_text(row, texts) or (name, text)
    if name is None:
        if _lacks_reply(row):
            _gold_from_answer(row, texts, fields)
            _gold_from_solution(row, fields)
        return
    if name == "answer" and (said := _predicted(row)) is not None:
        fields["gold_answer"] = row.take(as_gold, "answer")
        name, text = said
    row.use(name)
    turns = rendered_turns(text)
    if turns is not None:
        _rendered(texts, turns, text)
        return
    prompts = (texts.question, *(text for _, text in row.texts(*ALIASES["question"])))
    prefilled = any(opens_reasoning(prompt) for prompt in prompts) or None
    if name == "solution" and prefilled:
        if (extracted := row.take(as_gold, "answer")) is not None:
            fields["extracted_answer"] = extracted
    elif name != "answer":
        _gold_from_answer(row, texts, fields)
        _gold_from_solution(row, fields)
    for prompt in prompts if prefilled else ():
        texts.effort = texts.effort or opened_effort(prompt)
    texts.take_split(split_text(text, prefilled=prefilled), text)
    if texts.method is SplitMethod.NONE and name in ("solution", "text"):
        all_reasoning(texts, text)
        if name == "solution":
            texts.warn("solution_is_reasoning", "'solution' was read as the reasoning")


def _predicted(row: Row) -> tuple[str, str] | None:
    """What the model said, where ``answer`` beside it can only be the gold answer (simple-evals)."""
    if any(row.present(*ALIASES["gold_answer"])) or has_marks(str(row.get("answer"))):
        return None
    said = next(row.texts("predicted_answer", "pred_answer", "model_prediction"), None)
    return said if said and len(said[1]) >= len(as_gold(row.get("answer")) or "") else None


def _rendered(texts: Texts, turns: list[dict[str, str]], text: str) -> None:
    """A whole conversation in one text, as a chat template wrote it."""
    conversation = read_messages(turns)
    question, system_prompt = texts.question, texts.system_prompt
    for name in ("reasoning", "answer", "kind", "method", "truncated", "metadata"):
        setattr(texts, name, getattr(conversation, name))
    texts.warnings += conversation.warnings
    texts.question = question or conversation.question
    texts.system_prompt = system_prompt or conversation.system_prompt
    texts.raw = text
    texts.warn("rendered_template", "the turns were read from a text that a chat template wrote")


def _guessed_text(row: Row, texts: Texts) -> tuple[str, str] | None:
    """A text with marks under a key that no list knows: its marks say what it is."""
    names = [name for name in names_of(row.data) if name not in KNOWN_NAMES]
    for name, text in row.texts(*names):
        if has_marks(text):
            texts.warn("guessed_key", f"the text under {name[:60]!r} was taken for its marks")
            return name, text
    return None


def _lacks_reply(row: Row) -> bool:
    """True for a row with a key for the model's text that holds nothing."""
    return any(
        row.has(name) and row.data_of(name) is None for name in (*RESPONSE_KEYS, "reasoning")
    )


def _response_text(row: Row) -> tuple[str, str] | None:
    """The key with the model's text: one with marks first, then by the order of the names."""
    found = list(row.texts(*RESPONSE_KEYS, "solution", "answer", "text"))
    if row.has("solution") and _lacks_reply(row):  # then a solution is what should have been said
        found = [pair for pair in found if pair[0] != "solution" or has_marks(pair[1])]
    marked = (pair for pair in found if has_marks(pair[1]))
    plain = [pair for pair in found if not (pair[0] in _ANSWER_ALIASES and "answer" in row)]
    return next(marked, plain[0] if plain else None)


def _settle_summary(texts: Texts, fields: Mapping[str, Any]) -> None:
    """Some providers only ever give a summary of the reasoning, in the key for reasoning."""
    apart = texts.kind is ReasoningKind.VISIBLE and texts.method is SplitMethod.FIELD
    if apart and SUMMARISED.search(str(fields.get("model", ""))):
        texts.kind = ReasoningKind.SUMMARY
        texts.warn("summary_by_model", "this model's provider gives summaries of the reasoning")


def _is_empty_response(row: Row, fields: Mapping[str, Any]) -> bool:
    """True for a failed or empty generation: a response key is there, and so is a request."""
    if fields.get("error"):
        return True
    names = (*RESPONSE_KEYS, "answer", "reasoning", "thinking", "reasoning_content")
    asked = any(
        fields.get(name) is not None for name in ("model", "finish_reason", "completion_tokens")
    )
    return asked and any(row.has(name) and row.data_of(name) in (None, "") for name in names)


def _no_text(value: Mapping[str, Any]) -> str:
    shown = ", ".join(str(key)[:40] for key in list(value)[:_SHOWN_KEYS]) or "none"
    more = f" and {len(value) - _SHOWN_KEYS} more" if len(value) > _SHOWN_KEYS else ""
    return f"No reasoning or answer text found; keys: {shown}{more}."
