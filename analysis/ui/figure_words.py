"""Figures as a person reads them: their words in the person's language.

``analysis.charts`` and its like draw in English, for papers and reports too; a page shows what
``in_language`` makes of that. Names that are data are left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import plotly.graph_objects as go

from analysis.ui.i18n import known, language

_COUNTED = re.compile(r"(.*) \(([\d,; ]+|[\d,]+ of [\d,]+|[a-z]{2,3})\)")
_OF = re.compile(r"([\d,]+) of ([\d,]+)")
_BREAK = re.compile(r"(<br>|<extra>|</extra>)")
_EFFORTS = ("none", "off", "minimal", "low", "medium", "high", "xhigh", "max")
"""Levels of effort are data, also where such a word stands in the catalogs."""


def in_language(figure: go.Figure, *, said: Collection[int] = ()) -> go.Figure:
    """``figure``, with axes, legend and hover texts translated in place.

    ``said``: which entries of the points' ``customdata`` are words for the hover. All others may be
    what a click goes by, and stay.
    """
    if language() == "en":
        return figure
    figure.for_each_trace(lambda trace: _trace(trace, frozenset(said)))
    figure.for_each_xaxis(_axis)
    figure.for_each_yaxis(_axis)
    figure.for_each_annotation(lambda note: note.update(text=_words(note.text)))
    return figure


def _trace(trace: Any, said: frozenset[int]) -> None:
    if trace.name:
        trace.name = _name(trace.name)
    if trace.hovertemplate:
        trace.hovertemplate = _words(trace.hovertemplate)
    if trace.type == "bar" and isinstance(trace.text, list | tuple):
        trace.text = [_words(text) for text in trace.text]
    if said and trace.customdata is not None:
        trace.customdata = [
            [known(v) if i in said and isinstance(v, str) else v for i, v in enumerate(row)]
            for row in trace.customdata
        ]


def _axis(axis: Any) -> None:
    if axis.title.text:
        axis.title.text = _words(axis.title.text)
    for name in ("ticktext", "categoryarray"):
        values = axis[name]
        if values is not None:
            axis[name] = [_name(str(value)) for value in values]


def _words(text: str) -> str:
    """A text of several lines, each translated by itself."""
    return "".join(part if _BREAK.fullmatch(part) else known(part) for part in _BREAK.split(text))


def _name(name: str) -> str:
    """A name in a legend or beside an axis, often with a number or a code in brackets."""
    counted = _COUNTED.fullmatch(name)
    if not counted:
        return name if name in _EFFORTS else known(name)
    head, tail = counted.groups()
    parts = _OF.fullmatch(tail)
    tail = f"{parts[1]} / {parts[2]}" if parts else tail
    return f"{head if head in _EFFORTS else known(head)} ({tail})"
