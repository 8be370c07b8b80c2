"""The Compare page on a small dump: the default choice, links, the bars."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analysis.ui.compare_columns import default_choice, token_bars, trace_label
from tests import reader_dump

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield reader_dump.build(tmp_path_factory.mktemp("compare"))
    reader_dump.close()


@pytest.fixture
def compare(monkeypatch: pytest.MonkeyPatch, root: Path, database: Path) -> Open:
    return lambda **query: reader_dump.open_page(monkeypatch, root, database, "compare", **query)


def row(trace_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "trace_id": trace_id,
        "model": "m",
        "effort": None,
        "checkpoint": None,
        "sample_index": 0,
        "correct": None,
        "thinking_tokens": None,
        "first_final_frac": None,
        **changes,
    }


@pytest.mark.parametrize(
    ("rows", "first", "expected"),
    [
        # low, medium, high of one model, whatever else there is
        (
            [row("x", model="a", effort="none")]
            + [row(e, effort=e) for e in ("low", "medium", "high", "xhigh")],
            [],
            ["low", "medium", "high"],
        ),
        # these three before a model with as many other efforts
        (
            [row(e, model="a", effort=e) for e in ("none", "minimal", "low")]
            + [row(e + "b", model="b", effort=e) for e in ("low", "medium", "high")],
            [],
            ["lowb", "mediumb", "highb"],
        ),
        # other efforts where these are missing
        (
            [row("n", effort="none"), row("h", effort="high"), row("x", effort="max")],
            [],
            ["n", "h", "x"],
        ),
        # one effort, several models
        ([row("a", model="a"), row("a2", model="a"), row("b", model="b")], [], ["a", "b", "a2"]),
        # samples: a right and a wrong one come before a second right one
        (
            [
                row("r1", correct=True),
                row("r2", correct=True),
                row("w", correct=False),
                row("r3", correct=True),
            ],
            [],
            ["r1", "r2", "w"],
        ),
        # a trace of the link leads
        (
            [row(e, effort=e) for e in ("low", "medium", "high")],
            ["high"],
            ["high", "low", "medium"],
        ),
        ([row("only")], [], ["only"]),
        ([], [], []),
    ],
)
def test_default_choice(rows: list[dict[str, Any]], first: list[str], expected: list[str]) -> None:
    chosen = default_choice(rows, first)
    assert sorted(chosen) == sorted(expected)
    if first:
        assert chosen == expected


def test_efforts_of_one_question_side_by_side(compare: Open) -> None:
    app = compare()
    assert not app.exception
    sent = reader_dump.surfaces(app)
    lengths = [len(s["text"]) for s in sent]
    assert lengths == [34, len(reader_dump.REASONING), 2 * len(reader_dump.REASONING) + 2]
    assert {s["scale"] for s in sent} == {max(lengths)}
    assert all(s["compact"] and s["side"] is None for s in sent)
    assert [m.value[:5] for m in app.markdown if m.value.startswith("**")] == [
        "**A**",
        "**B**",
        "**C**",
    ]
    assert "red-badge" in next(m.value for m in app.markdown if m.value.startswith("**C**"))
    assert any("Gold answer: 100" in text.value for text in app.text)


def test_the_address_chooses(compare: Open) -> None:
    app = compare()
    question = app.selectbox[0].value
    low, _, high = (s["id"] for s in reader_dump.surfaces(app))
    linked = compare(question=question, a=high, b=low)
    assert [s["id"] for s in reader_dump.surfaces(linked)] == [high, low]
    assert linked.multiselect(key="compare_traces").value == [high, low]


def test_a_link_from_the_reader_names_one_trace(compare: Open) -> None:
    app = compare()
    question, high = app.selectbox[0].value, reader_dump.surfaces(app)[2]["id"]
    linked = compare(question=question, a=high)
    sent = reader_dump.surfaces(linked)
    assert sent[0]["id"] == high
    assert len(sent) == 3


def test_choosing_goes_into_the_address(compare: Open) -> None:
    app = compare()
    low, medium, _ = (s["id"] for s in reader_dump.surfaces(app))
    app.multiselect(key="compare_traces").set_value([medium, low]).run()
    assert [s["id"] for s in reader_dump.surfaces(app)] == [medium, low]
    assert app.query_params["a"] == medium
    app.multiselect(key="compare_traces").set_value([low]).run()
    assert reader_dump.surfaces(app) == []
    assert "Choose two or three traces" in app.info[0].value


def test_an_unknown_question_is_said_and_another_shown(compare: Open) -> None:
    app = compare(question="nope", a="x", b="y")
    assert not app.exception
    assert "names a question that is not here" in app.warning[0].value


def test_a_filter_without_pairs_says_what_to_do(compare: Open) -> None:
    app = compare(model="plover-mini")
    assert not app.exception
    assert "two traces to compare" in app.info[0].value


def test_bars_part_the_tokens_where_the_answer_stood() -> None:
    rows = [
        row("a", effort="low", thinking_tokens=100, first_final_frac=0.25),
        row("b", effort="<b>high</b>", thinking_tokens=80),
        row("c"),
    ]
    before, after, unknown = token_bars(rows).data
    assert list(before.x) == [25, 0, 0]
    assert list(after.x) == [75, 0, 0]
    assert list(unknown.x) == [0, 80, 0]
    assert [bar.showlegend for bar in (before, after, unknown)] == [True, True, True]
    assert [bar.showlegend for bar in token_bars(rows[:1]).data] == [True, True, False]
    assert list(before.y) == [
        "A · low, sample 0",
        "B · &lt;b&gt;high&lt;/b&gt;, sample 0",
        "C · m, sample 0",
    ]


def test_a_trace_in_few_words() -> None:
    label = trace_label(
        row("a", effort="high", thinking_tokens=1234, correct=False, sample_index=2)
    )
    assert label == "high · m · sample 2 · 1,234 tokens · wrong"
    assert trace_label(row("a", model="\u202ex")) == (
        "effort not stated · ⟦U+202E⟧x · sample 0 · not judged"
    )
