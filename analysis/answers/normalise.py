r"""One spelling for an answer, and exact equality on it.

What is the same: ``\frac{3}{4}``, ``3/4`` and ``0.75``; ``1,000`` and ``1000``; ``$x=5$`` and ``5``;
``5\text{ cm}`` and ``5 centimetres``; ``YES.`` and ``yes``; ``[1, 2]`` and ``[1,2]``.
What is not: ``7:12`` and ``7/12``; ``5 cm`` and ``5 m``; ``1/3`` and ``0.333``; ``(1,2)`` and
``[1,2]``; ``x=3`` and ``y=3``. A unit or a left-hand side that only one of the two states is
forgiven. There is no computer algebra here: ``2^{10}`` and ``1024`` are different *spellings*, and
"different" from this module means "not shown to be equal".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from analysis.answers import latex, numbers, units

MAX_ANSWER_CHARS = 2000
"""A longer answer is compared as text, whitespace collapsed."""

_RELATIONS = (
    (re.compile(r"\\(?:leqslant|leq|le)(?![A-Za-z])|=<|<="), "≤"),
    (re.compile(r"\\(?:geqslant|geq|ge)(?![A-Za-z])|>="), "≥"),
    (re.compile(r"\\(?:neq|ne)(?![A-Za-z])|!="), "≠"),
    (re.compile(r"\\lt(?![A-Za-z])"), "<"),
    (re.compile(r"\\gt(?![A-Za-z])"), ">"),
    (re.compile(r"\\(?:cdot|times|ast)(?![A-Za-z])"), "*"),
    (re.compile(r"\\infty(?![A-Za-z])|(?<![A-Za-z\\])(?:infinity|inf)(?![A-Za-z])"), "∞"),
    (re.compile(r"\\pi(?![A-Za-z])|(?<![A-Za-z\\])pi(?![A-Za-z])"), "π"),
    (re.compile(r"\\(?:emptyset|varnothing)(?![A-Za-z])|\\\{\s*\\\}"), "∅"),
    (re.compile(r"\\(?:dots|ldots|cdots|dotsc)(?![A-Za-z])"), "..."),
    (re.compile(r"\\begin\{([pb])matrix\}|\\end\{([pb])matrix\}"), "|"),
    (re.compile(r"√\s*\(([^()]*)\)|(?<![A-Za-z\\])sqrt\(([^()]*)\)"), r"\\sqrt{\1\2}"),
    (re.compile(r"√\s*(\w+)"), r"\\sqrt{\1}"),
    (re.compile(r"\\sqrt\s*(\w)(?!\w)|\\sqrt\s+(\d)"), r"\\sqrt{\1\2}"),
    (re.compile(r"([\^_])\{(\w)\}"), r"\1\2"),
)
_LEFT_SIDE = re.compile(
    r"\(?(?P<lhs>[A-Za-z\\][A-Za-z\\\d_{}()',: ]{0,40}?)\s*(?:=|\\approx(?![A-Za-z])|≈|\\in(?![A-Za-z]))\s*(?P<rhs>[^=<>≈]+)"
)
_SIMPLE_FRACTION = re.compile(r"(-?)\\frac\{((?:\w|\\sqrt\{\w+\})+)\}\{((?:\w|\\sqrt\{\w+\})+)\}")
_JOINER = re.compile(r"\s*(?:[,;]\s*)?(?:\b(?:and|or)\b|[,;&和或])\s*", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2}:\d{2}(?::\d{2})?)\s*([ap])?\.?\s*m?\.?", re.IGNORECASE)
HEDGE = re.compile(
    r"(?:\\approx|≈|~|approximately|about|roughly|exactly|equals?|is|约为?|大约)(?![A-Za-z])\s*",
    re.IGNORECASE,
)
_CHOICE = re.compile(r"\(([A-Ja-j])\)|([A-J])[).]|([a-j])\)")
_MATH_SIGN = re.compile(r"[\\^_=<>+*/\d|≤≥≠∞π∅√]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_MULTIPLIER = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12, "万": 4, "亿": 8}
_CURRENCY = "$€£¥"
_PLAIN_INTEGER = re.compile(r"\s*(-?)0*(0|[1-9][0-9]{0,30})\s*")
"""The commonest answer, read without further ado."""
_WRAPPERS = (
    ("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]"), ("**", "**"), ("*", "*"), ("__", "__"),
    ("`", "`"), ('"', '"'), ("“", "”"), ("'", "'"), ("「", "」"), ("{", "}"), ("<answer>", "</answer>"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """An answer taken apart: ``lhs`` = ``core`` ``unit``, of which only ``core`` is never empty."""

    core: str
    lhs: str = ""
    unit: str = ""

    def __str__(self) -> str:
        return (
            (f"{self.lhs}=" if self.lhs else "")
            + self.core
            + (f" {self.unit}" if self.unit else "")
        )


def normalise(raw: str) -> str:
    """The one spelling of an answer; '' for a blank one. Never raises on odd input."""
    return str(parse(raw))


def equal(left: str, right: str) -> bool:
    """Whether two answers, raw or normalised, are the same by their normal forms alone.

    Exact: no tolerance, no algebra, no unit conversion. A blank answer equals nothing.
    """
    return same(parse(left), parse(right))


def same(left: Form, right: Form) -> bool:
    """``equal`` on answers that were parsed before."""
    if not left.core or left.core != right.core:
        return False
    if left.lhs and right.lhs and left.lhs != right.lhs:
        return False
    return not (left.unit and right.unit and left.unit != right.unit)


@lru_cache(maxsize=8192)
def parse(raw: str) -> Form:
    """Take an answer apart; see the module's head for what is unified."""
    plain = _PLAIN_INTEGER.fullmatch(raw)
    if plain:
        return Form(plain[1] + plain[2] if plain[2] != "0" else "0")
    if len(raw) > MAX_ANSWER_CHARS:
        return Form(" ".join(raw.split()).casefold())
    # An escaped dollar is money, not the end of a formula: keep the two apart while unwrapping.
    text = plain_dollars(unwrap(raw.replace(r"\$", "＄")))
    if not text:
        return Form("")
    text = unwrap(latex.strip_markup(latex.ascii_math(text)))
    text = HEDGE.sub("", text, count=1) if HEDGE.match(text) else text
    return _read(" ".join(text.split()))


def _read(text: str, depth: int = 0) -> Form:
    """Try the kinds of answers in turn; the last resort is text as it stands."""
    for attempt in (_choice, _number, _time):
        form = attempt(text)
        if form:
            return form
    if depth < 3:
        left = _LEFT_SIDE.fullmatch(text)
        if left:
            inner = _read(left["rhs"].strip(), depth + 1)
            if not inner.lhs:
                return Form(inner.core, squeeze(left["lhs"]), inner.unit)
        listed = _list(text, depth)
        if listed:
            return listed
    if not _MATH_SIGN.search(text) and _WORD.search(text):
        return Form(prose(text))
    return Form(squeeze(text))


def unwrap(text: str) -> str:
    """Without the marks around an answer: spaces, $...$, **...**, quotes, a last full stop."""
    before = None
    while before != text:
        before = text
        text = text.strip().strip("\u200b\ufeff")
        if not text.endswith(("..", r"\.")):
            text = text.rstrip(".,;:。，；：")
        box = latex.boxes(text) if text.startswith(("\\", "\x08")) else []
        if box and box[-1][0] == 0 and box[-1][1] == len(text):
            text = box[-1][2]
        for opening, closing in _WRAPPERS:
            if not (text.startswith(opening) and text.endswith(closing)):
                continue
            inner = text[len(opening) : -len(closing)]
            if (
                len(text) > len(opening) + len(closing) - 1
                and opening not in inner
                and closing not in inner
                and not text.endswith("\\" + closing)
            ):
                text = inner
    return text


def plain_dollars(text: str) -> str:
    """``$28$ percent`` without its dollars; ``$5 and $7`` is money and keeps them."""
    if text.count("$") < 2 or text.count("$") % 2:
        return text
    parts = text.split("$")
    formulas = parts[1::2]
    if any(not part or part[0].isspace() or part[-1].isspace() for part in formulas):
        return text
    if any(part[:1].isdigit() for part in parts[2::2]):
        return text
    return "".join(parts)


def _choice(text: str) -> Form | None:
    """``(C)``, ``C.`` and ``c)`` are choices; a bare ``c`` is a variable."""
    match = _CHOICE.fullmatch(text)
    return Form((match[1] or match[2] or match[3]).upper()) if match else None


def _number(text: str) -> Form | None:
    """A number, with money before it or a unit behind it."""
    body, unit = text, ""
    if body.startswith("(") and body.endswith(")") and "," not in body and body.count("(") == 1:
        body = body[1:-1].strip()
    sign = ""
    if body[:2] in ("-$", "-€", "-£", "-¥"):
        sign, body = "-", body[1:]
    if body.upper().startswith("US$"):
        body = body[2:]
    if body[:1] in _CURRENCY and len(body) > 1:
        unit, body = units.canonical(body[0]) or "", body[1:].strip()
    found = numbers.read(sign + body)
    if not found:
        return None
    value, end = found
    rest = (sign + body)[end:]
    word = rest.strip().lower()
    for name, power in _MULTIPLIER.items():
        if word.startswith(name):
            value, rest = value * 10**power, " " + rest.strip()[len(name) :]
            break
    if rest.startswith("..") or (unit and rest.strip() and not units.canonical(rest)):
        return None
    behind = units.after_number(rest)
    return None if behind is None else Form(numbers.show(value), unit=behind or unit)


def _time(text: str) -> Form | None:
    """``11:00 AM``: the half of the day is its unit."""
    match = _TIME.fullmatch(text)
    if not match or (text[-1:].isalpha() and not match[2]):
        return None
    return Form(match[1], unit=match[2].lower() + "m" if match[2] else "")


def _list(text: str, depth: int) -> Form | None:
    """Tuples, intervals, sets and bare lists, element by element."""
    opening, closing = text[:1], text[-1:]
    braces = text.startswith(r"\{") and text.endswith(r"\}")
    inner, brackets = text, ("", "")
    if braces:
        inner, brackets = text[2:-2], (r"\{", r"\}")
        if not inner.strip():
            return Form("∅")
    elif opening in "([" and closing in ")]" and one_group(text):
        inner, brackets = text[1:-1], (opening, closing)
    parts = _split(inner)
    if len(parts) < 2 and not braces:
        return None
    forms = [_read(part, depth + 1) for part in parts]
    if not brackets[0] and not all(
        _is_item(form, part) for form, part in zip(forms, parts, strict=True)
    ):
        return None
    lhs = ""
    if not brackets[0] and len({form.lhs for form in forms}) == 1 and forms[0].lhs:
        lhs, forms = forms[0].lhs, [Form(form.core, "", form.unit) for form in forms]
        items = sorted(str(form) for form in forms)
    else:
        items = [str(form) for form in forms]
    unordered = braces or (
        not brackets[0] and all(form.lhs or form.core[:1] in "([{" for form in forms)
    )
    if unordered:
        items = sorted(set(items))
    return Form(brackets[0] + ",".join(items) + brackets[1], lhs)


def _is_item(form: Form, part: str) -> bool:
    """Whether an element of a bare list is a value, so that prose with a comma is no list."""
    return bool(form.core) and (
        bool(form.lhs)
        or form.core[:1] in "([{"
        or len(part) == 1
        or _MATH_SIGN.search(part) is not None
    )


def one_group(text: str) -> bool:
    """Whether the first bracket is closed by the last character."""
    depth = 0
    for index, char in enumerate(text):
        depth += (char in "([{") - (char in ")]}")
        if depth == 0:
            return index == len(text) - 1
    return False


def _split(text: str) -> list[str]:
    """Cut at top-level commas, semicolons, ``and`` and ``or``."""
    parts, depth, at, index = [], 0, 0, 0
    while index < len(text):
        char = text[index]
        depth += (char in "([{") - (char in ")]}")
        joiner = _JOINER.match(text, index) if depth == 0 and (char in ",;&和或 aoAO") else None
        word = joiner.group().strip() if joiner else ""
        if joiner and word and _is_joint(text, joiner):
            parts.append(text[at:index])
            at = index = joiner.end()
            continue
        index += 1
    parts.append(text[at:])
    return [part.strip() for part in parts if part.strip()]


def _is_joint(text: str, joiner: re.Match[str]) -> bool:
    """Not the ``and`` inside ``land``: a word joiner needs no letter before it."""
    first = joiner.group()[:1]
    return not (
        first.isalpha()
        and first.isascii()
        and joiner.start()
        and text[joiner.start() - 1].isalnum()
    )


def prose(text: str) -> str:
    """Words: lower case, one space, no punctuation at the ends, no article in front."""
    text = text.casefold().strip(" \"'“”‘’.,;:!?*_`()[]{}。，！？")
    return re.sub(r"^(?:(?:the|an?)\s+)+", "", text)


def squeeze(text: str) -> str:
    """A formula without the spaces that mean nothing, its commonest commands in one spelling."""
    for pattern, replacement in _RELATIONS:
        text = pattern.sub(replacement, text)
    text = text.strip().removeprefix("+")
    text = re.sub(r"(?<![\w.])\s+|\s+(?![\w.\\])|(?<=[A-Za-z)}\]])\s+(?=\\)", "", text)
    simple = _SIMPLE_FRACTION.fullmatch(text)
    return f"{simple[1]}{simple[2]}/{simple[3]}" if simple else text
