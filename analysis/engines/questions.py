"""The questions of a run: typed, one a line, or records with an answer to judge by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.errors import InputError, UsageError
from analysis.formats.aliases import ALIASES
from analysis.formats.containers import open_records
from analysis.formats.fields import Row, as_gold, as_id, as_label, as_text
from analysis.formats.messages import is_messages

MAX_QUESTIONS = 1_000_000
_PLAIN = (".txt", ".text", ".md")


@dataclass(frozen=True, slots=True)
class Question:
    """One question; the ids tell it apart from others of the run."""

    text: str
    id: str
    gold: str | None = None
    dataset: str | None = None
    system: str | None = None
    gym: Mapping[str, Any] | None = None
    """Of a question of reasoning-gym: what makes it again, and so can judge its answers (``gym``)."""


def typed_questions(texts: Iterable[str], *, dataset: str | None = None) -> list[Question]:
    """Questions that a person typed or pasted, each once; blank ones are left out."""
    found = dict.fromkeys(text.strip() for text in texts if text.strip())
    return [Question(text, f"q{n}", dataset=dataset or "typed") for n, text in enumerate(found, 1)]


def read_questions(path: Path, *, dataset: str | None = None) -> list[Question]:
    """The questions of a file: a text file has one a line; any other that can be imported has
    records with the question under one of its usual names, and the answer to judge by if any.

    Raises ``InputError`` with the line of a record that asks nothing: a run does not skip questions.
    """
    name = dataset or path.stem
    if path.suffix.lower() in _PLAIN:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path.name} is not UTF-8 text.", remedy="Save it as UTF-8."
            ) from error
        found = typed_questions(text.split("\n"), dataset=name)
    else:
        found = []
        for record in open_records(path):
            if record.blank:
                continue
            at = f"line {record.line_no}" if record.line_no else f"record {record.index + 1}"
            if record.rejected is not None:
                raise InputError(f"{path.name}, {at}: {record.rejected.reason}")
            question = _read(record.value, len(found) + 1, dataset, name)
            if question is None:
                raise InputError(
                    f"{path.name}, {at}: no question found.",
                    remedy="Put it under the key question (problem, prompt), the answer under gold.",
                )
            found.append(question)
            if len(found) > MAX_QUESTIONS:
                raise InputError(f"{path.name} holds more than {MAX_QUESTIONS:,} questions.")
    if not found:
        raise InputError(f"{path.name} holds no question.")
    return _apart(found)


def _read(value: object, number: int, dataset: str | None, name: str) -> Question | None:
    if not isinstance(value, dict):
        return None
    row = Row(value)
    system = row.take(as_text, *ALIASES["system_prompt"])
    text = row.take(as_text, *ALIASES["question"])
    if text is None:
        named = (value[k] for k in ("messages", "prompt") if is_messages(value.get(k)))
        turns: list[Any] = next(named, [])
        said = [t for t in turns if isinstance(t, dict) and isinstance(t.get("content"), str)]
        asked = [t["content"] for t in said if t.get("role") == "user"]
        text = asked[-1] if asked else None
        told = [t["content"] for t in said if t.get("role") == "system"]
        system = system or (told[0] if told else None)
    if text is None or not text.strip():
        return None
    own = row.take(as_label, *ALIASES["dataset"])
    id_ = row.take(as_id, *ALIASES["question_id"], *ALIASES["external_id"])
    gold = row.take(as_gold, *ALIASES["gold_answer"], "answer", "solution")
    return Question(text.strip(), str(id_ or f"q{number}"), gold, dataset or own or name, system)


def _apart(questions: Sequence[Question]) -> list[Question]:
    """The same questions, refused if two different ones have the same id."""
    seen: dict[str, str] = {}
    for question in questions:
        if seen.setdefault(question.id, question.text) != question.text:
            raise UsageError(
                f"Two questions have the id {question.id!r}.", remedy="Give each its own, or none."
            )
    return list({q.id: q for q in questions}.values())
