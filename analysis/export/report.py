"""One self-contained HTML file with figures, tables, methods, definitions and the data behind them.

It opens without a network. Text of traces can do nothing in it: it is escaped, the figures are JSON
that is no script, and a Content-Security-Policy lets only our own scripts run, named by their hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from analysis.export import report_parts as parts
from analysis.export.core import ExportReport, new_file, write_faults
from analysis.export.figures import FIGURES, FigureData, FigureSpec
from analysis.export.image import as_json
from analysis.filters import Filters
from analysis.progress import CancelToken, Progress, ProgressCallback, ignore_progress
from analysis.store import samples
from analysis.store.connection import Store
from analysis.text.visible import visible
from analysis.views import overthinking
from analysis.views.summary import provenance, summary

SUFFIX = ".html"
WORST = 25
"""Traces in each list of traces."""
_SCRIPT = """\
const PRINTED = {displaylogo: false, responsive: true, modeBarButtonsToRemove: ["sendDataToCloud"]};
function paint() {
  const style = getComputedStyle(document.body);
  const grid = style.getPropertyValue("--rule").trim();
  for (const holder of document.querySelectorAll("script.figure")) {
    const figure = JSON.parse(holder.textContent);
    const layout = figure.layout;
    delete layout.width;
    layout.paper_bgcolor = layout.plot_bgcolor = "rgba(0,0,0,0)";
    layout.font = {color: style.color, family: style.fontFamily, size: 13};
    layout.hoverlabel = {...layout.hoverlabel, font: {color: "#111"}, bgcolor: "#fff"};
    for (const name of Object.keys(layout)) {
      if (/^[xy]axis/.test(name)) Object.assign(layout[name], {gridcolor: grid, zerolinecolor: grid});
    }
    Plotly.react(document.getElementById(holder.dataset.at), figure.data, layout, PRINTED);
  }
}
paint();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
"""


@dataclass(frozen=True, slots=True)
class _Drawn:
    name: str
    title: str
    caption: str
    data: Markup
    height: int


def report(
    store: Store,
    *,
    where: Filters | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> bytes:
    """The report as UTF-8 HTML. The same store and filters give the same bytes.

    Raises ``Cancelled`` when asked to stop.
    """
    filters = where or Filters()
    asked = cancel or CancelToken()
    data = FigureData(store, filters)
    drawn, absent = [], []
    for done, (name, spec) in enumerate(FIGURES.items()):
        asked.raise_if_cancelled()
        progress(Progress("Drawing", done, len(FIGURES), "figures"))
        if spec.count(data):
            drawn.append(_drawn(name, spec, spec.make(data), data.caption(spec)))
        else:
            absent.append(spec.title)
    asked.raise_if_cancelled()
    tables = _tables(store, filters, data)
    asked.raise_if_cancelled()
    page = (
        environment()
        .get_template("report.html")
        .render(
            made=provenance(store, filters),
            figures=drawn,
            absent=absent,
            tables=tables,
            **parts.words(store, data),
            definitions=_definitions(tables),
            **_scripts(),
        )
    )
    progress(Progress("Drawing", len(FIGURES), len(FIGURES), "figures"))
    return page.encode()


def export_report(
    store: Store,
    out: Path,
    *,
    where: Filters | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ExportReport:
    """Write ``report`` to ``out`` (.html), whole or not at all; ``rows`` are the traces in it.

    Raises ``UsageError`` for another ending, ``ExportError`` when the file cannot be written.
    """
    parts.require_html(out)
    page = report(store, where=where, progress=progress, cancel=cancel)
    with new_file(out) as sink, write_faults(out):
        sink.write(page)
    rows = provenance(store, where or Filters()).n_traces
    return ExportReport("report", out, rows, len(page))


def _drawn(name: str, spec: FigureSpec, figure: go.Figure, caption: str) -> _Drawn:
    height = int(figure.layout.height or 360)
    made = go.Figure(figure)
    made.update_layout(template="none", height=height)
    # "<" is the one character that could end the element; it is JSON, which has another way for it.
    text = as_json(made).decode().replace("<", "\\u003c")
    return _Drawn(name, spec.title, caption, Markup(text), height)


def _tables(store: Store, filters: Filters, data: FigureData) -> list[parts.ReportTable]:
    cells = overthinking.cells(store, filters, metrics=parts.CELL_METRICS)
    return [
        parts.from_export(store, "cells", cells),
        parts.from_export(store, "pairs", samples.pairs(store, filters)),
        parts.early_exit_table(data),
        parts.worst_table(store, data, WORST),
        parts.right_to_wrong_table(store, data, WORST),
        parts.from_export(store, "summary", summary(store, filters)),
    ]


def _definitions(tables: Iterable[parts.ReportTable]) -> list[tuple[str, str, str]]:
    """(title, definition, source) of every number: of the figures, then of the tables."""
    metrics = overthinking.specs()
    found: dict[str, tuple[str, str, str]] = {}
    names: Sequence[str] = [n for spec in FIGURES.values() for n in spec.metrics]
    for name in (*names, *parts.CELL_METRICS, *parts.HEADLINE_METRICS):
        spec = metrics[name]
        found[spec.title] = (spec.title, spec.definition, spec.source)
    for table in tables:
        for title, definition, source in table.definitions:
            found.setdefault(title, (title, definition, source))
    return [entry for entry in found.values() if entry[1]]


def _scripts() -> dict[str, Any]:
    """The two scripts of the page, and the hashes by which the policy knows them."""
    plotly = get_plotlyjs().replace("</script", "<\\/script")
    both = (plotly, _SCRIPT)
    hashes = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in both)
    return {
        "plotly": Markup(plotly),
        "script": Markup(_SCRIPT),
        "hashes": " ".join(f"'sha256-{found}'" for found in hashes),
    }


def environment() -> Environment:
    """Templates of this package: everything is escaped, and an unknown name is an error."""
    return Environment(
        loader=PackageLoader("analysis.export", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _shown(value: object) -> object:
    """Invisible characters of any text are shown; what is marked up already is our own."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return value
