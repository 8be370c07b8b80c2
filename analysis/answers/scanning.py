r"""Cutting a formula at its top level: commas, relations, unions; brackets of every kind balanced."""

from __future__ import annotations

import re

_MARK = re.compile(
    r"\\begin\{[a-zA-Z*]+\}|\\end\{[a-zA-Z*]+\}|\\[{}]|\\(?:langle|rangle|lvert|rvert|lfloor|rfloor|lceil|rceil)(?![A-Za-z])"
    r"|\\[A-Za-z]+|[()\[\]{}]"
    r"|[,;=<>≤≥≠≈∈:&、]|\b(?:and|or|und|oder)\b|[或和]"
)
_OPEN = frozenset(["(", "[", "{", r"\{", r"\langle", r"\lfloor", r"\lceil", r"\lvert"])
_CLOSE = frozenset([")", "]", "}", r"\}", r"\rangle", r"\rfloor", r"\rceil", r"\rvert"])
_RELATIONS = (
    (re.compile(r"\\(?:leqslant|leqq|leq|le)(?![A-Za-z])|=<|<=|⩽"), "≤"),
    (re.compile(r"\\(?:geqslant|geqq|geq|ge)(?![A-Za-z])|>=|⩾"), "≥"),
    (re.compile(r"\\(?:neq|ne)(?![A-Za-z])|\\not\s*=|!="), "≠"),
    (re.compile(r"\\(?:lt)(?![A-Za-z])"), "<"),
    (re.compile(r"\\(?:gt)(?![A-Za-z])"), ">"),
    (re.compile(r"\\(?:approx|simeq|approxeq|doteq|cong)(?![A-Za-z])"), "≈"),
    (re.compile(r"\\(?:in)(?![A-Za-z])"), "∈"),
    (re.compile(r"\\(?:equiv|coloneqq)(?![A-Za-z])|:=|\\to(?![A-Za-z])|→|==+"), "="),
    (re.compile(r"\\colon(?![A-Za-z])|∶"), ":"),
    (re.compile(r"\\(?:lor|vee)(?![A-Za-z])"), " or "),
    (re.compile(r"\\(?:land|wedge)(?![A-Za-z])"), " and "),
    (re.compile(r"\\(?:ldots|cdots|dots|dotsc|dotsb|dotsm)(?![A-Za-z])|…|⋯"), "..."),
)
RELATION_SIGNS = frozenset("=<>≤≥≠≈∈")
LISTERS = frozenset([",", ";", "、", "&", "and", "or", "und", "oder", "或", "和"])


def plain_relations(text: str) -> str:
    r"""``\leq`` -> ``≤`` and so on: every relation as one character."""
    if not any(sign in text for sign in "\\=…⩽∶"):
        return text
    for pattern, sign in _RELATIONS:
        text = pattern.sub(sign, text)
    return text


def cut(text: str, signs: frozenset[str]) -> tuple[list[str], list[str]]:
    """The parts of ``text`` between top-level ``signs``, and the signs between them."""
    parts: list[str] = []
    found: list[str] = []
    depth = at = 0
    for match in _MARK.finditer(text):
        mark = match.group()
        if mark in _OPEN or mark.startswith("\\begin{"):
            depth += 1
        elif mark in _CLOSE or mark.startswith("\\end{"):
            depth -= 1
        elif depth == 0 and mark in signs and not _thousands(text, match):
            parts.append(text[at : match.start()])
            found.append(mark)
            at = match.end()
    parts.append(text[at:])
    return [part.strip() for part in parts], found


def _thousands(text: str, comma: re.Match[str]) -> bool:
    """Whether a comma belongs to a number such as ``1,234``: digits before, exactly three behind."""
    if comma.group() != ",":
        return False
    before = re.search(
        r"(?<![\d.])(\d{1,3})(?:,\d{3})*$", text[max(0, comma.start() - 24) : comma.start()]
    )
    if before is None or before[1].startswith("0"):
        return False
    return re.match(r"\d{3}(?!\d)", text[comma.end() :]) is not None


def bracketed(text: str) -> tuple[str, str, str] | None:
    r"""(opening, inside, closing) when one pair of brackets encloses the whole; None otherwise."""
    opening = next(
        (mark for mark in (r"\{", r"\langle", "(", "[", "{") if text.startswith(mark)), None
    )
    if opening is None:
        return None
    depth = 0
    for match in _MARK.finditer(text):
        mark = match.group()
        depth += mark in _OPEN or mark.startswith("\\begin{")
        depth -= mark in _CLOSE or mark.startswith("\\end{")
        if depth == 0 and mark in _CLOSE:
            if match.end() != len(text):
                return None
            return opening, text[len(opening) : match.start()].strip(), mark
    return None
