"""The columns as a Streamlit component: the parts of the reading surface, and what ties them.

No build step: the scripts of ``reader/web`` and of ``web`` are joined to one ECMAScript module.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import streamlit as st

from analysis.annotation.words import TAGS
from analysis.ui.component_words import component_words
from analysis.ui.reader import component as reader
from analysis.ui.reader import people

SCRIPTS = (
    *("points.js", "hovering.js", "column.js", "sync.js", "shared.js", "commands.js"),
    "main.js",
)
# What is ours stands in a block, so that no name of ours can meet one of the reader's.
_MODULE = """{reader}
let sides;
{{
{ours}
sides = {{ mount, carry, linksBetween, reading, scrollFor }};
}}
export default (component) => sides.mount(component);
export {{ sides }};
"""


@cache
def asset(name: str) -> str:
    """The text of a file of ``web/``."""
    return files("analysis.ui.sidebyside").joinpath("web", name).read_text(encoding="utf-8")


@cache
def script() -> str:
    """The whole module that the browser runs."""
    parts = (reader.asset(name) for name in reader.SCRIPTS if name != "main.js")
    return _MODULE.format(reader="\n".join(parts), ours="\n".join(map(asset, SCRIPTS)))


_MOUNT = st.components.v2.component(
    "cotscope.side_by_side",
    html=asset("sidebyside.html"),
    css=reader.asset("reader.css") + asset("sidebyside.css"),
    js=script(),
)


def show(data: Mapping[str, Any], *, key: str) -> None:
    """Draw the columns; ``data`` is what ``payload.payload`` gives. Nothing in it reruns the app."""
    words = component_words(script(), asset("sidebyside.html"), (*people.SAID, *TAGS))
    _MOUNT(data={**data, "words": words}, key=key)
