"""Judging a file of pairs: JSON lines with ``gold`` and ``pred`` in, the same rows with verdicts out.

A row comes back as it was written, byte for byte, with the verdict's keys added at its end; a row that
has such keys already (from an earlier run) gets them anew. What is no JSON object is reported.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from analysis import limits
from analysis.answers.math_pool import MathPool
from analysis.answers.verify import NAME, VERSION, Verdict, judge_many
from analysis.errors import ExportError, InputError

ADDED = ("verdict", "reason", "stage", "verifier", "verifier_version")
MAX_BAD_LINES = 1_000
"""How many bad lines are described; all are counted."""
_KINDS = {"mcq": "choice", "multiple_choice": "choice", "choice": "choice", "code": "code", "math": "math", "text": "text", "number": "number"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no row: 1-based number and what is wrong with it."""

    line: int
    reason: str


@dataclass
class PairReport:
    """Counts of a run. ``n_rows`` = ``n_correct`` + ``n_wrong`` + ``n_undecided``."""

    n_rows: int = 0
    n_correct: int = 0
    n_wrong: int = 0
    n_undecided: int = 0
    n_bad: int = 0
    stages: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    """Of the undecided."""
    bad_lines: list[BadLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Row:
    raw: str
    values: dict[str, Any]


def verify_file(
    source: Path,
    target: Path,
    *,
    workers: int = 1,
    progress: Callable[[int], None] = lambda _: None,
) -> PairReport:
    """Judge every row of ``source`` into ``target`` (JSON lines; replaced as a whole at the end).

    ``progress`` is called with the bytes read so far. Raises ``InputError`` when the source cannot be
    read and ``ExportError`` when the target cannot be written.
    """
    if not source.is_file():
        raise InputError(f"There is no file {source}.")
    if not target.resolve().parent.is_dir():
        raise ExportError(f"The folder of {target} does not exist.", remedy="Create it first.")
    report = PairReport()
    handle, name = tempfile.mkstemp(dir=target.resolve().parent, prefix=".verify-")
    try:
        with os.fdopen(handle, "wb") as out, source.open("rb") as lines, MathPool(workers) as pool:
            _run(lines, out, pool, report, progress)
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except OSError as error:
        raise ExportError(f"{target} cannot be written ({error.strerror or error}).") from error
    finally:
        Path(name).unlink(missing_ok=True)
    return report


def _run(
    lines: BinaryIO,
    out: BinaryIO,
    pool: MathPool,
    report: PairReport,
    progress: Callable[[int], None],
) -> None:
    rows: list[_Row] = []

    def pairs() -> Iterator[tuple[str | None, str | None, str | None, str | None]]:
        for row in _rows(lines, report, progress):
            rows.append(row)
            values = row.values
            kind = _KINDS.get(str(values.get("kind") or values.get("answer_type") or "").lower())
            question = values.get("question")
            yield _text(values.get("gold")), _text(values.get("pred")), kind, question if isinstance(question, str) else None  # fmt: skip

    for verdict in judge_many(pairs(), pool=pool):
        row = rows.pop(0)
        out.write(_line(row, verdict).encode("utf-8", "surrogatepass"))
        _count(report, verdict)


def _rows(lines: BinaryIO, report: PairReport, progress: Callable[[int], None]) -> Iterator[_Row]:
    read = 0
    for number, line in enumerate(_limited(lines), 1):
        read += len(line)
        if number % 200 == 0:
            progress(read)
        text = line.strip().removeprefix(b"\xef\xbb\xbf")
        if not text:
            continue
        try:
            row = _row(text)
        except (ValueError, RecursionError) as error:
            report.n_bad += 1
            if len(report.bad_lines) < MAX_BAD_LINES:
                report.bad_lines.append(BadLine(number, _why(error)))
            continue
        yield row
    progress(read)


def _limited(lines: BinaryIO) -> Iterator[bytes]:
    """Lines; of an overlong one only its beginning, which is then refused."""
    while line := lines.readline(limits.MAX_LINE_BYTES + 1):
        if len(line) > limits.MAX_LINE_BYTES and not line.endswith(b"\n"):
            while (rest := lines.readline(limits.MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
            yield b"\x00"
            continue
        yield line


def _row(text: bytes) -> _Row:
    if text == b"\x00":
        raise ValueError("longer than a line may be")
    raw = text.decode("utf-8")
    # Numbers stay the text that they were written as: 0.10 is not 0.1 for a rounding rule.
    values = json.loads(raw, parse_int=str, parse_float=str)
    if not isinstance(values, dict):
        raise ValueError("not a JSON object")
    if "gold" not in values and "pred" not in values:
        raise ValueError("neither gold nor pred")
    return _Row(raw, values)


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} at character {error.pos + 1}"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return str(error)


def _text(value: Any) -> str | None:
    """A value of a row as an answer: text and numbers as they are, lists with commas."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return None


def _line(row: _Row, verdict: Verdict) -> str:
    added = dict(
        zip(ADDED, (verdict.verdict, verdict.reason, verdict.stage, NAME, VERSION), strict=True)
    )
    if any(key in row.values for key in ADDED):
        kept = {k: v for k, v in json.loads(row.raw).items() if k not in ADDED}
        return json.dumps({**kept, **added}, ensure_ascii=False) + "\n"
    body = row.raw.rstrip()[:-1].rstrip()
    return f"{body}, {json.dumps(added, ensure_ascii=False)[1:]}\n"


def _count(report: PairReport, verdict: Verdict) -> None:
    report.n_rows += 1
    report.stages[verdict.stage] = report.stages.get(verdict.stage, 0) + 1
    if verdict.verdict == "correct":
        report.n_correct += 1
    elif verdict.verdict == "wrong":
        report.n_wrong += 1
    else:
        report.n_undecided += 1
        report.reasons[verdict.reason] = report.reasons.get(verdict.reason, 0) + 1
