"""`cotscope verify`: rows come back as they were, with a verdict; bad lines are named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.answers.pair_files import ADDED, verify_file
from analysis.answers.verify import VERSION
from analysis.cli import main
from analysis.errors import ExportError, InputError

LINES = [
    '{"gold": "3/4", "pred": "0.75", "id": 98765432109876543210987, "weight": 1.10, "note": "\\u00e9\\ud83d\\ude00"}',
    '{"pred":"the answer is \\\\boxed{7}","gold":7}',
    "{oops",
    "",
    '["gold", "pred"]',
    '{"gold": "Oslo", "pred": "Bergen", "tags": ["a", {"b": null}]}',
    '{"gold": "B", "pred": "b", "answer_type": "mcq"}',
    '{"gold": ["1", "2"], "pred": "2, 1"}',
    '{"gold": 0.50, "pred": "1/2"}',
    '{"gold": true, "pred": "yes"}',
    '{"gold": {"x": 1}, "pred": "1"}',
    '{"question": "no answers here"}',
    '{"gold": "5"}',
    '{"gold": "x = 1", "pred": "\\\\int_0^1 2x dx"}',
]
EXPECTED = [
    "correct", "correct", "wrong", "correct", "correct", "correct", "correct", "undecided",
    "undecided", "correct",
]  # fmt: skip


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(LINES), encoding="utf-8")
    return path


def test_rows_come_back_in_order(pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "judged.jsonl"
    report = verify_file(pairs, out)
    written = out.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in written]
    assert [row["verdict"] for row in rows] == EXPECTED
    assert all(
        row["reason"] and row["stage"] and row["verifier_version"] == VERSION for row in rows
    )
    # Everything else is there byte for byte, numbers as they were written.
    assert written[0].startswith(LINES[0][:-1])
    kept = [json.loads(line) for line in LINES if line.startswith("{") and "gold" in line]
    assert [{k: v for k, v in row.items() if k not in ADDED} for row in rows] == kept
    assert [(bad.line, bad.reason.split(":")[0]) for bad in report.bad_lines] == [
        (3, "not JSON"),
        (5, "not a JSON object"),
        (12, "neither gold nor pred"),
    ]
    counts = (report.n_rows, report.n_correct, report.n_wrong, report.n_undecided, report.n_bad)
    assert counts == (10, 7, 1, 2, 3)


def test_a_second_run_replaces_verdicts(pairs: Path, tmp_path: Path) -> None:
    once, twice = tmp_path / "once.jsonl", tmp_path / "twice.jsonl"
    verify_file(pairs, once)
    verify_file(once, twice)
    first = [json.loads(line) for line in once.read_text(encoding="utf-8").splitlines()]
    again = [json.loads(line) for line in twice.read_text(encoding="utf-8").splitlines()]
    assert first == again
    verify_file(twice, twice)
    assert twice.read_text(encoding="utf-8").count("\n") == len(first)


def test_the_command(pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "judged.jsonl"
    told = CliRunner().invoke(main, ["verify", str(pairs), "--out", str(out), "--json"])
    assert told.exit_code == 1
    report = json.loads(told.stdout)
    assert (report["n_rows"], report["n_correct"], report["n_bad"]) == (10, 7, 3)
    told = CliRunner().invoke(main, ["verify", str(pairs), "--out", str(out)])
    assert "10 rows: 7 correct, 1 wrong, 2 undecided" in told.stdout
    assert "line 3 was left out" in told.stderr
    good = tmp_path / "good.jsonl"
    good.write_text('{"gold": "5", "pred": "5"}\n', encoding="utf-8")
    assert CliRunner().invoke(main, ["verify", str(good), "--out", str(out)]).exit_code == 0
    assert CliRunner().invoke(main, ["verify", str(good)]).exit_code == 2


def test_what_cannot_be_read_or_written(pairs: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        verify_file(tmp_path / "none.jsonl", tmp_path / "out.jsonl")
    with pytest.raises(ExportError):
        verify_file(pairs, tmp_path / "no folder" / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


def test_an_overlong_line_is_one_bad_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from analysis import limits

    monkeypatch.setattr(limits, "MAX_LINE_BYTES", 100)
    path = tmp_path / "long.jsonl"
    lines = [
        '{"gold": "1", "pred": "1"}',
        '{"gold": "' + "9" * 500 + '"}',
        '{"gold": "2", "pred": "3"}',
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = verify_file(path, tmp_path / "out.jsonl")
    assert (report.n_rows, report.n_bad, report.bad_lines[0].line) == (2, 1, 2)
