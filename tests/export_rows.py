"""A small store with hostile texts, for the tests of reports, figures and printed tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from analysis.runner import analyze
from analysis.store import Store, open_store
from analysis.store.importing import import_file

EVIL = '</script><script>window.pwned=1</script><img src=x onerror="window.pwned=1">'
MORE_EVIL = (
    "https://evil.example/x.png ![i](https://evil.example/y) {{7*7}} \\input{/etc/passwd} \u202eabc"
)


def row(name: str, effort: str, answer: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "question": f"What is 3+4? {EVIL}",
        "reasoning": f"3+4 = 7. So the answer is 7. {MORE_EVIL} Wait, let me check that again."
        f" It could be 8. Hmm. So the answer is {answer}. That is {answer}, I am sure.",
        "answer": rf"\boxed{{{answer}}}",
        "gold": "7",
        "correct": answer == "7",
        "model": f"m_1&2 {EVIL}",
        "effort": effort,
        "dataset": "d_%$#",
        **more,
    }


ROWS = [
    row("a1", "low", "7"),
    row("a2", "high", "8"),
    row("a3", "high", "7", question="What is 7?"),
    row("a4", "low", "7", question="What is 7?"),
    row(EVIL, "high", "8", question=MORE_EVIL),
]


def fill(folder: Path, rows: list[dict[str, Any]] = ROWS) -> Store:
    """A store with these rows, analysed. The caller closes it."""
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    store = open_store(folder / "store.duckdb")
    import_file(store, path)
    analyze(store, workers=1)
    return store
