"""What the sections of the Compare page share: their cells, clicks that lead to rows, tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from analysis.effort.tallies import Tallies
from analysis.filters import Filters
from analysis.store import Store
from analysis.text.visible import visible
from analysis.ui.figure_words import in_language
from analysis.ui.i18n import N_, t
from analysis.ui.state import href, page_path
from analysis.ui.text import plain
from analysis.views import efforts
from analysis.views.traces import choices

SIDE_BY_SIDE = N_("Side by side")
_ROW = 35


@dataclass
class Scope:
    """The traces that a section is about; cells are read once a run, and only if asked for."""

    store: Store
    filters: Filters

    @cached_property
    def loaded(self) -> Tallies:
        """All cells."""
        return efforts.load(self.store, self.filters)

    @property
    def labels(self) -> list[str]:
        """The names of the cells, in order."""
        return [cell.label for cell in self.loaded.cells]


def one_dataset(store: Store, filters: Filters) -> Scope:
    """The cells of one data set; where there are several, a person chooses which."""
    found = choices(store)["dataset"]
    names = [name for name, _ in found if not filters.dataset or name in filters.dataset]
    if len(names) > 1:
        largest = max(found, key=lambda pair: (pair[0] in names, pair[1]))[0]
        chosen = st.selectbox(
            t("Data set"),
            names,
            index=names.index(largest),
            key="data",
            bind="query-params",
            help=t(
                "Difficulty, fronts and pairs are within one data set. Two of them: section Diff."
            ),
            width=420,
        )
        filters = replace(filters, dataset=(chosen,))
    return Scope(store, filters)


def several_cells(scope: Scope) -> bool:
    """Whether there is anything to compare; says what to do where there is not."""
    cells = scope.loaded.cells
    if len(cells) > 1:
        return True
    if not cells:
        st.info(
            t(
                "No trace with a question passes this filter. Widen it in the sidebar, or import traces"
                " on the Library page."
            ),
            icon=":material/filter_alt_off:",
        )
        return False
    st.info(
        t(
            "There is one cell here: {label}. A comparison needs another effort, budget,"
            " checkpoint or model on the same questions: import one, or widen the filter.",
            label=plain(cells[0].label, 120),
        ),
        icon=":material/view_column:",
    )
    return False


def chart(
    figure: go.Figure,
    *,
    key: str,
    alt: str,
    act: Callable[[str], None] | None,
    said: Sequence[int] = (),
) -> None:
    """Draw ``figure``; a click calls ``act`` with the last entry of the point's ``customdata``.

    ``said``: entries that are words of ours for the hover.
    """
    figure = in_language(figure, said=said)
    if act is None:
        st.plotly_chart(figure, key=key, alt=alt)
        return
    st.plotly_chart(
        figure,
        key=key,
        on_select=lambda: _clicked(key, act),
        selection_mode="points",
        alt=alt,
    )


def _clicked(key: str, act: Callable[[str], None]) -> None:
    token = last_entry(st.session_state.get(key))
    if token:
        act(token)


def last_entry(event: Any, back: int = 1) -> str | None:
    """The ``back``-th last entry of the ``customdata`` of the point that was clicked."""
    points = event.selection.points if event else []
    data = points[0].get("customdata") if points else None
    if isinstance(data, Mapping):  # Streamlit gives a list, or a mapping of places
        data = [data[name] for name in sorted(data, key=int)]
    return str(data[-back]) if isinstance(data, list | tuple) and len(data) >= back else None


def open_question(question: str, trace_id: str = "") -> None:
    """In a callback: the traces of a question side by side, ``trace_id`` first."""
    for name in ("a", "b", "c", "d"):
        st.query_params.pop(name, None)
    st.session_state.pop("compare_cells", None)
    st.query_params["question"] = question
    if trace_id:
        st.query_params["a"] = trace_id
    st.session_state["view"] = SIDE_BY_SIDE


def question_href(question: str, *traces: str) -> str:
    """A link to the traces of a question side by side."""
    slots = dict(zip(("a", "b", "c", "d"), traces, strict=False))
    return href("compare", {"view": SIDE_BY_SIDE, "question": question, **slots})


def traces_link(key: str) -> None:
    """Below a chart of cells: the way to the traces of the one that was clicked last, if any."""
    picked = dict(parse_qsl(st.session_state.get(key, "")))
    if not picked:
        return
    label = " · ".join(value for name, value in picked.items() if name != "dataset")
    st.page_link(
        page_path("traces"),
        label=t("Open the traces of {label}", label=plain(label, 80)),
        icon=":material/table_rows:",
        query_params={name: [value] for name, value in picked.items()},
    )


class Column(NamedTuple):
    """How a column of a table is shown. ``kind``: text, count, number, share, points, p, link."""

    title: str
    kind: str = "text"
    help: str = ""
    width: Any = None


def table(
    rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Column], *, most: int = 12
) -> None:
    """Rows as a table; an undefined number stays empty."""
    frame, config = {}, {}
    for name, column in columns.items():
        values = [row.get(name) for row in rows]
        frame[name] = _values(values, column.kind)
        config[name] = _config(_wide_enough(column, frame[name]))
    st.dataframe(
        pd.DataFrame(frame),
        hide_index=True,
        height=_ROW * (min(max(len(rows), 1), most) + 1) + 3,
        column_config=config,
        placeholder="–",
    )


def _wide_enough(column: Column, values: Any) -> Column:
    """A column of names as wide as the longest of them, within reason: their ends tell them apart."""
    if column.kind != "text" or column.width != "medium":
        return column
    longest = max((len(value) for value in values), default=0)
    return column._replace(width=min(max(120, 7 * longest + 24), 320))


def _values(values: list[Any], kind: str) -> Any:
    if kind in ("text", "link"):
        return ["" if v is None else v if kind == "link" else visible(str(v)) for v in values]
    if kind == "count":
        return pd.array([None if v is None else round(v) for v in values], dtype="Int64")
    if kind in ("points", "share"):
        values = [None if v is None else 100 * v for v in values]
    return pd.array(values, dtype="Float64")


def _config(column: Column) -> Any:
    made: Mapping[str, Any] = {"help": plain(column.help, 900) or None, "width": column.width}
    if column.kind == "link":
        return st.column_config.LinkColumn(
            column.title, display_text=t("Open"), pinned=True, **{**made, "width": 60}
        )
    if column.kind == "text":
        return st.column_config.TextColumn(column.title, **made)
    form = {
        "count": "localized",
        "share": "%.1f %%",
        "points": "%+.1f",
        "p": "%.3g",
        "number": "%.2f",
    }[column.kind]
    return st.column_config.NumberColumn(column.title, format=form, **made)


def definitions(words: Mapping[str, str]) -> None:
    """What the numbers of a section are, one click away."""
    with st.popover(t("What the numbers mean"), icon=":material/info:"):
        for name, meaning in words.items():
            st.markdown(f"**{plain(name)}**  \n{plain(meaning, 900)}")


def interval(row: Mapping[str, Any], name: str, form: Callable[[float], str]) -> str:
    """'low to high' of an estimate, empty where there is none."""
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    return (
        "" if low is None or high is None else t("{low} to {high}", low=form(low), high=form(high))
    )
