"""Style that every page has.

Direction of writing: each paragraph has that of its first letter. A question in Arabic or Hebrew reads from
right to left, with its full stop and numbers where they belong; nothing changes for other text. (The
Reader does so by its own style sheet.) And the place of the language switch: it is drawn before the
page, since nothing can be drawn after one that stops early, and stands below it.
"""

from __future__ import annotations

import re

import streamlit as st

SWITCH = "language_switch"
"""The key of the container that stands below the page."""
_PLACES = (
    '[data-testid="stText"]',
    '[data-testid="stText"] *',
    '[data-testid="stCode"] code',
    '[data-testid="stMarkdownContainer"] p',
    '[data-testid="stMarkdownContainer"] li',
    "textarea",
    "input[type=text]",
)
_MOUNT = st.components.v2.component(
    "cotscope.page_style",
    # Of several lines: one line is taken for the name of a file.
    css=(
        f"{', '.join(_PLACES)} {{\n  unicode-bidi: plaintext;\n}}\n"
        f'[data-testid="stLayoutWrapper"]:has(> .st-key-{SWITCH}) {{\n  order: 99;\n}}\n'
    ),
    isolate_styles=False,
)
_LEFTWARD = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_FIRST_STRONG_ISOLATE, _POP = "\u2068", "\u2069"


def page_style() -> None:
    """Brings the rules to the page; there is nothing to see."""
    _MOUNT(key="page_style")


def by_itself(shown: str, text: str) -> str:
    """``shown`` (Markdown, made safe) with a direction of its own inside a line, where ``text`` needs one."""
    return f"{_FIRST_STRONG_ISOLATE}{shown}{_POP}" if _LEFTWARD.search(text) else shown
