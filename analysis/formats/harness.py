"""Sample logs of evaluation harnesses: lm-eval, lighteval, evalscope, MathArena, ZeroEval, SGLang.

Each is told by its set of keys and laid out as rows of columns, which ``flat`` then reads.
Sources: lm-evaluation-harness ``evaluator.py`` and ``loggers/evaluation_tracker.py``; lighteval
``logging/info_loggers.py``; evalscope ``api/evaluator/state.py``; matharena ``upload_outputs.py``;
ZeroEval ``src/unified_utils.py``; SGLang ``/generate``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analysis.formats.attributes import whole
from analysis.formats.draft import FileHint
from analysis.formats.fields import ALIASES, Row, as_float, as_gold, as_label, as_text
from analysis.formats.flat import read_flat
from analysis.formats.messages import is_messages
from analysis.formats.split import split_text
from analysis.formats.tags import opens_reasoning
from analysis.model import Rejected, Trace

Laid = tuple[dict[str, Any], dict[str, Any]]
"""Columns of one response, and what of the record is for metadata."""

_SHARE_METRICS = re.compile(r"pass|maj|avg|mean|cons|bleu|rouge|f1|reward", re.IGNORECASE)
"""Metrics that are a share or an estimate even where they happen to be 0 or 1."""
_LM_FILE = re.compile(r"samples_(?P<task>.+)_\d{4}-\d\d-\d\dT[\d\-.:]+\.jsonl?")
_FLAT_LIGHTEVAL = frozenset(("full_prompt", "predictions", "metrics"))


@dataclass(frozen=True, slots=True)
class Harness:
    """One harness: the keys that tell its records, and their rows."""

    format_id: str
    keys: frozenset[str]
    """All of these keys make a record one of this harness."""
    lay_out: Callable[[Mapping[str, Any], FileHint], Iterator[Laid]]
    is_record: Callable[[Mapping[str, Any]], bool] = lambda value: True

    def recognise(self, value: Any) -> float:
        """How surely a value is such a record, by its keys."""
        ours = isinstance(value, dict) and value.keys() >= self.keys and self.is_record(value)
        return 0.96 if ours else 0.0

    def read(self, value: Any, hint: FileHint) -> list[Trace] | Rejected:
        """The traces of a record, one for each sample."""
        if not self.recognise(value):
            return Rejected("no_text", f"This is no record of the kind {self.format_id}.")
        traces: list[Trace] = []
        for columns, rest in self.lay_out(value, hint):
            found = read_flat(
                columns, hint, format_id=self.format_id, confidence=0.96, empty_ok=True
            )
            if isinstance(found, list):
                traces += [replace(t, metadata={**t.metadata, **rest}) for t in found]
        return traces or Rejected("no_text", "The record holds no text of the model.")


def _without(value: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: found for key, found in value.items() if key not in names and found is not None}


def _verdict(columns: dict[str, Any], name: str, value: Any, *, single: bool) -> None:
    """The score, and a verdict where a metric of one sample can only mean one."""
    number = float(value) if isinstance(value, bool) else as_float(value)
    if number is None:
        return
    columns["score"] = number
    if single and number in (0.0, 1.0) and not _SHARE_METRICS.search(name):
        columns["correct"] = bool(number)


# --- lm-evaluation-harness ------------------------------------------------------------------------


def _is_lm_eval(value: Mapping[str, Any]) -> bool:
    return isinstance(value["doc"], dict) and isinstance(value["resps"], list)


def _lm_eval(value: Mapping[str, Any], hint: FileHint) -> Iterator[Laid]:
    """One row a sample; the file has a line for every filter that was run over them."""
    texts = [text for found in value["resps"] for text in _texts(found)]
    prompt = _lm_prompt(value.get("arguments"))
    doc = Row(value["doc"])
    task = _LM_FILE.fullmatch(hint.name)
    columns: dict[str, Any] = {
        "question": doc.take(as_text, *ALIASES["question"]) or prompt,
        "gold": as_gold(value.get("target")),
        "question_id": as_text(value.get("doc_id")),
        "dataset": value.get("task_name") or (task["task"] if task else None),
    }
    if columns["gold"] is None:
        columns["gold"] = doc.take(as_gold, *ALIASES["gold_answer"], "answer")
    if prompt and opens_reasoning(prompt):
        columns["prompt"] = prompt
    rest = _without(value, "resps", "target", "doc_id", "doc", "filtered_resps", "task_name")
    if left := {k: v for k, v in doc.rest().items() if as_gold(v) != columns["gold"]}:
        rest["doc"] = left
    name, score = _lm_metric(value)
    _verdict(columns, name, score, single=len(texts) == 1)
    filtered = value.get("filtered_resps")
    for index, text in enumerate(texts):
        own = _filtered(filtered, index, len(texts))
        row = {**columns, "output": text, "sample_index": index}
        if own is not None and own.strip() and not _repeats(own, text or ""):
            row["extracted_answer"] = own
        yield row, rest


def _repeats(own: str, text: str) -> bool:
    """True if a filter only gave the text back, or all of it behind the reasoning."""
    bare = own.strip()
    return bare == text.strip() or (
        text.rstrip().endswith(bare) and split_text(text).answer == bare
    )


def _texts(found: Any) -> Iterator[str | None]:
    """The generated texts of one request; log-likelihoods are none."""
    for item in found if isinstance(found, list) else [found]:
        if item is None or isinstance(item, str):
            yield item


def _lm_prompt(arguments: Any) -> str | None:
    """The prompt of the first request, in the layouts of the present and of older versions."""
    if isinstance(arguments, dict):
        arguments = next(iter(arguments.values()), None)
        arguments = list(arguments.values()) if isinstance(arguments, dict) else arguments
    while isinstance(arguments, list) and arguments:
        arguments = arguments[0]
    return as_text(arguments) if isinstance(arguments, str) else None


def _lm_metric(value: Mapping[str, Any]) -> tuple[str, Any]:
    listed = value.get("metrics")
    names = listed if isinstance(listed, list) else ("exact_match", "acc", "pass@1", "acc_norm")
    for name in names:
        if isinstance(name, str) and as_float(value.get(name)) is not None:
            return name, value[name]
    return "", None


def _filtered(filtered: Any, index: int, samples: int) -> str | None:
    found = filtered[0] if isinstance(filtered, list) and len(filtered) == 1 else filtered
    if isinstance(found, list):
        found = found[index] if len(found) == samples else None
    return found if isinstance(found, str) else None


# --- lighteval ------------------------------------------------------------------------------------


def _is_lighteval(value: Mapping[str, Any]) -> bool:
    response = value["model_response"]
    return isinstance(value["doc"], dict) and isinstance(response, dict) and "text" in response


def _lighteval(value: Mapping[str, Any], hint: FileHint) -> Iterator[Laid]:
    doc, response = Row(value["doc"]), Row(value["model_response"])
    columns = {
        "question": doc.take(as_text, "query"),
        "system_prompt": doc.take(as_text, "instruction"),
        "gold": _chosen(doc.get("choices"), doc.use("gold_index")),
        "id": doc.take(as_text, "id"),
        "dataset": doc.take(as_text, "task_name"),
    }
    texts = _as_list(response.use("text"))
    apart = _as_list(response.use("reasonings"))
    metric = value.get("metric", value.get("metrics"))
    if isinstance(metric, dict):
        named = [(k, v) for k, v in metric.items() if v is not None]
        if named:
            _verdict(columns, *named[0], single=len(texts) == 1)
    rest = {**_without(value, "doc", "model_response"), "doc": doc.rest()}
    rest["model_response"] = {k: v for k, v in response.rest().items() if v not in (None, [])}
    for index, text in enumerate(texts):
        row = {**columns, "output": text, "sample_index": index}
        if index < len(apart) and isinstance(apart[index], str):
            row["reasoning"] = apart[index]
        yield row, rest


def _flat_lighteval(value: Mapping[str, Any], hint: FileHint) -> Iterator[Laid]:
    """Details of lighteval before 0.9: one level of columns."""
    texts = _as_list(value["predictions"])
    columns = {
        "question": as_text(value.get("example")) or as_text(value["full_prompt"]),
        "gold": as_gold(value.get("gold"))
        or _chosen(value.get("choices"), value.get("gold_index")),
    }
    metrics = value.get("metrics")
    for name, score in list(metrics.items())[:1] if isinstance(metrics, dict) else []:
        _verdict(columns, name, score, single=len(texts) == 1)
    rest = _without(value, "predictions", "gold", "gold_index", "example")
    for index, text in enumerate(texts):
        yield {**columns, "output": text, "sample_index": index}, rest


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _chosen(choices: Any, index: Any) -> str | None:
    """The gold choices by their positions."""
    if not isinstance(choices, list):
        return None
    found = [choices[i] for i in _as_list(index) if isinstance(i, int) and 0 <= i < len(choices)]
    return as_gold(found)


# --- evalscope ------------------------------------------------------------------------------------


def _is_review(value: Mapping[str, Any]) -> bool:
    sample = value["sample_score"]
    return isinstance(sample, dict) and is_messages(value.get("messages"))


def _evalscope(value: Mapping[str, Any], hint: FileHint) -> Iterator[Laid]:
    """A review: the conversation and its score; token counts are in the predictions' file."""
    sample = value["sample_score"]
    score = sample.get("score")
    score = score if isinstance(score, dict) else {}
    columns = {
        "messages": value["messages"],
        "gold": as_gold(value.get("target")),
        "id": as_text(value.get("index")),
        "extracted_answer": as_gold(score.get("extracted_prediction")),
        "model": _model_of(value["messages"]),
    }
    values = score.get("value")
    values = values if isinstance(values, dict) else {"score": values}
    name = score.get("main_score_name")
    name = name if name in list(values) else next(iter(values), "")
    _verdict(columns, str(name), values.get(name), single=True)
    left = _without(score, "extracted_prediction", "prediction")
    rest = _without(value, "messages", "target", "index")
    yield columns, {**rest, "sample_score": {**sample, "score": left}}


def _model_of(messages: Sequence[Mapping[str, Any]]) -> str | None:
    return next((m for turn in reversed(messages) if (m := as_label(turn.get("model")))), None)


# --- MathArena ------------------------------------------------------------------------------------


def _matharena(value: Mapping[str, Any], hint: FileHint) -> Iterator[Laid]:
    """An answer whose whole conversation stands in one key, as JSON text or as turns."""
    turns = opened_turns(value["all_messages"])
    columns = _without(value, "all_messages")
    if turns is None:
        yield columns, {}
        return
    last = as_text(turns[-1].get("content"))
    if str(columns.get("answer", "")).strip() in ("", (last or "").strip()):
        columns.pop("answer", None)
    if str(columns.get("user_message", "")).strip() == str(turns[0].get("content", "")).strip():
        columns.pop("user_message", None)
    yield {**columns, "messages": turns}, {}


def opened_turns(value: Any) -> list[dict[str, Any]] | None:
    """Chat turns, also as JSON text."""
    value = whole(value)
    return list(value) if is_messages(value) else None


def _is_matharena_file(value: Mapping[str, Any]) -> bool:
    runs = value["messages"]
    return isinstance(runs, list) and bool(runs) and all(is_messages(run) for run in runs)


def _matharena_file(value: Mapping[str, Any], hint: FileHint) -> Iterator[Laid]:
    """One problem with the conversation of every run, and lists beside it, one item a run."""
    runs = value["messages"]
    lists = {
        key: found
        for key, found in value.items()
        if key != "messages" and isinstance(found, list) and len(found) == len(runs)
    }
    shared = {key: found for key, found in value.items() if key not in (*lists, "messages")}
    for index, turns in enumerate(runs):
        own = {key: found[index] for key, found in lists.items()}
        if "answers" in own:
            own["extracted_answer"] = own.pop("answers")
        costs = own.get("detailed_costs")
        if isinstance(costs, dict):
            own.update(_without(costs, "cost"), cost=costs.get("cost"))
            own.pop("detailed_costs")
        yield {**shared, **own, "messages": turns, "sample_index": index}, {}


# --- ZeroEval and SGLang --------------------------------------------------------------------------


def _zeroeval(value: Mapping[str, Any], hint: FileHint) -> Iterator[Laid]:
    """Parallel outputs; the generator's name repeats the engine that it ran on."""
    label = str(value["generator"])
    configs = value.get("configs")
    engine = configs.get("engine") if isinstance(configs, dict) else None
    outputs = value["output"]
    shared = _without(value, "output", "generator")
    rest: dict[str, Any] = {}
    if isinstance(engine, str) and label.startswith(f"{engine}/"):
        rest["generator"] = label
        label = label[len(engine) + 1 :]
        shared["provider"] = engine
    for index, text in enumerate(outputs):
        yield {**shared, "model": label, "output": text, "sample_index": index}, rest


def _is_zeroeval(value: Mapping[str, Any]) -> bool:
    outputs = value["output"]
    return isinstance(outputs, list) and all(o is None or isinstance(o, str) for o in outputs)


def _is_sglang(value: Mapping[str, Any]) -> bool:
    return isinstance(value["text"], str) and isinstance(value["meta_info"], dict)


def _sglang(value: Mapping[str, Any], hint: FileHint) -> Iterator[Laid]:
    meta = dict(value["meta_info"])
    finish = meta.get("finish_reason")
    columns = {
        **_without(value, "text", "meta_info"),
        "output": value["text"],
        "id": as_text(meta.pop("id", None)) or as_text(value.get("id")),
        "finish_reason": finish.get("type") if isinstance(finish, dict) else finish,
        "prompt_tokens": meta.pop("prompt_tokens", None),
        "completion_tokens": meta.pop("completion_tokens", None),
        "reasoning_tokens": meta.pop("reasoning_tokens", None),
        "latency": meta.pop("e2e_latency", None),
    }
    yield columns, {"meta_info": meta}


HARNESSES: tuple[tuple[str, Harness], ...] = (
    (
        "Samples of lm-evaluation-harness",
        Harness("lm_eval", frozenset(("doc", "resps", "filtered_resps")), _lm_eval, _is_lm_eval),
    ),
    (
        "Details of lighteval",
        Harness("lighteval", frozenset(("doc", "model_response")), _lighteval, _is_lighteval),
    ),
    (
        "Details of lighteval before 0.9",
        Harness("lighteval_flat", _FLAT_LIGHTEVAL, _flat_lighteval),
    ),
    (
        "Reviews of evalscope",
        Harness("evalscope", frozenset(("sample_score", "messages")), _evalscope, _is_review),
    ),
    ("Answers of MathArena", Harness("matharena", frozenset(("all_messages",)), _matharena)),
    (
        "Files of MathArena",
        Harness(
            "matharena_file",
            frozenset(("problem", "messages")),
            _matharena_file,
            _is_matharena_file,
        ),
    ),
    (
        "Outputs of ZeroEval",
        Harness(
            "zeroeval", frozenset(("output", "generator", "chat_history")), _zeroeval, _is_zeroeval
        ),
    ),
    ("Replies of SGLang", Harness("sglang", frozenset(("text", "meta_info")), _sglang, _is_sglang)),
)
"""(title, harness)"""
