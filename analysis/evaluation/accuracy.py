"""The accuracy that ships with the product: ``accuracy.json``, and what it says of a finding.

``publish`` writes the file. Cheap to ask: the table is read once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from analysis.evaluation.families import NOT_STATED, OTHER, family_of

NAME = "accuracy.json"
FORMAT = 1
FEW = 20
"""Fewer predicted segments are told as a count, not as a rate."""
ALL = "all families"
RULES = "rules alone, written with this data in view"
"""How a table of the rules names its split: it says little of a fitted detector."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How often a finding of a label was right on labelled data."""

    precision: float
    n: int
    """Predicted segments that it was measured on."""
    family: str | None
    """The family it was measured on; None: not on this model's family, but on all others."""
    text: str
    """In words: 'right 7 times in 10 on R1-like traces'."""
    low: float | None = None
    high: float | None = None
    """95 % interval of the precision, by a bootstrap over traces."""
    annotator_kind: str = "human"
    split: str = ""
    """How the detector and the data were kept apart."""


@dataclass(frozen=True, slots=True)
class Published:
    """The table with what it is of."""

    detector: str
    split: str
    rows: tuple[Mapping[str, Any], ...]
    """Label x source x family, as ``tables.Row.flat`` gives them."""
    pooled: tuple[Mapping[str, Any], ...]
    """Label x family x kind of annotator, each text once."""
    gold: Mapping[str, str]
    """File of labelled traces -> its sha256."""
    about: Mapping[str, Any]
    """Everything else: versions, seed, hash of the predictions."""


@cache
def published() -> Published:
    """The table that ships. Empty, and says so, where the file is missing."""
    file = resources.files("analysis.evaluation").joinpath(NAME)
    if not file.is_file():
        return Published("no detector", "not measured", (), (), {}, {})
    return parse(json.loads(file.read_text(encoding="utf-8")))


def parse(found: Mapping[str, Any]) -> Published:
    """The content of ``accuracy.json``."""
    known = ("detector", "split", "rows", "pooled", "gold")
    return Published(
        detector=found["detector"],
        split=found["split"],
        rows=tuple(found["rows"]),
        pooled=tuple(found["pooled"]),
        gold=found["gold"],
        about={key: value for key, value in found.items() if key not in known},
    )


def measured(label: str, model: str | None, table: Published | None = None) -> Measured | None:
    """What is known of a finding with this label in a trace of this model.

    Human labels come first, then those of LLMs; where the model's family was not measured, all
    families together are told, and that they are. None where the label was not measured at all.
    """
    table = table or published()
    family = family_of(model)
    for wanted in (family, ALL):
        rows = [
            row
            for row in table.pooled
            if row["label"] == label and row["family"] == wanted and row["n_predicted"]
        ]
        if rows:
            # Human labels unless they say next to nothing and those of LLMs say more.
            rows.sort(key=lambda r: (r["n_predicted"] < 5, r["annotator_kind"] != "human"))
            return _measured(rows[0], family, wanted, table.split)
    return None


def _measured(row: Mapping[str, Any], family: str, wanted: str, split: str) -> Measured:
    human = row["annotator_kind"] == "human"
    known = wanted != ALL
    if known:
        where = f"on {family} traces" if family not in (OTHER, NOT_STATED) else f"on {family}"
    elif family in (OTHER, NOT_STATED):
        where = "on all models measured"
    else:
        where = f"on other models (not measured on {family})"
    text = f"right {_times(row['tp'], row['n_predicted'])} {where}"
    if not human:
        text += ", judged by an LLM"
    if split == RULES:
        text += ", by rules alone"
    return Measured(
        precision=row["precision"],
        n=row["n_predicted"],
        family=family if known else None,
        text=text,
        low=row["precision_low"],
        high=row["precision_high"],
        annotator_kind=row["annotator_kind"],
        split=split,
    )


def _times(right: int, n: int) -> str:
    if n < FEW:
        return f"in {right} of {n} cases"
    tenths = round(10 * right / n)
    if tenths == 0:
        return "less than 1 time in 20"
    if tenths == 10:
        return "more than 19 times in 20"
    return f"{tenths} time{'' if tenths == 1 else 's'} in 10"
