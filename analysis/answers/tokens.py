r"""The signs, numbers and names that a formula (LaTeX or plain) is made of."""

from __future__ import annotations

import re

from analysis.answers import latex

MAX_TOKENS = 600
FUNCTIONS = frozenset(
    [
        "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "arccot", "sinh",
        "cosh", "tanh", "ln", "log", "lg", "exp", "sqrt", "abs", "max", "min", "gcd", "lcm", "sgn",
    ]
)  # fmt: skip
_ALIASES = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "cosec": "csc",
    "tg": "tan",
    "ctg": "cot",
    "arctg": "arctan",
    "sh": "sinh",
    "ch": "cosh",
    "th": "tanh",
}
TRIGONOMETRIC = frozenset({"sin", "cos", "tan", "cot", "sec", "csc"})
GREEK = frozenset(
    [
        "alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "vartheta",
        "iota", "kappa", "lambda", "mu", "nu", "xi", "rho", "sigma", "tau", "upsilon", "phi", "varphi",
        "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Sigma", "Phi", "Psi",
        "Omega", "ell", "hbar",
    ]
)  # fmt: skip
OPAQUE = frozenset(["f", "g", "h", "F", "G", "H", "P", "Q"])
"""Letters that, right before a bracket, are functions and not factors."""
_ENGLISH = frozenset(
    [
        "by", "of", "to", "is", "or", "an", "at", "on", "in", "no", "if", "it", "so", "we", "he", "me",
        "my", "us", "as", "be", "do", "go", "up", "am", "pm", "cm", "km", "mm", "ml", "kg", "mg", "ft",
        "yd", "lb", "oz", "hr", "per", "and", "the", "not",
    ]
)  # fmt: skip
"""Short words (and units) that are no product of letters."""
_TOKEN = re.compile(
    r"\s+|(?P<num>\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?|\d+(?:\.\d+)?(?:e[-+]?\d{1,4}(?![A-Za-z\d]))?|\.\d+)"
    r"|(?P<cmd>\\[a-zA-Z]+|\\[|{}])|(?P<word>[A-Za-z]+)|(?P<sign>\*\*|[-+*/^_(){}\[\]|!%=,':°√∞π])",
)
_TERMS = {
    r"\cdot": "*", r"\times": "*", r"\ast": "*", "**": "^", r"\div": "/", r"\over": "/",
    r"\lbrack": "[", r"\rbrack": "]", r"\lvert": "|", r"\rvert": "|", r"\vert": "|", r"\|": "|", r"\mid": "|",
    r"\lparen": "(", r"\rparen": ")", "√": r"\sqrt", "∞": r"\infty", "π": r"\pi", r"\colon": ":",
    r"\lbrace": "(", r"\rbrace": ")", r"\%": "%", r"\degree": "°", r"\tg": r"\tan", r"\ctg": r"\cot",
}  # fmt: skip
_REPEATING = re.compile(
    r"(\d+)\.(\d*)(?:\\overline\s*\{(\d+)\}|\\dot\s*\{(\d)\}|\\bar\s*\{(\d+)\}|\((\d+)\)(?![\w(^]))"
)
_GOING_ON = re.compile(r"(?<!\d)(\d+)\.(\d{0,6}?)(\d{1,6}?)\3+(\d{0,5}?)\.\.\.")
_CIRC = re.compile(r"\^\s*\{?\s*\\circ\s*\}?")
_DERIVATIVE = re.compile(
    r"\\frac\s*\{\s*(?:d|\\partial)[^{}]{0,12}\}\s*\{\s*(?:d|\\partial)\s*[a-zA-Z]"
)


class UnreadableError(Exception):
    """Not a formula that this module reads."""


def prepare(text: str) -> str:
    """One spelling for signs; repeating decimals as fractions. Raises ``UnreadableError``."""
    text = _CIRC.sub("°", latex.strip_markup(latex.ascii_math(text)))
    if _DERIVATIVE.search(text):
        raise UnreadableError("derivative")
    text = text.replace(r"\lbrace", "(").replace(r"\rbrace", ")")
    if "..." in text:
        text = _GOING_ON.sub(_going_on, text)
    return _REPEATING.sub(_repeating, text)


def _going_on(match: re.Match[str]) -> str:
    """``0.3636...`` as the repeating decimal that it starts."""
    block, rest = match[3], match[4]
    seen = match.group().count(block) if len(block) == 1 else 3
    if not block.startswith(rest) or seen < 3:
        return match.group()
    return rf"{match[1]}.{match[2]}\overline{{{block}}}"


def _repeating(match: re.Match[str]) -> str:
    """``0.1\\overline{6}`` as a fraction in brackets."""
    whole, fixed = match[1], match[2]
    again = next(group for group in match.groups()[2:] if group)
    nines = 10 ** len(fixed) * (10 ** len(again) - 1)
    top = int(whole + fixed + again) - int(whole + fixed)
    return f"({top}/{nines})"


def tokens(text: str) -> list[str]:
    """The tokens of a prepared text. Raises ``UnreadableError``."""
    found: list[str] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise UnreadableError(text[at])
        at = match.end()
        if match["num"]:
            found.append(match["num"])
        elif match["cmd"] or match["sign"]:
            mark = match["cmd"] or match["sign"]
            found.append(_TERMS.get(mark, mark))
        elif match["word"]:
            found.extend(_word(match["word"]))
        if len(found) > MAX_TOKENS:
            raise UnreadableError("long")
    return found


def _word(word: str) -> list[str]:
    """A run of letters: a function, a constant, a Greek name, else a product of single letters."""
    low = word.lower()
    if low in _ALIASES or low in FUNCTIONS:
        return ["\\" + _ALIASES.get(low, low)]
    if low in ("pi", "infinity", "inf", "infty"):
        return [r"\pi" if low == "pi" else r"\infty"]
    if word in GREEK:
        return ["\\" + word]
    for name in ("sqrt", "sin", "cos", "tan", "log", "ln", "pi"):
        if low.endswith(name) and len(word) - len(name) <= 1:
            return [*word[: -len(name)], "\\" + name]
        if low.startswith(name) and len(word) - len(name) == 1:
            return ["\\" + name, word[-1]]
    if low in _ENGLISH:
        raise UnreadableError(word)
    if len(word) > 3 or (len(word) == 3 and word not in _products(word)):
        raise UnreadableError(word)
    return list(word)


TRIPLES = frozenset({"abc", "abd", "acd", "bcd", "xyz", "abx", "aby"})


def _products(word: str) -> tuple[str, ...]:
    """Three letters are a product (``abc``, ``xyz``, ``ABC``) unless they look like an English word."""
    vowels = sum(char in "aeiouAEIOU" for char in word)
    return (word,) if word.isupper() or vowels == 0 or "".join(sorted(word)) in TRIPLES else ()
