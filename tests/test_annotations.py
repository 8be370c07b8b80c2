"""The log of annotations: writing, undoing, attaching after a rerun, differences, gold files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from analysis.annotation import queues
from analysis.annotation.attach import Matcher, overlap
from analysis.annotation.queues import QueueSpec
from analysis.annotation.words import Found, Target
from analysis.cli import main
from analysis.errors import UsageError
from analysis.evaluation.gold import read_gold
from analysis.store import Store, open_store
from analysis.store import annotations as log
from analysis.store.annotation_import import import_annotations
from analysis.store.importing import import_file
from analysis.ui.reader import events
from analysis.views import annotations as view

TEXT = "😀 First plan here. Then a check of it. Wait, turn back now. So the end is 7."
SPANS = {"plan": (2, 18), "check": (19, 38), "turn": (39, 59)}
SENTENCES = [(0, 19), (19, 39), (39, 60), (60, len(TEXT))]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    dump = tmp_path / "d.jsonl"
    rows = [
        {"id": f"t{n}", "question": f"q{n}", "reasoning": TEXT, "answer": "7"} for n in range(3)
    ]
    dump.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with open_store(tmp_path / "s.duckdb") as opened:
        import_file(opened, dump)
        for trace_id in ids(opened):
            with opened.transaction() as cursor:
                for n, (start, end) in enumerate(SENTENCES):
                    values = [trace_id, n, start, end, 0]
                    cursor.execute("INSERT INTO sentence VALUES (?, ?, ?, ?, ?)", values)
        results(
            opened,
            "1",
            [("verification", *SPANS["check"], 0.6), ("backtracking", *SPANS["turn"], 0.9)],
        )
        yield opened


def ids(store: Store) -> list[str]:
    return [r[0] for r in store.rows("SELECT trace_id FROM trace_row ORDER BY external_id")]


def results(store: Store, version: str, found: list[tuple[str, int, int, float]]) -> None:
    """What a run of an analyzer leaves behind: its findings replace those of the run before."""
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM finding")
        for trace_id in ids(store):
            for n, (label, start, end, score) in enumerate(found):
                cursor.execute(
                    "INSERT INTO finding VALUES (?, 'behaviours', ?, ?, ?, NULL, ?, ?, ?, '{}')",
                    [trace_id, version, n, label, start, end, score],
                )


def target(label: str, span: tuple[int, int]) -> Target:
    return Target("behaviours", label, *span, "1", 0.6)


def spans(store: Store, trace_id: str) -> list[tuple[str, int, int, str]]:
    found = view.effective_labels(store, trace_id)
    return [(s.label, s.start, s.end, s.origin) for s in found]


def test_corrections_apply_and_survive_a_rerun(store: Store) -> None:
    one = ids(store)[0]
    log.accept(store, one, "Ann", target("backtracking", SPANS["turn"]))
    log.reject(store, one, "Ann", target("verification", SPANS["check"]))
    log.add(store, one, "Ann", "planning", *SPANS["plan"])
    expected = [("planning", *SPANS["plan"], "added"), ("backtracking", *SPANS["turn"], "accepted")]
    assert spans(store, one) == expected
    # Another version: other borders, another score, the planning found too, one finding new.
    start, end = SPANS["turn"]
    results(
        store, "2",
        [("planning", 2, 17, 0.5), ("verification", 19, 37, 0.4), ("backtracking", start + 2, end, 0.8),
         ("final", 60, 70, 0.9)],
    )  # fmt: skip
    assert spans(store, one) == [
        ("planning", *SPANS["plan"], "added"),
        ("backtracking", start + 2, end, "accepted"),
        ("final", 60, 70, "machine"),
    ]
    assert len(log.log_of(store, one)) == 3
    # A version that finds nothing: what was confirmed stays, and is known to be an orphan.
    results(store, "3", [])
    assert [s[0] for s in spans(store, one)] == ["planning", "backtracking"]
    state = view.state(store, one)
    assert len(state.orphans) == 1
    assert [a.kind for a in state.unmatched] == ["reject"]


def test_moving_undoing_and_finishing(store: Store) -> None:
    one = ids(store)[0]
    turn = target("backtracking", SPANS["turn"])
    log.move(store, one, "Ann", turn, 45, 59)
    assert ("backtracking", 45, 59, "moved") in spans(store, one)
    log.finish(
        store, one, "Ann", ["verification"], accepted=[target("verification", SPANS["check"])]
    )
    assert view.state(store, one).finished == {"Ann": {"verification"}}
    assert log.undo(store, one, "Bob") == 0
    assert log.undo(store, one, "Ann", undo_id="u") == 2  # the finding accepted with it, too
    assert log.undo(store, one, "Ann", undo_id="u") == 0  # the same undo, arrived twice
    assert view.state(store, one).finished == {}
    assert ("backtracking", 45, 59, "moved") in spans(store, one)
    assert log.undo(store, one, "Ann") == 1
    assert ("backtracking", *SPANS["turn"], "machine") in spans(store, one)
    assert len(log.log_of(store, one)) == 3  # withdrawn, not deleted


def test_bad_entries_are_refused(store: Store) -> None:
    one = ids(store)[0]
    for wrong in (
        lambda: log.add(store, one, "  ", "planning", 0, 3),
        lambda: log.add(store, one, "Ann", "planning", 3, 3),
        lambda: log.add(store, one, "Ann", "planning", 0, len(TEXT) + 1),
        lambda: log.add(store, "nope", "Ann", "planning", 0, 3),
        lambda: log.add(store, one, "Ann", " ", 0, 3),
        lambda: log.mark(store, one, "Ann", ""),
        lambda: log.comment(store, one, "Ann", " "),
        lambda: log.write(store, [log.Entry(one, "Ann", "shout")]),
    ):
        with pytest.raises(UsageError):
            wrong()
    assert log.log_of(store, one) == []


def test_differences_and_adjudication(store: Store) -> None:
    one = ids(store)[0]
    check = target("verification", SPANS["check"])
    log.accept(store, one, "Ann", check)
    log.reject(store, one, "Bob", check)
    log.add(store, one, "Ann", "planning", *SPANS["plan"])
    log.finish(store, one, "Bob", ["planning"])
    found = [d for _, d in view.disagreements(store)]
    assert [(d.label, d.yes, d.no, d.settled) for d in found] == [
        ("planning", ("Ann",), ("Bob",), None),
        ("verification", ("Ann",), ("Bob",), None),
    ]
    spec = QueueSpec("disagreement", label="verification")
    items = view.queue_items(store, spec)
    assert [(i.trace_id, i.start) for i in items] == [(one, SPANS["check"][0])]
    assert view.queue_done(store, spec, items, "Cleo") == [False]
    log.adjudicate(store, one, "Cleo", "verification", SPANS["check"], holds=False)
    assert view.queue_done(store, spec, items, "Cleo") == [True]
    assert "verification" not in {s[0] for s in spans(store, one)}
    assert [d.settled for _, d in view.disagreements(store)] == [None, "reject"]


def test_queues_are_the_same_every_time(store: Store) -> None:
    results(store, "1", [("verification", n, n + 3, n / 20) for n in range(0, 20)])
    uncertain = view.queue_items(store, QueueSpec("uncertain", threshold=0.3, limit=6))
    assert sorted({i.start for i in uncertain}) == [5, 6, 7]
    first = view.queue_items(store, QueueSpec("random", seed=4))
    assert first == view.queue_items(store, QueueSpec("random", seed=4))
    assert first != view.queue_items(store, QueueSpec("random", seed=5))
    assert len(first) == 60
    whole = QueueSpec("unlabelled", seed=1)
    items = view.queue_items(store, whole)
    log.finish(store, items[1].trace_id, "Ann", ["verification"])
    assert items == view.queue_items(store, whole)
    done = view.queue_done(store, whole, items, "Ann")
    assert done == [False, True, False]
    assert (queues.next_open(done, 0), queues.next_open(done, 2)) == (2, 0)
    assert queues.next_open([True], 0) is None


@pytest.mark.parametrize("text", ["", "kind=no", "kind=random&seed=x", "limit=0", "threshold=nan"])
def test_a_link_with_nonsense_is_no_queue(text: str) -> None:
    assert QueueSpec.from_text(text) is None


def test_a_link_gives_the_queue_back() -> None:
    spec = QueueSpec("random", label="a&b=c", dataset="d e", seed=3, limit=9)
    assert QueueSpec.from_text(spec.to_text()) == spec


def test_gold_files_go_out_and_come_back(store: Store, tmp_path: Path) -> None:
    one, two, _ = ids(store)
    log.add(store, one, "Ann", "planning", *SPANS["plan"])
    log.finish(store, one, "Ann", ["planning", "final"])
    log.reject(store, two, "Ann", target("verification", SPANS["check"]))
    log.comment(store, two, "Bob", "odd")
    store.close()
    out = tmp_path / "gold"
    database = ["--db", str(tmp_path / "s.duckdb")]
    done = CliRunner().invoke(main, ["export", "annotations", "--out", str(out), *database])
    assert done.exit_code == 0, done.output
    assert [p.name for p in out.iterdir()] == ["Ann.jsonl"]
    whole, part = sorted(read_gold(out), key=lambda t: t.trace_id != one)
    assert whole.expresses == ("final", "planning")
    assert [set(s.labels) for s in whole.segments] == [{"planning"}, set(), set(), set()]
    assert part.flags == ("partial",)
    assert [(s.start, s.end, set(s.labels)) for s in part.segments] == [(19, 39, set())]
    (tmp_path / "one").mkdir()
    first = (out / "Ann.jsonl").read_text(encoding="utf-8").splitlines()[0]
    (tmp_path / "one" / "Ann.jsonl").write_text(first, encoding="utf-8")
    model = ["--out", str(tmp_path / "m.npz")]
    refused = CliRunner().invoke(main, ["train", str(tmp_path / "one"), *model])
    assert refused.exit_code == 2
    assert "All labelled traces answer one question" in refused.output
    csv = tmp_path / "log.csv"
    done = CliRunner().invoke(main, ["export", "annotations", "--out", str(csv), *database])
    assert csv.read_text(encoding="utf-8").count("Ann") == 3
    with open_store(tmp_path / "s.duckdb") as again:
        report = import_annotations(again, out, annotator="Lab B")
        assert (report.traces, report.unknown, report.bad) == (2, [], [])
        assert import_annotations(again, out, annotator="Lab B").entries == 0
        assert ("planning", *SPANS["plan"], "added") in spans(again, one)
        rows = {r.label: r for r in view.agreement_rows(again)}
        assert rows["planning"].kappa == 1
        assert rows["planning"].span_f1 == 1


def test_an_import_tells_what_it_could_not_use(store: Store, tmp_path: Path) -> None:
    record = {"trace_id": "x", "source": "lab", "reasoning": "<think>\n" + TEXT, "expresses": ["final"],
              "segments": [{"start": 68, "end": 8 + len(TEXT), "labels": ["final"]}]}  # fmt: skip
    bad = [
        {**record, "reasoning": "another"},
        {**record, "segments": [{"start": 5, "end": 999}]},
        7,
    ]
    record["trace_id"] = "t1"
    lines = [json.dumps(row) for row in (record, *bad)] + ["{"]
    file = tmp_path / "lab.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    report = import_annotations(store, file)
    assert (report.records, report.traces, len(report.bad)) == (5, 1, 4)
    assert ("final", 60, len(TEXT), "added") in spans(store, ids(store)[1])


def test_events_of_a_browser_are_not_trusted(store: Store) -> None:
    one = ids(store)[0]
    good: dict[str, Any] = {"id": "e1", "by": "Ann", "kind": "add", "trace": one, "label": "final",
                            "start": 60, "end": 70}  # fmt: skip
    outcome = events.handle(store, [good, good, {**good, "id": "e2", "end": 9e9}, 5, {"id": 4}])
    assert outcome.acks == ("e1", "e1", "e2")
    assert outcome.annotator == "Ann"
    assert "not inside the text" in outcome.fault
    assert [a.annotation_id for a in log.log_of(store, one)] == ["e1"]
    for hostile in (None, {}, "x", [None], [{**good, "id": "e3", "kind": "drop", "target": 3}]):
        events.handle(store, hostile)
    assert len(log.log_of(store, one)) == 1
    events.handle(store, [{**good, "id": "e4", "by": "<b>\ud800", "kind": "undo"}])
    assert log.log_of(store, one)[0].counts


SPAN = st.tuples(st.integers(0, 40), st.integers(1, 12)).map(lambda p: (p[0], p[0] + p[1]))


@given(st.lists(SPAN, max_size=8), SPAN)
def test_matching_is_the_best_overlap(
    found: list[tuple[int, int]], wanted: tuple[int, int]
) -> None:
    findings = [Found(n, "a", "x", *span) for n, span in enumerate(found)]
    match = Matcher(findings).match(Target("a", "x", *wanted))
    best = max((overlap(*wanted, *span) for span in found), default=0.0)
    if best < 0.5:
        assert match is None
    else:
        assert match is not None
        assert overlap(*wanted, match.start, match.end) == best
