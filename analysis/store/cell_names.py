"""What a person says of cells and questions, kept beside what the records say."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from analysis.effort.choosing import sides
from analysis.effort.tallies import Tallies, Tally
from analysis.errors import UsageError
from analysis.store.connection import Store
from analysis.store.rows import naive_utc

MAX_NAME_CHARS = 200
_SAME_CELL = (
    "dataset = $dataset AND stated_model IS NOT DISTINCT FROM $model"
    " AND stated_effort IS NOT DISTINCT FROM $effort"
)


@dataclass(frozen=True, slots=True)
class CellEdit:
    """What a person set of a cell; None leaves what the records say."""

    model: str | None = None
    effort: str | None = None
    budget_tokens: int | None = None
    position: float | None = None
    """Place in the order of the efforts of a model; see ``naming.ORDERS``."""

    def __post_init__(self) -> None:
        for what, text in (("model", self.model), ("effort", self.effort)):
            if text is not None and not 0 < len(text.strip()) <= MAX_NAME_CHARS:
                raise UsageError(f"A {what} has 1 to {MAX_NAME_CHARS} characters.")
        if self.budget_tokens is not None and not 0 <= self.budget_tokens < 2**53:
            raise UsageError("A budget is a number of tokens, 0 or more.")
        if self.position is not None and not math.isfinite(self.position):
            raise UsageError("A place in the order is a finite number.")


def one_cell(found: Tallies, name: str) -> Tally:
    """The cell of this name (``choosing.sides``). ``UsageError`` for a data set or an unknown name."""
    side = sides(found, name)
    if side.kind != "cell":
        raise UsageError(
            f"{name!r} is a data set.", remedy="Name one of its cells: DATASET/MODEL@EFFORT."
        )
    return side.cells[0]


def set_cell(store: Store, cell: Tally, edit: CellEdit) -> None:
    """Store what a person says of a cell; what the edit leaves open stays as it was set before.

    The traces are not touched. Cells that get the same model and effort become one.
    """
    now = naive_utc(datetime.now(UTC))
    columns = ("model", "effort", "budget_tokens", "position")
    with store.transaction() as cursor:
        for model, effort in cell.stated:
            key = {"dataset": cell.cell.dataset, "model": model, "effort": effort}
            cursor.execute(
                f"SELECT {', '.join(columns)} FROM cell_name WHERE {_SAME_CELL}",  # noqa: S608
                key,
            )
            before = cursor.fetchone() or (None,) * len(columns)
            cursor.execute(f"DELETE FROM cell_name WHERE {_SAME_CELL}", key)  # noqa: S608
            given = (edit.model, edit.effort, edit.budget_tokens, edit.position)
            kept = [old if new is None else new for new, old in zip(given, before, strict=True)]
            cursor.execute(
                "INSERT INTO cell_name VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [cell.cell.dataset, model, effort, *kept, now],
            )


def reset_cell(store: Store, cell: Tally) -> int:
    """Forget what a person set of a cell; how many names that were."""
    forgotten = 0
    with store.transaction() as cursor:
        for model, effort in cell.stated:
            key = {"dataset": cell.cell.dataset, "model": model, "effort": effort}
            found = cursor.execute(f"SELECT count(*) FROM cell_name WHERE {_SAME_CELL}", key)  # noqa: S608
            forgotten += int((found.fetchone() or (0,))[0])
            cursor.execute(f"DELETE FROM cell_name WHERE {_SAME_CELL}", key)  # noqa: S608
    return forgotten


def merge_questions(store: Store, into: str, keys: Iterable[str]) -> int:
    """Count the questions ``keys`` as the question ``into``; how many there were.

    Questions that count as one of ``keys`` already go with it. Raises ``UsageError`` for a key that
    the store does not hold.
    """
    chosen = [key for key in dict.fromkeys(keys) if key != into]
    wanted = [into, *chosen]
    known = {
        row[0]
        for row in store.rows(
            "SELECT DISTINCT question_key FROM trace_row WHERE list_contains($keys, question_key)",
            {"keys": wanted},
        )
    }
    for key in wanted:
        if key not in known:
            raise UsageError(
                f"There is no question {key!r}.",
                remedy="Take keys from: cotscope questions --near-duplicates.",
            )
    now = naive_utc(datetime.now(UTC))
    with store.transaction() as cursor:
        # One step leads from any question to the one it counts as.
        root = cursor.execute(
            "SELECT into_key FROM question_merge WHERE question_key = ?", [into]
        ).fetchone()
        target = root[0] if root else into
        for key in (k for k in chosen if k != target):
            cursor.execute(
                "UPDATE question_merge SET into_key = ? WHERE into_key = ?", [target, key]
            )
            cursor.execute("DELETE FROM question_merge WHERE question_key = ?", [key])
            cursor.execute("INSERT INTO question_merge VALUES (?, ?, ?)", [key, target, now])
    return len([k for k in chosen if k != target])


def split_question(store: Store, key: str) -> int:
    """Take a merge back: of this question, or of all that count as it; how many."""
    with store.transaction() as cursor:
        condition = "question_key = $key OR into_key = $key"
        found = cursor.execute(
            f"SELECT count(*) FROM question_merge WHERE {condition}",  # noqa: S608
            {"key": key},
        ).fetchone()
        cursor.execute(f"DELETE FROM question_merge WHERE {condition}", {"key": key})  # noqa: S608
    return int((found or (0,))[0])


def merges(store: Store) -> list[tuple[str, str]]:
    """(question, the question it counts as) of every merge, in order."""
    return [
        (row[0], row[1])
        for row in store.rows(
            "SELECT question_key, into_key FROM question_merge ORDER BY into_key, question_key"
        )
    ]
