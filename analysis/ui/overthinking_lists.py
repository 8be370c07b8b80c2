"""From a chart of the Overthinking page to the traces behind it, and the lists of that page.

What was picked stands in the address: ``rows`` is the pick, ``of`` the chart. So a link shows it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pyarrow as pa
import streamlit as st

from analysis.filters import Filters
from analysis.model import MetricSpec
from analysis.picks import Pick
from analysis.store import Store
from analysis.text.visible import visible
from analysis.ui.compare_words import tier_name
from analysis.ui.figure_words import in_language
from analysis.ui.i18n import N_, known, t, tn
from analysis.ui.state import href, reader_query
from analysis.ui.text import plain
from analysis.views import needed

_VERDICTS: dict[bool | None, str] = {True: N_("right"), False: N_("wrong"), None: N_("not judged")}
_ROW = 35
_LISTED = 50


class Linked:
    """Charts whose points lead to the traces behind them. ``points`` are the rows of the page."""

    def __init__(
        self, store: Store, filters: Filters, points: pa.Table, specs: Mapping[str, MetricSpec]
    ):
        self._store = store
        self._filters = filters
        self._points = points
        self._specs = specs

    def chart(
        self, figure: go.Figure, *, key: str, alt: str, container: Any = st, inline: bool = True
    ) -> None:
        """Draw ``figure``; a click on a point shows its traces below it, or where ``lists`` stands."""
        event = container.plotly_chart(
            in_language(figure), key=key, on_select="rerun", selection_mode="points", alt=alt
        )
        _remember(event, key)
        if inline:
            self.lists(key)

    def lists(self, *keys: str) -> None:
        """The traces behind the point that was picked in one of these charts, if any was."""
        key = st.query_params.get("of")
        if key in keys:
            self._list(key)

    def _list(self, key: str) -> None:
        pick = Pick.from_text(st.query_params.get("rows"))
        if pick is None:
            return
        rows, total = needed.listed(
            self._store, self._points, pick, by="thinking_tokens", limit=_LISTED
        )
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                traces_of = tn("{n:,} trace", "{n:,} traces", total)
                if total > rows.num_rows:
                    traces_of = t(
                        "the {n:,} longest of {traces}", n=rows.num_rows, traces=traces_of
                    )
                what = describe(pick, self._specs)
                st.markdown(f"**{plain(what, 300)}**: {plain(traces_of)}")
                st.button(t("Close"), key=f"close_{key}", icon=":material/close:", on_click=_close)
            if total:
                traces(rows, self._filters, self._specs)
            else:
                st.caption(t("No trace of the present filter is in it."))


def describe(pick: Pick, specs: Mapping[str, MetricSpec]) -> str:
    """What was picked, in words."""
    parts = []
    for name, low, high in pick.ranges:
        spec = specs.get(name)
        title = spec.title if spec else name.replace("_", " ")
        if spec and spec.kind == "boolean":
            parts.append(title if low > 0 else t("not: {title}", title=title.lower()))
        elif spec and spec.range == "0-1":
            parts.append(
                t("{title} {low:.0%} to {high:.0%}", title=title, low=low, high=min(high, 1))
            )
        else:
            parts.append(
                t("{title} {low:,.0f} or more", title=title, low=low)
                if high > 1e15
                else t("{title} {low:,.0f} to {high:,.0f}", title=title, low=low, high=high)
            )
    names = {
        "tier": t("difficulty"),
        "dataset": t("data set"),
        "model": t("model"),
        "effort": t("effort"),
        "probe_outcome": t("probes"),
    }
    parts += [f"{names.get(name, name)} {_value(name, value)}" for name, value in pick.texts]
    if pick.verdict is not None:
        parts.append(t("verdict {verdict}", verdict=known(pick.verdict)))
    return "; ".join(parts)


def _value(name: str, value: str) -> str:
    return (
        tier_name(value) if name == "tier" else known(value) if name == "probe_outcome" else value
    )


def traces(table: pa.Table, filters: Filters, specs: Mapping[str, MetricSpec]) -> None:
    """Traces with a link into the Reader, at the place where the final answer first stood."""
    rows = table.to_pylist()
    shown = pd.DataFrame(
        {
            "read": [reader_link(row, filters) for row in rows],
            "question": [visible(r["question"] or t("(no question)")) for r in rows],
            "verdict": [t(_VERDICTS[r["correct"]]) for r in rows],
            "model": [visible(r["model"] or "") for r in rows],
            "effort": [visible(r["effort"] or "") for r in rows],
            "tokens": pd.array([r["thinking_tokens"] for r in rows], dtype="Int64"),
            "first": pd.array([r["first_final_frac"] for r in rows], dtype="Float64"),
            "after": pd.array([r["tokens_after_first_final"] for r in rows], dtype="Int64"),
            "changes": pd.array([r["n_answer_changes"] for r in rows], dtype="Int64"),
            "rounds": pd.array([r["n_solutions"] for r in rows], dtype="Int64"),
            "new": pd.array([r["n_new_solutions"] for r in rows], dtype="Int64"),
            "loop": [t("loop") if r["tail_loop"] else "" for r in rows],
            "dataset": [visible(r["dataset"]) for r in rows],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        height=_ROW * (min(max(len(rows), 1), 10) + 1) + 3,
        column_config=_columns(specs),
    )


def _columns(specs: Mapping[str, MetricSpec]) -> dict[str, Any]:
    def number(title: str, name: str, **more: Any) -> Any:
        definition = plain(specs[name].definition, 600)
        return st.column_config.NumberColumn(title, help=definition, **more)

    text = st.column_config.TextColumn
    return {
        "read": st.column_config.LinkColumn(
            "",
            display_text=t("Read"),
            width=60,
            pinned=True,
            help=t("Opens the Reader where the final answer first stood."),
        ),
        "question": text(t("Question"), width="medium"),
        "verdict": text(t("Verdict"), width=80),
        "model": t("Model"),
        "effort": text(t("Effort"), width=80),
        "tokens": number(t("Thinking tokens"), "thinking_tokens", format="localized"),
        "first": number(t("Answer first at"), "first_final_frac", format="percent"),
        "after": number(t("Tokens after it"), "tokens_after_first_final", format="localized"),
        "changes": number(t("Answer changes"), "n_answer_changes"),
        "rounds": number(t("Rounds"), "n_solutions"),
        "new": number(t("New rounds"), "n_new_solutions"),
        "loop": text(t("Loop"), width=60, help=plain(specs["tail_loop"].definition, 600)),
        "dataset": t("Data set"),
    }


def reader_link(row: Mapping[str, Any], filters: Filters) -> str:
    """Into the Reader, at the sentence where the final answer of this trace first stood."""
    more = {"layers": "candidate_answer,loop"}
    if row["at"] is not None:
        more["at"] = str(row["at"])
    return href("reader", reader_query(row["trace_id"], filters, **more))


def _remember(event: Any, key: str) -> None:
    """A new click goes into the address; the same selection, sent again by a rerun, does not."""
    points = event.selection.points if event else []
    data = points[0].get("customdata") if points else None
    token = _last(data)
    seen = f"picked_{key}"
    if token == st.session_state.get(seen):
        return
    st.session_state[seen] = token
    if token is not None and Pick.from_text(token) is not None:
        st.query_params.update({"rows": token, "of": key})


def _last(data: Any) -> str | None:
    """Streamlit gives customdata as a list, or as a mapping of places."""
    if isinstance(data, Mapping):
        data = [data[name] for name in sorted(data, key=int)]
    return str(data[-1]) if isinstance(data, list | tuple) and data else None


def _close() -> None:
    for name in ("rows", "of"):
        st.query_params.pop(name, None)
