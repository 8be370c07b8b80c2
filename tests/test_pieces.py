"""Pieces of streamed replies that stand one a record become one record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analysis.formats.containers import Record, open_records
from analysis.formats.registry import FileHint, read_record
from tests import test_formats_streams as streams

OTHER = {"prompt": "q", "output": "an answer"}
WHOLE = {"model": "m", "message": {"role": "assistant", "content": "whole"}, "done": True}


def read(records: list[Record]) -> list[tuple[str | None, str | None]]:
    found = []
    for record in records:
        traces = record.rejected or read_record(record.value, hint=FileHint())
        found += [(t.reasoning, t.answer) for t in traces] if isinstance(traces, list) else []
    return found


def lines(path: Path, *values: Any) -> Path:
    path.write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    return path


PIECES = {
    "ollama": streams.OLLAMA,
    "chat": streams.CHAT,
    "gemini": streams.GEMINI,
    "anthropic": streams.ANTHROPIC,
    "responses": [*streams.RESPONSES, streams.DONE],
    "cohere": streams.COHERE,
    "turns": [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": streams.ANSWER, "reasoning_content": streams.THOUGHT},
    ],
}
SAID = (streams.THOUGHT, streams.ANSWER)


@pytest.mark.parametrize("kind", PIECES)
@pytest.mark.parametrize("array", [False, True])
def test_pieces_become_one_record(tmp_path: Path, kind: str, array: bool) -> None:
    values = [OTHER, *PIECES[kind], OTHER]
    path = tmp_path / "p.json"
    if array:
        path.write_text(json.dumps(values, indent=1), encoding="utf-8")
    else:
        lines(path, *values)
    records = list(open_records(path))
    assert [r.index for r in records] == [0, 1, 2]
    assert read(records) == [(None, "an answer"), SAID, (None, "an answer")]


@pytest.mark.parametrize("kind", [k for k in PIECES if k not in ("chat", "gemini")])
def test_replies_one_after_the_other(tmp_path: Path, kind: str) -> None:
    path = lines(tmp_path / "p.jsonl", *PIECES[kind], *PIECES[kind])
    assert read(list(open_records(path))) == [SAID, SAID]


def test_replies_with_ids_are_told_apart(tmp_path: Path) -> None:
    again = [{**piece, "id": "c2"} for piece in streams.CHAT]
    assert read(list(open_records(lines(tmp_path / "p.jsonl", *streams.CHAT, *again)))) == [
        SAID,
        SAID,
    ]
    again = [{**piece, "responseId": "g2"} for piece in streams.GEMINI]
    assert read(list(open_records(lines(tmp_path / "q.jsonl", *streams.GEMINI, *again)))) == [
        SAID,
        SAID,
    ]


def test_whole_replies_stay_as_they_are(tmp_path: Path) -> None:
    one = streams.candidate("whole", finish="STOP")
    path = lines(tmp_path / "p.jsonl", WHOLE, WHOLE, one, one)
    records = list(open_records(path))
    assert [r.value for r in records] == [WHOLE, WHOLE, one, one]
    assert [r.line_no for r in records] == [1, 2, 3, 4]


def test_reading_goes_on_behind_the_last_piece(tmp_path: Path) -> None:
    path = lines(tmp_path / "p.jsonl", OTHER, *streams.OLLAMA, WHOLE, *streams.OLLAMA, OTHER)
    records = list(open_records(path))
    assert len(records) == 5
    for at, last in enumerate(records):
        rest = open_records(
            path, start_byte=last.byte_end, start_line=last.end_line or 0, start_index=at + 1
        )
        assert [(r.index, r.line_no, r.byte_start, r.value) for r in rest] == [
            (r.index, r.line_no, r.byte_start, r.value) for r in records[at + 1 :]
        ]


def test_a_broken_line_does_not_hide_the_pieces_around_it(tmp_path: Path) -> None:
    path = lines(tmp_path / "p.jsonl", *streams.OLLAMA[:2])
    with path.open("a", encoding="utf-8") as file:
        file.write("{broken\n" + "".join(json.dumps(v) + "\n" for v in streams.OLLAMA[2:]))
    records = list(open_records(path))
    assert [bool(r.rejected) for r in records] == [False, True, False]
    assert read(records) == [(streams.THOUGHT, None), (None, streams.ANSWER)]
