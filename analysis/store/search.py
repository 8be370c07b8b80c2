"""Which traces a search finds, in which order: the index and the database together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from analysis.filters import Filters
from analysis.progress import CancelToken, ProgressCallback, ignore_progress
from analysis.search.folding import words_of
from analysis.search.query import And, Node, SearchQuery, Term
from analysis.search.regex import compile_regex
from analysis.store.connection import Store
from analysis.store.search_index import KEY_SQL, IndexState, SearchIndex, search_index
from analysis.store.search_scan import Patience, Scan, scan
from analysis.store.search_where import order_by, require_names, search_where
from analysis.store.search_words import candidates_query, words_query

FOUND_SCHEMA = pa.schema([("trace_id", pa.string()), ("row", pa.int64()), ("size", pa.int64())])


@dataclass(frozen=True, slots=True)
class Found:
    """Traces ``offset`` .. of a search. ``total`` is how many there are in all.

    Where a scan for a regular expression ended before its end, ``total`` is how many were found
    until then, and ``scan`` says how far it came.
    """

    trace_ids: tuple[str, ...]
    offset: int
    total: int
    exact: bool
    index: IndexState
    """What the index had and lacked; all current where it was not needed."""
    scan: Scan | None = None


def find_traces(
    store: Store,
    query: SearchQuery,
    filters: Filters,
    *,
    sort: str = "relevance",
    offset: int = 0,
    limit: int | None = None,
    patience: Patience | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> Found:
    """The traces of a search, in a stable order. ``limit`` None: all of them.

    Raises ``UsageError`` for a label, metric, pattern or order that cannot be, ``Cancelled``.
    """
    for regex in query.regexes:
        compile_regex(regex)
    require_names(store, query)
    words = _words(query, filters)
    index, state = _index(store, query, words)
    query_of_words = None if words is None or index is None else words_query(index, words)
    plain = not query.conditions and not query.regexes and Filters() == _only_order(filters)
    if plain and query_of_words is not None and sort == "relevance" and not state.n_stale and limit:
        assert index is not None
        keys, _, total = index.ranked(query_of_words, limit, offset)
        return Found(_ids(store, keys), offset, total, True, state)
    candidates = _candidates(store, query, filters, sort, index, query_of_words)
    if query.regexes:
        looked = scan(store, query.regexes, candidates, patience, progress=progress, cancel=cancel)
        ids = looked.matched[offset : None if limit is None else offset + limit]
        return Found(ids, offset, len(looked.matched), looked.complete, state, looked)
    chosen = candidates.slice(offset, limit)
    return Found(
        tuple(chosen.column("trace_id").to_pylist()), offset, candidates.num_rows, True, state
    )


def needs_index(query: SearchQuery, filters: Filters | None = None) -> bool:
    """Whether the answer depends on the index: words do; patterns only use one that is current."""
    return query.words is not None or bool(query.regexes) or bool(filters and filters.text.strip())


def _words(query: SearchQuery, filters: Filters) -> Node | None:
    """The words of the query, and those of the filter bar beside them."""
    typed = words_of(filters.text)
    parts = ([query.words] if query.words else []) + ([Term(typed)] if typed else [])
    return None if not parts else parts[0] if len(parts) == 1 else And(tuple(parts))


def _only_order(filters: Filters) -> Filters:
    return replace(filters, sort="file order", descending=False)


def _index(
    store: Store, query: SearchQuery, words: Node | None
) -> tuple[SearchIndex | None, IndexState]:
    if words is None and not query.regexes:
        return None, IndexState(0, 0, 0)
    index = search_index(store)
    state = index.state()
    # A pattern is looked for in every text, so nothing is missed by an index that lags behind.
    if words is None:
        return (index if state.n_missing == 0 else None), IndexState(state.n_traces, 0, 0)
    return index, state


def _ids(store: Store, keys: Any) -> tuple[str, ...]:
    """Trace ids of keys, in their order."""
    hits = pa.table({"key": keys, "place": np.arange(len(keys))})
    with store.cursor() as cursor:
        cursor.register("hits", hits)
        found = cursor.execute(
            f"SELECT t.trace_id FROM trace_row t JOIN file f USING (file_id)"  # noqa: S608
            f" JOIN hits h ON h.key = {KEY_SQL} ORDER BY h.place"
        ).fetchall()
        cursor.unregister("hits")
    return tuple(row[0] for row in found)


def _candidates(
    store: Store,
    query: SearchQuery,
    filters: Filters,
    sort: str,
    index: SearchIndex | None,
    words: Any,
) -> pa.Table:
    """Every trace that words, conditions and filter allow, in order."""
    condition, values = search_where(query, filters)
    hits = None
    if index is not None and words is not None:
        if sort == "relevance":
            keys, scores, _ = index.ranked(words, index.searcher().num_docs)
            hits = pa.table({"key": keys, "score": pa.array(scores, pa.float64())})
        else:
            hits = pa.table({"key": index.matching(words)})
    elif index is not None and (maybe := candidates_query(index, query.regexes)) is not None:
        hits = pa.table({"key": index.matching(maybe)})
    scored = hits is not None and "score" in hits.column_names
    join = f" JOIN hits h ON h.key = {KEY_SQL}" if hits is not None else ""
    sql = (
        "SELECT t.trace_id, t.rowid AS row,"  # noqa: S608 - parts are made here, values are bound
        " coalesce(t.reasoning_chars, 0) + coalesce(t.answer_chars, 0) AS size"
        f" FROM trace_row t JOIN file f USING (file_id){join}"
        f" WHERE {condition} ORDER BY {order_by(sort, scored=scored)}"
    )
    with store.cursor() as cursor:
        if hits is not None:
            cursor.register("hits", hits)
        found = cursor.sql(sql, params=values).to_arrow_table()
        if hits is not None:
            cursor.unregister("hits")
    return found.cast(FOUND_SCHEMA)
