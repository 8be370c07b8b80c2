"""`cotscope compare`, `cells` and `questions`, and the report of a comparison."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from analysis.cli import main
from analysis.effort.guards import guards
from analysis.errors import UsageError
from analysis.store import open_store
from analysis.store.importing import import_file

HOSTILE = "<script>alert(1)</script> | `x` [a](javascript:b) \x1b[31m \u202e"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two data sets, before and after; at low nothing changes, at high 'after' is worse and longer."""
    folder = tmp_path_factory.mktemp("compare")
    for dataset in ("before", "after"):
        rows = []
        for effort in ("low", "high"):
            for i in range(12):
                later = dataset == "after" and effort == "high"
                rows.append(
                    {
                        "id": f"{effort}-{i}", "question": f"{HOSTILE} What is {i} + {i}?", "question_id": f"q{i}",
                        "reasoning": "It is so.", "answer": "7", "model": "wader:mini", "effort": effort,
                        "correct": i % 3 != 0 and not (later and i > 7), "reasoning_tokens": 100 + i + 50 * later,
                    }
                )  # fmt: skip
        if dataset == "after":
            rows.append({**rows[0], "effort": "max"})
        path = folder / f"{dataset}.jsonl"
        path.write_text("\n".join(json.dumps(r) for r in rows), encoding="utf-8")
        with open_store(folder / "c.duckdb") as store:
            import_file(store, path)
    return folder / "c.duckdb"


def _run(database: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--db", str(database)])


def _json(database: Path, *arguments: str) -> Any:
    return json.loads(_run(database, *arguments, "--json").stdout)


def test_two_data_sets_are_compared_cell_by_cell(database: Path) -> None:
    found = _json(database, "compare", "before", "after")
    assert found["questions"] == {
        "common": 24, "judged": 24, "only_in_a": 0, "only_in_b": 0, "both_right": 13, "both_wrong": 8,
        "gained": 0, "lost": 3,
    }  # fmt: skip
    assert found["unmatched"] == ["wader:mini @ max"]
    assert {row["question_id"] for row in found["lost"]} == {"q8", "q10", "q11"}
    assert [p["only_a"] for p in found["pairs"]] == [0, 3]
    metrics = {row["metric"]: row for row in found["metrics"]}
    accuracy, tokens = metrics["accuracy"], metrics["thinking_tokens"]
    # Twelve questions, each at two efforts: the questions are the clusters.
    assert (accuracy["n_questions"], accuracy["n_units"]) == (12, 24)
    assert accuracy["difference"] == pytest.approx(-3 / 24)
    assert accuracy["worse_by"] == pytest.approx(3 / 24)
    assert tokens["difference"] == pytest.approx(25.0)
    assert tokens["direction"] == "lower"
    assert found["worse"] is False


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--metric", "accuracy", "--max-drop", "0.125"], 0),
        (["--metric", "accuracy", "--max-drop", "0.12"], 1),
        (["--metric", "accuracy", "--max-drop", "20%"], 0),
        (["--metric", "accuracy", "--max-drop", "18%"], 1),
        (["--metric", "accuracy"], 1),
        (["--metric", "tokens", "--max-drop", "25"], 0),
        (["--metric", "tokens", "--max-drop", "24.9"], 1),
        (["--metric", "tokens:higher"], 0),
        (["--metric", "accuracy", "--max-drop", "1", "--metric", "tokens", "--max-drop", "0"], 1),
        (["--metric", "accuracy", "--metric", "tokens", "--max-drop", "100"], 0),
        (["--metric", "no_such_metric"], 2),
        (["--metric", "accuracy:sideways"], 2),
        (["--metric", "accuracy", "--max-drop", "lots"], 2),
        (["--metric", "accuracy", "--max-drop", "-1"], 2),
        (["--metric", "accuracy", "--max-drop", "1", "--max-drop", "2"], 2),
        (["--max-drop", "1"], 2),
        (["--out", "x.pdf"], 2),
    ],
)
def test_guards_and_exit_codes(database: Path, arguments: list[str], code: int) -> None:
    assert _run(database, "compare", "before", "after", *arguments).exit_code == code


def test_getting_better_passes_a_guard(database: Path) -> None:
    assert _run(database, "compare", "after", "before", "--metric", "accuracy").exit_code == 0


def test_cells_have_names_with_colons_and_data_sets(database: Path) -> None:
    found = _json(database, "compare", "before/wader:mini@low", "after/wader:mini:HIGH")
    assert found["questions"]["lost"] == 3
    assert found["a"]["name"] == "before/wader:mini @ low"
    ambiguous = _run(database, "compare", "wader:mini@low", "after/wader:mini@high")
    assert ambiguous.exit_code == 2
    assert "before/wader:mini@low" in ambiguous.stderr
    unknown = _run(database, "compare", "wader:mni@low", "after")
    assert unknown.exit_code == 2
    assert "Did you mean" in unknown.stderr
    assert _run(database, "compare", "before", "before/wader:mini@low").exit_code == 0


def test_the_terminal_shows_numbers_and_no_escape_of_a_trace(database: Path) -> None:
    shown = _run(database, "compare", "before", "after", "--metric", "accuracy")
    assert "exact McNemar p = 0.25" in shown.stdout
    assert "WORSE accuracy (higher is better)" in shown.stdout
    assert "Lost: 3 questions" in shown.stdout
    assert "\x1b" not in shown.stdout and "\u202e" not in shown.stdout


def test_the_report_is_whole_safe_and_the_same_every_time(database: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.html"
    command = ("compare", "before", "after", "--metric", "accuracy", "--out", str(out))
    assert _run(database, *command).exit_code == 1
    page = out.read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "\u202e" not in page
    assert not re.search(r"(src|href)=|url\(|@import", page)
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    for words in ("Lost: right in before, not in after", "Guards", "Cohen's", "wader:mini @ max"):
        assert words in page
    first = out.read_bytes()
    _run(database, *command)
    assert out.read_bytes() == first
    text = tmp_path / "r.md"
    _run(database, "compare", "before", "after", "--out", str(text))
    assert "<script>" not in text.read_text(encoding="utf-8")
    data = tmp_path / "r.json"
    _run(database, "compare", "before", "after", "--out", str(data))
    assert json.loads(data.read_text())["questions"]["lost"] == 3


def test_cells_are_listed_set_and_reset(database: Path) -> None:
    rows = _json(database, "cells")
    assert [(r["effort"], r["source"]) for r in rows if r["dataset"] == "before"] == [
        ("low", "effort"), ("high", "effort"),
    ]  # fmt: skip
    done = _run(
        database, "cells", "set", "after/wader:mini@max", "--effort", "xhigh", "--order", "7"
    )
    assert done.stdout == "wader:mini @ max is now wader:mini @ xhigh\n"
    named = next(r for r in _json(database, "cells") if r["source"] == "person")
    assert (named["effort"], named["order"], named["stated"][0]["effort"]) == ("xhigh", 7.0, "max")
    assert _run(database, "cells", "reset", "wader:mini@xhigh").stdout == "1 name forgotten\n"
    assert _run(database, "cells", "set", "wader:mini@max").exit_code == 2


def test_questions_are_listed_merged_and_split(database: Path) -> None:
    rows = _json(database, "questions", "--near-duplicates", "--least", "80")
    assert rows
    assert not any(row["same_numbers"] for row in rows)
    keys = (rows[0]["key_a"], rows[0]["key_b"])
    assert _run(database, "questions", "--merge", *keys).stdout == "1 question merged\n"
    assert _json(database, "questions") == [{"question_key": keys[1], "counts_as": keys[0]}]
    assert _run(database, "questions", "--split", keys[0]).exit_code == 0
    assert _json(database, "questions") == []
    assert _run(database, "questions", "--split", "x", "--near-duplicates").exit_code == 2


def test_a_guard_that_cannot_be_checked_does_not_pass() -> None:
    rows = [{"metric": "accuracy", "difference": None, "mean_a": None, "mean_b": None}]
    with pytest.raises(UsageError, match="Both sides have no metric"):
        guards(rows, ["accuracy"], [])
    rows = [{"metric": "switches_per_1k", "difference": 1.0, "mean_a": 1.0, "mean_b": 2.0}]
    with pytest.raises(UsageError, match="neither better nor worse"):
        guards(rows, ["switches_per_1k"], [])
    assert not guards(rows, ["switches_per_1k:lower"], ["0.5"])[0].passed
