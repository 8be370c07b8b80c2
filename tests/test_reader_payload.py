"""What the reading surface is sent: segments, offsets, roles, key numbers."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.model import MetricSpec
from analysis.ui import palette
from analysis.ui.reader import facts, parse_at, parse_layers, payload, wire
from analysis.ui.reader.segments import Segment, flatten, sentence_starts
from analysis.views.reader import FindingRow, ReaderView, SentenceRow
from tests import reader_dump

SPANS = st.lists(
    st.tuples(st.integers(-3, 40), st.integers(-3, 40), st.integers(0, 4)), max_size=12
)


def trace(**changes: Any) -> dict[str, Any]:
    return {
        "trace_id": "t",
        "reasoning": None,
        "reasoning_kind": "visible",
        "answer": None,
        "extracted_answer": None,
        "gold_answer": None,
        "correct": None,
        "correct_source": None,
        "probes": None,
        "metadata": {},
        **changes,
    }


def finding(
    label: str, start: int, end: int, value: str | None = None, **evidence: Any
) -> FindingRow:
    return FindingRow("demo", "2", label, start, end, 0.87654, value, evidence)


def view(
    text: str | None,
    *,
    sentences: tuple[SentenceRow, ...] = (),
    findings: tuple[FindingRow, ...] = (),
    metrics: dict[str, Any] | None = None,
    **changes: Any,
) -> ReaderView:
    return ReaderView(
        trace(reasoning=text, **changes), "file.jsonl", sentences, findings, metrics or {}, (), ()
    )


def sent(shown: ReaderView, **options: Any) -> dict[str, Any]:
    made = payload(shown, definitions={"verification": "A check."}, specs={}, **options)
    json.dumps(made)  # it must travel as JSON
    return made


@pytest.mark.parametrize(
    ("spans", "cuts", "expected"),
    [
        ([], [3], []),
        ([(2, 5, 0)], [], [(2, 5, (0,))]),
        # Overlapping labels, then one inside another, then two of one label that touch.
        ([(0, 4, 0), (2, 6, 1)], [], [(0, 2, (0,)), (2, 4, (0, 1)), (4, 6, (1,))]),
        ([(0, 9, 1), (3, 5, 0)], [], [(0, 3, (1,)), (3, 5, (0, 1)), (5, 9, (1,))]),
        ([(0, 3, 2), (3, 6, 2)], [], [(0, 3, (2,)), (3, 6, (2,))]),
        # The same span twice is one; a sentence start inside a span cuts it.
        ([(1, 4, 0), (1, 4, 0)], [], [(1, 4, (0,))]),
        ([(1, 8, 0)], [0, 4, 10], [(1, 4, (0,)), (4, 8, (0,))]),
        # Beyond the text, empty, turned round.
        ([(-5, 2, 0), (8, 99, 1), (4, 4, 2), (6, 5, 3)], [], [(0, 2, (0,)), (8, 10, (1,))]),
    ],
)
def test_flatten_by_hand(spans: Any, cuts: Any, expected: Any) -> None:
    assert flatten(spans, cuts, 10) == [Segment(*segment) for segment in expected]


@given(SPANS, st.lists(st.integers(-2, 42), max_size=6), st.integers(0, 38))
def test_flatten_covers_each_character_with_exactly_its_labels(
    spans: list[tuple[int, int, int]], cuts: list[int], length: int
) -> None:
    segments = flatten(spans, cuts, length)
    painted: dict[int, tuple[int, ...]] = {}
    for segment in segments:
        assert 0 <= segment.start < segment.end <= length
        for place in range(segment.start, segment.end):
            assert place not in painted
            painted[place] = segment.labels
    for place in range(length):
        labels = {label for start, end, label in spans if start <= place < end}
        assert painted.get(place, ()) == tuple(sorted(labels))
    borders = {b for start, end, _ in spans if start < end for b in (start, end)} | set(cuts)
    for segment in segments:
        assert not any(segment.start < border < segment.end for border in borders)
    assert segments == sorted(segments, key=lambda segment: segment.start)


@given(st.text(alphabet="ab\n😀", max_size=30), st.lists(st.integers(-3, 35), max_size=8))
def test_the_pieces_of_a_text_tile_it(text: str, starts: list[int]) -> None:
    pieces = sentence_starts(starts, text)
    ends = [*pieces[1:], len(text)] if text else []
    assert "".join(text[a:b] for a, b in zip(pieces, ends, strict=True)) == text
    assert all(a < b for a, b in zip(pieces, ends, strict=True))


def test_without_sentences_the_pieces_are_lines() -> None:
    assert sentence_starts([], "one\n\ntwo\n") == [0, 4, 5]


def test_offsets_stay_code_points() -> None:
    text = "😀 so 🙂 wait."
    start = text.index("wait")
    made = sent(
        view(
            text,
            sentences=(SentenceRow(0, 0, start, 0), SentenceRow(1, start, len(text), 1)),
            findings=(finding("backtracking", start, len(text)),),
        )
    )
    assert made["text"] == text
    assert made["starts"] == [0, start]
    assert made["thoughts"] == [0, 1]
    assert made["segments"] == [[start, len(text), 0]]
    assert made["combinations"] == [[0]]
    assert made["scale"] == len(text) == 12


def test_labels_are_counted_and_said() -> None:
    made = sent(
        view(
            "x" * 20,
            findings=(
                finding("verification", 0, 9),
                finding("verification", 4, 6),
                finding(
                    "of a plug-in",
                    1,
                    2,
                    rule_name="r",
                    hits=3,
                    ratio=0.123456,
                    sure=True,
                    because=["'wait'", "opens a check", 0.25],
                    parts={"a": None},
                ),
            ),
        )
    )
    assert [(label["name"], label["count"]) for label in made["labels"]] == [
        ("verification", 2),
        ("of a plug-in", 1),
    ]
    assert made["labels"][0]["definition"] == "A check."
    assert made["labels"][1]["title"] == "Of a plug-in"
    last = made["findings"][2]
    assert last["score"] == 0.877
    assert last["source"] == "demo 2"
    assert last["evidence"] == [
        ["rule name", "r"],
        ["hits", "3"],
        ["ratio", "0.1235"],
        ["sure", "yes"],
        ["because", "'wait', opens a check, 0.25"],
        ["parts", "a: –"],
    ]


def test_long_evidence_is_cut() -> None:
    made = sent(view("xyz", findings=(finding("loop", 0, 3, value="v" * 900, raw="w" * 900),)))
    assert len(made["findings"][0]["value"]) == 400
    assert made["findings"][0]["evidence"][0][1].endswith("…")


def test_candidate_answers_are_right_or_final_by_value() -> None:
    candidates = [finding("candidate_answer", n, n + 1, value) for n, value in enumerate("583")]
    candidates.append(finding("candidate_answer", 4, 6, r"\frac{10}{2}"))
    made = sent(
        view(
            "5 8 3 10/2", findings=tuple(candidates), gold_answer="5", metrics={"final_answer": "8"}
        )
    )
    assert [f["role"] for f in made["findings"]] == ["right", "final", None, "right"]


def test_the_tail_begins_where_the_final_answer_first_stood() -> None:
    assert sent(view("x" * 200, metrics={"first_final_frac": 0.25}))["tail"] == 50
    assert sent(view("x" * 200, metrics={"first_final_frac": None}))["tail"] is None
    assert sent(view("x" * 200))["tail"] is None


def test_the_strip_has_rounds_and_where_answers_stood() -> None:
    candidates = (
        finding("candidate_answer", 10, 12, "5", round=0, cluster=0, new=True),
        finding("candidate_answer", 20, 22, "5", round=1, cluster=0, new=False),
        # The same round said again, a bare mention, another label, numbers that make no sense.
        finding("candidate_answer", 24, 26, "5", round=1, cluster=0, new=False),
        finding("candidate_answer", 27, 28, "5"),
        finding("verification", 30, 33, None, round=2, new=True),
        finding("candidate_answer", 34, 36, "5", round="2", new=True),
        finding("candidate_answer", 60, 99, "8", round=3, cluster=1, new=True),
    )
    made = sent(view("x" * 80, findings=candidates, metrics={"first_correct_frac": 0.15}))
    assert made["rounds"] == [[0, 12, 1], [12, 22, 0], [22, 80, 1]]
    assert (made["right"], made["tail"]) == (12, None)


def test_the_strip_without_candidates() -> None:
    made = sent(view("x" * 80))
    assert (made["rounds"], made["right"], made["tail"]) == ([], None, None)


def test_a_place_beyond_the_text_is_no_place() -> None:
    shown = view("One. Two.", sentences=(SentenceRow(0, 0, 5, 0), SentenceRow(1, 5, 9, 0)))
    assert sent(shown, at=1)["at"] == 1
    assert sent(shown, at=2)["at"] is None


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("encrypted", "encrypted"),
        ("hidden", "provider does not give"),
        ("redacted", "took the reasoning out"),
        ("none", "No reasoning in this record"),
        ("visible", "empty"),
    ],
)
def test_no_reasoning_is_said(kind: str, says: str) -> None:
    for nothing in (None, ""):
        made = sent(view(nothing, reasoning_kind=kind))
        assert says in made["absence"]
        assert made["starts"] == made["segments"] == made["thoughts"] == []
    assert sent(view("Some.", reasoning_kind=kind))["absence"] is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), ("", []), ("a,b", ["a", "b"]), (" a ,,b,", ["a", "b"])],
)
def test_layers_of_a_link(value: str | None, expected: list[str] | None) -> None:
    assert parse_layers(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("0", 0),
        ("41", 41),
        ("-1", None),
        ("1e3", None),
        ("٣", None),
        ("9" * 40, None),
    ],
)
def test_sentence_of_a_link(value: str | None, expected: int | None) -> None:
    assert parse_at(value) == expected


@pytest.mark.parametrize(
    ("kind", "unit", "span", "value", "expected"),
    [
        ("number", "share", "0-1", 0.61, "61 %"),
        ("number", "share of characters", "0-1", 0.1234, "12.3 %"),
        ("number", "ratio", "0-1", 0.5, "0.5"),
        ("integer", "tokens", ">= 0", 12345.0, "12,345 tokens"),
        ("integer", "tokens", ">= 0", 1.0, "1 token"),
        ("integer", "thoughts", ">= 0", 3.0, "3"),
        ("boolean", "", "true/false", 1.0, "yes"),
        ("boolean", "", "true/false", 0.0, "no"),
        ("text", "", "text", "24", "24"),
        ("number", "share", "0-1", None, facts.UNDEFINED),
    ],
)
def test_metrics_as_people_read_them(
    kind: str, unit: str, span: str, value: Any, expected: str
) -> None:
    assert facts.metric_text(MetricSpec("m", "M", unit, span, "", "", kind), value) == expected


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@given(st.text(max_size=30))
def test_every_label_has_a_look_of_enough_contrast(label: str) -> None:
    look = palette.style(label)
    assert look == palette.style(label)
    assert look.line in palette.LINES
    assert _contrast(look.light, "#ffffff") >= 3
    assert _contrast(look.dark, "#171614") >= 3


def test_our_labels_look_different() -> None:
    ours = ["backtracking", "verification", "verification_start", "candidate_answer",
            "language_mixing", "repetition", "loop"]  # fmt: skip
    looks = {(palette.style(label).light, palette.style(label).line) for label in ours}
    assert len(looks) == len(ours)
    assert palette.ordered(["zeta", "loop", "alpha", "backtracking"]) == [
        "backtracking", "loop", "alpha", "zeta",
    ]  # fmt: skip


def test_what_travels_is_what_was_said() -> None:
    """By column, each value once; numbers as numbers, no text twice."""
    text = "答案 😀 " * 40
    made = sent(
        view(
            text,
            findings=(
                *(finding("loop", n, n + 2, "同じ", rule="r") for n in range(30)),
                finding("verification", 40, 44, None, rule="other"),
            ),
        )
    )
    made["findings"][3]["orphan"] = True
    bytes_ = wire.packed(made)
    assert text.encode() in bytes_.replace(b"\\n", b"\n")
    assert bytes_.count("同じ".encode()) == 1
    again = reader_dump.unpacked(bytes_)
    assert again == {
        **made,
        "findings": [{**f, "orphan": f.get("orphan")} for f in made["findings"]],
    }
    assert reader_dump.unpacked(wire.packed({**made, "findings": []}))["findings"] == []


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ([1, 2, 2], [1, 2, 2]),
        ([0.5, 1], [0.5, 1]),
        (["a", "b", "a"], {"of": ["a", "b"], "at": [0, 1, 0]}),
        (["a", "a"], {"of": ["a"]}),
        ([None, None], {"of": [None]}),
        # What equals for Python stays apart; lists are values too.
        ([1, True, None], {"of": [1, True, None], "at": [0, 1, 2]}),
        ([["x", 1], ["x", 1], []], {"of": [["x", 1], []], "at": [0, 0, 1]}),
        (["1", 1], {"of": ["1", 1], "at": [0, 1]}),
    ],
)
def test_columns_by_hand(values: list[Any], column: Any) -> None:
    assert json.loads(orjson.dumps(wire.columns([{"k": v} for v in values]))) == {
        "rows": len(values),
        "columns": {"k": column},
    }
