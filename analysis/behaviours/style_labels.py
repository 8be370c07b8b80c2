"""Labelled passages of traces that others published: the labels are ours, the texts stay with them.

Public labelled traces come from few models. ``cotscope_styles.jsonl`` adds passages of models with other
habits (terse ones, ones that write headings), labelled by a language model after ``docs/behaviours.md``.
A line names the text by file, line (from 0), field and hash, the passage and the labelled spans as offsets:
``{"id", "file", "line", "field", "sha256", "model", "problem", "labelled": [start, end], "spans":
[[start, end, [label, ...]], ...]}``. A sentence of the passage that no span covers has no label.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.errors import UsageError
from analysis.text.sentences import split_sentences

LABELS_FILE = Path(__file__).with_name("cotscope_styles.jsonl")
SOURCE = LABELS_FILE.stem
EXPRESSES = ("alternative", "backtracking", "final", "subgoal", "uncertainty", "verification_start")
"""Whole checks are labelled too, with the computing inside them; the sources that checks are judged
on leave it out, so they are not learned from here."""


def style_records(traces: Path) -> Iterator[dict[str, Any]]:
    """The passages in the form of a gold file; ``UsageError`` where a text is missing or another."""
    rows = [json.loads(line) for line in LABELS_FILE.read_text(encoding="utf-8").splitlines()]
    texts = _texts(rows, traces)
    for row in rows:
        text, question = texts.get((row["file"], row["line"], row["field"]), (None, None))
        if text is None or hashlib.sha256(text.encode()).hexdigest() != row["sha256"]:
            raise UsageError(
                f"Line {row['line']} of {traces / row['file']} is not the text that was labelled.",
                remedy="Give the folder of the files that the labels name, or leave --styles out.",
            )
        yield {
            "trace_id": row["id"],
            "problem_id": row["problem"],
            "model": row["model"],
            "source": SOURCE,
            "annotator": "LLM",
            "question": question,
            "reasoning": text,
            "expresses": EXPRESSES,
            "labelled": row["labelled"],
            "segments": _segments(text, row["labelled"], row["spans"]),
        }


def _segments(
    text: str, labelled: tuple[int, int], spans: list[tuple[int, int, list[str]]]
) -> list[dict[str, Any]]:
    """The labelled spans, and the sentences between them, in order."""
    found = [{"start": start, "end": end, "labels": labels} for start, end, labels in spans]
    taken = {start for start, _, _ in spans}
    for sentence in split_sentences(text):
        body = text[sentence.start : sentence.end]
        start = sentence.start + len(body) - len(body.lstrip())
        end = sentence.start + len(body.rstrip())
        if labelled[0] <= start < end <= labelled[1] and start not in taken:
            found.append({"start": start, "end": end, "labels": []})
    return sorted(found, key=lambda segment: int(segment["start"]))


def _texts(
    rows: list[dict[str, Any]], traces: Path
) -> dict[tuple[str, int, str], tuple[str, str | None]]:
    """Text and question by file, line and field."""
    wanted: dict[str, dict[int, set[str]]] = {}
    for row in rows:
        wanted.setdefault(row["file"], {}).setdefault(row["line"], set()).add(row["field"])
    found: dict[tuple[str, int, str], tuple[str, str | None]] = {}
    for name, lines in sorted(wanted.items()):
        path = traces / name
        if not path.is_file():
            raise UsageError(f"There is no file {path}, whose traces are labelled.")
        with path.open(encoding="utf-8") as source:
            for number, line in enumerate(source):
                record = json.loads(line) if number in lines else {}
                for field in lines.get(number, ()):
                    found[name, number, field] = (record.get(field) or "", record.get("question"))
    return found
