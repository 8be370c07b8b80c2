"""What the Languages page shows: who mixes languages, where, into what, and with what result."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from analysis.effort.intervals import UNDEFINED, Interval, bootstrap_ratio
from analysis.effort.patterns import bootstrap_share
from analysis.errors import UsageError
from analysis.filters import Filters
from analysis.store import languages as stored
from analysis.store.connection import Store
from analysis.store.languages import BINS, EVERYTHING, KINDS, LanguageTables, Selection

__all__ = ["BINS", "EVERYTHING", "KINDS", "Selection"]

GROUPS = ("model", "effort", "dataset")
PAGE_SIZE = 50
CONTEXT = 60
"""Characters of text to each side of a stretch."""
TOP = 25
MAX_TEXTS = 5_000
"""Stretches whose text is read to count which are the commonest."""
MAX_LISTED = 20_000
"""Stretches in a download of the list; all of them are in the export of findings."""
MIN_QUESTIONS = 5
"""Fewer questions with both kinds of traces say nothing of right and wrong."""
_LONGEST = 80
_TEXTS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Headline:
    """Counts of traces with visible reasoning, and of stretches in them."""

    n_traces: int
    n_analysed: int
    n_with_slip: int
    n_with_quote: int
    n_slips: int
    """Slips inside words included."""
    n_quotes: int
    n_other: int
    """Traces that think in another language than asked, of the ``n_both_known``."""
    n_both_known: int


@dataclass(frozen=True, slots=True)
class Group:
    """How many traces of a model, effort or data set have a slip."""

    name: str
    n_traces: int
    n_with_slip: int
    n_questions: int
    share: Interval
    """95 %, by a bootstrap over questions."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Judged traces with and without a slip, of one group."""

    name: str
    n_with: int
    right_with: int
    n_without: int
    right_without: int
    n_questions: int
    """Questions that one model at one effort answered both with and without a slip."""
    difference: Interval
    """Of these: share right with a slip minus without; the mean over (question, model, effort)."""


@dataclass(frozen=True, slots=True)
class Overview:
    """All numbers of the page but the list, of one moment."""

    headline: Headline
    share: Interval
    groups: tuple[Group, ...]
    places: pa.Table
    """kind, bin, n, n_traces."""
    pairs: pa.Table
    """matrix, language, n slips, n_traces with one, n_quotes."""
    asked: pa.Table
    """asked, thought, n, n_judged, n_correct."""
    outcomes: tuple[Outcome, ...]
    """All traces, then each group."""
    cells: pa.Table


@dataclass(frozen=True, slots=True)
class Said:
    """A stretch's own text (case ignored) and how often it comes."""

    text: str
    language: str
    n: int
    n_traces: int


@dataclass(frozen=True, slots=True)
class Selected:
    """The chosen stretches: what stands beside them, what they say, one page of them."""

    n: int
    n_traces: int
    before: pa.Table
    """word, n, n_traces, languages."""
    after: pa.Table
    said: tuple[Said, ...]
    n_read: int
    """Of how many of the ``n`` the text was read for ``said``."""
    rows: pa.Table
    """``left``, ``text``, ``right`` and where each stands."""


def overview(store: Store, filters: Filters, *, by: str = "model") -> Overview:
    """Who mixes, where, into what and with what result; ``by`` is one of ``GROUPS``."""
    if by not in GROUPS:
        raise UsageError(f"There is no group {by!r}.", remedy=f"Use: {', '.join(GROUPS)}.")
    with stored.language_tables(store, filters) as tables:
        everyone = _groups(tables.by_group("patterns", None))
        return Overview(
            headline=Headline(**tables.query("headline").to_pylist()[0]),
            share=everyone[0].share if everyone else UNDEFINED,
            groups=_groups(tables.by_group("patterns", by)),
            places=tables.query("places"),
            pairs=tables.query("pairs"),
            asked=tables.query("asked"),
            outcomes=_outcomes(tables.by_group("outcome", None))
            + _outcomes(tables.by_group("outcome", by)),
            cells=_cells(tables),
        )


def selected(
    store: Store, filters: Filters, chosen: Selection = EVERYTHING, *, page: int = 0
) -> Selected:
    """The stretches of a selection; ``page`` counts from 0. Reads only texts that it shows or counts."""
    with stored.language_tables(store, filters, chosen, traces=False) as tables:
        n, n_traces = tables.query("selected").to_pylist()[0].values()
        limit = {"limit": TOP}
        before = tables.query("words", limit, side="before")
        after = tables.query("words", limit, side="after")
        some = tables.query("some", {"limit": MAX_TEXTS})
        page = max(0, min(page, (n - 1) // PAGE_SIZE))
        where = {"limit": PAGE_SIZE, "offset": page * PAGE_SIZE}
        shown = tables.query("page", where)
    return Selected(
        n=n,
        n_traces=n_traces,
        before=before,
        after=after,
        said=_said(store, some.to_pylist()),
        n_read=some.num_rows,
        rows=_in_context(store, shown),
    )


def listed(store: Store, filters: Filters, chosen: Selection = EVERYTHING) -> pa.Table:
    """The first ``MAX_LISTED`` stretches of a selection in their context, for a download."""
    with stored.language_tables(store, filters, chosen, traces=False) as tables:
        shown = tables.query("page", {"limit": MAX_LISTED, "offset": 0})
    return _in_context(store, shown)


def other_language(
    store: Store,
    filters: Filters,
    *,
    asked: str | None = None,
    thought: str | None = None,
    limit: int = 200,
) -> pa.Table:
    """Traces that think in another language than asked; with both languages given, just these."""
    return stored.other_language(store, filters, asked=asked, thought=thought, limit=limit)


def group_table(groups: Sequence[Group]) -> pa.Table:
    """``Overview.groups`` as a table."""
    rows = [
        {
            "name": g.name,
            "n_traces": g.n_traces,
            "n_with_slip": g.n_with_slip,
            "share_with_slip": g.share.value,
            "share_low": g.share.low,
            "share_high": g.share.high,
            "n_questions": g.n_questions,
        }
        for g in groups
    ]
    return pa.Table.from_pylist(rows)


def outcome_table(outcomes: Sequence[Outcome]) -> pa.Table:
    """``Overview.outcomes`` as a table."""
    rows = [
        {
            "name": o.name,
            "n_with_slip": o.n_with,
            "correct_with_slip": o.right_with,
            "accuracy_with_slip": _ratio(o.right_with, o.n_with),
            "n_without_slip": o.n_without,
            "correct_without_slip": o.right_without,
            "accuracy_without_slip": _ratio(o.right_without, o.n_without),
            "n_questions_with_both": o.n_questions,
            "difference_within_question": o.difference.value,
            "difference_low": o.difference.low,
            "difference_high": o.difference.high,
        }
        for o in outcomes
    ]
    return pa.Table.from_pylist(rows)


def _groups(rows: Sequence[Mapping[str, Any]]) -> tuple[Group, ...]:
    patterns: defaultdict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for row in rows:
        patterns[row["name"]].append((row["k"], row["n"], row["questions"]))
    return tuple(_group(name, found) for name, found in patterns.items())


def _group(name: str, found: Sequence[tuple[int, int, int]]) -> Group:
    return Group(
        name=name,
        n_traces=sum(n * times for _, n, times in found),
        n_with_slip=sum(k * times for k, _, times in found),
        n_questions=sum(times for _, _, times in found),
        share=bootstrap_share(found),
    )


def _outcomes(rows: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
    return tuple(
        Outcome(
            name=row["name"],
            n_with=row["n_with"],
            right_with=row["right_with"],
            n_without=row["n_without"],
            right_without=row["right_without"],
            n_questions=len(row["strata"] or ()),
            difference=bootstrap_ratio(
                row["differences"] or (), row["strata"] or (), bounds=(-1.0, 1.0)
            ),
        )
        for row in rows
    )


def _cells(tables: LanguageTables) -> pa.Table:
    table = tables.query("cells")
    patterns: defaultdict[tuple[Any, ...], list[tuple[int, int, int]]] = defaultdict(list)
    for row in tables.by_group("patterns", "cell"):
        key = tuple(row["name"].values())
        patterns[key].append((row["k"], row["n"], row["questions"]))
    keys = zip(*(table[n].to_pylist() for n in ("dataset", "model", "effort")), strict=True)
    shares = [bootstrap_share(patterns.get(key, ())) for key in keys]
    at = table.column_names.index("n_with_slip") + 1
    for name in ("high", "low", "value"):
        column = pa.array([getattr(share, name) for share in shares], pa.float64())
        title = "share_with_slip" if name == "value" else f"share_{name}"
        table = table.add_column(at, title, column)
    return table


def _said(store: Store, spans: Sequence[Mapping[str, Any]]) -> tuple[Said, ...]:
    """The commonest texts of these stretches."""
    times: Counter[tuple[str, str]] = Counter()
    traces: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for place, text in _texts(store, [span["trace_id"] for span in spans]):
        span = spans[place]
        words = text[span["char_start"] : span["char_end"]]
        if len(words) <= _LONGEST:
            key = (unicodedata.normalize("NFC", words.lower()), span["language"] or "")
            times[key] += 1
            traces[key].add(span["trace_id"])
    common = sorted(times, key=lambda key: (-times[key], key))[:TOP]
    return tuple(Said(*key, times[key], len(traces[key])) for key in common)


def _texts(store: Store, trace_ids: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Each place in the list with its reasoning, a few traces in memory at a time."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, trace_id in enumerate(trace_ids):
        places[trace_id].append(place)
    ids = list(places)
    for start in range(0, len(ids), _TEXTS_AT_ONCE):
        for trace_id, text in stored.texts(store, ids[start : start + _TEXTS_AT_ONCE]).items():
            for place in places[trace_id]:
                yield place, text


def _in_context(store: Store, shown: pa.Table) -> pa.Table:
    """The rows with the text of each stretch and around it; only their own traces are read."""
    starts, ends = shown["char_start"].to_pylist(), shown["char_end"].to_pylist()
    parts = {name: [""] * shown.num_rows for name in ("left", "text", "right")}
    for place, text in _texts(store, shown["trace_id"].to_pylist()):
        start, end = starts[place], ends[place]
        parts["left"][place] = text[max(0, start - CONTEXT) : start]
        parts["text"][place] = text[start:end]
        parts["right"][place] = text[end : end + CONTEXT]
    table = shown.drop_columns(["file_id", "record_index", "part_index", "bin"])
    for name, column in parts.items():
        table = table.append_column(name, pa.array(column, pa.string()))
    return table


def _ratio(top: int, below: int) -> float | None:
    return top / below if below else None
