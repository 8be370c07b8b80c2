"""A small dump for the tests of the Reader and Compare pages, and the app opened on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from analysis.runner import analyze
from analysis.store import open_store
from analysis.store.importing import import_file
from analysis.ui.reader import wire

QUESTION = "What is the sum of the first ten odd numbers?"
REASONING = (
    "We need the sum of the first ten odd numbers. That gives 100, since it is ten squared. "
    "So the answer is 100.\n\n"
    "Let me double-check this by adding them: 1 + 3 + 5 + 7 + 9 = 25, and the rest is 75. "
    "The total is 100, which matches.\n\n"
    "Alternatively, I could pair them: 1 + 19 = 20, five pairs, 5 · 20 = 100. So the answer is 100."
)
HOSTILE = "![x](http://127.0.0.1:9/beacon) <img src=x onerror=alert(1)> **b** $x$ :red[r] \u202eabc"


def rows() -> list[dict[str, Any]]:
    base = {
        "question": QUESTION,
        "answer": r"It is \boxed{100}.",
        "gold": "100",
        "model": "heron-32b",
    }
    efforts = [
        {
            "id": "low",
            "effort": "low",
            "reasoning": "Ten squared. So the answer is 100.",
            "correct": True,
        },
        {"id": "medium", "effort": "medium", "reasoning": REASONING, "correct": True},
        {
            "id": "high",
            "effort": "high",
            "reasoning": REASONING + "\n\n" + REASONING,
            "correct": False,
        },
        {"id": "high-1", "effort": "high", "reasoning": REASONING, "sample_index": 1},
    ]
    return [
        *({**base, **row} for row in efforts),
        {"id": "bare", "question": "Why?", "answer": "Because.", "model": "plover-mini"},
        {
            "id": "hostile",
            "question": HOSTILE + " why " * 100,
            "reasoning": f"Well. {HOSTILE} So the answer is 5.",
            "answer": HOSTILE,
            "model": HOSTILE,
            "effort": HOSTILE,
            "note": HOSTILE,
        },
    ]


def build(folder: Path) -> Path:
    """A database of ``rows()``, analysed."""
    dump = folder / "reader_dump.jsonl"
    dump.write_text("".join(json.dumps(row) + "\n" for row in rows()), encoding="utf-8")
    database = folder / "reader.duckdb"
    with open_store(database) as store:
        import_file(store, dump)
        analyze(store, workers=0)
    return database


def open_page(
    monkeypatch: pytest.MonkeyPatch, root: Path, database: Path, page: str, **query: str
) -> AppTest:
    """The page of the app, run once with this address."""
    monkeypatch.setenv("COTSCOPE_DB", str(database))
    app = AppTest.from_file(str(root / "app.py"), default_timeout=60).run()
    app.switch_page(f"pages/{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def surfaces(app: AppTest) -> list[dict[str, Any]]:
    """What each reading surface on the page was sent."""
    return [
        unpacked(found.proto.bytes) if found.proto.bytes else json.loads(found.proto.json)
        for found in app.get("bidi_component")
    ]


def unpacked(sent: bytes) -> dict[str, Any]:
    """The payload in what ``wire.packed`` gives, as ``web/wire.js`` reads it."""
    data: dict[str, Any] = json.loads(sent)
    for name in wire.ROWS:
        by_column = data[name]["columns"]
        data[name] = [
            {
                key: column[row] if isinstance(column, list) else _value(column, row)
                for key, column in by_column.items()
            }
            for row in range(data[name]["rows"])
        ]
    return data


def _value(column: dict[str, Any], row: int) -> Any:
    return column["of"][column["at"][row] if "at" in column else 0]


def markdown_of(app: AppTest) -> list[str]:
    """Every string of the page that is read as Markdown."""
    found = [block.value for block in [*app.markdown, *app.caption, *app.title, *app.subheader]]
    found += [block.value for block in [*app.info, *app.warning, *app.error]]
    found += [expander.label for expander in app.expander]
    return found


def close() -> None:
    """Let go of the database that the page opened."""
    streamlit.cache_resource.clear()
