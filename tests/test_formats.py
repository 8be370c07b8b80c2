"""Records to traces: what each shape of record is read as, and that nothing is lost."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.formats import registry
from analysis.formats.base import ROW_NOT_READ
from analysis.formats.containers import Record, open_records
from analysis.formats.fields import ALIASES, REASONING_KEYS, RESPONSE_KEYS
from analysis.formats.registry import FORMATS, FileHint, read_record
from analysis.formats.token_doubts import NEGATIVE, TOO_MANY, ZERO
from analysis.model import ReasoningKind, Rejected, SplitMethod, Trace
from tests.format_cases import CASES, USER
from tests.format_strategies import SCALARS, VALUES


def traces(value: Any, **hint: Any) -> list[Trace]:
    found = read_record(value, hint=FileHint(**hint))
    assert isinstance(found, list), found
    return found


@pytest.mark.parametrize("name", CASES)
def test_table(name: str) -> None:
    value, format_id, expected = CASES[name]
    found = traces(value)
    assert len(found) == len(expected)
    for trace, wanted in zip(found, expected, strict=True):
        assert trace.format_id == format_id
        for field, want in wanted.items():
            have = {w.code for w in trace.warnings} if field == "codes" else getattr(trace, field)
            assert have == want or (field == "codes" and want <= have), field


REJECTED: list[tuple[Any, str, str]] = [
    (None, "not_an_object", "null"),
    (3, "not_an_object", "int"),
    ("x", "not_an_object", "str"),
    ([], "not_an_object", "no chat turns"),
    ([1, 2], "not_an_object", "no chat turns"),
    ({}, "no_text", "keys: none"),
    ({"gold": "1", "pred": "2"}, "no_text", "keys: gold, pred."),
    ({"question": "q"}, "no_text", "keys: question."),
    ({"question": "q", "answer": "  "}, "no_text", "keys: question, answer."),
    ({"messages": [USER]}, "no_text", "keys: messages."),
    ({f"k{i}": i for i in range(20)}, "no_text", "and 8 more"),
]


@pytest.mark.parametrize(("value", "code", "reason"), REJECTED)
def test_rejected(value: Any, code: str, reason: str) -> None:
    found = read_record(value, hint=FileHint())
    assert isinstance(found, Rejected)
    assert found.code == code
    assert reason in found.reason


def test_hint() -> None:
    """The data set that the person names wins, and the row's own name is kept."""
    row = {"reasoning": "r", "dataset": "own"}
    assert traces(row)[0].dataset == "own"
    assert traces(row, dataset="named")[0].dataset == "named"
    hint = FileHint()
    for _ in range(3):
        read_record(row, hint=hint)
    assert hint.prior == {"generic": 3}


def test_format_on_request() -> None:
    row = {"question": "q", "response": "<think>r</think>a"}
    for format_id in ("generic", "think_text"):
        found = read_record(row, hint=FileHint(), format_id=format_id)
        assert isinstance(found, list)
        assert found[0].format_id == format_id
    for format_id, code in (("chat_completion", "no_text"), ("nonesuch", "unknown_format")):
        refused = read_record(row, hint=FileHint(), format_id=format_id)
        assert isinstance(refused, Rejected)
        assert refused.code == code


def test_unread_rows_of_a_wrapper_are_kept() -> None:
    found = traces({"results": [{"x": 1}, {"prompt": "q", "output": "a"}]})
    assert len(found) == 1
    assert found[0].metadata["rows_not_read"] == [{"x": 1}]
    assert [w.code for w in found[0].warnings] == ["row_not_read"]


def test_a_bug_in_a_format_is_contained(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(value: Any, hint: FileHint) -> list[Trace]:
        raise KeyError("secret text")

    only = registry.Format("broken", "", lambda value: 1.0, broken)
    monkeypatch.setattr(registry, "possible", lambda value: (only,))
    found = read_record({"reasoning": "r"}, hint=FileHint())
    assert isinstance(found, Rejected)
    assert found.code == "reader_failed"
    assert "secret" not in found.reason


def test_formats_are_named_once() -> None:
    ids = [f.id for f in FORMATS]
    assert len(set(ids)) == len(ids)
    assert all(f.title for f in FORMATS)


def test_aliases_are_in_one_place_only() -> None:
    names = [name for found in ALIASES.values() for name in found]
    assert len(names) == len(set(names))
    assert not {*REASONING_KEYS} & {*RESPONSE_KEYS}


def test_codes_and_formats_are_documented(root: Path) -> None:
    """Every warning, every reason for quarantine and every format stands in docs/formats.md."""
    text = (root / "docs" / "formats.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`([a-z_0-9]+)`", text))
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in (root / "analysis" / "formats").glob("*.py")
    )
    call = r"(?:warn|_warn|_note|Warning_|Rejected)\(\s*\"([a-z_0-9]+)\""
    codes = set(re.findall(call, source)) | {NEGATIVE, ROW_NOT_READ, TOO_MANY, ZERO}
    assert len(codes) > 30
    assert codes <= documented
    assert {f.id for f in FORMATS} <= documented
    tables = text.split("## Warnings")[1]
    rows = set(re.findall(r"^\| ([^|]+) \|", tables, re.MULTILINE)) - {"code", "---"}
    assert {code for row in rows for code in re.findall(r"`([a-z_0-9]+)`", row)} == codes


def test_the_documented_example_works(root: Path, tmp_path: Path) -> None:
    text = (root / "docs" / "adding_a_format.md").read_text(encoding="utf-8")
    path = tmp_path / "my_server.py"
    path.write_text(text.split("```python\n")[1].split("```")[0], encoding="utf-8")
    body = load(path).BODY
    value = {
        "request": {"messages": [USER], "reasoning_effort": "low"},
        "response": {
            "model": "m",
            "my_reply": {"why": "r", "what": "a"},
            "usage": {"output_tokens": 3},
        },
    }
    (trace,) = body.read_value(value, FileHint())
    assert (trace.question, trace.reasoning, trace.answer) == ("q", "r", "a")
    assert (trace.model, trace.effort, trace.completion_tokens) == ("m", "low", 3)


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- properties ---------------------------------------------------------------------------------


@settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(VALUES, st.sampled_from([None, *(f.id for f in FORMATS)]))
def test_any_value_gives_traces_or_a_reason(value: Any, format_id: str | None) -> None:
    """No value makes any format raise, and every trace is well formed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_contained", lambda found, value, hint: found.read(value, hint))
        found = read_record(value, hint=FileHint(), format_id=format_id)
    if isinstance(found, Rejected):
        assert found.code
        assert found.reason.endswith((".", "…"))
        return
    assert found
    for trace in found:
        check_types(trace)


def check_types(trace: Trace) -> None:
    for field in fields(Trace):
        value = getattr(trace, field.name)
        if str(field.type).startswith("str") and value is not None:
            assert isinstance(value, str), field.name
        elif str(field.type).startswith("int") and value is not None:
            assert type(value) is int, field.name
            assert 0 <= value < 2**63, field.name
    assert trace.sample_index < 2**31
    assert trace.reasoning is None or trace.reasoning.strip()
    assert trace.answer is None or trace.answer.strip()
    if trace.truncated:
        assert trace.answer is None
    if trace.reasoning:
        assert trace.reasoning_kind in (ReasoningKind.VISIBLE, ReasoningKind.SUMMARY)
        assert trace.split_method is not SplitMethod.NONE
    else:
        assert trace.reasoning_kind is not ReasoningKind.VISIBLE


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8).map(lambda k: "x_" + k),
        SCALARS.filter(lambda v: v is not None),
        max_size=5,
    )
)
def test_unknown_keys_are_kept(extra: dict[str, Any]) -> None:
    row = {"question": "q", "reasoning": "r", "answer": "a", **extra}
    assert traces(row)[0].metadata == extra


@given(st.text(min_size=1).filter(str.strip), st.text(min_size=1).filter(str.strip))
def test_texts_in_their_own_keys_stay_as_they_are(reasoning: str, answer: str) -> None:
    (trace,) = traces({"question": "q", "thinking": "R " + reasoning, "output": answer})
    assert trace.reasoning == "R " + reasoning
    assert trace.answer == answer or trace.raw_response == answer


# --- files --------------------------------------------------------------------------------------


def read_file(path: Path) -> Iterator[tuple[Record, list[Trace] | Rejected]]:
    hint = FileHint(name=path.name)
    for record in open_records(path):
        if not record.blank:
            yield record, record.rejected or read_record(record.value, hint=hint)


def test_sample_traces(samples: Path) -> None:
    """Every line of every sample is a trace, but the two that are broken on purpose."""
    paths = sorted(samples.glob("*.jsonl"))
    assert paths
    for path in paths:
        refused = [r.line_no for r, found in read_file(path) if isinstance(found, Rejected)]
        assert refused == ([3, 5] if path.stem == "interrupted_dump" else []), path.name
        for _, found in read_file(path):
            for trace in found if isinstance(found, list) else []:
                check_types(trace)
                assert trace.question
                assert trace.model


@pytest.mark.shared
def test_annotated_corpora_stay_as_they_are(shared: Path) -> None:
    """Spans count characters of the text as it stands, and ids and data sets are the rows' own."""
    for path in sorted((shared / "data").glob("*/*.jsonl")):
        if (
            path.parent.name not in ("behaviours", "languages", "overthinking")
            or path.stem == "verify_pairs"
        ):
            continue
        for record, found in read_file(path):
            row = record.value
            assert isinstance(row, dict)
            assert isinstance(found, list), (path.name, record.line_no)
            (trace,) = found
            if path.parent.name == "languages":
                assert (trace.reasoning, trace.external_id) == (row["text"], row["id"])
                assert trace.target_language == row["matrix"]
                assert trace.metadata["spans"] == row["spans"]
            elif path.parent.name == "behaviours":
                assert (trace.reasoning, trace.external_id) == (row["reasoning"], row["trace_id"])
                assert (trace.question_id, trace.dataset) == (row["problem_id"], row["source"])
                assert trace.metadata["segments"] == row["segments"]
            else:
                assert trace.reasoning == (row["thinking"] or None) or trace.truncated
                assert (trace.gold_answer, trace.correct) == (row["gold"], row["correct"])
                assert (trace.dataset, trace.effort) == (row["source"], row["effort"])
                assert trace.sample_index == row["sample_idx"]
                assert (trace.probes is None) == (row["probes"] is None)


def test_wrappers_stand_in_one_another() -> None:
    """A run of questions, each with its samples; ids are no models where a model is stated."""
    samples = [{"reasoning": "It is 2.", "answer": "2"}, {"reasoning": "It is 3.", "answer": "3"}]
    found = read_record(
        {"model": "heron", "results": [{"problem": "1+1?", "responses": samples}]}, hint=FileHint()
    )
    assert isinstance(found, list)
    assert [(t.question, t.answer, t.sample_index, t.model) for t in found] == [
        ("1+1?", "2", 0, "heron"),
        ("1+1?", "3", 1, "heron"),
    ]
    found = read_record(
        {
            "model": "heron",
            "results": {"q1": {"question": "1+1?", "response": "<think>a</think>2"}},
        },
        hint=FileHint(),
    )
    assert isinstance(found, list)
    assert [(t.external_id, t.question, t.reasoning, t.model) for t in found] == [
        ("q1", "1+1?", "a", "heron")
    ]


def test_labels_of_steps_are_no_gold_answer() -> None:
    found = read_record(
        {
            "problem": "1+1?",
            "steps": ["1+1 = 3", "So 3."],
            "label": 0,
            "final_answer_correct": False,
        },
        hint=FileHint(),
    )
    assert isinstance(found, list)
    assert (found[0].reasoning, found[0].gold_answer, found[0].correct) == (
        "1+1 = 3\n\nSo 3.",
        None,
        False,
    )
    assert found[0].metadata["label"] == 0
