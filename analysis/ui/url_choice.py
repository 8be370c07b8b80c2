"""Choices that stand in the URL in English while a person reads them in another language.

Streamlit's own ``bind="query-params"`` writes the *shown* form of an option into the URL, so a link
made in Chinese would not open in English. Here the URL holds the option itself. Each function has
the meaning of the Streamlit widget of its name; ``shown`` gives the words for an option.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from analysis.ui.i18n import fixed, known, language

_SEEN: Final = "{}@url"
_SPOKEN: Final = "{}@language"


def segmented(
    label: str,
    options: Sequence[str],
    *,
    key: str,
    default: str | None = None,
    shown: Callable[[str], str] = known,
    place: Any = st,
    **more: Any,
) -> str | None:
    """``st.segmented_control`` of one option; None where nothing is chosen and nothing default."""
    _take(key, options, default)
    chosen = place.segmented_control(
        label, options, key=key, format_func=fixed(options, shown), **more
    )
    return _give(key, chosen, default)


def select(
    label: str,
    options: Sequence[str],
    *,
    key: str,
    default: str | None = None,
    shown: Callable[[str], str] = known,
    place: Any = st,
    **more: Any,
) -> str | None:
    """``st.selectbox``; without a ``default`` it begins empty."""
    _take(key, options, default)
    index = None if default is None else list(options).index(default)
    if key in st.session_state:  # Streamlit warns of a default beside a value
        index = None if default is None else 0
    chosen = place.selectbox(
        label, options, index=index, key=key, format_func=fixed(options, shown), **more
    )
    return _give(key, chosen, default)


def several(
    label: str,
    options: Sequence[str],
    *,
    key: str,
    shown: Callable[[str], str] = known,
    place: Any = st,
    **more: Any,
) -> tuple[str, ...]:
    """``st.multiselect``; what is chosen, in the order of choosing."""
    asked = tuple(st.query_params.get_all(key))
    if _news(key, asked):
        st.session_state[key] = [option for option in dict.fromkeys(asked) if option in options]
    elif key in st.session_state:
        kept = [option for option in st.session_state[key] or [] if option in options]
        if kept != st.session_state[key]:
            st.session_state[key] = kept
    _say_again(key)
    chosen = tuple(
        place.multiselect(label, options, key=key, format_func=fixed(options, shown), **more)
    )
    if chosen != asked:
        if chosen:
            st.query_params[key] = list(chosen)
        else:
            st.query_params.pop(key, None)
    st.session_state[_SEEN.format(key)] = (_page(), chosen)
    return chosen


def _take(key: str, options: Sequence[str], default: str | None) -> None:
    """Before the widget: what the address says, where it says something new."""
    state = st.session_state
    asked = st.query_params.get(key)
    if _news(key, asked):
        state[key] = asked if asked in options else default
    elif key not in state or (state[key] is not None and state[key] not in options):
        state[key] = default
    _say_again(key)


def _say_again(key: str) -> None:
    """In another language: the browser has the words of the one before until it is told."""
    state = st.session_state
    if state.get(_SPOKEN.format(key), language()) != language() and key in state:
        state[key] = state[key]
    state[_SPOKEN.format(key)] = language()


def _give(key: str, chosen: str | None, default: str | None) -> str | None:
    """After the widget: the address says what is chosen, unless it is the default."""
    wanted = None if chosen == default else chosen or ""
    if wanted is None:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != wanted:
        st.query_params[key] = wanted
    st.session_state[_SEEN.format(key)] = (_page(), wanted)
    return chosen


def _news(key: str, asked: str | tuple[str, ...] | None) -> bool:
    """Whether the address says something that this page has not put there itself."""
    seen = st.session_state.get(_SEEN.format(key))
    if seen is None:  # never drawn: a value that is there already was set by our own code
        return bool(asked) or key not in st.session_state
    # Streamlit forgets a widget's value when another page is drawn; the address still has it.
    return bool(seen != (_page(), asked)) or key not in st.session_state


def _page() -> str:
    """Which page is drawn: several have a widget of the same key."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.page_script_hash if context else ""
