"""The report and the figures: the same bytes, what they say, and that text can do nothing in them."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.errors import ExportError, UsageError
from analysis.export.figures import FIGURES, FigureData, export_figure, make_figure
from analysis.export.report import export_report, report
from analysis.filters import Filters
from analysis.progress import CancelToken
from analysis.store import Store, open_store
from tests.export_rows import EVIL, fill


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with fill(tmp_path_factory.mktemp("report")) as made:
        yield made


@pytest.fixture(scope="module")
def page(store: Store) -> str:
    return report(store).decode()


class Elements(HTMLParser):
    """Every element with its attributes, and the text of scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.inside = tag == "script"
        if self.inside:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.scripts[-1] += data
        else:
            self.text += data


def test_two_runs_give_the_same_bytes(store: Store, page: str, tmp_path: Path) -> None:
    written = export_report(store, tmp_path / "r.html")
    assert (tmp_path / "r.html").read_bytes() == page.encode()
    assert (written.rows, written.bytes) == (5, len(page.encode()))


def test_only_our_own_elements_are_in_it(page: str) -> None:
    elements = Elements()
    elements.feed(page)
    tags = {tag for tag, _ in elements.found}
    assert not tags & {"img", "iframe", "object", "embed", "link", "form", "base", "svg"}
    assert not [a for _, attrs in elements.found for a in attrs if a.startswith("on")]
    assert not [
        a["href"] for _, a in elements.found if "href" in a and not str(a["href"]).startswith("#")
    ]
    assert not [a for _, a in elements.found if "src" in a]
    assert EVIL in elements.text
    assert "\u202e" not in page
    assert "⟦U+202E⟧" in page


def test_the_policy_knows_only_our_scripts(page: str) -> None:
    elements = Elements()
    elements.feed(page)
    policy = next(a["content"] for t, a in elements.found if a.get("http-equiv"))
    assert policy is not None
    kinds = [a.get("type") for t, a in elements.found if t == "script"]
    assert kinds.count(None) == 2
    assert set(kinds) == {None, "application/json"}
    hashes = set(re.findall(r"'sha256-([^']+)'", policy))
    assert len(hashes) == 2
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert policy.startswith("default-src 'none'")
    run = [s for s, kind in zip(elements.scripts, kinds, strict=True) if kind is None]
    assert {base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in run} == hashes


def test_it_says_what_it_is_of(store: Store, page: str) -> None:
    file = store.rows("SELECT file_id, name FROM file")[0]
    assert file[0] in page
    assert "5 traces" in page
    for title in ("Methods", "Definitions", "Data and versions", "How to cite"):
        assert f">{title}</h2>" in page
    assert "overthinking" in page
    filtered = report(store, where=Filters(effort=("low",))).decode()
    assert "effort = low" in filtered
    assert "on 2 traces" in filtered


def test_an_empty_store_has_a_report(tmp_path: Path) -> None:
    with open_store(tmp_path / "empty.duckdb") as empty:
        assert "There is nothing to draw" in report(empty).decode()


def test_it_is_stopped(store: Store) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Exception, match=r"(?i)stop|cancel"):
        report(store, cancel=token)


def test_other_endings_are_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no name for a report"):
        export_report(store, tmp_path / "r.pdf")
    with pytest.raises(UsageError, match="not a format of a figure"):
        export_figure(store, "cells", tmp_path / "f.gif")
    with pytest.raises(UsageError, match="no figure 'x'"):
        export_figure(store, "x", tmp_path / "f.json")
    assert not list(tmp_path.iterdir())


# --- figures -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FIGURES)
def test_figures_as_json_are_the_same_in_every_run(store: Store, name: str, tmp_path: Path) -> None:
    data = FigureData(store)
    if not FIGURES[name].count(data):
        with pytest.raises(UsageError, match="No trace has"):
            make_figure(data, name)
        return
    for out in ("1.json", "2.json"):
        export_figure(store, name, tmp_path / out)
    text = (tmp_path / "1.json").read_text()
    assert text == (tmp_path / "2.json").read_text()
    figure = json.loads(text)
    assert figure["data"]
    assert figure["layout"]["meta"]["version"]
    assert "<script" not in text
    assert "<img" not in text


def test_without_kaleido_the_remedy_is_named(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "kaleido", None)
    with pytest.raises(ExportError) as found:
        export_figure(store, "cells", tmp_path / "f.svg")
    assert "pip install" in str(found.value)
    assert not list(tmp_path.iterdir())


def test_without_a_browser_the_remedy_is_named(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kaleido = pytest.importorskip("kaleido")

    def no_browser(*_: object, **__: object) -> bytes:
        raise kaleido.errors.ChromeNotFoundError

    monkeypatch.setattr(kaleido, "calc_fig_sync", no_browser)
    with pytest.raises(ExportError) as found:
        export_figure(store, "cells", tmp_path / "f.png")
    assert "Install Chromium" in str(found.value)


@pytest.mark.browser
def test_images_are_drawn_and_say_what_made_them(store: Store, tmp_path: Path) -> None:
    pytest.importorskip("kaleido")
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        pytest.skip("no Chromium on this machine")
    for out in ("1.svg", "2.svg", "1.png"):
        export_figure(store, "after-answer", tmp_path / out)
    svg = (tmp_path / "1.svg").read_bytes()
    assert svg == (tmp_path / "2.svg").read_bytes()
    assert svg.startswith(b"<svg")
    assert b"<desc>CoTScope; analyzers:" in svg
    assert b"<script" not in svg
    png = (tmp_path / "1.png").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert b"iTXtDescription" in png[:80]


# --- the command line ----------------------------------------------------------------------


def test_the_command_line_writes_them(tmp_path: Path) -> None:
    fill(tmp_path).close()
    database = ["--db", str(tmp_path / "store.duckdb")]
    run = CliRunner()
    out = tmp_path / "out"
    out.mkdir()
    made = run.invoke(main, ["report", "--out", str(out / "r.html"), "--json", *database])
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["rows"] == 5
    made = run.invoke(main, ["export", "figure", "cells", "--out", str(out / "f.json"), *database])
    assert made.exit_code == 0, made.output
    made = run.invoke(main, ["export", "cells", "--out", str(out / "c.csv"), *database])
    assert made.exit_code == 0, made.output
    about = json.loads((out / "c.csv-metadata.json").read_text())
    header = next(csv.reader((out / "c.csv").read_text().splitlines()))
    assert [c["name"] for c in about["tableSchema"]["columns"]] == header
    assert about["cotscope"]["sha256"] == hashlib.sha256((out / "c.csv").read_bytes()).hexdigest()
    bare = ["export", "cells", "--out", str(out / "d.csv"), "--no-metadata", "--columns", "model"]
    assert run.invoke(main, [*bare, *database]).exit_code == 0
    assert not (out / "d.csv-metadata.json").exists()
    assert (out / "d.csv").read_text().splitlines()[0] == '"model"'
