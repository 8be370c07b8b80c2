"""What a file is, in words for a person: how it is packed, laid out and encoded."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import InputError
from analysis.formats.streams import DamagedStreamError, open_stream, packing, peek

_EVENT_LINES = (b"data:", b"event:", b"id:", b"retry:", b":")
_LAYOUTS = {".parquet": "Parquet", ".csv": "table (CSV)", ".tsv": "table (TSV)", ".sse": "events"}


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Read from the first bytes; the name of a file says nothing of it."""

    packing: str | None
    """'gzip', 'zstd', 'xz', 'bzip2', 'zip', or None."""
    layout: str
    """'JSON Lines', 'JSON document', 'Parquet', 'table (CSV or TSV)', 'events', 'empty'."""
    encoding: str | None
    """'UTF-8', 'UTF-8 with a byte-order mark', 'UTF-16'; None where it cannot be told."""


def file_facts(path: Path, *, by_lines: bool, member: str | None) -> FileFacts:
    """Facts of a file. ``by_lines`` and ``member`` are of its first record: whether it has a line
    number, and the member of an archive that it stands in. Raises ``OSError``.
    """
    with path.open("rb") as source:
        raw = peek(source)
    packed = packing(raw)
    if packed == "zip":
        suffix = Path(member).suffix.lower() if member else ""
        return FileFacts(packed, _LAYOUTS.get(suffix) or _json(by_lines), None)
    try:
        with open_stream(path) as stream:
            head = peek(stream)
    except (DamagedStreamError, InputError):
        return FileFacts(packed, "not readable", None)
    if head.startswith(b"PAR1"):
        return FileFacts(packed, "Parquet", None)
    encoding: str | None = "UTF-8"
    if raw.startswith(codecs.BOM_UTF8):
        encoding = "UTF-8 with a byte-order mark"
    elif packed is None and head != raw:
        encoding = "UTF-16"
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not text:
        return FileFacts(packed, "empty", encoding)
    if text[:1] in (b"{", b"["):
        return FileFacts(packed, _json(by_lines), encoding)
    layout = "events" if text.startswith(_EVENT_LINES) else "table (CSV or TSV)"
    return FileFacts(packed, layout, encoding)


def _json(by_lines: bool) -> str:
    return "JSON Lines" if by_lines else "JSON document"
