"""Translations as data: what the app and the desktop window look their words up in.

``analysis/ui/locales/CODE.json`` maps English texts of the interface to their translation;
``CODE_library.json`` holds texts that the library writes, with ``{}`` for what is filled in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import re2

LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "zh": "中文"}
"""Code, as in ``?lang=`` -> the language's own name. English has no catalog."""
_FOLDER = Path(__file__).parent / "ui" / "locales"
_HOLE = "{}"
_MAX_KNOWN = 2_000
"""Characters of the longest library text that is recognised."""


def of_locale(locale: str | None) -> str:
    """The code of ours for a locale such as ``zh_CN`` or ``en-GB``; English where there is none."""
    code = (locale or "").replace("_", "-").split("-")[0].lower()
    return code if code in LANGUAGES else "en"


@cache
def catalog(code: str) -> Mapping[str, str]:
    """The translations of the app's own texts and, for what stands in both, of the library's."""
    return {} if code == "en" else {**_read(f"{code}_library"), **_read(code)}


@lru_cache(maxsize=4_096)
def known(code: str, text: str) -> str:
    """A text of the library in a language; as it is where no entry fits."""
    exact = catalog(code).get(text)
    if exact is not None or len(text) > _MAX_KNOWN:
        return exact or text
    for pattern, value in _patterns(code):
        match = pattern.fullmatch(text)
        if match:
            return value.format(*(_known_part(code, part) for part in match.groups()))
    return text


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


def _known_part(code: str, part: str) -> str:
    return catalog(code).get(part, part)
