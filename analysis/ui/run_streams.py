"""The streams of a run as a Streamlit component. Text goes to the browser as data, never as markup."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import streamlit as st

from analysis.engines.monitor import Live
from analysis.progress import duration
from analysis.text.visible import visible
from analysis.ui.i18n import t, tn
from analysis.ui.palette import style, title
from analysis.ui.run_marks import CANDIDATE, SHOWN, Marked

LABELS = (CANDIDATE, *SHOWN)
_ANSWER_CHARS = 1_000


@cache
def _asset(name: str) -> str:
    return files("analysis.ui").joinpath("runview", name).read_text(encoding="utf-8")


_MOUNT = st.components.v2.component(
    "cotscope.run_streams",
    html='<div class="streams"></div>',
    css=_asset("streams.css"),
    js=_asset("streams.js"),
)


def payload(streams: Sequence[tuple[Live, Marked]]) -> dict[str, Any]:
    """What the browser is sent: the shown end of each stream in marked pieces."""
    return {
        "labels": {
            name: {
                "title": title(name),
                "light": style(name).light,
                "dark": style(name).dark,
                "line": style(name).line,
            }
            for name in LABELS
        },
        "nothing": t("No findings yet"),
        "streams": [_stream(live, marked) for live, marked in streams],
    }


def show(streams: Sequence[tuple[Live, Marked]], *, key: str) -> None:
    """Draw the streams, or draw them on."""
    _MOUNT(data=payload(streams), key=key)


def _stream(live: Live, marked: Marked) -> dict[str, Any]:
    speed = ""
    if live.seconds > 0.5:
        speed = t(", {seconds:,.0f} tokens/s", seconds=live.tokens / live.seconds)
    facts = tn(
        "{effort}, sample {sample}, {n:,} token, {duration}{speed}",
        "{effort}, sample {sample}, {n:,} tokens, {duration}{speed}",
        live.tokens,
        effort=visible(live.effort),
        sample=live.sample + 1,
        duration=duration(live.seconds),
        speed=speed,
    )
    pieces = [[visible(text), label] for text, label in marked.pieces]
    if pieces and not marked.settled:
        pieces[0][0] = pieces[0][0].lstrip("\n")
    return {
        "key": live.key,
        "asked": visible(live.question[:300]),
        "facts": facts,
        "cut": marked.settled > 0,
        "pieces": pieces,
        "answer": visible(live.answer[-_ANSWER_CHARS:].strip()),
        "counts": [[label, n] for label in LABELS if (n := marked.counts[label])],
    }
