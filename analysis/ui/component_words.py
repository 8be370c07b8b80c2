"""The words of a component (script and markup) in the person's language, as data for the browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from html.parser import HTMLParser
from typing import Final

from analysis.ui.i18n import language, shown_words

_STRING = r'"(?:[^"\\]|\\.)*"'
_CALLS: Final = re.compile(
    rf"\b(?:tr|N_)\(\s*(?P<one>{_STRING})|\btrn\(\s*{_STRING},\s*(?P<many>{_STRING})"
)
_WORDS: Final = re.compile("[A-Za-z]{2}")
_ATTRIBUTES: Final = ("title", "aria-label", "placeholder")


@cache
def texts_of(script: str, markup: str) -> frozenset[str]:
    """The English texts of a component: literals of ``tr``, ``trn`` and ``N_``, and of its HTML."""
    said = {json.loads(m["one"] or m["many"]) for m in _CALLS.finditer(script)}
    page = _Markup()
    page.feed(markup)
    return frozenset(text for text in said | page.texts if _WORDS.search(text))


def component_words(script: str, markup: str, more: Iterable[str] = ()) -> dict[str, str]:
    """English -> shown of these texts and ``more``; empty in English."""
    return {} if language() == "en" else shown_words([*sorted(texts_of(script, markup)), *more])


class _Markup(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Texts in attributes."""
        self.texts |= {value for name, value in attrs if name in _ATTRIBUTES and value}

    def handle_data(self, data: str) -> None:
        """Text between tags."""
        if data.strip():
            self.texts.add(data.strip())
