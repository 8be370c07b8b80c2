"""Left-hand sides that name what follows them: ``x``, ``f(2)``, ``AB``, "The area"."""

from __future__ import annotations

import re

from analysis.answers import latex

_NAME_WORD = re.compile(r"[A-Za-z][A-Za-z ]{0,60}")
_ONE_NAME = (
    r"(?:[A-Za-z]|\\(?:alpha|beta|gamma|delta|theta|phi|varphi|lambda|mu|rho|sigma|omega|tau|psi|eta|epsilon|ell|Delta)(?![a-z]))"
    r"(?:_(?:\{[^{}]{1,24}\}|\\?\w+))?(?:\^\{?-1\}?(?=\())?'{0,3}(?:\((?:[^()]|\([^()]*\)){1,20}\))?"
)
_SEGMENT = r"(?:\\overline|\\vec|\\overrightarrow|\\widehat|\\angle|\\triangle|m\\angle|∠|△|\\mathbf|\\hat|\\bar|\|)?\s*\{?\s*(?:[A-Z](?:_\{?\w+\}?)?'?){1,5}\s*\}?\|?"
_NAMED = re.compile(
    rf"(?:{_ONE_NAME}|{_SEGMENT}|\\frac\{{\s*{_SEGMENT}\s*\}}\{{\s*{_SEGMENT}\s*\}}"
    rf"|(?:{_SEGMENT}|{_ONE_NAME})\s*[:/]\s*(?:{_SEGMENT}|[A-Z])"
    rf"|\(\s*{_ONE_NAME}(?:\s*,\s*{_ONE_NAME}){{1,7}}\s*\)|[A-Z][a-z]?\([^()]{{1,30}}\)|\[[A-Z]{{3,6}}\])"
)
_OPERATED = re.compile(
    r"(?:\\(?:int|lim|sum|prod|nabla)(?![a-z])|\\frac\s*\{\s*(?:d|\\partial|\\mathrm\{d\})[^{}]{0,12}\}\s*\{\s*(?:d|\\partial|\\mathrm\{d\})).*"
    r"|\\?(?:sin|cos|tan|cot)(?![a-z])\s*\{?\s*(?:\\angle\s*|∠)?(?:[A-Z]|\\(?:alpha|beta|gamma|theta|varphi|phi)(?![a-z]))\s*\}?$",
    re.DOTALL,
)
"""An integral, a limit, a derivative, or a function of an angle, of which the right-hand side is the value."""


def is_name(text: str) -> bool:
    """Whether a left-hand side merely names what follows (``x``, ``f(2)``, ``AB``, ``The area``)."""
    text = text.strip()
    if _NAMED.fullmatch(text) or _OPERATED.match(text):
        return True
    words = " ".join(latex.unwrap_commands(text).split()) if "\\" in text else text
    if not _NAME_WORD.fullmatch(words):
        return False
    return all(len(word) > 2 for word in words.split()[:1]) and len(words.split()) <= 8


def squeezed(text: str) -> str:
    """A name without spaces and braces."""
    return re.sub(r"[\s{}]+", "", text)
