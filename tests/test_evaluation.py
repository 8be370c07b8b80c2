"""Measuring detectors: counts by hand, the command, comparison, the table that ships."""

from __future__ import annotations

import csv
import importlib.util
import json
import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from analysis.cli import main
from analysis.errors import InputError
from analysis.evaluation import accuracy, cards, publish
from analysis.evaluation.errors import Cell, places
from analysis.evaluation.evaluate import evaluate, expressed
from analysis.evaluation.families import NOT_STATED, OTHER, family_of
from analysis.evaluation.gold import Segment, read_gold
from analysis.evaluation.predictions import Predictions, read_findings
from analysis.evaluation.scoring import near, predicted
from analysis.evaluation.sources import describe
from analysis.evaluation.tables import ROW_COLUMNS, difference, figures
from analysis.model import Finding

TEXT = "0123456789" * 10
BACK = "backtracking"


def _gold(name: str, labelled: list[int], **more: Any) -> dict[str, Any]:
    """A trace of ten segments of ten characters; those of ``labelled`` backtrack."""
    return {
        "trace_id": name,
        "source": "hand",
        "annotator": "human",
        "model": "DeepSeek-R1",
        "reasoning": TEXT,
        "expresses": [BACK],
        "segments": [
            {"start": 10 * i, "end": 10 * i + 10, "labels": [BACK] if i in labelled else []}
            for i in range(10)
        ],
        **more,
    }


GOLD = [
    _gold("a", [2, 8]),
    _gold("b", [0], model="QwQ-32B"),
    _gold("c", [], model="QwQ-32B"),
    _gold("loop", list(range(10)), flags=["degenerate_loop"]),
]
# a: 2 hit by half a segment, 8 missed by a shift of one, 4 wrong but near 2; b: too little; c: wrong.
FOUND = [("a", 25, 30), ("a", 95, 96), ("a", 70, 80), ("a", 40, 50), ("b", 0, 4), ("c", 90, 100)]


def _write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    folder = tmp_path / "gold"
    folder.mkdir()
    _write(folder / "hand.jsonl", GOLD)
    return folder


@pytest.fixture
def found(tmp_path: Path) -> Path:
    rows = [{"trace_id": t, "label": BACK, "start": a, "end": b} for t, a, b in FOUND]
    return _write(tmp_path / "found.jsonl", rows)


def _read(gold: Path, found: Path) -> Predictions:
    return read_findings(found, expressed(gold)[1])


# --- counting --------------------------------------------------------------------------------


def test_figures_by_hand(gold: Path, found: Path) -> None:
    done = evaluate(gold, _read(gold, found))
    rows = {row.family: row for row in done.rows}
    both, r1, qwq = rows[None], rows["R1-like"], rows["QwQ"]
    assert (done.n_traces, done.n_degenerate) == (3, 1)
    # Segments 2, 4 and 7 of a, 9 of c; the first of b is covered by 4 of 10 characters only.
    assert (r1.n, r1.n_predicted, r1.tp, r1.fp, r1.fn) == (2, 3, 1, 2, 1)
    assert (r1.precision.value, r1.recall.value, r1.f1.value) == (1 / 3, 0.5, pytest.approx(0.4))
    assert r1.near_f1.value == 1.0
    assert (qwq.n, qwq.n_predicted, qwq.tp) == (1, 1, 0)
    assert (qwq.f1.value, qwq.near_f1.value) == (0.0, 0.0)
    assert (both.n, both.n_predicted, both.tp) == (3, 4, 1)
    assert both.f1.value == pytest.approx(2 / 7)
    assert both.annotator_kind == "human"
    # One trace has no interval: its segments are not independent.
    assert r1.f1.low is None
    assert both.f1.low is not None


def test_places_in_their_text(gold: Path, found: Path) -> None:
    seen = places(gold, _read(gold, found), Cell(BACK), kind="false negative")
    assert seen.counts == {"false positive": 3, "false negative": 2, "true positive": 1}
    assert [(p.trace_id, p.start, p.text, p.close) for p in seen.shown] == [
        ("a", 80, TEXT[80:90], True),
        ("b", 0, TEXT[:10], False),
    ]
    one = places(gold, _read(gold, found), Cell(BACK, family="QwQ"), offset=0, limit=1)
    assert [(p.trace_id, p.segment, p.left, p.right) for p in one.shown] == [
        ("c", 9, TEXT[:90], "")
    ]


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=12),
    st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 80)), max_size=12),
)
def test_coverage_is_that_of_characters(
    cut: list[tuple[int, int]], spans: list[tuple[int, int]]
) -> None:
    segments = [Segment(a, a + n, frozenset()) for a, n in cut]
    chars = {c for a, b in spans for c in range(a, b)}
    expected = [
        bool(n) and 2 * len(chars & set(range(s.start, s.end))) >= n
        for s, (_, n) in zip(segments, cut, strict=True)
    ]
    assert predicted(segments, spans).tolist() == expected


@given(st.lists(st.booleans(), max_size=12))
def test_near_looks_two_segments_away(flags: list[bool]) -> None:
    import numpy as np

    expected = [any(flags[max(0, i - 2) : i + 3]) for i in range(len(flags))]
    assert near(np.array(flags, dtype=np.bool_)).tolist() == expected


@pytest.mark.shared
def test_the_same_figures_as_the_reference(shared: Path) -> None:
    spec = importlib.util.spec_from_file_location(
        "reference", shared / "tools" / "score_behaviours.py"
    )
    assert spec is not None
    assert spec.loader is not None
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    folder = shared / "data" / "behaviours"
    random_ = random.Random(7)
    ours = Predictions("random", frozenset([BACK, "verification", "uncertainty"]))
    expected: dict[tuple[str, str, str], list[list[tuple[int, ...]]]] = {}
    for trace in read_gold(folder):
        text = len(trace.reasoning)
        for label in sorted(ours.labels & set(trace.expresses)):
            spans = [
                (a, a + random_.randrange(400))
                for a in (random_.randrange(text + 50) for _ in range(text // 500))
            ]
            ours.add(trace.trace_id, [Finding(label, a, b) for a, b in spans])
            spans.sort()
            truth = [label in s.labels for s in trace.segments]
            guess = [
                reference.covered({"start": s.start, "end": s.end}, spans) >= 0.5
                for s in trace.segments
            ]
            cell = expected.setdefault((trace.source, trace.model or "", label), [[], []])
            cell[0].append(reference.counts(truth, guess, 0))
            cell[1].append(reference.counts(truth, guess, 2))
    rows = [row for row in evaluate(folder, ours, by_model=True).rows if row.model and row.n]
    assert len(rows) > 20
    for row in rows:
        exact, near_rows = expected[row.source, row.model or "", row.label]
        p, r, f1, n = reference.prf(exact)
        assert (row.n, row.recall.value, row.f1.value) == (n, pytest.approx(r), pytest.approx(f1))
        assert (row.precision.value or 0.0) == pytest.approx(p)
        assert row.near_f1.value == pytest.approx(reference.prf(near_rows)[2])


# --- intervals -------------------------------------------------------------------------------


def test_intervals_are_deterministic_and_hold_the_value() -> None:
    rows = [(i % 3, (i + 1) % 4, min(i % 3, (i + 1) % 4), 1, 1) for i in range(40)]
    one, other = figures(rows), figures(rows)
    assert one == other
    for name in ("precision", "recall", "f1"):
        interval = one[name]
        assert interval.low is not None
        assert interval.high is not None
        assert interval.value is not None
        assert interval.low < interval.value < interval.high


def test_no_certainty_from_a_few_traces_that_agree() -> None:
    perfect = figures([(2, 2, 2, 2, 2)] * 3)
    assert perfect["precision"].value == 1.0
    assert perfect["precision"].low == pytest.approx(0.025 ** (1 / 3), abs=1e-6)
    nothing = figures([(0, 0, 0, 0, 0)] * 3)
    assert [nothing[n].value for n in ("precision", "recall", "f1")] == [None, None, None]


def test_difference_is_paired() -> None:
    ours = [(2, 2, 2, 2, 2)] * 12 + [(2, 2, 0, 0, 0)] * 12
    theirs = [(2, 2, 0, 0, 0)] * 12 + [(2, 2, 0, 0, 0)] * 12
    better = difference(ours, theirs)
    assert better.value == pytest.approx(0.5)
    assert better.low is not None
    assert better.low > 0.2
    same = difference(ours, ours)
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)


# --- what is read ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"expresses": None}, "expresses is no list"),
        ({"trace_id": 7}, "trace_id is no text"),
        ({"reasoning": None}, "reasoning is missing"),
        ({"segments": [{"start": 5, "end": 101, "labels": []}]}, "5 to 101 does not lie"),
        ({"segments": [{"start": 9, "end": 5, "labels": []}]}, "9 to 5 does not lie"),
        ({"segments": [{"start": True, "end": 5, "labels": []}]}, "does not lie"),
        ({"segments": [{"start": 0, "end": 5, "labels": BACK}]}, "labels is no list"),
        ({"trace_id": "a", "reasoning": TEXT + "!"}, "stands for another text"),
    ],
)
def test_bad_gold_names_file_line_and_remedy(
    gold: Path, change: dict[str, Any], message: str
) -> None:
    _write(gold / "more.jsonl", [GOLD[1], {**_gold("new", []), **change}])
    with pytest.raises(InputError) as told:
        list(read_gold(gold))
    assert "more.jsonl, line 2" in told.value.message
    assert message in told.value.message
    assert told.value.remedy


def test_missing_empty_and_broken_gold(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder or file"):
        list(read_gold(tmp_path / "none"))
    with pytest.raises(InputError, match=r"no \.jsonl file"):
        list(read_gold(tmp_path))
    (tmp_path / "x.jsonl").write_text('\ufeff{"trace_id": \n', encoding="utf-8")
    with pytest.raises(InputError, match=r"x\.jsonl, line 1: it is no JSON"):
        list(read_gold(tmp_path))
    (tmp_path / "x.jsonl").write_text("\n\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds no labelled trace"):
        evaluate(tmp_path)


def test_findings_by_either_id_and_from_csv(gold: Path, found: Path, tmp_path: Path) -> None:
    table = tmp_path / "found.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["trace_id", "external_id", "label", "start", "end", "score"])
        writer.writerows(["hash", t, BACK, a, b, ""] for t, a, b in FOUND)
        writer.writerow(["hash", "somewhere else", BACK, 0, 1, "0.5"])
    one, other = _read(gold, found), _read(gold, table)
    assert one.by_trace == other.by_trace
    assert (other.n_unmatched, other.first_unmatched) == (1, "somewhere else")
    assert evaluate(gold, other).rows == evaluate(gold, one).rows


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"trace_id": "a", "label": "x", "start": 1.5, "end": 3}', "line 1: a finding needs"),
        ('{"trace_id": "a", "start": 1, "end": 3}', "line 1: a finding needs"),
        ('{"trace_id": "zz", "label": "x", "start": 1, "end": 3}', "is of a labelled trace"),
        ("[1]", "line 1: it is no JSON object"),
    ],
)
def test_bad_findings(gold: Path, tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=message):
        _read(gold, path)


def test_annotators_of_one_text_count_apart(gold: Path) -> None:
    _write(
        gold / "two.jsonl",
        [
            _gold("p/1", [1], source="two", annotator="Ann"),
            _gold("q/1", [2], source="two", annotator="llm:judge"),
        ],
    )
    found = Predictions(
        "x", frozenset([BACK]), {"p/1": {BACK: [(10, 20)]}, "q/1": {BACK: [(10, 20)]}}
    )
    rows = {row.source: row for row in evaluate(gold, found).rows}
    assert rows["two (Ann)"].f1.value == 1.0
    assert rows["two (llm:judge)"].f1.value == 0.0
    assert rows["two (llm:judge)"].annotator_kind == "llm"


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("deepseek-r1-distill-llama-8b", "R1-like"),
        ("deepseek-ai/DeepSeek-R1-0528-Qwen3-8B", "R1-like"),
        ("Qwen/QwQ-32B-Preview", "QwQ"),
        ("openai/gpt-oss-120b", "gpt-oss"),
        ("deepseek-chat", "DeepSeek-V3"),
        ("DeepSeek-V3.2-Exp", "DeepSeek-V3"),
        ("gemini-2.5-pro", "Gemini"),
        ("o3-mini", "OpenAI o-series"),
        ("Qwen3-30B-A3B-Thinking", "Qwen3"),
        ("Qwen2.5-32B-Instruct", "instruct models"),
        ("heron-8b", OTHER),
        (None, NOT_STATED),
    ],
)
def test_families(model: str | None, family: str) -> None:
    assert family_of(model) == family


# --- the command -------------------------------------------------------------------------------


def test_the_command_prints_writes_and_compares(gold: Path, found: Path, tmp_path: Path) -> None:
    better = _write(
        tmp_path / "better.jsonl", [{"trace_id": "a", "label": BACK, "start": 20, "end": 30}]
    )
    base = ["evaluate", str(gold), "--findings", str(better), "--against", str(found)]
    out = tmp_path / "figures.csv"
    done = CliRunner().invoke(main, [*base, "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "backtracking" in done.output
    assert "3 labelled traces" in done.output
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert (rows[0]["family"], rows[0]["tp"], rows[0]["f1"]) == ("", "1", "0.5")
    compared = list(csv.DictReader((tmp_path / "figures-compared.csv").open(encoding="utf-8")))
    assert (compared[0]["f1"], compared[0]["f1_against"]) == ("0.5", "0.2857")
    assert tuple(rows[0]) == ROW_COLUMNS
    told = json.loads(CliRunner().invoke(main, [*base, "--json"]).stdout)
    assert told["n_traces"] == 3
    assert told["compared"][0]["difference"] == pytest.approx(0.5 - 2 / 7, abs=1e-4)
    refused = CliRunner().invoke(main, ["evaluate", str(gold), "--findings", str(found), "--rules"])
    assert refused.exit_code != 0


def test_the_detectors_run_on_the_texts_as_in_a_store(gold: Path, tmp_path: Path) -> None:
    from analysis.evaluation.predictions import detectors
    from analysis.runner import analyze
    from analysis.store import open_store
    from analysis.store.evaluating import sentence_of, stored_predictions
    from analysis.store.importing import import_file

    text = (
        "First I try to factor the polynomial. That gives nothing at all.\n\nThis approach does not"
        " work, so let me go back and try another way. Now let me check: 2 + 3 = 5. Yes, that is right."
    )
    rows = [
        _gold(f"t/{i}", [], reasoning=text + "!" * i, expresses=[BACK, "planning", "deduction"])
        for i in range(3)
    ]
    rows = [{**r, "segments": [{"start": 65, "end": 142, "labels": [BACK]}]} for r in rows]
    (gold / "hand.jsonl").unlink()
    path = _write(gold / "texts.jsonl", rows)
    direct = evaluate(gold)
    names = [a.name for a in detectors([BACK, "planning", "deduction"])]
    with open_store(tmp_path / "s.duckdb") as store:
        import_file(store, _write(tmp_path / "import.jsonl", rows[:2]))
        analyze(store, only=["sentences", *names], workers=0)
        stored, where = stored_predictions(store, path)
        assert sorted(where) == ["t/0", "t/1"]
        assert sentence_of(store, [(where["t/0"], 70)]) == {(where["t/0"], 70): 2}
    again = evaluate(gold, stored)
    assert (direct.n_traces, again.n_traces, again.n_missing) == (3, 2, 1)
    assert any(spans for spans in stored.by_trace.values())
    one = evaluate(_write(tmp_path / "one.jsonl", rows[:2]))
    assert [r.flat() for r in one.rows] == [r.flat() for r in again.rows]


# --- what ships --------------------------------------------------------------------------------


def test_publishing_is_reproducible_and_holds_no_text(
    gold: Path, found: Path, tmp_path: Path
) -> None:
    apart = [{**row, "reasoning": TEXT.replace("0", str(i))} for i, row in enumerate(GOLD)]
    _write(gold / "hand.jsonl", apart)
    _write(
        gold / "other.jsonl",
        [_gold("x/a", [2, 4], source="other"), _gold("y", [1], source="llm", annotator="llm:j")],
    )
    guide = tmp_path / "docs" / "behaviours.md"
    guide.parent.mkdir()
    guide.write_text(f"# Guide\n\n{cards.BEGIN}\nstale\n{cards.END}\n\nEnd\n", encoding="utf-8")
    written = [
        publish.publish(gold, predictions=found, detector="d 1", out=tmp_path / name, root=tmp_path)
        for name in ("one.json", "two.json")
    ]
    assert written[0].read_bytes() == written[1].read_bytes()
    made = json.loads(written[0].read_text(encoding="utf-8"))
    assert made["split"] == publish.OUT_OF_FOLD
    assert TEXT[:30] not in written[0].read_text(encoding="utf-8")
    # Two people labelled the text of a: it counts once, in the larger source.
    people = [r for r in made["pooled"] if r["annotator_kind"] == "human"]
    assert {(r["family"], r["n_traces"]) for r in people} == {
        ("R1-like", 1),
        ("QwQ", 2),
        (accuracy.ALL, 3),
    }
    text = guide.read_text(encoding="utf-8")
    assert text.startswith("# Guide")
    assert text.endswith("End\n")
    assert "stale" not in text
    assert "| backtracking | R1-like | people | 1 | 3 (few) | .33 |" in text
    assert (tmp_path / cards.CARD).read_text(encoding="utf-8").startswith("# Behaviours")


def _row(label: str, family: str, tp: int, n: int, kind: str = "human") -> dict[str, Any]:
    ends = {"precision_low": 0.1, "precision_high": 0.9}
    return {
        "label": label,
        "family": family,
        "tp": tp,
        "n_predicted": n,
        "annotator_kind": kind,
        "precision": tp / n if n else None,
        **ends,
    }


def test_what_the_reader_is_told() -> None:
    table = accuracy.Published(
        "d", "out of fold", (), (
            _row(BACK, "R1-like", 70, 100), _row(BACK, "R1-like", 90, 100, "llm"),
            _row(BACK, "QwQ", 3, 7), _row(BACK, "gpt-oss", 40, 100, "llm"),
            _row(BACK, accuracy.ALL, 50, 100), _row("final", "QwQ", 0, 0),
        ), {}, {},
    )  # fmt: skip

    def told(label: str, model: str | None) -> str | None:
        found = accuracy.measured(label, model, table)
        return found.text if found else None

    assert told(BACK, "DeepSeek-R1") == "right 7 times in 10 on R1-like traces"
    assert told(BACK, "QwQ-32B") == "right in 3 of 7 cases on QwQ traces"
    assert told(BACK, "gpt-oss-20b") == "right 4 times in 10 on gpt-oss traces, judged by an LLM"
    assert told(BACK, "kimi-k2") == "right 5 times in 10 on other models (not measured on Kimi)"
    assert told(BACK, None) == "right 5 times in 10 on all models measured"
    assert told("final", "QwQ-32B") is None
    by_rules = accuracy.measured(BACK, "DeepSeek-R1", replace(table, split=accuracy.RULES))
    assert by_rules is not None
    assert by_rules.text == "right 7 times in 10 on R1-like traces, by rules alone"
    one = accuracy.measured(BACK, "DeepSeek-R1", table)
    assert one is not None
    assert (one.precision, one.n, one.family, one.low) == (0.7, 100, "R1-like", 0.1)


def test_the_shipped_table_is_whole_and_described(root: Path) -> None:
    shipped = accuracy.published()
    assert shipped.rows
    assert "train" not in shipped.split
    for row in shipped.rows:
        assert describe(row["source"]) is not None, row["source"]
        assert row["tp"] + row["fp"] == row["n_predicted"]
        assert row["tp"] + row["fn"] == row["n"]
    assert {row["label"] for row in shipped.rows} >= {BACK, "verification", "verification_start"}
    card = (root / cards.CARD).read_text(encoding="utf-8")
    assert card == cards.make_card(cards._shipped())


def test_the_example_of_the_guide_is_in_the_form(root: Path, tmp_path: Path) -> None:
    text = (root / "docs" / "evaluation.md").read_text(encoding="utf-8")
    example = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert example is not None
    trace = next(read_gold(_write(tmp_path / "x.jsonl", [json.loads(example[1])])))
    cut = [trace.reasoning[s.start : s.end] for s in trace.segments]
    assert cut == ["It is 6.", "No, wait: it is 5.", "Check: 5 - 3 = 2."]
