"""What the Search page and `cotscope search` show: traces with passages in context."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pyarrow as pa

from analysis import limits
from analysis.filters import Filters
from analysis.progress import CancelToken, ProgressCallback, ignore_progress
from analysis.search.folding import words_of
from analysis.search.hits import Span, find_terms, passages, sentence_at
from analysis.search.query import HasFinding, Regex, SearchQuery, Term, positive_terms
from analysis.search.regex import regex_spans
from analysis.store.connection import Store
from analysis.store.packing import unpack
from analysis.store.search import Found, find_traces
from analysis.store.search_index import FIELDS
from analysis.store.search_scan import Patience
from analysis.store.search_where import finding_source

_FACTS = (
    "trace_id", "external_id", "dataset", "model", "effort", "sample_index", "correct",
    "reasoning_chars", "question_preview",
)  # fmt: skip
PASSAGES_SCHEMA = pa.schema(
    [
        ("trace_id", pa.string()),
        ("external_id", pa.string()),
        ("dataset", pa.string()),
        ("model", pa.string()),
        ("effort", pa.string()),
        ("sample_index", pa.int32()),
        ("correct", pa.bool_()),
        ("field", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("sentence", pa.int64()),
        ("label", pa.string()),
        ("before", pa.string()),
        ("text", pa.string()),
        ("after", pa.string()),
    ]
)
"""Columns of exported results: one row a hit. Offsets are code points into the field's text."""


@dataclass(frozen=True, slots=True)
class PassageView:
    """A piece of a field with its hits, whose offsets are relative to ``text``."""

    field: str
    start: int
    text: str
    hits: tuple[Span, ...]
    sentence: int | None
    """The sentence of the reasoning that the first hit is in; None elsewhere."""
    labels: tuple[str, ...]
    cut_before: bool
    cut_after: bool


@dataclass(frozen=True, slots=True)
class TraceHit:
    """A trace that was found."""

    trace_id: str
    external_id: str | None
    dataset: str
    model: str | None
    effort: str | None
    sample_index: int
    correct: bool | None
    reasoning_chars: int | None
    question_preview: str | None
    passages: tuple[PassageView, ...]
    n_hits: int
    n_more: int
    """Hits that no passage here shows."""


@dataclass(frozen=True, slots=True)
class SearchResults:
    """A page of results. ``total`` counts traces; not ``exact``: at least so many."""

    hits: tuple[TraceHit, ...]
    total: int
    exact: bool
    page: int
    page_size: int
    seconds: float
    n_unindexed: int
    """Traces that are not in the index yet, so could not be found by words."""
    scanned: tuple[int, int] | None
    """How many texts a regular expression was looked for in, of how many; None without one."""

    @property
    def pages(self) -> int:
        """How many pages there are; at least 1."""
        return max(1, -(-self.total // self.page_size))


def search_page(
    store: Store,
    query: SearchQuery,
    filters: Filters | None = None,
    *,
    sort: str = "relevance",
    page: int = 1,
    page_size: int = limits.SEARCH_PAGE_TRACES,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
    patience: Patience | None = None,
) -> SearchResults:
    """One page of results (1-based; beyond the last: the last).

    Searches what the index has; see ``store.search_index`` for bringing it up to date. Raises
    ``UsageError`` for what cannot be searched, ``Cancelled`` when asked to stop.
    """
    began = time.perf_counter()
    filters = filters or Filters()

    def found_at(number: int) -> Found:
        offset = (number - 1) * page_size
        wait = patience or Patience(enough=offset + page_size + 1)
        return find_traces(
            store, query, filters, sort=sort, offset=offset, limit=page_size, patience=wait,
            progress=progress, cancel=cancel,
        )  # fmt: skip

    page = max(1, page)
    found = found_at(page)
    last = max(1, -(-found.total // page_size))
    if page > last:
        page = last
        found = _at_page(found, (page - 1) * page_size, page_size) or found_at(page)
    hits = tuple(_trace_hits(store, query, filters, found.trace_ids))
    return SearchResults(
        hits=hits,
        total=found.total,
        exact=found.exact,
        page=page,
        page_size=page_size,
        seconds=time.perf_counter() - began,
        n_unindexed=found.index.n_missing,
        scanned=None if found.scan is None else (found.scan.scanned, found.scan.candidates),
    )


def _at_page(found: Found, offset: int, size: int) -> Found | None:
    """Another page of a scan, which has looked for all; None where there was none."""
    if found.scan is None:
        return None
    ids = found.scan.matched[offset : offset + size]
    return replace(found, trace_ids=ids, offset=offset)


def passage_rows(
    store: Store,
    query: SearchQuery,
    filters: Filters | None = None,
    *,
    sort: str = "relevance",
    limit: int | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> Iterator[pa.RecordBatch]:
    """Every hit of the first ``limit`` traces (None: all), in order, as ``PASSAGES_SCHEMA``."""
    filters = filters or Filters()
    found = find_traces(
        store, query, filters, sort=sort, limit=limit, progress=progress, cancel=cancel
    )
    size = limits.PAGE_ROWS
    for start in range(0, len(found.trace_ids), size):
        part = found.trace_ids[start : start + size]
        rows = [row for one in _look_up(store, query, filters, part) for row in one.rows()]
        yield pa.RecordBatch.from_pylist(rows, PASSAGES_SCHEMA)


@dataclass(slots=True)
class _One:
    """A trace with its texts and the places that are to be shown."""

    facts: dict[str, Any]
    texts: dict[str, str]
    spans: dict[str, list[Span]]
    labels: dict[Span, tuple[str, ...]]
    sentences: list[int]

    def hit(self) -> TraceHit:
        shown: list[PassageView] = []
        n_hits = sum(map(len, self.spans.values()))
        for name in _ORDER:
            left = limits.SEARCH_PASSAGES - len(shown)
            for found in passages(self.texts[name], self.spans[name], most=left) if left else ():
                shown.append(self._view(name, found.start, found.end, found.hits))
        n_shown = sum(len(p.hits) for p in shown)
        if not shown:
            shown = self._beginning()
        return TraceHit(
            **{k: self.facts[k] for k in _FACTS},
            passages=tuple(shown),
            n_hits=n_hits,
            n_more=n_hits - n_shown,
        )

    def _view(self, name: str, start: int, end: int, hits: Sequence[Span]) -> PassageView:
        text = self.texts[name]
        labels = [label for span in hits for label in self.labels.get(span, ())]
        first = sentence_at(self.sentences, hits[0][0]) if hits and name == "reasoning" else None
        return PassageView(
            field=name,
            start=start,
            text=text[start:end],
            hits=tuple((s - start, min(e, end) - start) for s, e in hits),
            sentence=first,
            labels=tuple(dict.fromkeys(labels)) if name == "reasoning" else (),
            cut_before=start > 0,
            cut_after=end < len(text),
        )

    def _beginning(self) -> list[PassageView]:
        """Where nothing is to be marked: how the trace begins."""
        for name in _ORDER:
            if self.texts[name].strip():
                end = min(len(self.texts[name]), 2 * limits.SEARCH_CONTEXT_CHARS)
                return [self._view(name, 0, end, ())]
        return []

    def rows(self) -> Iterator[dict[str, Any]]:
        context = limits.SEARCH_CONTEXT_CHARS
        for name in _ORDER:
            text = self.texts[name]
            for start, end in self.spans[name]:
                yield {
                    **{k: v for k, v in self.facts.items() if k in PASSAGES_SCHEMA.names},
                    "field": name,
                    "start": start,
                    "end": end,
                    "sentence": sentence_at(self.sentences, start) if name == "reasoning" else None,
                    "label": ", ".join(self.labels.get((start, end), ())) or None
                    if name == "reasoning"
                    else None,
                    "before": text[max(0, start - context) : start],
                    "text": text[start:end],
                    "after": text[end : end + context],
                }


_ORDER = ("reasoning", "answer", "question")
"""Fields in the order in which their passages are shown."""


def _trace_hits(
    store: Store, query: SearchQuery, filters: Filters, trace_ids: Sequence[str]
) -> Iterator[TraceHit]:
    return (one.hit() for one in _look_up(store, query, filters, trace_ids))


def _look_up(
    store: Store, query: SearchQuery, filters: Filters, trace_ids: Sequence[str]
) -> Iterator[_One]:
    """The traces of these ids, in this order, with every place that the query means."""
    if not trace_ids:
        return
    ids = {"ids": list(trace_ids)}
    columns = ", ".join(f"t.{name}" for name in _FACTS)
    packed = ", ".join(f"t.{name}_packed" for name in FIELDS)
    rows = store.rows(
        f"SELECT {columns}, {packed} FROM trace_row t"  # noqa: S608 - constants of this file
        " WHERE list_contains($ids, t.trace_id)",
        ids,
    )
    by_id = {row[0]: row for row in rows}
    sentences = _sentences(store, ids)
    findings = _findings(store, query, ids)
    terms = (*positive_terms(query.words), *_typed(filters))
    for trace_id in trace_ids:
        row = by_id.get(trace_id)
        if row is None:
            continue  # removed since
        texts = {
            name: unpack(value) or ""
            for name, value in zip(FIELDS, row[len(_FACTS) :], strict=True)
        }
        labels = findings.get(trace_id, {})
        spans = {name: _spans(texts[name], name, terms, query.regexes) for name in FIELDS}
        if labels:
            spans["reasoning"] = sorted({*spans["reasoning"], *labels})
        facts = dict(zip(_FACTS, row, strict=False))
        yield _One(facts, texts, spans, labels, sentences.get(trace_id, []))


def _typed(filters: Filters) -> tuple[Term, ...]:
    words = words_of(filters.text)
    return (Term(words),) if words else ()


def _spans(text: str, name: str, terms: Sequence[Term], regexes: Sequence[Regex]) -> list[Span]:
    found = set(find_terms([t for t in terms if t.field in (None, name)], text))
    for regex in regexes:
        if regex.field in (None, name):
            found.update(regex_spans(regex, text, limits.SEARCH_MAX_HITS))
    return sorted(found)


def _sentences(store: Store, ids: dict[str, Any]) -> dict[str, list[int]]:
    found = store.rows(
        "SELECT trace_id, list(char_start ORDER BY sentence_index) FROM sentence"
        " WHERE list_contains($ids, trace_id) GROUP BY trace_id",
        ids,
    )
    return dict(found)


def _findings(
    store: Store, query: SearchQuery, ids: dict[str, Any]
) -> dict[str, dict[Span, tuple[str, ...]]]:
    """trace_id -> span -> labels, of the findings that the query asks for."""
    found: dict[str, dict[Span, tuple[str, ...]]] = {}
    for part in query.conditions:
        if not isinstance(part, HasFinding) or part.negated:
            continue
        source, values = finding_source(part, "p")
        rows = store.rows(
            f"SELECT x.trace_id, x.char_start, x.char_end {source}"
            " AND list_contains($ids, x.trace_id) ORDER BY ALL",
            values | ids,
        )
        for trace_id, start, end in rows:
            spans = found.setdefault(trace_id, {})
            known = spans.get((start, end), ())
            if part.label not in known:
                spans[start, end] = (*known, part.label)
    return found


def results_json(results: SearchResults) -> dict[str, Any]:
    """For ``--json``."""
    return asdict(results)
