"""Regular expressions over the packed texts: in order, in threads, and stopped when enough is known.

Fetching, unpacking and matching all leave Python's lock, so two threads use two cores.
"""

from __future__ import annotations

import os
import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis import limits
from analysis.progress import CancelToken, Progress, ProgressCallback, ignore_progress
from analysis.search.query import Regex
from analysis.search.regex import compile_regex
from analysis.store.connection import Store
from analysis.store.packing import unpacked, views
from analysis.store.search_index import FIELDS

_THREADS = min(8, max(2, os.cpu_count() or 2))
_CHUNK = 2048
_CHUNK_CHARS = 20_000_000
"""What one query fetches, in traces and characters: less would be all planning of queries."""
_AT_ONCE = 1024
"""Texts that are unpacked together. Fewer are more waiting for Python's lock; of long ones a chunk is less."""


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
    compiled = [_compiled(regex) for regex in regexes]
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


@dataclass(frozen=True, slots=True)
class _Compiled:
    pattern: Any
    columns: tuple[int, ...]
    """Places in ``FIELDS`` of the texts that it is looked for in."""
    maybe_empty: bool
    """Whether a match could be empty; without any of these signs every part of it is needed."""


def _compiled(regex: Regex) -> _Compiled:
    everywhere = tuple(range(len(FIELDS)))
    columns = (FIELDS.index(regex.field),) if regex.field else everywhere
    maybe_empty = re.search(r"[*?|]|\{0|\(\)", regex.pattern) is not None
    return _Compiled(compile_regex(regex), columns, maybe_empty)


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


def _match(store: Store, compiled: Sequence[_Compiled], part: pa.Table) -> list[str]:
    """The trace ids of a chunk that match, in its order."""
    needed = sorted({column for regex in compiled for column in regex.columns})
    found = _fetch(store, part, [f"{FIELDS[column]}_packed" for column in needed])
    packed = {column: views(found.column(at + 1)) for at, column in enumerate(needed)}
    matched: list[int] = []
    for start in range(0, found.num_rows, _AT_ONCE):
        rows = list(range(start, min(start + _AT_ONCE, found.num_rows)))
        for regex in compiled:
            rows = _matching(regex, [packed[column] for column in regex.columns], rows)
        matched += rows
    names = set(found.column(0).take(pa.array(matched, pa.int64())).to_pylist())
    return [i for i in part.column("trace_id").to_pylist() if i in names] if names else []


def _fetch(store: Store, part: pa.Table, columns: Sequence[str]) -> pa.Table:
    """Trace ids and packed texts of a chunk, in any order."""
    rows = part.column("row").to_numpy()
    with store.cursor() as cursor:
        cursor.register("wanted", part.select(["row"]))
        found = cursor.sql(
            f"SELECT t.trace_id, {', '.join(columns)} FROM wanted w"  # noqa: S608 - constants of this package
            " JOIN trace_row t ON t.rowid = w.row WHERE t.rowid BETWEEN $low AND $high",
            params={"low": int(rows.min()), "high": int(rows.max())},
        ).to_arrow_table()
        cursor.unregister("wanted")
    return found


def _matching(regex: _Compiled, columns: Sequence[list[Any]], rows: list[int]) -> list[int]:
    """Which of ``rows`` match in one of the columns of packed texts, in order."""
    found: set[int] = set()
    for packed in columns:
        left = [row for row in rows if row not in found and packed[row] is not None]
        if left:
            texts = unpacked([packed[row] for row in left])
            found.update(left[at] for at in _places(regex, texts))
    return [row for row in rows if row in found]


def _places(regex: _Compiled, texts: pa.Array) -> list[int]:
    """Places of the texts that match.

    Arrow's RE2 takes them all in one call, which two threads can do at once; a call for each text
    costs half as much again, most of it in waiting for Python's lock.
    """
    places = list(range(len(texts)))
    try:
        hits = pc.match_substring_regex(texts, regex.pattern.pattern)
        places = np.flatnonzero(hits.to_numpy(zero_copy_only=False)).tolist()
        if not regex.maybe_empty:
            return places
    except pa.ArrowInvalid:
        pass  # it needs more memory than Arrow allows it: one by one, below
    search = regex.pattern.search
    return [at for at in places if _matches(search, memoryview(texts[at].as_buffer()))]


def _matches(search: Callable[..., Any], text: memoryview) -> bool:
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
