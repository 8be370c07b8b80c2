"""What each column of an exported table is, and which of them a printed table shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from analysis.effort import columns, columns_more
from analysis.model import MetricSpec
from analysis.store.connection import Store
from analysis.store.samples import all_metric_specs
from analysis.views.behaviours import COLUMNS as BEHAVIOUR_COLUMNS
from analysis.views.summary import SUMMARY_COLUMNS

_AT_K = re.compile(r"(pass|maj|weighted_vote)_at_(\d+)")
_MAKERS = {
    "pass": columns.pass_spec,
    "maj": columns.maj_spec,
    "weighted_vote": columns_more.weighted_spec,
}
_OF_TRACES = (
    MetricSpec("trace_id", "Trace", "", "text", "Hash of the file and the place in it.", "", "text"),
    MetricSpec("external_id", "Id", "", "text", "The record's own id.", "", "text"),
    MetricSpec("question_id", "Question", "", "text", "The record's own id of the question.", "", "text"),
    MetricSpec("question_key", "Question key", "", "text", "What pairs traces as answers to the same question.", "", "text"),
    MetricSpec("sample_index", "Sample", "", ">= 0", "Which of the samples of its question.", "", "integer"),
    MetricSpec("correct", "Correct", "", "true/false", "The verdict; empty where there is none.", "", "boolean"),
    MetricSpec("reasoning_kind", "Kind of reasoning", "", "text", "visible, summary, encrypted, redacted, hidden or none.", "", "text"),
    MetricSpec("truncated", "Truncated", "", "true/false", "Whether the response was cut off.", "", "boolean"),
)  # fmt: skip
PRINTED = {
    "cells": (
        "dataset",
        "model",
        "effort",
        "n_questions",
        "n_traces",
        "accuracy",
        "accuracy_low",
        "accuracy_high",
        "mean_tokens",
        "mean_post_answer_waste",
        "mean_right_to_wrong",
        "mean_tail_loop",
    ),
    "questions": (
        "dataset",
        "question_id",
        "question",
        "model",
        "effort",
        "n_traces",
        "n_correct",
        "accuracy",
        "difficulty",
        "mean_tokens",
    ),
    "pairs": (
        "dataset",
        "model_a",
        "effort_a",
        "model_b",
        "effort_b",
        "n_judged",
        "difference",
        "difference_low",
        "difference_high",
        "mcnemar_p",
        "token_ratio",
        "token_ratio_low",
        "token_ratio_high",
    ),
    "metrics": (
        "external_id",
        "model",
        "effort",
        "correct",
        "thinking_tokens",
        "first_final_frac",
        "tokens_after_first_final",
        "n_candidates",
        "n_answer_changes",
        "tail_loop",
    ),
    "summary": ("title", "unit", "n", "mean", "sd", "p05", "median", "p95"),
}
"""Table -> the columns of its printed form (LaTeX, Markdown) unless others are asked for."""


def specs_of(store: Store, table: str, names: Iterable[str]) -> dict[str, MetricSpec]:
    """The definition of each of these columns, in order; one we know nothing of has an empty one."""
    known = _known(store, table)
    return {name: known.get(name) or _at_k(name) or _plain(name) for name in names}


def _known(store: Store, table: str) -> Mapping[str, MetricSpec]:
    metrics = all_metric_specs(store)
    fixed: tuple[MetricSpec, ...] = {
        "questions": (*columns.QUESTION_COLUMNS, *columns_more.QUESTION_MORE),
        "cells": (
            *columns.CELL_COLUMNS,
            *columns.CELL_MORE,
            *columns_more.CELL_LAST,
            *columns_more.CELL_NAMED,
        ),
        "pairs": columns.PAIR_COLUMNS,
        "summary": SUMMARY_COLUMNS,
        "behaviours": BEHAVIOUR_COLUMNS,
        "metrics": (*columns.CELL_COLUMNS[:3], *_OF_TRACES, *metrics),
    }.get(table, ())
    if table == "cells":
        fixed += tuple(spec for metric in metrics for spec in columns.mean_specs(metric))
    return {spec.name: spec for spec in fixed}


def _at_k(name: str) -> MetricSpec | None:
    found = _AT_K.fullmatch(name)
    return _MAKERS[found[1]](found[2]) if found else None


def _plain(name: str) -> MetricSpec:
    return MetricSpec(name, name, "", "", "", "", "text")
