"""Importing: exact counts, idempotent, resumable after a kill, nothing lost, nothing doubled."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analysis import limits
from analysis.errors import Cancelled, InputError, InternalError
from analysis.progress import CancelToken, Progress
from analysis.store import Store, open_store
from analysis.store.importing import dataset_name, expand_paths, import_file


def record(n: int, **more: object) -> dict[str, object]:
    return {
        "id": f"r{n}",
        "question": f"What is {n} + {n}?",
        "reasoning": f"I add {n} and {n}. That gives {2 * n}.",
        "answer": str(2 * n),
        **more,
    }


def dump(path: Path, records: list[object]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


def state(store: Store) -> list[tuple[object, ...]]:
    return store.rows(
        "SELECT trace_id, line_no, record_index, question, reasoning, answer, metadata FROM trace"
        " ORDER BY trace_id"
    )


@pytest.fixture
def store(tmp_path: Path):
    with open_store(tmp_path / "t.duckdb") as opened:
        yield opened


def test_every_field_of_the_generic_form_arrives(store: Store, tmp_path: Path) -> None:
    row = record(
        1,
        model="heron",
        effort="high",
        gold="2",
        correct=True,
        sample_index=3,
        dataset="sums",
        reasoning_tokens=12,
        target_language="en",
        checkpoint="step-5",
        my_own_key={"a": [1, 2]},
    )
    report = import_file(store, dump(tmp_path / "x.jsonl", [row]))
    assert (report.n_records, report.n_traces, report.n_quarantined) == (1, 1, 0)
    got = store.arrow("SELECT * FROM trace").to_pylist()[0]
    wanted = {
        "external_id": "r1",
        "question": row["question"],
        "reasoning": row["reasoning"],
        "answer": "2",
        "model": "heron",
        "effort": "high",
        "gold_answer": "2",
        "correct": True,
        "sample_index": 3,
        "dataset": "sums",
        "reasoning_tokens": 12,
        "target_language": "en",
        "checkpoint": "step-5",
        "line_no": 1,
        "reasoning_kind": "visible",
        "reasoning_chars": len(str(row["reasoning"])),
    }
    assert {k: got[k] for k in wanted} == wanted
    assert json.loads(got["metadata"])["my_own_key"] == {"a": [1, 2]}


def test_the_same_file_twice_doubles_nothing(store: Store, tmp_path: Path) -> None:
    path = dump(tmp_path / "x.jsonl", [record(n) for n in range(20)])
    import_file(store, path)
    before = state(store)
    again = import_file(store, path)
    assert again.already
    assert again.n_traces == 20
    renamed = path.rename(tmp_path / "y.jsonl")
    assert import_file(store, renamed).already
    assert state(store) == before
    assert len(before) == 20


def test_bad_lines_are_quarantined_and_the_rest_goes_in(store: Store, tmp_path: Path) -> None:
    good = [json.dumps(record(n)) for n in range(3)]
    lines = [good[0], "", '{"id": "cut", "reasoning": "abc', "not json", good[1], "[1, 2]", "7",
             '{"nothing": "known"}', good[2]]  # fmt: skip
    path = tmp_path / "x.jsonl"
    path.write_bytes("\n".join(lines).encode() + b'\n{"id": "\xff\xfe", "reasoning": "x"}\n')
    report = import_file(store, path)
    assert report.n_traces == 3
    assert report.n_blank == 1
    quarantined = store.arrow("SELECT * FROM quarantine ORDER BY line_no").to_pylist()
    assert {q["line_no"] for q in quarantined} >= {3, 4, 6, 7, 8}
    assert report.n_quarantined == len(quarantined)
    assert report.n_records == report.n_traces + report.n_quarantined
    content = path.read_bytes()
    for q in quarantined:
        assert q["reason"]
        assert q["reason_code"]
        start = q["byte_start"]
        line = content[start : start + q["byte_length"]]
        assert line.rstrip(b"\n") == bytes(q["raw"])


def test_line_numbers_are_physical(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(
        "\n\n" + json.dumps(record(1)) + "\n\n" + json.dumps(record(2)), encoding="utf-8"
    )
    report = import_file(store, path)
    assert report.n_blank == 3
    assert [r[0] for r in store.rows("SELECT line_no FROM trace ORDER BY line_no")] == [3, 5]


def test_a_cancelled_import_goes_on_where_it_stopped(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BATCH_TRACES", 10)
    path = dump(tmp_path / "x.jsonl", [record(n) for n in range(95)])
    cancel = CancelToken()

    def stop(moment: Progress) -> None:
        if moment.stage.startswith("Importing") and moment.done > 2000:
            cancel.cancel()

    with pytest.raises(Cancelled):
        import_file(store, path, progress=stop, cancel=cancel)
    part = store.scalar("SELECT count(*) FROM trace")
    assert 0 < part < 95
    report = import_file(store, path)
    assert report.resumed
    assert (report.n_traces, report.n_records) == (95, 95)
    with open_store(tmp_path / "whole.duckdb") as whole:
        import_file(whole, path)
        assert state(store) == state(whole)


@pytest.mark.parametrize("packed", [False, True])
def test_a_killed_import_loses_and_doubles_nothing(tmp_path: Path, packed: bool) -> None:
    path = dump(tmp_path / "x.jsonl", [record(n, pad="p" * 800) for n in range(4000)])
    if packed:
        packed_path = tmp_path / "x.jsonl.gz"
        packed_path.write_bytes(gzip.compress(path.read_bytes()))
        path = packed_path
    with open_store(tmp_path / "whole.duckdb") as whole:
        import_file(whole, path)
        wanted = state(whole)
    database = tmp_path / "killed.duckdb"
    script = (
        "import sys; from pathlib import Path; from analysis import limits;"
        "limits.BATCH_TRACES = 100; from analysis.store import open_store;"
        "from analysis.store.importing import import_file; s = open_store(sys.argv[1]);"
        "print('go', flush=True); import_file(s, Path(sys.argv[2])); print('end', flush=True)"
    )
    rng = random.Random(7)
    kills = 0
    for _ in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(database), str(path)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.uniform(0.02, 0.5))
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.communicate()
        with open_store(database) as store:
            count = store.scalar("SELECT count(*) FROM trace")
            said = store.scalar("SELECT n_traces FROM file") or 0
            assert count == said
            assert store.scalar("SELECT count(DISTINCT trace_id) FROM trace") == count
    assert kills > 0
    with open_store(database) as store:
        report = import_file(store, path)
        assert report.n_traces == 4000
        assert state(store) == wanted


def test_a_file_that_cannot_be_read_on_keeps_what_was_read(store: Store, tmp_path: Path) -> None:
    rng = random.Random(3)
    records = [record(n, pad="".join(rng.choices("abcdefgh", k=500))) for n in range(400)]
    whole = gzip.compress(("\n".join(json.dumps(r) for r in records) + "\n").encode())
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    report = import_file(store, path)
    assert report.error or report.n_quarantined
    assert 100 < report.n_traces < 400
    assert store.scalar("SELECT count(*) FROM trace") == report.n_traces


def test_data_set_names() -> None:
    assert dataset_name("aime25.jsonl") == "aime25"
    assert dataset_name("../../x/aime.v2.jsonl.gz") == "aime.v2"
    assert dataset_name("C:\\data\\run.json") == "run"
    assert dataset_name(".jsonl") == ".jsonl"


def test_paths_folders_and_globs(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.json", "c.jsonl.gz", "note.md", ".hidden.jsonl", "sub/d.ndjson"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("{}")
    names = [p.name for p in expand_paths([tmp_path])]
    assert sorted(names) == ["a.jsonl", "b.json", "c.jsonl.gz", "d.ndjson"]
    assert [p.name for p in expand_paths([str(tmp_path / "*.jsonl"), tmp_path / "a.jsonl"])] == [
        "a.jsonl"
    ]
    assert [p.name for p in expand_paths([tmp_path / "note.md"])] == ["note.md"]
    with pytest.raises(InputError, match="No trace file"):
        expand_paths([tmp_path / "nothing*"])


def test_warnings_are_counted_by_code(store: Store, tmp_path: Path) -> None:
    cut = [{"question": "q", "response": f"<think>never closed {n}"} for n in range(3)]
    path = dump(tmp_path / "x.jsonl", [record(1), *cut])
    report = import_file(store, path)
    assert report.warnings["missing_closer"] == 3
    assert import_file(store, path).warnings == report.warnings


def test_a_request_to_stop_is_heard_within_a_batch(store: Store, tmp_path: Path) -> None:
    path = dump(tmp_path / "x.jsonl", [record(n) for n in range(300)])
    cancel = CancelToken()
    seen: list[int] = []

    def stop_at_the_first(moment: Progress) -> None:
        if moment.stage.startswith("Importing"):
            seen.append(moment.done)
            cancel.cancel()

    with pytest.raises(Cancelled):
        import_file(store, path, progress=stop_at_the_first, cancel=cancel)
    part = store.scalar("SELECT count(*) FROM trace")
    assert 0 < part < 300 < limits.BATCH_TRACES
    report = import_file(store, path)
    assert (report.resumed, report.n_traces) == (True, 300)


def test_a_record_of_which_nothing_comes_is_quarantined(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analysis.store import importing

    real = importing.read_record
    monkeypatch.setattr(
        importing,
        "read_record",
        lambda value, **rest: [] if value["id"] == "r1" else real(value, **rest),
    )
    report = import_file(store, dump(tmp_path / "x.jsonl", [record(n) for n in range(3)]))
    assert (report.n_records, report.n_traces, report.n_quarantined) == (3, 2, 1)
    assert store.scalar("SELECT reason_code FROM quarantine") == "no_trace"


def test_rows_of_a_wrapper_that_give_nothing_are_quarantined(store: Store, tmp_path: Path) -> None:
    samples = {"prompt": "and 2 + 2?", "samples": [{"output": "4"}, {"cost": 3}]}
    rows = [{"x": 1}, {"prompt": "1 + 1?", "output": "2"}, samples]
    path = tmp_path / "wrapped.json"
    path.write_text(json.dumps({"model": "heron", "results": rows}), encoding="utf-8")
    report = import_file(store, path)
    assert (report.n_records, report.n_traces, report.n_quarantined) == (3, 2, 2)
    kept = store.rows("SELECT reason_code, reason, raw FROM quarantine ORDER BY reason")
    assert [(code, json.loads(raw).get("x")) for code, _, raw in kept] == [
        ("no_text", 1),
        ("no_text", None),
    ]
    assert kept[0][1].startswith("Row 0, counted from 0: ")
    assert report.warnings == {}
    assert store.scalar("SELECT count(*) FROM trace WHERE metadata::VARCHAR LIKE '%rows_not%'") == 0


@pytest.mark.parametrize("fault", ["skips a record", "loses a trace on the way"])
def test_a_lost_record_is_a_bug_that_is_told(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    from analysis.store import importing
    from analysis.store.batches import Batch

    path = dump(tmp_path / "x.jsonl", [record(n) for n in range(5)])
    if fault == "skips a record":
        real = importing.open_records
        monkeypatch.setattr(
            importing,
            "open_records",
            lambda *a, **k: (r for r in real(*a, **k) if r.index != 2),
        )
    else:
        add = Batch.add
        monkeypatch.setattr(Batch, "add", lambda self, r, t: r.index == 2 or add(self, r, t))
    with pytest.raises(InternalError, match="lost count") as caught:
        import_file(store, path)
    assert "report it" in caught.value.remedy
