"""The language of the interface: what a person sees is translated here, what is stored never is.

A catalog (``locales/CODE.json``, read by ``analysis.catalogs``) maps the English text to its
translation; a text without an entry is shown in English. ``t`` translates the app's own texts. Texts
that the library writes in English (names of metrics, messages of errors, words of charts) have
entries in ``locales/CODE_library.json`` and are recognised by ``known``.
Values in the URL, in the database, in exports and on the command line stay English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from analysis import catalogs
from analysis.catalogs import LANGUAGES, catalog, of_locale

__all__ = [
    "LANGUAGES",
    "N_",
    "PARAMETER",
    "address_language",
    "choose_language",
    "fixed",
    "keep_in_address",
    "known",
    "language",
    "t",
    "tn",
]  # fmt: skip

PARAMETER: Final = "lang"
_STATE = "interface_language"


def N_(text: str) -> str:  # noqa: N802 - the name that gettext gave it
    """Mark a text of a constant for the catalogs; ``t`` translates it where it is shown."""
    return text


def t(text: str, /, **values: object) -> str:
    """``text`` in the person's language, its ``{name}`` filled in.

    The values are not escaped: for a place that reads Markdown they go through ``plain`` first.
    """
    found = catalog(language()).get(text, text)
    return found.format(**values) if values else found


def tn(one: str, many: str, n: int, /, **values: object) -> str:
    """``one`` or ``many`` by the number ``n``; the catalogs have an entry for ``many`` alone.

    ``n`` itself is filled in as ``{n}``.
    """
    code = language()
    found = catalog(code).get(many)
    if found is None:
        found = one if n == 1 else many
    return found.format(n=n, **values)


def known(text: str) -> str:
    """A text of the library in the person's language; as it is where no entry fits."""
    return catalogs.known(language(), text)


def shown_words(texts: Iterable[str]) -> dict[str, str]:
    """The entries of the present language for ``texts``, those without one left out."""
    entries = catalog(language())
    return {text: entries[text] for text in texts if text in entries}


def fixed(options: Iterable[Any], shown: Callable[[Any], str] = known) -> Callable[[Any], str]:
    """A ``format_func`` that says ``options`` in the language of now, wherever it is called."""
    words = [(option, shown(option)) for option in options]
    return lambda value: next((word for option, word in words if option == value), str(value))


def language() -> str:
    """The language of this session: of the address, else chosen in the app, else the browser's.

    English outside a session (exports, background work).
    """
    if get_script_run_ctx(suppress_warning=True) is None:
        return "en"
    asked = st.query_params.get(PARAMETER)
    chosen = st.session_state.get(_STATE)
    if asked in LANGUAGES:
        if asked != chosen:
            st.session_state[_STATE] = asked
        return str(asked)
    return str(chosen) if chosen in LANGUAGES else _of_browser()


def choose_language(code: str) -> None:
    """Make ``code`` the language of this session; for a callback."""
    st.session_state[_STATE] = code
    _write(code)


def address_language() -> str | None:
    """The code that a link must carry to be read in this language; None where it need not."""
    code = language()
    return None if code == _of_browser() else code


def keep_in_address() -> None:
    """Let the address name the language, unless a browser like this one would choose it anyway."""
    code = address_language()
    if code is not None:
        _write(code)


def _write(code: str) -> None:
    if code == _of_browser():
        st.query_params.pop(PARAMETER, None)
    elif st.query_params.get(PARAMETER) != code:
        st.query_params[PARAMETER] = code


def _of_browser() -> str:
    return of_locale(st.context.locale)
