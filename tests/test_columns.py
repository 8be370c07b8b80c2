"""Columns made without ``pyarrow.array`` are what it would have made."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.model import ReasoningKind
from analysis.store.columns import column

KINDS: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.string(): st.text(st.characters(exclude_categories=["Cs"])),
    pa.binary(): st.binary(),
    pa.bool_(): st.booleans(),
    pa.int32(): st.integers(-(2**31), 2**31 - 1),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float64(): st.floats(allow_nan=False),
    pa.timestamp("us"): st.datetimes(datetime(1, 1, 1), datetime(9999, 1, 1)),
}


@pytest.mark.parametrize("kind", KINDS, ids=str)
@settings(deadline=None)
@given(data=st.data())
def test_the_same_as_arrow_makes(kind: pa.DataType, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.none() | KINDS[kind], max_size=40))
    made = column(values, kind)
    made.validate(full=True)
    assert made.equals(pa.array(values, kind))


def test_names_of_kinds_are_text() -> None:
    assert column([ReasoningKind.VISIBLE, None], pa.string()).to_pylist() == ["visible", None]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([2**63], pa.int64()),
        ([2**31], pa.int32()),
        (["x"], pa.float64()),
        (["\ud800"], pa.string()),
    ],
)
def test_what_does_not_fit_is_refused(values: list[Any], kind: pa.DataType) -> None:
    with pytest.raises((OverflowError, TypeError, ValueError)):
        column(values, kind)


def test_an_import_loads_no_pandas(tmp_path: Any) -> None:
    dump = tmp_path / "x.jsonl"
    dump.write_text('{"reasoning": "I add. It is 2.", "answer": "2"}\n', encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; from analysis.store import open_store\n"
        "from analysis.store.importing import import_file\n"
        f"with open_store({str(tmp_path / 't.duckdb')!r}) as store:\n"
        f"    import_file(store, Path({str(dump)!r}))\n"
        "print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
