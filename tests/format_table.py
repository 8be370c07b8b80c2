"""Comparing what a record is read as with a hand-made row: shared by the tests of formats."""

from __future__ import annotations

from typing import Any

from analysis.formats.registry import FileHint, read_record
from analysis.model import Trace

Case = tuple[Any, str, list[dict[str, Any]]]
"""A record, the format that reads it, and what each of its traces must hold."""


def read_all(value: Any, **hint: Any) -> list[Trace]:
    """The traces of a record, which must have some."""
    found = read_record(value, hint=FileHint(**hint))
    assert isinstance(found, list), found
    return found


def check(case: Case, **hint: Any) -> None:
    """Compare every stated field; ``codes`` are warnings that must be there, ``no_codes`` the
    only ones that may be; ``has`` are top-level keys of metadata."""
    value, format_id, expected = case
    found = read_all(value, **hint)
    assert len(found) == len(expected)
    for trace, wanted in zip(found, expected, strict=True):
        assert trace.format_id == format_id
        codes = {warning.code for warning in trace.warnings}
        assert codes >= wanted.get("codes", set()), codes
        assert wanted.get("has", set()) <= trace.metadata.keys(), trace.metadata
        for field in wanted.keys() - {"codes", "has"}:
            assert getattr(trace, field) == wanted[field], field
