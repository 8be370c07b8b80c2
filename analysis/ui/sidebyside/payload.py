"""What the columns are sent: each trace as the Reader has it, and which sentences correspond."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from analysis.effort.align import Alignment, align_all, levels
from analysis.model import MetricSpec
from analysis.ui import palette
from analysis.ui.reader.payload import payload as trace_payload
from analysis.views.reader import ReaderView

_Sentences = tuple[str, ...]


def payload(
    views: Sequence[ReaderView],
    names: Sequence[str],
    *,
    definitions: Mapping[str, str],
    specs: Mapping[str, MetricSpec],
    layers: Sequence[str] | None = None,
) -> dict[str, Any]:
    """The traces as the component wants them; ``names`` say in few words which each is.

    ``links`` are, of each two columns, the sentences that correspond, as two lists of indices;
    ``levels`` say of each sentence what the other columns have of it (``effort.align``).
    """
    columns = [
        trace_payload(
            view,
            definitions=definitions,
            specs=specs,
            layers=layers,
            compact=True,
            scale=max(len(view.trace["reasoning"] or "") for view in views),
        )
        for view in views
    ]
    columns = _numbered_alike(columns)
    texts = tuple(sentences(column["text"], column["starts"]) for column in columns)
    found = _aligned(texts)
    return {
        "columns": [column | {"name": name} for column, name in zip(columns, names, strict=True)],
        "links": [
            {
                "a": i,
                "b": j,
                "from": [link.a for link in both.links],
                "to": [link.b for link in both.links],
            }
            for (i, j), both in found.items()
        ],
        "levels": [list(level) for level in levels(found, [len(text) for text in texts])],
    }


def _numbered_alike(columns: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The columns with one list of labels, so that a label has one number in all of them."""
    looks = {label["name"]: label for column in columns for label in column["labels"]}
    names = palette.ordered(looks)
    number = {name: place for place, name in enumerate(names)}
    result = []
    for column in columns:
        own = {label["name"]: label for label in column["labels"]}
        new = [number[label["name"]] for label in column["labels"]]
        result.append(
            column
            | {
                "labels": [own.get(name, {**looks[name], "count": 0}) for name in names],
                "combinations": [[new[at] for at in some] for some in column["combinations"]],
                "findings": [f | {"label": new[f["label"]]} for f in column["findings"]],
            }
        )
    return result


def sentences(text: str, starts: Sequence[int]) -> _Sentences:
    """The pieces of a text that begin at ``starts`` (code points, ascending from 0)."""
    return tuple(text[start:end] for start, end in pairwise([*starts, len(text)]))


@lru_cache(maxsize=16)
def _aligned(texts: tuple[_Sentences, ...]) -> dict[tuple[int, int], Alignment]:
    # The page runs again on every click; the same traces are aligned once.
    return align_all(texts)
