"""An evaluation as a file: JSON with everything, or CSV with one row a cell."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.errors import ExportError, UsageError
from analysis.evaluation.evaluate import Evaluation
from analysis.evaluation.tables import ROW_COLUMNS

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


def write_evaluation(found: Evaluation, path: Path) -> None:
    """Write to ``.json`` or ``.csv``; a comparison goes to a CSV of its own, ``NAME-compared.csv``.

    The file appears whole or not at all. Raises ``UsageError`` for another ending, ``ExportError``
    where it cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix == ".json":
        text = json.dumps(found.flat(), ensure_ascii=False, indent=1) + "\n"
        _write(path, text)
    elif suffix == ".csv":
        _write(path, _csv([row.flat() for row in found.rows]))
        if found.compared:
            _write(
                path.with_name(f"{path.stem}-compared.csv"),
                _csv([row.flat() for row in found.compared]),
            )
    else:
        raise UsageError(f"{path.name} is neither .json nor .csv.", remedy="Use one of them.")


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    # Without a row the columns still say what the file is.
    writer = csv.DictWriter(out, list(rows[0]) if rows else ROW_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return out.getvalue()


def _cell(value: Any) -> Any:
    """Formula-safe: names of sources and models come from data."""
    if isinstance(value, str) and value.startswith(_RISKY):
        return "'" + value
    return value


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_text(text, encoding="utf-8", newline="")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise ExportError(
            f"{path} cannot be written: {error.strerror}.",
            remedy="Choose another place with --out.",
        ) from error
