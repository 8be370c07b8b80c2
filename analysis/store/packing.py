"""The long texts of a trace as they are stored, and as SQL sees them.

A packed text is its UTF-8 bytes or, where that is shorter, one zstd frame of them; no UTF-8 text
begins with the four bytes that every frame begins with. So one trace opens without unpacking its
neighbours, which DuckDB's own compression of long texts does not allow. The view ``trace`` unpacks
with the two functions that ``register`` brings to a connection.

A ``raw_response`` that holds the reasoning (and after it the answer) verbatim is stored as a recipe:
0xFF and a JSON list of the texts around them.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import orjson
import pyarrow as pa
import zstandard
from duckdb.func import ARROW, SPECIAL

from analysis.store import columns

MAGIC = b"\x28\xb5\x2f\xfd"
RECIPE = 0xFF
LEVEL = 1
_QUICK = range(2048, 1 << 17)
_QUICK_PARAMETERS = zstandard.ZstdCompressionParameters(
    window_log=17,
    chain_log=12,
    hash_log=14,
    search_log=1,
    min_match=6,
    strategy=zstandard.STRATEGY_FAST,
)
"""For texts of these lengths, in bytes: as small as by level 1 (within 0.5 %), and 15 % faster."""
SHORT = 256
"""Shorter texts are stored as they are, in bytes: packing them gains nearly nothing."""
_REST_SHARE = 8
"""A recipe may state at most this part of the whole response itself."""
_PROBE = 48
"""How much of a text is searched for, in characters, before the whole is compared."""

PACKED_COLUMNS = (
    "question",
    "system_prompt",
    "reasoning",
    "answer",
    "raw_response",
    "probes",
    "metadata",
)
"""Columns of ``trace`` that ``trace_row`` holds packed, under the name with ``_packed``."""


class _Codecs(threading.local):
    """A compressor and a decompressor each thread: neither may be shared at one moment."""

    def __init__(self) -> None:
        self.pack = zstandard.ZstdCompressor(level=LEVEL).compress
        self.pack_quickly = zstandard.ZstdCompressor(compression_params=_QUICK_PARAMETERS).compress
        self.unpack = zstandard.ZstdDecompressor().decompress


_codecs = _Codecs()


def pack(text: str | None) -> bytes | None:
    """A text as it is stored."""
    if text is None:
        return None
    return pack_bytes(text.encode())


def pack_bytes(data: bytes) -> bytes:
    """UTF-8 bytes as they are stored."""
    if len(data) < SHORT:
        return data
    packed = (_codecs.pack_quickly if len(data) in _QUICK else _codecs.pack)(data)
    return packed if len(packed) < len(data) else data


def unpack(packed: bytes | None) -> str | None:
    """The text that ``pack`` was given."""
    if packed is None:
        return None
    return _bytes(packed).decode()


def pack_response(raw: str | None, reasoning: str | None, answer: str | None) -> bytes | None:
    """A raw response, by its parts where these stand in it."""
    if raw is None or not reasoning:
        return pack(raw)
    at = _find(raw, reasoning, 0)
    if at < 0:
        return pack(raw)
    end = at + len(reasoning)
    rest = [raw[:at], raw[end:]]
    then = _find(raw, answer, end) if answer else -1
    if answer and then >= 0:
        rest[1:] = [raw[end:then], raw[then + len(answer) :]]
    if sum(map(len, rest)) * _REST_SHARE > len(raw):
        return pack(raw)
    return bytes((RECIPE,)) + orjson.dumps(rest)


def unpack_response(
    packed: bytes | None, reasoning: bytes | None, answer: bytes | None
) -> str | None:
    """The raw response; the other two are the packed columns beside it."""
    whole = _response(packed, reasoning, answer)
    return None if whole is None else whole.decode()


def _find(text: str, part: str, start: int) -> int:
    """Where all of ``part`` stands at the first place that begins like it; else -1."""
    at = text.find(part[:_PROBE], start)
    return at if at >= 0 and text.startswith(part, at) else -1


def _bytes(packed: bytes) -> bytes:
    return _codecs.unpack(packed) if packed[:4] == MAGIC else bytes(packed)


def _response(packed: bytes | None, reasoning: bytes | None, answer: bytes | None) -> bytes | None:
    if packed is None or packed[:1] != b"\xff":
        return None if packed is None else _bytes(packed)
    rest = [part.encode() for part in orjson.loads(packed[1:])]
    parts = [rest[0], _bytes(reasoning or b""), rest[1]]
    if len(rest) > 2:
        parts += [_bytes(answer or b""), rest[2]]
    return b"".join(parts)


def unpacked(values: list[Any]) -> pa.Array:
    """Stored texts (bytes or what ``views`` gives; None stays) as one Arrow column."""
    return _strings([None if p is None else _bytes(p) for p in values])


def _texts(column: pa.ChunkedArray) -> pa.Array:
    return unpacked(views(column))


def _responses(
    raw: pa.ChunkedArray, reasoning: pa.ChunkedArray, answer: pa.ChunkedArray
) -> pa.Array:
    rows = zip(views(raw), views(reasoning), views(answer), strict=True)
    return _strings([_response(*row) for row in rows])


def _packed(column: pa.ChunkedArray) -> pa.Array:
    return columns.column([pack(text) for text in column.to_pylist()], pa.binary())


def _packed_responses(
    raw: pa.ChunkedArray, reasoning: pa.ChunkedArray, answer: pa.ChunkedArray
) -> pa.Array:
    rows = zip(raw.to_pylist(), reasoning.to_pylist(), answer.to_pylist(), strict=True)
    return columns.column([pack_response(*row) for row in rows], pa.binary())


_FUNCTIONS: tuple[tuple[str, Callable[..., pa.Array], list[Any], Any], ...] = (
    ("unpack_text", _texts, ["BLOB"], "VARCHAR"),
    ("unpack_response", _responses, ["BLOB", "BLOB", "BLOB"], "VARCHAR"),
    ("pack_text", _packed, ["VARCHAR"], "BLOB"),
    ("pack_response", _packed_responses, ["VARCHAR", "VARCHAR", "VARCHAR"], "BLOB"),
)


def views(column: pa.ChunkedArray) -> list[Any]:
    """The values of a binary column (None for NULL) as views into it, without a copy."""
    array = column.combine_chunks()
    plain = pa.types.is_binary(array.type) and not array.offset
    _, offsets, data = array.buffers() if plain else (None, None, None)
    if data is None or offsets is None:
        values: list[Any] = array.to_pylist()
        return values
    view = memoryview(data).cast("B")
    at = np.frombuffer(offsets, dtype=np.int32)[: len(array) + 1].tolist()
    if not array.null_count:
        return [view[start:end] for start, end in itertools.pairwise(at)]
    valid = array.is_valid().to_pylist()
    spans = zip(at, at[1:], valid, strict=False)
    return [view[start:end] if there else None for start, end, there in spans]


def _strings(parts: list[bytes | None]) -> pa.Array:
    """Texts as an Arrow column; 64-bit offsets, since 2048 long texts may exceed 2 GB."""
    valid = None
    if None in parts:
        valid = columns.bits(np.fromiter((p is not None for p in parts), np.bool_, len(parts)))
    texts = [b"" if part is None else part for part in parts]
    offsets = np.zeros(len(parts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(parts)), out=offsets[1:])
    data = b"".join(texts)
    buffers = [valid, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_string(), len(parts), buffers)


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring the four functions of this module to SQL, for every cursor of the database.

    ``unpack_text(packed)``, ``unpack_response(packed, reasoning_packed, answer_packed)`` and their
    inverses ``pack_text(text)``, ``pack_response(raw, reasoning, answer)``.
    """
    known = connection.execute(
        "SELECT count(*) FROM duckdb_functions() WHERE function_name = 'unpack_text'"
    ).fetchall()
    if known[0][0]:
        return  # the same file, opened twice in one process
    for name, function, takes, gives in _FUNCTIONS:
        connection.create_function(name, function, takes, gives, type=ARROW, null_handling=SPECIAL)
