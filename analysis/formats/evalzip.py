"""Inspect's ``.eval`` archives: which members are samples, and what the log says of all of them.

The layout is that of inspect_ai's ``log/_recorders/eval.py``: ``header.json``, one
``samples/ID_epoch_N.json`` a sample, and summaries, reductions and a journal that repeat them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import IO, Any

from analysis.formats import jsonvalue
from analysis.model import Rejected

_HEADERS = ("header.json", "_journal/start.json")
"""The log's head; a run that was stopped early has only the second."""
_SAMPLES = "samples/"
_HEADER_BYTES = 64 * 1024 * 1024
"""A larger head is not read: the samples then stand alone."""

Opener = Callable[[zipfile.ZipInfo], AbstractContextManager[IO[bytes]]]


def sample_members(infos: Sequence[zipfile.ZipInfo]) -> list[zipfile.ZipInfo] | None:
    """The samples of an Inspect log, each once, in the order of the archive; None for other zips.

    A sample that was written again counts as it was written last.
    """
    names = {info.filename for info in infos}
    if not names & set(_HEADERS):
        return None
    last = {info.filename: info for info in infos if _is_sample(info.filename)}
    return list(last.values()) or None


def _is_sample(name: str) -> bool:
    stem = name.removeprefix(_SAMPLES)
    return stem != name and stem.endswith(".json") and "/" not in stem and "\\" not in stem


def read_header(infos: Sequence[zipfile.ZipInfo], open_member: Opener) -> dict[str, Any]:
    """What the log says of all its samples; empty if that is not stated or no JSON."""
    by_name = {info.filename: info for info in infos}
    for name in _HEADERS:
        info = by_name.get(name)
        if info is None or info.file_size > _HEADER_BYTES:
            continue
        with open_member(info) as stream:
            parsed = jsonvalue.parse(stream.read(_HEADER_BYTES))
        if not isinstance(parsed, Rejected) and isinstance(parsed.value, dict):
            return parsed.value
    return {}


def with_header(value: Any, header: dict[str, Any], position: int) -> dict[str, Any]:
    """A sample as a record: the sample, its place among the samples, and the log's head."""
    return {"sample": value, "position": position, "eval_header": header}
