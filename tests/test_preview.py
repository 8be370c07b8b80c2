"""Previews: what is told of a file before it is imported is what an import then does."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import limits
from analysis.formats import codes
from analysis.formats.draft import FileHint
from analysis.formats.mapping import FieldMapping
from analysis.formats.preview import Preview, RecordPreview, preview
from analysis.formats.record_path import locate, parse_path
from analysis.formats.registry import read_record
from analysis.formats.suggest import path_options, suggest_mapping
from analysis.model import Trace
from analysis.store import open_store
from analysis.store.importing import import_file

PLAIN = {"id": "r1", "question": "1 + 1?", "reasoning": "One and one is two.", "answer": "2",
         "model": "heron", "effort": "low", "gold": "2", "correct": True, "colour": "red"}  # fmt: skip
TAGGED = {
    "prompt": "2 + 2?",
    "output": "<think>\nTwo and two.\n</think>\n\nIt is 4.",
    "llm": "o3-mini-high",
}
CHAT = {
    "id": "c1",
    "messages": [
        {"role": "user", "content": "old"},
        {"role": "assistant", "content": "answered"},
        {"role": "user", "content": "new"},
        {"role": "assistant", "reasoning_content": "I think.", "content": "I say."},
    ],
}
SAMPLES = {"problem": "3 + 3?", "generations": ["<think>a</think>six", "<think>b</think>seven"],
           "correctness": [True, False], "uuid": "u"}  # fmt: skip
ROLES = {"question": "4 + 4?", "solution": "We add them one by one and get eight.", "answer": "8"}


def write(folder: Path, *rows: Any, name: str = "d.jsonl") -> Path:
    path = folder / name
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def one(folder: Path, row: Any) -> RecordPreview:
    (record,) = preview(write(folder, row)).records
    return record


def paths(record: RecordPreview, part: int = 0) -> dict[str, tuple[str | None, str]]:
    return {f.field: (f.path, f.how) for f in record.traces[part].fields}


def test_each_field_is_told_with_its_place(tmp_path: Path) -> None:
    found = paths(one(tmp_path, PLAIN))
    assert found == {
        "question": ("question", "as it stands"),
        "reasoning": ("reasoning", "as it stands"),
        "answer": ("answer", "as it stands"),
        "external_id": ("id", "as it stands"),
        "gold_answer": ("gold", "as it stands"),  # the same text as the answer, told apart
        "correct": ("correct", "as it stands"),
        "model": ("model", "as it stands"),
        "effort": ("effort", "as it stands"),
    }
    assert one(tmp_path, PLAIN).traces[0].left == (("colour", '"red"'),)


def test_a_split_text_is_derived_and_so_is_an_effort_of_a_label(tmp_path: Path) -> None:
    record = one(tmp_path, TAGGED)
    found = paths(record)
    assert found["reasoning"] == ("output", "derived")
    assert found["answer"] == ("output", "derived")
    assert found["effort"] == ("llm", "derived")
    reasoning = record.traces[0].field("reasoning")
    assert reasoning is not None and "marks" in reasoning.note
    assert (reasoning.value, reasoning.chars) == ("Two and two.", 12)


def test_turns_samples_and_json_in_a_text(tmp_path: Path) -> None:
    chat = paths(one(tmp_path, CHAT))
    assert chat["question"][0] == "messages[2].content"
    assert chat["reasoning"][0] == "messages[3].reasoning_content"
    record = one(tmp_path, SAMPLES)
    assert record.n_traces == 2
    assert paths(record, 1)["answer"] == ("generations[1]", "derived")
    assert paths(record, 1)["correct"] == ("correctness[1]", "as it stands")
    packed = {"question": "q?", "output": json.dumps({"reasoning": "Hm hm hm.", "answer": "yes"})}
    for field, (path, _) in paths(one(tmp_path, packed)).items():
        assert path is None or locate(packed, parse_path(path)) is not None, field


def test_equal_values_are_told_apart_by_reading_without_them(tmp_path: Path) -> None:
    row = {"noise": 7, "answer": "7", "tokens": 7, "reasoning": "Seven.", "reasoning_tokens": 7, "x": True,
           "is_correct": True}  # fmt: skip
    found = paths(one(tmp_path, row))
    assert found["reasoning_tokens"][0] == "reasoning_tokens"
    assert found["correct"][0] == "is_correct"
    assert found["answer"][0] == "answer"


def test_an_unsure_reading_says_so_with_the_other_one(tmp_path: Path) -> None:
    record = one(tmp_path, ROLES)
    assert record.traces[0].confidence < limits.PREVIEW_SURE
    assert any("'solution' may be" in doubt for doubt in record.doubts)
    assert any("confidence" in doubt for doubt in record.doubts)
    other = next(o for o in record.others if "gold answer" in o.title)
    gold = other.field("gold_answer")
    assert gold is not None and gold.path == "solution"
    assert one(tmp_path, PLAIN).doubts == ()


def test_bad_lines_blank_lines_and_the_container(tmp_path: Path) -> None:
    path = write(tmp_path, PLAIN, "", "{cut", {"a": 1}, "[1, 2]")
    found = preview(path)
    assert (found.facts.layout, found.facts.encoding, found.facts.packing) == (
        "JSON Lines",
        "UTF-8",
        None,
    )
    assert (found.n_traces, found.n_rejected, found.n_blank, found.complete) == (1, 3, 1, True)
    assert [r.line_no for r in found.records] == [1, 3, 4, 5]
    cut = found.records[1]
    assert cut.rejected is not None and cut.rejected.code in ("truncated_json", "not_json")
    assert cut.text == "{cut"


def test_containers_are_named(tmp_path: Path) -> None:
    packed = tmp_path / "d.bin"
    packed.write_bytes(gzip.compress(json.dumps([PLAIN, PLAIN]).encode()))
    facts = preview(packed).facts
    assert (facts.packing, facts.layout) == ("gzip", "JSON document")
    wide = tmp_path / "w.jsonl"
    wide.write_text(json.dumps(PLAIN) + "\n", encoding="utf-16")
    assert preview(wide).facts.encoding == "UTF-16"
    mark = tmp_path / "b.jsonl"
    mark.write_text(json.dumps(PLAIN) + "\n", encoding="utf-8-sig")
    assert preview(mark).facts.encoding == "UTF-8 with a byte-order mark"
    empty = tmp_path / "e.jsonl"
    empty.write_bytes(b"")
    assert (preview(empty).facts.layout, preview(empty).records) == ("empty", ())


def test_only_the_first_records_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, *([PLAIN] * 30))
    found = preview(path, 4)
    assert (len(found.records), found.complete) == (4, False)
    assert preview(write(tmp_path, *([PLAIN] * 4)), 4).complete


def test_a_file_that_is_no_data_is_refused_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(b"%PDF-1.7\n" + b"x" * 100)
    found = preview(path)
    assert found.error or found.records[0].rejected is not None


def test_a_preview_is_what_an_import_does(tmp_path: Path) -> None:
    rows = [PLAIN, TAGGED, CHAT, SAMPLES, ROLES, {"a": 1}, "not json"]
    path = write(tmp_path, *rows)
    found = preview(path)
    with open_store(tmp_path / "t.duckdb") as store:
        report = import_file(store, path)
        told = [(t.format_id, t.confidence) for r in found.records for t in r.traces]
        stored = store.rows(
            "SELECT format_id, format_confidence FROM trace ORDER BY record_index, part_index"
        )
    assert (report.n_traces, report.n_quarantined) == (found.n_traces, found.n_rejected)
    assert stored == told


# --- correcting ----------------------------------------------------------------------------


def _texts(trace: Trace) -> tuple[str | None, ...]:
    return (
        trace.question,
        trace.reasoning,
        trace.answer,
        trace.model,
        trace.gold_answer,
        trace.effort,
    )


@pytest.mark.parametrize("row", [PLAIN, TAGGED, CHAT, SAMPLES])
def test_the_suggested_mapping_reads_what_was_recognised(tmp_path: Path, row: Any) -> None:
    mapping = suggest_mapping(one(tmp_path, row), "mine")
    assert mapping is not None
    before = read_record(row, hint=FileHint())
    after = mapping.read(row, FileHint())
    assert isinstance(before, list) and isinstance(after, list)
    assert [_texts(t) for t in after] == [_texts(t) for t in before]


def test_a_suggested_mapping_names_turns_by_role_and_samples_by_star(tmp_path: Path) -> None:
    chat = suggest_mapping(one(tmp_path, CHAT), "mine")
    assert chat is not None
    assert chat.to_json()["fields"]["question"] == "messages[role=user].content"
    samples = suggest_mapping(one(tmp_path, SAMPLES), "mine")
    assert samples is not None
    assert samples.to_json()["fields"]["response"] == "generations[*]"
    wrapped = suggest_mapping(one(tmp_path, {"results": [PLAIN, PLAIN], "run": 1}), "mine")
    assert wrapped is not None and wrapped.rows == "results"
    assert suggest_mapping(one(tmp_path, {"a": 1}), "mine") is None


def test_a_mapping_changes_the_preview(tmp_path: Path) -> None:
    mapping = FieldMapping.from_json(
        {
            "cotscope_mapping": 1,
            "name": "m",
            "fields": {"answer": "solution", "gold_answer": "answer"},
        }
    )
    (record,) = preview(write(tmp_path, ROLES), mapping=mapping).records
    found = paths(record)
    assert found["answer"] == ("solution", "mapped")
    assert found["gold_answer"] == ("answer", "mapped")
    assert record.doubts == ()
    (bad,) = preview(write(tmp_path, {"x": 1}), mapping=mapping).records
    assert bad.rejected is not None and bad.rejected.code == "mapping_no_text"


def test_paths_to_choose_from(tmp_path: Path) -> None:
    options = path_options(preview(write(tmp_path, CHAT, SAMPLES)).records)
    assert {"messages[role=user].content", "generations[*]", "uuid", "problem"} <= set(options)
    for option in options:
        parse_path(option)


# --- hostile records -----------------------------------------------------------------------

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
    | st.sampled_from(["<think>", '{"a": 1}', "[", "{", "x" * 300]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)  # fmt: skip
names = st.sampled_from(
    ["question", "answer", "reasoning", "output", "messages", "results", "a.b", "", "model"]
)


@given(st.dictionaries(names, values, max_size=5))
def test_no_record_breaks_a_preview(tmp_path_factory: pytest.TempPathFactory, row: Any) -> None:
    folder = tmp_path_factory.getbasetemp()
    found: Preview = preview(write(folder, row, name="hostile.jsonl"))
    for record in found.records:
        for reading in (*record.traces, *record.others):
            for field in reading.fields:
                if field.path is not None:
                    assert locate(record.value, parse_path(field.path)) is not None
        suggested = suggest_mapping(record, "x")
        assert suggested is None or suggested.to_json()
        for option in path_options([record]):
            parse_path(option)


def test_a_large_record_is_read_in_reasonable_time(tmp_path: Path) -> None:
    import time

    row = {"question": "q?", "reasoning": "word " * 200_000, "answer": "a",
           "list": [{"n": i, "t": "word"} for i in range(20_000)]}  # fmt: skip
    path = write(tmp_path, row)
    began = time.process_time()
    preview(path)
    assert time.process_time() - began < 20


def test_every_code_has_a_plain_sentence() -> None:
    for table in (codes.WARNINGS, codes.QUARANTINE):
        assert all(not text[0].islower() for text in table.values())
        assert all(text.endswith(".") for text in table.values())
    assert codes.warning_text("a_new_one", "it happened") == "It happened"
