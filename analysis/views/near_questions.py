"""Questions of a store that may be one: a list for a person to decide on."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from analysis.effort.near_duplicates import LEAST, near_duplicates
from analysis.filters import Filters
from analysis.store.connection import Store
from analysis.store.where import where
from analysis.views.tables import BOOLEAN, INTEGER, NUMBER, TEXT, table

NEAR_COLUMNS = {
    "similarity": NUMBER, "same_numbers": BOOLEAN, "key_a": TEXT, "key_b": TEXT, "id_a": TEXT, "id_b": TEXT,
    "datasets_a": TEXT, "datasets_b": TEXT, "n_traces_a": INTEGER, "n_traces_b": INTEGER,
    "question_a": TEXT, "question_b": TEXT,
}  # fmt: skip
_PARTS = ("key", "id", "datasets", "n_traces", "question")


def near_questions(store: Store, filters: Filters, *, least: float = LEAST) -> pa.Table:
    """Pairs of questions (``NEAR_COLUMNS``) whose texts are at least ``least`` of 100 alike.

    Those with the same numbers come first. Questions that a person has merged count as one.
    """
    condition, values = where(filters)
    rows = store.query("question_texts", values, where=condition).to_pylist()
    texts = {
        row["trace_id"]: row["question"]
        for row in store.arrow(
            "SELECT trace_id, unpack_text(question_packed) AS question FROM trace_row"
            " WHERE list_contains($ids, trace_id)",
            {"ids": [row["trace_id"] for row in rows]},
        ).to_pylist()
    }
    found = []
    for near in near_duplicates([texts.get(row["trace_id"]) for row in rows], least):
        row: dict[str, Any] = {"similarity": near.similarity, "same_numbers": near.same_numbers}
        for side, place in (("a", near.a), ("b", near.b)):
            source = rows[place]
            values_of = ("question_key", "question_id", "datasets", "n_traces", "preview")
            row |= {
                f"{part}_{side}": source[name] for part, name in zip(_PARTS, values_of, strict=True)
            }
        found.append(row)
    return table(found, NEAR_COLUMNS)
