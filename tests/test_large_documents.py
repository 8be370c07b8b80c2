"""Large JSON documents: read element by element, they give what they give when read whole."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import limits
from analysis.errors import DamagedFileError
from analysis.formats import jsonsplit
from analysis.formats.base import Found, without_unread
from analysis.formats.containers import Record, open_records
from analysis.formats.mapping import FieldMapping
from analysis.formats.part import Part
from analysis.formats.preview import preview
from analysis.formats.registry import FileHint, read_record
from analysis.model import Rejected, Trace
from analysis.store import open_store
from analysis.store.importing import import_file
from tests.format_cases import CASES
from tests.format_strategies import JSON, KEYS

ROWS: list[dict[str, Any]] = [
    {"id": f"q{i}", "question": f"{i}+1?", "reasoning": f"think {i} \"so\" }}]", "answer": str(i + 1)}
    for i in range(12)
]  # fmt: skip
HEAD = {"model": "m", "config": {"temperature": 0.6}, "tags": ["x", "y"], "accuracy": 0.5}
TURNS = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "<think>r</think>a"}]
COMPASS = [
    {"origin_prompt": [{"role": "HUMAN", "prompt": f"q{i}"}], "prediction": f"<think>r{i}</think>a", "gold": "a"}
    for i in range(12)
]  # fmt: skip
SKY = {
    "content": "<think>r</think>a", "correctness": True, "reason": "",
}  # fmt: skip
SAMPLES = [
    {"id": i, "epoch": 1, "input": f"q{i}", "target": "a", "messages": TURNS, "scores": {},
     "output": {"model": "m", "choices": [{"message": TURNS[1], "stop_reason": "stop"}]}}
    for i in range(12)
]  # fmt: skip

SHAPES: dict[str, Any] = {
    **{name: {**HEAD, name: ROWS} for name in ("results", "data", "samples", "rollouts", "answers")},
    "settings of the run": {"config": {"model": "m", "reasoning_effort": "low"}, "results": ROWS},
    "keys behind": {"model": "m", "results": ROWS, "summary": {"n": 12}, "effort": "high"},
    "an unlisted key": {"model": "m", "my_rows": ROWS, "note": "n"},
    "conversations": {"data": [{"id": i, "messages": TURNS} for i in range(12)]},
    "a question for all": {"problem": "q", "model": "m", "responses": [{"output": f"<think>r{i}</think>a"} for i in range(12)]},
    "an object that asks": {"task": {"text": "q", "answer": "a"}, "outputs": [{"thinking": f"r{i}", "reply": "a"} for i in range(12)]},
    "a nested wrapper": {"results": [{"problem": f"q{i}", "responses": [{"reasoning": f"r{j}", "answer": "a"} for j in range(3)]} for i in range(12)]},
    "parallel lists": {"data": [{"prompt": f"q{i}", "output": ["a", "b"], "thinking": ["c", "d"]} for i in range(12)]},
    "rows of other kinds": {"data": [*ROWS, {"messages": TURNS}, *COMPASS]},
    "a row without a text": {"results": [ROWS[0], {"id": "none"}, *ROWS[1:]]},
    "the first row without a text": {**HEAD, "results": [{"id": "none"}, *ROWS]},
    "records by number": {str(i): row for i, row in enumerate(COMPASS)},
    "records by id": {f"q{i}": row for i, row in enumerate(ROWS)},
    "index of a frame": {str(i): {"question": f"q{i}", "thinking": f"r{i}", "output": "a"} for i in range(12)},
    "by the question": {f"what is {i}?": {"question": f"q{i}", "responses": {"0.7": {"content": "<think>r</think>a", "reasoning": "r"}}, "answer": "a"} for i in range(12)},
    "a split table": {"columns": ["question", "reasoning", "answer"], "index": list(range(12)), "data": [[r["question"], r["reasoning"], r["answer"]] for r in ROWS]},
    "a table with a schema": {"schema": {"fields": [{"name": "question"}]}, "data": ROWS},
    "Inspect": {"version": 2, "status": "success", "eval": {"task": "t", "model": "o/m"}, "plan": {"config": {"reasoning_effort": "low"}}, "samples": SAMPLES, "stats": {"x": 1}},
}  # fmt: skip
WHOLE: dict[str, Any] = {
    "two long lists": {"results": ROWS, "more": ROWS},
    "a null among the rows": {"results": [*ROWS, None]},
    "an empty object among ids": {**{str(i): row for i, row in enumerate(ROWS)}, "x": {}},
    "a name among ids": {**{f"q{i}": row for i, row in enumerate(ROWS)}, "metadata": {"answer": "n"}},
    "columns of a frame": {"question": {str(i): f"question {i}" for i in range(40)}, "response": {str(i): f"<think>r{i}</think>a" for i in range(40)}},
    "columns as lists": {"question": [f"question {i}" for i in range(40)], "response": [f"<think>r{i}</think>a" for i in range(40)]},
    "one conversation": {"model": "m", "messages": [*TURNS] * 12},
    "a list as long as the rows": {"results": ROWS, "question": [f"q{i}" for i in range(12)]},
    "turns under a rows' key": {"results": [*TURNS] * 12},
    "samples of one question": {"question": "q", "outputs": [{"content": "<think>r</think>a"}] * 12},
    "a record beside rows that say nothing": {"model": {"question": "q", "reasoning": "r", "answer": 42}, "results": [{"llm_output": []}, {}] * 30},
    "rows for each model": {"deepseek-r1": ROWS, "o1-mini": ROWS[:3]},
    "rows for one model": {"deepseek-r1": ROWS},
    "numbers beside a name": {"run": "a", **{str(i): row for i, row in enumerate(ROWS)}},
    "rows deep inside": {"run": {"config": {"model": "m"}, "page": ROWS}},
    "texts by id": {f"q{i}": f"<think>r{i}</think>a" for i in range(40)},
    "models": {"question": "q", "responses": {f"m{i}": {"content": "<think>r</think>a", "reasoning": "r"} for i in range(12)}},
}  # fmt: skip
"""Documents that are read whole: an element alone does not say what it is."""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every document that fills a few lines counts as large."""
    monkeypatch.setattr(limits, "LARGE_DOCUMENT_BYTES", 400)
    yield


def records_of(path: Path, data: bytes, **start: int) -> list[Record]:
    path.write_bytes(data)
    return [record for record in open_records(path, **start) if not record.blank]


def encoded(value: Any, **options: Any) -> bytes:
    return json.dumps(value, **{"indent": 1, "ensure_ascii": False, **options}).encode(
        "utf-8", "surrogatepass"
    )


def divided(records: list[Record]) -> bool:
    return any(isinstance(record.value, Part) for record in records)


def read_apart(records: list[Record]) -> tuple[list[Trace], list[Rejected]]:
    hint, traces, rejected = FileHint(), list[Trace](), list[Rejected]()
    for record in records:
        found = record.rejected or read_record(record.value, hint=hint)
        if isinstance(found, Rejected):
            rejected.append(found)
        elif isinstance(found, Found) and found.unread:  # a row that holds rows of its own
            traces += without_unread(found)
            rejected += [row.rejected for row in found.unread]
        else:
            traces += found
    return traces, rejected


def read_whole(value: Any) -> tuple[list[Trace], list[Rejected]]:
    """The traces of a value, without what the first one says of rows that gave none."""
    found = read_record(value, hint=FileHint())
    if isinstance(found, Rejected):
        return [], [found]
    unread = [row.rejected for row in getattr(found, "unread", ())]
    if unread:
        first = found[0]
        metadata = {k: v for k, v in first.metadata.items() if k != "rows_not_read"}
        notes = tuple(w for w in first.warnings if w.code != "row_not_read")
        found[0] = replace(first, metadata=metadata, warnings=notes)
    return list(found), unread


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", [*SHAPES, *WHOLE])
@pytest.mark.parametrize("options", [{}, {"indent": None, "separators": (",\n", ":")}])
def test_the_same_as_whole(tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    """The traces, rows without a trace and the places of a document read element by element."""
    value = SHAPES.get(name) or WHOLE[name]
    data = encoded(value, **options)
    records = records_of(tmp_path / "f.json", data)
    assert divided(records) == (name in SHAPES)
    traces, unread = read_apart(records)
    whole, unread_of_whole = read_whole(value)
    assert traces == whole
    assert unread == unread_of_whole * (1 if traces else len(records))
    if name not in SHAPES:
        return
    assert [r.index for r in records] == list(range(len(records)))
    ends = [0, *(r.byte_end for r in records)]
    assert all(before <= r.byte_start for before, r in zip(ends, records, strict=False))
    for record in records:
        cut = data[record.byte_start : record.byte_end]
        found = json.loads(cut if record.value.key else b"{" + cut + b"}")
        assert found == (record.value[record.value.key][0] if record.value.key else record.value)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", SHAPES)
def test_resuming(tmp_path: Path, name: str) -> None:
    """Reading goes on behind any record; also in a zip, behind other members, and with a BOM."""
    data = b"\xef\xbb\xbf" + encoded(SHAPES[name]) + b'\n{"a":\n 1}\n'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jsonl", '{"a": 1}\n')
        archive.writestr("b.json", data)
        archive.writestr("c.jsonl", '{"c": 1}\n')
    for content in (data, gzip.compress(data), packed.getvalue()):
        records = records_of(tmp_path / "f", content)
        assert divided(records)
        for i, record in enumerate(records):
            rest = records_of(
                tmp_path / "f", content, start_byte=record.byte_end,
                start_line=record.line_no or 0, start_index=record.index + 1,
            )  # fmt: skip
            assert rest == records[i + 1 :]
            assert [getattr(r.value, "position", 0) for r in rest] == [
                getattr(r.value, "position", 0) for r in records[i + 1 :]
            ]


KNOWN = st.sampled_from([case[0] for case in CASES.values() if isinstance(case[0], dict)])
ROW = KNOWN | st.dictionaries(KEYS, JSON, max_size=6)
ANY_ROW = ROW | JSON


@given(
    st.lists(ROW, min_size=1, max_size=30) | st.lists(ANY_ROW, min_size=1, max_size=8),
    st.dictionaries(st.sampled_from(["model", "question", "messages", "meta", "data", "id"]), ANY_ROW),
    st.sampled_from(["results", "samples", "rows", "extra", "observations", "0"]),
    st.booleans(),
    st.integers(1, 60),
)  # fmt: skip
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_rows(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[Any],
    around: dict[str, Any],
    key: str,
    listed: bool,
    chunk: int,
) -> None:
    """Whatever the elements are, and wherever the chunks of the stream end."""
    value = {**around, key: rows} if listed else {f"{key}{i}": row for i, row in enumerate(rows)}
    data = encoded(value)
    before = limits.LARGE_DOCUMENT_BYTES, jsonsplit.CHUNK_BYTES
    limits.LARGE_DOCUMENT_BYTES, jsonsplit.CHUNK_BYTES = 20, chunk
    try:
        records = records_of(tmp_path_factory.getbasetemp() / "any.json", data)
    finally:
        limits.LARGE_DOCUMENT_BYTES, jsonsplit.CHUNK_BYTES = before
    if divided(records):
        traces, unread = read_whole(json.loads(data))
        apart = read_apart(records)
        assert apart[0] == traces
        if traces:
            assert apart[1] == unread


@pytest.mark.usefixtures("small")
def test_bad_elements(tmp_path: Path) -> None:
    """A row that is no JSON is quarantined alone; the first that can be read keeps the rest."""
    good = json.dumps(ROWS[0])
    data = f'{{"meta": {{"x": 1}},\n"results": [{{"bad": }},\n{good},\n{{nope}}, {good}'.encode()
    data += b"," + encoded(ROWS[1:])[1:] + b"}"
    records = records_of(tmp_path / "f", data)
    assert [r.rejected.code if r.rejected else None for r in records[:4]] == [
        "not_json", None, "not_json", None,
    ]  # fmt: skip
    assert records[0].raw == b'{"bad": }'
    traces, _ = read_apart(records)
    assert [t.metadata.get("meta") for t in traces] == [{"x": 1}, *[None] * 12]
    ids = b'{"0": {"bad": },\n' + encoded({str(i + 1): r for i, r in enumerate(ROWS)})[1:]
    records = records_of(tmp_path / "f", ids)
    assert [r.rejected is None for r in records] == [False, *[True] * 12]
    assert len(read_apart(records)[0]) == 12


@pytest.mark.usefixtures("small")
def test_duplicate_keys(tmp_path: Path) -> None:
    """Of a row: with that row. Of the wrapper: with the first. Of the rows' own key: read whole."""
    rows = encoded(ROWS)[1:]
    data = (
        b'{"model": "a", "model": "b",\n"results": [{"reasoning": "x", "n": 1, "n": 2},'
        + rows
        + b"}"
    )
    records = records_of(tmp_path / "f", data)
    assert divided(records)
    assert [[w.code for w in r.warnings] for r in records[:2]] == [["duplicate_key"] * 2, []]
    first = read_apart(records)[0][0]
    assert first.model == "b"
    assert first.metadata["duplicate_keys"] == {"n": [1]}
    twice = b'{"results": [1],\n"results": ' + encoded(ROWS) + b"}"
    assert not divided(records_of(tmp_path / "f", twice))
    ids = (
        b'{"a1": {"reasoning": "x"},\n"a1": {"reasoning": "y"},\n'
        + encoded(SHAPES["records by id"])[1:]
    )
    assert not divided(records_of(tmp_path / "f", ids))
    once = b'{"a1": {"reasoning": "x", "n": 1, "n": 2},\n' + encoded(SHAPES["records by id"])[1:]
    records = records_of(tmp_path / "f", once)
    assert divided(records)
    assert read_apart(records)[0][0].metadata == {"n": 2, "duplicate_keys": {"n": [1]}}


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", ["keys behind", "records by number", "Inspect"])
def test_a_cut_file(tmp_path: Path, name: str) -> None:
    """Wherever the file ends, what came before is read and then the cut is told."""
    data = encoded(SHAPES[name])
    whole = records_of(tmp_path / "f", data)
    for size in range(900, len(data) - 1, 37):
        records = records_of(tmp_path / "f", data[:size])
        if not divided(records):
            continue
        kept = [r for r in whole if r.byte_end <= size]
        assert records[-1].rejected is not None
        assert records[-1].rejected.code == "truncated_json"
        assert [r.byte_start for r in records[:-1]] == [r.byte_start for r in kept]
        assert records[-1].byte_end == size + 1
        found = [t.reasoning for t in read_apart(records)[0]]
        assert found == [t.reasoning for t in read_apart(whole)[0]][: len(found)]
        assert records_of(tmp_path / "f", data[:size], start_byte=size + 1) == []
    packed = gzip.compress(data * 1, compresslevel=0)
    (tmp_path / "f").write_bytes(packed[: len(packed) * 3 // 4])
    got = []
    with pytest.raises(DamagedFileError):
        got.extend(iter_into(got, open_records(tmp_path / "f")))
    assert len(got) > 3
    assert divided(got)


def iter_into(kept: list[Record], records: Iterator[Record]) -> list[Record]:
    for record in records:
        kept.append(record)
    return []


@pytest.mark.usefixtures("small")
def test_long_elements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An element beyond the limit: the document is read whole, or, where it is too long for that,
    the element is quarantined alone."""
    rows = [*ROWS[:3], {"reasoning": "x" * 3000}, *ROWS[3:]]
    monkeypatch.setattr(limits, "MAX_LINE_BYTES", 2000)
    data = encoded({"model": "m", "results": rows})
    assert not divided(records_of(tmp_path / "f", data))
    monkeypatch.setattr(limits, "MAX_JSON_DOCUMENT_BYTES", 2000)
    records = records_of(tmp_path / "f", data)
    assert [r.rejected.code for r in records if r.rejected] == ["too_long"]
    assert len(read_apart(records)[0]) == 12
    one_line = records_of(tmp_path / "f", json.dumps({"model": "m", "results": rows}).encode())
    assert [r.rejected is None for r in one_line] == [i != 3 for i in range(13)]


@pytest.mark.usefixtures("small")
def test_what_surrounds_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DOCUMENT_FRAME_BYTES", 500)
    assert divided(records_of(tmp_path / "f", encoded({"note": "x" * 300, "results": ROWS})))
    assert not divided(records_of(tmp_path / "f", encoded({"note": "x" * 600, "results": ROWS})))
    monkeypatch.setattr(limits, "MAX_DOCUMENT_ELEMENTS", 11)
    assert not divided(records_of(tmp_path / "f", encoded({"results": ROWS})))
    assert not divided(records_of(tmp_path / "f", encoded(SHAPES["records by id"])))


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "sources",
    [
        {"rows": "results", "reasoning": "reasoning", "external_id": "id"},
        {"reasoning": "results[*].reasoning", "external_id": "results[*].id", "model": "model"},
    ],
)
def test_mappings(tmp_path: Path, sources: dict[str, str]) -> None:
    """A person's own reading of the document fits its elements too."""
    fields = {k: v for k, v in sources.items() if k != "rows"}
    rows = {k: v for k, v in sources.items() if k == "rows"}
    mapping = FieldMapping.from_json(
        {"cotscope_mapping": 1, "name": "mine", "fields": fields, **rows}
    )
    value = {**HEAD, "results": ROWS}
    whole = mapping.read(value, FileHint())
    apart = [
        trace
        for record in records_of(tmp_path / "f", encoded(value))
        for trace in mapping.read(record.value, FileHint())
    ]
    assert apart == list(whole)


@pytest.mark.usefixtures("small")
def test_import_and_preview(tmp_path: Path) -> None:
    """The importer counts each row as a record; a preview shows them."""
    path = tmp_path / "f.json"
    path.write_bytes(encoded(SHAPES["a row without a text"]))
    with open_store(tmp_path / "t.duckdb") as store:
        report = import_file(store, path)
        assert (report.n_records, report.n_traces, report.n_quarantined) == (13, 12, 1)
        places = store.rows("SELECT record_index, external_id FROM trace ORDER BY 1")
        assert places[:2] == [(0, "q0"), (2, "q1")]
    shown = preview(path, 3)
    assert [r.n_traces for r in shown.records] == [1, 0, 1]
    assert not shown.complete


_MEASURE = """
import sys
from pathlib import Path
from analysis.formats.containers import open_records
from analysis.formats.registry import FileHint, read_record
hint, n = FileHint(), 0
for record in open_records(Path(sys.argv[1])):
    n += len(read_record(record.value, hint=hint))
status = Path("/proc/self/status").read_text()  # ru_maxrss starts at the parent's
print(n, int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


@pytest.mark.parametrize("ids", [False, True])
def test_memory(tmp_path: Path, ids: bool) -> None:
    """A document of 80 MB takes a fraction of what its value would."""
    path = tmp_path / "f.json"
    text = 'think "so" ' * 700
    with path.open("w") as out:
        out.write("{\n" if ids else '{"model": "m",\n "results": [\n')
        for i in range(10_000):
            row = json.dumps({"question": f"q{i}", "reasoning": text, "answer": str(i)})
            out.write(",\n" * (i > 0) + (f'"{i}": {row}' if ids else row))
        out.write("}\n" if ids else '],\n "end": {"n": 10000}}\n')
    assert path.stat().st_size > 80_000_000
    command = [sys.executable, "-c", _MEASURE, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    count, megabytes = map(int, done.stdout.split())
    assert count == 10_000
    assert megabytes < 250
