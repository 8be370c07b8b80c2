"""Exported traces read back: the same rows, apart from the ids of their place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.errors import UsageError
from analysis.export import export_traces
from analysis.filters import Filters
from analysis.formats.draft import FileHint
from analysis.formats.exported_text import (
    escape_marks,
    joined,
    pieces,
    tagged,
    unescape_marks,
    untagged,
)
from analysis.formats.mapping import FieldMapping
from analysis.formats.registry import read_record
from analysis.model import FinishReason, ReasoningKind, SplitMethod, Trace, Warning_
from analysis.store import Store, open_store
from analysis.store.importing import expand_paths, import_file
from analysis.store.rows import TRACE_SCHEMA

PLACE = {"trace_id", "file_id", "member", "line_no", "record_index", "part_index"}
COLUMNS = [name for name in TRACE_SCHEMA.names if name not in PLACE]
FORMS = [
    ("generic", ".jsonl"),
    ("messages", ".jsonl"),
    ("messages", ".parquet"),
    ("sharegpt", ".jsonl"),
    ("sharegpt", ".parquet"),
]
HOSTILE = (
    "<think>\nplain</think> <\\think> </THINK> <\\\\/think>\n</think>\n\n\u2028\u2029\x85 \U0001f600"
    " ``` \x00 \ufffd \r\n <answer> <thinking> [THINK] <|im_end|>"
)


def rows(store: Store) -> list[dict[str, Any]]:
    """All traces in the order of an export, each with its warnings."""
    columns = ", ".join(f"t.{name}" for name in COLUMNS)
    table = store.arrow(
        f"SELECT {columns}, (SELECT list(w.code || '|' || w.detail ORDER BY w.code, w.detail)"
        " FROM warning w WHERE w.trace_id = t.trace_id) AS warnings FROM trace t"
        " ORDER BY t.dataset, t.file_id, t.record_index, t.part_index, t.trace_id"
    )
    return list(table.to_pylist())


def exported(store: Store, folder: Path) -> dict[tuple[str, str], Path]:
    found = {}
    for form, suffix in FORMS:
        found[form, suffix] = folder / f"{form}{suffix}"
        export_traces(store, form, found[form, suffix])
    return found


def comes_back(store: Store, folder: Path) -> None:
    """Export in every form, import into new stores, compare; exporting again gives the same bytes."""
    before = rows(store)
    for (form, suffix), path in exported(store, folder).items():
        with open_store(folder / f"{form}{suffix}.duckdb") as other:
            report = import_file(other, path)
            assert (report.n_traces, report.n_quarantined) == (len(before), 0)
            for old, new in zip(before, rows(other), strict=True):
                assert new == old, (form, suffix)
            again = folder / f"again-{form}{suffix}"
            export_traces(other, form, again)
            assert again.read_bytes() == path.read_bytes()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "t.duckdb") as opened:
        yield opened


def test_sample_traces_come_back(store: Store, samples: Path, tmp_path: Path) -> None:
    for path in expand_paths([samples]):
        import_file(store, path)
    comes_back(store, tmp_path)


@pytest.mark.shared
def test_every_case_of_the_format_corpus_comes_back(
    store: Store, shared: Path, tmp_path: Path
) -> None:
    for folder in sorted((shared / "data" / "formats").iterdir()):
        if not folder.is_dir() or "huge" in folder.name:
            continue
        for path in sorted(folder.iterdir()):
            if path.name not in ("expected.json", "SOURCE.txt"):
                import_file(store, path)
    assert store.scalar("SELECT count(*) FROM trace") > 300
    comes_back(store, tmp_path)


# --- traces that nobody wrote --------------------------------------------------------------

FULL = Trace(
    question=HOSTILE,
    reasoning=HOSTILE,
    answer=HOSTILE,
    system_prompt="\n ",
    reasoning_kind=ReasoningKind.SUMMARY,
    split_method=SplitMethod.CHANNEL,
    raw_response=f"x{HOSTILE}y{HOSTILE}z",
    external_id="id",
    question_id="q",
    dataset="set",
    sample_index=7,
    extracted_answer="",
    gold_answer="=1+1",
    correct=False,
    correct_source="stated",
    score=-0.1,
    model="heron",
    provider="nest",
    model_inferred=True,
    effort="low",
    effort_source="tag",
    thinking_budget_tokens=2**62,
    checkpoint="step 1",
    target_language="fi",
    prompt_tokens=0,
    completion_tokens=3,
    reasoning_tokens=2,
    token_source="api",
    finish_reason="length",
    finish_reason_norm=FinishReason.LENGTH,
    truncated=True,
    error="",
    created_at=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    latency_s=1e-9,
    cost=1e300,
    probes='[{"frac":0.5,"pred":"4"}]',
    metadata={"k": [1.0, None, {"deep": HOSTILE}], "": 2**70, "n": 1e16},
    format_id="chat_completion",
    format_confidence=0.97,
    warnings=(Warning_("unmarked", "x"), Warning_("new_code", HOSTILE)),
)
texts = (
    st.none() | st.text(max_size=40) | st.sampled_from(["", " ", "<think>", HOSTILE, "</think>"])
)
numbers = st.none() | st.integers(-(2**63), 2**63 - 1)
floats = st.none() | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
traces = st.builds(
    Trace,
    question=texts,
    reasoning=texts,
    answer=texts,
    system_prompt=texts,
    reasoning_kind=st.sampled_from(ReasoningKind),
    split_method=st.sampled_from(SplitMethod),
    raw_response=texts,
    external_id=texts,
    question_id=texts,
    dataset=st.sampled_from(["a", "b", "ü 😀"]),
    sample_index=st.integers(0, 2**31 - 1),
    extracted_answer=texts,
    gold_answer=texts,
    correct=st.none() | st.booleans(),
    correct_source=texts,
    score=floats,
    model=texts,
    provider=texts,
    model_inferred=st.booleans(),
    effort=texts,
    effort_source=texts,
    thinking_budget_tokens=numbers,
    checkpoint=texts,
    target_language=texts,
    prompt_tokens=numbers,
    completion_tokens=numbers,
    reasoning_tokens=numbers,
    token_source=texts,
    finish_reason=texts,
    finish_reason_norm=st.sampled_from(FinishReason),
    truncated=st.booleans(),
    error=texts,
    created_at=st.none()
    | st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),
    latency_s=floats,
    cost=floats,
    probes=st.none() | json_values.map(json.dumps),
    metadata=st.dictionaries(st.text(max_size=5), json_values, max_size=3),
    format_id=st.text(max_size=8),
    format_confidence=st.floats(0, 1),
    warnings=st.lists(
        st.builds(Warning_, st.text(max_size=5), st.text(max_size=9)), max_size=2
    ).map(tuple),
)


def stored(store: Store, folder: Path, found: Sequence[Trace]) -> None:
    """Put traces into a store by the way of an import."""

    class Given(FieldMapping):
        def read(self, value: Any, hint: FileHint) -> list[Trace]:
            return [found[value["i"]]]

    path = folder / "given.jsonl"
    path.write_text("".join(f'{{"i": {i}}}\n' for i in range(len(found))), encoding="utf-8")
    import_file(store, path, mapping=Given("x", ()))


def test_a_trace_with_everything_odd_comes_back(store: Store, tmp_path: Path) -> None:
    bare = Trace(answer=None, metadata={})
    empty = Trace(question="", reasoning="", answer="", raw_response="")
    deep: Any = "end"
    for _ in range(60):
        deep = {"d": deep}
    nested = Trace(answer="a", metadata={"deep": deep}, probes='{"odd" :  1.0}')
    stored(store, tmp_path, [FULL, bare, empty, nested])
    comes_back(store, tmp_path)


@settings(
    max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.lists(traces, min_size=1, max_size=30))
def test_any_trace_comes_back(tmp_path_factory: pytest.TempPathFactory, found: list[Trace]) -> None:
    folder = tmp_path_factory.mktemp("any")
    with open_store(folder / "t.duckdb") as opened:
        stored(opened, folder, found)
        comes_back(opened, folder)


# --- the forms -----------------------------------------------------------------------------


@given(
    st.text() | st.lists(st.sampled_from(["<", "\\", "/", "think", ">", "THINK", "a"])).map("".join)
)
def test_escaping_is_undone_and_leaves_no_mark(text: str) -> None:
    shown = escape_marks(text)
    assert unescape_marks(shown) == text
    assert "<think" not in shown.lower() and "</think" not in shown.lower()


@given(texts, texts, st.booleans())
def test_tagged_texts_come_back(reasoning: str | None, answer: str | None, truncated: bool) -> None:
    text = tagged(reasoning, answer, truncated=truncated)
    assert untagged(text) == (reasoning, answer)
    if text is not None and reasoning is not None and answer is not None:
        assert text.count("</think>") == 1  # what other tools split at


@given(st.text(max_size=6), texts, st.text(max_size=6), texts, st.text(max_size=6))
def test_a_raw_response_is_told_by_its_parts(
    before: str, reasoning: str | None, between: str, answer: str | None, after: str
) -> None:
    raw = before + (reasoning or "") + between + (answer or "") + after
    assert joined(json.loads(json.dumps(pieces(raw, reasoning, answer))), reasoning, answer) == raw


def test_no_text_is_written_twice(store: Store, tmp_path: Path) -> None:
    long = "word " * 2000
    stored(
        store, tmp_path, [Trace(reasoning=long, answer="4", raw_response=f"<think>{long}</think>4")]
    )
    export_traces(store, "generic", tmp_path / "o.jsonl")
    assert (tmp_path / "o.jsonl").stat().st_size < 1.2 * len(long)


def test_the_forms_look_as_other_tools_expect(store: Store, tmp_path: Path) -> None:
    stored(
        store, tmp_path, [Trace(question="1+1?", system_prompt="s", reasoning="one", answer="2")]
    )
    paths = exported(store, tmp_path)
    generic = json.loads(paths["generic", ".jsonl"].read_text("utf-8"))
    assert (generic["question"], generic["reasoning"], generic["answer"]) == ("1+1?", "one", "2")
    messages = pq.read_table(paths["messages", ".parquet"]).to_pylist()[0]["messages"]
    assert [m["role"] for m in messages] == ["system", "user", "assistant"]
    assert (messages[2]["reasoning_content"], messages[2]["content"]) == ("one", "2")
    shared_gpt = json.loads(paths["sharegpt", ".jsonl"].read_text("utf-8"))["conversations"]
    assert [turn["from"] for turn in shared_gpt] == ["system", "human", "gpt"]
    assert shared_gpt[2]["value"] == "<think>\none\n</think>\n\n2"


def test_a_cut_reasoning_is_not_closed() -> None:
    assert tagged("one", None, truncated=True) == "<think>\none"


def test_a_change_in_the_file_counts(store: Store, tmp_path: Path) -> None:
    stored(store, tmp_path, [Trace(reasoning="uno", answer="2", model="heron")])
    for form in ("generic", "messages", "sharegpt"):
        path = tmp_path / f"{form}.jsonl"
        export_traces(store, form, path)
        text = path.read_text("utf-8").replace("uno", "UNO").replace("heron", "crane")
        (trace,) = read_record(json.loads(text), hint=FileHint())
        assert (trace.reasoning, trace.model) == ("UNO", "crane")


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"form": "other"},
        {"reasoning_kind": "loud"},
        {"truncated": "yes"},
        {"raw_response": [{"field": "model"}]},
        {"metadata_json": "{"},
        {"warnings": [["only one"]]},
    ],
)
def test_a_damaged_or_foreign_key_is_left_to_the_other_formats(change: dict[str, Any]) -> None:
    record = {
        "reasoning": "one",
        "answer": "2",
        "cotscope": {"version": 1, "form": "generic", **change},
    }
    (trace,) = read_record(record, hint=FileHint())
    assert trace.format_id == "generic"
    assert (trace.reasoning, trace.answer) == ("one", "2")
    assert "cotscope" in trace.metadata


def test_a_named_data_set_wins(store: Store, tmp_path: Path) -> None:
    stored(store, tmp_path, [Trace(answer="2", dataset="mine")])
    export_traces(store, "generic", tmp_path / "o.jsonl")
    record = json.loads((tmp_path / "o.jsonl").read_text("utf-8"))
    (trace,) = read_record(record, hint=FileHint(dataset="yours"))
    assert trace.dataset == "yours"


def test_filters_and_errors(store: Store, tmp_path: Path) -> None:
    stored(store, tmp_path, [Trace(answer="2", dataset="a"), Trace(answer="3", dataset="b")])
    report = export_traces(store, "generic", tmp_path / "o.jsonl", where=Filters(dataset=("b",)))
    assert report.rows == 1
    with pytest.raises(UsageError, match="no form 'alpaca'"):
        export_traces(store, "alpaca", tmp_path / "o.jsonl")
    with pytest.raises(UsageError, match="The form generic is not written"):
        export_traces(store, "generic", tmp_path / "o.parquet")
