"""Traces as files that other tools read and that CoTScope reads back as they were.

Three forms: ``generic`` (the generic row), ``messages`` (chat turns with ``reasoning_content``) and
``sharegpt`` (turns with the reasoning between ``<think>`` marks). See ``formats/exported.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

import analysis
from analysis import limits
from analysis.errors import UsageError
from analysis.export import source
from analysis.export.core import ExportReport, new_file, write_faults
from analysis.filters import Filters
from analysis.formats.exported import FORMS, INNER_FIELDS, KEY, OPEN_FIELDS, TEXTS, VERSION
from analysis.formats.exported_text import pieces, tagged
from analysis.formats.fields import as_json
from analysis.progress import CancelToken, ProgressCallback, ignore_progress
from analysis.store.connection import Store
from analysis.store.queries import load_query

SUFFIXES_OF = {
    "generic": (".jsonl",),
    "messages": (".jsonl", ".parquet"),
    "sharegpt": (".jsonl", ".parquet"),
}
"""Form -> the endings that a file of it may have."""
_MESSAGE = pa.struct(
    [("role", pa.string()), ("content", pa.string()), ("reasoning_content", pa.string())]
)
_TURN = pa.struct([("from", pa.string()), ("value", pa.string())])
_SCHEMAS = {
    "messages": pa.schema([("messages", pa.list_(_MESSAGE)), (KEY, pa.string())]),
    "sharegpt": pa.schema([("conversations", pa.list_(_TURN)), (KEY, pa.string())]),
}
_DEEP = limits.MAX_JSON_DEPTH - 4
"""Metadata nested deeper goes as text, so that the whole record stays within the limit."""
_ROW_GROUP_BYTES = 64 * 1024 * 1024


def export_traces(
    store: Store,
    form: str,
    out: Path,
    *,
    where: Filters | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ExportReport:
    """Write traces to ``out`` in one of ``FORMS``; an import of it gives the same traces.

    The order of the rows is fixed, and the same traces give the same bytes. The file appears whole
    or not at all. ``notes['too_long']`` counts records longer than an import reads. Raises
    ``UsageError`` for an unknown form or an ending that it does not have, ``ExportError`` when the
    file cannot be written, ``Cancelled`` when asked to stop.
    """
    suffix = _suffix(form, out)
    request = source.Request(store, where or Filters(), progress, cancel or CancelToken())
    with new_file(out) as sink:
        writer = _Parquet(sink, form) if suffix == ".parquet" else _Lines(sink)
        for row in _rows(request):
            with write_faults(out):
                writer.write(record_of(row, form))
        with write_faults(out):
            writer.close()
            sink.flush()
            size = sink.tell()
    notes = {"too_long": writer.too_long} if writer.too_long else {}
    return ExportReport(f"traces ({form})", out, writer.rows, size, notes)


def record_of(row: Mapping[str, Any], form: str) -> dict[str, Any]:
    """One trace (columns of table ``trace`` and ``warnings``) as a record of this form."""
    inner: dict[str, Any] = {"version": VERSION, "form": form}
    inner |= {name: row[name] for name in INNER_FIELDS if row[name] is not None}
    if row["raw_response"] is not None:
        inner["raw_response"] = pieces(row["raw_response"], row["reasoning"], row["answer"])
    if row["warnings"]:
        inner["warnings"] = row["warnings"]
    opened = {
        key: _value(row[field]) for key, field in OPEN_FIELDS.items() if row[field] is not None
    }
    if form != "generic":
        opened = {key: found for key, found in opened.items() if key not in TEXTS}
    place: dict[str, Any] = opened if form == "generic" else inner
    if form != "generic":
        inner |= opened
    _json_column(place, inner, "probes", row["probes"])
    if row["metadata"] not in (None, "{}"):
        _json_column(place, inner, "metadata", row["metadata"])
    if form == "generic":
        return {**opened, KEY: inner}
    turns = _messages(row) if form == "messages" else _sharegpt(row)
    return {"messages" if form == "messages" else "conversations": turns, KEY: inner}


def _json_column(place: dict[str, Any], inner: dict[str, Any], name: str, text: str | None) -> None:
    """JSON text nested where reading it back gives the same text, else as text."""
    if text is None:
        return
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        inner[f"{name}_json"] = text
        return
    exact = name == "metadata" or (as_json(value) == text and value is not None)
    if exact and _depth_within(value, _DEEP):
        place[name] = orjson.Fragment(text)
    else:
        inner[f"{name}_json"] = text


def _depth_within(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        below = [v for node in level for v in _inside(node)]
        level = [v for v in below if isinstance(v, dict | list)]
        if not level:
            return True
    return False


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _value(value: Any) -> Any:
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else value


def _messages(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = _asked(row, "role", "content", "user")
    reply = {"role": "assistant", "content": row["answer"]}
    if row["reasoning"] is not None:
        reply["reasoning_content"] = row["reasoning"]
    return [*turns, reply]


def _sharegpt(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    text = tagged(row["reasoning"], row["answer"], truncated=row["truncated"])
    return [*_asked(row, "from", "value", "human"), {"from": "gpt", "value": text}]


def _asked(row: Mapping[str, Any], who: str, what: str, user: str) -> list[dict[str, Any]]:
    turns = []
    if row["system_prompt"] is not None:
        turns.append({who: "system", what: row["system_prompt"]})
    if row["question"] is not None:
        turns.append({who: user, what: row["question"]})
    return turns


def _rows(request: source.Request) -> Iterator[dict[str, Any]]:
    """Traces in their fixed order, each with its warnings, all from one moment of the store."""
    with request.store.cursor() as cursor:
        cursor.execute("BEGIN TRANSACTION READ ONLY")
        stream = source.TABLES["traces"](request, cursor)
        for batch in stream.batches:
            ids = batch.column("trace_id").to_pylist()
            found: dict[str, list[list[str]]] = {}
            told = cursor.execute(load_query("export_trace_warnings"), {"ids": ids}).fetchall()
            for trace_id, code, detail in told:
                found.setdefault(trace_id, []).append([code, detail])
            for row in batch.to_pylist():
                yield {**row, "warnings": found.get(row["trace_id"], [])}


class _Lines:
    """JSON Lines."""

    def __init__(self, sink: IO[bytes]) -> None:
        self._sink = sink
        self.rows = self.too_long = 0

    def write(self, record: Mapping[str, Any]) -> None:
        line = orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
        self.too_long += len(line) > limits.MAX_LINE_BYTES
        self._sink.write(line)
        self.rows += 1

    def close(self) -> None:
        """Nothing is left."""


class _Parquet:
    """The turns as a list of structs, our own key as JSON text."""

    def __init__(self, sink: IO[bytes], form: str) -> None:
        about = {"cotscope.form": form, "cotscope.version": analysis.__version__}
        self._schema = _SCHEMAS[form].with_metadata(about)
        self._writer = pq.ParquetWriter(sink, self._schema, compression="zstd")
        self._waiting: list[Mapping[str, Any]] = []
        self._bytes = 0
        self.rows = self.too_long = 0

    def write(self, record: Mapping[str, Any]) -> None:
        inner = orjson.dumps(record[KEY])
        turns = next(found for key, found in record.items() if key != KEY)
        size = len(inner) + sum(len(text) for t in turns for text in t.values() if text)
        self.too_long += size > limits.MAX_LINE_BYTES
        self._waiting.append({**record, KEY: inner.decode()})
        self._bytes += size
        self.rows += 1
        if self._bytes >= _ROW_GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Write what is left, and the footer."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._waiting:
            table = pa.Table.from_pylist(self._waiting, schema=self._schema)
            self._writer.write_table(table, row_group_size=max(1, table.num_rows))
        self._waiting, self._bytes = [], 0


def _suffix(form: str, out: Path) -> str:
    if form not in FORMS:
        raise UsageError(
            f"There is no form {form!r} of exported traces.", remedy=f"Use: {', '.join(FORMS)}."
        )
    suffix = out.suffix.lower()
    if suffix not in SUFFIXES_OF[form]:
        raise UsageError(
            f"The form {form} is not written to {suffix or 'a name without an ending'!r}.",
            remedy=f"End the name of the file in {' or '.join(SUFFIXES_OF[form])}.",
        )
    return suffix
