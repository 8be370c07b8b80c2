"""What a recipe chooses as JSON Lines that trainers read, and a manifest beside it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from analysis.curation.candidates import texts
from analysis.curation.choosing import Selection, Step, select
from analysis.curation.recipe import Recipe
from analysis.errors import UsageError
from analysis.export.core import new_file, write_faults
from analysis.export.interchange import record_of
from analysis.export.source import TRACES
from analysis.progress import CancelToken, Progress, ProgressCallback, ignore_progress
from analysis.store.connection import Store
from analysis.store.queries import load_query
from analysis.views.summary import provenance

LEFT_OUT = {
    "conversation": "The record has more turns than a question and a response.",
    "blank": "The question, the reasoning or the answer is white space only.",
    "think_marks": "A text has <think> marks of its own, so tags could not tell its parts.",
}
"""Why a chosen trace or pair is not written: seen only in the texts."""
LICENCE = (
    "Unknown: the terms of the data sets, and of the models that wrote the traces, hold for these"
    " lines too. Check both before training or publishing."
)
_TEXTS = ("system_prompt", "question", "reasoning", "answer", "metadata")
_MARK = re.compile(r"</?think", re.IGNORECASE)
_OPEN, _CLOSE = "<think>\n", "\n</think>\n\n"
_STEP = 500


@dataclass(frozen=True, slots=True)
class Written:
    """What was written."""

    path: Path
    manifest: Path
    rows: int
    bytes: int
    steps: tuple[Step, ...]
    left_out: dict[str, int]
    """Reason of ``LEFT_OUT`` -> traces or pairs."""


def manifest_path(out: Path) -> Path:
    """``train.jsonl`` -> ``train.jsonl-manifest.json``."""
    return out.with_name(f"{out.name}-manifest.json")


def write(
    store: Store,
    recipe: Recipe,
    out: Path,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> Written:
    """Write what ``recipe`` chooses to ``out`` (.jsonl), and ``manifest_path(out)`` beside it.

    The same store and recipe give the same bytes. Each file appears whole or not at all. Raises
    ``UsageError`` for another ending or an unknown metric, ``ExportError`` when a file cannot be
    written, ``Cancelled`` when asked to stop.
    """
    if out.suffix.lower() != ".jsonl":
        raise UsageError(
            f"{out.name} is no name for training data.", remedy="End the name in .jsonl."
        )
    token = cancel or CancelToken()
    left_out: Counter[str] = Counter()
    rows = size = 0
    digest = hashlib.sha256()
    with store.cursor() as cursor, new_file(out) as sink:
        cursor.execute("BEGIN TRANSACTION READ ONLY")
        chosen = select(store, cursor, recipe)
        for done, record in enumerate(_records(cursor, chosen, recipe)):
            if done % _STEP == 0:
                token.raise_if_cancelled()
                progress(Progress("Writing", done, len(chosen.first), "rows"))
            if isinstance(record, str):
                left_out[record] += 1
                continue
            line = orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
            with write_faults(out):
                sink.write(line)
            digest.update(line)
            rows, size = rows + 1, size + len(line)
        files = _files(chosen)
    about = _manifest(store, recipe, chosen, files) | {
        "file": out.name,
        "rows": rows,
        "bytes": size,
        "sha256": digest.hexdigest(),
        "left_out": {reason: left_out[reason] for reason in LEFT_OUT},
    }
    beside = manifest_path(out)
    with new_file(beside) as sink, write_faults(beside):
        sink.write(orjson.dumps(about, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return Written(out, beside, rows, size, chosen.steps, dict(left_out))


def _files(chosen: Selection) -> Counter[str]:
    """sha256 of a source file -> traces of it that were chosen."""
    parts = [chosen.first] if chosen.second is None else [chosen.first, chosen.second]
    ids = chosen.found.table.column("file_id").take(np.concatenate(parts))
    return Counter(ids.to_pylist())


def _manifest(
    store: Store, recipe: Recipe, chosen: Selection, files: Mapping[str, int]
) -> dict[str, Any]:
    made = provenance(store, recipe.filters)
    return {
        "about": "Training data that CoTScope chose; what made each line, without time of day.",
        "recipe": recipe.to_dict(),
        "steps": [asdict(step) for step in chosen.steps],
        "licence": LICENCE,
        "version": made.version,
        "schema_version": made.schema_version,
        "analyzers": dict(made.analyzers),
        "sources": [
            {
                "name": file["name"],
                "sha256": file["sha256"],
                "bytes": file["bytes"],
                "n_under_filter": file["n_traces"],
                "n_chosen": files[file["sha256"]],
            }
            for file in made.files
            if files.get(file["sha256"])
        ],
    }


def _records(cursor: Any, chosen: Selection, recipe: Recipe) -> Iterator[dict[str, Any] | str]:
    """Each row's record, or the reason why it has none."""
    if chosen.second is not None:
        both = np.column_stack([chosen.first, chosen.second]).ravel()
        rows = texts(cursor, chosen.found, both, *_TEXTS)
        for good, bad in zip(rows, rows, strict=True):
            yield _fault(good, recipe) or _fault(bad, recipe) or _pair(good, bad, recipe)
    elif recipe.full_record:
        for row in texts(cursor, chosen.found, chosen.first, *TRACES.names):
            yield _fault(row, recipe) or _full(cursor, row)
    else:
        for row in texts(cursor, chosen.found, chosen.first, *_TEXTS):
            fault = _fault(row, recipe)
            yield fault or {"messages": [*_asked(row, recipe), _reply(row, recipe)]}


def _fault(row: Mapping[str, Any], recipe: Recipe) -> str | None:
    if _more_turns(row["metadata"]):
        return "conversation"
    if not all((row[name] or "").strip() for name in ("question", "reasoning", "answer")):
        return "blank"
    if recipe.reasoning == "tags" and any(
        _MARK.search(row[name] or "")
        for name in ("system_prompt", "question", "reasoning", "answer")
    ):
        return "think_marks"
    return None


def _more_turns(metadata: str | None) -> bool:
    """Whether a reader kept turns that are neither the question nor the response."""
    if metadata is None or '"messages"' not in metadata:
        return False
    kept = orjson.loads(metadata).get("messages")
    return isinstance(kept, list) and any(
        isinstance(turn, dict) and (turn.get("content") or turn.get("tool_calls")) for turn in kept
    )


def _pair(good: Mapping[str, Any], bad: Mapping[str, Any], recipe: Recipe) -> dict[str, Any]:
    """TRL's conversational form of a preference."""
    return {
        "prompt": _asked(good, recipe),
        "chosen": [_reply(good, recipe)],
        "rejected": [_reply(bad, recipe)],
    }


def _asked(row: Mapping[str, Any], recipe: Recipe) -> list[dict[str, str]]:
    turns = []
    if recipe.system_prompt and row["system_prompt"] is not None:
        turns.append({"role": "system", "content": row["system_prompt"]})
    return [*turns, {"role": "user", "content": row["question"]}]


def _reply(row: Mapping[str, Any], recipe: Recipe) -> dict[str, str]:
    if recipe.reasoning == "field":
        return {
            "role": "assistant",
            "content": row["answer"],
            "reasoning_content": row["reasoning"],
        }
    # White space at the edges is the template's business, and readers of tags drop it.
    thinking, answer = row["reasoning"].strip(), row["answer"].strip()
    return {"role": "assistant", "content": f"{_OPEN}{thinking}{_CLOSE}{answer}"}


def _full(cursor: Any, row: Mapping[str, Any]) -> dict[str, Any]:
    told = cursor.execute(load_query("export_trace_warnings"), {"ids": [row["trace_id"]]})
    warnings = [[code, detail] for _, code, detail in told.fetchall()]
    return record_of({**row, "warnings": warnings}, "messages")
