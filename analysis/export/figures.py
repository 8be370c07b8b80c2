"""Figures by name, each from a store and filters: for the report, the command line and pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pyarrow as pa
import pyarrow.compute as pc

from analysis import charts, charts_efforts, charts_overthinking, charts_samples
from analysis.errors import UsageError
from analysis.export.core import about_export, new_file, write_faults
from analysis.export.image import IMAGES, render
from analysis.filters import Filters
from analysis.store.connection import Store
from analysis.views import early_exit, efforts, needed, overthinking


@dataclass
class FigureData:
    """What figures are drawn from; each part is read once, when a figure asks for it."""

    store: Store
    filters: Filters = field(default_factory=Filters)

    @cached_property
    def points(self) -> pa.Table:
        """One row a trace with visible reasoning, with its difficulty."""
        return needed.with_difficulty(overthinking.points(self.store, self.filters))

    @cached_property
    def stopped(self) -> early_exit.EarlyExit:
        """The curves of stopping early."""
        return early_exit.curves(self.store, self.filters)

    @cached_property
    def one(self) -> Filters:
        """The filters within one data set, that with most traces: two share no question or front."""
        sizes: dict[str, int] = {}
        for cell in efforts.load(self.store, self.filters).cells:
            sizes[cell.cell.dataset] = sizes.get(cell.cell.dataset, 0) + int(cell.n.sum())
        if not sizes:
            return self.filters
        return replace(self.filters, dataset=(max(sizes, key=lambda name: sizes[name]),))

    @cached_property
    def cells(self) -> pa.Table:
        """Models at an effort, on the questions that they answer, of one data set."""
        return efforts.cells(self.store, self.one)

    def n_traces(self, column: str) -> int:
        """Traces of the cells for which a number is known."""
        known = (r["n_traces"] for r in self.cells.to_pylist() if r[column] is not None)
        return sum(known) if self.cells.num_rows > 1 else 0

    @cached_property
    def sampled(self) -> pa.Table:
        """The curves of cells with several samples of a question, of one data set."""
        points = efforts.curves(self.store, self.filters).points
        several = points.filter(
            pc.and_(pc.greater(points["k"], 1), pc.is_valid(points["total_tokens"]))
        )
        sizes = Counter(several["dataset"].to_pylist())
        largest = [name for name, _ in sizes.most_common(1)]
        return points.filter(
            pc.and_(
                pc.is_in(points["label"], several["label"].unique()),
                pc.is_in(points["dataset"], pa.array(largest, pa.string())),
            )
        )

    def caption(self, spec: FigureSpec) -> str:
        """How a figure is read, with its numbers and the data set that it is of."""
        text = spec.caption.replace("{n}", f"{spec.count(self):,}")
        if "{data}" in text:
            text = text.replace("{data}", ", ".join(self.one.dataset))
        if "{sampled}" in text:
            text = text.replace(
                "{sampled}", ", ".join(self.sampled["dataset"].unique().to_pylist())
            )
        return text

    @cached_property
    def pair(self) -> dict[str, Any] | None:
        """Of neighbouring efforts of a model, those with most questions that have tokens in both."""
        rows = efforts.paired(self.store, self.filters).to_pylist()
        known = [row for row in rows if row["n_tokens"]]
        return max(known, key=lambda row: int(row["n_tokens"]), default=None)

    def n(self, column: str) -> int:
        """Traces for which a metric is defined."""
        return int(pc.count(self.points[column]).as_py())


@dataclass(frozen=True, slots=True)
class FigureSpec:
    """A figure: its title, how it is read (with ``{n}`` traces), the metrics in it, how it is made."""

    title: str
    caption: str
    metrics: tuple[str, ...]
    make: Callable[[FigureData], go.Figure]
    count: Callable[[FigureData], int]
    """Traces in it; 0: there is nothing to draw."""


def _of(column: str) -> Callable[[FigureData], int]:
    return lambda data: data.n(column)


def _multiplier(data: FigureData) -> go.Figure:
    pair = data.pair or {}
    ratios = efforts.ratios(data.store, data.filters, pair["label_a"], pair["label_b"])
    return charts_efforts.multiplier_histogram(ratios, pair)


_FINAL = ("first_final_frac", "post_answer_waste")
_BOX = " Box: first to third quartile, line at the median, whiskers from the 5th to the 95th percentile."
FIGURES: dict[str, FigureSpec] = {
    "answer-stands": FigureSpec(
        "How early the answer stands",
        "At x: the share of traces whose final answer was first reached by x of their reasoning, a"
        " curve for each effort. n = {n} traces with a final answer in their reasoning.",
        _FINAL[:1],
        lambda data: charts.early_share(data.points, group="effort"),
        _of("first_final_frac"),
    ),
    "after-answer": FigureSpec(
        "How much comes after it",
        "Traces by the share of their reasoning after the final answer was first reached, by verdict."
        " n = {n} traces.",
        _FINAL,
        lambda data: charts.waste_histogram(data.points),
        _of("post_answer_waste"),
    ),
    "needed-by-model": FigureSpec(
        "How much was needed, by model",
        f"Where the final answer was first reached.{_BOX} n = {{n}} traces.",
        _FINAL[:1],
        lambda data: charts_overthinking.needed(data.points, group="model"),
        _of("first_final_frac"),
    ),
    "needed-by-difficulty": FigureSpec(
        "How much was needed, by difficulty",
        f"Where the final answer was first reached.{_BOX} A question is easy when the mean of its"
        " accuracy over the cells shown is two thirds or more, hard below one third. n = {n} traces.",
        _FINAL[:1],
        lambda data: charts_overthinking.needed(data.points, group="tier"),
        _of("first_final_frac"),
    ),
    "each-trace": FigureSpec(
        "Each trace",
        "Thinking tokens of a trace against where its final answer was first reached; beyond 5,000"
        " traces a fixed sample. n = {n} traces.",
        ("thinking_tokens", "first_final_frac"),
        lambda data: charts.tokens_and_final(data.points),
        _of("first_final_frac"),
    ),
    "cells": FigureSpec(
        "By model and effort",
        f"Left: thinking tokens.{_BOX} Right: mean share of reasoning after the final answer. In"
        " brackets: traces with tokens; traces with a share. n = {n} traces.",
        ("thinking_tokens", "post_answer_waste"),
        lambda data: charts.by_cell(data.points),
        _of("thinking_tokens"),
    ),
    "early-exit": FigureSpec(
        "Stopping early: candidate answers",
        "Accuracy had each trace been stopped, with its 95 % interval (questions resampled), against"
        " the share of thinking tokens saved. The answer is then the last one that the text gave;"
        " none counts as wrong. A simulation on recorded text. n = {n} traces with a verdict.",
        (),
        lambda data: charts_overthinking.early_exit(data.stopped.table),
        lambda data: data.stopped.n_traces,
    ),
    "early-exit-probes": FigureSpec(
        "Stopping early: recorded probes",
        "As above, with the answers that the model gave when its thinking was cut off. n = {n}"
        " traces with probes: a selected set, not the population.",
        (),
        lambda data: charts_overthinking.early_exit(data.stopped.table, probes=True),
        lambda data: data.stopped.n_probed,
    ),
    "probe-outcomes": FigureSpec(
        "First probe against last",
        "Traces by whether the first and the last recorded probe were right. n = {n} traces.",
        ("probe_outcome",),
        lambda data: charts_overthinking.probe_outcomes(data.points),
        _of("probe_outcome"),
    ),
    "rounds": FigureSpec(
        "Solution rounds",
        "Mean number of solution rounds of a trace, those that bring something new and those that"
        " repeat, by effort. n = {n} traces.",
        ("n_solutions", "n_new_solutions"),
        lambda data: charts_overthinking.rounds(data.points),
        _of("n_solutions"),
    ),
    "loops": FigureSpec(
        "Loops",
        "Share of traces that end in a loop, by effort. n = {n} traces.",
        ("tail_loop",),
        lambda data: charts_overthinking.loops(data.points),
        _of("tail_loop"),
    ),
    "underthinking": FigureSpec(
        "Underthinking beside switching",
        "Wrong traces: the share of thinking after a right answer that was given up, against how"
        " often thoughts switch. n = {n} wrong traces.",
        ("underthinking", "switches_per_1k"),
        lambda data: charts_overthinking.underthinking(data.points),
        _of("underthinking"),
    ),
    "accuracy-tokens": FigureSpec(
        "Accuracy against thinking tokens",
        "A line a model, a point an effort, with 95 % intervals both ways. Filled points are on the"
        " Pareto front; open ones have another cell that is better and no more costly. Data set: {data}. n = {n} traces.",
        ("thinking_tokens",),
        lambda data: charts_efforts.accuracy_tokens(data.cells),
        lambda data: min(data.n_traces("accuracy"), data.n_traces("mean_tokens")),
    ),
    "question-grid": FigureSpec(
        "Questions by cell",
        "Of up to 40 questions, the hardest on top, how many of the judged samples of each cell are"
        " right. Data set: {data}. n = {n} traces.",
        (),
        lambda data: charts_efforts.grid(efforts.grid(data.store, data.one, 40)),
        lambda data: data.n_traces("accuracy"),
    ),
    "token-multiplier": FigureSpec(
        "Token multiplier",
        "Of the two neighbouring efforts of a model with most questions in both: questions by how many"
        " times the thinking tokens. Line and band: geometric mean and its 95 % interval over"
        " questions. n = {n} questions.",
        ("thinking_tokens",),
        _multiplier,
        lambda data: data.pair["n_tokens"] if data.pair else 0,
    ),
    "samples": FigureSpec(
        "More samples",
        "pass@k, maj@k and other ways to combine k samples against their thinking tokens in all, with"
        " 95 % intervals over questions. Data set: {sampled}. n = {n} points.",
        ("thinking_tokens",),
        lambda data: charts_samples.sample_curves(data.sampled, against="total_tokens"),
        lambda data: pc.count(data.sampled["total_tokens"]).as_py(),
    ),
    "tokens-difficulty": FigureSpec(
        "Tokens against difficulty",
        "Mean thinking tokens of each question and cell against its difficulty, 1 less the mean"
        " accuracy over all cells of the data set. Data set: {data}. n = {n} traces.",
        ("thinking_tokens",),
        lambda data: charts_samples.tokens_difficulty(
            efforts.difficulty(data.store, data.one).points
        ),
        lambda data: min(data.n_traces("accuracy"), data.n_traces("mean_tokens")),
    ),
}
"""Name -> figure; the order is that of the report."""
SUFFIXES = (*IMAGES, ".json")


def make_figure(data: FigureData, name: str) -> go.Figure:
    """A figure of ``FIGURES``. Raises ``UsageError`` for another name, or when there is no data."""
    spec = FIGURES.get(name)
    if spec is None:
        raise UsageError(f"There is no figure {name!r}.", remedy=f"Use: {', '.join(FIGURES)}.")
    if not spec.count(data):
        raise UsageError(
            f"No trace has what the figure {name} shows.",
            remedy="Widen the filter, run the analysis, or choose another figure.",
        )
    return spec.make(data)


def figure_bytes(store: Store, name: str, suffix: str, *, where: Filters | None = None) -> bytes:
    """A figure of ``FIGURES`` as a file with this ending (.svg, .png, .json).

    The same store gives the same bytes (.png: on one machine with one Chromium). .svg and .png need
    the package kaleido and a Chrome or Chromium. Raises ``UsageError`` for an unknown name or
    ending, ``ExportError`` when it cannot be drawn.
    """
    if suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"{suffix or 'A name without an ending'!r} is not a format of a figure.",
            remedy=f"End the name of the file in one of {', '.join(SUFFIXES)}.",
        )
    data = FigureData(store, where or Filters())
    figure = make_figure(data, name)
    spec = FIGURES[name]
    about = about_export(store, f"figure {name}", data.filters)
    about["caption"] = data.caption(spec)
    return render(figure, suffix, title=spec.title, about=about)


def export_figure(
    store: Store, name: str, out: Path, *, where: Filters | None = None
) -> tuple[Path, int]:
    """Write ``figure_bytes`` to ``out``; gives the path and its bytes.

    Raises what ``figure_bytes`` raises, and ``ExportError`` when the file cannot be written.
    """
    content = figure_bytes(store, name, out.suffix, where=where)
    with new_file(out) as sink, write_faults(out):
        sink.write(content)
    return out, len(content)
