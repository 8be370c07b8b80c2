"""Mappings: paths, the JSON form and its errors, reading, and how the store keeps them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import UsageError
from analysis.formats.draft import FileHint
from analysis.formats.mapping import FieldMapping
from analysis.formats.record_path import (
    EACH,
    Last,
    leaves,
    locate,
    narrowed,
    parse_path,
    path_text,
    without,
)
from analysis.formats.split_markers import split_markers
from analysis.model import ReasoningKind, Rejected, SplitMethod, Trace
from analysis.store import open_store
from analysis.store.importing import import_file
from analysis.store.mappings import (
    delete_mapping,
    list_mappings,
    load_mapping,
    read_mapping_file,
    save_mapping,
)

RECORD: dict[str, Any] = {
    "rid": "a1",
    "ask": {"text": "What is 2 + 2?"},
    "runs": [
        {"out": "PLAN: two and two is four.\nEND PLAN\nIt is 4.", "ok": "yes", "n": 12},
        {"out": "PLAN: perhaps five\nEND PLAN\nIt is 5.", "ok": "no", "n": 9, "seed": 7},
    ],
    "llm name": "heron-7b",
    "packed": '{"deep": [{"gold.value": "4"}]}',
    "turns": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "first"},
        {"role": "user", "content": "second"},
    ],
    "note": {"by": "me"},
}
SPEC: dict[str, Any] = {
    "cotscope_mapping": 1,
    "name": "lab a",
    "fields": {
        "external_id": "rid",
        "question": "ask.text",
        "system_prompt": "turns[role=system].content",
        "response": "runs[*].out",
        "correct": "runs[*].ok",
        "reasoning_tokens": "runs[*].n",
        "model": "llm name",
        "gold_answer": 'packed.deep[0]["gold.value"]',
        "effort": {"constant": "Low"},
    },
    "split": {"open": "PLAN:", "close": "END PLAN"},
}


def made(spec: dict[str, Any] | None = None, **changes: Any) -> FieldMapping:
    return FieldMapping.from_json({**(spec or SPEC), **changes})


def read(mapping: FieldMapping, value: Any) -> list[Trace]:
    found = mapping.read(value, FileHint())
    assert isinstance(found, list), found
    return found


def refused(mapping: FieldMapping, value: Any) -> Rejected:
    found = mapping.read(value, FileHint())
    assert isinstance(found, Rejected)
    return found


# --- paths ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("a", ("a",)),
        ("response.message.content", ("response", "message", "content")),
        ("outputs[0].text", ("outputs", 0, "text")),
        ("outputs[-1]", ("outputs", -1)),
        ("outputs[*].text", ("outputs", EACH, "text")),
        ("messages[role=user].content", ("messages", Last("role", "user"), "content")),
        ('a["b.c"].d', ("a", "b.c", "d")),
        ('["it \\"is\\""]', ('it "is"',)),
        ("Finish Reason", ("Finish Reason",)),
        ("[0][1]", (0, 1)),
        ('[""]', ("",)),
    ],
)
def test_a_path_reads_as_written_and_back(text: str, steps: tuple[object, ...]) -> None:
    assert parse_path(text) == steps
    assert parse_path(path_text(steps)) == steps  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["", ".", "a..b", "a.", "a[", "a[]", "a[*][*]", "a]b", 'a["x]', ".a", "a" * 501]
)
def test_what_is_no_path_is_an_error_that_says_so(text: str) -> None:
    with pytest.raises(UsageError, match="is not a path"):
        parse_path(text)


keys = st.text(max_size=6).filter(lambda k: k.encode("utf-8", "ignore").decode() == k)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(keys, values, max_size=4))
def test_every_leaf_is_found_by_its_path_and_taken_out_by_it(record: dict[str, Any]) -> None:
    found = list(leaves(record))
    for place, value in found:
        assert locate(record, parse_path(path_text(place))) == (place, value)
    left = without(record, [place for place, _ in found])
    assert all(value is None for _, value in leaves(left)) if left is not None else True


@given(st.text())
def test_no_text_breaks_the_path_parser(text: str) -> None:
    try:
        steps = parse_path(text)
    except UsageError:
        return
    assert parse_path(path_text(steps)) == steps


def test_json_in_a_text_is_stepped_into() -> None:
    found = locate(RECORD, parse_path('packed.deep[0]["gold.value"]'))
    assert found is not None and found[1] == "4"
    assert without({"a": '{"b": 1, "c": 2}'}, [("a", "b")]) == {"a": {"c": 2}}


def test_taking_out_leaves_the_record_alone_and_keeps_positions() -> None:
    record = {"l": [1, 2, 3], "d": {"x": 1}}
    assert without(record, [("l", 1), ("d", "x")]) == {"l": [1, None, 3]}
    assert record == {"l": [1, 2, 3], "d": {"x": 1}}
    assert without(record, [("l",), ("d",)]) is None


def test_narrowing_keeps_one_item() -> None:
    assert narrowed({"a": {"b": [1, 2, 3]}, "c": 0}, ("a", "b"), 1) == {"a": {"b": [2]}, "c": 0}


# --- reading -------------------------------------------------------------------------------


def test_samples_constants_and_marks() -> None:
    first, second = read(made(), RECORD)
    assert (first.question, first.system_prompt) == ("What is 2 + 2?", "Be brief.")
    assert (first.reasoning, first.answer) == ("two and two is four.", "It is 4.")
    assert (second.reasoning, second.answer) == ("perhaps five", "It is 5.")
    assert (first.correct, second.correct) == (True, False)
    assert (first.reasoning_tokens, second.reasoning_tokens) == (12, 9)
    assert (first.sample_index, second.sample_index) == (0, 1)
    assert (first.model, first.effort, first.gold_answer) == ("heron-7b", "low", "4")
    assert first.raw_response == RECORD["runs"][0]["out"]
    assert first.split_method is SplitMethod.TAG
    assert first.reasoning_kind is ReasoningKind.VISIBLE
    assert (first.format_id, first.format_confidence) == ("mapping:lab a", 1.0)


def test_what_no_field_took_is_in_the_metadata() -> None:
    first, second = read(made(), RECORD)
    assert first.metadata["note"] == {"by": "me"}
    assert first.metadata["turns"][1:] == RECORD["turns"][1:]
    assert first.metadata["turns"][0] == {"role": "system"}
    assert "runs" not in first.metadata
    assert second.metadata["runs"] == [{"seed": 7}]
    assert "packed" not in first.metadata


def test_reasoning_and_answer_in_two_places() -> None:
    spec = {
        "cotscope_mapping": 1,
        "name": "two",
        "fields": {"reasoning": "think", "answer": "say", "created_at": "when"},
    }
    (trace,) = read(made(spec), {"think": " Hm.\n", "say": "4", "when": "2026-01-02T03:04:05Z"})
    assert (trace.reasoning, trace.answer) == (" Hm.\n", "4")
    assert trace.split_method is SplitMethod.FIELD
    assert trace.created_at is not None and trace.created_at.year == 2026
    assert trace.raw_response is None


def test_a_list_of_texts_is_joined_by_blank_lines() -> None:
    spec = {"cotscope_mapping": 1, "name": "l", "fields": {"reasoning": "steps"}}
    (trace,) = read(made(spec), {"steps": ["one", "two"]})
    assert trace.reasoning == "one\n\ntwo"
    assert dict(trace.metadata) == {}


@pytest.mark.parametrize(
    ("split", "text", "reasoning", "answer"),
    [
        ("tags", "<think>\nwhy\n</think>\n\nbecause", "why", "because"),
        ("none", "<think>\nwhy\n</think>\n\nbecause", None, "<think>\nwhy\n</think>\n\nbecause"),
        ("heading", "why\n\n**Final Answer**\n\nbecause", "why", "because"),
        ("heading", "only thoughts", "only thoughts", None),
        ({"open": "", "close": "###"}, "why ### because", "why", "because"),
    ],
)
def test_rules_for_one_text(
    split: Any, text: str, reasoning: str | None, answer: str | None
) -> None:
    spec = {"cotscope_mapping": 1, "name": "s", "fields": {"response": "t"}, "split": split}
    (trace,) = read(made(spec), {"t": text})
    assert (trace.reasoning, trace.answer) == (reasoning, answer)


def test_rows_of_a_wrapper() -> None:
    spec = {
        "cotscope_mapping": 1,
        "name": "w",
        "rows": "results",
        "fields": {"reasoning": "why", "answer": "what[*]", "model": "llm"},
    }
    record = {
        "llm": "heron",
        "config": {"t": 1},
        "results": [{"why": "a", "what": ["x", "y"]}, {"other": 1}, {"why": "b", "what": ["z"]}],
    }
    first, second, third = read(made(spec), record)
    assert [t.answer for t in (first, second, third)] == ["x", "y", "z"]
    assert {t.model for t in (first, second, third)} == {"heron"}
    assert first.metadata["config"] == {"t": 1}
    assert first.metadata["rows_not_read"] == [{"llm": "heron", "other": 1}]
    assert [w.code for w in first.warnings] == ["row_not_read"]
    numbered = {**spec, "rows": "*", "fields": {"answer": "a"}}
    assert [t.answer for t in read(made(numbered), {"0": {"a": "p"}, "1": {"a": "q"}})] == [
        "p",
        "q",
    ]


@pytest.mark.parametrize(
    ("record", "code", "words"),
    [
        ({"rid": 1}, "mapping_no_text", "finds no reasoning and no answer at runs"),
        ({"runs": []}, "mapping_no_text", "the record has: runs"),
        ({"runs": {"out": "x"}}, "mapping_path", r"\[\*\] needs a list, and runs is an object"),
        ({"runs": [{"out": {"a": 1}}]}, "mapping_path", "holds an object, not a text"),
        ({"ask": {"text": ["a", 1]}, "runs": [{"out": "x"}]}, "mapping_path", "question: ask.text"),
        (3, "not_an_object", "object or list"),
    ],
)
def test_a_record_that_does_not_fit_says_why(record: Any, code: str, words: str) -> None:
    found = refused(made(), record)
    assert found.code == code
    assert re.search(words, found.reason)


def test_lists_of_different_length_are_refused() -> None:
    spec = {"cotscope_mapping": 1, "name": "p", "fields": {"answer": "a[*]", "score": "s[*]"}}
    found = refused(made(spec), {"a": ["x", "y"], "s": [1]})
    assert found == Rejected(
        "mapping_samples", "Lists read side by side differ in length: a has 2, s has 1."
    )
    assert len(read(made(spec), {"a": ["x", "y"]})) == 2


def test_a_value_that_does_not_fit_is_a_warning_and_stays() -> None:
    spec = {
        "cotscope_mapping": 1,
        "name": "v",
        "fields": {"answer": "a", "score": "s", "cost": "c"},
    }
    (trace,) = read(made(spec), {"a": "x", "s": "very good", "c": "n/a"})
    assert trace.score is None
    assert trace.metadata == {"s": "very good", "c": "n/a"}
    assert [w.code for w in trace.warnings] == ["mapping_value"]


def test_a_failed_sample_beside_a_good_one_is_kept() -> None:
    good, failed = read(made(), {"runs": [{"out": "PLAN: a\nEND PLAN b"}, {"out": None, "n": 3}]})
    assert good.answer == "b"
    assert (failed.reasoning, failed.answer, failed.reasoning_tokens) == (None, None, 3)
    assert "no_response" in [w.code for w in failed.warnings] or failed.reasoning_kind != "none"


@given(values)
def test_no_record_breaks_a_mapping(record: Any) -> None:
    for mapping in (made(), made(rows="runs"), made(rows="*")):
        found = mapping.read(record, FileHint())
        assert isinstance(found, Rejected) or all(isinstance(t, Trace) for t in found)


@given(st.dictionaries(st.sampled_from(list(RECORD)), values, max_size=6))
def test_nothing_of_a_record_is_lost(changes: dict[str, Any]) -> None:
    record = {**RECORD, **changes}
    found = made().read(record, FileHint())
    if isinstance(found, Rejected):
        return
    told = json.dumps(
        [
            [t.question, t.system_prompt, t.reasoning, t.answer, t.raw_response, t.model, t.effort,
             t.gold_answer, t.external_id, t.reasoning_tokens, t.correct, dict(t.metadata)]
            for t in found
        ],
        ensure_ascii=False,
        default=str,
    )  # fmt: skip
    for _, value in leaves(record):
        if isinstance(value, str) and len(value.strip()) > 2 and value not in ("yes", "no"):
            inside = json.dumps(value.strip(), ensure_ascii=False)[1:-1]
            assert inside in told or value.lstrip()[:1] in ("{", "[")


# --- marks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "blocks", "answer", "truncated", "codes"),
    [
        ("<<a>> b", ("a",), "b", False, []),
        ("  <<a>>\n<<c>> b", ("a", "c"), "b", False, []),
        ("<<a>> b <<c>> d", ("a",), "b <<c>> d", False, []),
        ("<<a", ("a",), None, True, ["missing_closer"]),
        ("a>> b", ("a",), "b", False, ["missing_opener"]),
        ("so: <<a>> b", ("a",), "b", False, ["text_before_reasoning"]),
        ("plain", (), "plain", False, []),
        ("<<>> b", (), "b", False, []),
        ("", (), None, False, []),
    ],
)
def test_custom_marks(
    text: str, blocks: tuple[str, ...], answer: str | None, truncated: bool, codes: list[str]
) -> None:
    split = split_markers(text, "<<", ">>")
    assert (split.reasoning_blocks, split.answer, split.truncated) == (blocks, answer, truncated)
    assert [w.code for w in split.warnings] == codes


# --- the JSON form -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cotscope_mapping": 2}, "this CoTScope reads version 1"),
        ({"cotscope_mapping": True}, "this CoTScope reads version 1"),
        ({"feilds": {}}, "no key 'feilds'.*Did you mean 'fields'"),
        ({"fields": {"anwser": "x"}}, "no field 'anwser'.*Did you mean 'answer'"),
        ({"fields": {"answer": "a..b"}}, r"fields\.answer: .*is not a path"),
        ({"fields": {"answer": 3}}, r"fields\.answer must be a path"),
        ({"fields": {"answer": {"constant": "x"}}}, "cannot be a constant"),
        ({"fields": {"answer": "a", "score": {"constant": "high"}}}, r"fields\.score cannot be"),
        ({"fields": {"question": "q"}, "split": None}, "names no text of the model"),
        ({"fields": {"response": "r", "answer": "a"}}, "'response' and 'answer' cannot both"),
        ({"fields": {"answer": "a"}}, "'split' is for the field 'response'"),
        ({"split": "magic"}, "'split' must be"),
        ({"split": {"open": "x", "close": " "}}, "'split' must be"),
        ({"split": {"open": "x", "close": "x"}}, "must differ"),
        ({"name": "../x"}, "is no name for a mapping"),
        ({"rows": "a[*]"}, "'rows' must be the path"),
        ({"fields": []}, "'fields' must be an object"),
    ],
)
def test_a_wrong_mapping_names_the_key_and_the_remedy(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        made(**changes)
    assert caught.value.remedy


def test_a_mapping_survives_its_json_form() -> None:
    mapping = made(rows="x")
    again = FieldMapping.from_json(json.loads(json.dumps(mapping.to_json())))
    assert again == mapping
    assert again.to_json() == mapping.to_json()


# --- files and the store -------------------------------------------------------------------


def test_a_file_without_a_name_is_called_after_itself(tmp_path: Path) -> None:
    path = tmp_path / "lab-b.json"
    path.write_text(json.dumps({k: v for k, v in SPEC.items() if k != "name"}), encoding="utf-8")
    assert read_mapping_file(path).name == "lab-b"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(UsageError, match="is not JSON"):
        read_mapping_file(path)
    with pytest.raises(UsageError, match="cannot be read"):
        read_mapping_file(tmp_path / "none.json")


def test_the_store_keeps_mappings_by_name(tmp_path: Path) -> None:
    with open_store(tmp_path / "t.duckdb") as store:
        assert save_mapping(store, made()) is True
        assert save_mapping(store, made(split="none")) is False
        assert load_mapping(store, "lab a").split.rule == "none"
        assert [one.mapping.name for one in list_mappings(store)] == ["lab a"]
        with pytest.raises(UsageError, match="Saved mappings: lab a"):
            load_mapping(store, "lab")
        delete_mapping(store, "lab a")
        assert list_mappings(store) == []


def test_an_import_reads_by_the_mapping_and_quarantines_what_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "dump.jsonl"
    rows = [RECORD, {"rid": "a2"}, {"runs": 5}]
    path.write_text("\n".join(json.dumps(r) for r in rows) + "\nno json\n", encoding="utf-8")
    with open_store(tmp_path / "t.duckdb") as store:
        report = import_file(store, path, mapping=made())
        assert (report.n_records, report.n_traces, report.n_quarantined) == (4, 2, 3)
        assert store.rows("SELECT DISTINCT format_id FROM trace") == [("mapping:lab a",)]
        found = store.rows("SELECT line_no, reason_code FROM quarantine ORDER BY line_no")
        assert found == [(2, "mapping_no_text"), (3, "mapping_path"), (4, "not_json")]
