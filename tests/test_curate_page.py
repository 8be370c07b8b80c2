"""The Curate page: conditions change the funnel, a recipe loads, files hold what is shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import analysis.ui.state as state
from analysis.curation import Recipe
from analysis.filters import Filters
from analysis.store import open_store
from analysis.store.importing import import_file
from analysis.ui import curate as ui

ROWS = [
    {"question": "One?", "reasoning": "It is **one**, I say.", "answer": "1", "correct": True},
    {"question": "One?", "reasoning": "One.", "answer": "1", "correct": True},
    {"question": "One?", "reasoning": "It is two.", "answer": "2", "correct": False},
    {"question": "Two?", "reasoning": "It is two.", "answer": "2", "correct": True},
]

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("curate")
    text = "".join(json.dumps({**row, "model": "m"}) + "\n" for row in ROWS)
    (folder / "mine.jsonl").write_text(text, encoding="utf-8")
    with open_store(folder / "a.duckdb") as store:
        import_file(store, folder / "mine.jsonl")
    return folder / "a.duckdb"


@pytest.fixture
def page(database: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    monkeypatch.setenv("COTSCOPE_DB", str(database))

    def opened(recipe: Recipe | None = None) -> AppTest:
        app = AppTest.from_file(str(root / "app.py"), default_timeout=120)
        if recipe is not None:
            monkeypatch.setattr(ui.st, "session_state", app.session_state)
            ui.set_recipe(recipe)
            monkeypatch.undo()
            monkeypatch.setenv("COTSCOPE_DB", str(database))
        app.switch_page("pages/curate.py")
        app.run()
        assert not app.exception
        return app

    yield opened
    state.get_store().close()
    state._open.clear()


def steps(app: AppTest) -> dict[str, int]:
    frame = app.dataframe[0].value
    return dict(zip(frame["step"], frame["traces"], strict=True))


def test_conditions_change_the_funnel(page: Open) -> None:
    app = page()
    assert steps(app) == {
        "Under the filter": 4,
        "Own visible reasoning, a question and an answer": 4,
        "Answer right": 3,
        "Not cut off": 3,
    }
    app.selectbox(key="curate_per_question").set_value("shortest").run()
    assert not app.exception
    assert steps(app)["Shortest of each question, at most 1"] == 2
    shown = app.dataframe[1].value
    assert shown["question"].tolist() == ["One?", "Two?"]
    assert all(link.startswith("/reader?trace=") for link in shown["open"])
    app.number_input(key="curate_min_tokens").set_value(5).run()
    assert "Nothing is left" in app.info[0].value
    app.number_input(key="curate_max_tokens").set_value(1).run()
    assert not app.exception
    assert "above max_tokens" in " ".join(text.value for text in app.text)


def test_pairs_link_both_sides(page: Open) -> None:
    app = page(Recipe(form="pairs"))
    shown = app.dataframe[1].value
    assert len(shown) == 1
    assert shown["rejected"][0] != shown["open"][0]


def test_a_loaded_recipe_sets_every_condition(page: Open) -> None:
    recipe = Recipe(
        verdict="right", per_question="longest", samples=2, filters=Filters(model=("m",)),
        distinct_reasonings=0.9, metrics={"n_candidates": (1, None)}, not_questions=("Two?",),
    )  # fmt: skip
    app = page(recipe)
    found = steps(app)
    assert found["Not among the listed questions"] == 0
    assert found["n_candidates at least 1"] == 0
    assert app.multiselect(key="model").value == ["m"]
    assert app.number_input(key="curate_distinct_reasonings").value == 0.9


def test_the_files_hold_what_is_shown(page: Open) -> None:
    page()
    recipe = Recipe(verdict="right", reasoning="field")
    lines = ui._file(state.get_store(), recipe, "t.jsonl", manifest=False).splitlines()
    told = json.loads(ui._file(state.get_store(), recipe, "t.jsonl", manifest=True))
    assert len(lines) == told["rows"] == 3
    assert told["file"] == "t.jsonl"
