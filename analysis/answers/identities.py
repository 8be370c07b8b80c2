"""Whether two formulas agree wherever both are defined: at generic points, exactly or with many digits."""

from __future__ import annotations

import re
from itertools import permutations

from analysis.answers import evaluate
from analysis.answers.evaluate import NotWorkedOutError
from analysis.answers.expressions import Expression, Node
from analysis.answers.outcomes import CORRECT, WRONG, Outcome

MAX_SYMBOLS = 12
_CONSTANTS = frozenset({"C", "c", "C_1", "c_1", "K"})
"""Names of a constant of integration."""
_CONSTANT = re.compile(r"[cCkKAB](?:_\d)?")
_UNKNOWNS = frozenset("xyz")
"""Letters that a question gives their meaning."""


def identity(left: Expression, right: Expression) -> Outcome:
    """Whether two formulas agree wherever both are defined."""
    if len(left.symbols | right.symbols) > MAX_SYMBOLS:
        return Outcome("unknown", "too many variables")
    if left.has_series or right.has_series:
        return _series(left, right)
    outcome = agreement(left.root, right.root, left.symbols | right.symbols)
    if _has_log(left.root) != _has_log(right.root):
        outcome = _bare_logarithm(left, right, outcome)
    if outcome.verdict != "wrong":
        return outcome
    if left.ambiguous or right.ambiguous:
        return Outcome("undecided", "a formula that can be read in two ways (a/bc)")
    return _renamed(left, right) or outcome


def agreement(
    left: Node, right: Node, symbols: frozenset[str], logarithm: int | None = None
) -> Outcome:
    """The same for two trees; ``logarithm`` is the base of a bare ``log`` (None: e)."""
    try:
        precision = evaluate.precision_for([left, right])
        agreed = []
        for point in evaluate.points(symbols):
            try:
                agreed.append(evaluate.agree(left, right, point, precision, logarithm))
            except NotWorkedOutError:
                if not symbols:
                    raise
    except NotWorkedOutError as error:
        return Outcome("unknown", f"not worked out: {error}")
    if not agreed and symbols and _at_integers(left, right, symbols):
        return Outcome("correct", "the same for the integers that were tried")
    if not agreed:
        return _told_apart(left, right, symbols)
    if all(agreed):
        return CORRECT if not symbols else Outcome("correct", "the same formula")
    if symbols and all(agreed[:-1]) and len(agreed) > 1:
        return Outcome("undecided", "the same for positive variables only")
    if symbols & evaluate.INTEGER_NAMES and _at_integers(left, right, symbols):
        return Outcome("undecided", "the same for the integers that were tried only")
    return WRONG if not symbols else Outcome("wrong", "different formulas")


def _bare_logarithm(left: Expression, right: Expression, natural: Outcome) -> Outcome:
    """``log`` without a base on one side: natural or decimal, and it may matter which."""
    decimal = agreement(left.root, right.root, left.symbols | right.symbols, 10)
    told = {natural.verdict, decimal.verdict}
    if "correct" not in told or told == {"correct"}:
        return natural
    if (_names(left.root) | _names(right.root)) & {"ln", "lg"} or _has_base(left.root, right.root):
        return Outcome("undecided", "a logarithm without a base against one with a base")
    return Outcome("correct", "a logarithm without a base, read so that it fits")


def _has_base(*nodes: Node) -> bool:
    """Whether a logarithm with a base stands in one of them."""
    return any(
        (node.op == "call" and node.name == "log" and len(node.args) > 1) or _has_base(*node.args)
        for node in nodes
    )


def _series(left: Expression, right: Expression) -> Outcome:
    """Sums over an index, at small integers."""
    symbols = left.symbols | right.symbols
    if not symbols:
        return agreement(left.root, right.root, symbols)
    try:
        precision = evaluate.precision_for([left.root, right.root])
        points = evaluate.integer_points(symbols)
        agreed = [evaluate.agree(left.root, right.root, point, precision) for point in points]
    except NotWorkedOutError as error:
        return Outcome("unknown", f"not worked out: {error}")
    if all(agreed):
        return Outcome("correct", "the same for the integers that were tried")
    return Outcome("wrong", "different sums")


def _told_apart(left: Node, right: Node, symbols: frozenset[str]) -> Outcome:
    """Formulas that only integers can be put into (factorials), and that differ there."""
    try:
        precision = evaluate.precision_for([left, right])
        for point in evaluate.integer_points(symbols):
            if not evaluate.agree(left, right, point, precision):
                return Outcome("wrong", "different formulas")
    except NotWorkedOutError:
        pass
    return Outcome("unknown", "not worked out")


def _at_integers(left: Node, right: Node, symbols: frozenset[str]) -> bool:
    try:
        precision = evaluate.precision_for([left, right])
        return all(
            evaluate.agree(left, right, point, precision)
            for point in evaluate.integer_points(symbols)
        )
    except NotWorkedOutError:
        return False


def _names(node: Node) -> set[str]:
    found = {node.name} if node.op == "call" else set()
    for child in node.args:
        found |= _names(child)
    return found


def _has_log(node: Node) -> bool:
    """Whether a logarithm without a base stands in it."""
    if node.op == "call" and node.name == "log" and len(node.args) == 1:
        return True
    return any(_has_log(child) for child in node.args)


def _renamed(left: Expression, right: Expression) -> Outcome | None:
    """Undecided where the formulas are the same with one variable called differently."""
    if left.root.op in ("sym", "call"):  # x is not y, f(x) is not f(y)
        return None
    mine, theirs = left.symbols - right.symbols, right.symbols - left.symbols
    if 1 < len(mine) == len(theirs) < 4:
        return _renamed_constants(left, right, sorted(mine), sorted(theirs))
    if len(mine) != 1 or len(theirs) != 1:
        return None
    old, new = next(iter(theirs)), next(iter(mine))
    if "_" in old + new:  # a_1 and a_2 are members of one family
        return None
    renamed = rename(right.root, old, new)
    if agreement(left.root, renamed, left.symbols).verdict != "correct":
        return None
    if {old, new} <= _CONSTANTS:
        return Outcome("correct", "the constant has another name")
    if {old, new} <= _UNKNOWNS:
        return Outcome("wrong", f"{old} is not {new}")
    return Outcome("undecided", f"the same with {new} for {old}")


def _renamed_constants(
    left: Expression, right: Expression, mine: list[str], theirs: list[str]
) -> Outcome | None:
    """Correct where only constants of integration are called differently."""
    if not all(_CONSTANT.fullmatch(name) for name in mine + theirs):
        return None
    for order in permutations(mine):
        root = right.root
        for old, new in zip(theirs, order, strict=True):
            root = rename(root, old, new)
        if agreement(left.root, root, left.symbols).verdict == "correct":
            return Outcome("correct", "the constants have other names")
    return None


def rename(node: Node, old: str, new: str) -> Node:
    """A tree with one symbol called differently."""
    if node.op == "sym":
        return Node("sym", name=new) if node.name == old else node
    return Node(
        node.op, tuple(rename(child, old, new) for child in node.args), node.name, node.value
    )
