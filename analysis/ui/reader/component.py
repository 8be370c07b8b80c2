"""The reading surface as a Streamlit component: the files of ``web/``, put together once.

There is no build step. The scripts are fragments of one ECMAScript module and are joined in the
order of ``SCRIPTS``; each is small and has one purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import streamlit as st

from analysis.annotation.words import TAGS
from analysis.ui.component_words import component_words
from analysis.ui.i18n import language
from analysis.ui.reader import people
from analysis.ui.reader.wire import packed

SCRIPTS = (
    "words.js",
    "wire.js",
    "offsets.js",
    "marks.js",
    "search.js",
    "typeset.js",
    "filling.js",
    "textview.js",
    "languages.js",
    "layers.js",
    "states.js",
    "scores.js",
    "strip.js",
    "probes.js",
    "unsure.js",
    "minimap.js",
    "outline.js",
    "card.js",
    "side.js",
    "menu.js",
    "outbox.js",
    "annotate.js",
    "links.js",
    "finder.js",
    "keys.js",
    "walking.js",
    "commands.js",
    "pointing.js",
    "main.js",
)


@cache
def asset(name: str) -> str:
    """The text of a file of ``web/``."""
    return files("analysis.ui.reader").joinpath("web", name).read_text(encoding="utf-8")


@cache
def script() -> str:
    """The whole module that the browser runs."""
    return "\n".join(asset(name) for name in SCRIPTS)


_MOUNT = st.components.v2.component(
    "cotscope.reader", html=asset("reader.html"), css=asset("reader.css"), js=script()
)


def show(data: Mapping[str, Any], *, key: str, on_events: Callable[[], None] | None = None) -> None:
    """Draw the reading surface; ``data`` is what ``payload.payload`` gives.

    Reading reruns nothing: layers and the marked sentence go into the address bar. What a person
    says of the trace arrives as the trigger ``events`` (see ``events.handle``), by ``on_events``.
    """
    words = component_words(script(), asset("reader.html"), (*people.SAID, *TAGS))
    data = {**data, "language": language(), "words": words}
    _MOUNT(data=packed(data), key=key, on_events_change=on_events or (lambda: None))
