r"""Reading a formula (LaTeX or plain) as a tree: arithmetic, powers, roots, functions, symbols.

What an answer usually is, and no more: sums over an index, integrals, limits and anything with words
are refused (``None``), and then somebody else has to judge. Linear in the text, bounded in depth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from analysis.answers.tokens import (
    FUNCTIONS,
    GREEK,
    OPAQUE,
    TRIGONOMETRIC,
    UnreadableError,
    prepare,
    tokens,
)

MAX_DEPTH = 60
MAX_NUMBER_CHARS = 1200

_INDEXED = re.compile(r"(?=[^a-zA-Z]*[a-zA-Z])[nkmijN\d+\-]+")
_STOPS = frozenset({")", "}", "]", ",", "=", "|", r"\rfloor", r"\rceil", "+", "-", "*", "/", r"\pm", r"\mp", ":"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """A node: ``op`` is num, sym, add, mul, div, pow, neg, pm, call, fact, deg, floor, ceil, abs."""

    op: str
    args: tuple[Node, ...] = ()
    name: str = ""
    value: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Expression:
    """A tree, its free symbols, and whether ``a/bc`` or ``\\sin x y`` left room for two readings."""

    root: Node
    symbols: frozenset[str]
    ambiguous: bool = False
    has_pm: bool = False
    has_series: bool = False
    """Whether it has a sum or product over an index: then variables stand for small integers."""


def read_expression(text: str) -> Expression | None:
    """The tree of ``text``; None for what is no formula of the supported kinds."""
    try:
        reader = _Reader(tokens(prepare(text)))
        root = reader.sum(0)
    except (UnreadableError, ValueError):
        return None
    if reader.at != len(reader.tokens):
        return None
    return Expression(
        root, frozenset(reader.symbols), reader.ambiguous, reader.has_pm, reader.has_series
    )


class _Reader:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0
        self.symbols: set[str] = set()
        self.ambiguous = False
        self.has_pm = False
        self.has_series = False

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str) -> None:
        if self.peek() != wanted:
            raise UnreadableError(wanted)
        self.at += 1

    def sum(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise UnreadableError("deep")
        mark = self.peek()
        if mark in (r"\pm", r"\mp"):
            self.at += 1
            self.has_pm = True
            left = Node("pm", (Node("num", value=Fraction(0)), self.product(depth)), mark)
        else:
            left = self.product(depth)
        while (mark := self.peek()) in ("+", "-", r"\pm", r"\mp"):
            self.at += 1
            right = self.product(depth)
            if mark == "+":
                left = Node("add", (left, right))
            elif mark == "-":
                left = Node("add", (left, Node("neg", (right,))))
            else:
                self.has_pm = True
                left = Node("pm", (left, right), mark)
        return left

    def product(self, depth: int) -> Node:
        left = self.signed(depth)
        slashed = False
        while mark := self.peek():
            if mark == "*":
                self.at += 1
                left = Node("mul", (left, self.signed(depth)))
                slashed = False
            elif mark == "/":
                self.at += 1
                left = Node("div", (left, self.signed(depth)))
                slashed = True
            elif mark in _STOPS:
                break
            else:
                right = self.power(depth)
                self.ambiguous |= slashed
                left = self._adjacent(left, right)
        return left

    @staticmethod
    def _adjacent(left: Node, right: Node) -> Node:
        r"""``2\frac{1}{3}`` is a mixed number; two numbers side by side are nothing."""
        if left.op == "num" and right.op == "div" and all(n.op == "num" for n in right.args):
            whole, top, bottom = left.value, right.args[0].value, right.args[1].value
            if (
                whole is not None
                and top is not None
                and bottom is not None
                and whole.denominator == 1
                and 0 < top < bottom
            ):
                return Node("num", value=whole + top / bottom)
        if right.op == "num":
            # "H2O", "(a) 5 (b) 6": nobody writes a product like that.
            raise UnreadableError("a number behind a factor")
        return Node("mul", (left, right))

    def signed(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise UnreadableError("deep")
        mark = self.peek()
        if mark == "-":
            self.at += 1
            return Node("neg", (self.signed(depth + 1),))
        if mark == "+":
            self.at += 1
            return self.signed(depth + 1)
        return self.power(depth)

    def power(self, depth: int) -> Node:
        base = self.postfixed(self.primary(depth + 1))
        if self.peek() == "^":
            self.at += 1
            base = self.postfixed(Node("pow", (base, self.script(depth + 1))))
        return base

    def postfixed(self, node: Node) -> Node:
        while (mark := self.peek()) in ("!", "°", "%"):
            self.at += 1
            if mark == "%":
                node = Node("div", (node, Node("num", value=Fraction(100))))
            else:
                node = Node("fact" if mark == "!" else "deg", (node,))
        return node

    def script(self, depth: int) -> Node:
        """What stands behind ``^``: a group, or one signed number, letter or command."""
        if depth > MAX_DEPTH:
            raise UnreadableError("deep")
        mark = self.peek()
        if mark == "{":
            return self.group("{", "}", depth)
        if mark in ("-", "+"):
            self.at += 1
            inner = self.script(depth + 1)
            return Node("neg", (inner,)) if mark == "-" else inner
        return self.primary(depth + 1)

    def group(self, opening: str, closing: str, depth: int) -> Node:
        self.take(opening)
        inner = self.sum(depth + 1)
        self.take(closing)
        return inner

    def primary(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise UnreadableError("deep")
        mark = self.peek()
        for opening, closing in (("(", ")"), ("{", "}"), ("[", "]"), (r"\{", r"\}")):
            if mark == opening:
                return self.group(opening, closing, depth)
        if mark == "|":
            return Node("abs", (self.group("|", "|", depth),))
        if mark in (r"\lfloor", r"\lceil"):
            inner = self.group(mark, mark.replace(r"\l", r"\r"), depth)
            return Node("floor" if mark == r"\lfloor" else "ceil", (inner,))
        if mark[:1].isdigit() or mark[:1] == ".":
            self.at += 1
            return _number(mark)
        if mark == r"\frac":
            self.at += 1
            return Node("div", (self.argument(depth), self.argument(depth)))
        if mark in (r"\binom", r"\dbinom", r"\tbinom"):
            self.at += 1
            return Node("call", (self.argument(depth), self.argument(depth)), "binom")
        if mark == r"\sqrt":
            return self.root(depth)
        if mark in (r"\sum", r"\prod"):
            return self.series(mark[1:], depth)
        if mark[:1] == "\\" and mark[1:] in FUNCTIONS:
            return self.function(mark[1:], depth)
        if mark in (r"\pi", r"\infty"):
            self.at += 1
            return Node("sym", name="π" if mark == r"\pi" else "∞")
        if (mark.isalpha() and len(mark) == 1) or (mark[:1] == "\\" and mark[1:] in GREEK):
            return self.symbol(mark, depth)
        raise UnreadableError(mark)

    def series(self, name: str, depth: int) -> Node:
        r"""``\sum_{k=1}^{n}`` and the product that follows it."""
        self.at += 1
        self.take("_")
        self.take("{")
        index = self.peek()
        if len(index) != 1 or not index.isalpha():
            raise UnreadableError(index)
        self.at += 1
        self.take("=")
        low = self.sum(depth + 1)
        self.take("}")
        self.take("^")
        high = self.script(depth + 1)
        known = index in self.symbols
        body = self.product(depth + 1)
        if not known:
            self.symbols.discard(index)
        self.has_series = True
        return Node("call", (low, high, body), f"{name}:{index}")

    def argument(self, depth: int) -> Node:
        r"""An argument of ``\frac``: a group, or one digit or letter."""
        if self.peek() == "{":
            return self.group("{", "}", depth)
        return self.primary(depth + 1)

    def root(self, depth: int) -> Node:
        self.at += 1
        degree = Node("num", value=Fraction(2))
        if self.peek() == "[":
            degree = self.group("[", "]", depth)
        radicand = self.argument(depth)
        return Node("call", (radicand,) if degree.value == 2 else (radicand, degree), "sqrt")

    def function(self, name: str, depth: int) -> Node:
        self.at += 1
        base: Node | None = None
        power: Node | None = None
        for _ in range(2):
            if self.peek() == "_" and name == "log":
                self.at += 1
                base = self.script(depth + 1)
            elif self.peek() == "^":
                self.at += 1
                power = self.script(depth + 1)
        inverse = power is not None and power.op == "neg" and power.args[0].value == 1
        if inverse and name in TRIGONOMETRIC:
            name, power = "arc" + name, None
        arguments = self.arguments(depth)
        if base is not None:
            arguments = (*arguments, base)
        call = Node("abs", arguments) if name == "abs" else Node("call", arguments, name)
        return call if power is None else Node("pow", (call, power))

    def arguments(self, depth: int) -> tuple[Node, ...]:
        r"""``(a, b)``, ``{a}``, or the factors that follow up to the next sign (``\sin 2x``)."""
        mark = self.peek()
        if mark in ("(", "["):
            closing = ")" if mark == "(" else "]"
            self.at += 1
            found = [self.sum(depth + 1)]
            while self.peek() == ",":
                self.at += 1
                found.append(self.sum(depth + 1))
            self.take(closing)
            return tuple(found)
        inner = self.power(depth + 1)
        if inner.op != "num" and inner.op not in ("sym", "deg"):
            return (inner,)
        while (mark := self.peek()) and mark not in _STOPS and mark not in ("(", "[", r"\lfloor"):
            if mark[:1] == "\\" and mark[1:] in FUNCTIONS:
                break
            inner = self._adjacent(inner, self.power(depth + 1))
        if self.peek() == "/":
            self.ambiguous = True
        return (inner,)

    def symbol(self, mark: str, depth: int) -> Node:
        self.at += 1
        name = mark.lstrip("\\")
        chosen = (
            self.chosen(name, depth) if name in ("C", "A", "P") and self.peek() == "_" else None
        )
        if chosen is not None:
            return chosen
        if self.peek() == "_":
            self.at += 1
            before = self.at
            index = self.subscript()
            if _INDEXED.fullmatch(index) and index != "i":
                # a_{n+1} is the sequence a at n + 1, not a name of its own
                self.at = before
                return Node("call", (self.script(depth + 1),), f"?{name}_")
            name += "_" + index
        while self.peek() == "'":
            self.at += 1
            name += "'"
        if name in OPAQUE and self.peek() == "(":
            return Node("call", self.arguments(depth), "?" + name)
        if name not in ("e", "i"):
            self.symbols.add(name)
        return Node("sym", name=name)

    def chosen(self, name: str, depth: int) -> Node | None:
        """``C_{10}^{3}`` and ``A_5^2`` with plain numbers: combinations and permutations."""
        before = self.at
        self.at += 1
        try:
            total = self.script(depth + 1)
            self.take("^")
            part = self.script(depth + 1)
        except UnreadableError:
            total = part = Node("")
        if (
            total.value is not None
            and part.value is not None
            and total.value >= max(Fraction(2), part.value)
        ):
            if name == "C":
                return Node("call", (total, part), "binom")
            rest = Node("num", value=total.value - part.value)
            return Node("div", (Node("fact", (total,)), Node("fact", (rest,))))
        self.at = before
        return None

    def subscript(self) -> str:
        if self.peek() != "{":
            mark = self.peek()
            self.at += 1
            return mark
        depth = 0
        parts: list[str] = []
        while mark := self.peek():
            self.at += 1
            depth += (mark == "{") - (mark == "}")
            if depth == 0:
                return "".join(parts)
            if mark != "{":
                parts.append(mark)
        raise UnreadableError("_")


def _number(mark: str) -> Node:
    if len(mark) > MAX_NUMBER_CHARS:
        raise UnreadableError("long number")
    return Node("num", value=Fraction(mark.replace(",", "")))
