"""Regular expressions over the packed texts: in order, in threads, and stopped when enough is known.

Fetching, unpacking and matching all leave Python's lock, so two threads use two cores.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from analysis import limits
from analysis.progress import CancelToken, Progress, ProgressCallback, ignore_progress
from analysis.search.query import Regex
from analysis.search.regex import compile_regex
from analysis.store.connection import Store
from analysis.store.packing import unpack_bytes, views
from analysis.store.search_index import FIELDS

_THREADS = min(8, max(2, os.cpu_count() or 2))
_CHUNK = 512
_CHUNK_CHARS = 6_000_000


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found: traces that match, in the order of the candidates."""

    matched: tuple[str, ...]
    scanned: int
    candidates: int

    @property
    def complete(self) -> bool:
        """Whether every candidate was looked at."""
        return self.scanned >= self.candidates


@dataclass(frozen=True, slots=True)
class Patience:
    """When a scan ends before its end: with ``enough`` matches after ``soon`` seconds, or at ``most``.

    ``stop`` ends it too, with what was found until then; a ``CancelToken`` given to ``scan`` raises.
    """

    enough: int
    soon: float = limits.SEARCH_SCAN_SOON_SECONDS
    most: float = limits.SEARCH_SCAN_SECONDS
    stop: CancelToken | None = None


def scan(
    store: Store,
    regexes: Sequence[Regex],
    candidates: pa.Table,
    patience: Patience | None,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> Scan:
    """Which candidates (columns ``trace_id``, ``row``, ``size``) match all patterns.

    Without ``patience`` it goes to the end. Raises ``Cancelled`` when asked to stop.
    """
    cancel = cancel or CancelToken()
    compiled = [(compile_regex(regex), _columns(regex)) for regex in regexes]
    total, began = candidates.num_rows, time.monotonic()
    matched: list[str] = []
    scanned = 0
    pending: deque[tuple[int, Future[list[str]]]] = deque()
    chunks = _chunks(candidates)
    with ThreadPoolExecutor(_THREADS, "cotscope-scan") as pool:
        try:
            while True:
                while len(pending) < 2 * _THREADS and (part := next(chunks, None)) is not None:
                    pending.append((part.num_rows, pool.submit(_match, store, compiled, part)))
                if not pending:
                    break
                rows, future = pending.popleft()
                matched.extend(future.result())
                scanned += rows
                found = f"{len(matched):,} found"
                progress(Progress("Searching texts", scanned, total, "traces", found))
                cancel.raise_if_cancelled()
                if patience is not None and _over(patience, len(matched), began):
                    break
        finally:
            for _, future in pending:
                future.cancel()
    return Scan(tuple(matched), scanned, total)


def _over(patience: Patience, found: int, began: float) -> bool:
    if patience.stop is not None and patience.stop.cancelled:
        return True
    taken = time.monotonic() - began
    return taken > patience.most or (found >= patience.enough and taken > patience.soon)


def _columns(regex: Regex) -> tuple[int, ...]:
    return (FIELDS.index(regex.field),) if regex.field else tuple(range(len(FIELDS)))


def _chunks(candidates: pa.Table) -> Iterator[pa.Table]:
    sizes = candidates.column("size").to_pylist()
    start = held = 0
    for at, size in enumerate(sizes):
        if at > start and (at - start >= _CHUNK or held + size > _CHUNK_CHARS):
            yield candidates.slice(start, at - start)
            start, held = at, 0
        held += size
    if start < len(sizes):
        yield candidates.slice(start)


def _match(
    store: Store, compiled: Sequence[tuple[Any, tuple[int, ...]]], part: pa.Table
) -> list[str]:
    """The trace ids of a chunk that match, in its order."""
    rows = part.column("row").to_numpy()
    needed = sorted({column for _, columns in compiled for column in columns})
    packed = ", ".join(f"t.{FIELDS[column]}_packed" for column in needed)
    with store.cursor() as cursor:
        cursor.register("wanted", part.select(["row"]))
        found = cursor.sql(
            f"SELECT t.trace_id, {packed} FROM trace_row t"  # noqa: S608 - constants of this file
            " WHERE t.rowid BETWEEN $low AND $high AND t.rowid IN (SELECT row FROM wanted)",
            params={"low": int(rows.min()), "high": int(rows.max())},
        ).to_arrow_table()
        cursor.unregister("wanted")
    texts = {column: views(found.column(at + 1)) for at, column in enumerate(needed)}
    matched = set(range(found.num_rows))
    for pattern, columns in compiled:
        left = matched
        matched = set()
        for column in columns:
            here = {
                row
                for row in left
                if texts[column][row] is not None
                and _matches(pattern.search, unpack_bytes(texts[column][row]))
            }
            matched |= here
            left = left - here
    names = set(found.column(0).take(pa.array(sorted(matched), pa.int64())).to_pylist())
    return [i for i in part.column("trace_id").to_pylist() if i in names] if names else []


def _matches(search: Callable[..., Any], text: bytes) -> bool:
    """Whether there is a match that is not empty."""
    at = 0
    for _ in range(limits.SEARCH_MAX_HITS):
        found = search(text, at)
        if found is None:
            return False
        if found.end() > found.start():
            return True
        at = found.end() + 1
        while at < len(text) and text[at] & 0xC0 == 0x80:
            at += 1
        if at > len(text):
            return False
    return False
