"""The little LaTeX that answers are written in: balanced braces, wrappers, commands. No CAS.

Every function is linear in its input; none raises on broken LaTeX, it returns what it was given.
"""

from __future__ import annotations

import re
import unicodedata

_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_TEXT_COMMAND = re.compile(
    r"\\(?:text(?:bf|it|rm|normal|sf|tt|normalfont)?|textnormal|mathrm|mathbf|mathit|mathsf|mathbb"
    r"|mathcal|mbox|hbox|operatorname\*?|boldsymbol|bm|rm|bf|displaystyle|textstyle)(?![A-Za-z])"
)
_SPACING = re.compile(
    r"\\[,;:!> ]|\\(?:quad|qquad|enspace|thinspace|hspace\{[^{}]*\})(?![A-Za-z])|~"
)
_SIZING = re.compile(r"\\(?:left|right|[bB]igg?[lrm]?)(?![A-Za-z])\.?")
_FRAC_SHORT = re.compile(r"\\frac\s*(?:(\d)\s*(\d)|(\d)\s*(?=\{))(?!\d)")
_FRACTION_NAMES = re.compile(r"\\[dtc]frac(?![A-Za-z])")
_UNICODE = str.maketrans(
    {
        "−": "-", "–": "-", "—": "-", "﹣": "-", "×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ",
        "÷": "/", "∕": "/", "⁄": "/", "π": r"\pi ", "∞": r"\infty ", "≤": r"\le ", "⩽": r"\le ",
        "≥": r"\ge ", "⩾": r"\ge ", "≠": r"\ne ", "≈": r"\approx ", "°": r"^\circ ", "²": "^2",
        "³": "^3", "½": r"\frac{1}{2}", "¼": r"\frac{1}{4}", "¾": r"\frac{3}{4}", "∪": r"\cup ",
        "∩": r"\cap ", "∈": r"\in ", "∅": r"\emptyset ", "±": r"\pm ", "，": ",", "。": ".",
        "、": ",", "∛": r"\sqrt[3]", "∜": r"\sqrt[4]", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u200b": "", "\u2060": "", "\ufeff": "",
    }
)  # fmt: skip
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "λ": "lambda", "ν": "nu", "ξ": "xi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "χ": "chi", "ψ": "psi",
    "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi",
}  # fmt: skip
"""μ and Ω are left as they are: they stand in units."""
_UNICODE |= {ord(char): f"\\{name} " for char, name in _GREEK.items()}
_SUPERSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ]{2,}|[⁰¹⁴⁵⁶⁷⁸⁹ⁿ]")
_SUBSCRIPT = re.compile("[₀₁₂₃₄₅₆₇₈₉]+")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ", "0123456789-n")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_FULLWIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_BOX_TOKEN = re.compile(r"((?:\\f?boxed|\\fbox|\x08oxed)\s{0,3}(?:\{|(?=\w)))|\\.|[{}]", re.DOTALL)
_BOX_MARKS = ("\\box", "\\fbox", "\x08oxed")
"""What stands before the first brace that matters."""
_BARE = re.compile(r"\w+")
MAX_BOX_CHARS = 2000
"""A longer box is a runaway brace, not an answer."""


def boxes(text: str) -> list[tuple[int, int, str]]:
    r"""Every ``\boxed{...}`` as (start, end, content) in order of start, braces balanced.

    Empty boxes, boxes over ``MAX_BOX_CHARS`` and boxes with a blank line inside (a brace that was
    never closed) are left out. ``\boxed 5`` and a box whose ``\b`` was read as a backspace by a
    careless JSON writer count. One pass with a stack: linear, also on a thousand open braces.
    """
    found: list[tuple[int, int, str]] = []
    start = min((at for mark in _BOX_MARKS if (at := text.find(mark)) >= 0), default=-1)
    if start < 0:
        return found
    while start and text[start - 1] == "\\":  # of a row of backslashes two belong together
        start -= 1
    stack: list[tuple[int, int] | None] = []
    for token in _BOX_TOKEN.finditer(text, start):
        mark = token.group()
        if token.group(1):
            if mark.endswith("{"):
                stack.append((token.start(), token.end()))
            else:
                bare = _BARE.match(text, token.end())
                if bare:
                    found.append((token.start(), bare.end(), bare.group()))
        elif mark == "{":
            stack.append(None)
        elif mark == "}" and stack:
            opened = stack.pop()
            if opened and token.start() - opened[1] <= MAX_BOX_CHARS:
                content = text[opened[1] : token.start()]
                if content.strip() and "\n\n" not in content:
                    found.append((opened[0], token.end(), content))
    found.sort()
    return found


def closing_brace(text: str, opening: int) -> int | None:
    """Index of the ``}`` that closes the ``{`` at ``opening``; None when it stays open."""
    depth = 0
    for match in _BRACE.finditer(text, opening):
        mark = match.group()
        if mark == "{":
            depth += 1
        elif mark == "}":
            depth -= 1
            if depth == 0:
                return match.start()
    return None


def ascii_math(text: str) -> str:
    """Full-width forms and the common Unicode signs of mathematics as ASCII or LaTeX."""
    if text.isascii():
        return text
    text = _SUPERSCRIPT.sub(lambda m: "^{" + m[0].translate(_RAISED) + "}", text)
    text = _SUBSCRIPT.sub(lambda m: "_{" + m[0].translate(_LOWERED) + "}", text)
    text = text.translate(_FULLWIDTH).translate(_UNICODE)
    return "".join(_ascii_digit(char) for char in text)


def _ascii_digit(char: str) -> str:
    """Digits of any script as 0-9; other characters as they are."""
    return str(unicodedata.decimal(char)) if ord(char) > 127 and char.isdecimal() else char


def strip_markup(text: str) -> str:
    r"""LaTeX that changes how an answer looks and not what it is: \text, \left, spacing, \dfrac."""
    if "\\" not in text and "~" not in text and "{" not in text:
        return text
    text = text.replace("{,}", ",").replace(r"\!", "").replace(r"\$", "$").replace(r"\%", "%")
    text = _SPACING.sub(" ", text)
    text = _SIZING.sub("", text)
    text = _FRACTION_NAMES.sub(r"\\frac", text)
    text = _FRAC_SHORT.sub(
        lambda m: rf"\frac{{{m[1] or m[3]}}}" + (f"{{{m[2]}}}" if m[2] else ""), text
    )
    return unwrap_commands(text)


def unwrap_commands(text: str) -> str:
    r"""``\text{cm}`` -> `` cm ``; also \mathrm, \textbf, \mbox and their kin, nested or not."""
    chars: list[str] | None = None
    for match in _TEXT_COMMAND.finditer(text):
        chars = chars or list(text)
        chars[match.start() : match.end()] = " " * (match.end() - match.start())
        opening = match.end()
        while opening < len(text) and text[opening] == " ":
            opening += 1
        if opening < len(text) and text[opening] == "{":
            closing = closing_brace(text, opening)
            if closing is not None:
                chars[opening] = chars[closing] = " "
    return text if chars is None else "".join(chars)
