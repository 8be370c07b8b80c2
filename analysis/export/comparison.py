"""The result of a comparison as a file: HTML that needs no network, Markdown, or JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

import analysis
from analysis.effort.bootstrap import RESAMPLES
from analysis.effort.guards import Guard
from analysis.effort.wording import EN_MINUS, p_value
from analysis.errors import UsageError
from analysis.export.core import ExportReport, new_file, write_faults
from analysis.export.latex import markdown_text
from analysis.export.report import environment
from analysis.views.effort_diff import Diff

SUFFIXES = (".html", ".htm", ".json", ".md")
_MOST_FLIPS = 500
"""Questions of a list in HTML and Markdown; JSON has all."""
_DASH = "\u2013"


@dataclass(frozen=True, slots=True)
class _Table:
    key: str
    title: str
    note: str
    headings: Sequence[tuple[str, bool]]
    """(heading, whether it is a number)."""
    rows: Sequence[Sequence[str]]


def as_dict(found: Diff, guards: Sequence[Guard]) -> dict[str, Any]:
    """All of a comparison as plain values: what ``--json`` prints."""
    out = found.outcomes
    return {
        "version": analysis.__version__,
        "a": {
            "name": found.a.name,
            "kind": found.a.kind,
            "cells": [c.label for c in found.a.cells],
        },
        "b": {
            "name": found.b.name,
            "kind": found.b.kind,
            "cells": [c.label for c in found.b.cells],
        },
        "unmatched": list(found.unmatched),
        "questions": {
            "common": out.n_common,
            "judged": out.n_judged,
            "only_in_a": out.only_in_a,
            "only_in_b": out.only_in_b,
            "both_right": out.both_right,
            "both_wrong": out.both_wrong,
            "gained": len(out.gained),
            "lost": len(out.lost),
        },
        "pairs": found.pairs.to_pylist(),
        "gained": found.gained.to_pylist(),
        "lost": found.lost.to_pylist(),
        "metrics": found.metrics.to_pylist(),
        "guards": [asdict(g) | {"passed": g.passed} for g in guards],
        "worse": any(not g.passed for g in guards),
    }


def export_comparison(found: Diff, guards: Sequence[Guard], out: Path) -> ExportReport:
    """Write a comparison to ``out``; its ending (.html, .md, .json) is the form.

    Raises ``UsageError`` for another ending, ``ExportError`` when the file cannot be written.
    """
    makers: Mapping[str, Callable[[Diff, Sequence[Guard]], bytes]] = {
        ".html": html,
        ".htm": html,
        ".md": markdown,
        ".json": json_bytes,
    }
    maker = makers.get(out.suffix.lower())
    if maker is None:
        raise UsageError(
            f"{out.name} is no name for a comparison.",
            remedy=f"End the name of the file in one of {', '.join(SUFFIXES)}.",
        )
    data = maker(found, guards)
    with new_file(out) as sink, write_faults(out):
        sink.write(data)
    return ExportReport("comparison", out, found.metrics.num_rows, len(data))


def json_bytes(found: Diff, guards: Sequence[Guard]) -> bytes:
    """As JSON, indented."""
    return orjson.dumps(as_dict(found, guards), option=orjson.OPT_INDENT_2) + b"\n"


def html(found: Diff, guards: Sequence[Guard]) -> bytes:
    """As one HTML page without scripts: it opens anywhere and prints as it is."""
    page = (
        environment()
        .get_template("comparison.html")
        .render(
            a=found.a.name,
            b=found.b.name,
            version=analysis.__version__,
            sentences=[row["sentence"] for row in found.pairs.to_pylist()],
            outcomes=found.outcomes,
            unmatched=found.unmatched,
            guards=[(g.sentence, g.passed) for g in guards],
            tables=_tables(found),
            resamples=RESAMPLES,
        )
    )
    return page.encode()


def markdown(found: Diff, guards: Sequence[Guard]) -> bytes:
    """As GitHub-flavoured Markdown."""
    lines = [f"# {markdown_text(found.a.name)} against {markdown_text(found.b.name)}", ""]
    lines += [f"{markdown_text(row['sentence'])}\n" for row in found.pairs.to_pylist()]
    lines += [
        f"- {'passed' if g.passed else '**worse**'}: {markdown_text(g.sentence)}" for g in guards
    ]
    for made in _tables(found):
        lines += ["", f"## {markdown_text(made.title)}", "", markdown_text(made.note), ""]
        if made.rows:
            lines.append("| " + " | ".join(markdown_text(h) for h, _ in made.headings) + " |")
            lines.append("| " + " | ".join("---:" if n else "---" for _, n in made.headings) + " |")
            lines += ["| " + " | ".join(map(markdown_text, row)) + " |" for row in made.rows]
    lines += ["", f"CoTScope {analysis.__version__}"]
    return ("\n".join(lines) + "\n").encode()


def _tables(found: Diff) -> list[_Table]:
    n_a, n_b = found.a.name, found.b.name
    return [
        _metrics(found),
        _flips("gained", f"Gained: right in {n_b}, not in {n_a}", found.gained),
        _flips("lost", f"Lost: right in {n_a}, not in {n_b}", found.lost),
    ]


def _metrics(found: Diff) -> _Table:
    headings = (
        ("Metric", False), ("Unit", False), ("Better", False), ("Questions", True), ("a", True), ("b", True),
        ("b \u2212 a", True), ("95 % interval", True), ("dz", True), ("Cliff\u2019s delta", True), ("p, Holm", True),
    )  # fmt: skip
    rows = [
        (
            row["title"],
            row["unit"] or "",
            row["direction"] or "",
            f"{row['n_questions']:,}",
            number(row["mean_a"]),
            number(row["mean_b"]),
            number(row["difference"], signed=True),
            _between(row["difference_low"], row["difference_high"]),
            number(row["cohens_dz"], signed=True),
            number(row["cliffs_delta"], signed=True),
            _DASH if row["p_holm"] is None else p_value(row["p_holm"]).removeprefix("= "),
        )
        for row in found.metrics.to_pylist()
    ]
    note = (
        "Means over the questions that both sides have, question by question. Intervals resample"
        " questions; p is of a permutation test, corrected for all metrics of this table by Holm's method."
    )
    return _Table("metrics", "How the metrics moved", note, headings, rows)


def _flips(key: str, title: str, table: pa.Table) -> _Table:
    headings = (
        ("Question", False), ("Id", False), ("Cell", False), ("Right in a", True), ("Right in b", True),
        ("Tokens in a", True), ("Tokens in b", True),
    )  # fmt: skip
    rows = [
        (
            row["question"] or row["question_key"],
            row["question_id"] or "",
            row["cell_b"],
            number(row["accuracy_a"]),
            number(row["accuracy_b"]),
            number(row["tokens_a"]),
            number(row["tokens_b"]),
        )
        for row in table.slice(0, _MOST_FLIPS).to_pylist()
    ]
    more = table.num_rows - len(rows)
    note = f"{table.num_rows:,} questions" + (
        f"; {more:,} more are in the JSON form." if more else "."
    )
    return _Table(key, title, note, headings, rows)


def number(value: float | None, *, signed: bool = False) -> str:
    """A value in few digits; an en dash where it is not defined."""
    if value is None:
        return _DASH
    size = abs(value)
    text = f"{size:,.0f}" if size >= 1000 else f"{size:.1f}" if size >= 100 else f"{size:.3f}"
    if not any(c in "123456789" for c in text):
        return text
    return (EN_MINUS if value < 0 else "+" if signed else "") + text


def _between(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return _DASH
    return f"{number(low, signed=True)} to {number(high, signed=True)}"
