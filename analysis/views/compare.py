"""What the Compare page shows: the traces of one question, to be put side by side."""

from __future__ import annotations

import pyarrow as pa

from analysis.filters import Filters
from analysis.store.connection import Store
from analysis.store.where import where

MAX_QUESTIONS = 500


def questions(store: Store, filters: Filters, *, limit: int = MAX_QUESTIONS) -> pa.Table:
    """Questions with at least two traces under the filter, those with most efforts first."""
    condition, values = where(filters)
    return store.query("questions_with_many", {**values, "limit": limit}, where=condition)


def traces_of_question(store: Store, question_key: str) -> pa.Table:
    """The traces of one question, without their texts, ordered by model, effort, sample."""
    return store.query("traces_of_question", {"question": question_key})
