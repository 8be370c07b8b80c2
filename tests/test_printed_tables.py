"""Tables for print: LaTeX and Markdown of exported tables, their captions, numbers and safety."""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import UsageError
from analysis.export import export_table
from analysis.export.columns import PRINTED
from analysis.export.latex import latex_table, latex_text, markdown_table, markdown_text
from analysis.export.printing import MAX_ROWS, cell_text, print_table
from analysis.filters import Filters
from analysis.model import MetricSpec
from analysis.store import Store
from analysis.views.summary import summary
from tests.export_rows import fill

ABOUT = {"version": "1", "analyzers": "a 1", "filters": "none", "table": "t"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with fill(tmp_path_factory.mktemp("printed")) as made:
        yield made


def spec(name: str, unit: str = "", limits: str = "", kind: str = "number") -> MetricSpec:
    return MetricSpec(name, name.capitalize(), unit, limits, f"What {name} is.", "", kind)


@pytest.mark.parametrize(
    ("value", "column", "text"),
    [
        (None, spec("x"), "–"),
        (float("nan"), spec("x"), "–"),
        (True, spec("x", kind="boolean"), "yes"),
        (12345, spec("x", kind="integer"), "12,345"),
        (0.1234, spec("x", "share", "0-1"), "12.3"),
        (-0.00001, spec("x", "share", "-1 to 1"), "0.0"),
        (0.25, spec("difference", "share", "-1 to 1"), "+25.0"),
        (-0.25, spec("difference", "share", "-1 to 1"), "-25.0"),
        (0.00001, spec("mcnemar_p"), "<0.001"),
        (0.0345, spec("mcnemar_p"), "0.035"),
        (1234.5, spec("x", "tokens"), "1,234"),
        (0.98765, spec("x", "ratio"), "0.988"),
        ("a\nb\tc", spec("x", kind="text"), "a b c"),
        ("x" * 80, spec("x", kind="text"), "x" * 59 + "…"),
        ("\u202eabc", spec("x", kind="text"), "⟦U+202E⟧abc"),
    ],
)
def test_values_as_people_read_them(value: object, column: MetricSpec, text: str) -> None:
    assert cell_text(value, column) == text


def test_two_ends_of_an_interval_are_one_column() -> None:
    names = ["accuracy", "accuracy_low", "accuracy_high", "other_low"]
    table = pa.table({n: [0.5, None] for n in names})
    specs = {n: spec(n, "share", "0-1") for n in names}
    made = print_table("t", table, specs, ABOUT, columns=names)
    assert [c.heading for c in made.columns] == [
        "Accuracy (%)",
        "95 % interval (%)",
        "Other_low (%)",
    ]
    assert made.rows == (("50.0", "50.0 to 50.0", "50.0"), ("–", "–", "–"))


def test_what_is_no_table_for_print(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no printed form"):
        export_table(store, "traces", tmp_path / "t.tex")
    with pytest.raises(UsageError, match="no column 'nope'"):
        export_table(store, "cells", tmp_path / "c.md", columns=["model", "nope"])
    many = pa.table({"x": ["a"] * (MAX_ROWS + 1)})
    with pytest.raises(UsageError, match="too many"):
        print_table("t", many, {"x": spec("x", kind="text")}, ABOUT, columns=["x"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("table", PRINTED)
def test_latex_is_well_formed(store: Store, table: str, tmp_path: Path) -> None:
    report = export_table(store, table, tmp_path / "t.tex")
    again = export_table(store, table, tmp_path / "u.tex")
    text = report.path.read_text(encoding="utf-8")
    assert text == again.path.read_text(encoding="utf-8")
    body = [line for line in text.splitlines() if not line.startswith("%")]
    assert_latex(body)
    assert text.startswith("% CoTScope ")
    assert "overthinking 2" in text or "overthinking" in text.splitlines()[0]
    assert "\\input" not in "\n".join(body)
    assert "n = " in text or table == "summary"


def assert_latex(lines: list[str]) -> None:
    """Braces and environments close, every row has its cells, nothing special stands unescaped."""
    text = "\n".join(lines)
    plain = re.sub(r"\\[\\{}$&#%_]", "", text)
    assert plain.count("{") == plain.count("}")
    assert re.findall(r"\\begin\{(\w+)", text) == re.findall(r"\\end\{(\w+)", text)[::-1]
    columns = re.search(r"\\begin\{(?:tabular|longtable)\}\{([lr]+)\}", text)
    assert columns is not None
    cells = len(columns[1])
    rows = [line for line in lines if line.endswith(r" \\")]
    assert rows
    for line in rows:
        assert len(re.findall(r"(?<!\\)&", line)) == cells - 1, line
        outside = re.sub(r"\\[&%$#_{}]", "", line).replace("$-$", "")
        assert not re.search(r"[%$#_^~]", outside), line
        assert not line.lstrip().startswith("["), line


@pytest.mark.parametrize("table", PRINTED)
def test_latex_compiles(store: Store, table: str, tmp_path: Path) -> None:
    engine = shutil.which("lualatex") or shutil.which("xelatex") or shutil.which("pdflatex")
    if engine is None:
        pytest.skip("no TeX on this machine")
    export_table(store, table, tmp_path / "t.tex")
    document = tmp_path / "doc.tex"
    document.write_text(
        "\\documentclass{article}\\usepackage{booktabs,longtable}\\begin{document}"
        "\\input{t.tex}\\end{document}",
        encoding="utf-8",
    )
    run = [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "doc.tex"]
    subprocess.run(run, cwd=tmp_path, check=True, capture_output=True, timeout=120)


@given(st.text(max_size=60))
def test_no_text_acts_in_latex(text: str) -> None:
    made = latex_text(text)
    commands = set(re.findall(r"\\([a-zA-Z]+|.)", made))
    known = "textbackslash textasciicircum textasciitilde textless textgreater textbar ttfamily"
    known += " textquotesingle textasciigrave textendash dots char { } $ & # % _"
    assert commands <= set(known.split())
    assert "--" not in made
    assert "\n" not in made


@given(st.text(max_size=60))
def test_no_text_acts_in_markdown(text: str) -> None:
    made = markdown_text(text)
    bare = re.sub(r"\\.", "", made)
    assert not re.search(r"[`*_\[\]()!|<>~:@]", bare)
    assert not re.search(r"&(?!amp;|lt;|gt;)", bare)
    assert "\n" not in made
    assert "www." not in made.lower()


def test_markdown_has_caption_definitions_and_versions(store: Store, tmp_path: Path) -> None:
    out = export_table(store, "cells", tmp_path / "c.md", where=Filters(effort=("high",))).path
    text = out.read_text(encoding="utf-8")
    assert "n \\= 3 traces" in text
    assert "filter\\: effort\\=high" in text
    assert (
        "**Accuracy \\(%\\)**\\: Correct traces" in text
        or "Correct traces over judged ones" in text
    )
    assert "<script" not in text
    table = [line for line in text.splitlines() if line.startswith("|")]
    widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table}
    assert len(widths) == 1


def test_long_tables_break_over_pages() -> None:
    table = pa.table({"x": ["[a--b]"] * 41})
    made = print_table("t", table, {"x": spec("x", kind="text")}, ABOUT, columns=["x"])
    text = latex_table(made).decode()
    assert "\\begin{longtable}{l}" in text
    assert "{[}a-{}-b{]} \\\\" in text
    assert markdown_table(made).decode().count("\n| ") == 43


def test_columns_are_chosen_for_every_format(store: Store, tmp_path: Path) -> None:
    for suffix in (".csv", ".jsonl", ".parquet", ".xlsx"):
        report = export_table(
            store, "cells", tmp_path / f"c{suffix}", columns=["effort", "n_traces"]
        )
        assert report.columns == ("effort", "n_traces")
    assert (tmp_path / "c.csv").read_text() == '"effort","n_traces"\n"low",2\n"high",3\n'


def test_the_summary_is_that_of_the_values(store: Store) -> None:
    row = {r["metric"]: r for r in summary(store, Filters()).to_pylist()}["thinking_chars"]
    lengths = [float(v) for (v,) in store.rows("SELECT reasoning_chars FROM trace")]
    assert row["n"] == 5
    assert row["mean"] == pytest.approx(statistics.fmean(lengths))
    assert row["sd"] == pytest.approx(statistics.stdev(lengths))
    assert row["median"] == statistics.median(lengths)
    assert (row["minimum"], row["maximum"]) == (min(lengths), max(lengths))
