"""The word index beside the database: a folder FILE.search that can be deleted and is made anew.

It is a tantivy index with one document a trace: the forms (``search.folding``) of question, reasoning
and answer, without the texts themselves, and a key. The key is made of the trace's id and of when
its file was imported, so that a file that is removed and imported again is indexed again. What the
index has and lacks is always told by comparing its keys with those of the database; nothing else is
remembered, so a killed update leaves nothing to repair. tantivy's commits are atomic, and one process
at a time writes (a lock of the operating system, which ends with the process).
"""

from __future__ import annotations

import contextlib
import json
import shutil
import threading
import unicodedata
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from analysis import limits
from analysis.errors import StoreError
from analysis.progress import CancelToken, Progress, ProgressCallback, ignore_progress
from analysis.search import folding, shapes
from analysis.store.connection import Store
from analysis.store.packing import unpack
from analysis.store.search_faults import faults, guard, locked

FIELDS = ("question", "reasoning", "answer")
INNER = "inner"
"""A field of its own: see ``folding.inner_words``."""
SHAPE = "shape"
"""And another: see ``search.shapes``."""
OVERLONG = "\ue000"
"""Stands there where a trace has a word too long for tantivy, which leaves such words out."""
_STRIDE = 8_000
"""A word of 65,530 bytes, the limit of tantivy, has 16,000 characters at least, so it covers a
whole stretch of this length from one multiple of it to the next."""
KEY_SQL = (
    "xor(CAST('0x' || left(t.trace_id, 15) AS BIGINT), epoch_us(f.imported_at) % 1125899906842624)"
)
"""The key of ``trace_row t`` of ``file f``: 60 bits of the id's hash, and the import's moment."""
_MARK = "cotscope-search.json"
_FORMAT = f"4.{folding.VERSION}.{shapes.VERSION}.{unicodedata.unidata_version}"
_ANALYZER = "cotscope"
Keys = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class IndexState:
    """How far the index is. ``n_missing`` traces cannot be found yet; ``n_stale`` are gone."""

    n_traces: int
    n_missing: int
    n_stale: int

    @property
    def current(self) -> bool:
        """Whether the index has exactly the traces of the database."""
        return self.n_missing == 0 and self.n_stale == 0


def index_path(store: Store) -> Path | None:
    """The folder of a store's index; None for a database in memory."""
    if str(store.path) == ":memory:":
        return None
    return store.path.with_name(store.path.name + ".search")


_indexes: weakref.WeakKeyDictionary[Store, SearchIndex] = weakref.WeakKeyDictionary()
_opening = threading.Lock()


def search_index(store: Store) -> SearchIndex:
    """The index of a store, made (empty) if there is none; the same for every caller."""
    with _opening:
        found = _indexes.get(store)
        if found is None:
            found = _indexes[store] = SearchIndex(store)
        return found


class SearchIndex:
    """One index. Thread-safe: readers see the last commit, one thread writes."""

    def __init__(self, store: Store) -> None:
        self._store = weakref.ref(store)
        self.path = index_path(store)
        self._writing = threading.Lock()
        self._seen: tuple[Any, IndexState] | None = None
        self._index = self._open()

    # --- opening ---------------------------------------------------------------------------

    def _open(self) -> Any:
        """The tantivy index; one that is of another version or damaged is made anew."""
        import tantivy

        if self.path is None:
            return _ready(tantivy.Index(_schema()))
        with faults(self.path):
            mark = self.path / _MARK
            if not self.path.exists():
                return _create(self.path)
            if not mark.is_file():
                if any(self.path.iterdir()):
                    raise StoreError(
                        f"The folder {self.path} is no search index of CoTScope.",
                        remedy="Move it away: the index of this database has to stand there.",
                    )
                return _create(self.path)
            with contextlib.suppress(ValueError, OSError):
                if json.loads(mark.read_text(encoding="utf-8")).get("format") == _FORMAT:
                    return _ready(guard(tantivy.Index.open, str(self.path)))
            return self._anew()

    def _anew(self) -> Any:
        assert self.path is not None
        shutil.rmtree(self.path)
        return _create(self.path)

    # --- state -----------------------------------------------------------------------------

    def state(self) -> IndexState:
        """What the index has and lacks. A few milliseconds unless something changed."""
        store = self._live()
        moment = (self._moment(), _fingerprint(store))
        seen = self._seen
        if seen is not None and seen[0] == moment:
            return seen[1]
        have, want = self.keys(), _store_keys(store)[0]
        missing, stale = len(np.setdiff1d(want, have)), len(np.setdiff1d(have, want))
        found = IndexState(len(want), missing, stale)
        self._seen = (moment, found)
        return found

    def size(self) -> int:
        """Bytes on disk."""
        if self.path is None:
            return 0
        return sum(file.stat().st_size for file in self.path.iterdir() if file.is_file())

    def keys(self) -> Keys:
        """The keys of all documents."""
        import tantivy

        return self.matching(tantivy.Query.all_query())

    def _moment(self) -> object:
        if self.path is None:
            return self.searcher().num_docs
        try:
            found = (self.path / "meta.json").stat()
        except FileNotFoundError:
            # Somebody deleted the folder, as everybody may.
            self._index = self._open()
            found = (self.path / "meta.json").stat()
        return (found.st_mtime_ns, found.st_ino)

    def _live(self) -> Store:
        store = self._store()
        if store is None:
            raise StoreError("The database of this search index is closed.")
        return store

    # --- reading ---------------------------------------------------------------------------

    @property
    def schema(self) -> Any:
        """For making queries."""
        return self._index.schema

    def searcher(self) -> Any:
        """A view of the last commit. Raises ``StoreError`` if the index cannot be read."""
        with faults(self.path):
            guard(self._index.reload)
            return guard(self._index.searcher)

    def matching(self, query: Any) -> Keys:
        """The keys of every document that matches."""
        searcher = self.searcher()
        if not searcher.num_docs:
            return np.empty(0, np.int64)
        with faults(self.path):
            hits = guard(
                searcher.search, query, searcher.num_docs, count=False, order_by_field="key"
            ).hits
        return np.fromiter((hit[0] for hit in hits), np.int64, len(hits))

    def ranked(self, query: Any, limit: int, offset: int = 0) -> tuple[Keys, list[float], int]:
        """(keys, scores, count): the best documents, best first, and how many match at all."""
        searcher = self.searcher()
        with faults(self.path):
            found = guard(searcher.search, query, max(1, limit), count=True, offset=offset)
            hits = found.hits
            keys = guard(searcher.fast_field_values, "key", [address for _, address in hits])
        return np.array(keys, np.int64), [score for score, _ in hits], int(found.count)

    # --- writing ---------------------------------------------------------------------------

    def update(
        self,
        progress: ProgressCallback = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> IndexState:
        """Take in what is missing and put out what is gone.

        Raises ``Cancelled`` when asked to stop (what was taken in stays), ``StoreLockedError`` while
        another process or thread updates it, ``StoreFullError`` when the disk is full.
        """
        store, cancel = self._live(), cancel or CancelToken()
        if self.state().current:
            return self.state()
        with self._alone():
            self._write(store, progress, cancel)
        return self.state()

    def rebuild(
        self, progress: ProgressCallback = ignore_progress, cancel: CancelToken | None = None
    ) -> IndexState:
        """Throw the index away and make it anew."""
        with self._alone():
            if self.path is not None and self.path.exists():
                self._index = self._anew()
            self._seen = None
        return self.update(progress, cancel)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._writing.acquire(blocking=False):
            raise locked()
        try:
            yield
        finally:
            self._writing.release()

    def _write(self, store: Store, progress: ProgressCallback, cancel: CancelToken) -> None:
        with faults(self.path):
            writer = guard(self._index.writer, limits.SEARCH_WRITER_BYTES, 1)
            try:
                have = self.keys()  # again: another process may have written until now
                want, rows, sizes = _store_keys(store)
                for key in np.setdiff1d(have, want).tolist():
                    writer.delete_documents_by_term("key", key)
                chosen = ~np.isin(want, have)
                guard(writer.commit)
                todo = _Todo(want[chosen], rows[chosen], sizes[chosen])
                self._add(store, writer, todo, progress, cancel)
            finally:
                # Ends the writer's threads and gives back the lock.
                guard(writer.wait_merging_threads)

    def _add(
        self,
        store: Store,
        writer: Any,
        todo: _Todo,
        progress: ProgressCallback,
        cancel: CancelToken,
    ) -> None:
        done = since = 0
        for keys, rows, size in todo.chunks():
            progress(Progress("Indexing texts for search", done, len(todo.keys), "traces"))
            for document in _documents(store, keys, rows):
                guard(writer.add_document, document)
            done, since = done + len(keys), since + size
            if cancel.cancelled or since >= limits.SEARCH_COMMIT_CHARS:
                guard(writer.commit)
                since = 0
                cancel.raise_if_cancelled()
        guard(writer.commit)
        progress(Progress("Indexing texts for search", done, len(todo.keys), "traces"))


@dataclass(frozen=True, slots=True)
class _Todo:
    keys: Keys
    rows: Keys
    """Row ids of DuckDB; only a hint where to look, since a checkpoint may change them."""
    sizes: Keys
    """Characters."""

    def chunks(self) -> Iterator[tuple[Keys, Keys, int]]:
        """Pieces of the work in order of the rows, bounded in traces and characters."""
        start = size = 0
        for at, chars in enumerate(self.sizes.tolist()):
            if at > start and (size + chars > limits.BATCH_BYTES or at - start >= 1_000):
                yield self.keys[start:at], self.rows[start:at], size
                start, size = at, 0
            size += chars
        if start < len(self.keys):
            yield self.keys[start:], self.rows[start:], size


def _fingerprint(store: Store) -> object:
    """Changes with every import and removal."""
    return store.rows(
        "SELECT t.file_id, f.imported_at, count(*) FROM trace_row t JOIN file f USING (file_id)"
        " GROUP BY ALL ORDER BY ALL"
    )


def _store_keys(store: Store) -> tuple[Keys, Keys, Keys]:
    """Keys, row ids and sizes of all traces, in order of the rows."""
    found = store.arrow(
        f"SELECT {KEY_SQL} AS key, t.rowid AS row,"  # noqa: S608 - a constant
        " coalesce(t.reasoning_chars, 0) + coalesce(t.answer_chars, 0) AS size"
        " FROM trace_row t JOIN file f USING (file_id) ORDER BY t.rowid"
    )
    keys, rows, sizes = (column.to_numpy().astype(np.int64) for column in found.columns)
    return keys, rows, sizes


def _documents(store: Store, keys: Keys, rows: Keys) -> Iterator[Any]:
    import tantivy

    wanted = set(keys.tolist())
    with store.cursor() as cursor:
        cursor.register("wanted", pa.table({"row": rows}))
        found = cursor.execute(
            f"SELECT {KEY_SQL}, t.question_packed, t.reasoning_packed, t.answer_packed"  # noqa: S608
            " FROM trace_row t JOIN file f USING (file_id)"
            " WHERE t.rowid BETWEEN $low AND $high AND t.rowid IN (SELECT row FROM wanted)",
            {"low": int(rows.min()), "high": int(rows.max())},
        ).fetchall()
        cursor.unregister("wanted")
    for key, *packed in found:
        if key not in wanted:
            continue
        document = tantivy.Document()
        document.add_integer("key", key)
        texts = {name: unpack(value) or "" for name, value in zip(FIELDS, packed, strict=True)}
        inner = set().union(*map(folding.inner_words, texts.values()))
        for name, text in texts.items():
            form = folding.index_form(text)
            document.add_text(name, form)
            if _overlong(form):
                inner.add(OVERLONG)
        document.add_text(INNER, " ".join(sorted(inner)))
        document.add_text(SHAPE, " ".join(shapes.shapes(texts.values())))
        yield document


def _overlong(form: str) -> bool:
    """Whether a word of a form may be too long for tantivy."""
    starts = range(0, len(form) - _STRIDE + 1, _STRIDE)
    return any(form.find(" ", start, start + _STRIDE) < 0 for start in starts)


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("key", indexed=True, fast=True)
    for name in FIELDS:
        builder.add_text_field(name, tokenizer_name=_ANALYZER, index_option="position")
    for name in (INNER, SHAPE):
        builder.add_text_field(name, tokenizer_name=_ANALYZER, index_option="basic")
    return builder.build()


def _create(path: Path) -> Any:
    import tantivy

    path.mkdir(exist_ok=True)
    (path / _MARK).write_text(json.dumps({"format": _FORMAT}) + "\n", encoding="utf-8")
    return _ready(guard(tantivy.Index, _schema(), str(path)))


def _ready(index: Any) -> Any:
    import tantivy

    words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer(_ANALYZER, words)
    index.config_reader("manual")
    return index
