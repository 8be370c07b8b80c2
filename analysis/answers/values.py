"""Reading the value that stands after words such as "the answer is": where it starts and ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from analysis.answers import units

MAX_VALUE_CHARS = 200
MAX_TEXT_WORDS = 8
MAX_VALUES = 12
_JOINT = re.compile(r"\s*(?:,\s*(?:and|or)?|and|or|;|和|或|、)\s+|(?:和|或|、)")
_CLAUSE_ENDS = re.compile(r"[\s*_)]*(?:[.。!！;\n]|$|\\\])(?!\d)")
_FORMULA = re.compile(
    r"\$\$(.{1,200}?)\$\$|\$(?=[^\s\d$])([^$\n]{1,200}?)\$|\$(?=\d)([^$\n]{0,100}[\\^_a-zA-Z=][^$\n]{0,100}(?<!\s))\$(?!\d)|\$([\d.,\-/+ ]{1,20})\$|\\\((.{1,200}?)\\\)|\\\[(.{1,200}?)\\\]",
    re.DOTALL,
)
_ATOM = (
    r"(?:\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+(?![A-Za-z]))?|\.\d+|\\[a-zA-Z]+(?:\{[^{}\n]{0,80}(?:\{[^{}\n]{0,40}\}[^{}\n]{0,40})?\}){0,2}"
    r"|(?:sqrt|pi|π|√|∞)(?:\([^()\n]{1,60}\))?|\([^()\n]{1,80}\)|\[[^\[\]\n]{1,80}\]|\{\s?-?\d[^{}\n]{0,60}\}|[(\[][^()\[\]\n]{1,40},[^()\[\]\n]{1,40}[)\]]|[a-zA-Z](?![a-zA-Z'’]))"
)
_POSTFIX = (
    r"(?:!|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+|\^\{?[-\w+/]{1,12}\}?|_\{?\w{1,8}\}?|°|%|\s?\\%|\^\\circ|\^\{\\circ\})*"
)
_MATH = re.compile(
    rf"[-+−±]?\s?[$€£¥]?{_ATOM}{_POSTFIX}(?:\s?(?:[-+−*/×·^=:≈]|\\cdot|\\times|\\pm)\s?[-+−]?{_ATOM}{_POSTFIX}|(?:{_ATOM}){_POSTFIX}){{0,40}}"
)
_NUMBER_START = re.compile(
    r"[-+−]?\s?[$€£¥]?(?:\d|\.\d|√|π|sqrt|\\frac|\\sqrt|\\dfrac|\\pi|\\infty|∞|\\\{|\{\s?-?\d|\(\s*-?\d|\[\s*-?\d)"
)
_VARIABLE_IS = re.compile(r"[A-Za-z](?:_\{?\w{1,4}\}?)?(?:\([a-z\d]\))?\s?=\s?")
_EXCLAIMED = re.compile(r"[-+−]?[\d,.]+!")
_MORE = re.compile(r"\s(?:and\s)?\d+(?:\.\d+)?\s([a-z]+)")
"""The second part of ``1 hour 20 minutes``."""
_UNIT_WORD = re.compile(r"[ -]?([^\W\d_²³]+|%|°[CF]?)(?:/([a-z]+))?(\s?\^\s?[23]|[²³])?")
_CHOICE = re.compile(r"\(?([A-J])\)?(?=[.,;:)\s*\"”]|$)")
_CLAUSE_END = re.compile(
    r"[;\n!?。；！？，.:,\s](?:(?<=[;\n!?。；！？，])|(?<=[.:])(?=[\s*_\"”')]|$)|(?<=,)(?=\s)"
    r"|(?<=\s)(?:[-–—]\s|\((?!\d)))"
)
"""Where it starts a clause has ended. The charset comes first, so that the scan runs at the speed of `re`."""
_NAME = re.compile(
    r"(?:[A-Z][\w'’.-]*)(?:[ -](?:[A-Z][\w'’.-]*|of|the|de|and|von|van)){0,4}|(?i:yes|no|true|false|none|zero|infinity|never|cannot"
    r"|impossible|undefined)|[^\x00-\u2e7f]{1,12}"
)
"""A name, a verdict, or a few characters of a script without capitals."""
_NOT_A_VALUE = re.compile(
    r"(?:that|this|these|those|it|its|there|not|no longer|also not|correct|right|wrong|incorrect|valid|fine|"
    r"supposed|expected|based|because|since|as follows|as above|as per|in the|in terms|in that|the same|same|"
    r"different|unique|given|known|clear|obvious|likely|probably|possible|possibly|impossible to say|independent|to be|to|"
    r"what|which|when|where|why|how|if|whether|unknown|asking|derived|obtained|written|consistent|simply|just|"
    r"an?\s+(?:integer|number|fraction|single|list|string|letter|positive|whole|real|unique)|"
    r"always|either|one of|something|somewhere|at most|at least|less|more|greater|smaller|bigger|larger|close|"
    r"between|above|below|under|over|in|on|for|from|with|by|of|still|actually|and|or|but|so|then|too|good|trivial|"
    r"straightforward|simple|complicated|here|expressed|required|needed|positive|negative|even|odd|an? integer)\b",
    re.IGNORECASE,
)  # fmt: skip


class Value(NamedTuple):
    """A value in the text: its span, and what kind of text it is (formula, number, choice, words)."""

    start: int
    end: int
    kind: str


def read_value(text: str, at: int, limit: int, *, words: bool = True) -> Value | None:
    """The value that starts at ``at`` (marks and spaces skipped) and ends before ``limit``.

    ``words`` allows answers in prose. None when what stands there is no value ("that we need ...").
    """
    while at < limit and text[at] in " *_:：\n\t\"“'「`":
        at += 1
    limit = min(limit, at + MAX_VALUE_CHARS)
    if at >= limit:
        return None
    # Only a number starts with a digit.
    for reader in (_number,) if text[at].isdecimal() else (_formula, _variable, _choice, _number):
        value = reader(text, at, limit)
        if value:
            return _with_others(text, value, reader, limit)
    return _words(text, at, limit) if words else None


def _with_others(
    text: str, value: Value, reader: Callable[[str, int, int], Value | None], limit: int
) -> Value:
    """``5 or 6``, ``$x=1$ and $x=2$``: the values that belong to the same answer.

    The last of them has to end the clause, so that "5, and 6 is odd" is 5.
    """
    if value.end >= limit:
        return value
    end, last = value.end, value
    for _ in range(MAX_VALUES):
        joint = _JOINT.match(text, end, limit)
        following = reader(text, joint.end(), limit) if joint else None
        if joint is None or following is None:
            break
        end, last = following.end, following
        if _CLAUSE_ENDS.match(text, end, limit + 1):
            value = Value(value.start, last.end, value.kind)
    return value


def _formula(text: str, at: int, limit: int) -> Value | None:
    """A delimited formula with the unit behind it."""
    match = _FORMULA.match(text, at, limit)
    if not match:
        return None
    body = next(group for group in match.groups() if group is not None)
    start = match.start() + match.group().index(body)
    inner = _right_side(body)
    if inner != body:
        start += len(body) - len(inner)
        return Value(start, start + len(inner.rstrip()), "formula")
    return Value(match.start(), _with_unit(text, match.end(), limit), "formula")


def _right_side(body: str) -> str:
    """Of ``2+3 = 5`` or ``a = b = 5`` what stands after the last ``=``; an equation stays whole."""
    parts = body.split("=")
    if len(parts) < 2 or any(
        mark in body for mark in ("<", ">", r"\le", r"\ge", r"\ne", r"\begin")
    ):
        return body
    left = re.sub(r"\\[a-zA-Z]+", "", parts[0])
    if len(parts) > 2 or not re.search(r"[A-Za-z]", left):
        return parts[-1]
    return body


def _variable(text: str, at: int, limit: int) -> Value | None:
    """``x = 5``: the variable belongs to the value."""
    match = _VARIABLE_IS.match(text, at, limit)
    if not match:
        return None
    value = _number(text, match.end(), limit)
    return (
        Value(at if value.kind == "number" else value.start, value.end, value.kind)
        if value
        else None
    )


def _choice(text: str, at: int, limit: int) -> Value | None:
    """A choice letter; ``A`` and ``I`` only where no word can follow."""
    match = _CHOICE.match(text, at, limit)
    if not match:
        return None
    bracketed = match.group().startswith("(") and match.group().endswith(")")
    bare = match.group().strip("()")
    if bare in "AI" and not bracketed and text[match.end() : match.end() + 1].isspace():
        following = text[match.end() : match.end() + 2]
        if not following.startswith("\n"):
            return None
    if re.match(
        r"\s?[-+=*/^<>]\s?[\w(\\]|\s?\(|[,]\s?[A-J]\b|\s(?:and|or|is|at|to)\b",
        text[match.end() : limit],
    ):
        return None
    return Value(match.start(), match.end(), "choice")


def _number(text: str, at: int, limit: int) -> Value | None:
    """A number or a formula without delimiters; of a chain of ``=`` the last right-hand side."""
    if not _NUMBER_START.match(text, at, limit):
        return None
    match = _MATH.match(text, at, limit)
    if not match:
        return None
    body = match.group().rstrip(" ,.:")
    if (
        body[-1:] == "!"
        and _EXCLAIMED.fullmatch(body)
        and not text[at + len(body) : at + len(body) + 1].strip(".)*")
    ):
        body = body[:-1]  # "the answer is 8!" is no factorial
    start, end = at, at + len(body)
    if "=" in body or "≈" in body:
        cut = max(body.rfind("="), body.rfind("≈")) + 1
        while cut < len(body) and body[cut] == " ":
            cut += 1
        if cut == len(body):
            return None
        start = at + cut
    return Value(start, _with_unit(text, end, limit), "number")


def _with_unit(text: str, end: int, limit: int) -> int:
    """Extend a number over the unit words that follow it, if they are units that we know."""
    at = end
    for _ in range(3):
        match = _UNIT_WORD.match(text, at, limit)
        if not match:
            break
        word = match[1].lower()
        glued = text[at] not in " -"
        if glued and (len(word) < 2 and word.isalpha() and not match[3]):
            break
        if word in ("square", "cubic", "sq", "per"):
            at = match.end()
            continue
        if word in units.KNOWN and not (len(word) == 1 and word.isalpha() and word not in "mgs"):
            end = at = match.end()
            more = _MORE.match(text, at, limit)
            if more and more[1] in units.KNOWN and word not in ("$", "%", "°"):
                end = at = more.end()
            continue
        break
    return end


def _words(text: str, at: int, limit: int) -> Value | None:
    """An answer in prose: the rest of the clause, if it is short and reads like a name or a noun."""
    if _NOT_A_VALUE.match(text, at, limit):
        return None
    closing = _CLAUSE_END.search(text, at, limit)
    end = closing.start() if closing else limit
    if not closing and limit - at >= MAX_VALUE_CHARS:
        return None
    body = text[at:end].rstrip(" *_\"”'」`)")
    if not body or len(body.split()) > MAX_TEXT_WORDS or len(body) > 60 or not body[0].isalnum():
        return None
    if "nswer" in body:  # "Final answer: the answer is 5": the second noun announces it
        return None
    return Value(at, at + len(body), "name" if _NAME.fullmatch(body) else "words")
