"""The language of the interface: what a person sees is translated here, what is stored never is.

A catalog (``locales/CODE.json``) maps the English text to its translation; a text without an entry
is shown in English. ``t`` translates the app's own texts. Texts that the library writes in English
(names of metrics, messages of errors, words of charts) have entries in ``locales/CODE_library.json``,
which may hold ``{}`` for what is filled in, and are recognised by ``known``.
Values in the URL, in the database, in exports and on the command line stay English.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import re2
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

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

LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "zh": "中文"}
"""Code, as in ``?lang=`` -> the language's own name. English has no catalog."""
PARAMETER: Final = "lang"
_STATE = "interface_language"
_FOLDER = Path(__file__).with_name("locales")
_HOLE = "{}"
_MAX_KNOWN = 2_000
"""Characters of the longest library text that is recognised."""


def N_(text: str) -> str:  # noqa: N802 - the name that gettext gave it
    """Mark a text of a constant for the catalogs; ``t`` translates it where it is shown."""
    return text


def t(text: str, /, **values: object) -> str:
    """``text`` in the person's language, its ``{name}`` filled in.

    The values are not escaped: for a place that reads Markdown they go through ``plain`` first.
    """
    found = _catalog(language()).get(text, text)
    return found.format(**values) if values else found


def tn(one: str, many: str, n: int, /, **values: object) -> str:
    """``one`` or ``many`` by the number ``n``; the catalogs have an entry for ``many`` alone.

    ``n`` itself is filled in as ``{n}``.
    """
    code = language()
    found = _catalog(code).get(many)
    if found is None:
        found = one if n == 1 else many
    return found.format(n=n, **values)


def known(text: str) -> str:
    """A text of the library in the person's language; as it is where no entry fits."""
    return _known(language(), text)


def shown_words(texts: Iterable[str]) -> dict[str, str]:
    """The entries of the present language for ``texts``, those without one left out."""
    entries = _catalog(language())
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
    locale = st.context.locale or ""
    code = locale.replace("_", "-").split("-")[0].lower()
    return code if code in LANGUAGES else "en"


@cache
def _catalog(code: str) -> Mapping[str, str]:
    """The translations of the app's own texts and, for what stands in both, of the library's."""
    return {} if code == "en" else {**_read(f"{code}_library"), **_read(code)}


def _read(name: str) -> dict[str, str]:
    entries: dict[str, str] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return entries


@cache
def _patterns(code: str) -> tuple[tuple[Any, str], ...]:
    """Entries with holes: (RE2 pattern, translation), those with most words of their own first."""
    found = [] if code == "en" else [e for e in _read(f"{code}_library").items() if _HOLE in e[0]]
    found.sort(key=lambda entry: -len(entry[0]))
    return tuple(
        (re2.compile("(.*)".join(re2.escape(part) for part in key.split(_HOLE))), value)
        for key, value in found
    )


@lru_cache(maxsize=4_096)
def _known(code: str, text: str) -> str:
    exact = _catalog(code).get(text)
    if exact is not None or len(text) > _MAX_KNOWN:
        return exact or text
    for pattern, value in _patterns(code):
        match = pattern.fullmatch(text)
        if match:
            return value.format(*(_known_part(code, part) for part in match.groups()))
    return text


def _known_part(code: str, part: str) -> str:
    return _catalog(code).get(part, part)
